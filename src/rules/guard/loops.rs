//! SW901: a loop that only the model ends.

use crate::catalog::levers::{LeverWords, first_in};
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, LoopKind};
use crate::rules::common::*;
use crate::source::Span;

declare_rule! {
    /// A loop that the model ends, and nothing else.
    UnboundedAgentLoop, "SW901", "unbounded-agent-loop", Guard, Warning,
    "the model decides when this loop ends, and nothing else does"
}

/// Whether something in a loop is held against a bound by its name: `calls < max_tool_calls`, `if (spent >= budget)`.
fn counts(place: Span, cx: &Context<'_>) -> bool {
    let text = cx.program.text(place);
    let bounds = &LeverWords::embedded().bounds;
    text.split(['\n', ';']).any(|line| {
        let compares =
            ["<", ">"].iter().any(|mark| line.contains(mark)) && !line.contains("=>") && !line.contains("->");
        let mut names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        compares && names.any(|name| words_of(name).iter().any(|word| bounds.contains(word)))
    })
}

/// Whether a loop counts its turns and hands the count to a function whose answer it keeps: what that function makes of
/// it is the caller's to say.
fn counts_for_another(place: Span, cx: &Context<'_>) -> bool {
    let text = cx.program.text(place);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let counted = text.lines().filter_map(|line| {
        let line = line.trim().trim_end_matches(';');
        let name = line.strip_suffix("++").or_else(|| line.split_once("+=").map(|(name, _)| name.trim_end()))?;
        (!name.is_empty() && name.chars().all(word)).then_some(name)
    });
    counted.into_iter().any(|name| {
        text.split(['\n', ';']).any(|line| {
            let Some((kept, asked)) = line.split_once(" = ") else { return false };
            let handed =
                asked.split_once('(').is_some_and(|(_, handed)| handed.split([',', ')']).any(|a| a.trim() == name));
            handed && kept.trim_end().ends_with(word)
        })
    })
}

impl Rule for UnboundedAgentLoop {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.all().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect()
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let exit = call.flow.exit.as_ref().filter(|_| call.repeats.kind == LoopKind::Agent)?;
        let by_answer = exit.by_answer?;
        if exit.by_bound.is_some() || exit.waits.is_some() || call.repeats.bound.is_some() {
            return None;
        }
        // What counts may bound the work of a turn rather than the loop: when it is used up, no tools are handed over.
        if counts(exit.place, cx) || counts_for_another(exit.place, cx) {
            return None;
        }
        // A wrapper on the way may give up by the clock.
        let timed = |at| first_in(&LeverWords::embedded().timeouts, cx.program.text(cx.call(at).function)).is_some();
        if call.via.iter().filter_map(|via| cx.at(via.span)).any(timed) {
            return None;
        }
        Some(Advice {
            message: "the model's answer ends this loop, and nothing else does".to_owned(),
            because: vec![seen("the loop", exit.place), seen("the condition that ends it reads the answer", by_answer)],
            help: "bound it: a number of turns, a budget of tokens, or a time".to_owned(),
            effect: Effect::CapRetries,
            confidence: 0.75,
        })
    }
}
