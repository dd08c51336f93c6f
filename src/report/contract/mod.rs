//! The JSON contract (`scriptworthy.report/1`): fields are only ever added.

mod call;

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::{Lever, Replacement, Severity};
use crate::source::Position;
use crate::suppress::CommentStatus;

pub use call::*;

/// The version of the contract.
pub const SCHEMA: &str = "scriptworthy.report/1";

/// The whole report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// What made it.
    pub tool: Tool,
    /// The audited root as it was given.
    pub root: String,
    /// What was read and what was not.
    pub files: Files,
    /// Every default that a figure rests on.
    pub assumptions: Assumptions,
    /// Codes of the rules that were checked: where no finding stands, only these have been silent.
    pub rules: Vec<String>,
    /// Calls by path, line and column.
    pub calls: Vec<Call>,
    /// Findings by rank.
    pub findings: Vec<Finding>,
    /// Suppression comments by place, with what became of each.
    pub suppressions: Vec<Suppression>,
    /// `null`, or what the baseline did.
    pub baseline: Option<BaselineUse>,
    /// Coverage of joined usage data; there is none yet.
    pub usage: Option<()>,
    /// Savings by lever; no dollar is counted twice.
    pub totals: Totals,
}

impl Report {
    /// The findings that are reported, by rank: see [`Finding::stands`].
    pub fn standing(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.stands())
    }

    /// The suppression comments that need a person: unused, past their date, or not valid.
    pub fn comments_to_mend(&self) -> impl Iterator<Item = &Suppression> {
        let mend = |status| matches!(status, CommentStatus::Unused | CommentStatus::Expired | CommentStatus::Invalid);
        self.suppressions.iter().filter(move |comment| mend(comment.status))
    }
}

/// What made the report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// `scriptworthy`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was read and what was not.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Files {
    /// Source files found.
    pub seen: usize,
    /// Files parsed.
    pub parsed: usize,
    /// Steps, agents, commands and prompt files read that hand a model work with no code around it. Those that are
    /// mechanical are among the calls.
    pub sessions: usize,
    /// Files with a call.
    pub with_calls: usize,
    /// Files not read, with the reason.
    pub skipped: Vec<FileNote>,
    /// Files read only in part, with the reason.
    pub partly_read: Vec<FileNote>,
}

/// A file and why it was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileNote {
    /// Relative path.
    pub path: String,
    /// `too-large`, `not-utf-8`, `unreadable`, `parse-limit`, `minified`, `not-a-file`, `internal-error`,
    /// `parse-errors`, `level-limit`.
    pub reason: String,
}

/// Every default that a figure rests on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Assumptions {
    /// Day of the price table.
    pub prices_of: String,
    /// Calls a month, if they were given.
    pub calls_per_month: Option<u64>,
    /// Findings below this confidence are left out.
    pub min_confidence: f64,
    /// What was masked in text of the audited files.
    pub secrets_masked: bool,
    /// Notes for people.
    pub notes: Vec<String>,
}

/// A range of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
}

/// Something to act on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// `SW101`.
    pub rule: String,
    /// `date-math`.
    pub name: String,
    /// Its lever.
    pub lever: Lever,
    /// How bad.
    pub severity: Severity,
    /// 0 to 1.
    pub confidence: f64,
    /// The call it stands at.
    pub call: String,
    /// All calls that it speaks of.
    pub calls: Vec<String>,
    /// Relative path.
    pub path: String,
    /// First character of the callee.
    pub start: Position,
    /// One past the callee.
    pub end: Position,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Code to use instead.
    pub replacement: Option<Replacement>,
    /// What it would save.
    pub savings: Savings,
    /// `null`, or why it is suppressed.
    pub suppressed: Option<Suppressed>,
    /// Whether it stands in the baseline: it was there before.
    pub known: bool,
    /// Hours of work.
    pub effort_hours: f64,
    /// The model to test in place of the one that runs; a proposal, never a fact.
    pub candidate: Option<String>,
    /// The one that runs, by the name that the evaluator promptfoo reaches it by.
    #[serde(skip)]
    pub current_provider: Option<String>,
    /// The same of the candidate.
    #[serde(skip)]
    pub candidate_provider: Option<String>,
    /// What acting on it trades away, if anything: accuracy, speed or cost.
    pub trade_off: Option<String>,
    /// Place in the order, from 1.
    pub rank: usize,
    /// Stable across unrelated edits.
    pub fingerprint: String,
    /// The same without path and symbol: it outlives a move. Equal findings share it.
    pub moved_fingerprint: String,
}

impl Finding {
    /// Whether it is reported: no comment suppresses it, and it is not one of the baseline.
    pub fn stands(&self) -> bool {
        self.suppressed.is_none() && !self.known
    }
}

/// What a baseline did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BaselineUse {
    /// Findings that it holds.
    pub known: usize,
    /// Its entries that match no finding any more.
    pub unmatched: usize,
}

/// Why a finding is suppressed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Suppressed {
    /// In the words of the comment.
    pub reason: Option<String>,
    /// The last day it holds.
    pub until: Option<String>,
}

/// A suppression comment.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Suppression {
    /// Relative path.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Codes of the rules it names.
    pub rules: Vec<String>,
    /// In the words of the comment.
    pub reason: Option<String>,
    /// The last day it holds.
    pub until: Option<String>,
    /// What became of it.
    pub status: CommentStatus,
    /// One line.
    pub message: String,
}

/// What acting on a finding would save.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Savings {
    /// US dollars for 1,000 calls.
    pub usd_per_1k_calls: Option<Range>,
    /// US dollars a month; `null` without a volume.
    pub usd_per_month: Option<Range>,
    /// Share of the call's cost, 0 to 1.
    pub share_of_call: Option<Range>,
    /// `configured` or `assumed`.
    pub basis: String,
    /// In words.
    pub explanation: String,
}

/// Savings by lever.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Totals {
    /// Calls found that generate text.
    pub calls: usize,
    /// Of these, judged mechanical, mixed or judgment.
    pub judged: usize,
    /// Of these, with too little known to judge.
    pub open: usize,
    /// Of these, wrappers: what they are asked is judged at their callers.
    pub wrappers: usize,
    /// Spend per 1,000 runs of each priced call.
    pub usd_per_1k_calls: Option<Range>,
    /// The same after every finding was acted on.
    pub left_usd_per_1k_calls: Option<Range>,
    /// By lever, in the levers' order, each of what the levers before it left.
    pub levers: Vec<LeverTotal>,
}

/// Savings of one lever.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LeverTotal {
    /// The lever.
    pub lever: Lever,
    /// Its findings.
    pub findings: usize,
    /// US dollars for 1,000 runs of each call, each call counted once.
    pub usd_per_1k_calls: Option<Range>,
    /// US dollars a month.
    pub usd_per_month: Option<Range>,
}
