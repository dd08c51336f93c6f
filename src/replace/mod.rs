//! Code in the place of a mechanical call: an operation of `queries/replacements/`, with the call's own names.
//!
//! Knows how a template is chosen and filled; the code itself, and what it assumes and decides, is data. An operation
//! fits where the prompt says so and every value that goes into the prompt has its place in the code, and none is
//! left over: code that does other work than the call is worse than none. Where none fits, a sketch of the kind of work
//! stands in its place, and says that it is one.

mod fill;

use crate::catalog::replacement::{Gives, Library, Operation, Replacements, WORDS};
use crate::classify::Reading;
use crate::finding::{Evidence, EvidenceKind, Replacement, Verdict};
use crate::program::{AnswerUse, CallSite, Program};
use crate::source::Language;
use crate::syntax::snippet::without_types;
pub use fill::render;

/// Further operations that a prompt may name beside the one that the code does.
const MOST_OTHERS: usize = 1;

/// Code to put in a mechanical call's place; `None` where nothing tells what the work is.
pub fn replacement(call: &CallSite, verdict: &Verdict, program: &Program) -> Option<Replacement> {
    let asked = verdict.evidence.iter().filter(|one| one.kind == EvidenceKind::Operation);
    let asked: Vec<&Evidence> = asked.collect();
    let first = *asked.first()?;
    let main = &first.signal;
    let other = |operation: &Operation| {
        // The same words read otherwise are no further step.
        let apart = |one: &Evidence| one.span.end <= first.span.start || first.span.end <= one.span.start;
        let further = |one: &Evidence| !one.signal.ends_with(WORDS) && !operation.signals.contains(&one.signal);
        let all = asked.iter().filter(|one| apart(one) && further(one));
        all.map(|one| one.text.as_str()).collect::<Vec<_>>()
    };
    let reading = Reading::new(call);
    let values = reading.values();
    let said = |one: &&Operation| {
        (one.when.is_empty() || one.when.iter().any(|phrase| reading.says(phrase)))
            && !one.unless.iter().any(|phrase| reading.says(phrase))
    };
    let serving = |signal: String| {
        let all: &'static [Operation] = &Replacements::embedded().operations;
        all.iter().filter(move |one| one.signals.contains(&signal)).filter(said)
    };
    // Of several steps the code would do a small part.
    let mut whole = serving(main.clone()).filter(|one| other(one).len() <= MOST_OTHERS);
    let fill = |one, loose| Some((one, fill::assign(one, &values, loose)?));
    let category = main.split_once('/').map_or("", |(category, _)| category);
    let sketches = || serving(main.clone()).chain(serving(format!("{category}{WORDS}"))).filter(|one| one.sketch);
    let (operation, filled) =
        whole.find_map(|one| fill(one, false)).or_else(|| sketches().find_map(|one| fill(one, true)))?;
    let (code, library) = variant(operation, call.language, program)?;
    let filled = filled.resolve(operation, call, &values, code);
    let code = render(code, &filled.places, &filled.answer, call.language);
    let code = if call.language == Language::JavaScript { without_types(&code) } else { code };
    let mut notes = Vec::new();
    if operation.sketch || main.ends_with(WORDS) {
        notes.push("a sketch of this kind of work, not of this call: fit it to what the prompt asks".to_owned());
    }
    notes.extend(other(operation).iter().map(|text| format!("the prompt also {text}: add that step")));
    notes.extend(filled.notes);
    notes.extend(operation.assumes.iter().map(|text| format!("assumes {text}")));
    notes.extend(operation.edges.iter().map(|text| format!("decides: {text}")));
    notes.extend(library.iter().flat_map(|library| library.notes.iter().cloned()));
    notes.extend(parsed_twice(operation.gives, call));
    notes.extend(operation.better.iter().map(|text| format!("better still: {text}")));
    let libraries = library.map(|library| library.package.clone()).into_iter().collect();
    Some(Replacement { language: call.language.name().to_owned(), code, libraries, notes })
}

/// The code for a language: the standard library's first, then what the program imports already, then the preferred.
fn variant<'a>(
    operation: &'a Operation,
    language: Language,
    program: &Program,
) -> Option<(&'a str, Option<&'a Library>)> {
    let python = language.is_python();
    if let Some(code) = if python { &operation.python } else { &operation.typescript } {
        return Some((code, None));
    }
    let imports = if python { &program.imports.python } else { &program.imports.script };
    let mut own = operation.libraries.iter().filter(|library| library.python == python);
    let imported = own.clone().find(|library| imports.contains(&library.module));
    imported.or_else(|| own.next()).map(|library| (library.code.as_str(), Some(library)))
}

/// The code gives a value where the program expects text to parse.
fn parsed_twice(gives: Gives, call: &CallSite) -> Option<String> {
    let parses = matches!(call.answer.usage, AnswerUse::Json | AnswerUse::Number | AnswerUse::List | AnswerUse::Bool);
    (parses && gives != Gives::Text).then(|| {
        let name = gives.name();
        format!("gives {name}, so that the parsing or comparing of the answer goes with the call")
    })
}
