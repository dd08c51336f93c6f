//! SW206: a label asked for as text, where a decision is sold for less.

use crate::catalog::model::Tier;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallSite};
use crate::rules::common::*;

declare_rule! {
    /// A label asked for as text, where the maker sells decisions for less.
    DecisionEndpoint, "SW206", "decision-endpoint", Pinning, Note,
    "a closed label is asked for as text, though the maker sells decisions"
}

impl Rule for DecisionEndpoint {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let model = cx.sold(call)?;
        let endpoint = cx.prices.decisions(model)?;
        let native = call.sdk == cx.prices.provider(model).name;
        let labels = match &call.params.schema {
            // An explanation beside the label is read too, or would be missed.
            Some((schema, _)) => {
                schema.fields.len() == 1 && schema.fields.iter().all(|(_, kind)| kind == "enum" || kind == "bool")
            }
            None => matches!(call.answer.usage, AnswerUse::Enum | AnswerUse::Bool),
        };
        // Where a smaller chat model would do, that is the smaller change.
        let smaller = cx.prices.cheaper(model, Tier::Small).is_some();
        if !native || !labels || smaller || !is_plain(call) {
            return None;
        }
        let because = closed(call)?;
        Some(Advice {
            message:
                "a closed label is asked for as text; the maker of the model sells decisions, billed by input only"
                    .to_owned(),
            because,
            help: format!("test the decision endpoint with {} on this step", endpoint.id),
            effect: Effect::DecisionEndpoint,
            confidence: 0.6,
        })
    }
}
