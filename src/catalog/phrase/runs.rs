//! Runs of words, of which one has to stand where an element of a phrase stands, and what tells at a glance that none
//! does: most words of a prompt begin none of them.

use rustc_hash::FxHashSet;

/// A part of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    /// A word.
    Word(Word),
    /// A hole; with a tag, one whose form has that name.
    Hole(Option<String>),
    /// Figures.
    Figure,
    /// The end of a sentence.
    End,
}

/// A word of a phrase.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Folded text.
    pub text: String,
    /// Whether it may go on.
    pub prefix: bool,
}

impl Word {
    /// Whether a folded word of a prompt is this one; with `forms` its English forms count: "sorted", "sorting".
    pub fn is(&self, word: &str, forms: bool) -> bool {
        // Whichever way they agree, they begin alike.
        if word.as_bytes().first() != self.text.as_bytes().first() {
            return false;
        }
        if self.prefix {
            return word.starts_with(&self.text);
        }
        word == self.text || forms && stem(word) == stem(&self.text)
    }
}

/// Runs from which on it pays to ask whether any of them can begin with a word.
const MANY: usize = 6;

/// Runs in the order in which they are tried.
#[derive(Debug)]
pub struct Runs {
    all: Vec<Vec<Atom>>,
    begin: Option<Begin>,
}

/// What can begin a run.
#[derive(Debug)]
struct Begin {
    words: FxHashSet<String>,
    /// What the forms of the words have in common.
    stems: FxHashSet<String>,
    /// Words that may go on.
    prefixes: Vec<String>,
}

impl PartialEq for Runs {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

impl Runs {
    /// Takes runs in their order.
    pub fn new(all: Vec<Vec<Atom>>) -> Self {
        let begin = (all.len() >= MANY).then(|| Begin::new(&all)).flatten();
        Self { all, begin }
    }

    /// The runs.
    pub fn all(&self) -> &[Vec<Atom>] {
        &self.all
    }

    /// The runs that are worth trying before this folded word; `None` stands for a hole, or for no word.
    pub fn before(&self, word: Option<&str>, forms: bool) -> &[Vec<Atom>] {
        match &self.begin {
            Some(begin) if !word.is_some_and(|word| begin.fits(word, forms)) => &[],
            _ => &self.all,
        }
    }
}

impl Begin {
    /// `None` if a run can begin with something that is no word.
    fn new(runs: &[Vec<Atom>]) -> Option<Self> {
        let mut begin = Self { words: FxHashSet::default(), stems: FxHashSet::default(), prefixes: Vec::new() };
        for run in runs {
            let Some(Atom::Word(word)) = run.first() else { return None };
            if word.prefix {
                begin.prefixes.push(word.text.clone());
            } else {
                begin.words.insert(word.text.clone());
                begin.stems.insert(stem(&word.text).to_owned());
            }
        }
        Some(begin)
    }

    fn fits(&self, word: &str, forms: bool) -> bool {
        self.words.contains(word)
            || self.prefixes.iter().any(|prefix| word.starts_with(prefix.as_str()))
            || (forms && self.stems.contains(stem(word)))
    }
}

/// The fewest letters that a stem keeps.
const SHORTEST_STEM: usize = 4;

/// Words that look like forms of another word and mean something else.
const OWN_WORDS: [&str; 8] =
    ["following", "meaning", "means", "news", "interesting", "interested", "heading", "headings"];

/// What the English forms of a folded word have in common; other words come back as they are.
pub fn stem(word: &str) -> &str {
    if word.len() < SHORTEST_STEM || !word.is_ascii() || OWN_WORDS.contains(&word) {
        return word;
    }
    let doubled = |text: &str| {
        let bytes = text.as_bytes();
        bytes.len() > 2 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2]
    };
    let bare = word.strip_suffix("ing").or_else(|| word.strip_suffix("ed"));
    let bare = bare.filter(|bare| bare.len() >= SHORTEST_STEM || doubled(bare));
    let base = match bare {
        Some(bare) if bare.len() >= SHORTEST_STEM && doubled(bare) && !bare.ends_with(['l', 's']) => {
            &bare[..bare.len() - 1]
        }
        Some(bare) => bare,
        None if word.ends_with(['s']) && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") => {
            &word[..word.len() - 1]
        }
        None => word,
    };
    let short = base.strip_suffix("ie").or_else(|| base.strip_suffix('i'));
    let short = short.or_else(|| base.strip_suffix('e')).or_else(|| base.strip_suffix('y'));
    short.filter(|short| short.len() >= SHORTEST_STEM).unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (one, other) in [("replace", "replacing"), ("entries", "entry"), ("mapped", "map"), ("dates", "date")] {
            assert_eq!(stem(one), stem(other), "{one} {other}");
        }
        for (one, other) in [("meaning", "mean"), ("news", "new"), ("interesting", "interest"), ("notes", "not")] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }
}
