//! SW4, decomposition: work cut where its price classes change, and calls joined where they do not.

mod bundled;
mod over_split;
mod serial;

use super::Rule;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] =
    &[&bundled::BundledPhases, &serial::SerialIndependentCalls, &over_split::OverSplit];
