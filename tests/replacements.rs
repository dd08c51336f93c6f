//! The code that findings propose: all of it parses, and what needs no package gives what its checks say.
//!
//! Runs the project's own templates in `python3` and `node` where they are present, never audited code.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use scriptworthy::catalog::replacement::{Check, Operation, Replacements};
use scriptworthy::replace::render;
use scriptworthy::source::Language;
use scriptworthy::syntax::snippet::{parses, without_types};

/// The code with a name in each place, or the place's default where the check gives nothing for it.
fn rendered(operation: &Operation, code: &str, check: &Check, language: Language) -> String {
    let python = language.is_python();
    let places = operation.places.iter().map(|place| {
        let text = match &place.default {
            Some((in_python, in_script)) if !check.given.contains_key(&place.name) => {
                (if python { in_python } else { in_script }).clone()
            }
            _ => format!("given_{}", place.name),
        };
        (place.name.clone(), text)
    });
    render(code, &places.collect::<BTreeMap<_, _>>(), "answer", language)
}

fn codes(operation: &Operation, python: bool) -> Vec<&str> {
    let plain = if python { &operation.python } else { &operation.typescript };
    let libraries = operation.libraries.iter().filter(|library| library.python == python);
    plain.iter().chain(libraries.map(|library| &library.code)).map(String::as_str).collect()
}

#[test]
fn all_code_parses_with_and_without_types() {
    let none = Check { given: BTreeMap::new(), gives: None };
    let mut seen = 0;
    for operation in &Replacements::embedded().operations {
        for language in [Language::Python, Language::TypeScript] {
            for code in codes(operation, language.is_python()) {
                let code = rendered(operation, code, &none, language);
                assert!(parses(language, &code), "{}\n{code}", operation.id);
                if language == Language::TypeScript {
                    let plain = without_types(&code);
                    assert!(parses(Language::JavaScript, &plain), "{}\n{plain}", operation.id);
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 300, "{seen} pieces of code");
}

/// Every check of one language: its name, its code, what goes in and what must come out.
fn jobs(language: Language) -> Vec<serde_json::Value> {
    let mut jobs = Vec::new();
    for operation in &Replacements::embedded().operations {
        let code = if language.is_python() { &operation.python } else { &operation.typescript };
        let Some(code) = code else { continue };
        for check in &operation.checks {
            let code = rendered(operation, code, check, language);
            let code = if language.is_python() { code } else { without_types(&code) };
            jobs.push(serde_json::json!({
                "name": operation.id,
                "code": code,
                "given": check.given.iter().map(|(name, value)| (format!("given_{name}"), value)).collect::<BTreeMap<_, _>>(),
                "gives": check.gives,
            }));
        }
    }
    jobs
}

const PYTHON: &str = r#"
import json, sys
for job in json.load(sys.stdin):
    try:
        names = dict(job["given"])
        exec(compile(job["code"], job["name"], "exec"), names)
        answer = json.loads(json.dumps(names["answer"]))
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    if answer != job["gives"]:
        print(f"{job['name']}: {job['given']} gives {answer!r}, not {job['gives']!r}")
"#;

const NODE: &str = r#"
import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { pathToFileURL } from "node:url";
let number = 0;
for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  let answer;
  try {
    const path = `${process.argv[2]}/${(number += 1)}.mjs`;
    const given = Object.entries(job.given).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`).join("");
    writeFileSync(path, `${given}${job.code}\nexport default answer;\n`);
    answer = JSON.parse(JSON.stringify((await import(pathToFileURL(path))).default ?? null));
  } catch (error) {
    answer = String(error);
  }
  if (!isDeepStrictEqual(answer, job.gives)) {
    console.log(`${job.name}: ${JSON.stringify(job.given)} gives ${JSON.stringify(answer)}, not ${JSON.stringify(job.gives)}`);
  }
}
"#;

/// Runs all checks in one process; says so and passes where the program is not there.
fn run(program: &str, script: &str, ending: &str, language: Language) {
    let present = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !present.is_ok_and(|status| status.success()) {
        println!("skipped: {program} is not there");
        return;
    }
    let jobs = jobs(language);
    assert!(jobs.len() > 150, "{} checks", jobs.len());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("run.{ending}"));
    std::fs::write(&path, script).expect("written");
    let mut child = Command::new(program)
        .arg(&path)
        .arg(folder.path())
        .env("TZ", "America/New_York")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(serde_json::to_string(&jobs).expect("JSON").as_bytes()).expect("written");
    drop(input);
    let out = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(text.is_empty(), "\n{text}");
}

#[test]
fn python_code_gives_what_its_checks_say() {
    run("python3", PYTHON, "py", Language::Python);
}

#[test]
fn typescript_code_gives_what_its_checks_say() {
    run("node", NODE, "mjs", Language::TypeScript);
}

/// The code proposed for the one finding in a file, and its notes.
fn proposed(file: &str, text: &str) -> Option<(String, Vec<String>, Vec<String>)> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(file), text).expect("written");
    let done = scriptworthy::audit(folder.path(), &scriptworthy::Settings::default()).expect("the audit runs");
    let [finding] = &done.report.findings[..] else { panic!("{} findings", done.report.findings.len()) };
    let replacement = finding.replacement.as_ref()?;
    Some((replacement.code.clone(), replacement.notes.clone(), replacement.libraries.clone()))
}

fn python(imports: &str, parameters: &str, prompt: &str) -> Option<(String, Vec<String>, Vec<String>)> {
    let text = format!(
        "import json\n{imports}from openai import OpenAI\n\nclient = OpenAI()\n\ndef work({parameters}):\n    reply = client.chat.completions.create(model=\"gpt-4o\", messages=[{{\"role\": \"user\", \"content\": f\"{prompt}\"}}])\n    return reply.choices[0].message.content\n"
    );
    proposed("app.py", &text)
}

#[test]
fn the_calls_own_expressions_stand_in_the_code() {
    let (code, notes, libraries) = python(
        "",
        "order, today",
        "How many days are there between {order.created_date} and {order.shipped_date}? Reply with the number only.",
    )
    .expect("code");
    assert!(code.contains("days_between(order.created_date, order.shipped_date)"), "{code}");
    assert!(notes.iter().any(|note| note.starts_with("decides: ")), "{notes:?}");
    assert!(libraries.is_empty());
}

#[test]
fn json_that_is_printed_for_the_prompt_is_not_read_back() {
    let (code, ..) = python("", "old: dict, new: dict", "Compare the two JSON objects {json.dumps(old)} and {json.dumps(new)} and return JSON with the keys added, removed and modified.").expect("code");
    assert!(code.contains("changes(old, new)"), "{code}");
}

#[test]
fn a_package_that_the_program_imports_goes_first() {
    let prompt = "Convert the following HTML to Markdown. Return only the Markdown: {html}";
    let (code, _, libraries) = python("", "html", prompt).expect("code");
    assert!(code.contains("markdownify(html"), "{code}");
    assert_eq!(libraries, ["markdownify"]);
    let (_, _, libraries) = python("import html2text\n", "html", prompt).expect("code");
    assert_eq!(libraries, ["html2text"]);
}

#[test]
fn a_name_that_the_code_binds_itself_is_not_passed_to_it() {
    let (code, notes, _) =
        python("", "base64", "Encode this text in base64, return only the encoded string: {base64}").expect("code");
    assert!(code.contains("b64encode(input."), "{code}");
    assert!(notes.iter().any(|note| note == "`input` stands for `base64`"), "{notes:?}");
}

#[test]
fn a_sketch_says_that_it_is_one() {
    let (_, notes, _) = python(
        "",
        "day",
        "Convert the date {day} to the format YYYY-MM-DD. Fill a missing month with 01. Return only the date.",
    )
    .expect("code");
    assert!(notes[0].starts_with("a sketch"), "{notes:?}");
}

#[test]
fn javascript_gets_no_types() {
    let text = "import OpenAI from \"openai\";\nconst client = new OpenAI();\nexport async function age(dob) {\n  const reply = await client.chat.completions.create({ model: \"gpt-4o\", messages: [{ role: \"user\", content: `What is the current age of somebody born on ${dob}? Reply with the number only.` }] });\n  return reply.choices[0].message.content;\n}\n";
    let (code, ..) = proposed("app.js", text).expect("code");
    assert!(code.contains("function ageOn(born, day) {"), "{code}");
    let (code, ..) = proposed("app.ts", text).expect("code");
    assert!(code.contains("function ageOn(born: string, day: string): number {"), "{code}");
}

#[test]
fn a_value_that_is_no_number_is_not_counted_with() {
    let column = "Calculate the rolling mean of the column {column} with a window of {window}.";
    let (code, notes, _) = python("", "column: str, window: int", column).expect("a sketch");
    assert!(!code.contains("column") && !code.contains("window"), "{code}");
    assert!(notes[0].starts_with("a sketch"), "{notes:?}");
    let (code, ..) =
        python("", "first: float, second: float", "Calculate the mean of {first} and {second}.").expect("code");
    assert!(code.contains("[first, second]"), "{code}");
}
