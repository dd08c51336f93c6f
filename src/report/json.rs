//! The whole report as JSON: the contract.

use super::{RenderOptions, Report, Sources};

/// Pretty-printed with a newline at the end.
pub(super) fn render(report: &Report, _: &Sources<'_>, _: &RenderOptions) -> String {
    let mut out = serde_json::to_string_pretty(report).expect("the report holds only plain data");
    out.push('\n');
    out
}
