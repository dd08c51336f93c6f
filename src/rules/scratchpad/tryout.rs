//! SW501: a large model that must decide at once, often.

use crate::catalog::model::Tier;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite};
use crate::rules::common::*;

declare_rule! {
    /// A large model that must decide at once, often: a smaller one with room to reason may do.
    TryScratchpad, "SW501", "try-scratchpad", Scratchpad, Note,
    "a large model must decide at once, often: a smaller one with room to reason may do"
}

impl Rule for TryScratchpad {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.asked().filter_map(|(id, call)| Some((vec![id], one(id, call, cx)?))).collect()
    }
}

fn one(id: CallId, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
    let model = cx.sold(call).filter(|model| model.tier() >= Tier::Mid)?;
    let smaller = cx.prices.cheaper(model, Tier::Small)?;
    // Short questions are SW201: here are decisions by a rubric.
    let rubric = static_tokens(call) > 250.0 && static_tokens(call) < 4_000.0;
    if !rubric || !is_plain(call) || !cx.needs_judgment(id) || super::may_reason(call, cx) {
        return None;
    }
    let mut because = closed(call)?;
    because.push(often(call)?);
    let (phrase, place) = super::bare(call)?;
    because.push(seen(format!("leaves no room to reason: \"{phrase}\""), place));
    Some(Advice {
        message: format!("{} must decide at once, often", model.id),
        because,
        help: format!("test {} with its reasoning written before the answer", smaller.id),
        effect: Effect::SwitchWithScratchpad(Tier::Small),
        confidence: 0.6,
    })
}
