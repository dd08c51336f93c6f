//! What rules look at, and the questions that several of them ask.

use crate::catalog::levers::{LeverWords, first_phrase};
use crate::catalog::model::{Model, ModelTable};
use crate::cost;
use crate::finding::{Advice, Class, Evidence, RuleMeta, Verdict};
use crate::mistakes::Mistakes;
use crate::program::*;
use crate::source::{SourceFile, Span, is_sample_file, is_test_file};

pub(super) use super::evidence::{seen, within};

/// A rule that is no verdict's.
pub trait Rule: Sync {
    /// What is known of it apart from its findings.
    fn meta(&self) -> &'static RuleMeta;

    /// What it says of one call.
    fn check_call(&self, _call: &CallSite, _cx: &Context<'_>) -> Option<Advice> {
        None
    }

    /// What it says of the program: by default, of each call. The first call of each is the one it stands at.
    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.each_asked(|call| self.check_call(call, cx))
    }
}

/// The status of a rule: a preview where none is given.
macro_rules! status_of {
    () => {
        $crate::finding::Status::Preview
    };
    ($status:ident) => {
        $crate::finding::Status::$status
    };
}

/// Declares a rule: its type, code, name, lever, severity, summary, and its status where it is no preview. Its page is
/// `pages/<name>.md` beside it. A rule begins as a preview: it becomes stable when four of five of its findings in real
/// code, at least five of them, were read and found right by somebody who did not write it (`fixtures/labelled/README.md`).
macro_rules! declare_rule {
    ($(#[$doc:meta])* $type:ident, $code:literal, $name:literal, $lever:ident, $severity:ident, $summary:literal $(, $status:ident)?) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $type;

        impl $type {
            const META: $crate::finding::RuleMeta = $crate::finding::RuleMeta {
                code: $code,
                name: $name,
                summary: $summary,
                lever: $crate::finding::Lever::$lever,
                severity: $crate::finding::Severity::$severity,
                status: status_of!($($status)?),
                since: "0.1.0",
                page: include_str!(concat!("pages/", $name, ".md")),
            };
        }
    };
}

/// Text in code that cuts texts or lists short.
const CUTS: &[&str] = &[
    "[:",
    "[-",
    ".slice(",
    "substring(",
    "substr(",
    "trunc",
    "trim_",
    "chunk",
    "summar",
    "[start",
    "max_len",
    "maxLen",
];

/// Calls of a program from which on a script of its own is beside what it is for, and how many times as many.
const MANY: usize = 10;

/// All that a rule may look at.
#[derive(Debug)]
pub struct Context<'a> {
    /// The program.
    pub program: &'a Program,
    /// A verdict for each call.
    pub verdicts: &'a [Verdict],
    /// Models and prices.
    pub prices: &'a ModelTable,
    /// What went wrong.
    pub mistakes: &'a Mistakes,
}

impl<'a> Context<'a> {
    /// The calls that carry their own task and generate text: what a wrapper is asked is its callers' business.
    pub fn asked(&self) -> impl Iterator<Item = (CallId, &'a CallSite)> + use<'a, '_> {
        self.all().filter(|(_, call)| call.role != CallRole::Wrapper)
    }

    /// What is said of each of them; a panic costs what would have been said of one.
    pub fn each_asked(&self, say: impl Fn(&CallSite) -> Option<Advice>) -> Vec<(Vec<CallId>, Advice)> {
        let said = |call: &CallSite| self.mistakes.guarded(&self.program.file(call.span).path, || say(call)).flatten();
        self.asked().filter_map(|(id, call)| Some((vec![id], said(call)?))).collect()
    }

    /// All calls that generate text, wrappers too: for rules about the code around a call, not about its task. What
    /// tests and samples ask costs little and is fixed on purpose, what nobody runs costs nothing, and what is only guessed to
    /// be a wrapper's call by its name may be no call of a model at all.
    pub fn all(&self) -> impl Iterator<Item = (CallId, &'a CallSite)> + use<'a, '_> {
        let program = self.program;
        let calls = program.calls.iter().enumerate();
        calls
            .filter(|(_, call)| call.role != CallRole::Session && call.kind.is_generative())
            .filter(|(_, call)| !(call.weak && call.sdk == "unresolved"))
            .filter(|(_, call)| !call.flow.unused)
            .filter(|(_, call)| !call.flow.alone || !self.is_served())
            .filter(|(_, call)| !is_test_file(&program.file(call.span).path) && !self.is_sample(call))
            .map(|(at, call)| (CallId(at as u32), call))
    }

    /// Whether something in the function of a call cuts texts or lists short: then a value that goes in may be a part.
    pub fn cuts(&self, call: &CallSite) -> bool {
        let text = self.program.text(call.function);
        CUTS.iter().any(|mark| text.contains(mark))
    }

    /// Whether something in the function of a call cuts a value of a name short, or sums values up.
    pub fn cuts_value(&self, call: &CallSite, name: &str) -> bool {
        const SUMS: &[&str] = &["trunc", "trim_", "trimMessages", "summar", "compact", "window", "prune", "recent"];
        let text = self.program.text(call.function);
        let last = name.rsplit('.').next().unwrap_or(name);
        let parts = ["[-", "[:", ".slice(", "?.slice("].map(|part| format!("{last}{part}"));
        SUMS.iter().any(|mark| text.contains(mark)) || parts.iter().any(|part| text.contains(part.as_str()))
    }

    /// Whether the line in which a value stands takes a part of it: a slice, the last one, a loop from the end.
    pub fn cut_at(&self, span: Span) -> bool {
        const PICKS: &[&str] = &["reversed(", ".at(", "findLast", "find("];
        let file = self.program.file(span);
        let (start, end) = file.line_range(file.position(span.start).line);
        let line = file.slice(start, end);
        CUTS.iter().chain(PICKS).any(|mark| line.contains(mark))
    }

    /// Whether somebody waits for a call of the program: it is an application, whose classes are its own to use.
    fn is_served(&self) -> bool {
        self.program.calls.iter().any(|call| matches!(call.flow.entry, Entry::Request(..)))
    }

    /// Whether few of the calls of a program are sent when a file is run by hand: what it is for is something else.
    pub fn is_beside(&self, path: &str) -> bool {
        let started =
            |call: &CallSite| matches!(&call.flow.entry, Entry::Script(_, at) if *self.program.file(*at).path == *path);
        let (all, own) = self.all().fold((0, 0), |(all, own), (_, call)| (all + 1, own + usize::from(started(call))));
        all >= MANY && own * MANY <= all
    }

    /// The model of a call, if it has a price. One that only a test sets is not what the program runs on.
    pub fn model(&self, call: &CallSite) -> Option<&'a Model> {
        let tested = call.model.place.is_some_and(|place| is_test_file(&self.program.file(place).path));
        cost::model_of(call, self.prices).filter(|_| !tested)
    }

    /// The same, if it is still sold: what a retired one costs is nobody's business, and it has a rule of its own.
    pub fn sold(&self, call: &CallSite) -> Option<&'a Model> {
        self.pinned(call).filter(|model| !model.ended_by(self.prices.checked()))
    }

    /// The files of the program, among those wanted, that a call's file names, and its own: what they hold may concern
    /// the call. Whether a file is wanted is asked first: names are looked for in the whole text.
    pub fn named_files<W: Fn(&SourceFile) -> bool>(
        &self,
        call: &CallSite,
        is_wanted: W,
    ) -> impl Iterator<Item = &'a SourceFile> + use<'a, W> {
        self.files_named_in(self.program.file(call.span), is_wanted)
    }

    /// The same of a file.
    pub fn files_named_in<W: Fn(&SourceFile) -> bool>(
        &self,
        own: &'a SourceFile,
        is_wanted: W,
    ) -> impl Iterator<Item = &'a SourceFile> + use<'a, W> {
        self.program.files.iter().filter(move |file| is_wanted(file)).filter(|file| {
            let stem = file.path.rsplit('/').next().unwrap_or("").split('.').next().unwrap_or("");
            file.path == own.path || !stem.is_empty() && own.text.contains(stem)
        })
    }

    /// Whether a call, or the place that names its model, only shows how something is used.
    pub fn is_sample(&self, call: &CallSite) -> bool {
        let places = call.model.place.into_iter().chain([call.span]);
        places.map(|place| &self.program.file(place).path).any(|path| is_sample_file(path))
    }

    /// The model of a call, if it is certain which one runs: one candidate, chosen by the program itself.
    pub fn pinned(&self, call: &CallSite) -> Option<&'a Model> {
        let certain = call.model.candidates.len() < 2 && call.model.origin != ModelOrigin::Parameter;
        self.model(call).filter(|_| certain)
    }

    /// Whether a call needs judgment, as far as is known: what a script does has a lever of its own.
    pub fn needs_judgment(&self, id: CallId) -> bool {
        matches!(self.verdicts[id.0 as usize].class, Class::Judgment | Class::Mixed)
    }

    /// The number of a call by its place.
    pub fn at(&self, span: Span) -> Option<CallId> {
        self.program.calls.iter().position(|call| call.span == span).map(|at| CallId(at as u32))
    }

    /// The call of a number.
    pub fn call(&self, id: CallId) -> &'a CallSite {
        &self.program.calls[id.0 as usize]
    }
}

/// One finding for all calls of which the same is said: who mends one place looks at the others too.
pub(super) fn together(said: Vec<(Vec<CallId>, Advice)>) -> Vec<(Vec<CallId>, Advice)> {
    let mut groups: Vec<(Vec<CallId>, Advice)> = Vec::new();
    for (calls, advice) in said {
        match groups.iter_mut().find(|(_, first)| first.message == advice.message) {
            Some((all, first)) => {
                all.extend(calls);
                let known = |line: &Evidence| first.because.iter().any(|own| own.span == line.span);
                let more: Vec<_> = advice.because.into_iter().filter(|line| !known(line)).collect();
                first.because.extend(more);
            }
            None => groups.push((calls, advice)),
        }
    }
    groups
}

/// Words of an identifier or a text: `batchSize` and `batch_size` hold `batch`.
pub(super) fn words_of(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && before.is_lowercase() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The static text of a prompt.
pub(super) fn text_of(call: &CallSite) -> String {
    let mut out = String::new();
    for piece in call.prompt.messages.iter().flat_map(|message| &message.pieces) {
        if let Piece::Text(text, _) = piece {
            out.push_str(text);
        }
        out.push(' ');
    }
    out
}

/// Estimated tokens of the static text of a prompt.
pub(super) fn static_tokens(call: &CallSite) -> f64 {
    let pieces = call.prompt.messages.iter().flat_map(|message| &message.pieces);
    pieces
        .map(|piece| match piece {
            Piece::Text(text, _) => cost::estimate(text),
            Piece::Hole(_) => 0.0,
        })
        .sum()
}

/// The holes of a prompt in order.
pub(super) fn holes(call: &CallSite) -> impl Iterator<Item = &Hole> {
    call.prompt.messages.iter().flat_map(|message| &message.pieces).filter_map(|piece| match piece {
        Piece::Hole(hole) => Some(hole),
        Piece::Text(..) => None,
    })
}

/// Where the first piece of static text that holds one of some phrases is written, and the phrase.
pub(super) fn says<'l>(call: &CallSite, phrases: &'l [String]) -> Option<(&'l str, Span)> {
    call.prompt.messages.iter().flat_map(|message| &message.pieces).find_map(|piece| match piece {
        Piece::Text(text, span) => first_phrase(phrases, text).map(|phrase| (phrase, *span)),
        Piece::Hole(_) => None,
    })
}

/// Types of schema fields that hold one of few answers.
const CLOSED_TYPES: &[&str] = &["bool", "boolean", "enum", "number", "integer"];

/// Why an answer is a small closed one, as evidence: the schema says so, or the prompt asks for it and the program
/// reads it so.
pub(super) fn closed(call: &CallSite) -> Option<Vec<Evidence>> {
    if let Some((schema, span)) = &call.params.schema
        && !schema.fields.is_empty()
    {
        let small =
            schema.fields.len() <= 3 && schema.fields.iter().all(|(_, kind)| CLOSED_TYPES.contains(&kind.as_str()));
        if small {
            return Some(vec![seen("the answer's schema holds one of few values", *span)]);
        }
        // A label may be typed as a string: the prompt then says that it is one of a list.
        let (phrase, place) = says(call, &LeverWords::embedded().picks).filter(|_| schema.fields.len() == 1)?;
        let label = matches!(schema.fields[0].1.as_str(), "string" | "unknown");
        return label.then(|| {
            vec![seen("the answer is one field", *span), seen(format!("asks for one of a list: \"{phrase}\""), place)]
        });
    }
    let used = matches!(call.answer.usage, AnswerUse::Bool | AnswerUse::Enum | AnswerUse::Number);
    let short = call.params.max_tokens.is_some_and(|cap| cap <= 20);
    if !used && !short {
        return None;
    }
    let (phrase, place) = says(call, &LeverWords::embedded().closed)?;
    let mut because = vec![seen(format!("asks for one of few answers: \"{}\"", phrase.trim()), place)];
    if let Some((span, how)) = call.answer.reads.iter().find(|(_, how)| how != "returned" && how != "stored") {
        because.push(seen(format!("is read as {}: {how}", call.answer.usage.name()), *span));
    } else if let Some((_, span)) = call.params.places.iter().find(|(name, _)| *name == "max_tokens" && short) {
        because.push(seen("has room for a few tokens only", *span));
    }
    (because.len() > 1).then_some(because)
}

/// Whether a call is one plain question: no tools, no turns, no reasoning asked for, all of its prompt read.
pub(super) fn is_plain(call: &CallSite) -> bool {
    call.kind == CallKind::Chat
        && call.params.tools.is_none()
        && call.repeats.kind != LoopKind::Agent
        && call.answer.usage != AnswerUse::ToolLoop
        && call.prompt.complete
        && !call.prompt.messages.is_empty()
        && (is_compared(call) && says(call, &LeverWords::embedded().picks).is_some()
            || says(call, &LeverWords::embedded().reasons).is_none())
}

/// Whether a prompt lists several steps of work: numbered lines, some of which begin with a verb of a phase. A numbered
/// list of labels or of what goes in is none.
pub(super) fn has_steps(call: &CallSite) -> bool {
    let phases = &LeverWords::embedded().phases;
    let begins = |line: &str| {
        let digits = line.chars().take_while(char::is_ascii_digit).count();
        let rest = line[digits..].strip_prefix(['.', ')']).filter(|_| digits == 1)?;
        let verb = rest.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?.to_lowercase();
        Some(phases.iter().flatten().any(|phase| *phase == verb))
    };
    call.prompt.messages.iter().flat_map(|message| &message.pieces).any(|piece| match piece {
        Piece::Text(text, _) => {
            let steps: Vec<bool> = text.lines().filter_map(|line| begins(line.trim())).collect();
            steps.len() >= 3 && steps.iter().filter(|verb| **verb).count() >= 2
        }
        Piece::Hole(_) => false,
    })
}

/// Whether the whole answer is held against a word: whatever the prompt says of reasons, there is no room for them. One
/// that is cut apart too has room.
fn is_compared(call: &CallSite) -> bool {
    let reads = || call.answer.reads.iter().map(|(_, how)| how.as_str());
    let cut = reads().any(|how| how.contains("split") || how == "an item");
    call.params.schema.is_none() && !cut && reads().any(|how| how.starts_with("=="))
}

/// Whether a call is heavy work: tools, code, turns, or a long set of rules.
pub(super) fn is_heavy(call: &CallSite) -> bool {
    call.params.tools.is_some()
        || matches!(call.kind, CallKind::Agent)
        || matches!(call.answer.usage, AnswerUse::Code | AnswerUse::ToolLoop)
        || static_tokens(call) > 700.0
}

/// Why a call runs often, as evidence: a loop, or somebody who asks.
pub(super) fn often(call: &CallSite) -> Option<Evidence> {
    // Called from a loop: the same is sent for each of its turns.
    if let (LoopKind::None, Some(place)) = (call.repeats.kind, call.flow.outer) {
        return Some(seen("is called once for each item", place));
    }
    match (call.repeats.kind, call.repeats.place, &call.flow.entry) {
        (LoopKind::PerItem, Some(place), _) => Some(seen("runs once for each item", place)),
        (LoopKind::Agent, Some(place), _) => Some(seen("runs once for each turn", place)),
        (_, _, Entry::Request(what, span)) => Some(seen(format!("runs for each request: {what}"), *span)),
        _ => None,
    }
}
