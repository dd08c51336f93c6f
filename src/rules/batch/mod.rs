//! SW8, batch and subscriptions: last, as it is modest and trades speed.

mod embedding;
mod looped;

use super::Rule;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] = &[&looped::BatchableLoop, &embedding::OneByOneEmbedding];
