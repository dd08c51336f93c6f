//! Annotations of a GitHub workflow run. The host shows ten of each level; the rest is counted in a notice.

use super::sanitize::{capital, one_line};
use super::{RenderOptions, Report, Sources};
use crate::finding::Severity;

/// Annotations that the host shows of each level.
const SHOWN: usize = 10;

/// One annotation for each of the worst findings.
pub(super) fn render(report: &Report, _: &Sources<'_>, options: &RenderOptions) -> String {
    let mut out = String::new();
    let mut left = 0;
    for (severity, level) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "notice")] {
        let own: Vec<_> = report.standing().filter(|finding| finding.severity == severity).collect();
        left += own.len().saturating_sub(SHOWN);
        for finding in own.into_iter().take(SHOWN) {
            out.push_str(&format!(
                "::{level} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
                property(&format!("{}{}", options.repo_prefix, finding.path)),
                finding.start.line,
                finding.start.column,
                finding.end.line,
                finding.end.column,
                property(&format!("{} {}", finding.rule, finding.name)),
                data(&format!("{}. {}.", capital(&finding.message), capital(&finding.help))),
            ));
        }
    }
    // The host's count of warnings is for findings first.
    let comments: Vec<_> = report.comments_to_mend().collect();
    for comment in comments.iter().take(SHOWN) {
        out.push_str(&format!(
            "::notice file={},line={},title=suppression comment::{}\n",
            property(&format!("{}{}", options.repo_prefix, comment.path)),
            comment.line,
            data(&capital(&comment.message)),
        ));
    }
    if left > 0 {
        out.push_str(&format!("::notice title=scriptworthy::{left} more findings are in the full report\n"));
    }
    out
}

fn data(text: &str) -> String {
    one_line(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audited_text_cannot_end_an_annotation() {
        assert_eq!(property("a\n::error ::x,y:%0A"), "a %3A%3Aerror %3A%3Ax%2Cy%3A%250A");
    }
}
