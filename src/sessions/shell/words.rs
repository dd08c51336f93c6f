//! Commands and the words that they are made of.

/// A stretch of a word. Offsets are bytes of the script.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sessions) enum Part {
    /// Text, without its quotes and escapes.
    Text(String, usize, usize),
    /// A value that is put in.
    Value(Value),
}

/// A value that is put into a word.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sessions) struct Value {
    /// What stands between the signs that mark it.
    pub source: String,
    /// How it comes about.
    pub how: How,
    /// First byte of it.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sessions) enum How {
    /// A variable of the shell, or an argument.
    Variable,
    /// An expression of a workflow.
    Expression,
    /// What commands print.
    Output,
}

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sessions) struct Word {
    /// What it is made of.
    pub parts: Vec<Part>,
    /// First byte of it.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl Word {
    /// The text, if it is all text.
    pub fn text(&self) -> Option<&str> {
        match &self.parts[..] {
            [] => Some(""),
            [Part::Text(text, ..)] => Some(text),
            _ => None,
        }
    }

    /// The text that it begins with.
    pub fn head(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text, ..)) => text,
            _ => "",
        }
    }

    pub(super) fn push(&mut self, c: char, start: usize, end: usize) {
        match self.parts.last_mut() {
            Some(Part::Text(text, _, last)) => {
                text.push(c);
                *last = end;
            }
            _ => self.parts.push(Part::Text(c.to_string(), start, end)),
        }
    }
}

/// What a command reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sessions) enum Fed {
    /// Nothing that is seen.
    #[default]
    Nothing,
    /// What the command of that number prints.
    By(usize),
    /// A file.
    File(Word),
    /// Text that stands in the script.
    Text(Vec<Part>),
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sessions) struct Command {
    /// Its words.
    pub words: Vec<Word>,
    /// What it reads.
    pub fed: Fed,
    /// The file that it writes.
    pub writes: Option<Word>,
    /// Whether the next command in the list reads what it prints.
    pub piped: bool,
}
