//! What goes into a prompt: the form of each hole, from code where it is known, else from names and nouns.

use super::text::Task;
use crate::catalog::category::{Categories, Need, Signal};
use crate::catalog::phrase::cut;
use crate::catalog::wrappers::WrapperWords;
use crate::program::{Origin, Shape};
use crate::source::Span;

/// Words before a hole whose nouns speak for it.
const NOUN_REACH: usize = 4;

/// What sort of value a hole holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A single value of a defined form.
    Scalar,
    /// A record, a list, a table, marked-up text, code.
    Formal,
    /// Language.
    Free,
    /// Named so that it can hold anything, mostly text.
    Weak,
    /// Nothing is known.
    Unknown,
    /// Instructions that come in from elsewhere: a part of the task is not read.
    Instruction,
    /// A conversation.
    Talk,
    /// A picture, sound or other bytes.
    Media,
}

/// A hole with what was concluded.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// What sort of value it holds.
    pub kind: Kind,
    /// Its form.
    pub shape: Shape,
    /// Whether the code shows it, not only a name.
    pub from_code: bool,
    /// Whether only a noun before the hole tells, not its name.
    pub from_noun: bool,
    /// Whether it is a long text, in which what is wanted has to be found first.
    pub document: bool,
    /// One line for the reader.
    pub text: String,
    /// Where that is seen.
    pub span: Span,
}

impl Input {
    /// Whether it is a name or another single value without parts that could be taken out.
    fn is_name(&self) -> bool {
        self.kind == Kind::Scalar && !self.from_noun && !matches!(self.shape, Shape::Url | Shape::Path)
    }
}

/// All holes of a task.
#[derive(Debug)]
pub(super) struct Inputs {
    /// In the order of the task's holes.
    pub all: Vec<Input>,
}

impl Inputs {
    /// Concludes the form of every hole.
    pub fn new(task: &Task, tables: &Categories) -> Self {
        let all = (0..task.holes.len()).map(|at| input(task, at, tables)).collect();
        Self { all }
    }

    /// The number of holes of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.all.iter().filter(|input| input.kind == kind).count()
    }

    /// The first hole of a kind.
    pub fn first(&self, kind: Kind) -> Option<&Input> {
        self.all.iter().find(|input| input.kind == kind)
    }

    /// Whether a hole answers to the tag of a phrase: the name of its form, `free` for language, else a word of its name.
    pub fn answers_to(&self, task: &Task, hole: usize, tag: &str) -> bool {
        let input = &self.all[hole];
        let own = if input.kind == Kind::Free { "free" } else { input.shape.name() };
        own == tag
            || tag != "free"
                && Shape::named(tag).is_none()
                && name_words(&task.holes[hole].name).iter().any(|word| word == tag)
    }

    /// A value that the whole prompt opens with, on a line of its own, where the code does not show it to be a record of some form,
    /// or calls it a prompt all the same, and nothing below speaks of it: what is to be done may stand in it, and what is written
    /// below may say no more than the form of the answer.
    pub fn heading<'t>(&self, task: &'t Task, tables: &Categories) -> Option<&'t str> {
        let hole = task.tokens.first()?.hole?;
        let opening = task.sentence(0);
        let input = &self.all[hole];
        let alone = task.tokens[opening.clone()].iter().all(|token| token.hole.is_some());
        let name = &task.holes[hole].name;
        let formed =
            matches!(input.kind, Kind::Scalar | Kind::Formal) && !WrapperWords::embedded().is_prompt_name(name);
        if !alone || formed {
            return None;
        }
        let (own, back) = (name_words(name), tables.lexicon.get("points-back").map(Vec::as_slice).unwrap_or_default());
        let spoken_of = |word: &String| back.contains(word) || word.len() > 2 && own.contains(word);
        (!task.tokens[opening.end..].iter().any(|token| spoken_of(&token.word))).then_some(name)
    }

    /// What the holes weigh for an operation: `None` if they do not fit it. `stated` is whether the operation's own
    /// words say what form they have: "these two JSON objects".
    pub fn fit(&self, signal: &Signal, stated: bool, tables: &Categories) -> Option<f64> {
        let need = signal.input;
        let weight = |name: &str| tables.weight(name);
        if self.count(Kind::Talk) + self.count(Kind::Media) > 0 {
            return None;
        }
        let free_by_code = self.all.iter().any(|input| input.kind == Kind::Free && input.from_code);
        let (scalar, formal) = (self.count(Kind::Scalar), self.count(Kind::Formal));
        let (free, weak, unknown) = (self.count(Kind::Free), self.count(Kind::Weak), self.count(Kind::Unknown));
        match need {
            Need::Nothing => Some(0.0),
            _ if self.all.is_empty() => None,
            // What is wanted of a name does not stand in the name.
            Need::Text if self.all.iter().all(Input::is_name) => None,
            Need::Literal | Need::Text => Some(weight("input-literal")),
            // What is mended is an earlier answer, whatever it is called.
            Need::Stated if free > 0 && formal == 0 && (free_by_code || !signal.recovers) => {
                Some(weight(if free_by_code { "stated-free-code" } else { "stated-free-name" }))
            }
            Need::Stated => {
                Some(weight("input-stated") + if formal + scalar > 0 { weight("stated-known") } else { 0.0 })
            }
            Need::Scalar | Need::Formal if free > 0 => None,
            Need::Scalar | Need::Formal if scalar + formal == 0 => {
                (stated && weak + unknown > 0 && need == Need::Formal).then(|| weight("input-named"))
            }
            Need::Scalar if formal > scalar => None,
            Need::Scalar | Need::Formal => {
                let loose = weak as f64 * weight("input-weak") + unknown as f64 * weight("input-unknown");
                Some(
                    weight(if formal == 0 { "input-scalar" } else { "input-formal" })
                        + loose.max(weight("input-loosest")),
                )
            }
        }
    }
}

fn input(task: &Task, at: usize, tables: &Categories) -> Input {
    let hole = &task.holes[at];
    let words = name_words(&hole.name);
    // `datasetGuidance(plan.dataset)`: what comes out of a call is what the function is called after, not what it is handed.
    let made = hole.name.strip_suffix(')').and_then(|call| call.split_once('(')).map(|(callee, _)| name_words(callee));
    let by_callee = made.and_then(|made| by_name(&made, tables)).filter(|made| made.0 != Kind::Weak);
    let named = match by_callee.or_else(|| by_name(&words, tables)) {
        // `messages[-1].content` is one message of a conversation.
        Some((Kind::Talk, _)) if is_one_message(&hole.name) => Some((Kind::Free, Shape::FreeText)),
        named => named,
    };
    // What a file holds is text to the code that reads it; whoever names it `csv_content` knows its form.
    let read = hole.shape == Shape::FreeText && hole.origin == Origin::Document;
    let told = read && matches!(named, Some((Kind::Formal, _)));
    let code = hole.shape != Shape::Unknown && !told;
    let because = |text: String| match &hole.because {
        Some((why, span)) => (format!("{text}: {why}"), *span),
        None => (text, hole.span),
    };
    let mut from_noun = false;
    let (kind, shape) = match named {
        Some((kind @ (Kind::Talk | Kind::Media | Kind::Instruction), _)) if !code || hole.shape == Shape::List => {
            (kind, hole.shape)
        }
        _ if code => (kind_of(hole.shape), hole.shape),
        Some((kind @ (Kind::Scalar | Kind::Formal | Kind::Free), shape)) => (kind, shape),
        _ => match by_noun(task, at, tables).or_else(|| by_unit(task, at, tables)) {
            Some((kind, shape)) => {
                from_noun = true;
                (kind, shape)
            }
            None if hole.origin == Origin::User => (Kind::Weak, Shape::Unknown),
            None => named.unwrap_or((Kind::Unknown, Shape::Unknown)),
        },
    };
    let name = &hole.name;
    let (text, span) = match kind {
        Kind::Scalar | Kind::Formal if code => because(format!("`{name}` is {}", article(shape))),
        Kind::Scalar | Kind::Formal => (format!("`{name}` reads as {}", article(shape)), hole.span),
        Kind::Free if code => because(format!("`{name}` is free text")),
        Kind::Free => (format!("`{name}` reads as free text"), hole.span),
        Kind::Weak => (format!("`{name}` can be any text"), hole.span),
        Kind::Unknown => (format!("the form of `{name}` is not known"), hole.span),
        Kind::Instruction => (format!("`{name}` brings instructions that are not read here"), hole.span),
        Kind::Talk => (format!("`{name}` is a conversation"), hole.span),
        Kind::Media => (format!("`{name}` is no text"), hole.span),
    };
    let long = words.iter().any(|word| tables.shapes.document.contains(word));
    let document = kind == Kind::Free && (long || hole.origin == Origin::Document);
    Input { kind, shape, from_code: code, from_noun, document, text, span }
}

fn article(shape: Shape) -> &'static str {
    match shape {
        Shape::Date => "a date",
        Shape::Path => "a path",
        Shape::Url => "a URL",
        Shape::Json => "JSON",
        Shape::Csv => "a table",
        Shape::Html => "marked-up text",
        Shape::Number => "a number",
        Shape::Bool => "true or false",
        Shape::Enum => "one of a closed set",
        Shape::List => "a list",
        Shape::Code => "code",
        Shape::Identifier => "a name or key",
        Shape::FreeText => "free text",
        Shape::Unknown => "of unknown form",
    }
}

fn kind_of(shape: Shape) -> Kind {
    match shape {
        Shape::Date | Shape::Path | Shape::Url | Shape::Number | Shape::Bool | Shape::Enum | Shape::Identifier => {
            Kind::Scalar
        }
        Shape::Json | Shape::Csv | Shape::Html | Shape::List | Shape::Code => Kind::Formal,
        Shape::FreeText => Kind::Free,
        Shape::Unknown => Kind::Unknown,
    }
}

/// What the words of a hole's name say, the last word first: `invoice_date` is a date, `date_text` too.
fn by_name(words: &[String], tables: &Categories) -> Option<(Kind, Shape)> {
    let shapes = &tables.shapes;
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let formats = words.iter().any(|word| word == "format");
    if words.iter().any(|word| has(&shapes.media, word)) {
        return Some((Kind::Media, Shape::Unknown));
    }
    let mut weak = None;
    // `check_in`, `start_ts`: some names are one word that is written as two.
    if let [.., first, last] = words
        && let Some(found) = shape_of_word(&format!("{first}{last}"), tables)
    {
        return Some(found);
    }
    for word in words.iter().rev() {
        if has(&shapes.talk, word) {
            return Some((Kind::Talk, Shape::Unknown));
        }
        if has(&shapes.instruction, word) && !formats {
            return Some((Kind::Instruction, Shape::Unknown));
        }
        if has(&shapes.weak, word) {
            weak = Some((Kind::Weak, Shape::Unknown));
            continue;
        }
        if has(&shapes.free, word) {
            return Some((Kind::Free, Shape::FreeText));
        }
        if let Some(found) = shape_of_word(word, tables) {
            return Some(found);
        }
    }
    weak
}

/// Whether an expression takes the text of one element of a list: `messages[-1].content`.
fn is_one_message(name: &str) -> bool {
    let Some((list, rest)) = name.rsplit_once(']') else { return false };
    let at = list.rsplit('[').next().unwrap_or_default();
    let number = at.trim_start_matches('-');
    let indexed = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) || at.ends_with("- 1");
    let member = rest.trim_start_matches(['?', '.', '!']);
    indexed && (member.starts_with("content") || member.starts_with("text"))
}

fn shape_of_word(word: &str, tables: &Categories) -> Option<(Kind, Shape)> {
    let (name, _) = tables.shapes.shape.iter().find(|(_, words)| words.iter().any(|known| known == word))?;
    let shape = Shape::named(name).unwrap_or(Shape::Unknown);
    Some((kind_of(shape), shape))
}

/// What the nouns right before a hole say of it: "Date: {x}", "the country {x}".
fn by_noun(task: &Task, hole: usize, tables: &Categories) -> Option<(Kind, Shape)> {
    let at = task.tokens.iter().position(|token| token.hole == Some(hole))?;
    let from = at.saturating_sub(NOUN_REACH);
    for token in task.tokens[from..at].iter().rev() {
        // Behind a label of its own, a value is not spoken of by the line before.
        let before = task.tokens[at].sentence.abs_diff(token.sentence);
        let labelled = at > 0 && task.tokens[at - 1].sentence == task.tokens[at].sentence;
        if token.hole.is_some() || before > 1 || before == 1 && labelled || task.is_closed(token, at) {
            return None;
        }
        let word = token.word.as_str();
        if tables.shapes.free.iter().any(|known| known == word) {
            return Some((Kind::Free, Shape::FreeText));
        }
        // "a {tone}": an article, not the name of a number.
        if word.len() < 2 {
            continue;
        }
        // "from the file {text}" speaks of what the file holds.
        if let Some(found) = shape_of_word(word, tables).filter(|found| found.1 != Shape::Path) {
            return Some(found);
        }
    }
    None
}

/// What the word right behind a hole says of it: "{x} kilometres" is a number of them.
fn by_unit(task: &Task, hole: usize, tables: &Categories) -> Option<(Kind, Shape)> {
    let at = task.tokens.iter().position(|token| token.hole == Some(hole))?;
    let next =
        task.tokens.get(at + 1).filter(|next| next.hole.is_none() && next.sentence == task.tokens[at].sentence)?;
    let units = ["unit", "time-unit", "currency"].into_iter().filter_map(|list| tables.lexicon.get(list)).flatten();
    units.into_iter().any(|unit| *unit == next.word).then_some((Kind::Scalar, Shape::Number))
}

/// Whether a word names a form that can be told from outside: JSON, a list, dates.
pub(super) fn is_form(word: &str, tables: &Categories) -> bool {
    tables.shapes.stated.iter().any(|known| known == word)
}

/// The words of an expression: `userInput.rawDate` gives user, input, raw, date.
pub(super) fn name_words(name: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && before.is_lowercase()) || (c.is_ascii_digit() && before.is_alphabetic()) {
            spaced.push(' ');
        }
        if c != '_' {
            spaced.push(c);
        }
        before = c;
    }
    cut(&spaced).into_iter().map(|word| word.2).collect()
}
