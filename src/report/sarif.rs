//! SARIF 2.1.0, for GitHub code scanning and others.

use serde_json::{Value, json};

use super::build::hash;
use super::sanitize::one_line;
use super::{Evidence, Finding, RenderOptions, Report, Sources};
use crate::finding::Severity;
use crate::rules::RULES;
use crate::source::Position;

/// Results of one run; the host rejects 25,000 and shows 5,000.
const RESULTS: usize = 5_000;

/// One run with every rule and the costliest findings.
pub(super) fn render(report: &Report, sources: &Sources<'_>, _: &RenderOptions) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": rule.summary},
                "fullDescription": {"text": rule.summary},
                "help": {"text": rule.page, "markdown": rule.page},
                "defaultConfiguration": {"level": level(rule.severity)},
                "properties": {
                    "precision": "high",
                    "problem.severity": problem(rule.severity),
                    "tags": ["cost", "llm"]
                }
            })
        })
        .collect();
    let results: Vec<Value> = report.findings.iter().take(RESULTS).map(|finding| result(finding, sources)).collect();
    let mut notes: Vec<Value> = Vec::new();
    if report.findings.len() > RESULTS {
        let text = format!("{} findings with smaller savings were left out", report.findings.len() - RESULTS);
        notes.push(json!({"level": "note", "message": {"text": text}}));
    }
    for note in report.files.skipped.iter().chain(&report.files.partly_read) {
        let text = one_line(&format!("{}: {}", note.path, note.reason));
        notes.push(json!({"level": "note", "message": {"text": text}}));
    }
    let root = one_line(&report.root);
    let run = json!({
        "tool": {"driver": {
            "name": "scriptworthy",
            "semanticVersion": report.tool.version,
            "rules": rules,
        }},
        "automationDetails": {"id": format!("scriptworthy/{}/", root.trim_matches('/'))},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notes}],
        "results": results,
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    let mut out = serde_json::to_string_pretty(&document).expect("SARIF holds only plain data");
    out.push('\n');
    out
}

fn result(finding: &Finding, sources: &Sources<'_>) -> Value {
    let shown: Vec<&Evidence> = finding.evidence.iter().filter(|one| one.weight > 0.0).take(5).collect();
    let mut text = format!("{}.", one_line(&finding.message).trim_end_matches('.'));
    for (index, evidence) in shown.iter().enumerate() {
        let inner = escaped(&one_line(&evidence.text));
        text.push_str(&format!(" [{inner}]({}).", index + 1));
    }
    text.push(' ');
    text.push_str(&one_line(&finding.help));
    let related: Vec<Value> = shown
        .iter()
        .enumerate()
        .map(|(index, evidence)| {
            let mut place = location(&evidence.path, evidence.start, evidence.end);
            place["id"] = json!(index + 1);
            place["message"] = json!({"text": one_line(&evidence.text)});
            place
        })
        .collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": RULES.iter().position(|rule| rule.code == finding.rule),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [location(&finding.path, finding.start, finding.end)],
        "relatedLocations": related,
        "partialFingerprints": {
            "scriptworthy/v1": finding.fingerprint,
            "primaryLocationLineHash": line_hash(finding, sources),
        },
        "properties": {"confidence": finding.confidence, "savings": finding.savings.explanation},
    })
}

fn location(path: &str, start: Position, end: Position) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": encoded(path)},
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column.max(if end.line == start.line { start.column + 1 } else { 1 }),
        },
    }})
}

/// A hash of the finding's line without white space, with the number of equal lines before it: alerts follow a line
/// that moves.
fn line_hash(finding: &Finding, sources: &Sources<'_>) -> String {
    let Some(file) = sources.at(&finding.path) else {
        return format!("{}:1", finding.fingerprint);
    };
    let line = |number: u32| {
        let (start, end) = file.line_range(number);
        file.slice(start, end).split_whitespace().collect::<String>()
    };
    let own = line(finding.start.line);
    let before = (1..finding.start.line).filter(|&number| line(number) == own).count();
    format!("{}:{}", hash(&own), before + 1)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    }
}

/// Brackets would end a link of the message.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A path as a URI reference: everything but unreserved characters and slashes is percent-encoded.
fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_percent_encoded() {
        assert_eq!(encoded("app/(new)/a b.ts"), "app/%28new%29/a%20b.ts");
    }
}
