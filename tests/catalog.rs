//! What the SDK tables say is proved: every operation stands in some fixture as a call that must be found.

use std::collections::BTreeSet;
use std::path::Path;

use scriptworthy::catalog::sdk::SdkCatalog;

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
