//! SW401: one dear prompt with several phases.

use crate::catalog::levers::LeverWords;
use crate::catalog::model::{Model, Tier};
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallKind, CallSite, ModelOrigin, Piece};
use crate::rules::common::*;
use crate::source::Span;

declare_rule! {
    /// One dear prompt with several phases that could run on different price classes.
    BundledPhases, "SW401", "bundled-phases", Decomposition, Note,
    "one prompt to a dear model lists phases that could run on different models"
}

/// Distinct classes of work from which on a prompt is a pipeline.
const PHASES: usize = 3;

/// Steps from which on they are phases, and no layout of an answer.
const STEPS: usize = 4;

/// The classes of work that the numbered steps of a text begin with, and how many steps there are.
fn phases(text: &str, classes: &[Vec<String>]) -> (Vec<usize>, usize) {
    let mut found = Vec::new();
    let mut steps = 0;
    // What stands under such a heading is to be heeded in all of the work, and no order of it.
    let mut heeded = false;
    for line in text.lines() {
        let lower = line.to_lowercase();
        let numbered = lower.trim_start().starts_with(|c: char| c.is_ascii_digit());
        if !numbered && (lower.trim_end().ends_with(':') || lower.trim_start().starts_with('#')) {
            heeded = words_of(&lower).iter().any(|word| LeverWords::embedded().guidance.contains(word));
        }
        if heeded {
            continue;
        }
        let line = line.trim().trim_start_matches(['#', '*', '-', ' ']);
        let lower = line.to_lowercase();
        let rest = lower.strip_prefix("step").or_else(|| lower.strip_prefix("phase")).unwrap_or(&lower).trim_start();
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        if digits == 0 || digits > 2 {
            continue;
        }
        let rest = rest[digits..].trim_start_matches(['.', ')', ':', '-', '*', ' ']);
        let Some(verb) = rest.split(|c: char| !c.is_alphabetic()).next().filter(|verb| !verb.is_empty()) else {
            continue;
        };
        let class = classes.iter().position(|class| class.iter().any(|word| word == verb));
        if let Some(class) = class {
            steps += 1;
            if !found.contains(&class) {
                found.push(class);
            }
        }
    }
    (found, steps)
}

/// Whether the work begins with gathering or choosing, which a smaller model may do before the rest.
fn starts_light(classes: &[usize]) -> bool {
    classes.first().is_some_and(|class| *class < 2)
}

impl Rule for BundledPhases {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let sold = |model: &&Model| model.tier() == Tier::Premium && !model.ended_by(cx.prices.checked());
        // Where callers or a setting choose for all stages at once, no step of one can run on another model: SW203 comes first.
        let own = matches!(call.model.origin, ModelOrigin::Literal | ModelOrigin::Constant | ModelOrigin::Default);
        let model = cx.pinned(call).filter(|_| own).filter(sold)?;
        cx.prices.cheaper(model, Tier::Mid)?;
        if call.kind != CallKind::Chat || call.params.tools.is_some() || static_tokens(call) < 300.0 {
            return None;
        }
        let pieces = call.prompt.messages.iter().flat_map(|message| &message.pieces);
        let found: Option<(Vec<usize>, usize, Span)> = pieces
            .filter_map(|piece| match piece {
                Piece::Text(text, span) => {
                    let (classes, steps) = phases(text, &LeverWords::embedded().phases);
                    (classes.len() >= PHASES && steps >= STEPS && starts_light(&classes))
                        .then_some((classes, steps, *span))
                }
                Piece::Hole(_) => None,
            })
            .max_by_key(|(classes, ..)| classes.len());
        let (classes, steps, place) = found?;
        Some(Advice {
            message: format!(
                "one prompt to {} lists {steps} steps of {} kinds of work: some could run on a smaller model",
                model.id,
                classes.len()
            ),
            because: vec![seen(format!("{steps} numbered steps"), place)],
            help: "split where the kind of work changes: gather and sort on a smaller model, write on this one"
                .to_owned(),
            effect: Effect::Dispatch(Tier::Small, 0.2, 0.5),
            confidence: 0.55,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_count_by_the_kind_of_work_they_begin_with() {
        let text = "1. Extract the facts.\n2) Rank them\nStep 3: Write a summary\n4. Draft a title\n5. The end";
        let (classes, steps) = phases(text, &LeverWords::embedded().phases);
        assert_eq!((classes.len(), steps), (3, 4));
    }
}
