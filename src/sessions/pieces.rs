//! What a session says, and where that stands in its file.

use crate::program::{Message, Piece};
use crate::source::{FileId, Span};

/// What a model is told and which one it is.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Messages in order.
    pub messages: Vec<Message>,
    /// The model's name, and where it stands in the text that was read.
    pub model: Option<(String, (usize, usize))>,
    /// Whether something that is told stands elsewhere.
    pub partial: bool,
}

impl Said {
    /// Adds what a role says.
    pub fn add(&mut self, role: &str, pieces: Vec<Piece>) {
        if !pieces.is_empty() {
            self.messages.push(Message { role: role.to_owned(), pieces });
        }
    }
}

/// Where the lines of a text stand in the file that it was taken from.
#[derive(Debug)]
pub(super) struct Layout {
    file: FileId,
    /// Where a line of the text starts, and where that is in the file; none if the text is the file itself.
    lines: Vec<(usize, usize)>,
    /// Where the whole of it stands in the file.
    whole: (usize, usize),
}

impl Layout {
    /// Of a text that stands in the file as it is, from byte `from`.
    pub fn plain(file: FileId, from: usize, length: usize) -> Self {
        Self { file, lines: vec![(0, from)], whole: (from, from + length) }
    }

    /// Of a text that a notation lays out otherwise: its lines are looked for in order.
    pub fn found(file: FileId, source: &str, whole: (usize, usize), text: &str) -> Self {
        let mut lines = Vec::new();
        let (mut at, mut cursor) = (0, whole.0);
        for line in text.split_inclusive('\n') {
            let lead = line.len() - line.trim_start().len();
            let own = line.trim();
            if !own.is_empty()
                && let Some(place) = source.get(cursor..whole.1).and_then(|rest| rest.find(own))
            {
                lines.push((at + lead, cursor + place));
                cursor += place + own.len();
            }
            at += line.len();
        }
        Self { file, lines, whole }
    }

    /// The place in the file of bytes of the text.
    pub fn span(&self, (start, end): (usize, usize)) -> Span {
        let place = |at: usize| {
            let line = self.lines.partition_point(|line| line.0 <= at).checked_sub(1)?;
            Some((self.lines[line].1 + (at - self.lines[line].0)).min(self.whole.1))
        };
        let from = place(start).unwrap_or(self.whole.0);
        let to = place(end).unwrap_or(self.whole.1).max(from);
        Span { file: self.file, start: from as u32, end: to as u32 }
    }
}

/// A name of a value out of what is written: `data/prices.csv` gives `data_prices_csv`.
pub(super) fn identifier(text: &str) -> String {
    let mut name = String::new();
    for c in text.trim().chars().take(60) {
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() { "value".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_behind_their_indentation() {
        let source = "run: |\n    a b\n    c\n";
        let layout = Layout::found(FileId(0), source, (5, source.len()), "a b\nc\n");
        let span = layout.span((2, 3));
        assert_eq!(&source[span.start as usize..span.end as usize], "b");
        let span = layout.span((4, 5));
        assert_eq!(&source[span.start as usize..span.end as usize], "c");
    }

    #[test]
    fn names_are_identifiers() {
        assert_eq!(identifier("data/prices.csv"), "data_prices_csv");
        assert_eq!(identifier("$"), "value");
    }
}
