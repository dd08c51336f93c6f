//! What is known of the form of a value that goes into a prompt.

use super::World;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::source::Span;

impl World<'_> {
    /// Form and origin of a hole, from its expression, its type, or what callers pass for it.
    pub(super) fn hole_shape(&self, hole: &HoleValue) -> (Shape, Origin, Option<(String, Span)>) {
        let because = hole.because.as_ref().map(|(text, span)| (text.to_string(), *span));
        if hole.shape != Shape::Unknown {
            // A list of a few items that every caller writes down does not grow.
            if let Some((function, index)) = hole.param
                && (hole.shape, hole.origin) == (Shape::List, Origin::Parameter)
                && let Some((Shape::List, Origin::Computed, span)) = self.passed_shapes(function, index)
            {
                return (Shape::List, Origin::Computed, Some(("what callers pass".to_owned(), span)));
            }
            return (hole.shape, hole.origin, because);
        }
        if let Some((function, index)) = hole.param
            && hole.origin == Origin::Parameter
        {
            let seen = self.passed_shapes(function, index);
            if let Some((shape, origin, span)) = seen {
                return (shape, origin, Some(("what callers pass".to_owned(), span)));
            }
        }
        (hole.shape, hole.origin, because)
    }

    /// The form of what callers pass for a parameter, if they agree.
    fn passed_shapes(&self, function: FnRef, index: u32) -> Option<(Shape, Origin, Span)> {
        const CALLERS: usize = 8;
        let own = self.function(function);
        let mut found: Option<(Shape, Origin, Span)> = None;
        for &at in self.calls.get(&own.name)?.iter().take(CALLERS) {
            let crate::syntax::facts::Expr::Call(call) = self.expr(at) else {
                continue;
            };
            let frame = self.frame_of(at);
            let callee = self.ask(ExprRef { file: at.file, id: call.callee }, &frame);
            if !callee.alternatives().iter().any(|one| matches!(one, Value::Func(func) if func.function == function)) {
                continue;
            }
            let (shape, origin) = match &self.bound_one(function, index, call, at, &frame)? {
                Value::Hole(hole) => (hole.shape, hole.origin),
                Value::Foreign(_) => (Shape::Unknown, Origin::Record),
                Value::Num(..) => (Shape::Number, Origin::Computed),
                Value::Bool(_) => (Shape::Bool, Origin::Computed),
                Value::Record(_) => (Shape::Json, Origin::Computed),
                Value::List(list) if list.open => (Shape::List, Origin::Parameter),
                Value::List(_) => (Shape::List, Origin::Computed),
                _ => return None,
            };
            match &found {
                None => found = Some((shape, origin, self.span(at))),
                Some((seen, ..)) if *seen == shape => {}
                Some(_) => return None,
            }
        }
        found.filter(|(shape, origin, _)| {
            *shape != Shape::Unknown || !matches!(origin, Origin::Parameter | Origin::Unknown)
        })
    }
}
