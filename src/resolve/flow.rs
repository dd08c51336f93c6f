//! Where an answer goes: from a call through variables, members, functions and returns to each place where it is read.
//!
//! The walk carries the form that the answer has on the way, so that what is read off a parsed answer is told apart
//! from what is read off its text.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::index::last_name;
use super::value::*;
use crate::catalog::answers::AnswerWords;
use crate::program::AnswerUse;
use crate::source::Span;
use crate::syntax::facts::*;

/// Returns followed to callers.
const RETURNS: u32 = 3;

/// Places looked at for one answer at most.
const PLACES: usize = 160;

/// Uses of one variable that are followed.
const USES: usize = 24;

/// The form of an answer on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// The SDK's result or the text in it.
    Raw,
    /// A value that was parsed from it, or an object that follows a schema.
    Parsed,
    /// A field of that.
    Field(SmolStr),
    /// An item of a parsed list.
    Item,
    /// Pieces that the text was split into.
    Pieces,
    /// A value that no longer is text: a number, a date.
    Made(AnswerUse),
}

/// What a place says of the answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Says {
    /// It is used so.
    Use(AnswerUse),
    /// It is compared with a literal, or asked whether it holds one.
    Literal {
        /// The literal.
        text: String,
        /// Whether the answer must be equal to it, not only hold it.
        equal: bool,
    },
    /// A field of it is read, and used so.
    Field(SmolStr, AnswerUse),
    /// A condition asks whether a field of it is true, or there.
    Tested(SmolStr),
    /// It is handed on whole after it was parsed.
    Whole,
    /// It is printed or logged.
    Shown,
}

/// A place where the answer is read.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) span: Span,
    pub(super) how: String,
    pub(super) says: Says,
    /// Returns between the call and this place.
    pub(super) level: u32,
}

/// What is found on the way.
pub(super) struct Trace {
    pub(super) words: &'static AnswerWords,
    pub(super) reads: Vec<Read>,
    /// Names the answer is bound to.
    pub(super) names: Vec<String>,
    /// Fields of the schema that it follows.
    pub(super) fields: Vec<SmolStr>,
    /// Whether returns are left alone: what a wrapper's callers do is their own matter.
    pub(super) closed: bool,
    /// Functions that are looked through, with the forms in which they give the answer back.
    pub(super) scopes: Vec<(FnRef, Vec<Form>)>,
    /// Functions whose parameters are known.
    pub(super) frames: Vec<Rc<Frame>>,
    /// Whether what gives the answer is not known, so that members of it are those of a value, not of an SDK's result.
    pub(super) opaque: bool,
    /// Returns followed so far.
    level: u32,
    seen: Vec<(ExprRef, Form)>,
}

impl Trace {
    pub(super) fn new(fields: Vec<SmolStr>, closed: bool) -> Self {
        Self {
            words: AnswerWords::embedded(),
            reads: Vec::new(),
            names: Vec::new(),
            fields,
            closed,
            scopes: Vec::new(),
            frames: Vec::new(),
            opaque: false,
            level: 0,
            seen: Vec::new(),
        }
    }

    fn is_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }
}

impl World<'_> {
    fn says(&self, trace: &mut Trace, at: ExprRef, how: &str, says: Says) {
        let level = trace.level;
        trace.reads.push(Read { span: self.span(at), how: how.to_owned(), says, level });
    }

    /// Notes a use of the answer in the form that it has.
    fn used(&self, trace: &mut Trace, at: ExprRef, how: &str, form: &Form, usage: AnswerUse) {
        let says = match (form, usage) {
            (Form::Raw, _) => Says::Use(usage),
            (Form::Pieces, AnswerUse::Text) => Says::Use(AnswerUse::List),
            (Form::Pieces, _) => Says::Use(usage),
            (Form::Parsed, AnswerUse::Text) => Says::Whole,
            (Form::Parsed, _) => Says::Use(usage),
            (Form::Field(name), _) => Says::Field(name.clone(), usage),
            (Form::Item, _) => return,
            (Form::Made(made), _) => Says::Use(*made),
        };
        self.says(trace, at, how, says);
    }

    /// Follows the value of an expression to where it is read.
    pub(super) fn flow(&self, start: ExprRef, mut form: Form, trace: &mut Trace, depth: u32) {
        let key = (start, form.clone());
        if trace.seen.contains(&key) || trace.seen.len() > PLACES {
            return;
        }
        trace.seen.push(key);
        let facts = self.facts(start.file);
        let at = |id: ExprId| ExprRef { file: start.file, id };
        let mut current = start.id;
        for _ in 0..64 {
            let Some(parent) = facts.node(current).parent else {
                return self.flow_statement(at(current), form, trace, depth);
            };
            let next = match facts.expr(parent) {
                Expr::Attr(_, name) => {
                    let called = facts
                        .node(parent)
                        .parent
                        .is_some_and(|id| matches!(facts.expr(id), Expr::Call(call) if call.callee == parent));
                    if called { Some(form) } else { self.member_form(name, form, at(parent), trace) }
                }
                Expr::Index(base, key) if *base == current => self.item_form(at(*key), form, at(parent), trace),
                Expr::Index(base, _) => {
                    let known = self.ask(at(*base), &self.frame_of(at(*base)));
                    let closed = matches!(known, Value::Record(_) | Value::Class(_));
                    let usage = if closed { AnswerUse::Enum } else { AnswerUse::Text };
                    self.used(trace, at(parent), "a key", &form, usage);
                    None
                }
                Expr::Call(call) if call.callee == current => self.method_form(call, at(parent), form, trace, depth),
                Expr::Call(call) => self.argument_form(call, at(parent), current, form, trace, depth),
                Expr::Binary(operator, left, right) => {
                    let other = if *left == current { *right } else { *left };
                    self.operator_form(operator, *left == current, at(other), form, at(parent), trace)
                }
                Expr::Cond { test, .. } if *test == current => {
                    self.tested(at(current), &form, trace);
                    None
                }
                Expr::Unary(operator, _) if matches!(operator.as_str(), "not" | "!") => {
                    self.tested(at(current), &form, trace);
                    None
                }
                Expr::Unary(operator, _) if operator == "+" => {
                    self.used(trace, at(parent), "+", &form, AnswerUse::Number);
                    None
                }
                Expr::Unary(operator, _) if operator == "typeof" => None,
                Expr::Template(_) | Expr::Concat(_) => {
                    let parsed = facts.node(parent).parent.is_some_and(|id| match facts.expr(id) {
                        Expr::Call(call) => last_name(facts, call.callee)
                            .is_some_and(|name| trace.words.of_callee(&name) == Some(AnswerUse::Json)),
                        _ => false,
                    });
                    if !parsed {
                        self.used(trace, at(parent), "put into text", &form, AnswerUse::Text);
                    } else if let Expr::Concat(parts) = facts.expr(parent)
                        && matches!(facts.expr(parts[0]), Expr::Str(text) if text.trim_start().starts_with('['))
                    {
                        // `JSON.parse("[" + answer + "]")`
                        self.used(trace, at(parent), "put between brackets", &form, AnswerUse::List);
                    }
                    parsed.then_some(form)
                }
                Expr::Item(_) => match form {
                    Form::Parsed | Form::Pieces | Form::Field(_) => {
                        self.used(trace, at(current), "run over", &form, AnswerUse::List);
                        Some(if matches!(form, Form::Field(_)) { Form::Item } else { form })
                            .filter(|form| matches!(form, Form::Pieces))
                    }
                    form => Some(form),
                },
                _ => Some(form),
            };
            let Some(next) = next else { return };
            form = next;
            current = parent;
        }
    }

    /// A truth test: of text it asks only whether there is any, of a field it decides.
    fn tested(&self, at: ExprRef, form: &Form, trace: &mut Trace) {
        match form {
            Form::Field(name) => self.says(trace, at, "a condition", Says::Tested(name.clone())),
            Form::Made(_) => self.used(trace, at, "a condition", form, AnswerUse::Bool),
            _ => {}
        }
    }

    fn member_form(&self, name: &SmolStr, form: Form, at: ExprRef, trace: &mut Trace) -> Option<Form> {
        if name == "length" || trace.words.is_aside(name) && !trace.is_field(name) && !matches!(form, Form::Parsed) {
            if name == "length" && form == Form::Parsed {
                self.used(trace, at, name, &form, AnswerUse::List);
            }
            return None;
        }
        if matches!(form, Form::Raw) && trace.words.is_tool_member(name) {
            self.says(trace, at, name, Says::Use(AnswerUse::ToolLoop));
            return None;
        }
        if matches!(form, Form::Raw | Form::Parsed) && trace.words.is_parsed_member(name) && !trace.is_field(name) {
            self.says(trace, at, name, Says::Use(AnswerUse::Json));
            return Some(Form::Parsed);
        }
        match form {
            Form::Raw if trace.is_field(name) && !matches!(name.as_str(), "text" | "content" | "message") => {
                Some(Form::Field(name.clone()))
            }
            Form::Raw if trace.opaque && !trace.words.is_envelope(name) => {
                self.says(trace, at, name, Says::Use(AnswerUse::Json));
                Some(Form::Field(name.clone()))
            }
            Form::Parsed if self.is_envelope(name, at, trace) => Some(Form::Raw),
            Form::Parsed => Some(Form::Field(name.clone())),
            other => Some(other),
        }
    }

    /// Whether a member of a parsed value is that of a provider's envelope: what was parsed was the transport, not the
    /// answer.
    fn is_envelope(&self, name: &str, at: ExprRef, trace: &mut Trace) -> bool {
        let indexed = self.node(at).parent.is_some_and(|parent| {
            let at = ExprRef { file: at.file, id: parent };
            matches!(self.expr(at), Expr::Index(_, key) if matches!(self.facts(at.file).expr(*key), Expr::Num(_)))
        });
        let envelope = trace.words.is_transport(name) && indexed;
        if envelope {
            trace.reads.retain(|read| read.says != Says::Use(AnswerUse::Json));
        }
        envelope
    }

    fn item_form(&self, key: ExprRef, form: Form, at: ExprRef, trace: &mut Trace) -> Option<Form> {
        let name = match self.expr(key) {
            Expr::Str(text) => Some(SmolStr::new(text)),
            _ => None,
        };
        match (form, name) {
            (Form::Raw, Some(name)) if trace.words.is_aside(&name) && !trace.is_field(&name) => None,
            // `file["code"]`: what stands there is code by its name.
            (form @ (Form::Raw | Form::Item), Some(name)) if name == "code" => {
                self.says(trace, at, &name, Says::Use(AnswerUse::Code));
                Some(form)
            }
            (Form::Raw, Some(name)) if trace.words.is_tool_member(&name) || trace.words.is_parsed_member(&name) => {
                self.member_form(&name, Form::Raw, at, trace)
            }
            (Form::Raw, Some(name)) if trace.is_field(&name) => Some(Form::Field(name)),
            (Form::Parsed, Some(name)) if self.is_envelope(&name, at, trace) => Some(Form::Raw),
            (Form::Parsed, Some(name)) => Some(Form::Field(name)),
            (Form::Parsed, None) => {
                let number = match self.expr(key) {
                    Expr::Num(_) | Expr::Unary(..) | Expr::Other(_) => true,
                    Expr::Name(name) => trace.words.is_counter(name),
                    _ => false,
                };
                let usage = if number { AnswerUse::List } else { AnswerUse::Text };
                self.used(trace, at, "an item", &Form::Parsed, usage);
                None
            }
            (Form::Pieces, _) if matches!(self.expr(key), Expr::Num(_) | Expr::Unary(..)) => Some(Form::Raw),
            (form, _) => Some(form),
        }
    }

    /// What a method called on the answer makes of it.
    fn method_form(&self, call: &Call, at: ExprRef, form: Form, trace: &mut Trace, depth: u32) -> Option<Form> {
        let facts = self.facts(at.file);
        let name = last_name(facts, call.callee).unwrap_or_default();
        let first = call.args.first().map(|arg| ExprRef { file: at.file, id: arg.value });
        let literal = first.and_then(|first| match self.expr(first) {
            Expr::Str(text) => Some(text.to_string()),
            _ => None,
        });
        if name == "then"
            && let Some(first) = first
        {
            let frame = self.frame_of(first);
            let Some(function) = self.function_of(&self.ask(first, &frame)) else {
                return Some(form);
            };
            return self.flow_into(function, 0, None, form, trace, depth);
        }
        // Members of SDK results that happen to be called like parsers are through.
        if trace.words.is_parsed_member(&name) {
            return self.member_form(&name, form, at, trace);
        }
        match &form {
            Form::Raw => {
                if trace.words.is_contains(&name) {
                    if let Some(literal) = literal {
                        let how = format!(".{name}(\"{literal}\")");
                        self.says(trace, at, &how, Says::Literal { text: literal, equal: false });
                    }
                    return None;
                }
                if trace.words.is_pattern(&name) {
                    return self.searched(&name, first, at, form, trace);
                }
                let callback = first.filter(|_| trace.words.is_items(&name)).and_then(|first| {
                    matches!(self.expr(first), Expr::Func(_))
                        .then(|| self.function_of(&self.ask(first, &self.frame_of(first))))?
                });
                if let Some(function) = callback {
                    let given = self.flow_into(function, 0, None, form.clone(), trace, depth);
                    return if name.ends_with("ap") { given } else { Some(form) };
                }
                if trace.words.is_entries(&name) || trace.words.is_through_method(&name) {
                    return Some(form);
                }
                match trace.words.of_callee(&name) {
                    // Cutting at a fence takes the text out of it.
                    Some(AnswerUse::List) if literal.as_ref().is_some_and(|text| text.contains("```")) => {
                        Some(Form::Raw)
                    }
                    Some(AnswerUse::List) => Some(Form::Pieces),
                    // `response.json()`, `stream.parse()`: a parser of its own.
                    Some(AnswerUse::Json) if call.args.is_empty() => {
                        self.used(trace, at, &format!(".{name}()"), &form, AnswerUse::Json);
                        Some(Form::Parsed)
                    }
                    _ => Some(form),
                }
            }
            Form::Pieces => match name.as_str() {
                "join" | "pop" | "shift" | "at" => Some(Form::Raw),
                _ => Some(form),
            },
            Form::Parsed => {
                if name == "get"
                    && let Some(literal) = literal
                {
                    return Some(Form::Field(literal.into()));
                }
                if trace.words.is_entries(&name) {
                    self.used(trace, at, &name, &form, AnswerUse::Text);
                    return None;
                }
                if trace.words.is_items(&name) {
                    self.used(trace, at, &format!(".{name}()"), &form, AnswerUse::List);
                    return None;
                }
                Some(form)
            }
            Form::Field(_) => {
                if trace.words.is_entries(&name) {
                    self.used(trace, at, &name, &form, AnswerUse::Json);
                    return None;
                }
                if trace.words.is_items(&name) || name == "join" {
                    self.used(trace, at, &format!(".{name}()"), &form, AnswerUse::List);
                    return None;
                }
                if trace.words.is_contains(&name) {
                    let yes_no = literal.is_some_and(|text| trace.words.is_yes_no(&text));
                    let usage = if yes_no { AnswerUse::Bool } else { AnswerUse::Text };
                    self.used(trace, at, &format!(".{name}()"), &form, usage);
                    return None;
                }
                Some(form)
            }
            Form::Item | Form::Made(_) => Some(form),
        }
    }

    /// A search by a pattern says what is looked for.
    fn searched(
        &self,
        name: &str,
        pattern: Option<ExprRef>,
        at: ExprRef,
        form: Form,
        trace: &mut Trace,
    ) -> Option<Form> {
        let text = pattern.and_then(|pattern| match self.expr(pattern) {
            Expr::Regex(text) => Some(text.to_string()),
            Expr::Str(text) => Some(text.to_string()),
            _ => match self.ask(pattern, &self.frame_of(pattern)) {
                Value::Hole(hole) => match self.expr(hole.at) {
                    Expr::Regex(text) => Some(text.to_string()),
                    _ => None,
                },
                value => value.as_static(),
            },
        });
        let text = text.unwrap_or_default();
        let all = matches!(name, "findall" | "finditer" | "matchAll") || text.ends_with("/g") || text.ends_with("/gi");
        match wanted(&text) {
            Some(usage) => {
                self.used(trace, at, &format!("{name}({text})"), &form, usage);
                (name != "test").then_some(form)
            }
            None if name == "test" => None,
            None if all => Some(Form::Pieces),
            None => Some(form),
        }
    }

    /// What becomes of the answer as an argument of a call.
    fn argument_form(
        &self,
        call: &Call,
        at: ExprRef,
        arg: ExprId,
        form: Form,
        trace: &mut Trace,
        depth: u32,
    ) -> Option<Form> {
        let facts = self.facts(at.file);
        let sub = |id: ExprId| ExprRef { file: at.file, id };
        let name = last_name(facts, call.callee).unwrap_or_default();
        let base = match facts.expr(call.callee) {
            Expr::Attr(base, _) => Some(sub(*base)),
            _ => None,
        };
        let how = format!("{name}()");
        if name == "isinstance" || name == "isArray" {
            let of = call.args.get(1).map(|arg| sub(arg.value));
            let list =
                name == "isArray" || of.is_some_and(|of| matches!(self.expr(of), Expr::Name(name) if name == "list"));
            if list && matches!(form, Form::Parsed | Form::Field(_)) {
                self.used(trace, at, &how, &form, AnswerUse::List);
            }
            return None;
        }
        if matches!(name.as_str(), "len" | "type" | "hasattr" | "getattr") && matches!(form, Form::Raw | Form::Pieces) {
            return (name == "getattr").then_some(form);
        }
        let given = call.args.iter().position(|given| given.value == arg)?;
        // `Order(**answer)`: it was a record.
        if call.args[given].spread == Spread::Keys && form == Form::Raw {
            self.used(trace, at, &how, &form, AnswerUse::Json);
            return Some(Form::Parsed);
        }
        // `/\d+/.test(answer)`, `re.search(r"\d+", answer)`, `PATTERN.match(answer)`.
        if trace.words.is_pattern(&name) && matches!(form, Form::Raw) && base.is_some() {
            let first = call.args.first().filter(|first| first.value != arg).map(|first| sub(first.value));
            return self.searched(&name, first.or(base), at, form, trace);
        }
        // `VALID.includes(answer)`, `LABELS.get(answer)`: the set is closed.
        if let Some(base) = base
            && (trace.words.is_contains(&name) || name == "get")
            && call.args.first().is_some_and(|first| first.value == arg)
        {
            let known = self.ask(base, &self.frame_of(base));
            if matches!(known, Value::List(_) | Value::Record(_))
                || (trace.words.is_contains(&name) && form == Form::Raw)
            {
                self.used(trace, at, &how, &form, AnswerUse::Enum);
                return None;
            }
        }
        // `asyncio.run(ask())` gives what it is handed; `chain.run(answer)` asks anew.
        if name == "run" && base.is_some_and(|base| matches!(self.expr(base), Expr::Name(name) if name == "asyncio")) {
            return Some(form);
        }
        match trace.words.of_callee(&name) {
            Some(AnswerUse::Json) => {
                if matches!(form, Form::Raw | Form::Pieces) {
                    self.used(trace, at, &how, &Form::Raw, AnswerUse::Json);
                    return Some(Form::Parsed);
                }
                return Some(form);
            }
            Some(AnswerUse::Text) if trace.words.is_shown(&name) => {
                self.says(trace, at, &how, Says::Shown);
                return None;
            }
            Some(AnswerUse::Text) => {
                let file = self.file_written(call, arg, at, trace.words);
                let usage = file.unwrap_or(AnswerUse::Text);
                self.used(trace, at, &how, &form, usage);
                // What a function gathers it gives back.
                if !trace.scopes.is_empty()
                    && let Some(base) = base
                {
                    self.flow_gathered(base, at, form, trace, depth);
                }
                return None;
            }
            Some(AnswerUse::Bool) => {
                self.tested(at, &form, trace);
                return None;
            }
            Some(AnswerUse::List) if name != "split" => return self.searched(&name, None, at, form, trace),
            Some(usage @ (AnswerUse::Number | AnswerUse::Date)) if form == Form::Raw => {
                self.used(trace, at, &how, &form, usage);
                return Some(Form::Made(usage));
            }
            Some(usage) => {
                self.used(trace, at, &how, &form, usage);
                return None;
            }
            None => {}
        }
        if trace.words.is_through(&name) {
            return Some(form);
        }
        if name == "join" && form == Form::Pieces {
            return Some(Form::Raw);
        }
        if trace.words.is_entries(&name) || trace.words.is_items(&name) && form == Form::Parsed {
            let usage = if trace.words.is_items(&name) { AnswerUse::List } else { AnswerUse::Text };
            self.used(trace, at, &how, &form, usage);
            return None;
        }
        let callee = sub(call.callee);
        let frame = self.frame_for(at, trace);
        let value = self.ask(callee, &frame);
        if let Some(Value::Class(class)) = value.alternatives().iter().find(|one| matches!(one, Value::Class(_)))
            && self.is_enum(*class)
        {
            self.used(trace, at, &how, &form, AnswerUse::Enum);
            return None;
        }
        let Some(function) = self.function_of(&value) else {
            let lower = name.to_lowercase();
            // A parser that was handed in: `ask(prompt, json.loads)`.
            let handed = value.alternatives().iter().any(|one| match one {
                Value::External(path) => {
                    let last = path.rsplit(['.', '#']).next().unwrap_or(path);
                    trace.words.of_callee(last) == Some(AnswerUse::Json)
                }
                _ => false,
            });
            if (handed || lower.contains("json")) && form == Form::Raw {
                self.used(trace, at, &how, &form, AnswerUse::Json);
                return Some(Form::Parsed);
            }
            self.used(trace, at, &how, &form, AnswerUse::Text);
            return None;
        };
        let params = &self.function(function).params;
        let index = match &call.args[given].name {
            Some(keyword) => params.iter().position(|param| param.name == *keyword),
            None => Some(given),
        };
        let Some(index) = index else {
            self.used(trace, at, &how, &form, AnswerUse::Text);
            return None;
        };
        let bound = self.frame_bound(function, call, at, &frame);
        let text = form == Form::Raw;
        let given = self.flow_into(function, index, Some(bound), form, trace, depth);
        // `_extract_json(answer)` may read it letter by letter: its name says what it gives.
        if text && given != Some(Form::Parsed) && trace.words.reads_json(&name) {
            self.says(trace, at, &how, Says::Use(AnswerUse::Json));
            return Some(Form::Parsed);
        }
        given
    }

    /// The file that a call writes the answer to, as far as its ending says what it holds.
    fn file_written(&self, call: &Call, arg: ExprId, at: ExprRef, words: &AnswerWords) -> Option<AnswerUse> {
        let facts = self.facts(at.file);
        let mut places: Vec<ExprRef> = Vec::new();
        let others = |call: &Call, file| -> Vec<ExprRef> {
            call.args.iter().filter(|given| given.value != arg).map(|given| ExprRef { file, id: given.value }).collect()
        };
        let name = last_name(facts, call.callee).unwrap_or_default();
        if !name.starts_with("write") {
            return None;
        }
        places.extend(others(call, at.file));
        if let Expr::Attr(base, _) = facts.expr(call.callee) {
            let base = ExprRef { file: at.file, id: *base };
            let made = match self.ask(base, &self.frame_of(base)) {
                Value::Foreign(foreign) => foreign.at,
                Value::Hole(hole) => hole.at,
                _ => base,
            };
            if let Expr::Call(opened) = self.expr(made) {
                places.extend(others(opened, made.file));
            }
        }
        places.into_iter().find_map(|place| {
            let tail = match self.expr(place) {
                Expr::Str(text) => text.to_string(),
                Expr::Template(parts) => match parts.last()? {
                    TemplatePart::Text(text, ..) => text.to_string(),
                    TemplatePart::Hole(_) => return None,
                },
                _ => match self.ask(place, &self.frame_of(place)) {
                    Value::Text(pieces) => match pieces.last()? {
                        TextPiece::Lit(text, _) => text.to_string(),
                        TextPiece::Hole(_) => return None,
                    },
                    _ => return None,
                },
            };
            words.of_file(tail.trim())
        })
    }

    fn operator_form(
        &self,
        operator: &str,
        is_left: bool,
        other: ExprRef,
        form: Form,
        at: ExprRef,
        trace: &mut Trace,
    ) -> Option<Form> {
        match operator {
            "==" | "===" | "!=" | "!==" => {
                self.compared(operator, other, &form, at, trace);
                None
            }
            "in" | "not in" if is_left => {
                let usage = if self.is_closed(other, trace.words) { AnswerUse::Enum } else { AnswerUse::Text };
                if !matches!(form, Form::Parsed | Form::Item) {
                    self.used(trace, at, &format!("{operator} {}", self.short(other)), &form, usage);
                }
                None
            }
            "in" | "not in" => {
                match (&form, self.expr(other)) {
                    (Form::Raw, Expr::Str(text)) => {
                        let how = format!("{} {operator} …", self.short(other));
                        self.says(trace, at, &how, Says::Literal { text: text.to_string(), equal: false });
                    }
                    (Form::Field(_), Expr::Str(text)) if trace.words.is_yes_no(text) => {
                        self.used(trace, at, &format!("{} {operator} …", self.short(other)), &form, AnswerUse::Bool);
                    }
                    _ => {}
                }
                None
            }
            "<" | ">" | "<=" | ">=" | "-" | "*" | "/" | "//" | "**" => {
                // `folder / answer` joins paths, `a > b` may sort texts: a number beside it is telling.
                if matches!(self.expr(other), Expr::Num(_)) || matches!(form, Form::Made(_)) {
                    self.used(trace, at, operator, &form, AnswerUse::Number);
                }
                None
            }
            "is" | "is not" | "instanceof" => None,
            _ => Some(form),
        }
    }

    fn compared(&self, operator: &str, other: ExprRef, form: &Form, at: ExprRef, trace: &mut Trace) {
        let how = format!("{operator} {}", self.short(other));
        let text = match self.expr(other) {
            Expr::Str(text) => Some(text.to_string()),
            Expr::Null => return,
            Expr::Bool(_) => return self.used(trace, at, &how, form, AnswerUse::Bool),
            Expr::Num(_) => return self.used(trace, at, &how, form, AnswerUse::Number),
            _ => self.ask(other, &self.frame_of(other)).as_static(),
        };
        match (text, form) {
            (Some(text), Form::Raw) => self.says(trace, at, &how, Says::Literal { text, equal: true }),
            (Some(text), Form::Field(_)) if trace.words.is_yes_no(&text) => {
                self.used(trace, at, &how, form, AnswerUse::Bool);
            }
            (Some(text), Form::Field(_)) if !trace.words.is_sentinel(&text) => {
                self.used(trace, at, &how, form, AnswerUse::Enum);
            }
            // Compared with another value: that says nothing of its form.
            _ => {}
        }
    }

    fn flow_statement(&self, root: ExprRef, form: Form, trace: &mut Trace, depth: u32) {
        let facts = self.facts(root.file);
        let Some(&(function, place)) = self.index[root.file.0 as usize].roots.get(&root.id) else {
            if self.is_test(root) {
                self.tested(root, &form, trace);
            } else if let Some(item) = self.run_over(root) {
                self.flow(item, form, trace, depth);
            }
            return;
        };
        let stmt = &facts.function(function).body[place as usize];
        let function = FnRef { file: root.file, id: function };
        match &stmt.kind {
            StmtKind::Bind(target, _) | StmtKind::Append(target, _) => {
                self.flow_target(target, root, function, stmt.start, Some(stmt.context), form, trace, depth);
            }
            StmtKind::Return(_) => self.flow_return(function, root, form, trace, depth),
            StmtKind::Expr(_) => {
                if self.is_test(root) {
                    self.tested(root, &form, trace);
                } else if trace.reads.is_empty() && trace.scopes.is_empty() {
                    self.used(trace, root, "nothing", &form, AnswerUse::Ignored);
                }
            }
            _ => {}
        }
    }

    /// What a loop runs over stands twice in the facts: once as the loop's own, once where its items are bound.
    fn run_over(&self, root: ExprRef) -> Option<ExprRef> {
        let facts = self.facts(root.file);
        let own = facts.node(root.id);
        facts.exprs.iter().find_map(|node| match node.kind {
            Expr::Item(over) if over != root.id => {
                let twin = facts.node(over);
                (twin.start == own.start && twin.end == own.end).then_some(ExprRef { file: root.file, id: over })
            }
            _ => None,
        })
    }

    /// Whether a value is one of a set that is written down: literals that stand for more than "no answer".
    fn is_closed(&self, set: ExprRef, words: &AnswerWords) -> bool {
        match self.ask(set, &self.frame_of(set)) {
            Value::List(list) => {
                let names = list.items.iter().filter_map(Value::as_static);
                !list.open
                    && !list.items.iter().any(|item| matches!(item, Value::Null))
                    && names.filter(|name| !words.is_sentinel(name)).count() > 1
            }
            Value::Record(_) | Value::Class(_) => true,
            _ => matches!(self.expr(set), Expr::Name(name) | Expr::Attr(_, name)
                if name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_lowercase)),
        }
    }

    /// What was put into a list or record of the function goes where that goes.
    fn flow_gathered(&self, base: ExprRef, at: ExprRef, form: Form, trace: &mut Trace, depth: u32) {
        let Expr::Name(name) = self.expr(base) else {
            return;
        };
        let node = self.node(at);
        let function = FnRef { file: at.file, id: node.function };
        for at in self.uses_after(name, function, node.end, None) {
            self.flow(at, form.clone(), trace, depth);
        }
    }

    fn is_test(&self, root: ExprRef) -> bool {
        self.facts(root.file).contexts.iter().any(|context| match context.kind {
            ContextKind::Branch { test, .. } | ContextKind::While { test } => test == Some(root.id),
            _ => false,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "a target, where it stands, and the state of the walk")]
    fn flow_target(
        &self,
        target: &Target,
        root: ExprRef,
        function: FnRef,
        start: u32,
        context: Option<CtxId>,
        form: Form,
        trace: &mut Trace,
        depth: u32,
    ) {
        match target {
            Target::Name(name) => {
                if trace.scopes.is_empty() {
                    trace.names.push(name.to_string());
                }
                for at in self.uses_after(name, function, start, context) {
                    if self.is_test(at) {
                        self.tested(at, &form, trace);
                    } else {
                        self.flow(at, form.clone(), trace, depth);
                    }
                }
            }
            Target::Tuple(parts) => {
                for part in parts.iter().flatten() {
                    self.flow_target(part, root, function, start, context, form.clone(), trace, depth);
                }
            }
            Target::Object(fields) => {
                for field in fields {
                    let own = if field.key.is_empty() {
                        Some(form.clone())
                    } else {
                        self.member_form(&field.key, form.clone(), root, trace)
                    };
                    if let Some(own) = own {
                        let local = Target::Name(field.local.clone());
                        self.flow_target(&local, root, function, start, context, own, trace, depth);
                    }
                }
            }
            Target::Attr(base, name) => {
                self.used(trace, root, "stored", &form, AnswerUse::Text);
                let base = ExprRef { file: root.file, id: *base };
                if matches!(self.expr(base), Expr::Name(base) if base == "self") {
                    self.flow_attribute(name, function, start, &form, trace, depth);
                }
            }
            Target::Index(base, _) => {
                self.used(trace, root, "stored", &form, AnswerUse::Text);
                if !trace.scopes.is_empty() {
                    self.flow_gathered(ExprRef { file: root.file, id: *base }, root, form, trace, depth);
                }
            }
        }
    }

    /// Where a variable that was bound at `start` is used, up to where it is bound anew in the same block. What is bound
    /// in a loop is used in the next turn too.
    fn uses_after(&self, name: &SmolStr, function: FnRef, start: u32, context: Option<CtxId>) -> Vec<ExprRef> {
        let index = &self.index[function.file.0 as usize];
        let own = self.function(function);
        let anew = index.names[function.id.0 as usize].get(name).into_iter().flatten().find_map(|&place| {
            let stmt = &own.body[place as usize];
            match &stmt.kind {
                StmtKind::Bind(Target::Name(_), value) if stmt.start > start && Some(stmt.context) == context => {
                    Some(self.node(ExprRef { file: function.file, id: *value }).end)
                }
                _ => None,
            }
        });
        let turn = context.and_then(|context| {
            let loops = self
                .facts(function.file)
                .contexts_from(context)
                .filter(|(_, around)| matches!(around.kind, ContextKind::ForEach { .. } | ContextKind::While { .. }));
            loops.last().map(|(_, around)| around.start)
        });
        let from = turn.unwrap_or(start).min(start);
        let uses = index.uses.get(name).into_iter().flatten().map(|&id| ExprRef { file: function.file, id });
        uses.filter(|&at| {
            let node = self.node(at);
            let inside = node.function == function.id || self.enclosing(at).contains(&function);
            inside && node.start > from && anew.is_none_or(|anew| node.start < anew || node.function != function.id)
        })
        .take(USES)
        .collect()
    }

    /// Where an attribute of `self` is read in the other places of its class.
    fn flow_attribute(&self, name: &SmolStr, function: FnRef, start: u32, form: &Form, trace: &mut Trace, depth: u32) {
        let facts = self.facts(function.file);
        let class = super::index::class_around(facts, function.id);
        if class.is_none() || depth >= RETURNS {
            return;
        }
        let uses: Vec<ExprRef> = facts
            .exprs
            .iter()
            .enumerate()
            .filter(|(_, node)| match &node.kind {
                Expr::Attr(base, read) => {
                    read == name
                        && node.start > start
                        && matches!(facts.expr(*base), Expr::Name(base) if base == "self")
                        && super::index::class_around(facts, node.function) == class
                }
                _ => false,
            })
            .map(|(id, _)| ExprRef { file: function.file, id: ExprId(id as u32) })
            .take(USES / 2)
            .collect();
        for at in uses {
            if self.is_test(at) {
                self.tested(at, form, trace);
            } else {
                self.flow(at, form.clone(), trace, depth + 1);
            }
        }
    }

    fn flow_return(&self, function: FnRef, root: ExprRef, form: Form, trace: &mut Trace, depth: u32) {
        if let Some((scope, forms)) = trace.scopes.last_mut()
            && *scope == function
        {
            if !forms.contains(&form) {
                forms.push(form);
            }
            return;
        }
        let own = self.function(function);
        // A callback's answer is the answer of what runs it.
        if let Some(site) = own.site
            && let Some(parent) = self.facts(function.file).node(site).parent
            && matches!(self.facts(function.file).expr(parent), Expr::Call(call) if call.callee != site)
        {
            return self.flow(ExprRef { file: function.file, id: parent }, form, trace, depth);
        }
        if trace.scopes.is_empty() {
            self.used(trace, root, "returned", &form, AnswerUse::Text);
        }
        if trace.closed || depth >= RETURNS {
            return;
        }
        trace.level += 1;
        if let Some(site) = own.site
            && self.node(ExprRef { file: function.file, id: site }).parent.is_some()
        {
            self.flow(ExprRef { file: function.file, id: site }, form.clone(), trace, depth + 1);
        }
        // A test says what the answer should be, not what the program does with it.
        let callers = self.callers_of(function).into_iter();
        for at in callers.filter(|at| !is_test_file(&self.sources[at.file.0 as usize].path)).take(4) {
            self.flow(at, form.clone(), trace, depth + 1);
        }
        trace.level -= 1;
    }

    /// The first function of the program among what a value may be.
    fn function_of(&self, value: &Value) -> Option<FnRef> {
        value.alternatives().iter().find_map(|one| match one {
            Value::Func(func) => Some(func.function),
            Value::Hole(hole) => {
                let (function, index) = hole.param?;
                match self.passed(function, index)? {
                    Value::Func(func) => Some(func.function),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    fn frame_for(&self, at: ExprRef, trace: &Trace) -> Rc<Frame> {
        let function = FnRef { file: at.file, id: self.node(at).function };
        trace
            .frames
            .iter()
            .rev()
            .find(|frame| frame.function == function)
            .cloned()
            .unwrap_or_else(|| self.symbolic(function))
    }

    /// The frame of a function with its parameters bound as a call has them.
    pub(super) fn frame_bound(&self, function: FnRef, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Rc<Frame> {
        let symbolic = self.symbolic(function);
        Rc::new(Frame {
            function,
            bound: self.bind(function, call, at, frame),
            receiver: symbolic.receiver.clone(),
            outer: symbolic.outer.clone(),
            depth: frame.depth + 1,
            memo: Memo::default(),
        })
    }

    /// Follows the answer into a function that is handed it; gives the form in which it comes back, if it does.
    fn flow_into(
        &self,
        function: FnRef,
        index: usize,
        bound: Option<Rc<Frame>>,
        form: Form,
        trace: &mut Trace,
        depth: u32,
    ) -> Option<Form> {
        let own = self.function(function);
        if depth >= RETURNS || trace.scopes.iter().any(|(scope, _)| *scope == function) {
            return Some(form);
        }
        let mut form = form;
        // A decorator that parses the argument before the function sees it.
        if form == Form::Raw
            && let Some(place) = self.parsing_decorator(function, trace.words)
        {
            self.used(trace, place, "a decorator", &form, AnswerUse::Json);
            form = Form::Parsed;
        }
        let param = own.params.get(index)?;
        let target = match &param.kind {
            ParamKind::Object(fields) => Target::Object(fields.clone()),
            _ => Target::Name(param.name.clone()),
        };
        let root = own.site.or(own.body.first().and_then(|stmt| match stmt.kind {
            StmtKind::Bind(_, id) | StmtKind::Append(_, id) | StmtKind::Expr(id) | StmtKind::Return(Some(id)) => {
                Some(id)
            }
            _ => None,
        }));
        let root = ExprRef { file: function.file, id: root? };
        let frames = trace.frames.len();
        trace.frames.extend(bound);
        trace.scopes.push((function, Vec::new()));
        self.flow_target(&target, root, function, param.end.saturating_sub(1), None, form, trace, depth + 1);
        let (_, forms) = trace.scopes.pop().unwrap_or((function, Vec::new()));
        trace.frames.truncate(frames);
        best(forms)
    }

    /// The place in a decorator of a function where JSON is parsed.
    fn parsing_decorator(&self, function: FnRef, words: &AnswerWords) -> Option<ExprRef> {
        let own = self.function(function);
        own.decorators.iter().find_map(|&id| {
            let at = ExprRef { file: function.file, id };
            let target = match self.ask(at, &self.symbolic(FnRef { file: function.file, id: own.parent })) {
                Value::Func(func) => func.function,
                _ => return None,
            };
            let facts = self.facts(target.file);
            let mut places: Vec<ExprId> = self
                .calls
                .iter()
                .filter(|(name, _)| words.of_callee(name) == Some(AnswerUse::Json))
                .flat_map(|(_, places)| places.iter().copied())
                .filter(|place| place.file == target.file)
                .map(|place| place.id)
                .filter(|&id| facts.function(facts.node(id).function).parent == target.id)
                .collect();
            places.sort_unstable();
            places.first().map(|&id| ExprRef { file: target.file, id })
        })
    }
}

fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
        || path.split('/').any(|part| matches!(part, "test" | "tests" | "__tests__"))
}

/// Of several forms that a function gives back, the one that says most.
pub(super) fn best(forms: Vec<Form>) -> Option<Form> {
    let rank = |form: &Form| match form {
        Form::Parsed => 0,
        Form::Field(_) => 1,
        Form::Made(_) => 2,
        Form::Pieces => 3,
        Form::Item => 4,
        Form::Raw => 5,
    };
    forms.into_iter().min_by_key(rank)
}

/// What a pattern looks for: a date, a number; `None` if it says neither.
fn wanted(pattern: &str) -> Option<AnswerUse> {
    let digits = |text: &str| text.contains("\\d") || text.contains("[0-9]");
    if !digits(pattern) || pattern.contains('{') && pattern.contains("\\{") || pattern.contains("\\[") {
        return None;
    }
    let four = ["\\d{4}", "[0-9]{4}"].iter().any(|part| pattern.contains(part));
    let two = ["\\d{2}", "\\d{1,2}", "[0-9]{2}", "[0-9]{1,2}"].iter().any(|part| pattern.contains(part));
    if four && two {
        return Some(AnswerUse::Date);
    }
    let bare = pattern.trim_matches('/').replace("\\d", "").replace("\\s", "").replace("\\b", "").replace("0-9", "");
    (!bare.chars().any(char::is_alphabetic) && !pattern.contains('{')).then_some(AnswerUse::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_says_what_it_looks_for() {
        assert_eq!(wanted(r"^\d{4}-\d{2}-\d{2}$"), Some(AnswerUse::Date));
        assert_eq!(wanted(r"-?\d+(\.\d+)?"), Some(AnswerUse::Number));
        assert_eq!(wanted(r"\{[\s\S]*\}"), None);
        assert_eq!(wanted(r"\[[\d,\s]+\]"), None);
        assert_eq!(wanted(r"#[0-9a-f]{6}"), None);
    }
}
