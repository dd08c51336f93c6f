//! What methods of text, lists, records and holes give.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::templates::Marks;
use super::text::push_lit;
use super::value::*;
use super::wrappers::TASK;
use crate::catalog::stdlib::Gives;
use crate::catalog::wrappers::WrapperWords;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

/// Items of a list that a function is run on one by one.
pub(super) const MAPPED: usize = 8;

impl World<'_> {
    /// What a method gives on text, lists, records and holes; `None` if the value has members of its own.
    pub(super) fn method_value(
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
            Value::Func(_) | Value::Member(..) if method == "bind" && !self.language(at.file).is_python() => {
                match (base, call.args.len()) {
                    (Value::Func(_), 0 | 1) => Some(base.clone()),
                    (_, 0 | 1) => None,
                    _ => self.bound_value_of(base, at, frame),
                }
            }
            Value::Text(_) => self
                .text_method(base, method, call, at, frame)
                .or_else(|| self.enum_method(base, base_at, method, call, at, frame)),
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
                    let each = |item: Value| {
                        let value = self.run(func, &[Some(item.clone())], at, frame);
                        // Handed back as it is on one way: the other ways are for items of other kinds.
                        if value.alternatives().iter().any(|one| one.same(&item)) { item } else { value }
                    };
                    // A short list that is written out keeps its items apart: messages and their roles.
                    let apart = list.items.len() <= MAPPED && method == "map";
                    let (items, open) = match apart {
                        true => (list.items.iter().cloned().map(each).collect(), list.open),
                        false => (vec![each(self.any_item(base, base_at))], true),
                    };
                    Some(Value::List(Rc::new(ListValue { items, open, span: self.span(at) })))
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
                | "partial_format" | "ainvoke" | "formatPromptValue" => Some(self.fill_list(list, call, at, frame)),
                "find" | "pop" | "at" | "shift" => Some(self.any_item(base, base_at)),
                // Messages as one text or another list of them.
                "to_string" | "toString" | "to_messages" | "toChatMessages" if call.args.is_empty() => {
                    Some(base.clone())
                }
                _ => None,
            },
            Value::Record(record) => match method.as_str() {
                "get" | "setdefault" | "pop" => {
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
                // `message.model_dump()`, where a record stands for the object.
                _ if self.stdlib.method(self.language(at.file).is_python(), method) == Some(Gives::Fields) => {
                    Some(base.clone())
                }
                _ => None,
            },
            Value::Env(env) => match &env.default {
                Some(default) => self
                    .method_value(default, base_at, method, call, at, frame)
                    .map(|value| Value::Env(Rc::new(EnvValue { default: Some(value), ..(**env).clone() }))),
                None => Some(base.clone()),
            },
            // A prompt that comes in from outside, before a model.
            Value::Hole(_) if method == "pipe" => {
                let next = arg(0)?;
                let leads = next.alternatives().iter().any(|one| matches!(one, Value::Client(_)));
                if leads { self.chain(&[base.clone(), next]) } else { None }
            }
            Value::OneOf(all)
                if all.iter().any(|one| match one {
                    Value::Text(_) | Value::List(_) | Value::Env(_) => true,
                    // `read(path) or {}`, and then a key of it.
                    Value::Record(_) => matches!(method.as_str(), "get" | "setdefault" | "copy"),
                    _ => false,
                }) =>
            {
                let values = all.iter().filter_map(|one| self.method_value(one, base_at, method, call, at, frame));
                Value::one_of(values.collect::<Vec<_>>())
            }
            // `message.model_dump()`, where the class itself says nothing of it.
            Value::Instance(instance)
                if self.stdlib.method(self.language(at.file).is_python(), method) == Some(Gives::Fields)
                    && self.attribute(instance, method, at).is_none() =>
            {
                Some(self.fields_of(base, at))
            }
            // `resources.files("app").joinpath("prompt.md")`: what the folder is does not matter.
            Value::Foreign(_) | Value::Hole(_) if method == "joinpath" => {
                let tail = self.path_text(call, at, frame);
                let slash = Value::literal("/", self.span(at));
                Some(self.concat(&[(base.clone(), base_at), (slash, at), (tail, at)], at))
            }
            Value::Foreign(environment) if matches!(method.as_str(), "from_string" | "get_template" | "compile") => {
                let given = arg(0)?;
                match method.as_str() {
                    "get_template" => self.loaded_template(Some(environment.at), &given, at),
                    // Settings that a request may bring along stand beside those that are read from files.
                    _ => {
                        let is_text = |one: &&Value| match one {
                            Value::Text(_) => true,
                            Value::Hole(hole) => hole.param.is_some(),
                            _ => false,
                        };
                        Value::one_of(given.alternatives().iter().filter(is_text).cloned())
                    }
                }
            }
            Value::Hole(hole) if method == "get_template" && hole.origin != Origin::Answer => {
                self.loaded_template(None, &arg(0)?, at)
            }
            Value::Foreign(schema)
                if matches!(method.as_str(), "parse" | "parseAsync") && schema.path.starts_with("zod") =>
            {
                self.filled_in(schema.at, at)
            }
            // `settings.get("model", "gpt-5")`: what stands under the name, or else what is given for it here.
            Value::Hole(_) | Value::Foreign(_)
                if matches!(method.as_str(), "get" | "pop") && self.is_lookup(call, at) =>
            {
                // A model, a file or a task; what else stands in for a missing value says nothing of it.
                let tells = |text: &str| text.contains(['-', '/', '.']) || super::text::words(text) >= TASK;
                let default = arg(1).filter(|default| default.as_static().is_some_and(|text| tells(&text)))?;
                let found = match base {
                    Value::Hole(_) => self.item(base, ExprRef { file: at.file, id: call.args[0].value }, at, frame),
                    _ => self.hole(at, Shape::Unknown, Origin::Settings),
                };
                Some(match found {
                    Value::Hole(hole) if hole.default.is_none() => {
                        Value::Hole(Rc::new(HoleValue { default: Some(default), ..(*hole).clone() }))
                    }
                    found => found,
                })
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
                            | "partial_format"
                            | "concat"
                            | "copy"
                    )
                {
                    return Some(base.clone());
                }
                if let Value::Hole(hole) = base
                    && let Some((function, index)) = hole.param
                    && self.passed(function, index).is_some_and(|value| {
                        let gives_fields = self.stdlib.method(python, method) == Some(Gives::Fields);
                        value.alternatives().iter().any(|one| {
                            matches!(one, Value::Instance(instance)
                                if !gives_fields || self.attribute(instance, method, at).is_some())
                                || matches!(
                                    one,
                                    Value::Client(_)
                                        | Value::Member(..)
                                        | Value::Class(_)
                                        | Value::Module(_)
                                        | Value::External(_)
                                        | Value::Func(_)
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
                    Gives::Fields => Some(self.fields_of(base, at)),
                    Gives::Shape(shape, origin) => {
                        let origin = if origin == Origin::Computed { self.origin_of(base) } else { origin };
                        let given = self.hole_because(at, shape, origin, &format!(".{method}()"));
                        Some(match (base, given) {
                            // Messages that callers hand in are theirs in another notation too.
                            (Value::Hole(of), Value::Hole(given))
                                if shape == Shape::List
                                    && (method == "join" || WrapperWords::embedded().is_prompt_name(&of.name)) =>
                            {
                                Value::Hole(Rc::new(HoleValue { param: of.param, ..(*given).clone() }))
                            }
                            (_, given) => given,
                        })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a call asks a mapping for what it has under a name, with something to take where it has nothing.
    fn is_lookup(&self, call: &Call, at: ExprRef) -> bool {
        let [key, default] = &call.args[..] else { return false };
        let plain = |arg: &Arg| arg.name.is_none() && arg.spread == Spread::No;
        let python = self.language(at.file).is_python();
        // Settings of a program in TypeScript have paths: `config.get("openai.model", "gpt-5")`.
        let is_name =
            |text: &str| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-') || c == '.' && !python);
        plain(key)
            && plain(default)
            && matches!(self.expr(ExprRef { file: at.file, id: key.value }), Expr::Str(text) if is_name(text))
    }

    /// Methods of text.
    pub(super) fn text_method(
        &self,
        base: &Value,
        method: &SmolStr,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let python = self.language(at.file).is_python();
        let arg =
            |index: usize| call.args.get(index).map(|arg| self.eval(ExprRef { file: at.file, id: arg.value }, frame));
        Some(match method.as_str() {
            "format" | "format_map" | "format_prompt" | "format_messages" | "formatMessages" | "partial"
            | "partial_format" | "invoke" | "ainvoke" | "formatPromptValue" => {
                self.fill(base, Marks::Brace, &self.given(call, at, frame), at)
            }
            "substitute" | "safe_substitute" => self.fill(base, Marks::Dollar, &self.given(call, at, frame), at),
            "render" | "render_async" => self.fill(base, Marks::Mustache, &self.given(call, at, frame), at),
            "read" | "decode" | "getvalue" | "readlines" => base.clone(),
            "read_text" => match self.file_or_theirs(base, at) {
                // A file of the data, not of the program: what its path is says nothing of the text in it.
                Value::Null => {
                    let text = || self.hole_because(at, Shape::FreeText, Origin::Document, ".read_text()");
                    self.handed_name(base, at).unwrap_or_else(text)
                }
                text => text,
            },
            // `path.open()`, where the path leads to a file.
            "open" if python => match self.file_text(base, at) {
                text @ Value::Text(_) => text,
                _ => return None,
            },
            "resolve" | "absolute" | "expanduser" if python => base.clone(),
            "glob" | "rglob" if python => self.listed(base, &arg(0)?.as_static()?, true, at)?,
            "iterdir" if python => self.listed(base, "*", true, at)?,
            "joinpath" if python => {
                let slash = Value::literal("/", self.span(at));
                let mut parts = vec![(base.clone(), at)];
                for arg in &call.args {
                    let place = ExprRef { file: at.file, id: arg.value };
                    parts.extend([(slash.clone(), at), (self.eval(place, frame), place)]);
                }
                self.concat(&parts, at)
            }
            "join" if python => self.join(base, &arg(0)?, at),
            "pipe" => self.chain(&[base.clone(), arg(0)?])?,
            "concat" => {
                let more = arg(0)?;
                self.concat(&[(base.clone(), at), (more, at)], at)
            }
            "replace" | "replaceAll" => self.replaced(base, arg(0), arg(1), at),
            _ => match self.stdlib.method(python, method)? {
                Gives::Same => base.clone(),
                Gives::Shape(shape, _) => self.hole(at, shape, Origin::Computed),
                _ => return None,
            },
        })
    }

    /// `text.replace("{name}", value)`: a template in disguise.
    pub(super) fn replaced(&self, base: &Value, from: Option<Value>, to: Option<Value>, at: ExprRef) -> Value {
        let (Value::Text(pieces), Some(from), Some(to)) = (base, from.and_then(|from| from.as_static()), to) else {
            return base.clone();
        };
        if from.is_empty() {
            return base.clone();
        }
        Value::Text(Rc::new(self.replaced_in(pieces, &from, &to, at)))
    }

    fn replaced_in(&self, pieces: &[TextPiece], from: &str, to: &Value, at: ExprRef) -> Vec<TextPiece> {
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                TextPiece::Lit(lit, span) if lit.contains(from) => {
                    for (index, part) in lit.split(from).enumerate() {
                        if index > 0 {
                            self.to_pieces(to, at, &mut out);
                        }
                        push_lit(&mut out, part, *span);
                    }
                }
                TextPiece::Choice(choice) => {
                    let arms = choice.arms.iter().map(|arm| self.replaced_in(arm, from, to, at));
                    out.push(Value::choice(arms.collect(), choice.span));
                }
                other => out.push(other.clone()),
            }
        }
        out
    }
}
