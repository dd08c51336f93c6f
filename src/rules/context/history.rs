//! SW602: messages that grow and are sent whole.

use crate::catalog::levers::{LeverWords, first_in};
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallKind, CallRole, CallSite, Entry, LoopKind, Origin, Shape};
use crate::rules::common::*;

declare_rule! {
    /// Messages that grow in a loop or session and are sent whole.
    UnboundedHistory, "SW602", "unbounded-history", Context, Warning,
    "messages grow in a loop or session and are sent whole each time"
}

/// Turns up to which a history cannot grow far.
const FEW: u64 = 6;

impl Rule for UnboundedHistory {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.all().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect()
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        // What a spread or a framework sets may well trim.
        if call.params.open || call.kind != CallKind::Chat {
            return None;
        }
        if let Some(history) = &call.flow.history {
            let short = call.repeats.bound.is_some_and(|bound| bound <= FEW) || call.repeats.kind == LoopKind::Retry;
            if history.trimmed.is_some() || short {
                return None;
            }
            return Some(Advice {
                message: format!("`{}` grows and is sent whole each time", history.name),
                because: vec![
                    seen("is added to here, and cut nowhere in this file", history.grows),
                    seen("sends all of it", call.callee_span),
                ],
                help: "keep the system message and the last turns, or sum up what is older".to_owned(),
                effect: Effect::TrimHistory(0.3, 0.7),
                confidence: 0.7,
            });
        }
        // A whole conversation handed in to be put into the prompt.
        if call.role == CallRole::Wrapper || cx.cuts(call) {
            return None;
        }
        let whole = holes(call).find(|hole| {
            let name = hole.name.to_lowercase();
            let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
            let last = name.rsplit('.').next().unwrap_or(&name);
            let long = matches!(hole.shape, Shape::List | Shape::Json | Shape::Unknown | Shape::FreeText);
            let kept = matches!(hole.origin, Origin::Parameter | Origin::Record | Origin::Field | Origin::User);
            plain && long && kept && first_in(&LeverWords::embedded().histories, last).is_some_and(|word| word == last)
        })?;
        let entry = match &call.flow.entry {
            Entry::Script(..) => return None,
            Entry::Request(what, span) => Some(seen(format!("runs for each request: {what}"), *span)),
            Entry::Unknown => None,
        };
        let mut because = vec![seen(format!("all of `{}` goes in", hole_name(&whole.name)), whole.span)];
        because.extend(entry);
        Some(Advice {
            message: format!("all of `{}` goes into the prompt, however long it has grown", hole_name(&whole.name)),
            because,
            help: "hand in the last turns, or a summary of what is older".to_owned(),
            effect: Effect::TrimHistory(0.2, 0.6),
            confidence: 0.55,
        })
    }
}

fn hole_name(name: &str) -> String {
    name.chars().take(40).collect()
}
