//! The report: one document that every format is a view of.
//!
//! These types are the JSON contract (`scriptworthy.report/1`). Fields are only ever added. Formats read a [`Report`]
//! and never compute.

mod build;
mod calls;
mod concise;
mod explain;
mod github;
mod gitlab;
mod govern;
mod json;
mod junit;
mod line_hash;
mod markdown;
mod plan;
pub mod sanitize;
mod sarif;
mod secrets;
mod summary;
mod terminal;
mod trial;

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::{Class, EvidenceKind, Lever, Replacement, Severity};
use crate::program::{AnswerUse, CallKind, CallRole, LoopKind, ModelOrigin, Origin, Schema, Shape};
use crate::source::{Position, SourceFile};
use crate::suppress::CommentStatus;

pub use build::{FilesSummary, Input, build};
pub use explain::{call_page, rule_page, rules_table};
pub use govern::{By, governance};
pub use plan::{Plan, Step, plan, plan_page};
pub use summary::{reason, summary};
pub use trial::{promptfoo, trial_page};

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

/// A call of a model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Call {
    /// Stable across unrelated edits.
    pub id: String,
    /// Relative path.
    pub path: String,
    /// First character of the callee.
    pub start: Position,
    /// One past the call.
    pub end: Position,
    /// Enclosing classes and functions.
    pub symbol: String,
    /// `python`, `typescript`, `javascript`.
    pub language: String,
    /// SDK table, `unresolved` for a wrapper outside the audited files.
    pub sdk: String,
    /// Operation in that table.
    pub operation: String,
    /// The callee as written.
    pub callee: String,
    /// What sort of model work it is.
    pub kind: CallKind,
    /// Whether it carries its own prompt.
    pub role: CallRole,
    /// Whether only names and keywords speak for it.
    pub weak: bool,
    /// The chain down to the SDK call.
    pub via: Vec<Via>,
    /// Which model.
    pub model: Model,
    /// What it asks.
    pub prompt: Prompt,
    /// What becomes of the answer.
    pub output: Output,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Number of tools; `null` if there are none or it is not known, see `has_tools`.
    pub tools: Option<usize>,
    /// Whether tools are handed over.
    pub has_tools: bool,
    /// Reasoning effort as written.
    pub reasoning: Option<String>,
    /// Whether prompt caching is asked for.
    pub cache: bool,
    /// What makes it run again.
    #[serde(rename = "loop")]
    pub repeats: Loop,
    /// What kind of work it is.
    pub verdict: Verdict,
    /// What it costs.
    pub cost: Cost,
    /// What usage data says; there is none yet.
    pub profile: Option<()>,
}

/// A step of a chain down to the SDK call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Via {
    /// Relative path.
    pub path: String,
    /// Line of the inner call.
    pub line: u32,
    /// The wrapper.
    pub symbol: String,
}

/// Which model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Model {
    /// The one that runs when nothing is set from outside.
    pub id: Option<String>,
    /// Where the name comes from.
    pub origin: ModelOrigin,
    /// Its price class: `premium`, `mid`, `small`, `nano`; `null` if its price is not known.
    pub tier: Option<String>,
    /// All that may be chosen.
    pub candidates: Vec<String>,
}

/// What a call asks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Prompt {
    /// Messages.
    pub parts: Vec<PromptPart>,
    /// Values put in.
    pub holes: Vec<Hole>,
    /// Estimated tokens of the static text.
    pub static_tokens: u64,
    /// Whether every piece was found.
    pub complete: bool,
}

/// A message of a prompt.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PromptPart {
    /// Who speaks.
    pub role: String,
    /// Its text; a dynamic piece stands as `{name}`.
    pub text: String,
    /// Where the text was written.
    pub sources: Vec<SourceRange>,
}

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct SourceRange {
    /// Relative path.
    pub path: String,
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
}

/// A value put into a prompt.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hole {
    /// Its expression, shortened.
    pub name: String,
    /// What is known of its form.
    pub shape: Shape,
    /// Where it comes from.
    pub origin: Origin,
    /// What the shape was concluded from.
    pub because: Option<String>,
}

/// What becomes of an answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// What the program does with it.
    #[serde(rename = "use")]
    pub usage: AnswerUse,
    /// Structured output schema.
    pub schema: Option<Schema>,
    /// Cap on output tokens.
    pub max_tokens: Option<u64>,
    /// Where it is read.
    pub reads: Vec<Read>,
}

/// A place where an answer is read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Read {
    /// Relative path.
    pub path: String,
    /// Line.
    pub line: u32,
    /// How.
    pub how: String,
}

/// What makes a call run again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Loop {
    /// `none`, `per-item`, `retry`, `agent`.
    pub kind: LoopKind,
    /// The largest number of runs, where it is written down.
    pub bound: Option<u64>,
}

/// What kind of work a call is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verdict {
    /// `mechanical`, `mixed`, `judgment`, `unknown`.
    pub class: Class,
    /// The category of mechanical work.
    pub category: Option<String>,
    /// 0 to 1.
    pub confidence: f64,
    /// One line.
    pub reason: String,
    /// Everything weighed.
    pub evidence: Vec<Evidence>,
}

/// Why a verdict leans one way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Evidence {
    /// What sort of thing was seen.
    pub kind: EvidenceKind,
    /// The table entry that fired.
    pub signal: String,
    /// Log-odds; negative against a script.
    pub weight: f64,
    /// One line.
    pub text: String,
    /// Relative path.
    pub path: String,
    /// First character.
    pub start: Position,
    /// One past the last.
    pub end: Position,
}

/// What a call costs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Cost {
    /// Input tokens of one call.
    pub input_tokens: Range,
    /// Output tokens of one call.
    pub output_tokens: Range,
    /// US dollars for 1,000 calls; `null` if the model or its price is not known.
    pub usd_per_1k_calls: Option<Range>,
    /// Calls a month, if they were given.
    pub calls_per_month: Option<u64>,
    /// US dollars a month; `null` without a volume.
    pub usd_per_month: Option<Range>,
    /// `configured` or `assumed`.
    pub basis: String,
    /// What one call of the figures is: `call`, an `item` of a loop, a `turn` of an agent, a whole `run` of one.
    pub per: String,
    /// What the figures assume.
    pub assumes: Vec<String>,
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

/// What formats may ask for beside the report.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    /// Whether to colour.
    pub color: bool,
    /// Columns of the output.
    pub width: usize,
    /// Show only this many findings.
    pub top: Option<usize>,
    /// Leave out all but findings.
    pub quiet: bool,
    /// Findings by rule at the end.
    pub statistics: bool,
    /// What paths begin with for people: the audited folder as seen from the current one, with a slash.
    pub prefix: String,
    /// What paths begin with for hosts: the audited folder as seen from the repository root, with a slash.
    pub repo_prefix: String,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            color: false,
            width: 80,
            top: None,
            quiet: false,
            statistics: false,
            prefix: String::new(),
            repo_prefix: String::new(),
        }
    }
}

/// The text of audited files, for formats that show source.
#[derive(Debug, Default)]
pub struct Sources<'a> {
    /// The files of the program.
    pub files: &'a [SourceFile],
}

impl Sources<'_> {
    /// The file at a relative path.
    pub fn at(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| *file.path == *path)
    }
}

/// An output format.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line on what it is for.
    pub about: &'static str,
    /// Whether it is for people, and ends with the summary itself.
    pub for_people: bool,
    /// Writes it.
    pub render: fn(&Report, &Sources<'_>, &RenderOptions) -> String,
}

/// Every output format. To add one: a file beside this, and an entry here.
pub const FORMATS: &[Format] = &[
    Format {
        name: "full",
        about: "findings with their source, for people",
        for_people: true,
        render: terminal::render,
    },
    Format { name: "concise", about: "one finding a line", for_people: true, render: concise::render },
    Format { name: "json", about: "the whole report, for programs", for_people: false, render: json::render },
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", for_people: false, render: sarif::render },
    Format { name: "github", about: "annotations of a workflow run", for_people: false, render: github::render },
    Format { name: "gitlab", about: "code quality of a merge request", for_people: false, render: gitlab::render },
    Format {
        name: "junit",
        about: "test results, for the tabs of CI servers",
        for_people: false,
        render: junit::render,
    },
    Format { name: "markdown", about: "a comment or a job summary", for_people: true, render: markdown::render },
];

/// The inventory of calls as a table.
pub fn inventory(report: &Report, options: &RenderOptions) -> String {
    calls::render(report, options)
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// Dollars as people read them: two digits that matter, never more than the range deserves.
pub fn dollars(value: f64) -> String {
    if value == 0.0 {
        "$0".to_owned()
    } else if value < 0.01 {
        format!("${value:.4}")
    } else if value < 100.0 {
        format!("${value:.2}")
    } else {
        format!("${value:.0}")
    }
}

/// A table as lines, without the blanks that pad the last column.
fn table_lines(table: &comfy_table::Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
