//! Small programs of six hands (`fixtures/labelled/programs`): what is not read of them is written down, so that a change of it
//! shows in review. `SCRIPTWORTHY_BLESS=1 cargo test --test programs` writes it anew.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;

use common::{list, root, run_in};

fn folder() -> PathBuf {
    root().join("fixtures/labelled/programs")
}

fn rows(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(name)).expect("a file of labels");
    text.lines().map(|line| serde_json::from_str(line).expect("a label")).collect()
}

/// The calls that are reported of a program.
fn calls(program: &Path) -> Vec<Value> {
    let out = run_in(program, &["calls", ".", "--format", "json"]);
    serde_json::from_slice(&out.stdout).expect("a list of calls")
}

/// The reported call that a label means: of those over its line the one that begins there, or the shortest.
fn meant<'a>(calls: &'a [Value], label: &Value) -> Option<&'a Value> {
    let line = label["line"].as_u64()?;
    let lines = |call: &Value| (call["start"]["line"].as_u64().unwrap_or(0), call["end"]["line"].as_u64().unwrap_or(0));
    let over = calls.iter().filter(|call| {
        let (start, end) = lines(call);
        call["path"] == label["file"] && start <= line && line <= end
    });
    over.min_by_key(|call| {
        let (start, end) = lines(call);
        (start != line, end - start)
    })
}

/// Letters and digits alone, in small letters.
fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

fn asks(call: &Value, key: &str) -> bool {
    let prompt = &call["prompt"];
    let candidates = list(prompt, "candidates").iter().flat_map(|parts| parts.as_array().into_iter().flatten());
    let parts = list(prompt, "parts").iter().chain(candidates);
    let text: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
    plain(&text.join(" ")).contains(&plain(key))
}

/// A model's name without the provider before it.
fn bare(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What is missed of a program, and the traps of it that are hit, a line each.
fn missed_of(name: &str, labels: &[Value], traps: &[Value]) -> String {
    let calls = calls(&folder().join("files").join(name.replace('/', "+")));
    let line = |row: &Value, what: &str| {
        format!("{name} {}:{} {what}\n", row["file"].as_str().unwrap_or_default(), row["line"])
    };
    let mut missed = String::new();
    for label in labels {
        let Some(call) = meant(&calls, label) else {
            missed += &line(label, "call");
            continue;
        };
        if label["prompt_key"].as_str().is_some_and(|key| !asks(call, key)) {
            missed += &line(label, "prompt");
        }
        let models = list(&call["model"], "candidates");
        let is_it = |want: &str| models.iter().filter_map(Value::as_str).any(|model| bare(model) == bare(want));
        if label["model"].as_str().is_some_and(|want| !is_it(want)) {
            missed += &line(label, "model");
        }
    }
    for trap in traps.iter().filter(|trap| trap["repo"] == name) {
        if meant(&calls, trap).is_some_and(|call| call["start"]["line"] == trap["line"]) {
            missed += &line(trap, "trap");
        }
    }
    missed
}

#[test]
fn what_is_not_read_of_the_programs_is_written_down() {
    let mut programs: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for label in rows("labels.jsonl") {
        programs.entry(label["repo"].as_str().expect("a program").to_owned()).or_default().push(label);
    }
    let traps = rows("traps.jsonl");
    let programs: Vec<_> = programs.into_iter().collect();
    let missed: String = thread::scope(|scope| {
        let halves = programs.chunks(programs.len().div_ceil(2));
        let running: Vec<_> = halves
            .map(|half| {
                scope.spawn(|| half.iter().map(|(name, labels)| missed_of(name, labels, &traps)).collect::<String>())
            })
            .collect();
        running.into_iter().map(|one| one.join().expect("a half of the programs")).collect()
    });
    let written = folder().join("missed.txt");
    if std::env::var_os("SCRIPTWORTHY_BLESS").is_some() {
        fs::write(&written, &missed).expect("the list is written");
    }
    assert_eq!(missed, fs::read_to_string(&written).expect("missed.txt"), "SCRIPTWORTHY_BLESS=1 writes it anew");
}
