//! Bad input: the code, the words, and the finding of an honest neighbour that must still be there.

mod common;

use std::io::Write as _;
use std::process::Stdio;

use common::{FORMATS, HONEST, command, folder, list, report_in, run_in, text};
use serde_json::Value;

/// The honest neighbour's finding is there, and nothing is an error of ours.
fn honest(report: &Value) {
    let found =
        list(report, "findings").iter().any(|finding| finding["path"] == "honest.py" && finding["rule"] == "SW101");
    assert!(found, "the neighbour's finding is lost: {}", report["findings"]);
    assert!(!report["files"].to_string().contains("internal-error"), "{}", report["files"]);
}

/// Why a file was not read to its end.
fn reason(report: &Value, path: &str) -> Option<String> {
    let files = &report["files"];
    let mut notes = list(files, "skipped").iter().chain(list(files, "partly_read"));
    notes.find(|note| note["path"] == path).and_then(|note| note["reason"].as_str().map(str::to_owned))
}

#[test]
fn a_path_that_does_not_exist_is_exit_2_with_help_whatever_else_is_named() {
    let folder = folder(&[("honest.py", HONEST)]);
    for args in [&["audit", "no/such"][..], &["audit", "honest.py", "no/such"], &["audit", "no/such", "--exit-zero"]] {
        for format in FORMATS {
            let out = run_in(folder.path(), &[args, &["--format", format]].concat());
            assert_eq!(out.status.code(), Some(2), "{args:?} {format}");
            assert_eq!(
                text(&out.stderr),
                "error: path not found: no/such\nhelp: check the spelling; paths are relative to the current folder\n"
            );
            assert!(out.stdout.is_empty());
        }
    }
}

#[test]
fn a_folder_without_source_is_a_warning_and_a_file_that_is_none_an_error() {
    let folder = folder(&[("notes.txt", "hello"), ("docs/readme.md", "# hello")]);
    for format in FORMATS {
        let out = run_in(folder.path(), &["audit", "--format", format]);
        assert_eq!(out.status.code(), Some(0), "{format}");
        let warning = "warning: no Python, TypeScript or JavaScript files in .\n";
        assert!(text(&out.stderr).starts_with(warning), "{format}");
        let out = run_in(folder.path(), &["audit", "notes.txt", "--format", format]);
        assert_eq!(out.status.code(), Some(2), "{format}");
        assert_eq!(
            text(&out.stderr),
            "error: not a Python, TypeScript or JavaScript file: notes.txt\nhelp: name a .py, .ts, .tsx, .js, .jsx, .mts, .cts, .mjs or .cjs file, or a folder\n"
        );
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_opened_is_named_and_costs_nobody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("honest.py", HONEST), ("locked.py", "x = 1\n"), ("shut/inner.py", "x = 1\n")]);
    let lock = |path: &str, mode| {
        let path = folder.path().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    };
    lock("locked.py", 0o000);
    lock("shut", 0o000);
    let enforced = std::fs::read(folder.path().join("locked.py")).is_err();
    let report = report_in(folder.path(), &[]);
    let named = run_in(folder.path(), &["audit", "shut"]);
    lock("shut", 0o755);
    honest(&report);
    // Who may read everything sees no locks.
    if enforced {
        assert_eq!(reason(&report, "locked.py").as_deref(), Some("unreadable"));
        assert_eq!(reason(&report, "shut").as_deref(), Some("unreadable"));
        assert_eq!(named.status.code(), Some(2));
        assert!(text(&named.stderr).starts_with("error: cannot read shut: "), "{}", text(&named.stderr));
    }
}

#[test]
fn every_kind_of_bad_file_is_named_with_its_reason() {
    let deep = format!("x = {}1{}\n", "(".repeat(3000), ")".repeat(3000));
    let broken = format!("def broken(:\n    pass\n\n\n{HONEST}");
    let folder = folder(&[("honest.py", HONEST), ("deep.py", &deep), ("broken.py", &broken)]);
    std::fs::write(folder.path().join("latin.py"), b"name = '\xe9\xff'\n").expect("written");
    std::fs::write(folder.path().join("huge.py"), vec![b'#'; (1 << 20) + 1]).expect("written");
    let report = report_in(folder.path(), &[]);
    honest(&report);
    for (path, why) in
        [("deep.py", "parse-limit"), ("broken.py", "parse-errors"), ("latin.py", "not-utf-8"), ("huge.py", "too-large")]
    {
        assert_eq!(reason(&report, path).as_deref(), Some(why), "{path}");
    }
    let read_around = list(&report, "findings").iter().any(|finding| finding["path"] == "broken.py");
    assert!(read_around, "what stands behind the broken part is read");
    let out = run_in(folder.path(), &["audit", "--format", "concise"]);
    assert_eq!(out.status.code(), Some(1), "without --strict the code is that of the findings");
    assert!(text(&out.stdout).contains("not fully read: 4 files\n"), "{}", text(&out.stdout));
    let out = run_in(folder.path(), &["audit", "-v", "-q"]);
    assert!(text(&out.stderr).contains("  latin.py: not UTF-8 text\n"), "{}", text(&out.stderr));
    for format in FORMATS {
        let out = run_in(folder.path(), &["audit", "--strict", "--format", format]);
        assert_eq!(out.status.code(), Some(2), "{format}");
        assert!(text(&out.stderr).contains("error: 4 files were not fully read\n"), "{format}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_exit_2_and_leaves_the_old_file_whole() {
    let folder = folder(&[("honest.py", HONEST), ("old.json", "old"), ("taken/x", "")]);
    for (target, why) in [
        ("no/such/report.json", "error: cannot write no/such/report.json: "),
        ("taken", "error: cannot write taken: "),
        ("honest.py", "error: the output honest.py is one of the audited files\n"),
    ] {
        for args in [&["--format", "json", "--output", target][..], &["-o", &format!("json={target}")]] {
            let out = run_in(folder.path(), &[&["audit"], args].concat());
            assert_eq!(out.status.code(), Some(2), "{args:?}");
            assert!(text(&out.stderr).contains(why), "{args:?}: {}", text(&out.stderr));
        }
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("honest.py")).expect("there"), HONEST);
    let out = run_in(folder.path(), &["audit", "--format", "json", "--output", "old.json"]);
    assert_eq!(out.status.code(), Some(1));
    honest(&serde_json::from_slice(&std::fs::read(folder.path().join("old.json")).expect("there")).expect("JSON"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 3, "no temporary file is left");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_exit_2() {
    let folder = folder(&[("honest.py", HONEST)]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("there");
    let out = command(folder.path(), &["audit"]).stdout(full).stderr(Stdio::piped()).output().expect("it runs");
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).starts_with("error: cannot write standard output: "), "{}", text(&out.stderr));
}

#[test]
fn a_reader_that_goes_away_is_no_error_in_any_format() {
    let folder = folder(&[("honest.py", HONEST)]);
    for format in FORMATS {
        let mut child = command(folder.path(), &["audit", "-q", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        drop(child.stdout.take());
        let out = child.wait_with_output().expect("it ends");
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(1), String::new()), "{format}");
    }
}

#[test]
fn standard_input_is_one_file_with_a_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let piped = |args: &[&str], bytes: &[u8]| {
        let mut child = command(folder.path(), args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut input = child.stdin.take().expect("a pipe");
        // A run that refuses its arguments does not read.
        let _ = input.write_all(bytes);
        drop(input);
        child.wait_with_output().expect("it ends")
    };
    let args = ["audit", "-", "--stdin-filename", "app/honest.py", "--format", "concise", "-q"];
    let out = piped(&args, HONEST.as_bytes());
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    assert!(text(&out.stdout).starts_with("app/honest.py:7:14: SW101 "), "{}", text(&out.stdout));
    let out = piped(&["audit", "-", "--stdin-filename", "x.py", "--format", "json"], b"\xff\xff");
    let report: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(reason(&report, "x.py").as_deref(), Some("not-utf-8"));
    for (args, why) in [
        (&["audit", "-"][..], "standard input needs a name: --stdin-filename"),
        (&["audit", "-", ".", "--stdin-filename", "x.py"], "standard input needs to stand alone"),
        (&["audit", "-", "--stdin-filename", "x.txt"], "not a Python, TypeScript or JavaScript file: x.txt"),
    ] {
        let out = piped(args, b"");
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(text(&out.stderr).starts_with(&format!("error: {why}")), "{args:?}: {}", text(&out.stderr));
    }
}

#[test]
fn several_paths_are_one_program_and_one_report() {
    let wrapper = "from openai import OpenAI\n\n\ndef ask(prompt: str) -> str:\n    return OpenAI().chat.completions.create(model=\"gpt-4o\", messages=[{\"role\": \"user\", \"content\": prompt}]).choices[0].message.content\n";
    let caller = "from lib.llm import ask\n\n\ndef poem() -> str:\n    return ask(\"Write a poem about autumn.\")\n";
    let folder = folder(&[("lib/llm.py", wrapper), ("app/poem.py", caller), ("app/honest.py", HONEST)]);
    let report = report_in(folder.path(), &["app", "lib", "./app/honest.py"]);
    let calls = list(&report, "calls");
    let roles: Vec<_> = calls.iter().map(|call| (call["path"].as_str(), call["role"].as_str())).collect();
    assert_eq!(
        roles,
        [
            (Some("app/honest.py"), Some("direct")),
            (Some("app/poem.py"), Some("via-wrapper")),
            (Some("lib/llm.py"), Some("wrapper"))
        ]
    );
    let absolute = folder.path().join("lib").to_string_lossy().into_owned();
    let mixed = report_in(folder.path(), &["app", &absolute]);
    assert_eq!(list(&mixed, "calls").len(), 3);
}
