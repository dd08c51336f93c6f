//! SW203: one large model for all stages, through one setting.

use std::collections::BTreeMap;

use crate::catalog::model::Tier;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallId, CallSite};
use crate::rules::common::*;
use crate::source::Span;

declare_rule! {
    /// One large model for all stages, through one setting or default.
    OneTierEverywhere, "SW203", "one-tier-everywhere", Pinning, Warning,
    "stages of different difficulty share one large model through one setting"
}

/// Stages from which on a shared setting is a pattern.
const STAGES: usize = 4;

/// Tokens of a prompt from which on a call is a stage: a word to see whether somebody answers is none, nor is a command
/// that passes on what it is handed.
const WORDS: f64 = 4.0;

/// Whether a stage is light: a short prompt, and an answer that is picked or listed rather than written.
fn is_light(call: &CallSite) -> bool {
    use AnswerUse::{Bool, Date, Enum, Ignored, Json, List, Number};
    let picked = matches!(call.answer.usage, Bool | Enum | Number | Date | List | Json | Ignored);
    !is_heavy(call) && picked && static_tokens(call) < 400.0
}

impl Rule for OneTierEverywhere {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        let mut groups: BTreeMap<Span, Vec<(CallId, &CallSite)>> = BTreeMap::new();
        for (id, call) in cx.asked() {
            let Some(model) = cx.model(call) else { continue };
            // A stage that chooses among models has been given one of its own.
            let chooses = call.model.candidates.iter().any(|other| Some(other) != call.model.id.as_ref());
            if !chooses
                && model.tier() >= Tier::Mid
                && !model.ended_by(cx.prices.checked())
                && static_tokens(call) >= WORDS
                && let Some(place) = call.model.place
            {
                groups.entry(place).or_default().push((id, call));
            }
        }
        groups.into_iter().filter_map(|(place, stages)| one(place, &stages, cx)).collect()
    }
}

fn one(place: Span, stages: &[(CallId, &CallSite)], cx: &Context<'_>) -> Option<(Vec<CallId>, Advice)> {
    let light: Vec<_> = stages.iter().filter(|(_, call)| is_light(call)).collect();
    let heavy = stages.iter().filter(|(_, call)| is_heavy(call)).count();
    let (_, first) = light.first()?;
    let model = cx.model(first)?;
    let smaller = cx.prices.cheaper(model, Tier::Small)?;
    if stages.len() < STAGES || heavy == 0 || light.len() < 2 {
        return None;
    }
    let mut because = vec![seen(format!("the one place that sets {}", model.id), place)];
    for (_, call) in stages {
        let name = if call.symbol.is_empty() { &call.callee } else { &call.symbol };
        let what = match (is_light(call), is_heavy(call)) {
            (true, _) => "a light stage",
            (_, true) => "a heavy stage",
            _ => "a stage",
        };
        because.push(seen(
            format!(
                "{what}: {name}, answer used as {}, {:.0} tokens of prompt",
                call.answer.usage.name(),
                static_tokens(call)
            ),
            call.callee_span,
        ));
    }
    let advice = Advice {
        message: format!(
            "{} stages of different difficulty all run on {}, set in one place; {} of them are light",
            stages.len(),
            model.id,
            light.len()
        ),
        because,
        help: format!("let each stage name its model, and test {} on the light ones first", smaller.id),
        effect: Effect::SwitchModel(Tier::Small),
        confidence: 0.7,
    };
    Some((light.iter().map(|(id, _)| *id).collect(), advice))
}
