//! SW403: a call that only rewrites what the call before it wrote.

use crate::catalog::levers::{LeverWords, first_in};
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallId, CallKind, CallSite};
use crate::rules::common::*;

declare_rule! {
    /// A call that only rewrites what the call before it wrote, by the same model.
    OverSplit, "SW403", "over-split", Decomposition, Note,
    "a call only rewrites what the call before it wrote, by the same model"
}

impl Rule for OverSplit {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        let mut found = Vec::new();
        for (id, call) in cx.asked() {
            if let [before] = call.flow.reads[..]
                && let Some(at) = cx.at(before)
                && let Some(advice) = one(call, cx.call(at), at, cx)
            {
                found.push((vec![id, at], advice));
            }
        }
        found
    }
}

fn one(call: &CallSite, before: &CallSite, at: CallId, cx: &Context<'_>) -> Option<Advice> {
    let (model, other) = (cx.pinned(call)?, cx.pinned(before)?);
    let plain = |call: &CallSite| call.kind == CallKind::Chat && call.params.tools.is_none();
    let text = text_of(call);
    let rewrite = first_in(&LeverWords::embedded().rewrites, &text)?;
    // One value goes in, and that is the earlier answer: what else it is given would have to be known earlier too.
    let alone = holes(call).count() == 1;
    let small = static_tokens(call) < 120.0 && call.prompt.complete;
    let unchecked = call.flow.decided_by.is_empty();
    let written = before.answer.usage == AnswerUse::Text && before.params.schema.is_none();
    let straight = call.flow.arms == before.flow.arms && call.repeats.place == before.repeats.place;
    if model.id != other.id || !plain(call) || !plain(before) || !alone || !small || !unchecked || !written || !straight
    {
        return None;
    }
    Some(Advice {
        message: format!("this call only rewrites what the call before it wrote (\"{rewrite}\"), by the same model"),
        because: vec![
            seen("writes the text", before.callee_span),
            seen("rewrites it, with no check between", call.callee_span),
        ],
        help: "ask for the final form at once, and keep the second call only if a test shows that it helps".to_owned(),
        effect: Effect::MergeWith(at),
        confidence: 0.6,
    })
}
