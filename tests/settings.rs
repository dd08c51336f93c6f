//! Config files and suppression comments.

mod common;

use common::{HONEST, command, folder, list, report_in, run_in, text};
use serde_json::Value;

/// What stands at the findings of a report: rule, and whether it is suppressed.
fn findings(report: &Value) -> Vec<(String, bool)> {
    let of = |finding: &Value| (finding["rule"].as_str().expect("a code").to_owned(), !finding["suppressed"].is_null());
    list(report, "findings").iter().map(of).collect()
}

#[test]
fn the_nearest_config_file_counts_and_flags_win_over_it() {
    let ignore = "ignore = [\"SW101\"]\ncalls-per-month = 500\n";
    let files = [
        (".git/HEAD", ""),
        ("pyproject.toml", "[tool.scriptworthy]\nignore = [\"SW101\"]\ncalls-per-month = 500\n"),
        ("app/a.py", HONEST),
    ];
    let repository = folder(&files);
    let app = repository.path().join("app");
    let report = report_in(&app, &[]);
    assert_eq!(findings(&report), [], "the manifest above is read");
    assert_eq!(report["assumptions"]["calls_per_month"], 500);
    assert_eq!(findings(&report_in(&app, &["--no-config"])).len(), 1);
    assert_eq!(findings(&report_in(&app, &["--config", "ignore = []"])).len(), 1);
    let report = report_in(&app, &["--ignore", "SW102", "--calls-per-month", "7"]);
    assert_eq!((findings(&report).len(), &report["assumptions"]["calls_per_month"]), (1, &Value::from(7)));
    for (name, content) in [
        ("scriptworthy.toml", ignore),
        (".scriptworthy.toml", ignore),
        ("package.json", "{\"name\": \"x\", \"scriptworthy\": {\"ignore\": [\"date-math\"]}}"),
    ] {
        let other = folder(&[(name, content), ("a.py", HONEST)]);
        assert_eq!(findings(&report_in(other.path(), &[])), [], "{name}");
    }
    let beyond = folder(&[("scriptworthy.toml", ignore), ("repo/.git/HEAD", ""), ("repo/a.py", HONEST)]);
    assert_eq!(findings(&report_in(&beyond.path().join("repo"), &[])).len(), 1, "nothing above the repository counts");
    let manifest = folder(&[("pyproject.toml", "[project\nbroken"), ("a.py", HONEST)]);
    assert_eq!(findings(&report_in(manifest.path(), &[])).len(), 1, "a manifest that does not name us is not ours");
}

#[test]
fn two_config_files_in_a_folder_are_said() {
    let folder = folder(&[
        ("scriptworthy.toml", "preview = true\n"),
        ("package.json", "{\"scriptworthy\": {\"ignore\": [\"SW1\"]}}"),
        ("a.py", HONEST),
    ]);
    let out = run_in(folder.path(), &["audit"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text(&out.stderr).starts_with("warning: ./package.json holds settings too; ./scriptworthy.toml counts alone\n"),
        "{}",
        text(&out.stderr)
    );
}

#[test]
fn a_config_that_is_not_valid_is_exit_2_with_its_place_and_a_cure() {
    for (name, content, why) in [
        ("scriptworthy.toml", "preview = true\nslect = [\"SW1\"]\n", "scriptworthy.toml:2:1: unknown field `slect`"),
        ("scriptworthy.toml", "min-confidence = 7\n", "`min-confidence` must be a number from 0 to 1"),
        ("scriptworthy.toml", "fail-on = \"sometimes\"\n", "scriptworthy.toml:1:11: unknown variant `sometimes`"),
        ("scriptworthy.toml", "max-file-size = 1\n", "unknown field `max-file-size`"),
        ("scriptworthy.toml", "extend = \"../../x.toml\"\n", "`extend = \"../../x.toml\"` names no file"),
        ("scriptworthy.toml", "extend = \"scriptworthy.toml\"\n", "is one file too many, or a ring"),
        ("pyproject.toml", "[tool.scriptworthy]\nignored = []\n", "pyproject.toml:2:1: unknown field `ignored`"),
        ("package.json", "{\"scriptworthy\": {\"nope\": 1}}", "package.json:1:24: unknown field `nope`"),
        ("scriptworthy.toml", "ignore = [\"SW999\"]\n", "no rule is called `SW999`"),
        ("scriptworthy.toml", "[[override]]\npaths = [\"{a\"]\nignore = [\"SW1\"]\n", "pattern is not valid"),
    ] {
        let folder = folder(&[(name, content), ("a.py", HONEST)]);
        let out = run_in(folder.path(), &["audit"]);
        assert_eq!(out.status.code(), Some(2), "{content}");
        assert!(text(&out.stderr).contains(why), "{content}: {}", text(&out.stderr));
    }
    let folder = folder(&[("scriptworthy.toml", "slect = []\n"), ("a.py", HONEST)]);
    assert!(text(&run_in(folder.path(), &["audit"]).stderr).ends_with("help: did you mean `select`?\n"));
}

#[test]
fn a_config_extends_another_inside_the_repository_only() {
    let outside = "ignore = [\"SW101\"]\n";
    let files = [
        ("outside.toml", outside),
        ("repo/.git/HEAD", ""),
        ("repo/base.toml", outside),
        ("repo/in/scriptworthy.toml", "extend = \"../base.toml\"\npreview = true\n"),
        ("repo/in/a.py", HONEST),
        ("repo/out/scriptworthy.toml", "extend = \"../../outside.toml\"\n"),
        ("repo/out/a.py", HONEST),
    ];
    let folder = folder(&files);
    assert_eq!(findings(&report_in(&folder.path().join("repo/in"), &[])), []);
    let out = run_in(&folder.path().join("repo/out"), &["audit"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("leaves the repository"), "{}", text(&out.stderr));
}

#[test]
fn overrides_keep_rules_quiet_in_their_paths_and_the_last_wins() {
    let config = "[[override]]\npaths = [\"evals/**\"]\nignore = [\"SW1\"]\n\n[[override]]\npaths = [\"evals/kept.py\"]\nignore = []\n";
    let folder =
        folder(&[("scriptworthy.toml", config), ("a.py", HONEST), ("evals/b.py", HONEST), ("evals/kept.py", HONEST)]);
    let report = report_in(folder.path(), &[]);
    let mut paths: Vec<_> = list(&report, "findings").iter().filter_map(|finding| finding["path"].as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["a.py", "evals/kept.py"]);
}

#[test]
fn settings_are_shown_with_their_source() {
    let folder = folder(&[("scriptworthy.toml", "calls-per-month = 1000\n"), ("a.py", HONEST)]);
    let out = text(&run_in(folder.path(), &["audit", "--show-settings", "--preview"]).stdout);
    assert!(out.contains("calls-per-month = 1000  # ./scriptworthy.toml\n"), "{out}");
    assert!(out.contains("preview = true  # flag or environment\n"), "{out}");
}

/// The honest call with a comment in its line, or above it.
fn with_comment(comment: &str, above: bool) -> String {
    let call = "    answer = client.chat.completions.create(\n";
    let line = if above { format!("    {comment}\n{call}") } else { call.replace('\n', &format!("  {comment}\n")) };
    HONEST.replace(call, &line)
}

#[test]
fn a_comment_suppresses_a_finding_and_is_counted() {
    for (comment, above) in [
        ("# scriptworthy: ignore[SW101] -- the partner wants it", false),
        ("# scriptworthy: ignore[SW101] -- the partner wants it", true),
        ("# scriptworthy: ignore[date-math, SW110] until=2999-01-01 -- the partner wants it", true),
    ] {
        let folder = folder(&[("a.py", &with_comment(comment, above))]);
        let report = report_in(folder.path(), &[]);
        assert_eq!(findings(&report), [("SW101".to_owned(), true)], "{comment}");
        assert_eq!(report["findings"][0]["suppressed"]["reason"], "the partner wants it");
        assert_eq!(report["suppressions"][0]["status"], "used");
        assert_eq!(list(&report["totals"], "levers").len(), 0, "nothing is saved by it");
        for format in ["full", "concise", "sarif", "github"] {
            let out = run_in(folder.path(), &["audit", "--format", format]);
            assert_eq!(out.status.code(), Some(0), "{format}");
            let shown = text(&out.stdout);
            assert!(
                !shown.contains("a.py:7") && !shown.contains("line=7") && !shown.contains("\"ruleId\""),
                "{format}: {shown}"
            );
            assert!(format!("{shown}{}", text(&out.stderr)).contains("0 findings, 1 suppressed"), "{format}: {shown}");
        }
        assert_eq!(run_in(folder.path(), &["audit", "--no-ignores"]).status.code(), Some(1));
    }
    let script = "import OpenAI from \"openai\";\nconst client = new OpenAI();\n// scriptworthy: ignore-file[SW101]\nexport async function isoDate(rawDate: string): Promise<string> {\n  const answer = await client.chat.completions.create({ model: \"gpt-4o\", temperature: 0, messages: [{ role: \"user\", content: `Convert the date ${rawDate} from DD.MM.YYYY to ISO 8601 (YYYY-MM-DD). Return only the date.` }] });\n  return answer.choices[0].message.content!.trim();\n}\n";
    let folder = folder(&[("a.ts", script)]);
    assert_eq!(findings(&report_in(folder.path(), &[])), [("SW101".to_owned(), true)]);
    let again = script.replace("// scriptworthy: ignore-file[SW101]\n", "");
    std::fs::write(folder.path().join("a.ts"), again).expect("written");
    assert_eq!(findings(&report_in(folder.path(), &[])), [("SW101".to_owned(), false)]);
}

#[test]
fn comments_that_do_nothing_are_reported() {
    for (comment, status, words) in [
        (
            "# scriptworthy: ignore[SW106] -- old",
            "unused",
            "it suppresses nothing: no such finding stands here (its reason: old)",
        ),
        ("# scriptworthy: ignore", "invalid", "it names no rule: write `ignore[SW106]`"),
        ("# scriptworthy: ignore[SW999]", "invalid", "no rule is called `SW999`"),
        ("# scriptworthy: ignore[SW101] until=soon", "invalid", "`soon` is no date: write until=2027-03-31"),
        ("# scriptworthy: ignore[SW101] until=2020-01-31", "expired", "its date is past: the finding is back"),
    ] {
        let folder = folder(&[("a.py", &with_comment(comment, true))]);
        let report = report_in(folder.path(), &[]);
        assert_eq!(findings(&report), [("SW101".to_owned(), false)], "{comment}");
        assert_eq!(report["suppressions"][0]["status"], status, "{comment}");
        let out = run_in(folder.path(), &["audit", "--format", "concise"]);
        assert_eq!(out.status.code(), Some(1), "{comment}");
        assert!(
            text(&out.stdout).contains(&format!("warning: a.py:7: suppression comment: {words}\n")),
            "{}",
            text(&out.stdout)
        );
    }
    let folder = folder(&[("a.py", &with_comment("# scriptworthy: ignore[SW101] until=2030-01-31", true))]);
    let on = |seconds: &str| {
        let mut command = command(folder.path(), &["audit", "--format", "json"]);
        let out = command.env("SOURCE_DATE_EPOCH", seconds).output().expect("it runs");
        serde_json::from_slice::<Value>(&out.stdout).expect("JSON")
    };
    assert_eq!(findings(&on("1896048000")), [("SW101".to_owned(), true)], "2030-01-31: the last day counts");
    let late = on("1896134400");
    assert_eq!(findings(&late), [("SW101".to_owned(), false)], "2030-02-01");
    assert!(
        late["findings"][0]["help"]
            .as_str()
            .is_some_and(|help| help.ends_with("(its suppression in line 7 ran out on 2030-01-31)"))
    );
    let quiet = report_in(folder.path(), &["--select", "SW106"]);
    assert_eq!(quiet["suppressions"][0]["status"], "not-checked", "a rule that did not run proves nothing");
}

#[test]
fn text_that_is_no_comment_suppresses_nothing() {
    let source = HONEST.replace("def iso_date", "note = \"# scriptworthy: ignore-file[SW101]\"\n\n\ndef iso_date");
    let report = report_in(folder(&[("a.py", &source)]).path(), &[]);
    assert_eq!(findings(&report), [("SW101".to_owned(), false)]);
    assert_eq!(list(&report, "suppressions").len(), 0);
}

#[test]
fn reasons_can_be_required() {
    let folder = folder(&[
        ("scriptworthy.toml", "require-reasons = true\n"),
        ("a.py", &with_comment("# scriptworthy: ignore[SW101]", true)),
    ]);
    let report = report_in(folder.path(), &[]);
    assert_eq!(findings(&report), [("SW101".to_owned(), false)]);
    assert_eq!(report["suppressions"][0]["message"], "it gives no reason, and the settings require one");
}

#[test]
fn a_baseline_holds_what_was_there_and_only_new_findings_fail() {
    let folder = folder(&[("a.py", HONEST), ("b.py", HONEST)]);
    let run = |args: &[&str]| run_in(folder.path(), &[&["audit", "--format", "concise"], args].concat());
    assert_eq!(run(&["--write-baseline", "base.json"]).status.code(), Some(0));
    let recorded = std::fs::read_to_string(folder.path().join("base.json")).expect("written");
    assert!(recorded.contains("\"symbol\": \"iso_date\""), "{recorded}");
    let out = run(&["--baseline", "base.json"]);
    assert_eq!(out.status.code(), Some(0));
    assert!(text(&out.stdout).contains("0 findings, 2 in the baseline\n"), "{}", text(&out.stdout));
    // Moved to another file and function: not new. A third one is.
    let moved = HONEST.replace("iso_date", "another_name");
    std::fs::write(folder.path().join("moved.py"), moved).expect("written");
    std::fs::remove_file(folder.path().join("b.py")).expect("removed");
    assert_eq!(run(&["--baseline", "base.json"]).status.code(), Some(0));
    std::fs::write(folder.path().join("third.py"), HONEST).expect("written");
    let out = run(&["--baseline", "base.json"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stdout).contains("1 finding, 2 in the baseline: "), "{}", text(&out.stdout));
    for gone in ["moved.py", "third.py"] {
        std::fs::remove_file(folder.path().join(gone)).expect("removed");
    }
    let out = run(&["--baseline", "base.json"]);
    assert!(
        text(&out.stdout).contains("1 in the baseline (1 finding of it gone: write it anew)"),
        "{}",
        text(&out.stdout)
    );
    for (name, content, why) in [
        ("none.json", None, "error: path not found: none.json\n"),
        ("bad.json", Some("{"), "error: bad.json is no baseline: "),
        ("old.json", Some("{\"schema\": \"x/9\", \"findings\": []}"), "its schema is `x/9`"),
    ] {
        if let Some(content) = content {
            std::fs::write(folder.path().join(name), content).expect("written");
        }
        let out = run(&["--baseline", name]);
        assert_eq!(out.status.code(), Some(2), "{name}");
        assert!(text(&out.stderr).contains(why), "{name}: {}", text(&out.stderr));
    }
}
