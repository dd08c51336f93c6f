//! Trees that nobody should be able to hurt us with: names, links, sizes, numbers of files, and the machine around.
//!
//! Every input is made here; none is stored.

mod common;

use std::path::Path;

use common::{FORMATS, HONEST, command, folder, list, report_in, run_in, text};
use serde_json::Value;

fn paths(report: &Value) -> Vec<&str> {
    list(report, "calls").iter().map(|call| call["path"].as_str().expect("a path")).collect()
}

fn reason<'a>(report: &'a Value, path: &str) -> Option<&'a str> {
    ["skipped", "partly_read"]
        .into_iter()
        .flat_map(|of| list(&report["files"], of))
        .find(|note| note["path"] == path)
        .and_then(|note| note["reason"].as_str())
}

#[test]
fn a_line_of_ten_megabytes_is_shown_cut_out() {
    let call = "client.chat.completions.create(model='gpt-4o', messages=[{'role': 'user', 'content': f'Convert the date {raw_date} from DD.MM.YYYY to ISO 8601 (YYYY-MM-DD). Return only the date.'}])";
    let fill = "x".repeat(5_000_000);
    let line = format!("from openai import OpenAI\nclient = OpenAI()\na = '{fill}'; b = {call}; c = '{fill}'\n");
    let folder = folder(&[("honest.py", HONEST), ("line.py", &line)]);
    let report = report_in(folder.path(), &["--max-file-size", "20000000"]);
    assert_eq!(paths(&report), ["honest.py", "line.py"]);
    assert_eq!(list(&report, "calls")[1]["start"]["column"], 5_000_013);
    for format in ["full", "concise", "github"] {
        let out = run_in(folder.path(), &["audit", "line.py", "--max-file-size", "20000000", "--format", format]);
        assert!(out.stdout.len() < 10_000, "{format}: {} bytes", out.stdout.len());
    }
}

#[test]
fn a_sparse_file_of_gigabytes_is_passed_over_by_its_size() {
    let folder = folder(&[("honest.py", HONEST)]);
    let file = std::fs::File::create(folder.path().join("vast.py")).expect("made");
    file.set_len(3 << 30).expect("sparse files are known here");
    let report = report_in(folder.path(), &[]);
    assert_eq!(paths(&report), ["honest.py"]);
    assert_eq!(reason(&report, "vast.py"), Some("too-large"));
}

#[test]
fn line_ends_of_every_kind_count_as_editors_count_them() {
    let lf = HONEST.to_owned();
    let folder = folder(&[
        ("a_lf.py", &lf),
        ("b_crlf.py", &lf.replace('\n', "\r\n")),
        ("c_mark.py", &format!("\u{feff}{lf}")),
        ("d_feed.py", &lf.replacen("\n\n", "\n\u{c}\n", 1)),
        ("e_wide.py", &format!("# one\u{2028}line\n{lf}")),
        ("f_cr.py", &lf.replace('\n', "\r")),
    ]);
    let report = report_in(folder.path(), &[]);
    let lines: Vec<_> =
        list(&report, "calls").iter().map(|call| (call["path"].clone(), call["start"]["line"].clone())).collect();
    let expected =
        [("a_lf.py", 7), ("b_crlf.py", 7), ("c_mark.py", 7), ("d_feed.py", 7), ("e_wide.py", 8), ("f_cr.py", 7)];
    assert_eq!(lines, expected.map(|(path, line)| (Value::from(path), Value::from(line))));
}

#[test]
fn suppression_comments_hold_under_line_ends_of_every_kind() {
    let comment = "    # scriptworthy: ignore[SW101] -- agreed\n    answer = client";
    let quiet = HONEST.replace("    answer = client", comment);
    let folder = folder(&[
        ("honest.py", HONEST),
        ("lf.py", &quiet),
        ("crlf.py", &quiet.replace('\n', "\r\n")),
        ("mark.py", &format!("\u{feff}{quiet}")),
        ("feed.py", &quiet.replacen("\n\n", "\n\u{c}\n", 1)),
        ("wide.py", &format!("# one\u{2028}line\n{quiet}")),
    ]);
    let report = report_in(folder.path(), &[]);
    let found: Vec<_> = list(&report, "findings").iter().filter(|finding| finding["rule"] == "SW101").collect();
    assert_eq!(found.len(), 6);
    for finding in found {
        assert_eq!(finding["suppressed"].is_null(), finding["path"] == "honest.py", "{finding}");
    }
}

#[test]
fn identities_do_not_depend_on_line_ends_or_the_place_of_the_checkout() {
    let first = folder(&[("app/dates.py", HONEST)]);
    let second = folder(&[("deep/er/app/dates.py", &HONEST.replace('\n', "\r\n"))]);
    let of = |folder: &Path| {
        let report = report_in(folder, &[]);
        list(&report, "findings").iter().map(|finding| finding["fingerprint"].clone()).collect::<Vec<_>>()
    };
    let one = of(first.path());
    assert!(!one.is_empty());
    assert_eq!(one, of(&second.path().join("deep/er")));
}

#[cfg(target_os = "linux")]
#[test]
fn file_names_of_every_kind_are_audited_and_kept_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = folder(&[("honest.py", HONEST)]);
    let long = format!("{}.py", "n".repeat(252));
    let names: [&[u8]; 7] = [
        b"caf\xe9.py",
        long.as_bytes(),
        b"   .py",
        b"-rf.py",
        b"..hidden.py",
        "e\u{301}.py".as_bytes(),
        "é.py".as_bytes(),
    ];
    for name in names {
        std::fs::write(folder.path().join(OsStr::from_bytes(name)), HONEST).expect("written");
    }
    let report = report_in(folder.path(), &[]);
    let found = paths(&report);
    assert_eq!(found.len(), names.len() + 1, "{found:?}");
    assert!(found.contains(&"caf%E9.py"), "{found:?}");
    assert!(found.is_sorted(), "{found:?}");
    let out = run_in(folder.path(), &["audit", "--format", "json", "--", "-rf.py"]);
    assert_eq!(paths(&serde_json::from_slice(&out.stdout).expect("JSON")), ["-rf.py"]);
}

#[cfg(unix)]
#[test]
fn links_lead_neither_out_nor_round() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.py", HONEST)]);
    let folder = folder(&[("honest.py", HONEST), ("pkg/a.py", "x = 1\n")]);
    let root = folder.path();
    symlink(root, root.join("pkg/up")).expect("linked");
    symlink(outside.path(), root.join("out")).expect("linked");
    symlink(outside.path().join("secret.py"), root.join("out.py")).expect("linked");
    symlink(root.join("honest.py"), root.join("twin.py")).expect("linked");
    assert_eq!(paths(&report_in(root, &[])), ["honest.py"]);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_refused_at_once() {
    let folder = folder(&[("honest.py", HONEST)]);
    std::process::Command::new("mkfifo").arg(folder.path().join("pipe.py")).status().expect("a pipe");
    for path in ["pipe.py", "/dev/null"] {
        let out = run_in(folder.path(), &["audit", path]);
        assert_eq!(out.status.code(), Some(2), "{path}");
        assert!(text(&out.stderr).starts_with("error: "), "{path}");
    }
}

#[test]
fn many_empty_files_and_deep_folders_cost_little() {
    let folder = folder(&[("honest.py", HONEST)]);
    let crowd = folder.path().join("crowd");
    std::fs::create_dir(&crowd).expect("made");
    for number in 0..20_000 {
        std::fs::File::create(crowd.join(format!("f{number}.py"))).expect("made");
    }
    let mut deep = folder.path().to_owned();
    for _ in 0..35 {
        deep.push("d".repeat(100));
    }
    std::fs::create_dir_all(&deep).expect("made");
    std::fs::write(deep.join("inner.py"), HONEST).expect("written");
    let report = report_in(folder.path(), &[]);
    assert_eq!(report["files"]["seen"], 20_002);
    assert_eq!(list(&report, "calls").len(), 2);
}

#[test]
fn what_is_no_source_under_a_source_name_is_said() {
    let mut noise = Vec::new();
    let mut state = 7u32;
    for _ in 0..40_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.push((state >> 24) as u8 & 0x7F);
    }
    let folder = folder(&[
        ("honest.py", HONEST),
        ("book.py", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"import openai\\n\"]}], \"nbformat\": 4}"),
        ("prose.ts", &"The quick brown fox; jumps (over the lazy dog. ".repeat(5_000)),
    ]);
    std::fs::write(folder.path().join("noise.ts"), &noise).expect("written");
    std::fs::write(folder.path().join("pack.py"), b"PK\x03\x04\x14\0\0\0\x08\0\xff\xfe").expect("written");
    let report = report_in(folder.path(), &[]);
    assert_eq!(paths(&report), ["honest.py"]);
    assert_eq!(reason(&report, "pack.py"), Some("not-utf-8"));
    assert!(reason(&report, "noise.ts").is_some());
    assert!(reason(&report, "prose.ts").is_some());
}

#[test]
fn secrets_of_every_shape_are_masked_in_every_format() {
    let secrets = [
        format!("sk-{}", "aB3dE6gH9j".repeat(5)),
        format!("ghp_{}", "aB3dE6gH9jK2".repeat(3)),
        format!("AKIA{}", "QWERTYUIOPASDFGH"),
        "postgres://admin:hunter2secret@db.example.com:5432/prod".to_owned(),
    ];
    let lines: String = secrets.iter().map(|secret| format!("Use {secret} here. ")).collect();
    let source = HONEST.replace("Convert the date", &format!("{lines}Convert the date"));
    let folder = folder(&[("leak.py", &source)]);
    for format in FORMATS {
        let out = run_in(folder.path(), &["audit", "--format", format, "--min-confidence", "0"]);
        for secret in &secrets {
            assert!(!text(&out.stdout).contains(secret.as_str()), "{format} shows {secret}");
        }
    }
    let report = report_in(folder.path(), &[]);
    assert_eq!(list(&report, "calls").len(), 1);
    assert_eq!(report["assumptions"]["secrets_masked"], true);
}

#[test]
fn marks_that_hide_text_are_shown_and_hide_no_suppression() {
    let hidden = HONEST.replace("def iso_date", "# scriptworthy\u{200b}: ignore\ndef iso_date");
    let shown = HONEST.replace("Convert the date", "\u{202e}\u{200b}\u{e0041}Convert the date");
    let folder = folder(&[("hidden.py", &hidden), ("shown.py", &shown)]);
    let report = report_in(folder.path(), &[]);
    let suppressed = list(&report, "findings").iter().filter(|finding| !finding["suppressed"].is_null()).count();
    assert_eq!(suppressed, 0);
    assert_eq!(paths(&report), ["hidden.py", "shown.py"]);
    for format in ["full", "concise", "github"] {
        let out = text(&run_in(folder.path(), &["audit", "--format", format]).stdout);
        assert!(!out.contains(['\u{202e}', '\u{200b}', '\u{e0041}']), "{format}");
    }
}

#[test]
fn the_machine_around_changes_no_byte() {
    let place = common::root().join("fixtures");
    for format in FORMATS {
        let run = |threads: &str, settings: &[(&str, Option<&str>)]| {
            let mut command = command(&place, &["audit", "projects", "--threads", threads, "--format", format]);
            for (name, value) in settings {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            command.output().expect("it runs").stdout
        };
        let first = run("1", &[]);
        assert!(!first.is_empty());
        for threads in ["2", "64"] {
            assert_eq!(first, run(threads, &[]), "{format} with {threads} threads");
        }
        let around =
            [("HOME", None), ("LC_ALL", Some("tr_TR.UTF-8")), ("TZ", Some("Pacific/Apia")), ("LANG", Some("C"))];
        assert_eq!(first, run("2", &around), "{format} elsewhere");
    }
}
