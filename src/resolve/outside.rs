//! What calls of things outside the program give: SDK clients, answers, what the language's own functions make.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::args::Args;
use super::templates::Marks;
use super::text::static_words;
use super::value::*;
use super::wrappers::TASK;
use crate::catalog::answers::AnswerWords;
use crate::catalog::stdlib::Gives;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Objects inside objects that are looked through for the client that the outermost stands for.
const KEPT: u32 = 3;

/// What a pattern has that is no plain text.
const PATTERN: &[char] = &['\\', '.', '+', '*', '?', '(', ')', '|', '[', ']', '{', '}', '^', '$'];

impl World<'_> {
    pub(super) fn external_call(&self, path: &SmolStr, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let python = self.language(at.file).is_python();
        if self.stdlib.reads_environment(python, path) {
            return self.environment_call(call, at, frame);
        }
        if let Some((sdk, client)) = self.client_named(path, at.file) {
            let made = Some((at, frame.clone()));
            let value = ClientValue { sdk, client, made, parts: Vec::new(), given: None };
            return self.chain_of_list(call, at, frame, value);
        }
        if let Some(value) = self.message_call(path, call, at, frame) {
            return value;
        }
        if let Some(value) = self.template_call(path, call, at, frame) {
            return value;
        }
        if let text @ (Value::Text(_) | Value::Hole(_)) = self.prompt_file(path, call, at, frame) {
            return text;
        }
        let arg =
            |index: usize| call.args.get(index).map(|arg| self.eval(ExprRef { file: at.file, id: arg.value }, frame));
        match self.stdlib.function(python, path) {
            Some(Gives::Same) => {
                return arg(0).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Computed));
            }
            Some(Gives::Bound) => {
                if let Some(bound) = arg(0).and_then(|of| self.bound_value_of(&of, at, frame)) {
                    return bound;
                }
            }
            Some(Gives::Substituted) => {
                let Some(text) = arg(2) else { return self.hole(at, Shape::Unknown, Origin::Computed) };
                // Of a pattern that is no plain text it is not known what it finds: most of the text stays.
                let plain = |mark: &Value| mark.as_static().is_some_and(|mark| !mark.contains(PATTERN));
                let mark = arg(0).filter(plain);
                return if mark.is_some() { self.replaced(&text, mark, arg(1), at) } else { text };
            }
            Some(Gives::Rendered) => {
                if let Some(text @ Value::Text(_)) = arg(0) {
                    return self.fill(&text, Marks::Mustache, &self.given(call, at, frame), at);
                }
            }
            Some(Gives::Second) => {
                let value = arg(1).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Computed));
                // `cast(Client, state["client"])`: the type is all that is known.
                let typed = || {
                    let place = ExprRef { file: at.file, id: call.args.first()?.value };
                    self.typed(place, at, self.origin_of(&value))
                };
                return if value.is_hole() || matches!(value, Value::External(_)) {
                    typed().unwrap_or(value)
                } else {
                    value
                };
            }
            Some(Gives::Fields) => {
                let of = arg(0).unwrap_or(Value::Null);
                return self.fields_of(&of, at);
            }
            Some(Gives::Parent) => {
                let folder = arg(0).and_then(|path| self.parent_of(&path));
                return folder.unwrap_or_else(|| self.hole(at, Shape::Path, Origin::Computed));
            }
            Some(Gives::Member) => {
                let found = arg(0).zip(arg(1)).and_then(|(of, names)| self.member_by_name(&of, &names, at, frame));
                if let Some(found) = found {
                    return found;
                }
            }
            Some(Gives::Module) => {
                if let Some(module) = arg(0).and_then(|name| self.module_by_name(&name, at.file)) {
                    return module;
                }
            }
            Some(Gives::ModuleFile) => {
                if let Some(module) = arg(1).and_then(|path| self.module_in(&path, at.file)) {
                    return module;
                }
            }
            Some(Gives::Merge) => return self.merged_record(call, at, frame),
            Some(Gives::Entries) => return self.record_of_pairs(arg(0), at),
            Some(Gives::Files) => {
                if let Some(data) = self.data_of_files(call, at, frame) {
                    return data;
                }
            }
            Some(Gives::Listing { paths }) => {
                let listed = arg(0).and_then(|given| match paths {
                    true => self.globbed(&given, at),
                    false => self.listed(&given, "*", false, at),
                });
                return listed.unwrap_or_else(|| self.hole(at, Shape::List, Origin::Computed));
            }
            Some(Gives::File(index)) => {
                if let Some(text @ Value::Text(_)) = arg(index).map(|path| self.file_text(&path, at)) {
                    return text;
                }
            }
            Some(Gives::Data(notation)) => {
                let text = arg(0);
                if let Some(value) = text.as_ref().and_then(|text| self.parsed(text, notation)) {
                    return value;
                }
                let origin = text.map_or(Origin::Computed, |text| self.origin_of(&text));
                return self.hole_because(at, Shape::Json, origin, path.rsplit(['.', '#']).next().unwrap_or(path));
            }
            Some(Gives::Shape(shape, origin)) => {
                let origin = if origin == Origin::Computed {
                    arg(0).map_or(origin, |value| self.origin_of(&value))
                } else {
                    origin
                };
                let several = call.args.len() > 1 || call.args.iter().any(|arg| arg.spread == Spread::Items);
                if shape == Shape::Path && several {
                    return self.path_text(call, at, frame);
                }
                if shape == Shape::Path
                    && let Some(text @ Value::Text(_)) = arg(0)
                {
                    return text;
                }
                // `new URL("./prompt.md", import.meta.url)`: a file beside this one.
                if shape == Shape::Url
                    && let (Some(below), Some(base)) = (arg(0), arg(1).and_then(|base| self.parent_of(&base)))
                {
                    let slash = Value::literal("/", self.span(at));
                    return self.concat(&[(base, at), (slash, at), (below, at)], at);
                }
                let value = self.hole_because(at, shape, origin, path.rsplit(['.', '#']).next().unwrap_or(path));
                return match value {
                    Value::Hole(hole) if shape == Shape::Json => {
                        Value::Hole(Rc::new(HoleValue { inner: arg(0), ..(*hole).clone() }))
                    }
                    value => value,
                };
            }
            None => {}
        }
        if let Some(value) = self.unknown_agent(path, call, at, frame) {
            return value;
        }
        if self.function_operation(path, at.file).is_some() {
            return self.hole(at, Shape::Unknown, Origin::Answer);
        }
        let run = self.stdlib.runs(python, path).and_then(|place| self.run_for(place, call, at, frame));
        match run.unwrap_or_else(|| self.plain_call(call, at, frame)) {
            Value::Hole(hole) if hole.at == at => {
                Value::Foreign(Rc::new(Foreign { path: format!("{path}()").into(), at }))
            }
            found => found,
        }
    }

    /// `new ResearchAgent({ systemPrompt: "…" })` of a class outside the audited files: an agent, weakly, if it is given
    /// instructions.
    fn unknown_agent(&self, path: &str, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let class = path.rsplit(['.', '#']).next().unwrap_or(path);
        let (sdk, client) = self.catalog.unknown_agent(class)?;
        let table = &self.catalog.sdks()[sdk as usize].clients[client as usize];
        let args = Args::of_call(self, call, at, frame, 0);
        let (instructions, _) = args.first(&table.system)?;
        (static_words(&instructions) >= TASK).then(|| {
            let made = Some((at, frame.clone()));
            Value::Client(Rc::new(ClientValue { sdk, client, made, parts: Vec::new(), given: None }))
        })
    }

    /// The fields of an object of the program as a record; of a parameter still that parameter.
    pub(super) fn fields_of(&self, value: &Value, at: ExprRef) -> Value {
        match value {
            Value::Record(_) => value.clone(),
            Value::Instance(instance) => {
                let mut entries: Vec<(SmolStr, Value)> = Vec::new();
                for class in std::iter::once(instance.class).chain(self.bases(instance.class)) {
                    for field in &self.class(class).fields {
                        if !entries.iter().any(|(name, _)| *name == field.name) {
                            entries.push((field.name.clone(), self.member(value, &field.name, at, &self.frame_of(at))));
                        }
                    }
                }
                let says = |name: &str| entries.iter().any(|(key, _)| key == name);
                if !says("role")
                    && !says("type")
                    && says("content")
                    && let Some(role) = self.class_role(instance.class)
                {
                    entries.push(("role".into(), Value::literal(role, self.span(at))));
                }
                let open = entries.is_empty();
                Value::Record(Rc::new(RecordValue { entries, open, rest: None, span: self.span(at) }))
            }
            Value::OneOf(all) => Value::one_of(all.iter().map(|one| self.fields_of(one, at))).unwrap_or(Value::Null),
            other => match (other, self.hole_because(at, Shape::Json, self.origin_of(other), "a record of fields")) {
                (Value::Hole(of), Value::Hole(given)) => {
                    Value::Hole(Rc::new(HoleValue { param: of.param, ..(*given).clone() }))
                }
                (_, given) => given,
            },
        }
    }

    /// The origin of what a function makes is that of what it was made from.
    pub(super) fn origin_of(&self, value: &Value) -> Origin {
        match value {
            Value::Hole(hole) => hole.origin,
            _ => Origin::Computed,
        }
    }

    /// `RunnableSequence.from([a, b])` and constructors that take parts: the parts of a chain are its text and model.
    fn chain_of_list(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>, mut value: ClientValue) -> Value {
        let facts = self.facts(at.file);
        let table = self.client_table(&value);
        let carries = table.carries_model && table.model.is_empty() && table.prompt.is_empty();
        let handed = |arg: &&Arg| match arg.spread {
            Spread::No => carries || arg.name.is_none(),
            // `RunnableParallel(**chains)`
            Spread::Keys => carries,
            Spread::Items => false,
        };
        for arg in call.args.iter().filter(handed).take(if carries { call.args.len() } else { 1 }) {
            // Of what only takes a list the names of variables are not looked up.
            if !carries && !matches!(facts.expr(arg.value), Expr::List(_)) {
                break;
            }
            // A text under a name is a setting: `input_messages_key="question"`.
            let is_part = |value: &Value| !matches!(value, Value::Text(_));
            let parts = match self.eval(ExprRef { file: at.file, id: arg.value }, frame) {
                Value::List(list) => list.items.clone(),
                Value::Record(record) if carries => {
                    record.entries.iter().map(|(_, value)| value.clone()).filter(is_part).collect()
                }
                other if carries && (arg.name.is_none() || is_part(&other)) => vec![other],
                _ => Vec::new(),
            };
            if carries || parts.iter().any(|part| matches!(part, Value::Client(_))) {
                value.parts.extend(parts);
            }
        }
        if !value.parts.iter().flat_map(Value::alternatives).any(|part| matches!(part, Value::Client(_))) {
            value.parts.clear();
        }
        Value::Client(Rc::new(value))
    }

    /// What calling a member of a client gives: another client, or an answer.
    pub(super) fn client_call(&self, client: &Rc<ClientValue>, path: &str, at: ExprRef, frame: &Rc<Frame>) -> Value {
        if let Some(next) = self.client_from(client, path) {
            // `llm.bind_tools(…)` is the same model: what it was made with still holds.
            if next == client.client {
                let name = path.rsplit('.').next().unwrap_or(path);
                if !AnswerWords::embedded().is_structured_by(name) {
                    return Value::Client(client.clone());
                }
                // A schema for its answers stays with it.
                let mut parts = client.parts.clone();
                parts.push(Value::Foreign(Rc::new(Foreign { path: path.into(), at })));
                return Value::Client(Rc::new(ClientValue { parts, ..(**client).clone() }));
            }
            let mut parts = client.parts.clone();
            parts.push(Value::Client(Rc::new(ClientValue { parts: Vec::new(), ..(**client).clone() })));
            return Value::Client(Rc::new(ClientValue {
                sdk: client.sdk,
                client: next,
                made: Some((at, frame.clone())),
                parts,
                given: None,
            }));
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        if last == "pipe"
            && let Expr::Call(call) = self.expr(at)
            && let Some(arg) = call.args.first()
        {
            let next = self.eval(ExprRef { file: at.file, id: arg.value }, frame);
            let mut parts = client.parts.clone();
            parts.push(next);
            return Value::Client(Rc::new(ClientValue { parts, ..(**client).clone() }));
        }
        if self.client_operation(client, path).is_some() {
            return self.hole(at, Shape::Unknown, Origin::Answer);
        }
        Value::Foreign(Rc::new(Foreign { path: format!("{path}()").into(), at }))
    }

    /// `a | b`: a chain, if one side is a model or a prompt.
    pub(super) fn chain(&self, values: &[Value]) -> Option<Value> {
        let values: Vec<Value> = values.iter().map(|value| self.chain_step(value)).collect();
        let values = &values[..];
        let client = values.iter().find_map(|value| {
            value.alternatives().iter().find_map(|one| match one {
                Value::Client(client) => Some(client.clone()),
                _ => None,
            })
        });
        let Some(client) = client else {
            // A prompt piped into something unknown: a model that was handed in, most likely.
            if values.iter().any(|value| matches!(value, Value::Hole(_) | Value::Instance(_)))
                && values.iter().any(|value| matches!(value, Value::Text(_) | Value::List(_)))
                && let Some((sdk, client)) = self.catalog.unknown_chain()
            {
                // The model itself is no part of what it is asked.
                let asked = |value: &&Value| !matches!(value, Value::Hole(_) | Value::Instance(_));
                let parts = values.iter().filter(asked).cloned().collect();
                return Some(Value::Client(Rc::new(ClientValue { sdk, client, made: None, parts, given: None })));
            }
            return values.iter().find(|value| matches!(value, Value::Text(_) | Value::List(_))).cloned();
        };
        let mut parts = Vec::new();
        for value in values {
            match value {
                Value::Client(one) if Rc::ptr_eq(one, &client) => parts.extend(one.parts.iter().cloned()),
                other => parts.push(other.clone()),
            }
        }
        Some(Value::Client(Rc::new(ClientValue { parts, ..(*client).clone() })))
    }

    /// A step of a chain. An object of the program that stands between a prompt and a parser is asked like a model: it
    /// is the client that it keeps, however deep.
    fn chain_step(&self, step: &Value) -> Value {
        let Value::Instance(instance) = step else {
            return step.clone();
        };
        self.kept_client(instance, KEPT).unwrap_or_else(|| step.clone())
    }

    fn kept_client(&self, instance: &Rc<Instance>, depth: u32) -> Option<Value> {
        let at = instance.made.as_ref().map(|(at, _)| *at)?;
        let names = &self.index(instance.class.file).attributes[instance.class.id.0 as usize];
        let mut names: Vec<&SmolStr> = names.keys().collect();
        names.sort_unstable();
        let kept: Vec<Value> = names.into_iter().filter_map(|name| self.attribute(instance, name, at)).collect();
        let all = || kept.iter().flat_map(Value::alternatives);
        all().find(|one| matches!(one, Value::Client(_))).cloned().or_else(|| {
            all().find_map(|one| match one {
                Value::Instance(inner) if depth > 0 => self.kept_client(inner, depth - 1),
                _ => None,
            })
        })
    }
}
