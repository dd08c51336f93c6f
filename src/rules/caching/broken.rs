//! SW702: a value that changes, in front of a long text that does not.

use super::{minimum, start};
use crate::catalog::model::Caching;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallSite, Origin};
use crate::rules::common::*;

declare_rule! {
    /// A value that changes stands in front of a long text that does not: no request shares a prefix.
    BrokenPrefix, "SW702", "broken-prefix", Caching, Warning,
    "a value that changes stands in front of a long text that does not"
}

impl Rule for BrokenPrefix {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let model = cx.model(call)?;
        if cx.prices.provider(model).caching == Caching::Unknown || model.cached.is_none() {
            return None;
        }
        let start = start(call);
        let (hole, largest) = (start.hole?, start.largest?);
        let changes = matches!(
            hole.origin,
            Origin::Clock
                | Origin::User
                | Origin::Document
                | Origin::Answer
                | Origin::Record
                | Origin::Parameter
                | Origin::Field
        );
        let least = minimum(model);
        // A prefix that is long enough as it stands is cached up to the value.
        if !changes || start.after < least || start.tokens >= least {
            return None;
        }
        let again = often(call)?;
        let name: String = hole.name.chars().take(40).collect();
        Some(Advice {
            message: format!(
                "{{{name}}} stands before {:.0} static tokens: no two requests share a prefix",
                start.after
            ),
            because: vec![seen("the value that changes", hole.span), seen("the static text after it", largest), again],
            help: "move the value behind the static text".to_owned(),
            effect: Effect::CachePrefix((start.tokens + start.after).round() as u64),
            confidence: if hole.origin == Origin::Clock { 0.8 } else { 0.65 },
        })
    }
}
