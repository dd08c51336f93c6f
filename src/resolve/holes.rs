//! Values that are known only at run time, and items of lists that stand for all the others.

use std::rc::Rc;

use super::World;
use super::value::*;
use crate::program::{Origin, Shape};

impl World<'_> {
    /// A value known only at run time, named by its source text.
    pub(super) fn hole(&self, at: ExprRef, shape: Shape, origin: Origin) -> Value {
        Value::Hole(Rc::new(HoleValue {
            name: self.short(at),
            span: self.span(at),
            shape,
            origin,
            because: None,
            param: None,
            default: None,
            inner: None,
            at,
        }))
    }

    /// As [`Self::hole`], with what the shape was concluded from.
    pub(super) fn hole_because(&self, at: ExprRef, shape: Shape, origin: Origin, because: &str) -> Value {
        let Value::Hole(hole) = self.hole(at, shape, origin) else {
            return Value::Null;
        };
        let because = Some((Rc::from(because), self.span(at)));
        Value::Hole(Rc::new(HoleValue { because, ..(*hole).clone() }))
    }

    pub(super) fn spread_hole(&self, value: &Value, at: ExprRef) -> Value {
        match value {
            Value::Hole(_) => value.clone(),
            _ => self.hole(at, Shape::List, Origin::Unknown),
        }
    }

    /// What an item of a list may be: one that branches add is itself, the items of the list that an arm adds, or
    /// nothing where no arm is taken.
    fn chosen_items(&self, item: &Value, at: ExprRef) -> Vec<Value> {
        let Value::OneOf(arms) = item else {
            return vec![item.clone()];
        };
        let is_nothing = |arm: &&Value| match arm {
            Value::List(list) => list.items.is_empty() && !list.open,
            Value::Text(_) => arm.as_static().is_some_and(|text| text.is_empty()),
            _ => false,
        };
        let of = |arm: &Value| if matches!(arm, Value::List(_)) { self.any_item(arm, at) } else { arm.clone() };
        arms.iter().filter(|arm| !is_nothing(arm)).map(of).collect()
    }

    /// One item of what is run over.
    pub(super) fn any_item(&self, value: &Value, at: ExprRef) -> Value {
        match value {
            Value::List(list) => Value::one_of(list.items.iter().flat_map(|item| self.chosen_items(item, at)))
                .unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown)),
            Value::OneOf(all) => Value::one_of(all.iter().map(|one| self.any_item(one, at)))
                .unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown)),
            Value::Hole(hole) => {
                let shape = if hole.shape == Shape::List { Shape::Unknown } else { hole.shape };
                // An item of a list that callers pass is still theirs.
                Value::Hole(Rc::new(HoleValue { shape, default: None, ..(**hole).clone() }))
            }
            Value::Env(env) => env
                .default
                .as_ref()
                .map_or_else(|| self.hole(at, Shape::Unknown, Origin::Settings), |default| self.any_item(default, at)),
            _ => self.hole(at, Shape::Unknown, Origin::Unknown),
        }
    }
}
