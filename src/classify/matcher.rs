//! Finds the phrases of the tables in a task.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::text::Task;
use crate::catalog::category::{Categories, Category, Signal};
use crate::catalog::phrase::{Atom, Element, MOST_BESIDE, Phrase, Word, stem};

/// Words before a phrase in which a negation undoes it.
const NEGATION_REACH: usize = 4;

/// Sentences before and behind a phrase in which what belongs beside it may stand.
const NEAR: u32 = 2;

/// The same for operations that a list of rules specifies.
const NEAR_SPECIFIED: u32 = 12;

/// Places of one signal that are kept.
const MOST_PLACES: usize = 8;

/// A signal that a task holds, at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// The table it stands in.
    pub category: &'static Category,
    /// The signal.
    pub signal: &'static Signal,
    /// The phrase of it that stands there.
    phrase: &'static Phrase,
    /// First token of the match.
    pub start: usize,
    /// Last token of the match.
    pub end: usize,
    /// First and last tokens of what was found beside it.
    pub beside: [Option<(usize, usize)>; MOST_BESIDE],
}

impl Hit {
    /// First and last tokens of all its parts.
    pub fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        std::iter::once((self.start, self.end)).chain(self.beside.iter().flatten().copied())
    }

    /// Whether another hit lies within words that this one names: what stands in a gap of its phrase is not explained by it.
    pub fn covers(&self, other: &Hit, task: &Task, fits: &dyn Fn(usize, &str) -> bool) -> bool {
        let rows = std::iter::once(&self.phrase.elements).chain(&self.phrase.beside);
        self.places().zip(rows).any(|((start, end), row)| {
            let mut named = Vec::new();
            let within = start <= other.start && other.end <= end;
            within
                && step(task, fits, row, start, task.tokens[start].sentence, &mut named).is_some()
                && (other.start..=other.end).all(|at| named.iter().any(|named| named.contains(&at)))
        })
    }
}

/// Phrases by the words that can begin them, so that a text is compared with few of them at each word.
struct Index {
    rows: Vec<(&'static Category, &'static Signal, &'static Phrase)>,
    exact: HashMap<&'static str, Vec<u32>>,
    forms: HashMap<&'static str, Vec<u32>>,
    prefix: HashMap<char, Vec<(&'static Word, u32)>>,
    always: Vec<u32>,
    conditionals: Vec<&'static str>,
    negations: Vec<&'static str>,
    negations_after: Vec<Vec<&'static str>>,
}

fn index() -> &'static Index {
    static INDEX: LazyLock<Index> = LazyLock::new(|| {
        let tables = Categories::embedded();
        let mut index = Index {
            rows: Vec::new(),
            exact: HashMap::new(),
            forms: HashMap::new(),
            prefix: HashMap::new(),
            always: Vec::new(),
            conditionals: words_of(tables, "conditionals"),
            negations: words_of(tables, "negation"),
            negations_after: words_of(tables, "negation-after").iter().map(|run| run.split(' ').collect()).collect(),
        };
        for category in tables.mechanical.iter().chain([&tables.judgment, &tables.output]) {
            for signal in &category.signals {
                for phrase in &signal.phrases {
                    index.add(category, signal, phrase);
                }
            }
        }
        index
    });
    &INDEX
}

fn words_of(tables: &'static Categories, list: &str) -> Vec<&'static str> {
    tables.lexicon.get(list).into_iter().flatten().map(String::as_str).collect()
}

impl Index {
    fn add(&mut self, category: &'static Category, signal: &'static Signal, phrase: &'static Phrase) {
        let row = self.rows.len() as u32;
        self.rows.push((category, signal, phrase));
        let Some((words, forms)) = phrase.first_words() else {
            self.always.push(row);
            return;
        };
        for word in words {
            let rows = match (word.prefix, word.text.chars().next()) {
                (true, Some(first)) => {
                    self.prefix.entry(first).or_default().push((word, row));
                    continue;
                }
                _ if forms => self.forms.entry(stem(&word.text)).or_default(),
                _ => self.exact.entry(&word.text).or_default(),
            };
            if rows.last() != Some(&row) {
                rows.push(row);
            }
        }
    }

    fn candidates(&self, word: &str, into: &mut Vec<u32>) {
        into.clear();
        into.extend(&self.always);
        into.extend(self.exact.get(word).into_iter().flatten());
        into.extend(self.forms.get(stem(word)).into_iter().flatten());
        let first = word.chars().next();
        let prefixes = first.and_then(|first| self.prefix.get(&first)).into_iter().flatten();
        into.extend(prefixes.filter(|(prefix, _)| prefix.is(word, false)).map(|&(_, row)| row));
        into.sort_unstable();
        into.dedup();
    }
}

/// Every signal of the tables that the task holds, in order of place; `fits` says whether a hole answers to a tag.
pub(super) fn find(task: &Task, fits: &dyn Fn(usize, &str) -> bool) -> Vec<Hit> {
    let index = index();
    let mut found: Vec<Hit> = Vec::new();
    let mut candidates = Vec::new();
    for at in 0..task.tokens.len() {
        index.candidates(&task.tokens[at].word, &mut candidates);
        for &row in &candidates {
            let (category, signal, phrase) = index.rows[row as usize];
            let known = found.iter().filter(|hit| std::ptr::eq(hit.signal, signal));
            if known.clone().count() >= MOST_PLACES || known.clone().any(|hit| hit.start == at) {
                continue;
            }
            let Some(end) = matches(task, fits, phrase, at) else { continue };
            let operation = !category.rule.is_empty();
            let quoted = task.tokens[at..end].iter().all(|token| token.quoted || (operation && token.shown));
            if quoted || (!signal.affirmed && negated(index, task, at, end)) || dropped(task, fits, signal, at) {
                continue;
            }
            let Some(beside) = beside(index, task, fits, phrase, (at, end), near_of(signal)) else { continue };
            if beside.iter().flatten().any(|part| dropped(task, fits, signal, part.0)) {
                continue;
            }
            if operation && conditional(index, task, signal, at, end) {
                continue;
            }
            if signal.max_words.is_some_and(|most| task.words > most) {
                continue;
            }
            found.push(Hit { category, signal, phrase, start: at, end: end - 1, beside });
        }
    }
    found
}

/// Whether a phrase stands anywhere in the task, neither quoted nor negated.
pub(super) fn says(task: &Task, fits: &dyn Fn(usize, &str) -> bool, phrase: &Phrase) -> bool {
    (0..task.tokens.len()).any(|at| {
        matches(task, fits, phrase, at).is_some_and(|end| {
            !task.tokens[at..end].iter().all(|token| token.quoted)
                && !negated(index(), task, at, end)
                && beside(index(), task, fits, phrase, (at, end), NEAR).is_some()
        })
    })
}

/// Whether a phrase stands at token `at`; gives the token after it.
fn matches(task: &Task, fits: &dyn Fn(usize, &str) -> bool, phrase: &Phrase, at: usize) -> Option<usize> {
    step(task, fits, &phrase.elements, at, task.tokens[at].sentence, &mut Vec::new())
}

/// The token after a row of elements that stands at `at`; `named` takes the tokens of its words, without its gaps.
fn step(
    task: &Task,
    fits: &dyn Fn(usize, &str) -> bool,
    elements: &[Element],
    at: usize,
    sentence: u32,
    named: &mut Vec<Range<usize>>,
) -> Option<usize> {
    let Some((first, rest)) = elements.split_first() else { return Some(at) };
    let token = task.tokens.get(at).filter(|token| token.sentence == sentence);
    match first {
        Element::Start => token.filter(|token| token.head).and_then(|_| step(task, fits, rest, at, sentence, named)),
        Element::Gap(width) => (0..=usize::from(*width))
            .take_while(|skip| {
                *skip == 0 || task.tokens.get(at + skip - 1).is_some_and(|token| token.sentence == sentence)
            })
            .find_map(|skip| step(task, fits, rest, at + skip, sentence, named)),
        Element::Any { runs, optional, forms } => {
            let word = token.filter(|token| token.hole.is_none()).map(|token| token.word.as_str());
            runs.before(word, *forms)
                .iter()
                .find_map(|run| {
                    let next = run_ends(task, fits, run, *forms, at, sentence)?;
                    named.push(at..next);
                    let end = step(task, fits, rest, next, sentence, named);
                    if end.is_none() {
                        named.pop();
                    }
                    end
                })
                .or_else(|| optional.then(|| step(task, fits, rest, at, sentence, named)).flatten())
        }
    }
}

/// The token after a run that stands at `at`.
fn run_ends(
    task: &Task,
    fits: &dyn Fn(usize, &str) -> bool,
    run: &[Atom],
    forms: bool,
    mut at: usize,
    sentence: u32,
) -> Option<usize> {
    for atom in run {
        let token = task.tokens.get(at).filter(|token| token.sentence == sentence);
        match (atom, token) {
            (Atom::End, None) => continue,
            (Atom::Word(word), Some(token)) if token.hole.is_none() && word.is(&token.word, forms) => {}
            (Atom::Figure, Some(token)) if token.word.starts_with(|c: char| c.is_ascii_digit()) => {}
            (Atom::Hole(tag), Some(token)) => {
                let hole = token.hole?;
                if tag.as_deref().is_some_and(|tag| !fits(hole, tag)) {
                    return None;
                }
            }
            _ => return None,
        }
        at += 1;
    }
    Some(at)
}

fn near_of(signal: &Signal) -> u32 {
    if signal.specified { NEAR_SPECIFIED } else { NEAR }
}

/// Where the further rows of a phrase stand near its first, each at a place of its own; `None` if one does not.
fn beside(
    index: &Index,
    task: &Task,
    fits: &dyn Fn(usize, &str) -> bool,
    phrase: &Phrase,
    first: (usize, usize),
    reach: u32,
) -> Option<[Option<(usize, usize)>; MOST_BESIDE]> {
    let mut found = [None; MOST_BESIDE];
    if phrase.beside.is_empty() {
        return Some(found);
    }
    let sentence = task.tokens[first.0].sentence;
    let near = |at: &usize| task.tokens[*at].sentence.abs_diff(sentence) <= reach;
    let from = (0..first.0).rev().take_while(near).last().unwrap_or(first.0);
    let to = (first.0..task.tokens.len()).take_while(near).last().unwrap_or(first.0);
    let mut taken = vec![first];
    for (slot, row) in found.iter_mut().zip(&phrase.beside) {
        let place = (from..=to).find_map(|at| {
            let end = step(task, fits, row, at, task.tokens[at].sentence, &mut Vec::new())?;
            let free = end > at && taken.iter().all(|(start, stop)| end <= *start || *stop <= at);
            (free && !task.tokens[at..end].iter().all(|token| token.quoted) && !negated(index, task, at, end))
                .then_some((at, end))
        })?;
        taken.push(place);
        *slot = Some((place.0, place.1 - 1));
    }
    Some(found)
}

/// Whether "not", "without" and the like stand before the match in its clause, or "nothing" after it.
fn negated(index: &Index, task: &Task, start: usize, end: usize) -> bool {
    let clause = task.tokens[start].clause;
    let before = task.tokens[start.saturating_sub(NEGATION_REACH)..start].iter();
    let before =
        before.filter(|token| token.clause == clause).any(|token| index.negations.contains(&token.word.as_str()));
    before
        || index.negations_after.iter().any(|run| {
            // "sin nada más" takes nothing back.
            let twice = |at: usize| at > end && index.negations.contains(&task.tokens[at - 1].word.as_str());
            (end..task.tokens.len().min(end + 3)).filter(|at| !twice(*at)).any(|at| {
                run.iter().enumerate().all(|(offset, word)| {
                    let token = task.tokens.get(at + offset);
                    token.is_some_and(|token| token.sentence == task.tokens[start].sentence && token.word == *word)
                })
            })
        })
}

/// What the tables say of the answer to a signal that is a question.
const QUESTION: &str = "the answer is yes or no";

/// Words by which a question is answered with yes or no.
const ANSWERS: &[&str] =
    &["yes", "no", "true", "false", "1", "0", "y", "n", "valid", "invalid", "exists", "missing", "found"];

/// Whether the match lies within "if ..." or "when ...", so that it names a case, not the task. Where the "if" is a part of
/// the match a question is asked, "if it holds a date, say yes", unless it goes on with something else than an answer to it.
fn conditional(index: &Index, task: &Task, signal: &Signal, start: usize, end: usize) -> bool {
    let sentence = task.sentence(start);
    let first = sentence.start;
    let opens = index.conditionals.contains(&task.tokens[first].word.as_str());
    let rest = &task.tokens[end..sentence.end];
    let goes_on = || {
        let mut behind = rest.iter().filter(|token| token.clause != task.tokens[first].clause).peekable();
        behind.peek().is_some() && !behind.any(|token| ANSWERS.contains(&token.word.as_str()))
    };
    opens
        && task.tokens[end - 1].clause == task.tokens[first].clause
        && (first < start || (signal.output.as_deref() == Some(QUESTION) && goes_on()))
}

/// Whether the sentence holds something that the signal does not stand beside.
fn dropped(task: &Task, fits: &dyn Fn(usize, &str) -> bool, signal: &Signal, at: usize) -> bool {
    if signal.unless.is_empty() {
        return false;
    }
    task.sentence(at).any(|at| signal.unless.iter().any(|phrase| matches(task, fits, phrase, at).is_some()))
}
