//! One finding a line: `path:line:column: SW106 message ($1.20 per 1,000 calls)`.

use super::sanitize::one_line;
use super::{RenderOptions, Report, Sources, dollars};

/// One line for each finding.
pub(super) fn render(report: &Report, _: &Sources<'_>, options: &RenderOptions) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().take(options.top.unwrap_or(usize::MAX)) {
        let money = match (finding.savings.usd_per_month, finding.savings.usd_per_1k_calls) {
            (Some(range), _) => {
                format!("{} to {}/mo, {}", dollars(range.low), dollars(range.high), finding.savings.basis)
            }
            (None, Some(range)) => format!("{} to {} per 1,000 calls", dollars(range.low), dollars(range.high)),
            (None, None) => "price unknown".to_owned(),
        };
        out.push_str(&one_line(&format!(
            "{}:{}:{}: {} {} ({money})",
            finding.path, finding.start.line, finding.start.column, finding.rule, finding.message
        )));
        out.push('\n');
    }
    out
}
