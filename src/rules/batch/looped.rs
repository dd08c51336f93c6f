//! SW801: a call per item that nobody waits for.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallKind, CallSite, Entry, LoopKind};
use crate::rules::common::*;
use crate::source::{Span, is_sample_file, is_test_file};

declare_rule! {
    /// A call per item of an offline loop, at a provider with a batch price.
    BatchableLoop, "SW801", "batchable-loop", Batch, Note,
    "a call for each item of an offline loop that a batch job could carry"
}

/// Items up to which a batch job is more work than it saves.
const FEW: u64 = 10;

/// Whether a turn of a loop hands something on to the next: `notes += ask(notes)`, `text = improve(text)`.
fn feeds(body: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    // Fields of the same name are others: `summary = item.summary`.
    let path = |c: char| word(c) || c == '.';
    let holds = |text: &str, name: &str| {
        text.split(|c: char| !path(c)).filter(|own| own.split('.').next() == Some(name)).count()
    };
    let mut lines = body.lines();
    let head = lines.next().unwrap_or("");
    lines.any(|line| {
        let Some((left, right)) = line.split_once('=') else { return false };
        let name = left.trim().trim_end_matches('+').trim_end();
        let assigned = !name.is_empty() && holds(head, name) == 0 && name.chars().all(word) && !right.starts_with('=');
        let counts = right.trim().trim_end_matches(';').chars().all(|c| c.is_ascii_digit());
        let added = left.trim_end().ends_with('+') && holds(body, name) > 1;
        assigned && !counts && (added || holds(right, name) > 0)
    })
}

/// Words in what is said of code that somebody runs by hand, now and then, where it lies in such a folder.
const BY_HAND: &[&str] = &["script", "notebook", "eval", "benchmark"];

/// Whether a script that is run by hand stands beside a program that does something else: what it sends is sent once, and
/// a batch job is more work than that saves. Jobs, commands and programs that are such a script are none.
fn is_side_script(what: &str, path: &str, cx: &Context<'_>) -> bool {
    let plain = [Entry::TOP_LEVEL, Entry::PROGRAM].contains(&what);
    (plain || BY_HAND.iter().any(|word| what.contains(word))) && cx.is_beside(path)
}

/// Whether a loop over items runs again and again, on what its last round has left: it stands within a `while`.
fn in_rounds(place: Span, cx: &Context<'_>) -> bool {
    let file = cx.program.file(place);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (start, _) = file.line_range(file.position(place.start).line);
    let mut depth = indent(file.slice(start, place.end));
    for line in file.slice(0, start).lines().rev().filter(|line| !line.trim().is_empty()) {
        if indent(line) < depth {
            depth = indent(line);
            if line.trim_start().starts_with("while") {
                return true;
            }
        }
    }
    false
}

impl Rule for BatchableLoop {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        // What a retired model would be billed in a batch is nobody's saving.
        let model = cx.model(call).filter(|model| !model.ended_by(cx.prices.checked()))?;
        cx.prices.batch(model)?;
        // What one maker's SDK sends is no job at another's: there a gateway, a cloud or a command line answers.
        let maker = cx.prices.provider(model);
        if cx.prices.is_provider(call.sdk.as_str()) && call.sdk != maker.name {
            return None;
        }
        let (place, turn) = match call.repeats.kind {
            LoopKind::PerItem => (call.repeats.place?, "no turn reads another's answer"),
            // Called from a loop: one request for each of its turns.
            LoopKind::None => (call.flow.outer?, "called once for each item, and no turn reads another's answer"),
            _ => return None,
        };
        let Entry::Script(what, entry) = &call.flow.entry else { return None };
        // That a sample or a test runs it says nothing of who else does.
        let starts = &cx.program.file(*entry).path;
        if is_sample_file(starts) || is_test_file(starts) {
            return None;
        }
        if is_side_script(what, &cx.program.file(*entry).path, cx) {
            return None;
        }
        // A turn that asks several models one after another, or one model of several, is a pipeline or a trial.
        let within = |other: &CallSite| {
            other.span != call.span
                && other.span.file == place.file
                && place.start <= other.span.start
                && other.span.end <= place.end
        };
        let beside = |other: &CallSite| other.span != call.span && other.function == call.function;
        let calls = || cx.program.calls.iter().filter(|other| other.kind.is_generative());
        let outer = call.repeats.kind == LoopKind::None;
        let piped = outer && calls().any(|other| within(other) || beside(other));
        let head = cx.program.text(place).lines().next().unwrap_or("");
        let models = head.starts_with("for") && words_of(head).iter().any(|word| word == "model" || word == "models");
        let streams = cx.program.text(call.span).contains("stream");
        if piped || models || streams || feeds(cx.program.text(place)) || in_rounds(place, cx) {
            return None;
        }
        let few = call.repeats.bound.is_some_and(|bound| bound <= FEW);
        let stepwise = call.flow.carried.is_some() || call.flow.history.is_some() || call.flow.invariant.is_some();
        if few || stepwise || call.kind != CallKind::Chat || call.params.tools.is_some() {
            return None;
        }
        Some(Advice {
            message: "one request is sent for each item of a loop that nobody waits for".to_owned(),
            because: vec![seen(turn, place), seen(format!("offline: {what}"), *entry)],
            help: "collect the requests and send them as one batch job".to_owned(),
            effect: Effect::Batch,
            confidence: 0.65,
        })
    }
}
