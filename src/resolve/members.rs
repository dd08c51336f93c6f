//! What an attribute, key or index of a value is.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::index::last_name;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Stands before paths that are known from the root of the audited folder on.
pub(super) const ROOT: &str = "/@root/";

/// How far base classes are followed.
const BASES: u32 = 16;

impl World<'_> {
    /// `base.name`.
    pub(super) fn member(&self, base: &Value, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        // What callers pass for a parameter may be that parameter again: the ring is cut like any other.
        if !self.deeper() {
            return self.hole(at, Shape::Unknown, Origin::Unknown);
        }
        let value = self.member_inner(base, name, at, frame);
        self.nesting.set(self.nesting.get() - 1);
        value
    }

    fn member_inner(&self, base: &Value, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        match base {
            Value::Module(file) => {
                self.exported(*file, name, 32).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown))
            }
            Value::External(path) => Value::External(extend(path, name, self.language(at.file).is_python())),
            Value::Foreign(foreign) => {
                Value::Foreign(Rc::new(Foreign { path: format!("{}.{name}", foreign.path).into(), at }))
            }
            Value::Client(client) => Value::Member(client.clone(), name.clone()),
            Value::Member(client, path) => Value::Member(client.clone(), format!("{path}.{name}").into()),
            Value::Record(record) => match record.get(name) {
                Some(value) => value.clone(),
                None => self.hole(at, Shape::Unknown, Origin::Field),
            },
            Value::Instance(instance) => {
                let found = self.attribute(instance, name, at);
                match (found, instance.param) {
                    (Some(value), None) => value,
                    (Some(value), Some(_)) if !matches!(value, Value::Hole(_) | Value::Null | Value::Instance(_)) => {
                        value
                    }
                    (Some(Value::Instance(inner)), param) => {
                        Value::Instance(Rc::new(Instance { param, ..(*inner).clone() }))
                    }
                    (found, param) => self.field_of_param(found, param, at),
                }
            }
            Value::Class(class) => {
                self.class_member(*class, name, at).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown))
            }
            Value::Text(_) if name == "parent" => {
                self.parent_of(base).unwrap_or_else(|| self.hole(at, Shape::Path, Origin::Computed))
            }
            // The text of an enum member, and what libraries wrap text in.
            Value::Text(_) if matches!(name.as_str(), "value" | "template" | "text" | "content" | "prompt") => {
                base.clone()
            }
            Value::Num(..) if name == "value" => base.clone(),
            Value::List(list) if name == "length" => Value::Num(list.items.len().to_string().into(), list.span),
            Value::OneOf(all) => {
                let found: Vec<_> = all
                    .iter()
                    .filter(|one| !matches!(one, Value::Null))
                    .map(|one| self.member(one, name, at, frame))
                    .collect();
                let known: Vec<_> = found.iter().filter(|value| !value.is_hole()).cloned().collect();
                Value::one_of(if known.is_empty() { found } else { known }).unwrap_or(Value::Null)
            }
            Value::Hole(hole) => self.hole_member(hole, name, at, frame),
            Value::Env(env) => match &env.default {
                Some(default) => self.member(default, name, at, frame),
                None => self.hole(at, Shape::Unknown, Origin::Settings),
            },
            _ => self.hole(at, Shape::Unknown, Origin::Unknown),
        }
    }

    /// A field of something that a parameter is: still that parameter as far as callers go, with the form that the
    /// class gives to the field.
    fn field_of_param(&self, typed: Option<Value>, param: Option<(FnRef, u32)>, at: ExprRef) -> Value {
        let Value::Hole(named) = self.hole(at, Shape::Unknown, Origin::Field) else {
            return Value::Null;
        };
        let (shape, because, default) = match typed {
            Some(Value::Hole(hole)) => (hole.shape, hole.because.clone(), hole.default.clone()),
            _ => (Shape::Unknown, None, None),
        };
        Value::Hole(Rc::new(HoleValue { shape, because, default, param, ..(*named).clone() }))
    }

    fn hole_member(&self, hole: &Rc<HoleValue>, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        if let Some(default) = &hole.default
            && !default.is_hole()
            && !matches!(default, Value::Null | Value::Text(_))
        {
            return self.member(default, name, at, frame);
        }
        // A parameter without a type is what callers pass.
        if let Some((function, index)) = hole.param
            && let Some(value) = self.passed(function, index)
            && !value.is_hole()
            && !value.alternatives().iter().any(|one| matches!(one, Value::Hole(inner) if inner.param == hole.param))
        {
            let found = self.member(&value, name, at, frame);
            // What a prompt is made of is each caller's own; what does the work is the same for all.
            let content = |one: &Value| matches!(one, Value::Text(_) | Value::List(_) | Value::Record(_));
            let own = self.enclosing(at).contains(&function) && found.alternatives().iter().any(content);
            if !found.is_hole() && !own {
                return found;
            }
        }
        let origin = match hole.origin {
            Origin::Parameter | Origin::Unknown => Origin::Field,
            other => other,
        };
        let Value::Hole(member) = self.hole(at, Shape::Unknown, origin) else {
            return Value::Null;
        };
        Value::Hole(Rc::new(HoleValue { param: hole.param, ..(*member).clone() }))
    }

    /// An attribute of an instance: its methods, what its methods assign to it, its class fields, its bases.
    pub(super) fn attribute(&self, instance: &Rc<Instance>, name: &SmolStr, at: ExprRef) -> Option<Value> {
        let symbolic = instance.made.is_none();
        let key = (instance.class, name.clone());
        if symbolic && let Some(known) = self.attributes.borrow().get(&key) {
            return known.clone();
        }
        let cuts = self.cuts.get();
        let value = self.attribute_inner(instance, instance.class, name, at, BASES);
        let value = match self.project_attribute(instance, name, value.as_ref(), at).or(value) {
            // A singleton kept on its class: what else would it hold?
            None | Some(Value::Null | Value::Hole(_))
                if name.trim_start_matches('_').eq_ignore_ascii_case("instance") =>
            {
                Some(Value::Instance(Rc::new(Instance::of(instance.class))))
            }
            Some(value) if !value.is_hole() => Some(value),
            // Only heirs know it: an abstract base, a mixin.
            other => self.heir_attribute(instance.class, name, at, 3).or(other),
        };
        if symbolic && self.cuts.get() == cuts {
            self.attributes.borrow_mut().insert(key, value.clone());
        }
        value
    }

    fn attribute_inner(
        &self,
        instance: &Rc<Instance>,
        class: ClassRef,
        name: &SmolStr,
        at: ExprRef,
        bases: u32,
    ) -> Option<Value> {
        let facts = self.facts(class.file);
        let own = facts.class(class.id);
        let mut found = None;
        for &id in &own.methods {
            let method = facts.function(id);
            if method.name != *name {
                continue;
            }
            let function = FnRef { file: class.file, id };
            let receiver = Some(Value::Instance(instance.clone()));
            match method.flavour {
                Flavour::Getter => {
                    let value = FuncValue { function, receiver, outer: None };
                    return Some(self.run(&value, &[], at, &self.frame_of(at)));
                }
                Flavour::Abstract => {
                    found = Some(Value::Func(Rc::new(FuncValue { function, receiver, outer: None })));
                }
                _ => {
                    let own = Value::Func(Rc::new(FuncValue { function, receiver, outer: None }));
                    // Which override runs is not known where the class itself is only a type.
                    let heirs = if instance.made.is_none() { self.overrides(class, name, 2) } else { Vec::new() };
                    let heirs = heirs.into_iter().map(|(class, function)| {
                        let receiver = Some(Value::Instance(Rc::new(Instance::of(class))));
                        Value::Func(Rc::new(FuncValue { function, receiver, outer: None }))
                    });
                    return Value::one_of(std::iter::once(own).chain(heirs));
                }
            }
        }
        if found.is_some() {
            let heirs = self.overrides(instance.class, name, 3).into_iter().map(|(class, function)| {
                let receiver = Some(Value::Instance(Rc::new(Instance::of(class))));
                Value::Func(Rc::new(FuncValue { function, receiver, outer: None }))
            });
            return Value::one_of(heirs).or(found);
        }
        let assigned = self.assigned(instance, class, name);
        let bases_left = bases.saturating_sub(1);
        // Of a record class, what a method once keeps in a field says little of what it holds when it is made.
        let is_content = |value: &Value| {
            value
                .alternatives()
                .iter()
                .all(|one| matches!(one, Value::Text(_) | Value::List(_) | Value::Record(_) | Value::Hole(_)))
        };
        let is_record = !own.methods.iter().any(|&id| facts.function(id).flavour == Flavour::Constructor);
        match assigned {
            Some(value) if !(is_record && is_content(&value)) => return Some(value),
            assigned => {
                let inherited = || {
                    let bases = if assigned.is_some() && bases > 0 { self.bases(class) } else { Vec::new() };
                    bases.into_iter().find_map(|base| self.attribute_inner(instance, base, name, at, bases_left))
                };
                if let Some(value) = self.field(instance, class, name, at).or_else(inherited).or(assigned.clone()) {
                    return Some(value);
                }
            }
        }
        if bases == 0 {
            return None;
        }
        self.bases(class).into_iter().find_map(|base| self.attribute_inner(instance, base, name, at, bases - 1))
    }

    /// What the methods of a class assign to an attribute: the constructor's word first.
    fn assigned(&self, instance: &Rc<Instance>, class: ClassRef, name: &SmolStr) -> Option<Value> {
        let facts = self.facts(class.file);
        let places = self.index[class.file.0 as usize].attributes[class.id.0 as usize].get(name)?;
        let mut values: Vec<Value> = Vec::new();
        let mut nulls = 0;
        for &(function, place) in places {
            let method = FnRef { file: class.file, id: function };
            let is_constructor = facts.function(function).flavour == Flavour::Constructor;
            let frame = self.frame_in(instance, method, is_constructor);
            let stmt = &facts.function(function).body[place as usize];
            match &stmt.kind {
                StmtKind::Bind(target, value) if !matches!(target, Target::Index(..)) => {
                    let at = ExprRef { file: class.file, id: *value };
                    let value = match target {
                        Target::Attr(..) => self.eval(at, &frame),
                        _ => self.hole(at, Shape::Unknown, Origin::Unknown),
                    };
                    match value {
                        Value::Null => nulls += 1,
                        value if value.is_hole() && values.iter().any(|value| !value.is_hole()) => {}
                        value => {
                            if !value.is_hole() {
                                values.retain(|value| !value.is_hole());
                            }
                            values.push(value);
                        }
                    }
                }
                // The constructor fills what it made; what other methods add is seen where they run.
                kind if is_constructor => {
                    if let Some(last) = values.pop() {
                        let same = |target: &Expr| matches!(target, Expr::Attr(_, changed) if changed == name);
                        values.push(self.change(last, kind, class.file, &frame, &same));
                    }
                }
                _ => {}
            }
        }
        let value = Value::one_of(values);
        if value.is_none() && nulls > 0 { Some(Value::Null) } else { value }
    }

    /// What the function itself has added to an attribute before the place where it is read.
    pub(super) fn changed_attribute(&self, value: Value, name: &SmolStr, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let facts = self.facts(at.file);
        let node = facts.node(at.id);
        let Some(class) = super::index::class_around(facts, node.function) else {
            return value;
        };
        if facts.function(node.function).flavour == Flavour::Constructor {
            return value;
        }
        let Some(places) = self.index[at.file.0 as usize].attributes[class.0 as usize].get(name) else {
            return value;
        };
        let mut value = value;
        for &(function, place) in places.iter().filter(|(function, _)| *function == node.function) {
            let stmt = &facts.function(function).body[place as usize];
            if stmt.start >= node.start {
                break;
            }
            match &stmt.kind {
                // Set anew in this function: what other methods assign no longer counts.
                StmtKind::Bind(Target::Attr(..), new)
                    if facts.contexts_from(node.context).any(|(id, _)| id == stmt.context) =>
                {
                    let new = self.eval(ExprRef { file: at.file, id: *new }, frame);
                    if !matches!(new, Value::Null) {
                        value = new;
                    }
                }
                kind => {
                    let same = |target: &Expr| matches!(target, Expr::Attr(_, changed) if changed == name);
                    value = self.change(value, kind, at.file, frame, &same);
                }
            }
        }
        value
    }

    /// The frame of a method of an instance; a constructor's parameters are bound to what it was made with.
    pub(super) fn frame_in(&self, instance: &Rc<Instance>, method: FnRef, is_constructor: bool) -> Rc<Frame> {
        match &instance.made {
            Some((call, outer)) if is_constructor && self.function(method).class.is_some() => {
                let Expr::Call(made) = self.expr(*call) else {
                    return self.symbolic(method);
                };
                let bound = self.bind(method, made, *call, outer);
                Rc::new(Frame {
                    function: method,
                    bound,
                    receiver: Some(Value::Instance(instance.clone())),
                    outer: None,
                    depth: outer.depth + 1,
                    memo: Memo::default(),
                })
            }
            _ => self.symbolic(method),
        }
    }

    /// A field in the body of a class: given at construction, by its value, or by its type.
    fn field(&self, instance: &Rc<Instance>, class: ClassRef, name: &SmolStr, at: ExprRef) -> Option<Value> {
        let own = self.class(class);
        let index = own.fields.iter().position(|field| field.name == *name)?;
        let field = &own.fields[index];
        let has_constructor =
            own.methods.iter().any(|&id| self.facts(class.file).function(id).flavour == Flavour::Constructor);
        let typed = || field.annotation.and_then(|id| self.typed(ExprRef { file: class.file, id }, at, Origin::Field));
        if let Some((call, outer)) = &instance.made
            && !has_constructor
            && let Expr::Call(made) = self.expr(*call)
        {
            let by_name = made.args.iter().find(|arg| arg.name.as_ref() == Some(name));
            let by_place = || {
                let arg = made.args.get(index)?;
                (arg.name.is_none() && arg.spread == Spread::No && self.language(class.file).is_python()).then_some(arg)
            };
            if let Some(arg) = by_name.or_else(by_place) {
                let given = self.eval(ExprRef { file: call.file, id: arg.value }, outer);
                return if given.is_hole() { typed().or(Some(given)) } else { Some(given) };
            }
        }
        let frame = self.symbolic(FnRef { file: class.file, id: own.function });
        let value = field.value.map(|id| self.eval(ExprRef { file: class.file, id }, &frame));
        let value = value.and_then(|value| self.field_default(value, class));
        match value {
            Some(Value::Null) | None => typed().or(value),
            Some(value) if value.is_hole() => typed().or(Some(value)),
            value => value,
        }
    }

    /// `Field(default=x)`, `field(default_factory=f)`: what the field is when nothing is given.
    fn field_default(&self, value: Value, class: ClassRef) -> Option<Value> {
        let Value::Foreign(foreign) = &value else {
            return Some(value);
        };
        let Expr::Call(call) = self.expr(foreign.at) else {
            return Some(value);
        };
        let frame = self.symbolic(FnRef { file: class.file, id: MODULE });
        let get = |names: &[&str]| {
            call.args.iter().find(|arg| arg.name.as_ref().is_some_and(|name| names.contains(&name.as_str())))
        };
        if let Some(arg) = get(&["default"]) {
            return Some(self.eval(ExprRef { file: foreign.at.file, id: arg.value }, &frame));
        }
        if let Some(arg) = get(&["default_factory", "factory"]) {
            let value = self.eval(ExprRef { file: foreign.at.file, id: arg.value }, &frame);
            if let Value::Func(func) = &value {
                return Some(self.run(func, &[], foreign.at, &frame));
            }
        }
        let first = call.args.first().filter(|arg| arg.name.is_none() && arg.spread == Spread::No)?;
        let first = self.eval(ExprRef { file: foreign.at.file, id: first.value }, &frame);
        matches!(first, Value::Text(_) | Value::Num(..) | Value::Bool(_) | Value::Client(_)).then_some(first)
    }

    /// An attribute of a class itself: constants, enum members, static methods, nested classes.
    fn class_member(&self, class: ClassRef, name: &SmolStr, at: ExprRef) -> Option<Value> {
        let instance = Rc::new(Instance::of(class));
        self.attribute(&instance, name, at)
    }

    /// The classes of the program that a class names as its bases.
    pub(super) fn bases(&self, class: ClassRef) -> Vec<ClassRef> {
        let own = self.class(class);
        let frame = self.symbolic(FnRef { file: class.file, id: own.function });
        own.bases
            .iter()
            .filter_map(|&id| {
                let id = match self.facts(class.file).expr(id) {
                    Expr::Index(base, _) => *base,
                    _ => id,
                };
                match self.eval(ExprRef { file: class.file, id }, &frame) {
                    Value::Class(base) if base != class => Some(base),
                    _ => None,
                }
            })
            .collect()
    }

    /// Classes of the program that have this class as a direct base.
    fn heirs(&self, class: ClassRef) -> Vec<ClassRef> {
        let Some(heirs) = self.heirs.get(&self.class(class).name) else {
            return Vec::new();
        };
        heirs.iter().copied().filter(|heir| *heir != class && self.bases(*heir).contains(&class)).take(24).collect()
    }

    fn overrides(&self, class: ClassRef, name: &SmolStr, depth: u32) -> Vec<(ClassRef, FnRef)> {
        let mut found = Vec::new();
        if self.is_protocol(class) {
            found.extend(self.implementers(class, name));
        }
        for heir in self.heirs(class) {
            let facts = self.facts(heir.file);
            let own = facts.class(heir.id).methods.iter().find(|&&id| {
                let method = facts.function(id);
                method.name == *name && method.flavour != Flavour::Abstract
            });
            match own {
                Some(&id) => found.push((heir, FnRef { file: heir.file, id })),
                None if depth > 0 => found.extend(self.overrides(heir, name, depth - 1)),
                None => {}
            }
        }
        found
    }

    /// Whether a class says only what others must have: an interface, a `Protocol`.
    fn is_protocol(&self, class: ClassRef) -> bool {
        let facts = self.facts(class.file);
        let own = facts.class(class.id);
        own.is_interface || own.bases.iter().any(|&base| last_name(facts, base).is_some_and(|name| name == "Protocol"))
    }

    /// Classes that have all methods of a protocol, whether they name it or not, with the method asked for.
    fn implementers(&self, class: ClassRef, name: &SmolStr) -> Vec<(ClassRef, FnRef)> {
        const MOST: usize = 8;
        let facts = self.facts(class.file);
        let wanted: Vec<&SmolStr> = facts.class(class.id).methods.iter().map(|&id| &facts.function(id).name).collect();
        let Some(candidates) = self.methods.get(name) else { return Vec::new() };
        candidates
            .iter()
            .filter(|(other, _)| *other != class && !self.is_protocol(*other))
            .filter(|(other, _)| {
                let theirs = self.facts(other.file);
                let own = theirs.class(other.id);
                wanted.iter().all(|name| own.methods.iter().any(|&id| theirs.function(id).name == **name))
            })
            .copied()
            .take(MOST)
            .collect()
    }

    fn heir_attribute(&self, class: ClassRef, name: &SmolStr, at: ExprRef, depth: u32) -> Option<Value> {
        let found = self.heirs(class).into_iter().filter_map(|heir| {
            let instance = Rc::new(Instance::of(heir));
            self.attribute_inner(&instance, heir, name, at, 0)
                .filter(|value| !value.is_hole())
                .or_else(|| (depth > 0).then(|| self.heir_attribute(heir, name, at, depth - 1)).flatten())
        });
        Value::one_of(found.collect::<Vec<_>>())
    }

    /// `base[key]`.
    pub(super) fn item(&self, base: &Value, key: ExprRef, at: ExprRef, frame: &Rc<Frame>) -> Value {
        match base {
            Value::Record(record) => {
                let key = self.eval(key, frame);
                match key.as_static().or_else(|| self.default_text(&key)) {
                    Some(key) => match record.get(&key) {
                        Some(value) => value.clone(),
                        None => self.hole(at, Shape::Unknown, Origin::Field),
                    },
                    // Chosen at run time: any of them.
                    None => Value::one_of(record.entries.iter().map(|(_, value)| value.clone()))
                        .unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Field)),
                }
            }
            Value::List(list) => {
                let index = match self.eval(key, frame) {
                    Value::Num(text, _) => text.parse::<usize>().ok(),
                    _ => None,
                };
                match index.and_then(|index| list.items.get(index)) {
                    Some(value) if !list.open => value.clone(),
                    _ => self.any_item(base, at),
                }
            }
            // A slice of text is still that text, as far as its static pieces go.
            Value::Text(_) => base.clone(),
            Value::OneOf(all) => Value::one_of(all.iter().map(|one| self.item(one, key, at, frame)))
                .unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown)),
            Value::Class(class) => {
                // `Enum["NAME"]` and generic classes.
                let key = self.eval(key, frame);
                key.as_static()
                    .and_then(|key| self.class_member(*class, &SmolStr::new(key), at))
                    .unwrap_or(Value::Class(*class))
            }
            Value::Env(env) => match &env.default {
                Some(default) => self.item(default, key, at, frame),
                None => self.hole(at, Shape::Unknown, Origin::Settings),
            },
            Value::Hole(hole) => {
                let name = self.eval(key, frame).as_static();
                match name {
                    Some(name) => self.hole_member(hole, &SmolStr::new(name), at, frame),
                    None => self.any_item(base, at),
                }
            }
            Value::Foreign(foreign) => {
                Value::Foreign(Rc::new(Foreign { path: format!("{}.[]", foreign.path).into(), at }))
            }
            Value::External(_) => base.clone(),
            _ => self.hole(at, Shape::Unknown, Origin::Unknown),
        }
    }

    /// What the program keeps on something outside: `st.session_state.agent = Agent(…)`.
    pub(super) fn kept_value(&self, holder: &Value, at: ExprRef, base: ExprId, name: &str) -> Option<Value> {
        const PLACES: usize = 12;
        if !matches!(holder, Value::External(_) | Value::Foreign(_) | Value::Hole(_)) {
            return None;
        }
        let path = super::index::kept_path(self.facts(at.file), base, name)?;
        let values = self.kept.get(&path)?.iter().take(PLACES).filter_map(|&(function, place)| {
            let StmtKind::Bind(_, value) = self.function(function).body[place as usize].kind else {
                return None;
            };
            let value = self.eval(ExprRef { file: function.file, id: value }, &self.symbolic(function));
            (!value.is_hole() && !matches!(value, Value::Null)).then_some(value)
        });
        Value::one_of(values.collect::<Vec<_>>())
    }

    /// The text that a setting or parameter has when nothing is given.
    pub(super) fn default_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Env(env) => env.default.as_ref()?.as_static(),
            Value::Hole(hole) => hole.default.as_ref()?.as_static(),
            _ => None,
        }
    }

    /// A dotted path of names as written: `process.env`, `self.client`.
    pub(super) fn dotted(&self, at: ExprRef) -> Option<String> {
        let facts = self.facts(at.file);
        let mut parts = Vec::new();
        let mut id = at.id;
        loop {
            match facts.expr(id) {
                Expr::Attr(base, name) => {
                    parts.push(name.as_str());
                    id = *base;
                }
                Expr::Name(name) => {
                    parts.push(name.as_str());
                    break;
                }
                _ => return None,
            }
            if parts.len() > 16 {
                return None;
            }
        }
        parts.reverse();
        Some(parts.join("."))
    }

    /// `__file__`, `__dirname`: the path of the file that it stands in, below [`ROOT`].
    pub(super) fn own_path(&self, at: ExprRef, written: &str) -> Option<Value> {
        let is_file = self.stdlib.is_own_file(self.language(at.file).is_python(), written)?;
        let path = &self.sources[at.file.0 as usize].path;
        let path = if is_file { path } else { super::modules::parent(path) };
        Some(Value::literal(&format!("{ROOT}{path}"), self.span(at)))
    }

    /// The folder of a path: exactly where all of it is known, without the last name where the rest is a hole.
    pub(super) fn parent_of(&self, path: &Value) -> Option<Value> {
        let Value::Text(pieces) = path else { return None };
        let [before @ .., TextPiece::Lit(last, span)] = &pieces[..] else { return None };
        let (folder, _) = last.trim_end_matches('/').rsplit_once('/')?;
        let mut pieces = before.to_vec();
        pieces.push(TextPiece::Lit(if folder.is_empty() { "/" } else { folder }.into(), *span));
        Some(Value::Text(Rc::new(pieces)))
    }

    /// `process.env.NAME`, `os.environ["NAME"]`.
    pub(super) fn environment(&self, at: ExprRef) -> Option<Value> {
        let facts = self.facts(at.file);
        let (base, name) = match facts.expr(at.id) {
            Expr::Attr(base, name) => (*base, name.clone()),
            Expr::Index(base, key) => match facts.expr(*key) {
                Expr::Str(name) => (*base, SmolStr::new(name)),
                _ => return None,
            },
            _ => return None,
        };
        if !matches!(facts.expr(base), Expr::Attr(..) | Expr::Name(_)) {
            return None;
        }
        let path = self.dotted(ExprRef { file: at.file, id: base })?;
        let python = facts.language.is_python();
        // A bare `env` is the environment only where its members are written like variables.
        let shouting = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        (self.stdlib.is_environment(python, &path) && (shouting || path.contains('.')) && name != "get")
            .then(|| Value::Env(Rc::new(EnvValue { name, default: None, span: self.span(at) })))
    }

    /// What callers pass for a parameter, where the calls can be found: used for receivers and models.
    pub(super) fn passed(&self, function: FnRef, index: u32) -> Option<Value> {
        const CALLERS: usize = 12;
        if let Some(known) = self.asked.borrow().get(&(function, index)) {
            return known.clone();
        }
        // Asked again while being answered: the ring is cut here.
        self.asked.borrow_mut().insert((function, index), None);
        let at = self.function(function);
        let is_constructor = at.flavour == Flavour::Constructor;
        let name = match at.class {
            Some(class) if is_constructor => self.facts(function.file).class(class).name.clone(),
            _ => at.name.clone(),
        };
        let mut values = Vec::new();
        for &call_at in self.calls.get(&name).map(Vec::as_slice).unwrap_or_default().iter().take(CALLERS * 4) {
            if values.len() >= CALLERS {
                break;
            }
            let Expr::Call(call) = self.expr(call_at) else {
                continue;
            };
            let frame = self.frame_of(call_at);
            let callee = self.eval(ExprRef { file: call_at.file, id: call.callee }, &frame);
            let meant = callee.alternatives().iter().any(|one| match one {
                Value::Func(func) => func.function == function,
                Value::Class(class) => {
                    is_constructor && self.constructor(*class).is_some_and(|constructor| constructor == function)
                }
                _ => false,
            });
            if !meant {
                continue;
            }
            let bound = self.bind(function, call, call_at, &frame);
            if let Some(Some(value)) = bound.into_iter().nth(index as usize)
                && !value.is_hole()
                && !matches!(value, Value::Null)
            {
                values.push(value);
            }
        }
        let value = Value::one_of(values);
        self.asked.borrow_mut().insert((function, index), value.clone());
        value
    }

    /// The constructor that making an instance of a class runs, its own or a base's.
    pub(super) fn constructor(&self, class: ClassRef) -> Option<FnRef> {
        let facts = self.facts(class.file);
        let own = facts.class(class.id).methods.iter().find(|&&id| facts.function(id).flavour == Flavour::Constructor);
        match own {
            Some(&id) => Some(FnRef { file: class.file, id }),
            None => self.bases(class).into_iter().take(4).find_map(|base| self.constructor(base)),
        }
    }

    /// What a type annotation says of a value.
    pub(super) fn typed(&self, annotation: ExprRef, at: ExprRef, origin: Origin) -> Option<Value> {
        use crate::catalog::stdlib::TypeMeaning;
        let facts = self.facts(annotation.file);
        let sub = |id: ExprId| ExprRef { file: annotation.file, id };
        let python = facts.language.is_python();
        let hole = |shape| Some(self.hole_because(at, shape, origin, "type annotation"));
        match facts.expr(annotation.id) {
            Expr::Name(_) | Expr::Attr(..) => {
                let written = self.dotted(annotation)?;
                match self.stdlib.type_meaning(python, &written) {
                    Some(TypeMeaning::Shape(shape)) => return hole(shape),
                    Some(TypeMeaning::Through) => return None,
                    None => {}
                }
                let function = self.symbolic(FnRef { file: annotation.file, id: self.node(annotation).function });
                match self.eval(annotation, &function) {
                    Value::Class(class) if self.is_enum(class) => hole(Shape::Enum),
                    Value::Class(class) => Some(Value::Instance(Rc::new(Instance::of(class)))),
                    Value::External(path) => self.client_named(&path, annotation.file).map(|(sdk, client)| {
                        Value::Client(Rc::new(ClientValue { sdk, client, made: None, parts: Vec::new() }))
                    }),
                    _ => None,
                }
            }
            Expr::Index(base, key) => {
                let name = last_name(facts, *base)?;
                match self.stdlib.type_meaning(python, &name) {
                    Some(TypeMeaning::Through) => match facts.expr(*key) {
                        Expr::List(items) => items.iter().find_map(|item| self.typed(sub(item.value), at, origin)),
                        _ => self.typed(sub(*key), at, origin),
                    },
                    Some(TypeMeaning::Shape(shape)) => hole(shape),
                    None => self.typed(sub(*base), at, origin),
                }
            }
            Expr::Binary(operator, left, right) if operator == "|" => {
                let sides = [self.typed(sub(*left), at, origin), self.typed(sub(*right), at, origin)];
                Value::one_of(sides.into_iter().flatten()).map(|value| match value {
                    Value::OneOf(all)
                        if all.iter().all(|one| matches!(one, Value::Hole(hole) if hole.shape == Shape::Enum)) =>
                    {
                        all[0].clone()
                    }
                    other => other,
                })
            }
            Expr::Str(_) | Expr::Num(_) => hole(Shape::Enum),
            Expr::Record(_) => hole(Shape::Json),
            _ => None,
        }
    }

    pub(super) fn is_enum(&self, class: ClassRef) -> bool {
        let facts = self.facts(class.file);
        let own = facts.class(class.id);
        let by_base = own.bases.iter().any(|&base| last_name(facts, base).is_some_and(|name| name.ends_with("Enum")));
        by_base
            || (!facts.language.is_python()
                && !own.fields.is_empty()
                && own.methods.is_empty()
                && !own.is_interface
                && own
                    .fields
                    .iter()
                    .all(|field| matches!(field.value.map(|id| facts.expr(id)), Some(Expr::Str(_) | Expr::Num(_)))))
    }

    /// The form of a destructured field, from the annotation of the parameter.
    pub(super) fn field_shape(
        &self,
        param: &Param,
        key: &SmolStr,
        file: crate::source::FileId,
    ) -> (Shape, Option<(Rc<str>, crate::source::Span)>) {
        let Some(annotation) = param.annotation else {
            return (Shape::Unknown, None);
        };
        let at = ExprRef { file, id: annotation };
        let facts = self.facts(file);
        let field = match facts.expr(annotation) {
            Expr::Record(entries) => entries
                .iter()
                .find(|entry| entry.key.as_ref() == Some(key))
                .and_then(|entry| self.typed(ExprRef { file, id: entry.value }, at, Origin::Parameter)),
            _ => match self.typed(at, at, Origin::Parameter) {
                Some(Value::Instance(instance)) => self.attribute(&instance, key, at),
                _ => None,
            },
        };
        match field {
            Some(Value::Hole(hole)) if hole.shape != Shape::Unknown => (hole.shape, hole.because.clone()),
            _ => (Shape::Unknown, None),
        }
    }
}

/// The qualified name of a member of something outside: `openai` + `OpenAI`, `openai#*` + `OpenAI`.
fn extend(path: &SmolStr, name: &SmolStr, python: bool) -> SmolStr {
    match path.strip_suffix("#*") {
        Some(module) if !python => format!("{module}#{name}").into(),
        _ => format!("{path}.{name}").into(),
    }
}
