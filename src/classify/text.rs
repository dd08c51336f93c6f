//! A prompt as the classifier reads it: words and holes in sentences, each with its place in the source.

use crate::catalog::category::Categories;
use crate::catalog::phrase::{cut, is_unspaced};
use crate::program::{CallSite, Hole, Origin, Piece, Program, Shape};
use crate::source::Span;

/// Stands for a hole in the joined text.
const HOLE: char = '\u{1}';

/// Bytes of static text beyond which a prompt is not read on: it is judged long anyway.
const LONGEST: usize = 60_000;

/// A word or a hole.
#[derive(Debug)]
pub(super) struct Token {
    /// Folded; empty for a hole.
    pub word: String,
    /// The hole's number in [`Task::holes`].
    pub hole: Option<usize>,
    /// Number of its sentence.
    pub sentence: u32,
    /// Number of its clause, across sentences.
    pub clause: u32,
    /// Whether it stands in quotation marks.
    pub quoted: bool,
    /// Whether it stands in code that the prompt shows, or in brackets of a label, where nothing is ordered.
    pub shown: bool,
    /// Whether a sentence starts here, apart from words that say no more than "please".
    pub head: bool,
    start: usize,
    end: usize,
}

/// Where a stretch of the joined text was written.
#[derive(Debug)]
struct Part {
    start: usize,
    end: usize,
    span: Span,
    text: bool,
}

/// What a call asks, ready for matching.
#[derive(Debug)]
pub(super) struct Task {
    /// Words and holes.
    pub tokens: Vec<Token>,
    /// The values that go in, each once.
    pub holes: Vec<Hole>,
    /// Static words.
    pub words: usize,
    /// Whether an assistant's turn stands in the prompt.
    pub has_turns: bool,
    /// Lines that are items of a list.
    pub items: usize,
    /// The joined text with holes marked.
    full: String,
    parts: Vec<Part>,
}

impl Task {
    /// Reads the prompt of a call.
    pub fn new(call: &CallSite, tables: &Categories) -> Self {
        let mut full = String::new();
        let (mut parts, mut holes, mut marks) = (Vec::new(), Vec::<Hole>::new(), Vec::new());
        let mut has_turns = false;
        for message in &call.prompt.messages {
            if matches!(message.role.as_str(), "assistant" | "model" | "ai") {
                has_turns = true;
                continue;
            }
            for piece in &message.pieces {
                match piece {
                    Piece::Text(text, span) if full.len() + text.len() <= LONGEST => {
                        let mut from = 0;
                        for (start, end, name) in placeholders(text) {
                            add_text(&mut full, &mut parts, &text[from..start], *span);
                            let hole = Hole {
                                name,
                                span: *span,
                                shape: Shape::Unknown,
                                origin: Origin::Unknown,
                                because: None,
                            };
                            add_hole(&mut full, &mut parts, &mut holes, &mut marks, &hole);
                            from = end;
                        }
                        add_text(&mut full, &mut parts, &text[from..], *span);
                    }
                    Piece::Text(..) => {}
                    Piece::Hole(hole) => add_hole(&mut full, &mut parts, &mut holes, &mut marks, hole),
                }
            }
            full.push_str("\n\n");
        }
        let items = full.lines().filter(|line| is_item(line)).count();
        let mut task = Self { tokens: Vec::new(), holes, words: 0, has_turns, items, full, parts };
        task.read_tokens(&marks, tables);
        task
    }

    fn read_tokens(&mut self, marks: &[(usize, usize)], tables: &Categories) {
        let breaks = breaks(&self.full);
        let clauses = clauses(&self.full);
        let quotes = quotes(&self.full);
        let shown = shown(&self.full);
        let mut found: Vec<(usize, usize, String, Option<usize>)> =
            cut(&self.full).into_iter().map(|(start, end, word)| (start, end, word, None)).collect();
        self.words = found.len();
        found.extend(marks.iter().map(|&(at, hole)| (at, at + HOLE.len_utf8(), String::new(), Some(hole))));
        found.sort_by_key(|token| token.0);
        let fillers = tables.lexicon.get("fillers").map(Vec::as_slice).unwrap_or_default();
        let (mut last, mut open, mut number) = (usize::MAX, false, 0);
        for (start, end, word, hole) in found {
            let stretch = breaks.partition_point(|&at| at <= start);
            if stretch != last {
                (last, open) = (stretch, true);
                number += 1;
            }
            let head = open;
            let short_number = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
            open &= hole.is_none() && (short_number || fillers.contains(&word));
            self.tokens.push(Token {
                hole,
                sentence: number,
                clause: clauses.partition_point(|&at| at <= start) as u32 + number,
                quoted: quotes.iter().any(|&(from, to)| from <= start && end <= to),
                shown: shown.iter().any(|&(from, to)| from <= start && end <= to),
                head,
                word,
                start,
                end,
            });
        }
    }

    /// The tokens of a sentence, as a range.
    pub fn sentence(&self, at: usize) -> std::ops::Range<usize> {
        let sentence = self.tokens[at].sentence;
        let start = self.tokens[..at].iter().rposition(|token| token.sentence != sentence).map_or(0, |at| at + 1);
        let end = self.tokens[at..].iter().position(|token| token.sentence != sentence);
        start..end.map_or(self.tokens.len(), |end| at + end)
    }

    /// The source place of tokens `from` to `to`, both included: exact where the text stands in the source as it
    /// reads, the whole literal where escapes or layout keep it from being found.
    pub fn span(&self, from: usize, to: usize, program: &Program) -> Option<Span> {
        let (start, end) = (self.tokens.get(from)?.start, self.tokens.get(to)?.end);
        let part = self.parts.iter().find(|part| part.start <= start && start < part.end)?;
        if !part.text {
            return Some(part.span);
        }
        let wanted = self.full.get(start..end.min(part.end))?;
        let source = program.files.get(part.span.file.0 as usize)?.slice(part.span.start, part.span.end);
        let near = source.match_indices(wanted).min_by_key(|(at, _)| at.abs_diff(start - part.start));
        Some(near.map_or(part.span, |(at, _)| {
            let start = part.span.start + at as u32;
            Span { file: part.span.file, start, end: start + wanted.len() as u32 }
        }))
    }

    /// The text of tokens `from` to `to`, white space folded, holes as `{name}`.
    pub fn snippet(&self, from: usize, to: usize) -> String {
        let (Some(first), Some(last)) = (self.tokens.get(from), self.tokens.get(to)) else { return String::new() };
        let mut out = String::new();
        let mut holes = self.tokens[from..=to].iter().filter_map(|token| token.hole);
        for c in self.full[first.start..last.end].chars() {
            if c == HOLE {
                let name = holes.next().map_or("", |hole| self.holes[hole].name.as_str());
                out.push_str(&format!("{{{name}}}"));
            } else if !c.is_whitespace() {
                out.push(c);
            } else if !out.ends_with(' ') {
                out.push(' ');
            }
        }
        out
    }

    /// Whether a sentence that holds `token` is over before token `at`, so that it does not speak of it: after a label,
    /// which a colon or a line ends, it goes on.
    pub fn is_closed(&self, token: &Token, at: usize) -> bool {
        token.sentence != self.tokens[at].sentence
            && self.full[token.end..self.tokens[at].start].contains(['.', '!', '?', '。', '！', '？'])
    }

    /// Whether a colon follows a token.
    pub fn is_before_colon(&self, at: usize) -> bool {
        self.full[self.tokens[at].end..].trim_start_matches(['"', '\'', '*']).starts_with([':', '：'])
    }

    /// Whether a word is written in capitals throughout.
    pub fn is_capitals(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            let text = &self.full[token.start..token.end];
            token.hole.is_none() && text.len() > 2 && text.chars().all(|c| c.is_uppercase() || c == '_')
        })
    }

    /// Whether the text is a statement for a database, not a task in language: it opens as one, in capitals.
    pub fn is_statement(&self, tables: &Categories) -> bool {
        let opening = self.full.trim_start();
        tables.lexicon.get("statement").into_iter().flatten().any(|start| {
            opening.strip_prefix(start.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
    }

    /// Share of letters that belong to scripts the tables do not cover.
    pub fn foreign_share(&self) -> f64 {
        let (mut foreign, mut all) = (0u32, 0u32);
        for c in self.full.chars().filter(|c| c.is_alphabetic()) {
            all += 1;
            foreign += u32::from(c > '\u{24f}' && !is_unspaced(c) && !('\u{1e00}'..='\u{1eff}').contains(&c));
        }
        f64::from(foreign) / f64::from(all.max(1))
    }
}

fn add_text(full: &mut String, parts: &mut Vec<Part>, text: &str, span: Span) {
    let start = full.len();
    full.extend(text.chars().map(|c| if c == HOLE { ' ' } else { c }));
    parts.push(Part { start, end: full.len(), span, text: true });
}

fn add_hole(
    full: &mut String,
    parts: &mut Vec<Part>,
    holes: &mut Vec<Hole>,
    marks: &mut Vec<(usize, usize)>,
    hole: &Hole,
) {
    let start = full.len();
    full.push(HOLE);
    parts.push(Part { start, end: full.len(), span: hole.span, text: false });
    let at = holes.iter().position(|known| known.name == hole.name).unwrap_or_else(|| {
        holes.push(hole.clone());
        holes.len() - 1
    });
    marks.push((start, at));
}

/// Places of a template that nobody filled in before the text was read: `{name}`, `{{name}}`, `{{{name}}}`, and
/// `{{helper name}}`.
fn placeholders(text: &str) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('{').map(|next| at + next) {
        let open = text[start..].bytes().take_while(|byte| *byte == b'{').count();
        let inside = &text[start + open..];
        let length = inside.find('}').unwrap_or(0);
        let close = inside[length..].bytes().take_while(|byte| *byte == b'}').count();
        let written = inside[..length].trim();
        let name = match written.split_once(' ') {
            Some((helper, name)) if open > 1 && helper.bytes().all(|byte| byte.is_ascii_alphabetic()) => name.trim(),
            _ => written,
        };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.len() < 40
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
        at = start + open;
        if is_name && open <= 3 && open == close && (open > 1 || inside[..length].len() == name.len()) {
            let end = start + open + length + close;
            found.push((start, end, written.replace(' ', "_")));
            at = end;
        }
    }
    found
}

/// Where sentences start: after full stops, and at lines that do not go on the line before.
fn breaks(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        let ends = match c {
            '.' | '!' | '?' => {
                let spaced = bytes
                    .get(next)
                    .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b')'));
                let word = text[..at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
                spaced
                    && !(c == '.' && word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
                    && !(c == '.' && matches!(word, "etc" | "vs" | "ex"))
            }
            ';' | '。' | '！' | '？' | '；' => true,
            '\n' => !text[next..].trim_start_matches([' ', '\t']).starts_with(char::is_lowercase),
            _ => false,
        };
        if ends {
            found.push(next);
        }
    }
    found
}

/// Where clauses start: after commas, colons and brackets.
fn clauses(text: &str) -> Vec<usize> {
    let stops = [',', ':', '(', ')', '，', '：', '、', '—'];
    text.char_indices().filter(|(_, c)| stops.contains(c)).map(|(at, c)| at + c.len_utf8()).collect()
}

/// Stretches in quotation marks on one line, without holes.
fn quotes(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let mut open: Option<(usize, char)> = None;
        for (at, c) in line.char_indices() {
            match (open, c) {
                (None, '"' | '`') => open = Some((at, c)),
                (None, '“') => open = Some((at, '”')),
                (Some((from, close)), c) if c == close => {
                    if !line[from..at].contains(HOLE) {
                        found.push((offset + from, offset + at));
                    }
                    open = None;
                }
                _ => {}
            }
        }
        offset += line.len();
    }
    found
}

/// Stretches of code without holes, in fences, as a docstring or behind `//`, what a label says in brackets of what follows it:
/// `Letters (oldest first):`, and what a form says of a place behind its name: `<city, one word, in capitals>`.
fn shown(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for fence in ["```", "\"\"\""] {
        let mut marks = text.match_indices(fence).map(|(at, _)| at);
        while let (Some(from), Some(to)) = (marks.next(), marks.next()) {
            if !text[from..to].contains(HOLE) {
                found.push((from, to));
            }
        }
    }
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("//") && !line.contains(HOLE) {
            found.push((offset, offset + line.len()));
        }
        offset += line.len();
    }
    let mut from = 0;
    while let Some(end) = text[from..].find("):").map(|at| from + at) {
        let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
        found.extend(text[line..end].rfind('(').map(|at| (line + at, end)));
        from = end + 2;
    }
    let mut from = 0;
    while let Some(open) = text[from..].find('<').map(|at| from + at + 1) {
        let length = text[open..].find(['<', '>', '\n', HOLE]).unwrap_or(0);
        let place = &text[open..open + length];
        if text[open + length..].starts_with('>') {
            found.extend(place.find(", ").map(|comma| (open + comma, open + length)));
        }
        from = open + length;
    }
    found
}

/// Whether a line is an item of a list.
fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    line.starts_with("- ")
        || line.starts_with("* ")
        || line.starts_with('•')
        || ((1..=2).contains(&digits) && line[digits..].starts_with(['.', ')']))
}
