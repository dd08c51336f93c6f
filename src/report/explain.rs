//! `explain`: a rule's page, or all that is known of one call.

use std::fmt::Write as _;

use super::sanitize::{one_line, sanitize};
use super::{Call, Report, dollars};
use crate::finding::{Class, RuleMeta, Status};
use crate::program::{CallRole, LoopKind};

/// A rule's page.
pub fn rule_page(rule: &RuleMeta) -> String {
    let status = if rule.status == Status::Stable { "stable" } else { "preview" };
    format!(
        "# {} {}\n\n{} ({status}, since {})\n\n{}\n",
        rule.code,
        rule.name,
        rule.summary,
        rule.since,
        rule.page.trim()
    )
}

/// The rules as a table.
pub fn rules_table(rules: &[&RuleMeta], width: usize) -> String {
    let mut table = comfy_table::Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(comfy_table::ContentArrangement::Dynamic)
        .set_width(width.max(60) as u16);
    table.set_header(["rule", "name", "status", "summary"]);
    for rule in rules {
        let status = if rule.status == Status::Stable { "stable" } else { "preview" };
        table.add_row([rule.code, rule.name, status, rule.summary]);
    }
    format!("{table}\n")
}

/// All that is known of one call: what was resolved from where, what was weighed, and why each rule spoke or not.
pub fn call_page(report: &Report, call: &Call) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}:{}:{} {}", call.path, call.start.line, call.start.column, call.callee);
    if !call.symbol.is_empty() {
        let _ = writeln!(out, "  in {}", call.symbol);
    }
    let role = match call.role {
        CallRole::Direct => "a call with its own prompt",
        CallRole::Wrapper => "a wrapper: its prompt comes from its callers",
        CallRole::ViaWrapper => "a call through a wrapper of this code",
    };
    let _ = writeln!(
        out,
        "  {role}, by {} {}{}",
        call.sdk,
        call.operation,
        if call.weak { " (weak: only names speak for it)" } else { "" }
    );
    for via in &call.via {
        let _ = writeln!(out, "  via {}:{} {}", via.path, via.line, via.symbol);
    }
    let origin = serde_json::to_value(call.model.origin)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default();
    let _ = writeln!(out, "\nmodel: {} ({origin})", call.model.id.as_deref().unwrap_or("not known"));
    if call.model.candidates.len() > 1 {
        let _ = writeln!(out, "  may be: {}", call.model.candidates.join(", "));
    }
    let _ = writeln!(out, "\nprompt{}:", if call.prompt.complete { "" } else { " (parts of it were not found)" });
    for part in &call.prompt.parts {
        let places: Vec<String> = part
            .sources
            .iter()
            .map(|source| format!("{}:{}-{}", source.path, source.start_line, source.end_line))
            .collect();
        let _ = writeln!(
            out,
            "  [{}] from {}",
            part.role,
            if places.is_empty() { "run time".to_owned() } else { places.join(", ") }
        );
        for line in part.text.lines().take(40) {
            let _ = writeln!(out, "    {line}");
        }
        if part.text.lines().count() > 40 {
            let _ = writeln!(out, "    … {} more lines", part.text.lines().count() - 40);
        }
    }
    if !call.prompt.holes.is_empty() {
        let _ = writeln!(out, "\nvalues put in:");
        for hole in &call.prompt.holes {
            let origin = serde_json::to_value(hole.origin)
                .ok()
                .and_then(|name| name.as_str().map(str::to_owned))
                .unwrap_or_default();
            let because = hole.because.as_ref().map(|because| format!(", by {because}")).unwrap_or_default();
            let _ = writeln!(out, "  {{{}}}: {} from {origin}{because}", one_line(&hole.name), hole.shape.name());
        }
    }
    let _ = writeln!(out, "\nanswer: used as {}", call.output.usage.name());
    for read in &call.output.reads {
        let _ = writeln!(out, "  {}:{} {}", read.path, read.line, one_line(&read.how));
    }
    if call.repeats.kind != LoopKind::None {
        let kind = serde_json::to_value(call.repeats.kind)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default();
        let bound = call.repeats.bound.map(|bound| format!(", at most {bound} times")).unwrap_or_default();
        let _ = writeln!(out, "runs again: {kind}{bound}");
    }
    verdict(call, &mut out);
    rules(report, call, &mut out);
    match call.cost.usd_per_1k_calls {
        Some(range) => {
            let _ =
                writeln!(out, "\ncosts {} to {} per 1,000 calls, assuming", dollars(range.low), dollars(range.high));
        }
        None => {
            let _ = writeln!(out, "\ncosts are not known:");
        }
    }
    for line in &call.cost.assumes {
        let _ = writeln!(out, "  {}", one_line(line));
    }
    sanitize(&out)
}

fn verdict(call: &Call, out: &mut String) {
    let class = match call.verdict.class {
        Class::Mechanical => "mechanical: a script gives the same answer",
        Class::Mixed => "mixed: a part of it could be a script",
        Class::Judgment => "judgment: the model is kept",
        Class::Unknown => "open: too little is known, the model is kept",
    };
    let _ = writeln!(out, "\nverdict: {class}");
    let _ = writeln!(out, "  {}", one_line(&call.verdict.reason));
    for evidence in &call.verdict.evidence {
        let kind = serde_json::to_value(evidence.kind)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "  {:+.1} {kind}: {} ({}:{}, {})",
            evidence.weight,
            one_line(&evidence.text),
            evidence.path,
            evidence.start.line,
            evidence.signal
        );
    }
}

fn rules(report: &Report, call: &Call, out: &mut String) {
    let own: Vec<_> = report.findings.iter().filter(|finding| finding.call == call.id).collect();
    let _ = writeln!(out, "\nrules:");
    for finding in &own {
        let _ = writeln!(out, "  {} spoke: {}", finding.rule, one_line(&finding.message));
    }
    if !own.iter().any(|finding| finding.rule.starts_with("SW1")) {
        let why = match call.verdict.class {
            Class::Judgment => "the work needs judgment",
            Class::Unknown => "input, output and operation are not all known",
            Class::Mixed | Class::Mechanical => "the confidence is below the threshold",
        };
        let _ = writeln!(out, "  SW1 kept quiet: {why}");
    }
}
