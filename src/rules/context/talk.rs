//! A whole conversation among the values of a prompt: what SW602 would cut, and what SW702 would have cached.

use crate::catalog::levers::LeverWords;
use crate::program::{CallRole, CallSite, Entry, Hole, Origin, Shape};
use crate::rules::common::*;
use crate::source::Span;

/// Bytes around a value in which the loop that gives it is looked for.
const NEAR: u32 = 240;

/// The value that holds all of a conversation, by its name and place.
pub(in crate::rules) fn talk(call: &CallSite, cx: &Context<'_>) -> Option<(String, Span)> {
    holes(call).find_map(|hole| {
        let long = matches!(hole.shape, Shape::List | Shape::Json | Shape::Unknown | Shape::FreeText);
        if !long || cx.cut_at(hole.span) {
            return None;
        }
        // Messages that are turned into another form one by one are somebody else's request, on its way to a provider.
        let handed_on = |name: &String| {
            let lower = name.to_lowercase();
            let copied = LeverWords::embedded().copies.iter().any(|word| hole.name.contains(word.as_str()));
            copied || lower.ends_with("messages") && !lower.starts_with("state.")
        };
        let name = whole(hole).or_else(|| looped(hole, cx).filter(|name| !handed_on(name)))?;
        is_talk(&name, call).then_some((name, hole.span))
    })
}

/// The value as it is handed in, or within a call that turns it into another form: `convertToModelMessages(messages)`.
fn whole(hole: &Hole) -> Option<String> {
    let inner = match hole.name.split_once('(') {
        Some((function, rest)) => {
            let words = words_of(function);
            let converts = LeverWords::embedded().converts.iter().any(|word| words.contains(word));
            rest.strip_suffix(')').filter(|inner| converts && is_path(inner))?
        }
        None => hole.name.as_str(),
    };
    let kept = matches!(hole.origin, Origin::Parameter | Origin::Record | Origin::Field | Origin::User);
    (kept && is_path(inner)).then(|| inner.to_owned())
}

/// What a loop around the value runs over: `for m in history`, `history.map(m => …)`, `{% for m in history %}`.
fn looped(hole: &Hole, cx: &Context<'_>) -> Option<String> {
    let own = hole.name.split(['.', '[', '(']).next().filter(|own| !own.is_empty())?;
    let file = cx.program.file(hole.span);
    let mut start = hole.span.start.saturating_sub(NEAR);
    let mut end = (hole.span.end + NEAR).min(file.text.len() as u32);
    while !file.text.is_char_boundary(start as usize) {
        start -= 1;
    }
    while !file.text.is_char_boundary(end as usize) {
        end += 1;
    }
    let text = file.slice(start, end);
    let path =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || "_.".contains(*c)).collect() };
    let over = [" in ", " of "].iter().find_map(|word| {
        let head = format!(" {own}{word}");
        let at = text.find(&head)?;
        let from = &text[at + head.len()..];
        let name = path(from);
        // A part of it, or what something else makes of it, is not all of it.
        (!name.is_empty() && !from[name.len()..].starts_with(['[', '('])).then_some(name)
    });
    over.or_else(|| {
        let at = text.find(&format!(".map(({own}")).or_else(|| text.find(&format!(".map({own}")))?;
        let before: String =
            text[..at].chars().rev().take_while(|c| c.is_alphanumeric() || "_.".contains(*c)).collect();
        Some(before.chars().rev().collect())
    })
}

fn is_path(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// Whether a name is that of a conversation. Messages that are handed on are the whole request of somebody else; beside
/// a text of this call's own, and from a request or a state that lasts, they are the talk so far.
fn is_talk(name: &str, call: &CallSite) -> bool {
    let name = name.to_lowercase();
    let last = name.rsplit('.').next().unwrap_or(&name);
    let served = matches!(call.flow.entry, Entry::Request(..)) || name.starts_with("state.");
    let own = call.role == CallRole::Direct && static_tokens(call) > 0.0;
    LeverWords::embedded().histories.iter().any(|word| word == last) && (last != "messages" || own && served)
}
