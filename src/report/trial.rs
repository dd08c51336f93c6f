//! A test of a cheaper model: its plan for people, and its configuration for the evaluator promptfoo.

use std::fmt::Write as _;

use super::sanitize::sanitize;
use super::{Call, Finding, Report};
use crate::program::AnswerUse;
use crate::trial::{Demands, sample};

/// The findings on a call that propose another model.
pub fn proposals<'r>(report: &'r Report, call: &Call) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.candidate.is_some() && finding.calls.contains(&call.id)).collect()
}

/// The plan of the test for a call, if a finding proposes another model for it.
pub fn trial_page(report: &Report, call: &Call, demands: Demands) -> Option<String> {
    let finding = *proposals(report, call).first()?;
    let candidate = finding.candidate.as_deref()?;
    let sample = sample(demands);
    let mut out = String::new();
    let _ = writeln!(out, "\ntest of {candidate} ({}), before any change:", finding.rule);
    let names: Vec<&str> = call.prompt.holes.iter().map(|hole| hole.name.as_str()).collect();
    let values = if names.is_empty() {
        "the prompt as it is".to_owned()
    } else {
        format!("real values of {}", names.join(", "))
    };
    let _ = writeln!(
        out,
        "  inputs: {} of them, {values}, drawn at random from real traffic, rare cases included",
        sample.inputs
    );
    let _ = writeln!(out, "  rubric: {}", rubric(call));
    let _ = writeln!(
        out,
        "  pass: at most {} answers are worse; then with {:.0} % confidence fewer than {:.1} % are",
        sample.accepted,
        demands.confidence * 100.0,
        demands.margin * 100.0
    );
    let _ = writeln!(out, "  then: switch, and watch the share of worse answers for a week");
    let _ = writeln!(out, "  `--emit promptfoo` writes the test for that evaluator");
    Some(sanitize(&out))
}

/// What makes an answer as good as the current one.
fn rubric(call: &Call) -> &'static str {
    match call.output.usage {
        AnswerUse::Bool | AnswerUse::Enum | AnswerUse::Number | AnswerUse::Date => {
            "equal to the answer that a person holds right, not to the current model's"
        }
        AnswerUse::Json | AnswerUse::List if call.output.schema.is_some() => {
            "valid by the schema, and each field equal to what a person holds right"
        }
        AnswerUse::Json | AnswerUse::List => "parses, and each item equal to what a person holds right",
        AnswerUse::Code => "passes the tests that the current answers pass",
        _ => "two answers side by side in random order, judged by somebody who does not know which is which",
    }
}

/// The configuration of promptfoo for a call: the current model, the cheaper one, and the cheaper one with room to
/// reason. Inputs and right answers go into `cases.csv` beside it.
pub fn promptfoo(report: &Report, call: &Call, demands: Demands) -> Option<String> {
    let finding = *proposals(report, call).first()?;
    let (current, cheaper) = (finding.current_provider.as_deref()?, finding.candidate_provider.as_deref()?);
    let sample = sample(demands);
    let mut names = Vec::new();
    let messages = messages(call, &mut names);
    let mut out = String::new();
    let columns: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).chain(["__expected"]).collect();
    let _ = writeln!(
        out,
        "# Test of {} for {}:{}, at most {} of {} answers may be worse.",
        finding.candidate.as_deref().unwrap_or(""),
        call.path,
        call.start.line,
        sample.accepted,
        sample.inputs
    );
    let _ =
        writeln!(out, "# cases.csv: one row for each of {} real inputs, columns {}", sample.inputs, columns.join(", "));
    let _ = writeln!(out, "description: {}", quoted(&format!("{} at {}:{}", finding.rule, call.path, call.start.line)));
    let _ = writeln!(out, "prompts:");
    let _ = writeln!(out, "  - id: as-is\n    label: as-is\n    raw: {}", quoted(&messages));
    let room = room(call, &mut Vec::new());
    let _ = writeln!(out, "  - id: scratchpad\n    label: scratchpad\n    raw: {}", quoted(&room));
    let _ = writeln!(out, "providers:");
    for (id, label, prompt) in [
        (current, "current", "as-is"),
        (cheaper, "cheaper", "as-is"),
        (cheaper, "cheaper-with-scratchpad", "scratchpad"),
    ] {
        let _ = writeln!(out, "  - id: {}\n    label: {label}\n    prompts: [{prompt}]", quoted(id));
        let mut config = Vec::new();
        if let Some(temperature) = call.temperature {
            config.push(format!("temperature: {temperature}"));
        }
        if let Some(cap) = call.output.max_tokens {
            // Reasoning needs room beside the answer.
            config.push(format!("max_tokens: {}", if prompt == "scratchpad" { cap + 400 } else { cap }));
        }
        if !config.is_empty() {
            let _ = writeln!(out, "    config: {{ {} }}", config.join(", "));
        }
    }
    let _ =
        writeln!(out, "defaultTest:\n  options:\n    transform: {}", quoted("output.split(\"ANSWER:\").pop().trim()"));
    let check = match call.output.usage {
        AnswerUse::Json | AnswerUse::List => Some("  assert:\n    - type: is-json\n"),
        AnswerUse::Text | AnswerUse::Unknown | AnswerUse::Ignored | AnswerUse::ToolLoop => Some(
            "  assert:\n    - type: llm-rubric\n      value: \"does what the prompt asks, as well as the expected answer does\"\n",
        ),
        _ => None,
    };
    out.push_str(check.unwrap_or(""));
    let _ = writeln!(out, "tests: file://cases.csv");
    Some(out)
}

/// The messages as JSON, with values as template variables.
fn messages(call: &Call, names: &mut Vec<(String, String)>) -> String {
    serde_json::Value::Array(list(call, names)).to_string()
}

fn list(call: &Call, names: &mut Vec<(String, String)>) -> Vec<serde_json::Value> {
    let parts = call.prompt.parts.iter();
    parts.map(|part| serde_json::json!({"role": part.role, "content": template(call, &part.text, names)})).collect()
}

/// The same, with a demand for reasoning in front of the answer.
fn room(call: &Call, names: &mut Vec<(String, String)>) -> String {
    let mut list = list(call, names);
    let demand = "Reason in a few sentences first. Then write ANSWER: and the answer alone.";
    list.push(serde_json::json!({"role": "user", "content": demand}));
    serde_json::Value::Array(list).to_string()
}

/// Prompt text as a template: values become variables, and what looks like a template but is text is kept as text.
fn template(call: &Call, text: &str, names: &mut Vec<(String, String)>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let hole = call.prompt.holes.iter().find(|hole| {
            rest.strip_prefix('{')
                .and_then(|rest| rest.strip_prefix(hole.name.as_str()))
                .is_some_and(|rest| rest.starts_with('}'))
        });
        if let Some(hole) = hole {
            let _ = write!(out, "{{{{ {} }}}}", variable(&hole.name, names));
            rest = &rest[hole.name.len() + 2..];
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        match c {
            '{' if rest.starts_with("{{") || rest.starts_with("{%") || rest.starts_with("{#") => {
                let _ = write!(out, "{{{{ '{}' }}}}", &rest[..2]);
                rest = &rest[2..];
            }
            _ => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

/// A name that a template takes, one for each value.
fn variable(name: &str, names: &mut Vec<(String, String)>) -> String {
    if let Some((_, known)) = names.iter().find(|(own, _)| own == name) {
        return known.clone();
    }
    let mut base: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !base.starts_with(|c: char| c.is_ascii_alphabetic()) {
        base.insert_str(0, "v_");
    }
    let mut free = base.clone();
    let mut number = 2;
    while names.iter().any(|(_, used)| *used == free) {
        free = format!("{base}_{number}");
        number += 1;
    }
    names.push((name.to_owned(), free.clone()));
    free
}

/// A string as YAML takes it: JSON is YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
