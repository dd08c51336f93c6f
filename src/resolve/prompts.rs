//! From the values in prompt slots to messages: text, lists of messages, message objects, templates, prompt files.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::locate::Hit;
use super::members::ROOT;
use super::site::Args;
use super::text::Marks;
use super::value::*;
use crate::program::{Hole, Message, Origin, Piece, Prompt, Shape};
use crate::source::Span;
use crate::syntax::facts::*;

/// Text of one prompt that is kept, in bytes.
const TEXT: usize = 256 << 10;

/// Messages of one prompt that are kept.
const MESSAGES: usize = 64;

/// A prompt being put together.
#[derive(Debug, Default, Clone)]
pub(super) struct Draft {
    pub(super) messages: Vec<(SmolStr, Vec<TextPiece>)>,
    pub(super) complete: bool,
}

impl Draft {
    /// Holes of it that are parameters.
    pub(super) fn params(&self) -> Vec<(FnRef, u32)> {
        let mut all: Vec<_> = self
            .messages
            .iter()
            .flat_map(|(_, pieces)| pieces)
            .filter_map(|piece| match piece {
                TextPiece::Hole(hole) => hole.param,
                TextPiece::Lit(..) => None,
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Words of static text that another draft does not have: what a caller adds, or puts in place of a default.
    pub(super) fn words_beyond(&self, other: &Draft) -> usize {
        let pieces = |draft: &Self| -> Vec<(Rc<str>, Span)> {
            let all = draft.messages.iter().flat_map(|(_, pieces)| pieces);
            all.filter_map(|piece| match piece {
                TextPiece::Lit(text, span) => Some((text.clone(), *span)),
                TextPiece::Hole(_) => None,
            })
            .collect()
        };
        let known = pieces(other);
        pieces(self).iter().filter(|piece| !known.contains(piece)).map(|(text, _)| super::text::words(text)).sum()
    }

    /// What the holes that are parameters are called.
    pub(super) fn param_names(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().flat_map(|(_, pieces)| pieces).filter_map(|piece| match piece {
            TextPiece::Hole(hole) if hole.param.is_some() => Some(hole.name.as_ref()),
            _ => None,
        })
    }

    /// Words of static text by what the messages are: instructions, and what is asked.
    pub(super) fn words(&self) -> (usize, usize) {
        let mut instructions = 0;
        let mut asked = 0;
        for (role, pieces) in &self.messages {
            let words: usize = pieces
                .iter()
                .map(|piece| match piece {
                    TextPiece::Lit(text, _) => super::text::words(text),
                    TextPiece::Hole(_) => 0,
                })
                .sum();
            if role == "system" {
                instructions += words;
            } else {
                asked += words;
            }
        }
        (instructions, asked)
    }
}

impl World<'_> {
    /// What a located call asks, with the parameters of its function bound as `args` has them.
    pub(super) fn draft(&self, hit: &Hit, args: &Args<'_, '_>) -> Draft {
        self.steps.set(0);
        let operation = self.operation(hit.op);
        let mut draft = Draft { complete: true, ..Draft::default() };
        if self.add_decorated(hit, args, &mut draft) {
            return draft;
        }
        for path in &operation.system {
            if let Some(value) = args.get(path) {
                self.add_messages(&value, "system", &mut draft, 0);
            }
        }
        let mut chain = Vec::new();
        if let Some(client) = &hit.receiver {
            self.chain_texts(client, &mut chain, 0);
        }
        if chain.is_empty() {
            let mut seen = Vec::new();
            for path in &operation.prompt {
                if path == "argv" {
                    continue;
                }
                // A second spelling of the same slot says nothing new.
                let unresolved = self.sdk(hit.op).id == "unresolved";
                if path.starts_with('#') && !unresolved && !draft.messages.iter().all(|(role, _)| role == "system") {
                    continue;
                }
                let Some((value, place)) = args.get_at(path) else {
                    continue;
                };
                if place.is_some_and(|place| seen.contains(&place)) {
                    continue;
                }
                // Of a parameter handed on whole every path gives the same: once is enough.
                if place.is_none()
                    && let Value::Hole(hole) = &value
                    && hole.param.is_some_and(|param| draft.params().contains(&param))
                {
                    continue;
                }
                seen.extend(place);
                if path.starts_with('#') && !path.contains('.') && !self.is_prompt_like(&value) {
                    continue;
                }
                // A wrapper's slots are known by what is put in them.
                let is_system = unresolved
                    && place.is_some_and(
                        |place| matches!(self.expr(place), Expr::Name(name) if name.to_lowercase().contains("system")),
                    );
                if unresolved && path.starts_with('#') && value.is_hole() && !draft.messages.is_empty() {
                    continue;
                }
                self.add_messages(&value, if is_system { "system" } else { "user" }, &mut draft, 0);
            }
        } else {
            let given = ["input", "#0"].iter().find_map(|path| args.get(path));
            for value in chain {
                let filled = self.fill_chain(&value, given.as_ref(), hit.at);
                self.add_messages(&filled, "user", &mut draft, 0);
            }
        }
        if operation.prompt.iter().any(|path| path == "argv") {
            self.command_prompt(hit, args, &mut draft);
        }
        if draft.messages.is_empty() {
            draft.complete = false;
        }
        draft
    }

    /// An options object in a positional slot is no prompt.
    fn is_prompt_like(&self, value: &Value) -> bool {
        match value {
            Value::Record(record) => {
                ["role", "content", "text", "parts", "messages", "input", "prompt", "query", "question"]
                    .iter()
                    .any(|key| record.get(key).is_some())
            }
            // A declaration of text: a conversation so far, a task.
            Value::Client(client) => {
                !self.catalog.sdks()[client.sdk as usize].clients[client.client as usize].prompt.is_empty()
            }
            Value::Num(..) | Value::Bool(_) | Value::Null | Value::Func(_) => false,
            _ => true,
        }
    }

    /// The texts of a chain `prompt | model | parser`, inner chains first.
    fn chain_texts(&self, client: &ClientValue, out: &mut Vec<Value>, depth: u32) {
        if depth > 6 {
            return;
        }
        let table = &self.catalog.sdks()[client.sdk as usize].clients[client.client as usize];
        if let Some((call, frame)) = &client.made
            && !table.prompt.is_empty()
            && let Expr::Call(made) = self.expr(*call)
        {
            let args = Args::of_call(self, made, *call, frame, 0);
            if let Some((value, _)) = args.first(&table.prompt) {
                out.push(value);
            }
        }
        for part in &client.parts {
            match part {
                Value::Text(_) | Value::List(_) => out.push(part.clone()),
                Value::Client(inner) => self.chain_texts(inner, out, depth + 1),
                Value::OneOf(all) => {
                    if let Some(text) = all.iter().find(|one| matches!(one, Value::Text(_) | Value::List(_))) {
                        out.push(text.clone());
                    }
                }
                Value::Hole(hole) if hole.param.is_some() => out.push(part.clone()),
                _ => {}
            }
        }
    }

    /// Puts what `invoke({...})` is given in the place of a chain's holes.
    fn fill_chain(&self, value: &Value, given: Option<&Value>, at: ExprRef) -> Value {
        let Some(Value::Record(record)) = given else {
            return value.clone();
        };
        let lookup = |name: &str| {
            let found = record.get(name)?;
            // Only what says something of itself: a bare hole keeps the template's name.
            Some(match found {
                Value::Hole(hole) => Value::Hole(Rc::new(HoleValue { name: hole.name.clone(), ..(**hole).clone() })),
                other => other.clone(),
            })
        };
        match value {
            Value::List(list) => {
                let items = list.items.iter().map(|item| self.fill_message(item, &lookup, at)).collect();
                Value::List(Rc::new(ListValue { items, ..(**list).clone() }))
            }
            other => self.fill(other, Marks::Brace, &lookup, at),
        }
    }

    /// Adds the messages that a value holds.
    pub(super) fn add_messages(&self, value: &Value, role: &str, draft: &mut Draft, depth: u32) {
        if depth > 8 || draft.messages.len() >= MESSAGES {
            draft.complete = false;
            return;
        }
        match value {
            Value::Text(pieces) => draft.messages.push((role.into(), pieces.as_ref().clone())),
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
                for one in all.iter().filter(|one| !matches!(one, Value::Null)).take(4) {
                    self.add_messages(one, role, draft, depth + 1);
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
                if let Some(default) = &hole.default
                    && self.has_words(default)
                    && hole.param.is_none()
                {
                    return self.add_messages(default, role, draft, depth + 1);
                }
                draft.messages.push((role.into(), vec![TextPiece::Hole(hole.clone())]));
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
                let table = &self.catalog.sdks()[client.sdk as usize].clients[client.client as usize];
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
            other => self.add_other(other, role, draft),
        }
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
        draft.messages.push((role.into(), pieces));
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
            draft.messages.push((role.into(), vec![hole]));
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
        Some(Value::Record(Rc::new(RecordValue { entries, open: false, span: self.span(at) })))
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

    /// `PromptTemplate.from_template(…)`: text whose marks are holes, or messages of such text.
    pub(super) fn template_call(&self, path: &str, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let template = self.catalog.template_by_qualified(self.language(at.file).is_python(), path)?;
        let args = Args::of_call(self, call, at, frame, 0);
        let value = template.text.iter().find_map(|path| args.get(path))?;
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

    /// The parts of a path joined: `os.path.join(here, "prompts", "a.txt")`.
    pub(super) fn path_text(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let mut pieces = Vec::new();
        for (index, arg) in call.args.iter().enumerate() {
            if index > 0 {
                pieces.push(TextPiece::Lit("/".into(), self.span(at)));
            }
            let place = ExprRef { file: at.file, id: arg.value };
            let value = self.eval(place, frame);
            self.to_pieces(&value, place, &mut pieces);
        }
        Value::Text(Rc::new(pieces))
    }

    /// `open(path)`, `readFileSync(path)`: the text of a prompt file of the project. Anything else is `Null`.
    pub(super) fn prompt_file(&self, path: &str, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let last = path.rsplit(['.', '#']).next().unwrap_or(path);
        let python = self.language(at.file).is_python();
        let reads = if python { last == "open" } else { matches!(last, "readFileSync" | "readFile") };
        if !reads {
            return Value::Null;
        }
        match call.args.first() {
            Some(arg) => self.file_text(&self.eval(ExprRef { file: at.file, id: arg.value }, frame), at),
            None => Value::Null,
        }
    }

    /// The text of the file that a path value names, if it lies in the project.
    pub(super) fn file_text(&self, path: &Value, at: ExprRef) -> Value {
        let path = match path {
            Value::OneOf(all) => {
                return Value::one_of(
                    all.iter().map(|one| self.file_text(one, at)).filter(|text| matches!(text, Value::Text(_))),
                )
                .unwrap_or(Value::Null);
            }
            Value::Env(env) => match &env.default {
                Some(default) => default.clone(),
                None => return Value::Null,
            },
            other => other.clone(),
        };
        let Value::Text(pieces) = &path else {
            return Value::Null;
        };
        if let Some(known) = path.as_static().as_deref().and_then(|path| path.strip_prefix(ROOT)) {
            let path = super::modules::join("", known);
            return match self.text_file(&path).filter(|_| is_text_name(&path)) {
                Some((file, text)) => Value::literal(&text, Span { file, start: 0, end: text.len() as u32 }),
                None => Value::Null,
            };
        }
        // What stands behind the last hole is known; before it is the folder of the code, most likely.
        let mut tail = String::new();
        for piece in pieces.iter() {
            match piece {
                TextPiece::Lit(text, _) => tail.push_str(text),
                TextPiece::Hole(_) => tail.clear(),
            }
        }
        let tail = tail.trim_start_matches(['/', '.']).trim_start_matches("./").to_owned();
        if tail.is_empty() || !is_text_name(&tail) {
            return Value::Null;
        }
        let own = &self.sources[at.file.0 as usize].path;
        let mut folder = super::modules::parent(own);
        loop {
            for below in ["", "src"] {
                let path = super::modules::join(&super::modules::join(folder, below), &tail);
                if let Some((file, text)) = self.text_file(&path) {
                    return Value::literal(&text, Span { file, start: 0, end: text.len() as u32 });
                }
            }
            if folder.is_empty() {
                return Value::Null;
            }
            folder = super::modules::parent(folder);
        }
    }

    /// What a finished draft looks like in the program.
    pub(super) fn prompt(&self, draft: &Draft) -> Prompt {
        let mut prompt = Prompt { messages: Vec::new(), complete: draft.complete };
        let mut size = 0;
        for (role, pieces) in &draft.messages {
            let mut out: Vec<Piece> = Vec::new();
            for piece in pieces {
                match piece {
                    TextPiece::Lit(text, span) => {
                        size += text.len();
                        if size > TEXT {
                            prompt.complete = false;
                            break;
                        }
                        out.push(Piece::Text(text.to_string(), *span));
                    }
                    TextPiece::Hole(hole) => out.push(Piece::Hole(self.finished_hole(hole))),
                }
            }
            prompt.messages.push(Message { role: role.to_string(), pieces: out });
        }
        prompt
    }

    fn finished_hole(&self, hole: &HoleValue) -> Hole {
        let (shape, origin, because) = self.hole_shape(hole);
        Hole { name: hole.name.to_string(), span: hole.span, shape, origin, because }
    }
}

/// Endings of files that hold prompts.
pub(super) fn is_text_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(
        ending,
        "txt"
            | "md"
            | "prompt"
            | "prompty"
            | "jinja"
            | "jinja2"
            | "j2"
            | "mustache"
            | "hbs"
            | "tmpl"
            | "tpl"
            | "mdx"
            | "text"
            | "yaml"
            | "yml"
            | "json"
            | "toml"
            | "xml"
    )
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
