//! Tokens of a text, estimated or, on request, counted.
//!
//! The estimate counts by kind of character run, with rates that were fitted once against the public `o200k_base` vocabulary on the
//! prompts of `fixtures/labelled/labels.jsonl`. The error was measured against exact counts of 449 texts: these prompts,
//! prompt files, Markdown, code, JSON and HTML of public repositories.

use tiktoken_rs::{cl100k_base_singleton, o200k_base_singleton};

use crate::catalog::model::{Model, ModelTable};
use crate::catalog::vocabulary::Vocabulary;

/// How the tokens of a text for a model are told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Measure {
    /// Estimated, times what the provider's vocabulary gives for one token of the estimate.
    Estimate(f64),
    /// Counted.
    Exact(Vocabulary),
}

impl Default for Measure {
    fn default() -> Self {
        Self::Estimate(1.0)
    }
}

impl Measure {
    /// As a table tells it of a model.
    pub(super) fn of(model: &Model, table: &ModelTable) -> Self {
        match table.vocabulary(model) {
            Some(vocabulary) => Self::Exact(vocabulary),
            None => Self::Estimate(table.provider(model).tokens),
        }
    }

    /// Tokens of a text.
    pub(super) fn tokens(self, text: &str) -> f64 {
        match self {
            Self::Estimate(factor) => estimate(text) * factor,
            Self::Exact(vocabulary) if text.len() <= COUNTED => exact(vocabulary, text) as f64,
            Self::Exact(_) => estimate(text),
        }
    }
}

/// Bytes of a text beyond which it is estimated all the same: the splitting expression backtracks.
const COUNTED: usize = 256 << 10;

/// Tokens of a text by a public vocabulary.
fn exact(vocabulary: Vocabulary, text: &str) -> usize {
    match vocabulary {
        Vocabulary::Cl100k => cl100k_base_singleton(),
        Vocabulary::O200k => o200k_base_singleton(),
    }
    .encode_ordinary(text)
    .len()
}

/// Mean absolute error of [`estimate`] by kind of text, in percent of the exact count.
pub const ERRORS: &[(&str, u32)] = &[("prompts and prose", 5), ("code", 10), ("JSON and YAML", 9), ("HTML", 15)];

/// Estimated tokens of a text.
pub fn estimate(text: &str) -> f64 {
    let mut tokens = 0.0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_alphabetic() || (c.is_alphabetic() && (c as u32) < 0x0250) {
            let mut length = 1usize;
            let mut foreign = !c.is_ascii();
            let mut humps = 0usize;
            let mut before = c;
            while let Some(&next) = chars.peek() {
                if !next.is_alphabetic() || (next as u32) >= 0x0250 {
                    break;
                }
                if next.is_uppercase() && before.is_lowercase() {
                    humps += 1;
                }
                foreign |= !next.is_ascii();
                length += 1;
                before = next;
                chars.next();
            }
            // Common words are one token; long ones and words of other languages split.
            let pieces = match length {
                0..=8 => 1.0,
                9..=12 => 1.25,
                _ => length as f64 / 6.5,
            };
            tokens += pieces + humps as f64 * 0.8 + if foreign { 0.9 } else { 0.0 };
        } else if c.is_ascii_digit() {
            let mut length = 1usize;
            while chars.next_if(char::is_ascii_digit).is_some() {
                length += 1;
            }
            // Digits go by threes.
            tokens += length.div_ceil(3) as f64;
        } else if c == '\n' {
            while chars.next_if(|&next| next == '\n' || next == ' ').is_some() {}
            tokens += 0.85;
        } else if c.is_whitespace() {
            // One blank belongs to the word after it; a run is a token of its own.
            let mut run = 1usize;
            while chars.next_if(|&next| next == ' ' || next == '\t').is_some() {
                run += 1;
            }
            if run > 1 {
                tokens += 1.0;
            }
        } else if c.is_alphabetic() {
            tokens += match c as u32 {
                0x0370..=0x052F => 0.4,
                0x3040..=0x30FF => 0.75,
                0x4E00..=0x9FFF => 0.85,
                0xAC00..=0xD7AF => 0.7,
                _ => 0.8,
            };
        } else {
            // Runs of one mark are one token; mixed marks pair up half of the time.
            while chars.next_if(|&next| next == c).is_some() {}
            tokens += if c.is_ascii() { 0.75 } else { 1.3 };
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_grows_with_the_text_and_is_near_for_plain_english() {
        let text = "Return the date in ISO format and nothing else.";
        let once = estimate(text);
        assert!((8.0..14.0).contains(&once), "{once}");
        assert!(estimate(&format!("{text} {text}")) > 1.9 * once);
        assert!(estimate("").abs() < f64::EPSILON);
    }

    #[test]
    fn exact_counts_are_met_within_the_stated_error() {
        let prose = "You sort the letters that come to a town hall. Read each letter to its end before you decide. A \
                     complaint names something that went wrong and asks for it to be put right; a request asks for \
                     something new. If a letter holds both, it is a complaint. Answer with one word.";
        let code = "def total(rows):\n    amount = 0\n    for row in rows:\n        if row[\"kind\"] == \"bill\":\n            \
                    amount += int(row[\"cents\"])\n    return amount / 100\n";
        let json = r#"{"name": "Ada Example", "street": "Mill Lane 4", "items": [{"id": 17, "price": 12.5}, {"id": 18, "price": 3.25}], "paid": true}"#;
        for ((text, known), (kind, percent)) in [(prose, 60), (code, 42), (json, 52)].iter().zip(ERRORS) {
            let exact = exact(Vocabulary::O200k, text);
            assert_eq!(exact, *known, "tiktoken counts the same");
            let error = (estimate(text) - exact as f64).abs() / exact as f64 * 100.0;
            assert!(error <= f64::from(*percent), "{kind}: {error:.1} %");
        }
    }
    #[test]
    fn texts_that_no_one_writes_are_counted_too() {
        for unit in [" ", "a", "\n", " \n", "\u{0301}", "a1", "'", "\u{3000}"] {
            let text = unit.repeat(COUNTED / unit.len());
            for vocabulary in [Vocabulary::Cl100k, Vocabulary::O200k] {
                assert!((1..=text.len()).contains(&exact(vocabulary, &text)), "{unit:?}");
                assert!((1..=text.len() + 1).contains(&exact(vocabulary, &format!("{text}b"))), "{unit:?}");
            }
        }
        let measure = Measure::Exact(Vocabulary::O200k);
        let long = "word ".repeat(COUNTED);
        assert!((measure.tokens(&long) - estimate(&long)).abs() < f64::EPSILON);
    }
}
