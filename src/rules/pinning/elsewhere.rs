//! Whether a model is served by somebody else than its maker, where other days are its last.

use crate::catalog::levers::{LeverWords, first_in};
use crate::program::CallSite;
use crate::rules::common::Context;
use crate::source::Span;

/// Whether the client of a call, or what takes the model's name, says that a cloud or a server of one's own answers.
/// `provider` is whose days are known: at a cloud whose own they are, they hold.
pub(super) fn is_served_elsewhere(call: &CallSite, place: Span, provider: &str, cx: &Context<'_>) -> bool {
    let words = &LeverWords::embedded().elsewhere;
    let other = |text: &str| first_in(words, text).is_some_and(|word| word != provider);
    let taker = taker(cx.program.file(place).slice(0, place.start));
    // Behind wrappers it is the last call that goes there.
    let sent = call.via.last().and_then(|via| cx.at(via.span)).map_or(call, |at| cx.call(at));
    let url = LeverWords::embedded().by_address.contains(&sent.sdk) && other(address(sent, cx));
    let sets = settings(sent, cx).any(other);
    other(taker) || url || sets || makings(call, cx).is_some_and(|all| all.iter().all(|made| other(made)))
}

/// Bytes of a request in which its address stands.
const ADDRESS: usize = 200;

/// The beginning of a request that a program sends by itself, which holds its address.
fn address<'a>(call: &CallSite, cx: &Context<'a>) -> &'a str {
    let text: &'a str = cx.program.text(call.span);
    let end = (0..=ADDRESS.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// What a module that is its own client is set to: `openai.api_type = "azure"`.
fn settings<'a>(call: &CallSite, cx: &Context<'a>) -> impl Iterator<Item = &'a str> {
    let text: &'a str = &cx.program.file(call.span).text;
    let client = call.callee.split('.').next().unwrap_or("").to_owned();
    let set = move |line: &&str| {
        let attribute = line.trim_start().strip_prefix(client.as_str()).and_then(|rest| rest.strip_prefix(".api_"));
        !client.is_empty() && attribute.is_some_and(|rest| rest.contains('='))
    };
    text.lines().filter(set)
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
    if own.is_empty() {
        return None;
    }
    let set = |at: usize| {
        let rest = text[at + own.len()..].trim_start();
        let after = rest.strip_prefix('=')?;
        let alone = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        (alone && !after.starts_with('=')).then(|| made(after)).flatten()
    };
    let all: Vec<&str> = text.match_indices(own).filter_map(|(at, _)| set(at)).collect();
    (!all.is_empty()).then_some(all)
}

/// The call that stands at the beginning of a text, up to its closing bracket.
fn made(text: &str) -> Option<&str> {
    let line = text.find('\n').unwrap_or(text.len());
    let open = text[..line].find('(')?;
    let mut depth = 0;
    let close = text[open..].char_indices().find(|(_, c)| {
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        depth == 0
    });
    text.get(..open + close?.0)
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

    #[test]
    fn a_making_ends_with_its_bracket() {
        assert_eq!(made(" OpenAI(key=f(1))\nazure = 1"), Some(" OpenAI(key=f(1)"));
        assert_eq!(made(" client\nother = f()"), None);
    }
}
