//! Work that a model is given with no code around it: agents, commands and prompts in files of their own, steps of
//! workflows and shell scripts that run a model's command line.
//!
//! Which files hold such work, and what is known of the values in it, is data in `queries/sessions/`; the command lines
//! are those of the SDK table for programs. To add a kind of file: a `[[form]]` there. This module reads; what a session
//! is worth is judged as of any call.

mod command;
mod markdown;
mod pieces;
mod shell;
mod workflow;

use crate::catalog::sdk::SdkCatalog;
use crate::catalog::session::{Form, Reader, SessionTables};
use crate::data::{self, Data, DataKind, Notation};
use crate::program::{
    Answer, AnswerUse, CallKind, CallRole, CallSite, Flow, LoopKind, Message, Model, ModelOrigin, Params, Piece,
    Prompt, Repeats, Shape, Surroundings,
};
use crate::source::{FileId, Language, Span};
use pieces::{Layout, Said};

/// The name that reports give to the SDK of such calls.
pub const SDK: &str = "session";

/// Bytes of a file beyond which it is not read: what people write for a model is far shorter.
pub const LONGEST: u64 = 256 << 10;

/// The form of the file at a relative path, if it can hold sessions.
pub fn form_of(path: &str) -> Option<&'static Form> {
    SessionTables::embedded().form_of(path)
}

/// A session before it is a call.
#[derive(Debug)]
struct Found {
    callee: String,
    callee_span: Span,
    span: Span,
    said: Said,
    model: Option<(String, Span)>,
    kind: CallKind,
    usage: (AnswerUse, Option<Span>),
}

/// Whether a text names a program or step that runs a model: a quick look before anything is read.
pub fn is_relevant(form: &Form, text: &str) -> bool {
    if !matches!(form.reader, Reader::Workflow | Reader::Shell) {
        return true;
    }
    let programs = SdkCatalog::embedded().sdks().iter().flat_map(|sdk| &sdk.programs);
    let mut names = programs.filter(|program| program.asks()).flat_map(|program| &program.names);
    let mut steps = SessionTables::embedded().actions.iter().flat_map(|action| &action.uses);
    names.any(|name| text.contains(name.as_str())) || steps.any(|name| text.contains(name.as_str()))
}

/// The sessions of a file, in order of the file.
///
/// # Errors
/// The reason why it cannot be read: `malformed`, `unclosed-head`.
pub fn read(file: FileId, form: &Form, path: &str, text: &str) -> Result<Vec<CallSite>, &'static str> {
    let whole = Span { file, start: 0, end: text.len() as u32 };
    let found = match form.reader {
        Reader::Workflow => {
            let data = data::read(text, Notation::Yaml).ok_or("malformed")?;
            workflow::steps(file, text, &data)
        }
        Reader::Shell => {
            let layout = Layout::plain(file, 0, text.len());
            let script = command::Script::new(text, &layout);
            script.runs().into_iter().map(|run| found_run(run, &layout)).collect()
        }
        Reader::Markdown => {
            let definition = markdown::definition(file, text, &form.heads)?;
            definition.into_iter().map(|definition| found_definition(file, form, path, text, definition)).collect()
        }
        Reader::Messages | Reader::Record => {
            let toml = path.ends_with(".toml");
            let data = data::read(text, if toml { Notation::Toml } else { Notation::Yaml }).ok_or("malformed")?;
            record(file, form, path, text, &data).into_iter().collect()
        }
    };
    Ok(found.into_iter().map(|found| site(found, form, whole)).collect())
}

fn found_run(run: command::Run, layout: &Layout) -> Found {
    let model = run.said.model.as_ref().map(|(name, at)| (name.clone(), layout.span(*at)));
    Found {
        callee: run.program,
        callee_span: layout.span(run.name),
        span: layout.span(run.whole),
        model,
        kind: CallKind::Chat,
        usage: (run.usage.0, run.usage.1.map(|at| layout.span(at))),
        said: run.said,
    }
}

fn found_definition(file: FileId, form: &Form, path: &str, text: &str, definition: markdown::Definition) -> Found {
    let (start, end) = definition.body;
    let line = text[start..end].find('\n').map_or(end, |line| start + line);
    let span = |start: usize, end: usize| Span { file, start: start as u32, end: end as u32 };
    let model = definition.said.model.as_ref().map(|(name, at)| (name.clone(), span(at.0, at.1)));
    Found {
        callee: definition.name.unwrap_or_else(|| stem(path)),
        callee_span: span(start, start + text[start..line].trim_end().len()),
        span: span(start, end),
        said: definition.said,
        model,
        kind: form.kind,
        usage: (AnswerUse::Unknown, None),
    }
}

/// A record with a prompt, or with messages.
fn record(file: FileId, form: &Form, path: &str, source: &str, data: &Data) -> Option<Found> {
    let place = |value: &Data| Span { file, start: value.start, end: value.end };
    let pieces = |value: &Data| {
        let text = value.as_text().unwrap_or_default();
        let layout = Layout::found(file, source, (value.start as usize, value.end as usize), text);
        vec![Piece::Text(text.to_owned(), layout.span((0, text.len())))]
    };
    let mut said = Said::default();
    if let Some(about) = data.get("description").filter(|value| value.as_text().is_some()) {
        said.add("system", pieces(about));
    }
    let mut first: Option<Span> = None;
    if let Some(prompt) = data.get("prompt").filter(|value| value.as_text().is_some()) {
        first = Some(place(prompt));
        said.add("user", pieces(prompt));
    }
    if let Some(DataKind::List(messages)) = data.get("messages").map(|value| &value.kind) {
        for message in messages.iter() {
            let Some(content) = message.get("content").filter(|value| value.as_text().is_some()) else { continue };
            first.get_or_insert(place(content));
            said.add(message.get("role").and_then(Data::as_text).unwrap_or("user"), pieces(content));
        }
    }
    let model = data.get("model").and_then(|value| Some((value.as_text()?.to_owned(), place(value))));
    let span = first?;
    Some(Found {
        callee: stem(path),
        callee_span: span,
        span,
        said,
        model,
        kind: form.kind,
        usage: (AnswerUse::Unknown, None),
    })
}

/// The name of a file without its endings.
fn stem(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or_default().to_owned()
}

fn site(found: Found, form: &Form, whole: Span) -> CallSite {
    let (id, place) = match found.model {
        Some((name, place)) => (Some(name), Some(place)),
        None => (None, None),
    };
    let origin = if id.is_some() { ModelOrigin::Literal } else { ModelOrigin::Unpinned };
    let (usage, read) = found.usage;
    // A value that brings instructions is a part of the task that is not read.
    let brings = |piece: &Piece| match piece {
        Piece::Hole(hole) => hole.shape == Shape::Unknown && SessionTables::embedded().is_instruction(&hole.name),
        Piece::Text(..) => false,
    };
    // `/name` runs a command whose text stands in a file of its own.
    let is_command = |message: &Message| {
        let Some(Piece::Text(text, _)) = message.pieces.first() else { return false };
        text.trim_start().strip_prefix('/').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    let partial = found.said.messages.iter().any(is_command)
        || found.said.partial
        || found.said.messages.iter().flat_map(|message| &message.pieces).any(brings);
    CallSite {
        span: found.span,
        callee_span: found.callee_span,
        callee: found.callee,
        symbol: String::new(),
        function: whole,
        language: Language::Text,
        sdk: SDK.to_owned(),
        operation: form.id.clone(),
        kind: found.kind,
        role: CallRole::Session,
        via: Vec::new(),
        weak: false,
        model: Model { candidates: id.iter().cloned().collect(), id, origin, place },
        prompt: Prompt { messages: found.said.messages, complete: !partial, ..Prompt::default() },
        params: Params { open: true, ..Params::default() },
        answer: Answer { usage, reads: read.map(|span| (span, "written".to_owned())).into_iter().collect() },
        repeats: Repeats { kind: LoopKind::None, bound: None, place: None },
        surroundings: Surroundings::default(),
        flow: Flow::default(),
    }
}

/// The comments of a session file that name this tool: `# scriptworthy: …` in YAML, shells and heads,
/// `<!-- scriptworthy: … -->` in texts.
pub fn notes(file: FileId, text: &str) -> Vec<Span> {
    const NAME: &str = "scriptworthy:";
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(name) = line.find(NAME) {
            let before = line[..name].trim_end();
            let mark = if before.ends_with("<!--") { 4 } else { usize::from(before.ends_with('#')) };
            let rest = line[name..].trim_end();
            let end = if mark == 4 { rest.find("-->").map(|end| end + 3) } else { Some(rest.len()) };
            if let (true, Some(end)) = (mark > 0, end) {
                let span = (start + before.len() - mark, start + name + end);
                found.push(Span { file, start: span.0 as u32, end: span.1 as u32 });
            }
        }
        start += line.len();
    }
    found
}
