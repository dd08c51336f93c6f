//! Gathers evidence on a call: what its prompt asks, what goes in, what is done with the answer.

use super::inputs::{Inputs, Kind, name_words, tag};
use super::matcher::{Hit, find};
use super::text::Task;
use crate::catalog::category::{Categories, Category, Need, Signal};
use crate::finding::{Evidence, EvidenceKind};
use crate::program::{AnswerUse, CallKind, CallSite, LoopKind, Program};
use crate::source::Span;

/// What a call shows, before it is weighed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The operation that a rule decides, where the input fits it.
    pub operation: Option<Operation>,
    /// An operation that was named, but whose input does not fit.
    pub unfit: Option<Operation>,
    /// Everything that is weighed.
    pub evidence: Vec<Evidence>,
    /// A sign of judgment that nothing outweighs.
    pub veto: Option<String>,
    /// A sign that only a part is judgment.
    pub part: Option<String>,
    /// An operation in a sentence of its own, where nothing asks for judgment.
    pub apart: Option<Operation>,
    /// Whether there is evidence of the answer's form.
    pub has_output: bool,
    /// Whether there is evidence of the input's form.
    pub has_input: bool,
    /// The strongest sign of judgment.
    pub against: Option<String>,
    /// The sum of the signs of judgment that leave no mechanical part standing.
    pub judgment: f64,
}

/// A mechanical operation that a prompt names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// Its kind.
    pub category: &'static Category,
    /// The signal that found it.
    pub signal: &'static Signal,
}

/// Gathers the evidence on a call.
pub(super) fn gather(
    call: &CallSite,
    program: &Program,
    task: &Task,
    inputs: &Inputs,
    tables: &'static Categories,
) -> Seen {
    let shape_of = |hole: usize| tag(&inputs.all[hole]);
    let mut hits = find(task, &shape_of);
    let found: Vec<&str> = hits.iter().map(|hit| hit.signal.id.as_str()).collect();
    let alone: Vec<bool> =
        hits.iter().map(|hit| hit.signal.beside.as_deref().is_some_and(|other| !found.contains(&other))).collect();
    let mut alone = alone.into_iter();
    hits.retain(|_| !alone.next().unwrap_or(false));
    let mut gatherer = Gatherer { call, program, task, inputs, tables, seen: Seen::default() };
    gatherer.operation(&hits);
    gatherer.input();
    gatherer.output(&hits);
    gatherer.judgment(&hits);
    gatherer.context();
    gatherer.seen
}

struct Gatherer<'a> {
    call: &'a CallSite,
    program: &'a Program,
    task: &'a Task,
    inputs: &'a Inputs,
    tables: &'static Categories,
    seen: Seen,
}

impl Gatherer<'_> {
    fn weight(&self, name: &str) -> f64 {
        self.tables.weight(name)
    }

    fn add(&mut self, kind: EvidenceKind, signal: &str, weight: f64, text: String, span: Span) {
        self.seen.evidence.push(Evidence { kind, signal: signal.to_owned(), weight, text, span });
    }

    fn span_of(&self, hit: &Hit) -> Span {
        self.task.span(hit.start, hit.end, self.program).unwrap_or(self.call.span)
    }

    fn text_of(&self, hit: &Hit) -> String {
        format!("{}: \"{}\"", hit.signal.say, self.task.snippet(hit.start, hit.end))
    }

    /// The strongest operation whose input fits, and what else of its kind is named.
    fn operation(&mut self, hits: &[Hit]) {
        let with_tools = self.with_tools();
        // Mending until it parses is a loop, and no agent.
        let handed = self.call.params.tools.is_some_and(|number| number != Some(0));
        let mends = |signal: &Signal| signal.recovers && !handed && self.call.kind != CallKind::Agent;
        let mut best: Option<(f64, f64, Hit)> = None;
        let mut unfit: Option<Hit> = None;
        for hit in hits.iter().filter(|hit| !hit.category.rule.is_empty()) {
            let Some(fit) = self.inputs.fit(hit.signal.input, self.tables) else {
                let rank = |hit: &Hit| (hit.signal.mixed_if_free, hit.signal.weight);
                if unfit.is_none_or(|known| rank(&known) < rank(hit)) {
                    unfit = Some(*hit);
                }
                continue;
            };
            let tools = if with_tools && !hit.signal.agent && !mends(hit.signal) { self.weight("tools") } else { 0.0 };
            let total = hit.signal.weight + fit + tools;
            if best.is_none_or(|(known, ..)| known < total) {
                best = Some((total, fit, *hit));
            }
        }
        self.seen.unfit = unfit.map(|hit| Operation { category: hit.category, signal: hit.signal });
        let Some((_, _, hit)) = best else {
            if let Some(hit) = unfit {
                // It does not count for a mechanical reading, but says where the mechanical part stands.
                let (text, span) = (self.text_of(&hit), self.span_of(&hit));
                self.add(EvidenceKind::Operation, &hit.signal.id, 0.0, text, span);
            }
            return;
        };
        self.seen.operation = Some(Operation { category: hit.category, signal: hit.signal });
        let (text, span) = (self.text_of(&hit), self.span_of(&hit));
        self.add(EvidenceKind::Operation, &hit.signal.id, hit.signal.weight, text, span);
        let mut more = self.weight("operation-more");
        for other in first_places(hits).filter(|other| std::ptr::eq(other.category, hit.category)) {
            if !std::ptr::eq(other.signal, hit.signal) && self.inputs.fit(other.signal.input, self.tables).is_some() {
                let (text, span) = (self.text_of(other), self.span_of(other));
                self.add(EvidenceKind::Operation, &other.signal.id, more, text, span);
                more /= 2.0;
            }
        }
        let fits =
            |hit: &Hit| !hit.category.rule.is_empty() && self.inputs.fit(hit.signal.input, self.tables).is_some();
        if let Some(part) = hits.iter().find(|hit| hit.signal.mixed && fits(hit)) {
            self.seen.part = Some(part.signal.say.clone());
        }
        if with_tools && !hit.signal.agent && !mends(hit.signal) {
            let weight = self.weight("tools");
            self.add(
                EvidenceKind::Judgment,
                "tools",
                weight,
                "the model may choose among tools".into(),
                self.call.span,
            );
        }
    }

    fn with_tools(&self) -> bool {
        self.call.params.tools.is_some_and(|number| number != Some(0))
            || self.call.answer.usage == AnswerUse::ToolLoop
            || self.call.repeats.kind == LoopKind::Agent
    }

    /// What goes in, as far as the operation asks for it.
    fn input(&mut self) {
        let Some(Operation { signal, .. }) = self.seen.operation else { return };
        let Some(fit) = self.inputs.fit(signal.input, self.tables) else { return };
        let (id, text, span) = match signal.input {
            Need::Nothing => ("input/none", "nothing of undefined form goes in".to_owned(), self.call.span),
            Need::Literal => {
                let text = "only the signs of the text matter, not what it means".to_owned();
                ("input/literal", text, self.inputs.all.first().map_or(self.call.span, |input| input.span))
            }
            Need::Stated => match self.inputs.first(Kind::Formal).or_else(|| self.inputs.first(Kind::Scalar)) {
                Some(input) => ("input/stated", input.text.clone(), input.span),
                None => ("input/stated", "the prompt states the form of its input".to_owned(), self.call.span),
            },
            Need::Scalar | Need::Formal => {
                let known: Vec<_> =
                    self.inputs.all.iter().filter(|input| matches!(input.kind, Kind::Scalar | Kind::Formal)).collect();
                let texts: Vec<&str> = known.iter().take(3).map(|input| input.text.as_str()).collect();
                let Some(first) = known.first() else { return };
                ("input/values", texts.join("; "), first.span)
            }
        };
        self.seen.has_input = true;
        self.add(EvidenceKind::InputShape, id, fit, text, span);
    }

    /// What form the answer must have: by its use, by the prompt, by the operation.
    fn output(&mut self, hits: &[Hit]) {
        let usage = self.call.answer.usage;
        let place = self.call.answer.reads.first().map_or(self.call.span, |read| read.0);
        let closed = !matches!(usage, AnswerUse::Text | AnswerUse::Unknown | AnswerUse::Ignored | AnswerUse::ToolLoop);
        if let Some(Operation { category, signal }) = self.seen.operation {
            let agrees = category.outputs.iter().any(|name| name == usage.name());
            if closed {
                let weight = self.weight(if agrees { "usage-agrees" } else { "usage-differs" });
                self.add(
                    EvidenceKind::PostProcessing,
                    "output/usage",
                    weight,
                    format!("the answer is used as {}", usage.name()),
                    place,
                );
            }
            if let Some(output) = &signal.output {
                let weight = self.weight("output-by-operation");
                let span = self.seen.evidence.first().map_or(self.call.span, |evidence| evidence.span);
                self.seen.has_output = true;
                self.add(EvidenceKind::OutputShape, "output/operation", weight, output.clone(), span);
            } else if closed {
                self.seen.has_output = true;
                let text = format!("the program reads it as {}", usage.name());
                self.add(EvidenceKind::OutputShape, "output/read", 0.0, text, place);
            }
        }
        let mut factor = 1.0;
        for hit in first_places(hits).filter(|hit| std::ptr::eq(hit.category, &self.tables.output)) {
            self.seen.has_output = true;
            let (text, span) = (self.text_of(hit), self.span_of(hit));
            self.add(EvidenceKind::OutputShape, &hit.signal.id, hit.signal.weight * factor, text, span);
            factor /= 2.0;
        }
        if let Some((schema, span)) = &self.call.params.schema {
            self.seen.has_output = true;
            let weight = self.weight("schema");
            self.add(
                EvidenceKind::OutputShape,
                "output/schema",
                weight,
                format!("the answer follows `{}`", schema.name),
                *span,
            );
        }
    }

    /// Whether a place lies in the file of a wrapper on the way, apart from the call's own: what stands there is said to
    /// every call alike, and says little of this one.
    fn is_wrappers(&self, place: Span) -> bool {
        place.file != self.call.span.file && self.call.via.iter().any(|via| via.span.file == place.file)
    }

    /// What speaks for judgment, the strongest first; each further sign weighs less.
    fn judgment(&mut self, hits: &[Hit]) {
        let operations: Vec<&Hit> = hits
            .iter()
            .filter(|hit| !hit.category.rule.is_empty() && self.inputs.fit(hit.signal.input, self.tables).is_some())
            .collect();
        let covered = |hit: &Hit| operations.iter().any(|own| own.start <= hit.start && hit.end <= own.end);
        let unexplained: Vec<Hit> = hits
            .iter()
            .filter(|hit| std::ptr::eq(hit.category, &self.tables.judgment))
            .filter(|hit| !(self.is_label(hit) || hit.signal.explained && covered(hit)))
            .copied()
            .collect();
        let mut against: Vec<&Hit> = first_places(&unexplained).collect();
        against.sort_by(|a, b| a.signal.weight.total_cmp(&b.signal.weight).then(a.start.cmp(&b.start)));
        let mut factor = 1.0;
        let mut parts = 0;
        for hit in &against {
            let (text, span) = (self.text_of(hit), self.span_of(hit));
            let share = if self.is_wrappers(span) { self.weight("wrapper-text") } else { 1.0 };
            let weight = hit.signal.weight * factor * share;
            if !hit.signal.mixed {
                self.seen.judgment += weight;
            }
            self.add(EvidenceKind::Judgment, &hit.signal.id, weight, text.clone(), span);
            factor *= self.weight("judgment-fade");
            parts += usize::from(hit.signal.mixed);
            if hit.signal.veto {
                self.seen.veto.get_or_insert(text);
            }
        }
        self.seen.against = against.first().map(|hit| hit.signal.say.clone());
        if parts > 0 && parts == against.len() && self.seen.part.is_none() {
            self.seen.part = self.seen.against.clone();
        }
        let apart = operations.iter().filter(|own| own.signal.weight >= self.weight("apart-least")).filter(|own| {
            let (from, to) = self.step_around(own);
            !unexplained.iter().any(|hit| from <= hit.start && hit.start < to)
        });
        let apart = apart.max_by(|a, b| a.signal.weight.total_cmp(&b.signal.weight).then(b.start.cmp(&a.start)));
        let Some(hit) = apart.copied() else { return };
        self.seen.apart = Some(Operation { category: hit.category, signal: hit.signal });
        if !self.seen.evidence.iter().any(|one| one.signal == hit.signal.id) {
            let (text, span) = (self.text_of(hit), self.span_of(hit));
            self.add(EvidenceKind::Operation, &hit.signal.id, 0.0, text, span);
        }
    }

    /// Whether a word only names the value behind it ("Score: {score}"), or one of the answers ("answer REVIEW").
    fn is_label(&self, hit: &Hit) -> bool {
        let tokens = &self.task.tokens;
        let capitals = |at: usize| self.task.is_capitals(at);
        if hit.start == hit.end && hit.start > 0 && capitals(hit.start) && !capitals(hit.start - 1) {
            return !capitals(hit.start + 1);
        }
        let named = tokens.get(hit.end + 1).and_then(|token| token.hole);
        hit.start == hit.end
            && named.is_some_and(|hole| name_words(&self.task.holes[hole].name).contains(&tokens[hit.start].word))
    }

    /// The tokens of the step that a phrase stands in: its sentence, without what follows "and say", "and explain".
    fn step_around(&self, own: &Hit) -> (usize, usize) {
        let words = |name: &str| self.tables.lexicon.get(name).map(Vec::as_slice).unwrap_or_default();
        let (and, further) = (words("and"), words("further-task"));
        let sentence = self.task.sentence(own.start);
        let tokens = &self.task.tokens;
        let begins = |at: usize| {
            and.contains(&tokens[at].word)
                && tokens.get(at + 1).is_some_and(|next| {
                    further.iter().any(|word| match word.strip_suffix('*') {
                        Some(start) => next.word.starts_with(start),
                        None => *word == next.word,
                    })
                })
        };
        let from = (sentence.start..own.start).rev().find(|&at| begins(at)).unwrap_or(sentence.start);
        let to = (own.end + 1..sentence.end).find(|&at| begins(at)).unwrap_or(sentence.end);
        (from, to)
    }

    /// Names, settings, length, and what stands around the call.
    fn context(&mut self) {
        let call = self.call;
        let name = &call.surroundings.function_name;
        let words = name_words(name);
        let has = |names: &[String]| words.iter().any(|word| names.iter().any(|name| name == word));
        if let Some(Operation { category, .. }) = self.seen.operation
            && has(&category.names)
        {
            let weight = self.weight("name-agrees");
            self.add(
                EvidenceKind::Name,
                "name/agrees",
                weight,
                format!("the function is called `{name}`"),
                call.function,
            );
        }
        if has(&self.tables.judgment.names) {
            let weight = self.weight("name-judgment");
            self.add(
                EvidenceKind::Name,
                "name/judgment",
                weight,
                format!("the function is called `{name}`"),
                call.function,
            );
        }
        if call.params.temperature.is_some_and(|temperature| temperature > 0.6) {
            let weight = self.weight("temperature-high");
            let span = self.place("temperature");
            self.add(EvidenceKind::Decoding, "decoding/temperature", weight, "answers are wanted to vary".into(), span);
        }
        let specified = self.seen.operation.is_some_and(|operation| operation.signal.specified);
        let over = self.task.words as f64 - self.weight("length-free");
        if over > 0.0 {
            let most = self.weight(if specified { "length-specified" } else { "length-most" });
            let weight = (over / 10.0 * self.weight("length-per-ten")).max(most);
            let text = format!("a prompt of {} words asks for more than one step", self.task.words);
            self.add(EvidenceKind::Judgment, "prompt/long", weight, text, call.span);
        }
        let over = self.task.items as f64 - self.weight("items-free");
        if over > 0.0 {
            let most = self.weight(if specified { "items-specified" } else { "items-most" });
            let weight = (over * self.weight("per-item")).max(most);
            self.add(
                EvidenceKind::Judgment,
                "prompt/items",
                weight,
                format!("{} rules or steps are listed", self.task.items),
                call.span,
            );
        }
        if self.task.has_turns {
            let weight = self.weight("turns");
            self.add(
                EvidenceKind::Example,
                "prompt/turns",
                weight,
                "earlier turns are shown to the model".into(),
                call.span,
            );
        }
        if call.kind == CallKind::Agent {
            let weight = self.weight("agent");
            self.add(
                EvidenceKind::Judgment,
                "call/agent",
                weight,
                "a run that may ask several times".into(),
                call.span,
            );
        }
        for kind in [Kind::Talk, Kind::Media, Kind::Instruction] {
            if let Some(input) = self.inputs.first(kind) {
                let weight = self.weight(match kind {
                    Kind::Talk => "input-talk",
                    Kind::Media => "input-media",
                    _ => "input-instruction",
                });
                let (text, span) = (input.text.clone(), input.span);
                if kind != Kind::Instruction {
                    self.seen.judgment += weight;
                    self.seen.against.get_or_insert_with(|| text.clone());
                }
                self.add(EvidenceKind::Judgment, "input/undefined", weight, text, span);
            }
        }
        let recovers = self.seen.operation.is_some_and(|operation| operation.signal.recovers);
        if !recovers && let Some(span) = call.surroundings.handler.or(call.surroundings.after_check) {
            let text = "it runs only where a literal attempt failed, so it sees the hard inputs".to_owned();
            self.seen.part = Some(text.clone());
            let weight = self.weight("fallback");
            self.add(EvidenceKind::Judgment, "call/fallback", weight, text, span);
        }
    }

    fn place(&self, setting: &str) -> Span {
        let places = &self.call.params.places;
        places.iter().find(|(name, _)| *name == setting).map_or(self.call.span, |place| place.1)
    }
}

/// The first place of each signal.
fn first_places(hits: &[Hit]) -> impl Iterator<Item = &Hit> {
    hits.iter()
        .enumerate()
        .filter(|(at, hit)| !hits[..*at].iter().any(|before| std::ptr::eq(before.signal, hit.signal)))
        .map(|(_, hit)| hit)
}
