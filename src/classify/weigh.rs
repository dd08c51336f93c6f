//! From evidence to a verdict.

use super::inputs::{Inputs, Kind};
use super::signals::{Operation, Seen};
use super::text::Task;
use crate::catalog::category::Categories;
use crate::finding::{Class, Verdict};
use crate::program::{CallKind, CallSite};

/// Weighs what was seen.
pub(super) fn weigh(call: &CallSite, task: &Task, inputs: &Inputs, seen: Seen, tables: &'static Categories) -> Verdict {
    let score = tables.weight("bias") + seen.evidence.iter().map(|evidence| evidence.weight).sum::<f64>();
    let calibration = &tables.weights.calibration;
    let mechanical = 1.0 / (1.0 + (-(calibration.slope * score + calibration.offset)).exp());
    let decision = decide(call, task, inputs, &seen, tables, mechanical);
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
