//! Matches reported calls with labelled places and counts how well they agree.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;
use serde_json::Value;

use crate::labels::{Repo, Site, Standing};

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

/// A reported call with the findings that speak of it.
struct Call<'a> {
    path: &'a str,
    start: u64,
    end: u64,
    /// Of a kind that the labels take no stand on: embeddings, pictures, speech, moderation.
    other_kind: bool,
    value: &'a Value,
    flags: Vec<&'a Value>,
}

impl Call<'_> {
    fn place(&self) -> String {
        let callee = word(&self.value["callee"]);
        format!(
            "{}:{} {callee} — {}",
            self.path,
            self.start,
            word(&self.value["role"])
        )
    }

    fn rules(&self) -> String {
        let rules: Vec<_> = self.flags.iter().map(|f| word(&f["rule"])).collect();
        if rules.is_empty() {
            "no finding".to_owned()
        } else {
            rules.join(" ")
        }
    }

    fn flagged(&self, test: fn(&str) -> bool) -> bool {
        self.flags.iter().any(|f| test(word(&f["rule"])))
    }
}

/// The words of a report that may stand bare or as the `kind` of an object.
fn word(value: &Value) -> &str {
    value
        .as_str()
        .or_else(|| value["kind"].as_str())
        .unwrap_or("?")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Rules that say: a script can do the whole call.
fn substitutes(rule: &str) -> bool {
    rule == "SW190" || ("SW101".."SW120").contains(&rule) && rule.len() == 5
}

/// Rules that say: a script can do a part of the call.
fn takes_part(rule: &str) -> bool {
    rule == "SW120"
}

/// Scores a report against the labels of one repository. `prefix` is cut off the report's paths;
/// with `spans` a call also hits where it only ends together with the labelled one.
pub fn score(repo: &Repo, report: &Value, prefix: &str, spans: bool) -> Score {
    let mut score = Score::default();
    let calls = calls(repo, report, prefix, &mut score);
    let matched = if repo.cases {
        cover(repo, &calls)
    } else {
        pair(repo, &calls, spans)
    };
    for (site, call) in repo.sites.iter().zip(&matched) {
        if site.standing == Standing::Scored {
            judge(&mut score, repo, site, call.map(|c| &calls[c]));
        }
    }
    if !repo.cases {
        alarms(&mut score, repo, &calls, &matched, spans);
    }
    score
}

/// The calls in scope, each with its script findings.
fn calls<'a>(repo: &Repo, report: &'a Value, prefix: &str, score: &mut Score) -> Vec<Call<'a>> {
    let own = |v: &'a Value| {
        v["path"]
            .as_str()?
            .strip_prefix(prefix)
            .filter(|p| repo.in_scope(p))
    };
    let mut calls = Vec::new();
    for value in list(&report["calls"]) {
        let Some(path) = own(value) else { continue };
        let start = value["start"]["line"].as_u64().unwrap_or_default();
        calls.push(Call {
            path,
            start,
            end: value["end"]["line"].as_u64().unwrap_or(start),
            other_kind: matches!(
                word(&value["kind"]),
                "embedding" | "image" | "audio" | "moderation"
            ),
            value,
            flags: Vec::new(),
        });
    }
    for finding in list(&report["findings"]) {
        let (rule, Some(path)) = (word(&finding["rule"]), own(finding)) else {
            continue;
        };
        let silent = finding.get("suppressed").is_some_and(|s| !s.is_null());
        if silent || !(substitutes(rule) || takes_part(rule)) {
            continue;
        }
        let line = finding["start"]["line"].as_u64().unwrap_or_default();
        let named = |id: &Value| {
            !id.is_null() && (finding["call"] == *id || list(&finding["call"]).contains(id))
        };
        let by_name = calls.iter().any(|c| named(&c.value["id"]));
        let mut placed = false;
        for call in &mut calls {
            let here = call.path == path && (call.start..=call.end).contains(&line);
            if if by_name {
                named(&call.value["id"])
            } else {
                here
            } {
                call.flags.push(finding);
                placed = true;
            }
        }
        score.count("unplaced-flags", !placed);
        if !placed {
            score.note(true, "unplaced", repo, &format!("{path}:{line}"), rule);
        }
    }
    calls
}

/// For single-file cases: the nearest call around each labelled line, or else around the SDK call.
fn cover(repo: &Repo, calls: &[Call]) -> Vec<Option<usize>> {
    let around = |site: &Site, line: u64| {
        let here = |c: &&usize| {
            let call = &calls[**c];
            call.path == site.file && call.start.saturating_sub(1) <= line && line <= call.end
        };
        let all: Vec<usize> = (0..calls.len()).collect();
        all.iter()
            .filter(here)
            .min_by_key(|c| calls[**c].start.abs_diff(line))
            .copied()
    };
    let places = |s: &Site| around(s, s.line).or_else(|| s.sdk_line.and_then(|l| around(s, l)));
    repo.sites.iter().map(places).collect()
}

/// How far a call is from a labelled place; `None` where it misses it.
fn distance(site: &Site, call: &Call, spans: bool) -> Option<u64> {
    if site.file != call.path {
        return None;
    }
    let away = call.start.abs_diff(site.line);
    let callee = site.callee_line.map(|l| call.start.abs_diff(l));
    let within = (site.line.saturating_sub(1)..=site.end_line + 1).contains(&call.start);
    if within || callee.is_some_and(|d| d <= 3) {
        return Some(callee.map_or(away, |d| d.min(away)));
    }
    // A chain over many lines is reported where it begins and labelled where it is run.
    (spans && call.start < site.line && call.end == site.end_line).then_some(1_000 + away)
}

/// One to one, nearest first; the prompt and then the need to be found break ties.
fn pair(repo: &Repo, calls: &[Call], spans: bool) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (s, site) in repo.sites.iter().enumerate() {
        for (c, call) in calls.iter().enumerate() {
            if site.standing == Standing::Scored && call.other_kind {
                continue;
            }
            if let Some(d) = distance(site, call, spans) {
                let unread = site.key.is_empty() || !reads(call, site, false);
                pairs.push((d, unread, site.standing, s, c));
            }
        }
    }
    pairs.sort_unstable();
    let mut matched = vec![None; repo.sites.len()];
    let mut taken = vec![false; calls.len()];
    for (_, _, _, s, c) in pairs {
        if matched[s].is_none() && !taken[c] {
            matched[s] = Some(c);
            taken[c] = true;
        }
    }
    matched
}

/// Counts what was found out about one labelled call.
fn judge(score: &mut Score, repo: &Repo, site: &Site, call: Option<&Call>) {
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
    let (whole, part) = call.map_or((false, false), |c| {
        (c.flagged(substitutes), c.flagged(takes_part))
    });
    flags(score, site, whole, part);
    let Some(call) = call else {
        score.note(
            false,
            "miss",
            repo,
            &place,
            &format!("nothing ({})", site.verdict),
        );
        return;
    };
    let value = call.value;
    if !site.key.is_empty() && !read {
        let start: String = prompt(value).chars().take(60).collect();
        score.note(
            false,
            "prompt",
            repo,
            &place,
            &format!("{:?}", folded(&start)),
        );
    }
    let class = word(&value["verdict"]["class"]);
    let mut compare = |measure, expected: &str, said: &str, right: bool| {
        score.count(measure, right);
        if !right {
            score.note(
                false,
                measure,
                repo,
                &place,
                &format!("{said}, not {expected}"),
            );
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
        let said = if value["loop"].is_null() {
            "none"
        } else {
            word(&value["loop"])
        };
        compare(
            "in-loop",
            &expected.to_string(),
            said,
            expected == (said != "none"),
        );
    }
    if whole && let Some(expected) = &site.category {
        let said = word(&value["verdict"]["category"]);
        compare("category", expected, said, said == expected);
    }
    if whole && !matches!(site.verdict.as_str(), "mechanical" | "mixed") {
        score.note(
            true,
            "false-flag",
            repo,
            &place,
            &format!("{} on {}", call.rules(), site.verdict),
        );
    }
    if mechanical && !whole {
        score.note(
            false,
            "flag",
            repo,
            &place,
            &format!("{}, verdict {class}", call.rules()),
        );
    }
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
fn alarms(score: &mut Score, repo: &Repo, calls: &[Call], matched: &[Option<usize>], spans: bool) {
    let mut trapped = vec![false; repo.sites.len()];
    for (c, call) in calls.iter().enumerate() {
        let mut standing = matched
            .iter()
            .position(|m| *m == Some(c))
            .map(|s| (s, repo.sites[s].standing));
        if standing.is_none() {
            let near = repo
                .sites
                .iter()
                .enumerate()
                .filter(|(_, s)| s.standing != Standing::Scored);
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
        let what = if standing.is_some() {
            "trap"
        } else {
            "false-alarm"
        };
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

fn prompt(call: &Value) -> String {
    let parts = list(&call["prompt"]["parts"]).iter();
    parts
        .filter_map(|p| p["text"].as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether the reported prompt holds the labelled piece. With `loosely` only letters and digits
/// count, for pieces that were cut from a prompt put together of several literals.
fn reads(call: &Call, site: &Site, loosely: bool) -> bool {
    let prompt = prompt(call.value);
    if loosely {
        let bare = |s: &str| {
            s.chars()
                .filter(|c| c.is_alphanumeric())
                .collect::<String>()
        };
        return bare(&prompt).contains(&bare(&site.key));
    }
    let (prompt, key) = (folded(&prompt), folded(&site.key));
    prompt.contains(&key) || holed(&prompt).contains(&holed(&key))
}

/// White space folded, and escapes of source text undone.
fn folded(text: &str) -> String {
    let text = text
        .replace("\\n", " ")
        .replace("\\\"", "\"")
        .replace("\\'", "'")
        .replace("\\`", "`");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

static HOLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$?\{+[^{}]*(\}+|$)").ok());
static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(-\d{4}-?\d{2}-?\d{2}|-\d{4}|-latest|@\d{8})$").ok());

/// Holes without their names.
fn holed(text: &str) -> String {
    HOLE.as_ref().map_or(text.to_owned(), |hole| {
        hole.replace_all(text, "{}").into_owned()
    })
}

/// A model's name without provider and date.
fn model_name(id: &str) -> String {
    let id = id.to_lowercase();
    let id = id.rsplit('/').next().unwrap_or_default();
    let id = match id.split_once(':') {
        Some((
            "openai" | "anthropic" | "google" | "groq" | "mistral" | "ollama" | "azure",
            rest,
        )) => rest,
        _ => id,
    };
    DATE.as_ref()
        .map_or(id.to_owned(), |date| date.replace(id, "").into_owned())
}

fn model_right(site: &Site, model: &Value) -> bool {
    let said = model["id"].as_str();
    let Some(expected) = site.model.as_deref().map(model_name) else {
        return said.is_none();
    };
    let candidates = list(&model["candidates"])
        .iter()
        .filter_map(|c| c.as_str().or(c["id"].as_str()));
    candidates.chain(said).any(|id| model_name(id) == expected)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
