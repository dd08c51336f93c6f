//! From the audited program to the report: places, paths, identities.

mod calls;
mod findings;

use std::collections::{BTreeMap, HashSet};

use super::*;
use crate::baseline::Baseline;
use crate::catalog::model::ModelTable;
use crate::cost::{self, CallCost, Priced};
use crate::finding::{self, Class, Replacement};
use crate::program::{CallId, CallRole, CallSite, Piece, Program};
use crate::source::{Position, Span};
use crate::suppress::{Comment, Outcome};
use calls::one_call;
use findings::one_finding;

/// What was read and what was not.
#[derive(Debug, Default, Clone)]
pub struct FilesSummary {
    /// Source files found.
    pub seen: usize,
    /// Files parsed.
    pub parsed: usize,
    /// Sessions that were read.
    pub sessions: usize,
    /// Files not read.
    pub skipped: Vec<FileNote>,
    /// Files read in part.
    pub partly_read: Vec<FileNote>,
}

/// All that a report is made from.
#[derive(Debug)]
pub struct Input<'a> {
    /// The root as it was given.
    pub root: String,
    /// The program.
    pub program: &'a Program,
    /// A verdict for each call.
    pub verdicts: &'a [finding::Verdict],
    /// A cost for each call.
    pub costs: &'a [CallCost],
    /// Findings in their order, with their money.
    pub findings: &'a [Priced],
    /// Models and prices.
    pub prices: &'a ModelTable,
    /// Codes of the rules that were checked.
    pub rules: &'a [&'static str],
    /// Suppression comments.
    pub(crate) comments: &'a [Comment],
    /// What became of each finding by them.
    pub(crate) outcomes: &'a [Outcome],
    /// Findings that were there before.
    pub baseline: Option<&'a Baseline>,
    /// What was read.
    pub files: FilesSummary,
    /// Day of the price table.
    pub prices_of: String,
    /// Calls a month, if they were given.
    pub calls_per_month: Option<u64>,
    /// The threshold of confidence.
    pub min_confidence: f64,
}

/// Makes the report.
pub fn build(input: Input<'_>) -> Report {
    let program = input.program;
    let ids = identities(program);
    let mut masked = false;
    let calls: Vec<Call> = program
        .calls
        .iter()
        .zip(input.verdicts)
        .zip(input.costs)
        .zip(&ids)
        .map(|(((call, verdict), cost), id)| one_call(program, call, verdict, cost, id, &input, &mut masked))
        .collect();
    let mut used = BTreeMap::new();
    let mut findings: Vec<Finding> = input
        .findings
        .iter()
        .enumerate()
        .map(|(rank, priced)| one_finding(&input, priced, rank + 1, &ids, &mut used))
        .collect();
    let in_code = calls.iter().filter(|call| call.role != CallRole::Session);
    let with_calls = in_code.map(|call| call.path.as_str()).collect::<HashSet<_>>().len();
    let baseline = input.baseline.map(|baseline| {
        let unmatched = baseline.apply(&mut findings);
        BaselineUse { known: findings.iter().filter(|finding| finding.known).count(), unmatched }
    });
    // What is suppressed or known is not going to be saved.
    let standing = input.findings.iter().zip(&findings).filter(|(_, finding)| finding.stands());
    let saved = cost::totals(standing.map(|(priced, _)| &priced.finding), program, input.prices);
    let totals = totals(&input, &calls, &saved);
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "scriptworthy".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        root: input.root,
        files: Files {
            seen: input.files.seen,
            parsed: input.files.parsed,
            sessions: input.files.sessions,
            with_calls,
            skipped: input.files.skipped,
            partly_read: input.files.partly_read,
        },
        assumptions: Assumptions {
            prices_of: input.prices_of,
            calls_per_month: input.calls_per_month,
            min_confidence: input.min_confidence,
            secrets_masked: masked,
            notes: vec![
                "prices are list prices of the standard tier in US dollars".to_owned(),
                token_note(input.prices),
                "by lever, each saves of what the levers before it left: no dollar is counted twice".to_owned(),
            ],
        },
        rules: input.rules.iter().map(|&code| code.to_owned()).collect(),
        calls,
        findings,
        suppressions: input.comments.iter().map(|comment| suppression(program, comment)).collect(),
        baseline,
        usage: None,
        totals,
    }
}

/// How tokens of text were told.
fn token_note(prices: &ModelTable) -> String {
    let errors: Vec<_> = cost::ERRORS.iter().map(|(kind, error)| format!("{error} % for {kind}")).collect();
    let exact = if prices.counts_exactly() { " counted for models whose vocabulary is public, else" } else { "" };
    format!(
        "tokens are{exact} estimated from the text, on average {} off; a value put in counts as a range by its form and \
         origin",
        errors.join(", ")
    )
}

fn suppression(program: &Program, comment: &Comment) -> Suppression {
    let (path, start, _) = place(program, comment.span);
    Suppression {
        path,
        line: start.line,
        rules: comment.rules.iter().map(|&code| code.to_owned()).collect(),
        reason: comment.reason.as_deref().map(|reason| secrets::mask(reason).0),
        until: comment.until.clone(),
        status: comment.status,
        message: secrets::mask(&comment.message).0,
    }
}

fn place(program: &Program, span: Span) -> (String, Position, Position) {
    let file = program.file(span);
    (file.path.to_string(), file.position(span.start), file.position(span.end))
}

fn evidence(program: &Program, evidence: &finding::Evidence) -> Evidence {
    let (path, start, end) = place(program, evidence.span);
    Evidence {
        kind: evidence.kind,
        signal: evidence.signal.clone(),
        weight: round(evidence.weight),
        text: evidence.text.clone(),
        path,
        start,
        end,
    }
}

fn basis(input: &Input<'_>) -> String {
    if input.calls_per_month.is_some() { "configured" } else { "assumed" }.to_owned()
}

fn range(range: (f64, f64)) -> Range {
    Range { low: round(range.0), high: round(range.1) }
}

fn monthly(per_thousand: Option<Range>, input: &Input<'_>) -> Option<Range> {
    let volume = input.calls_per_month? as f64 / 1000.0;
    per_thousand.map(|cost| range((cost.low * volume, cost.high * volume)))
}

fn totals(input: &Input<'_>, calls: &[Call], saved: &cost::Totals) -> Totals {
    let in_code = calls.iter().filter(|call| call.role != CallRole::Session);
    let generative: Vec<&Call> = in_code.filter(|call| call.kind.is_generative()).collect();
    let wrappers = generative.iter().filter(|call| call.role == CallRole::Wrapper).count();
    let open = generative.iter().filter(|call| call.verdict.class == Class::Unknown).count() - wrappers;
    let levers = saved
        .levers
        .iter()
        .map(|total| {
            let saved = total.saved.map(range);
            LeverTotal {
                lever: total.lever,
                findings: total.findings,
                usd_per_1k_calls: saved,
                usd_per_month: monthly(saved, input),
            }
        })
        .collect();
    Totals {
        calls: generative.len(),
        judged: generative.len() - open - wrappers,
        open,
        wrappers,
        usd_per_1k_calls: saved.spend.map(range),
        left_usd_per_1k_calls: saved.left.map(range),
        levers,
    }
}

/// The literal text of a prompt with white space folded: what a call keeps when code around it moves.
fn literal(call: &CallSite) -> String {
    let mut out = String::new();
    for piece in call.prompt.messages.iter().flat_map(|message| &message.pieces) {
        if let Piece::Text(text, _) = piece {
            for word in text.split_whitespace() {
                out.push_str(word);
                out.push(' ');
            }
        }
    }
    out
}

fn identities(program: &Program) -> Vec<String> {
    let mut used: BTreeMap<String, u32> = BTreeMap::new();
    program
        .calls
        .iter()
        .map(|call| {
            let key = format!(
                "{}\u{1f}{}\u{1f}{}\u{1f}{}",
                program.file(call.span).path,
                call.symbol,
                call.callee,
                literal(call)
            );
            let ordinal = used.entry(key.clone()).or_insert(0);
            let id = hash(&format!("{key}\u{1f}{ordinal}"));
            *ordinal += 1;
            id
        })
        .collect()
}

/// FNV-1a in 64 bits, as 16 hexadecimal digits: stable across versions of Rust and of this tool, unlike the standard
/// library's hasher. Constants from the algorithm's published definition.
fn hash(text: &str) -> String {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        state ^= u64::from(byte);
        state = state.wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{state:016x}")
}

/// Four digits behind the point: more would be noise, and noise would show in diffs.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(""), "cbf29ce484222325");
        assert_eq!(hash("a"), "af63dc4c8601ec8c");
    }
}
