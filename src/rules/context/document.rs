//! SW603: a whole document for a question about a part of it.

use crate::catalog::levers::LeverWords;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallKind, CallSite, Origin, Shape};
use crate::rules::common::*;

declare_rule! {
    /// A whole document goes in where the task names a part of it.
    WholeDocument, "SW603", "whole-document", Context, Note,
    "a whole document goes in where the task names a part of it"
}

impl Rule for WholeDocument {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        if let Some(advice) = page(call, cx) {
            return Some(advice);
        }
        let whole = holes(call).find(|hole| {
            hole.origin == Origin::Document
                && matches!(hole.shape, Shape::FreeText | Shape::Unknown | Shape::Html | Shape::Csv)
        })?;
        let fields = call.params.schema.as_ref().map(|(schema, _)| &schema.fields);
        // Records and lists within the answer may hold anything.
        let flat = |kind: &str| !matches!(kind, "record" | "list" | "unknown");
        let small = match fields {
            Some(fields) if !fields.is_empty() => fields.len() <= 3 && fields.iter().all(|(_, kind)| flat(kind)),
            _ => {
                matches!(call.answer.usage, AnswerUse::Date | AnswerUse::Number | AnswerUse::Enum | AnswerUse::Bool)
                    || call.params.max_tokens.is_some_and(|cap| cap <= 100)
            }
        };
        let (phrase, place) = says(call, &LeverWords::embedded().parts)?;
        if cx.cuts(call) || !small || call.kind != CallKind::Chat || call.params.tools.is_some() {
            return None;
        }
        Some(Advice {
            message: format!("a whole document goes in, and the task is about a part of it: \"{phrase}\""),
            because: vec![seen("the task names a part", place), seen("the whole document", whole.span)],
            help: "cut the part out in code (first page, headings, the section) and send that".to_owned(),
            effect: Effect::TrimHistory(0.3, 0.9),
            confidence: 0.55,
        })
    }
}

/// A whole page, out of which the model is asked to take the main part: what extractors of pages do without a model, or
/// before it.
fn page(call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
    let (phrase, place) = says(call, &LeverWords::embedded().page_parts)?;
    let mut values = holes(call);
    let (whole, alone) = (values.next()?, values.next().is_none());
    let text = matches!(whole.shape, Shape::FreeText | Shape::Unknown | Shape::Html);
    if !alone || !text || call.kind != CallKind::Chat || call.params.tools.is_some() || cx.cuts(call) {
        return None;
    }
    Some(Advice {
        message: format!("a whole page goes in for the model to find its main part: \"{phrase}\""),
        because: vec![seen("asks for the main part", place), seen("the whole page", whole.span)],
        help: "take the main part out with a page extractor first, and send that if a model is still needed".to_owned(),
        effect: Effect::TrimHistory(0.3, 0.8),
        confidence: 0.6,
    })
}
