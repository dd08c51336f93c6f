//! SW2, model pinning by stage: each call gets the price class that its work needs.

mod decision_endpoint;
mod elsewhere;
mod one_tier;
mod premium;
mod reasoning;
mod stale;
mod unpinned;

use super::Rule;
use crate::finding::Finding;
use crate::program::{CallId, Program};

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] = &[
    &premium::PremiumForSimpleStep,
    &unpinned::UnpinnedModel,
    &one_tier::OneTierEverywhere,
    &stale::StalePin,
    &reasoning::ReasoningOnSimpleStep,
    &decision_endpoint::DecisionEndpoint,
];

/// Rules that say of a call that it needs another model, the best founded first: of several that speak of one call one
/// is enough.
const CHOICES: &[&str] = &["SW203", "SW201", "SW205", "SW206", "SW202"];

/// Leaves each call to the best founded of the rules that say which model it needs.
pub(super) fn one_each(findings: &mut Vec<Finding>, program: &Program) {
    let mut taken: Vec<CallId> = Vec::new();
    for code in CHOICES {
        let before = taken.clone();
        for finding in findings.iter_mut().filter(|finding| finding.rule.code == *code) {
            finding.calls.retain(|call| !before.contains(call));
            taken.extend(&finding.calls);
            if let Some(first) = finding.calls.first() {
                finding.span = program.calls[first.0 as usize].callee_span;
            }
        }
    }
    findings.retain(|finding| !finding.calls.is_empty());
}
