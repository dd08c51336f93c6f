//! Which model a call asks, and who chose it.

use std::rc::Rc;

use super::World;
use super::locate::Hit;
use super::site::Args;
use super::value::*;
use crate::program::{Model, ModelOrigin};
use crate::source::Span;
use crate::syntax::facts::*;

/// Model names that one call may choose among.
const CANDIDATES: usize = 12;

struct Found {
    names: Vec<(String, Span)>,
    origin: Option<ModelOrigin>,
}

impl World<'_> {
    /// The model of a call, from its arguments, its client, or the SDK's silent default.
    pub(super) fn model(&self, hit: &Hit, args: &Args<'_, '_>) -> Model {
        let operation = self.operation(hit.op);
        let mut found = Found { names: Vec::new(), origin: None };
        for path in &operation.model {
            if let Some((value, place)) = args.get_at(path) {
                self.model_names(&value, place, &mut found, 0);
                if !found.names.is_empty() || found.origin.is_some() {
                    break;
                }
            }
        }
        if found.names.is_empty()
            && let Some(client) = &hit.receiver
        {
            self.client_model(client, &mut found, 0);
        }
        if found.names.is_empty()
            && !operation.url.is_empty()
            && let Some((name, place)) = self.url_model(hit, args)
        {
            found.names.push((name, self.span(place)));
            found.origin = Some(ModelOrigin::Literal);
        }
        if !operation.argv.is_empty()
            && let Some(value) = self.command_model(hit, args)
        {
            self.model_names(&value, None, &mut found, 0);
        }
        if found.names.is_empty()
            && found.origin.is_none()
            && let Some(default) = &operation.model_default
        {
            return Model {
                id: Some(default.clone()),
                origin: ModelOrigin::Unpinned,
                candidates: vec![default.clone()],
                place: None,
            };
        }
        let first = found.names.first().cloned();
        Model {
            id: first.as_ref().map(|(name, _)| name.clone()),
            origin: found.origin.unwrap_or(ModelOrigin::Unpinned),
            candidates: found.names.iter().map(|(name, _)| name.clone()).collect(),
            place: first.map(|(_, place)| place),
        }
    }

    /// The model that a client was made with, or that a client in its chain was.
    fn client_model(&self, client: &Rc<ClientValue>, found: &mut Found, depth: u32) {
        let table = &self.catalog.sdks()[client.sdk as usize].clients[client.client as usize];
        if let Some((call, frame)) = &client.made
            && let Expr::Call(made) = self.expr(*call)
        {
            let args = Args::of_call(self, made, *call, frame, 0);
            for path in &table.model {
                if let Some((value, place)) = args.get_at(path) {
                    self.model_names(&value, place, found, depth + 1);
                    if !found.names.is_empty() || found.origin.is_some() {
                        return;
                    }
                }
            }
        }
        if depth < 6 {
            for part in &client.parts {
                for one in part.alternatives() {
                    if let Value::Client(inner) = one {
                        self.client_model(inner, found, depth + 1);
                        if !found.names.is_empty() {
                            return;
                        }
                    }
                }
            }
        }
        if let Some(default) = &table.model_default
            && client.made.is_some()
        {
            found.names.push((
                default.clone(),
                self.span(
                    client
                        .made
                        .as_ref()
                        .map_or(ExprRef { file: crate::source::FileId(0), id: ExprId(0) }, |made| made.0),
                ),
            ));
            found.origin = Some(ModelOrigin::Unpinned);
        }
    }

    fn model_names(&self, value: &Value, place: Option<ExprRef>, found: &mut Found, depth: u32) {
        if depth > 8 || found.names.len() >= CANDIDATES {
            return;
        }
        let mut note = |origin: ModelOrigin| {
            found.origin.get_or_insert(origin);
        };
        match value {
            Value::Text(_) => {
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
                if !name.is_empty() && !found.names.iter().any(|(seen, _)| *seen == name) {
                    found.names.push((name, span));
                }
            }
            Value::Env(env) => {
                note(ModelOrigin::Environment);
                if let Some(default) = &env.default {
                    self.model_names(default, place, found, depth + 1);
                } else if let Some((name, span)) = self.setting(&env.name) {
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
                {
                    note(ModelOrigin::Default);
                    self.model_names(default, place, found, depth + 1);
                }
                if found.names.is_empty()
                    && let Some((function, index)) = hole.param
                    && let Some(passed) = self.passed(function, index)
                {
                    self.model_names(&passed, None, found, depth + 1);
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
                    if let Some(value) = self.attribute(instance, &key.into(), at)
                        && !value.is_hole()
                        && !matches!(value, Value::Func(_))
                    {
                        self.model_names(&value, place, found, depth + 1);
                        return;
                    }
                }
            }
            Value::Foreign(_) | Value::External(_) => note(ModelOrigin::Config),
            _ => {}
        }
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

    /// A setting from an example environment file of the project.
    fn setting(&self, name: &str) -> Option<(String, Span)> {
        for path in [".env.example", ".env.sample", ".env.template", "env.example", ".env"] {
            let Some((file, text)) = self.text_file(path) else {
                continue;
            };
            let mut start = 0u32;
            for line in text.split_inclusive('\n') {
                let trimmed = line.trim().trim_start_matches("export ");
                if let Some((key, value)) = trimmed.split_once('=')
                    && key.trim() == name
                {
                    let value = value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\'']);
                    // `your_deployment_name`, `<model>`: a place to fill in, not a name.
                    let blank = value.starts_with(['<', '[']) || value.to_lowercase().starts_with("your");
                    if !value.is_empty() && value.len() < 100 && !blank {
                        let end = start + line.trim_end().len() as u32;
                        return Some((value.to_owned(), Span { file, start, end }));
                    }
                }
                start += line.len() as u32;
            }
        }
        None
    }
}
