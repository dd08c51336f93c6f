//! Kinds of work: `queries/categories/`. What a prompt must say for a call to be mechanical or judgment, in phrases
//! with weights.
//!
//! To add a kind of work: a table beside the others (the keys are described at the head of `lexicon.toml`), its line
//! in `FILES`, and a case in `fixtures/rules/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrase::{Lexicon, Phrase};

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../queries/categories/", $name, ".toml")))),*]
    };
}

/// The tables of mechanical work, in the order of their rules.
const FILES: &[(&str, &str)] = tables![
    "date-math",
    "format-conversion",
    "existence-check",
    "status-notification",
    "structured-comparison",
    "url-canonicalization",
    "arithmetic",
    "pattern-extraction",
    "text-transform",
    "collection-operation",
    "lookup",
    "validation",
    "counting",
    "mechanical-routing",
];

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
#[error("queries/categories/{file}.toml: {key}: {problem}")]
pub struct CategoryError {
    /// The table.
    pub file: String,
    /// The entry in it.
    pub key: String,
    /// What is wrong.
    pub problem: String,
}

/// What a call's input must be for a signal to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Single values only: numbers, dates, names, codes.
    Scalar,
    /// Single values, records, tables or marked-up text.
    Formal,
    /// The phrase itself states the form: "this HTML".
    Stated,
    /// Any text, as the operation only looks at its signs.
    Literal,
    /// A text that can hold more than one value, of which only the signs matter.
    Text,
    /// Nothing has to go in.
    Nothing,
}

/// A signal as the table gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawSignal {
    id: String,
    say: String,
    phrases: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    weight: f64,
    input: Option<Need>,
    output: Option<String>,
    max_words: Option<usize>,
    #[serde(default)]
    mixed_if_free: bool,
    #[serde(default)]
    mixed: bool,
    #[serde(default)]
    agent: bool,
    #[serde(default)]
    veto: bool,
    #[serde(default)]
    affirmed: bool,
    #[serde(default)]
    explained: bool,
    #[serde(default)]
    of_text: bool,
    #[serde(default)]
    recovers: bool,
    #[serde(default)]
    specified: bool,
    #[serde(default)]
    certain: bool,
    #[serde(default)]
    account: bool,
    #[serde(default)]
    blends: bool,
    beside: Option<String>,
}

/// Something that a prompt may say, and what it weighs.
#[derive(Debug)]
pub struct Signal {
    /// `date-math/iso-notation`.
    pub id: String,
    /// What it means, for people: "asks for a date in a fixed notation".
    pub say: String,
    /// Any of these has to be found.
    pub phrases: Vec<Phrase>,
    /// None of these may stand in the same sentence.
    pub unless: Vec<Phrase>,
    /// Log-odds for a mechanical reading.
    pub weight: f64,
    /// What has to go in.
    pub input: Need,
    /// What the phrase says of the answer's form.
    pub output: Option<String>,
    /// The longest static prompt, in words, that it counts in.
    pub max_words: Option<usize>,
    /// On free text, the rule covers the common inputs only.
    pub mixed_if_free: bool,
    /// It shows a mechanical part of something larger: for judgment signals, that a rule does the rest.
    pub mixed: bool,
    /// It holds for runs with tools.
    pub agent: bool,
    /// Nothing outweighs it.
    pub veto: bool,
    /// It counts even where a negation stands before it.
    pub affirmed: bool,
    /// It does not count where an operation's phrase covers it.
    pub explained: bool,
    /// It needs a text in which something is found: among single values it says little (judgment table).
    pub of_text: bool,
    /// It mends what failed before, so that a handler around the call is its usual place.
    pub recovers: bool,
    /// A list of rules is its specification, not a row of further tasks.
    pub specified: bool,
    /// It has one answer, so that an account of it is a fixed sentence.
    pub certain: bool,
    /// It asks for an account of the answer, which weighs little beside what is certain (judgment table).
    pub account: bool,
    /// It colours the whole answer, so that neither the whole nor a part is mechanical (judgment table).
    pub blends: bool,
    /// The signal that must be found in the same prompt, so that this one means what it says: `category/id`.
    pub beside: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawCategory {
    id: String,
    class: String,
    title: String,
    rule: Option<String>,
    #[serde(default)]
    outputs: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    signal: Vec<RawSignal>,
}

/// A kind of work.
#[derive(Debug)]
pub struct Category {
    /// `date-math`.
    pub id: String,
    /// What such a call does: "rewrites or calculates with dates".
    pub title: String,
    /// `SW101`; empty for judgment.
    pub rule: String,
    /// Uses of an answer that agree with it.
    pub outputs: Vec<String>,
    /// Words in a function's name that agree with it.
    pub names: Vec<String>,
    /// Its signals.
    pub signals: Vec<Signal>,
}

/// Words that say what form a value has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShapeWords {
    /// By the name of a shape: words in a hole's name, or before it in the prompt.
    pub shape: BTreeMap<String, Vec<String>>,
    /// Names of free text.
    pub free: Vec<String>,
    /// Names of free text that is long: what is wanted has to be found in it first.
    pub document: Vec<String>,
    /// Names that hold anything, mostly text.
    pub weak: Vec<String>,
    /// Names of instructions that come in from elsewhere.
    pub instruction: Vec<String>,
    /// Names of conversations.
    pub talk: Vec<String>,
    /// Names of pictures, sound and other bytes.
    pub media: Vec<String>,
    /// Nouns by which an operation's phrase itself says what form its input has.
    pub stated: Vec<String>,
}

/// Figures of the weighing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Weights {
    /// Log-odds by name.
    pub weights: BTreeMap<String, f64>,
    /// From score to probability.
    pub calibration: Calibration,
}

/// From score to probability.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Calibration {
    /// Factor of the score.
    pub slope: f64,
    /// Added to it.
    pub offset: f64,
    /// The least probability at which a call is called mechanical.
    pub threshold: f64,
}

/// All tables.
#[derive(Debug)]
pub struct Categories {
    /// The kinds of mechanical work, in the order of their rules.
    pub mechanical: Vec<Category>,
    /// What speaks for judgment.
    pub judgment: Category,
    /// What a prompt says of the answer's form.
    pub output: Category,
    /// What names and nouns say of a value's form.
    pub shapes: ShapeWords,
    /// The word lists.
    pub lexicon: Lexicon,
    /// Figures.
    pub weights: Weights,
}

fn toml_of<'a, T: Deserialize<'a>>(file: &str, text: &'a str) -> Result<T, CategoryError> {
    toml::from_str(text).map_err(|error| problem(file, "toml", &error.to_string()))
}

fn problem(file: &str, key: &str, problem: &str) -> CategoryError {
    CategoryError { file: file.to_owned(), key: key.to_owned(), problem: problem.to_owned() }
}

impl Categories {
    /// The embedded tables, read when the first call is judged. The tests of this module load them, so that they
    /// cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static TABLES: LazyLock<Categories> =
            LazyLock::new(|| Categories::load().expect("queries/categories/ is valid"));
        &TABLES
    }

    /// Reads and checks the embedded tables.
    ///
    /// # Errors
    /// The first table that is not as it has to be.
    pub fn load() -> Result<Self, CategoryError> {
        let lexicon: Lexicon = toml_of("lexicon", include_str!("../../queries/categories/lexicon.toml"))?;
        let mechanical =
            FILES.iter().map(|(file, text)| category(file, text, &lexicon)).collect::<Result<Vec<_>, _>>()?;
        let judgment = category("judgment", include_str!("../../queries/categories/judgment.toml"), &lexicon)?;
        let output = category("output", include_str!("../../queries/categories/output.toml"), &lexicon)?;
        Ok(Self {
            mechanical,
            judgment,
            output,
            shapes: toml_of("shapes", include_str!("../../queries/categories/shapes.toml"))?,
            weights: toml_of("weights", include_str!("../../queries/categories/weights.toml"))?,
            lexicon,
        })
    }

    /// A kind of mechanical work.
    pub fn by_id(&self, id: &str) -> Option<&Category> {
        self.mechanical.iter().find(|category| category.id == id)
    }

    /// A figure of the weighing; 0 if the table does not name it.
    pub fn weight(&self, name: &str) -> f64 {
        self.weights.weights.get(name).copied().unwrap_or(0.0)
    }
}

/// Reads and checks one table.
///
/// # Errors
/// What is wrong with it.
pub fn category(file: &str, text: &str, lexicon: &Lexicon) -> Result<Category, CategoryError> {
    let raw: RawCategory = toml_of(file, text)?;
    if raw.id != file {
        return Err(problem(file, "id", "differs from the file's name"));
    }
    let mechanical = match raw.class.as_str() {
        "mechanical" => true,
        "judgment" | "output" => false,
        _ => return Err(problem(file, "class", "is neither `mechanical`, `judgment` nor `output`")),
    };
    if mechanical != raw.rule.is_some() {
        return Err(problem(file, "rule", "a rule belongs to mechanical work, and to nothing else"));
    }
    let signals = raw.signal.into_iter().map(|signal| read_signal(file, &raw.class, signal, lexicon));
    let signals = signals.collect::<Result<Vec<_>, _>>()?;
    Ok(Category {
        id: raw.id,
        title: raw.title,
        rule: raw.rule.unwrap_or_default(),
        outputs: raw.outputs,
        names: raw.names,
        signals,
    })
}

fn read_signal(file: &str, class: &str, raw: RawSignal, lexicon: &Lexicon) -> Result<Signal, CategoryError> {
    let fits = match class {
        "mechanical" => raw.weight > 0.0 && raw.input.is_some(),
        "judgment" => raw.weight < 0.0 && raw.input.is_none(),
        _ => raw.weight >= 0.0 && raw.input.is_none(),
    };
    if !fits {
        let text = "mechanical signals weigh more than 0 and need `input`; those for judgment less, without `input`";
        return Err(problem(file, &raw.id, text));
    }
    let read = |phrases: &[String]| -> Result<Vec<Phrase>, CategoryError> {
        phrases
            .iter()
            .map(|phrase| {
                Phrase::read(phrase, lexicon)
                    .map_err(|error| problem(file, &raw.id, &format!("in `{phrase}`: {error}")))
            })
            .collect()
    };
    Ok(Signal {
        id: format!("{file}/{}", raw.id),
        phrases: read(&raw.phrases)?,
        unless: read(&raw.unless)?,
        say: raw.say,
        weight: raw.weight,
        input: raw.input.unwrap_or(Need::Nothing),
        output: raw.output,
        max_words: raw.max_words,
        mixed_if_free: raw.mixed_if_free,
        mixed: raw.mixed,
        agent: raw.agent,
        veto: raw.veto,
        affirmed: raw.affirmed,
        explained: raw.explained,
        of_text: raw.of_text,
        recovers: raw.recovers,
        specified: raw.specified,
        certain: raw.certain,
        account: raw.account,
        blends: raw.blends,
        beside: raw.beside,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_valid() {
        let tables = Categories::load().map_err(|error| error.to_string()).expect("valid tables");
        assert_eq!(tables.mechanical.len(), 14);
        for (at, category) in tables.mechanical.iter().enumerate() {
            assert_eq!(category.rule, format!("SW{}", 101 + at));
        }
    }

    #[test]
    fn an_error_names_the_table_and_the_entry() {
        let text = "id='x'\nclass='mechanical'\ntitle='t'\nrule='SW1'\n[[signal]]\nid='s'\nsay='s'\nphrases=['<no>']\nweight=1.0\ninput='scalar'\n";
        let error = category("x", text, &Lexicon::default()).expect_err("an unknown list").to_string();
        assert_eq!(error, "queries/categories/x.toml: s: in `<no>`: the lexicon has no list `no`");
    }
}
