//! Functions that are bound to a part of their arguments in one place and called in another: `partial(ask, system="…")`,
//! `ask.bind(null, "…")`.
//!
//! Where all that the prompt is made of is bound at once, the place that binds it is the call to look at, whoever runs
//! it. Where something is left open, it is the place that runs it.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::callers::{Caller, Step};
use super::index::last_name;
use super::locate::Hit;
use super::value::*;
use super::wrappers::Site;
use crate::catalog::stdlib::Gives;
use crate::catalog::wrappers::WrapperWords;
use crate::syntax::facts::*;

/// Functions that a bound function is handed through on its way to where it is called.
const HANDED: u32 = 3;

/// Places where one bound function is called at most.
const RUNS: usize = 8;

/// A place that runs a bound function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// The call that hands it the last arguments.
    pub(super) call: ExprRef,
    /// The call that gives the answer to the function which bound it.
    pub(super) answers: ExprRef,
}

impl World<'_> {
    /// What binding a function gives: the function, with what it is bound to.
    pub(super) fn bound_value_of(&self, of: &Value, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let given = |before: &Option<Rc<Given>>| {
            Some(Rc::new(Given { call: at, skip: 1, frame: frame.clone(), before: before.clone() }))
        };
        let bound = of.alternatives().iter().filter_map(|one| match one {
            Value::Func(func) => {
                Some(Value::Func(Rc::new(FuncValue { given: given(&func.given), ..(**func).clone() })))
            }
            Value::Member(client, path) => {
                let client = ClientValue { given: given(&client.given), ..(**client).clone() };
                Some(Value::Member(Rc::new(client), path.clone()))
            }
            _ => None,
        });
        Value::one_of(bound.collect::<Vec<_>>())
    }

    /// Whether a call binds a function and runs nothing.
    pub(super) fn only_binds(&self, call: &Call, at: ExprRef) -> bool {
        let callee = ExprRef { file: at.file, id: call.callee };
        let python = self.language(at.file).is_python();
        let binds = |path: &str| self.stdlib.function(python, path) == Some(Gives::Bound);
        match self.expr(callee) {
            Expr::Attr(_, method) if !python && method == "bind" => true,
            Expr::Attr(..) | Expr::Name(_) => {
                last_name(self.facts(at.file), call.callee).is_some_and(|name| self.stdlib.is_binding(python, &name))
                    && matches!(self.eval(callee, &self.frame_of(callee)), Value::External(path) if binds(&path))
            }
            _ => false,
        }
    }

    /// The arguments of a call by the parameters of a function that may be bound to some already.
    pub(super) fn bind_to(&self, func: &FuncValue, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Vec<Option<Value>> {
        match &func.given {
            None => self.bind(func.function, call, at, frame),
            Some(given) => {
                let (bound, place) = self.given_to(func.function, given);
                self.bind_onto(bound, place, true, func.function, call, at, frame)
            }
        }
    }

    /// What a function is bound to, and how many of its parameters are taken by their places.
    fn given_to(&self, function: FnRef, given: &Given) -> (Vec<Option<Value>>, usize) {
        let (before, place) = match &given.before {
            Some(before) => self.given_to(function, before),
            None => (vec![None; self.function(function).params.len()], 0),
        };
        let Expr::Call(call) = self.expr(given.call) else { return (before, place) };
        let call = self.without(call, given.skip);
        let plain = call.args.iter().filter(|arg| arg.name.is_none() && arg.spread == Spread::No).count();
        (self.bind_onto(before, place, false, function, &call, given.call, &given.frame), place + plain)
    }

    /// The places that run what a call binds: by the name that it is kept under, or in functions that it is handed to.
    pub(super) fn runs_of(&self, bound: ExprRef) -> Vec<Run> {
        let mut runs = Vec::new();
        self.runs_from(bound, None, HANDED, &mut runs);
        runs.truncate(RUNS);
        runs
    }

    /// Where a function goes from an expression that is it; `answers` is the call in the function that bound it.
    fn runs_from(&self, value: ExprRef, answers: Option<ExprRef>, left: u32, runs: &mut Vec<Run>) {
        let facts = self.facts(value.file);
        let here = |id: ExprId| ExprRef { file: value.file, id };
        if let Some(parent) = facts.node(value.id).parent {
            let Expr::Call(call) = facts.expr(parent) else { return };
            let parent = here(parent);
            let answers = answers.unwrap_or(parent);
            if call.callee == value.id {
                runs.push(Run { call: parent, answers });
                return;
            }
            let callee = here(call.callee);
            // What is kept for later runs it with what nobody knows here.
            if last_name(facts, call.callee).is_some_and(|name| WrapperWords::embedded().registers(&name)) {
                return;
            }
            let Some(place) = call.args.iter().position(|arg| arg.value == value.id).filter(|_| left > 0) else {
                return;
            };
            let Some(function) = self.function_of(&self.eval(callee, &self.frame_of(callee))) else {
                // Something outside that runs it: a retry helper, a pool.
                runs.push(Run { call: parent, answers });
                return;
            };
            let own = self.function(function);
            let param = match &call.args[place].name {
                Some(name) => own.params.iter().find(|param| param.name == *name),
                None => own.params.get(place),
            };
            if let Some(param) = param {
                for used in self.uses_after(&param.name, function, param.start, None) {
                    self.runs_from(used, Some(answers), left - 1, runs);
                }
            }
            return;
        }
        let Some(&(function, place)) = self.index(value.file).ways(facts).roots.get(&value.id) else {
            return;
        };
        let stmt = &facts.function(function).body[place as usize];
        if let StmtKind::Bind(Target::Name(name), _) = &stmt.kind {
            let function = FnRef { file: value.file, id: function };
            for used in self.uses_after(name, function, stmt.start, Some(stmt.context)) {
                self.runs_from(used, answers, left, runs);
            }
        }
    }

    /// What the functions that a bound function is handed to run it with, for the parameters that are still open.
    pub(super) fn filled_by_runs(&self, bound: &mut [Option<Value>], function: FnRef, step: &Step) {
        let Expr::Call(binding) = self.expr(step.at) else { return };
        let open = |value: &Option<Value>| value.is_none();
        if !bound.iter().any(open) || !self.only_binds(binding, step.at) {
            return;
        }
        let given = Given { call: step.at, skip: step.skip, frame: self.frame_of(step.at), before: None };
        let (_, place) = self.given_to(function, &given);
        let none = || vec![None; bound.len()];
        let handed: Vec<Vec<Option<Value>>> = self
            .runs_of(step.at)
            .iter()
            .filter(|run| run.call != run.answers)
            .filter_map(|run| match self.expr(run.call) {
                Expr::Call(call) if last_name(self.facts(run.call.file), call.callee).is_some() => {
                    Some(self.bind_onto(none(), place, false, function, call, run.call, &self.frame_of(run.call)))
                }
                _ => None,
            })
            .collect();
        for (index, slot) in bound.iter_mut().enumerate().filter(|(_, slot)| open(slot)) {
            *slot = Value::one_of(handed.iter().filter_map(|all| all.get(index)?.clone()).collect::<Vec<_>>());
        }
    }

    /// Of the places that bind a function and those that run what was bound, the ones to look at.
    pub(super) fn where_bound(&self, hit: &Hit, target: FnRef, callers: Vec<Caller>, steps: &[Step]) -> Vec<Caller> {
        if !callers.iter().any(|caller| caller.step.given.is_some()) {
            return callers;
        }
        let run: Vec<ExprRef> =
            callers.iter().filter_map(|caller| caller.step.given.as_ref().map(|given| given.call)).collect();
        let whole: Vec<ExprRef> = callers
            .iter()
            .filter(|caller| caller.step.skip > 0 && run.contains(&caller.step.at))
            .filter(|caller| {
                let longer: Vec<Step> = [&caller.step].into_iter().chain(steps).cloned().collect();
                self.drafted(hit, &longer)
                    .is_some_and(|(draft, _)| !draft.params().iter().any(|(function, _)| *function == target))
            })
            .map(|caller| caller.step.at)
            .collect();
        let counts = |caller: &Caller| match &caller.step.given {
            Some(given) => !whole.contains(&given.call),
            None => !run.contains(&caller.step.at) || whole.contains(&caller.step.at),
        };
        callers.into_iter().filter(counts).collect()
    }

    /// What is bound whole and run by one call in the same function is called there: `answer = await retry(bound)`.
    pub(super) fn moved_to_run(&self, site: &mut Site) {
        let at = site.at();
        let Expr::Call(call) = self.expr(at) else { return };
        if !self.only_binds(call, at) {
            return;
        }
        let mut runs: Vec<ExprRef> = self.runs_of(at).iter().map(|run| run.answers).collect();
        runs.dedup();
        if let [run] = runs[..]
            && run.file == at.file
            && self.node(run).function == self.node(at).function
        {
            site.chain.insert(0, run);
        }
    }

    /// Whether a call of an operation counts where its arguments are bound in one place and handed in another: the one
    /// that has the prompt does.
    pub(super) fn has_its_prompt(&self, hit: &Hit) -> bool {
        let Expr::Call(call) = self.expr(hit.at) else { return true };
        let run = hit.receiver.as_ref().is_some_and(|client| client.given.is_some());
        if !run && (hit.skip == 0 || !self.only_binds(call, hit.at)) {
            return true;
        }
        let own = Args::of_call(self, call, hit.at, &self.frame_of(hit.at), hit.skip);
        let paths = &self.operation(hit.op).prompt;
        let says = |args: &Args<'_, '_>| paths.iter().any(|path| args.get(path).is_some());
        says(&own)
            || run
                && !hit.receiver.iter().filter_map(|client| client.given.as_ref()).any(|given| {
                    matches!(self.expr(given.call), Expr::Call(bound)
                    if says(&Args::of_call(self, bound, given.call, &given.frame, given.skip)))
                })
    }
}
