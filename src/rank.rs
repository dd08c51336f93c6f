//! The order of findings: savings for each hour of work, the lever's place breaks ties.

use crate::cost::CallCost;
use crate::finding::{Effect, Finding, Lever};
use crate::program::Program;

/// Hours of work that acting on a finding takes, by lever: replacing a call means code and a test, pinning a model a
/// line and an evaluation.
fn hours(lever: Lever) -> f64 {
    match lever {
        Lever::Script => 2.0,
        Lever::Pinning => 3.0,
        Lever::Dispatcher => 16.0,
        Lever::Decomposition => 12.0,
        Lever::Scratchpad => 6.0,
        Lever::Context => 4.0,
        Lever::Caching => 3.0,
        Lever::Batch => 6.0,
        Lever::Guard => 1.0,
    }
}

/// Findings in their order, each with its hours. Where no money is known, confidence decides; then path and place.
pub(crate) fn rank(findings: Vec<Finding>, program: &Program, costs: &[CallCost]) -> Vec<(Finding, f64)> {
    let mut ranked: Vec<(Finding, f64)> = findings
        .into_iter()
        .map(|finding| {
            let hours = hours(finding.rule.lever);
            (finding, hours)
        })
        .collect();
    let worth = |(finding, hours): &(Finding, f64)| {
        let share = match finding.effect {
            Effect::RemoveCall => 1.0,
            Effect::RemovePart(low, high) => (low + high) / 2.0,
            Effect::None => 0.0,
        };
        let cost = finding.calls.first().and_then(|id| costs[id.0 as usize].usd_per_1k_calls);
        cost.map_or(0.0, |(low, high)| (low + high) / 2.0) * share * finding.confidence / hours
    };
    ranked.sort_by(|a, b| {
        let place = |finding: &Finding| (program.file(finding.span).path.clone(), finding.span.start);
        worth(b)
            .total_cmp(&worth(a))
            .then(a.0.rule.lever.cmp(&b.0.rule.lever))
            .then(b.0.confidence.total_cmp(&a.0.confidence))
            .then_with(|| place(&a.0).cmp(&place(&b.0)))
            .then(a.0.rule.code.cmp(b.0.rule.code))
    });
    ranked
}
