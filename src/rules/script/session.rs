//! SW190: a whole session whose work is mechanical. The verdict is that on any call; only what is told differs.

use crate::catalog::session::SessionTables;
use crate::finding::{Effect, Finding, Lever, RuleMeta, Severity, Status, Verdict};
use crate::program::{CallId, CallSite, Program};
use crate::source::Language;

/// What is known of the rule.
pub(super) const META: RuleMeta = RuleMeta {
    code: "SW190",
    name: "mechanical-session",
    summary: "a step, agent or prompt file hands a model work that is mechanical from end to end",
    lever: Lever::Script,
    severity: Severity::Warning,
    status: Status::Preview,
    since: "0.1.0",
    page: include_str!("pages/mechanical-session.md"),
};

/// The finding on a session that was judged mechanical; `kind` is the rule of its kind of work.
pub(super) fn finding(id: CallId, call: &CallSite, verdict: &Verdict, kind: &RuleMeta, program: &Program) -> Finding {
    let form = SessionTables::embedded().forms.iter().find(|form| form.id == call.operation);
    let what = form.map_or("this session", |form| form.says.as_str());
    // A step runs any language; what comes with most runners is Python.
    let scripted = CallSite { language: Language::Python, ..call.clone() };
    let replacement = crate::replace::replacement(&scripted, verdict, program);
    let help = match &replacement {
        Some(_) => "run a script in its place, of code such as this".to_owned(),
        None => format!("run a script in its place: `scriptworthy explain {}` shows how", kind.code),
    };
    Finding {
        rule: &META,
        calls: vec![id],
        span: call.callee_span,
        message: format!("{what} is mechanical from end to end: {}", kind.summary),
        evidence: verdict.evidence.clone(),
        help,
        replacement,
        effect: Effect::RemoveCall,
        confidence: verdict.confidence,
    }
}
