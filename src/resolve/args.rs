//! The arguments of a call, read by the path notation of the tables.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::locate::Hit;
use super::value::*;
use crate::catalog::wrappers::WrapperWords;
use crate::program::*;
use crate::syntax::facts::*;

/// The arguments of a call, read by the path notation of the tables: `name`, `#0`, `#0.name`, `new.name`, `a.b`,
/// `a[].b`, `body.x`.
pub(super) struct Args<'w, 'a> {
    world: &'w World<'a>,
    call: &'w Call,
    at: ExprRef,
    frame: Rc<Frame>,
    receiver: Option<Rc<ClientValue>>,
    skip: usize,
    /// Where the prompt stands by its place behind other arguments: what is there is no options object.
    prompt_at: Option<usize>,
    /// The arguments that the callee was bound to before.
    given: Option<Box<Args<'w, 'a>>>,
}

impl<'w, 'a> Args<'w, 'a> {
    /// The arguments of a located call.
    pub(super) fn new(world: &'w World<'a>, hit: &Hit, frame: &Rc<Frame>) -> Option<Self> {
        let Expr::Call(call) = world.expr(hit.at) else {
            return None;
        };
        let mut args = Self::of_call(world, call, hit.at, frame, hit.skip);
        args.receiver = hit.receiver.clone();
        if let Some(given) = hit.receiver.as_ref().and_then(|client| client.given.as_ref())
            && let Expr::Call(bound) = world.expr(given.call)
        {
            args.given = Some(Box::new(Self::of_call(world, bound, given.call, &given.frame, given.skip)));
        }
        let place = |path: &String| path.strip_prefix('#')?.parse::<usize>().ok().filter(|&index| index > 0);
        args.prompt_at = world.operation(hit.op).prompt.iter().find_map(place);
        // A command object carries what the call asks.
        if let Some(name) = &world.operation(hit.op).argument_client {
            let is_it = |one: &Value| match one {
                Value::Client(client) if world.client_table(client).id == *name => Some(client.clone()),
                _ => None,
            };
            let handed = call.args.iter().skip(hit.skip).find_map(|arg| {
                let value = world.eval(ExprRef { file: hit.at.file, id: arg.value }, frame);
                value.alternatives().iter().find_map(is_it)
            });
            args.receiver = Some(handed?);
        }
        Some(args)
    }

    /// The arguments of any call, without a receiver.
    pub(super) fn of_call(world: &'w World<'a>, call: &'w Call, at: ExprRef, frame: &Rc<Frame>, skip: usize) -> Self {
        Self { world, call, at, frame: frame.clone(), receiver: None, skip, prompt_at: None, given: None }
    }

    /// The object that the call is made on, or the command that it is handed.
    pub(super) fn receiver(&self) -> Option<&Rc<ClientValue>> {
        self.receiver.as_ref()
    }

    /// The frame that the arguments are read in.
    pub(super) fn frame(&self) -> &Rc<Frame> {
        &self.frame
    }

    fn positional(&self, index: usize) -> Option<ExprRef> {
        let mut plain = self.call.args.iter().filter(|arg| arg.name.is_none() && arg.spread == Spread::No);
        plain.nth(index + self.skip).map(|arg| ExprRef { file: self.at.file, id: arg.value })
    }

    /// The value at a path.
    pub(super) fn get(&self, path: &str) -> Option<Value> {
        self.get_at(path).map(|(value, _)| value)
    }

    /// The value at a path, and the expression that stands there.
    pub(super) fn get_at(&self, path: &str) -> Option<(Value, Option<ExprRef>)> {
        if let Some(rest) =
            path.strip_prefix("new.").or_else(|| path.strip_prefix("new").filter(|rest| rest.starts_with('#')))
        {
            return self.made_at(self.receiver.as_ref()?, rest);
        }
        if path == "receiver" {
            return None;
        }
        let (root, rest) = match path.split_once('.') {
            Some((root, rest)) => (root, Some(rest)),
            None => (path, None),
        };
        let (value, place) = self.root(root.trim_end_matches("[]"))?;
        match rest {
            None => Some((value, place)),
            Some(rest) => self.walk(&value, rest).map(|value| (value, place)),
        }
    }

    /// The value at a path of the call that made an object; or the one that made what it was asked of, as a chat has
    /// the instructions of its model.
    fn made_at(&self, client: &Rc<ClientValue>, path: &str) -> Option<(Value, Option<ExprRef>)> {
        let own = client.made.as_ref().and_then(|(call, frame)| {
            let Expr::Call(made) = self.world.expr(*call) else { return None };
            Args::of_call(self.world, made, *call, frame, 0).get_at(path)
        });
        own.or_else(|| {
            client.parts.iter().find_map(|part| match part {
                Value::Client(parent) if parent.sdk == client.sdk => self.made_at(parent, path),
                _ => None,
            })
        })
    }

    fn root(&self, name: &str) -> Option<(Value, Option<ExprRef>)> {
        let world = self.world;
        if let Some(index) = name.strip_prefix('#') {
            let mut index: usize = index.parse().ok()?;
            if let Some(given) = &self.given {
                let taken = (0..=index).take_while(|&index| given.positional(index).is_some()).count();
                if taken > index {
                    return given.root(name);
                }
                index -= taken;
            }
            let place = self.positional(index)?;
            let value = world.eval(place, &self.frame);
            // In TypeScript `#0` as a prompt means text or messages, not the options object itself.
            return Some((value, Some(place)));
        }
        if name == "before" {
            return world.text_before(self.at, &self.frame).map(|value| (value, None));
        }
        if name == "keywords" {
            let named = self.call.args.iter().filter(|arg| arg.name.is_some());
            let items: Vec<_> =
                named.map(|arg| world.eval(ExprRef { file: self.at.file, id: arg.value }, &self.frame)).collect();
            let value = || Value::List(Rc::new(ListValue { items, open: false, span: world.span(self.at) }));
            return self.call.args.iter().any(|arg| arg.name.is_some()).then(|| (value(), None));
        }
        if name == "body" {
            return self.body().map(|value| (value, None));
        }
        self.named(name).or_else(|| self.given.as_ref()?.named(name))
    }

    /// A keyword argument, or an entry of an options object.
    fn named(&self, name: &str) -> Option<(Value, Option<ExprRef>)> {
        let world = self.world;
        if let Some(arg) = self.call.args.iter().find(|arg| arg.name.as_ref().is_some_and(|given| given == name)) {
            let place = ExprRef { file: self.at.file, id: arg.value };
            return Some((world.eval(place, &self.frame), Some(place)));
        }
        for arg in self.call.args.iter().skip(self.skip) {
            if arg.name.is_some() || arg.spread == Spread::Items {
                continue;
            }
            let place = ExprRef { file: self.at.file, id: arg.value };
            let value = world.eval(place, &self.frame);
            for one in value.alternatives() {
                if let Value::Record(record) = one
                    && let Some(found) = record.get(name)
                {
                    let entry = self.entry_place(place, name);
                    return Some((found.clone(), entry));
                }
            }
        }
        // `create(**kwargs)`, `create(params)` of a wrapper whose caller is not known: its field is what callers pass.
        let python = world.language(self.at.file).is_python();
        self.call.args.iter().skip(self.skip).take(2).enumerate().find_map(|(index, arg)| {
            let handed_whole = arg.spread == Spread::Keys
                || (!python && arg.name.is_none() && arg.spread == Spread::No && self.prompt_at != Some(index));
            if !handed_whole {
                return None;
            }
            let place = ExprRef { file: self.at.file, id: arg.value };
            world.eval(place, &self.frame).alternatives().iter().find_map(|one| match one {
                Value::Hole(hole) => Some((field_of_param(hole, &SmolStr::new(name))?, None)),
                Value::Record(record) if self.call.args.len() == 1 => {
                    Some((spread_field(record, &SmolStr::new(name))?, None))
                }
                Value::Instance(_) => {
                    let found = world.member(one, &SmolStr::new(name), place, &self.frame);
                    matches!(&found, Value::Hole(hole) if hole.param.is_some()).then_some((found, None))
                }
                _ => None,
            })
        })
    }

    /// The expression of an entry in an object literal, so that its place can be shown.
    fn entry_place(&self, at: ExprRef, name: &str) -> Option<ExprRef> {
        let Expr::Record(entries) = self.world.expr(at) else {
            return None;
        };
        let entry = entries.iter().rev().find(|entry| entry.key.as_ref().is_some_and(|key| key == name))?;
        Some(ExprRef { file: at.file, id: entry.value })
    }

    fn walk(&self, value: &Value, path: &str) -> Option<Value> {
        let mut value = value.clone();
        for segment in path.split('.') {
            let key = SmolStr::new(segment.trim_end_matches("[]"));
            let found = value.alternatives().iter().find_map(|one| self.step(one, &key));
            value = found?;
            if segment.ends_with("[]")
                && let Value::List(list) = &value
            {
                value = Value::one_of(list.items.iter().cloned())?;
            }
        }
        Some(value)
    }

    fn step(&self, value: &Value, key: &SmolStr) -> Option<Value> {
        match value {
            Value::Record(record) => record.get(key).cloned().or_else(|| spread_field(record, key)),
            Value::List(list) => {
                Value::one_of(list.items.iter().filter_map(|item| self.step(item, key)).collect::<Vec<_>>())
            }
            Value::Hole(hole) => match &hole.inner {
                Some(inner) => self.step(inner, key),
                None => hole
                    .default
                    .as_ref()
                    .and_then(|default| self.step(default, key))
                    .or_else(|| field_of_param(hole, key)),
            },
            // Objects made from keywords: `GenerationConfig(temperature=0)`, `types.GenerateContentConfig(…)`.
            Value::Foreign(foreign) => {
                let Expr::Call(call) = self.world.expr(foreign.at) else {
                    return None;
                };
                let frame = self.world.frame_of(foreign.at);
                let frame = if frame.function == self.frame.function { self.frame.clone() } else { frame };
                Args::of_call(self.world, call, foreign.at, &frame, 0).get(key)
            }
            Value::Client(client) => {
                let (call, frame) = client.made.as_ref()?;
                let Expr::Call(made) = self.world.expr(*call) else {
                    return None;
                };
                Args::of_call(self.world, made, *call, frame, 0).get(key)
            }
            Value::Instance(instance) => self.world.attribute(instance, key, self.at).filter(|value| !value.is_hole()),
            _ => None,
        }
    }

    /// The request body of raw HTTP and of SDKs that take one as text: the record behind `json=`, `data=`, `body`.
    fn body(&self) -> Option<Value> {
        // A request that was put together before it is sent: `urlopen(Request(url, data=…))`.
        if let Some(place) = self.positional(0)
            && let Value::Client(client) = self.world.eval(place, &self.frame)
            && let Some((made, frame)) = &client.made
            && let Expr::Call(call) = self.world.expr(*made)
        {
            return Args::of_call(self.world, call, *made, frame, 0).body();
        }
        // A field that an unknown argument may have counts only where none is written: `fetch(url, { body })`.
        let mut perhaps = None;
        for name in ["json", "data", "body", "content", "payload"] {
            if let Some((value, _)) = self.named(name) {
                let inner = unwrapped(&value);
                match &inner {
                    // `JSON.stringify(call.body)`: what callers hand in as a part of something is as good as a whole.
                    Value::Hole(hole) if hole.param.is_some() && hole.origin == Origin::Field => {
                        let name = hole.name.rsplit('.').next().unwrap_or_default().into();
                        return Some(Value::Hole(Rc::new(HoleValue {
                            name,
                            origin: Origin::Parameter,
                            ..(**hole).clone()
                        })));
                    }
                    Value::Hole(hole) if hole.param.is_some() && hole.name.contains('.') => {
                        perhaps.get_or_insert(inner);
                    }
                    Value::Hole(hole) if hole.param.is_none() => {}
                    Value::Hole(_) | Value::Record(_) | Value::OneOf(_) => return Some(inner),
                    _ => {}
                }
            }
        }
        if perhaps.is_some() {
            return perhaps;
        }
        // `axios.post(url, data)`, `request(url, data)`.
        (1..3).filter_map(|index| self.positional(index)).find_map(|place| {
            let value = unwrapped(&self.world.eval(place, &self.frame));
            match &value {
                Value::Record(record) if record.get("headers").is_none() && record.get("method").is_none() => {
                    Some(value)
                }
                _ => None,
            }
        })
    }

    /// Whether all arguments are known and none of them is a body: `fetch(url, { headers })` only reads.
    pub(super) fn sends_nothing(&self) -> bool {
        let named = |name: &str| matches!(name, "json" | "data" | "body" | "content" | "payload" | "files");
        !self.is_open()
            && !self.call.args.iter().any(|arg| arg.name.as_ref().is_some_and(|name| named(name)))
            && self.call.args.iter().skip(self.skip).filter(|arg| arg.name.is_none()).all(|arg| {
                match self.world.eval(ExprRef { file: self.at.file, id: arg.value }, &self.frame) {
                    Value::Text(_) => true,
                    Value::Record(record) => {
                        !record.entries.iter().any(|(key, _)| named(key)) && record.get("headers").is_some()
                    }
                    _ => false,
                }
            })
    }

    /// Whether some arguments come from a spread or from an object built elsewhere, so that absence proves nothing.
    pub(super) fn is_open(&self) -> bool {
        self.call.args.iter().any(|arg| {
            let value = || self.world.eval(ExprRef { file: self.at.file, id: arg.value }, &self.frame);
            match arg.spread {
                Spread::Items => true,
                Spread::Keys => !matches!(value(), Value::Record(record) if !record.open),
                Spread::No if arg.name.is_none() => match value() {
                    Value::Record(record) => record.open,
                    _ => false,
                },
                Spread::No => false,
            }
        })
    }

    /// The first of several paths that holds something.
    pub(super) fn first(&self, paths: &[String]) -> Option<(Value, Option<ExprRef>)> {
        paths.iter().find_map(|path| self.get_at(path)).filter(|(value, _)| !matches!(value, Value::Null))
    }
}

/// A field of a parameter that nobody has bound: still that parameter, as far as callers go.
pub(super) fn field_of_param(hole: &Rc<HoleValue>, key: &SmolStr) -> Option<Value> {
    let whole =
        hole.param.is_some() && hole.origin == Origin::Parameter && matches!(hole.shape, Shape::Unknown | Shape::Json);
    whole.then(|| {
        let name = format!("{}.{key}", hole.name).into();
        Value::Hole(Rc::new(HoleValue { name, shape: Shape::Unknown, default: None, ..(**hole).clone() }))
    })
}

/// A field that callers may have handed in with what is spread into a record. What says something itself is taken to
/// say it all: `{ messages, ...rest }` has no second prompt in the rest.
fn spread_field(record: &RecordValue, key: &SmolStr) -> Option<Value> {
    let words = WrapperWords::embedded();
    let says = record.entries.iter().any(|(key, _)| words.is_prompt_name(key));
    if says { None } else { field_of_param(record.rest.as_ref()?, key) }
}

/// What was written out as text.
fn unwrapped(value: &Value) -> Value {
    match value {
        Value::Hole(hole) => hole.inner.clone().unwrap_or_else(|| value.clone()),
        other => other.clone(),
    }
}
