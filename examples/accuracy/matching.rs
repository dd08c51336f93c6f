//! Finds for each labelled place the reported call that stands there.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::labels::{Repo, Site, Standing};

/// What a run may change about the counting.
#[derive(Clone, Copy, Default)]
pub struct Settings {
    /// Whether a call also hits where it only ends together with the labelled one.
    pub spans: bool,
    /// Findings with less confidence are left out.
    pub min_confidence: f64,
}

/// A reported call with the findings that speak of it.
pub struct Call<'a> {
    pub path: &'a str,
    pub start: u64,
    pub end: u64,
    /// Of a kind that the labels take no stand on: embeddings, pictures, speech, moderation.
    pub other_kind: bool,
    pub value: &'a Value,
    pub flags: Vec<&'a Value>,
}

impl Call<'_> {
    pub fn place(&self) -> String {
        let callee = word(&self.value["callee"]);
        format!("{}:{} {callee} — {}", self.path, self.start, word(&self.value["role"]))
    }

    pub fn rules(&self) -> String {
        let rules: Vec<_> = self.flags.iter().map(|f| word(&f["rule"])).collect();
        if rules.is_empty() { "no finding".to_owned() } else { rules.join(" ") }
    }

    pub fn flagged(&self, test: fn(&str) -> bool) -> bool {
        self.flags.iter().any(|f| test(word(&f["rule"])))
    }
}

/// The words of a report that may stand bare or as the `kind` of an object.
pub fn word(value: &Value) -> &str {
    value.as_str().or_else(|| value["kind"].as_str()).unwrap_or("?")
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Rules that say: a script can do the whole call.
pub fn substitutes(rule: &str) -> bool {
    rule == "SW190" || ("SW101".."SW120").contains(&rule) && rule.len() == 5
}

/// Rules that say: a script can do a part of the call.
pub fn takes_part(rule: &str) -> bool {
    rule == "SW120"
}

/// The calls in scope, each with its script findings; and for every script finding in scope
/// whether it stands at a call, or else where it stands.
pub fn calls<'a>(
    repo: &Repo,
    report: &'a Value,
    prefix: &str,
    settings: Settings,
) -> (Vec<Call<'a>>, Vec<Result<(), String>>) {
    let own = |v: &'a Value| -> Option<&'a str> {
        let path = v["path"].as_str()?.strip_prefix(prefix)?;
        repo.in_scope(path).then_some(path)
    };
    let mut calls = Vec::new();
    for value in list(&report["calls"]) {
        let Some(path) = own(value) else { continue };
        let start = value["start"]["line"].as_u64().unwrap_or_default();
        calls.push(Call {
            path,
            start,
            end: value["end"]["line"].as_u64().unwrap_or(start),
            other_kind: matches!(word(&value["kind"]), "embedding" | "image" | "audio" | "moderation"),
            value,
            flags: Vec::new(),
        });
    }
    let mut placed = Vec::new();
    for finding in list(&report["findings"]) {
        let rule = word(&finding["rule"]);
        let silent = finding.get("suppressed").is_some_and(|s| !s.is_null());
        let unsure = finding["confidence"].as_f64().is_some_and(|c| c < settings.min_confidence);
        if silent || unsure || !(substitutes(rule) || takes_part(rule)) {
            continue;
        }
        let named = |call: &Call| {
            let id = &call.value["id"];
            !id.is_null() && (finding["call"] == *id || list(&finding["call"]).contains(id))
        };
        let line = finding["start"]["line"].as_u64().unwrap_or_default();
        let here = |c: &Call| own(finding) == Some(c.path) && (c.start..=c.end).contains(&line);
        let mut at: Vec<usize> = (0..calls.len()).filter(|c| named(&calls[*c])).collect();
        if at.is_empty() {
            at = (0..calls.len()).filter(|c| here(&calls[*c])).collect();
        }
        for call in &at {
            calls[*call].flags.push(finding);
        }
        if !at.is_empty() {
            placed.push(Ok(()));
        } else if let Some(path) = own(finding) {
            placed.push(Err(format!("{path}:{line} — {rule}")));
        }
    }
    (calls, placed)
}

/// What was reported at a labelled place, as positions in the list of calls.
#[derive(Clone, Copy, Default)]
pub struct Match {
    pub call: Option<usize>,
    /// The SDK call inside the wrapper that is called here; a finding there is as right.
    pub sdk: Option<usize>,
}

/// For single-file cases: the nearest call around each labelled line, or else around the SDK call.
pub fn cover(repo: &Repo, calls: &[Call]) -> Vec<Match> {
    let around = |site: &Site, line: u64| {
        let here = |c: &usize| {
            let call = &calls[*c];
            call.path == site.file && call.start.saturating_sub(1) <= line && line <= call.end
        };
        (0..calls.len()).filter(here).min_by_key(|c| calls[*c].start.abs_diff(line))
    };
    let places = |site: &Site| {
        let sdk = site.sdk_line.and_then(|line| around(site, line));
        Match { call: around(site, site.line).or(sdk), sdk }
    };
    repo.sites.iter().map(places).collect()
}

/// How far a call is from a labelled place; `None` where it misses it.
pub fn distance(site: &Site, call: &Call, spans: bool) -> Option<u64> {
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
pub fn pair(repo: &Repo, calls: &[Call], spans: bool) -> Vec<Match> {
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
    let mut matched = vec![Match::default(); repo.sites.len()];
    let mut taken = vec![false; calls.len()];
    for (_, _, _, s, c) in pairs {
        if matched[s].call.is_none() && !taken[c] {
            matched[s].call = Some(c);
            taken[c] = true;
        }
    }
    matched
}

pub fn prompt(call: &Value) -> String {
    let candidates = list(&call["prompt"]["candidates"]);
    let whole = if candidates.is_empty() { std::slice::from_ref(&call["prompt"]["parts"]) } else { candidates };
    let parts = whole.iter().flat_map(list);
    parts.filter_map(|p| p["text"].as_str()).collect::<Vec<_>>().join("\n")
}

/// Whether the reported prompt holds the labelled piece. With `loosely` only letters and digits
/// count, for pieces that were cut from a prompt put together of several literals.
pub fn reads(call: &Call, site: &Site, loosely: bool) -> bool {
    let prompt = prompt(call.value);
    if loosely {
        let bare = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        return bare(&prompt).contains(&bare(&site.key));
    }
    let (prompt, key) = (folded(&prompt), folded(&site.key));
    prompt.contains(&key) || holed(&prompt).contains(&holed(&key))
}

/// White space folded, and escapes of source text undone.
pub fn folded(text: &str) -> String {
    let text = text.replace("\\n", " ").replace("\\\"", "\"").replace("\\'", "'").replace("\\`", "`");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

static HOLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$?\{+[^{}]*(\}+|$)").ok());
/// Holes without their names.
fn holed(text: &str) -> String {
    HOLE.as_ref().map_or(text.to_owned(), |hole| hole.replace_all(text, "{}").into_owned())
}
