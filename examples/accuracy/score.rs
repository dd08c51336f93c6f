//! Matches reported calls with labelled places and counts how well they agree.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;
use serde_json::Value;

use crate::labels::{Repo, Site, Standing};
use crate::matching::{
    Call, Match, Settings, calls, cover, distance, folded, list, pair, prompt, reads, substitutes, takes_part, word,
};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ratio {
    pub right: u64,
    pub of: u64,
}

/// Every measure that is counted, in the order of the tables' columns.
pub const MEASURES: [&str; 20] = [
    "found",
    "precise",
    "traps-hit",
    "prompts",
    "elsewhere",
    "model",
    "in-loop",
    "output",
    "role",
    "verdict",
    "flag-precise",
    "flag-recall",
    "mixed-flagged",
    "firm-precise",
    "firm-recall",
    "category",
    "part-precise",
    "part-recall",
    "part-on-mechanical",
    "unplaced-flags",
];

/// Counts by measure.
pub type Tally = BTreeMap<&'static str, Ratio>;

/// Something that a reader of the score should look at.
pub struct Note {
    pub false_alarm: bool,
    pub text: String,
}

/// The score of one repository.
#[derive(Default)]
pub struct Score {
    pub tally: Tally,
    pub notes: Vec<Note>,
}

impl Score {
    fn count(&mut self, measure: &'static str, right: bool) {
        let ratio = self.tally.entry(measure).or_default();
        ratio.right += u64::from(right);
        ratio.of += 1;
    }

    fn note(&mut self, false_alarm: bool, what: &str, repo: &Repo, place: &str, said: &str) {
        let text = format!("{what:12} {} {place} — {said}", repo.name);
        self.notes.push(Note { false_alarm, text });
    }
}

/// Scores a report against the labels of one repository. `prefix` is cut off the report's paths.
pub fn score(repo: &Repo, report: &Value, prefix: &str, settings: Settings) -> Score {
    let mut score = Score::default();
    let (calls, placed) = calls(repo, report, prefix, settings);
    for flag in placed {
        score.count("unplaced-flags", flag.is_err());
        if let Err(place) = flag {
            score.note(true, "unplaced", repo, &place, "at no reported call");
        }
    }
    let matched = if repo.cases { cover(repo, &calls) } else { pair(repo, &calls, settings.spans) };
    for (site, at) in repo.sites.iter().zip(&matched) {
        if site.standing == Standing::Scored {
            let get = |c: Option<usize>| c.map(|c| &calls[c]);
            judge(&mut score, repo, site, get(at.call), get(at.sdk));
        }
    }
    if !repo.cases {
        alarms(&mut score, repo, &calls, &matched, settings.spans);
    }
    score
}

/// Counts what was found out about one labelled call.
fn judge(score: &mut Score, repo: &Repo, site: &Site, call: Option<&Call>, sdk: Option<&Call>) {
    let place = format!("{}:{} {} — {}", site.file, site.line, site.callee, site.key);
    score.count("found", call.is_some());
    let read = call.is_some_and(|c| reads(c, site, repo.cases));
    if !site.key.is_empty() {
        score.count("prompts", read);
        if site.elsewhere {
            score.count("elsewhere", read);
        }
    }
    let mechanical = site.verdict == "mechanical";
    let flagged = |test| call.iter().chain(&sdk).any(|c| c.flagged(test));
    let (whole, part) = (flagged(substitutes), flagged(takes_part));
    flags(score, site, whole, part);
    let Some(call) = call else {
        score.note(false, "miss", repo, &place, &format!("nothing ({})", site.verdict));
        return;
    };
    let value = call.value;
    if !site.key.is_empty() && !read {
        let start: String = prompt(value).chars().take(60).collect();
        score.note(false, "prompt", repo, &place, &format!("{:?}", folded(&start)));
    }
    let class = word(&value["verdict"]["class"]);
    let mut compare = |measure, expected: &str, said: &str, right: bool| {
        score.count(measure, right);
        if !right {
            score.note(false, measure, repo, &place, &format!("{said}, not {expected}"));
        }
    };
    compare("verdict", &site.verdict, class, class == site.verdict);
    let model = &value["model"];
    compare(
        "model",
        site.model.as_deref().unwrap_or("null"),
        model["id"].as_str().unwrap_or("null"),
        model_right(site, model),
    );
    let (output, role) = (word(&value["output"]["use"]), word(&value["role"]));
    compare("output", &site.output, output, output == site.output);
    if let Some(expected) = site.role {
        compare("role", expected, role, role == expected);
    }
    if let Some(expected) = site.in_loop {
        let said = if value["loop"].is_null() { "none" } else { word(&value["loop"]) };
        compare("in-loop", &expected.to_string(), said, expected == (said != "none"));
    }
    if whole && let Some(expected) = &site.category {
        let said = word(&value["verdict"]["category"]);
        compare("category", expected, said, same_category(expected, said));
    }
    if whole && !matches!(site.verdict.as_str(), "mechanical" | "mixed") {
        score.note(true, "false-flag", repo, &place, &format!("{} on {}", call.rules(), site.verdict));
    }
    if mechanical && !whole {
        score.note(false, "flag", repo, &place, &format!("{}, verdict {class}", call.rules()));
    }
}

/// Whether a kind of work is what a label means: labels name some kinds otherwise, and a few neighbours cannot be told
/// apart from the call alone (an address pattern is checked or taken out, a code looked up or checked).
fn same_category(label: &str, said: &str) -> bool {
    let own: &[&str] = match label {
        "extraction-regex" => &["pattern-extraction", "validation"],
        "lookup-mapping" => &["lookup", "validation"],
        "text-casing-template" => &["text-transform"],
        "sort-filter-dedupe" => &["collection-operation"],
        "validation" => &["validation", "pattern-extraction", "lookup"],
        "arithmetic" => &["arithmetic", "date-math"],
        "date-math" => &["date-math", "arithmetic"],
        _ => &[],
    };
    label == said || own.contains(&said)
}

/// Counts the script findings at one labelled call. Mixed calls are neither right nor wrong.
fn flags(score: &mut Score, site: &Site, whole: bool, part: bool) {
    let (mechanical, mixed) = (site.verdict == "mechanical", site.verdict == "mixed");
    if mixed {
        score.count("mixed-flagged", whole);
        score.count("part-recall", part);
    }
    if mechanical {
        score.count("flag-recall", whole);
        score.count("part-on-mechanical", part);
    }
    if whole && !mixed {
        score.count("flag-precise", mechanical);
    }
    if part && !mechanical {
        score.count("part-precise", mixed);
    }
    if site.firm && mechanical {
        score.count("firm-recall", whole);
    }
    if site.firm && whole && !mixed {
        score.count("firm-precise", mechanical);
    }
}

/// Counts the reported calls that are none, and what was flagged on them.
fn alarms(score: &mut Score, repo: &Repo, calls: &[Call], matched: &[Match], spans: bool) {
    let mut trapped = vec![false; repo.sites.len()];
    for (c, call) in calls.iter().enumerate() {
        let mut standing = matched.iter().position(|m| m.call == Some(c)).map(|s| (s, repo.sites[s].standing));
        if standing.is_none() {
            let near = repo.sites.iter().enumerate().filter(|(_, s)| s.standing != Standing::Scored);
            let near = near.filter_map(|(i, s)| Some((distance(s, call, spans)?, s.standing, i)));
            standing = near.min().map(|(_, standing, i)| (i, standing));
        }
        match standing {
            Some((_, Standing::Scored)) => {
                score.count("precise", true);
                continue;
            }
            Some((_, Standing::Neutral)) => continue,
            Some((s, Standing::Trap)) => trapped[s] = true,
            None if call.other_kind => continue,
            None => {}
        }
        score.count("precise", false);
        let what = if standing.is_some() { "trap" } else { "false-alarm" };
        score.note(true, what, repo, &call.place(), &call.rules());
        if call.flagged(substitutes) {
            score.count("flag-precise", false);
            score.count("firm-precise", false);
        }
        if call.flagged(takes_part) {
            score.count("part-precise", false);
        }
    }
    for (site, trapped) in repo.sites.iter().zip(trapped) {
        if site.standing == Standing::Trap {
            score.count("traps-hit", trapped);
        }
    }
}

static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(-\d{4}-?\d{2}-?\d{2}|-\d{4}|-latest|@\d{8})$").ok());

/// A model's name without provider and date.
fn model_name(id: &str) -> String {
    let id = id.to_lowercase();
    let id = id.rsplit('/').next().unwrap_or_default();
    let id = match id.split_once(':') {
        Some(("openai" | "anthropic" | "google" | "groq" | "mistral" | "ollama" | "azure", rest)) => rest,
        _ => id,
    };
    DATE.as_ref().map_or(id.to_owned(), |date| date.replace(id, "").into_owned())
}

fn model_right(site: &Site, model: &Value) -> bool {
    let said = model["id"].as_str();
    let Some(expected) = site.model.as_deref().map(model_name) else {
        return said.is_none();
    };
    let candidates = list(&model["candidates"]).iter().filter_map(|c| c.as_str().or(c["id"].as_str()));
    candidates.chain(said).any(|id| model_name(id) == expected)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
