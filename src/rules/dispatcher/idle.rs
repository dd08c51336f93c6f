//! SW302: a routing call whose routes are the same.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallId, CallSite};
use crate::rules::common::*;

declare_rule! {
    /// A routing call whose routes are the same.
    IdleDispatcher, "SW302", "idle-dispatcher", Dispatcher, Warning,
    "a routing call whose branches all ask the same model the same way"
}

impl Rule for IdleDispatcher {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.asked().filter_map(|(id, call)| Some((vec![id], one(call, cx)?))).collect()
    }
}

fn one(router: &CallSite, cx: &Context<'_>) -> Option<Advice> {
    if !matches!(router.answer.usage, AnswerUse::Enum | AnswerUse::Bool) {
        return None;
    }
    let routes: Vec<&CallSite> =
        cx.asked().map(|(_, call)| call).filter(|call| call.flow.decided_by.contains(&router.span)).collect();
    let (first, rest) = routes.split_first()?;
    let model = cx.pinned(first)?;
    // Branches that differ in tools, prompt or settings matter, whatever the model.
    let same = |call: &&CallSite| {
        cx.pinned(call).is_some_and(|other| other.id == model.id)
            && call.params.tools.is_none()
            && call.params.temperature == first.params.temperature
            && text_of(call) == text_of(first)
            && call.flow.arms.first() != first.flow.arms.first()
    };
    let known = first.prompt.complete && !text_of(first).trim().is_empty() && !first.params.open;
    if rest.is_empty() || !known || first.params.tools.is_some() || !rest.iter().all(same) {
        return None;
    }
    let mut because = vec![seen("its answer chooses the branch", router.callee_span)];
    because.extend(routes.iter().map(|call| seen(format!("asks {} the same", model.id), call.callee_span)));
    Some(Advice {
        message: format!("this call chooses between {} branches that ask {} the same thing", routes.len(), model.id),
        because,
        help: "drop the routing call, or give its branches the models and prompts that they differ in".to_owned(),
        effect: Effect::RemoveCall,
        confidence: 0.65,
    })
}
