//! What an expression is known to be.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::methods::MAPPED;
use super::rings::NOTHING;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Expressions inside expressions that evaluation follows at most; far above written code, far below the stack.
const NESTING: u32 = 400;

/// Items of a written list of texts that a comprehension keeps apart.
const NAMES: usize = 32;

impl World<'_> {
    /// What an expression is, with the parameters of its function bound as `frame` says.
    pub(super) fn eval(&self, at: ExprRef, frame: &Rc<Frame>) -> Value {
        self.steps.set(self.steps.get() + 1);
        if let Expr::Str(text) = self.expr(at) {
            return Value::literal(text, self.span(at));
        }
        if let Some(value) = frame.memo.0.borrow().get(&at) {
            return value.clone();
        }
        let key = (at, Rc::as_ptr(frame) as usize);
        if self.spent() || self.nesting.get() > NESTING {
            self.cut();
            // What is written out is known without a step: only what is put into it is not.
            let written = self.spent() && matches!(self.expr(at), Expr::Template(_) | Expr::Concat(_));
            return if written { self.eval_inner(at, frame) } else { self.hole(at, Shape::Unknown, Origin::Unknown) };
        }
        let ring = self.busy.borrow().iter().position(|busy| *busy == key);
        if let Some(place) = ring {
            self.wait(place + 1);
            return self.hole(at, Shape::Unknown, Origin::Unknown);
        }
        let before = self.waits.replace(NOTHING);
        self.busy.borrow_mut().push(key);
        self.nesting.set(self.nesting.get() + 1);
        let value = self.eval_inner(at, frame);
        self.nesting.set(self.nesting.get() - 1);
        self.busy.borrow_mut().pop();
        // An answer that was cut short on the way, by the budget or by a ring that goes on further out, is not kept:
        // asked from elsewhere it may be whole. A ring that comes back to this very question is whole: there is no more
        // to be found out by running through it again. One that was asked for itself is all there is.
        let place = self.place() + 1;
        let whole = self.waits.get() >= place;
        if whole || (place == 1 && !self.spent()) {
            frame.memo.0.borrow_mut().insert(at, value.clone());
        }
        self.waits.set(if whole { before } else { before.min(self.waits.get()) });
        value
    }

    fn eval_inner(&self, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let sub = |id: ExprId| ExprRef { file: at.file, id };
        match self.expr(at) {
            Expr::Str(_) => Value::Null,
            Expr::Template(parts) => {
                let mut pieces = Vec::new();
                for part in parts {
                    match part {
                        TemplatePart::Text(text, start, end) => {
                            let span = crate::source::Span { file: at.file, start: *start, end: *end };
                            pieces.push(TextPiece::Lit((**text).into(), span));
                        }
                        TemplatePart::Hole(id) => {
                            let value = self.eval(sub(*id), frame);
                            self.to_pieces(&value, sub(*id), &mut pieces);
                        }
                    }
                }
                Value::Text(Rc::new(pieces))
            }
            Expr::Concat(parts) => {
                let values = parts.iter().map(|&part| (self.eval(sub(part), frame), sub(part))).collect::<Vec<_>>();
                self.concat(&values, at)
            }
            Expr::Num(text) => Value::Num(text.clone(), self.span(at)),
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Null => Value::Null,
            Expr::Name(name) => self.own_path(at, name).unwrap_or_else(|| self.name(name, at, frame)),
            Expr::Attr(base, name) => {
                if let Some(value) = self.environment(at) {
                    return value;
                }
                if matches!(name.as_str(), "url" | "dirname" | "filename" | "dir")
                    && let Some(value) = self.dotted(at).and_then(|path| self.own_path(at, &path))
                {
                    return value;
                }
                if let Some(module) = self.module_by_path(at, name) {
                    return module;
                }
                let own = matches!(self.expr(sub(*base)), Expr::Name(base) if base == "self");
                let holder = *base;
                if let Some(value) = self.inherited(at, holder, name, frame) {
                    return value;
                }
                if !own && let Some(value) = self.set_before(at, holder, name, frame) {
                    return value;
                }
                let base = self.eval(sub(*base), frame);
                if !own && let Some(value) = self.kept_value(&base, at, holder, name) {
                    return value;
                }
                let value = self.member(&base, name, at, frame);
                if own {
                    return self.changed_attribute(value, name, at, frame);
                }
                match value {
                    Value::Null | Value::Hole(_) => self.set_elsewhere(&base, at, holder, name).unwrap_or(value),
                    value => value,
                }
            }
            Expr::Index(base, key) => {
                if let Some(value) = self.environment(at).or_else(|| self.result_type(sub(*base), sub(*key), at, frame))
                {
                    return value;
                }
                let value = self.eval(sub(*base), frame);
                if let Expr::Str(name) = self.expr(sub(*key))
                    && let Some(kept) = self.kept_value(&value, at, *base, name)
                {
                    return kept;
                }
                self.item(&value, sub(*key), at, frame)
            }
            Expr::Call(call) => self.call_value(call, at, frame),
            Expr::List(elements) => {
                let mut items = Vec::new();
                let mut open = false;
                for element in elements {
                    let value = self.eval(sub(element.value), frame);
                    match &value {
                        value if !element.spread => items.push(value.clone()),
                        Value::List(inner) => {
                            items.extend(inner.items.iter().cloned());
                            open |= inner.open;
                        }
                        // `...(named ? [message] : [])`: items that may stand there.
                        Value::OneOf(all) if all.iter().all(|one| matches!(one, Value::List(_) | Value::Null)) => {
                            items.push(value.clone());
                        }
                        value => {
                            items.push(self.spread_hole(value, sub(element.value)));
                            open = true;
                        }
                    }
                }
                Value::List(Rc::new(ListValue { items, open, span: self.span(at) }))
            }
            Expr::Record(entries) => self.record(entries, at, frame),
            Expr::Binary(operator, left, right) => self.binary(operator, sub(*left), sub(*right), at, frame),
            Expr::Unary(operator, inner) => match operator.as_str() {
                "-" | "+" => self.hole(at, Shape::Number, Origin::Computed),
                "not" | "!" => self.hole(at, Shape::Bool, Origin::Computed),
                _ => self.eval(sub(*inner), frame),
            },
            Expr::Cond { test, then, other } => {
                match self.holds(sub(*test), frame, 0) {
                    Some(true) => return self.eval(sub(*then), frame),
                    Some(false) => return self.eval(sub(*other), frame),
                    None => {}
                }
                let values = [self.eval(sub(*then), frame), self.eval(sub(*other), frame)];
                Value::one_of(values).unwrap_or(Value::Null)
            }
            Expr::Func(id) => Value::Func(Rc::new(FuncValue {
                function: FnRef { file: at.file, id: *id },
                receiver: frame.receiver.clone(),
                outer: Some(frame.clone()),
                given: None,
            })),
            Expr::Class(id) => Value::Class(ClassRef { file: at.file, id: *id }),
            Expr::Each(body) => self.each(sub(*body), at, frame),
            Expr::Item(over) => {
                let value = self.eval(sub(*over), frame);
                self.any_item(&value, sub(*over))
            }
            Expr::Regex(_) | Expr::Other(_) => self.hole(at, Shape::Unknown, Origin::Computed),
        }
    }

    /// The values of a comprehension. A short list that is written out keeps its items apart; of any other, one value
    /// stands for all items.
    fn each(&self, body: ExprRef, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let facts = self.facts(at.file);
        let inside = self.node(body).context;
        let over = match facts.context(inside).kind {
            ContextKind::Comprehension { over } => Some(over),
            _ => None,
        };
        let list = over.and_then(|over| match self.eval(ExprRef { file: at.file, id: over }, frame) {
            Value::List(list) if !list.open => Some((over, list)),
            _ => None,
        });
        let apart = list.as_ref().filter(|(_, list)| (2..=most_apart(list)).contains(&list.items.len())).and_then(
            |(over, list)| {
                let is_item = |node: &ExprNode| node.context == inside && matches!(node.kind, Expr::Item(_));
                let item = over.0 as usize + facts.exprs[over.0 as usize..].iter().position(is_item)?;
                Some((ExprRef { file: at.file, id: ExprId(item as u32) }, list))
            },
        );
        // `{key: value for key, value in record.items() if …}`: a record made anew.
        if let Some(record) = over.and_then(|over| self.of_items(body, ExprRef { file: at.file, id: over }, frame)) {
            return record;
        }
        // `{path.stem: path.read_text() for path in folder.glob("*.md")}`
        if let Expr::Other(pair) = self.expr(body)
            && let &[key, value] = &pair[..]
            && let Some(entries) =
                self.entries_by_turns(ExprRef { id: key, ..body }, ExprRef { id: value, ..body }, frame)
        {
            return Value::Record(Rc::new(RecordValue { entries, open: false, rest: None, span: self.span(at) }));
        }
        let items = match apart {
            Some((item, list)) => {
                let of = |value: &Value| self.eval(body, &self.with_item(frame, item, value.clone()));
                list.items.iter().map(of).collect()
            }
            None => vec![self.eval(body, frame)],
        };
        // Nothing is missing if what is run over is all known.
        Value::List(Rc::new(ListValue { items, open: list.is_none(), span: self.span(at) }))
    }

    /// The record over whose items a comprehension runs, if it makes pairs of them as they are.
    fn of_items(&self, body: ExprRef, over: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let sub = |id: ExprId| ExprRef { id, ..over };
        let (Expr::Other(pair), Expr::Call(call)) = (self.expr(body), self.expr(over)) else {
            return None;
        };
        let is_pair = matches!(pair[..], [key, value] if matches!(
            (self.expr(sub(key)), self.expr(sub(value))), (Expr::Name(_), Expr::Name(_))));
        match self.expr(sub(call.callee)) {
            Expr::Attr(base, method) if is_pair && method == "items" => Some(self.eval(sub(*base), frame)),
            _ => None,
        }
    }

    fn record(&self, entries: &[Entry], at: ExprRef, frame: &Rc<Frame>) -> Value {
        let mut out = Vec::new();
        let mut open = false;
        let mut rest = None;
        for entry in entries {
            let value = self.eval(ExprRef { file: at.file, id: entry.value }, frame);
            if entry.spread {
                let place = ExprRef { file: at.file, id: entry.value };
                let handed = |one: &Value| RecordValue::rest_of(one).or_else(|| self.rest_of_typed(one, place));
                rest = value.alternatives().iter().find_map(handed).or(rest);
                match value.alternatives().iter().find_map(|value| match value {
                    Value::Record(inner) => Some(inner),
                    _ => None,
                }) {
                    Some(inner) => {
                        out.extend(inner.entries.iter().cloned());
                        open |= inner.open || value.alternatives().len() > 1;
                    }
                    None => open = true,
                }
            } else if let Some(key) = &entry.key {
                out.push((key.clone(), value));
            } else if let Some(key) = entry.computed {
                let key = self.eval(ExprRef { file: at.file, id: key }, frame);
                match key.as_static() {
                    Some(key) => out.push((SmolStr::new(key), value)),
                    // An enum member or the like: kept under its source text, so that all values can be listed.
                    None => out.push((SmolStr::new(self.short(ExprRef { file: at.file, id: entry.value })), value)),
                }
            }
        }
        Value::Record(Rc::new(RecordValue { entries: out, open, rest, span: self.span(at) }))
    }

    fn binary(&self, operator: &str, left: ExprRef, right: ExprRef, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let is_name = |value: &Value| matches!(value, Value::Text(_)) || self.default_text(value).is_some();
        match operator {
            "or" | "||" | "??" => {
                let first = self.eval(left, frame);
                let second = self.eval(right, frame);
                match first {
                    Value::Null => second,
                    Value::Env(env) if env.default.is_none() => {
                        Value::Env(Rc::new(EnvValue { default: Some(second), ..(*env).clone() }))
                    }
                    Value::Hole(hole) if hole.default.is_none() => {
                        Value::Hole(Rc::new(HoleValue { default: Some(second), ..(*hole).clone() }))
                    }
                    Value::Hole(_) | Value::Foreign(_) if second.is_hole() => first,
                    // What is written out is there, and the rest is not asked for.
                    Value::Text(ref pieces)
                        if pieces.iter().any(|piece| matches!(piece, TextPiece::Lit(text, _) if !text.is_empty())) =>
                    {
                        first
                    }
                    first => Value::one_of([first, second]).unwrap_or(Value::Null),
                }
            }
            "and" | "&&" => {
                let value = self.eval(right, frame);
                if matches!(value, Value::Text(_)) {
                    // Where the condition fails there is nothing.
                    return Value::one_of([value, Value::literal("", self.span(at))]).unwrap_or(Value::Null);
                }
                Value::one_of([value, self.eval(left, frame)]).unwrap_or(Value::Null)
            }
            "%" => {
                let text = self.eval(left, frame);
                match &text {
                    Value::Text(_) => {
                        let values = self.eval(right, frame);
                        self.percent(&text, &values, right)
                    }
                    _ => self.hole(at, Shape::Number, Origin::Computed),
                }
            }
            "|" => {
                let values = [self.eval(left, frame), self.eval(right, frame)];
                self.chain(&values).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Computed))
            }
            "*" => {
                let value = self.eval(left, frame);
                if matches!(value, Value::Text(_) | Value::List(_)) {
                    value
                } else {
                    self.hole(at, Shape::Number, Origin::Computed)
                }
            }
            // Nothing is divided by text: a folder and what lies in it.
            "/" if is_name(&self.eval(right, frame)) => {
                let below = self.eval(right, frame);
                let mut pieces = Vec::new();
                self.to_pieces(&self.eval(left, frame), left, &mut pieces);
                pieces.push(TextPiece::Lit("/".into(), self.span(at)));
                self.to_pieces(&below, right, &mut pieces);
                Value::Text(Rc::new(pieces))
            }
            "-" | "/" | "//" | "**" => self.hole(at, Shape::Number, Origin::Computed),
            "==" | "!=" | "===" | "!==" | "<" | ">" | "<=" | ">=" | "in" | "not in" | "is" | "is not"
            | "instanceof" => self.hole(at, Shape::Bool, Origin::Computed),
            _ => self.hole(at, Shape::Unknown, Origin::Computed),
        }
    }

    /// Goes one level deeper, or says that the limit is reached. The caller goes back up.
    pub(super) fn deeper(&self) -> bool {
        if self.nesting.get() > NESTING {
            self.cut();
            return false;
        }
        self.nesting.set(self.nesting.get() + 1);
        true
    }
}

/// The most items of a list that a comprehension keeps apart: of names, which become paths or keys, more than of others.
fn most_apart(list: &ListValue) -> usize {
    if list.items.iter().all(|item| matches!(item, Value::Text(_))) { NAMES } else { MAPPED }
}
