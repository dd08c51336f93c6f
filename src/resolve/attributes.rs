//! Attributes of objects of the program: what their classes, bases and heirs say of them.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::changes::Changing;
use super::index::last_name;
use super::members::{is_blank, is_empty};
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// How far base classes are followed.
const BASES: u32 = 16;

impl World<'_> {
    /// An attribute of an instance: its methods, what its methods assign to it, its class fields, its bases.
    pub(super) fn attribute(&self, instance: &Rc<Instance>, name: &SmolStr, at: ExprRef) -> Option<Value> {
        let symbolic = instance.made.is_none();
        let key = (instance.class, name.clone());
        if symbolic && let Some(known) = self.attributes.borrow().get(&key) {
            return known.clone();
        }
        let (value, whole) = self.whole(|| self.attribute_anew(instance, name, at));
        if symbolic && whole {
            self.attributes.borrow_mut().insert(key, value.clone());
        }
        value
    }

    fn attribute_anew(&self, instance: &Rc<Instance>, name: &SmolStr, at: ExprRef) -> Option<Value> {
        let value = self.attribute_inner(instance, instance.class, name, at, BASES);
        if let Some(Value::List(list)) = &value
            && let Some(lines) = self.lines_put_into(instance, name, list)
        {
            return Some(lines);
        }
        match self.project_attribute(instance, name, value.as_ref(), at).or(value) {
            // A singleton kept on its class: what else would it hold?
            None | Some(Value::Null | Value::Hole(_))
                if name.trim_start_matches('_').eq_ignore_ascii_case("instance") =>
            {
                Some(Value::Instance(Rc::new(Instance::of(instance.class))))
            }
            Some(value) if !value.is_hole() && (instance.made.is_some() || !is_blank(&value)) => Some(value),
            // Only heirs know it: an abstract base, a mixin, a place that they fill.
            other => self
                .heir_attribute(instance.class, name, at, 3)
                .or(other)
                .or_else(|| self.asked_for(instance, name, at)),
        }
    }

    /// What `__getattr__` gives for a name that an object does not have: a module that is loaded late.
    pub(super) fn asked_for(&self, instance: &Rc<Instance>, name: &SmolStr, at: ExprRef) -> Option<Value> {
        let facts = self.facts(instance.class.file);
        let asked = |&&id: &&FnId| facts.function(id).name == "__getattr__";
        let &id = facts.class(instance.class.id).methods.iter().find(asked)?;
        let function = FnRef { file: instance.class.file, id };
        let receiver = Some(Value::Instance(instance.clone()));
        let bound = [Some(Value::literal(name, self.span(at)))];
        let value =
            self.run(&FuncValue { function, receiver, outer: None, given: None }, &bound, at, &self.frame_of(at));
        (!value.is_hole()).then_some(value)
    }

    pub(super) fn attribute_inner(
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
                    let value = FuncValue { function, receiver, outer: None, given: None };
                    return Some(self.run(&value, &[], at, &self.frame_of(at)));
                }
                Flavour::Abstract => {
                    found = Some(Value::Func(Rc::new(FuncValue { function, receiver, outer: None, given: None })));
                }
                _ => {
                    let own = Value::Func(Rc::new(FuncValue { function, receiver, outer: None, given: None }));
                    // Which override runs is not known where the class itself is only a type.
                    let heirs = if instance.made.is_none() { self.overrides(class, name, 2) } else { Vec::new() };
                    let heirs = heirs.into_iter().map(|(class, function)| {
                        let receiver = Some(Value::Instance(Rc::new(Instance::of(class))));
                        Value::Func(Rc::new(FuncValue { function, receiver, outer: None, given: None }))
                    });
                    return Value::one_of(std::iter::once(own).chain(heirs));
                }
            }
        }
        if found.is_some() {
            let heirs = self.overrides(instance.class, name, 3).into_iter().map(|(class, function)| {
                let receiver = Some(Value::Instance(Rc::new(Instance::of(class))));
                Value::Func(Rc::new(FuncValue { function, receiver, outer: None, given: None }))
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
        let inherited = |base| self.attribute_inner(instance, base, name, at, bases - 1);
        let kept = || self.kept_by_base(instance, class, name).or_else(|| self.kept_as_given(instance, class, name));
        self.bases(class).into_iter().find_map(inherited).or_else(kept)
    }

    /// What the methods of a class assign to an attribute: the constructor's word first.
    pub(super) fn assigned(&self, instance: &Rc<Instance>, class: ClassRef, name: &SmolStr) -> Option<Value> {
        let facts = self.facts(class.file);
        let places = self.index(class.file).attributes[class.id.0 as usize].get(name)?;
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
                        Target::Attr(holder, _) => match self.eval(at, &frame) {
                            Value::Hole(hole) if hole.param.is_some() && !is_constructor => {
                                let handed = self.frame_of_setter(method, *holder);
                                handed.map_or(Value::Hole(hole), |handed| self.eval(at, &handed))
                            }
                            value => value,
                        },
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
        let Some(places) = self.index(at.file).attributes[class.0 as usize].get(name) else {
            return value;
        };
        let mut value = value;
        let mut added = Vec::new();
        let is_it = |target: &Expr| matches!(target, Expr::Attr(_, changed) if changed == name);
        let to = Changing { function: FnRef { file: at.file, id: node.function }, frame, is_it: &is_it };
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
                        added.clear();
                    }
                }
                _ => added.push(place),
            }
        }
        self.changes(value, &added, &to, Some(&[node.context]))
    }

    /// What the function itself has set an attribute of a variable to, on the way to the place where it is read:
    /// `state.context = prompt(state); ask(state.context)`.
    pub(super) fn set_before(&self, at: ExprRef, base: ExprId, name: &SmolStr, frame: &Rc<Frame>) -> Option<Value> {
        let facts = self.facts(at.file);
        let node = facts.node(at.id);
        let path = super::index::set_path(facts, base, name)?;
        let places = self.index(at.file).set.get(&(node.function, path))?;
        let body = &facts.function(node.function).body;
        let value = places.iter().rev().find_map(|&place| match &body[place as usize].kind {
            StmtKind::Bind(Target::Attr(..), value)
                if facts.node(*value).end <= node.start
                    && facts.contexts_from(node.context).any(|(id, _)| id == body[place as usize].context) =>
            {
                Some(ExprRef { file: at.file, id: *value })
            }
            _ => None,
        })?;
        Some(self.eval(value, frame))
    }

    /// A field in the body of a class: given at construction, by its value, or by its type.
    pub(super) fn field(&self, instance: &Rc<Instance>, class: ClassRef, name: &SmolStr, at: ExprRef) -> Option<Value> {
        let own = self.class(class);
        let index = own.fields.iter().position(|field| field.name == *name)?;
        let field = &own.fields[index];
        let has_constructor =
            own.methods.iter().any(|&id| self.facts(class.file).function(id).flavour == Flavour::Constructor);
        let typed = || field.annotation.and_then(|id| self.typed(ExprRef { file: class.file, id }, at, Origin::Field));
        if let Some((call, outer)) = &instance.made
            && let Expr::Call(made) = self.expr(*call)
        {
            // A constructor that sets the field itself has been asked before.
            let by_name = made.args.iter().find(|arg| arg.name.as_ref() == Some(name));
            let by_place = || {
                let arg = made.args.get(index).filter(|_| !has_constructor)?;
                (arg.name.is_none() && arg.spread == Spread::No && self.language(class.file).is_python()).then_some(arg)
            };
            if let Some(arg) = by_name.or_else(by_place) {
                let given = self.eval(ExprRef { file: call.file, id: arg.value }, outer);
                return if given.is_hole() { typed().or(Some(given)) } else { Some(given) };
            }
        }
        let frame = self.symbolic(FnRef { file: class.file, id: own.function });
        let value = field.value.map(|id| self.eval(ExprRef { file: class.file, id }, &frame));
        let value = value.and_then(|value| self.declared_default(value));
        match value {
            None => typed(),
            // `tools: Optional[list] = None`: a value of that type for who sets one.
            Some(Value::Null) => match typed() {
                Some(Value::Hole(hole)) => Some(Value::Hole(Rc::new(HoleValue { default: value, ..(*hole).clone() }))),
                typed => typed.or(value),
            },
            // `chat: ChatSettings = {}`: the defaults of that class.
            Some(value) if value.is_hole() || is_empty(&value) => {
                typed().filter(|typed| !typed.is_hole()).or(Some(value))
            }
            value => value,
        }
    }

    /// An attribute of a class itself: constants, enum members, static methods, nested classes.
    pub(super) fn class_member(&self, class: ClassRef, name: &SmolStr, at: ExprRef) -> Option<Value> {
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
    pub(super) fn heirs(&self, class: ClassRef) -> Vec<ClassRef> {
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
}
