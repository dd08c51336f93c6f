//! SW402: calls that wait for each other without need.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallId, CallSite, LoopKind};
use crate::rules::common::*;

declare_rule! {
    /// Calls awaited one after another that do not need each other.
    SerialIndependentCalls, "SW402", "serial-independent-calls", Decomposition, Note,
    "calls are awaited one after another though none needs the other's answer"
}

impl Rule for SerialIndependentCalls {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        let calls: Vec<_> = cx.asked().collect();
        let mut found: Vec<(Vec<CallId>, Advice)> = Vec::new();
        for (at, (id, call)) in calls.iter().enumerate() {
            let earlier = calls[..at].iter().rev().find(|(_, earlier)| earlier.function == call.function);
            let Some((before, earlier)) = earlier else { continue };
            if !independent(earlier, call) {
                continue;
            }
            // A run of several is one finding.
            if let Some((group, advice)) = found.last_mut().filter(|(group, _)| group.last() == Some(before)) {
                group.push(*id);
                advice.because.push(seen("is awaited after it, and reads nothing of it", call.callee_span));
                continue;
            }
            let advice = Advice {
                message: "these calls are awaited one after another, and none needs the other's answer".to_owned(),
                because: vec![
                    seen("is awaited first", earlier.callee_span),
                    seen("is awaited after it, and reads nothing of it", call.callee_span),
                ],
                help: "start them together and await all: the time of one, at the same cost".to_owned(),
                effect: Effect::None,
                confidence: 0.65,
            };
            found.push((vec![*before, *id], advice));
        }
        found
    }
}

fn independent(earlier: &CallSite, call: &CallSite) -> bool {
    let paths = earlier.flow.arms == call.flow.arms
        && earlier.flow.guarded == call.flow.guarded
        && earlier.flow.handles == call.flow.handles
        && earlier.repeats.place == call.repeats.place;
    let linked = call.flow.reads.contains(&earlier.span) || call.flow.decided_by.contains(&earlier.span);
    // What a call does beside answering is not known of agents and tools: their order may matter.
    let plain = |call: &CallSite| {
        call.params.tools.is_none()
            && call.kind == crate::program::CallKind::Chat
            && !matches!(call.repeats.kind, LoopKind::Retry | LoopKind::Agent)
            && call.flow.history.is_none()
    };
    // A call whose answer nobody reads works by what it changes: what follows may need that.
    let read = earlier.answer.usage != AnswerUse::Ignored;
    earlier.flow.awaited
        && call.flow.awaited
        && read
        && call.flow.paced.is_none()
        && paths
        && !linked
        && plain(earlier)
        && plain(call)
}
