//! Calls whose callee has another name than the function that they run: one taken from a table, one that a function
//! gave back, an object that is called, a member chosen by a name that is handed in.
//!
//! Who calls a function is looked up by its name. These calls are looked at once for the whole program, as soon as
//! anybody asks for the callers of anything, and stand in the answer beside those that the name finds.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::World;
use super::callers::{Caller, Step};
use super::opened::Opened;
use super::value::*;
use crate::catalog::wrappers::WrapperWords;
use crate::syntax::facts::*;

/// Functions up which the name of a member is followed to where it is written.
const LEVELS: u32 = 3;

/// Callers of one function that are asked for such a name.
const NAMING: usize = 12;

impl World<'_> {
    /// The calls that run a function under another name.
    pub(super) fn indirect(&self, target: FnRef) -> Vec<Caller> {
        if self.indirect.get().is_none() {
            let found = self.find_indirect();
            // Nobody else can have set it: finding asks for no callers but those by name.
            let _ = self.indirect.set(found);
        }
        self.indirect.get().and_then(|all| all.get(&target)).cloned().unwrap_or_default()
    }

    fn find_indirect(&self) -> FxHashMap<FnRef, Vec<Caller>> {
        let mut all: FxHashMap<FnRef, Vec<Caller>> = FxHashMap::default();
        for &at in &self.not_by_name {
            for func in self.guarded(at.file, || self.run_by(at)).unwrap_or_default() {
                let step = Step { at, skip: 0, receiver: func.receiver.clone(), given: func.given.clone() };
                all.entry(func.function).or_default().push(Caller { step, weak: false });
            }
        }
        all
    }

    /// The functions of the program that such a call may run.
    fn run_by(&self, at: ExprRef) -> Vec<Rc<FuncValue>> {
        let Expr::Call(call) = self.expr(at) else {
            return Vec::new();
        };
        if call.is_new || call.args.is_empty() {
            return Vec::new();
        }
        let callee = ExprRef { file: at.file, id: call.callee };
        let mut found = Vec::new();
        let value = self.ask(callee, &self.frame_of(at));
        for one in value.alternatives() {
            match one {
                Value::Func(func) => found.push(func.clone()),
                Value::Instance(instance) => {
                    let methods = self.called_object(instance, callee);
                    found.extend(methods.iter().flat_map(Value::alternatives).filter_map(|one| match one {
                        Value::Func(func) => Some(func.clone()),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        if found.is_empty()
            && let Expr::Index(base, key) = self.expr(callee)
        {
            let base = ExprRef { file: at.file, id: *base };
            let objects = match self.ask(base, &self.frame_of(at)) {
                Value::Hole(hole) => hole.param.and_then(|(function, index)| self.passed(function, index)),
                known => Some(known),
            };
            let objects: Vec<_> = objects
                .iter()
                .flat_map(Value::alternatives)
                .filter_map(|one| if let Value::Instance(instance) = one { Some(instance.clone()) } else { None })
                .collect();
            if objects.is_empty() {
                return found;
            }
            let mut names = Vec::new();
            let key = ExprRef { file: at.file, id: *key };
            self.written_names(&self.ask(key, &self.frame_of(at)), LEVELS, &mut names);
            for instance in &objects {
                for name in &names {
                    if let Some(Value::Func(func)) = self.attribute(instance, name, callee) {
                        found.push(func.clone());
                    }
                }
            }
        }
        found.sort_by_key(|func| func.function);
        found.dedup_by_key(|func| func.function);
        found
    }

    /// The texts that a value is, or that callers hand in for it.
    fn written_names(&self, value: &Value, levels: u32, names: &mut Vec<SmolStr>) {
        for one in value.alternatives() {
            if let Some(text) = one.as_static() {
                names.push(text.into());
            }
            let Value::Hole(hole) = one else {
                continue;
            };
            let Some((function, index)) = hole.param.filter(|_| levels > 0) else {
                continue;
            };
            for caller in self.named_callers(function).into_iter().take(NAMING) {
                let Expr::Call(call) = self.expr(caller.step.at) else {
                    continue;
                };
                let call = self.without(call, caller.step.skip);
                let frame = self.frame_of(caller.step.at);
                if let Some(value) = self.bound_one(function, index, &call, caller.step.at, &frame) {
                    self.written_names(&value, levels - 1, names);
                }
            }
        }
        names.sort_unstable();
        names.dedup();
    }

    /// A member of an object, by a name that is known where it is asked for: `provider["generate"]`.
    pub(super) fn named_member(
        &self,
        object: &Rc<Instance>,
        key: ExprRef,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let name = self.eval(key, frame).as_static()?;
        self.attribute(object, &SmolStr::new(name), at)
    }
}

impl Opened {
    /// Whether a callee tells by its form that its name need not be that of what it runs.
    pub(super) fn is_indirect(&self, call: &Call) -> bool {
        let facts = &self.facts;
        match facts.expr(call.callee) {
            Expr::Index(..) => true,
            Expr::Call(inner) => matches!(facts.expr(inner.callee), Expr::Name(_) | Expr::Attr(..)),
            // An object that is kept: `self.llm(prompt)`.
            Expr::Attr(base, name) if facts.language.is_python() => {
                matches!(facts.expr(*base), Expr::Name(base) if base == "self") && is_kept(facts, call.callee, name)
            }
            Expr::Name(name) => self.is_bound_to(name, call.callee, |target, value| {
                matches!(target, Target::Name(_)) && is_given(facts, value)
            }),
            _ => false,
        }
    }
}

/// Whether an attribute that is called in a method is a field that the class lists with its type, or one that is named
/// like a model and no method.
fn is_kept(facts: &FileFacts, at: ExprId, name: &SmolStr) -> bool {
    let Some(class) = super::index::class_around(facts, facts.node(at).function) else { return false };
    let class = facts.class(class);
    class.fields.iter().any(|field| field.name == *name && field.annotation.is_some())
        || WrapperWords::embedded().is_strong(name)
            && !class.methods.iter().any(|&method| facts.function(method).name == *name)
}

/// Whether a value comes out of a table or a call, rather than being written where it is bound.
fn is_given(facts: &FileFacts, value: ExprId) -> bool {
    match facts.expr(value) {
        Expr::Call(_) | Expr::Index(..) | Expr::Attr(..) | Expr::Name(_) => true,
        Expr::Cond { then, other, .. } => is_given(facts, *then) || is_given(facts, *other),
        Expr::Binary(operator, left, right) => {
            matches!(operator.as_str(), "or" | "||" | "??") && (is_given(facts, *left) || is_given(facts, *right))
        }
        _ => false,
    }
}
