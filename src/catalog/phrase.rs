//! The phrase language of the category tables, and the words that both phrases and prompts are cut into.
//!
//! A phrase is a row of elements over words, described at the head of `queries/categories/lexicon.toml`. This module
//! reads phrases; matching them against a prompt is the classifier's work.

mod runs;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

pub use runs::{Atom, Runs, Word, stem};

/// The most words that a gap may skip.
const WIDEST_GAP: u8 = 30;

/// One element of a phrase.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// One of several runs; `optional` if none need stand there.
    Any {
        /// The runs; those of a list of the lexicon are shared by all phrases that name it.
        runs: Arc<Runs>,
        /// Whether the element may be left out.
        optional: bool,
        /// Whether the English forms of every word count: "sorted", "sorting", "sorts".
        forms: bool,
    },
    /// Up to so many words that do not matter, within one sentence.
    Gap(u8),
    /// The start of a sentence, apart from words such as "please" and "your task is to".
    Start,
}

/// A phrase: what has to be found in one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// Its elements in order.
    pub elements: Vec<Element>,
    /// Further rows of elements, which have to stand nearby, in whatever order.
    pub beside: Vec<Vec<Element>>,
}

/// The most rows that may stand beside the first.
pub const MOST_BESIDE: usize = 4;

/// Named word lists, as the tables give them.
#[derive(Debug, Default, Deserialize)]
pub struct Lexicon {
    lists: BTreeMap<String, Vec<String>>,
    /// The lists that phrases name, each read once.
    #[serde(skip)]
    read: Mutex<BTreeMap<String, Arc<Runs>>>,
}

impl Lexicon {
    /// The entries of a list, as they are written.
    pub fn get(&self, name: &str) -> Option<&Vec<String>> {
        self.lists.get(name)
    }

    /// The runs that a list stands for.
    fn runs(&self, name: &str) -> Result<Arc<Runs>, String> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(name) {
            return Ok(known.clone());
        }
        let list = self.get(name).ok_or_else(|| format!("the lexicon has no list `{name}`"))?;
        let runs = Arc::new(Runs::new(list.iter().map(|entry| run(entry)).collect::<Result<_, _>>()?));
        read.insert(name.to_owned(), runs.clone());
        Ok(runs)
    }
}

impl Phrase {
    /// Reads a phrase; `<name>` stands for a list of `lexicon`.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn read(text: &str, lexicon: &Lexicon) -> Result<Self, String> {
        let mut rows = text.split('&').map(|row| elements(row, lexicon)).collect::<Result<Vec<_>, _>>()?;
        if rows.len() > 1 {
            for element in rows.iter_mut().flatten() {
                if let Element::Any { forms, .. } = element {
                    *forms = true;
                }
            }
        }
        let worded = |element: &Element| match element {
            Element::Any { runs, optional: false, .. } => {
                runs.all().iter().flatten().any(|atom| matches!(atom, Atom::Word(_)))
            }
            _ => false,
        };
        if !rows.iter().flatten().any(worded) {
            return Err(format!("the phrase `{text}` holds no word that must stand"));
        }
        if rows.len() > MOST_BESIDE + 1 {
            return Err(format!("`{text}` has more than {} parts", MOST_BESIDE + 1));
        }
        Ok(Self { elements: rows.remove(0), beside: rows })
    }

    /// The first words that can begin a match and whether their forms count, unless the phrase can begin with a hole.
    pub fn first_words(&self) -> Option<(Vec<&Word>, bool)> {
        let first = self.elements.iter().find(|element| !matches!(element, Element::Start))?;
        let Element::Any { runs, forms, .. } = first else { return None };
        let words = runs.all().iter().map(|run| match run.first() {
            Some(Atom::Word(word)) => Some(word),
            _ => None,
        });
        Some((words.collect::<Option<_>>()?, *forms))
    }
}

/// One row of elements.
fn elements(text: &str, lexicon: &Lexicon) -> Result<Vec<Element>, String> {
    let mut elements = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let (element, left) = match first {
            '^' => (Element::Start, &rest[1..]),
            '~' => gap(&rest[1..])?,
            '<' => upto(rest, '>', lexicon)?,
            '(' => group(rest, lexicon)?,
            '{' => upto(rest, '}', lexicon)?,
            _ => {
                let end = rest.find([' ', '<', '(', '{', '~']).unwrap_or(rest.len());
                (Element::Any { runs: runs(&rest[..end], lexicon)?, optional: false, forms: false }, &rest[end..])
            }
        };
        elements.push(element);
        rest = left.trim_start();
    }
    let loose = |element: &Element| matches!(element, Element::Gap(_) | Element::Any { optional: true, .. });
    if elements.is_empty() || elements.first().is_some_and(loose) || elements.last().is_some_and(loose) {
        return Err(format!("`{text}` is empty, or begins or ends with what need not stand"));
    }
    Ok(elements)
}

fn gap(rest: &str) -> Result<(Element, &str), String> {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    match rest[..end].parse::<u8>() {
        Ok(width) if (1..=WIDEST_GAP).contains(&width) => Ok((Element::Gap(width), &rest[end..])),
        _ => Err(format!("a gap is written ~1 to ~{WIDEST_GAP}")),
    }
}

/// A list or a hole by itself.
fn upto<'a>(rest: &'a str, close: char, lexicon: &Lexicon) -> Result<(Element, &'a str), String> {
    let end = rest.find(close).ok_or_else(|| format!("`{close}` is missing in `{rest}`"))? + 1;
    Ok(optional(runs(&rest[..end], lexicon)?, &rest[end..]))
}

fn group<'a>(rest: &'a str, lexicon: &Lexicon) -> Result<(Element, &'a str), String> {
    let (inside, left) = rest[1..].split_once(')').ok_or("`(` without `)`")?;
    let mut all = Vec::new();
    for one in inside.split('|') {
        match list_name(one.trim()) {
            Some(name) => all.extend_from_slice(lexicon.runs(name)?.all()),
            None => all.push(run(one.trim())?),
        }
    }
    Ok(optional(Arc::new(Runs::new(all)), left))
}

fn optional(runs: Arc<Runs>, left: &str) -> (Element, &str) {
    match left.strip_prefix('?') {
        Some(left) => (Element::Any { runs, optional: true, forms: false }, left),
        None => (Element::Any { runs, optional: false, forms: false }, left),
    }
}

/// The runs that one alternative stands for: several if it is a list of the lexicon.
fn runs(text: &str, lexicon: &Lexicon) -> Result<Arc<Runs>, String> {
    match list_name(text.trim()) {
        Some(name) => lexicon.runs(name),
        None => Ok(Arc::new(Runs::new(vec![run(text.trim())?]))),
    }
}

fn list_name(text: &str) -> Option<&str> {
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>'))
}

fn run(text: &str) -> Result<Vec<Atom>, String> {
    let mut atoms = Vec::new();
    for part in text.split_whitespace() {
        if part == "$" {
            atoms.push(Atom::End);
        } else if part == "#" {
            atoms.push(Atom::Figure);
        } else if let Some(tag) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            atoms.push(Atom::Hole(Some(tag.to_owned()).filter(|tag| !tag.is_empty())));
        } else if let Some(sign) =
            part.chars().find(|c| matches!(c, '~' | '<' | '>' | '{' | '}' | '(' | ')' | '|' | '^' | '$' | '#' | '&'))
        {
            return Err(format!("`{sign}` does not stand inside a run of words: `{text}`"));
        } else {
            let prefix = part.ends_with('*');
            let mut words: Vec<Word> = cut(part).into_iter().map(|word| Word { text: word.2, prefix: false }).collect();
            if let Some(last) = words.last_mut() {
                last.prefix = prefix;
            }
            atoms.extend(words.into_iter().map(Atom::Word));
        }
    }
    if atoms.is_empty() { Err(format!("`{text}` holds no word")) } else { Ok(atoms) }
}

/// Cuts a text into folded words with their byte ranges: runs of letters and digits, and each sign of a script that
/// writes without spaces. Marks between words are dropped.
pub fn cut(text: &str) -> Vec<(usize, usize, String)> {
    let mut words: Vec<(usize, usize, String)> = Vec::new();
    let mut open = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        if is_unspaced(c) {
            words.push((at, end, c.to_string()));
            open = false;
        } else if c.is_alphanumeric() {
            match words.last_mut().filter(|_| open) {
                Some(last) => {
                    last.1 = end;
                    fold(c, &mut last.2);
                }
                None => {
                    let mut folded = String::new();
                    fold(c, &mut folded);
                    words.push((at, end, folded));
                }
            }
            open = true;
        } else if matches!(c, '\'' | '’') && open {
            // "don't" is one word, the possessive s is none.
            match chars.peek() {
                Some((_, 's' | 'S')) => {
                    chars.next();
                    open = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
                }
                Some((_, 't' | 'T')) => {}
                _ => open = false,
            }
        } else {
            open = false;
        }
    }
    words
}

/// Whether a script writes this sign without spaces between words: Chinese and Japanese.
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Lower case without the accents of the covered languages.
fn fold(c: char, into: &mut String) {
    if c.is_ascii() {
        return into.push(c.to_ascii_lowercase());
    }
    for c in c.to_lowercase() {
        match c {
            'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => into.push('a'),
            'é' | 'è' | 'ê' | 'ë' => into.push('e'),
            'í' | 'ì' | 'î' | 'ï' => into.push('i'),
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' => into.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => into.push('u'),
            'ç' => into.push('c'),
            'ñ' => into.push('n'),
            'ß' => into.push_str("ss"),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_a_row_of_elements() {
        let lexicon: Lexicon = toml::from_str("[lists]\nfmt = ['json', 'plain text']").expect("a list");
        let phrase = Phrase::read("^ convert* ~3 <fmt> (to|as)? {date}", &lexicon).expect("a phrase");
        assert_eq!(phrase.elements.len(), 6);
        let hole = Atom::Hole(Some("date".into()));
        let runs = Arc::new(Runs::new(vec![vec![hole]]));
        assert_eq!(phrase.elements[5], Element::Any { runs, optional: false, forms: false });
        assert!(Phrase::read("<none>", &lexicon).is_err());
        assert!(Phrase::read("{} ~3", &lexicon).is_err());
        assert!(Phrase::read("word ~99 word", &lexicon).is_err());
    }

    #[test]
    fn rows_stand_beside_each_other_and_take_the_forms_of_their_words() {
        let lexicon = Lexicon::default();
        let phrase = Phrase::read("sort ~2 list & {date} & (up|down) #", &lexicon).expect("a phrase");
        assert_eq!(phrase.beside.len(), 2);
        let (first, forms) = phrase.first_words().expect("a word");
        let is = |word| first[0].is(word, forms);
        assert!(is("sorted") && is("sorting") && !is("sortable"));
        let alone = Phrase::read("sort ~2 list", &lexicon).expect("a phrase");
        assert!(!alone.first_words().expect("a word").1);
        assert!(Phrase::read("{date} & {list}", &lexicon).is_err());
        assert!(Phrase::read("sort & ", &lexicon).is_err());
    }

    #[test]
    fn words_are_folded_and_signs_stand_alone() {
        let words: Vec<String> =
            cut("Don't add the User's E-mail: 转换 Größe").into_iter().map(|word| word.2).collect();
        assert_eq!(words, ["dont", "add", "the", "user", "e", "mail", "转", "换", "grosse"]);
    }
}
