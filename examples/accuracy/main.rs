//! Scores audits against hand labels.
//!
//! `accuracy LABELS ROOT` audits the labelled code below ROOT, a folder of `<owner>+<name>`
//! checkouts or the folder of single-file cases, and counts how far calls, prompts, models and
//! script findings agree with the labels. LABELS is a label file, or a folder with several.
//! It runs the built program rather than the library, so that what is scored is what ships.

mod labels;
mod levers;
mod matching;
mod score;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use serde_json::{Value, json};

use labels::Repo;
use matching::Settings;
use score::{MEASURES, Score, Tally};

/// Score audits against hand labels
#[derive(Parser)]
struct Options {
    /// A label file, or a folder with `labels.jsonl` files
    labels: PathBuf,
    /// Folder of the labelled code
    root: PathBuf,
    /// List what was missed or read wrongly
    #[arg(long)]
    misses: bool,
    /// List calls and flags that should not have been reported
    #[arg(long)]
    false_alarms: bool,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
    /// Use this report of all of ROOT, or a folder with a report `<owner>+<name>.json` for each
    /// repository, instead of running an audit
    #[arg(long)]
    report: Option<PathBuf>,
    /// The program to run (default: the one built beside the examples)
    #[arg(long)]
    bin: Option<PathBuf>,
    /// Audit with the rules in preview too, and score SW2 to SW9 against the levers that the labels name
    #[arg(long)]
    preview: bool,
    /// Let a chain that ends with the labelled call count as a hit wherever it begins
    #[arg(long)]
    spans: bool,
    /// Leave out findings with less confidence
    #[arg(long, default_value_t = 0.0)]
    min_confidence: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let settings = Settings { spans: options.spans, min_confidence: options.min_confidence };
    let mut scores = Vec::new();
    let mut by_lever = Vec::new();
    for repo in labels::load(&options.labels)? {
        let root = repo.folder.as_ref().map_or(options.root.clone(), |f| options.root.join(f));
        if !root.is_dir() {
            eprintln!("left out, not laid out: {}", repo.name);
            continue;
        }
        let (report, prefix) = report(&options, &repo, &root)?;
        if options.preview {
            by_lever.push(levers::score(&repo, &report, &prefix, settings));
        }
        scores.push((repo.name.clone(), score::score(&repo, &report, &prefix, settings)));
    }
    if options.json {
        let by_name = scores.iter().map(|(name, s)| (name.clone(), json!(s.tally))).collect();
        let all = json!({"repos": Value::Object(by_name), "total": total(&scores)});
        println!("{all:#}");
        return Ok(());
    }
    print(&scores);
    if options.preview {
        levers::print(&by_lever);
    }
    let notes = scores.iter().flat_map(|(_, score)| &score.notes);
    for note in notes.chain(by_lever.iter().flat_map(|levers| &levers.notes)) {
        let wanted = match note.false_alarm {
            true => options.false_alarms,
            false => options.misses,
        };
        if wanted {
            println!("{}", note.text);
        }
    }
    Ok(())
}

/// The report on one repository, and what its paths begin with before the repository's own.
fn report(options: &Options, repo: &Repo, root: &Path) -> Result<(Value, String), Box<dyn Error>> {
    let folder = repo.folder.as_deref();
    match (&options.report, folder) {
        (Some(path), Some(folder)) if path.is_dir() => {
            let text = fs::read_to_string(path.join(format!("{folder}.json")))?;
            Ok((serde_json::from_str(&text)?, String::new()))
        }
        (Some(path), _) => {
            let prefix = folder.map(|f| format!("{f}/")).unwrap_or_default();
            Ok((serde_json::from_str(&fs::read_to_string(path)?)?, prefix))
        }
        (None, _) => Ok((audit(options, root)?, String::new())),
    }
}

/// Runs the program; exit code 1 only says that there are findings.
fn audit(options: &Options, root: &Path) -> Result<Value, Box<dyn Error>> {
    let bin = match &options.bin {
        Some(bin) => bin.clone(),
        None => {
            let exe = std::env::current_exe()?;
            let build = exe.parent().and_then(Path::parent).ok_or("no folder above the example")?;
            build.join(format!("scriptworthy{}", std::env::consts::EXE_SUFFIX))
        }
    };
    let output = Command::new(&bin)
        .arg("audit")
        .arg(root)
        .args(["--format", "json"])
        .args(options.preview.then_some("--preview"))
        .output()
        .map_err(|e| format!("{}: {e} (build the program first, or name it by --bin)", bin.display()))?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("audit of {} failed: {}\n{said}", root.display(), output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn total(scores: &[(String, Score)]) -> Tally {
    let mut total = Tally::new();
    for (measure, ratio) in scores.iter().flat_map(|(_, s)| &s.tally) {
        let sum = total.entry(measure).or_default();
        sum.right += ratio.right;
        sum.of += ratio.of;
    }
    total
}

/// Two tables, since one would be too wide: what was found and read, and what was flagged.
fn print(scores: &[(String, Score)]) {
    let sum = total(scores);
    let mut rows: Vec<(&str, &Tally)> = scores.iter().map(|(n, s)| (n.as_str(), &s.tally)).collect();
    if rows.len() > 1 {
        rows.push(("total", &sum));
    }
    let wide = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for measures in MEASURES.chunks(10) {
        print!("{:wide$}", "");
        measures.iter().for_each(|m| print!("  {m:>13}"));
        println!();
        for (name, tally) in &rows {
            print!("{name:wide$}");
            for measure in measures {
                let cell = tally
                    .get(measure)
                    .map_or("-".to_owned(), |r| format!("{}/{} {:3}%", r.right, r.of, r.right * 100 / r.of.max(1)));
                print!("  {cell:>13}");
            }
            println!();
        }
        println!();
    }
}
