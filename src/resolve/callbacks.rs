//! What a function that is written where it is handed on gets from the one that runs it: `shortened(messages, (fit) =>
//! ask(fit))` runs `ask` on what `shortened` makes of the messages.

use std::rc::Rc;

use super::World;
use super::value::*;
use crate::syntax::facts::*;

/// Calls of one name in one function that are looked at.
const CALLS: usize = 4;

impl World<'_> {
    /// What a function of the program hands to a parameter of a function that is written among the arguments of its call.
    /// `None` where that is not known, or is no more than a parameter of its own.
    pub(super) fn handed_back(&self, function: FnRef, index: u32, frame: &Rc<Frame>) -> Option<Value> {
        let facts = self.facts(function.file);
        let site = facts.function(function.id).site?;
        let at = ExprRef { file: function.file, id: facts.node(site).parent? };
        let Expr::Call(call) = self.expr(at) else { return None };
        let place = call.args.iter().position(|arg| arg.value == site && arg.name.is_none())?;
        if frame.depth >= self.depth() || call.args[..place].iter().any(|arg| arg.spread != Spread::No) {
            return None;
        }
        let outer = match &frame.outer {
            Some(outer) if frame.function == function => outer.clone(),
            _ => self.frame_of(at),
        };
        let callee = self.eval(ExprRef { file: at.file, id: call.callee }, &outer);
        let Value::Func(runner) = &callee else { return None };
        let own = self.function(runner.function);
        let runs = &own.params.get(place)?.name;
        let bound = self.bind_to(runner, call, at, &outer);
        let inside = Rc::new(Frame {
            function: runner.function,
            bound,
            receiver: runner.receiver.clone(),
            outer: runner.outer.clone(),
            depth: outer.depth + 1,
            memo: Memo::default(),
        });
        let calls = self.calls.get(runs).map(Vec::as_slice).unwrap_or_default().iter();
        let within = calls.filter(|call| {
            call.file == runner.function.file && (own.start..own.end).contains(&self.node(**call).start)
        });
        let values = within.take(CALLS).filter_map(|&inner| {
            let Expr::Call(run) = self.expr(inner) else { return None };
            let plain = matches!(self.expr(ExprRef { id: run.callee, ..inner }), Expr::Name(_));
            let arg =
                run.args.get(index as usize).filter(|arg| plain && arg.spread == Spread::No && arg.name.is_none())?;
            let frame = self.nested(inner, runner.function, inside.clone());
            Some(self.eval(ExprRef { file: inner.file, id: arg.value }, &frame))
        });
        Value::one_of(values.collect::<Vec<_>>()).filter(|value| !value.is_hole())
    }
}
