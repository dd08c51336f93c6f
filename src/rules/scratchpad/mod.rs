//! SW5, scratchpad before escalation: room to reason is cheaper than a larger model.

mod late;
mod missing;
mod tryout;

use super::Rule;
use crate::catalog::levers::{LeverWords, first_in};
use crate::program::CallSite;
use crate::rules::common::{Context, says};

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] = &[&tryout::TryScratchpad, &late::AnswerBeforeReasoning, &missing::NoScratchpad];

/// Whether a model may reason before it answers whatever the prompt says: by its settings, or by its own default.
fn may_reason(call: &CallSite, cx: &Context<'_>) -> bool {
    let by_default = cx.model(call).is_none_or(|model| model.reasoning);
    call.params.reasoning.is_some() || by_default
}

/// The phrase that forbids anything but the answer.
fn bare(call: &CallSite) -> Option<(&'static str, crate::source::Span)> {
    says(call, &LeverWords::embedded().bare)
}

/// Whether a field holds reasoning.
fn is_reasoning(field: &str) -> bool {
    let field = field.to_lowercase();
    LeverWords::embedded().reasoning_fields.contains(&field)
        || field.ends_with("_reason")
        || field.ends_with("_reasoning")
}

/// Whether a field holds a decision.
fn is_decision(field: &str) -> bool {
    !is_reasoning(field) && first_in(&LeverWords::embedded().decision_fields, field).is_some()
}
