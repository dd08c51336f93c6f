//! The order of findings: savings for each hour of work, the lever's place breaks ties.

use crate::cost::Priced;
use crate::finding::Lever;
use crate::program::Program;

/// Hours of work that acting on a finding takes, by lever, where the settings do not say: replacing a call means code
/// and a test, pinning a model a line and an evaluation.
pub fn hours(lever: Lever) -> f64 {
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

/// Findings in their order. Where no money is known, the lever's place and confidence decide; then path and place.
pub(crate) fn rank(mut priced: Vec<Priced>, program: &Program) -> Vec<Priced> {
    let worth = |one: &Priced| {
        one.saved.map_or(0.0, |(low, high)| (low + high) / 2.0) * one.finding.confidence / one.hours.max(0.01)
    };
    priced.sort_by(|a, b| {
        let place = |one: &Priced| (program.file(one.finding.span).path.clone(), one.finding.span.start);
        let (x, y) = (&a.finding, &b.finding);
        worth(b)
            .total_cmp(&worth(a))
            .then(x.rule.lever.cmp(&y.rule.lever))
            .then(y.confidence.total_cmp(&x.confidence))
            .then_with(|| place(a).cmp(&place(b)))
            .then(x.rule.code.cmp(y.rule.code))
            .then_with(|| x.calls.cmp(&y.calls))
            .then_with(|| format!("{:?}", x.effect).cmp(&format!("{:?}", y.effect)))
    });
    priced
}
