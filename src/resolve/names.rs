//! What a bare name means where it stands: bindings before it, parameters, enclosing functions, imports.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::source::FileId;
use crate::syntax::facts::*;

/// Aliases and re-exports followed from module to module.
const HOPS: u32 = 32;

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
            return frame.receiver.clone().unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Unknown));
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
    fn bound_in(
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
        let Some(places) = self.index[function.file.0 as usize].names[function.id.0 as usize].get(name) else {
            return param();
        };
        let mut visible: Vec<u32> = match seen {
            Some(seen) => places
                .iter()
                .copied()
                .filter(|&place| {
                    takes_effect(facts, &body[place as usize]) <= seen.start
                        && !self.excluded(facts, body[place as usize].context, seen.context)
                })
                .collect(),
            None => places.clone(),
        };
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
            Some(seen) => facts.contexts_from(seen.context).any(|(id, _)| id == body[place as usize].context),
            None => matches!(facts.context(body[place as usize].context).kind, ContextKind::Root),
        };
        let base = visible.iter().rposition(|&place| binds(place) && dominates(place));
        let from = base.unwrap_or(0);
        let starts: Vec<usize> = (from..visible.len()).filter(|&index| binds(visible[index])).take(BINDINGS).collect();
        let mut values = Vec::new();
        if base.is_none()
            && let Some(value) = param()
        {
            values.push(self.changed(value, name, &visible, function, frame));
        }
        for start in starts {
            let value = self.bound_value(name, visible[start], function, frame, at);
            let value = self.changed(value, name, &visible[start + 1..], function, frame);
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
        // A hole says more when its declaration gives it a type.
        if value.is_hole()
            && let Some(declared) = self.declared(name, places, function, at)
        {
            return Some(declared);
        }
        Some(value)
    }

    /// Whether two contexts are different arms of one branch, so that code in one is not seen from the other.
    fn excluded(&self, facts: &FileFacts, bound: CtxId, used: CtxId) -> bool {
        facts.contexts_from(bound).any(|(id, context)| match context.kind {
            ContextKind::Branch { group, .. } => {
                facts.contexts_from(used).any(|(other, context)| {
                    other != id && matches!(context.kind, ContextKind::Branch { group: same, .. } if same == group)
                }) && !facts.contexts_from(used).any(|(other, _)| other == id)
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
                }))
            }
            StmtKind::DefineClass(id) => Value::Class(ClassRef { file, id: *id }),
            _ => self.hole(at, Shape::Unknown, Origin::Unknown),
        }
    }

    /// The part of a value that a name takes from it by a pattern.
    fn taken(&self, target: &Target, name: &SmolStr, value_at: ExprRef, frame: &Rc<Frame>) -> Value {
        match target {
            Target::Name(_) | Target::Attr(..) | Target::Index(..) => {
                let value = self.eval(value_at, frame);
                self.renamed(value, name, value_at)
            }
            Target::Tuple(parts) => {
                let value = self.eval(value_at, frame);
                let Some(index) =
                    parts.iter().position(|part| part.as_ref().is_some_and(|part| binds_name(part, name)))
                else {
                    return self.hole(value_at, Shape::Unknown, Origin::Unknown);
                };
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
                        Value::Func(_) => value,
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

    fn field_of(&self, value: &Value, field: &Field, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let found = self.member(value, &field.key, at, frame);
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

    /// Applies what later statements add to the value of a name: `+=`, `append`, `push`, `update`, `x[k] = v`.
    fn changed(&self, mut value: Value, name: &SmolStr, places: &[u32], function: FnRef, frame: &Rc<Frame>) -> Value {
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
                    let key = self.eval(at(*key), frame);
                    match key.as_static() {
                        Some(key) => record.entries.push((SmolStr::new(key), self.eval(at(*entry), frame))),
                        None => record.open = true,
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

    /// A name that is declared with a type and not bound where it is used.
    fn declared(&self, name: &SmolStr, places: &[u32], function: FnRef, at: ExprRef) -> Option<Value> {
        let body = &self.facts(function.file).function(function.id).body;
        places.iter().find_map(|&place| match &body[place as usize].kind {
            StmtKind::Declare(Target::Name(declared), annotation) if declared == name => {
                self.typed(ExprRef { file: function.file, id: *annotation }, at, Origin::Unknown)
            }
            _ => None,
        })
    }

    /// A parameter by name: what the frame binds it to, or a hole that remembers which parameter it is.
    fn param(&self, name: &SmolStr, function: FnRef, frame: &Rc<Frame>) -> Option<Value> {
        let at = self.function(function);
        for (index, param) in at.params.iter().enumerate() {
            if let ParamKind::Object(fields) = &param.kind {
                if let Some(field) = fields.iter().find(|field| field.local == *name) {
                    let whole = self.param_value(function, index as u32, frame);
                    let site = self.param_site(function);
                    if field.key.is_empty() {
                        return Some(whole);
                    }
                    // A field of an unbound parameter stands for the parameter in what callers may bind.
                    if let Value::Hole(hole) = &whole
                        && hole.param.is_some()
                    {
                        let default = field.default.map(|id| self.eval(ExprRef { file: function.file, id }, frame));
                        let (shape, because) = self.field_shape(param, &field.key, function.file);
                        return Some(Value::Hole(Rc::new(HoleValue {
                            name: name.as_str().into(),
                            default,
                            shape,
                            because,
                            ..(**hole).clone()
                        })));
                    }
                    return Some(self.field_of(&whole, field, site, frame));
                }
            } else if param.name == *name {
                return Some(self.param_value(function, index as u32, frame));
            }
        }
        None
    }

    /// Any expression of a function: where a parameter without one of its own is said to stand.
    fn param_site(&self, function: FnRef) -> ExprRef {
        let at = self.function(function);
        let first = at.params.iter().find_map(|param| param.annotation.or(param.default));
        ExprRef { file: function.file, id: first.or(at.site).unwrap_or(ExprId(0)) }
    }

    pub(super) fn param_value(&self, function: FnRef, index: u32, frame: &Rc<Frame>) -> Value {
        if frame.function == function
            && let Some(Some(value)) = frame.bound.get(index as usize)
        {
            return value.clone();
        }
        self.param_hole(function, index)
    }

    /// The hole that an unbound parameter is.
    pub(super) fn param_hole(&self, function: FnRef, index: u32) -> Value {
        let at = self.function(function);
        let param = &at.params[index as usize];
        let file = function.file;
        let site = self.param_site(function);
        let span = crate::source::Span { file, start: param.start, end: param.end };
        let default = param.default.map(|id| {
            let outer = self.symbolic(FnRef { file, id: at.parent });
            self.eval(ExprRef { file, id }, &outer)
        });
        let typed = param.annotation.and_then(|id| self.typed(ExprRef { file, id }, site, Origin::Parameter));
        match typed {
            // The annotation names a class or client: that says more than a hole, and nothing depends on the caller.
            Some(value @ (Value::Client(_) | Value::OneOf(_))) => value,
            // What callers pass is still of interest: the fields of a request object are its prompt.
            Some(Value::Instance(instance)) => {
                Value::Instance(Rc::new(Instance { param: Some((function, index)), ..(*instance).clone() }))
            }
            typed => {
                let (shape, because) = match &typed {
                    Some(Value::Hole(hole)) => (hole.shape, Some((Rc::from("type annotation"), span))),
                    _ => (Shape::Unknown, None),
                };
                let because = if shape == Shape::Unknown { None } else { because };
                let shape = match &param.kind {
                    ParamKind::Rest => Shape::List,
                    _ => shape,
                };
                Value::Hole(Rc::new(HoleValue {
                    name: if param.name.is_empty() { "options".into() } else { param.name.as_str().into() },
                    span,
                    shape,
                    origin: Origin::Parameter,
                    because,
                    param: Some((function, index)),
                    default,
                    inner: None,
                    at: site,
                }))
            }
        }
    }

    /// A name imported into a file.
    pub(super) fn imported(&self, name: &SmolStr, file: FileId, hops: u32) -> Option<Value> {
        if hops == 0 {
            return None;
        }
        let facts = self.facts(file);
        if let Some(&place) = self.index[file.0 as usize].imports.get(name) {
            return self.import_value(&facts.imports[place as usize], file, hops - 1);
        }
        facts.imports.iter().filter(|import| import.local == "*").find_map(|import| {
            let module = self.module(file, &import.module)?;
            self.exported(module, name, hops - 1)
        })
    }

    fn import_value(&self, import: &Import, file: FileId, hops: u32) -> Option<Value> {
        let python = self.language(file).is_python();
        match (self.module(file, &import.module), &import.name) {
            (Some(module), None) => Some(Value::Module(module)),
            (Some(module), Some(name)) => self.exported(module, name, hops).or_else(|| {
                let submodule = if import.module.ends_with('.') {
                    format!("{}{name}", import.module)
                } else {
                    format!("{}.{name}", import.module)
                };
                python.then(|| self.module(file, &submodule).map(Value::Module)).flatten()
            }),
            (None, Some(name)) if python => {
                let submodule = if import.module.ends_with('.') {
                    format!("{}{name}", import.module)
                } else {
                    format!("{}.{name}", import.module)
                };
                match self.module(file, &submodule) {
                    Some(module) => Some(Value::Module(module)),
                    None => Some(Value::External(submodule.into())),
                }
            }
            (None, name) if !python && let Some(value) = self.imported_file(&import.module, name.as_ref(), file) => {
                Some(value)
            }
            (None, Some(name)) => Some(Value::External(format!("{}#{name}", import.module).into())),
            (None, None) if python => Some(Value::External(import.module.clone())),
            (None, None) => Some(Value::External(format!("{}#*", import.module).into())),
        }
    }

    /// The file of the program that an import means.
    pub(super) fn module(&self, file: FileId, module: &str) -> Option<FileId> {
        let key = (file, SmolStr::new(module));
        if let Some(known) = self.imported.borrow().get(&key) {
            return *known;
        }
        let found = if self.language(file).is_python() {
            self.modules.python(file, module, |root| self.catalog.is_import_root(root))
        } else {
            self.modules.script(file, module)
        };
        self.imported.borrow_mut().insert(key, found);
        found
    }

    /// What a module gives under a name.
    pub(super) fn exported(&self, module: FileId, name: &SmolStr, hops: u32) -> Option<Value> {
        if hops == 0 {
            return None;
        }
        let facts = self.facts(module);
        let frame = self.symbolic(FnRef { file: module, id: MODULE });
        let site = ExprRef { file: module, id: ExprId(0) };
        let local = |local: &SmolStr| {
            if facts.exprs.is_empty() {
                return self.imported(local, module, hops - 1);
            }
            self.bound_in(local, frame.function, None, &frame, site).or_else(|| self.imported(local, module, hops - 1))
        };
        if facts.language.is_python() {
            return local(name).or_else(|| {
                // `import package.module` then `package.module.x`: submodules are members too.
                let path = self.sources[module.0 as usize].path.strip_suffix("__init__.py")?.to_owned();
                let at = |ending: &str| self.modules.at(&format!("{path}{name}{ending}"));
                at(".py").or_else(|| at("/__init__.py")).map(Value::Module)
            });
        }
        for export in &facts.exports {
            if export.name == *name || (export.name == "*" && matches!(export.what, Exported::From(_, None))) {
                let found = match &export.what {
                    Exported::Local(inner) => local(inner),
                    Exported::Value(id) => Some(self.eval(ExprRef { file: module, id: *id }, &frame)),
                    Exported::From(from, Some(inner)) => match self.module(module, from) {
                        Some(file) => self.exported(file, inner, hops - 1),
                        None => Some(Value::External(format!("{from}#{inner}").into())),
                    },
                    Exported::From(from, None) if export.name == "*" => {
                        self.module(module, from).and_then(|file| self.exported(file, name, hops - 1))
                    }
                    Exported::From(from, None) => Some(match self.module(module, from) {
                        Some(file) => Value::Module(file),
                        None => Value::External(format!("{from}#*").into()),
                    }),
                };
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
}

fn arg_value(world: &World<'_>, arg: &Arg, at: ExprRef, frame: &Rc<Frame>) -> Value {
    world.eval(ExprRef { file: at.file, id: arg.value }, frame)
}

/// Where what a statement binds begins to hold: behind its value, so that `x = f(x)` reads the `x` before it.
fn takes_effect(facts: &FileFacts, stmt: &Stmt) -> u32 {
    match &stmt.kind {
        StmtKind::Bind(_, value) | StmtKind::Append(_, value) if !matches!(facts.expr(*value), Expr::Item(_)) => {
            facts.node(*value).end.max(stmt.start + 1)
        }
        _ => stmt.start + 1,
    }
}

fn binds_name(target: &Target, name: &SmolStr) -> bool {
    match target {
        Target::Name(bound) => bound == name,
        Target::Tuple(parts) => parts.iter().flatten().any(|part| binds_name(part, name)),
        Target::Object(fields) => fields.iter().any(|field| field.local == *name),
        _ => false,
    }
}
