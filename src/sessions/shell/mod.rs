//! Commands of a shell as words: quotes, substitutions, pipes, redirections and texts that follow a command.
//!
//! Knows the notation and no program. What is not closed is read as plain text, and what nests too deep is not read on:
//! every input ends, in time that grows with its length.

mod closing;
mod words;

use closing::{closing, marker};
pub(super) use words::{Command, Fed, How, Part, Value, Word};

/// Substitutions within substitutions that are read.
const DEEPEST: usize = 6;

/// The commands of a script, those within substitutions behind the others.
pub(super) fn commands(script: &str) -> Vec<Command> {
    let mut done = Vec::new();
    // Each range with its depth: what a substitution holds is read after what holds it.
    let mut open = vec![(0, script.len(), 0)];
    while let Some((start, end, depth)) = open.pop() {
        let mut lexer = Lexer {
            script,
            at: start,
            end,
            word: None,
            next: Next::Word,
            command: Command::default(),
            done: &mut done,
            awaited: Vec::new(),
            inner: Vec::new(),
            unclosed: false,
        };
        lexer.run();
        if depth < DEEPEST {
            open.extend(lexer.inner.into_iter().map(|(start, end)| (start, end, depth + 1)));
        }
    }
    done
}

/// The parts of text in which values may stand: what stands between double quotes.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut done = Vec::new();
    let mut lexer = Lexer {
        script: text,
        at: 0,
        end: text.len(),
        word: Some(Word::default()),
        next: Next::Word,
        command: Command::default(),
        done: &mut done,
        awaited: Vec::new(),
        inner: Vec::new(),
        unclosed: false,
    };
    lexer.quoted(None);
    lexer.word.map(|word| word.parts).unwrap_or_default()
}

/// What the next word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Word,
    Read,
    Written,
    Text,
}

/// A text that begins on the next line: the number of its command, the line that ends it, whether values are put in.
struct Awaited {
    command: Option<usize>,
    ends: String,
    literal: bool,
}

struct Lexer<'s> {
    script: &'s str,
    at: usize,
    end: usize,
    word: Option<Word>,
    next: Next,
    command: Command,
    done: &'s mut Vec<Command>,
    awaited: Vec<Awaited>,
    inner: Vec<(usize, usize)>,
    /// Whether a substitution was found open: then those behind it are not looked into, so that time stays linear.
    unclosed: bool,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.script[self.at..self.end]
    }

    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let size = c.len_utf8();
            match c {
                ' ' | '\t' | '\r' => self.step(size),
                '\n' => {
                    self.end_command(false);
                    self.at += size;
                    self.texts();
                }
                '|' => {
                    let or = self.rest().starts_with("||");
                    self.end_command(!or);
                    self.at += if or || self.rest().starts_with("|&") { 2 } else { 1 };
                }
                '&' if self.rest().starts_with("&>") => self.at += 1,
                ';' | '&' | '(' | ')' => {
                    self.end_command(false);
                    self.at += size;
                }
                '<' | '>' => self.redirection(c),
                '#' if self.word.is_none() => {
                    self.at = self.rest().find('\n').map_or(self.end, |line| self.at + line);
                }
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '\\' if self.rest().starts_with("\\\r\n") => self.at += 3,
                '\'' => {
                    let start = self.at + 1;
                    let close = self.script[start..self.end].find('\'').map_or(self.end, |close| start + close);
                    let text = self.script[start..close].to_owned();
                    self.open();
                    if let Some(word) = &mut self.word {
                        match word.parts.last_mut() {
                            Some(Part::Text(known, _, end)) => {
                                known.push_str(&text);
                                *end = close;
                            }
                            _ => word.parts.push(Part::Text(text, start, close)),
                        }
                    }
                    self.at = (close + 1).min(self.end);
                }
                '"' => {
                    self.open();
                    self.at += 1;
                    self.quoted(Some('"'));
                }
                '\\' | '$' | '`' => self.sign(c),
                _ => self.take(c),
            }
        }
        self.end_command(false);
    }

    fn step(&mut self, size: usize) {
        self.end_word();
        self.at += size;
    }

    fn open(&mut self) {
        let at = self.at;
        self.word.get_or_insert_with(|| Word { start: at, ..Word::default() });
    }

    /// Takes a sign as text.
    fn take(&mut self, c: char) {
        self.open();
        let (start, end) = (self.at, self.at + c.len_utf8());
        if let Some(word) = &mut self.word {
            word.push(c, start, end);
        }
        self.at = end;
    }

    /// Text up to an unescaped closing sign, with values.
    fn quoted(&mut self, closing: Option<char>) {
        while let Some(c) = self.rest().chars().next() {
            if Some(c) == closing {
                self.at += c.len_utf8();
                return;
            }
            match c {
                '\\' | '$' | '`' => self.sign(c),
                _ => self.take(c),
            }
        }
    }

    /// An escape or a value.
    fn sign(&mut self, c: char) {
        if c == '\\' {
            match self.rest()[1..].chars().next() {
                Some('\n') => self.at += 2,
                // In text that is read twice an escape keeps its sign.
                Some(escaped) => {
                    self.at += 1;
                    self.take(escaped);
                }
                None => self.at += 1,
            }
            return;
        }
        self.open();
        let Some((value, inner)) = self.value() else {
            self.take(c);
            return;
        };
        self.inner.extend(inner);
        self.at = value.end;
        if let Some(word) = &mut self.word {
            word.parts.push(Part::Value(value));
        }
    }

    /// The value that begins here, and the range of the commands that it is the output of.
    fn value(&mut self) -> Option<(Value, Option<(usize, usize)>)> {
        let at = self.at;
        let rest = &self.script[at..self.end];
        let made = |how, from: usize, to: usize, end: usize| Value {
            source: rest[from..to].trim().to_owned(),
            how,
            start: at,
            end: at + end,
        };
        if rest.starts_with("${{") {
            let close = rest.find("}}")?;
            return Some((made(How::Expression, 3, close, close + 2), None));
        }
        if rest.starts_with("${") {
            let close = rest.find('}')?;
            let name = rest[2..close].trim_start_matches(['!', '#']);
            let length = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            let from = close - name.len();
            return Some((made(How::Variable, from, from + length, close + 1), None));
        }
        if rest.starts_with("$(") {
            if self.unclosed {
                return None;
            }
            let Some(close) = closing(rest) else {
                self.unclosed = true;
                return None;
            };
            return Some((made(How::Output, 2, close, close + 1), Some((at + 2, at + close))));
        }
        if let Some(inner) = rest.strip_prefix('`') {
            let close = inner.find('`')? + 1;
            return Some((made(How::Output, 1, close, close + 1), Some((at + 1, at + close))));
        }
        let name = rest[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
        let length = if name == 0 && rest[1..].starts_with(['@', '*']) { 1 } else { name };
        (length > 0).then(|| (made(How::Variable, 1, 1 + length, 1 + length), None))
    }

    fn redirection(&mut self, c: char) {
        // `2>` names a stream, no argument.
        if self.word.as_ref().and_then(Word::text).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        let rest = self.rest();
        if rest.starts_with("<<<") {
            self.at += 3;
            self.next = Next::Text;
        } else if rest.starts_with("<<") {
            self.heredoc();
        } else if rest.starts_with("<(") || rest.starts_with(">(") {
            self.at += 1;
        } else {
            let signs = rest.chars().take_while(|c| matches!(c, '<' | '>' | '|' | '&')).count();
            let to_stream = rest[..signs].ends_with('&');
            self.at += signs;
            if to_stream {
                self.at += self.rest().bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'-').count();
            } else {
                self.next = if c == '<' { Next::Read } else { Next::Written };
            }
        }
    }

    fn heredoc(&mut self) {
        let (ends, literal, length) = marker(&self.rest()[2..]);
        self.at += 2 + length;
        if !ends.is_empty() {
            self.awaited.push(Awaited { command: None, ends, literal });
        }
    }

    /// Reads the texts that begin on this line.
    fn texts(&mut self) {
        for awaited in std::mem::take(&mut self.awaited) {
            let start = self.at;
            let mut line_start = start;
            let mut body_end = self.end;
            let mut after = self.end;
            for line in self.script[start..self.end].split_inclusive('\n') {
                if line.trim() == awaited.ends {
                    body_end = line_start;
                    after = line_start + line.len();
                    break;
                }
                line_start += line.len();
            }
            let parts = if awaited.literal {
                vec![Part::Text(self.script[start..body_end].to_owned(), start, body_end)]
            } else {
                self.text_with_values(start, body_end)
            };
            self.at = after;
            if let Some(command) = awaited.command.and_then(|at| self.done.get_mut(at)) {
                command.fed = Fed::Text(parts);
            }
        }
    }

    fn text_with_values(&mut self, start: usize, end: usize) -> Vec<Part> {
        let (word, outer) = (self.word.take(), self.end);
        (self.at, self.end) = (start, end);
        self.quoted(None);
        let read = std::mem::replace(&mut self.word, word);
        self.end = outer;
        read.map(|word| word.parts).unwrap_or_default()
    }

    fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else { return };
        word.end = self.at;
        match std::mem::replace(&mut self.next, Next::Word) {
            Next::Word => self.command.words.push(word),
            Next::Read => self.command.fed = Fed::File(word),
            Next::Written => self.command.writes = Some(word),
            Next::Text => self.command.fed = Fed::Text(word.parts),
        }
    }

    fn end_command(&mut self, piped: bool) {
        self.end_word();
        self.next = Next::Word;
        let mut command = std::mem::take(&mut self.command);
        if command.words.is_empty() {
            return;
        }
        command.piped = piped;
        let number = self.done.len();
        self.done.push(command);
        for awaited in self.awaited.iter_mut().filter(|awaited| awaited.command.is_none()) {
            awaited.command = Some(number);
        }
        if piped {
            self.command.fed = Fed::By(number);
        }
    }
}

#[cfg(test)]
mod tests;
