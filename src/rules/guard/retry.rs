//! SW902: a retry without an end.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, LoopKind};
use crate::rules::common::*;

declare_rule! {
    /// A retry of a model call that never gives up.
    UnboundedRetry, "SW902", "unbounded-retry", Guard, Warning,
    "a failed call is tried again without end"
}

impl Rule for UnboundedRetry {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.all().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect()
    }

    fn check_call(&self, call: &CallSite, _: &Context<'_>) -> Option<Advice> {
        let because = if let Some(retry) = call.flow.retry.as_ref().filter(|retry| !retry.bounded) {
            vec![seen("says nothing of when to stop", retry.place)]
        } else {
            let exit = call.flow.exit.as_ref().filter(|_| call.repeats.kind == LoopKind::Retry)?;
            // A loop without a way out on success is a service, not a retry; one that asks something else in each turn
            // works off what comes in.
            exit.by_success?;
            call.flow.invariant.or(call.flow.carried)?;
            if exit.by_bound.is_some() || exit.by_failure.is_some() || call.repeats.bound.is_some() {
                return None;
            }
            vec![seen("ends on success alone", exit.place)]
        };
        Some(Advice {
            message: "a failed call is tried again without end, and each attempt may be paid".to_owned(),
            because,
            help: "stop after a few attempts, and wait longer between them".to_owned(),
            effect: Effect::CapRetries,
            confidence: 0.75,
        })
    }
}
