//! Data files that code reads prompts and settings from: YAML, JSON and TOML as one tree with places.
//!
//! Knows the notations, and nothing of what the data means. Bounded: a file whose aliases stand for more than
//! `NODES` values, or that nests deeper than `LEVELS`, is not read at all.

use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// Values of one file at most, with every alias counted as often as it stands for something.
const NODES: usize = 20_000;

/// Levels of nesting at most.
const LEVELS: usize = 64;

/// A value in a data file.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// What it is.
    pub kind: DataKind,
    /// First byte of it in the file.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// What a value in a data file is.
#[derive(Clone, Debug, PartialEq)]
pub enum DataKind {
    /// Text.
    Text(Rc<str>),
    /// A number as written.
    Number(Rc<str>),
    /// True or false.
    Bool(bool),
    /// Nothing.
    Null,
    /// Values in order.
    List(Rc<Vec<Data>>),
    /// Values by key, in order of the file.
    Record(Rc<Vec<(Rc<str>, Data)>>),
}

/// A notation of data files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `.yaml`, `.yml`.
    Yaml,
    /// `.json`.
    Json,
    /// `.toml`.
    Toml,
}

impl Notation {
    /// The notation that a file name's ending says.
    pub fn of_path(path: &str) -> Option<Self> {
        Some(match path.rsplit_once('.')?.1 {
            "yaml" | "yml" => Self::Yaml,
            "json" => Self::Json,
            "toml" => Self::Toml,
            _ => return None,
        })
    }

    /// The notation that a name in a table means.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "yaml" => Self::Yaml,
            "json" => Self::Json,
            "toml" => Self::Toml,
            _ => return None,
        })
    }
}

impl Data {
    /// The value of a key, if this is a record that has it.
    pub fn get(&self, key: &str) -> Option<&Data> {
        match &self.kind {
            DataKind::Record(entries) => entries.iter().find(|(name, _)| &**name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            DataKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a data file; `None` if it is malformed or beyond the limits.
pub fn read(text: &str, notation: Notation) -> Option<Data> {
    match notation {
        Notation::Yaml => read_yaml(text),
        Notation::Json => {
            let value: serde_json::Value = serde_json::from_str(text).ok()?;
            Places { text, at: 0 }.json(&value, 0)
        }
        Notation::Toml => {
            let value: toml::Value = toml::from_str(text).ok()?;
            Places { text, at: 0 }.toml(&value, 0)
        }
    }
}

/// A collection whose end was not met yet.
enum Open {
    List(Vec<Data>, usize, u32),
    Record(Vec<(Rc<str>, Data)>, Option<Rc<str>>, usize, u32),
}

fn read_yaml(text: &str) -> Option<Data> {
    // Marks count characters; spans count bytes.
    let bytes: Vec<u32> = text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]).collect();
    let byte = |index: usize| bytes.get(index).copied().unwrap_or(text.len() as u32);
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: Vec<(usize, Data, usize)> = Vec::new();
    let mut nodes = 0usize;
    let mut sizes: Vec<usize> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let (start, end) = (byte(span.start.index()), byte(span.end.index()));
        let (mut done, anchor) = match event {
            Event::Scalar(value, style, anchor, _) => {
                let kind = scalar(&value, style);
                (Data { kind, start, end: end.max(start) }, anchor)
            }
            Event::Alias(id) => {
                let (_, data, size) = anchors.iter().rev().find(|(known, ..)| *known == id)?;
                nodes += size;
                (data.clone(), 0)
            }
            Event::SequenceStart(anchor, _) => {
                open.push(Open::List(Vec::new(), anchor, start));
                sizes.push(nodes);
                if open.len() > LEVELS {
                    return None;
                }
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::Record(Vec::new(), None, anchor, start));
                sizes.push(nodes);
                if open.len() > LEVELS {
                    return None;
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Open::List(items, anchor, start) => (Data { kind: DataKind::List(Rc::new(items)), start, end }, anchor),
                Open::Record(entries, _, anchor, start) => {
                    (Data { kind: DataKind::Record(Rc::new(entries)), start, end }, anchor)
                }
            },
            _ => continue,
        };
        nodes += 1;
        if nodes > NODES {
            return None;
        }
        let closes = matches!(done.kind, DataKind::List(_) | DataKind::Record(_)) && sizes.len() > open.len();
        let size = if closes { nodes - sizes.pop().unwrap_or(0) } else { 1 };
        if anchor > 0 {
            anchors.push((anchor, done.clone(), size));
        }
        match open.last_mut() {
            None => return Some(done),
            Some(Open::List(items, ..)) => items.push(done),
            Some(Open::Record(entries, key, ..)) => match key.take() {
                Some(key) => {
                    // `<<: *base` brings the entries of another record.
                    if &*key == "<<"
                        && let DataKind::Record(more) = &done.kind
                    {
                        entries.extend(more.iter().cloned());
                    } else {
                        done.end = done.end.max(done.start);
                        entries.push((key, done));
                    }
                }
                None => {
                    *key = Some(match done.kind {
                        DataKind::Text(text) | DataKind::Number(text) => text,
                        DataKind::Bool(value) => if value { "true" } else { "false" }.into(),
                        _ => "".into(),
                    });
                }
            },
        }
    }
    None
}

fn scalar(value: &str, style: ScalarStyle) -> DataKind {
    if style != ScalarStyle::Plain {
        return DataKind::Text(value.into());
    }
    match value {
        "" | "~" | "null" | "Null" | "NULL" => DataKind::Null,
        "true" | "True" | "TRUE" => DataKind::Bool(true),
        "false" | "False" | "FALSE" => DataKind::Bool(false),
        number if number.parse::<f64>().is_ok() && number.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
            DataKind::Number(number.into())
        }
        text => DataKind::Text(text.into()),
    }
}

/// Finds the places of values whose reader does not tell them: each text from where the last one stood.
struct Places<'t> {
    text: &'t str,
    at: usize,
}

impl Places<'_> {
    /// The place of a text: its first line, up to the first sign that is written with an escape.
    fn find(&mut self, value: &str) -> (u32, u32) {
        let end = value.find(['\n', '"', '\\', '\t', '\r']).unwrap_or(value.len());
        let head = &value[..end];
        let near =
            (!head.is_empty()).then(|| self.text.get(self.at..)?.find(head).map(|found| self.at + found)).flatten();
        match near.or_else(|| self.text.find(head).filter(|_| !head.is_empty())) {
            Some(start) => {
                self.at = start;
                (start as u32, (start + head.len()) as u32)
            }
            None => (0, self.text.len() as u32),
        }
    }

    fn whole(&self, kind: DataKind) -> Data {
        Data { kind, start: 0, end: self.text.len() as u32 }
    }

    fn json(&mut self, value: &serde_json::Value, level: usize) -> Option<Data> {
        use serde_json::Value;
        if level > LEVELS {
            return None;
        }
        Some(match value {
            Value::Null => self.whole(DataKind::Null),
            Value::Bool(value) => self.whole(DataKind::Bool(*value)),
            Value::Number(number) => self.whole(DataKind::Number(number.to_string().into())),
            Value::String(text) => {
                let (start, end) = self.find(text);
                Data { kind: DataKind::Text(text.as_str().into()), start, end }
            }
            Value::Array(items) => {
                let items = items.iter().map(|item| self.json(item, level + 1)).collect::<Option<Vec<_>>>()?;
                self.whole(DataKind::List(Rc::new(items)))
            }
            Value::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| Some((key.as_str().into(), self.json(value, level + 1)?)))
                    .collect::<Option<Vec<_>>>()?;
                self.whole(DataKind::Record(Rc::new(entries)))
            }
        })
    }

    fn toml(&mut self, value: &toml::Value, level: usize) -> Option<Data> {
        use toml::Value;
        if level > LEVELS {
            return None;
        }
        Some(match value {
            Value::Boolean(value) => self.whole(DataKind::Bool(*value)),
            Value::Integer(number) => self.whole(DataKind::Number(number.to_string().into())),
            Value::Float(number) => self.whole(DataKind::Number(number.to_string().into())),
            Value::Datetime(date) => self.whole(DataKind::Text(date.to_string().into())),
            Value::String(text) => {
                let (start, end) = self.find(text.trim_start_matches('\n'));
                Data { kind: DataKind::Text(text.as_str().into()), start, end }
            }
            Value::Array(items) => {
                let items = items.iter().map(|item| self.toml(item, level + 1)).collect::<Option<Vec<_>>>()?;
                self.whole(DataKind::List(Rc::new(items)))
            }
            Value::Table(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| Some((key.as_str().into(), self.toml(value, level + 1)?)))
                    .collect::<Option<Vec<_>>>()?;
                self.whole(DataKind::Record(Rc::new(entries)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_gives_texts_with_their_places_and_follows_aliases() {
        let text = "é: &a\n  goal: >\n    Sort the\n    list\n  model: gpt-4o\nb:\n  <<: *a\n  n: 3\n";
        let data = read(text, Notation::Yaml).expect("valid");
        let goal = data.get("é").and_then(|one| one.get("goal")).expect("there");
        assert_eq!(goal.as_text(), Some("Sort the list\n"));
        assert!(text[goal.start as usize..goal.end as usize].contains("Sort the"));
        let b = data.get("b").expect("there");
        assert_eq!(b.get("model").and_then(Data::as_text), Some("gpt-4o"));
        assert_eq!(b.get("n").map(|n| n.kind.clone()), Some(DataKind::Number("3".into())));
    }

    #[test]
    fn json_and_toml_texts_are_found_where_they_stand() {
        for (text, notation) in [
            ("{\"a\": {\"prompt\": \"Sort it.\\nNow.\"}}", Notation::Json),
            ("[a]\nprompt = \"\"\"\nSort it.\nNow.\"\"\"\n", Notation::Toml),
        ] {
            let data = read(text, notation).expect("valid");
            let prompt = data.get("a").and_then(|a| a.get("prompt")).expect("there");
            assert_eq!(prompt.as_text().map(str::trim), Some("Sort it.\nNow."));
            assert_eq!(&text[prompt.start as usize..prompt.end as usize], "Sort it.");
        }
    }

    #[test]
    fn a_file_whose_aliases_explode_is_not_read() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let of = format!("*a{}", n - 1);
            text.push_str(&format!("a{n}: &a{n} [{}]\n", vec![of; 10].join(", ")));
        }
        assert_eq!(read(&text, Notation::Yaml), None);
        assert_eq!(read(&"[".repeat(5_000), Notation::Yaml), None);
        assert_eq!(read("a: [1, {", Notation::Yaml), None);
    }
}
