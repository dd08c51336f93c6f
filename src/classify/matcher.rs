//! Finds the phrases of the tables in a task.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::Task;
use crate::catalog::category::{Categories, Category, Signal};
use crate::catalog::phrase::{Atom, Element, Phrase, Word};

/// Words before a phrase in which a negation undoes it.
const NEGATION_REACH: usize = 4;

/// Places of one signal that are kept.
const MOST_PLACES: usize = 8;

/// A signal that a task holds, at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// The table it stands in.
    pub category: &'static Category,
    /// The signal.
    pub signal: &'static Signal,
    /// First token of the match.
    pub start: usize,
    /// Last token of the match.
    pub end: usize,
}

/// Phrases by the words that can begin them, so that a text is compared with few of them at each word.
struct Index {
    rows: Vec<(&'static Category, &'static Signal, &'static Phrase)>,
    exact: HashMap<&'static str, Vec<u32>>,
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
        let Some(words) = phrase.first_words() else {
            self.always.push(row);
            return;
        };
        for word in words {
            let rows = match (word.prefix, word.text.chars().next()) {
                (true, Some(first)) => {
                    self.prefix.entry(first).or_default().push((word, row));
                    continue;
                }
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
        let first = word.chars().next();
        let prefixes = first.and_then(|first| self.prefix.get(&first)).into_iter().flatten();
        into.extend(prefixes.filter(|(prefix, _)| prefix.is(word)).map(|&(_, row)| row));
        into.sort_unstable();
        into.dedup();
    }
}

/// Every signal of the tables that the task holds, in order of place; `shape_of` names the form of a hole.
pub(super) fn find(task: &Task, shape_of: &dyn Fn(usize) -> &'static str) -> Vec<Hit> {
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
            let Some(end) = matches(task, shape_of, phrase, at) else { continue };
            let quoted = task.tokens[at..end].iter().all(|token| token.quoted);
            if quoted || (!signal.affirmed && negated(index, task, at, end)) || dropped(task, shape_of, signal, at) {
                continue;
            }
            if !category.rule.is_empty() && conditional(index, task, at, end) {
                continue;
            }
            if signal.max_words.is_some_and(|most| task.words > most) {
                continue;
            }
            found.push(Hit { category, signal, start: at, end: end - 1 });
        }
    }
    found
}

/// Whether a phrase stands anywhere in the task, neither quoted nor negated.
pub(super) fn says(task: &Task, shape_of: &dyn Fn(usize) -> &'static str, phrase: &Phrase) -> bool {
    (0..task.tokens.len()).any(|at| {
        matches(task, shape_of, phrase, at).is_some_and(|end| {
            !task.tokens[at..end].iter().all(|token| token.quoted) && !negated(index(), task, at, end)
        })
    })
}

/// Whether a phrase stands at token `at`; gives the token after it.
fn matches(task: &Task, shape_of: &dyn Fn(usize) -> &'static str, phrase: &Phrase, at: usize) -> Option<usize> {
    step(task, shape_of, &phrase.elements, at, task.tokens[at].sentence)
}

fn step(
    task: &Task,
    shape_of: &dyn Fn(usize) -> &'static str,
    elements: &[Element],
    at: usize,
    sentence: u32,
) -> Option<usize> {
    let Some((first, rest)) = elements.split_first() else { return Some(at) };
    let token = task.tokens.get(at).filter(|token| token.sentence == sentence);
    match first {
        Element::Start => token.filter(|token| token.head).and_then(|_| step(task, shape_of, rest, at, sentence)),
        Element::Gap(width) => (0..=usize::from(*width))
            .take_while(|skip| {
                *skip == 0 || task.tokens.get(at + skip - 1).is_some_and(|token| token.sentence == sentence)
            })
            .find_map(|skip| step(task, shape_of, rest, at + skip, sentence)),
        Element::Any { runs, optional } => runs
            .iter()
            .find_map(|run| {
                let next = run_ends(task, shape_of, run, at, sentence)?;
                step(task, shape_of, rest, next, sentence)
            })
            .or_else(|| optional.then(|| step(task, shape_of, rest, at, sentence)).flatten()),
    }
}

/// The token after a run that stands at `at`.
fn run_ends(
    task: &Task,
    shape_of: &dyn Fn(usize) -> &'static str,
    run: &[Atom],
    mut at: usize,
    sentence: u32,
) -> Option<usize> {
    for atom in run {
        let token = task.tokens.get(at).filter(|token| token.sentence == sentence);
        match (atom, token) {
            (Atom::End, None) => continue,
            (Atom::Word(word), Some(token)) if token.hole.is_none() && word.is(&token.word) => {}
            (Atom::Hole(tag), Some(token)) => {
                let hole = token.hole?;
                if tag.as_deref().is_some_and(|tag| tag != shape_of(hole)) {
                    return None;
                }
            }
            _ => return None,
        }
        at += 1;
    }
    Some(at)
}

/// Whether "not", "without" and the like stand before the match in its clause, or "nothing" after it.
fn negated(index: &Index, task: &Task, start: usize, end: usize) -> bool {
    let clause = task.tokens[start].clause;
    let before = task.tokens[start.saturating_sub(NEGATION_REACH)..start].iter();
    let before =
        before.filter(|token| token.clause == clause).any(|token| index.negations.contains(&token.word.as_str()));
    before
        || index.negations_after.iter().any(|run| {
            (end..=end + 2).any(|at| {
                run.iter().enumerate().all(|(offset, word)| {
                    let token = task.tokens.get(at + offset);
                    token.is_some_and(|token| token.sentence == task.tokens[start].sentence && token.word == *word)
                })
            })
        })
}

/// Whether the match lies within "if ..." or "when ...", so that it names a case, not the task.
fn conditional(index: &Index, task: &Task, start: usize, end: usize) -> bool {
    let first = task.sentence(start).start;
    let opens = index.conditionals.contains(&task.tokens[first].word.as_str());
    opens && first < start && task.tokens[end - 1].clause == task.tokens[first].clause
}

/// Whether the sentence holds something that the signal does not stand beside.
fn dropped(task: &Task, shape_of: &dyn Fn(usize) -> &'static str, signal: &Signal, at: usize) -> bool {
    if signal.unless.is_empty() {
        return false;
    }
    task.sentence(at).any(|at| signal.unless.iter().any(|phrase| matches(task, shape_of, phrase, at).is_some()))
}
