//! What a call gives: functions of the program are run with what is known of their arguments, SDK constructors make
//! clients, and what the language's own functions do stands in tables.

use std::rc::Rc;

use super::World;
use super::args::field_of_param;
use super::budget::DEPTH;
use super::templates::Marks;
use super::value::*;
use crate::catalog::wrappers::WrapperWords;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Return statements of one function that are looked at.
pub(super) const RETURNS: usize = 8;

impl World<'_> {
    pub(super) fn call_value(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let python = self.language(at.file).is_python();
        let callee_at = ExprRef { file: at.file, id: call.callee };
        if let Some(path) = self.dotted(callee_at)
            && self.stdlib.reads_environment(python, &path)
        {
            return self.environment_call(call, at, frame);
        }
        if let Expr::Attr(base, method) = self.expr(callee_at) {
            let base_at = ExprRef { file: at.file, id: *base };
            let base = self.eval(base_at, frame);
            if let Some(value) = self.method_value(&base, base_at, method, call, at, frame) {
                return value;
            }
        }
        if let Some(module) = self.module_asked_for(call, callee_at, frame) {
            return module;
        }
        let callee = self.eval(callee_at, frame);
        if (callee.is_hole() || matches!(callee, Value::External(_)))
            && let Expr::Attr(_, method) = self.expr(callee_at)
            && let Some((sdk, client)) = self.catalog.client_by_method(method)
        {
            let made = Some((at, frame.clone()));
            return Value::Client(Rc::new(ClientValue { sdk, client, made, parts: Vec::new(), given: None }));
        }
        let values: Vec<_> = callee.alternatives().iter().filter_map(|one| self.called(one, call, at, frame)).collect();
        let known: Vec<_> = values.iter().filter(|value| !value.is_hole()).cloned().collect();
        let value = Value::one_of(if known.is_empty() { values } else { known });
        let value = value.unwrap_or_else(|| self.plain_call(call, at, frame));
        let value = self.still_theirs(value, call, &callee, at, frame);
        match callee.alternatives().iter().any(|one| matches!(one, Value::Func(_))) {
            true => self.of_their_object(value, call, at, frame),
            false => self.text_of_loader(&callee, call, at).unwrap_or(value),
        }
    }

    /// What is made of a prompt that callers hand in, in a way that is not followed, is still their prompt:
    /// `toProviderMessages(input.messages)`; and so is what a function of theirs makes: `prompt_builder(item)`.
    fn still_theirs(&self, value: Value, call: &Call, callee: &Value, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let Value::Hole(hole) = &value else {
            return value;
        };
        if hole.param.is_some() || hole.origin == Origin::Answer || matches!(hole.shape, Shape::Number | Shape::Bool) {
            return value;
        }
        let words = WrapperWords::embedded();
        let facts = self.facts(at.file);
        let made = match (callee, facts.expr(call.callee)) {
            (Value::Hole(made), Expr::Name(name)) if words.speaks_of_prompt(name) => made.param,
            _ => None,
        };
        let handed = || {
            call.args.iter().find_map(|arg| {
                let (Expr::Name(name) | Expr::Attr(_, name)) = facts.expr(arg.value) else {
                    return None;
                };
                match words.is_prompt_part(name).then(|| self.eval(ExprRef { file: at.file, id: arg.value }, frame))? {
                    Value::Hole(given) => given.param,
                    _ => None,
                }
            })
        };
        match made.or_else(handed) {
            param @ Some(_) => Value::Hole(Rc::new(HoleValue { param, ..(**hole).clone() })),
            None => value,
        }
    }

    /// A call of something unknown. What it is handed as a function without parameters it most likely runs: retry
    /// helpers, timers, caches.
    pub(super) fn plain_call(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        for arg in &call.args {
            let Expr::Func(id) = self.facts(at.file).expr(arg.value) else {
                continue;
            };
            if self.facts(at.file).function(*id).params.is_empty()
                && let Value::Func(func) = self.eval(ExprRef { file: at.file, id: arg.value }, frame)
            {
                let value = self.run(&func, &[], at, frame);
                if !matches!(value, Value::Null) {
                    return value;
                }
            }
        }
        self.hole(at, Shape::Unknown, Origin::Computed)
    }

    pub(super) fn environment_call(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let arg =
            |index: usize| call.args.get(index).map(|arg| self.eval(ExprRef { file: at.file, id: arg.value }, frame));
        let name = arg(0).and_then(|name| name.as_static()).unwrap_or_default();
        let named = call.args.iter().find(|arg| arg.name.as_deref() == Some("default"));
        let default = match named {
            Some(named) => Some(self.eval(ExprRef { file: at.file, id: named.value }, frame)),
            None => arg(1),
        };
        let default = default.filter(|value| !matches!(value, Value::Null));
        Value::Env(Rc::new(EnvValue { name: name.into(), default, span: self.span(at) }))
    }

    /// What calling one value gives; `None` if nothing is known.
    pub(super) fn called(&self, callee: &Value, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        match callee {
            // A class that only adjusts one of an SDK is still that client.
            Value::Class(class) if self.sdk_base(*class).is_none() && self.decorated_class(*class).is_some() => {
                Some(self.hole(at, Shape::Unknown, Origin::Answer))
            }
            Value::Class(class) => Some(self.object_of(*class, call, at, frame)),
            Value::Func(func) if self.decorated(func.function).is_some() => {
                Some(self.hole(at, Shape::Unknown, Origin::Answer))
            }
            Value::Func(func) => Some(self.run_call(func, call, at, frame)),
            Value::External(path) => Some(self.external_call(path, call, at, frame)),
            // A template that was compiled: `Handlebars.compile(text)({ name })`.
            Value::Text(_) if !self.language(at.file).is_python() && call.args.len() <= 1 => {
                Some(self.fill(callee, Marks::Handlebars, &self.given(call, at, frame), at))
            }
            Value::Member(client, path) => Some(self.client_call(client, path, at, frame)),
            Value::Client(client) => Some(self.client_call(client, "()", at, frame)),
            Value::Foreign(foreign) => {
                // Libraries that read settings: `Config(RepositoryEnv(".env")).get("MODEL", default="…")`.
                if self.stdlib.reads_environment(self.language(at.file).is_python(), &foreign.path) {
                    return Some(self.environment_call(call, at, frame));
                }
                Some(Value::Foreign(Rc::new(Foreign { path: format!("{}()", foreign.path).into(), at })))
            }
            Value::Instance(instance) => {
                match self.called_object(instance, at) {
                    Some(methods @ (Value::Func(_) | Value::OneOf(_))) => {
                        let runs = methods.alternatives().iter().filter_map(|one| match one {
                            Value::Func(func) => Some(self.run_call(func, call, at, frame)),
                            _ => None,
                        });
                        Value::one_of(runs.collect::<Vec<_>>())
                    }
                    // `cls(…)` of a class method: what stands for the class makes another object of it.
                    None => Some(self.object_of(instance.class, call, at, frame)),
                    _ => None,
                }
            }
            Value::Hole(hole) => {
                // A function handed in as a parameter is what callers pass.
                let (function, index) = hole.param?;
                match self.passed(function, index)? {
                    Value::Func(func) => Some(self.run_call(&func, call, at, frame)),
                    Value::Class(class) => Some(self.object_of(class, call, at, frame)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn run_call(&self, func: &FuncValue, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        // What returns nothing gives nothing, whatever it is given.
        let returns = &self.index(func.function.file).returns[func.function.id.0 as usize];
        let bound = if returns.is_empty() { Vec::new() } else { self.bind_to(func, call, at, frame) };
        match (self.run(func, &bound, at, frame), &func.receiver) {
            // A copy of what callers hand in, or the same with something added: `convo.fork()`.
            (Value::Instance(made), Some(Value::Instance(own))) if made.class == own.class && made.param.is_none() => {
                Value::Instance(Rc::new(Instance { param: own.param, ..(*made).clone() }))
            }
            // Looked up by an address: `prompt("judge:system")`. Or given back as it is where it is no address.
            (value, _)
                if value
                    .alternatives()
                    .iter()
                    .all(|one| one.is_hole() || bound.iter().flatten().any(|given| given.same(one))) =>
            {
                let mut given = bound.iter().flatten();
                let found = given.find_map(|given| self.addressed_text(given).or_else(|| self.text_asked_for(given)));
                found.unwrap_or(value)
            }
            (value, _) => value,
        }
    }

    /// What a function returns with its parameters bound so.
    pub(super) fn run(&self, func: &FuncValue, bound: &[Option<Value>], at: ExprRef, frame: &Rc<Frame>) -> Value {
        let hole = || self.hole(at, Shape::Unknown, Origin::Computed);
        if frame.depth >= self.depth() {
            // Of the limit that always holds the answer may be kept: it is the same each time.
            if frame.depth < DEPTH {
                self.cut();
            }
            return hole();
        }
        let inner = Rc::new(Frame {
            function: func.function,
            bound: bound.to_vec(),
            receiver: func.receiver.clone(),
            outer: func.outer.clone(),
            depth: frame.depth + 1,
            memo: Memo::default(),
        });
        self.followed.borrow_mut().push(Rc::downgrade(&inner));
        let function = self.function(func.function);
        if self.calls_itself(func.function) {
            return hole();
        }
        let returns = &self.index(func.function.file).returns[func.function.id.0 as usize];
        let mut values = Vec::new();
        for &place in returns.iter().take(RETURNS) {
            let stmt = &function.body[place as usize];
            let StmtKind::Return(Some(id)) = stmt.kind else {
                continue;
            };
            // What the function is called with may decide which way it goes.
            let arms = self.facts(func.function.file).contexts_from(stmt.context);
            let mut arms = arms.filter_map(|(arm, context)| match context.kind {
                ContextKind::Branch { group, .. } => Some(self.taken_arm(arm, group, func.function.file, &inner)),
                ContextKind::Root => None,
                _ => Some(None),
            });
            let certain = match arms.try_fold(Some(true), |all, taken| match taken {
                Some(false) => None,
                taken => Some(all.and(taken)),
            }) {
                Some(certain) => certain.is_some(),
                None => continue,
            };
            let returned = ExprRef { file: func.function.file, id };
            let value = self.narrowed(self.eval(returned, &inner), returned, stmt.context);
            values.extend(value.filter(|value| !matches!(value, Value::Null)));
            // Behind a return that is certain nothing runs.
            if certain {
                break;
            }
        }
        if values.is_empty() {
            return match function
                .returns
                .and_then(|id| self.typed(ExprRef { file: func.function.file, id }, at, Origin::Computed))
            {
                Some(value) => value,
                None if returns.is_empty() => Value::Null,
                None => hole(),
            };
        }
        // What has a default is known as far as anything is: `return model` beside `return "gpt-4o-mini"`.
        let has_default = |value: &Value| matches!(value, Value::Hole(hole) if matches!(&hole.default, Some(Value::Text(_) | Value::Env(_))));
        // So has a prompt that callers hand in, where it is given back as it is: `return messages`.
        let is_theirs = |value: &Value| {
            let prompt =
                |hole: &HoleValue| hole.param.is_some_and(|(function, index)| self.is_prompt_param(function, index));
            matches!(value, Value::Hole(hole) if prompt(hole)) && bound.iter().flatten().any(|given| given.same(value))
        };
        let is_known = |value: &&Value| !value.is_hole() || has_default(value) || is_theirs(value);
        let known: Vec<_> = values.iter().filter(is_known).cloned().collect();
        let typed = || {
            let returns = ExprRef { file: func.function.file, id: function.returns? };
            self.typed(returns, at, Origin::Computed)
        };
        if known.is_empty()
            && let Some(typed) = typed()
            && !values.iter().any(|value| matches!(value, Value::Hole(hole) if hole.origin == Origin::Answer))
        {
            return typed;
        }
        // One of several unknown things: the type still says what sort of client they all are.
        if !known.is_empty()
            && known.iter().flat_map(Value::alternatives).all(Value::is_hole)
            && let Some(client @ Value::Client(_)) = typed()
        {
            return client;
        }
        Value::one_of(if known.is_empty() { values } else { known }).unwrap_or_else(hole)
    }

    /// The arguments of a call by the parameters of the function that it calls.
    pub(super) fn bind(&self, function: FnRef, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Vec<Option<Value>> {
        let none = vec![None; self.function(function).params.len()];
        self.bind_onto(none, 0, true, function, call, at, frame)
    }

    /// The arguments of a call over those that are bound already, of which the first `next` parameters are taken by their
    /// places. Parameters that are left out have their defaults, if this is the call that runs the function.
    #[expect(clippy::too_many_arguments, reason = "a call, the function that it calls, and what that has already")]
    pub(super) fn bind_onto(
        &self,
        mut bound: Vec<Option<Value>>,
        mut next: usize,
        runs: bool,
        function: FnRef,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Vec<Option<Value>> {
        let to = self.function(function);
        let mut rest = Vec::new();
        let mut keywords = Vec::new();
        let mut open = false;
        let mut handed_on = None;
        // Where an argument goes that has no name: to the next parameter, or with those that no other takes.
        let mut place = |value, bound: &mut Vec<Option<Value>>, rest: &mut Vec<Value>| match to.params.get(next) {
            Some(param) if matches!(param.kind, ParamKind::Rest) => rest.push(value),
            Some(param) if matches!(param.kind, ParamKind::Plain | ParamKind::Object(_)) => {
                bound[next] = Some(value);
                next += 1;
            }
            _ => {
                rest.push(value);
                next += 1;
            }
        };
        for arg in &call.args {
            let value = self.eval(ExprRef { file: at.file, id: arg.value }, frame);
            match (arg.spread, &arg.name) {
                (Spread::No, Some(name)) => {
                    match to.params.iter().position(|param| {
                        param.name == *name && !matches!(param.kind, ParamKind::Rest | ParamKind::Keywords)
                    }) {
                        Some(index) => bound[index] = Some(value),
                        None => keywords.push((name.clone(), value)),
                    }
                }
                (Spread::No, None) => place(value, &mut bound, &mut rest),
                (Spread::Items, _) => match &value {
                    Value::List(list) if !list.open => {
                        list.items.iter().for_each(|item| place(item.clone(), &mut bound, &mut rest));
                    }
                    _ => open = true,
                },
                (Spread::Keys, _) => match &value {
                    Value::Record(record) => {
                        for (key, value) in &record.entries {
                            match to.params.iter().position(|param| param.name == *key) {
                                Some(index) => bound[index] = Some(value.clone()),
                                None => keywords.push((key.clone(), value.clone())),
                            }
                        }
                        open |= record.open;
                        handed_on = record.rest.clone().or(handed_on);
                    }
                    value => {
                        open = true;
                        handed_on = RecordValue::rest_of(value).or(handed_on);
                    }
                },
            }
        }
        let span = self.span(at);
        for (index, param) in to.params.iter().enumerate() {
            match param.kind {
                ParamKind::Rest | ParamKind::Keywords if !runs && rest.is_empty() && keywords.is_empty() => {}
                ParamKind::Rest => {
                    let items = std::mem::take(&mut rest);
                    bound[index] = Some(Value::List(Rc::new(ListValue { items, open, span })));
                }
                ParamKind::Keywords => {
                    let before = match bound[index].take() {
                        Some(Value::Record(before)) => before.entries.clone(),
                        _ => Vec::new(),
                    };
                    let entries = before.into_iter().chain(std::mem::take(&mut keywords)).collect();
                    bound[index] =
                        Some(Value::Record(Rc::new(RecordValue { entries, open, rest: handed_on.clone(), span })));
                }
                // `inner(**kwargs)`: what callers hand in by that name.
                ParamKind::Plain if bound[index].is_none() && handed_on.is_some() => {
                    bound[index] = handed_on.as_ref().and_then(|rest| field_of_param(rest, &param.name));
                }
                _ if runs && bound[index].is_none() && !open => {
                    let outer = self.symbolic(FnRef { file: function.file, id: to.parent });
                    bound[index] = match param.default {
                        Some(id) => {
                            // Marked as a default, so that a model that comes from here is known to be one.
                            let value = self.eval(ExprRef { file: function.file, id }, &outer);
                            Some(value)
                        }
                        None => None,
                    };
                }
                _ => {}
            }
        }
        bound
    }
}
