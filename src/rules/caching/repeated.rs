//! SW703: the same question again.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{AnswerUse, CallSite, Entry, LoopKind};
use crate::rules::common::*;
use crate::source::Span;

declare_rule! {
    /// The same question with the same inputs, asked again.
    RepeatedIdenticalCall, "SW703", "repeated-identical-call", Caching, Warning,
    "the same question is asked again and its answer is not kept"
}

/// Whether the function of a call speaks of a place that keeps answers: a module's variable, a cache, a store.
fn keeps(call: &CallSite, cx: &Context<'_>) -> bool {
    const KEEPERS: &[&str] = &["cache", "cached", "memo", "memoize", "global", "redis", "revalidate", "kv"];
    let text = cx.program.text(call.function);
    words_of(text).iter().any(|word| KEEPERS.contains(&word.as_str()))
}

/// Whether the answer goes straight into something that outlives the function: a field, an entry, in TypeScript a
/// variable that is declared elsewhere.
fn is_put_away(call: &CallSite, cx: &Context<'_>) -> bool {
    let file = cx.program.file(call.span);
    let (start, _) = file.line_range(file.position(call.span.start).line);
    let before = file.slice(start, call.span.start).trim().trim_end_matches("await").trim_end();
    let Some(target) = before.strip_suffix('=').map(str::trim_end) else { return false };
    let place = target.split(':').next().unwrap_or(target).trim();
    let lasting = place.contains(['.', '[']);
    let declared = ["const ", "let ", "var "].iter().any(|word| target.starts_with(word));
    !target.ends_with(['=', '!', '<', '>']) && !declared && (lasting || !file.language.is_python())
}

/// Whether the arguments hold a value of the function that the call stands in, apart from callees, text and names of
/// settings: an image, a file or the values of a template that the reading of the prompt does not show.
fn holds_a_value(call: &CallSite, cx: &Context<'_>) -> bool {
    let arguments = Span { start: call.callee_span.end, ..call.span };
    let before = cx.program.text(Span { end: call.span.start, ..call.function });
    let known = |name: &str| words_of_code(before).any(|word| word == name);
    let text = cx.program.text(arguments);
    let mut quoted = None;
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (quoted, c) {
            (Some(mark), _) => quoted = (c != mark).then_some(mark),
            (None, '"' | '\'' | '`') => quoted = Some(c),
            (None, c) if c.is_alphanumeric() || c == '_' => {
                start.get_or_insert(at);
                continue;
            }
            _ => {}
        }
        let Some(name) = start.take().map(|from| &text[from..at]) else { continue };
        let attribute = text[..at - name.len()].ends_with('.');
        let callee = text[at..].starts_with('(');
        // `image: url` and `image=url` name a setting first, and then its value.
        let key = text[at..].trim_start().starts_with([':', '=']);
        if !attribute && !callee && !key && known(name) {
            return true;
        }
    }
    false
}

/// The names and words of a piece of code.
fn words_of_code(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

impl Rule for RepeatedIdenticalCall {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let kept = call.flow.memo.is_some() || call.surroundings.after_check.is_some() || keeps(call, cx);
        // Asked again for another answer: only where it can hardly be another is the repeat a waste.
        let picked =
            matches!(call.answer.usage, AnswerUse::Bool | AnswerUse::Enum | AnswerUse::Number | AnswerUse::Date);
        let fixed = call.params.temperature == Some(0.0) || call.params.temperature.is_none() && picked;
        let certain = call.prompt.complete
            && !call.prompt.messages.is_empty()
            && call.params.tools.is_none()
            && !call.params.open
            && call.flow.history.is_none();
        if kept || !fixed || !certain {
            return None;
        }
        if let Some(turn) = call.flow.invariant
            && call.repeats.kind == LoopKind::PerItem
            && call.surroundings.handler.is_none()
        {
            let low = call.repeats.bound.filter(|bound| *bound > 1).map_or(0.5, |bound| 1.0 - 1.0 / bound as f64);
            return Some(Advice {
                message: "the same question is asked in every turn of this loop".to_owned(),
                because: vec![seen("nothing in the arguments changes in this loop", turn)],
                help: "ask once before the loop".to_owned(),
                effect: Effect::RemoveRepeats(low, low.max(0.95)),
                confidence: 0.7,
            });
        }
        let Entry::Request(what, span) = &call.flow.entry else { return None };
        if is_put_away(call, cx) || holds_a_value(call, cx) {
            return None;
        }
        let constant = holes(call).next().is_none() && static_tokens(call) > 5.0;
        cx.pinned(call)?;
        constant.then(|| Advice {
            message: "the prompt is constant: every request asks the same question".to_owned(),
            because: vec![
                seen("no value goes into the prompt", call.callee_span),
                seen(format!("runs for each request: {what}"), *span),
            ],
            help: "keep the answer, and ask again when it is old".to_owned(),
            effect: Effect::RemoveRepeats(0.5, 0.99),
            confidence: 0.65,
        })
    }
}
