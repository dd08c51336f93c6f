//! What stands around the audited code: config files, price files, git's own config, a machine that interrupts or is short
//! of memory, a tree that changes while it is read.
//!
//! Every input is made here; none is stored.

mod common;

use common::{HONEST, command, folder, list, report_in, run_in, text};
use serde_json::Value;

/// The honest neighbour's finding is there, and nothing is an error of ours.
fn honest(report: &Value) {
    let found = list(report, "findings").iter().any(|one| one["path"] == "honest.py" && one["rule"] == "SW101");
    assert!(found, "the neighbour's finding is lost: {}", report["findings"]);
    assert!(!report["files"].to_string().contains("internal-error"), "{}", report["files"]);
}

/// A config of a stranger ends the run with its reason; without it the same folder is audited.
fn refused(config: &str, why: &str) {
    let folder = folder(&[("honest.py", HONEST), ("scriptworthy.toml", config)]);
    let out = run_in(folder.path(), &["audit"]);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains(why) && said.len() < 1_500, "{why}: {said}");
    honest(&report_in(folder.path(), &["--no-config"]));
}

#[test]
fn a_config_of_a_stranger_raises_no_limit_and_names_no_place() {
    for key in
        ["max-file-size = 99999999", "threads = 64", "prices = \"/etc/passwd\"", "output = \"/tmp/x\"", "run = \"sh\""]
    {
        refused(&format!("preview = true\n{key}\n"), "scriptworthy.toml:2:1: unknown field");
    }
}

#[test]
fn patterns_of_a_stranger_are_bounded_and_cut_short_when_they_are_shown() {
    let nested = "{a,".repeat(10_000);
    refused(&format!("exclude = [\"{nested}\"]\n"), "error: path pattern is not valid: {a,{a,");
    refused(&format!("[[override]]\npaths = [\"{nested}\"]\nignore = [\"SW101\"]\n"), "path pattern is not valid");
    // Beyond the size that an expression may take.
    refused(&format!("exclude = [\"{}x\"]\n", "[!é]*".repeat(60_000)), "path pattern is not valid");
    // Many alternatives that are well formed are only long.
    let pattern = format!("exclude = [\"{{{}a}}.py\"]\n", "b,".repeat(10_000));
    let folder = folder(&[("honest.py", HONEST), ("a.py", HONEST), ("scriptworthy.toml", &pattern)]);
    let report = report_in(folder.path(), &[]);
    honest(&report);
    assert_eq!(list(&report, "calls").len(), 1, "the pattern holds");
}

#[test]
fn chains_of_extend_end_and_lead_nowhere_else() {
    let outside = folder(&[("base.toml", "preview = true\n")]);
    let target = outside.path().join("base.toml").to_string_lossy().replace('\\', "/");
    refused(&format!("extend = \"{target}\"\n"), "leaves the repository");
    refused("extend = \"../../../../../../../../etc/passwd\"\n", "`extend = ");
    refused("extend = \"scriptworthy.toml\"\n", "is one file too many, or a ring");
    let mut files = vec![("honest.py".to_owned(), HONEST.to_owned())];
    files.push(("scriptworthy.toml".to_owned(), "extend = \"c0.toml\"\n".to_owned()));
    files.extend((0..10).map(|n| (format!("c{n}.toml"), format!("extend = \"c{}.toml\"\n", n + 1))));
    files.push(("c10.toml".to_owned(), "preview = true\n".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    let out = run_in(folder.path(), &["audit"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("is one file too many, or a ring"), "{}", text(&out.stderr));
    honest(&report_in(folder.path(), &["--no-config"]));
    // From the middle of the chain it is short enough.
    honest(&report_in(folder.path(), &["--config", "c4.toml"]));
}

#[test]
fn a_config_that_is_no_text_or_out_of_range_is_said() {
    let folder = folder(&[("honest.py", HONEST), ("kept/honest.py", HONEST)]);
    let config = folder.path().join("kept/scriptworthy.toml");
    let long = vec![b'#'; (1 << 20) + 1];
    for (bytes, why) in [
        (&b"\xff\xfe\x00"[..], "cannot read "),
        (b"preview = tru", "scriptworthy.toml:1:11: "),
        (b"min-confidence = nan", "`min-confidence` must be a number from 0 to 1"),
        (b"effort = { script = inf }", "hours of `effort` must be numbers above 0"),
        (b"calls-per-month = -1", "scriptworthy.toml:1:19: "),
        (b"calls-per-month = 99999999999999999999", "scriptworthy.toml:1:19: "),
        (&long, "config files over 1048576 bytes are not read"),
    ] {
        std::fs::write(&config, bytes).expect("written");
        let out = run_in(folder.path(), &["audit", "kept"]);
        assert_eq!(out.status.code(), Some(2), "{why}");
        assert!(text(&out.stderr).contains(why), "{why}: {}", text(&out.stderr));
    }
    // The folder beside it has no part in it.
    honest(&report_in(folder.path(), &["honest.py"]));
}

#[test]
fn price_files_and_baselines_that_are_none_are_said() {
    let folder = folder(&[("honest.py", HONEST)]);
    let deep = "{\"a\":".repeat(100_000);
    let wrapped =
        "{\"m\": {\"input_cost_per_token\": 1, \"input_cost_per_token_above_18446744073709551615k_tokens\": 2}}";
    let inputs: [&[u8]; 12] = [
        b"",
        b"[]",
        b"{}",
        b"{\"m\": {\"input_cost_per_token\": NaN}}",
        b"{\"m\": {\"input_cost",
        b"\x1f\x8b\x08\0\0\0\0\0",
        deep.as_bytes(),
        b"{\"m\": {\"input_cost_per_token\": -1}}",
        b"{\"m\": {\"input_cost_per_token\": 1e999}}",
        b"{\"m\": {\"input_cost_per_token\": 1e305}}",
        b"{\"m\": {\"input_cost_per_token\": \"0.1\"}}",
        wrapped.as_bytes(),
    ];
    for bytes in inputs {
        std::fs::write(folder.path().join("own.json"), bytes).expect("written");
        for flag in ["--prices", "--baseline"] {
            let out = run_in(folder.path(), &["audit", flag, "own.json"]);
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
            assert_eq!(out.status.code(), Some(2), "{flag} {start}: {}", text(&out.stdout));
            assert!(text(&out.stderr).starts_with("error: "), "{flag} {start}: {}", text(&out.stderr));
        }
    }
    for (flag, path, why) in [
        ("--prices", "gone.json", "error: path not found: gone.json"),
        ("--baseline", "gone.json", "error: path not found: gone.json"),
        ("--config", "gone.toml", "error: path not found: gone.toml"),
        ("--prices", ".", "error: cannot read .: "),
        ("--baseline", ".", "error: cannot read .: "),
        ("--config", ".", "error: not a file or folder: ."),
    ] {
        let out = run_in(folder.path(), &["audit", flag, path]);
        assert_eq!(out.status.code(), Some(2), "{flag} {path}");
        assert!(text(&out.stderr).starts_with(why), "{flag} {path}: {}", text(&out.stderr));
    }
    honest(&report_in(folder.path(), &[]));
}

#[cfg(target_os = "linux")]
#[test]
fn devices_that_never_end_are_not_read() {
    let folder = folder(&[("honest.py", HONEST)]);
    for flag in ["--prices", "--baseline", "--config"] {
        let out = run_in(folder.path(), &["audit", flag, "/dev/zero"]);
        assert_eq!(out.status.code(), Some(2), "{flag}");
        let said = text(&out.stderr);
        assert!(said.starts_with("error: not a file or folder: /dev/zero"), "{flag}: {said}");
    }
    honest(&report_in(folder.path(), &[]));
}

#[test]
fn a_mistyped_number_of_threads_takes_no_machine() {
    let folder = folder(&[("honest.py", HONEST)]);
    for threads in ["99999999", "257", "x", "1.5"] {
        let out = run_in(folder.path(), &["audit", "--threads", threads]);
        assert_eq!(out.status.code(), Some(2), "{threads}");
        assert!(text(&out.stderr).contains("must be a whole number from 0 to 256"), "{}", text(&out.stderr));
    }
    honest(&report_in(folder.path(), &["--threads", "256"]));
}

#[cfg(unix)]
#[test]
fn what_a_repository_tells_git_to_run_is_not_run() {
    let folder = folder(&[("honest.py", HONEST), (".gitattributes", "*.py filter=evil diff=evil\n")]);
    let mark = folder.path().join("ran");
    let run = format!("touch {}", mark.display());
    let git = folder.path().join(".git");
    for part in ["objects", "refs/heads", "hooks"] {
        std::fs::create_dir_all(git.join(part)).expect("made");
    }
    std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("written");
    let config = format!(
        "[core]\n\tfsmonitor = {run}\n\tsshCommand = {run}\n\tpager = {run}\n\thooksPath = hooks\n\
         [diff]\n\texternal = {run}\n[diff \"evil\"]\n\ttextconv = {run}\n\
         [filter \"evil\"]\n\tclean = {run}\n\tsmudge = {run}\n\
         [remote \"origin\"]\n\turl = ext::{run}\n\tpromisor = true\n\tpartialclonefilter = blob:none\n"
    );
    std::fs::write(git.join("config"), config).expect("written");
    honest(&report_in(folder.path(), &[]));
    for args in [&["calls"][..], &["plan"], &["explain", "honest.py:7"], &["audit", "--format", "sarif"]] {
        run_in(folder.path(), args);
    }
    assert!(!mark.exists(), "something of the audited repository was run");
}

#[cfg(unix)]
#[test]
fn a_tree_that_changes_while_it_is_read_is_read_as_far_as_it_is_there() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = folder(&[("honest.py", HONEST)]);
    let root = folder.path().to_owned();
    let moving: Vec<_> = (0..100).map(|n| root.join(format!("moving/f{n:03}.py"))).collect();
    std::fs::create_dir_all(root.join("moving")).expect("made");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let long = HONEST.repeat(20);
            let mut round = 0usize;
            while !stop.load(Ordering::Relaxed) {
                for path in &moving {
                    round += 1;
                    // Gone, short, long, no text, a link out, a folder: each may meet the reader.
                    let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path));
                    let _ = match round % 7 {
                        0 => std::fs::write(path, HONEST),
                        1 => std::fs::write(path, &long),
                        2 => std::fs::write(path, b"\xff\xfe\xff"),
                        3 => std::os::unix::fs::symlink("/dev/zero", path),
                        4 => std::fs::create_dir(path),
                        _ => Ok(()),
                    };
                }
            }
        });
        for _ in 0..8 {
            let out = run_in(&root, &["audit", "--format", "json", "-q"]);
            let report = serde_json::from_slice::<Value>(&out.stdout);
            if out.status.code() != Some(1) || report.is_err() {
                // The other thread must end, or the failure would hang.
                stop.store(true, Ordering::Relaxed);
                panic!("{:?}: {}", out.status, text(&out.stderr));
            }
            honest(&report.expect("JSON"));
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[cfg(unix)]
#[test]
fn a_file_that_became_a_pipe_since_the_walk_is_not_waited_for() {
    use scriptworthy::walk::{read, walk};
    let names = ["gone.py", "grown.py", "pipe.py", "same.py"];
    let folder = folder(&names.map(|name| (name, "x = 1\n")));
    let root = folder.path().to_owned();
    let limits = scriptworthy::Settings { max_file_size: 100, ..scriptworthy::Settings::default() }.limits();
    let found = walk(std::slice::from_ref(&root), &root, &limits).expect("no patterns");
    std::fs::remove_file(root.join("gone.py")).expect("there");
    std::fs::write(root.join("grown.py"), "#".repeat(101)).expect("written");
    std::fs::remove_file(root.join("pipe.py")).expect("there");
    std::process::Command::new("mkfifo").arg(root.join("pipe.py")).status().expect("a pipe");
    let of = |entry| read(entry, limits.max_file_size).map(|text| text.len());
    let all: Vec<_> = found.entries.iter().map(of).collect();
    assert_eq!(all, [Err("unreadable"), Err("too-large"), Err("not-a-file"), Ok(6)]);
}

#[cfg(unix)]
#[test]
fn sockets_are_passed_over_and_refused_by_name() {
    let folder = folder(&[("honest.py", HONEST)]);
    let socket = folder.path().join("socket.py");
    let _open = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
    let report = report_in(folder.path(), &[]);
    honest(&report);
    assert_eq!(report["files"]["skipped"][0]["reason"], "not-a-file", "{}", report["files"]);
    let out = run_in(folder.path(), &["audit", "socket.py"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).starts_with("error: not a file or folder: socket.py"), "{}", text(&out.stderr));
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_beyond_what_the_system_takes_costs_nobody_else() {
    let folder = folder(&[("honest.py", HONEST)]);
    // 60 folders of 100 characters: longer than a path may be, and made step by step.
    let name = "d".repeat(100);
    let script =
        format!("for i in $(seq 60); do mkdir {name} && cd -P {name} || exit 1; done; echo 'x = 1' > inner.py");
    let made = std::process::Command::new("bash").args(["-c", &script]).current_dir(folder.path()).status();
    assert!(made.expect("a shell").success());
    let report = report_in(folder.path(), &[]);
    honest(&report);
    assert_eq!(report["files"]["skipped"][0]["reason"], "unreadable", "{}", report["files"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_worst_to_parse_fits_into_a_bounded_memory() {
    let inputs = [
        ("a.tsx", "<a>("),
        ("b.ts", "{a:"),
        ("c.ts", "((<a>"),
        ("d.ts", "a?"),
        ("e.py", "for x in "),
        ("f.py", "\"\"\""),
    ];
    let folder = folder(&[("honest.py", HONEST)]);
    for (name, piece) in inputs {
        std::fs::write(folder.path().join(name), piece.repeat((1 << 20) / piece.len())).expect("written");
    }
    let binary = command(folder.path(), &[]).get_program().to_owned();
    // Address space in KiB, of which the stacks of two threads take 128 MiB and the allocator sets 1 GiB aside before
    // anybody asks: nobody touches those.
    let run = |limit: u32| {
        let script = format!("ulimit -v {limit} && exec \"$0\" audit -q --format json --threads 2");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]).arg(&binary).current_dir(folder.path()).output().expect("a shell")
    };
    let out = run(1_200_000 + (1 << 20));
    assert_eq!(out.status.code(), Some(1), "{:?}: {}", out.status, text(&out.stderr));
    honest(&serde_json::from_slice(&out.stdout).expect("JSON"));
    // The limit is one: a tenth of what is left is too little.
    assert!(!matches!(run(120_000).status.code(), Some(0 | 1)));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_by_the_signal_and_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Stdio;
    let folder = folder(&[("honest.py", HONEST), ("old.json", "old")]);
    let args = ["audit", "-", "--stdin-filename", "x.py", "--format", "json", "--output", "old.json"];
    let mut command = command(folder.path(), &args);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it runs");
    // It waits for its input, so that the signal cannot come too late. SIGINT would not do: what a shell runs in the
    // background ignores it, and so does all that is started from there.
    let sent = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
    // The input must stay open until the run has ended.
    let input = child.stdin.take();
    let status = child.wait().expect("it ends");
    drop(input);
    assert_eq!(status.signal(), Some(15), "{status:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("old.json")).expect("there"), "old");
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 2, "no temporary file is left");
    honest(&report_in(folder.path(), &[]));
}

#[test]
fn the_order_in_which_paths_are_named_changes_no_byte() {
    let folder = folder(&[("honest.py", HONEST), ("lib/b.py", HONEST), ("lib/a.py", HONEST), ("app/c.py", HONEST)]);
    let run =
        |paths: &[&str]| run_in(folder.path(), &[&["audit", "--format", "json", "-q"][..], paths].concat()).stdout;
    let one = run(&["lib/a.py", "lib/b.py", "app", "honest.py"]);
    honest(&serde_json::from_slice(&one).expect("JSON"));
    assert_eq!(one, run(&["honest.py", "app", "lib/b.py", "lib/a.py"]));
    assert_eq!(one, run(&["app/c.py", "./honest.py", "lib"]));
}
