//! What findings save: each alone, and all together, lever by lever.

use super::{State, of_call, state};
use crate::catalog::model::{Model, ModelTable, Tier};
use crate::finding::{Effect, Finding, Lever};
use crate::program::{CallId, CallRole, CallSite, Program};

/// A finding with its money.
#[derive(Clone, Debug)]
pub struct Priced {
    /// The finding.
    pub finding: Finding,
    /// Hours of work.
    pub hours: f64,
    /// US dollars for 1,000 runs of each of its calls, low and high, if nothing else is changed; `None` if no price is
    /// known or nothing can be counted.
    pub saved: Option<(f64, f64)>,
    /// Share of what its calls cost, low and high.
    pub share: Option<(f64, f64)>,
    /// In words.
    pub explanation: String,
    /// The model that runs and the one to test in its place, each with the name by which the evaluator promptfoo
    /// reaches it, where it does.
    pub trial: Option<[(String, Option<String>); 2]>,
}

/// What a lever saves of what the levers before it left.
#[derive(Clone, Debug, PartialEq)]
pub struct LeverSaving {
    /// The lever.
    pub lever: Lever,
    /// Its findings.
    pub findings: usize,
    /// US dollars for 1,000 runs of each call, low and high; `None` if no finding of it has a price.
    pub saved: Option<(f64, f64)>,
}

/// All savings together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// US dollars for 1,000 runs of each priced call, low and high.
    pub spend: Option<(f64, f64)>,
    /// The same after every finding was acted on.
    pub left: Option<(f64, f64)>,
    /// By lever, in the levers' order.
    pub levers: Vec<LeverSaving>,
}

/// Prices each finding alone. `hours` gives the work by lever.
pub fn price(
    findings: Vec<Finding>,
    program: &Program,
    table: &ModelTable,
    hours: &dyn Fn(Lever) -> f64,
) -> Vec<Priced> {
    findings
        .into_iter()
        .map(|finding| {
            let mut before = (0.0, 0.0);
            let mut sum: Option<(f64, f64)> = None;
            for id in changed(&finding) {
                let call = &program.calls[id.0 as usize];
                let Some(mut state) = state(call, table) else { continue };
                // The calls through a wrapper are what it costs, where both are meant.
                if finding.calls.len() > 1 && is_counted_elsewhere(call, program) {
                    continue;
                }
                let (low, high) = state.dollars();
                before = (before.0 + low, before.1 + high);
                let (few, many) = state.apply(finding.effect, earlier(&finding, program, table));
                let so_far = sum.unwrap_or((0.0, 0.0));
                sum = Some((so_far.0 + few.min(many), so_far.1 + few.max(many)));
            }
            let saved = sum.filter(|_| counts(finding.effect));
            let part = |saved: f64, of: f64| if of > 0.0 { (saved / of).clamp(0.0, 1.0) } else { 0.0 };
            let share = match finding.effect {
                // Known without a price.
                Effect::RemoveCall => Some((1.0, 1.0)),
                Effect::RemovePart(low, high) | Effect::RemoveRepeats(low, high) => Some((low, high)),
                _ => saved.map(|saved| {
                    let (a, b) = (part(saved.0, before.0), part(saved.1, before.1));
                    (a.min(b), a.max(b))
                }),
            };
            let explanation = explain(&finding, saved.is_some(), program, table);
            let trial = trial(&finding, program, table);
            Priced { hours: hours(finding.rule.lever), saved, share, explanation, trial, finding }
        })
        .collect()
}

/// All findings together, by lever in the levers' order, each call's money counted once.
pub fn totals<'f>(findings: impl Iterator<Item = &'f Finding>, program: &Program, table: &ModelTable) -> Totals {
    let mut states: Vec<Option<State<'_>>> =
        program.calls.iter().map(|call| state(call, table).filter(|_| !is_counted_elsewhere(call, program))).collect();
    let sum = |states: &[Option<State<'_>>]| {
        states.iter().flatten().map(State::dollars).reduce(|a, b| (a.0 + b.0, a.1 + b.1))
    };
    let spend = sum(&states);
    // An order of its own: what is left for a lever must not depend on how findings happen to be listed.
    let mut order: Vec<&Finding> = findings.collect();
    order.sort_by(|a, b| {
        a.rule
            .lever
            .cmp(&b.rule.lever)
            .then(a.rule.code.cmp(b.rule.code))
            .then_with(|| a.calls.cmp(&b.calls))
            .then_with(|| format!("{:?}", a.effect).cmp(&format!("{:?}", b.effect)))
    });
    let mut levers: Vec<LeverSaving> = Vec::new();
    for finding in order {
        if levers.last().is_none_or(|last| last.lever != finding.rule.lever) {
            levers.push(LeverSaving { lever: finding.rule.lever, findings: 0, saved: None });
        }
        let earlier = earlier(finding, program, table);
        let Some(total) = levers.last_mut() else { continue };
        total.findings += 1;
        for id in changed(finding) {
            if let Some(state) = &mut states[id.0 as usize] {
                let (few, many) = state.apply(finding.effect, earlier);
                if counts(finding.effect) {
                    let so_far = total.saved.unwrap_or((0.0, 0.0));
                    total.saved = Some((so_far.0 + few.min(many), so_far.1 + many));
                }
            }
        }
    }
    Totals { spend, left: sum(&states), levers }
}

/// Whether a call is a wrapper's whose callers are calls of their own: their spend is its spend.
pub(super) fn is_counted_elsewhere(call: &CallSite, program: &Program) -> bool {
    call.role == CallRole::Wrapper
        && program.calls.iter().any(|other| other.via.last().is_some_and(|via| via.span == call.span))
}

/// The calls that an effect changes: of a merge only the one it stands at.
fn changed(finding: &Finding) -> &[CallId] {
    match finding.effect {
        Effect::MergeWith(_) => &finding.calls[..finding.calls.len().min(1)],
        _ => &finding.calls,
    }
}

fn earlier(finding: &Finding, program: &Program, table: &ModelTable) -> (f64, f64) {
    match finding.effect {
        Effect::MergeWith(id) => {
            program.calls.get(id.0 as usize).map_or((0.0, 0.0), |call| of_call(call, table).output_tokens)
        }
        _ => (0.0, 0.0),
    }
}

/// The model of a finding's first call, and the one that it proposes to test.
fn trial(finding: &Finding, program: &Program, table: &ModelTable) -> Option<[(String, Option<String>); 2]> {
    let call = &program.calls[finding.calls.first()?.0 as usize];
    let model = super::model_of(call, table)?;
    let other = match finding.effect {
        Effect::SwitchModel(tier) | Effect::SwitchWithScratchpad(tier) | Effect::Dispatch(tier, ..) => {
            table.cheaper(model, tier)
        }
        Effect::SwitchToCurrent => table.current(model, model.tier()),
        Effect::DecisionEndpoint => table.decisions(model),
        _ => None,
    }?;
    let named = |model: &Model| {
        let prefix = table.provider(model).evaluator.as_ref();
        (model.id.clone(), prefix.map(|prefix| format!("{prefix}{}", model.id)))
    };
    Some([named(model), named(other)])
}

/// Whether an effect is one that money can be counted for.
fn counts(effect: Effect) -> bool {
    !matches!(effect, Effect::CapRetries | Effect::None)
}

/// What is saved, in words, with what it rests on.
fn explain(finding: &Finding, known: bool, program: &Program, table: &ModelTable) -> String {
    let call = finding.calls.first().map(|id| &program.calls[id.0 as usize]);
    let model = call.and_then(|call| super::model_of(call, table));
    let instead = |tier: Tier| match model.and_then(|model| table.cheaper(model, tier)) {
        Some(cheaper) => {
            format!("{} at ${} in and ${} out per million tokens", cheaper.id, cheaper.input, cheaper.output)
        }
        None => format!("a model of the {} class", tier.name()),
    };
    let text = match finding.effect {
        Effect::RemoveCall => "the whole cost of the call".to_owned(),
        Effect::RemovePart(..) => "the share of the prompt and answer that code can do".to_owned(),
        Effect::RemoveRepeats(low, high) => {
            format!("the calls that repeat an earlier one, {:.0} to {:.0} % of them", low * 100.0, high * 100.0)
        }
        Effect::SwitchModel(tier) => format!("if a test passes: the difference to {}", instead(tier)),
        Effect::SwitchWithScratchpad(tier) => {
            format!("if a test passes: the difference to {}, with 100 to 300 tokens more of output", instead(tier))
        }
        Effect::SwitchToCurrent => match model.and_then(|model| table.current(model, model.tier())) {
            Some(current) => format!(
                "if a test passes: the difference to {} at ${} in and ${} out per million tokens",
                current.id, current.input, current.output
            ),
            None => "the difference to the maker's current model".to_owned(),
        },
        Effect::DecisionEndpoint => "if a test passes: the price of the answer, as only input is billed".to_owned(),
        Effect::Dispatch(tier, low, high) => format!(
            "if a test passes: {:.0} to {:.0} % of the calls at the price of {}",
            low * 100.0,
            high * 100.0,
            instead(tier)
        ),
        Effect::CachePrefix(tokens) => {
            format!("{tokens} tokens read from the cache by 50 to 90 % of the calls, written by the rest")
        }
        Effect::TrimInput(low, high) if low < high => format!("{low:.0} to {high:.0} tokens of input"),
        Effect::TrimInput(_, high) => format!("{high:.0} tokens of input"),
        Effect::TrimHistory(low, high) => {
            format!("{:.0} to {:.0} % of the input that comes in at run time", low * 100.0, high * 100.0)
        }
        Effect::Batch => "the difference to the provider's batch price".to_owned(),
        Effect::LessReasoning => "the tokens of reasoning".to_owned(),
        Effect::MergeWith(_) => "the answer of the earlier call, which is no longer sent again".to_owned(),
        Effect::CapRetries => "nothing in a good run: what a fault can cost gets a bound".to_owned(),
        Effect::None => "nothing that can be counted in money".to_owned(),
    };
    if known || !counts(finding.effect) { text } else { format!("{text}; what a call costs is not known") }
}

#[cfg(test)]
#[path = "savings_tests.rs"]
mod tests;
