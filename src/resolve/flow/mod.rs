//! Where an answer goes: from a call through variables, members, functions and returns to each place where it is read.
//!
//! The walk carries the form that the answer has on the way, so that what is read off a parsed answer is told apart
//! from what is read off its text.

mod calls;
mod forms;
mod targets;
pub(super) mod uses;

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::index::last_name;
use super::value::*;
use crate::catalog::answers::AnswerWords;
use crate::program::AnswerUse;
use crate::source::{Span, is_test_file};
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
    /// What a provider's server sent: the answer lies in it, and what parses it reads the transport.
    Body,
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
    /// How far it is from the call: returns followed, and functions that the answer was handed into.
    pub(super) distance: u32,
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
    /// How many of those functions are the one that the call stands in.
    pub(super) own: usize,
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
            own: 0,
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
        let distance = trace.level + (trace.scopes.len() - trace.own) as u32;
        trace.reads.push(Read { span: self.span(at), how: how.to_owned(), says, distance });
    }

    /// Notes a use of the answer in the form that it has.
    fn used(&self, trace: &mut Trace, at: ExprRef, how: &str, form: &Form, usage: AnswerUse) {
        let says = match (form, usage) {
            (Form::Raw | Form::Body, _) => Says::Use(usage),
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
        Form::Body => 6,
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

/// Whether a pattern looks for a block of JSON or code in a text.
fn is_block(pattern: &str) -> bool {
    pattern.contains("```") || pattern.trim_start_matches(['/', '(']).starts_with("\\{")
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
        assert!(is_block(r"```json(.*?)```") && is_block(r"/\{[\s\S]*\}/g"));
        assert!(!is_block(r"#\w+") && !is_block(r"(\w+): (.*)"));
    }
}
