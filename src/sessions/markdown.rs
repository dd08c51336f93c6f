//! Definitions of agents, commands and prompts: a head in YAML and a text, of which places are filled when it is used.

use super::command::{file_hole, hole, output_hole};
use super::pieces::{Layout, Said, identifier};
use crate::catalog::session::SessionTables;
use crate::data::{self, DataKind, Notation};
use crate::program::{Origin, Piece, Shape};
use crate::source::FileId;

/// A key of a head with its text, and where the text stands.
type Entry = (String, String, (usize, usize));

/// What a file defines.
#[derive(Debug)]
pub(super) struct Definition {
    /// Its name, if the head gives one.
    pub name: Option<String>,
    /// What it says; the model's place is in the file.
    pub said: Said,
    /// First byte of its text that is no white space, and one past the last.
    pub body: (usize, usize),
}

/// Reads a definition; `None` where the head lacks what `heads` asks for, or the text is empty.
///
/// # Errors
/// The head does not end.
pub(super) fn definition(file: FileId, text: &str, heads: &[Vec<String>]) -> Result<Option<Definition>, &'static str> {
    let (head, start) = head(text)?;
    let has = |key: &String| head.iter().any(|entry| entry.0 == *key);
    if !heads.is_empty() && !heads.iter().any(|keys| keys.iter().all(has)) {
        return Ok(None);
    }
    let body = &text[start..];
    let from = start + (body.len() - body.trim_start().len());
    let to = start + body.trim_end().len();
    if to <= from {
        return Ok(None);
    }
    let value = |key: &str| head.iter().find(|entry| entry.0 == key && !entry.1.trim().is_empty());
    let mut said = Said::default();
    if let Some((_, text, at)) = value("description") {
        let layout = Layout::plain(file, at.0, at.1 - at.0);
        said.add("system", vec![Piece::Text(text.clone(), layout.span((0, at.1 - at.0)))]);
    }
    let hint = value("argument-hint").map(|entry| identifier(&entry.1));
    for (role, start, end) in turns(text, from, to) {
        let layout = Layout::plain(file, 0, text.len());
        said.add(role, pieces(&text[start..end], start, &layout, hint.as_deref()));
    }
    let unset = |name: &str| matches!(name, "inherit" | "default" | "auto");
    said.model =
        value("model").filter(|entry| !unset(entry.1.trim())).map(|entry| (entry.1.trim().to_owned(), entry.2));
    Ok(Some(Definition { name: value("name").map(|entry| entry.1.trim().to_owned()), said, body: (from, to) }))
}

/// The head of a file, and where its text starts.
///
/// # Errors
/// The head does not end.
fn head(text: &str) -> Result<(Vec<Entry>, usize), &'static str> {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let first = text[mark..].lines().next().unwrap_or_default();
    if first.trim_end() != "---" {
        return Ok((Vec::new(), mark));
    }
    let start = text[mark..].find('\n').map_or(text.len(), |line| mark + line + 1);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok((entries(&text[start..at], start), at + line.len()));
        }
        at += line.len();
    }
    Err("unclosed-head")
}

/// The keys of a head. Many heads are no valid YAML, as a colon stands in a description: those are read line by line.
fn entries(head: &str, offset: usize) -> Vec<Entry> {
    if let Some(DataKind::Record(entries)) = data::read(head, Notation::Yaml).map(|data| data.kind) {
        return entries
            .iter()
            .map(|(key, value)| {
                let at = (offset + value.start as usize, offset + (value.end as usize).min(head.len()));
                (key.to_string(), value.as_text().unwrap_or_default().to_owned(), at)
            })
            .collect();
    }
    let mut found = Vec::new();
    let mut at = offset;
    for line in head.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once(':')
            && !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        {
            let text = value.trim();
            let start = at + key.len() + 1 + (value.len() - value.trim_start().len());
            found.push((key.to_owned(), text.trim_matches(['"', '\'']).to_owned(), (start, start + text.len())));
        }
        at += line.len();
    }
    found
}

/// The turns of a text that are marked by lines such as `system:`; all of it is the user's if none is.
fn turns(text: &str, from: usize, to: usize) -> Vec<(&'static str, usize, usize)> {
    let mut found: Vec<(&'static str, usize, usize)> = Vec::new();
    let (mut role, mut start, mut at) = ("user", from, from);
    for line in text[from..to].split_inclusive('\n') {
        let next = match line.trim_end() {
            "system:" => Some("system"),
            "user:" => Some("user"),
            "assistant:" => Some("assistant"),
            _ => None,
        };
        if let Some(next) = next {
            found.push((role, start, at));
            (role, start) = (next, at + line.len());
        }
        at += line.len();
    }
    found.push((role, start.min(to), to));
    found.retain(|&(_, start, end)| !text[start..end].trim().is_empty());
    found
}

/// The text with its places: arguments, files that are named or taken in, output of commands.
fn pieces(text: &str, offset: usize, layout: &Layout, hint: Option<&str>) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let (length, piece) = match place(rest, at == 0 || text[..at].ends_with(is_border), hint) {
            Some((length, make)) => (length, Some(make)),
            None => (rest.chars().next().map_or(1, char::len_utf8), None),
        };
        if let Some(place) = piece {
            if plain < at {
                let span = layout.span((offset + plain, offset + at));
                found.push(Piece::Text(text[plain..at].to_owned(), span));
            }
            let span = layout.span((offset + at, offset + at + length));
            found.extend(match place {
                Place::Comment => None,
                Place::File(name) => Some(Piece::Hole(file_hole(&name, span))),
                Place::Output(source) => Some(Piece::Hole(output_hole(&source, span))),
                Place::Value(name) => Some(Piece::Hole(hole(name, Shape::Unknown, Origin::Parameter, None, span))),
            });
            plain = at + length;
        }
        at += length;
    }
    if plain < text.len() {
        let span = layout.span((offset + plain, offset + text.len()));
        found.push(Piece::Text(text[plain..].to_owned(), span));
    }
    found
}

enum Place {
    /// A suppression: it says nothing to the model.
    Comment,
    File(String),
    Output(String),
    Value(String),
}

fn is_border(c: char) -> bool {
    !(c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-' | '@' | '$'))
}

/// What stands at the start of a text, and how long it is.
fn place(rest: &str, begins: bool, hint: Option<&str>) -> Option<(usize, Place)> {
    let argument = || hint.unwrap_or("arguments").to_owned();
    if rest.starts_with("<!-- scriptworthy:") {
        return Some((rest.find("-->")? + 3, Place::Comment));
    }
    if let Some(inner) = rest.strip_prefix("!`") {
        let length = inner.find(['`', '\n']).filter(|&at| inner[at..].starts_with('`'))?;
        return Some((length + 3, Place::Output(inner[..length].to_owned())));
    }
    if rest.starts_with("$ARGUMENTS") {
        return Some(("$ARGUMENTS".len(), Place::Value(argument())));
    }
    if let Some(inner) = rest.strip_prefix("${") {
        let length = inner.find(['}', '\n']).filter(|&at| inner[at..].starts_with('}'))?;
        let name = inner[..length].trim_start_matches("input:").split(':').next().unwrap_or_default();
        return Some((length + 3, Place::Value(identifier(name))));
    }
    if rest.starts_with('$') && rest[1..].starts_with(|c: char| c.is_ascii_digit()) && begins {
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        let price = rest[1 + digits..].starts_with(['.', ',']) || digits > 1;
        return (!price).then(|| (2, Place::Value(argument())));
    }
    if !begins {
        return None;
    }
    let taken_in = rest.starts_with('@');
    let name = &rest[usize::from(taken_in)..];
    if !name.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '~' | '_')) {
        return None;
    }
    let length = name.find(|c: char| is_border(c) && !matches!(c, '~' | '*')).unwrap_or(name.len());
    let name = name[..length].trim_end_matches(['.', '-', '/']);
    let shape = SessionTables::embedded().of_file(name)?;
    let formal = matches!(shape, Shape::Json | Shape::Csv | Shape::Html);
    let is_file = name.len() > 4 && (taken_in || formal);
    is_file.then(|| (name.len() + usize::from(taken_in), Place::File(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Definition {
        definition(FileId(0), text, &[]).expect("a head that ends").expect("a text")
    }

    fn told(text: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for message in read(text).said.messages {
            let mut out = String::new();
            for piece in message.pieces {
                match piece {
                    Piece::Text(text, _) => out.push_str(&text),
                    Piece::Hole(hole) => out.push_str(&format!("{{{}:{}}}", hole.name, hole.shape.name())),
                }
            }
            all.push((message.role, out));
        }
        all
    }

    #[test]
    fn a_head_that_is_no_yaml_is_read_by_lines() {
        let text = "---\nname: a\ndescription: Use it: now: \"x\n  y\nmodel: opus\n---\n\nDo it.\n";
        let found = read(text);
        assert_eq!(found.name.as_deref(), Some("a"));
        let (model, at) = found.said.model.expect("a model");
        assert_eq!((model.as_str(), &text[at.0..at.1]), ("opus", "opus"));
        assert_eq!(&text[found.body.0..found.body.1], "Do it.");
    }

    #[test]
    fn files_arguments_and_outputs_are_values() {
        let said = told(
            "Bring @data/prices.csv and rows.json, $ARGUMENTS, ${input:when:a day} and !`git log` to YAML for $1.50.",
        );
        let wanted = "Bring {prices_csv:csv} and {rows_json:json}, {arguments:unknown}, {when:unknown} and {git_log:free-text} to YAML for $1.50.";
        assert_eq!(said, [("user".to_owned(), wanted.to_owned())]);
    }

    #[test]
    fn turns_are_told_apart() {
        let said = told("system:\nYou sort.\n\nuser:\n{{rows}}\n");
        assert_eq!(said[0], ("system".to_owned(), "You sort.\n\n".to_owned()));
        assert_eq!(said[1], ("user".to_owned(), "{{rows}}".to_owned()));
    }

    #[test]
    fn a_head_without_an_end_is_an_error_and_one_that_lacks_a_key_is_none() {
        assert!(definition(FileId(0), "---\nname: x\n", &[]).is_err());
        let heads = [vec!["model".to_owned()]];
        assert!(definition(FileId(0), "---\nname: x\n---\nDo it.", &heads).expect("it ends").is_none());
    }
}
