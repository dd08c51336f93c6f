//! What loops and comprehensions over known items put into a record, turn by turn.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Turns of one loop that are kept apart.
const TURNS: usize = 64;

/// Turns of a loop that are kept apart where each adds to a list: messages of a prompt.
const APART: usize = 8;

impl World<'_> {
    /// The entries that the loop or comprehension around a place makes, one for each of the items that it runs over;
    /// `None` where these, or the keys they lead to, are not known.
    pub(super) fn entries_by_turns(&self, key: ExprRef, entry: ExprRef, frame: &Rc<Frame>) -> Option<Vec<Keyed>> {
        self.by_turns(key, frame, TURNS, &|frame| {
            let key = self.eval(key, frame).as_static()?;
            Some((SmolStr::new(key), self.eval(entry, frame)))
        })
    }

    /// The values that an expression in a loop has turn by turn: `out.append(message.formatted())`. `None` as well where
    /// it does not name what is run over: another attempt, not another item.
    pub(super) fn values_by_turns(&self, at: ExprRef, frame: &Rc<Frame>) -> Option<Vec<Value>> {
        let looped =
            |kind: &ContextKind| matches!(kind, ContextKind::ForEach { .. } | ContextKind::Comprehension { .. });
        let mut around = self.facts(at.file).contexts_from(self.node(at).context);
        if !around.any(|(_, context)| looped(&context.kind)) || !self.names_its_item(at) {
            return None;
        }
        self.by_turns(at, frame, APART, &|frame| Some(self.eval(at, frame)))
    }

    /// Whether an expression names the variable of a loop or comprehension around it.
    fn names_its_item(&self, at: ExprRef) -> bool {
        let facts = self.facts(at.file);
        let own = facts.node(at.id);
        let within = |node: &&ExprNode| node.start >= own.start && node.end <= own.end && node.function == own.function;
        let names = facts.exprs.iter().filter(within).filter_map(|node| match &node.kind {
            Expr::Name(name) => Some(name),
            _ => None,
        });
        let bound: Vec<&Target> = facts
            .function(own.function)
            .body
            .iter()
            .filter_map(|statement| match &statement.kind {
                StmtKind::Bind(target, value) if matches!(facts.expr(*value), Expr::Item(_)) => Some(target),
                _ => None,
            })
            .collect();
        names.into_iter().any(|name| bound.iter().any(|target| binds_name(target, name)))
    }

    /// What `of` gives for each of the known items, `most` at most, that the loop or comprehension around a place runs over.
    fn by_turns<T>(
        &self,
        place: ExprRef,
        frame: &Rc<Frame>,
        most: usize,
        of: &dyn Fn(&Rc<Frame>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let facts = self.facts(place.file);
        let over = facts.contexts_from(self.node(place).context).find_map(|(_, context)| match context.kind {
            ContextKind::ForEach { over } | ContextKind::Comprehension { over } => Some(over),
            _ => None,
        })?;
        // What is run over stands twice in the facts of a loop.
        let own = facts.node(over);
        let is_item = |node: &ExprNode| match node.kind {
            Expr::Item(of) => of == over || (facts.node(of).start == own.start && facts.node(of).end == own.end),
            _ => false,
        };
        let item = ExprRef { file: place.file, id: ExprId(facts.exprs.iter().position(is_item)? as u32) };
        // Turns inside turns, as where a schema is built from a schema, are as many as there are paths.
        if self.turning.replace(true) {
            return None;
        }
        let turns = self.turns_over(ExprRef { file: place.file, id: over }, frame).filter(|turns| turns.len() <= most);
        let all =
            turns.and_then(|turns| turns.into_iter().map(|turn| of(&self.with_item(frame, item, turn))).collect());
        self.turning.set(false);
        all
    }

    /// What the variable of a loop is in each turn.
    fn turns_over(&self, over: ExprRef, frame: &Rc<Frame>) -> Option<Vec<Value>> {
        let span = self.span(over);
        let sub = |id: ExprId| ExprRef { file: over.file, id };
        let (record, with_values) = match self.expr(over) {
            Expr::Call(call) if call.args.is_empty() => match self.expr(sub(call.callee)) {
                Expr::Attr(base, method) if matches!(method.as_str(), "items" | "keys") => {
                    (self.eval(sub(*base), frame), method == "items")
                }
                _ => (self.eval(over, frame), false),
            },
            _ => (self.eval(over, frame), false),
        };
        let known = |one: &Value| matches!(one, Value::List(list) if !list.open);
        let turns: Vec<Value> = match &record {
            // Of several lists, as where one text or many may be handed in, the one that holds most.
            Value::List(_) | Value::OneOf(_) if !with_values && record.alternatives().iter().all(known) => {
                let lists = record.alternatives().iter().filter_map(|one| match one {
                    Value::List(list) => Some(list),
                    _ => None,
                });
                lists.max_by_key(|list| list.items.len())?.items.clone()
            }
            Value::Record(record) if !record.open => {
                let turn = |(key, value): &Keyed| match with_values {
                    true => {
                        let items = vec![Value::literal(key, span), value.clone()];
                        Value::List(Rc::new(ListValue { items, open: false, span }))
                    }
                    false => Value::literal(key, span),
                };
                record.entries.iter().map(turn).collect()
            }
            _ => return None,
        };
        (!turns.is_empty() && turns.len() <= TURNS).then_some(turns)
    }

    /// What a loop over `enumerate(a)` or `zip(a, b)` gives in any of its turns, as one list.
    pub(super) fn turn_over(&self, over: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let sub = |id: ExprId| ExprRef { file: over.file, id };
        let Expr::Call(call) = self.expr(over) else { return None };
        let Expr::Name(name) = self.expr(sub(call.callee)) else { return None };
        let counts = match name.as_str() {
            "enumerate" => true,
            "zip" => false,
            _ => return None,
        };
        if call.args.is_empty() || !self.language(over.file).is_python() {
            return None;
        }
        let item = |arg: &Arg| {
            let at = sub(arg.value);
            self.turn_over(at, frame).unwrap_or_else(|| self.any_item(&self.eval(at, frame), at))
        };
        let count = counts.then(|| self.hole(over, Shape::Number, Origin::Computed));
        let given = call.args.iter().take(if counts { 1 } else { call.args.len() });
        let items = count.into_iter().chain(given.map(item)).collect();
        Some(Value::List(Rc::new(ListValue { items, open: false, span: self.span(over) })))
    }

    /// The frame of one turn: what the variable of the loop is in it is known.
    pub(super) fn with_item(&self, frame: &Rc<Frame>, item: ExprRef, turn: Value) -> Rc<Frame> {
        let memo = Memo::default();
        memo.0.borrow_mut().insert(item, turn);
        Rc::new(Frame {
            function: frame.function,
            bound: frame.bound.clone(),
            receiver: frame.receiver.clone(),
            outer: frame.outer.clone(),
            depth: frame.depth,
            memo,
        })
    }
}

/// The part of a list that a name takes by a pattern of tuples inside tuples.
pub(super) fn part_of(target: &Target, name: &SmolStr, value: &Value) -> Option<Value> {
    match (target, value) {
        (Target::Name(_), value) => Some(value.clone()),
        (Target::Tuple(parts), Value::List(list)) if !list.open => {
            let binds = |part: &Option<Target>| part.as_ref().is_some_and(|part| binds_name(part, name));
            let index = parts.iter().position(binds)?;
            part_of(parts[index].as_ref()?, name, list.items.get(index)?)
        }
        _ => None,
    }
}

/// Whether a pattern binds a name.
pub(super) fn binds_name(target: &Target, name: &SmolStr) -> bool {
    match target {
        Target::Name(bound) => bound == name,
        Target::Tuple(parts) => parts.iter().flatten().any(|part| binds_name(part, name)),
        Target::Object(fields) => fields.iter().any(|field| field.local == *name),
        _ => false,
    }
}
