//! Text put together: joining, formatting, filling templates.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use super::wrappers::TASK;
use crate::catalog::stdlib::Gives;
use crate::program::{Origin, Shape};
use crate::source::Span;
use crate::syntax::facts::*;

/// Alternatives of one piece of text that are kept.
const ALTERNATIVES: usize = 4;

/// How a template marks the places to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    /// `{name}`, with `{{` for a brace.
    Brace,
    /// `{{ name }}`, and `{% %}` around what is not text.
    Mustache,
    /// `$name`, `${name}`.
    Dollar,
}

impl World<'_> {
    /// Adds a value to a text as it is printed there.
    pub(super) fn to_pieces(&self, value: &Value, at: ExprRef, pieces: &mut Vec<TextPiece>) {
        match value {
            Value::Text(inner) => pieces.extend(inner.iter().cloned()),
            Value::Num(text, span) => pieces.push(TextPiece::Lit(text.as_str().into(), *span)),
            // A parameter that is a task unless a caller says otherwise.
            Value::Hole(hole) if hole.param.is_some() && self.is_default_task(hole) => {
                if let Some(Value::Text(default)) = &hole.default {
                    pieces.extend(default.iter().cloned());
                }
            }
            Value::Hole(hole) => pieces.push(TextPiece::Hole(hole.clone())),
            Value::Null => {}
            Value::OneOf(all) => {
                let texts: Vec<_> = all.iter().filter(|one| self.has_words(one)).take(ALTERNATIVES).collect();
                if texts.is_empty() {
                    let first = all.iter().find(|one| matches!(one, Value::Hole(_)));
                    match first {
                        Some(hole) => self.to_pieces(hole, at, pieces),
                        None => self.push_hole(at, Shape::Enum, Origin::Computed, pieces),
                    }
                    return;
                }
                for (index, one) in texts.into_iter().enumerate() {
                    if index > 0 {
                        pieces.push(TextPiece::Lit("\n".into(), self.span(at)));
                    }
                    self.to_pieces(one, at, pieces);
                }
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

    fn is_default_task(&self, hole: &HoleValue) -> bool {
        hole.default
            .as_ref()
            .is_some_and(|default| matches!(default, Value::Text(_)) && static_words(default) >= 3 * TASK)
    }

    fn push_hole(&self, at: ExprRef, shape: Shape, origin: Origin, pieces: &mut Vec<TextPiece>) {
        if let Value::Hole(hole) = self.hole(at, shape, origin) {
            pieces.push(TextPiece::Hole(hole));
        }
    }

    /// Whether a value brings static text of its own.
    pub(super) fn has_words(&self, value: &Value) -> bool {
        match value {
            Value::Text(pieces) => pieces.iter().any(|piece| match piece {
                TextPiece::Lit(text, _) => text.chars().any(char::is_alphabetic),
                TextPiece::Hole(_) => false,
            }),
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
            self.to_pieces(item, at, &mut pieces);
        }
        Value::Text(Rc::new(pieces))
    }

    fn text_origin(&self, value: &Value) -> Origin {
        match value {
            Value::Text(pieces) => pieces
                .iter()
                .find_map(|piece| match piece {
                    TextPiece::Hole(hole) => Some(hole.origin),
                    TextPiece::Lit(..) => None,
                })
                .unwrap_or(Origin::Unknown),
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
        let mut given = given.into_iter();
        let mut out = Vec::new();
        for piece in pieces.iter() {
            let TextPiece::Lit(lit, span) = piece else {
                out.push(piece.clone());
                continue;
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
        Value::Text(Rc::new(out))
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

    /// Fills the marks of a template from `values`; marks without a value become holes. With `keep`, a mark without a
    /// value stays as it is written.
    pub(super) fn fill(
        &self,
        text: &Value,
        marks: Marks,
        values: &dyn Fn(&str) -> Option<Value>,
        at: ExprRef,
    ) -> Value {
        let pieces = match text {
            Value::Text(pieces) => pieces,
            Value::OneOf(all) => {
                return Value::one_of(all.iter().map(|one| self.fill(one, marks, values, at))).unwrap_or(Value::Null);
            }
            other => return other.clone(),
        };
        let mut out = Vec::new();
        for piece in pieces.iter() {
            match piece {
                TextPiece::Lit(lit, span) => {
                    for part in split_marks(lit, marks) {
                        match part {
                            Part::Text(text) => push_lit(&mut out, &text, *span),
                            Part::Mark(name) => match values(name) {
                                Some(value) => self.to_pieces(&value, at, &mut out),
                                None => out.push(self.named_hole(name, at, *span)),
                            },
                        }
                    }
                }
                // A template read back before it is filled: its hole may be named like a value.
                TextPiece::Hole(hole) => match values(&hole.name) {
                    Some(value) if hole.origin == Origin::Unknown && hole.param.is_none() => {
                        self.to_pieces(&value, at, &mut out);
                    }
                    _ => out.push(piece.clone()),
                },
            }
        }
        Value::Text(Rc::new(out))
    }

    /// The named and numbered values that a `format` or `invoke` call gives.
    pub(super) fn given<'c>(
        &'c self,
        call: &'c Call,
        at: ExprRef,
        frame: &'c Rc<Frame>,
    ) -> impl Fn(&str) -> Option<Value> + 'c {
        let file = at.file;
        let mut positional = 0usize;
        let mut named: Vec<(SmolStr, ExprRef)> = Vec::new();
        let mut records: Vec<Value> = Vec::new();
        let mut numbered: Vec<ExprRef> = Vec::new();
        for arg in &call.args {
            let place = ExprRef { file, id: arg.value };
            match (&arg.name, arg.spread) {
                (Some(name), Spread::No) => named.push((name.clone(), place)),
                (None, Spread::No) => {
                    if let value @ Value::Record(_) = self.eval(place, frame) {
                        records.push(value);
                    }
                    numbered.push(place);
                    positional += 1;
                }
                (_, Spread::Keys) => records.push(self.eval(place, frame)),
                _ => {}
            }
        }
        let next = std::cell::Cell::new(0usize);
        move |name: &str| {
            let root = name.split(['.', '[', '!', ':', '|', ' ']).next().unwrap_or(name);
            if let Some((_, place)) = named.iter().find(|(given, _)| given == root) {
                return Some(self.eval(*place, frame));
            }
            for record in &records {
                if let Value::Record(record) = record
                    && let Some(value) = record.get(root)
                {
                    return Some(value.clone());
                }
            }
            let index = match root.parse::<usize>() {
                Ok(index) => index,
                Err(_) if root.is_empty() => {
                    next.set(next.get() + 1);
                    next.get() - 1
                }
                // `template.invoke(text)`: one value for the one mark.
                Err(_) if positional == 1 && named.is_empty() && records.is_empty() => 0,
                Err(_) => return None,
            };
            numbered.get(index).map(|&place| self.eval(place, frame))
        }
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
            "format" | "format_map" | "format_prompt" | "format_messages" | "formatMessages" | "partial" | "invoke"
            | "ainvoke" | "formatPromptValue" => self.fill(base, Marks::Brace, &self.given(call, at, frame), at),
            "substitute" | "safe_substitute" => self.fill(base, Marks::Dollar, &self.given(call, at, frame), at),
            "render" | "render_async" => self.fill(base, Marks::Mustache, &self.given(call, at, frame), at),
            "read" | "decode" | "getvalue" | "readlines" => base.clone(),
            "read_text" => match self.file_text(base, at) {
                Value::Null => base.clone(),
                text => text,
            },
            "resolve" | "absolute" | "expanduser" if python => base.clone(),
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
    fn replaced(&self, base: &Value, from: Option<Value>, to: Option<Value>, at: ExprRef) -> Value {
        let (Value::Text(pieces), Some(from), Some(to)) = (base, from.and_then(|from| from.as_static()), to) else {
            return base.clone();
        };
        if from.is_empty() {
            return base.clone();
        }
        let mut out = Vec::new();
        for piece in pieces.iter() {
            match piece {
                TextPiece::Lit(lit, span) if lit.contains(&from) => {
                    for (index, part) in lit.split(&from).enumerate() {
                        if index > 0 {
                            self.to_pieces(&to, at, &mut out);
                        }
                        push_lit(&mut out, part, *span);
                    }
                }
                other => out.push(other.clone()),
            }
        }
        Value::Text(Rc::new(out))
    }

    /// Fills each message of a list of messages.
    pub(super) fn fill_list(&self, list: &Rc<ListValue>, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let given = self.given(call, at, frame);
        let items = list.items.iter().map(|item| self.fill_message(item, &given, at)).collect();
        Value::List(Rc::new(ListValue { items, ..(**list).clone() }))
    }

    /// Fills the text of one message.
    pub(super) fn fill_message(&self, item: &Value, given: &dyn Fn(&str) -> Option<Value>, at: ExprRef) -> Value {
        match item {
            Value::Text(_) => self.fill(item, Marks::Brace, given, at),
            Value::Record(record) => {
                let entries = record
                    .entries
                    .iter()
                    .map(|(key, value)| match value {
                        Value::Text(_) if key == "content" => (key.clone(), self.fill(value, Marks::Brace, given, at)),
                        other => (key.clone(), other.clone()),
                    })
                    .collect();
                Value::Record(Rc::new(RecordValue { entries, ..(**record).clone() }))
            }
            // A pair of role and text.
            Value::List(pair) if pair.items.len() == 2 => {
                let items = vec![pair.items[0].clone(), self.fill(&pair.items[1], Marks::Brace, given, at)];
                Value::List(Rc::new(ListValue { items, ..(**pair).clone() }))
            }
            other => other.clone(),
        }
    }
}

/// Words of static text in a value.
pub(super) fn static_words(value: &Value) -> usize {
    match value {
        Value::Text(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                TextPiece::Lit(text, _) => words(text),
                TextPiece::Hole(_) => 0,
            })
            .sum(),
        Value::OneOf(all) => all.iter().map(static_words).max().unwrap_or(0),
        Value::List(list) => list.items.iter().map(static_words).sum(),
        Value::Record(record) => record.entries.iter().map(|(_, value)| static_words(value)).sum(),
        Value::Env(env) => env.default.as_ref().map_or(0, static_words),
        _ => 0,
    }
}

/// Words of a text: runs of letters, and every second character of scripts that write without spaces.
pub(super) fn words(text: &str) -> usize {
    let wide = text.chars().filter(|&c| c as u32 >= 0x3040 && c.is_alphabetic()).count();
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().any(char::is_alphabetic)).count() + wide / 2
}

fn push_lit(out: &mut Vec<TextPiece>, text: &str, span: Span) {
    if !text.is_empty() {
        // Where escapes were decoded the place of a part cannot be told: the whole literal stands for it.
        out.push(TextPiece::Lit(text.into(), span));
    }
}

enum Part<'t> {
    Text(String),
    Mark(&'t str),
}

/// Splits a template at its marks.
fn split_marks(text: &str, marks: Marks) -> Vec<Part<'_>> {
    match marks {
        Marks::Brace => split_braces(text),
        Marks::Mustache => split_mustache(text),
        Marks::Dollar => split_dollar(text),
    }
}

fn split_braces(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = rest.as_bytes()[at];
        let after = &rest[at + 1..];
        if after.as_bytes().first() == Some(&brace) {
            plain.push(brace as char);
            rest = &after[1..];
            continue;
        }
        match after.find(['}', '{', '\n', '"']) {
            Some(end) if brace == b'{' && after.as_bytes()[end] == b'}' && is_mark(&after[..end]) => {
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Mark(after[..end].trim()));
                rest = &after[end + 1..];
            }
            _ => {
                plain.push(brace as char);
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts
}

fn is_mark(name: &str) -> bool {
    name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || "_.[]!:- ,'%>%<".contains(c))
}

fn split_mustache(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        parts.push(Part::Text(rest[..at].to_owned()));
        let close = if rest[at..].starts_with("{{") { "}}" } else { "%}" };
        let after = &rest[at + 2..];
        let Some(end) = after.find(close) else {
            parts.push(Part::Text(rest[at..].to_owned()));
            return parts;
        };
        if close == "}}" {
            let name = after[..end].trim_matches(['{', ' ', '#', '/', '^', '&', '-']);
            if !name.is_empty() {
                parts.push(Part::Mark(name.trim()));
            }
        }
        rest = &after[end + 2..];
        rest = rest.strip_prefix('}').unwrap_or(rest);
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

fn split_dollar(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, used) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            plain.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
            continue;
        }
        parts.push(Part::Text(std::mem::take(&mut plain)));
        parts.push(Part::Mark(name));
        rest = &after[used..];
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marks: Marks) -> String {
        split_marks(text, marks)
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => text,
                Part::Mark(name) => format!("<{name}>"),
            })
            .collect()
    }

    #[test]
    fn marks_are_found_and_doubled_braces_are_text() {
        assert_eq!(shown("a {x} {{\"k\": 1}} {y!r:>3}", Marks::Brace), "a <x> {\"k\": 1} <y!r:>3>");
        assert_eq!(shown("JSON {\"a\": 1} {0}", Marks::Brace), "JSON {\"a\": 1} <0>");
        assert_eq!(shown("Hi {{ name }}{% if x %}!{% endif %}", Marks::Mustache), "Hi <name>!");
        assert_eq!(shown("cost $5, $name and ${other}", Marks::Dollar), "cost $5, <name> and <other>");
    }

    #[test]
    fn words_are_counted_in_scripts_without_spaces_too() {
        assert_eq!(words("Return the ISO date in:"), 5);
        assert!(words("日付をISO形式に変換してください") > 4);
    }
}
