//! Literate cases: prose, files and expectations in `fixtures/`.
//!
//! A `##` heading is a case, a fenced block a file of it (`python file=app.py`). A line that ends in
//! `# call: ROLE SDK.OPERATION [KEY=VALUE …] ["text"]` must hold such a call, `# finding: SW101 ["text"]` such a finding,
//! whose message holds the text; every other line must hold none. A call's `text` stands in the prompt, white space
//! folded; with several candidates, ` | ` stands between what each of them holds in turn, and ` $` where it ends. Keys:
//! `model` (`none` if it is not known), `models` (all candidates), `origin` of the model, `use` of the answer, `loop`,
//! `shapes` (how many prompts may be sent), `roles`.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::literate::{Case, cases};
use scriptworthy::{Settings, audit};

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Expected findings of a file, and calls of which it says nothing where it should keep quiet.
#[derive(Default)]
struct Tally {
    grounds: usize,
    silence: usize,
}

/// What is wrong with a case; empty if all is as it says. Cases in a file that is named as a rule are about that rule
/// alone, whatever its status; the others are about calls and script findings.
fn check(case: &Case, stem: &str, tally: &mut Tally) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    case.lay_out(folder.path());
    let rule = scriptworthy::rules::by_code_or_name(stem);
    let select = rule.map(|rule| rule.code.to_owned()).into_iter().collect();
    let others = ["SW2", "SW3", "SW4", "SW5", "SW6", "SW7", "SW8", "SW9"].map(str::to_owned).to_vec();
    let ignore = if rule.is_some() { Vec::new() } else { others };
    let settings = Settings { select, ignore, ..Settings::default() };
    let done = audit(folder.path(), &settings).expect("the audit runs");
    let report = &done.report;
    let mut problems = Vec::new();
    assert!(report.files.skipped.iter().all(|note| note.reason != "internal-error"), "{:?}", report.files.skipped);
    let mut expected: BTreeMap<(String, u32), String> = BTreeMap::new();
    let mut expected_findings: BTreeMap<(String, u32), (String, String)> = BTreeMap::new();
    for (path, text) in &case.files {
        for (number, line) in text.lines().enumerate() {
            let at = (path.clone(), number as u32 + 1);
            if let Some((_, wanted)) = line.split_once("# call: ").or_else(|| line.split_once("// call: ")) {
                expected.insert(at.clone(), wanted.split(" # finding:").next().unwrap_or(wanted).to_owned());
            }
            if let Some((_, rule)) = line.split_once("finding: ") {
                let (code, said) = rule.trim().split_once(' ').unwrap_or((rule.trim(), ""));
                let said = said.strip_prefix('"').and_then(|said| said.rsplit_once('"')).map_or("", |(said, _)| said);
                expected_findings.insert(at, (code.to_owned(), said.to_owned()));
            }
        }
    }
    tally.grounds += expected_findings.len();
    if expected_findings.is_empty() {
        tally.silence += report.calls.len();
    }
    for call in &report.calls {
        let at = (call.path.clone(), call.start.line);
        // Files of finding cases say only which lines are flagged.
        let Some(wanted) = expected.remove(&at) else {
            if expected_findings.is_empty() && !case.name.starts_with("Silent") {
                problems.push(format!(
                    "{}:{} an unexpected call {}.{} {}",
                    at.0, at.1, call.sdk, call.operation, call.callee
                ));
            }
            continue;
        };
        let role = serde_json::to_value(call.role).expect("a name");
        let of = |parts: &[scriptworthy::report::PromptPart]| {
            fold(&parts.iter().map(|part| part.text.clone()).collect::<Vec<_>>().join(" "))
        };
        let shapes: Vec<String> = match call.prompt.candidates.as_slice() {
            [] => vec![of(&call.prompt.parts)],
            several => several.iter().map(|parts| of(parts)).collect(),
        };
        // In a notebook the text stands in single quotes: its line is a JSON string itself.
        let mark = if wanted.contains('"') && !wanted.ends_with("'\"") { '"' } else { '\'' };
        let (head, quoted) = wanted.split_once(mark).map_or((wanted.as_str(), None), |(head, rest)| {
            (head, Some(rest.rsplit_once(mark).map_or(rest, |(text, _)| text)))
        });
        let mut words = head.split_whitespace();
        let is = format!("{} {}.{}", role.as_str().unwrap_or(""), call.sdk, call.operation);
        let want = format!("{} {}", words.next().unwrap_or(""), words.next().unwrap_or(""));
        if is != want {
            problems.push(format!("{}:{} is {is}, not {want}", at.0, at.1));
        }
        for word in words {
            let name = |value: serde_json::Value| value.as_str().unwrap_or("").to_owned();
            let (key, value) = word.split_once('=').expect("KEY=VALUE");
            let said = match key {
                "model" => call.model.id.clone().unwrap_or_else(|| "none".to_owned()),
                "origin" => name(serde_json::to_value(call.model.origin).expect("a name")),
                "use" => name(serde_json::to_value(call.output.usage).expect("a name")),
                "loop" => name(serde_json::to_value(call.repeats.kind).expect("a name")),
                "models" => call.model.candidates.join(","),
                "shapes" => shapes.len().to_string(),
                "roles" => call.prompt.parts.iter().map(|part| part.role.as_str()).collect::<Vec<_>>().join(","),
                other => panic!("unknown key {other}"),
            };
            if said != value {
                problems.push(format!("{}:{} has {key} {said}, not {value}", at.0, at.1));
            }
        }
        for (number, quoted) in quoted.iter().flat_map(|quoted| quoted.split(" | ")).enumerate() {
            let whole = quoted.strip_suffix(" $");
            let wanted = fold(whole.unwrap_or(quoted));
            let holds = |text: &String| if whole.is_some() { text.ends_with(&wanted) } else { text.contains(&wanted) };
            if !shapes.get(number).is_some_and(holds) {
                problems.push(format!("{}:{} asks {shapes:?}, without \"{quoted}\"", at.0, at.1));
            }
        }
    }
    problems.extend(expected.into_iter().map(|(at, wanted)| format!("{}:{} no call, expected {wanted}", at.0, at.1)));
    for finding in &report.findings {
        let at = (finding.path.clone(), finding.start.line);
        match expected_findings.remove(&at) {
            Some((rule, said)) if rule == finding.rule => {
                if !finding.message.contains(&said) {
                    problems.push(format!("{}:{} says \"{}\", without \"{said}\"", at.0, at.1, finding.message));
                }
            }
            Some((rule, _)) => problems.push(format!("{}:{} is {}, not {rule}", at.0, at.1, finding.rule)),
            None => {
                problems.push(format!("{}:{} an unexpected finding {} {}", at.0, at.1, finding.rule, finding.message))
            }
        }
    }
    problems.extend(
        expected_findings.into_iter().map(|(at, (rule, _))| format!("{}:{} no finding, expected {rule}", at.0, at.1)),
    );
    problems
}

fn run(folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut problems = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(root).expect("the folder exists").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut seen = 0;
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        let text = std::fs::read_to_string(path).expect("readable");
        let name = path.file_name().expect("a name").to_string_lossy();
        let stem = name.trim_end_matches(".md");
        let mut tally = Tally::default();
        for case in cases(&text) {
            seen += 1;
            let wrong = check(&case, stem, &mut tally);
            problems.extend(wrong.into_iter().map(|problem| format!("{name} › {}: {problem}", case.name)));
        }
        // A rule about calls is known by what it says and by what it leaves alone.
        let of_calls = scriptworthy::rules::by_code_or_name(stem).is_some_and(|rule| rule.code >= "SW2");
        if of_calls && (tally.grounds < 3 || tally.silence < 4) {
            problems.push(format!("{name}: {} grounds and {} calls in silence", tally.grounds, tally.silence));
        }
    }
    assert!(seen > 0, "no case in {folder}");
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn resolving_follows_what_real_code_does() {
    run("resolve");
}

#[test]
fn every_sdk_case_is_read_as_it_says() {
    run("sdks");
}

#[test]
fn rules_speak_and_keep_quiet_as_their_cases_say() {
    run("rules");
}
