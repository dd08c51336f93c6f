//! SW6, context trimming: what is sent and changes nothing.

mod document;
mod history;
mod lossless;
pub(super) mod talk;

use super::Rule;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] = &[&lossless::LosslessTrim, &history::UnboundedHistory, &document::WholeDocument];
