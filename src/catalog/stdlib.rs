//! What a language's own functions do to values: `queries/stdlib/`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::data::Notation;
use crate::program::{Origin, Shape};

const PYTHON: &str = include_str!("../../queries/stdlib/python.toml");
const TYPESCRIPT: &str = include_str!("../../queries/stdlib/typescript.toml");

/// What a function or method gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Its first argument, or the object it is called on.
    Same,
    /// The function that is its first argument, bound to the others.
    Bound,
    /// Its second argument.
    Second,
    /// Its third argument, with its second in the place of what its first, a pattern, finds there.
    Substituted,
    /// Its first argument, a template, with the fields of its second in the places that are marked for them.
    Rendered,
    /// The member of its first argument that its second names.
    Member,
    /// The module that its first argument names.
    Module,
    /// The module in the file that the second argument is the path of.
    ModuleFile,
    /// Its arguments merged into one record.
    Merge,
    /// The pairs in its first argument as one record.
    Entries,
    /// The data of all files that its arguments name, merged into one record.
    Files,
    /// The files of the folder that its first argument names, by their names; or those whose paths fit it as a pattern.
    Listing {
        /// Whether it is a pattern, and paths are given.
        paths: bool,
    },
    /// The text of the file that the argument of that number names.
    File(usize),
    /// The fields of the object that is its first argument, or that it is called on, as a record.
    Fields,
    /// The folder of the path that is its first argument, or that it is called on.
    Parent,
    /// What its first argument, the text of a data file, says; a value of unknown keys where it is not.
    Data(Notation),
    /// A value of a known form.
    Shape(Shape, Origin),
}

/// The tables of both languages.
#[derive(Debug)]
pub struct Stdlib {
    python: Table,
    typescript: Table,
}

#[derive(Debug)]
struct Table {
    builtins: Vec<String>,
    env_objects: Vec<String>,
    env_functions: Vec<String>,
    own_file: Vec<String>,
    own_folder: Vec<String>,
    runners: Vec<String>,
    types: HashMap<String, TypeMeaning>,
    functions: HashMap<String, Gives>,
    methods: HashMap<String, Gives>,
    runs: HashMap<String, usize>,
}

/// What a type annotation says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeMeaning {
    /// The form of its values.
    Shape(Shape),
    /// What its argument says: `Optional[T]`.
    Through,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Raw {
    builtins: Vec<String>,
    env_objects: Vec<String>,
    env_functions: Vec<String>,
    own_file: Vec<String>,
    own_folder: Vec<String>,
    runners: Vec<String>,
    types: HashMap<String, Vec<String>>,
    function: Vec<RawEntry>,
    method: Vec<RawEntry>,
    #[serde(default)]
    runs: Vec<RawRuns>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    names: Vec<String>,
    does: String,
    origin: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRuns {
    names: Vec<String>,
    function: usize,
}

impl Stdlib {
    /// The embedded tables. The tests of this module load them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static TABLES: LazyLock<Stdlib> = LazyLock::new(|| Stdlib {
            python: Table::read(PYTHON).expect("queries/stdlib/python.toml is valid"),
            typescript: Table::read(TYPESCRIPT).expect("queries/stdlib/typescript.toml is valid"),
        });
        &TABLES
    }

    fn of(&self, python: bool) -> &Table {
        if python { &self.python } else { &self.typescript }
    }

    /// Whether a name needs no import.
    pub fn is_builtin(&self, python: bool, name: &str) -> bool {
        self.of(python).builtins.iter().any(|builtin| builtin == name)
    }

    /// Whether a dotted path is the environment: `process.env`.
    pub fn is_environment(&self, python: bool, path: &str) -> bool {
        self.of(python).env_objects.iter().any(|object| object == path)
    }

    /// Whether a dotted path with this last name can be the environment: asked first, for it costs less.
    pub fn may_be_environment(&self, python: bool, last: &str) -> bool {
        self.of(python).env_objects.iter().any(|object| object.ends_with(last))
    }

    /// Whether a dotted path is a function that reads the environment: `os.getenv`.
    pub fn reads_environment(&self, python: bool, path: &str) -> bool {
        self.of(python).env_functions.iter().any(|function| function == path)
    }

    /// Whether a method of a function runs that function elsewhere or later, with the same arguments: `task.delay(x)`.
    pub fn runs_its_function(&self, python: bool, method: &str) -> bool {
        self.of(python).runners.iter().any(|runner| runner == method)
    }

    /// Whether a dotted path is the file that it stands in (`Some(true)`) or the folder of it (`Some(false)`).
    pub fn is_own_file(&self, python: bool, path: &str) -> Option<bool> {
        let table = self.of(python);
        let any = |names: &[String]| names.iter().any(|name| name == path);
        if any(&table.own_file) {
            return Some(true);
        }
        any(&table.own_folder).then_some(false)
    }

    /// What a type name says.
    pub fn type_meaning(&self, python: bool, name: &str) -> Option<TypeMeaning> {
        self.of(python).types.get(name).copied()
    }

    /// What a function gives.
    pub fn function(&self, python: bool, name: &str) -> Option<Gives> {
        self.of(python).functions.get(name).copied()
    }

    /// Whether a function that binds another has this last name: asked first, for it costs less.
    pub fn is_binding(&self, python: bool, last: &str) -> bool {
        let table = self.of(python);
        table
            .functions
            .iter()
            .any(|(name, gives)| *gives == Gives::Bound && name.rsplit(['.', '#']).next() == Some(last))
    }

    /// What a method gives, whatever it is called on.
    pub fn method(&self, python: bool, name: &str) -> Option<Gives> {
        self.of(python).methods.get(name).copied()
    }

    /// Which argument of a function is a function that it runs with the arguments after it, to give back what that gives.
    pub fn runs(&self, python: bool, name: &str) -> Option<usize> {
        self.of(python).runs.get(name).copied()
    }
}

impl Table {
    fn read(text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut types = HashMap::new();
        for (meaning, names) in raw.types {
            let meaning = match meaning.as_str() {
                "through" => TypeMeaning::Through,
                shape => TypeMeaning::Shape(shape_named(shape)?),
            };
            types.extend(names.into_iter().map(|name| (name, meaning)));
        }
        let entries = |entries: Vec<RawEntry>| -> Result<HashMap<String, Gives>, String> {
            let mut map = HashMap::new();
            for entry in entries {
                let gives = match entry.does.as_str() {
                    "first" | "receiver" => Gives::Same,
                    "bound" => Gives::Bound,
                    "second" => Gives::Second,
                    "substituted" => Gives::Substituted,
                    "rendered" => Gives::Rendered,
                    "member" => Gives::Member,
                    "module" => Gives::Module,
                    "module-file" => Gives::ModuleFile,
                    "merge" => Gives::Merge,
                    "entries" => Gives::Entries,
                    "files" => Gives::Files,
                    "names" => Gives::Listing { paths: false },
                    "paths" => Gives::Listing { paths: true },
                    "file" => Gives::File(0),
                    "file-second" => Gives::File(1),
                    "parent" => Gives::Parent,
                    "fields" => Gives::Fields,
                    data if data.starts_with("read-") => Gives::Data(
                        Notation::named(&data["read-".len()..]).ok_or_else(|| format!("`{data}` is no notation"))?,
                    ),
                    shape => Gives::Shape(shape_named(shape)?, origin_named(entry.origin.as_deref())?),
                };
                map.extend(entry.names.into_iter().map(|name| (name, gives)));
            }
            Ok(map)
        };
        Ok(Self {
            builtins: raw.builtins,
            env_objects: raw.env_objects,
            env_functions: raw.env_functions,
            own_file: raw.own_file,
            own_folder: raw.own_folder,
            runners: raw.runners,
            types,
            functions: entries(raw.function)?,
            methods: entries(raw.method)?,
            runs: raw
                .runs
                .into_iter()
                .flat_map(|runs| runs.names.into_iter().map(move |name| (name, runs.function)))
                .collect(),
        })
    }
}

fn shape_named(name: &str) -> Result<Shape, String> {
    Ok(match name {
        "date" => Shape::Date,
        "path" => Shape::Path,
        "url" => Shape::Url,
        "json" => Shape::Json,
        "csv" => Shape::Csv,
        "html" => Shape::Html,
        "number" => Shape::Number,
        "bool" => Shape::Bool,
        "enum" => Shape::Enum,
        "list" => Shape::List,
        "code" => Shape::Code,
        "identifier" => Shape::Identifier,
        "free-text" => Shape::FreeText,
        other => return Err(format!("`{other}` is no shape")),
    })
}

fn origin_named(name: Option<&str>) -> Result<Origin, String> {
    Ok(match name {
        None => Origin::Computed,
        Some("clock") => Origin::Clock,
        Some("user") => Origin::User,
        Some("document") => Origin::Document,
        Some("record") => Origin::Record,
        Some(other) => return Err(format!("`{other}` is no origin")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_say_what_common_functions_give() {
        let tables = Stdlib::embedded();
        assert_eq!(tables.function(true, "json.dumps"), Some(Gives::Shape(Shape::Json, Origin::Computed)));
        assert_eq!(tables.method(false, "toISOString"), Some(Gives::Shape(Shape::Date, Origin::Computed)));
        assert!(tables.is_environment(false, "process.env"));
    }
}
