//! SW202: a model that nobody chose.

use std::sync::LazyLock;

use regex::Regex;

use crate::catalog::levers::LeverWords;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, ModelOrigin};
use crate::rules::common::*;
use crate::source::SourceFile;

declare_rule! {
    /// A model that nobody chose: an SDK's silent default, or a name that means another model tomorrow.
    UnpinnedModel, "SW202", "unpinned-model", Pinning, Note,
    "which model runs is left to a default or a name that moves"
}

/// Text by which code or a settings file names a model.
const MARKS: &[&str] = &["llm", "model", "deployment", "engine"];

/// Identifiers by which a validation library names records, their methods and their settings.
const RECORDS: &[&str] = &[
    "BaseModel",
    "RootModel",
    "model_dump",
    "model_validate",
    "model_config",
    "model_json_schema",
    "model_fields",
    "model_copy",
    "model_construct",
];

/// What stands in every identifier that names a model: looked for first, for most of a text is none.
static MARKED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("(?i){}", MARKS.join("|"))).expect("words are a pattern"));

/// Whether a word at `start` stands between words, as in a comment: nothing is set, called or looked up by it.
fn is_prose(text: &str, start: usize, name: &str) -> bool {
    let after = text[start + name.len()..].trim_start_matches([' ', '\t']).chars().next();
    let before = text[..start].chars().next_back();
    let sets = matches!(after, Some('=' | ':' | '(' | '[' | '.' | ',' | ')' | ']' | '}' | '?' | '!'));
    let key = matches!(before, Some('"' | '\'' | '`' | '.' | '{' | '(' | '['));
    !sets && !key && name.chars().all(|c| c.is_lowercase())
}

/// Whether a text names a model anywhere.
fn is_marked(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    // Records of a validation library are called models too.
    let record = |word: &str| RECORDS.iter().any(|name| word.contains(name));
    let named = |name: &str| words_of(name).iter().any(|word| MARKS.contains(&word.as_str())) && !record(name);
    let mut at = 0;
    while let Some(mark) = MARKED.find_at(text, at) {
        let start = text[..mark.start()].trim_end_matches(is_part).len();
        let end = text.len() - text[mark.end()..].trim_start_matches(is_part).len();
        let name = &text[start..end];
        if named(name) && !is_prose(text, start, name) {
            return true;
        }
        at = end;
    }
    false
}

/// The folder of a path, with the slash at its end.
fn folder(path: &str) -> &str {
    &path[..path.rfind('/').map_or(0, |slash| slash + 1)]
}

/// Whether a model may be named in the file of a call, or in files beside or above it that the file names.
fn names_a_model(call: &CallSite, cx: &Context<'_>) -> bool {
    let own = cx.program.file(call.span);
    let here = folder(&own.path);
    let beside = |file: &SourceFile| here.starts_with(folder(&file.path)) || folder(&file.path).starts_with(here);
    cx.named_files(call, beside).any(|file| is_marked(&file.text))
}

impl Rule for UnpinnedModel {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// One finding for each way in which the model is left open: ten calls by one default need one line.
    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        together(cx.all().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect())
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let words = LeverWords::embedded();
        let id = call.model.id.as_deref();
        let silent = call.model.candidates.first();
        let chosen_elsewhere = call.params.open || call.weak || words.own_models.contains(&call.sdk);
        let place = call.model.place.unwrap_or(call.callee_span);
        let (message, because, confidence) = match (call.model.origin, id) {
            (ModelOrigin::Unpinned, _) if !chosen_elsewhere && !names_a_model(call, cx) => {
                let what = match () {
                    () if words.defaults.contains(&call.sdk) => format!("what {} falls back to decides", call.sdk),
                    () if words.refusals.contains(&call.sdk) => {
                        format!("{} refuses a request without one, unless it is set where nobody reads it", call.sdk)
                    }
                    // Whoever sets the tool up chooses.
                    () => return None,
                };
                // Which release is installed is not known here, and each falls back to what its makers think best.
                let today = silent.map(|name| format!("; the current release of {} runs {name}", call.sdk));
                let today = today.unwrap_or_default();
                (
                    format!("no model is named: {what}"),
                    seen(
                        format!("neither here nor in the files that it names is a model given{today}"),
                        call.callee_span,
                    ),
                    if silent.is_some() { 0.7 } else { 0.6 },
                )
            }
            // What runs where a caller sets nothing is for callers to know: a default is no choice.
            (ModelOrigin::Literal | ModelOrigin::Constant, Some(name)) => {
                // A name that is retired moves no more.
                let retired = cx.model(call).is_some_and(|model| model.ended_by(cx.prices.checked()));
                let lower = name.to_lowercase();
                if words.automatic.contains(&lower) {
                    (format!("`{name}` lets a gateway choose the model"), seen("the name of no model", place), 0.75)
                } else if !retired && words.floating.iter().any(|end| lower.ends_with(end.as_str())) {
                    (format!("`{name}` means another model tomorrow"), seen("a name that moves", place), 0.75)
                } else {
                    return None;
                }
            }
            _ => return None,
        };
        Some(Advice {
            message,
            because: vec![because],
            help: "name the model and its version where the call or its client is made".to_owned(),
            effect: Effect::None,
            confidence,
        })
    }
}
