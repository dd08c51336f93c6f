//! The borders between modules: which may name which, and what no source file may hold.
//!
//! Tests within a file are left out of it: they may name anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each module may name of the others. `lib.rs` and the command line name everything.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("error", &[]),
    ("data", &["source"]),
    // A folder of results, whatever they are.
    ("cache", &[]),
    ("catalog", &["data", "program"]),
    // What files say a model is to do, as calls.
    ("sessions", &["source", "data", "program", "catalog"]),
    // Cells of a notebook as one text.
    ("notebook", &[]),
    ("program", &["source"]),
    // Price classes.
    ("finding", &["source", "program", "catalog"]),
    // The walk reads what manifests say of module names, and asks which files hold sessions.
    ("walk", &["source", "resolve", "sessions", "catalog", "error"]),
    ("baseline", &["error", "report"]),
    ("config", &["error", "finding", "walk", "baseline"]),
    ("syntax", &["source"]),
    // Reads and resolves what was walked, and says in the report's words what was not read.
    ("gather", &["cache", "walk", "notebook", "source", "syntax", "resolve", "catalog", "program", "report"]),
    ("resolve", &["source", "syntax", "catalog", "program", "data"]),
    ("classify", &["source", "program", "catalog", "finding"]),
    // Guards every step behind resolving, and tells the report.
    ("mistakes", &["report"]),
    (
        "rules",
        &["source", "program", "classify", "finding", "catalog", "config", "error", "cost", "replace", "mistakes"],
    ),
    // Whether an expression of the call is one is asked of the grammar.
    ("replace", &["source", "syntax", "program", "classify", "finding", "catalog"]),
    ("cost", &["source", "program", "finding", "catalog"]),
    ("trial", &[]),
    ("rank", &["source", "program", "finding", "catalog", "cost"]),
    // Comments are facts of syntax; what cannot be seen in one is what the sanitizer says.
    ("suppress", &["source", "syntax", "program", "finding", "rules", "config", "report"]),
    ("report", &["baseline", "source", "program", "finding", "cost", "rank", "rules", "suppress", "catalog", "trial"]),
];

/// Table names that are ordinary words too: the role of a chat message, and the table of what has no SDK.
const ORDINARY: &[&str] = &["ai", "unresolved"];

fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                into.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(&path).expect("readable"))
    };
    paths.into_iter().map(read).filter(|(name, _)| !name.ends_with("tests.rs")).collect()
}

/// The code of a file without its tests and whole-line comments.
fn code(text: &str) -> String {
    let own = text.split("#[cfg(test)]\nmod ").next().unwrap_or("");
    own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The module that a file belongs to: `report` for `report/json.rs`.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// The modules of the crate that some code names.
fn named(code: &str) -> BTreeSet<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(list) = rest.strip_prefix('{') {
            let inner = list.split('}').next().unwrap_or("");
            found.extend(inner.split(',').map(|part| word(part.trim())));
        } else {
            found.insert(word(rest));
        }
    }
    found.remove("");
    found
}

#[test]
fn modules_name_only_what_they_may() {
    let modules: BTreeSet<String> = sources().iter().map(|(file, _)| module(file).to_owned()).collect();
    let table: BTreeMap<&str, &[&str]> = MAY_NAME.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let own = module(&file);
        if matches!(own, "lib" | "main" | "cli") {
            continue;
        }
        let Some(may) = table.get(own) else {
            wrong.push(format!("{file}: module `{own}` is not in the table of tests/architecture.rs"));
            continue;
        };
        for other in named(&code(&text)) {
            if other != own && modules.contains(&other) && !may.contains(&other.as_str()) {
                wrong.push(format!("{file}: `{own}` names `{other}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tree_sitter_is_known_to_syntax_alone() {
    for (file, text) in sources() {
        let names = code(&text).contains("tree_sitter");
        assert!(!names || module(&file) == "syntax", "{file} names tree-sitter");
    }
}

/// String literals of some code.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = code.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        // The character literal of a quote opens no string.
        if c == '"' && before != '\'' {
            let mut literal = String::new();
            while let Some(c) = chars.next() {
                match c {
                    '"' => break,
                    '\\' => literal.extend(chars.next()),
                    c => literal.push(c),
                }
            }
            found.push(literal);
        }
        before = c;
    }
    found
}

/// The values of `id` in the tables of a folder.
fn ids(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries").join(folder);
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("readable").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("readable");
        let values = text.lines().filter_map(|line| line.strip_prefix("id = \"")?.split('"').next());
        found.extend(values.map(str::to_owned));
    }
    found
}

/// The ids of SDK tables: the first of each file, the others are of clients and operations.
fn sdks() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/sdks");
    let entries = std::fs::read_dir(folder).expect("readable").flatten();
    let stem = |entry: std::fs::DirEntry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned());
    entries.filter_map(stem).filter(|id| !ORDINARY.contains(&id.as_str())).collect()
}

#[test]
fn no_sdk_and_no_model_is_named_outside_the_tables() {
    let (sdks, models) = (sdks(), ids("models"));
    assert!(sdks.contains("openai") && models.contains("gpt-4o"), "the tables are read");
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        // The loaders list the files that they embed, and makers by the first words of model names.
        if module(&file) == "catalog" {
            continue;
        }
        for literal in literals(&code(&text)) {
            if sdks.contains(&literal) || models.contains(&literal) {
                wrong.push(format!("{file}: \"{literal}\" belongs into queries/"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn source_files_are_free_of_notes_to_later() {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    for (file, text) in sources() {
        assert!(!marks.iter().any(|mark| text.contains(mark.as_str())), "{file} holds a note to later");
    }
}

#[test]
fn the_checks_of_this_file_see_what_they_should() {
    assert_eq!(
        named("use crate::{cost, rank::x};\ncrate::walk::y()").into_iter().collect::<Vec<_>>(),
        ["cost", "rank", "walk"]
    );
    assert_eq!(literals("f(\"a\\\"b\", 'c', \"d\")"), ["a\"b", "d"]);
    assert_eq!(code("a\n// b\n#[cfg(test)]\nmod tests {}"), "a");
}
