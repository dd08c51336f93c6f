//! What the SDK tables say is proved: every operation stands in some fixture as a call that must be found.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use scriptworthy::catalog::sdk::SdkCatalog;
use scriptworthy::resolve::{self, Known};
use scriptworthy::source::{FileId, Language, SourceFile};
use scriptworthy::syntax;

/// The operations that fixtures in a folder and below expect, as `sdk.operation`.
fn expected(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the folder exists").flatten() {
        let path = entry.path();
        if path.is_dir() {
            expected(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            let text = std::fs::read_to_string(&path).expect("readable");
            let calls = text.lines().filter_map(|line| line.split_once("# call: ").or(line.split_once("// call: ")));
            found.extend(calls.filter_map(|(_, wanted)| wanted.split_whitespace().nth(1)).map(str::to_owned));
        }
    }
}

#[test]
fn every_operation_of_every_table_is_exercised_by_a_fixture() {
    let mut proved = BTreeSet::new();
    for folder in ["sdks", "resolve"] {
        expected(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder), &mut proved);
    }
    let catalog = SdkCatalog::embedded();
    let unproved: Vec<_> = catalog
        .sdks()
        .iter()
        .flat_map(|sdk| sdk.operations.iter().map(move |operation| format!("{}.{}", sdk.id, operation.id)))
        .filter(|name| !proved.contains(name))
        .collect();
    assert!(unproved.is_empty(), "no fixture expects: {}", unproved.join(", "));
}

#[test]
fn a_table_for_unknown_wrappers_that_lists_no_operation_stands_for_none() {
    let table = "id = \"unresolved\"\nchecked = \"2026-11-24\"\nmodules = { python = [], typescript = [] }\n";
    let catalog = SdkCatalog::read(&[("empty", table)]).expect("a table may be short");
    assert_eq!(catalog.unresolved(), None);
    let text = include_str!("common/stranger.py");
    let sources = [SourceFile::new("stranger.py", Language::Python, text.into())];
    let resolve = |catalog| {
        let facts = syntax::read(FileId(0), Language::Python, text).expect("within the limits");
        resolve::resolve(&sources, vec![Known::new(facts, catalog)], &Arc::default(), catalog, &|_| None)
    };
    assert_eq!(resolve(SdkCatalog::embedded()).calls.len(), 1, "with the tables of the tool it is a call");
    let resolved = resolve(&catalog);
    assert!(resolved.calls.is_empty() && resolved.failed.is_empty(), "{:?}", resolved.failed);
}
