//! What later statements make of a value: `+=`, `append`, `push`, `update`, `x[k] = v`.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::branches::Condition;
use super::value::*;
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

/// What a run of statements changes.
pub(super) struct Changing<'c> {
    /// The function that they stand in.
    pub(super) function: FnRef,
    /// What is known of its parameters.
    pub(super) frame: &'c Rc<Frame>,
    /// Whether an expression is the object that is changed.
    pub(super) is_it: &'c dyn Fn(&Expr) -> bool,
}

impl World<'_> {
    /// Applies what later statements add to the value of a name: `+=`, `append`, `push`, `update`, `x[k] = v`. What
    /// stands in a branch that is not certain to be taken from `certain` on may be there or not; without it all is.
    pub(super) fn changed(
        &self,
        value: Value,
        name: &SmolStr,
        places: &[u32],
        function: FnRef,
        frame: &Rc<Frame>,
        certain: Option<&[CtxId]>,
    ) -> Value {
        let is_it = |target: &Expr| matches!(target, Expr::Name(changed) if changed == name);
        self.changes(value, places, &Changing { function, frame, is_it: &is_it }, certain)
    }

    /// Applies statements of one function to the value that they change.
    pub(super) fn changes(
        &self,
        mut value: Value,
        places: &[u32],
        to: &Changing<'_>,
        certain: Option<&[CtxId]>,
    ) -> Value {
        let body = &self.facts(to.function.file).function(to.function.id).body;
        let mut rest = places;
        while let Some((&place, after)) = rest.split_first() {
            rest = after;
            let stmt = &body[place as usize];
            let Some(certain) = certain else {
                value = self.change(value, &stmt.kind, to.function.file, to.frame, to.is_it);
                continue;
            };
            match self.condition(stmt.context, to.function.file, certain, to.frame) {
                Condition::Never => {}
                Condition::Always => value = self.change(value, &stmt.kind, to.function.file, to.frame, to.is_it),
                Condition::Arm(group, arm) => {
                    let mut arms = vec![(arm, vec![place])];
                    while let Some((&next, after)) = rest.split_first() {
                        match self.condition(body[next as usize].context, to.function.file, certain, to.frame) {
                            Condition::Never => {}
                            Condition::Arm(same, arm) if same == group => {
                                match arms.iter_mut().find(|(seen, _)| *seen == arm) {
                                    Some((_, places)) => places.push(next),
                                    None => arms.push((arm, vec![next])),
                                }
                            }
                            _ => break,
                        }
                        rest = after;
                    }
                    value = self.branched(value, group, &arms, to, certain);
                }
            }
        }
        value
    }

    /// A value to which the arms of a branch add: each what stands in it, or nothing where no arm is taken.
    fn branched(
        &self,
        value: Value,
        group: u32,
        arms: &[(CtxId, Vec<u32>)],
        to: &Changing<'_>,
        certain: &[CtxId],
    ) -> Value {
        let file = to.function.file;
        let facts = self.facts(file);
        let in_arm = |value: Value, (arm, places): &(CtxId, Vec<u32>)| {
            self.changes(value, places, to, Some(&[certain, &[*arm]].concat()))
        };
        let one_by_one = |value: Value| arms.iter().fold(value, in_arm);
        let taken: Vec<CtxId> = arms.iter().map(|(arm, _)| *arm).collect();
        let may_be_none = !self.index(file).arms(facts).are_all(group, &taken);
        let body = &facts.function(to.function.id).body;
        let span = Span { file, start: group, end: group };
        match value {
            Value::OneOf(all) => {
                let all = all.iter().map(|one| self.branched(one.clone(), group, arms, to, certain));
                Value::one_of(all.collect::<Vec<_>>()).unwrap_or(Value::Null)
            }
            Value::Record(record) => {
                let mut whole = (*record).clone();
                let mut set: Vec<(SmolStr, Vec<Value>)> = Vec::new();
                for arm in arms {
                    let Value::Record(after) = in_arm(Value::Record(record.clone()), arm) else { continue };
                    whole.open |= after.open;
                    for (key, value) in &after.entries[record.entries.len().min(after.entries.len())..] {
                        match set.iter_mut().find(|(seen, _)| seen == key) {
                            Some((_, values)) => values.push(value.clone()),
                            None => set.push((key.clone(), vec![value.clone()])),
                        }
                    }
                }
                for (key, values) in set {
                    let before = record.get(&key).cloned().filter(|_| may_be_none);
                    whole.entries.extend(Value::one_of(before.into_iter().chain(values)).map(|value| (key, value)));
                }
                Value::Record(Rc::new(whole))
            }
            Value::List(list) => {
                let empty = || Value::List(Rc::new(ListValue { items: Vec::new(), open: false, span: list.span }));
                let mut whole = (*list).clone();
                let mut added: Vec<Rc<ListValue>> = Vec::new();
                for arm in arms {
                    let Value::List(more) = in_arm(empty(), arm) else { return one_by_one(Value::List(list)) };
                    whole.open |= more.open;
                    added.push(more);
                }
                let plain = |item: &Value| !matches!(item, Value::List(_) | Value::Record(_) | Value::OneOf(_));
                let single = added.iter().all(|more| more.items.len() == 1 && plain(&more.items[0]));
                let mut one: Vec<Value> = match single {
                    true => added.iter().map(|more| more.items[0].clone()).collect(),
                    false => added.into_iter().map(Value::List).collect(),
                };
                if may_be_none {
                    one.push(if single { Value::literal("", span) } else { empty() });
                }
                let first = arms
                    .iter()
                    .flat_map(|(_, places)| places)
                    .all(|&place| matches!(&body[place as usize].kind, StmtKind::Expr(id) if is_put_first(facts, *id)));
                let at = if first { 0 } else { whole.items.len() };
                whole.items.splice(at..at, Value::one_of(one));
                Value::List(Rc::new(whole))
            }
            Value::Text(_) | Value::Hole(_) | Value::Env(_) => {
                let nothing = Value::Text(Rc::default());
                let added: Vec<Vec<TextPiece>> = arms
                    .iter()
                    .filter_map(|arm| match in_arm(nothing.clone(), arm) {
                        Value::Text(pieces) if !pieces.is_empty() => Some(pieces.as_ref().clone()),
                        _ => None,
                    })
                    .collect();
                let after = one_by_one(value.clone());
                // A list that somebody handed in, and what else is not text.
                if added.len() < arms.len() || !matches!(after, Value::Text(_)) {
                    return after;
                }
                let mut pieces = Vec::new();
                self.to_pieces(&value, ExprRef { file, id: ExprId(0) }, &mut pieces);
                let none = may_be_none.then(Vec::new);
                pieces.push(Value::choice(added.into_iter().chain(none).collect(), span));
                Value::Text(Rc::new(pieces))
            }
            other => one_by_one(other),
        }
    }

    /// A registry: a module's empty dict or object that its functions fill. In the order of the source, which is all
    /// that is known of the order of the run.
    pub(super) fn filled_by_functions(&self, value: Value, name: &SmolStr, module: FnRef) -> Value {
        if module.id != MODULE || !matches!(&value, Value::Record(record) if record.entries.is_empty()) {
            return value;
        }
        let facts = self.facts(module.file);
        let names = &self.index(module.file).names;
        let mut value = value;
        for (number, places) in names.iter().enumerate().skip(1) {
            let id = FnId(number as u32);
            let (Some(places), function) = (places.get(name), facts.function(id)) else {
                continue;
            };
            let binds = |&place: &u32| matches!(&function.body[place as usize].kind, StmtKind::Bind(Target::Name(bound), _) if bound == name);
            if places.iter().any(binds) || function.params.iter().any(|param| param.name == *name) {
                continue;
            }
            let filler = FnRef { file: module.file, id };
            value = self.changed(value, name, places, filler, &self.symbolic(filler), None);
        }
        value
    }

    /// Applies one statement to a value, if it changes the object that `is_it` recognises.
    pub(super) fn change(
        &self,
        value: Value,
        kind: &StmtKind,
        file: FileId,
        frame: &Rc<Frame>,
        is_it: &dyn Fn(&Expr) -> bool,
    ) -> Value {
        let facts = self.facts(file);
        let at = |id: ExprId| ExprRef { file, id };
        match kind {
            StmtKind::Append(Target::Name(_) | Target::Attr(..), added) => {
                let more = self.eval(at(*added), frame);
                // `request |= {…}`
                if let (Value::Record(record), Value::Record(more)) = (&value, &more) {
                    let entries = record.entries.iter().chain(&more.entries).cloned().collect();
                    let open = record.open || more.open;
                    return Value::Record(Rc::new(RecordValue { entries, open, ..(**record).clone() }));
                }
                self.concat(&[(value, at(*added)), (more, at(*added))], at(*added))
            }
            StmtKind::Bind(Target::Index(base, key), entry) if is_it(facts.expr(*base)) => match value {
                Value::Record(record) => {
                    let mut record = (*record).clone();
                    // A loop over known items fills a new table.
                    if record.entries.is_empty()
                        && let Some(entries) = self.entries_by_turns(at(*key), at(*entry), frame)
                    {
                        return Value::Record(Rc::new(RecordValue { entries, ..record }));
                    }
                    let entry = self.eval(at(*entry), frame);
                    match self.eval(at(*key), frame).as_static() {
                        Some(key) => record.entries.push((SmolStr::new(key), entry)),
                        // Kept under its source text, so that all values can be listed.
                        None => {
                            record.entries.push((SmolStr::new(self.short(at(*key))), entry));
                            record.open = true;
                        }
                    }
                    Value::Record(Rc::new(record))
                }
                other => other,
            },
            StmtKind::Expr(id) => {
                let Expr::Call(call) = facts.expr(*id) else {
                    return value;
                };
                let Expr::Attr(base, method) = facts.expr(call.callee) else {
                    return value;
                };
                if !is_it(facts.expr(*base)) {
                    return value;
                }
                self.mutated(value, method, call, at(*id), frame)
            }
            _ => value,
        }
    }

    fn mutated(&self, value: Value, method: &str, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let arg =
            |index: usize| call.args.get(index).map(|arg| self.eval(ExprRef { file: at.file, id: arg.value }, frame));
        match (value, method) {
            (Value::List(list), "append" | "push" | "add" | "unshift" | "insert" | "extend" | "concat") => {
                let mut list = (*list).clone();
                if let ("append" | "push", [arg]) = (method, &call.args[..])
                    && let Some(items) = self.values_by_turns(ExprRef { file: at.file, id: arg.value }, frame)
                {
                    list.items.extend(items);
                    return Value::List(Rc::new(list));
                }
                let mut more = Vec::new();
                let skip = usize::from(method == "insert");
                for (index, arg) in call.args.iter().enumerate().skip(skip) {
                    let value = arg_value(self, arg, at, frame);
                    let spread =
                        arg.spread == Spread::Items || (method == "extend" && index == 0) || method == "concat";
                    match (&value, spread) {
                        (Value::List(inner), true) => {
                            more.extend(inner.items.iter().cloned());
                            list.open |= inner.open;
                        }
                        (_, true) => {
                            more.push(value);
                            list.open = true;
                        }
                        (_, false) => more.push(value),
                    }
                }
                if method == "unshift" || method == "insert" {
                    more.append(&mut list.items);
                    list.items = more;
                } else {
                    list.items.extend(more);
                }
                Value::List(Rc::new(list))
            }
            (Value::OneOf(all), _) => {
                let values = all.iter().map(|one| self.mutated(one.clone(), method, call, at, frame));
                Value::one_of(values.collect::<Vec<_>>()).unwrap_or(Value::Null)
            }
            // A list that somebody handed in: what is added here is known all the same.
            (value @ (Value::Hole(_) | Value::Foreign(_)), "append" | "push") => {
                let mut items = vec![value];
                items.extend(call.args.iter().map(|arg| arg_value(self, arg, at, frame)));
                Value::List(Rc::new(ListValue { items, open: true, span: self.span(at) }))
            }
            (Value::Record(record), "update") => {
                let mut record = (*record).clone();
                for arg in &call.args {
                    let value = arg_value(self, arg, at, frame);
                    match &arg.name {
                        Some(name) => record.entries.push((name.clone(), value)),
                        None => updated(&mut record, &value),
                    }
                }
                Value::Record(Rc::new(record))
            }
            // What is put over settings that are not known is known all the same: `params.update(kwargs)`.
            (Value::Hole(hole), "update") if self.language(at.file).is_python() && call.args.len() == 1 => {
                let given = arg_value(self, &call.args[0], at, frame);
                let of_param = Value::Hole(hole.clone());
                let rest = RecordValue::rest_of(&of_param);
                let mut record = RecordValue { entries: Vec::new(), open: true, rest, span: self.span(at) };
                updated(&mut record, &given);
                if record.entries.is_empty() && record.rest.is_none() {
                    return of_param;
                }
                Value::Record(Rc::new(record))
            }
            (Value::Client(client), _) => self.gathered(&client, method, call, at, frame),
            (Value::Record(record), "set") => {
                let mut record = (*record).clone();
                match (arg(0).and_then(|key| key.as_static()), arg(1)) {
                    (Some(key), Some(value)) => record.entries.push((SmolStr::new(key), value)),
                    _ => record.open = true,
                }
                Value::Record(Rc::new(record))
            }
            (value, _) => value,
        }
    }
}

/// Whether a call puts something before all that is in a list.
fn is_put_first(facts: &FileFacts, call: ExprId) -> bool {
    let Expr::Call(call) = facts.expr(call) else { return false };
    match facts.expr(call.callee) {
        Expr::Attr(_, method) if method == "insert" => {
            call.args.first().is_some_and(|at| matches!(facts.expr(at.value), Expr::Num(at) if at == "0"))
        }
        Expr::Attr(_, method) => method == "unshift",
        _ => false,
    }
}

/// Puts what a record holds over what another does.
fn updated(record: &mut RecordValue, with: &Value) {
    match with {
        Value::Record(more) => {
            record.entries.extend(more.entries.iter().cloned());
            record.open |= more.open;
        }
        _ => record.open = true,
    }
    record.rest = RecordValue::rest_of(with).or_else(|| record.rest.take());
}

fn arg_value(world: &World<'_>, arg: &Arg, at: ExprRef, frame: &Rc<Frame>) -> Value {
    world.eval(ExprRef { file: at.file, id: arg.value }, frame)
}
