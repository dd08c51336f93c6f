//! Methods that a base class has for its heirs: what they ask is said by the class of the object that is asked.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::callers::Caller;
use super::choices::Said;
use super::prompts::Draft;
use super::value::*;
use super::wrappers::TASK;
use crate::syntax::facts::{Expr, ExprId};

/// Methods by which frameworks run an object that is called, in the order in which they are looked for.
const WORKING: &[&str] = &["forward", "run", "invoke"];

/// Bases of one class that are gone up to.
const UP: usize = 8;

impl World<'_> {
    /// The method among the functions around a call that only objects of heirs of its class are asked for, as far as it is
    /// known who asks: `Summary().run(text)`, where `run` stands in `Block` and the prompt in `Summary`.
    pub(super) fn shared_method(&self, around: &[FnRef]) -> Option<FnRef> {
        around.iter().copied().find(|&method| {
            let Some(id) = self.function(method).class else { return false };
            let own = ClassRef { file: method.file, id };
            // The constructor of an heir is called for itself.
            if self.heirs(own).is_empty() || self.constructor(own) == Some(method) {
                return false;
            }
            let callers = self.callers(method);
            let from_outside = |caller: &Caller| self.is_heirs(caller, method) && !self.is_layer(caller.step.at);
            !callers.is_empty() && callers.iter().all(from_outside)
        })
    }

    /// The objects of which one is asked where a method of a base is called on what may be one of several.
    pub(super) fn receivers(&self, called: ExprRef, func: &FuncValue, frame: &Rc<Frame>) -> Option<Value> {
        let several = || {
            let Expr::Attr(base, name) = self.expr(called) else { return None };
            let Value::OneOf(all) = self.eval(ExprRef { file: called.file, id: *base }, frame) else { return None };
            let has_it = |one: &&Value| {
                matches!(one, Value::Instance(object)
                    if matches!(self.attribute(object, name, called), Some(Value::Func(own)) if own.function == func.function))
            };
            Value::one_of(all.iter().filter(has_it).cloned().collect::<Vec<_>>())
        };
        several().or_else(|| func.receiver.clone())
    }

    /// The method that runs where an object itself is called: `self.llm(prompt)`. A class below one of a framework that is
    /// not part of the program may leave it to that to call the method which does the work.
    pub(super) fn called_object(&self, object: &Rc<Instance>, at: ExprRef) -> Option<Value> {
        let method = |name: &'static str| self.attribute(object, &SmolStr::new_static(name), at);
        method("__call__").or_else(|| {
            let is_python = self.language(object.class.file).is_python();
            if !is_python || self.stands_for_class(at) || !self.is_below_another(object.class) {
                return None;
            }
            let runs = |value: &Value| value.alternatives().iter().any(|one| matches!(one, Value::Func(_)));
            WORKING.iter().find_map(|name| method(name).filter(runs))
        })
    }

    /// Whether a call, or what is called, is of what stands for a class or its base rather than for an object:
    /// `super()`, `cls(…)`, `self.__class__(…)`.
    fn stands_for_class(&self, at: ExprRef) -> bool {
        let called = match self.expr(at) {
            Expr::Call(call) => self.expr(ExprRef { file: at.file, id: call.callee }),
            called => called,
        };
        match called {
            Expr::Name(name) => matches!(name.as_str(), "super" | "cls"),
            Expr::Attr(_, name) => name == "__class__",
            _ => true,
        }
    }

    /// Whether a class has a base, however far up, that is no class of the program.
    pub(super) fn is_below_another(&self, class: ClassRef) -> bool {
        let mut seen = vec![class];
        let mut next = 0;
        while let Some(&class) = seen.get(next) {
            next += 1;
            let own = self.bases(class);
            let named =
                |base: &&ExprId| !matches!(self.facts(class.file).expr(**base), Expr::Name(name) if name == "object");
            if own.len() < self.class(class).bases.iter().filter(named).count() {
                return true;
            }
            seen.extend(own.into_iter().filter(|base| !seen.contains(base)).take(UP).collect::<Vec<_>>());
        }
        false
    }

    /// Whether a call is on an object of a class below the one that a method stands in.
    pub(super) fn is_heirs(&self, caller: &Caller, method: FnRef) -> bool {
        let (Some(receiver), Some(id)) = (&caller.step.receiver, self.function(method).class) else { return false };
        let own = ClassRef { file: method.file, id };
        let is_heir = |one: &Value| matches!(one, Value::Instance(object) if object.class != own);
        !caller.weak && receiver.alternatives().iter().all(is_heir)
    }
}

impl Draft {
    /// Words that the class of an object brings to what a method asks for all of them; `None` where it says nothing that the
    /// others do not say.
    pub(super) fn words_of_heir(&self, shared: &Draft) -> Option<usize> {
        if shared.words_beyond(self) < TASK {
            return None;
        }
        let certain = |said: &Said| match said {
            Said::Message(role, pieces) => {
                let fixed = pieces.iter().filter(|piece| !matches!(piece, TextPiece::Choice(_))).cloned().collect();
                Some(Said::Message(role.clone(), fixed))
            }
            Said::OneOf(_) => None,
        };
        let certain = Draft { messages: shared.messages.iter().filter_map(certain).collect(), ..*shared };
        Some(self.words_beyond(&certain)).filter(|words| *words >= TASK)
    }
}
