//! Code that does a mechanical call's work: `queries/replacements/`, one table for each kind of work.
//!
//! A table lists operations, the more particular before the more general: the first that fits a call is shown. The
//! keys are explained in `queries/README.md`. To add an operation: an entry with its code in both languages and its
//! checks; the tests parse all code and run what needs no library.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::category::Categories;
use super::phrase::{Lexicon, Phrase};
use crate::program::Shape;

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../queries/replacements/", $name, ".toml")))),*]
    };
}

/// The tables, in the order of their rules.
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

/// The end of the signal that the words of a whole prompt give: it belongs to every category and no phrase gives it.
pub const WORDS: &str = "/words";

/// What is wrong with a table: its file, the operation, the problem.
#[derive(Debug, thiserror::Error)]
#[error("queries/replacements/{file}.toml: {key}: {problem}")]
pub struct ReplacementError {
    file: String,
    key: String,
    problem: String,
}

/// What the code leaves in the answer's variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gives {
    /// Text, as a model would answer.
    #[default]
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A list.
    List,
    /// A record, or what else JSON holds.
    Record,
}

impl Gives {
    /// As a reader is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::List => "a list",
            Self::Record => "a parsed value",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawHole {
    name: String,
    #[serde(default)]
    shapes: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    parsed: bool,
    #[serde(default)]
    many: bool,
    #[serde(default)]
    literal: bool,
    python: Option<String>,
    typescript: Option<String>,
}

/// A place of a template, written `{name}`, that a value of the call goes to.
#[derive(Debug)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Forms of values that belong there.
    pub shapes: Vec<Shape>,
    /// Words of a value's name that say that it belongs there.
    pub names: Vec<String>,
    /// The code wants the value that JSON text holds.
    pub parsed: bool,
    /// It takes every value that is left, as a list.
    pub many: bool,
    /// The prompt may state the value as a word or figure; it then stays a name for the reader to bind.
    pub literal: bool,
    /// What stands there by itself, in Python and TypeScript: no value of the call goes there.
    pub default: Option<(String, String)>,
}

/// An input with the output that the code must give.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Check {
    /// Values by place.
    #[serde(default)]
    pub given: BTreeMap<String, toml::Value>,
    /// What comes out; nothing (`None`, `null`) if it is left out.
    pub gives: Option<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawLibrary {
    language: String,
    package: String,
    module: String,
    code: String,
    #[serde(default)]
    notes: Vec<String>,
}

/// Code that needs a package.
#[derive(Debug)]
pub struct Library {
    /// Whether it is Python.
    pub python: bool,
    /// What is installed: `python-dateutil`.
    pub package: String,
    /// What is imported: `dateutil`.
    pub module: String,
    /// The code.
    pub code: String,
    /// What holds for this package alone.
    pub notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawOperation {
    id: String,
    signals: Vec<String>,
    #[serde(default)]
    when: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    holes: Vec<RawHole>,
    #[serde(default)]
    gives: Gives,
    #[serde(default)]
    sketch: bool,
    #[serde(default)]
    spare: bool,
    #[serde(default)]
    assumes: Vec<String>,
    #[serde(default)]
    edges: Vec<String>,
    better: Option<String>,
    python: Option<String>,
    typescript: Option<String>,
    #[serde(default)]
    library: Vec<RawLibrary>,
    #[serde(default)]
    check: Vec<Check>,
}

/// An operation, with the code that does it.
#[derive(Debug)]
pub struct Operation {
    /// `date-math/days-between`.
    pub id: String,
    /// The signals of the category that it serves: `date-math/difference`.
    pub signals: Vec<String>,
    /// One of these must stand in the prompt, unless there are none.
    pub when: Vec<Phrase>,
    /// None of these may.
    pub unless: Vec<Phrase>,
    /// Places for the call's values.
    pub places: Vec<Place>,
    /// What the code leaves in the answer's variable.
    pub gives: Gives,
    /// It shows the kind of work and has to be fitted to the call.
    pub sketch: bool,
    /// Values of the call beyond its places do not speak against it.
    pub spare: bool,
    /// What it takes for granted.
    pub assumes: Vec<String>,
    /// What it decides where a model would have improvised.
    pub edges: Vec<String>,
    /// The better cure, where it lies elsewhere.
    pub better: Option<String>,
    /// Code for the standard library alone, in Python and TypeScript.
    pub python: Option<String>,
    /// See `python`.
    pub typescript: Option<String>,
    /// Code that needs a package, the preferred first.
    pub libraries: Vec<Library>,
    /// Inputs and outputs of the code that needs no package.
    pub checks: Vec<Check>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawTable {
    category: String,
    operation: Vec<RawOperation>,
}

/// All tables.
#[derive(Debug)]
pub struct Replacements {
    /// The operations of every table, in order.
    pub operations: Vec<Operation>,
}

impl Replacements {
    /// The embedded tables. The tests of this module load them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static TABLES: LazyLock<Replacements> =
            LazyLock::new(|| Replacements::load(Categories::embedded()).expect("queries/replacements/ is valid"));
        &TABLES
    }

    /// Reads and checks the embedded tables, whose signals are those of `categories`.
    ///
    /// # Errors
    /// The first table that is not as it has to be.
    pub fn load(categories: &Categories) -> Result<Self, ReplacementError> {
        let mut operations = Vec::new();
        for (file, text) in FILES {
            operations.extend(table(file, text, categories)?);
        }
        Ok(Self { operations })
    }
}

/// Reads and checks one table.
///
/// # Errors
/// What is wrong with it.
pub fn table(file: &str, text: &str, categories: &Categories) -> Result<Vec<Operation>, ReplacementError> {
    let raw: RawTable = toml::from_str(text).map_err(|error| problem(file, "toml", &error.to_string()))?;
    let Some(category) = categories.by_id(&raw.category).filter(|category| category.id == file) else {
        return Err(problem(file, "category", "differs from the file's name"));
    };
    let mut operations: Vec<Operation> = Vec::new();
    for one in raw.operation {
        let signals: Vec<String> = one.signals.iter().map(|signal| format!("{file}/{signal}")).collect();
        let known = |id: &String| id.ends_with(WORDS) || category.signals.iter().any(|signal| signal.id == *id);
        if let Some(unknown) = signals.iter().find(|id| !known(id)) {
            return Err(problem(file, &one.id, &format!("no signal `{unknown}`")));
        }
        let operation = read(file, one, signals, &categories.lexicon)?;
        if operations.iter().any(|known| known.id == operation.id) {
            return Err(problem(file, &operation.id, "stands twice"));
        }
        operations.push(operation);
    }
    Ok(operations)
}

fn read(file: &str, raw: RawOperation, signals: Vec<String>, lexicon: &Lexicon) -> Result<Operation, ReplacementError> {
    let wrong = |text: String| problem(file, &raw.id, &text);
    let phrases = |texts: &[String]| -> Result<Vec<Phrase>, ReplacementError> {
        let read = |text: &String| Phrase::read(text, lexicon).map_err(|error| wrong(format!("in `{text}`: {error}")));
        texts.iter().map(read).collect()
    };
    let (when, unless) = (phrases(&raw.when)?, phrases(&raw.unless)?);
    let places: Vec<Place> = raw.holes.iter().map(|hole| place(hole).map_err(&wrong)).collect::<Result<_, _>>()?;
    for library in &raw.library {
        if !matches!(library.language.as_str(), "python" | "typescript") {
            return Err(wrong(format!("the language `{}` is not known", library.language)));
        }
    }
    let codes = || raw.python.iter().chain(&raw.typescript).chain(raw.library.iter().map(|library| &library.code));
    for code in codes() {
        let lacks = |name: &str| !code.contains(&format!("{{{name}}}"));
        if let Some(name) = places.iter().map(|place| place.name.as_str()).chain(["answer"]).find(|name| lacks(name)) {
            return Err(wrong(format!("its code has no place `{{{name}}}`")));
        }
    }
    if codes().next().is_none() {
        return Err(wrong("it has no code".to_owned()));
    }
    for check in &raw.check {
        if let Some(name) = check.given.keys().find(|name| !places.iter().any(|place| place.name == **name)) {
            return Err(wrong(format!("a check gives `{name}`, which is no place")));
        }
    }
    if (raw.python.is_some() || raw.typescript.is_some()) && !raw.sketch && raw.check.is_empty() {
        return Err(wrong("code that needs no package has to be checked".to_owned()));
    }
    let code = |text: String| text.trim().to_owned();
    let libraries = raw.library.into_iter().map(|library| Library {
        python: library.language == "python",
        package: library.package,
        module: library.module,
        code: code(library.code),
        notes: library.notes,
    });
    Ok(Operation {
        id: format!("{file}/{}", raw.id),
        signals,
        when,
        unless,
        places,
        gives: raw.gives,
        sketch: raw.sketch,
        spare: raw.spare,
        assumes: raw.assumes,
        edges: raw.edges,
        better: raw.better,
        python: raw.python.map(code),
        typescript: raw.typescript.map(code),
        libraries: libraries.collect(),
        checks: raw.check,
    })
}

fn place(raw: &RawHole) -> Result<Place, String> {
    let shapes = raw.shapes.iter().map(|name| Shape::named(name).ok_or_else(|| format!("no shape `{name}`")));
    let default = match (&raw.python, &raw.typescript) {
        (Some(python), Some(typescript)) => Some((python.clone(), typescript.clone())),
        (None, None) => None,
        _ => return Err(format!("the default of `{}` stands in one language alone", raw.name)),
    };
    Ok(Place {
        name: raw.name.clone(),
        shapes: shapes.collect::<Result<_, _>>()?,
        names: raw.names.clone(),
        parsed: raw.parsed,
        many: raw.many,
        literal: raw.literal,
        default,
    })
}

fn problem(file: &str, key: &str, problem: &str) -> ReplacementError {
    ReplacementError { file: file.to_owned(), key: key.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_that_can_be_found_has_code_in_both_languages() {
        let tables =
            Replacements::load(Categories::embedded()).map_err(|error| error.to_string()).expect("valid tables");
        for category in &Categories::embedded().mechanical {
            // What is mixed is never replaced.
            let phrases = category.signals.iter().filter(|signal| !signal.mixed).map(|signal| signal.id.clone());
            for signal in phrases.chain([format!("{}{WORDS}", category.id)]) {
                for python in [true, false] {
                    let found = tables.operations.iter().filter(|one| one.signals.contains(&signal)).any(|one| {
                        let plain = if python { &one.python } else { &one.typescript };
                        plain.is_some() || one.libraries.iter().any(|library| library.python == python)
                    });
                    assert!(found, "{signal} has no code, python: {python}");
                }
            }
        }
    }

    #[test]
    fn an_error_names_the_table_and_the_operation() {
        let read = |text: &str| table("counting", text, Categories::embedded()).expect_err("an error").to_string();
        let head = "category='counting'\n[[operation]]\nid='x'\n";
        assert_eq!(
            read(&format!("{head}signals=['no']\n")),
            "queries/replacements/counting.toml: x: no signal `counting/no`"
        );
        assert_eq!(
            read(&format!("{head}signals=['count']\nholes=[{{name='a'}}]\npython='{{answer}} = 1'\n")),
            "queries/replacements/counting.toml: x: its code has no place `{a}`"
        );
        assert!(read(&format!("{head}signals=['count']\nwords=[]\n")).contains("unknown field `words`"));
        assert!(read(&format!("{head}signals=['count']\npython='{{answer}} = 1'\n")).contains("has to be checked"));
    }
}
