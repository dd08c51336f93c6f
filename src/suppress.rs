//! Suppression comments: `# scriptworthy: ignore[SW106, date-math] until=2027-03-31 -- reason`.
//!
//! On a line of the call, or alone on the lines above it; `ignore-file[...]` in the first 20 lines holds for the file.
//! Rules must be named: there is no blanket ignore. A comment that suppresses nothing is reported itself.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use crate::config::Settings;
use crate::finding::Finding;
use crate::program::Program;
use crate::report::sanitize::is_hidden;
use crate::rules::{self, Selection};
use crate::source::{SourceFile, Span};

/// Lines from the top in which a comment may speak for the whole file.
const HEAD: u32 = 20;

/// What a suppression comment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommentStatus {
    /// It suppressed a finding.
    Used,
    /// It matched nothing.
    Unused,
    /// Its date is past: what it suppressed is back.
    Expired,
    /// It is not written as such comments are, and suppresses nothing.
    Invalid,
    /// None of its rules was checked in this run.
    NotChecked,
}

/// A suppression comment and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    /// The comment.
    pub(crate) span: Span,
    /// Codes of the rules it names.
    pub(crate) rules: Vec<&'static str>,
    /// Why, in its author's words.
    pub(crate) reason: Option<String>,
    /// The last day it holds.
    pub(crate) until: Option<String>,
    /// What became of it.
    pub(crate) status: CommentStatus,
    /// What is wrong with it, or what it did.
    pub(crate) message: String,
    /// Lines of calls that it speaks of, first and last; all of the file if absent.
    lines: Option<(u32, u32)>,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It stands.
    Stands,
    /// A comment suppresses it: its index.
    Suppressed(usize),
    /// A comment suppressed it until its date passed: its index.
    Back(usize),
}

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^scriptworthy:\s*(ignore-file|ignore)\s*(?:\[([^\]]*)\])?\s*(?:until=(\S+))?\s*(?:--\s*(.*))?(.*)$")
        .expect("the form of suppression comments is valid")
});

/// Reads the comments that name this tool; `at` are their places.
pub(crate) fn read(sources: &[SourceFile], at: &[Span], settings: &Settings) -> Vec<Comment> {
    if !settings.suppressions {
        return Vec::new();
    }
    at.iter().map(|span| one(&sources[span.file.0 as usize], *span, settings)).collect()
}

fn one(file: &SourceFile, span: Span, settings: &Settings) -> Comment {
    let raw = file.slice(span.start, span.end);
    let inner = raw
        .trim_start_matches(['#', '/', '*', ' ', '\t', '{'])
        .trim_start_matches("<!--")
        .trim_end_matches("-->")
        .trim_start_matches([' ', '\t'])
        .trim_end_matches(['*', '/', '}', ' ', '\t']);
    let mut comment = Comment {
        span,
        rules: Vec::new(),
        reason: None,
        until: None,
        status: CommentStatus::Unused,
        message: String::new(),
        lines: None,
    };
    let problem = if raw.chars().any(is_hidden) {
        Some("it holds characters that cannot be seen".to_owned())
    } else {
        fill(&mut comment, inner, file, settings).err()
    };
    if let Some(problem) = problem {
        comment.status = CommentStatus::Invalid;
        comment.message = problem;
    }
    comment
}

/// Reads the parts of a comment.
///
/// # Errors
/// What is wrong with it, in words.
fn fill(comment: &mut Comment, text: &str, file: &SourceFile, settings: &Settings) -> Result<(), String> {
    let Some(parts) = FORM.captures(text) else {
        return Err("it is not of the form `scriptworthy: ignore[RULE]`".to_owned());
    };
    let part = |at: usize| parts.get(at).map(|part| part.as_str().trim());
    let Some(names) = part(2) else {
        return Err("it names no rule: write `ignore[SW106]`".to_owned());
    };
    for name in names.split(',').map(str::trim) {
        match rules::by_code_or_name(name) {
            Some(rule) => comment.rules.push(rule.code),
            None => return Err(format!("no rule is called `{name}`")),
        }
    }
    comment.until = part(3).map(str::to_owned);
    if let Some(until) = &comment.until
        && !is_date(until)
    {
        return Err(format!("`{until}` is no date: write until=2027-03-31"));
    }
    if let Some(rest) = part(5).filter(|rest| !rest.is_empty()) {
        return Err(format!("`{rest}` is not understood: a reason stands behind ` -- `"));
    }
    comment.reason = part(4).filter(|reason| !reason.is_empty()).map(str::to_owned);
    if settings.require_reasons && comment.reason.is_none() {
        return Err("it gives no reason, and the settings require one".to_owned());
    }
    let line = file.text_line(comment.span.start);
    if part(1) == Some("ignore-file") {
        if line > HEAD {
            return Err(format!("`ignore-file` must stand in the first {HEAD} lines"));
        }
        return Ok(());
    }
    let (start, _) = file.line_range(line);
    let alone = file.slice(start, comment.span.start).trim_start_matches([' ', '\t', '{']).is_empty();
    let last = if alone { next_code(file, line) } else { line };
    comment.lines = Some((line, last));
    Ok(())
}

/// The first line below `line` that is neither empty nor a comment.
fn next_code(file: &SourceFile, line: u32) -> u32 {
    let mut next = line + 1;
    loop {
        let (start, end) = file.line_range(next);
        let text = file.slice(start, end).trim();
        let comment = ["#", "//", "/*", "{/*", "<!--"].iter().any(|mark| text.starts_with(mark));
        if end as usize >= file.text.len() || !(text.is_empty() || comment) {
            return next;
        }
        next += 1;
    }
}

/// Whether the text is a day as ISO 8601 writes it, `2027-03-31`.
fn is_date(text: &str) -> bool {
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let within = |part: &str, most: u8| part.parse::<u8>().is_ok_and(|number| (1..=most).contains(&number));
    digits(year, 4) && digits(month, 2) && digits(day, 2) && within(month, 12) && within(day, 31)
}

/// Says of each finding whether a comment suppresses it, and of each comment what it did.
pub(crate) fn apply(
    comments: &mut [Comment],
    findings: &[&Finding],
    program: &Program,
    selection: &Selection,
    settings: &Settings,
) -> Vec<Outcome> {
    let mut used = vec![false; comments.len()];
    let past = |comment: &Comment| match (&comment.until, &settings.today) {
        // Days in this form are in order as text.
        (Some(until), Some(today)) => until < today,
        _ => false,
    };
    let outcomes = findings
        .iter()
        .map(|finding| {
            let hit = comments
                .iter()
                .position(|comment| comment.status != CommentStatus::Invalid && speaks_of(comment, finding, program));
            let Some(at) = hit else {
                return Outcome::Stands;
            };
            used[at] = true;
            if past(&comments[at]) { Outcome::Back(at) } else { Outcome::Suppressed(at) }
        })
        .collect();
    for (comment, used) in comments.iter_mut().zip(used) {
        if comment.status == CommentStatus::Invalid {
            continue;
        }
        let checked = comment.rules.iter().any(|code| selection.codes().contains(code));
        (comment.status, comment.message) = if used && past(comment) {
            (CommentStatus::Expired, "its date is past: the finding is back".to_owned())
        } else if used {
            (CommentStatus::Used, "it suppresses a finding".to_owned())
        } else if !checked {
            (CommentStatus::NotChecked, "none of its rules was checked".to_owned())
        } else {
            (CommentStatus::Unused, "it suppresses nothing: no such finding stands here".to_owned())
        };
    }
    outcomes
}

fn speaks_of(comment: &Comment, finding: &Finding, program: &Program) -> bool {
    if comment.span.file != finding.span.file || !comment.rules.contains(&finding.rule.code) {
        return false;
    }
    let Some((first, last)) = comment.lines else {
        return true;
    };
    let file = program.file(finding.span);
    let call = finding.calls.first().map_or(finding.span, |id| program.calls[id.0 as usize].span);
    let start = file.text_line(call.start.min(finding.span.start));
    let end = file.text_line(call.end.max(finding.span.end).saturating_sub(1));
    start <= last && first <= end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Language};

    fn comment(text: &str, settings: &Settings) -> Comment {
        let file = SourceFile::new("a.py", Language::Python, text.into());
        let start = text.find(['#', '/']).expect("a comment") as u32;
        let end = start + text[start as usize..].lines().next().expect("a line").len() as u32;
        one(&file, Span { file: FileId(0), start, end }, settings)
    }

    #[test]
    fn every_part_of_a_comment_is_read() {
        let text = "# scriptworthy: ignore[SW106, date-math] until=2027-03-31 -- the partner sends broken URLs\nx()\n";
        let read = comment(text, &Settings::default());
        assert_eq!(read.rules, ["SW106", "SW101"]);
        assert_eq!(read.until.as_deref(), Some("2027-03-31"));
        assert_eq!(read.reason.as_deref(), Some("the partner sends broken URLs"));
        assert_eq!(read.lines, Some((1, 2)));
        let read = comment("x() /* scriptworthy: ignore[SW106] */\n", &Settings::default());
        assert_eq!((read.rules.len(), read.lines), (1, Some((1, 1))));
    }

    #[test]
    fn what_is_written_wrong_suppresses_nothing_and_says_why() {
        for (text, why) in [
            ("# scriptworthy: ignore", "names no rule"),
            ("# scriptworthy: ignore[SW999]", "`SW999`"),
            ("# scriptworthy: ignore[SW106] until=tomorrow", "no date"),
            ("# scriptworthy: ignore[SW106] until=2027-13-01", "no date"),
            ("# scriptworthy: ignore[SW106] because", "not understood"),
            ("# scriptworthy: disable[SW106]", "not of the form"),
            ("# scriptworthy: ignore[SW106]\u{202e}", "cannot be seen"),
        ] {
            let read = comment(text, &Settings::default());
            assert_eq!(read.status, CommentStatus::Invalid, "{text}");
            assert!(read.message.contains(why), "{text}: {}", read.message);
        }
        let strict = Settings { require_reasons: true, ..Settings::default() };
        assert_eq!(comment("# scriptworthy: ignore[SW106]", &strict).status, CommentStatus::Invalid);
        assert_eq!(comment("# scriptworthy: ignore[SW106] -- why", &strict).status, CommentStatus::Unused);
    }

    #[test]
    fn a_comment_for_the_file_stands_at_its_head() {
        let late = format!("{}# scriptworthy: ignore-file[SW106]", "\n".repeat(25));
        assert_eq!(comment(&late, &Settings::default()).status, CommentStatus::Invalid);
        assert_eq!(comment("# scriptworthy: ignore-file[SW106]", &Settings::default()).lines, None);
    }
}
