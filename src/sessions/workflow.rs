//! Steps of workflows: commands of a shell, and ready-made steps that run a model.

use super::command::{Script, with_expressions};
use super::pieces::{Layout, Said};
use super::{Found, found_run};
use crate::catalog::session::{Action, SessionTables};
use crate::data::{Data, DataKind};
use crate::program::{AnswerUse, Piece};
use crate::source::{FileId, Span};

/// The sessions of a workflow, in order of the file.
pub(super) fn steps(file: FileId, source: &str, data: &Data) -> Vec<Found> {
    let mut found = Vec::new();
    walk(file, source, data, &mut found);
    found
}

fn walk(file: FileId, source: &str, data: &Data, into: &mut Vec<Found>) {
    match &data.kind {
        DataKind::Record(entries) => {
            if let Some(uses) = data.get("uses")
                && let Some(action) = uses.as_text().and_then(|uses| SessionTables::embedded().action(uses))
            {
                into.extend(ready_made(file, source, action, uses, data));
                return;
            }
            for (key, value) in entries.iter() {
                if SessionTables::embedded().is_script(key) {
                    scripts(file, source, value, into);
                } else {
                    walk(file, source, value, into);
                }
            }
        }
        DataKind::List(items) => items.iter().for_each(|item| walk(file, source, item, into)),
        _ => {}
    }
}

/// A script, or several in a list.
fn scripts(file: FileId, source: &str, data: &Data, into: &mut Vec<Found>) {
    match &data.kind {
        DataKind::Text(text) => {
            let layout = Layout::found(file, source, (data.start as usize, data.end as usize), text);
            into.extend(Script::new(text, &layout).runs().into_iter().map(|run| found_run(run, &layout)));
        }
        DataKind::List(items) => items.iter().for_each(|item| scripts(file, source, item, into)),
        DataKind::Record(_) => walk(file, source, data, into),
        _ => {}
    }
}

/// A ready-made step. What it is told in a file is not read here.
fn ready_made(file: FileId, source: &str, action: &Action, uses: &Data, step: &Data) -> Option<Found> {
    let with = step.get("with")?;
    let text =
        |names: &[String]| names.iter().find_map(|name| with.get(name).filter(|value| value.as_text().is_some()));
    let pieces = |value: &Data| -> Vec<Piece> {
        let text = value.as_text().unwrap_or_default();
        with_expressions(text, &Layout::found(file, source, (value.start as usize, value.end as usize), text))
    };
    let mut said = Said { partial: text(&action.elsewhere).is_some(), ..Said::default() };
    said.add("system", text(&action.system).map(pieces).unwrap_or_default());
    said.add("user", text(&action.prompt).map(pieces).unwrap_or_default());
    if said.messages.is_empty() && !said.partial {
        return None;
    }
    let model = text(&action.model);
    let named = model.and_then(|value| Some((value.as_text()?, value)));
    let place = |value: &Data| Span { file, start: value.start, end: value.end };
    let model = named.filter(|(name, _)| !name.contains("${{")).map(|(name, value)| (name.to_owned(), place(value)));
    let model = model.or_else(|| {
        let value = text(&action.arguments)?;
        let mut words = value.as_text()?.split_whitespace();
        words.find(|word| matches!(*word, "--model" | "-m"))?;
        Some((words.next()?.trim_matches(['"', '\'']).to_owned(), place(value)))
    });
    let callee = uses.as_text()?.split('@').next()?.to_owned();
    Some(Found {
        callee,
        callee_span: place(uses),
        span: Span { file, start: uses.start.min(step.start), end: step.end.max(uses.end) },
        said,
        model,
        kind: action.kind,
        usage: (AnswerUse::Unknown, None),
    })
}
