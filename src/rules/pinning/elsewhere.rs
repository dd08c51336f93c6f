//! Whether a model is served by somebody else than its maker, where other days are its last.

use crate::catalog::levers::{LeverWords, first_in};
use crate::program::CallSite;
use crate::rules::common::Context;
use crate::source::Span;

/// Bytes behind the beginning of a client's making that are looked at for whom it asks.
const MAKING: usize = 300;

/// Whether the client of a call, or what takes the model's name, says that a cloud or a server of one's own answers.
pub(super) fn is_served_elsewhere(call: &CallSite, place: Span, cx: &Context<'_>) -> bool {
    let words = &LeverWords::embedded().elsewhere;
    let taker = taker(cx.program.file(place).slice(0, place.start));
    first_in(words, taker).is_some()
        || makings(call, cx).is_some_and(|all| all.iter().all(|one| first_in(words, one).is_some()))
}

/// The name before the bracket that a place stands in: `AzureChatOpenAI` of `AzureChatOpenAI(model="`.
fn taker(before: &str) -> &str {
    let mut depth = 0;
    let open = before.char_indices().rev().find(|(_, c)| {
        match c {
            ')' | '}' | ']' => depth += 1,
            '(' if depth == 0 => return true,
            '(' | '{' | '[' => depth = (depth - 1).max(0),
            _ => {}
        }
        false
    });
    let head = open.map_or("", |(at, _)| before[..at].trim_end());
    let start = head.rfind(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).map_or(0, |at| at + 1);
    head.get(start..).unwrap_or("")
}

/// What the client of a call is set to, each time that its file sets it: `client = AzureOpenAI(`; `None` if it never does.
fn makings<'a>(call: &CallSite, cx: &Context<'a>) -> Option<Vec<&'a str>> {
    let text: &'a str = &cx.program.file(call.span).text;
    let mut parts = call.callee.split('.');
    let first = parts.next()?;
    let own = if matches!(first, "self" | "this") { parts.next()? } else { first };
    let own = own.trim_start_matches('#');
    let set = |at: usize| {
        let rest = text[at + own.len()..].trim_start();
        let after = rest.strip_prefix('=')?;
        let alone = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        (alone && !after.starts_with('=')).then(|| {
            let end = after.char_indices().map(|(at, _)| at).take_while(|at| *at < MAKING).last().unwrap_or(0);
            let made = &after[..end];
            made.split_once("\n\n").map_or(made, |(made, _)| made)
        })
    };
    let all: Vec<&str> =
        text.match_indices(own).filter_map(|(at, _)| set(at)).filter(|made| made.contains('(')).collect();
    (!own.is_empty() && !all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_name_is_before_its_bracket() {
        assert_eq!(taker("llm = AzureChatOpenAI(temperature=f(0), model="), "AzureChatOpenAI");
        assert_eq!(taker("new clients.OpenAI({ model: "), "clients.OpenAI");
        assert_eq!(taker("MODEL = "), "");
    }
}
