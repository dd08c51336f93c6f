//! Objects that a prompt is put together in, and that are handed on as they are: `builder.add("…").add("…")`.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::text::static_words;
use super::value::*;
use super::wrappers::TASK;
use crate::catalog::wrappers::split_words;
use crate::syntax::facts::*;

/// Texts put into one object that are looked at.
const MOST_TEXTS: usize = 24;

impl World<'_> {
    /// What a method gives of an object that callers hand in, where it brings no words of its own, is still theirs:
    /// `prompt.build()`.
    pub(super) fn of_their_object(&self, value: Value, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let callee = ExprRef { file: at.file, id: call.callee };
        let Expr::Attr(base, _) = self.expr(callee) else {
            return value;
        };
        let base = ExprRef { file: callee.file, id: *base };
        let object = self.eval(base, frame);
        if let Some(filled) = self.own_template(&value, &object, base, call, at, frame) {
            return filled;
        }
        let param = object.alternatives().iter().find_map(|one| match one {
            Value::Instance(theirs) if theirs.made.is_none() => theirs.param,
            Value::Hole(hole) => hole.param,
            _ => None,
        });
        match param {
            Some(param) => of_param(value, param),
            None => value,
        }
    }

    /// What a template of the program's own gives: the text that it was made with, where how it fills that in is not
    /// followed. `Template("Sum up {text}").populate(text=…)`.
    fn own_template(
        &self,
        value: &Value,
        object: &Value,
        base: ExprRef,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let Value::Instance(object) = object else { return None };
        let says_little = |one: &Value| matches!(one, Value::Hole(_) | Value::Text(_)) && static_words(one) < TASK;
        if !value.alternatives().iter().all(says_little) {
            return None;
        }
        let class = self.class(object.class);
        if !split_words(&class.name).iter().any(|word| matches!(word.as_str(), "prompt" | "template")) {
            return None;
        }
        let (made_at, outer) = object.made.as_ref()?;
        let Expr::Call(made) = self.expr(*made_at) else { return None };
        let given = made.args.iter().map(|arg| self.eval(ExprRef { file: made_at.file, id: arg.value }, outer));
        let text = |one: &Value| match one {
            Value::Hole(hole) => hole.default.clone(),
            other => Some(other.clone()),
        };
        let texts: Vec<Value> = given
            .flat_map(|given| given.alternatives().iter().filter_map(text).collect::<Vec<_>>())
            .filter(|text| static_words(text) >= TASK)
            .collect();
        let format = SmolStr::new_static("format");
        let filled =
            texts.into_iter().map(|text| self.method_value(&text, base, &format, call, at, frame).unwrap_or(text));
        Value::one_of(filled.collect::<Vec<_>>())
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

    /// What a list of a builder of prompts holds that is made empty and that its methods add to: the texts that are put
    /// into the object where it is made, and what else may be.
    pub(super) fn lines_put_into(&self, made: &Instance, name: &SmolStr, list: &ListValue) -> Option<Value> {
        let class = self.class(made.class);
        let builds = |word: &String| matches!(word.as_str(), "prompt" | "template" | "builder" | "instructions");
        if !list.items.is_empty() || !split_words(&class.name).iter().any(builds) {
            return None;
        }
        let facts = self.facts(made.class.file);
        let is_it =
            |of: ExprId, field: &SmolStr| field == name && matches!(facts.expr(of), Expr::Name(own) if own == "self");
        let adds = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Append(Target::Attr(of, field), _) => is_it(*of, field),
            StmtKind::Expr(value) => {
                let Expr::Call(call) = facts.expr(*value) else { return false };
                let Expr::Attr(list, method) = facts.expr(call.callee) else { return false };
                let adds = matches!(method.as_str(), "push" | "append" | "extend" | "unshift" | "insert");
                adds && matches!(facts.expr(*list), Expr::Attr(of, field) if is_it(*of, field))
            }
            _ => false,
        };
        if !class.methods.iter().any(|&method| facts.function(method).body.iter().any(adds)) {
            return None;
        }
        let items = self.put_into(made).into_iter().map(|text| Value::Text(Rc::new(text))).collect();
        Some(Value::List(Rc::new(ListValue { items, open: true, span: list.span })))
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

/// A value with what is open in it, and in a message that it is, taken for a parameter's, where no words stand beside it.
fn of_param(value: Value, param: (FnRef, u32)) -> Value {
    let theirs = |hole: &Rc<HoleValue>| match hole.param {
        Some(_) => hole.clone(),
        None => Rc::new(HoleValue { param: Some(param), ..(**hole).clone() }),
    };
    match value {
        Value::Hole(hole) => Value::Hole(theirs(&hole)),
        Value::Text(pieces) => {
            if static_words(&Value::Text(pieces.clone())) > 0 {
                return Value::Text(pieces);
            }
            let of_piece = |piece: &TextPiece| match piece {
                TextPiece::Hole(hole) => TextPiece::Hole(theirs(hole)),
                other => other.clone(),
            };
            Value::Text(Rc::new(pieces.iter().map(of_piece).collect()))
        }
        Value::Record(record) if record.get("content").is_some() => {
            let of_entry = |(key, value): &Keyed| match key.as_str() {
                "content" => (key.clone(), of_param(value.clone(), param)),
                _ => (key.clone(), value.clone()),
            };
            let entries = record.entries.iter().map(of_entry).collect();
            Value::Record(Rc::new(RecordValue { entries, ..(*record).clone() }))
        }
        Value::OneOf(all) => Value::OneOf(Rc::new(all.iter().map(|one| of_param(one.clone(), param)).collect())),
        other => other,
    }
}
