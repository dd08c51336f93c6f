//! Templates: text whose marks are filled with values.

use std::cell::Cell;
use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::args::Args;
use super::text::push_lit;
use super::value::*;
use crate::catalog::sdk::Template;
use crate::program::Origin;
use crate::syntax::facts::*;

/// Templates that are put into one: rings of them end, and what includes everything many times over does not grow.
const INCLUDES: u32 = 24;

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
        Value::Text(Rc::new(self.fill_pieces(pieces, marks, values, at, &Cell::new(INCLUDES))))
    }

    fn fill_pieces(
        &self,
        pieces: &[TextPiece],
        marks: Marks,
        values: &dyn Fn(&str) -> Option<Value>,
        at: ExprRef,
        left: &Cell<u32>,
    ) -> Vec<TextPiece> {
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                TextPiece::Lit(lit, span) => {
                    for part in split_marks(lit, marks) {
                        match part {
                            Part::Text(text) => push_lit(&mut out, &text, *span),
                            Part::Include(name) if left.get() > 0 => {
                                left.set(left.get() - 1);
                                if let Some(Value::Text(text)) = self.included(name, *span) {
                                    out.extend(self.fill_pieces(&text, marks, values, at, left));
                                }
                            }
                            Part::Include(_) => {}
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
                TextPiece::Choice(choice) => {
                    let arms = choice.arms.iter().map(|arm| self.fill_pieces(arm, marks, values, at, left));
                    out.push(Value::choice(arms.collect(), choice.span));
                }
            }
        }
        out
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

    /// `PromptTemplate.from_template(…)`: text whose marks are holes, or messages of such text.
    pub(super) fn template_call(&self, path: &str, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let template = self.catalog.template_by_qualified(self.language(at.file).is_python(), path)?;
        let args = Args::of_call(self, call, at, frame, 0);
        let text = template.text.iter().find_map(|path| args.get(path));
        let value = text.or_else(|| self.template_file(template, &args, at))?;
        let marks = match template.marks.as_str() {
            "mustache" => Marks::Mustache,
            "dollar" => Marks::Dollar,
            _ => Marks::Brace,
        };
        let none = |_: &str| None;
        Some(match value {
            Value::List(list) => {
                let items = list.items.iter().map(|item| self.template_item(item, marks, at)).collect();
                Value::List(Rc::new(ListValue { items, ..(*list).clone() }))
            }
            text => self.fill(&text, marks, &none, at),
        })
    }

    /// The text of the file that a template is told to be in, by its name or by a path around that.
    fn template_file(&self, template: &Template, args: &Args<'_, '_>, at: ExprRef) -> Option<Value> {
        let name = template.file.iter().find_map(|path| args.get(path))?;
        let span = self.span(at);
        let around = |path: &String| {
            let (before, after) = path.split_once('*').unwrap_or((path, ""));
            let parts = [Value::literal(before, span), name.clone(), Value::literal(after, span)];
            self.concat(&parts.map(|part| (part, at)), at)
        };
        let mut paths: Vec<Value> = template.paths.iter().map(around).collect();
        if paths.is_empty() {
            paths.push(name.clone());
        }
        let text = paths.iter().map(|path| self.file_text(path, at)).find(|text| !matches!(text, Value::Null));
        text.or_else(|| self.handed_name(&name, at))
    }

    /// A message of a chat template: a pair, a message object, text, or a placeholder.
    fn template_item(&self, item: &Value, marks: Marks, at: ExprRef) -> Value {
        let none = |_: &str| None;
        match item {
            Value::List(pair) => {
                let items = pair
                    .items
                    .iter()
                    .enumerate()
                    .map(|(index, value)| if index == 1 { self.fill(value, marks, &none, at) } else { value.clone() })
                    .collect();
                Value::List(Rc::new(ListValue { items, ..(**pair).clone() }))
            }
            Value::Record(_) => self.fill_message(item, &none, at),
            other => self.fill(other, marks, &none, at),
        }
    }
}

enum Part<'t> {
    Text(String),
    Mark(&'t str),
    /// Another template in this place, by its name.
    Include(&'t str),
}

/// The template that a tag puts in its place: `include "parts/rules.j2" ignore missing`.
fn included_name(tag: &str) -> Option<&str> {
    let quoted = tag.trim_matches(['-', '+', ' ']).strip_prefix("include")?.trim_start();
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    quoted[1..].split_once(quote).map(|(name, _)| name)
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
    while let Some(at) = ["{{", "{%", "{#"].into_iter().filter_map(|open| rest.find(open)).min() {
        // `{#each x}` is a block of other languages than the one in which `{# x #}` is a comment.
        let close = match rest.as_bytes()[at + 1] {
            b'{' => "}}",
            b'%' => "%}",
            _ if rest[at + 2..].contains("#}") => "#}",
            _ => {
                parts.push(Part::Text(rest[..at + 2].to_owned()));
                rest = &rest[at + 2..];
                continue;
            }
        };
        parts.push(Part::Text(rest[..at].to_owned()));
        let after = &rest[at + 2..];
        let Some(end) = after.find(close) else {
            parts.push(Part::Text(rest[at..].to_owned()));
            return parts;
        };
        if let Some(name) = included_name(&after[..end]).filter(|_| close != "#}") {
            parts.push(Part::Include(name));
        } else if close == "}}" {
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
                Part::Include(name) => format!("<include {name}>"),
            })
            .collect()
    }

    #[test]
    fn marks_are_found_and_doubled_braces_are_text() {
        assert_eq!(shown("a {x} {{\"k\": 1}} {y!r:>3}", Marks::Brace), "a <x> {\"k\": 1} <y!r:>3>");
        assert_eq!(shown("JSON {\"a\": 1} {0}", Marks::Brace), "JSON {\"a\": 1} <0>");
        assert_eq!(shown("Hi {{ name }}{% if x %}!{% endif %}", Marks::Mustache), "Hi <name>!");
        assert_eq!(shown("{# who #}Hi {{ name }} {#each", Marks::Mustache), "Hi <name> {#each");
        assert_eq!(
            shown("a {% include 'x/b.j2' %} c{{ include \"d.md\" }}", Marks::Mustache),
            "a <include x/b.j2> c<include d.md>"
        );
        assert_eq!(shown("cost $5, $name and ${other}", Marks::Dollar), "cost $5, <name> and <other>");
    }
}
