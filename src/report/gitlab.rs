//! The code quality report of GitLab, for the widget of a merge request.

use serde_json::{Value, json};

use super::json::written;
use super::sanitize::capital;
use super::{RenderOptions, Report, Sources};
use crate::finding::Severity;

/// One issue for each finding. The host tells issues apart by their fingerprint alone.
pub(super) fn render(report: &Report, _: &Sources<'_>, options: &RenderOptions) -> String {
    let issues: Vec<Value> = report
        .standing()
        .map(|finding| {
            json!({
                "description": capital(&format!("{}: {}", finding.rule, finding.message)),
                "check_name": format!("{} {}", finding.rule, finding.name),
                "fingerprint": finding.fingerprint,
                "severity": match finding.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                    Severity::Note => "info",
                },
                "location": {
                    "path": format!("{}{}", options.repo_prefix, finding.path),
                    "lines": {"begin": finding.start.line, "end": finding.end.line},
                },
            })
        })
        .collect();
    written(&issues)
}
