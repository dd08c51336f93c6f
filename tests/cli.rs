//! The command line from outside: exit codes, words, streams, and the same bytes every time.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects/helpdesk")
}

fn run(args: &[&str]) -> Output {
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), args)
}

fn run_in(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("scriptworthy").expect("the binary is built");
    command.current_dir(folder).args(args).env_remove("FORCE_COLOR").env("NO_COLOR", "1").output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

#[test]
fn a_path_that_does_not_exist_is_exit_2_with_help() {
    let out = run(&["audit", "no/such/folder"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(
        text(&out.stderr),
        "error: path not found: no/such/folder\nhelp: check the spelling; paths are relative to the current folder\n"
    );
    assert!(out.stdout.is_empty());
}

#[test]
fn an_empty_folder_is_a_warning_and_exit_0_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in ["full", "concise", "json", "sarif", "github"] {
        let out = run_in(folder.path(), &["audit", ".", "--format", format]);
        assert_eq!(out.status.code(), Some(0), "{format}");
        assert!(text(&out.stderr).starts_with("warning: no Python, TypeScript or JavaScript files in"), "{format}");
    }
}

#[test]
fn a_named_file_that_is_no_source_is_exit_2() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("notes.txt"), "hello").expect("written");
    let out = run_in(folder.path(), &["audit", "notes.txt"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("not a Python, TypeScript or JavaScript file"));
}

#[test]
fn unknown_rules_formats_and_confidences_are_exit_2() {
    for args in [
        &["audit", ".", "--select", "SW999"][..],
        &["audit", ".", "--format", "yaml"],
        &["audit", ".", "--min-confidence", "2"],
        &["audit", ".", "--exclude", "a[b"],
        &["explain", "SW999"],
    ] {
        let out = run(args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(!out.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn the_exit_code_follows_the_threshold_and_not_the_format() {
    let folder = project();
    for format in ["full", "concise", "json", "sarif", "github"] {
        assert_eq!(run_in(&folder, &["audit", "--format", format]).status.code(), Some(1), "{format}");
        assert_eq!(run_in(&folder, &["audit", "--format", format, "--exit-zero"]).status.code(), Some(0), "{format}");
        assert_eq!(
            run_in(&folder, &["audit", "--format", format, "--fail-on", "error"]).status.code(),
            Some(0),
            "{format}"
        );
    }
}

#[test]
fn json_is_the_same_bytes_with_any_threads_and_from_any_folder() {
    let folder = project();
    let path = folder.to_string_lossy().into_owned();
    let one = run(&["audit", &path, "--format", "json", "--threads", "1"]);
    let two = run(&["audit", &path, "--format", "json", "--threads", "2"]);
    let many = run_in(&std::env::temp_dir(), &["audit", &path, "--format", "json", "--threads", "64"]);
    assert!(!one.stdout.is_empty());
    assert_eq!(one.stdout, two.stdout);
    assert_eq!(one.stdout, many.stdout);
}

#[test]
fn the_report_holds_to_its_schema() {
    let schema: serde_json::Value = serde_json::from_slice(&run(&["schema", "report"]).stdout).expect("JSON");
    let report: serde_json::Value =
        serde_json::from_slice(&run_in(&project(), &["audit", "--format", "json"]).stdout).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(report["schema"], "scriptworthy.report/1");
    assert!(report["calls"].as_array().is_some_and(|calls| calls.len() >= 8));
}

#[test]
fn sarif_is_whole_and_shows_callees_alone() {
    let out = run_in(&project(), &["audit", "--format", "sarif"]);
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert!(!results.is_empty());
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], region["endLine"]);
        assert!(region["startColumn"].as_u64() < region["endColumn"].as_u64());
        assert!(result["partialFingerprints"]["scriptworthy/v1"].as_str().is_some_and(|print| print.len() == 16));
        assert!(region.get("snippet").is_none());
    }
}

#[test]
fn the_output_file_is_written_whole_and_audited_files_never() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("app.py");
    std::fs::write(&source, "x = 1\n").expect("written");
    let target = folder.path().join("report.json");
    let out = run_in(folder.path(), &["audit", ".", "--format", "json", "--output", "report.json"]);
    assert_eq!(out.status.code(), Some(0));
    assert!(out.stdout.is_empty());
    serde_json::from_slice::<serde_json::Value>(&std::fs::read(&target).expect("there")).expect("JSON");
    let out = run_in(folder.path(), &["audit", ".", "--output", "app.py"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&source).expect("there"), "x = 1\n");
    let out = run_in(folder.path(), &["audit", ".", "--output", "no/such/report.txt"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 2, "no temporary file is left");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let mut command = Command::cargo_bin("scriptworthy").expect("the binary is built");
    let mut child = command
        .args(["audit", "--format", "json", "-q"])
        .current_dir(project())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let out = child.wait_with_output().expect("it ends");
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(text(&out.stderr), "");
}

#[test]
fn explain_knows_rules_and_calls() {
    let page = text(&run(&["explain", "SW101"]).stdout);
    assert!(page.starts_with("# SW101 date-math"));
    let call = text(&run_in(&project(), &["explain", "helpdesk/tickets.py:11"]).stdout);
    assert!(call.contains("llm.ask"), "{call}");
    assert!(call.contains("[user] helpdesk/prompts.py:9"), "{call}");
    assert!(call.contains("through LLM.ask at helpdesk/llm/client.py:16"), "{call}");
    assert!(call.contains("gpt-4o (an environment variable, or this default)"), "{call}");
    let kept = text(&run_in(&project(), &["explain", "helpdesk/tickets.py:16"]).stdout);
    assert!(kept.contains("SW1 keeps quiet: the work needs judgment; not seen: "), "{kept}");
}

#[test]
fn the_inventory_lists_every_call() {
    let out = text(&run_in(&project(), &["calls"]).stdout);
    for place in ["helpdesk/tickets.py:11", "helpdesk/llm/client.py:16", "web/src/contact.ts:4"] {
        assert!(out.contains(place), "{out}");
    }
}

#[test]
fn a_monthly_figure_needs_a_volume() {
    let without: serde_json::Value =
        serde_json::from_slice(&run_in(&project(), &["audit", "--format", "json"]).stdout).expect("JSON");
    assert!(without["calls"].as_array().expect("calls").iter().all(|call| call["cost"]["usd_per_month"].is_null()));
    let with = run_in(&project(), &["audit", "--format", "json", "--calls-per-month", "1000"]);
    let with: serde_json::Value = serde_json::from_slice(&with.stdout).expect("JSON");
    let cost = &with["findings"][0]["savings"];
    assert_eq!(cost["basis"], "configured");
    assert_eq!(
        cost["usd_per_month"], cost["usd_per_1k_calls"],
        "a thousand calls a month cost what a thousand calls cost"
    );
}
