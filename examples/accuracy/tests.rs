use serde_json::json;

use super::*;
use crate::{labels, levers};

/// Labels of one small repository, written out and loaded as the program does.
fn repo(rows: &[Value], traps: &[Value]) -> Repo {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &[Value]| {
        let text: String = rows.iter().map(|r| format!("{r}\n")).collect();
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    write("labels.jsonl", rows);
    write("traps.jsonl", traps);
    write("repos.jsonl", &[json!({"repo": "o/n", "scope": ["src"], "exclude": ["src/old"]})]);
    labels::load(&folder.path().join("labels.jsonl")).unwrap().remove(0)
}

fn row(line: u64, end: u64, verdict: &str) -> Value {
    json!({"repo": "o/n", "file": "src/a.py", "line": line, "end_line": end, "callee_line": line,
        "kind": "api", "logical": true, "callee": "c.create", "model": "gpt-4o", "verdict": verdict,
        "prompt_key": "Say ${x} twice", "prompt_where": [{"file": "src/p.py"}],
        "in_loop": false, "output_use": "text", "category": null})
}

fn call(id: &str, path: &str, line: u64, text: &str) -> Value {
    json!({"id": id, "path": path, "start": {"line": line, "column": 1}, "end": {"line": line + 2, "column": 2},
        "kind": "chat", "role": "direct", "callee": "c.create",
        "model": {"id": "openai/gpt-4o-2024-08-06", "candidates": []}, "loop": "none",
        "prompt": {"parts": [{"text": text}]}, "output": {"use": "text"}, "verdict": {"class": "mechanical"}})
}

fn ratio(score: &Score, measure: &str) -> (u64, u64) {
    score.tally.get(measure).map_or((0, 0), |r| (r.right, r.of))
}

#[test]
fn matches_one_to_one_nearest_first() {
    let labels = repo(&[row(10, 12, "judgment"), row(13, 15, "judgment")], &[]);
    let report = json!({"calls": [call("a", "src/a.py", 13, "Say {y}\n twice"), call("b", "src/a.py", 11, "?"),
        call("c", "src/a.py", 14, "?"), call("d", "src/old/a.py", 1, "?")]});
    let score = score(&labels, &report, "", Settings::default());
    assert_eq!(ratio(&score, "found"), (2, 2));
    assert_eq!(ratio(&score, "precise"), (2, 3));
    assert_eq!(ratio(&score, "elsewhere"), (1, 2));
    assert_eq!(ratio(&score, "model"), (2, 2));
}

#[test]
fn prompt_breaks_a_tie() {
    let labels = repo(&[row(10, 10, "judgment")], &[]);
    let report = json!({"calls": [call("a", "src/a.py", 10, "?"), call("b", "src/a.py", 10, "Say {x} twice")]});
    assert_eq!(ratio(&score(&labels, &report, "", Settings::default()), "prompts"), (1, 1));
}

#[test]
fn flags_are_right_on_mechanical_only() {
    let rows = [row(10, 12, "mechanical"), row(20, 22, "judgment"), row(30, 32, "mixed"), row(40, 42, "mechanical")];
    let labels = repo(&rows, &[]);
    let finding = |rule: &str, id: &str| json!({"rule": rule, "call": id, "path": "src/a.py", "start": {"line": 1}});
    let report = json!({
        "calls": [call("a", "src/a.py", 10, ""), call("b", "src/a.py", 20, ""), call("c", "src/a.py", 30, "")],
        "findings": [finding("SW101", "a"), finding("SW190", "b"), finding("SW119", "c"),
            finding("SW120", "b"), finding("SW201", "a")]});
    let score = score(&labels, &report, "", Settings::default());
    assert_eq!(ratio(&score, "flag-precise"), (1, 2));
    assert_eq!(ratio(&score, "flag-recall"), (1, 2));
    assert_eq!(ratio(&score, "mixed-flagged"), (1, 1));
    assert_eq!(ratio(&score, "part-precise"), (0, 1));
}

#[test]
fn traps_are_false_alarms_and_other_kinds_are_not() {
    let trap = json!({"repo": "o/n", "file": "src/a.py", "line": 50, "why": "a query"});
    let labels = repo(&[row(10, 12, "judgment")], &[trap]);
    let mut embedding = call("e", "src/a.py", 90, "");
    embedding["kind"] = "embedding".into();
    let report = json!({"calls": [call("a", "src/a.py", 50, ""), embedding]});
    let score = score(&labels, &report, "", Settings::default());
    assert_eq!(ratio(&score, "traps-hit"), (1, 1));
    assert_eq!(ratio(&score, "precise"), (0, 1));
    assert_eq!(ratio(&score, "found"), (0, 1));
}

#[test]
fn chains_hit_by_their_end_when_asked() {
    let labels = repo(&[row(10, 12, "judgment")], &[]);
    let mut chain = call("a", "src/a.py", 2, "");
    chain["end"]["line"] = 12.into();
    let report = json!({"calls": [chain]});
    let spans = Settings { spans: true, ..Settings::default() };
    assert_eq!(ratio(&score(&labels, &report, "", Settings::default()), "found"), (0, 1));
    assert_eq!(ratio(&score(&labels, &report, "", spans), "found"), (1, 1));
}

#[test]
fn model_names_lose_provider_and_date() {
    assert_eq!(model_name("openai:gpt-4o-2024-08-06"), "gpt-4o");
    assert_eq!(model_name("googleai/Gemini-2.5-flash"), "gemini-2.5-flash");
    assert_eq!(model_name("llama3:8b"), "llama3:8b");
}

#[test]
fn levers_are_scored_where_labels_name_them() {
    let mut rows = [row(10, 12, "judgment"), row(20, 22, "judgment"), row(30, 32, "judgment"), row(40, 42, "judgment")];
    rows[0]["levers"] = json!(["batch"]);
    rows[1]["levers"] = json!(["batch", "prompt-cache"]);
    rows[2]["levers"] = json!([]);
    let labels = repo(&rows, &[]);
    let finding = |rule: &str, ids: &[&str]| json!({"rule": rule, "calls": ids, "suppressed": null});
    let report = json!({
        "calls": [call("a", "src/a.py", 10, ""), call("b", "src/a.py", 20, ""), call("c", "src/a.py", 30, ""),
            call("d", "src/a.py", 40, "")],
        "findings": [finding("SW801", &["c", "a"]), finding("SW703", &["b"]), finding("SW801", &["c"]),
            finding("SW801", &["d"])]});
    let levers = levers::score(&labels, &report, "", Settings::default());
    let count = |name| levers.counts[name];
    assert_eq!(count("batch").recall, Ratio { right: 1, of: 2 });
    assert_eq!(count("batch").agreeing, Ratio { right: 1, of: 2 }, "a row without the key takes no stand");
    assert_eq!(count("prompt-cache").recall, Ratio { right: 0, of: 1 }, "another rule of the lever is no answer");
    assert_eq!(count("result-cache").agreeing, Ratio { right: 0, of: 1 });
}
