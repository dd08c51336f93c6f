//! Questions about values, and the steps that each may take.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::World;
use super::rings::NOTHING;
use super::value::*;

/// Steps that one question about a value may take. What needs more is a hole; the limit counts, so that every machine
/// gives the same answer.
const STEPS: u32 = 20_000;

/// How many calls deep values are followed into functions of the program.
pub(super) const DEPTH: u32 = 8;

/// Steps of one question after which calls are followed half as deep, and after as many again half of that. On 36
/// trees the whole depth found no receiver more, and took up to nine times the memory.
const PATIENCE: u32 = 1_000;

/// Steps that such a question may take at all.
const FRUGAL: u32 = 5_000;

impl World<'_> {
    /// Answers a question about one expression from scratch, such as what a call's receiver is. There is one for every
    /// call that may reach a model, most of which do not: the longer it takes, the less deep calls are followed.
    pub(super) fn ask(&self, at: ExprRef, frame: &Rc<Frame>) -> Value {
        if let Some(value) = self.exhausted.borrow().get(&(at, Rc::as_ptr(frame) as usize)) {
            return value.clone();
        }
        self.afresh();
        self.frugal.set(true);
        let value = self.eval(at, frame);
        // One that used its steps up would use them up again for everybody who asks: `row.get` is asked for every
        // function of that name. Only frames that are kept can be told apart later.
        if self.spent() && self.frames.borrow().get(&frame.function).is_some_and(|kept| Rc::ptr_eq(kept, frame)) {
            self.exhausted.borrow_mut().insert((at, Rc::as_ptr(frame) as usize), value.clone());
        }
        self.frugal.set(false);
        value
    }

    /// Begins a question: the budget of steps starts anew. What the last one found out in the frames of calls it
    /// followed is forgotten, for values hold such frames long after anybody asks in them again.
    pub(super) fn afresh(&self) {
        self.steps.set(0);
        if self.place() == 0 {
            self.waits.set(NOTHING);
        }
        self.made.borrow_mut().clear();
        for frame in self.followed.borrow_mut().drain(..).filter_map(|frame| frame.upgrade()) {
            *frame.memo.0.borrow_mut() = FxHashMap::default();
        }
    }

    /// Whether the steps of the question are used up.
    pub(super) fn spent(&self) -> bool {
        self.steps.get() > if self.frugal.get() { FRUGAL } else { STEPS }
    }

    /// How many calls deep values are followed at this point of a question.
    pub(super) fn depth(&self) -> u32 {
        if self.frugal.get() { DEPTH >> (self.steps.get() / PATIENCE).min(DEPTH) } else { DEPTH }
    }
}
