//! The whole report as JSON: the contract.

use super::{RenderOptions, Report, Sources};

/// Pretty-printed with a newline at the end.
pub(super) fn render(report: &Report, _: &Sources<'_>, _: &RenderOptions) -> String {
    written(report)
}

/// Any plain data as JSON. The notation lets DEL and the C1 controls stand as they are; terminals obey them.
pub(super) fn written(data: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(data).expect("reports hold only plain data");
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        match c {
            '\u{7F}'..='\u{9F}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('\n');
    out
}
