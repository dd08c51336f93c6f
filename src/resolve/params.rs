//! Parameters: what a frame binds them to, or a hole that remembers which one it is.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::types::{is_made, of_param};
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

impl World<'_> {
    /// A parameter by name: what the frame binds it to, or a hole that remembers which parameter it is.
    pub(super) fn param(&self, name: &SmolStr, function: FnRef, frame: &Rc<Frame>) -> Option<Value> {
        let at = self.function(function);
        for (index, param) in at.params.iter().enumerate() {
            if let ParamKind::Object(fields) = &param.kind {
                if let Some(field) = fields.iter().find(|field| field.local == *name) {
                    let whole = self.param_value(function, index as u32, frame);
                    let site = self.param_site(function);
                    if field.key.is_empty() {
                        return Some(whole);
                    }
                    // A field of an unbound parameter stands for the parameter in what callers may bind.
                    if let Value::Hole(hole) = &whole
                        && hole.param.is_some()
                    {
                        let default = field.default.map(|id| self.eval(ExprRef { file: function.file, id }, frame));
                        let (shape, because) = self.field_shape(param, &field.key, function.file);
                        return Some(Value::Hole(Rc::new(HoleValue {
                            name: name.as_str().into(),
                            default,
                            shape,
                            because,
                            ..(**hole).clone()
                        })));
                    }
                    return Some(self.field_of(&whole, field, site, frame));
                }
            } else if param.name == *name {
                return Some(self.param_value(function, index as u32, frame));
            }
        }
        None
    }

    /// Any expression of a function: where a parameter without one of its own is said to stand.
    fn param_site(&self, function: FnRef) -> ExprRef {
        let at = self.function(function);
        let first = at.params.iter().find_map(|param| param.annotation.or(param.default));
        ExprRef { file: function.file, id: first.or(at.site).unwrap_or(ExprId(0)) }
    }

    pub(super) fn param_value(&self, function: FnRef, index: u32, frame: &Rc<Frame>) -> Value {
        if frame.function == function
            && let Some(Some(value)) = frame.bound.get(index as usize)
        {
            return value.clone();
        }
        self.handed_back(function, index, frame).unwrap_or_else(|| self.param_hole(function, index))
    }

    /// The hole that an unbound parameter is.
    pub(super) fn param_hole(&self, function: FnRef, index: u32) -> Value {
        let at = self.function(function);
        let param = &at.params[index as usize];
        let file = function.file;
        let site = self.param_site(function);
        let span = crate::source::Span { file, start: param.start, end: param.end };
        let default = self.param_default(function, index);
        let typed = param.annotation.and_then(|id| self.typed(ExprRef { file, id }, site, Origin::Parameter));
        match typed {
            // What stands in for a parameter that is left out says how it was made: its type does not.
            Some(Value::Instance(typed)) if is_made(&default, typed.class) => {
                default.map_or(Value::Null, |made| of_param(&made, (function, index)))
            }
            // The annotation names a class or client: that says more than a hole, and nothing depends on the caller.
            Some(Value::Client(client)) => match (self.client_passed(function, index, client), default) {
                (Value::Client(bare), Some(Value::Client(made))) if bare.made.is_none() && made.sdk == bare.sdk => {
                    Value::Client(made)
                }
                (passed, _) => passed,
            },
            Some(Value::OneOf(all)) if all.iter().all(|one| matches!(one, Value::Instance(_))) => {
                Value::OneOf(Rc::new(all.iter().map(|one| of_param(one, (function, index))).collect()))
            }
            Some(value @ Value::OneOf(_)) if !value.alternatives().iter().any(|one| matches!(one, Value::Hole(_))) => {
                value
            }
            Some(record @ Value::Record(_)) => record,
            // What callers pass is still of interest: the fields of a request object are its prompt.
            Some(instance @ Value::Instance(_)) => of_param(&instance, (function, index)),
            typed => {
                let (shape, because) = match &typed {
                    Some(Value::Hole(hole)) => (hole.shape, Some((Rc::from("type annotation"), span))),
                    _ => (Shape::Unknown, None),
                };
                let because = if shape == Shape::Unknown { None } else { because };
                let shape = match &param.kind {
                    ParamKind::Rest => Shape::List,
                    _ => shape,
                };
                Value::Hole(Rc::new(HoleValue {
                    name: if param.name.is_empty() { "options".into() } else { param.name.as_str().into() },
                    span,
                    shape,
                    origin: Origin::Parameter,
                    because,
                    param: Some((function, index)),
                    default,
                    inner: None,
                    at: site,
                }))
            }
        }
    }

    /// The client that callers hand in as a field of an object, where the object's type leaves open how it was made:
    /// `deps.model` of a `Deps` that says no more than that it has one.
    pub(super) fn client_in_passed(
        &self,
        (function, index): (FnRef, u32),
        typed: Option<&Value>,
        name: &SmolStr,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let open = match typed {
            Some(Value::Client(client)) => client.made.is_none(),
            Some(Value::Hole(hole)) => hole.default.is_none() && hole.shape == Shape::Unknown,
            None => true,
            _ => false,
        };
        let passed = open.then(|| self.passed(function, index))??;
        let found = self.member_of_passed(function, index, &passed, name, at, frame)?;
        let all = found.alternatives();
        all.iter().all(|one| matches!(one, Value::Client(client) if client.made.is_some())).then_some(found)
    }
}
