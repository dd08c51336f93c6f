//! Inputs that nobody should be able to hurt us with, each beside an honest file whose call must still be found.
//!
//! Every input is made here; none is stored.

use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;

const HONEST: &str = "import openai\nopenai.ChatCompletion.create(model=\"gpt-4\", messages=[{\"role\": \"user\", \"content\": \"Which of these is the best?\"}])\n";

fn audit(files: &[(&str, Vec<u8>)], args: &[&str]) -> (Output, serde_json::Value) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("honest.py"), HONEST).expect("written");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("written");
    }
    let out = binary(folder.path(), args);
    assert!(matches!(out.status.code(), Some(0 | 1)), "{:?} {}", out.status, String::from_utf8_lossy(&out.stderr));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let calls = report["calls"].as_array().expect("calls");
    assert!(calls.iter().any(|call| call["path"] == "honest.py"), "the honest neighbour is found");
    let reasons = reasons(&report);
    assert!(!reasons.iter().any(|(_, reason)| reason == "internal-error"), "{reasons:?}");
    (out, report)
}

fn binary(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("scriptworthy").expect("the binary is built");
    command.args(["audit", ".", "--format", "json"]).args(args).current_dir(folder).output().expect("it runs")
}

fn reasons(report: &serde_json::Value) -> Vec<(String, String)> {
    let files = &report["files"];
    [&files["skipped"], &files["partly_read"]]
        .into_iter()
        .flat_map(|notes| notes.as_array().expect("notes"))
        .map(|note| {
            (note["path"].as_str().expect("a path").to_owned(), note["reason"].as_str().expect("a reason").to_owned())
        })
        .collect()
}

fn reason_of(report: &serde_json::Value, path: &str) -> Option<String> {
    reasons(report).into_iter().find(|(of, _)| of == path).map(|(_, reason)| reason)
}

#[test]
fn long_chains_of_calls_do_not_overflow() {
    let chain = format!("a{}", ".b()".repeat(100_000));
    let (_, report) = audit(&[("chain.py", chain.clone().into_bytes()), ("chain.ts", chain.into_bytes())], &[]);
    assert!(reason_of(&report, "chain.py").is_some());
}

#[test]
fn nesting_is_followed_to_a_limit_and_said() {
    let deep = |depth: usize| format!("{}f(){}", "(".repeat(depth), ")".repeat(depth)).into_bytes();
    let jsx = format!("const x = {}y{};", "<a>".repeat(50_000), "</a>".repeat(50_000)).into_bytes();
    let string = format!("x = '{}'", "(".repeat(1_001)).into_bytes();
    let (_, report) =
        audit(&[("nine.py", deep(900)), ("two.py", deep(2_000)), ("jsx.tsx", jsx), ("string.py", string)], &[]);
    assert_eq!(reason_of(&report, "nine.py").as_deref(), Some("level-limit"));
    assert_eq!(reason_of(&report, "two.py").as_deref(), Some("parse-limit"));
    assert_eq!(reason_of(&report, "string.py").as_deref(), Some("parse-limit"));
    assert!(reason_of(&report, "jsx.tsx").is_some());
}

#[test]
fn endless_sums_are_cut_and_said() {
    let sum = format!("x = {}\n", vec!["'a'"; 100_000].join(" + "));
    let side =
        format!("import openai\nopenai.Completion.create(model='gpt-4', prompt=({}))\n", "'word ' ".repeat(50_000));
    let (_, report) = audit(&[("sum.py", sum.into_bytes()), ("side.py", side.into_bytes())], &[]);
    // What is left of a prompt that was cut is not taken for the whole.
    let side = report["calls"].as_array().expect("calls").iter().find(|call| call["path"] == "side.py").expect("found");
    assert_ne!(side["prompt"]["holes"], serde_json::json!([]), "the rest is a hole");
    for name in ["side.py", "sum.py"] {
        assert_eq!(reason_of(&report, name).as_deref(), Some("level-limit"), "{name}");
    }
}

#[test]
fn text_that_makes_a_parser_recurse_ends() {
    let inputs = [
        ("a.tsx", "<a>("),
        ("b.ts", "{a:"),
        ("c.ts", "((<a>"),
        ("d.ts", "a?"),
        ("e.py", "for x in "),
        ("f.py", "\"\"\""),
        ("g.ts", "`${"),
    ];
    let files: Vec<(&str, Vec<u8>)> =
        inputs.iter().map(|(name, piece)| (*name, piece.repeat(30_000).into_bytes())).collect();
    let (first, _) = audit(&files, &[]);
    let (second, _) = audit(&files, &[]);
    assert_eq!(first.stdout, second.stdout);
    // A full MiB of each of the worst: within the limits of work, or named as over them.
    let files: Vec<(&str, Vec<u8>)> =
        inputs.iter().map(|(name, piece)| (*name, piece.repeat((1 << 20) / piece.len()).into_bytes())).collect();
    let (_, report) = audit(&files, &[]);
    for (name, _) in inputs {
        assert!(reason_of(&report, name).is_some(), "{name}");
    }
}

#[test]
fn files_that_are_no_text_are_named() {
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(HONEST.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let files = [
        ("latin.py", b"x = '\xe9'\n".to_vec()),
        ("half.py", b"x = '\xed\xa0\x80'\n".to_vec()),
        ("wide.py", wide),
        ("empty.py", Vec::new()),
        ("mark.py", b"\xEF\xBB\xBF".to_vec()),
        ("nul.py", format!("x = 1\n\0\0\n{HONEST}").into_bytes()),
        ("quiet.py", format!("# a \0 comment ::-3::\n{HONEST}").into_bytes()),
        ("zip.py", b"PK\x03\x04\xff\xfe\xfd".to_vec()),
        ("bare.py", b"# only a comment".to_vec()),
    ];
    let (_, report) = audit(&files, &[]);
    assert_eq!(reason_of(&report, "latin.py").as_deref(), Some("not-utf-8"));
    assert_eq!(reason_of(&report, "zip.py").as_deref(), Some("not-utf-8"));
    assert_eq!(reason_of(&report, "half.py").as_deref(), Some("not-utf-8"));
    // Nothing is cut at a NUL: what stands behind it is read.
    for found in ["nul.py", "quiet.py", "wide.py"] {
        assert!(report["calls"].as_array().expect("calls").iter().any(|call| call["path"] == found), "{found}");
    }
    for quiet in ["quiet.py", "wide.py", "empty.py", "mark.py", "bare.py"] {
        assert_eq!(reason_of(&report, quiet), None, "{quiet}");
    }
}

#[test]
fn files_over_the_limit_are_skipped_unread() {
    let (_, report) = audit(&[("large.py", vec![b'#'; 3 << 20])], &[]);
    assert_eq!(reason_of(&report, "large.py").as_deref(), Some("too-large"));
}

#[test]
fn one_endless_line_is_shown_cut_out() {
    let line = format!("s = '{}'; openai.ChatCompletion.create(model='gpt-4', messages=[])", "x".repeat(900_000));
    let text = format!("import openai\n{line}\n");
    let (_, report) = audit(&[("line.py", text.into_bytes())], &[]);
    let call = report["calls"]
        .as_array()
        .expect("calls")
        .iter()
        .find(|call| call["path"] == "line.py")
        .expect("found")
        .clone();
    assert_eq!(call["start"]["column"], 900_009);
}

#[test]
fn rings_and_crowded_names_end() {
    let branches: String = (0..5_000).map(|n| format!("if y == {n}:\n    x = 'text {n}'\n")).collect();
    let crowded = format!(
        "import openai\nimport sys\ny = len(sys.argv)\n{branches}openai.Completion.create(model='m', prompt=x)\n"
    );
    let aliases: String = (1..10_000).map(|n| format!("a{n} = a{}\n", n - 1)).collect();
    let alias =
        format!("import openai\na0 = 'Name the river'\n{aliases}openai.Completion.create(model='m', prompt=a9999)\n");
    let files = [
        ("one.py", b"from two import f\ndef g(p):\n    return f(p)\n".to_vec()),
        ("two.py", b"from one import g\ndef f(p):\n    return g(p)\n".to_vec()),
        ("me.py", b"import openai\ndef ask(prompt):\n    ask(prompt)\n    openai.Completion.create(model='m', prompt=prompt)\nx = x\n".to_vec()),
        ("crowded.py", crowded.into_bytes()),
        ("alias.py", alias.into_bytes()),
    ];
    let (_, report) = audit(&files, &[]);
    assert!(report["calls"].as_array().expect("calls").len() >= 3);
}

#[cfg(unix)]
#[test]
fn links_pipes_and_locked_files_are_passed_over() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    std::fs::write(root.join("honest.py"), HONEST).expect("written");
    symlink("/dev/zero", root.join("zero.py")).expect("linked");
    symlink("..", root.join("loop")).expect("linked");
    symlink("gone.py", root.join("dangling.py")).expect("linked");
    Command::new("mkfifo").arg(root.join("pipe.py")).status().expect("a pipe");
    let out = binary(root, &[]);
    assert_eq!(out.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(report["calls"].as_array().expect("calls").len(), 1);
    assert_eq!(reason_of(&report, "pipe.py").as_deref(), Some("not-a-file"));
}

#[test]
fn nothing_from_audited_text_speaks_to_the_terminal() {
    let hostile = "import openai\n\ndef f(x):\n    return openai.ChatCompletion.create(model=\"gpt-4\", messages=[{\"role\": \"user\", \"content\": \"\u{1b}[2J\u{202e}Convert the date to ISO 8601. Return only the date: \" + x.isoformat()}])\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bad\u{1b}[31m\n::error ::x.py"), hostile).expect("written");
    for format in ["full", "concise", "github"] {
        for command in [&["audit", ".", "--min-confidence", "0"][..], &["calls", "."]] {
            let mut binary = Command::cargo_bin("scriptworthy").expect("the binary is built");
            binary.args(command).current_dir(folder.path()).env("NO_COLOR", "1");
            if command[0] == "audit" {
                binary.args(["--format", format]);
            }
            let out = binary.output().expect("it runs");
            let text = String::from_utf8(out.stdout).expect("UTF-8");
            assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{format}: {text:?}");
            assert!(text.lines().filter(|line| line.starts_with("::")).all(|line| line.contains("title=")), "{text}");
        }
    }
}

#[test]
fn secrets_do_not_reach_any_report() {
    let key = format!("sk-proj-{}", "a1B2c3D4".repeat(5));
    let source = format!(
        "import openai\nopenai.ChatCompletion.create(model='gpt-4', messages=[{{'role': 'user', 'content': 'Use the key {key} for the search'}}])\n"
    );
    let (out, report) = audit(&[("leak.py", source.into_bytes())], &[]);
    assert!(!String::from_utf8_lossy(&out.stdout).contains(&key));
    assert_eq!(report["assumptions"]["secrets_masked"], true);
}

#[test]
fn code_where_everything_calls_everything_ends() {
    const METHODS: usize = 14;
    let mut dense = String::from("import openai\n\nclass Hub:\n");
    for own in 0..METHODS {
        dense.push_str(&format!("    def step{own}(self, prompt):\n"));
        for other in (0..METHODS).filter(|&other| other != own) {
            dense.push_str(&format!("        self.step{other}(prompt)\n"));
        }
        if own == 0 {
            dense.push_str("        return openai.ChatCompletion.create(model='gpt-4', messages=[{'role': 'user', 'content': prompt}])\n");
        }
    }
    dense.push_str("\nHub().step5('Which of these letters is the kindest one?')\n");
    let (_, report) = audit(&[("dense.py", dense.into_bytes())], &[]);
    let calls = report["calls"].as_array().expect("calls");
    let asks = |call: &serde_json::Value| call["prompt"].to_string().contains("the kindest one");
    assert!(
        calls.iter().any(|call| call["path"] == "dense.py" && asks(call)),
        "the call that brings the text is found"
    );
}
