//! SW201: a large model for a short question with few answers.

use crate::catalog::model::Tier;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallSite, ModelOrigin, Origin};
use crate::rules::common::*;

declare_rule! {
    /// A large model for a short question with few answers.
    PremiumForSimpleStep, "SW201", "premium-for-simple-step", Pinning, Warning,
    "a large model answers a short question that has few answers"
}

/// Tokens of static prompt up to which a question is short.
const SHORT: f64 = 500.0;

/// How many times cheaper the answer of a smaller model must be for a test to be worth its work.
const CHEAPER: f64 = 2.0;

impl Rule for PremiumForSimpleStep {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        // A model that settings choose is chosen for all that they serve: SW203 looks at those together.
        let chosen_here =
            matches!(call.model.origin, ModelOrigin::Literal | ModelOrigin::Constant | ModelOrigin::Default);
        let model = cx.sold(call).filter(|_| chosen_here)?;
        // The next class that is cheap enough for a test to be worth its work.
        let (tier, smaller) = [Tier::Small, Tier::Nano]
            .into_iter()
            .filter_map(|tier| Some((tier, cx.prices.cheaper(model, tier)?)))
            .find(|(_, smaller)| model.output >= CHEAPER * smaller.output)?;
        let worth = model.tier() >= Tier::Mid;
        let long = holes(call).any(|hole| hole.origin == Origin::Document) || static_tokens(call) > SHORT;
        if !worth || long || !is_plain(call) || has_steps(call) {
            return None;
        }
        let mut because = closed(call)?;
        let place = call.model.place.unwrap_or(call.callee_span);
        because.push(seen(
            format!("{}: ${} per million tokens of output, {} ${}", model.id, model.output, smaller.id, smaller.output),
            place,
        ));
        Some(Advice {
            message: format!("{} answers a short question that has few answers", model.id),
            because,
            help: format!("test {} on this step: `scriptworthy explain` at this line prints the plan", smaller.id),
            effect: Effect::SwitchModel(tier),
            confidence: 0.7,
        })
    }
}
