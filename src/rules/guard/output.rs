//! SW903: long answers, many of them, without a cap.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallId, CallKind, CallSite, LoopKind};
use crate::rules::common::*;

declare_rule! {
    /// Free text for each item of a loop, without a cap on its length.
    NoOutputCap, "SW903", "no-output-cap", Guard, Note,
    "free text is asked for each item of a loop, without a cap on its length"
}

impl Rule for NoOutputCap {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.asked().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect()
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let place = call.repeats.place.filter(|_| call.repeats.kind == LoopKind::PerItem)?;
        let free = call.answer.usage == AnswerUse::Text && call.params.schema.is_none();
        // A cap that is set where settings come from elsewhere cannot be seen.
        let unknown = call.params.open || call.weak || !call.via.is_empty();
        if !free || unknown || call.params.capped || call.kind != CallKind::Chat {
            return None;
        }
        let model = cx.model(call)?;
        let most = model.max_output.filter(|most| *most >= 8_000)?;
        Some(Advice {
            message: format!(
                "free text is asked for each item without a cap: {} may answer up to {most} tokens",
                model.id
            ),
            because: vec![seen("once for each item", place), seen("sets no cap", call.callee_span)],
            help: "cap the output at some times what a good answer takes".to_owned(),
            effect: Effect::CapRetries,
            confidence: 0.6,
        })
    }
}
