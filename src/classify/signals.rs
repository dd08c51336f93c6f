//! Gathers evidence on a call: what its prompt asks, what goes in, what is done with the answer.

use super::inputs::{Inputs, Kind, is_form};
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
    /// First tokens of what was found of it.
    pub places: Vec<usize>,
    /// Whether a list of rules is its specification.
    pub specified: bool,
    /// What the input weighs for that operation.
    pub fit: f64,
    /// An operation that was named, but whose input does not fit.
    pub unfit: Option<Operation>,
    /// Whether that one is a step on what goes in.
    pub unfit_step: bool,
    /// Everything that is weighed.
    pub evidence: Vec<Evidence>,
    /// A sign of judgment that nothing outweighs.
    pub veto: Option<String>,
    /// A sign of judgment that colours the whole answer.
    pub blended: Option<String>,
    /// A sign that only a part is judgment.
    pub part: Option<String>,
    /// An operation in a sentence of its own, where nothing asks for judgment.
    pub apart: Option<Operation>,
    /// Whether there is evidence of the answer's form.
    pub has_output: bool,
    /// Whether there is evidence of the input's form.
    pub has_input: bool,
    /// Whether the model may choose among tools.
    pub with_tools: bool,
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
    let mut hits = find(task, &|hole, tag| inputs.answers_to(task, hole, tag));
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

/// What is known of a call while its evidence is gathered.
pub(super) struct Gatherer<'a> {
    pub(super) call: &'a CallSite,
    program: &'a Program,
    pub(super) task: &'a Task,
    pub(super) inputs: &'a Inputs,
    pub(super) tables: &'static Categories,
    pub(super) seen: Seen,
}

impl Gatherer<'_> {
    pub(super) fn weight(&self, name: &str) -> f64 {
        self.tables.weight(name)
    }

    pub(super) fn add(&mut self, kind: EvidenceKind, signal: &str, weight: f64, text: String, span: Span) {
        self.seen.evidence.push(Evidence { kind, signal: signal.to_owned(), weight, text, span });
    }

    /// What the holes weigh for the operation of a hit.
    pub(super) fn fit(&self, hit: &Hit) -> Option<f64> {
        let tokens = &self.task.tokens;
        let form = |at: usize| is_form(&tokens[at].word, self.tables);
        let points = self.words("points-at");
        let stated = hit.places().any(|(start, end)| (start..=end).any(form))
            || self.task.sentence(hit.start).any(|at| {
                form(at) && tokens[at.saturating_sub(2)..at].iter().any(|token| points.contains(&token.word))
            });
        self.inputs.fit(hit.signal, stated, self.tables)
    }

    pub(super) fn words(&self, list: &str) -> &'static [String] {
        self.tables.lexicon.get(list).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether an operation is a step on something that goes in: "return only the URLs" and "the answer as JSON" say of
    /// the answer what it has to look like.
    pub(super) fn is_step(&self, hit: &Hit) -> bool {
        let tokens = &self.task.tokens;
        let sentence = self.task.sentence(hit.start);
        let answers = self.words("answer-forms");
        let constraint = tokens[sentence.start..=hit.start].iter().any(|token| answers.contains(&token.word));
        let has_hole = |mut range: std::ops::Range<usize>| range.any(|at| tokens[at].hole.is_some());
        if constraint { has_hole(sentence) } else { has_hole(0..tokens.len()) }
    }

    pub(super) fn span_of(&self, hit: &Hit) -> Span {
        self.task.span(hit.start, hit.end, self.program).unwrap_or(self.call.span)
    }

    pub(super) fn text_of(&self, hit: &Hit) -> String {
        let mut places: Vec<_> = hit.places().collect();
        places.sort_unstable();
        let parts: Vec<String> = places.iter().map(|&(start, end)| self.task.snippet(start, end)).collect();
        format!("{}: \"{}\"", hit.signal.say, parts.join(" … "))
    }

    /// The strongest operation whose input fits, and what else of its kind is named.
    fn operation(&mut self, hits: &[Hit]) {
        let with_tools = self.with_tools();
        self.seen.with_tools = with_tools;
        // Mending until it parses is a loop, and no agent.
        let handed = self.call.params.tools.is_some_and(|number| number != Some(0));
        let mends = |signal: &Signal| signal.recovers && !handed && self.call.kind != CallKind::Agent;
        let mut best: Option<(f64, f64, Hit)> = None;
        let mut unfit: Option<Hit> = None;
        for hit in hits.iter().filter(|hit| !hit.category.rule.is_empty()) {
            let Some(fit) = self.fit(hit) else {
                let rank = |hit: &Hit| (hit.signal.mixed_if_free, hit.signal.weight);
                if unfit.is_none_or(|known| rank(&known) < rank(hit)) {
                    unfit = Some(*hit);
                }
                continue;
            };
            let tools = if with_tools && !hit.signal.agent && !mends(hit.signal) { self.weight("tools") } else { 0.0 };
            // What one phrase says goes before what only parts of the prompt add up to.
            // A list of rules says all of it together.
            let listed = hit.signal.specified && self.task.items as f64 > self.weight("items-free");
            let loose = if hit.beside[0].is_some() && !listed { self.weight("parts-rank") } else { 0.0 };
            let total = hit.signal.weight + fit + tools + loose;
            if best.is_none_or(|(known, ..)| known < total) {
                best = Some((total, fit, *hit));
            }
        }
        self.seen.unfit = unfit.map(|hit| Operation { category: hit.category, signal: hit.signal });
        self.seen.unfit_step = unfit.is_some_and(|hit| self.is_step(&hit));
        let Some((_, fit, hit)) = best else {
            if let Some(hit) = unfit {
                // It does not count for a mechanical reading, but says where the mechanical part stands.
                let (text, span) = (self.text_of(&hit), self.span_of(&hit));
                self.add(EvidenceKind::Operation, &hit.signal.id, 0.0, text, span);
            }
            return;
        };
        self.seen.operation = Some(Operation { category: hit.category, signal: hit.signal });
        self.seen.fit = fit;
        self.seen.places = hit.places().map(|place| place.0).collect();
        let alike = |other: &Hit| std::ptr::eq(other.category, hit.category) && self.fit(other).is_some();
        self.seen.specified = hits.iter().any(|other| other.signal.specified && alike(other));
        let (text, span) = (self.text_of(&hit), self.span_of(&hit));
        self.add(EvidenceKind::Operation, &hit.signal.id, hit.signal.weight, text, span);
        let mut more = self.weight("operation-more");
        for other in first_places(hits).filter(|other| std::ptr::eq(other.category, hit.category)) {
            if !std::ptr::eq(other.signal, hit.signal) && self.fit(other).is_some() {
                let (text, span) = (self.text_of(other), self.span_of(other));
                self.add(EvidenceKind::Operation, &other.signal.id, more, text, span);
                more /= 2.0;
            }
        }
        let fits = |hit: &Hit| !hit.category.rule.is_empty() && self.fit(hit).is_some();
        // What the whole call is for needs no sentence that orders it.
        let orders = |other: &Hit| std::ptr::eq(other.signal, hit.signal) || self.is_step(other);
        if let Some(part) = hits.iter().find(|hit| hit.signal.mixed && fits(hit) && orders(hit)) {
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
        let fit = self.seen.fit;
        let (id, text, span) = match signal.input {
            Need::Nothing => ("input/none", "nothing of undefined form goes in".to_owned(), self.call.span),
            Need::Literal | Need::Text => {
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
                match known.first() {
                    Some(first) => ("input/values", texts.join("; "), first.span),
                    None => ("input/named", "the prompt names the form of its input".to_owned(), self.call.span),
                }
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
}

/// The first place of each signal.
pub(super) fn first_places(hits: &[Hit]) -> impl Iterator<Item = &Hit> {
    hits.iter()
        .enumerate()
        .filter(|(at, hit)| !hits[..*at].iter().any(|before| std::ptr::eq(before.signal, hit.signal)))
        .map(|(_, hit)| hit)
}
