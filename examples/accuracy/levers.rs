//! Scores the findings of SW2 to SW9 against the levers that labels name.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::labels::Repo;
use crate::matching::{Settings, calls, list, pair, word};
use crate::score::{Note, Ratio};

/// The levers that labels name, in the levers' order, each with the rules that answer it.
pub const LEVERS: [(&str, &[&str]); 8] = [
    ("model-pinning", &["SW2"]),
    ("dispatcher", &["SW3"]),
    ("decomposition", &["SW4"]),
    ("context-trim", &["SW6"]),
    ("prompt-cache", &["SW701", "SW702"]),
    ("result-cache", &["SW703"]),
    ("batch", &["SW8"]),
    ("circuit-breaker", &["SW9"]),
];

/// What was counted of one lever.
#[derive(Clone, Copy, Default)]
pub struct Count {
    /// Labelled calls at which a finding of the lever stands, of those that are labelled with it.
    pub recall: Ratio,
    /// Findings of the lever at calls that are labelled with it, of those at calls with labels of any lever.
    pub agreeing: Ratio,
}

/// Counts by lever, and what a reader should look at.
#[derive(Default)]
pub struct Levers {
    pub counts: BTreeMap<&'static str, Count>,
    pub notes: Vec<Note>,
}

/// Scores one report. A finding of several calls counts where any of them is labelled with its lever.
pub fn score(repo: &Repo, report: &Value, prefix: &str, settings: Settings) -> Levers {
    let mut out = Levers::default();
    let (calls, _) = calls(repo, report, prefix, settings);
    let matched = pair(repo, &calls, settings.spans);
    let at: Vec<(usize, &str)> = repo
        .sites
        .iter()
        .enumerate()
        .filter(|(_, site)| site.levers.is_some())
        .filter_map(|(site, _)| Some((site, calls[matched[site].call?].value["id"].as_str()?)))
        .collect();
    let findings: Vec<&Value> = list(&report["findings"]).iter().filter(|f| f["suppressed"].is_null()).collect();
    let of_call = |finding: &Value, id: &str| list(&finding["calls"]).iter().any(|own| own == id);
    for (name, rules) in LEVERS {
        let count = out.counts.entry(name).or_default();
        let mine = |finding: &&&Value| rules.iter().any(|rule| word(&finding["rule"]).starts_with(rule));
        let named = |site: usize| repo.sites[site].levers.iter().flatten().any(|lever| lever == name);
        for site in (0..repo.sites.len()).filter(|site| named(*site)) {
            let id = at.iter().find(|(own, _)| *own == site).map(|(_, id)| *id);
            let hit = id.is_some_and(|id| findings.iter().filter(mine).any(|finding| of_call(finding, id)));
            count.recall.of += 1;
            count.recall.right += u64::from(hit);
            if !hit {
                let row = &repo.sites[site];
                let what = if id.is_some() { "no finding" } else { "no call" };
                let text = format!("lever        {} {}:{} — {name}: {what}", repo.name, row.file, row.line);
                out.notes.push(Note { false_alarm: false, text });
            }
        }
        for finding in findings.iter().filter(mine) {
            let sites: Vec<usize> = at.iter().filter(|(_, id)| of_call(finding, id)).map(|(site, _)| *site).collect();
            let Some(first) = sites.first() else { continue };
            let agrees = sites.iter().any(|site| named(*site));
            count.agreeing.of += 1;
            count.agreeing.right += u64::from(agrees);
            if !agrees {
                let (row, rule) = (&repo.sites[*first], word(&finding["rule"]));
                let text = format!("unlabelled   {} {}:{} — {rule}", repo.name, row.file, row.line);
                out.notes.push(Note { false_alarm: true, text });
            }
        }
    }
    out
}

/// Prints the counts of all repositories as a table.
pub fn print(all: &[Levers]) {
    println!("{:16}  {:>14}  {:>22}", "lever", "recall", "agreeing findings");
    for (name, rules) in LEVERS {
        let sum = all.iter().filter_map(|one| one.counts.get(name)).fold(Count::default(), |mut sum, one| {
            sum.recall.right += one.recall.right;
            sum.recall.of += one.recall.of;
            sum.agreeing.right += one.agreeing.right;
            sum.agreeing.of += one.agreeing.of;
            sum
        });
        let cell = |ratio: Ratio| match ratio.of {
            0 => "-".to_owned(),
            of => format!("{}/{of} {:3}%", ratio.right, ratio.right * 100 / of),
        };
        println!("{name:16}  {:>14}  {:>22}  {}", cell(sum.recall), cell(sum.agreeing), rules.join(" "));
    }
    println!();
}
