//! SW503: a small model that must decide at once.

use crate::catalog::model::Tier;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite};
use crate::rules::common::*;

declare_rule! {
    /// A small model that must decide at once by a rubric.
    NoScratchpad, "SW503", "no-scratchpad", Scratchpad, Note,
    "a small model must decide by a rubric at once, with no room to reason"
}

impl Rule for NoScratchpad {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.asked().filter_map(|(id, call)| Some((vec![id], one(id, call, cx)?))).collect()
    }
}

fn one(id: CallId, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
    let model = cx.pinned(call).filter(|model| model.tier() <= Tier::Small)?;
    let rubric = static_tokens(call) > 120.0;
    if !rubric || !is_plain(call) || !cx.needs_judgment(id) || super::may_reason(call, cx) {
        return None;
    }
    let mut because = closed(call)?;
    let (phrase, place) = super::bare(call)?;
    because.push(seen(format!("leaves no room to reason: \"{phrase}\""), place));
    Some(Advice {
        message: format!("{} must decide by a rubric at once", model.id),
        because,
        help: "let it write two sentences of reasoning before the answer, and read the last line".to_owned(),
        effect: Effect::None,
        confidence: 0.55,
    })
}
