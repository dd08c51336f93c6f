//! SW2, model pinning by stage: each call gets the price class that its work needs.

mod decision_endpoint;
mod one_tier;
mod premium;
mod reasoning;
mod stale;
mod unpinned;

use super::Rule;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] = &[
    &premium::PremiumForSimpleStep,
    &unpinned::UnpinnedModel,
    &one_tier::OneTierEverywhere,
    &stale::StalePin,
    &reasoning::ReasoningOnSimpleStep,
    &decision_endpoint::DecisionEndpoint,
];
