//! The report contract and its views: schemas, places, identities.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{HONEST, copy, folder, list, project, report_in, root, run, run_in, text};
use serde_json::Value;

/// Folders whose reports are held against the schema: real shapes of code, and what goes wrong.
fn audited() -> Vec<(String, Value)> {
    let mut reports: Vec<(String, Value)> = ["fixtures/projects/helpdesk", "fixtures/labelled/files"]
        .into_iter()
        .map(|path| (path.to_owned(), report_in(root(), &[path, "--preview", "--min-confidence", "0"])))
        .collect();
    reports.push(("monthly".to_owned(), report_in(&project(), &["--calls-per-month", "5000"])));
    let comments = format!(
        "# scriptworthy: ignore-file[SW101] until=2030-01-01 -- a reason\n# scriptworthy: ignore[SW106]\n{HONEST}"
    );
    let bad = folder(&[("a.py", &comments), ("b.py", "def broken(:\n"), ("c.ts", &"(".repeat(2000))]);
    std::fs::write(bad.path().join("d.py"), b"x = '\xe9'").expect("written");
    reports.push(("bad input".to_owned(), report_in(bad.path(), &[])));
    reports.push(("empty".to_owned(), report_in(tempfile::tempdir().expect("a folder").path(), &[])));
    reports
}

/// Refuses fields that the schema does not describe: readers may only rely on what it says.
fn close(schema: &mut Value) {
    if let Value::Object(map) = schema {
        if map.contains_key("properties") {
            map.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        map.values_mut().for_each(close);
    } else if let Value::Array(all) = schema {
        all.iter_mut().for_each(close);
    }
}

#[test]
fn every_report_holds_to_the_schema_that_the_tool_prints() {
    let mut schema: Value = serde_json::from_slice(&run(&["schema", "report"]).stdout).expect("JSON");
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (name, report) in audited() {
        let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert_eq!(report["schema"], "scriptworthy.report/1");
    }
    let mut wrong = report_in(&project(), &[]);
    wrong["calls"][0]["role"] = Value::from("guessed");
    assert!(!validator.is_valid(&wrong), "an unknown role is refused");
    let mut wrong = report_in(&project(), &[]);
    wrong["findings"][0].as_object_mut().expect("a finding").remove("fingerprint");
    assert!(!validator.is_valid(&wrong), "a missing field is refused");
}

/// The prices that an assumption of a call states: in and out, US dollars per million tokens.
fn stated_prices(call: &Value) -> Option<(f64, f64)> {
    list(&call["cost"], "assumes").iter().find_map(|line| {
        let (_, prices) = line.as_str()?.split_once(" at $")?;
        let (input, rest) = prices.split_once(" in and $")?;
        Some((input.parse().ok()?, rest.split(' ').next()?.parse().ok()?))
    })
}

#[test]
fn dollars_are_the_printed_tokens_times_the_printed_prices() {
    let report = report_in(root(), &["fixtures/labelled/files"]);
    let mut checked = 0;
    for call in list(&report, "calls") {
        let (cost, Some((input, output))) = (&call["cost"], stated_prices(call)) else { continue };
        // Retries and rates for long requests have assumptions of their own.
        if list(cost, "assumes")
            .iter()
            .any(|line| line.to_string().contains("attempts") || line.to_string().contains("times the price"))
        {
            continue;
        }
        for end in ["low", "high"] {
            let figure = |key: &str| cost[key][end].as_f64().expect("a figure");
            let by_hand = (figure("input_tokens") * input + figure("output_tokens") * output) / 1000.0;
            let printed = figure("usd_per_1k_calls");
            assert!((by_hand - printed).abs() < 0.001, "{}: {by_hand} by hand, {printed} printed", call["path"]);
        }
        checked += 1;
    }
    assert!(checked > 50, "{checked} calls have a price");
}

#[test]
fn tokens_are_counted_on_request_where_the_vocabulary_of_the_model_is_public() {
    let text = r#"{"name": "Ada Example", "street": "Mill Lane 4", "items": [{"id": 17, "price": 12.5}, {"id": 18, "price": 3.25}], "paid": true}"#;
    let call = |model: &str| {
        format!(
            "import openai\nTEXT = '{text}'\nprint(openai.OpenAI().chat.completions.create(model=\"{model}\", \
             messages=[{{\"role\": \"user\", \"content\": TEXT}}]))\n"
        )
    };
    let tree = folder(&[("a.py", &call("gpt-4o")), ("b.py", &call("gpt-6-luna"))]);
    let tokens = |flags: &[&str]| {
        let report = report_in(tree.path(), flags);
        let calls =
            list(&report, "calls").iter().map(|call| call["prompt"]["static_tokens"].as_u64()).collect::<Vec<_>>();
        (calls, report["assumptions"]["notes"].to_string().contains("counted for models"))
    };
    let (estimated, said) = tokens(&[]);
    assert!(!said);
    // tiktoken counts 52 tokens; a message adds 4.
    assert_ne!(estimated[0], Some(56));
    assert_eq!(tokens(&["--exact-tokens"]), (vec![Some(56), estimated[1]], true));
}

/// The text at a place of a file: lines and columns from 1, columns in code points.
fn at(folder: &Path, path: &str, place: &Value) -> String {
    let text = std::fs::read_to_string(folder.join(path)).expect("readable");
    let line = place["line"].as_u64().expect("a line") as usize;
    let column = place["column"].as_u64().expect("a column") as usize;
    text.lines().nth(line - 1).expect("the line is there").chars().skip(column - 1).collect()
}

#[test]
fn calls_start_at_their_callee_in_code_points() {
    let source = format!(
        "{HONEST}\n\nnames = ['é', '日本', '🎉']; 日 = client.chat.completions.create(model='gpt-4o', messages=[])\n"
    );
    let folder = folder(&[("app/a.py", &source)]);
    let report = report_in(folder.path(), &[]);
    assert_eq!(list(&report, "calls").len(), 2);
    for call in list(&report, "calls") {
        let rest = at(folder.path(), call["path"].as_str().expect("a path"), &call["start"]);
        assert!(rest.starts_with("client.chat.completions.create("), "{rest}");
    }
    let finding = &list(&report, "findings")[0];
    assert_eq!(finding["end"]["column"].as_u64(), finding["start"]["column"].as_u64().map(|at| at + 30));
}

#[test]
fn the_parts_of_a_report_agree() {
    for (name, report) in audited() {
        let calls = list(&report, "calls");
        let place = |call: &Value| {
            let number = |key: &str| call["start"][key].as_u64().expect("a number");
            (call["path"].as_str().expect("a path").to_owned(), number("line"), number("column"))
        };
        assert!(calls.is_sorted_by_key(place), "{name}: calls stand by path, line and column");
        let ids: BTreeSet<&str> = calls.iter().map(|call| call["id"].as_str().expect("an id")).collect();
        assert_eq!(ids.len(), calls.len(), "{name}: every call has an id of its own");
        let findings = list(&report, "findings");
        for (rank, finding) in findings.iter().enumerate() {
            assert_eq!(finding["rank"], rank as u64 + 1, "{name}");
            assert!(ids.contains(finding["call"].as_str().expect("an id")), "{name}");
            assert!(list(&report, "rules").contains(&finding["rule"]), "{name}: a rule that ran");
        }
        let prints: BTreeSet<&str> = findings.iter().filter_map(|finding| finding["fingerprint"].as_str()).collect();
        assert_eq!(prints.len(), findings.len(), "{name}: fingerprints are unique");
        for call in calls {
            let cost = &call["cost"];
            assert_eq!(
                cost["usd_per_month"].is_null(),
                cost["basis"] == "assumed" || cost["usd_per_1k_calls"].is_null()
            );
        }
        let files = &report["files"];
        let count = |key: &str| files[key].as_u64().expect("a number") as usize;
        assert_eq!(count("seen"), count("parsed") + list(files, "skipped").len(), "{name}: no file is lost");
        let totals = &report["totals"];
        let sum: u64 = ["judged", "open", "wrappers"].iter().filter_map(|key| totals[key].as_u64()).sum();
        assert_eq!(totals["calls"].as_u64(), Some(sum), "{name}");
    }
}

/// Ids and fingerprints, sorted.
fn identities(report: &Value) -> Vec<String> {
    let of = |list: &Vec<Value>, key: &str| -> Vec<String> {
        list.iter().map(|one| one[key].as_str().expect("text").to_owned()).collect()
    };
    let mut all = of(list(report, "calls"), "id");
    all.extend(of(list(report, "findings"), "fingerprint"));
    all.sort();
    all
}

#[test]
fn identities_outlive_edits_around_a_call_and_other_places_of_the_folder() {
    let before = identities(&report_in(&project(), &[]));
    assert!(before.len() > 8);
    let temporary = tempfile::tempdir().expect("a folder");
    let moved = temporary.path().join("another name");
    copy(&project(), &moved);
    for file in ["helpdesk/tickets.py", "helpdesk/prompts.py"] {
        let path = moved.join(file);
        let source = std::fs::read_to_string(&path).expect("there");
        std::fs::write(&path, format!("# a line above\n# another\n\n{source}\n\nunrelated = 1\n")).expect("written");
    }
    assert_eq!(identities(&report_in(&moved, &[])), before);
    let windows = std::fs::read_to_string(moved.join("helpdesk/tickets.py")).expect("there").replace('\n', "\r\n");
    std::fs::write(moved.join("helpdesk/tickets.py"), windows).expect("written");
    assert_eq!(identities(&report_in(&moved, &[])), before, "line endings do not count");
    let prompts = std::fs::read_to_string(moved.join("helpdesk/prompts.py")).expect("there");
    std::fs::write(moved.join("helpdesk/prompts.py"), prompts.replace("Convert the date", "Rewrite the date"))
        .expect("written");
    assert_ne!(identities(&report_in(&moved, &[])), before, "another prompt is another call");
}

#[test]
fn sarif_holds_to_its_schema() {
    // Written by hand for the parts that are used, closed against everything else: the official schema may be shared
    // only under its own terms.
    let schema = std::fs::read_to_string(root().join("tests/sarif-2.1.0-parts.json")).expect("there");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let bad = folder(&[("odd name [1].py", HONEST), ("b.py", "def broken(:\n# scriptworthy: ignore[SW999]\n")]);
    for (folder, args) in [
        (root(), &["audit", "fixtures/projects/helpdesk", "--format", "sarif"][..]),
        (root(), &["audit", "fixtures/labelled/files", "--format", "sarif", "--preview"]),
        (bad.path(), &["audit", "--format", "sarif"]),
    ] {
        let document: Value = serde_json::from_slice(&run_in(folder, args).stdout).expect("JSON");
        let errors: Vec<_> =
            validator.iter_errors(&document).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{args:?}: {errors:?}");
        assert!(!list(&document["runs"][0], "results").is_empty(), "{args:?}");
        let mut wrong = document.clone();
        wrong["runs"][0]["results"][0]["level"] = Value::from("fatal");
        assert!(!validator.is_valid(&wrong));
    }
}

#[test]
fn sarif_shows_callees_links_evidence_and_names_the_rules_that_ran() {
    let out = run(&["audit", "fixtures/projects/helpdesk", "--format", "sarif", "--select", "SW101,SW110"]);
    let document: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let run = &document["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["automationDetails"]["id"], "scriptworthy/fixtures/projects/helpdesk/");
    let rules = list(&run["tool"]["driver"], "rules");
    assert_eq!(rules.len(), 2, "the rules that ran, and no others");
    for result in list(run, "results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let region = &place["region"];
        assert_eq!(region["startLine"], region["endLine"], "a callee is short");
        let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
        assert!(uri.starts_with("fixtures/projects/helpdesk/"), "relative to the repository: {uri}");
        let message = result["message"]["text"].as_str().expect("text");
        for related in list(result, "relatedLocations") {
            assert!(message.contains(&format!("]({})", related["id"])), "{message}");
        }
        assert!(!list(result, "relatedLocations").is_empty());
        let prints = &result["partialFingerprints"];
        assert_eq!(prints["scriptworthy/v1"].as_str().map(str::len), Some(16));
        assert!(prints["primaryLocationLineHash"].as_str().is_some_and(|hash| hash.contains(':')));
    }
    assert!(!text(&out.stdout).contains("snippet"), "prompts may hold secrets");
}

#[test]
fn annotations_are_ten_of_a_level_and_the_rest_counted() {
    let many: Vec<(String, String)> = (0..13).map(|n| (format!("m{n:02}.py"), HONEST.to_owned())).collect();
    let files: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    let out = text(&run_in(folder.path(), &["audit", "--format", "github"]).stdout);
    assert_eq!(out.lines().filter(|line| line.starts_with("::warning ")).count(), 10, "{out}");
    assert!(out.ends_with("::notice title=scriptworthy::3 more findings are in the full report\n"), "{out}");
}

#[test]
fn people_see_a_place_they_can_open_and_the_last_lines_in_every_format() {
    let summary = ["model calls in", "findings: ", "saves $", "every file was read to its end"];
    for format in common::FORMATS {
        let out = run(&["audit", "fixtures/projects/helpdesk", "--format", format]);
        let (said, other) = match format {
            "full" | "concise" => (text(&out.stdout), text(&out.stderr)),
            "markdown" => (text(&out.stdout).replace("\\$", "$"), text(&out.stderr)),
            _ => (text(&out.stderr), String::new()),
        };
        assert!(summary.iter().all(|line| said.contains(line)), "{format}: {said}");
        assert_eq!(other, "", "{format}");
        let quiet = run(&["audit", "fixtures/projects/helpdesk", "--format", format, "-q"]);
        assert!(!text(&quiet.stdout).contains("model calls in") && quiet.stderr.is_empty(), "{format}");
        assert!(!quiet.stdout.is_empty(), "{format}");
        let silent = run(&["audit", "fixtures/projects/helpdesk", "--format", format, "-qq"]);
        assert!(silent.stdout.is_empty() && silent.stderr.is_empty(), "{format}");
        assert_eq!(silent.status.code(), Some(1), "{format}");
    }
    let concise = text(&run(&["audit", "fixtures/projects/helpdesk", "--format", "concise"]).stdout);
    let place = concise.lines().next().expect("a finding").split(':').next().expect("a path").to_owned();
    assert!(root().join(place).exists());
}

#[test]
fn a_summary_is_shown_where_nothing_is_found() {
    let clean = folder(&[("a.py", "x = 1\n")]);
    let out = run_in(clean.path(), &["audit", "--format", "concise"]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(
        text(&out.stdout),
        "0 model calls in 0 of 1 file: 0 judged, 0 open\n0 findings\nevery file was read to its end\n"
    );
}

#[test]
fn every_format_for_hosts_parses_and_shows_places_of_the_repository() {
    let of = |format: &str| text(&run(&["audit", "fixtures/projects/helpdesk", "-q", "--format", format]).stdout);
    let issues: Value = serde_json::from_str(&of("gitlab")).expect("JSON");
    let issues = issues.as_array().expect("a list");
    let prints: BTreeSet<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
    assert!(issues.len() >= 3 && prints.len() == issues.len());
    for issue in issues {
        assert!(issue["location"]["path"].as_str().is_some_and(|path| root().join(path).exists()), "{issue}");
        assert!(["info", "minor", "major"].contains(&issue["severity"].as_str().expect("text")));
    }
    let cases = of("junit");
    assert!(
        cases.contains("<testcase classname=\"scriptworthy\" name=\"fixtures/projects/helpdesk/helpdesk/tickets.py\""),
        "{cases}"
    );
    assert_eq!(cases.matches("<failure").count(), cases.matches("</failure>").count());
    assert_eq!(
        cases.matches("<testcase").count(),
        cases.matches("</testcase>").count() + cases.matches("\"/>").count()
    );
    let rows = of("markdown");
    assert!(
        rows.starts_with("<!-- scriptworthy:audit -->\n| place | rule | what | saves |\n|---|---|---|---|\n"),
        "{rows}"
    );
    assert!(rows.lines().skip(3).all(|row| row.starts_with("| ") && row.ends_with(" |")), "{rows}");
}

#[test]
fn long_markdown_is_cut_and_says_so() {
    let many: Vec<(String, String)> = (0..600).map(|n| (format!("module_{n:04}.py"), HONEST.to_owned())).collect();
    let files: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let out = text(&run_in(folder(&files).path(), &["audit", "--format", "markdown"]).stdout);
    assert!(out.chars().count() <= 60_000, "{}", out.len());
    assert!(out.contains("further findings are cut") && out.contains("600 findings"), "{}", &out[out.len() - 900..]);
}
