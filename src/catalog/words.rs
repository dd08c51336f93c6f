//! What each word of a prompt weighs for mechanical work: `queries/categories/words.tsv`, and for which kind of it:
//! `queries/categories/kinds.tsv`. Both are fitted by `scripts/fit-words.py` and are looked up as they lie, sorted by key.

use std::sync::LazyLock;

const WORDS: &str = include_str!("../../queries/categories/words.tsv");
const KINDS: &str = include_str!("../../queries/categories/kinds.tsv");

/// Figures are stored as whole thousandths in `words.tsv`, as hundredths in `kinds.tsv`.
const THOUSAND: f64 = 1000.0;
const HUNDRED: f64 = 100.0;

/// What a word weighs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    /// Inverse document frequency: how seldom it is.
    pub rarity: f64,
    /// Log-odds for mechanical work, for a prompt that holds nothing else.
    pub weight: f64,
}

/// The tables.
#[derive(Debug)]
pub struct Words {
    /// Log-odds of a prompt without a known word.
    pub bias: f64,
    words: &'static str,
    /// The kinds of work, by the ids of their tables.
    pub kinds: Vec<&'static str>,
    /// Log-odds of each kind before a word is read.
    pub kind_bias: Vec<f64>,
    telling: &'static str,
}

impl Words {
    /// The tables of this release.
    pub fn embedded() -> &'static Self {
        static TABLES: LazyLock<Words> = LazyLock::new(|| Words::read(WORDS, KINDS));
        &TABLES
    }

    fn read(words: &'static str, kinds: &'static str) -> Self {
        let (head, words) = words.split_once('\n').unwrap_or((words, ""));
        let mut lines = kinds.splitn(3, '\n');
        let mut next = || lines.next().unwrap_or_default();
        let (names, biases, telling) = (next(), next(), next());
        Self {
            bias: figures(head).last().copied().unwrap_or_default() / THOUSAND,
            words,
            kinds: names.split('\t').skip(1).collect(),
            kind_bias: figures(biases).iter().map(|figure| figure / HUNDRED).collect(),
            telling,
        }
    }

    /// What a word weighs; `None` if it is not known.
    pub fn weight(&self, key: &str) -> Option<Weight> {
        let mut fields = find(self.words, key)?.split('\t').skip(1).map(str::parse::<f64>);
        let (Some(Ok(rarity)), Some(Ok(weight))) = (fields.next(), fields.next()) else { return None };
        Some(Weight { rarity: rarity / THOUSAND, weight: weight / THOUSAND })
    }

    /// What a word weighs for each of [`Words::kinds`]; `None` if it tells nothing of them.
    pub fn kind_weights(&self, key: &str) -> Option<Vec<f64>> {
        Some(figures(find(self.telling, key)?).iter().map(|figure| figure / HUNDRED).collect())
    }
}

fn figures(line: &str) -> Vec<f64> {
    line.split('\t').skip(1).filter_map(|field| field.parse().ok()).collect()
}

/// The line of a key, among lines that are sorted by the bytes of their first field.
fn find<'t>(table: &'t str, key: &str) -> Option<&'t str> {
    let bytes = table.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let end = bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| start + at);
        let line = &table[start..end];
        match line.split('\t').next().unwrap_or_default().cmp(key) {
            std::cmp::Ordering::Equal => return Some(line),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_key_and_no_other_key_is() {
        let tables = Words::embedded();
        let mut last = "";
        for line in tables.words.lines() {
            let key = line.split('\t').next().unwrap_or_default();
            assert!(last < key, "{key:?} after {last:?}");
            assert!(tables.weight(key).is_some(), "{key:?}");
            last = key;
        }
        for line in tables.telling.lines() {
            let key = line.split('\t').next().unwrap_or_default();
            assert_eq!(tables.kind_weights(key).map(|all| all.len()), Some(tables.kinds.len()), "{key:?}");
        }
        for key in ["", "\u{10ffff}", "no such key", "#\t"] {
            assert_eq!(tables.weight(key), None, "{key:?}");
        }
    }

    #[test]
    fn kinds_are_those_of_the_tables() {
        let known = &super::super::category::Categories::embedded().mechanical;
        for kind in &Words::embedded().kinds {
            assert!(known.iter().any(|category| category.id == *kind), "{kind}");
        }
        assert_eq!(Words::embedded().kinds.len(), Words::embedded().kind_bias.len());
    }
}
