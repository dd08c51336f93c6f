//! Work that is given to a model with no code around it: what is counted and listed, what silences it, and what files
//! that should hurt nobody do.

mod common;

use common::{HONEST, folder, list, report_in, run_in};
use serde_json::Value;

const STEP: &str = "claude -p \"Convert this CSV to JSON. Return only the JSON. $(cat a.csv)\" > a.json\n";
const COMMAND: &str = "Convert the JSON in @data/settings.json to YAML. Return only the YAML.\n";
const REVIEW: &str = "---\nname: r\ndescription: reviews\n---\nReview the diff and say what should change.\n";

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("a text")
}

fn sessions(report: &Value) -> Vec<(&str, &str)> {
    let calls = list(report, "calls").iter().filter(|call| call["role"] == "session");
    calls.map(|call| (word(call, "path"), word(call, "operation"))).collect()
}

fn reasons(report: &Value) -> Vec<(&str, &str)> {
    list(&report["files"], "skipped").iter().map(|note| (word(note, "path"), word(note, "reason"))).collect()
}

#[test]
fn all_are_counted_and_only_the_mechanical_ones_are_calls() {
    let folder = folder(&[("a.py", HONEST), ("run.sh", STEP), (".claude/agents/r.md", REVIEW)]);
    let report = report_in(folder.path(), &[]);
    assert_eq!(report["files"]["sessions"], 2);
    assert_eq!(sessions(&report), [("run.sh", "shell-step")]);
    assert_eq!(report["totals"]["calls"], 1, "calls of code are counted by themselves");
    let places: Vec<_> = list(&report, "calls").iter().map(|call| word(call, "path")).collect();
    assert_eq!(places, ["a.py", "run.sh"]);
}

#[test]
fn no_rule_about_code_speaks_of_them() {
    let folder = folder(&[("run.sh", STEP), (".claude/commands/y.md", COMMAND)]);
    let report = report_in(folder.path(), &["--preview"]);
    let rules: Vec<_> = list(&report, "findings").iter().map(|finding| word(finding, "rule")).collect();
    assert_eq!(rules, ["SW190", "SW190"]);
    assert_eq!(list(&report_in(folder.path(), &[]), "findings").len(), 0, "the rule is a preview");
}

#[test]
fn comments_of_each_notation_silence_them() {
    let mark = "scriptworthy: ignore[SW190] -- the vendor changes its format daily";
    let step = STEP.trim_end();
    let files = [
        ("a.sh", format!("# {mark}\n{STEP}")),
        (".github/workflows/b.yml", format!("jobs:\n  a:\n    steps:\n      # {mark}\n      - run: {step}\n")),
        (".claude/commands/c.md", format!("<!-- {mark} -->\n{COMMAND}")),
        (
            ".claude/commands/d.md",
            format!("---\ndescription: x\n# {}\n---\n{COMMAND}", mark.replace("ignore", "ignore-file")),
        ),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let folder = folder(&files);
    let report = report_in(folder.path(), &["--select", "SW190"]);
    let found = list(&report, "findings");
    assert_eq!(found.len(), 4);
    for finding in found {
        assert_eq!(finding["suppressed"]["reason"], "the vendor changes its format daily", "{}", finding["path"]);
    }
}

#[test]
fn one_that_is_named_is_read_by_itself() {
    let folder = folder(&[(".claude/commands/y.md", COMMAND), ("notes.md", COMMAND)]);
    let run = |path: &str| run_in(folder.path(), &["audit", path, "--select", "SW190"]);
    assert_eq!(run(".claude/commands/y.md").status.code(), Some(1));
    assert_eq!(run("notes.md").status.code(), Some(2), "a page is no source");
}

#[test]
fn what_cannot_be_read_is_named_with_its_reason() {
    let mut bomb = "a0: &a0 [claude, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        bomb.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", ")));
    }
    let (long, deep) = (format!("{STEP}# {}\n", "x ".repeat(200_000)), format!("claude: {}", "[".repeat(9_000)));
    let folder = folder(&[
        ("honest.py", HONEST),
        (".github/workflows/bomb.yml", &bomb),
        (".github/workflows/deep.yml", &deep),
        (".github/workflows/fine.yml", "a: [unclosed, but nothing that runs a model\n"),
        (".claude/agents/open.md", "---\nname: x\nIt never ends.\n"),
        ("long.sh", &long),
    ]);
    std::fs::write(folder.path().join("binary.sh"), b"#!/bin/sh\nclaude -p \xff\xfe\x00\x80").expect("written");
    let report = report_in(folder.path(), &[]);
    assert_eq!(
        reasons(&report),
        [
            (".claude/agents/open.md", "unclosed-head"),
            (".github/workflows/bomb.yml", "malformed"),
            (".github/workflows/deep.yml", "malformed"),
            ("binary.sh", "not-utf-8"),
            ("long.sh", "too-large"),
        ]
    );
    assert_eq!(list(&report, "calls").len(), 1);
}

#[test]
fn a_script_made_to_hurt_ends() {
    let units =
        ["claude -p \"$(", "claude -p $(a `", "llm <<E ", "${{ ", "$(llm \"$(llm x)\") ", "A=\"$A$A\"; llm \"$A\"\n"];
    let files: Vec<_> = units.iter().enumerate().map(|(at, unit)| (format!("{at}.sh"), unit.repeat(9_000))).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    let report = report_in(folder.path(), &[]);
    assert!(list(&report, "calls").is_empty() && reasons(&report).iter().all(|note| note.1 != "internal-error"));
}
