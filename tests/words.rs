//! What the words of a whole prompt decide, on cases that no weight was fitted to (`fixtures/labelled/cases-fourth`).

use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

/// The verdicts on a file of the cases, by the lines of its calls.
fn verdicts(file: &str) -> Vec<Value> {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labelled/cases-fourth/files");
    let mut command = Command::cargo_bin("scriptworthy").expect("the binary is built");
    let out = command.args(["calls", file, "--format", "json"]).current_dir(files).output().expect("it runs");
    let calls: Vec<Value> = serde_json::from_slice(&out.stdout).expect("JSON");
    calls.into_iter().map(|call| call["verdict"].clone()).collect()
}

fn says(verdict: &Value, signal: &str) -> bool {
    verdict["evidence"].as_array().is_some_and(|all| all.iter().any(|one| one["signal"] == signal))
}

#[test]
fn words_tell_work_that_no_phrase_names() {
    let all = verdicts("e7829b3c.py");
    let told = |verdict: &&Value| verdict["class"] == "mechanical" && says(verdict, "structured-comparison/words");
    assert_eq!(all.iter().filter(told).count(), 1, "two records compared after a stated normalisation: {all:#?}");
    let all = verdicts("eb4235e6.py");
    assert!(all.iter().any(|verdict| says(verdict, "counting/words")), "{all:#?}");
}

#[test]
fn words_keep_quiet_beside_it_and_on_a_near_miss() {
    // Remarks on the essay whose words the file counts, a file name after a content, an index told by a description.
    for (file, most) in [("eb4235e6.py", 1), ("4062a696.py", 0), ("eeb0acba.py", 0), ("fed85098.py", 0)] {
        let flagged = verdicts(file).into_iter().filter(|verdict| verdict["class"] == "mechanical").count();
        assert_eq!(flagged, most, "{file}");
    }
}
