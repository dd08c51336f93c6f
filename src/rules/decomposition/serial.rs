//! SW402: calls that wait for each other without need.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, LoopKind};
use crate::rules::common::*;
use crate::source::Span;

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
            if !independent(earlier, call)
                || is_probe(earlier) && is_probe(call)
                || one_of_two(earlier, call, cx)
                || keeps_state(earlier, cx)
            {
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

/// Whether two calls are the arms of one expression: `cond ? await a() : await b()`, `await a() if cond else await b()`.
fn one_of_two(earlier: &CallSite, call: &CallSite, cx: &Context<'_>) -> bool {
    let between = Span { start: earlier.span.end.min(call.span.start), end: call.span.start, ..call.span };
    let between = cx.program.text(between).trim_start();
    [":", "||", "??", "if ", "or "].iter().any(|mark| between.starts_with(mark))
}

/// Whether a call asks the same whenever it runs, as one does that tries whether a model answers: whoever reads along
/// waits for one after the other, and what does more would keep the answer.
fn is_probe(call: &CallSite) -> bool {
    holes(call).next().is_none() && call.prompt.complete
}

/// Whether a call may change what a later one is asked: its answer is dropped, or what it goes through keeps the talk.
fn keeps_state(call: &CallSite, cx: &Context<'_>) -> bool {
    let file = cx.program.file(call.span);
    let (start, _) = file.line_range(file.position(call.span.start).line);
    let dropped = matches!(file.slice(start, call.span.start).trim(), "" | "await");
    let keeps = |at| cx.program.text(cx.call(at).function).to_lowercase().contains("history");
    dropped || call.via.iter().filter_map(|via| cx.at(via.span)).any(keeps)
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
    earlier.flow.awaited
        && call.flow.awaited
        && call.flow.paced.is_none()
        && paths
        && !linked
        && plain(earlier)
        && plain(call)
}
