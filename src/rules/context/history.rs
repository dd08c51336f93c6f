//! SW602: messages that grow and are sent whole.

use super::talk::talk;
use crate::catalog::levers::LeverWords;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallKind, CallRole, CallSite, Entry, LoopKind};
use crate::rules::common::*;
use crate::source::{SourceFile, Span, is_test_file};

declare_rule! {
    /// Messages that grow in a loop or session and are sent whole.
    UnboundedHistory, "SW602", "unbounded-history", Context, Warning,
    "messages grow in a loop or session and are sent whole each time"
}

/// Turns up to which a history cannot grow far.
const FEW: u64 = 6;

impl Rule for UnboundedHistory {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        together(cx.all().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect())
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        // What a spread or a framework sets may well trim.
        if call.params.open || call.kind != CallKind::Chat {
            return None;
        }
        if let Some(history) = &call.flow.history {
            // A loop that counts its turns and hands over no tools tries again: what it adds is the last failure.
            let counted = call.flow.exit.as_ref().is_some_and(|exit| exit.by_bound.is_some());
            let again = call.repeats.kind == LoopKind::Retry || counted && call.params.tools.is_none();
            let short = call.repeats.bound.is_some_and(|bound| bound <= FEW) || again;
            let lasts = history.name.contains('.');
            if history.trimmed.is_some() || short || lasts && is_cut_elsewhere(&history.name, &[call.span], cx) {
                return None;
            }
            return Some(Advice {
                message: format!("`{}` grows and is sent whole each time", history.name),
                because: vec![
                    seen("is added to here, and cut nowhere in this file", history.grows),
                    seen("sends all of it", call.callee_span),
                ],
                help: "keep the system message and the last turns, or sum up what is older".to_owned(),
                effect: Effect::TrimHistory(0.3, 0.7),
                confidence: 0.7,
            });
        }
        // A whole conversation handed in to be put into the prompt.
        if call.role == CallRole::Wrapper {
            return None;
        }
        if says(call, &LeverWords::embedded().whole_talks).is_some() {
            return None;
        }
        let (name, place) = talk(call, cx)
            .filter(|(name, place)| !cx.cuts_value(call, name) && !is_cut_elsewhere(name, &[call.span, *place], cx))?;
        let entry = match &call.flow.entry {
            Entry::Script(..) => return None,
            Entry::Request(what, span) => Some(seen(format!("runs for each request: {what}"), *span)),
            Entry::Unknown => None,
        };
        let mut because = vec![seen(format!("all of `{name}` goes in"), place)];
        because.extend(entry);
        Some(Advice {
            message: format!("all of `{name}` goes into the prompt, however long it has grown"),
            because,
            help: "hand in the last turns, or a summary of what is older".to_owned(),
            effect: Effect::TrimHistory(0.2, 0.6),
            confidence: 0.55,
        })
    }
}

/// Whether files that the files of some places name cut a conversation: an object that holds it cuts a list of its name
/// to a length (`self.messages = self.messages[-self.most:]`), or a function has that as its name (`clip_history`).
/// Whether a call is reached behind that is not known.
fn is_cut_elsewhere(name: &str, places: &[Span], cx: &Context<'_>) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let words = LeverWords::embedded();
    let cuts = |text: &str| {
        let sliced = text.match_indices(last).any(|(at, _)| {
            let rest = &text[at + last.len()..];
            let part = rest.strip_prefix("[-").or_else(|| rest.strip_prefix(".slice(-"));
            let set = text[..at].trim_end_matches(|c: char| c.is_alphanumeric() || "_.".contains(c)).trim_end();
            // A last message that is picked is no cut: the list is set to a part of itself.
            part.is_some() && set.ends_with('=') && set[..set.len() - 1].trim_end().ends_with(last)
        });
        let named = |word: &str| {
            let parts = words_of(word);
            parts.iter().any(|part| words.cutters.contains(part))
                && parts.iter().any(|part| words.histories.contains(part))
        };
        sliced || text.split(|c: char| !c.is_alphanumeric() && c != '_').any(named)
    };
    places.iter().any(|&place| {
        let own = cx.program.file(place);
        let near = |file: &SourceFile| !is_test_file(&file.path);
        cx.files_named_in(own, near).any(|file| cuts(&file.text))
    })
}
