//! SW3, dispatcher first: a cheap look at a task before the dear model gets it.

mod idle;
mod inverted;
mod missing;

use super::Rule;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] = &[&missing::NoDispatcher, &idle::IdleDispatcher, &inverted::InvertedCascade];
