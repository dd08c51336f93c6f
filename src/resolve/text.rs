//! Text put together: joining, formatting, filling templates.

use std::rc::Rc;

use super::World;
use super::choices::{SHAPES, each_piece, has_words, shapes};
use super::value::*;
use super::wrappers::TASK;
use crate::catalog::stdlib::Gives;
use crate::program::{Origin, Shape};
use crate::source::Span;
use crate::syntax::facts::Expr;

/// The most words of a text that stands in for a value that is not there.
const STAND_IN: usize = 5;

impl World<'_> {
    /// The text that a call divides, `head, tail = text.split(MARK, 1)`: where the mark stands in it may not be known, so that
    /// all of it is taken for the first part and the others add nothing.
    pub(super) fn divided(&self, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let Expr::Call(call) = self.expr(at) else { return None };
        let Expr::Attr(base, method) = self.facts(at.file).expr(call.callee) else { return None };
        if !matches!(method.as_str(), "split" | "rsplit" | "partition" | "rpartition") || call.args.is_empty() {
            return None;
        }
        let text = self.eval(ExprRef { file: at.file, id: *base }, frame);
        let says = text.alternatives().iter().any(|one| matches!(one, Value::Text(_)));
        (says && static_words(&text) >= super::wrappers::TASK).then_some(text)
    }

    /// Adds a value to a text as it is printed there.
    pub(super) fn to_pieces(&self, value: &Value, at: ExprRef, pieces: &mut Vec<TextPiece>) {
        match value {
            Value::Text(inner) => pieces.extend(inner.iter().cloned()),
            Value::Num(text, span) => pieces.push(TextPiece::Lit(text.as_str().into(), *span)),
            Value::Hole(hole) => match self.task_where_unset(hole) {
                // A parameter that is a task unless a caller says otherwise.
                Some(default) if hole.param.is_some() => self.to_pieces(default, at, pieces),
                Some(default) => {
                    let bare = Value::Hole(Rc::new(HoleValue { default: None, ..(**hole).clone() }));
                    pieces.extend(self.one_text_of(&[default.clone(), bare], at));
                }
                None => pieces.push(TextPiece::Hole(hole.clone())),
            },
            Value::Null => {}
            Value::OneOf(all) => {
                // A word or two beside a value is what stands in when there is none ("not available"), not the prompt.
                if let Some(Value::Hole(hole)) = all.iter().find(|one| matches!(one, Value::Hole(_)))
                    && hole.param.is_none()
                    && all.iter().all(|one| static_words(one) <= STAND_IN && !matches!(one, Value::OneOf(_)))
                {
                    self.push_hole(at, hole.shape, hole.origin, pieces);
                    return;
                }
                if !all.iter().any(|one| self.has_words(one)) {
                    let first = all.iter().find(|one| matches!(one, Value::Hole(_)));
                    match first {
                        Some(hole) => self.to_pieces(hole, at, pieces),
                        None => {
                            // What is left out where it does not apply: `name + (f".{language}" if language else "")`.
                            let nothing = all.iter().find(|one| one.as_static().is_some_and(|text| text.is_empty()));
                            let Value::Hole(hole) = self.hole(at, Shape::Enum, Origin::Computed) else { return };
                            let hole = HoleValue { default: nothing.cloned(), ..(*hole).clone() };
                            pieces.push(TextPiece::Hole(Rc::new(hole)));
                        }
                    }
                    return;
                }
                pieces.extend(self.one_text_of(all, at));
            }
            Value::Env(env) => match &env.default {
                Some(default) if self.has_words(default) => self.to_pieces(default, at, pieces),
                _ => self.push_hole(at, Shape::Unknown, Origin::Settings, pieces),
            },
            Value::Bool(_) => self.push_hole(at, Shape::Bool, Origin::Computed, pieces),
            Value::List(list) => {
                let origin = list.items.first().map_or(Origin::Computed, |item| self.origin_of(item));
                self.push_hole(at, Shape::List, origin, pieces);
            }
            Value::Record(_) => self.push_hole(at, Shape::Json, Origin::Computed, pieces),
            Value::Instance(instance) => {
                if let Value::Hole(hole) = self.hole(at, Shape::Json, Origin::Field) {
                    pieces.push(TextPiece::Hole(Rc::new(HoleValue { param: instance.param, ..(*hole).clone() })));
                }
            }
            Value::Foreign(foreign) => {
                let python = self.language(at.file).is_python();
                let method = foreign.path.trim_end_matches("()").rsplit(['.', '#']).next().unwrap_or("");
                let (shape, origin) = match self.stdlib.method(python, method) {
                    Some(Gives::Shape(shape, origin)) => (shape, origin),
                    _ => (Shape::Unknown, Origin::Record),
                };
                let origin = if origin == Origin::Computed { Origin::Record } else { origin };
                self.push_hole(at, shape, origin, pieces);
            }
            _ => self.push_hole(at, Shape::Unknown, Origin::Unknown, pieces),
        }
    }

    /// One of several values as text: those that are text, and what stands there without one.
    fn one_text_of(&self, all: &[Value], at: ExprRef) -> Vec<TextPiece> {
        let mut arms: Vec<Vec<TextPiece>> = Vec::new();
        let mut sizes = 0;
        let texts = all.iter().filter(|one| matches!(one, Value::Text(_) | Value::Hole(_)) || self.has_words(one));
        let nothing = all.iter().filter(|one| matches!(one, Value::List(list) if list.items.is_empty() && !list.open));
        for one in texts.chain(nothing) {
            let mut arm = Vec::new();
            if !matches!(one, Value::List(_)) {
                self.to_pieces(one, at, &mut arm);
            }
            let blank = |arm: &[TextPiece]| {
                arm.iter().all(|piece| matches!(piece, TextPiece::Lit(text, _) if text.trim().is_empty()))
            };
            if blank(&arm) && arms.iter().any(|seen| blank(seen)) {
                continue;
            }
            sizes += shapes(&arm);
            if sizes > SHAPES {
                break;
            }
            arms.push(arm);
        }
        match arms.len() {
            1 => arms.remove(0),
            _ => vec![Value::choice(arms, self.span(at))],
        }
    }

    /// The text of a task that stands where a value is not set, and where that which stands there is not.
    fn task_where_unset<'h>(&self, hole: &'h HoleValue) -> Option<&'h Value> {
        let mut default = hole.default.as_ref()?;
        while let Value::Hole(inner) = default {
            default = inner.default.as_ref()?;
        }
        let is_text = matches!(default, Value::Text(_) | Value::OneOf(_));
        (is_text && static_words(default) >= 3 * TASK).then_some(default)
    }

    fn push_hole(&self, at: ExprRef, shape: Shape, origin: Origin, pieces: &mut Vec<TextPiece>) {
        if let Value::Hole(hole) = self.hole(at, shape, origin) {
            pieces.push(TextPiece::Hole(hole));
        }
    }

    /// Whether a value brings static text of its own.
    pub(super) fn has_words(&self, value: &Value) -> bool {
        match value {
            Value::Text(pieces) => has_words(pieces),
            Value::OneOf(all) => all.iter().any(|one| self.has_words(one)),
            Value::Env(env) => env.default.as_ref().is_some_and(|default| self.has_words(default)),
            _ => false,
        }
    }

    /// `a + b + c`: lists join to a list, all else to text.
    pub(super) fn concat(&self, values: &[(Value, ExprRef)], at: ExprRef) -> Value {
        let texts = values.iter().any(|(value, _)| matches!(value, Value::Text(_)));
        if !texts && values.iter().any(|(value, _)| matches!(value, Value::List(_))) {
            let mut items = Vec::new();
            let mut open = false;
            for (value, _) in values {
                match value {
                    Value::List(list) => {
                        items.extend(list.items.iter().cloned());
                        open |= list.open;
                    }
                    other => {
                        items.push(other.clone());
                        open = true;
                    }
                }
            }
            return Value::List(Rc::new(ListValue { items, open, span: self.span(at) }));
        }
        if values.iter().all(|(value, _)| matches!(value, Value::Num(..))) {
            return self.hole(at, Shape::Number, Origin::Computed);
        }
        if let Some((client, _)) = values.iter().find(|(value, _)| matches!(value, Value::Client(_))) {
            return client.clone();
        }
        let mut pieces = Vec::new();
        for (value, place) in values {
            self.to_pieces(value, *place, &mut pieces);
        }
        Value::Text(Rc::new(pieces))
    }

    /// `separator.join(list)`.
    pub(super) fn join(&self, separator: &Value, list: &Value, at: ExprRef) -> Value {
        let separator = separator.as_static().unwrap_or_default();
        let Value::List(list) = list else {
            let origin = self.origin_of(list);
            return match list {
                Value::OneOf(all) if all.iter().any(|one| matches!(one, Value::List(_))) => {
                    let joined = all.iter().filter(|one| matches!(one, Value::List(_)));
                    Value::one_of(joined.map(|one| self.join(&Value::literal(&separator, self.span(at)), one, at)))
                        .unwrap_or(Value::Null)
                }
                // Lines that callers hand in are theirs as one text, too.
                Value::Hole(lines) => match self.hole(at, Shape::List, origin) {
                    Value::Hole(joined) => Value::Hole(Rc::new(HoleValue { param: lines.param, ..(*joined).clone() })),
                    other => other,
                },
                _ => self.hole(at, Shape::List, origin),
            };
        };
        let words: usize = list.items.iter().map(static_words).sum();
        if list.open && words < 4 {
            // Items made from data: what matters is that it is a list, and where it comes from.
            let origin = list.items.iter().map(|item| self.text_origin(item)).find(|&origin| origin != Origin::Unknown);
            return self.hole(at, Shape::List, origin.unwrap_or(Origin::Computed));
        }
        let mut pieces = Vec::new();
        for (index, item) in list.items.iter().enumerate() {
            if index > 0 {
                pieces.push(TextPiece::Lit(separator.as_str().into(), list.span));
            }
            // Lines that a branch adds together.
            let lines = |one: &Value| match one {
                Value::List(lines) if !lines.items.is_empty() => {
                    self.join(&Value::literal(&separator, lines.span), one, at)
                }
                // A section that a condition leaves out.
                Value::Null => Value::List(Rc::new(ListValue { items: Vec::new(), open: false, span: list.span })),
                other => other.clone(),
            };
            match item {
                Value::OneOf(all) if all.iter().any(|one| matches!(one, Value::List(_) | Value::Null)) => {
                    pieces.extend(self.one_text_of(&all.iter().map(lines).collect::<Vec<_>>(), at));
                }
                item => self.to_pieces(item, at, &mut pieces),
            }
        }
        Value::Text(Rc::new(pieces))
    }

    fn text_origin(&self, value: &Value) -> Origin {
        match value {
            Value::Text(pieces) => {
                let mut origin = None;
                each_piece(pieces, &mut |piece| {
                    if let TextPiece::Hole(hole) = piece {
                        origin.get_or_insert(hole.origin);
                    }
                });
                origin.unwrap_or(Origin::Unknown)
            }
            other => self.origin_of(other),
        }
    }

    /// `text % values`.
    pub(super) fn percent(&self, text: &Value, values: &Value, at: ExprRef) -> Value {
        let Value::Text(pieces) = text else {
            return text.clone();
        };
        let given: Vec<Value> = match values {
            Value::List(list) => list.items.clone(),
            other => vec![other.clone()],
        };
        Value::Text(Rc::new(self.percent_in(pieces, &mut given.into_iter(), values, at)))
    }

    fn percent_in(
        &self,
        pieces: &[TextPiece],
        given: &mut std::vec::IntoIter<Value>,
        values: &Value,
        at: ExprRef,
    ) -> Vec<TextPiece> {
        let mut out = Vec::new();
        for piece in pieces {
            let (lit, span) = match piece {
                TextPiece::Lit(lit, span) => (lit, span),
                TextPiece::Hole(_) => {
                    out.push(piece.clone());
                    continue;
                }
                // Each alternative takes the same values.
                TextPiece::Choice(choice) => {
                    let arms = choice.arms.iter().map(|arm| self.percent_in(arm, &mut given.clone(), values, at));
                    out.push(Value::choice(arms.collect(), choice.span));
                    continue;
                }
            };
            let mut rest: &str = lit;
            while let Some(found) = rest.find('%') {
                let after = &rest[found + 1..];
                let (name, skip) = match after.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
                    Some((name, _)) => (Some(name), name.len() + 2),
                    None => (None, 0),
                };
                let spec: usize =
                    after[skip..].chars().take_while(|c| c.is_ascii_digit() || ".-+ #".contains(*c)).count();
                let kind = after[skip + spec..].chars().next();
                match kind {
                    Some('%') if skip == 0 => {
                        push_lit(&mut out, &format!("{}%", &rest[..found]), *span);
                        rest = &after[1..];
                    }
                    Some(c) if c.is_ascii_alphabetic() && "sdrifgxXeGcou".contains(c) => {
                        push_lit(&mut out, &rest[..found], *span);
                        let value = match (name, values) {
                            (Some(name), Value::Record(record)) => record.get(name).cloned(),
                            (Some(_), _) => None,
                            (None, _) => given.next(),
                        };
                        match value {
                            Some(value) => self.to_pieces(&value, at, &mut out),
                            None => out.push(self.named_hole(name.unwrap_or("value"), at, *span)),
                        }
                        rest = &after[skip + spec + 1..];
                    }
                    _ => {
                        push_lit(&mut out, &rest[..=found], *span);
                        rest = after;
                    }
                }
            }
            push_lit(&mut out, rest, *span);
        }
        out
    }

    /// A hole that only a template names.
    pub(super) fn named_hole(&self, name: &str, at: ExprRef, span: Span) -> TextPiece {
        TextPiece::Hole(Rc::new(HoleValue {
            name: name.into(),
            span,
            shape: Shape::Unknown,
            origin: Origin::Unknown,
            because: None,
            param: None,
            default: None,
            inner: None,
            at,
        }))
    }
}

/// Words of static text in a value.
pub(super) fn static_words(value: &Value) -> usize {
    match value {
        Value::Text(pieces) => text_words(pieces),
        Value::OneOf(all) => all.iter().map(static_words).max().unwrap_or(0),
        Value::List(list) => list.items.iter().map(static_words).sum(),
        Value::Record(record) => record.entries.iter().map(|(_, value)| static_words(value)).sum(),
        Value::Env(env) => env.default.as_ref().map_or(0, static_words),
        _ => 0,
    }
}

/// Words of static text in a text, of alternatives those of the longest.
fn text_words(pieces: &[TextPiece]) -> usize {
    let of = |piece: &TextPiece| match piece {
        TextPiece::Lit(text, _) => words(text),
        TextPiece::Hole(_) => 0,
        TextPiece::Choice(choice) => choice.arms.iter().map(|arm| text_words(arm)).max().unwrap_or(0),
    };
    pieces.iter().map(of).sum()
}

/// Words of a text: runs of letters, and every second character of scripts that write without spaces.
pub(super) fn words(text: &str) -> usize {
    let wide = text.chars().filter(|&c| c as u32 >= 0x3040 && c.is_alphabetic()).count();
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().any(char::is_alphabetic)).count() + wide / 2
}

pub(super) fn push_lit(out: &mut Vec<TextPiece>, text: &str, span: Span) {
    if !text.is_empty() {
        // Where escapes were decoded the place of a part cannot be told: the whole literal stands for it.
        out.push(TextPiece::Lit(text.into(), span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_scripts_without_spaces_too() {
        assert_eq!(words("Return the ISO date in:"), 5);
        assert!(words("日付をISO形式に変換してください") > 4);
    }
}
