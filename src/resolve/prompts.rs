//! From the values in prompt slots to messages: text, lists of messages, message objects, templates, prompt files.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::args::Args;
use super::choices::{SHAPES, Said, certain_words, each_piece, joined};
use super::locate::Hit;
use super::templates::Marks;
use super::value::*;
use crate::catalog::wrappers::WrapperWords;
use crate::program::{Hole, Message, Piece, Prompt};
use crate::source::Span;
use crate::syntax::facts::*;

/// Text of one prompt that is kept, in bytes.
const TEXT: usize = 256 << 10;

/// A prompt being put together.
#[derive(Debug, Default, Clone)]
pub(super) struct Draft {
    pub(super) messages: Vec<Said>,
    /// How many messages were said, those of all alternatives together.
    pub(super) said: usize,
    pub(super) complete: bool,
}

impl Draft {
    /// Adds a message.
    pub(super) fn say(&mut self, role: SmolStr, pieces: Vec<TextPiece>) {
        self.said += 1;
        self.messages.push(Said::Message(role, pieces));
    }

    fn each_piece<'d>(&'d self, each: &mut dyn FnMut(&'d TextPiece)) {
        Said::messages(&self.messages, &mut |_, pieces| each_piece(pieces, each));
    }

    /// Holes of it that are parameters.
    pub(super) fn params(&self) -> Vec<(FnRef, u32)> {
        let mut all = Vec::new();
        self.each_piece(&mut |piece| {
            if let TextPiece::Hole(hole) = piece {
                all.extend(hole.param);
            }
        });
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Words of static text that another draft does not have: what a caller adds, or puts in place of a default.
    pub(super) fn words_beyond(&self, other: &Draft) -> usize {
        fn pieces(draft: &Draft) -> Vec<(Rc<str>, Span)> {
            let mut all = Vec::new();
            draft.each_piece(&mut |piece| {
                if let TextPiece::Lit(text, span) = piece {
                    all.push((text.clone(), *span));
                }
            });
            all
        }
        let known = pieces(other);
        pieces(self).iter().filter(|piece| !known.contains(piece)).map(|(text, _)| super::text::words(text)).sum()
    }

    /// Whether some text of a message stands in it, wherever.
    pub(super) fn holds(&self, said: &Said) -> bool {
        let mut places = Vec::new();
        self.each_piece(&mut |piece| {
            if let TextPiece::Lit(_, span) = piece {
                places.push(*span);
            }
        });
        let mut any = false;
        Said::messages(std::slice::from_ref(said), &mut |_, pieces| {
            each_piece(pieces, &mut |piece| {
                any |= matches!(piece, TextPiece::Lit(text, span) if super::text::words(text) > 0 && places.contains(span));
            });
        });
        any
    }

    /// Whether a hole that is a parameter has a name that `is_it` knows.
    pub(super) fn any_param_name(&self, is_it: impl Fn(&str) -> bool) -> bool {
        let mut any = false;
        self.each_piece(&mut |piece| {
            if let TextPiece::Hole(hole) = piece {
                any |= hole.param.is_some() && is_it(&hole.name);
            }
        });
        any
    }

    /// Whether one of several ways to ask is a prompt that callers hand in, and nothing else.
    pub(super) fn may_be_handed(&self) -> bool {
        let handed = |arm: &Vec<Said>| {
            let [Said::Message(role, pieces)] = &arm[..] else { return false };
            let [TextPiece::Hole(hole)] = &pieces[..] else { return false };
            role == "user" && hole.param.is_some() && WrapperWords::embedded().is_prompt_name(&hole.name)
        };
        self.messages.iter().any(|one| matches!(one, Said::OneOf(arms) if arms.iter().any(handed)))
    }

    /// Words of static text by what the messages are: instructions, and what is asked. What a branch may leave out of a
    /// message is not counted.
    pub(super) fn words(&self) -> (usize, usize) {
        let mut instructions = 0;
        let mut asked = 0;
        Said::messages(&self.messages, &mut |role, pieces| {
            let words = certain_words(pieces);
            if role == "system" {
                instructions += words;
            } else {
                asked += words;
            }
        });
        (instructions, asked)
    }
}

impl World<'_> {
    /// What a located call asks, with the parameters of its function bound as `args` has them.
    pub(super) fn draft(&self, hit: &Hit, args: &Args<'_, '_>) -> Draft {
        self.afresh();
        let operation = self.operation(hit.op);
        let mut draft = Draft { complete: true, ..Draft::default() };
        if self.add_decorated(hit, args, &mut draft) {
            return draft;
        }
        let system: Vec<(&String, Value)> =
            operation.system.iter().filter_map(|path| Some((path, args.get(path)?))).collect();
        // A parameter handed on whole has a field under each spelling: it stands once, where the prompt is looked for.
        let whole = |(path, value): &(&String, Value)| match value {
            Value::Hole(hole) if !path.starts_with('#') && !path.starts_with("new.") => {
                hole.param.map(|param| (param, hole.at))
            }
            _ => None,
        };
        let again = |said: &(&String, Value)| {
            whole(said).is_some_and(|key| system.iter().filter_map(whole).filter(|other| *other == key).count() > 1)
        };
        for (_, value) in system.iter().filter(|said| !again(said)) {
            self.add_messages(value, "system", &mut draft, 0);
        }
        for value in hit.receiver.iter().flat_map(|client| self.instructed(client)) {
            self.add_messages(&value, "system", &mut draft, 0);
        }
        let mut chain = Vec::new();
        if let Some(client) = &hit.receiver {
            self.chain_texts(client, &mut chain, 0);
        }
        if chain.is_empty() {
            let mut seen = Vec::new();
            let names_one = |place: ExprRef| match self.expr(place) {
                Expr::Name(name) | Expr::Attr(_, name) => WrapperWords::embedded().is_prompt_name(name),
                _ => false,
            };
            let places = || operation.prompt.iter().filter_map(|path| args.get_at(path)?.1);
            let named = self.sdk(hit.op).id == "unresolved" && places().any(names_one);
            for path in &operation.prompt {
                if path == "argv" {
                    continue;
                }
                // A second spelling of the same slot says nothing new.
                let unresolved = self.sdk(hit.op).id == "unresolved";
                if path.starts_with('#') && !unresolved && !draft.messages.iter().all(Said::is_system) {
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
                // A class says what to do where a framework takes it for a declaration; elsewhere it is a table or a form.
                if unresolved && matches!(value, Value::Class(_)) {
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
                // Where one is called a prompt, what is called otherwise is none: `ask(schema, messages)`.
                if named && path.starts_with('#') && value.is_hole() && !place.is_some_and(names_one) {
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
            Value::Client(client) => !self.client_table(client).prompt.is_empty(),
            Value::Num(..) | Value::Bool(_) | Value::Null | Value::Func(_) => false,
            _ => true,
        }
    }

    /// The texts of a chain `prompt | model | parser`, inner chains first.
    pub(super) fn chain_texts(&self, client: &ClientValue, out: &mut Vec<Value>, depth: u32) {
        if depth > 6 {
            return;
        }
        let table = self.client_table(client);
        if let Some((call, frame)) = &client.made
            && !table.prompt.is_empty()
            && let Expr::Call(made) = self.expr(*call)
        {
            let args = Args::of_call(self, made, *call, frame, 0);
            if let Some((value, _)) = args.first(&table.prompt) {
                out.push(match &table.marks {
                    Some(marks) => self.marked(&value, Marks::named(marks), &args, &table.inputs, *call),
                    None => value,
                });
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

    /// A draft as it is reported, with what every object of a class is made with in the place of its constructor's
    /// parameters.
    pub(super) fn as_made(&self, draft: &Draft) -> Draft {
        let mut made = Draft { complete: draft.complete, ..Draft::default() };
        for said in &draft.messages {
            match said {
                Said::Message(role, pieces) => match &pieces[..] {
                    [TextPiece::Hole(hole)] => match self.same_for_all(hole).filter(|value| self.has_words(value)) {
                        Some(value) => self.add_messages(&value, role, &mut made, 0),
                        None => made.messages.push(said.clone()),
                    },
                    _ => {
                        let mut whole = Vec::new();
                        for piece in pieces {
                            let hole = if let TextPiece::Hole(hole) = piece { Some(hole) } else { None };
                            match hole.and_then(|hole| Some((self.same_for_all(hole)?, hole.at))) {
                                Some((text @ Value::Text(_), at)) => self.to_pieces(&text, at, &mut whole),
                                _ => whole.push(piece.clone()),
                            }
                        }
                        made.messages.push(Said::Message(role.clone(), whole));
                    }
                },
                Said::OneOf(_) => made.messages.push(said.clone()),
            }
        }
        made
    }

    /// What a finished draft looks like in the program: the messages of all alternatives, and each whole shape where
    /// there are several.
    pub(super) fn prompt(&self, draft: &Draft) -> Prompt {
        let mut prompt = Prompt { complete: draft.complete, ..Prompt::default() };
        let mut size = 0;
        let mut whole = Vec::new();
        Said::messages(&draft.messages, &mut |role, pieces| whole.push((role.clone(), joined(pieces))));
        prompt.messages = self.finished(&whole, &mut size, &mut prompt.complete);
        let shapes = Said::shapes(&draft.messages).min(SHAPES);
        if shapes > 1 {
            for number in 0..shapes {
                let mut shape = Vec::new();
                Said::shape(&draft.messages, number, &mut shape);
                let (before, mut complete) = (size, true);
                let shape = self.finished(&shape, &mut size, &mut complete);
                if !complete {
                    size = before;
                } else if !shape.is_empty() && !prompt.candidates.contains(&shape) {
                    prompt.candidates.push(shape);
                }
            }
        }
        if shapes > 1 && prompt.candidates.is_empty() {
            // Too long to be shown all: one of them is what is sent, and not all in a row.
            let mut shape = Vec::new();
            Said::shape(&draft.messages, 0, &mut shape);
            prompt.messages = self.finished(&shape, &mut 0, &mut prompt.complete);
            prompt.complete = false;
        }
        if prompt.candidates.len() == 1 {
            prompt.messages = prompt.candidates.remove(0);
        }
        prompt
    }

    /// Messages as they are kept, as far as the bound on their size goes.
    fn finished(&self, messages: &[(SmolStr, Vec<TextPiece>)], size: &mut usize, complete: &mut bool) -> Vec<Message> {
        let mut finished = Vec::new();
        for (role, pieces) in messages {
            let mut out: Vec<Piece> = Vec::new();
            for piece in pieces {
                match piece {
                    TextPiece::Lit(text, span) => {
                        *size += text.len();
                        if *size > TEXT {
                            *complete = false;
                            break;
                        }
                        out.push(Piece::Text(text.to_string(), *span));
                    }
                    TextPiece::Hole(hole) => out.push(Piece::Hole(self.finished_hole(hole))),
                    TextPiece::Choice(_) => {}
                }
            }
            finished.push(Message { role: role.to_string(), pieces: out });
        }
        finished
    }

    fn finished_hole(&self, hole: &HoleValue) -> Hole {
        let (shape, origin, because) = self.hole_shape(hole);
        Hole { name: hole.name.to_string(), span: hole.span, shape, origin, because }
    }
}
