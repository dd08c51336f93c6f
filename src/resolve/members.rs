//! What an attribute, key or index of a value is.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::args::field_of_param;
use super::bases::is_to_base;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::source::{FileId, is_test_file};
use crate::syntax::facts::*;

/// A member of a parameter.
pub(super) type Passing = (FnRef, u32, SmolStr);

/// What callers pass for a parameter, or the place of the busy question that asks.
pub(super) type Passed = Result<Option<Value>, usize>;

impl World<'_> {
    /// `base.name`.
    pub(super) fn member(&self, base: &Value, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        // What callers pass for a parameter may be that parameter again: the ring is cut like any other.
        if !self.deeper() {
            return self.hole(at, Shape::Unknown, Origin::Unknown);
        }
        let value = self.member_inner(base, name, at, frame);
        self.nesting.set(self.nesting.get() - 1);
        value
    }

    fn member_inner(&self, base: &Value, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        match base {
            Value::Module(file) => {
                self.exported(*file, name, 32).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown))
            }
            Value::External(path) => Value::External(extend(path, name, self.language(at.file).is_python())),
            Value::Foreign(foreign) => self.command_line(foreign, name, at).unwrap_or_else(|| {
                Value::Foreign(Rc::new(Foreign { path: format!("{}.{name}", foreign.path).into(), at }))
            }),
            Value::Client(client) => Value::Member(client.clone(), name.clone()),
            Value::Member(client, path) => Value::Member(client.clone(), format!("{path}.{name}").into()),
            Value::Record(record) => match record.get(name) {
                Some(value) => value.clone(),
                None => match &record.rest {
                    Some(rest) => self.rest_member(rest, name, at, frame),
                    None => self.hole(at, Shape::Unknown, Origin::Field),
                },
            },
            Value::Instance(instance) => {
                let found = self.attribute(instance, name, at);
                if let Some(param) = instance.param
                    && let Some(theirs) = self.client_in_passed(param, found.as_ref(), name, at, frame)
                {
                    return theirs;
                }
                match (found, instance.param) {
                    (Some(value), None) => value,
                    (Some(value), Some(_))
                        if !matches!(value, Value::Hole(_) | Value::Null | Value::Instance(_)) && !is_empty(&value) =>
                    {
                        value
                    }
                    (Some(Value::Instance(inner)), param) => {
                        Value::Instance(Rc::new(Instance { param, ..(*inner).clone() }))
                    }
                    (found, param) => self.field_of_param(found, param, at),
                }
            }
            Value::Func(_) if self.stdlib.runs_its_function(self.language(at.file).is_python(), name) => base.clone(),
            Value::Class(class) => {
                self.class_member(*class, name, at).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown))
            }
            Value::Text(_) if name == "parent" => {
                self.parent_of(base).unwrap_or_else(|| self.hole(at, Shape::Path, Origin::Computed))
            }
            Value::Text(_) if matches!(name.as_str(), "stem" | "name") && self.path_name(base, name).is_some() => {
                self.path_name(base, name).unwrap_or(Value::Null)
            }
            // The text of an enum member, and what libraries wrap text in.
            Value::Text(_) if matches!(name.as_str(), "value" | "template" | "text" | "content" | "prompt") => {
                base.clone()
            }
            Value::Num(..) if name == "value" => base.clone(),
            Value::List(list) if name == "length" => Value::Num(list.items.len().to_string().into(), list.span),
            Value::OneOf(all) => {
                let found: Vec<_> = all
                    .iter()
                    .filter(|one| !matches!(one, Value::Null))
                    .map(|one| self.member(one, name, at, frame))
                    .collect();
                let known: Vec<_> = found.iter().filter(|value| !value.is_hole()).cloned().collect();
                Value::one_of(if known.is_empty() { found } else { known }).unwrap_or(Value::Null)
            }
            Value::Hole(hole) => self.hole_member(hole, name, at, frame),
            Value::Env(env) => match &env.default {
                Some(default) => self.member(default, name, at, frame),
                None => self.hole(at, Shape::Unknown, Origin::Settings),
            },
            _ => self.hole(at, Shape::Unknown, Origin::Unknown),
        }
    }

    /// `getattr(base, name)`: what is found under any of the names that may be meant.
    pub(super) fn member_by_name(&self, base: &Value, names: &Value, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let found = names.names().into_iter().map(|name| self.member(base, &SmolStr::new(name), at, frame));
        Value::one_of(found.filter(|found| !found.is_hole() && !matches!(found, Value::Null)).collect::<Vec<_>>())
    }

    /// A field of something that a parameter is: still that parameter as far as callers go, with the form that the
    /// class gives to the field.
    pub(super) fn field_of_param(&self, typed: Option<Value>, param: Option<(FnRef, u32)>, at: ExprRef) -> Value {
        let Value::Hole(named) = self.hole(at, Shape::Unknown, Origin::Field) else {
            return Value::Null;
        };
        let (shape, because, default) = match typed {
            Some(Value::Hole(hole)) => (hole.shape, hole.because.clone(), hole.default.clone()),
            _ => (Shape::Unknown, None, None),
        };
        Value::Hole(Rc::new(HoleValue { shape, because, default, param, ..(*named).clone() }))
    }

    fn hole_member(&self, hole: &Rc<HoleValue>, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        if let Some(default) = &hole.default
            && !default.is_hole()
            && !matches!(default, Value::Null | Value::Text(_))
        {
            return self.member(default, name, at, frame);
        }
        // A parameter without a type is what callers pass.
        if let Some((function, index)) = hole.param
            && let Some(value) =
                self.passed(function, index).and_then(|whole| self.part_of_passed(hole, whole, at, frame))
            && !value.is_hole()
            && !value.alternatives().iter().any(|one| matches!(one, Value::Hole(inner) if inner.param == hole.param))
            && let Some(found) = self.member_of_passed(function, index, &value, name, at, frame)
        {
            // What a prompt is made of is each caller's own; what does the work is the same for all.
            let content = |one: &Value| matches!(one, Value::Text(_) | Value::List(_) | Value::Record(_));
            let own = self.enclosing(at).contains(&function) && found.alternatives().iter().any(content);
            if !found.is_hole() && !own {
                return found;
            }
        }
        let origin = match hole.origin {
            Origin::Parameter | Origin::Unknown => Origin::Field,
            other => other,
        };
        let Value::Hole(member) = self.hole(at, Shape::Unknown, origin) else {
            return Value::Null;
        };
        Value::Hole(Rc::new(HoleValue { param: hole.param, ..(*member).clone() }))
    }

    /// What of a passed object a destructured name takes: of `{ provider, prompt }` the provider.
    fn part_of_passed(&self, hole: &HoleValue, whole: Value, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let (function, index) = hole.param?;
        let ParamKind::Object(fields) = &self.function(function).params[index as usize].kind else {
            return Some(whole);
        };
        let Some(field) = fields.iter().find(|field| *field.local == *hole.name && !field.key.is_empty()) else {
            return Some(whole);
        };
        Some(self.member(&whole, &field.key, at, frame)).filter(|part| !part.is_hole())
    }

    /// A member of a parameter that was spread into a record: each caller's own, as what a prompt is made of is.
    fn rest_member(&self, rest: &Rc<HoleValue>, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        field_of_param(rest, name).unwrap_or_else(|| self.hole_member(rest, name, at, frame))
    }

    /// A member of what callers pass for a parameter; `None` if that very question is being answered: functions that hand
    /// a value to each other in a ring add nothing to what comes into the ring from outside.
    pub(super) fn member_of_passed(
        &self,
        function: FnRef,
        index: u32,
        value: &Value,
        name: &SmolStr,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let question = (function, index, name.clone());
        let asked = self.passing.borrow().iter().find(|(passing, _)| *passing == question).map(|(_, place)| *place);
        if let Some(place) = asked {
            self.wait(place);
            return None;
        }
        self.passing.borrow_mut().push((question, self.place()));
        let found = self.member(value, name, at, frame);
        self.passing.borrow_mut().pop();
        Some(found)
    }

    /// `base[key]`.
    pub(super) fn item(&self, base: &Value, key: ExprRef, at: ExprRef, frame: &Rc<Frame>) -> Value {
        match base {
            // Of the models that an SDK offers, one is taken: `models[0]`.
            Value::Client(_) if matches!(self.expr(key), Expr::Num(_)) => base.clone(),
            Value::Record(record) => {
                let key = self.eval(key, frame);
                if let Some(theirs) = self.chosen_by_callers(record, &key, at) {
                    return theirs;
                }
                let several = key.names();
                if several.len() > 1 && matches!(key, Value::OneOf(_)) && super::paths::holds_texts(record) {
                    let values = several.iter().filter_map(|key| record.get(key).cloned()).collect::<Vec<_>>();
                    return Value::one_of(values).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Field));
                }
                match key.as_static().or_else(|| self.default_text(&key)) {
                    Some(key) => match record.get(&key) {
                        Some(value) => value.clone(),
                        None => match &record.rest {
                            Some(rest) => self.rest_member(rest, &SmolStr::new(key), at, frame),
                            None => self.hole(at, Shape::Unknown, Origin::Field),
                        },
                    },
                    // Chosen at run time: any of them.
                    None => Value::one_of(record.entries.iter().map(|(_, value)| value.clone()))
                        .unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Field)),
                }
            }
            Value::List(list) => {
                let index = match self.eval(key, frame) {
                    Value::Num(text, _) => text.parse::<usize>().ok(),
                    _ => None,
                };
                match index.and_then(|index| list.items.get(index)) {
                    Some(value) if !list.open => value.clone(),
                    _ => self.any_item(base, at),
                }
            }
            // A slice of text is still that text, as far as its static pieces go.
            Value::Text(_) => base.clone(),
            Value::OneOf(all) => Value::one_of(all.iter().map(|one| self.item(one, key, at, frame)))
                .unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown)),
            Value::Class(class) => {
                // `Enum["NAME"]` and generic classes.
                let key = self.eval(key, frame);
                key.as_static()
                    .and_then(|key| self.class_member(*class, &SmolStr::new(key), at))
                    .unwrap_or(Value::Class(*class))
            }
            Value::Env(env) => match &env.default {
                Some(default) => self.item(default, key, at, frame),
                None => self.hole(at, Shape::Unknown, Origin::Settings),
            },
            Value::Hole(hole) => {
                let name = self.eval(key, frame).as_static();
                match name {
                    Some(name) => self.hole_member(hole, &SmolStr::new(name), at, frame),
                    None => self.any_item(base, at),
                }
            }
            Value::Foreign(foreign) => {
                Value::Foreign(Rc::new(Foreign { path: format!("{}.[]", foreign.path).into(), at }))
            }
            Value::External(_) => base.clone(),
            Value::Instance(object) => self
                .named_member(object, key, at, frame)
                .unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown)),
            _ => self.hole(at, Shape::Unknown, Origin::Unknown),
        }
    }

    /// The text that a setting or parameter has when nothing is given.
    pub(super) fn default_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Env(env) => env.default.as_ref()?.as_static(),
            Value::Hole(hole) => hole.default.as_ref()?.as_static(),
            _ => None,
        }
    }

    /// What callers pass for a parameter, where the calls can be found: used for receivers and models. What tests pass in
    /// stands for it only where nothing else calls the function, and the names that they make up never do.
    pub(super) fn passed(&self, function: FnRef, index: u32) -> Option<Value> {
        const CALLERS: usize = 12;
        if let Some(known) = self.asked.borrow().get(&(function, index)) {
            match known {
                Ok(known) => return known.clone(),
                // Asked again while being answered: the ring is cut here.
                Err(place) => self.wait(*place),
            }
            return None;
        }
        self.asked.borrow_mut().insert((function, index), Err(self.place()));
        let at = self.function(function);
        let is_constructor = at.flavour == Flavour::Constructor;
        let name = match at.class {
            Some(class) if is_constructor => self.facts(function.file).class(class).name.clone(),
            _ => at.name.clone(),
        };
        let is_test = |file: FileId| is_test_file(&self.sources[file.0 as usize].path);
        let is_tested = !is_test(function.file);
        let (mut values, mut of_tests, mut is_used) = (Vec::new(), Vec::new(), false);
        for &call_at in self.calls.get(&name).map(Vec::as_slice).unwrap_or_default().iter().take(CALLERS * 4) {
            if values.len() >= CALLERS {
                break;
            }
            let of_test = is_tested && is_test(call_at.file);
            if of_test && (is_used || of_tests.len() >= CALLERS) {
                continue;
            }
            let Expr::Call(call) = self.expr(call_at) else { continue };
            // What an heir hands to its base says nothing of other objects.
            if is_to_base(self.facts(call_at.file), call) {
                continue;
            }
            let frame = self.frame_of(call_at);
            let callee = self.eval(ExprRef { file: call_at.file, id: call.callee }, &frame);
            let meant = callee.alternatives().iter().any(|one| match one {
                Value::Func(func) => func.function == function,
                Value::Class(class) => {
                    is_constructor && self.constructor(*class).is_some_and(|constructor| constructor == function)
                }
                _ => false,
            });
            if !meant {
                continue;
            }
            is_used |= !of_test;
            let given = self.bound_one(function, index, call, call_at, &frame);
            // An object that a function hands on as it was handed it: `self` outside every class, or a client. Of another
            // object that is found so it is not known whether it is the only one.
            let given = match given {
                Some(Value::Hole(hole)) => {
                    let above = hole.param.and_then(|(function, index)| self.passed(function, index));
                    above.filter(|above| {
                        &*hole.name == "self" || above.alternatives().iter().any(|one| matches!(one, Value::Client(_)))
                    })
                }
                given => given,
            };
            if let Some(value) = given
                && !value.is_hole()
                && !matches!(value, Value::Null)
            {
                match of_test {
                    false => values.push(value),
                    true if value.as_static().is_none() => of_tests.push(value),
                    true => {}
                }
            }
        }
        let value = Value::one_of(if is_used { values } else { of_tests });
        self.asked.borrow_mut().insert((function, index), Ok(value.clone()));
        value
    }

    /// The constructor that making an instance of a class runs, its own or a base's.
    pub(super) fn constructor(&self, class: ClassRef) -> Option<FnRef> {
        let facts = self.facts(class.file);
        let own = facts.class(class.id).methods.iter().find(|&&id| facts.function(id).flavour == Flavour::Constructor);
        match own {
            Some(&id) => Some(FnRef { file: class.file, id }),
            None => self.bases(class).into_iter().take(4).find_map(|base| self.constructor(base)),
        }
    }
}

/// Whether a value is a list or record that begins empty: what is in it by the time that it is handed in, others put there.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(list) => list.items.is_empty() && !list.open,
        Value::Record(record) => record.entries.is_empty() && !record.open,
        _ => false,
    }
}

/// Whether a text has nothing in it yet.
pub(super) fn is_blank(value: &Value) -> bool {
    value.as_static().is_some_and(|text| text.trim().is_empty())
}

/// The qualified name of a member of something outside: `openai` + `OpenAI`, `openai#*` + `OpenAI`.
pub(super) fn extend(path: &SmolStr, name: &SmolStr, python: bool) -> SmolStr {
    match path.strip_suffix("#*") {
        Some(module) if !python => format!("{module}#{name}").into(),
        _ => format!("{path}.{name}").into(),
    }
}
