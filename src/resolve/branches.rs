//! Which arms of branches are taken, where what a function is called with decides it.

use std::rc::Rc;

use super::World;
use super::value::*;
use crate::source::FileId;
use crate::syntax::facts::*;

/// When a statement runs, seen from places that are certain to be passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Whenever they are.
    Always,
    /// Never together with them.
    Never,
    /// In an arm of a branching statement: its number, and the outermost such arm.
    Arm(u32, CtxId),
}

/// Tests inside a test that are looked at.
const TESTS: u32 = 8;

impl World<'_> {
    /// Whether a statement runs on the way between places that are certain: always, never, or in an arm of a branch.
    pub(super) fn condition(&self, context: CtxId, file: FileId, certain: &[CtxId], frame: &Rc<Frame>) -> Condition {
        let facts = self.facts(file);
        let arms = self.index(file).arms(facts);
        let mut found = Condition::Always;
        for (id, context) in facts.contexts_from(context) {
            let ContextKind::Branch { group, .. } = context.kind else {
                continue;
            };
            let around = || certain.iter().flat_map(|&place| facts.contexts_from(place));
            if around().any(|(other, _)| other == id) {
                break;
            }
            let sibling = around()
                .any(|(_, other)| matches!(other.kind, ContextKind::Branch { group: same, .. } if same == group));
            if sibling || arms.leaves(id) {
                return Condition::Never;
            }
            match self.taken_arm(id, group, file, frame) {
                Some(true) => {}
                Some(false) => return Condition::Never,
                None => found = Condition::Arm(group, id),
            }
        }
        found
    }

    /// Whether the parameters of a function, as the frame has them, decide that an arm is taken, or that it is not.
    pub(super) fn taken_arm(&self, arm: CtxId, group: u32, file: FileId, frame: &Rc<Frame>) -> Option<bool> {
        if frame.function.file != file || frame.bound.iter().all(Option::is_none) {
            return None;
        }
        let facts = self.facts(file);
        let mut before = Some(false);
        let arms = self.index(file).arms(facts);
        let mut falls_through = false;
        for &one in arms.of(group) {
            let ContextKind::Branch { test, negated, .. } = facts.context(one).kind else {
                continue;
            };
            // An `else` is what is left.
            let own = match test {
                Some(test) if !negated => self.holds(ExprRef { file, id: test }, frame, 0),
                _ => before.map(|any| !any),
            };
            if one == arm {
                return if falls_through { None } else { decided(before, own) };
            }
            falls_through = own != Some(false) && !arms.acts(one);
            before = match (before, own) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        None
    }

    /// Whether a test holds, where what the function is called with decides it.
    pub(super) fn holds(&self, test: ExprRef, frame: &Rc<Frame>, depth: u32) -> Option<bool> {
        if depth > TESTS || frame.bound.iter().all(Option::is_none) {
            return None;
        }
        let sub = |id: ExprId| ExprRef { id, ..test };
        match self.expr(test) {
            Expr::Bool(value) => Some(*value),
            Expr::Unary(operator, inner) if matches!(operator.as_str(), "not" | "!") => {
                self.holds(sub(*inner), frame, depth + 1).map(|holds| !holds)
            }
            Expr::Binary(operator, left, right) => {
                let both = || (self.holds(sub(*left), frame, depth + 1), self.holds(sub(*right), frame, depth + 1));
                match operator.as_str() {
                    "and" | "&&" => match both() {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    },
                    "or" | "||" => match both() {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    },
                    "==" | "===" | "is" => self.are_same(sub(*left), sub(*right), frame),
                    "!=" | "!==" | "is not" => self.are_same(sub(*left), sub(*right), frame).map(|same| !same),
                    _ => None,
                }
            }
            Expr::Call(call) => {
                let [of, kind, ..] = call.args.as_slice() else { return None };
                let is_type_test = matches!(self.expr(sub(call.callee)), Expr::Name(name) if name == "isinstance");
                let Expr::Name(kind) = self.expr(sub(kind.value)) else { return None };
                let value = is_type_test.then(|| self.settled(sub(of.value), frame)).flatten()?;
                Some(match (kind.as_str(), &value) {
                    (_, Value::OneOf(_) | Value::Hole(_) | Value::Foreign(_) | Value::Env(_)) => return None,
                    ("list" | "tuple", value) => matches!(value, Value::List(_)),
                    ("str", value) => matches!(value, Value::Text(_)),
                    ("dict", value) => matches!(value, Value::Record(_)),
                    _ => return None,
                })
            }
            Expr::Name(_) | Expr::Attr(..) => {
                is_truth(&self.settled(test, frame)?, self.language(test.file).is_python())
            }
            _ => None,
        }
    }

    /// What a value can be in the arm that its own truth opens, `if self.text: return self.text`: never nothing. `None`
    /// where it is nothing.
    pub(super) fn narrowed(&self, value: Value, at: ExprRef, context: CtxId) -> Option<Value> {
        let facts = self.facts(at.file);
        let arm = facts.contexts_from(context).find_map(|(_, context)| match context.kind {
            ContextKind::Branch { test, negated, .. } => Some(test.filter(|_| !negated)),
            _ => None,
        });
        let asks = |test: &ExprId| {
            let path = self.dotted(at);
            path.is_some() && self.dotted(ExprRef { id: *test, ..at }) == path
        };
        if arm.flatten().filter(asks).is_none() {
            return Some(value);
        }
        let python = facts.language.is_python();
        Value::one_of(value.alternatives().iter().filter(|one| is_truth(one, python) != Some(false)).cloned())
    }

    fn are_same(&self, left: ExprRef, right: ExprRef, frame: &Rc<Frame>) -> Option<bool> {
        let (left, right) = (self.settled(left, frame)?, self.settled(right, frame)?);
        match (&left, &right) {
            (Value::Null, Value::Null) => Some(true),
            (Value::Null, other) | (other, Value::Null) => match other {
                Value::OneOf(_) | Value::Hole(_) | Value::Foreign(_) | Value::Env(_) => None,
                _ => Some(false),
            },
            (Value::Bool(left), Value::Bool(right)) => Some(left == right),
            (Value::Num(left, _), Value::Num(right, _)) => Some(left == right),
            _ => Some(left.as_static()? == right.as_static()?),
        }
    }

    /// What is written down, or what a parameter that the function leaves alone is bound to.
    fn settled(&self, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        match self.expr(at) {
            Expr::Null | Expr::Bool(_) | Expr::Str(_) | Expr::Num(..) => Some(self.eval(at, frame)),
            Expr::Name(name) if name == "undefined" => Some(Value::Null),
            Expr::Name(name) => {
                let own = FnRef { file: at.file, id: self.node(at).function };
                if frame.function != own || self.index(own.file).names[own.id.0 as usize].contains_key(name) {
                    return None;
                }
                let value = self.param(name, own, frame)?;
                let bound = !matches!(&value, Value::Hole(hole) if hole.param.is_some_and(|(of, _)| of == own));
                bound.then_some(value)
            }
            Expr::Attr(base, name) => match self.settled(ExprRef { id: *base, ..at }, frame)? {
                Value::Record(record) if !record.open => Some(record.get(name).cloned().unwrap_or(Value::Null)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether an arm is taken, by whether one before it is, and whether its own test holds.
fn decided(before: Option<bool>, own: Option<bool>) -> Option<bool> {
    match (before, own) {
        (Some(true), _) | (_, Some(false)) => Some(false),
        (Some(false), own) => own,
        (None, _) => None,
    }
}

/// Whether a value counts as true.
fn is_truth(value: &Value, python: bool) -> Option<bool> {
    match value {
        Value::Null => Some(false),
        Value::Bool(value) => Some(*value),
        Value::Num(text, _) => text.parse::<f64>().ok().map(|number| number != 0.0),
        Value::Text(pieces) => {
            let written = pieces.iter().any(|piece| matches!(piece, TextPiece::Lit(text, _) if !text.is_empty()));
            if written { Some(true) } else { value.as_static().map(|_| false) }
        }
        Value::List(list) if !list.items.is_empty() => Some(true),
        Value::Record(record) if !record.entries.is_empty() => Some(true),
        Value::List(list) if !list.open => Some(!python),
        Value::Record(record) if !record.open => Some(!python),
        Value::Instance(_) | Value::Client(_) | Value::Class(_) | Value::Func(_) => Some(true),
        _ => None,
    }
}
