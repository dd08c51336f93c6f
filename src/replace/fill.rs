//! Filling a template: which value of the call goes to which place, and under which name.

use std::collections::BTreeMap;

use crate::catalog::replacement::{Operation, Place};
use crate::classify::Given;
use crate::program::{CallSite, Shape};
use crate::source::Language;
use crate::syntax::snippet::is_expression;

/// Whether a value may go to a place.
type Fits<'a> = dyn Fn(&Place, &Given) -> bool + 'a;

/// Values by place, as numbers of the call's values.
#[derive(Debug)]
pub(super) struct Assigned(Vec<Vec<usize>>);

/// What stands in the places.
#[derive(Debug)]
pub(super) struct Filled {
    /// Expressions by place.
    pub places: BTreeMap<String, String>,
    /// The variable for the answer.
    pub answer: String,
    /// What a reader has to know of the names.
    pub notes: Vec<String>,
}

/// Which value goes where: by name, then by form, then in order. `None` if a place stays empty that must not, or a
/// value is left over; neither says anything against a sketch that is to show the kind of work alone (`loose`).
pub(super) fn assign(operation: &Operation, values: &[Given], loose: bool) -> Option<Assigned> {
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); operation.places.len()];
    let mut free: Vec<usize> = (0..values.len()).collect();
    let named = |place: &Place, value: &Given| value.words.iter().any(|word| place.names.contains(word));
    let formed = |place: &Place, value: &Given| place.shapes.contains(&value.shape);
    let open = |_: &Place, value: &Given| {
        matches!(value.shape, Shape::Unknown | Shape::FreeText | Shape::Identifier | Shape::Enum)
    };
    let any = |_: &Place, _: &Given| true;
    let passes: [&Fits<'_>; 4] = [&named, &formed, &open, &any];
    for (number, fits) in passes.into_iter().enumerate() {
        for (at, place) in operation.places.iter().enumerate() {
            // What the prompt may state is filled only by what is surely meant.
            if place.default.is_some() || !places[at].is_empty() || (place.literal && number > 1) {
                continue;
            }
            if place.many {
                continue;
            }
            if let Some(found) = free.iter().position(|&value| fits(place, &values[value])) {
                places[at].push(free.remove(found));
            }
        }
    }
    for (at, place) in operation.places.iter().enumerate() {
        if place.many || (place.literal && places[at].is_empty() && !free.is_empty()) {
            // What is certainly of another form is none of them: the name of a column is no number.
            let other = |&value: &usize| {
                let shape = values[value].shape;
                !place.shapes.contains(&shape) && !matches!(shape, Shape::Unknown | Shape::FreeText)
            };
            if place.many && !place.shapes.is_empty() && free.iter().any(other) {
                if !loose {
                    return None;
                }
                continue;
            }
            let take = if place.many { free.len() } else { 1 };
            places[at].extend(free.drain(..take));
        }
    }
    let empty = |(at, place): (usize, &Place)| places[at].is_empty() && place.default.is_none() && !place.literal;
    let lacks = operation.places.iter().enumerate().any(empty);
    let fits = loose || !lacks && (free.is_empty() || operation.spare);
    fits.then_some(Assigned(places))
}

impl Assigned {
    /// Names for the places and the answer, as they read at the call.
    pub(super) fn resolve(&self, operation: &Operation, call: &CallSite, values: &[Given], code: &str) -> Filled {
        let python = call.language.is_python();
        let mut notes = Vec::new();
        let mut places = BTreeMap::new();
        for (at, place) in operation.places.iter().enumerate() {
            if let Some((in_python, in_script)) = &place.default {
                places.insert(place.name.clone(), (if python { in_python } else { in_script }).clone());
                continue;
            }
            let mut texts: Vec<String> = Vec::new();
            for &value in &self.0[at] {
                let (text, note) = expression(&values[value], place, call, code);
                notes.extend(note);
                texts.push(if place.parsed { parsed(&text, values[value].shape, python) } else { text });
            }
            let text = match texts.len() {
                0 => {
                    let name = &place.name;
                    notes.push(format!("`{name}` is a name for what the prompt states: set it"));
                    name.clone()
                }
                1 if !place.many || values[self.0[at][0]].shape == Shape::List => texts.remove(0),
                _ => format!("[{}]", texts.join(", ")),
            };
            places.insert(place.name.clone(), text);
        }
        let answer = answer(call, &places, code);
        Filled { places, answer, notes }
    }
}

/// A value as it can be written at the call, and what has to be said of that.
fn expression(value: &Given, place: &Place, call: &CallSite, code: &str) -> (String, Option<String>) {
    let name = value.hole.name.trim();
    let (span, own) = (value.hole.span, call.function);
    let at_hand = span.file == own.file && own.start <= span.start && span.end <= own.end;
    // `json` is imported for what has to be parsed; the call's own use of that module is no other meaning.
    let module = ["json.dumps(", "json.loads("].iter().any(|head| name.starts_with(head));
    let means = |root| root == "json" && call.language.is_python() || binds(code, root);
    let clashes = !module && root(name).is_some_and(means);
    if clashes || !is_expression(call.language, name) {
        let shown = name.trim_end_matches('…');
        return (place.name.clone(), Some(format!("`{}` stands for `{shown}`", place.name)));
    }
    if at_hand {
        return (name.to_owned(), None);
    }
    let note = format!("`{name}` is put in where the prompt is written, not at the call: hand the value over");
    (name.to_owned(), Some(note))
}

/// The value that JSON text holds: printing and reading back cancel each other out.
fn parsed(text: &str, shape: Shape, python: bool) -> String {
    let inner = ["json.dumps(", "JSON.stringify("].iter().find_map(|head| text.strip_prefix(head)?.strip_suffix(')'));
    match inner.map(first_argument) {
        Some(inner) => inner.to_owned(),
        None if shape == Shape::List => text.to_owned(),
        None if python => format!("json.loads({text})"),
        None => format!("JSON.parse({text})"),
    }
}

fn first_argument(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => return text[..at].trim(),
            _ => {}
        }
    }
    text.trim()
}

/// The name that an expression starts with.
fn root(expression: &str) -> Option<&str> {
    let end = expression.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(expression.len());
    Some(&expression[..end]).filter(|root| !root.is_empty())
}

/// Whether the template gives a name a meaning of its own outside its functions: imports, functions, constants.
fn binds(code: &str, name: &str) -> bool {
    let outer = code.lines().filter(|line| !line.starts_with([' ', '\t', '}', '{', ')']));
    let words =
        |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect::<Vec<String>>();
    outer
        .map(|line| match (line.strip_prefix("import "), line.split_once(['=', '('])) {
            // `import operator as operators` binds the second name alone, `import x from "m"` the first.
            (Some(imported), _) => match (imported.split_once(" as "), imported.split_once(" from ")) {
                (_, Some((names, _))) => words(names),
                (Some((_, alias)), None) => words(alias),
                (None, None) => words(imported.split('.').next().unwrap_or(imported)),
            },
            (None, _) if line.starts_with("from ") => words(line.split_once(" import ").map_or("", |(_, names)| names)),
            (None, Some((head, _))) => words(head),
            (None, None) => words(line),
        })
        .any(|words| words.iter().any(|word| word == name))
}

/// The variable that holds the answer: the one that the call itself is assigned to, where the code leaves it free.
fn answer(call: &CallSite, places: &BTreeMap<String, String>, code: &str) -> String {
    let words = |text: &str, name: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == name);
    let usable = |name: &&String| {
        let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_')
            && name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
        plain && name.as_str() != "_" && !words(code, name) && !places.values().any(|text| words(text, name))
    };
    call.surroundings.answer_names.iter().find(usable).cloned().unwrap_or_else(|| "answer".to_owned())
}

/// Code with its places filled. Only the names given are places; other braces are the code's own.
pub fn render(code: &str, places: &BTreeMap<String, String>, answer: &str, language: Language) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..].split('}').next().unwrap_or_default();
        let text = if name == "answer" { Some(answer) } else { places.get(name).map(String::as_str) };
        let Some(text) = text.filter(|_| rest[1..].len() > name.len()) else {
            out.push('{');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[name.len() + 2..];
        let before = out.chars().next_back().unwrap_or('\n');
        let applied = rest.starts_with(['.', '[']) || matches!(before, '.' | '!' | '-');
        if applied && !is_simple(text) {
            out.push_str(&format!("({text})"));
        } else {
            out.push_str(text);
        }
    }
    out.push_str(rest);
    let lacks_json = language.is_python() && out.contains("json.") && !out.contains("import json");
    if lacks_json { format!("import json\n{}{out}", gap(&out)) } else { out }
}

/// Imports stand together; code stands apart from them.
fn gap(code: &str) -> &'static str {
    if code.starts_with("import ") || code.starts_with("from ") {
        ""
    } else if code.starts_with("def ") || code.starts_with("class ") {
        "\n\n"
    } else {
        "\n"
    }
}

/// Whether a member can be taken of an expression as it is written.
fn is_simple(text: &str) -> bool {
    let mut depth = 0;
    text.chars().all(|c| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => return depth > 0 || c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '\''),
        }
        true
    })
}
