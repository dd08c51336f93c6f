//! SW204: a pin that its maker has overtaken.

use crate::catalog::levers::LeverWords;
use crate::catalog::model::{Model, ModelTable, Tier};
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, ModelOrigin};
use crate::rules::common::*;

declare_rule! {
    /// A pin that its maker has overtaken: the model is retired, or one of today does the same class of work for less.
    StalePin, "SW204", "stale-pin", Pinning, Note,
    "the pinned model is retired, or its maker sells one of the same class for less"
}

/// Share of the old price, of three tokens in and one out, up to which a change of model is worth a test.
const WORTH: f64 = 0.75;

/// The successor of a model: what its maker sells today in the same price class, if it is dearer in nothing and
/// cheaper in something.
fn successor<'t>(model: &Model, prices: &'t ModelTable) -> Option<&'t Model> {
    let next = prices.current(model, model.tier())?;
    let less = next.input <= model.input && next.output <= model.output;
    // A prompt is commonly some times as long as its answer.
    let price = |model: &Model| 3.0 * model.input + model.output;
    let saves = price(next) <= WORTH * price(model) || model.ends.is_some() && price(next) < price(model);
    (next.id != model.id && less && saves).then_some(next)
}

/// What to test in the place of a retired model: what its maker sells today in the same price class, or in the next
/// one below where that is dearer.
fn heir<'t>(model: &Model, prices: &'t ModelTable) -> Option<&'t Model> {
    let dearer = |next: &Model| next.input > model.input || next.output > model.output;
    let below = |tier: Tier| Tier::ALL.iter().rev().copied().find(|lower| *lower < tier);
    let same = prices.current(model, model.tier());
    let lower = || below(model.tier()).and_then(|tier| prices.current(model, tier)).filter(|next| !dearer(next));
    match same {
        Some(next) if dearer(next) => lower().or(same),
        _ => same,
    }
}

impl Rule for StalePin {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// One finding for each model: who changes one pin of it looks at the others too.
    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        together(cx.all().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect())
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let written = matches!(
            call.model.origin,
            ModelOrigin::Literal
                | ModelOrigin::Constant
                | ModelOrigin::Default
                | ModelOrigin::Environment
                | ModelOrigin::Config
        );
        let model = cx.model(call).filter(|_| written)?;
        let place = call.model.place?;
        let day = cx.prices.checked();
        let next = successor(model, cx.prices);
        let to = next.or_else(|| heir(model, cx.prices)).filter(|next| next.id != model.id);
        if model.ended_by(day) {
            let ends = model.ends.as_deref().unwrap_or(day);
            return Some(Advice {
                message: format!("{} is retired: its maker lists {ends} as its last day", model.id),
                because: vec![seen(format!("pinned here; prices and dates of {day}"), place)],
                help: match to {
                    Some(to) => format!("test {} in its place", to.id),
                    None => "test what its maker sells today in its place".to_owned(),
                },
                // What it cost while it was sold is no saving.
                effect: Effect::None,
                confidence: 0.8,
            });
        }
        // A name that moves is no pin.
        let name = call.model.id.as_deref().unwrap_or("").to_lowercase();
        let moves = LeverWords::embedded().floating.iter().any(|end| name.ends_with(end.as_str()));
        let next = next.filter(|_| !moves)?;
        // What callers, an environment or settings may change is a decision for others: only an end concerns them all.
        let own = matches!(call.model.origin, ModelOrigin::Literal | ModelOrigin::Constant);
        if !own && model.ends.is_none() {
            return None;
        }
        let ends = model.ends.as_deref().map(|ends| format!("ends on {ends} and ")).unwrap_or_default();
        Some(Advice {
            message: format!(
                "{} {ends}costs ${} in and ${} out per million tokens, {} of the same class ${} and ${}",
                model.id, model.input, model.output, next.id, next.input, next.output
            ),
            because: vec![seen(format!("pinned here; prices of {day}"), place)],
            help: format!("test {} on what this model does: `scriptworthy explain` at a call prints the plan", next.id),
            effect: Effect::SwitchToCurrent,
            confidence: 0.7,
        })
    }
}
