//! SW204: a pin that its maker has overtaken.

use super::elsewhere::is_served_elsewhere;
use crate::catalog::levers::LeverWords;
use crate::catalog::model::{Model, ModelTable, Tier};
use crate::finding::{Advice, Effect, Evidence, RuleMeta};
use crate::program::{CallId, CallSite, ModelOrigin};
use crate::rules::common::*;
use crate::source::{Span, is_sample_settings};

declare_rule! {
    /// A pin that its maker has overtaken: the model is retired, or one of today does the same class of work for less.
    StalePin, "SW204", "stale-pin", Pinning, Note,
    "the pinned model is retired, or its maker sells one of the same class for less", Stable
}

/// Share of the old price, of three tokens in and one out, up to which a change of model is worth a test.
const WORTH: f64 = 0.75;

/// Models among which a call chooses from which on they are a list to choose from, and none of them a pin.
const LIST: usize = 4;

/// The generation that a model's name tells: the first figure in it, `3.6` of `gemini-3.6-flash`, `4.5` of
/// `claude-sonnet-4-5`. A date is none.
fn generation(id: &str) -> Option<f64> {
    let mut parts = id.split('-').skip_while(|part| !part.contains(|c: char| c.is_ascii_digit()));
    let figure = |part: &str| {
        let digits: String =
            part.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        (digits.len() <= 4).then(|| digits.trim_end_matches('.').to_owned()).filter(|digits| !digits.is_empty())
    };
    let first = figure(parts.next()?)?;
    let minor = parts.next().filter(|part| part.len() == 1 && part.chars().all(|c| c.is_ascii_digit()));
    match minor {
        Some(minor) if !first.contains('.') => format!("{first}.{minor}").parse().ok(),
        _ => first.parse().ok(),
    }
}

/// Whether one model is of an earlier generation than another of its maker: a step back is no successor.
fn is_older(next: &Model, model: &Model) -> bool {
    matches!((generation(&next.id), generation(&model.id)), (Some(next), Some(own)) if next < own)
}

/// The successor of a model: what its maker sells today in the same price class, if it is dearer in nothing and
/// cheaper in something.
fn successor<'t>(model: &Model, prices: &'t ModelTable) -> Option<&'t Model> {
    let next = prices.current(model, model.tier()).filter(|next| !is_older(next, model))?;
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

/// A pinned model, the name it is written by, and where.
struct Pin<'t> {
    model: &'t Model,
    name: String,
    place: Span,
}

/// Whether a name may mean the model somewhere else, where another day is the last: at another hoster, a cloud, a server
/// of one's own.
fn is_elsewhere(call: &CallSite, pin: &Pin<'_>, cx: &Context<'_>) -> bool {
    let provider = cx.prices.provider(pin.model);
    let named = pin.name.to_lowercase().contains(provider.name.as_str());
    provider.hosts && call.sdk != provider.name && !named || is_served_elsewhere(call, pin.place, &provider.name, cx)
}

/// Whether a place is what a module does when it is run by hand, to be tried out, in a program that is run by other files.
fn is_tried(place: Span, cx: &Context<'_>) -> bool {
    let file = cx.program.file(place);
    let outer = |line: &&str| line.starts_with(|c: char| !c.is_whitespace());
    let own = file.slice(0, place.start).lines().rfind(outer);
    own.is_some_and(|line| line.starts_with("if __name__")) && cx.is_beside(&file.path)
}

/// What a call pins, if that is a choice of the program that its maker has overtaken.
fn pin<'t>(call: &CallSite, cx: &Context<'t>) -> Option<Pin<'t>> {
    let model = cx.model(call)?;
    let place = call.model.place?;
    let name = call.model.id.clone()?;
    let pin = Pin { model, name, place };
    let mut several = call.model.candidates.clone();
    several.sort_unstable();
    several.dedup();
    if several.len() >= LIST || is_elsewhere(call, &pin, cx) {
        return None;
    }
    if [pin.place, call.span].into_iter().any(|place| is_tried(place, cx)) {
        return None;
    }
    let own = matches!(call.model.origin, ModelOrigin::Literal | ModelOrigin::Constant);
    let left = matches!(call.model.origin, ModelOrigin::Default | ModelOrigin::Environment | ModelOrigin::Config);
    if model.ended_by(cx.prices.checked()) {
        return (own || left).then_some(pin);
    }
    if is_one_of_many(call, cx) {
        return None;
    }
    // A sample of settings is copied and filled in, and only a model that is no more breaks every copy.
    if is_sample_settings(&cx.program.file(place).path) {
        return None;
    }
    // A name that moves is no pin. What callers, an environment or settings may change is a decision for others: only an
    // end concerns them all.
    let lower = pin.name.to_lowercase();
    let moves = LeverWords::embedded().floating.iter().any(|end| lower.ends_with(end.as_str()));
    let concerns = own || left && model.ends.is_some();
    (!moves && concerns && successor(model, cx.prices).is_some()).then_some(pin)
}

/// Whether a function asks so many models, each in a branch of its own, that whoever calls it picks one of a list.
fn is_one_of_many(call: &CallSite, cx: &Context<'_>) -> bool {
    let beside = cx.program.calls.iter().filter(|other| other.function == call.function);
    let mut models: Vec<&str> = beside.filter_map(|other| Some(cx.model(other)?.id.as_str())).collect();
    models.sort_unstable();
    models.dedup();
    models.len() >= LIST
}

/// The names that a model is written by in the program, which may be those of its snapshots.
fn names(pins: &[(CallId, Pin<'_>)]) -> Vec<String> {
    let mut names: Vec<String> = pins.iter().map(|(_, pin)| pin.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Names of one model as one text: `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => names.concat(),
    }
}

/// What is said of all pins of one model.
fn advice(pins: &[(CallId, Pin<'_>)], cx: &Context<'_>) -> Option<Advice> {
    let (_, first) = pins.first()?;
    let model = first.model;
    let day = cx.prices.checked();
    let names = names(pins);
    let (named, plural) = (listed(&names), names.len() > 1);
    let next = successor(model, cx.prices);
    let because = |about: &str| {
        let mut because: Vec<Evidence> = Vec::new();
        for (_, pin) in pins {
            if because.iter().all(|line| line.span != pin.place) {
                because.push(seen(format!("{} is pinned here; {about} of {day}", pin.name), pin.place));
            }
        }
        because
    };
    if model.ended_by(day) {
        let ends = model.ends.as_deref().unwrap_or(day);
        let to = next.or_else(|| heir(model, cx.prices)).filter(|next| next.id != model.id);
        let (are, their) = if plural { ("are", "their") } else { ("is", "its") };
        let provider = cx.prices.provider(model);
        let maker = if provider.hosts { provider.name.clone() } else { format!("{their} maker") };
        return Some(Advice {
            message: format!("{named} {are} retired: {maker} lists {ends} as {their} last day"),
            because: because("prices and dates"),
            help: match to {
                Some(to) => format!("test {} in its place", to.id),
                None => "test what its maker sells today in its place".to_owned(),
            },
            // What it cost while it was sold is no saving.
            effect: Effect::None,
            confidence: 0.8,
        });
    }
    let next = next?;
    let s = if plural { "" } else { "s" };
    let ends = model.ends.as_deref().map(|ends| format!("end{s} on {ends} and ")).unwrap_or_default();
    Some(Advice {
        message: format!(
            "{named} {ends}cost{s} ${} in and ${} out per million tokens, {} of the same class ${} and ${}",
            model.input, model.output, next.id, next.input, next.output
        ),
        because: because("prices"),
        help: format!("test {} on what this model does: `scriptworthy explain` at a call prints the plan", next.id),
        effect: Effect::SwitchToCurrent,
        confidence: 0.7,
    })
}

impl Rule for StalePin {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// One finding for each model: who changes one pin of it looks at the others too.
    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        let mut models: Vec<Vec<(CallId, Pin<'_>)>> = Vec::new();
        for (id, call) in cx.all() {
            let Some(pin) = pin(call, cx) else { continue };
            match models.iter_mut().find(|pins| pins[0].1.model.id == pin.model.id) {
                Some(pins) => pins.push((id, pin)),
                None => models.push(vec![(id, pin)]),
            }
        }
        // It stands where the model is surest to run: at a call beside the pin rather than at one that may lead there.
        for pins in &mut models {
            pins.sort_by_key(|(id, pin)| {
                let call = cx.call(*id);
                (call.weak, call.span.file != pin.place.file)
            });
        }
        let said = models.iter().filter_map(|pins| Some((pins.iter().map(|(id, _)| *id).collect(), advice(pins, cx)?)));
        said.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_are_read_from_names_and_dates_are_none() {
        for (id, expected) in [
            ("gemini-3.6-flash", Some(3.6)),
            ("claude-sonnet-4-5", Some(4.5)),
            ("claude-3-5-sonnet", Some(3.5)),
            ("gpt-4o-mini", Some(4.0)),
            ("o3-mini", Some(3.0)),
            ("gpt-6.1-sol", Some(6.1)),
            ("claude-opus-5", Some(5.0)),
            ("deepseek-chat", None),
        ] {
            assert_eq!(generation(id), expected, "{id}");
        }
    }
}
