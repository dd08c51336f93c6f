//! SW1, script substitution: scripts for determinism, models for judgment.
//!
//! SW101 to SW114 are one mechanism: the verdict names the kind of work, and the kind names the rule. Their pages are
//! in `pages/`. SW120 speaks of calls of which a part could be a script, and never says to replace the call.

mod session;

use crate::finding::{Class, Effect, EvidenceKind, Finding, Lever, RuleMeta, Severity, Status, Verdict};
use crate::mistakes::Mistakes;
use crate::program::{CallId, CallRole, CallSite, Program};
use crate::source::is_test_file;

macro_rules! script_rules {
    ($($code:literal $name:literal $summary:literal),* $(,)?) => {
        /// The rules of this lever, by code.
        pub const RULES: &[&RuleMeta] = &[
            $(&RuleMeta {
                code: $code,
                name: $name,
                summary: $summary,
                lever: Lever::Script,
                severity: Severity::Warning,
                status: Status::Stable,
                since: "0.1.0",
                page: include_str!(concat!("pages/", $name, ".md")),
            },)*
            &PART,
            &session::META,
        ];
    };
}

/// Calls of which a part could be a script.
const PART: RuleMeta = RuleMeta {
    code: "SW120",
    name: "mechanical-part",
    summary: "a call that needs judgment also carries a step that code could do",
    lever: Lever::Script,
    severity: Severity::Note,
    status: Status::Preview,
    since: "0.1.0",
    page: include_str!("pages/mechanical-part.md"),
};

script_rules![
    "SW101" "date-math" "a model parses, formats, shifts or compares dates",
    "SW102" "format-conversion" "a model converts one formal notation to another",
    "SW103" "existence-check" "a model is asked whether something exists or is empty",
    "SW104" "status-notification" "a model words a notice from fields that are already known",
    "SW105" "structured-comparison" "a model compares structured values",
    "SW106" "url-canonicalization" "a model normalises, joins or parses URLs or paths",
    "SW107" "arithmetic" "a model does sums, percentages or units",
    "SW108" "pattern-extraction" "a model takes fields of a fixed pattern out of text",
    "SW109" "text-transform" "a model changes case, slugs, padding or escapes, or fills placeholders",
    "SW110" "collection-operation" "a model sorts, filters, dedupes or groups by a stated key",
    "SW111" "lookup" "a model looks a code or name up that a closed table holds",
    "SW112" "validation" "a model checks a value against a stated format",
    "SW113" "counting" "a model counts words, characters, lines or items",
    "SW114" "mechanical-routing" "a model chooses a branch by a field that is already structured",
];

/// A finding for each call that a script, or a script for a part of it, could do.
pub(super) fn check(program: &Program, verdicts: &[Verdict], mistakes: &Mistakes) -> Vec<Finding> {
    let calls = (0..).map(CallId).zip(program.calls.iter().zip(verdicts));
    let found = |(id, (call, verdict)): (CallId, (&CallSite, &Verdict))| {
        mistakes.guarded(&program.file(call.span).path, || one(id, call, verdict, program)).flatten()
    };
    calls.filter_map(found).collect()
}

/// What the mechanical part is, as the prompt says it.
fn part_of(verdict: &Verdict) -> &str {
    let operation = verdict.evidence.iter().find(|one| {
        one.kind == EvidenceKind::Operation && verdict.category.is_some_and(|category| one.signal.starts_with(category))
    });
    operation.map_or("code could do it before or after the call", |one| one.text.as_str())
}

fn one(id: CallId, call: &CallSite, verdict: &Verdict, program: &Program) -> Option<Finding> {
    // What a wrapper is asked is decided by its callers.
    if call.role == CallRole::Wrapper || !call.kind.is_generative() {
        return None;
    }
    // The call of a test is there to try the model out.
    if is_test_file(&program.file(call.span).path) {
        return None;
    }
    let category = verdict.category?;
    let rule = RULES.iter().copied().find(|rule| rule.name == category)?;
    let (rule, message, effect) = match verdict.class {
        Class::Mechanical => {
            // The contract of this lever: all three kinds of evidence, or silence.
            let has = |kind| verdict.evidence.iter().any(|one| one.kind == kind);
            let output = has(EvidenceKind::OutputShape) || has(EvidenceKind::PostProcessing);
            if !(has(EvidenceKind::Operation) && has(EvidenceKind::InputShape) && output) {
                return None;
            }
            if call.role == CallRole::Session {
                return Some(session::finding(id, call, verdict, rule, program));
            }
            (rule, format!("{}: a script gives the same answer", rule.summary), Effect::RemoveCall)
        }
        Class::Mixed => (
            &PART,
            format!("a part of this call is mechanical ({category}): {}", part_of(verdict)),
            Effect::RemovePart(0.1, 0.5),
        ),
        Class::Judgment | Class::Unknown => return None,
    };
    let replacement = match verdict.class {
        Class::Mechanical => crate::replace::replacement(call, verdict, program),
        _ => None,
    };
    let help = match (&replacement, verdict.class) {
        (Some(replacement), _) if replacement.libraries.is_empty() => {
            "replace the call by code; the standard library suffices".to_owned()
        }
        (Some(replacement), _) => format!("replace the call by code with {}", replacement.libraries.join(", ")),
        (None, Class::Mechanical) => {
            format!("replace the call by code: `scriptworthy explain {}` shows how", rule.code)
        }
        (None, _) => "keep the call; take the mechanical part out of the prompt".to_owned(),
    };
    Some(Finding {
        rule,
        calls: vec![id],
        span: call.callee_span,
        message,
        evidence: verdict.evidence.clone(),
        help,
        replacement,
        effect,
        confidence: verdict.confidence,
    })
}
