//! What type annotations say of values.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::index::last_name;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

impl World<'_> {
    /// The client that a parameter is by its type: where all callers pass one and the same, that has a model too.
    pub(super) fn client_passed(&self, function: FnRef, index: u32, of: Rc<ClientValue>) -> Value {
        let Some(passed) = self.passed(function, index) else { return Value::Client(of) };
        let same = |one: &&Value| matches!(one, Value::Client(client) if client.sdk == of.sdk);
        // A factory hands one of several back, as a setting says.
        match Value::one_of(passed.alternatives().iter().filter(same).cloned()) {
            Some(clients) => clients,
            None => Value::Client(of),
        }
    }

    /// The parameter whose fields are spread, where its type tells its class: `{ ...options, json: true }`.
    pub(super) fn rest_of_typed(&self, value: &Value, at: ExprRef) -> Option<Rc<HoleValue>> {
        let Value::Instance(object) = value else { return None };
        let param = Some(object.param?);
        match self.hole(at, Shape::Unknown, Origin::Parameter) {
            Value::Hole(hole) => Some(Rc::new(HoleValue { param, ..(*hole).clone() })),
            _ => None,
        }
    }

    /// What a type annotation says of a value.
    pub(super) fn typed(&self, annotation: ExprRef, at: ExprRef, origin: Origin) -> Option<Value> {
        use crate::catalog::stdlib::TypeMeaning;
        let facts = self.facts(annotation.file);
        let sub = |id: ExprId| ExprRef { file: annotation.file, id };
        let python = facts.language.is_python();
        let hole = |shape| Some(self.hole_because(at, shape, origin, "type annotation"));
        match facts.expr(annotation.id) {
            Expr::Name(_) | Expr::Attr(..) => {
                let written = self.dotted(annotation)?;
                match self.stdlib.type_meaning(python, &written) {
                    Some(TypeMeaning::Shape(shape)) => return hole(shape),
                    Some(TypeMeaning::Through) => return None,
                    None => {}
                }
                let function = self.symbolic(FnRef { file: annotation.file, id: self.node(annotation).function });
                match self.eval(annotation, &function) {
                    Value::Class(class) if self.is_enum(class) => hole(Shape::Enum),
                    Value::Class(class) => Some(Value::Instance(Rc::new(Instance::of(class)))),
                    // `type AppConfig = ReturnType<typeof loadConfig>`: what that function gives.
                    record @ Value::Record(_) if !python => Some(record),
                    Value::External(path) => self.client_named(&path, annotation.file).map(|(sdk, client)| {
                        Value::Client(Rc::new(ClientValue { sdk, client, made: None, parts: Vec::new(), given: None }))
                    }),
                    _ => None,
                }
            }
            Expr::Index(base, key) => {
                let name = last_name(facts, *base)?;
                match self.stdlib.type_meaning(python, &name) {
                    Some(TypeMeaning::Through) => match facts.expr(*key) {
                        Expr::List(items) => items.iter().find_map(|item| self.typed(sub(item.value), at, origin)),
                        _ => self.typed(sub(*key), at, origin),
                    },
                    Some(TypeMeaning::Shape(shape)) => hole(shape),
                    None => self.typed(sub(*base), at, origin),
                }
            }
            Expr::Binary(operator, left, right) if operator == "|" => {
                let sides = [self.typed(sub(*left), at, origin), self.typed(sub(*right), at, origin)];
                Value::one_of(sides.into_iter().flatten()).map(|value| match value {
                    Value::OneOf(all)
                        if all.iter().all(|one| matches!(one, Value::Hole(hole) if hole.shape == Shape::Enum)) =>
                    {
                        all[0].clone()
                    }
                    other => other,
                })
            }
            Expr::Str(_) | Expr::Num(_) => hole(Shape::Enum),
            Expr::Record(_) => hole(Shape::Json),
            _ => None,
        }
    }

    /// What a type stands for that says it of another: `ReturnType<typeof loadConfig>` for what that function gives,
    /// `Annotated[Settings, Depends(…)]` for `Settings`.
    pub(super) fn result_type(&self, of: ExprRef, argument: ExprRef, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let Expr::Name(name) = self.expr(of) else { return None };
        if self.language(of.file).is_python() {
            return (name == "Annotated").then(|| self.eval(argument, frame));
        }
        match name.as_str() {
            "ReturnType" => match self.eval(argument, frame) {
                Value::Func(func) => Some(self.run(&func, &[], at, frame)),
                _ => None,
            },
            "Awaited" => Some(self.eval(argument, frame)).filter(|value| matches!(value, Value::Record(_))),
            _ => None,
        }
    }

    pub(super) fn is_enum(&self, class: ClassRef) -> bool {
        let facts = self.facts(class.file);
        let own = facts.class(class.id);
        let by_base = own.bases.iter().any(|&base| last_name(facts, base).is_some_and(|name| name.ends_with("Enum")));
        by_base
            || (!facts.language.is_python()
                && !own.fields.is_empty()
                && own.methods.is_empty()
                && !own.is_interface
                && own
                    .fields
                    .iter()
                    .all(|field| matches!(field.value.map(|id| facts.expr(id)), Some(Expr::Str(_) | Expr::Num(_)))))
    }

    /// The form of a destructured field, from the annotation of the parameter.
    pub(super) fn field_shape(
        &self,
        param: &Param,
        key: &SmolStr,
        file: crate::source::FileId,
    ) -> (Shape, Option<(Rc<str>, crate::source::Span)>) {
        let Some(annotation) = param.annotation else {
            return (Shape::Unknown, None);
        };
        let at = ExprRef { file, id: annotation };
        let facts = self.facts(file);
        let field = match facts.expr(annotation) {
            Expr::Record(entries) => entries
                .iter()
                .find(|entry| entry.key.as_ref() == Some(key))
                .and_then(|entry| self.typed(ExprRef { file, id: entry.value }, at, Origin::Parameter)),
            _ => match self.typed(at, at, Origin::Parameter) {
                Some(Value::Instance(instance)) => self.attribute(&instance, key, at),
                _ => None,
            },
        };
        match field {
            Some(Value::Hole(hole)) if hole.shape != Shape::Unknown => (hole.shape, hole.because.clone()),
            _ => (Shape::Unknown, None),
        }
    }
}

/// A hole whose declaration gives it a type: what callers pass for it, and what it is without, stays known.
pub(super) fn typed_hole(hole: &HoleValue, declared: Value) -> Value {
    match (hole.param, &declared) {
        (Some(param), Value::Instance(_)) => of_param(&declared, param),
        (_, Value::Hole(typed)) if hole.param.is_some() || hole.default.is_some() => {
            let known = hole.shape != Shape::Unknown;
            let (shape, because) =
                if known { (hole.shape, hole.because.clone()) } else { (typed.shape, typed.because.clone()) };
            Value::Hole(Rc::new(HoleValue { shape, because, ..hole.clone() }))
        }
        _ => declared,
    }
}

/// Whether a value is an object of a class, made by a call that is known.
pub(super) fn is_made(value: &Option<Value>, class: ClassRef) -> bool {
    matches!(value, Some(Value::Instance(object)) if object.class == class && object.made.is_some())
}

/// An object that is what callers pass for a parameter.
pub(super) fn of_param(value: &Value, param: (FnRef, u32)) -> Value {
    match value {
        Value::Instance(instance) => Value::Instance(Rc::new(Instance { param: Some(param), ..(**instance).clone() })),
        other => other.clone(),
    }
}
