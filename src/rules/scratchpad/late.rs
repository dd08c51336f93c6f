//! SW502: reasoning written after the answer that it should lead to.

use std::sync::LazyLock;

use regex::Regex;

use super::{is_decision, is_reasoning};
use crate::catalog::levers::LeverWords;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallSite, Piece};
use crate::rules::common::*;
use crate::source::Span;

declare_rule! {
    /// Reasoning written after the answer that it should lead to.
    AnswerBeforeReasoning, "SW502", "answer-before-reasoning", Scratchpad, Warning,
    "the answer's schema has the decision before its reasoning"
}

/// Fields from which on a record is a text in parts, not a decision with its grounds.
const MANY: usize = 6;

/// The decision and the reasoning field, if the decision is written first.
fn order<'f>(fields: impl Iterator<Item = &'f str>) -> Option<(&'f str, &'f str)> {
    let fields: Vec<&str> = fields.collect();
    // The explanation of an exercise or an advice is written for its readers: it is no way to the answer.
    let written = &LeverWords::embedded().written_fields;
    if fields.len() >= MANY || fields.iter().any(|field| written.contains(&field.to_lowercase())) {
        return None;
    }
    let mut decision = None;
    for field in fields {
        if is_reasoning(field) {
            return decision.map(|decision| (decision, field));
        }
        if decision.is_none() && is_decision(field) {
            decision = Some(field);
        }
    }
    None
}

/// The same in a form that a prompt shows: keys of a JSON object without nested ones.
fn shown(call: &CallSite) -> Option<(String, String, Span)> {
    static OBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\{[^{}]*\}").ok());
    static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#""([A-Za-z_]+)"\s*:"#).ok());
    let (object, key) = (OBJECT.as_ref()?, KEY.as_ref()?);
    call.prompt.messages.iter().flat_map(|message| &message.pieces).find_map(|piece| {
        let Piece::Text(text, span) = piece else { return None };
        object.find_iter(text).find_map(|object| {
            let keys = key.captures_iter(object.as_str()).filter_map(|key| Some(key.get(1)?.as_str()));
            order(keys).map(|(decision, reasoning)| (decision.to_owned(), reasoning.to_owned(), *span))
        })
    })
}

impl Rule for AnswerBeforeReasoning {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        if super::may_reason(call, cx) {
            return None;
        }
        let by_schema = call.params.schema.as_ref().and_then(|(schema, span)| {
            let (decision, reasoning) = order(schema.fields.iter().map(|(name, _)| name.as_str()))?;
            Some((decision.to_owned(), reasoning.to_owned(), *span))
        });
        let (decision, reasoning, place) = by_schema.or_else(|| shown(call))?;
        let place = within(place, &format!("\"{decision}\""), cx.program).unwrap_or(place);
        Some(Advice {
            message: format!("`{decision}` is written before `{reasoning}`: the reasoning cannot change it"),
            because: vec![seen(format!("`{decision}` stands first"), place)],
            help: format!("put `{reasoning}` before `{decision}`: fields are written in their order"),
            effect: Effect::None,
            confidence: 0.75,
        })
    }
}
