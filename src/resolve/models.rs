//! Which model a call asks, and who chose it.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::World;
use super::args::Args;
use super::locate::Hit;
use super::value::*;
use crate::program::{Model, ModelOrigin};
use crate::source::Span;
use crate::syntax::facts::*;

/// Steps from a call to where its model is named: each function that only hands it down takes two.
const DEPTH: u32 = 16;

/// What stands for a model where none is chosen: the program finds one by it, no provider has one of that name.
const NO_NAMES: &[&str] = &["auto", "default", "inherit"];

/// Model names that one call may choose among.
const CANDIDATES: usize = 12;

/// What was found of a call's model.
#[derive(Default)]
pub(super) struct Found {
    pub(super) names: Vec<(String, Span)>,
    pub(super) origin: Option<ModelOrigin>,
    /// What the SDK takes when nobody says anything.
    pub(super) silent: Option<String>,
    /// Parameters whose callers were asked.
    asked: FxHashSet<(FnRef, u32)>,
}

impl Found {
    /// Adds what was found of another client.
    pub(super) fn add(&mut self, other: Self) {
        for (name, place) in other.names {
            if self.names.len() < CANDIDATES && !self.names.iter().any(|(seen, _)| *seen == name) {
                self.names.push((name, place));
            }
        }
        self.origin = self.origin.or(other.origin);
        self.silent = self.silent.take().or(other.silent);
    }
}

impl World<'_> {
    /// The model of a call, from its arguments, its client, or the SDK's silent default.
    pub(super) fn model(&self, hit: &Hit, args: &Args<'_, '_>) -> Model {
        let operation = self.operation(hit.op);
        let mut found = Found::default();
        for path in &operation.model {
            if let Some((value, place)) = args.get_at(path) {
                match hit.receiver.as_ref().and_then(|client| self.behind_alias(client, &value)) {
                    Some(behind) => self.model_names(&behind, None, &mut found, 0),
                    None => self.model_names(&value, place, &mut found, 0),
                }
                if let Some(place) = place.filter(|_| !found.names.is_empty()) {
                    found.names.retain(|(name, _)| self.lets_run(hit.at, place, name));
                    // Whatever comes here is none of those that are known.
                    found.origin = found.origin.filter(|_| !found.names.is_empty()).or(Some(ModelOrigin::Parameter));
                }
                if !found.names.is_empty() || found.origin.is_some() {
                    break;
                }
            }
        }
        if found.names.is_empty()
            && let Some(client) = &hit.receiver
        {
            self.client_model(client, &mut found, 0);
            self.models_of_others(hit, args, &mut found);
        }
        if found.names.is_empty() && found.origin.is_none() && operation.kind.is_generative() {
            self.default_client_model(hit, &mut found);
        }
        if found.names.is_empty()
            && !operation.url.is_empty()
            && let Some((name, place)) = self.url_model(hit, args)
        {
            found.names.push((name, self.span(place)));
            found.origin = Some(ModelOrigin::Literal);
        }
        if found.names.is_empty()
            && self.sdk(hit.op).id == "unresolved"
            && let Some((value, place)) = self.made_for(hit)
        {
            self.model_names(&value, Some(place), &mut found, 0);
        }
        if !operation.argv.is_empty()
            && let Some(value) = self.command_model(hit, args)
        {
            self.model_names(&value, None, &mut found, 0);
        }
        if found.names.is_empty() && found.origin.is_none() {
            self.set_in_function(hit.at, &mut found);
        }
        if found.names.is_empty() && found.origin.is_none() {
            self.set_in_environment(hit, &mut found);
        }
        if found.names.is_empty()
            && found.origin.is_none()
            && let Some(default) = found.silent.as_ref().or(operation.model_default.as_ref())
        {
            // Nobody wrote it down, and another release of the SDK may take another.
            return Model { id: None, origin: ModelOrigin::Unpinned, candidates: vec![default.clone()], place: None };
        }
        let first = found.names.first().cloned();
        Model {
            id: first.as_ref().map(|(name, _)| name.clone()),
            origin: found.origin.unwrap_or(ModelOrigin::Unpinned),
            candidates: found.names.iter().map(|(name, _)| name.clone()).collect(),
            place: first.map(|(_, place)| place),
        }
    }

    pub(super) fn model_names(&self, value: &Value, place: Option<ExprRef>, found: &mut Found, depth: u32) {
        if depth > DEPTH || found.names.len() >= CANDIDATES {
            return;
        }
        let mut note = |origin: ModelOrigin| {
            found.origin.get_or_insert(origin);
        };
        match value {
            Value::Text(_) => {
                if let several @ Value::OneOf(_) = value.expanded() {
                    return self.model_names(&several, place, found, depth + 1);
                }
                let Some(name) = value.as_static() else {
                    note(ModelOrigin::Parameter);
                    return;
                };
                let span = match value {
                    Value::Text(pieces) => match pieces.first() {
                        Some(TextPiece::Lit(_, span)) => Some(*span),
                        _ => None,
                    },
                    _ => None,
                };
                let Some(span) = span.or_else(|| place.map(|place| self.span(place))) else {
                    return;
                };
                let origin = match place {
                    Some(place) => self.name_origin(place, span),
                    None => ModelOrigin::Constant,
                };
                note(origin);
                let name = name.trim().to_owned();
                // No provider's name of a model has a space in it: the title of an agent has.
                let is_name = !name.is_empty()
                    && !name.contains(|c: char| c.is_whitespace() || c == '$')
                    && !NO_NAMES.contains(&name.as_str());
                if is_name && !found.names.iter().any(|(seen, _)| *seen == name) {
                    found.names.push((name, span));
                }
            }
            // Fallbacks in order, or the agents of a team: each may have a model of its own. What none of them was given is
            // nobody's word.
            Value::List(list) => {
                for item in &list.items {
                    let mut own = Found::default();
                    self.model_names(item, place, &mut own, depth + 1);
                    if own.origin.is_some_and(|origin| origin != ModelOrigin::Unpinned) && !own.names.is_empty() {
                        found.origin = found.origin.or(own.origin);
                        found.names.extend(own.names);
                    }
                }
            }
            Value::Env(env) => {
                note(ModelOrigin::Environment);
                if let Some(default) = &env.default {
                    self.model_names(default, place, found, depth + 1);
                } else if let Some((name, span)) = self.environment_setting(&env.name, env.span.file)
                    && !found.names.iter().any(|(seen, _)| *seen == name)
                {
                    found.names.push((name, span));
                }
            }
            Value::OneOf(all) => {
                // A branch that sets a name says more than one that leaves it open.
                for one in all.iter() {
                    self.model_names(one, place, found, depth + 1);
                }
            }
            Value::Hole(hole) => {
                if let Some(default) = &hole.default
                    && !matches!(default, Value::Null)
                    && !hole.param.is_some_and(|(function, index)| self.always_given(function, index, default))
                {
                    note(ModelOrigin::Default);
                    self.model_names(default, place, found, depth + 1);
                }
                if found.names.is_empty()
                    && let Some((function, index)) = hole.param
                {
                    if let Some(passed) = self.passed(function, index) {
                        self.model_names(&passed, None, found, depth + 1);
                    } else {
                        self.handed_down(function, index, found, depth);
                    }
                    found.names.retain(|(name, _)| self.some_caller_lets(function, index, name));
                }
                if found.names.is_empty() {
                    self.model_of_setting(hole.at, found, depth);
                }
                found.origin.get_or_insert(if hole.param.is_some() {
                    ModelOrigin::Parameter
                } else {
                    ModelOrigin::Config
                });
            }
            // `model=openai("gpt-4o")`, `llm=ChatOpenAI(model=…)`: the model object carries the name.
            Value::Client(client) => self.client_model(client, found, depth),
            Value::Record(record) => {
                for key in ["model", "id", "name", "modelId", "model_name"] {
                    if let Some(value) = record.get(key) {
                        self.model_names(value, place, found, depth + 1);
                        return;
                    }
                }
            }
            Value::Instance(instance) => {
                for key in ["model", "model_name", "id", "name", "value"] {
                    let at = place.unwrap_or(ExprRef { file: instance.class.file, id: ExprId(0) });
                    // What is called its model is that, known or not.
                    if let Some(value) = self.attribute(instance, &key.into(), at)
                        && (!value.is_hole() || key == "model")
                        && !matches!(value, Value::Func(_))
                    {
                        self.model_names(&value, place, found, depth + 1);
                        return;
                    }
                }
            }
            Value::Foreign(foreign) => {
                self.model_of_setting(foreign.at, found, depth);
                found.origin.get_or_insert(ModelOrigin::Config);
            }
            Value::External(_) => note(ModelOrigin::Config),
            _ => {}
        }
    }

    /// What the function around a call puts into a field of what it was handed: `body.model = body.model ?? fallback`.
    fn set_in_function(&self, at: ExprRef, found: &mut Found) {
        let facts = self.facts(at.file);
        let set = self.enclosing(at).into_iter().find_map(|function| {
            let own = self.function(function);
            own.body.iter().rev().find_map(|stmt| match &stmt.kind {
                StmtKind::Bind(Target::Attr(base, field), value)
                    if matches!(field.as_str(), "model" | "modelId" | "model_name")
                        && matches!(facts.expr(*base), Expr::Name(name)
                            if own.params.iter().any(|param| param.name == *name)) =>
                {
                    Some(ExprRef { file: function.file, id: *value })
                }
                _ => None,
            })
        });
        if let Some(set) = set {
            let value = self.ask(set, &self.frame_of(set));
            self.model_names(&value, None, found, 0);
        }
    }

    /// The model of a wrapper that keeps several ways of asking: where the way taken reads a variable that is not set,
    /// another way is taken, with the model that the wrapper's class has for it.
    pub(super) fn class_model(&self, at: ExprRef) -> Option<Model> {
        let class = super::index::class_around(self.facts(at.file), self.node(at).function)?;
        let class = ClassRef { file: at.file, id: class };
        let instance = Rc::new(Instance::of(class));
        let mut found = Found::default();
        for name in ["model", "model_name", "model_id", "modelName", "modelId"] {
            if let Some(value) = self.attribute(&instance, &name.into(), at) {
                self.model_names(&value, None, &mut found, 0);
            }
        }
        let (id, place) = found.names.first().cloned()?;
        let candidates = found.names.into_iter().map(|(name, _)| name).collect();
        Some(Model {
            id: Some(id),
            origin: found.origin.unwrap_or(ModelOrigin::Config),
            candidates,
            place: Some(place),
        })
    }

    /// What callers hand down that is a parameter of their own: its default, or what their callers choose.
    fn handed_down(&self, function: FnRef, index: u32, found: &mut Found, depth: u32) {
        const CALLERS: usize = 8;
        if !found.asked.insert((function, index)) {
            return;
        }
        for at in self.callers_of(function).into_iter().take(CALLERS) {
            let Expr::Call(call) = self.expr(at) else {
                continue;
            };
            let bound = self.bind(function, call, at, &self.frame_of(at));
            if let Some(Some(value)) = bound.into_iter().nth(index as usize)
                && matches!(&value, Value::Hole(hole)
                    if hole.param.map_or(hole.default.is_some(), |param| param != (function, index)))
            {
                self.model_names(&value, None, found, depth + 2);
            }
        }
    }

    /// Whether every call of a function hands a parameter in: the default that its list of parameters gives is then
    /// nobody's model.
    fn always_given(&self, function: FnRef, index: u32, default: &Value) -> bool {
        let written = match default {
            Value::Text(pieces) => match pieces.first() {
                Some(TextPiece::Lit(_, span)) => *span,
                _ => return false,
            },
            _ => return false,
        };
        // What stands behind `||` in the body is taken where an empty value is handed in.
        let listed = self.function(function).params.get(index as usize).is_some_and(|param| {
            written.file == function.file && param.start <= written.start && written.end <= param.end
        });
        if !listed {
            return false;
        }
        let callers = self.callers_of(function);
        let param = self.function(function).params.get(index as usize).map(|param| &param.name);
        // Of an object that is taken apart a field may be left out where the object is given.
        let taken_apart = matches!(
            self.function(function).params.get(index as usize),
            Some(Param { kind: ParamKind::Object(_), .. })
        );
        if taken_apart {
            return false;
        }
        let given = |at: &ExprRef| {
            let Expr::Call(call) = self.expr(*at) else {
                return false;
            };
            let by_name = |arg: &Arg| arg.spread == Spread::No && arg.name.as_ref() == param;
            // A spread may or may not hold it.
            call.args.iter().any(by_name)
                || call.args.iter().all(|arg| arg.spread == Spread::No)
                    && matches!(self.bind(function, call, *at, &self.frame_of(*at)).get(index as usize), Some(Some(_)))
        };
        !callers.is_empty() && callers.len() <= CANDIDATES && callers.iter().all(given)
    }

    /// Whether a name is written at the place where it is used, or is a constant elsewhere.
    fn name_origin(&self, place: ExprRef, span: Span) -> ModelOrigin {
        let used = self.span(place);
        if used.file == span.file && used.start <= span.start && span.end <= used.end {
            return ModelOrigin::Literal;
        }
        if self.is_text_file(span.file) {
            return ModelOrigin::Config;
        }
        let facts = self.facts(span.file);
        let in_default = facts
            .functions
            .iter()
            .any(|function| function.params.iter().any(|param| param.start <= span.start && span.end <= param.end));
        if in_default { ModelOrigin::Default } else { ModelOrigin::Constant }
    }
}
