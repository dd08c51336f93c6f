//! Prompts that are declared in one place and sent from another: functions that a decorator turns into requests,
//! classes whose text is a task, objects that others are added to.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::locate::{Hit, OpRef};
use super::prompts::Draft;
use super::templates::Marks;
use super::value::*;
use crate::syntax::facts::*;

impl World<'_> {
    /// The client that a decorator makes of a function: made by the decorator's call, with the function as its part.
    pub(super) fn decorated(&self, function: FnRef) -> Option<Rc<ClientValue>> {
        let own = self.function(function);
        if own.decorators.is_empty() {
            return None;
        }
        let parent = FnRef { file: function.file, id: own.parent };
        let part = Value::Func(Rc::new(FuncValue { function, receiver: None, outer: None, given: None }));
        self.made_by_decorator(&own.decorators, parent, part)
    }

    /// As [`Self::decorated`], of a class: `@marvin.model`.
    pub(super) fn decorated_class(&self, class: ClassRef) -> Option<Rc<ClientValue>> {
        let own = self.class(class);
        if own.decorators.is_empty() {
            return None;
        }
        let around = FnRef { file: class.file, id: own.function };
        self.made_by_decorator(&own.decorators, around, Value::Class(class))
    }

    fn made_by_decorator(&self, decorators: &[ExprId], around: FnRef, part: Value) -> Option<Rc<ClientValue>> {
        let frame = self.symbolic(around);
        let python = self.language(around.file).is_python();
        let (sdk, client, made) = decorators.iter().find_map(|&id| {
            let at = ExprRef { file: around.file, id };
            let (callee, made) = match self.expr(at) {
                Expr::Call(call) => (ExprRef { id: call.callee, ..at }, Some((at, frame.clone()))),
                _ => (at, None),
            };
            match self.eval(callee, &frame) {
                Value::External(path) => {
                    self.catalog.client_by_decorator(python, &path).map(|(sdk, client)| (sdk, client, made))
                }
                _ => None,
            }
        })?;
        let mut parts = vec![part];
        // A second decorator that is a prompt template.
        parts.extend(decorators.iter().filter_map(|&id| {
            let text = self.eval(ExprRef { file: around.file, id }, &frame);
            matches!(text, Value::Text(_) | Value::List(_)).then_some(text)
        }));
        Some(Rc::new(ClientValue { sdk, client, made, parts, given: None }))
    }

    /// The operation that calling a decorated function, or a member of one, is.
    pub(super) fn decorated_hit(
        &self,
        callee: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<(OpRef, Option<Rc<ClientValue>>, bool)> {
        let (named, path) = match self.expr(callee) {
            Expr::Name(name) => (callee, self.decorators.contains(name).then_some("()")?),
            Expr::Attr(base, method) => {
                let base = ExprRef { file: callee.file, id: *base };
                if self.decorators.contains(method) {
                    (callee, "()")
                } else {
                    let name = super::index::last_name(self.facts(base.file), base.id)?;
                    (self.decorators.contains(&name) && self.catalog.is_operation_name(method)).then_some(())?;
                    (base, method.as_str())
                }
            }
            _ => return None,
        };
        self.ask(named, frame).alternatives().iter().find_map(|one| match one {
            Value::Func(func) => {
                let client = self.decorated(func.function)?;
                Some((self.client_operation(&client, path)?, Some(client), false))
            }
            Value::Class(class) => {
                let client = self.decorated_class(*class)?;
                Some((self.client_operation(&client, path)?, Some(client), false))
            }
            _ => None,
        })
    }

    /// What a call of a decorated function asks: the decorator's text, the function's docstring and what it returns,
    /// with the arguments in their places. `false` if the receiver is no such function.
    pub(super) fn add_decorated(&self, hit: &Hit, args: &Args<'_, '_>, draft: &mut Draft) -> bool {
        let Some(client) = &hit.receiver else {
            return false;
        };
        let Expr::Call(call) = self.expr(hit.at) else {
            return false;
        };
        let table = self.client_table(client);
        let func = match client.parts.first() {
            Some(Value::Func(func)) => func,
            Some(Value::Class(class)) if !table.decorators.is_empty() => {
                for text in self.class_text(*class) {
                    self.add_messages(&text, "system", draft, 0);
                }
                for arg in &call.args {
                    let value = self.eval(ExprRef { file: hit.at.file, id: arg.value }, args.frame());
                    self.add_messages(&value, "user", draft, 0);
                }
                return true;
            }
            _ => return false,
        };
        let bound = self.bind(func.function, call, hit.at, args.frame());
        let own = self.function(func.function);
        let given = |name: &str| {
            let index = own.params.iter().position(|param| param.name == name)?;
            bound.get(index)?.clone()
        };
        let mut parts: Vec<(&str, Value)> = Vec::new();
        for (role, path) in
            table.system.iter().map(|path| ("system", path)).chain(table.prompt.iter().map(|path| ("user", path)))
        {
            match path.as_str() {
                "doc" => parts.extend(own.docstring.map(|id| {
                    let text = self.eval(ExprRef { file: func.function.file, id }, &self.symbolic(func.function));
                    (role, self.fill(&text, Marks::Brace, &given, hit.at))
                })),
                "ret" => parts.push((role, self.run(func, &bound, hit.at, args.frame()))),
                "arguments" => parts.extend(bound.iter().flatten().map(|value| (role, value.clone()))),
                path => {
                    parts.extend(args.get(&format!("new{}{path}", if path.starts_with('#') { "" } else { "." })).map(
                        |value| match value {
                            Value::List(list) => {
                                let items =
                                    list.items.iter().map(|item| self.fill_message(item, &given, hit.at)).collect();
                                (role, Value::List(Rc::new(ListValue { items, ..(*list).clone() })))
                            }
                            other => (role, self.fill_message(&other, &given, hit.at)),
                        },
                    ))
                }
            }
        }
        parts.extend(client.parts[1..].iter().map(|text| ("user", self.fill_message(text, &given, hit.at))));
        for (role, value) in parts {
            self.add_messages(&value, role, draft, 0);
        }
        true
    }

    /// The text of a class that declares a task: its docstring, and what its fields say of themselves.
    pub(super) fn class_text(&self, class: ClassRef) -> Vec<Value> {
        let facts = self.facts(class.file);
        let own = facts.class(class.id);
        let frame = self.symbolic(FnRef { file: class.file, id: own.function });
        let at = |id: ExprId| ExprRef { file: class.file, id };
        let mut texts: Vec<Value> = own.docstring.map(|id| self.eval(at(id), &frame)).into_iter().collect();
        for field in &own.fields {
            let Some(Expr::Call(call)) = field.value.map(|id| facts.expr(id)) else {
                continue;
            };
            let args = Args::of_call(self, call, at(field.value.unwrap_or(ExprId(0))), &frame, 0);
            texts.extend(
                ["desc", "description", "#0"]
                    .iter()
                    .find_map(|path| args.get(path))
                    .filter(|text| matches!(text, Value::Text(_))),
            );
        }
        texts
    }

    /// An object with what a call of one of its members adds to it: `pipeline.add_component("llm", OpenAIGenerator())`.
    pub(super) fn gathered(
        &self,
        client: &Rc<ClientValue>,
        method: &str,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Value {
        let table = self.client_table(client);
        let Some(last) = call.args.last().filter(|_| table.gathers.iter().any(|name| name == method)) else {
            return Value::Client(client.clone());
        };
        let part = match self.eval(ExprRef { file: at.file, id: last.value }, frame) {
            record @ Value::Record(_) => {
                Value::List(Rc::new(ListValue { items: vec![record], open: false, span: self.span(at) }))
            }
            other => other,
        };
        let mut parts = client.parts.clone();
        parts.push(part);
        Value::Client(Rc::new(ClientValue { parts, ..(**client).clone() }))
    }

    /// What was written before a call in the same sum: `model + "Name a city: " + gen()`.
    pub(super) fn text_before(&self, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let parent = self.node(at).parent?;
        let Expr::Concat(parts) = self.facts(at.file).expr(parent) else {
            return None;
        };
        let mut pieces = Vec::new();
        for &id in parts.iter().take_while(|&&id| id != at.id) {
            let part = ExprRef { file: at.file, id };
            match self.eval(part, frame) {
                Value::Client(_) => {}
                value => self.to_pieces(&value, part, &mut pieces),
            }
        }
        (!pieces.is_empty()).then(|| Value::Text(Rc::new(pieces)))
    }

    /// Whether calls on a client count: of one that works only with a model among its parts, whether one is there.
    pub(super) fn has_its_model(&self, client: &ClientValue) -> bool {
        let table = self.client_table(client);
        !table.needs_model
            || client.parts.iter().flat_map(Value::alternatives).any(|part| matches!(part, Value::Client(_)))
    }

    /// The functions that stand under a method of an object as their decorator, in the file that makes the object:
    /// `@agent.tool`.
    pub(super) fn functions_under(&self, client: &ClientValue, methods: &[String]) -> Vec<FnRef> {
        let (Some((made, _)), false) = (&client.made, methods.is_empty()) else { return Vec::new() };
        let facts = self.facts(made.file);
        let is_under = |&id: &ExprId| {
            let named = match facts.expr(id) {
                Expr::Call(call) => call.callee,
                _ => id,
            };
            let Expr::Attr(base, method) = facts.expr(named) else { return false };
            let base = ExprRef { file: made.file, id: *base };
            methods.iter().any(|known| known == method)
                && self.eval(base, &self.frame_of(base)).alternatives().iter().any(|one| {
                    matches!(one, Value::Client(object) if object.made.as_ref().is_some_and(|(at, _)| at == made))
                })
        };
        let functions = (0..).map(FnId).zip(&facts.functions);
        let under = functions.filter(|(_, function)| function.decorators.iter().any(is_under));
        under.map(|(id, _)| FnRef { file: made.file, id }).collect()
    }

    /// What functions say that are a part of an object's instructions: `@agent.system_prompt`.
    pub(super) fn instructed(&self, client: &ClientValue) -> Vec<Value> {
        let functions = self.functions_under(client, &self.client_table(client).instructed_by);
        let said = functions.into_iter().map(|function| {
            let site = ExprRef { file: function.file, id: self.function(function).site.unwrap_or(ExprId(0)) };
            let own = FuncValue { function, receiver: None, outer: None, given: None };
            self.run(&own, &[], site, &self.symbolic(FnRef { file: function.file, id: MODULE }))
        });
        said.filter(|value| matches!(value, Value::Text(_) | Value::OneOf(_))).collect()
    }
}
