//! Objects that a prompt is put together in, and that are handed on as they are: `builder.add("…").add("…")`.

use std::rc::Rc;

use super::World;
use super::text::static_words;
use super::value::*;
use super::wrappers::TASK;
use crate::syntax::facts::*;

/// Texts put into one object that are looked at.
const MOST_TEXTS: usize = 24;

impl World<'_> {
    /// What a method gives of an object that callers hand in, where it brings no words of its own, is still theirs:
    /// `prompt.build()`.
    pub(super) fn of_their_object(&self, value: Value, callee: ExprRef, frame: &Rc<Frame>) -> Value {
        let Expr::Attr(base, _) = self.expr(callee) else {
            return value;
        };
        if !matches!(value, Value::Hole(_) | Value::Text(_)) || static_words(&value) > 0 {
            return value;
        }
        let base = ExprRef { file: callee.file, id: *base };
        let param = match self.eval(base, frame) {
            Value::Instance(theirs) if theirs.made.is_none() && theirs.param.is_some() => theirs.param,
            _ => return value,
        };
        let theirs = |hole: &Rc<HoleValue>| match hole.param {
            Some(_) => hole.clone(),
            None => Rc::new(HoleValue { param, ..(**hole).clone() }),
        };
        match value {
            Value::Hole(hole) => Value::Hole(theirs(&hole)),
            Value::Text(pieces) => Value::Text(Rc::new(
                pieces
                    .iter()
                    .map(|piece| match piece {
                        TextPiece::Hole(hole) => TextPiece::Hole(theirs(hole)),
                        other => other.clone(),
                    })
                    .collect(),
            )),
            other => other,
        }
    }

    /// The texts that are put into an object by its own methods in the function that makes it, in the order in which
    /// they are put.
    pub(super) fn put_into(&self, made: &Instance) -> Vec<Vec<TextPiece>> {
        let Some((made_at, frame)) = &made.made else {
            return Vec::new();
        };
        let facts = self.facts(made_at.file);
        let function = facts.node(made_at.id).function;
        let names: Vec<&str> = facts
            .function(function)
            .body
            .iter()
            .filter_map(|stmt| match &stmt.kind {
                StmtKind::Bind(Target::Name(name), value) if self.chain_root(facts, *value) == made_at.id => {
                    Some(name.as_str())
                }
                _ => None,
            })
            .collect();
        let mut calls: Vec<(u32, &Call)> = facts
            .exprs
            .iter()
            .filter(|node| node.function == function)
            .filter_map(|node| match &node.kind {
                Expr::Call(call) => Some((node.end, call)),
                _ => None,
            })
            .filter(|(_, call)| {
                let Expr::Attr(base, _) = facts.expr(call.callee) else { return false };
                let root = self.chain_root(facts, *base);
                root == made_at.id || matches!(facts.expr(root), Expr::Name(name) if names.contains(&name.as_str()))
            })
            .collect();
        // What ends first was called first, along a chain too.
        calls.sort_by_key(|(end, _)| *end);
        let args = calls.iter().flat_map(|(_, call)| &call.args);
        let values = args.map(|arg| self.eval(ExprRef { file: made_at.file, id: arg.value }, frame));
        values
            .filter(|value| static_words(value) >= TASK)
            .take(MOST_TEXTS)
            .filter_map(|value| {
                value.alternatives().iter().find_map(|one| match one {
                    Value::Text(text) => Some(text.as_ref().clone()),
                    _ => None,
                })
            })
            .collect()
    }

    /// Where a chain of calls begins: of `Builder().add(x).add(y)` the call of `Builder`.
    fn chain_root(&self, facts: &FileFacts, mut id: ExprId) -> ExprId {
        while let Expr::Call(call) = facts.expr(id)
            && let Expr::Attr(base, _) = facts.expr(call.callee)
            && matches!(facts.expr(*base), Expr::Call(_) | Expr::Name(_))
        {
            id = *base;
        }
        id
    }
}
