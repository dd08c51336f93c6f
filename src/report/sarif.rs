//! SARIF 2.1.0, for GitHub code scanning and others.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::written;
use super::line_hash::line_hashes;
use super::sanitize::{capital, one_line};
use super::summary::instead;
use super::{Evidence, Finding, RenderOptions, Report, Sources};
use crate::finding::{RuleMeta, Severity, Status};
use crate::rules::RULES;
use crate::source::Position;

/// Results of one run; the host rejects 25,000 and shows 5,000.
const RESULTS: usize = 5_000;

/// One run with every rule and the costliest findings.
pub(super) fn render(report: &Report, sources: &Sources<'_>, options: &RenderOptions) -> String {
    let run_rules: Vec<&RuleMeta> =
        RULES.iter().copied().filter(|rule| report.rules.iter().any(|code| code == rule.code)).collect();
    let rules: Vec<Value> = run_rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": capital(rule.summary)},
                "fullDescription": {"text": capital(rule.summary)},
                "help": {"text": rule.page, "markdown": rule.page},
                "defaultConfiguration": {"level": level(rule.severity)},
                "properties": {
                    "precision": if rule.status == Status::Stable { "high" } else { "medium" },
                    "problem.severity": problem(rule.severity),
                    "tags": ["cost", "llm"]
                }
            })
        })
        .collect();
    let mut hashes = BTreeMap::new();
    let results: Vec<Value> = report
        .standing()
        .take(RESULTS)
        .map(|finding| {
            let index = run_rules.iter().position(|rule| rule.code == finding.rule);
            result(finding, index, sources, &options.repo_prefix, &mut hashes)
        })
        .collect();
    let mut notes: Vec<Value> = Vec::new();
    let left_out = report.standing().count().saturating_sub(RESULTS);
    if left_out > 0 {
        let text = format!("{left_out} findings with smaller savings were left out");
        notes.push(json!({"level": "note", "message": {"text": text}}));
    }
    for comment in report.comments_to_mend() {
        let text = capital(&format!("{}:{}: suppression comment: {}", comment.path, comment.line, comment.message));
        notes.push(json!({"level": "warning", "message": {"text": text}}));
    }
    for note in report.files.skipped.iter().chain(&report.files.partly_read) {
        let text = one_line(&format!("{}: {}", note.path, note.reason));
        notes.push(json!({"level": "note", "message": {"text": text}}));
    }
    let run = json!({
        "tool": {"driver": {
            "name": "scriptworthy",
            "semanticVersion": report.tool.version,
            "rules": rules,
        }},
        "automationDetails": {"id": format!("scriptworthy/{}", one_line(&options.repo_prefix))},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notes}],
        "results": results,
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    written(&document)
}

fn result(
    finding: &Finding,
    index: Option<usize>,
    sources: &Sources<'_>,
    prefix: &str,
    hashes: &mut BTreeMap<String, Vec<String>>,
) -> Value {
    let shown: Vec<&Evidence> = finding.evidence.iter().filter(|one| one.weight > 0.0).take(5).collect();
    let mut text = format!("{}.", capital(&finding.message).trim_end_matches('.'));
    for (index, evidence) in shown.iter().enumerate() {
        let inner = escaped(&one_line(&evidence.text));
        text.push_str(&format!(" [{inner}]({}).", index + 1));
    }
    text.push(' ');
    text.push_str(&capital(&finding.help));
    text.push('.');
    if let Some(replacement) = &finding.replacement {
        let lines: Vec<String> = instead(replacement).iter().map(|line| escaped(line)).collect();
        text.push_str(&format!("\n\n{}", lines.join("\n")));
    }
    let related: Vec<Value> = shown
        .iter()
        .enumerate()
        .map(|(index, evidence)| {
            let mut place = location(prefix, &evidence.path, evidence.start, evidence.end);
            place["id"] = json!(index + 1);
            place["message"] = json!({"text": one_line(&evidence.text)});
            place
        })
        .collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [location(prefix, &finding.path, finding.start, finding.end)],
        "relatedLocations": related,
        "partialFingerprints": {
            "scriptworthy/v1": finding.fingerprint,
            "primaryLocationLineHash": line_hash(finding, sources, hashes),
        },
        "properties": {"confidence": finding.confidence, "savings": finding.savings.explanation},
    })
}

fn location(prefix: &str, path: &str, start: Position, end: Position) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": encoded(&format!("{prefix}{path}"))},
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column.max(if end.line == start.line { start.column + 1 } else { 1 }),
        },
    }})
}

/// The host's hash of the finding's line: alerts follow a line that moves.
fn line_hash(finding: &Finding, sources: &Sources<'_>, known: &mut BTreeMap<String, Vec<String>>) -> String {
    // Of a notebook only the code is kept, and the host hashes the file.
    let Some(file) = sources.at(&finding.path).filter(|file| !file.is_mapped()) else {
        return format!("{}:1", finding.fingerprint);
    };
    let hashes = known.entry(finding.path.clone()).or_insert_with(|| line_hashes(&file.text));
    hashes.get(finding.start.line as usize - 1).cloned().unwrap_or_else(|| format!("{}:1", finding.fingerprint))
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
