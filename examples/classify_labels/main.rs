//! Runs the classifier over labelled prompts alone and prints how it did.
//!
//! `cargo run --example classify_labels -- [--wrong] [--dump] [FILE...]`; without a file, over `fixtures/labelled`.
//! `--wrong` lists what was missed, `--dump` prints one JSON line for each call and mode, which
//! `scripts/fit-classifier.py` reads; `--features` adds what the words of each prompt show, for `scripts/fit-words.py`.

mod site;

use std::collections::BTreeMap;
use std::error::Error;

use scriptworthy::classify::{classify, features, score};
use scriptworthy::finding::{Class, Verdict};
use serde_json::{Value, json};
use site::{Shapes, build};

const FILES: [&str; 2] = ["fixtures/labelled/labels.jsonl", "fixtures/labelled/own.jsonl"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| {
        let before = files.len();
        files.retain(|file| file != name);
        files.len() < before
    };
    let (wrong, dump, words) = (flag("--wrong"), flag("--dump"), flag("--features"));
    if files.is_empty() {
        files = FILES.map(str::to_owned).to_vec();
    }
    for file in &files {
        let rows = read(file)?;
        for (name, shapes) in [("given", Shapes::Given), ("names", Shapes::Names)] {
            if words {
                rows.iter().for_each(|row| println!("{}", shown(file, name, row, shapes)));
                continue;
            }
            let verdicts: Vec<Verdict> = rows.iter().map(|row| verdict(row, shapes)).collect();
            if dump {
                for (row, verdict) in rows.iter().zip(&verdicts) {
                    println!("{}", line(file, name, row, verdict));
                }
                continue;
            }
            for (part, held_out) in [("", None), (" held out", Some(true)), (" tuned on", Some(false))] {
                let chosen: Vec<_> = rows
                    .iter()
                    .zip(&verdicts)
                    .filter(|(row, _)| held_out.is_none_or(|held_out| held_out == (row["held_out"] == true)))
                    .collect();
                let has_held_out = rows.iter().any(|row| row["held_out"] == true);
                if held_out.is_none() || has_held_out {
                    println!("== {file} ({name}{part})");
                    print_figures(&chosen);
                }
                if held_out.is_none() && wrong {
                    chosen.iter().for_each(|(row, verdict)| print_wrong(row, verdict));
                }
            }
        }
    }
    Ok(())
}

fn read(file: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let rows: Result<Vec<Value>, _> =
        text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str).collect();
    let mut rows = rows?;
    for row in &mut rows {
        // Labels of repositories hold no prompt: what the call is for and a piece of it stand in.
        if row["prompt"].is_null() {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            row["prompt"] = format!("{}\n{}\n{{text}}", text("task"), text("prompt_key")).into();
        }
    }
    Ok(rows)
}

/// A line of `--features`: the label, what the tables say, and what the words show.
fn shown(file: &str, mode: &str, row: &Value, shapes: Shapes) -> Value {
    let program = build(row, shapes);
    let verdict = classify(&program.calls[0], &program);
    let mut line = line(file, mode, row, &verdict);
    line["category"] = row["category"].clone();
    line["features"] = features(&program.calls[0]).into();
    line
}

fn verdict(row: &Value, shapes: Shapes) -> Verdict {
    let program = build(row, shapes);
    classify(&program.calls[0], &program)
}

fn name(class: Class) -> &'static str {
    match class {
        Class::Mechanical => "mechanical",
        Class::Mixed => "mixed",
        Class::Judgment => "judgment",
        Class::Unknown => "unknown",
    }
}

fn line(file: &str, mode: &str, row: &Value, verdict: &Verdict) -> Value {
    let evidence: Vec<_> = verdict.evidence.iter().map(|one| json!([one.kind, one.signal, one.weight])).collect();
    json!({
        "file": file, "mode": mode, "id": row["id"], "ref": row["ref"], "held_out": row["held_out"] == true,
        "verdict": row["verdict"], "class": name(verdict.class), "confidence": verdict.confidence,
        "score": score(verdict), "evidence": evidence,
    })
}

fn print_figures(rows: &[(&Value, &Verdict)]) {
    let mut table: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut categories: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (row, verdict) in rows {
        let label = row["verdict"].as_str().unwrap_or("unknown").to_owned();
        *table.entry((label, name(verdict.class))).or_default() += 1;
        if row["verdict"] == "mechanical" {
            let counts = categories.entry(row["category"].as_str().unwrap_or("none").to_owned()).or_default();
            counts.1 += 1;
            counts.0 += usize::from(verdict.class == Class::Mechanical);
        }
    }
    let count = |label: &str, class: &str| {
        table.iter().filter(|((l, c), _)| l == label && *c == class).map(|(_, count)| count).sum::<usize>()
    };
    for label in ["mechanical", "mixed", "judgment", "unknown"] {
        let row: Vec<String> = ["mechanical", "mixed", "judgment", "unknown"]
            .iter()
            .map(|class| format!("{class} {:3}", count(label, class)))
            .collect();
        println!("  {label:10} -> {}", row.join("  "));
    }
    let (right, wrong) = (count("mechanical", "mechanical"), count("judgment", "mechanical"));
    let all: usize =
        ["mechanical", "mixed", "judgment", "unknown"].iter().map(|class| count("mechanical", class)).sum();
    println!(
        "  precision {:.3}  recall {:.3}",
        right as f64 / (right + wrong).max(1) as f64,
        right as f64 / all.max(1) as f64
    );
    let parts: Vec<String> = categories.iter().map(|(name, (hit, all))| format!("{name} {hit}/{all}")).collect();
    println!("  {}", parts.join(", "));
}

fn print_wrong(row: &Value, verdict: &Verdict) {
    let label = row["verdict"].as_str().unwrap_or_default();
    let class = name(verdict.class);
    let bad = (label == "mechanical") != (class == "mechanical") || (label == "judgment" && class == "mixed");
    if !bad || (label == "mixed" && class != "mechanical") {
        return;
    }
    println!(
        "--- {} {label} -> {class} {:.2} score {:.2} {}",
        row["id"],
        verdict.confidence,
        score(verdict),
        verdict.reason
    );
    println!(
        "    {}",
        row["prompt"].as_str().unwrap_or_default().replace('\n', " / ").chars().take(300).collect::<String>()
    );
    for one in &verdict.evidence {
        println!("      {:+.2} {:?} {} | {}", one.weight, one.kind, one.signal, one.text);
    }
}
