//! JUnit XML, for the test tabs of CI servers: one test case for each audited file with calls or findings.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::sanitize::one_line;
use super::{Finding, RenderOptions, Report, Sources};

/// One suite; a file fails by its findings.
pub(super) fn render(report: &Report, _: &Sources<'_>, options: &RenderOptions) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for call in &report.calls {
        files.entry(&call.path).or_default();
    }
    for finding in report.standing() {
        files.entry(&finding.path).or_default().push(finding);
    }
    let failed = files.values().filter(|findings| !findings.is_empty()).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites>");
    let _ = writeln!(out, "  <testsuite name=\"scriptworthy\" tests=\"{}\" failures=\"{failed}\">", files.len());
    for (path, findings) in files {
        let path = escaped(&format!("{}{path}", options.repo_prefix));
        if findings.is_empty() {
            let _ = writeln!(out, "    <testcase classname=\"scriptworthy\" name=\"{path}\" file=\"{path}\"/>");
            continue;
        }
        let _ = writeln!(out, "    <testcase classname=\"scriptworthy\" name=\"{path}\" file=\"{path}\">");
        let lines: Vec<String> = findings
            .iter()
            .map(|one| escaped(&format!("line {}: {} {}. {}.", one.start.line, one.rule, one.message, one.help)))
            .collect();
        let count = super::summary::count(findings.len(), "finding");
        let _ = writeln!(out, "      <failure message=\"{count}\">{}</failure>", lines.join("\n"));
        let _ = writeln!(out, "    </testcase>");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Text for XML: what is markup is escaped, what XML forbids is shown as a visible symbol.
fn escaped(text: &str) -> String {
    one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audited_text_cannot_become_markup() {
        assert_eq!(escaped("a<b>&\"c\"\u{1b}"), "a&lt;b&gt;&amp;&quot;c&quot;\u{241b}");
    }
}
