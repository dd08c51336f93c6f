//! What a bare name means where it stands: bindings before it, parameters, enclosing functions, imports.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::branches::Condition;
use super::imports::HOPS;
use super::index::takes_effect;
use super::types::typed_hole;
use super::unroll::{binds_name, part_of};
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Alternative bindings of one name that are looked at: a name bound in thousands of branches is a list of values in
/// disguise.
const BINDINGS: usize = 12;

/// Where a name is used: only what is bound before it, and not in a sibling branch, can be meant.
#[derive(Clone, Copy)]
pub(super) struct Use {
    pub(super) start: u32,
    pub(super) context: CtxId,
}

impl World<'_> {
    pub(super) fn name(&self, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        if name == "self" || name == "super" {
            // A plain function that takes the object of others: `def step(self, text)` outside every class.
            let handed = || self.param(name, frame.function, frame);
            let receiver = frame.receiver.clone().or_else(handed);
            return receiver.unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown));
        }
        let node = self.node(at);
        let seen = Use { start: node.start, context: node.context };
        // A default value or decorator is written inside the span of its function but means names around it.
        let mut function = frame.function;
        if function.file != at.file || function.id != node.function {
            function = FnRef { file: at.file, id: node.function };
        }
        self.name_in(name, function, Some(seen), frame, at)
    }

    fn name_in(&self, name: &SmolStr, function: FnRef, seen: Option<Use>, frame: &Rc<Frame>, at: ExprRef) -> Value {
        let mut function = function;
        let mut seen = seen;
        let mut frame = frame.clone();
        loop {
            if let Some(value) = self.bound_in(name, function, seen, &frame, at) {
                return value;
            }
            if function.id == MODULE {
                break;
            }
            // Seen from a nested function, the whole body around it may have run.
            seen = None;
            function = FnRef { file: function.file, id: self.function(function).parent };
            frame = match &frame.outer {
                Some(outer) if outer.function == function => outer.clone(),
                _ => self.symbolic(function),
            };
        }
        match self.imported(name, at.file, HOPS) {
            Some(value) => value,
            None => match self.stdlib.is_builtin(self.language(at.file).is_python(), name) {
                true => Value::External(name.clone()),
                false => self.hole(at, Shape::Unknown, Origin::Unknown),
            },
        }
    }

    /// What a name is bound to in one function, parameters included.
    pub(super) fn bound_in(
        &self,
        name: &SmolStr,
        function: FnRef,
        seen: Option<Use>,
        frame: &Rc<Frame>,
        at: ExprRef,
    ) -> Option<Value> {
        let facts = self.facts(function.file);
        let body = &facts.function(function.id).body;
        let param = || self.param(name, function, frame);
        let Some(places) = self.index(function.file).names[function.id.0 as usize].get(name) else {
            return param();
        };
        let mut visible: Vec<u32> = match seen {
            Some(seen) => places
                .iter()
                .copied()
                .filter(|&place| {
                    takes_effect(facts, &body[place as usize]) <= seen.start
                        && !self.excluded(function.file, body[place as usize].context, seen.context)
                })
                .collect(),
            None => places.clone(),
        };
        let runs = |place: u32| {
            let certain: Vec<CtxId> = seen.iter().map(|seen| seen.context).collect();
            let decided = seen.is_some() && frame.function == function && frame.bound.iter().any(Option::is_some);
            decided.then(|| self.condition(body[place as usize].context, function.file, &certain, frame))
        };
        visible.retain(|&place| runs(place) != Some(Condition::Never));
        if visible.is_empty() {
            if let Some(value) = param() {
                return Some(value);
            }
            // Bound only further down: a loop or a module that is already complete when this runs.
            visible = places.clone();
        }
        let binds = |place: u32| {
            matches!(body[place as usize].kind, StmtKind::Bind(ref target, _) if !matches!(target, Target::Index(..)))
                || matches!(body[place as usize].kind, StmtKind::Define(_) | StmtKind::DefineClass(_))
        };
        let dominates = |place: u32| match seen {
            Some(seen) => {
                facts.contexts_from(seen.context).any(|(id, _)| id == body[place as usize].context)
                    || (matches!(facts.context(body[place as usize].context).kind, ContextKind::Branch { .. })
                        && runs(place) == Some(Condition::Always))
            }
            None => matches!(facts.context(body[place as usize].context).kind, ContextKind::Root),
        };
        let base = visible.iter().rposition(|&place| binds(place) && dominates(place));
        let from = base.unwrap_or(0);
        let starts: Vec<usize> = (from..visible.len()).filter(|&index| binds(visible[index])).take(BINDINGS).collect();
        let mut values = Vec::new();
        if base.is_none()
            && let Some(value) = param()
        {
            let certain: Vec<CtxId> = seen.iter().map(|seen| seen.context).collect();
            values.push(self.changed(value, name, &visible, function, frame, Some(&certain)));
        }
        for start in starts {
            let value = self.bound_value(name, visible[start], function, frame, at);
            let bound = body[visible[start] as usize].context;
            let certain: Vec<CtxId> = seen.iter().map(|seen| seen.context).chain([bound]).collect();
            let value = self.changed(value, name, &visible[start + 1..], function, frame, Some(&certain));
            if !(matches!(value, Value::Null) && visible.len() > 1) {
                values.push(value);
            }
        }
        if values.is_empty() {
            if let Some(value) = self.declared(name, &visible, function, at) {
                return Some(value);
            }
            return visible.iter().any(|&place| binds(place)).then_some(Value::Null);
        }
        let value = Value::one_of(values)?;
        let value = if seen.is_none() { self.filled_by_functions(value, name, function) } else { value };
        // A hole says more when its declaration gives it a type.
        if value.is_hole()
            && let Some(declared) = self.declared(name, places, function, at)
        {
            return Some(match &value {
                Value::Hole(hole) => typed_hole(hole, declared),
                _ => declared,
            });
        }
        Some(value)
    }

    /// Whether two contexts are different arms of one branch, or one is an arm that leaves the function, so that code in
    /// one is not seen from the other.
    fn excluded(&self, file: crate::source::FileId, bound: CtxId, used: CtxId) -> bool {
        let facts = self.facts(file);
        facts.contexts_from(bound).any(|(id, context)| match context.kind {
            ContextKind::Branch { group, .. } => {
                let sibling = || {
                    facts.contexts_from(used).any(
                        |(_, context)| matches!(context.kind, ContextKind::Branch { group: same, .. } if same == group),
                    )
                };
                !facts.contexts_from(used).any(|(other, _)| other == id)
                    && (sibling() || self.index(file).arms(facts).leaves(id))
            }
            _ => false,
        })
    }

    /// The value that one statement gives a name.
    fn bound_value(&self, name: &SmolStr, place: u32, function: FnRef, frame: &Rc<Frame>, at: ExprRef) -> Value {
        let file = function.file;
        match &self.facts(file).function(function.id).body[place as usize].kind {
            StmtKind::Bind(target, value) => {
                let value_at = ExprRef { file, id: *value };
                self.taken(target, name, value_at, frame)
            }
            StmtKind::Define(id) => {
                let target = FnRef { file, id: *id };
                Value::Func(Rc::new(FuncValue {
                    function: target,
                    receiver: frame.receiver.clone(),
                    outer: Some(frame.clone()),
                    given: None,
                }))
            }
            StmtKind::DefineClass(id) => Value::Class(ClassRef { file, id: *id }),
            _ => self.hole(at, Shape::Unknown, Origin::Unknown),
        }
    }

    /// The part of a value that a name takes from it by a pattern.
    pub(super) fn taken(&self, target: &Target, name: &SmolStr, value_at: ExprRef, frame: &Rc<Frame>) -> Value {
        match target {
            Target::Name(_) | Target::Attr(..) | Target::Index(..) => {
                let value = self.eval(value_at, frame);
                self.renamed(value, name, value_at)
            }
            Target::Tuple(parts) => {
                let value = match self.expr(value_at) {
                    Expr::Item(over) => self.turn_over(ExprRef { file: value_at.file, id: *over }, frame),
                    _ => None,
                };
                // Names that are written down, as those of models are; of all else, what each turn does to it counts.
                let is_name = |part: &Value| part.alternatives().iter().any(|one| one.as_static().is_some());
                let known = value.and_then(|turn| part_of(target, name, &turn)).filter(is_name);
                if let Some(known) = known {
                    return known;
                }
                let value = self.eval(value_at, frame);
                let Some(index) =
                    parts.iter().position(|part| part.as_ref().is_some_and(|part| binds_name(part, name)))
                else {
                    return self.hole(value_at, Shape::Unknown, Origin::Unknown);
                };
                if let Some(text) = self.divided(value_at, frame) {
                    return if index == 0 { text } else { Value::literal("", self.span(value_at)) };
                }
                let mut picked = Vec::new();
                for one in value.alternatives() {
                    if let Value::List(list) = one
                        && !list.open
                        && let Some(item) = list.items.get(index)
                    {
                        picked.push(item.clone());
                    }
                }
                let whole = self.renamed(self.hole(value_at, Shape::Unknown, Origin::Unknown), name, value_at);
                match Value::one_of(picked) {
                    Some(value) => value,
                    None => match value {
                        Value::Hole(hole) if hole.origin == Origin::Answer => Value::Hole(hole),
                        Value::Func(_) | Value::Client(_) => value,
                        Value::Hole(hole) => match whole {
                            Value::Hole(whole) => {
                                Value::Hole(Rc::new(HoleValue { param: hole.param, ..(*whole).clone() }))
                            }
                            whole => whole,
                        },
                        _ => whole,
                    },
                }
            }
            Target::Object(fields) => {
                let value = self.eval(value_at, frame);
                match fields.iter().find(|field| field.local == *name) {
                    Some(field) if field.key.is_empty() => value,
                    Some(field) => self.field_of(&value, field, value_at, frame),
                    None => self.hole(value_at, Shape::Unknown, Origin::Unknown),
                }
            }
        }
    }

    pub(super) fn field_of(&self, value: &Value, field: &Field, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let found = match value {
            // What an object that is written out does not hold is left out.
            Value::Record(record) if !record.open && record.rest.is_none() && record.get(&field.key).is_none() => {
                Value::Null
            }
            _ => self.member(value, &field.key, at, frame),
        };
        let found = if found.is_hole() { self.renamed(found, &field.local, at) } else { found };
        match (found, field.default) {
            (Value::Null, Some(default)) => self.eval(ExprRef { file: at.file, id: default }, frame),
            (Value::Hole(hole), Some(default)) if hole.default.is_none() => {
                let default = Some(self.eval(ExprRef { file: at.file, id: default }, frame));
                Value::Hole(Rc::new(HoleValue { default, ..(*hole).clone() }))
            }
            (found, _) => found,
        }
    }

    /// A hole is better known by the name it is bound to than by the expression that made it.
    fn renamed(&self, value: Value, name: &SmolStr, at: ExprRef) -> Value {
        match value {
            Value::Hole(hole) if hole.param.is_none() && hole.at == at => {
                Value::Hole(Rc::new(HoleValue { name: name.as_str().into(), ..(*hole).clone() }))
            }
            other => other,
        }
    }

    /// A name that is declared with a type and not bound where it is used.
    pub(super) fn declared(&self, name: &SmolStr, places: &[u32], function: FnRef, at: ExprRef) -> Option<Value> {
        let body = &self.facts(function.file).function(function.id).body;
        places.iter().find_map(|&place| match &body[place as usize].kind {
            StmtKind::Declare(Target::Name(declared), annotation) if declared == name => {
                self.typed(ExprRef { file: function.file, id: *annotation }, at, Origin::Unknown)
            }
            _ => None,
        })
    }
}
