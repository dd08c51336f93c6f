//! SW701: a long prefix, sent often, where caching has to be asked for and is not.

use super::{minimum, start};
use crate::catalog::levers::{LeverWords, first_in};
use crate::catalog::model::Caching;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::CallSite;
use crate::rules::common::*;

declare_rule! {
    /// A long static prefix, sent often, where the provider caches on request and nobody requests it.
    UncachedPrefix, "SW701", "uncached-prefix", Caching, Warning,
    "a long prefix is sent often, and the provider caches only what is marked"
}

impl Rule for UncachedPrefix {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let model = cx.pinned(call)?;
        let explicit = cx.prices.provider(model).caching == Caching::Explicit && model.cached.is_some();
        if !explicit || call.params.cache || call.params.open || call.params.tools == Some(None) {
            return None;
        }
        // What is asked when another call has failed is asked seldom.
        if call.surroundings.handler.is_some() || !call.flow.handles.is_empty() {
            return None;
        }
        let start = start(call);
        let place = start.place?;
        if start.tokens * cx.prices.provider(model).tokens < minimum(model) || !call.prompt.complete {
            return None;
        }
        let again = often(call)?;
        // A mark may stand in a content block, a helper or a header: one in the files of the call, or in those that its
        // file names, is enough.
        let files = call.via.iter().map(|via| via.span).chain([place]).map(|span| cx.program.file(span));
        let wrappers =
            call.via.iter().filter_map(|via| cx.at(via.span)).flat_map(|at| cx.named_files(cx.call(at), |_| true));
        let marked = files
            .chain(cx.named_files(call, |_| true))
            .chain(wrappers)
            .any(|file| first_in(&LeverWords::embedded().cache_marks, &file.text).is_some());
        if marked {
            return None;
        }
        Some(Advice {
            message: format!("about {:.0} tokens begin every request and are not marked for caching", start.tokens),
            because: vec![seen("the static prefix", place), again],
            help: "mark the end of the static part for caching".to_owned(),
            effect: Effect::CachePrefix(start.tokens.round() as u64),
            confidence: 0.75,
        })
    }
}
