//! Methods that a base class has for its heirs: what they ask is said by the class of the object that is asked.

use std::rc::Rc;

use super::World;
use super::callers::Caller;
use super::choices::Said;
use super::prompts::Draft;
use super::value::*;
use super::wrappers::TASK;
use crate::syntax::facts::Expr;

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
