//! A call as those ask about it who come after the verdict: what its prompt says, and which values go in.

use super::inputs::{Inputs, Kind, name_words};
use super::matcher::says;
use super::text::Task;
use crate::catalog::category::Categories;
use crate::catalog::phrase::Phrase;
use crate::program::{CallSite, Hole, Shape};

/// The task of a call, read once.
#[derive(Debug)]
pub struct Reading {
    task: Task,
    inputs: Inputs,
}

/// A value that goes into a prompt.
#[derive(Debug)]
pub struct Given<'a> {
    /// The hole.
    pub hole: &'a Hole,
    /// Its form, from code or from names.
    pub shape: Shape,
    /// The words of its name.
    pub words: Vec<String>,
}

impl Reading {
    /// Reads the prompt of a call.
    pub fn new(call: &CallSite) -> Self {
        let tables = Categories::embedded();
        let task = Task::new(call, tables);
        let inputs = Inputs::new(&task, tables);
        Self { task, inputs }
    }

    /// Whether the prompt says a phrase, neither in quotation marks nor to forbid it.
    pub fn says(&self, phrase: &Phrase) -> bool {
        says(&self.task, &|hole, tag| self.inputs.answers_to(&self.task, hole, tag), phrase)
    }

    /// The values that go in, without instructions unless nothing else does: then only their names say so.
    pub fn values(&self) -> Vec<Given<'_>> {
        let all = self.task.holes.iter().zip(&self.inputs.all);
        let none = self.inputs.all.iter().all(|input| input.kind == Kind::Instruction);
        all.filter(|(_, input)| none || input.kind != Kind::Instruction)
            .map(|(hole, input)| Given { hole, shape: input.shape, words: name_words(&hole.name) })
            .collect()
    }
}
