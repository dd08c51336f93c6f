//! Templates: text whose marks are filled with values.

mod marks;

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
pub(super) use marks::Marks;
use marks::{Part, split_marks};

/// Templates that are put into one: rings of them end, and what includes everything many times over does not grow.
const INCLUDES: u32 = 24;

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
        let marks = Marks::named(&template.marks);
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
