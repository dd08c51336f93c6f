//! Audited text that would speak to a terminal, a host or a parser, in every format that shows it.
//!
//! Every input is made here; none is stored.

mod common;
#[path = "common/holds.rs"]
mod holds;

use common::{FORMATS, HONEST, folder, list, report_in, run_in, text};
use scriptworthy::{Settings, audit};

/// What hosts would obey: rows, mentions, references, links, images, our own mark, commands of a workflow, markup.
const SPEECH: &str = "a | b `c` @team #12 org/repo#3 ![x](http://e.example/x.png) [y](https://e.example) www.e.example \
                      <img src=x onerror=alert(1)> </script><script> <!-- scriptworthy:audit --> ~~~ $x$ ::error file=x::y \
                      %0A ]]> &amp; **b** _i_ [^1] mail@e.example";

/// The honest file with text of a stranger in its prompt.
fn speaking(text: &str) -> String {
    let text: String = text.chars().map(|c| if ['"', '{', '}'].contains(&c) { ' ' } else { c }).collect();
    HONEST.replace("Convert the date", &format!("{text} Convert the date"))
}

#[cfg(unix)]
#[test]
fn no_format_obeys_what_a_file_or_its_name_says() {
    let folder = folder(&[("honest.py", HONEST), ("prompt.py", &speaking(SPEECH))]);
    let names = [
        "a|b `c` @team #12.py",
        "![x](http:evil).py",
        "<img src=x onerror=alert(1)>.py",
        "line\nbreak.py",
        "::error file=x,line=1::y.py",
        "50%0A,a:b.py",
        "www.evil.example.py",
        "]]>&amp;\"'.py",
        "\u{1b}[2J\u{9b}31m\u{202e}.py",
        "<!-- scriptworthy:audit -->.py",
        "~~~.py",
        "=cmd.py",
    ];
    for name in names {
        std::fs::write(folder.path().join(name), HONEST).expect("written");
    }
    let settings = Settings { min_confidence: 0.0, ..Settings::default() };
    let done = audit(folder.path(), &settings).expect("a folder");
    let found = |path: &str| done.report.findings.iter().any(|one| one.path == path && one.rule == "SW101");
    assert!(found("honest.py") && found("prompt.py"));
    assert!(names.iter().all(|name| found(name)), "nobody's name costs the finding");
    holds::check(&done, "hostile names");
}

#[cfg(unix)]
#[test]
fn annotations_are_one_for_each_finding_whatever_the_files_are_called() {
    let folder = folder(&[("honest.py", HONEST)]);
    for name in ["line\nbreak.py", "::error ::x.py", "50%0A,a:b.py"] {
        std::fs::write(folder.path().join(name), HONEST).expect("written");
    }
    let out = text(&run_in(folder.path(), &["audit", "-q", "--format", "github"]).stdout);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 4, "{out}");
    assert!(lines.iter().all(|line| line.starts_with("::warning file=") && line.matches("::").count() == 2), "{out}");
    for written in
        ["file=honest.py,", "file=line break.py,", "file=%3A%3Aerror %3A%3Ax.py,", "file=50%250A%2Ca%3Ab.py,"]
    {
        assert!(out.contains(written), "{written}: {out}");
    }
}

#[cfg(unix)]
#[test]
fn markdown_of_a_stranger_is_text() {
    let folder = folder(&[("honest.py", HONEST)]);
    for name in ["@team #12 www.e.example.py", "![x](a).py", "<!-- scriptworthy:audit -->.py"] {
        std::fs::write(folder.path().join(name), HONEST).expect("written");
    }
    let out = text(&run_in(folder.path(), &["audit", "--format", "markdown"]).stdout);
    assert!(out.contains("| honest.py:7 | SW101 "), "{out}");
    for live in ["@team", "#12", "![", "](", "www.e"] {
        assert!(!out.contains(live), "{live}: {out}");
    }
    assert_eq!(out.matches("<!-- scriptworthy:audit -->").count(), 1, "{out}");
}

#[test]
fn errors_repeat_nothing_that_a_terminal_obeys() {
    let folder = folder(&[("honest.py", HONEST), ("bad.toml", "\"\\u001b[2J\" = 1\n")]);
    for args in [
        &["audit", "no\u{1b}[2J\u{202e}such"][..],
        &["audit", "--select", "SW1\u{9b}31m"],
        &["audit", "--exclude", "[\u{1b}[2J"],
        &["audit", "--prices", "no\u{1b}]0;x\u{7}"],
        &["explain", "a\u{1b}[2J.py:3"],
        &["audit", "--config", "bad.toml"],
    ] {
        let out = run_in(folder.path(), args);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.starts_with("error: "), "{args:?}: {said}");
        assert!(!said.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{args:?}: {said:?}");
    }
    let out = run_in(folder.path(), &["audit", "-q", "--format", "concise"]);
    assert!(text(&out.stdout).starts_with("honest.py:7:14: SW101"));
}

#[test]
fn a_suppression_with_something_unseen_in_it_is_void_and_said() {
    for unseen in ['\u{200b}', '\u{202e}', '\u{e0041}', '\u{feff}', '\u{ad}'] {
        let comment = format!("    # scriptworthy: ignore[SW101] -- fi{unseen}ne\n    answer = client");
        let folder = folder(&[("honest.py", HONEST), ("hidden.py", &HONEST.replace("    answer = client", &comment))]);
        let report = report_in(folder.path(), &[]);
        let standing = list(&report, "findings").iter().filter(|one| one["suppressed"].is_null()).count();
        assert_eq!(standing, 2, "{unseen:?}: {}", report["findings"]);
        let said = text(&run_in(folder.path(), &["audit", "--format", "concise"]).stdout);
        assert!(said.contains("hidden.py:7: suppression comment: it holds characters that cannot be seen"), "{said}");
    }
}

#[test]
fn a_prompt_built_against_backtracking_costs_no_finding() {
    // Nested repetition, and long runs that almost match the shapes of secrets, addresses and dates.
    let worst = [
        "a".repeat(60_000) + "!",
        "(a+)+$ ".repeat(2_000),
        "1".repeat(30_000) + "." + &"1-".repeat(10_000),
        "a@".repeat(20_000),
        "sk-".repeat(20_000),
        "x://y:".repeat(10_000),
        "-----BEGIN PRIVATE KEY-----".repeat(2_000),
    ];
    let mut files = vec![("honest.py".to_owned(), HONEST.to_owned())];
    files.extend(worst.iter().enumerate().map(|(number, text)| (format!("worst_{number}.py"), speaking(text))));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    let report = report_in(folder.path(), &["--min-confidence", "0"]);
    assert_eq!(list(&report, "calls").len(), worst.len() + 1);
    assert!(list(&report, "findings").iter().any(|one| one["path"] == "honest.py" && one["rule"] == "SW101"));
}

#[test]
fn secrets_reach_no_page_of_any_command() {
    let key = format!("sk-{}", "aB3dE6gH9j".repeat(5));
    let pem = "-----BEGIN RSA PRIVATE KEY----- MIIEowIBAAKCAQEA -----END RSA PRIVATE KEY-----";
    let secrets = [&key[..], "MIIEowIBAAKCAQEA", "ada@private.corp"];
    let source = speaking(&format!("Use {key} and {pem} and ada@private.corp. "));
    let folder = folder(&[("leak.py", &source), ("honest.py", HONEST)]);
    let mut pages: Vec<Vec<&str>> =
        FORMATS.iter().map(|format| vec!["audit", "--format", format, "--min-confidence", "0"]).collect();
    pages.extend([
        vec!["calls"],
        vec!["calls", "--format", "json"],
        vec!["explain", "leak.py:7"],
        vec!["plan", "--preview", "--min-confidence", "0"],
        vec!["plan", "--format", "json", "--preview", "--min-confidence", "0"],
    ]);
    for args in pages {
        let out = run_in(folder.path(), &args);
        assert!(matches!(out.status.code(), Some(0 | 1)), "{args:?}: {}", text(&out.stderr));
        assert!(!out.stdout.is_empty(), "{args:?}");
        for secret in secrets {
            let shown = text(&out.stdout).contains(secret) || text(&out.stderr).contains(secret);
            assert!(!shown, "{args:?} shows {secret}");
        }
    }
}
