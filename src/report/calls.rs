//! The inventory: every call with its model, the head of its prompt and the verdict.

use comfy_table::{ContentArrangement, Table, presets};

use super::sanitize::one_line;
use super::summary::summary;
use super::{Call, RenderOptions, Report, SourceRange, table_lines};
use crate::finding::Class;
use crate::program::CallRole;

/// Characters of a prompt that are shown in the table.
const HEAD: usize = 60;

/// Columns from which on a table of five columns reads better than a block for each call.
const WIDE: usize = 160;

/// The calls, one a line where there is room, and the summary.
pub(super) fn render(report: &Report, options: &RenderOptions) -> String {
    let calls = if options.width >= WIDE { table(report, options) } else { blocks(report, options) };
    let explain = report.calls.first().map_or_else(String::new, |call| {
        format!("`scriptworthy explain {}` tells all of a call\n", one_line(&place(call, options)))
    });
    format!("{calls}{}{explain}", summary(report, options))
}

fn place(call: &Call, options: &RenderOptions) -> String {
    format!("{}{}:{}", options.prefix, call.path, call.start.line)
}

fn table(report: &Report, options: &RenderOptions) -> String {
    if report.calls.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(options.width).unwrap_or(u16::MAX));
    table.set_header(["place", "model", "verdict", "prompt", "written in"]);
    for call in &report.calls {
        table.add_row([
            one_line(&format!("{} {}", place(call, options), call.symbol)),
            one_line(&model(call)),
            one_line(&verdict(call)),
            head(call, HEAD),
            one_line(&places(call, &options.prefix)),
        ]);
    }
    format!("{}\n\n", table_lines(&table))
}

fn blocks(report: &Report, options: &RenderOptions) -> String {
    let mut out = String::new();
    for call in &report.calls {
        out.push_str(&one_line(&format!("{} {}", place(call, options), call.symbol)));
        out.push_str(&format!("\n  {} · {}\n", one_line(&verdict(call)), one_line(&model(call))));
        out.push_str(&format!("  {}\n", head(call, options.width.saturating_sub(4))));
        let places = places(call, &options.prefix);
        if !places.is_empty() {
            out.push_str(&one_line(&format!("from {places}")).replacen("from", "  from", 1));
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// Where the text of the prompt was written, the call's own lines left out.
fn places(call: &Call, prefix: &str) -> String {
    let own = |source: &&SourceRange| {
        source.path == call.path && (call.start.line..=call.end.line).contains(&source.start_line)
    };
    let sources = || call.prompt.parts.iter().flat_map(|part| &part.sources);
    let elsewhere = sources().filter(|source| !own(source)).map(|source| {
        let first = SourceRange { end_line: source.start_line, ..source.clone() };
        (prefix, first)
    });
    let here = sources().any(|source| own(&source)).then(|| "the call".to_owned());
    runs(elsewhere).into_iter().chain(here).collect::<Vec<_>>().join(", ")
}

/// Ranges of lines as they are shown, those that follow one another as one: a list of lines joined to a text is one
/// place to its reader.
pub(super) fn runs<'a>(ranges: impl Iterator<Item = (&'a str, SourceRange)>) -> Vec<String> {
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort_by(|(_, a), (_, b)| (&a.path, a.start_line).cmp(&(&b.path, b.start_line)));
    let mut joined: Vec<(&str, SourceRange)> = Vec::new();
    for (prefix, range) in ranges {
        match joined.last_mut() {
            Some((_, last)) if last.path == range.path && range.start_line <= last.end_line + 1 => {
                last.end_line = last.end_line.max(range.end_line);
            }
            _ => joined.push((prefix, range)),
        }
    }
    let shown = |(prefix, range): &(&str, SourceRange)| {
        let SourceRange { path, start_line, end_line } = range;
        let lines = if start_line == end_line { start_line.to_string() } else { format!("{start_line}-{end_line}") };
        format!("{prefix}{path}:{lines}")
    };
    joined.iter().map(shown).collect()
}

fn model(call: &Call) -> String {
    match (&call.model.id, call.model.candidates.len()) {
        (Some(id), 0 | 1) => id.clone(),
        (Some(id), more) => format!("{id} or {} more", more - 1),
        (None, 1) => format!("{} by default", call.model.candidates[0]),
        (None, _) => "unknown".to_owned(),
    }
}

/// The first words of what is asked: the user's message says more than who the model is told to be.
fn head(call: &Call, most: usize) -> String {
    if call.role == CallRole::Wrapper {
        return "(comes from its callers)".to_owned();
    }
    let of = |role: Option<&str>| {
        let parts = call.prompt.parts.iter().filter(|part| role.is_none_or(|role| part.role == role));
        one_line(&parts.map(|part| part.text.as_str()).collect::<Vec<_>>().join(" "))
    };
    let text = Some(of(Some("user"))).filter(|text| !text.is_empty()).unwrap_or_else(|| of(None));
    if text.is_empty() {
        return "(not read)".to_owned();
    }
    let more = match call.prompt.candidates.len() {
        0 | 1 => String::new(),
        several => format!(" (one of {several})"),
    };
    let cut: String = text.chars().take(most.saturating_sub(more.len())).collect();
    if cut.len() < text.len() { format!("{cut}…{more}") } else { cut + &more }
}

fn verdict(call: &Call) -> String {
    if !call.kind.is_generative() {
        return "writes no text".to_owned();
    }
    if call.role == CallRole::Wrapper {
        return "wrapper".to_owned();
    }
    let class = match call.verdict.class {
        Class::Mechanical => "mechanical",
        Class::Mixed => "mixed",
        Class::Judgment => "judgment",
        Class::Unknown => "open",
    };
    match &call.verdict.category {
        Some(category) => format!("{class}: {category}"),
        None => class.to_owned(),
    }
}
