//! SW801: a call per item that nobody waits for.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallKind, CallSite, Entry, LoopKind};
use crate::rules::common::*;

declare_rule! {
    /// A call per item of an offline loop, at a provider with a batch price.
    BatchableLoop, "SW801", "batchable-loop", Batch, Note,
    "a call for each item of an offline loop that a batch job could carry"
}

/// Items up to which a batch job is more work than it saves.
const FEW: u64 = 10;

impl Rule for BatchableLoop {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let model = cx.model(call)?;
        cx.prices.batch(model)?;
        let (place, turn) = match call.repeats.kind {
            LoopKind::PerItem => (call.repeats.place?, "no turn reads another's answer"),
            // Called from a loop: one request for each of its turns.
            LoopKind::None => (call.flow.outer?, "called once for each item, and no turn reads another's answer"),
            _ => return None,
        };
        let Entry::Script(what, entry) = &call.flow.entry else { return None };
        // A turn that asks several models one after another, or one model of several, is a pipeline or a trial.
        let within = |other: &CallSite| {
            other.span != call.span
                && other.span.file == place.file
                && place.start <= other.span.start
                && other.span.end <= place.end
        };
        let beside = |other: &CallSite| other.span != call.span && other.function == call.function;
        let calls = || cx.program.calls.iter().filter(|other| other.kind.is_generative());
        let outer = call.repeats.kind == LoopKind::None;
        let piped = outer && calls().any(|other| within(other) || beside(other));
        let head = cx.program.text(place).lines().next().unwrap_or("");
        let models = head.starts_with("for") && words_of(head).iter().any(|word| word == "model" || word == "models");
        if piped || models {
            return None;
        }
        let few = call.repeats.bound.is_some_and(|bound| bound <= FEW);
        let stepwise = call.flow.carried.is_some() || call.flow.history.is_some() || call.flow.invariant.is_some();
        if few || stepwise || call.kind != CallKind::Chat || call.params.tools.is_some() {
            return None;
        }
        Some(Advice {
            message: "one request is sent for each item of a loop that nobody waits for".to_owned(),
            because: vec![seen(turn, place), seen(format!("offline: {what}"), *entry)],
            help: "collect the requests and send them as one batch job".to_owned(),
            effect: Effect::Batch,
            confidence: 0.65,
        })
    }
}
