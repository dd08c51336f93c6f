//! SW9, the guard: what a fault may cost.

mod doomed;
mod loops;
mod output;
mod retry;

use super::Rule;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] =
    &[&loops::UnboundedAgentLoop, &retry::UnboundedRetry, &output::NoOutputCap, &doomed::DoomedCall];
