//! The documents hold to the tool: generated parts of the README are what the tool prints today.
//!
//! `SCRIPTWORTHY_BLESS=1 cargo test --test docs` writes them anew.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{root, run, text};
use serde_json::Value;

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("readable").replace("\r\n", "\n")
}

/// What stands between `<!-- name -->` and `<!-- /name -->`.
fn part<'a>(text: &'a str, name: &str) -> &'a str {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let from = text.find(&open).unwrap_or_else(|| panic!("{open} is missing")) + open.len();
    let to = text[from..].find(&close).unwrap_or_else(|| panic!("{close} is missing")) + from;
    &text[from..to]
}

/// The text with its confidence masked: weights are tuned often, and the second digit is no news.
fn without_figures(text: &str) -> String {
    let mut parts = text.split("confidence 0.");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push_str("confidence …");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

/// The generated parts of the README with their content.
fn generated() -> Vec<(&'static str, String)> {
    let example = text(&run(&["audit", "fixtures/projects/helpdesk", "--select", "SW101", "-q", "--no-config"]).stdout);
    let rules: Value = serde_json::from_slice(&run(&["rules", "--format", "json"]).stdout).expect("JSON");
    let word = |rule: &Value, key: &str| rule[key].as_str().expect("text").to_owned();
    let row = |rule: &Value| {
        let [code, name, lever, status, summary] =
            ["code", "name", "lever", "status", "summary"].map(|key| word(rule, key));
        format!("| {code} | {name} | {lever} | {status} | {summary} |\n")
    };
    let rows: String = rules.as_array().expect("rules").iter().map(row).collect();
    let formats: String = scriptworthy::report::FORMATS
        .iter()
        .map(|format| format!("| `{}` | {} |\n", format.name, format.about))
        .collect();
    vec![
        (
            "example",
            format!(
                "```text\n$ scriptworthy audit fixtures/projects/helpdesk --select SW101 -q\n{}\n```\n",
                example.trim_end()
            ),
        ),
        ("rules", format!("| rule | name | lever | status | what it finds |\n|---|---|---|---|---|\n{rows}")),
        ("formats", format!("| `--format` | for |\n|---|---|\n{formats}")),
    ]
}

#[test]
fn the_readme_shows_what_the_tool_prints() {
    let mut readme = read("README.md");
    let bless = std::env::var_os("SCRIPTWORTHY_BLESS").is_some();
    for (name, wanted) in generated() {
        let stands = part(&readme, name).to_owned();
        if bless {
            readme = readme.replacen(&format!("<!-- {name} -->\n{stands}"), &format!("<!-- {name} -->\n{wanted}"), 1);
        } else {
            let (stands, wanted) = (without_figures(&stands), without_figures(&wanted));
            assert_eq!(
                stands, wanted,
                "the part `{name}` is old: SCRIPTWORTHY_BLESS=1 cargo test --test docs writes it"
            );
        }
    }
    if bless {
        std::fs::write(root().join("README.md"), readme).expect("written");
    }
}

#[test]
fn the_example_of_the_readme_is_a_finding() {
    let readme = read("README.md");
    let example = part(&readme, "example");
    assert!(example.contains("SW101 date-math") && example.contains("the call"), "{example}");
    assert!(
        readme[..readme.find("<!-- example -->").expect("there")].lines().count() < 10,
        "it is on the first screen"
    );
}

#[test]
fn accuracy_is_stated_between_its_marks() {
    let readme = read("README.md");
    let table = part(&readme, "accuracy");
    for words in ["calls found", "flagged calls that are mechanical", "%"] {
        assert!(table.contains(words), "{words}: {table}");
    }
}

#[test]
fn every_flag_and_variable_that_the_readme_names_exists() {
    let readme = read("README.md");
    let mut help = String::new();
    for command in ["audit", "calls", "explain", "plan", "whatif", "rules", "schema", "completions"] {
        help.push_str(&text(&run(&[command, "--help"]).stdout));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut seen = BTreeSet::new();
    for (start, _) in readme.match_indices("--").chain(readme.match_indices("SCRIPTWORTHY_")) {
        let before = readme[..start].chars().next_back();
        let name: String = readme[start..].chars().take_while(|c| is_name(*c)).collect();
        // Not a flag: dashes of a table or a comment, and what other programs take.
        if before.is_some_and(|c| is_name(c) || c == '!') || name.trim_matches('-').is_empty() {
            continue;
        }
        seen.insert(name);
    }
    for cargo in ["--release", "--locked", "--path", "--example", "--misses", "--false-alarms"] {
        seen.remove(cargo);
    }
    assert!(seen.len() > 6, "{seen:?}");
    let unknown: Vec<_> = seen.iter().filter(|name| !help.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn settings_and_commands_of_the_readme_are_accepted() {
    let readme = read("README.md");
    let toml = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("settings");
    let folder = common::folder(&[("scriptworthy.toml", toml), ("a.py", "x = 1\n")]);
    assert_eq!(common::run_in(folder.path(), &["audit"]).status.code(), Some(0));
    let python = readme.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a comment");
    let folder = common::folder(&[("a.py", python)]);
    let report = common::report_in(folder.path(), &[]);
    assert_ne!(report["suppressions"][0]["status"], "invalid", "{}", report["suppressions"]);
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "queries/README.md"] {
        let content = read(name);
        let folder = Path::new(name).parent().expect("a folder");
        for rest in content.split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap_or("");
            if !target.is_empty() && !target.contains("://") {
                assert!(root().join(folder).join(target).exists(), "{name} links to {target}");
            }
        }
    }
}

#[test]
fn paths_named_in_contributing_exist() {
    let content = read("CONTRIBUTING.md");
    let mut seen = 0;
    for quoted in content.split('`').skip(1).step_by(2) {
        let path = ["src/", "queries/", "fixtures/", "tests/", "scripts/", ".ci/", "examples/"];
        if path.iter().any(|start| quoted.starts_with(start))
            && !quoted.contains(['<', '*', ' '])
            && !quoted.contains("x.")
        {
            seen += 1;
            assert!(root().join(quoted).exists(), "CONTRIBUTING.md names {quoted}");
        }
    }
    assert!(seen > 5);
}

#[test]
fn every_hostile_input_that_is_listed_has_its_test() {
    let tests = root().join("tests");
    let list = std::fs::read_to_string(tests.join("README.md")).expect("the list is there");
    let (mut rows, mut named) = (0, 0);
    for row in list.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        rows += 1;
        let mut file = String::new();
        for word in row.split('`').skip(1).step_by(2) {
            let path = tests.join(format!("{word}.rs"));
            if path.exists() {
                file = std::fs::read_to_string(path).expect("readable");
            } else if !word.starts_with("scripts/") {
                assert!(file.contains(&format!("fn {word}(")), "{word}, as named in: {row}");
                named += 1;
            }
        }
    }
    assert!(rows >= 25 && named >= rows, "{rows} rows, {named} tests");
}
