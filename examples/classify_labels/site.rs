//! Calls built from labelled prompts, without any code around them.

use scriptworthy::program::*;
use scriptworthy::source::{FileId, Language, SourceFile, Span};
use serde_json::Value;

/// Whether the labelled forms of the inputs are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shapes {
    /// As the labels give them.
    Given,
    /// Names alone.
    Names,
}

/// A call and the program that holds it.
pub fn build(row: &Value, shapes: Shapes) -> Program {
    let text = row["prompt"].as_str().unwrap_or_default();
    let language = if row["language"] == "typescript" { Language::TypeScript } else { Language::Python };
    let file = SourceFile::new("labelled.py", language, text.into());
    let whole = span(0, text.len());
    let mut params = Params {
        temperature: row["temperature"].as_f64(),
        max_tokens: row["max_tokens"].as_u64(),
        ..Params::default()
    };
    params.places = Vec::new();
    let call = CallSite {
        span: whole,
        callee_span: whole,
        callee: "ask".into(),
        symbol: String::new(),
        function: whole,
        language,
        sdk: "openai".into(),
        operation: "chat".into(),
        kind: CallKind::Chat,
        role: CallRole::Direct,
        via: Vec::new(),
        weak: false,
        model: Model { id: None, origin: ModelOrigin::Unpinned, candidates: Vec::new(), place: None },
        prompt: Prompt { messages: messages(text, &row["inputs"], shapes), complete: true, ..Prompt::default() },
        params,
        answer: Answer { usage: usage(row["output_use"].as_str().unwrap_or_default()), reads: Vec::new() },
        repeats: Repeats { kind: LoopKind::None, bound: None, place: None },
        surroundings: Surroundings {
            function_name: row["function_name"].as_str().unwrap_or_default().to_owned(),
            ..Surroundings::default()
        },
        flow: Flow::default(),
    };
    Program { files: vec![file], calls: vec![call], ..Program::default() }
}

fn span(start: usize, end: usize) -> Span {
    Span { file: FileId(0), start: start as u32, end: end as u32 }
}

fn messages(text: &str, inputs: &Value, shapes: Shapes) -> Vec<Message> {
    let mut marks: Vec<(usize, usize, &str)> = Vec::new();
    for (mark, role) in [("[system]", "system"), ("[user]", "user")] {
        marks.extend(text.match_indices(mark).map(|(at, _)| (at, at + mark.len(), role)));
    }
    marks.sort_unstable();
    let mut found = Vec::new();
    let first = marks.first().map_or(text.len(), |mark| mark.0);
    if !text[..first].trim().is_empty() {
        found.push(Message { role: "user".into(), pieces: pieces(text, 0, first, inputs, shapes) });
    }
    for (at, &(_, start, role)) in marks.iter().enumerate() {
        let end = marks.get(at + 1).map_or(text.len(), |mark| mark.0);
        found.push(Message { role: role.into(), pieces: pieces(text, start, end, inputs, shapes) });
    }
    found
}

fn pieces(text: &str, start: usize, end: usize, inputs: &Value, shapes: Shapes) -> Vec<Piece> {
    let (mut found, mut from, mut at) = (Vec::new(), start, start);
    while let Some(open) = text[at..end].find('{').map(|found| at + found) {
        let Some(close) = text[open..end].find('}').map(|found| open + found) else { break };
        let name = &text[open + 1..close];
        at = open + 1;
        let known = inputs.as_array().into_iter().flatten().find(|input| input["name"] == name);
        if known.is_none() && !is_expression(name) {
            continue;
        }
        if open > from {
            found.push(Piece::Text(text[from..open].to_owned(), span(from, open)));
        }
        let shape = match (shapes, known) {
            (Shapes::Given, Some(input)) => shape(input["shape"].as_str().unwrap_or_default()),
            _ => Shape::Unknown,
        };
        let hole =
            Hole { name: name.into(), span: span(open, close + 1), shape, origin: Origin::Unknown, because: None };
        found.push(Piece::Hole(hole));
        (from, at) = (close + 1, close + 1);
    }
    if end > from {
        found.push(Piece::Text(text[from..end].to_owned(), span(from, end)));
    }
    found
}

/// Whether braces hold an expression, not JSON or prose.
fn is_expression(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || "_.[]()|+-' 0123456789".contains(c))
        && (!text.contains(' ') || text.contains(['|', '+']))
}

fn shape(name: &str) -> Shape {
    match name {
        "free-text" | "email" => Shape::FreeText,
        "string" => Shape::Identifier,
        "number" => Shape::Number,
        "enum" => Shape::Enum,
        "date-string" | "iso-date" => Shape::Date,
        "json" | "yaml" => Shape::Json,
        "list" => Shape::List,
        "html" | "markdown" => Shape::Html,
        "csv" => Shape::Csv,
        "url" => Shape::Url,
        "code" => Shape::Code,
        _ => Shape::Unknown,
    }
}

fn usage(name: &str) -> AnswerUse {
    match name {
        "text" => AnswerUse::Text,
        "json" => AnswerUse::Json,
        "bool" => AnswerUse::Bool,
        "number" => AnswerUse::Number,
        "enum" => AnswerUse::Enum,
        "date" => AnswerUse::Date,
        "list" => AnswerUse::List,
        "code" => AnswerUse::Code,
        _ => AnswerUse::Unknown,
    }
}
