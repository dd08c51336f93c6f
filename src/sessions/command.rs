//! Command lines that ask a model: which of a script's commands do, and what they ask.

use std::collections::BTreeMap;

use super::pieces::{Layout, Said, identifier};
use super::shell::{Command, Fed, How, Part, Value, Word, commands, parts};
use crate::catalog::sdk::{Program, SdkCatalog};
use crate::catalog::session::SessionTables;
use crate::program::{AnswerUse, Hole, Origin, Piece, Shape};

/// Variables within variables that are followed.
const DEEPEST: usize = 6;

/// Pieces of one prompt.
const MOST_PIECES: usize = 2_000;

/// A command that asks a model.
#[derive(Debug)]
pub(super) struct Run {
    /// The program.
    pub program: String,
    /// What it is told, without places yet.
    pub said: Said,
    /// Bytes of the script: the program's name, and the command.
    pub name: (usize, usize),
    /// The command.
    pub whole: (usize, usize),
    /// What becomes of the answer, and where that stands.
    pub usage: (AnswerUse, Option<(usize, usize)>),
}

/// Texts that variables of a script hold; `None` for those that are set more than once.
type Variables = BTreeMap<String, Option<Vec<Part>>>;

/// What reading the commands of one script needs.
pub(super) struct Script<'s> {
    text: &'s str,
    all: Vec<Command>,
    variables: Variables,
    layout: &'s Layout,
}

impl<'s> Script<'s> {
    /// Reads a script.
    pub fn new(text: &'s str, layout: &'s Layout) -> Self {
        let all = commands(text);
        let variables = variables(&all);
        Self { text, all, variables, layout }
    }

    /// The commands that ask a model.
    pub fn runs(&self) -> Vec<Run> {
        let programs: Vec<&Program> = SdkCatalog::embedded()
            .sdks()
            .iter()
            .flat_map(|sdk| &sdk.programs)
            .filter(|program| program.asks())
            .collect();
        let mut found: Vec<Run> = self.all.iter().enumerate().filter_map(|(at, _)| self.run(at, &programs)).collect();
        found.sort_by_key(|run| run.name);
        found
    }

    fn run(&self, at: usize, programs: &[&Program]) -> Option<Run> {
        let command = &self.all[at];
        let first = command.words.iter().position(|word| !goes_before(word))?;
        let words = &command.words[first..];
        let (word, rest) = words.split_first()?;
        let name = word.text()?.trim_start_matches(['@', '-']).rsplit('/').next()?;
        let program = programs.iter().find(|program| program.names.iter().any(|known| known == name))?;
        let sub = rest.first().and_then(Word::text).unwrap_or_default();
        let flagged = rest.iter().filter_map(Word::text).any(|text| program.prompt_flags.iter().any(|own| own == text));
        let subbed = program.subcommands.iter().any(|own| own == sub);
        let plain = program.prompt_flags.is_empty()
            && program.subcommands.is_empty()
            && !program.not_subcommands.iter().any(|own| own == sub);
        if !(flagged || subbed || plain) {
            return None;
        }
        let mut said = Said::default();
        let mut asked = false;
        let mut rest = rest.iter().skip(usize::from(subbed)).peekable();
        if program.model_after_subcommand {
            said.model = rest.next().and_then(|word| Some((word.text()?.to_owned(), (word.start, word.end))));
        }
        while let Some(word) = rest.next() {
            let is = |list: &[String]| list.iter().any(|own| word.text() == Some(own));
            if is(&program.model_flags) {
                let next = rest.next();
                said.model = next.and_then(|word| Some((word.text()?.to_owned(), (word.start, word.end))));
            } else if is(&program.system_flags) {
                said.add("system", rest.next().map(|word| self.pieces(&word.parts)).unwrap_or_default());
            } else if is(&program.value_flags) {
                rest.next();
            } else if is(&program.prompt_flags) || word.text() == Some("-") {
            } else if word.head().starts_with('-') {
                // A flag that the table does not know: a value of one word behind it is its own.
                let value = rest.peek().and_then(|next| next.text()).is_some_and(is_plain);
                if word.head().starts_with("--") && !word.head().contains('=') && value {
                    rest.next();
                }
            } else if !asked {
                asked = true;
                said.add("user", self.pieces(&word.parts));
            }
        }
        let fed = self.fed(command, 0);
        if !fed.is_empty() {
            said.add("user", fed);
        }
        if said.messages.is_empty() {
            return None;
        }
        let last = command.words.last().map_or(word.end, |word| word.end);
        Some(Run {
            program: name.to_owned(),
            said,
            name: (word.start, word.end),
            whole: (word.start, last),
            usage: self.usage(at),
        })
    }

    /// What becomes of what a command prints, by the file that it is written to or the program that reads it.
    fn usage(&self, at: usize) -> (AnswerUse, Option<(usize, usize)>) {
        let command = &self.all[at];
        let tables = SessionTables::embedded();
        if let Some(file) = &command.writes {
            let shape = file.text().and_then(|name| tables.of_file(name));
            let usage = if shape == Some(Shape::Json) { AnswerUse::Json } else { AnswerUse::Text };
            return (usage, Some((file.start, file.end)));
        }
        let reader = self.all.get(at + 1).filter(|_| command.piped);
        let shape = reader.and_then(|reader| tables.of_command(reader.words.first()?.text()?));
        match (reader, shape) {
            (Some(reader), Some(Shape::Json)) => {
                (AnswerUse::Json, reader.words.first().map(|word| (word.start, word.end)))
            }
            _ => (AnswerUse::Unknown, None),
        }
    }

    /// What a command reads, as pieces of a prompt.
    fn fed(&self, command: &Command, depth: usize) -> Vec<Piece> {
        match &command.fed {
            Fed::Nothing => Vec::new(),
            Fed::Text(parts) => self.pieces(parts),
            Fed::File(word) => vec![self.file(word.text().unwrap_or_default(), (word.start, word.end))],
            Fed::By(number) => {
                let (Some(giver), true) = (self.all.get(*number), depth < DEEPEST) else { return Vec::new() };
                self.printed(giver, depth + 1)
            }
        }
    }

    /// What a command prints.
    fn printed(&self, command: &Command, depth: usize) -> Vec<Piece> {
        let (Some(first), Some(last)) = (command.words.first(), command.words.last()) else { return Vec::new() };
        let name = first.text().unwrap_or_default();
        let tables = SessionTables::embedded();
        if tables.passes_on(name) {
            let plain = |word: &&Word| !word.head().starts_with('-');
            let mut further = command.words[1..].iter().filter(plain).peekable();
            if further.peek().is_none() || command.fed != Fed::Nothing {
                return self.fed(command, depth);
            }
            if name == "echo" || name == "printf" {
                return further.flat_map(|word| self.pieces(&word.parts)).collect();
            }
            if let Some(file) = further.last().filter(|word| word.text().is_some()) {
                return vec![self.file(file.text().unwrap_or_default(), (file.start, file.end))];
            }
        }
        let source = self.text.get(first.start..last.end).unwrap_or_default();
        vec![self.output(source, (first.start, last.end))]
    }

    /// A file as a value.
    fn file(&self, name: &str, at: (usize, usize)) -> Piece {
        Piece::Hole(file_hole(name, self.layout.span(at)))
    }

    /// The output of commands as a value.
    fn output(&self, source: &str, at: (usize, usize)) -> Piece {
        Piece::Hole(output_hole(source, self.layout.span(at)))
    }

    /// The pieces of a word.
    fn pieces(&self, parts: &[Part]) -> Vec<Piece> {
        let mut found = Vec::new();
        self.expand(parts, 0, &mut found);
        found
    }

    fn expand(&self, parts: &[Part], depth: usize, into: &mut Vec<Piece>) {
        for part in parts {
            if into.len() >= MOST_PIECES {
                return;
            }
            match part {
                Part::Text(text, start, end) => into.push(Piece::Text(text.clone(), self.layout.span((*start, *end)))),
                Part::Value(value) => {
                    let known = self.variables.get(&value.source).and_then(Option::as_ref);
                    match known.filter(|_| value.how == How::Variable && depth < DEEPEST) {
                        Some(parts) => self.expand(parts, depth + 1, into),
                        None => self.value(value, into),
                    }
                }
            }
        }
    }

    fn value(&self, value: &Value, into: &mut Vec<Piece>) {
        let at = (value.start, value.end);
        if value.how == How::Output {
            // `$(cat <<EOF ...)` is the text itself. Its commands are in the list: the first one that begins in it.
            let within = |word: &Word| value.start < word.start && word.end <= value.end;
            let inner = self.all.iter().find(|command| command.words.first().is_some_and(within));
            if let Some(inner) = inner
                && inner
                    .words
                    .first()
                    .and_then(Word::text)
                    .is_some_and(|name| SessionTables::embedded().passes_on(name))
                && !inner.piped
            {
                into.extend(self.printed(inner, DEEPEST - 1));
                return;
            }
        }
        into.push(Piece::Hole(value_hole(value, self.layout.span(at))));
    }
}

/// Whether a word goes before the program: a setting, a program that runs another, its flags and numbers.
fn goes_before(word: &Word) -> bool {
    let head = word.head();
    if assigned(head).is_some() {
        return true;
    }
    let Some(text) = word.text() else { return false };
    let number = text.starts_with(|c: char| c.is_ascii_digit())
        && text.trim_end_matches(['s', 'm', 'h']).bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    number
        || text == "*"
        || text.starts_with('-')
        || text.starts_with("*/")
        || SessionTables::embedded().is_runner(text)
}

/// The name that a word sets: `NAME` of `NAME=text`.
fn assigned(head: &str) -> Option<&str> {
    let (name, _) = head.split_once('=')?;
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then_some(name)
}

/// Whether a text is one plain word, as the values of flags are.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_whitespace)
}

fn variables(all: &[Command]) -> Variables {
    let mut found = Variables::new();
    for command in all {
        let declared =
            |word: &Word| matches!(word.text(), Some("export" | "local" | "readonly" | "declare" | "typeset"));
        let skip = usize::from(command.words.first().is_some_and(declared));
        let words = command.words.iter().skip(skip);
        for word in words.take_while(|word| assigned(word.head()).is_some() || word.head().contains("+=")) {
            let name = word.head().split(['=', '+']).next().unwrap_or_default().to_owned();
            let mut parts = word.parts.clone();
            if let Some(Part::Text(text, start, _)) = parts.first_mut() {
                let cut = text.find('=').map_or(text.len(), |at| at + 1);
                *start += cut;
                text.drain(..cut);
            }
            let once = !found.contains_key(&name) && assigned(word.head()).is_some();
            found.insert(name, once.then_some(parts));
        }
    }
    found
}

/// A value of a shell or a workflow, by what is written in its place.
fn value_hole(value: &Value, span: crate::source::Span) -> Hole {
    let tables = SessionTables::embedded();
    match value.how {
        How::Output => output_hole(&value.source, span),
        How::Variable => {
            let numbered =
                value.source.bytes().all(|byte| byte.is_ascii_digit()) || matches!(&*value.source, "@" | "*");
            let name = if numbered { "arguments".to_owned() } else { value.source.to_lowercase() };
            hole(name, Shape::Unknown, Origin::Parameter, None, span)
        }
        How::Expression => {
            let shape = tables.of_expression(&value.source);
            let user = value.source.starts_with("github.event");
            let origin = if user { Origin::User } else { Origin::Parameter };
            let because = shape.map(|_| format!("`{}`", value.source));
            hole(identifier(&value.source), shape.unwrap_or(Shape::Unknown), origin, because, span)
        }
    }
}

/// What commands print: named by what they read or by the command.
pub(super) fn output_hole(source: &str, span: crate::source::Span) -> Hole {
    let tables = SessionTables::embedded();
    let mut last = None;
    for part in source.split('|').rev() {
        let words: Vec<&str> = part.split_whitespace().collect();
        let Some(program) = words.first() else { continue };
        if tables.passes_on(program) {
            match words[1..].iter().rev().find(|word| !word.starts_with('-') && word.contains('.')) {
                Some(file) => return file_hole(file.trim_matches(['"', '\'']), span),
                None => continue,
            }
        }
        last.get_or_insert(part);
        if let Some(shape) = tables.of_command(part.trim()) {
            let because = Some(format!("`{}` prints it", words.iter().take(2).copied().collect::<Vec<_>>().join(" ")));
            return hole(identifier(&words[..words.len().min(2)].join("_")), shape, Origin::Computed, because, span);
        }
    }
    hole(identifier(last.unwrap_or(source)), Shape::Unknown, Origin::Computed, None, span)
}

/// What a file holds, by its name.
pub(super) fn file_hole(name: &str, span: crate::source::Span) -> Hole {
    let tables = SessionTables::embedded();
    let own = name.rsplit('/').next().unwrap_or(name);
    let shape = tables.of_file(name);
    // What a text asks that is named as instructions is not known.
    if shape.is_none_or(|shape| shape == Shape::FreeText) && tables.is_instruction(name) {
        return hole("instructions".to_owned(), Shape::Unknown, Origin::Document, None, span);
    }
    let stem =
        if shape.is_none() || shape == Some(Shape::FreeText) { own.split('.').next().unwrap_or(own) } else { own };
    let because = shape.map(|_| format!("the file is `{own}`"));
    hole(identifier(stem), shape.unwrap_or(Shape::Unknown), Origin::Document, because, span)
}

pub(super) fn hole(
    name: String,
    shape: Shape,
    origin: Origin,
    because: Option<String>,
    span: crate::source::Span,
) -> Hole {
    Hole { name, span, shape, origin, because: because.map(|text| (text, span)) }
}

/// Text of a workflow in which expressions may stand.
pub(super) fn with_expressions(text: &str, layout: &Layout) -> Vec<Piece> {
    // A text of a step is no text of a shell: only `${{ }}` is put in.
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("${{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at + 2) else { break };
        if open > from {
            found.push(Piece::Text(text[from..open].to_owned(), layout.span((from, open))));
        }
        let value = parts(&text[open..close]).into_iter().find_map(|part| match part {
            Part::Value(value) => Some(value_hole(&value, layout.span((open, close)))),
            Part::Text(..) => None,
        });
        found.extend(value.map(Piece::Hole));
        from = close;
    }
    if from < text.len() {
        found.push(Piece::Text(text[from..].to_owned(), layout.span((from, text.len()))));
    }
    found
}
