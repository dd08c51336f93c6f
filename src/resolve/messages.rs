//! From values to the messages of a prompt.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::args::Args;
use super::choices::{SHAPES, Said};
use super::prompts::Draft;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::source::Span;
use crate::syntax::facts::*;

/// Messages of one prompt that are kept.
const MESSAGES: usize = 64;

impl World<'_> {
    /// Adds the messages that a value holds.
    pub(super) fn add_messages(&self, value: &Value, role: &str, draft: &mut Draft, depth: u32) {
        if depth > 8 || draft.said >= MESSAGES {
            draft.complete = false;
            return;
        }
        match value {
            Value::Text(pieces) => draft.say(role.into(), pieces.as_ref().clone()),
            Value::List(list) => {
                if let [Value::Text(first), content] = &list.items[..]
                    && let [TextPiece::Lit(name, _)] = &first[..]
                    && let Some(role) = role_named(name)
                {
                    self.add_messages(content, role, draft, depth + 1);
                    return;
                }
                draft.complete &= !list.open;
                for item in &list.items {
                    self.add_messages(item, role, draft, depth + 1);
                }
            }
            Value::Record(record) => self.add_record(record, role, draft, depth),
            Value::OneOf(all) => {
                let mut arms = Vec::new();
                for one in all.iter().filter(|one| !matches!(one, Value::Null)).take(SHAPES) {
                    let before = std::mem::take(&mut draft.messages);
                    self.add_messages(one, role, draft, depth + 1);
                    let arm = std::mem::replace(&mut draft.messages, before);
                    // What may be left out is an alternative too.
                    let nothing = matches!(one, Value::List(list) if list.items.is_empty() && !list.open);
                    if !arm.is_empty() || nothing {
                        arms.push(arm);
                    }
                }
                match arms.len() {
                    0 | 1 => draft.messages.extend(arms.into_iter().flatten()),
                    _ => draft.messages.push(Said::OneOf(arms)),
                }
            }
            Value::Env(env) => match &env.default {
                Some(default) => self.add_messages(default, role, draft, depth + 1),
                None => draft.complete = false,
            },
            Value::Hole(hole) => {
                if hole.param.is_none() && hole.shape == Shape::Unknown && hole.origin == Origin::Unknown {
                    draft.complete = false;
                }
                if let Some(inner) = &hole.inner
                    && matches!(inner, Value::Record(_) | Value::List(_))
                    && role != "user"
                {
                    return self.add_messages(inner, role, draft, depth + 1);
                }
                if let Some(default) = hole.default.as_ref().filter(|default| self.comes_to_words(default)) {
                    if hole.param.is_none() {
                        return self.add_messages(default, role, draft, depth + 1);
                    }
                    // A field of what callers hand in, and the text where it is not set: `shop.prompt ?? "You …"`.
                    if hole.name.contains('.') {
                        let bare = Value::Hole(Rc::new(HoleValue { default: None, ..(**hole).clone() }));
                        let either = Value::OneOf(vec![default.clone(), bare].into());
                        return self.add_messages(&either, role, draft, depth + 1);
                    }
                }
                draft.say(role.into(), vec![TextPiece::Hole(hole.clone())]);
            }
            Value::Null | Value::Bool(_) => {}
            Value::Class(class) => {
                for text in self.class_text(*class) {
                    self.add_messages(&text, "system", draft, depth + 1);
                }
            }
            Value::Client(client) => {
                let mut texts = Vec::new();
                self.chain_texts(client, &mut texts, depth);
                let table = self.client_table(client);
                if let Some((call, frame)) = &client.made
                    && let Expr::Call(made) = self.expr(*call)
                {
                    // All texts of a declaration are the prompt: role, goal, description.
                    let args = Args::of_call(self, made, *call, frame, 0);
                    texts = table.prompt.iter().chain(&table.system).filter_map(|path| args.get(path)).collect();
                    let added = client.parts.iter().filter(|part| matches!(part, Value::Text(_) | Value::List(_)));
                    texts.extend(added.cloned());
                }
                for text in texts {
                    self.add_messages(&text, role, draft, depth + 1);
                }
            }
            Value::Foreign(foreign) => {
                // `Content(parts=[Part(text=…)])`, `types.Part.from_text(text=…)`.
                let Expr::Call(call) = self.expr(foreign.at) else {
                    draft.complete = false;
                    return self.add_other(value, role, draft);
                };
                let frame = self.frame_of(foreign.at);
                let args = Args::of_call(self, call, foreign.at, &frame, 0);
                let role = args
                    .get("role")
                    .and_then(|role| role.as_static())
                    .and_then(|name| role_named(&name))
                    .unwrap_or(role);
                match ["parts", "content", "text", "contents"].iter().find_map(|key| args.get(key)) {
                    Some(inner) => self.add_messages(&inner, role, draft, depth + 1),
                    None => self.add_other(value, role, draft),
                }
            }
            // A message object of the program.
            Value::Instance(object) => {
                let made = object.made.as_ref().map(|(at, _)| *at);
                let at = made.unwrap_or(ExprRef { file: object.class.file, id: ExprId(0) });
                match self.fields_of(value, at) {
                    Value::Record(record) if !record.open => self.add_record(&record, role, draft, depth),
                    _ => self.add_other(value, role, draft),
                }
            }
            other => self.add_other(other, role, draft),
        }
    }

    /// Whether a value brings words of its own, or has some where it is not set.
    fn comes_to_words(&self, value: &Value) -> bool {
        match value {
            Value::Hole(hole) => hole.default.as_ref().is_some_and(|default| self.comes_to_words(default)),
            value => self.has_words(value),
        }
    }

    /// Who speaks in messages of a class of the program, by its name: `SystemMessage`.
    pub(super) fn class_role(&self, class: ClassRef) -> Option<&'static str> {
        let name = &self.class(class).name;
        name.strip_suffix("Message").and_then(role_named)
    }

    fn add_other(&self, value: &Value, role: &str, draft: &mut Draft) {
        let at = match value {
            Value::Foreign(foreign) => foreign.at,
            Value::Num(..) => return,
            _ => {
                draft.complete = false;
                return;
            }
        };
        let mut pieces = Vec::new();
        self.to_pieces(value, at, &mut pieces);
        draft.say(role.into(), pieces);
    }

    fn add_record(&self, record: &RecordValue, role: &str, draft: &mut Draft, depth: u32) {
        let own = record.get("role").or_else(|| record.get("type"));
        let role = own.and_then(|role| role.as_static()).and_then(|name| role_named(&name)).unwrap_or(role);
        for key in [
            "content",
            "parts",
            "text",
            "input_text",
            "message",
            "template",
            "messages",
            "prompt",
            "input",
            "new_message",
        ] {
            if let Some(content) = record.get(key) {
                return self.add_messages(content, role, draft, depth + 1);
            }
        }
        if record.get("image_url").is_some()
            || record.get("inlineData").is_some()
            || record.get("inline_data").is_some()
            || record.get("source").is_some()
        {
            let hole = self.image_hole(record.span);
            draft.say(role.into(), vec![hole]);
        } else if depth == 0 || record.entries.is_empty() {
            // Input of a chain or declaration: its values are what the prompt is about.
            for (_, value) in &record.entries {
                if self.has_words(value) || value.is_hole() {
                    self.add_messages(value, role, draft, depth + 1);
                }
            }
        }
    }

    fn image_hole(&self, span: Span) -> TextPiece {
        let at = ExprRef { file: span.file, id: ExprId(0) };
        TextPiece::Hole(Rc::new(HoleValue {
            name: "image".into(),
            span,
            shape: Shape::FreeText,
            origin: Origin::Document,
            because: Some(("an image".into(), span)),
            param: None,
            default: None,
            inner: None,
            at,
        }))
    }

    /// `SystemMessage(content=…)`: a record with role and content.
    pub(super) fn message_call(&self, path: &str, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let message = self.catalog.message_by_qualified(self.language(at.file).is_python(), path)?;
        let args = Args::of_call(self, call, at, frame, 0);
        let role = message
            .role_at
            .iter()
            .find_map(|path| args.get(path))
            .map(|value| match value.as_static() {
                Some(_) => value,
                // `MessageRole.SYSTEM`: the last name says it.
                None => Value::literal(&self.role_expression(&value), self.span(at)),
            })
            .unwrap_or_else(|| Value::literal(&message.role, self.span(at)));
        let content = message.content.iter().find_map(|path| args.get(path)).unwrap_or(Value::Null);
        let content = match content {
            // A template inside a message template.
            Value::List(list) if list.items.len() == 1 => list.items[0].clone(),
            other => other,
        };
        let entries = vec![(SmolStr::new_static("role"), role), (SmolStr::new_static("content"), content)];
        Some(Value::Record(Rc::new(RecordValue { entries, open: false, rest: None, span: self.span(at) })))
    }

    fn role_expression(&self, value: &Value) -> String {
        let text = match value {
            Value::External(path) => path.to_string(),
            Value::Foreign(foreign) => foreign.path.to_string(),
            Value::Hole(hole) => hole.name.to_string(),
            _ => String::new(),
        };
        text.rsplit(['.', '#']).next().unwrap_or("user").to_lowercase()
    }
}

/// The role that a name means, across SDKs.
fn role_named(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "system" | "developer" => "system",
        "user" | "human" => "user",
        "assistant" | "ai" | "model" | "bot" => "assistant",
        "tool" | "function" => "tool",
        _ => return None,
    })
}
