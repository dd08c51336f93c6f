//! Layers between a prompt and the SDK that only pass it on.

use super::World;
use super::callers::{Caller, Step};
use super::locate::Hit;
use super::value::FnRef;
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
