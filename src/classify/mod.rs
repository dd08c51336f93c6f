//! Judging calls: a [`CallSite`] goes in, a [`Verdict`] with its evidence comes out.
//!
//! Knows how evidence is gathered and weighed; knows no words: those stand in `queries/categories/`. A call is
//! mechanical only where its input has a defined form, its output has a defined form, and its prompt names an
//! operation that a rule decides, with nothing that asks for judgment.

mod against;
mod inputs;
mod matcher;
mod reading;
mod signals;
mod text;
mod weigh;
mod words;

pub use reading::{Given, Reading};

use crate::catalog::category::Categories;
use crate::finding::Verdict;
use crate::program::{CallSite, Program};

/// Judges a call.
pub fn classify(call: &CallSite, program: &Program) -> Verdict {
    let tables = Categories::embedded();
    let task = text::Task::new(call, tables);
    let inputs = inputs::Inputs::new(&task, tables);
    let seen = signals::gather(call, program, &task, &inputs, tables);
    weigh::weigh(call, program, &task, &inputs, seen, tables)
}

/// The sum of all evidence for a mechanical reading, in log-odds: what confidence is computed from.
pub fn score(verdict: &Verdict) -> f64 {
    Categories::embedded().weight("bias") + verdict.evidence.iter().map(|evidence| evidence.weight).sum::<f64>()
}

/// What the words of a prompt show, one key for each place: what `scripts/fit-words.py` fits its weights to.
pub fn features(call: &CallSite) -> Vec<String> {
    let tables = Categories::embedded();
    let task = text::Task::new(call, tables);
    let inputs = inputs::Inputs::new(&task, tables);
    words::features(&task, &inputs).into_iter().map(|feature| feature.key).collect()
}
