//! What later statements make of a value: `+=`, `append`, `push`, `update`, `x[k] = v`.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::source::FileId;
use crate::syntax::facts::*;

impl World<'_> {
    /// Applies what later statements add to the value of a name: `+=`, `append`, `push`, `update`, `x[k] = v`.
    pub(super) fn changed(
        &self,
        mut value: Value,
        name: &SmolStr,
        places: &[u32],
        function: FnRef,
        frame: &Rc<Frame>,
    ) -> Value {
        let body = &self.facts(function.file).function(function.id).body;
        for &place in places {
            value = self.change(
                value,
                &body[place as usize].kind,
                function.file,
                frame,
                &|target| matches!(target, Expr::Name(changed) if changed == name),
            );
        }
        value
    }

    /// A registry: a module's empty dict or object that its functions fill. In the order of the source, which is all
    /// that is known of the order of the run.
    pub(super) fn filled_by_functions(&self, value: Value, name: &SmolStr, module: FnRef) -> Value {
        if module.id != MODULE || !matches!(&value, Value::Record(record) if record.entries.is_empty()) {
            return value;
        }
        let facts = self.facts(module.file);
        let names = &self.index[module.file.0 as usize].names;
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
            value = self.changed(value, name, places, filler, &self.symbolic(filler));
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
                self.concat(&[(value, at(*added)), (more, at(*added))], at(*added))
            }
            StmtKind::Bind(Target::Index(base, key), entry) if is_it(facts.expr(*base)) => match value {
                Value::Record(record) => {
                    let mut record = (*record).clone();
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
                    match (&arg.name, arg_value(self, arg, at, frame)) {
                        (Some(name), value) => record.entries.push((name.clone(), value)),
                        (None, Value::Record(more)) => {
                            record.entries.extend(more.entries.iter().cloned());
                            record.open |= more.open;
                        }
                        _ => record.open = true,
                    }
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

fn arg_value(world: &World<'_>, arg: &Arg, at: ExprRef, frame: &Rc<Frame>) -> Value {
    world.eval(ExprRef { file: at.file, id: arg.value }, frame)
}
