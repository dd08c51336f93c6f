//! The last lines of every run: what was found, what it would save and on what basis, what was not read.

use std::fmt::Write as _;

use super::sanitize::{one_line, sanitize};
use super::{FileNote, Finding, Range, RenderOptions, Report, dollars};
use crate::finding::{Lever, Replacement};
use crate::program::CallRole;

/// Files named in the line of what was not read.
const NAMED: usize = 3;

/// The summary: four lines, and one for each suppression comment that needs a person.
pub fn summary(report: &Report, options: &RenderOptions) -> String {
    let mut out = String::new();
    for comment in report.comments_to_mend() {
        let reason = comment.reason.as_ref().map(|reason| format!(" (its reason: {reason})")).unwrap_or_default();
        let place = format!("{}{}:{}", options.prefix, comment.path, comment.line);
        let line = format!("{place}: suppression comment: {}{reason}", comment.message);
        let _ = writeln!(out, "warning: {}", one_line(&line));
    }
    let totals = &report.totals;
    let wrappers = match totals.wrappers {
        0 => String::new(),
        some => format!(", {} judged at the callers", count(some, "wrapper")),
    };
    let _ = writeln!(
        out,
        "{} in {} of {}: {} judged, {} open{wrappers}",
        count(totals.calls, "model call"),
        report.files.with_calls,
        count(report.files.parsed, "file"),
        totals.judged,
        totals.open,
    );
    if report.files.sessions > 0 {
        let mechanical = report.calls.iter().filter(|call| call.role == CallRole::Session).count();
        let read = count(report.files.sessions, "session");
        let _ = writeln!(
            out,
            "{read} (steps, agents, prompt files) beside the code: {mechanical} mechanical from end to end"
        );
    }
    let standing = report.standing().count();
    let mut aside = String::new();
    let suppressed = report.findings.iter().filter(|finding| finding.suppressed.is_some()).count();
    if suppressed > 0 {
        let _ = write!(aside, ", {suppressed} suppressed");
    }
    if let Some(baseline) = &report.baseline {
        let _ = write!(aside, ", {} in the baseline", baseline.known);
        if baseline.unmatched > 0 {
            let _ = write!(aside, " ({} of it gone: write it anew)", count(baseline.unmatched, "finding"));
        }
    }
    let levers: Vec<String> =
        totals.levers.iter().map(|lever| format!("{} {}", lever.findings, title(lever.lever))).collect();
    let levers = if levers.is_empty() { String::new() } else { format!(": {}", levers.join(", ")) };
    let _ = writeln!(out, "{}{aside}{levers}", count(standing, "finding"));
    if standing > 0 {
        let _ = writeln!(out, "{}", savings(report));
    }
    let _ = writeln!(out, "{}", unread(report, options));
    out
}

/// The savings of all levers together, and what they rest on.
fn savings(report: &Report) -> String {
    let sum = |ranges: &mut dyn Iterator<Item = Range>| {
        ranges.reduce(|all, one| Range { low: all.low + one.low, high: all.high + one.high })
    };
    let levers = &report.totals.levers;
    let basis = format!("list prices of {}, tokens estimated", report.assumptions.prices_of);
    let month = sum(&mut levers.iter().filter_map(|lever| lever.usd_per_month));
    let thousand = sum(&mut levers.iter().filter_map(|lever| lever.usd_per_1k_calls));
    match (month, thousand, report.assumptions.calls_per_month) {
        (Some(month), _, Some(volume)) => {
            format!("saves {} a month at {volume} runs of each call\n({basis})", range(month))
        }
        (_, Some(thousand), _) => format!(
            "saves {} per 1,000 runs of each call ({basis})\na monthly figure needs --calls-per-month",
            range(thousand)
        ),
        _ => "savings are not known: no price is known for these models".to_owned(),
    }
}

fn unread(report: &Report, options: &RenderOptions) -> String {
    let notes: Vec<&FileNote> = report.files.skipped.iter().chain(&report.files.partly_read).collect();
    if notes.is_empty() {
        return "every file was read to its end".to_owned();
    }
    let named: Vec<String> = notes
        .iter()
        .take(NAMED)
        .map(|note| one_line(&format!("{}{} ({})", options.prefix, note.path, reason(&note.reason))))
        .collect();
    let mut out = format!("not fully read: {}", count(notes.len(), "file"));
    for line in named {
        let _ = write!(out, "\n  {line}");
    }
    if notes.len() > NAMED {
        let _ = write!(out, "\n  and {} more; -v names them", notes.len() - NAMED);
    }
    out
}

/// A reason for not reading a file, in words.
pub fn reason(code: &str) -> &str {
    match code {
        "too-large" => "too large, see --max-file-size",
        "not-utf-8" => "not UTF-8 text",
        "unreadable" => "cannot be opened",
        "parse-limit" => "nests too deeply to be parsed",
        "minified" => "minified",
        "not-a-file" => "not a regular file",
        "internal-error" => "an error of this tool: please report it",
        "not-a-python-notebook" => "no notebook of Python cells",
        "parse-errors" => "syntax errors, read around them",
        "level-limit" => "nests deeply or runs on, read to a limit",
        other => other,
    }
}

/// What a lever is called in words.
pub(super) fn title(lever: Lever) -> &'static str {
    match lever {
        Lever::Script => "script substitution",
        Lever::Pinning => "model pinning",
        Lever::Dispatcher => "dispatcher",
        Lever::Decomposition => "decomposition",
        Lever::Scratchpad => "scratchpad",
        Lever::Context => "context trimming",
        Lever::Caching => "caching",
        Lever::Batch => "batch",
        Lever::Guard => "guard",
    }
}

/// A range of dollars; one figure if both ends read alike.
pub(super) fn range(range: Range) -> String {
    let (low, high) = (dollars(range.low), dollars(range.high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// What a finding saves, with what that rests on: of several calls the sum, each run as often.
pub(super) fn saves(finding: &Finding) -> String {
    let savings = &finding.savings;
    let figure = match (savings.usd_per_month, savings.usd_per_1k_calls) {
        (Some(month), _) => format!("{} a month ({}): ", range(month), savings.basis),
        (None, Some(thousand)) => match finding.calls.len() {
            0 | 1 => format!("{} per 1,000 calls: ", range(thousand)),
            all => format!("{} per 1,000 runs of each of {all} calls: ", range(thousand)),
        },
        (None, None) => String::new(),
    };
    format!("{figure}{}", savings.explanation)
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The code to put in a call's place, then what it assumes and decides, line by line.
pub(super) fn instead(replacement: &Replacement) -> Vec<String> {
    let with = match replacement.libraries.as_slice() {
        [] => String::new(),
        libraries => format!(", with {}", one_line(&libraries.join(", "))),
    };
    let mut lines = vec![format!("instead ({}{with}):", replacement.language)];
    lines.extend(sanitize(&replacement.code).lines().map(|line| format!("    {line}").trim_end().to_owned()));
    lines.extend(replacement.notes.iter().map(|note| format!("note: {}", one_line(note))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_read_as_people_write_them() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(range(Range { low: 1.0, high: 1.001 }), "$1.00");
        assert_eq!(range(Range { low: 0.0, high: 250.0 }), "$0 to $250");
    }
}
