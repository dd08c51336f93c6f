//! Gathers what speaks against a mechanical reading: judgment in the prompt, and what stands around the call.

use super::inputs::{Kind, name_words};
use super::matcher::Hit;
use super::signals::{Gatherer, Operation, first_places};
use crate::catalog::category::Need;
use crate::finding::EvidenceKind;
use crate::program::CallKind;
use crate::source::Span;

/// Words after the start of a sentence within which its verb stands.
const ASKED_WITHIN: usize = 4;

impl Gatherer<'_> {
    /// Whether a place lies in the file of a wrapper on the way, apart from the call's own: what stands there is said to
    /// every call alike, and says little of this one.
    fn is_wrappers(&self, place: Span) -> bool {
        place.file != self.call.span.file && self.call.via.iter().any(|via| via.span.file == place.file)
    }

    /// What speaks for judgment, the strongest first; each further sign weighs less.
    pub(super) fn judgment(&mut self, hits: &[Hit]) {
        let operations: Vec<&Hit> =
            hits.iter().filter(|hit| !hit.category.rule.is_empty() && self.fit(hit).is_some()).collect();
        let (task, inputs) = (self.task, self.inputs);
        let fits = |hole: usize, tag: &str| inputs.answers_to(task, hole, tag);
        let covered = |hit: &Hit| operations.iter().any(|own| own.covers(hit, task, &fits));
        let unexplained: Vec<Hit> = hits
            .iter()
            .filter(|hit| std::ptr::eq(hit.category, &self.tables.judgment))
            .filter(|hit| !(self.is_label(hit) || hit.signal.explained && covered(hit)))
            .copied()
            .collect();
        let mut against: Vec<&Hit> = first_places(&unexplained).collect();
        against.sort_by(|a, b| a.signal.weight.total_cmp(&b.signal.weight).then(a.start.cmp(&b.start)));
        let certain = self.seen.operation.is_some_and(|operation| operation.signal.certain);
        let mut factor = 1.0;
        let mut parts = 0;
        for hit in &against {
            let (text, span) = (self.text_of(hit), self.span_of(hit));
            let share = if self.is_wrappers(span) { self.weight("wrapper-text") } else { 1.0 };
            let told = self.told(hit, certain);
            let weight = hit.signal.weight * factor * share * told;
            if !hit.signal.mixed {
                self.seen.judgment += weight;
            }
            self.add(EvidenceKind::Judgment, &hit.signal.id, weight, text.clone(), span);
            factor *= self.weight("judgment-fade");
            parts += usize::from(hit.signal.mixed);
            if hit.signal.blends && share >= 1.0 {
                self.seen.blended.get_or_insert_with(|| hit.signal.say.clone());
            }
            if hit.signal.veto {
                self.seen.veto.get_or_insert(text);
            }
        }
        // What is asked for says more of the call than a word on the way.
        let reason = against.iter().min_by_key(|hit| (self.is_field_name(hit), !self.is_asked(hit)));
        self.seen.against = reason.map(|hit| hit.signal.say.clone());
        if parts > 0 && parts == against.len() && self.seen.part.is_none() {
            self.seen.part = self.seen.against.clone();
        }
        let steps =
            operations.iter().filter(|own| own.signal.weight >= self.weight("apart-least") && self.is_step(own));
        // What only parts of the prompt add up to, or what any text goes into, is too weak a sign of a step of its own.
        let steps = steps.filter(|own| {
            own.beside[0].is_none() && !matches!(own.signal.input, Need::Literal | Need::Text) && self.is_asked(own)
        });
        let apart = steps.filter(|own| {
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

    /// What share of its weight a sign of judgment has, by what it stands beside.
    fn told(&self, hit: &Hit, certain: bool) -> f64 {
        let all = &self.inputs.all;
        if hit.signal.account {
            if certain { self.weight("account-of-certain") } else { 1.0 }
        } else if hit.signal.of_text && !all.is_empty() && self.inputs.count(Kind::Scalar) == all.len() {
            self.weight("of-text-of-values")
        } else if !hit.signal.mixed
            && hit.signal.weight <= self.weight("own-sentence-least")
            && self.seen.places.iter().any(|&at| self.task.sentence(at).contains(&hit.start))
        {
            // It qualifies the operation itself: "sort by date" is none where it goes on "and by how urgent it sounds".
            self.weight("own-sentence")
        } else {
            1.0
        }
    }

    /// Whether a phrase stands where a sentence says what to do.
    fn is_asked(&self, hit: &Hit) -> bool {
        hit.start - self.task.sentence(hit.start).start <= ASKED_WITHIN
    }

    /// Whether a word stands alone before a colon: "Summary: ..." is a part of the answer.
    fn is_field_name(&self, hit: &Hit) -> bool {
        hit.start == hit.end && self.task.is_before_colon(hit.end)
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
        let (and, further) = (self.words("and"), self.words("further-task"));
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
    pub(super) fn context(&mut self) {
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
        let specified = self.seen.specified;
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
