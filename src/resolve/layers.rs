//! Layers between a prompt and the SDK that only pass it on, and talks that are handed in beside a question.

use super::World;
use super::callers::{Caller, Step};
use super::choices::{Said, certain_words};
use super::locate::Hit;
use super::prompts::Draft;
use super::value::{FnRef, HoleValue, TextPiece};
use super::wrappers::TASK;
use crate::catalog::wrappers::WrapperWords;

/// Callers of a layer that are looked at for one that brings text.
const ABOVE: usize = 8;

impl World<'_> {
    /// Whether a parameter is called a prompt.
    pub(super) fn is_prompt_param(&self, function: FnRef, index: u32) -> bool {
        let param = self.function(function).params.get(index as usize);
        param.is_some_and(|param| WrapperWords::embedded().is_prompt_name(&param.name))
    }

    /// Whether any caller's caller brings text: a layer that only passes on is looked through once.
    pub(super) fn passes_text(&self, hit: &Hit, steps: &[Step], callers: &[Caller]) -> bool {
        let Some((own, _)) = self.drafted(hit, steps) else {
            return false;
        };
        callers.iter().take(4).any(|caller| {
            let around = self.enclosing(caller.step.at);
            around.first().is_some_and(|&function| {
                self.callers(function).iter().take(ABOVE).any(|outer| {
                    let mut longer = vec![outer.step.clone(), caller.step.clone()];
                    longer.extend(steps.iter().cloned());
                    self.drafted(hit, &longer).is_some_and(|(draft, _)| draft.words_beyond(&own) >= TASK)
                        || (!hit.weak && !self.handed_text(outer, function).is_empty())
                })
            })
        })
    }
}

impl Draft {
    /// Whether it asks something of its own behind a talk that is handed in: what is handed in is then what was said
    /// before.
    pub(super) fn asks_behind_talk(&self) -> bool {
        let is_talk = |hole: &HoleValue| {
            let last = hole.name.rsplit(['.', '_']).next().unwrap_or_default();
            matches!(last, "messages" | "history" | "conversation")
        };
        let (mut talk, mut asks, mut mixed) = (false, false, false);
        Said::messages(&self.messages, &mut |role, pieces| {
            let param = |piece: &TextPiece| matches!(piece, TextPiece::Hole(hole) if hole.param.is_some());
            match pieces {
                [TextPiece::Hole(hole)] if hole.param.is_some() => match is_talk(hole) {
                    true => talk = true,
                    false => mixed = true,
                },
                _ => {
                    mixed |= pieces.iter().any(param);
                    asks |= role == "user" && certain_words(pieces) >= 3 * TASK;
                }
            }
        });
        talk && asks && !mixed
    }
}
