//! The plan of a test: a cheaper model is tried, never taken on trust.
//!
//! The sample is large enough to say something: if it passes, then with the wanted confidence fewer answers differ than
//! the margin allows. The count is that of acceptance sampling with a fixed number of failures, by the binomial
//! distribution.

/// How sure a test must be, and of what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demands {
    /// Probability, 0 to 1, that a model which is worse than the margin does not pass.
    pub confidence: f64,
    /// Share of answers, 0 to 1, that may be worse.
    pub margin: f64,
}

impl Default for Demands {
    fn default() -> Self {
        Self { confidence: 0.95, margin: 0.05 }
    }
}

/// Answers that may be worse in a sample that still passes: none would fail good models by one accident.
const ACCEPTED: u32 = 2;

/// Inputs that a plan asks for at most.
const MOST: u32 = 100_000;

/// The size of a sample, and how many of its answers may be worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Inputs to ask both models.
    pub inputs: u32,
    /// Answers that may be worse.
    pub accepted: u32,
}

/// The smallest sample that meets the demands.
pub fn sample(demands: Demands) -> Sample {
    let margin = demands.margin.clamp(0.001, 0.5);
    let mut inputs = ACCEPTED + 1;
    while inputs < MOST && at_most(ACCEPTED, inputs, margin) > 1.0 - demands.confidence.clamp(0.5, 0.999) {
        inputs += 1;
    }
    Sample { inputs, accepted: ACCEPTED }
}

/// Probability of at most `failures` in `inputs` tries that fail with `rate` each.
fn at_most(failures: u32, inputs: u32, rate: f64) -> f64 {
    let mut term = (1.0 - rate).powi(inputs as i32);
    let mut sum = term;
    for k in 0..failures {
        term *= f64::from(inputs - k) / f64::from(k + 1) * rate / (1.0 - rate);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_those_of_the_published_tables() {
        // Acceptance number 2, 95 % confidence: 124 for 5 %, 61 for 10 %.
        assert_eq!(sample(Demands::default()).inputs, 124);
        assert_eq!(sample(Demands { confidence: 0.95, margin: 0.10 }).inputs, 61);
        assert!(sample(Demands { confidence: 0.99, margin: 0.05 }).inputs > 124);
    }
}
