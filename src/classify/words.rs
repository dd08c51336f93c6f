//! What the words of a whole prompt say together, where no phrase of the tables stands in it.
//!
//! Phrases find an operation that somebody foresaw; people word the same work in ways that nobody did. Each word, each pair of
//! words and each form of an input weighs a little for or against mechanical work, by a logistic regression over labelled
//! prompts: `scripts/fit-words.py` fits it, `queries/categories/words.tsv` holds it.

use super::inputs::{Inputs, Kind, name_words};
use super::text::Task;
use crate::catalog::phrase::stem;
use crate::catalog::words::Words;

/// Places that are shown of what told most.
const MOST_TELLING: usize = 4;

/// What the words of a prompt say together.
#[derive(Debug)]
pub(super) struct Said {
    /// How likely the work is mechanical, 0 to 1.
    pub chance: f64,
    /// The same in log-odds.
    pub score: f64,
    /// The kind of work, if it is mechanical: the id of its table.
    pub kind: &'static str,
    /// First and last tokens of what speaks for it, the strongest first.
    pub telling: Vec<(usize, usize)>,
}

/// Weighs the words of a prompt: term frequencies (sublinear) times rarity, of unit norm, in the two regressions. The kind and what
/// tells it are looked up only from a chance of `least` on.
pub(super) fn weigh(task: &Task, inputs: &Inputs, least: f64) -> Said {
    let tables = Words::embedded();
    let mut found = features(task, inputs);
    found.sort_by(|a, b| a.key.cmp(&b.key).then(a.from.cmp(&b.from)));
    let mut known = Vec::new();
    for same in found.chunk_by(|a, b| a.key == b.key) {
        if let Some(weight) = tables.weight(&same[0].key) {
            known.push((&same[0], (1.0 + (same.len() as f64).ln()) * weight.rarity, weight.weight));
        }
    }
    let norm = known.iter().map(|(_, value, _)| value * value).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    let score = tables.bias + known.iter().map(|(_, value, weight)| value * weight).sum::<f64>() / norm;
    let chance = 1.0 / (1.0 + (-score).exp());
    if chance < least {
        return Said { chance, score, kind: "", telling: Vec::new() };
    }
    let mut kinds = tables.kind_bias.clone();
    for (feature, value, _) in &known {
        for (sum, weight) in kinds.iter_mut().zip(tables.kind_weights(&feature.key).into_iter().flatten()) {
            *sum += value * weight / norm;
        }
    }
    // The first of those that weigh most: no two are alike on real prompts.
    let best = kinds.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    known.retain(|(feature, value, weight)| value * weight > 0.0 && !feature.key.starts_with(['=', '_']));
    known.sort_by(|a, b| (b.1 * b.2).total_cmp(&(a.1 * a.2)).then(a.0.from.cmp(&b.0.from)));
    let mut telling: Vec<(usize, usize)> = Vec::new();
    for (feature, ..) in known {
        let apart = |&(from, to): &(usize, usize)| feature.to < from || to < feature.from;
        if telling.len() < MOST_TELLING && telling.iter().all(apart) {
            telling.push((feature.from, feature.to));
        }
    }
    let kind = best.and_then(|(at, _)| tables.kinds.get(at)).copied().unwrap_or_default();
    Said { chance, score, kind, telling }
}

/// A thing that a prompt shows, and the tokens that show it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Feature {
    /// The word, the pair, the form.
    pub key: String,
    /// First token.
    pub from: usize,
    /// Last token.
    pub to: usize,
}

/// Everything that a prompt shows, once for each place: words (`sort`), their stems (`~sort`), words that open a sentence
/// (`^sort`), pairs within a sentence (`sort by`), the forms of holes (`{date}`) and the words of their names (`_due`), and what
/// sort of input there is as a whole (`=scalar`).
pub(super) fn features(task: &Task, inputs: &Inputs) -> Vec<Feature> {
    let mut found = Vec::with_capacity(task.tokens.len() * 4);
    let mut before: Option<(u32, String)> = None;
    for (at, token) in task.tokens.iter().enumerate() {
        let mut add = |key: String, from: usize| found.push(Feature { key, from, to: at });
        let word = match token.hole {
            Some(hole) => {
                for word in name_words(&task.holes[hole].name) {
                    add(format!("_{word}"), at);
                }
                let input = &inputs.all[hole];
                format!("{{{}}}", form(input.kind, input.shape.name()))
            }
            None if token.word.bytes().all(|byte| byte.is_ascii_digit()) => "#".to_owned(),
            None => token.word.clone(),
        };
        if let Some((_, last)) = before.take_if(|(sentence, _)| *sentence == token.sentence) {
            add(format!("{last} {word}"), at - 1);
        }
        if token.head {
            add(format!("^{word}"), at);
        }
        let stem = stem(&word);
        if stem != word {
            add(format!("~{stem}"), at);
        }
        add(word.clone(), at);
        before = Some((token.sentence, word));
    }
    let last = task.tokens.len().saturating_sub(1);
    let counts = |kinds: &[Kind]| inputs.all.iter().filter(|input| kinds.contains(&input.kind)).count();
    let whole = match inputs.all.len() {
        0 => "=none",
        all if counts(&[Kind::Scalar]) == all => "=scalar",
        all if counts(&[Kind::Scalar, Kind::Formal]) == all => "=formed",
        _ if counts(&[Kind::Free, Kind::Talk, Kind::Media, Kind::Instruction]) > 0 => "=free",
        _ => "=open",
    };
    found.push(Feature { key: whole.to_owned(), from: 0, to: last });
    found
}

fn form(kind: Kind, shape: &'static str) -> &'static str {
    match kind {
        Kind::Scalar | Kind::Formal => shape,
        Kind::Free => "free",
        Kind::Weak => "weak",
        Kind::Unknown => "unknown",
        Kind::Instruction => "instruction",
        Kind::Talk => "talk",
        Kind::Media => "media",
    }
}
