//! From evidence to a verdict.

use super::inputs::{Input, Inputs, Kind};
use super::signals::{Operation, Seen};
use super::text::Task;
use super::words::{self, Said};
use crate::catalog::category::{Categories, Category};
use crate::catalog::replacement::WORDS;
use crate::finding::{Class, Evidence, EvidenceKind, Verdict};
use crate::program::{CallKind, CallRole, CallSite, Program};

/// Weighs what was seen.
pub(super) fn weigh(
    call: &CallSite,
    program: &Program,
    task: &Task,
    inputs: &Inputs,
    mut seen: Seen,
    tables: &'static Categories,
) -> Verdict {
    let score = tables.weight("bias") + seen.evidence.iter().map(|evidence| evidence.weight).sum::<f64>();
    let calibration = &tables.weights.calibration;
    let mechanical = 1.0 / (1.0 + (-(calibration.slope * score + calibration.offset)).exp());
    let mut decision = decide(call, task, inputs, &seen, tables, mechanical);
    match decision.class {
        Class::Mechanical => {
            if let Some(reason) = doubted(&decision, task, inputs, tables) {
                decision = Decision { class: Class::Unknown, category: None, confidence: 0.0, reason };
            }
        }
        Class::Judgment | Class::Unknown if may_be_told_by_words(call, task, inputs, &seen, tables) => {
            let least = tables.weight("words-most");
            let said = words::weigh(task, inputs, least);
            if said.chance >= least {
                let category = tables.mechanical.iter().find(|one| one.id == said.kind);
                if let Some(category) = category {
                    show_words(call, program, task, inputs, &mut seen, &said, category);
                    decision = Decision {
                        class: Class::Mechanical,
                        category: Some(&category.id),
                        confidence: said.chance,
                        reason: format!("{}: its words as a whole, none of which asks for judgment", category.title),
                    };
                }
            }
        }
        _ => {}
    }
    let mut evidence = seen.evidence;
    evidence.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.span.cmp(&b.span)));
    Verdict {
        class: decision.class,
        category: decision.category,
        confidence: (decision.confidence * 100.0).round() / 100.0,
        evidence,
        reason: decision.reason,
    }
}

/// Why an operation that a phrase names is not believed: everything else in the prompt reads otherwise.
fn doubted(decision: &Decision, task: &Task, inputs: &Inputs, tables: &Categories) -> Option<String> {
    let doubtful = words::weigh(task, inputs, f64::INFINITY).chance < tables.weight("words-least");
    doubtful.then(|| format!("{}, but the rest of its prompt reads as judgment", decision.reason))
}

/// Whether the words of a prompt may decide where no phrase does: all of it is read, a value has a form, it is a task for a model without tools and no
/// session, its values are no talk, no picture and no instructions, and nothing in it clearly asks for judgment.
fn may_be_told_by_words(call: &CallSite, task: &Task, inputs: &Inputs, seen: &Seen, tables: &Categories) -> bool {
    let unread = [Kind::Instruction, Kind::Talk, Kind::Media].into_iter().any(|kind| inputs.count(kind) > 0);
    // A form that only the noun before a value tells is too little to go by: "in the order of their weight: {mails}".
    let told = |input: &Input| !input.from_noun && !matches!(input.kind, Kind::Unknown | Kind::Weak);
    call.kind.is_generative()
        && (inputs.all.is_empty() || inputs.all.iter().any(told))
        && call.kind != CallKind::Agent
        && call.role != CallRole::Session
        && call.prompt.complete
        && !unread
        && !seen.with_tools
        && task.words >= tables.weight("words-fewest") as usize
        && !task.is_statement(tables)
        && inputs.heading(task, tables).is_none()
        && seen.veto.is_none()
        && seen.blended.is_none()
        && seen.judgment >= tables.weight("words-judgment-most")
}

/// Puts what the words say among the evidence, with the forms of input and answer as far as they are known.
fn show_words(
    call: &CallSite,
    program: &Program,
    task: &Task,
    inputs: &Inputs,
    seen: &mut Seen,
    said: &Said,
    category: &Category,
) {
    let mut add = |kind, signal: String, weight, text, span| {
        seen.evidence.push(Evidence { kind, signal, weight, text, span });
    };
    let span = said.telling.first().and_then(|&(from, to)| task.span(from, to, program)).unwrap_or(call.span);
    let shown: Vec<String> = said.telling.iter().map(|&(from, to)| format!("\"{}\"", task.snippet(from, to))).collect();
    let text = format!("its words read so: {}", shown.join(", "));
    add(EvidenceKind::Operation, format!("{}{WORDS}", category.id), said.score, text, span);
    if !seen.has_input {
        let known = inputs.first(Kind::Scalar).or_else(|| inputs.first(Kind::Formal)).or_else(|| inputs.all.first());
        let (text, span) = match known {
            Some(input) => (input.text.clone(), input.span),
            None => ("nothing of undefined form goes in".to_owned(), call.span),
        };
        add(EvidenceKind::InputShape, "input/words".to_owned(), 0.0, text, span);
    }
    if !seen.has_output {
        let text = "the answer is what that work gives".to_owned();
        add(EvidenceKind::OutputShape, "output/words".to_owned(), 0.0, text, call.span);
    }
}

struct Decision {
    class: Class,
    category: Option<&'static str>,
    confidence: f64,
    reason: String,
}

fn decide(
    call: &CallSite,
    task: &Task,
    inputs: &Inputs,
    seen: &Seen,
    tables: &'static Categories,
    mechanical: f64,
) -> Decision {
    let weight = |name: &str| tables.weight(name);
    let open =
        |reason: &str| Decision { class: Class::Unknown, category: None, confidence: 0.0, reason: reason.to_owned() };
    if !call.kind.is_generative() {
        return open("not a question to a language model");
    }
    if task.words < weight("fewest-words") as usize && seen.operation.is_none() && seen.against.is_none() {
        return open("its prompt is not known");
    }
    if task.is_statement(tables) {
        return open("its text is a statement for a database, not a task");
    }
    if task.foreign_share() > weight("foreign-share") {
        return open("its prompt is in a language that the tables do not cover");
    }
    if let Some(veto) = &seen.veto {
        return judgment(veto.clone(), mechanical);
    }
    // Who an agent is stands apart from what it is run on.
    let headed = inputs.heading(task, tables).filter(|_| call.kind != CallKind::Agent);
    let whole = call.prompt.complete && headed.is_none();
    let unread = !whole || (inputs.count(Kind::Instruction) > 0 && seen.operation.is_none());
    match seen.operation {
        Some(operation) if seen.has_input && seen.has_output => {
            let clear = mechanical >= tables.weights.calibration.threshold;
            if let Some(blended) = &seen.blended {
                return judgment(blended.clone(), mechanical.min(1.0 - mechanical));
            }
            if clear && !call.prompt.complete {
                return open("a part of its prompt is not known");
            }
            if let Some(name) = headed.filter(|_| clear) {
                return open(&format!("its task may stand in `{name}`, which is not read here"));
            }
            if clear && seen.part.is_none() {
                return Decision {
                    class: Class::Mechanical,
                    category: Some(&operation.category.id),
                    confidence: mechanical,
                    reason: format!("{}: {}", operation.category.title, operation.signal.say),
                };
            }
            if let Some(part) = &seen.part {
                let without = mechanical_without_judgment(seen, tables);
                let little = seen.judgment >= weight("part-judgment-most");
                if whole && little && without >= tables.weights.calibration.threshold {
                    return mixed(operation, part, weight("mixed-confidence"));
                }
            }
            if let (Some(apart), Some(part)) = (seen.apart, &seen.against) {
                let without = mechanical_without_judgment(seen, tables);
                let short = task.words <= weight("mixed-most-words") as usize;
                let other = inputs.count(Kind::Talk) + inputs.count(Kind::Media) + inputs.count(Kind::Instruction);
                let stands = without >= tables.weights.calibration.threshold;
                if whole && short && stands && other == 0 && !clear {
                    return mixed(apart, &format!("the rest {part}"), weight("mixed-confidence"));
                }
            }
            against(seen, mechanical, unread)
        }
        _ => {
            if let Some(operation) = seen.unfit.filter(|unfit| unfit.signal.mixed_if_free)
                && seen.operation.is_none()
                && seen.unfit_step
                && !inputs.all.iter().any(|input| input.document)
                && inputs.count(Kind::Talk) + inputs.count(Kind::Media) + inputs.count(Kind::Instruction) == 0
                && seen.judgment >= weight("mixed-judgment-most")
                && task.words <= weight("mixed-most-words") as usize
                && whole
            {
                return mixed(
                    operation,
                    "its input is language, of which a rule reads the common forms only",
                    weight("mixed-confidence"),
                );
            }
            against(seen, mechanical, unread)
        }
    }
}

/// The probability if the signs of judgment were not there: whether a mechanical part stands by itself.
fn mechanical_without_judgment(seen: &Seen, tables: &Categories) -> f64 {
    let own: f64 = seen
        .evidence
        .iter()
        .filter(|one| !one.signal.starts_with("judgment/") && one.signal != "call/fallback")
        .map(|one| one.weight)
        .sum();
    let calibration = &tables.weights.calibration;
    1.0 / (1.0 + (-(calibration.slope * (tables.weight("bias") + own) + calibration.offset)).exp())
}

fn mixed(operation: Operation, part: &str, confidence: f64) -> Decision {
    let part = if part == operation.signal.say { "a rule covers the common cases only" } else { part };
    Decision {
        class: Class::Mixed,
        category: Some(&operation.category.id),
        confidence,
        reason: format!("a part could be a script ({}), but {part}", operation.signal.say),
    }
}

fn judgment(reason: String, mechanical: f64) -> Decision {
    Decision { class: Class::Judgment, category: None, confidence: 1.0 - mechanical, reason }
}

/// The verdict where the call is not mechanical: judgment if something speaks for it, or if all of a prompt was read
/// and nothing in it is an operation that a rule decides.
fn against(seen: &Seen, mechanical: f64, unread: bool) -> Decision {
    if let Some(against) = &seen.against {
        return judgment(against.clone(), mechanical);
    }
    let open = |reason: String| Decision { class: Class::Unknown, category: None, confidence: 0.0, reason };
    match (seen.operation.or(seen.unfit), unread) {
        (_, true) => open("a part of its prompt is not known".to_owned()),
        (Some(operation), _) => {
            open(format!("{}, but the forms of input and answer are not clear enough", operation.signal.say))
        }
        (None, false) => judgment("nothing in its prompt is an operation that a rule decides".to_owned(), mechanical),
    }
}
