//! SW303: the dear model first, the cheap one when it fails.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite};
use crate::rules::common::*;

declare_rule! {
    /// The dear model first, a cheaper one only when it fails.
    InvertedCascade, "SW303", "inverted-cascade", Dispatcher, Note,
    "a dear model is asked first, and a cheaper one only when that fails"
}

impl Rule for InvertedCascade {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        let mut found = Vec::new();
        // Few calls are guarded, and each is held against all others.
        for (id, first) in cx.all().filter(|(_, call)| !call.flow.guarded.is_empty()) {
            let fallback = cx.all().map(|(_, call)| call).find(|call| {
                call.function == first.function
                    && call.flow.handles.iter().any(|group| first.flow.guarded.contains(group))
            });
            if let Some(advice) = fallback.and_then(|fallback| one(first, fallback, cx)) {
                found.push((vec![id], advice));
            }
        }
        found
    }
}

fn one(first: &CallSite, fallback: &CallSite, cx: &Context<'_>) -> Option<Advice> {
    let (dear, cheap) = (cx.sold(first)?, cx.sold(fallback)?);
    // Failover between makers, or at one price class, is there for availability.
    let same_maker = cx.prices.provider(dear) == cx.prices.provider(cheap);
    if !same_maker || cheap.tier() >= dear.tier() || text_of(first) != text_of(fallback) {
        return None;
    }
    Some(Advice {
        message: format!("{} is asked first, and {} only when that fails", dear.id, cheap.id),
        because: vec![
            seen(format!("first: {} at ${} per million tokens of output", dear.id, dear.output), first.callee_span),
            seen(format!("on failure: {} at ${}", cheap.id, cheap.output), fallback.callee_span),
        ],
        help: format!(
            "test {} first, with a check of its answer that decides whether {} is asked too",
            cheap.id, dear.id
        ),
        effect: Effect::Dispatch(cheap.tier(), 0.3, 0.8),
        confidence: 0.6,
    })
}
