//! SW802: embeddings asked one by one.

use crate::catalog::levers::LeverWords;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallKind, CallRole, CallSite, LoopKind};
use crate::rules::common::*;

declare_rule! {
    /// Embeddings asked for each item, where the API takes a list.
    OneByOneEmbedding, "SW802", "one-by-one-embedding", Batch, Note,
    "embeddings are asked one by one where the API takes a list"
}

impl Rule for OneByOneEmbedding {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        let calls = cx.program.calls.iter().enumerate();
        calls.filter_map(|(at, call)| Some((vec![CallId(at as u32)], one(call, cx)?))).collect()
    }
}

/// The callee of what a loop runs over, if that is a call: `toChunks` of `for (const part of toChunks(texts, 100)) {`.
fn callee(head: &str) -> Option<&str> {
    let from = [" of ", " in "].iter().find_map(|word| head.split_once(word))?.1;
    let name = from.split_once('(')?.0.trim();
    name.chars().all(|c| c.is_alphanumeric() || "_.".contains(c)).then_some(name)
}

/// Whether a function, by its name, cuts a list into shorter lists: what a turn sends is then a list. One that cuts a text
/// says so.
fn cuts_a_list(name: &str) -> bool {
    let words = words_of(name.rsplit('.').next().unwrap_or(name));
    let levers = LeverWords::embedded();
    words.iter().any(|word| levers.pieces.contains(word)) && !words.iter().any(|word| word == "text" || word == "split")
}

fn one(call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
    let place = call.repeats.place.filter(|_| call.repeats.kind == LoopKind::PerItem)?;
    let plain = call.kind == CallKind::Embedding && call.role != CallRole::Wrapper && !call.weak;
    // Lists that are sent in pieces are what this rule asks for.
    let arguments = crate::source::Span { start: call.callee_span.end, ..call.span };
    let arguments = cx.program.text(arguments);
    let head = cx.program.text(place).lines().next().unwrap_or("");
    let several = |text: &str| words_of(text).iter().any(|word| LeverWords::embedded().many.contains(word));
    let many = several(&call.callee) || several(head) || several(arguments) || arguments.contains('[');
    let cut = callee(head).is_some_and(cuts_a_list);
    let few = call.repeats.bound.is_some_and(|bound| bound <= 3);
    if !plain || many || cut || few || call.flow.carried.is_some() || call.flow.invariant.is_some() {
        return None;
    }
    Some(Advice {
        message: "one embedding is asked for each item of this loop".to_owned(),
        because: vec![seen("once for each item", place)],
        help: "hand the API a list of texts: one request for some hundred of them".to_owned(),
        effect: Effect::None,
        confidence: 0.65,
    })
}
