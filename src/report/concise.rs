//! One finding a line, `path:line:column: SW106 message ($1.20 per 1,000 calls)`, then the summary.

use super::sanitize::one_line;
use super::summary::{range, summary};
use super::{RenderOptions, Report, Sources};

/// One line for each finding.
pub(super) fn render(report: &Report, _: &Sources<'_>, options: &RenderOptions) -> String {
    let mut out = String::new();
    for finding in report.standing().take(options.top.unwrap_or(usize::MAX)) {
        let money = match (finding.savings.usd_per_month, finding.savings.usd_per_1k_calls) {
            (Some(month), _) => format!("{}/mo, {}", range(month), finding.savings.basis),
            (None, Some(thousand)) => format!("{} per 1,000 calls", range(thousand)),
            (None, None) => "price unknown".to_owned(),
        };
        out.push_str(&one_line(&format!(
            "{}{}:{}:{}: {} {} ({money})",
            options.prefix, finding.path, finding.start.line, finding.start.column, finding.rule, finding.message
        )));
        out.push('\n');
    }
    if !options.quiet {
        out.push_str(&summary(report, options));
    }
    out
}
