//! `explain`: a rule's page, or all that is known of one call.

use std::fmt::Write as _;

use serde::Serialize;

use super::calls::runs;
use super::sanitize::{one_line, sanitize};
use super::summary::{count, instead, range, saves};
use super::{Call, PromptPart, RenderOptions, Report, table_lines};
use crate::finding::{Class, EvidenceKind, RuleMeta, Status};
use crate::program::{CallRole, LoopKind, ModelOrigin, Origin};
use crate::rules::by_code_or_name;

/// Lines of a message that are shown; the JSON report holds all.
const LINES: usize = 40;

/// Places of a finding that are shown.
const PLACES: usize = 16;

/// A rule's page.
pub fn rule_page(rule: &RuleMeta) -> String {
    format!(
        "# {} {}\n\n{} ({}, since {})\n\n{}\n",
        rule.code,
        rule.name,
        rule.summary,
        status(rule),
        rule.since,
        rule.page.trim()
    )
}

fn status(rule: &RuleMeta) -> &'static str {
    if rule.status == Status::Stable { "stable" } else { "preview" }
}

/// The name that a value has in the JSON report.
fn name(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The rules as a table.
pub fn rules_table(rules: &[&RuleMeta], width: usize) -> String {
    let mut table = comfy_table::Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(comfy_table::ContentArrangement::Dynamic)
        .set_width(width.max(60) as u16);
    table.set_header(["rule", "name", "lever", "severity", "status", "what it finds"]);
    for rule in rules {
        let lever = name(rule.lever);
        let severity = name(rule.severity);
        table.add_row([rule.code, rule.name, &lever, &severity, status(rule), rule.summary]);
    }
    format!("{}\n", table_lines(&table))
}

/// All that is known of one call: what was resolved from where, what was weighed, and why each rule spoke or not.
pub fn call_page(report: &Report, call: &Call, options: &RenderOptions) -> String {
    let mut page = Page { out: String::new(), prefix: &options.prefix };
    page.head(call);
    page.prompt(call);
    page.answer(call);
    page.verdict(call);
    page.rules(report, call);
    page.cost(call);
    sanitize(&page.out)
}

struct Page<'a> {
    out: String,
    prefix: &'a str,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    fn place(&self, path: &str, first: u32, last: u32) -> String {
        let lines = if first == last { first.to_string() } else { format!("{first}-{last}") };
        format!("{}{path}:{lines}", self.prefix)
    }

    fn head(&mut self, call: &Call) {
        let place = self.place(&call.path, call.start.line, call.start.line);
        self.line(&format!("{place}:{} {}", call.start.column, one_line(&call.callee)));
        if !call.symbol.is_empty() {
            self.line(&format!("  in {}", call.symbol));
        }
        let role = match call.role {
            CallRole::Direct => "a call with its own prompt",
            CallRole::Wrapper => "a wrapper: its prompt comes from its callers",
            CallRole::ViaWrapper => "a call through a wrapper of this code",
            CallRole::Session => "work that is handed to a model with no code around it",
        };
        let weak = if call.weak { " (weak: only names speak for it)" } else { "" };
        self.line(&format!("  {role}, by {} {}{weak}", call.sdk, call.operation));
        for via in &call.via {
            let place = self.place(&via.path, via.line, via.line);
            self.line(&format!("  through {} at {place}", via.symbol));
        }
        let origin = match call.model.origin {
            ModelOrigin::Literal => "written at the call or its client",
            ModelOrigin::Constant => "from a constant",
            ModelOrigin::Default => "the default of a parameter",
            ModelOrigin::Config => "from settings",
            ModelOrigin::Environment => "an environment variable, or this default",
            ModelOrigin::Parameter => "chosen by callers that are not known",
            ModelOrigin::Unpinned => "not pinned in this code",
        };
        self.line(&format!("\nmodel: {} ({origin})", call.model.id.as_deref().unwrap_or("not known")));
        if call.model.candidates.len() > 1 {
            self.line(&format!("  may be: {}", call.model.candidates.join(", ")));
        }
    }

    fn prompt(&mut self, call: &Call) {
        if call.prompt.parts.is_empty() {
            self.line("\nprompt: not read");
            return;
        }
        let whole = if call.prompt.complete { "" } else { " (parts of it were not found)" };
        self.line(&format!("\nprompt{whole}:"));
        self.parts(&call.prompt.parts, &[]);
        for (number, parts) in call.prompt.candidates.iter().enumerate().skip(1) {
            self.line(&format!("  or, {} of {}:", number + 1, call.prompt.candidates.len()));
            self.parts(parts, &call.prompt.parts);
        }
        if !call.prompt.holes.is_empty() {
            self.line("\nvalues put in:");
        }
        for hole in &call.prompt.holes {
            let from = match hole.origin {
                Origin::Unknown => String::new(),
                origin => format!(", from {}", name(origin)),
            };
            let because = hole.because.as_ref().map(|because| format!(" ({because})")).unwrap_or_default();
            let shape = match hole.shape.name() {
                "unknown" => "form not known",
                known => known,
            };
            self.line(&format!("  {{{}}}: {shape}{from}{}", one_line(&hole.name), one_line(&because)));
        }
    }

    /// The messages of a prompt; of one that was shown before only its first line.
    fn parts(&mut self, parts: &[PromptPart], shown: &[PromptPart]) {
        for part in parts {
            let places = runs(part.sources.iter().map(|source| (self.prefix, source.clone())));
            let places = if places.is_empty() { "known only at run time".to_owned() } else { places.join(", ") };
            self.line(&format!("  [{}] {places}", part.role));
            let lines = if shown.contains(part) { 1 } else { LINES };
            for line in part.text.lines().take(lines) {
                self.line(format!("    {line}").trim_end());
            }
            let more = part.text.lines().count().saturating_sub(lines);
            if more > 0 {
                self.line(&format!("    … {more} more lines"));
            }
        }
    }

    fn answer(&mut self, call: &Call) {
        self.line(&match call.output.usage.name() {
            "unknown" => "\nanswer: its use is not known".to_owned(),
            known => format!("\nanswer: used as {known}"),
        });
        for read in &call.output.reads {
            let place = self.place(&read.path, read.line, read.line);
            self.line(&format!("  {place} {}", one_line(&read.how)));
        }
        if let Some(schema) = &call.output.schema {
            let fields: Vec<String> = schema.fields.iter().map(|(name, form)| format!("{name}: {form}")).collect();
            self.line(&format!("  schema {}", one_line(&format!("{} {{{}}}", schema.name, fields.join(", ")))));
        }
        if call.repeats.kind != LoopKind::None {
            let bound = call.repeats.bound.map(|bound| format!(", at most {bound} times")).unwrap_or_default();
            self.line(&format!("runs again: {}{bound}", name(call.repeats.kind)));
        }
    }

    fn verdict(&mut self, call: &Call) {
        let class = match call.verdict.class {
            _ if call.role == CallRole::Wrapper => "none of its own",
            Class::Mechanical => "mechanical: a script gives the same answer",
            Class::Mixed => "mixed: a part of it could be a script",
            Class::Judgment => "judgment: the model is kept",
            Class::Unknown => "open: too little is known, so the model is kept",
        };
        self.line(&format!("\nverdict: {class}"));
        self.line(&format!("  {}", one_line(&call.verdict.reason)));
        if call.verdict.evidence.is_empty() {
            return;
        }
        self.line("  weight  what was seen (above 0 speaks for a script)");
        for evidence in &call.verdict.evidence {
            let kind = name(evidence.kind);
            let place = self.place(&evidence.path, evidence.start.line, evidence.start.line);
            self.line(&format!(
                "  {:>+6.1}  {kind}: {} ({place}, {})",
                evidence.weight,
                one_line(&evidence.text),
                evidence.signal
            ));
        }
    }

    fn rules(&mut self, report: &Report, call: &Call) {
        let own: Vec<_> = report.findings.iter().filter(|finding| finding.calls.contains(&call.id)).collect();
        self.line("\nrules:");
        for finding in &own {
            let suppressed = finding.suppressed.as_ref().map(|suppressed| {
                let reason = suppressed.reason.as_deref().unwrap_or("no reason given");
                format!(", but a comment suppresses it: {}", one_line(reason))
            });
            let suppressed = suppressed.unwrap_or_default();
            let tried = by_code_or_name(&finding.rule).is_some_and(|rule| rule.status == Status::Preview);
            let tried = if tried { ", a preview," } else { "" };
            self.line(&format!("  {}{tried} speaks: {}{suppressed}", finding.rule, one_line(&finding.message)));
            // What the verdict weighed stands above.
            let told = if finding.rule.starts_with("SW1") { &[][..] } else { &finding.evidence[..] };
            for evidence in told.iter().take(PLACES) {
                let place = self.place(&evidence.path, evidence.start.line, evidence.start.line);
                self.line(&format!("    why: {} ({place})", one_line(&evidence.text)));
            }
            if let Some(more) = told.len().checked_sub(PLACES).filter(|more| *more > 0) {
                self.line(&format!("    why: and {}", count(more, "more place")));
            }
            self.line(&format!("    do: {}", one_line(&finding.help)));
            self.line(&format!("    saves: {}", one_line(&saves(finding))));
            for line in finding.replacement.iter().flat_map(instead) {
                self.line(&format!("    {line}"));
            }
        }
        if !own.iter().any(|finding| finding.rule.starts_with("SW1")) {
            let why = silence(report, call);
            self.line(&format!("  SW1 keeps quiet: {why}"));
        }
        let others = report.rules.iter().filter(|code| !code.starts_with("SW1"));
        let silent: Vec<&str> =
            others.filter(|code| !own.iter().any(|finding| finding.rule == **code)).map(String::as_str).collect();
        if !silent.is_empty() {
            self.line(&format!("  keep quiet, as their grounds are not seen here: {}", silent.join(", ")));
        }
    }

    fn cost(&mut self, call: &Call) {
        self.line(&match call.cost.usd_per_1k_calls {
            Some(thousand) => format!("\ncosts {} per 1,000 calls, assuming", range(thousand)),
            None => "\ncost: not known".to_owned(),
        });
        for line in &call.cost.assumes {
            self.line(&format!("  {}", one_line(line)));
        }
    }
}

/// Why no rule of script substitution speaks of a call: the grounds that are missing, or what speaks against it.
fn silence(report: &Report, call: &Call) -> String {
    if call.role == CallRole::Wrapper {
        return "a wrapper's work is judged at its callers".to_owned();
    }
    if !call.kind.is_generative() {
        return "the call writes no text".to_owned();
    }
    let has =
        |kinds: &[EvidenceKind]| call.verdict.evidence.iter().any(|one| one.weight > 0.0 && kinds.contains(&one.kind));
    let mut missing = Vec::new();
    if !has(&[EvidenceKind::InputShape]) {
        missing.push("the form of its input");
    }
    if !has(&[EvidenceKind::OutputShape, EvidenceKind::PostProcessing]) {
        missing.push("the form of its output");
    }
    if !has(&[EvidenceKind::Operation]) {
        missing.push("a mechanical operation");
    }
    let missing = if missing.is_empty() { String::new() } else { format!("; not seen: {}", missing.join(", ")) };
    match call.verdict.class {
        Class::Judgment => format!("the work needs judgment{missing}"),
        Class::Unknown => format!("too little is known{missing}"),
        Class::Mixed => "only a part of the work is mechanical; SW120 speaks of such calls".to_owned(),
        Class::Mechanical if !missing.is_empty() => format!("its grounds are not all seen{missing}"),
        Class::Mechanical if call.verdict.confidence < report.assumptions.min_confidence => format!(
            "its confidence, {:.2}, is below the threshold of {:.2}",
            call.verdict.confidence, report.assumptions.min_confidence
        ),
        Class::Mechanical => "its rule is not among those that were checked".to_owned(),
    }
}
