//! The command line from outside: commands, flags, exit codes, settings, and the same bytes every time.

mod common;

use common::{FORMATS, HONEST, command, copy, folder, list, project, report_in, root, run, run_in, text};
use serde_json::Value;

#[test]
fn what_is_misspelt_is_exit_2_and_answered() {
    for (args, why) in [
        (&["audit", ".", "--select", "SW999"][..], "no rule is called `SW999`"),
        (&["audit", ".", "--format", "yaml"], "possible values: full, concise, json"),
        (&["audit", ".", "-o", "yaml=x"], "no format is called `yaml`"),
        (&["audit", ".", "-o", "json"], "must be FORMAT=PATH"),
        (&["audit", ".", "--min-confidence", "2"], "must be a number from 0 to 1"),
        (&["audit", ".", "--exclude", "a[b"], "path pattern is not valid"),
        (&["audit", ".", "--slect", "SW1"], "--select"),
        (&["explain", "SW999"], "no rule is called `SW999`"),
        (&["explain", "fixtures/projects/helpdesk/helpdesk/tickets.py:1"], "no model call at"),
    ] {
        let out = run(args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(text(&out.stderr).contains(why), "{args:?}: {}", text(&out.stderr));
        assert!(out.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn the_exit_code_follows_the_threshold_and_not_the_format() {
    let folder = project();
    for format in FORMATS {
        for (args, code) in [
            (&[][..], 1),
            (&["--exit-zero"], 0),
            (&["--fail-on", "error"], 0),
            (&["--fail-on", "never"], 0),
            (&["--fail-on", "note"], 1),
            (&["--ignore", "SW1"], 0),
            (&["--top", "0"], 1),
        ] {
            let out = run_in(&folder, &[&["audit", "--format", format], args].concat());
            assert_eq!(out.status.code(), Some(code), "{format} {args:?}");
        }
    }
}

#[test]
fn json_is_the_same_bytes_with_any_threads_and_from_any_folder() {
    let path = project().to_string_lossy().into_owned();
    let one = run(&["audit", &path, "--format", "json", "--threads", "1"]);
    let two = run(&["audit", &path, "--format", "json", "--threads", "2"]);
    let many = run_in(&std::env::temp_dir(), &["audit", &path, "--format", "json", "--threads", "64"]);
    assert!(!one.stdout.is_empty());
    assert_eq!(one.stdout, two.stdout);
    assert_eq!(one.stdout, many.stdout);
}

#[test]
fn no_format_tells_where_the_checkout_lies() {
    let temporary = tempfile::tempdir().expect("a folder");
    copy(&project(), &temporary.path().join("code"));
    let place = temporary.path().to_string_lossy().into_owned();
    for format in FORMATS {
        let out = run_in(temporary.path(), &["audit", "code", "--format", format]);
        assert!(!text(&out.stdout).contains(&place) && !text(&out.stderr).contains(&place), "{format}");
        let absolute = temporary.path().join("code").to_string_lossy().into_owned();
        let out = run(&["audit", &absolute, "--format", format]);
        let shown = text(&out.stdout);
        // The JSON report repeats the root as it was given, and only there.
        let times = if format == "json" { 1 } else { 0 };
        assert_eq!(shown.matches(&place).count(), times, "{format}: {shown}");
    }
}

#[test]
fn one_run_writes_several_reports() {
    let folder = folder(&[("app.py", HONEST)]);
    let out = run_in(
        folder.path(),
        &["audit", "--format", "concise", "--output", "a.txt", "-o", "sarif=b.sarif", "-o", "json=c.json"],
    );
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty());
    assert!(text(&out.stderr).contains("1 finding: 1 script substitution"), "{}", text(&out.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("written");
    assert!(read("a.txt").starts_with("app.py:7:14: SW101 "));
    for name in ["b.sarif", "c.json"] {
        serde_json::from_str::<Value>(&read(name)).expect("JSON");
    }
}

#[test]
fn colours_follow_the_stream_and_what_is_asked() {
    let folder = folder(&[("app.py", HONEST)]);
    let colored = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = command(folder.path(), args);
        command.env_remove("NO_COLOR");
        variables.iter().for_each(|(name, value)| {
            command.env(name, value);
        });
        text(&command.output().expect("it runs").stdout).contains('\u{1b}')
    };
    assert!(!colored(&["audit"], &[]), "a pipe is no terminal");
    assert!(colored(&["audit", "--color", "always"], &[]));
    assert!(colored(&["audit"], &[("FORCE_COLOR", "1")]));
    assert!(!colored(&["audit"], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["audit", "--color", "never"], &[("FORCE_COLOR", "1")]));
}

#[test]
fn explain_knows_rules_and_calls() {
    let page = text(&run(&["explain", "date-math"]).stdout);
    assert!(page.starts_with("# SW101 date-math"));
    // As the report prints the place, as the shell completes it, and seen from the audited folder.
    let given = "fixtures/projects/helpdesk/helpdesk/tickets.py";
    let text_of = |args: &[&str]| text(&run(args).stdout);
    let line = |needle: &str| {
        let source = std::fs::read_to_string(root().join(given)).expect("there");
        source.lines().position(|line| line.contains(needle)).expect("there") + 1
    };
    let at = line("ISO_DATE.format");
    let call = text_of(&["explain", &format!("{given}:{at}")]);
    for words in [
        "llm.ask",
        "[user] fixtures/projects/helpdesk/helpdesk/prompts.py:9",
        "through LLM.ask at fixtures/projects/helpdesk/helpdesk/llm/client.py:16",
        "gpt-4o (an environment variable, or this default)",
        "SW101 speaks",
        "    do: replace the call by code",
        "    saves: $",
        "+3.2  operation: ",
    ] {
        assert!(call.contains(words), "{words}: {call}");
    }
    assert_eq!(text_of(&["explain", &format!("{given}:{at}:14")]), call, "with a column");
    let inside = text_of(&["explain", &format!("helpdesk/tickets.py:{at}"), "--root", "fixtures/projects/helpdesk"]);
    assert!(inside.contains("SW101 speaks"), "{inside}");
    let kept = text_of(&["explain", &format!("{given}:{}", line("TRIAGE.format"))]);
    assert!(kept.contains("SW1 keeps quiet: the work needs judgment; not seen: "), "{kept}");
    let wrong = run(&["explain", &format!("{given}:1")]);
    assert!(
        text(&wrong.stderr).contains(&format!("help: calls of this file start in line {at}, ")),
        "{}",
        text(&wrong.stderr)
    );
}

#[test]
fn the_inventory_lists_every_call_on_a_line_when_piped() {
    let out = text(&run_in(&project(), &["calls"]).stdout);
    let row = |start: &str| {
        out.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_else(|| panic!("{start}: {out}"))
    };
    let date = row("helpdesk/tickets.py:11 due_date");
    for words in ["gpt-4o", "mechanical: date-math", "Convert the date {raw_date}", "helpdesk/prompts.py:9"] {
        assert!(date.contains(words), "{date}");
    }
    assert!(row("helpdesk/llm/client.py:16 ").contains("wrapper"));
    assert!(row("web/src/contact.ts:9 ").contains("judgment"));
    let json: Value = serde_json::from_slice(&run_in(&project(), &["calls", "--format", "json"]).stdout).expect("JSON");
    assert_eq!(json, report_in(&project(), &[])["calls"]);
}

#[test]
fn rules_schemas_and_completions_are_printed() {
    let rules: Value = serde_json::from_slice(&run(&["rules", "--format", "json"]).stdout).expect("JSON");
    let table = text(&run(&["rules"]).stdout);
    for rule in rules.as_array().expect("rules") {
        assert!(table.contains(rule["code"].as_str().expect("a code")));
    }
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    for schema in ["report", "config"] {
        let schema: Value = serde_json::from_slice(&run(&["schema", schema]).stdout).expect("JSON");
        assert!(schema["properties"].is_object());
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(text(&run(&["completions", shell]).stdout).contains("scriptworthy"), "{shell}");
    }
}

#[test]
fn a_monthly_figure_needs_a_volume() {
    let without = report_in(&project(), &[]);
    assert!(list(&without, "calls").iter().all(|call| call["cost"]["usd_per_month"].is_null()));
    let with = report_in(&project(), &["--calls-per-month", "1000"]);
    let cost = &with["findings"][0]["savings"];
    assert_eq!(cost["basis"], "configured");
    assert_eq!(
        cost["usd_per_month"], cost["usd_per_1k_calls"],
        "a thousand calls a month cost what a thousand calls cost"
    );
}

#[test]
fn files_are_listed_and_left_out_as_asked() {
    let folder = folder(&[("a.py", HONEST), ("gen/b.py", HONEST), (".gitignore", "c.py\n"), ("c.py", HONEST)]);
    let shown = |args: &[&str]| text(&run_in(folder.path(), &[&["audit", "--show-files"], args].concat()).stdout);
    assert_eq!(shown(&[]), "a.py\ngen/b.py\n");
    assert_eq!(shown(&["--no-gitignore"]), "a.py\nc.py\ngen/b.py\n");
    assert_eq!(shown(&["--exclude", "gen"]), "a.py\n");
    assert_eq!(shown(&["gen/b.py", "a.py", "--exclude", "gen/**"]), "a.py\ngen/b.py\n", "a named file is audited");
    assert_eq!(shown(&["gen/b.py", "a.py", "--exclude", "gen/**", "--force-exclude"]), "a.py\n");
}

#[test]
fn the_environment_stands_in_for_flags_and_flags_win() {
    let with = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = command(root(), &[&["audit", "fixtures/projects/helpdesk"], args].concat());
        variables.iter().for_each(|(name, value)| {
            command.env(name, value);
        });
        command.output().expect("it runs")
    };
    let out = with(&[("SCRIPTWORTHY_FORMAT", "json"), ("SCRIPTWORTHY_EXIT_ZERO", "1")], &[]);
    assert_eq!(out.status.code(), Some(0));
    serde_json::from_slice::<Value>(&out.stdout).expect("JSON");
    let out = with(
        &[("SCRIPTWORTHY_FORMAT", "json"), ("SCRIPTWORTHY_IGNORE", "SW1")],
        &["--format", "concise", "--ignore", "SW102"],
    );
    assert!(text(&out.stdout).contains(": SW101 "), "{}", text(&out.stdout));
    let out = with(&[("SCRIPTWORTHY_FAIL_ON", "never")], &[]);
    assert_eq!(out.status.code(), Some(0));
}
