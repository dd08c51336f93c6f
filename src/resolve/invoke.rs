//! What a call gives: functions of the program are run with what is known of their arguments, SDK constructors make
//! clients, and what the language's own functions do stands in tables.

use std::rc::Rc;

use smol_str::SmolStr;

use super::site::Args;
use super::text::static_words;
use super::value::*;
use super::wrappers::TASK;
use super::{DEPTH, World};
use crate::catalog::stdlib::Gives;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Return statements of one function that are looked at.
const RETURNS: usize = 8;

impl World<'_> {
    pub(super) fn call_value(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let python = self.language(at.file).is_python();
        let callee_at = ExprRef { file: at.file, id: call.callee };
        if let Some(path) = self.dotted(callee_at)
            && self.stdlib.reads_environment(python, &path)
        {
            return self.environment_call(call, at, frame);
        }
        if let Expr::Attr(base, method) = self.expr(callee_at) {
            let base_at = ExprRef { file: at.file, id: *base };
            let base = self.eval(base_at, frame);
            if let Some(value) = self.method_value(&base, base_at, method, call, at, frame) {
                return value;
            }
        }
        let callee = self.eval(callee_at, frame);
        if (callee.is_hole() || matches!(callee, Value::External(_)))
            && let Expr::Attr(_, method) = self.expr(callee_at)
            && let Some((sdk, client)) = self.catalog.client_by_method(method)
        {
            let made = Some((at, frame.clone()));
            return Value::Client(Rc::new(ClientValue { sdk, client, made, parts: Vec::new() }));
        }
        let values: Vec<_> = callee.alternatives().iter().filter_map(|one| self.called(one, call, at, frame)).collect();
        let known: Vec<_> = values.iter().filter(|value| !value.is_hole()).cloned().collect();
        Value::one_of(if known.is_empty() { values } else { known }).unwrap_or_else(|| self.plain_call(call, at, frame))
    }

    /// A call of something unknown. What it is handed as a function without parameters it most likely runs: retry
    /// helpers, timers, caches.
    fn plain_call(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        for arg in &call.args {
            let Expr::Func(id) = self.facts(at.file).expr(arg.value) else {
                continue;
            };
            if self.facts(at.file).function(*id).params.is_empty()
                && let Value::Func(func) = self.eval(ExprRef { file: at.file, id: arg.value }, frame)
            {
                let value = self.run(&func, &[], at, frame);
                if !matches!(value, Value::Null) {
                    return value;
                }
            }
        }
        self.hole(at, Shape::Unknown, Origin::Computed)
    }

    fn environment_call(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let arg =
            |index: usize| call.args.get(index).map(|arg| self.eval(ExprRef { file: at.file, id: arg.value }, frame));
        let name = arg(0).and_then(|name| name.as_static()).unwrap_or_default();
        let default = arg(1).filter(|value| !matches!(value, Value::Null));
        Value::Env(Rc::new(EnvValue { name: name.into(), default, span: self.span(at) }))
    }

    /// What calling one value gives; `None` if nothing is known.
    fn called(&self, callee: &Value, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        match callee {
            // A class that only adjusts one of an SDK is still that client.
            Value::Class(class) if let Some((sdk, client)) = self.sdk_base(*class) => {
                let made = Some((at, frame.clone()));
                Some(Value::Client(Rc::new(ClientValue { sdk, client, made, parts: Vec::new() })))
            }
            Value::Class(class) => {
                Some(Value::Instance(Rc::new(Instance { class: *class, made: Some((at, frame.clone())), param: None })))
            }
            Value::Func(func) => Some(self.run_call(func, call, at, frame)),
            Value::External(path) => Some(self.external_call(path, call, at, frame)),
            Value::Member(client, path) => Some(self.client_call(client, path, at, frame)),
            Value::Client(client) => Some(self.client_call(client, "()", at, frame)),
            Value::Foreign(foreign) => {
                Some(Value::Foreign(Rc::new(Foreign { path: format!("{}()", foreign.path).into(), at })))
            }
            Value::Instance(instance) => {
                let name = SmolStr::new_static("__call__");
                match self.attribute(instance, &name, at) {
                    Some(Value::Func(func)) => Some(self.run_call(&func, call, at, frame)),
                    // `cls(…)` of a class method: what stands for the class makes another object of it.
                    None => Some(Value::Instance(Rc::new(Instance {
                        class: instance.class,
                        made: Some((at, frame.clone())),
                        param: None,
                    }))),
                    _ => None,
                }
            }
            Value::Hole(hole) => {
                // A function handed in as a parameter is what callers pass.
                let (function, index) = hole.param?;
                match self.passed(function, index)? {
                    Value::Func(func) => Some(self.run_call(&func, call, at, frame)),
                    Value::Class(class) => {
                        Some(Value::Instance(Rc::new(Instance { class, made: Some((at, frame.clone())), param: None })))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn run_call(&self, func: &FuncValue, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        // What returns nothing gives nothing, whatever it is given.
        let returns = &self.index[func.function.file.0 as usize].returns[func.function.id.0 as usize];
        let bound = if returns.is_empty() { Vec::new() } else { self.bind(func.function, call, at, frame) };
        self.run(func, &bound, at, frame)
    }

    /// What a function returns with its parameters bound so.
    pub(super) fn run(&self, func: &FuncValue, bound: &[Option<Value>], at: ExprRef, frame: &Rc<Frame>) -> Value {
        let hole = || self.hole(at, Shape::Unknown, Origin::Computed);
        if frame.depth >= DEPTH {
            return hole();
        }
        let inner = Rc::new(Frame {
            function: func.function,
            bound: bound.to_vec(),
            receiver: func.receiver.clone(),
            outer: func.outer.clone(),
            depth: frame.depth + 1,
            memo: Memo::default(),
        });
        // The same function on the way in already: recursion is not followed.
        let function = self.function(func.function);
        let running = self
            .busy
            .borrow()
            .iter()
            .filter(|(expr, _)| {
                expr.file == func.function.file && self.node(*expr).function == func.function.id && *expr != at
            })
            .count();
        if running > 6 {
            return hole();
        }
        let returns = &self.index[func.function.file.0 as usize].returns[func.function.id.0 as usize];
        let mut values = Vec::new();
        for &place in returns.iter().take(RETURNS) {
            let StmtKind::Return(Some(id)) = function.body[place as usize].kind else {
                continue;
            };
            let value = self.eval(ExprRef { file: func.function.file, id }, &inner);
            if !matches!(value, Value::Null) {
                values.push(value);
            }
        }
        if values.is_empty() {
            return match function
                .returns
                .and_then(|id| self.typed(ExprRef { file: func.function.file, id }, at, Origin::Computed))
            {
                Some(value) => value,
                None if returns.is_empty() => Value::Null,
                None => hole(),
            };
        }
        let known: Vec<_> = values.iter().filter(|value| !value.is_hole()).cloned().collect();
        if known.is_empty()
            && let Some(typed) = function
                .returns
                .and_then(|id| self.typed(ExprRef { file: func.function.file, id }, at, Origin::Computed))
            && !values.iter().any(|value| matches!(value, Value::Hole(hole) if hole.origin == Origin::Answer))
        {
            return typed;
        }
        Value::one_of(if known.is_empty() { values } else { known }).unwrap_or_else(hole)
    }

    /// The SDK client that a class of the program has as its base.
    fn sdk_base(&self, class: ClassRef) -> Option<(u32, u32)> {
        let own = self.class(class);
        let frame = self.symbolic(FnRef { file: class.file, id: own.function });
        own.bases.iter().find_map(|&id| match self.eval(ExprRef { file: class.file, id }, &frame) {
            Value::External(path) => self.client_named(&path, class.file),
            _ => None,
        })
    }

    /// The arguments of a call by the parameters of the function that it calls.
    pub(super) fn bind(&self, function: FnRef, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Vec<Option<Value>> {
        let to = self.function(function);
        let mut bound: Vec<Option<Value>> = vec![None; to.params.len()];
        let mut next = 0;
        let mut rest = Vec::new();
        let mut keywords = Vec::new();
        let mut open = false;
        for arg in &call.args {
            let value = self.eval(ExprRef { file: at.file, id: arg.value }, frame);
            match (arg.spread, &arg.name) {
                (Spread::No, Some(name)) => {
                    match to.params.iter().position(|param| {
                        param.name == *name && !matches!(param.kind, ParamKind::Rest | ParamKind::Keywords)
                    }) {
                        Some(index) => bound[index] = Some(value),
                        None => keywords.push((name.clone(), value)),
                    }
                }
                (Spread::No, None) => {
                    match to.params.get(next) {
                        Some(param) if matches!(param.kind, ParamKind::Plain | ParamKind::Object(_)) => {
                            bound[next] = Some(value);
                        }
                        Some(param) if matches!(param.kind, ParamKind::Rest) => {
                            rest.push(value);
                            continue;
                        }
                        _ => rest.push(value),
                    }
                    next += 1;
                }
                (Spread::Items, _) => match &value {
                    Value::List(list) if !list.open => {
                        for item in &list.items {
                            if let Some(slot) = bound.get_mut(next) {
                                *slot = Some(item.clone());
                            }
                            next += 1;
                        }
                    }
                    _ => open = true,
                },
                (Spread::Keys, _) => match &value {
                    Value::Record(record) => {
                        for (key, value) in &record.entries {
                            match to.params.iter().position(|param| param.name == *key) {
                                Some(index) => bound[index] = Some(value.clone()),
                                None => keywords.push((key.clone(), value.clone())),
                            }
                        }
                        open |= record.open;
                    }
                    _ => open = true,
                },
            }
        }
        let span = self.span(at);
        for (index, param) in to.params.iter().enumerate() {
            match param.kind {
                ParamKind::Rest => {
                    let items = std::mem::take(&mut rest);
                    bound[index] = Some(Value::List(Rc::new(ListValue { items, open, span })));
                }
                ParamKind::Keywords => {
                    let entries = std::mem::take(&mut keywords);
                    bound[index] = Some(Value::Record(Rc::new(RecordValue { entries, open, span })));
                }
                _ if bound[index].is_none() && !open => {
                    let outer = self.symbolic(FnRef { file: function.file, id: to.parent });
                    bound[index] = match param.default {
                        Some(id) => {
                            // Marked as a default, so that a model that comes from here is known to be one.
                            let value = self.eval(ExprRef { file: function.file, id }, &outer);
                            Some(value)
                        }
                        None => None,
                    };
                }
                _ => {}
            }
        }
        bound
    }

    fn external_call(&self, path: &SmolStr, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let python = self.language(at.file).is_python();
        if let Some((sdk, client)) = self.client_named(path, at.file) {
            let made = Some((at, frame.clone()));
            let value = ClientValue { sdk, client, made, parts: Vec::new() };
            return self.chain_of_list(call, at, frame, value);
        }
        if let Some(value) = self.message_call(path, call, at, frame) {
            return value;
        }
        if let Some(value) = self.template_call(path, call, at, frame) {
            return value;
        }
        if let text @ Value::Text(_) = self.prompt_file(path, call, at, frame) {
            return text;
        }
        let arg =
            |index: usize| call.args.get(index).map(|arg| self.eval(ExprRef { file: at.file, id: arg.value }, frame));
        match self.stdlib.function(python, path) {
            Some(Gives::Same) => {
                return arg(0).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Computed));
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
            Some(Gives::Parent) => {
                let folder = arg(0).and_then(|path| self.parent_of(&path));
                return folder.unwrap_or_else(|| self.hole(at, Shape::Path, Origin::Computed));
            }
            Some(Gives::Merge) => {
                let mut entries = Vec::new();
                let mut open = false;
                for index in 0..call.args.len() {
                    match arg(index) {
                        Some(Value::Record(record)) => {
                            entries.extend(record.entries.iter().cloned());
                            open |= record.open;
                        }
                        _ => open = true,
                    }
                }
                return Value::Record(Rc::new(RecordValue { entries, open, span: self.span(at) }));
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
                if shape == Shape::Path && call.args.len() > 1 {
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
        match self.plain_call(call, at, frame) {
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
            Value::Client(Rc::new(ClientValue { sdk, client, made, parts: Vec::new() }))
        })
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
        if let Some(arg) = call.args.first().filter(|arg| arg.name.is_none() && arg.spread == Spread::No)
            && matches!(self.facts(at.file).expr(arg.value), Expr::List(_))
            && let Value::List(list) = self.eval(ExprRef { file: at.file, id: arg.value }, frame)
            && list.items.iter().any(|item| matches!(item, Value::Client(_)))
        {
            value.parts = list.items.clone();
        }
        Value::Client(Rc::new(value))
    }

    /// What calling a member of a client gives: another client, or an answer.
    pub(super) fn client_call(&self, client: &Rc<ClientValue>, path: &str, at: ExprRef, frame: &Rc<Frame>) -> Value {
        if let Some(next) = self.client_from(client, path) {
            // `llm.bind_tools(…)` is the same model: what it was made with still holds.
            if next == client.client {
                return Value::Client(client.clone());
            }
            let mut parts = client.parts.clone();
            parts.push(Value::Client(Rc::new(ClientValue { parts: Vec::new(), ..(**client).clone() })));
            return Value::Client(Rc::new(ClientValue {
                sdk: client.sdk,
                client: next,
                made: Some((at, frame.clone())),
                parts,
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
        let client = values.iter().find_map(|value| {
            value.alternatives().iter().find_map(|one| match one {
                Value::Client(client) => Some(client.clone()),
                _ => None,
            })
        });
        let Some(client) = client else {
            // A prompt piped into something unknown: a model that was handed in, most likely.
            if values.iter().any(|value| matches!(value, Value::Hole(_)))
                && values.iter().any(|value| matches!(value, Value::Text(_) | Value::List(_)))
                && let Some((sdk, client)) = self.catalog.unknown_chain()
            {
                let parts = values.to_vec();
                return Some(Value::Client(Rc::new(ClientValue { sdk, client, made: None, parts })));
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

    /// What a method gives on text, lists, records and holes; `None` if the value has members of its own.
    fn method_value(
        &self,
        base: &Value,
        base_at: ExprRef,
        method: &SmolStr,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let arg =
            |index: usize| call.args.get(index).map(|arg| self.eval(ExprRef { file: at.file, id: arg.value }, frame));
        match base {
            Value::Text(_) => self.text_method(base, method, call, at, frame),
            Value::List(list) => match method.as_str() {
                "join" => {
                    let separator = arg(0).unwrap_or(Value::Null);
                    Some(self.join(&separator, &Value::List(list.clone()), base_at))
                }
                "map" | "flatMap" => {
                    let function = arg(0)?;
                    let Value::Func(func) = &function else {
                        return Some(self.hole(at, Shape::List, Origin::Computed));
                    };
                    let item = self.any_item(base, base_at);
                    let value = self.run(func, &[Some(item)], at, frame);
                    let open = list.open || list.items.len() > 1;
                    Some(Value::List(Rc::new(ListValue { items: vec![value], open, span: self.span(at) })))
                }
                "filter" | "slice" | "reverse" | "sort" | "toSorted" | "copy" | "flat" | "toReversed" => {
                    Some(base.clone())
                }
                "concat" => {
                    let mut all = (**list).clone();
                    match arg(0)? {
                        Value::List(more) => {
                            all.items.extend(more.items.iter().cloned());
                            all.open |= more.open;
                        }
                        value => all.items.push(value),
                    }
                    Some(Value::List(Rc::new(all)))
                }
                "pipe" => self.chain(&[base.clone(), arg(0)?]),
                "format_messages" | "format" | "formatMessages" | "invoke" | "format_prompt" | "partial"
                | "ainvoke" | "formatPromptValue" => Some(self.fill_list(list, call, at, frame)),
                "find" | "pop" | "at" | "shift" => Some(self.any_item(base, base_at)),
                _ => None,
            },
            Value::Record(record) => match method.as_str() {
                "get" | "setdefault" => {
                    let key = arg(0)?;
                    let default = arg(1);
                    let found = match key.as_static().or_else(|| self.default_text(&key)) {
                        Some(key) => record.get(&key).cloned(),
                        None => Value::one_of(record.entries.iter().map(|(_, value)| value.clone())),
                    };
                    Some(found.or(default).unwrap_or_else(|| self.hole(at, Shape::Unknown, Origin::Field)))
                }
                "values" => Some(Value::List(Rc::new(ListValue {
                    items: record.entries.iter().map(|(_, value)| value.clone()).collect(),
                    open: record.open,
                    span: record.span,
                }))),
                "items" | "entries" | "keys" => Some(self.hole(at, Shape::List, Origin::Field)),
                "copy" => Some(base.clone()),
                _ => None,
            },
            Value::Env(env) => match &env.default {
                Some(default) => self
                    .method_value(default, base_at, method, call, at, frame)
                    .map(|value| Value::Env(Rc::new(EnvValue { default: Some(value), ..(**env).clone() }))),
                None => Some(base.clone()),
            },
            Value::OneOf(all)
                if all.iter().any(|one| matches!(one, Value::Text(_) | Value::List(_) | Value::Env(_))) =>
            {
                let values = all.iter().filter_map(|one| self.method_value(one, base_at, method, call, at, frame));
                Value::one_of(values.collect::<Vec<_>>())
            }
            // `resources.files("app").joinpath("prompt.md")`: what the folder is does not matter.
            Value::Foreign(_) | Value::Hole(_) if method == "joinpath" => {
                let tail = self.path_text(call, at, frame);
                let slash = Value::literal("/", self.span(at));
                Some(self.concat(&[(base.clone(), base_at), (slash, at), (tail, at)], at))
            }
            Value::Foreign(_) if matches!(method.as_str(), "from_string" | "get_template" | "compile") => {
                let given = arg(0)?;
                match method.as_str() {
                    "get_template" => Some(self.file_text(&given, at)).filter(|text| matches!(text, Value::Text(_))),
                    _ => matches!(given, Value::Text(_)).then_some(given),
                }
            }
            Value::Num(..) | Value::Hole(_) | Value::Foreign(_) => {
                let python = self.language(at.file).is_python();
                if let Value::Hole(hole) = base
                    && hole.param.is_some()
                    && matches!(
                        method.as_str(),
                        "format"
                            | "format_map"
                            | "format_messages"
                            | "format_prompt"
                            | "replace"
                            | "replaceAll"
                            | "render"
                            | "substitute"
                            | "safe_substitute"
                            | "partial"
                            | "concat"
                            | "copy"
                    )
                {
                    return Some(base.clone());
                }
                if let Value::Hole(hole) = base
                    && let Some((function, index)) = hole.param
                    && self.passed(function, index).is_some_and(|value| {
                        value.alternatives().iter().any(|one| {
                            !matches!(
                                one,
                                Value::Hole(_)
                                    | Value::Foreign(_)
                                    | Value::Text(_)
                                    | Value::Null
                                    | Value::Num(..)
                                    | Value::Env(_)
                            )
                        })
                    })
                {
                    return None;
                }
                if method == "join" && python {
                    return Some(self.join(base, &arg(0)?, at));
                }
                match self.stdlib.method(python, method)? {
                    Gives::Same => match base {
                        Value::Foreign(_) => None,
                        _ => Some(base.clone()),
                    },
                    Gives::Shape(shape, origin) => {
                        let origin = if origin == Origin::Computed { self.origin_of(base) } else { origin };
                        Some(self.hole_because(at, shape, origin, &format!(".{method}()")))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
