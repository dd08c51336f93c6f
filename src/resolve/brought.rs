//! What the callers of a function bring to its prompt: by that it is a wrapper, or asks something of its own.

use super::World;
use super::callers::Caller;
use super::prompts::Draft;
use super::value::FnRef;
use super::wrappers::TASK;
use crate::source::{FileId, is_test_file};

/// What the callers of a function bring, all together.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// Callers that count: tests only do where nothing else calls the function.
    pub(super) total: usize,
    /// Those that bring a text which can be a task of its own.
    pub(super) carrying: usize,
    /// Those that only hand on what they are handed.
    pub(super) passing: usize,
    /// Those among the carrying that are tests.
    pub(super) tests: usize,
    /// Those whose text outweighs what the function says itself.
    pub(super) heavy: usize,
    /// The most words that one of them brings.
    pub(super) most: Option<usize>,
    /// Whether a class that inherits the function says something of its own.
    pub(super) by_class: bool,
    /// By caller, whether it brings a task or hands one on.
    pub(super) any: Vec<bool>,
}

impl World<'_> {
    /// What each caller adds to the text of a function that asks with `draft`; `theirs` is what is asked by way of each.
    pub(super) fn brought<'d>(
        &self,
        target: FnRef,
        callers: &[Caller],
        theirs: impl Iterator<Item = Option<&'d Draft>>,
        draft: &Draft,
        asked: usize,
    ) -> Brought {
        let is_test = |file: FileId| is_test_file(&self.sources[file.0 as usize].path);
        let from_test = |caller: &Caller| is_test(caller.step.at.file) && !is_test(target.file);
        let only_tests = callers.iter().all(from_test);
        let mut all = Brought::default();
        for (caller, theirs) in callers.iter().zip(theirs) {
            let counts = only_tests || !from_test(caller);
            all.total += usize::from(counts);
            let Some(theirs) = theirs else {
                all.any.push(false);
                continue;
            };
            let of_class = if self.is_heirs(caller, target) { theirs.words_of_heir(draft) } else { None };
            let added = of_class.unwrap_or_else(|| theirs.words_beyond(draft));
            let around = self.enclosing(caller.step.at);
            let carries = added >= TASK;
            let passes = !carries && theirs.params().iter().any(|(function, _)| around.contains(function));
            all.any.push(carries || passes);
            if counts {
                all.by_class |= of_class.is_some();
                all.most = all.most.max(Some(added));
                all.carrying += usize::from(carries);
                all.passing += usize::from(passes);
                all.tests += usize::from(carries && only_tests);
                all.heavy += usize::from(added >= (3 * TASK).max(asked / 2));
            }
        }
        all
    }
}
