//! The inventory: every call with its model, the head of its prompt and the verdict.

use comfy_table::{ContentArrangement, Table, presets};

use super::sanitize::one_line;
use super::{Call, RenderOptions, Report};
use crate::finding::Class;
use crate::program::CallRole;

/// Characters of a prompt that are shown.
const HEAD: usize = 60;

/// The table of calls.
pub(super) fn render(report: &Report, options: &RenderOptions) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(options.width.max(60) as u16);
    table.set_header(["place", "model", "prompt", "verdict"]);
    for call in &report.calls {
        table.add_row([
            one_line(&format!("{}:{} {}", call.path, call.start.line, call.symbol)),
            one_line(&model(call)),
            head(call),
            one_line(&verdict(call)),
        ]);
    }
    format!("{table}\n{} calls\n", report.calls.len())
}

fn model(call: &Call) -> String {
    match (&call.model.id, call.model.candidates.len()) {
        (Some(id), 0 | 1) => id.clone(),
        (Some(id), more) => format!("{id} or {} more", more - 1),
        (None, _) => "unknown".to_owned(),
    }
}

/// The first words of what is asked: the user's message says more than who the model is told to be.
fn head(call: &Call) -> String {
    if call.role == CallRole::Wrapper {
        return "(comes from its callers)".to_owned();
    }
    let text = call.prompt.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ");
    let text = one_line(&text);
    if text.is_empty() {
        return "(not read)".to_owned();
    }
    let cut: String = text.chars().take(HEAD).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

fn verdict(call: &Call) -> String {
    if !call.kind.is_generative() {
        return "no text".to_owned();
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
