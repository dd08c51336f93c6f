//! SW205: reasoning before an answer that is picked.

use crate::cost::reasons;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::CallSite;
use crate::rules::common::*;

declare_rule! {
    /// Much reasoning before an answer that is picked from a few.
    ReasoningOnSimpleStep, "SW205", "reasoning-on-simple-step", Pinning, Warning,
    "high reasoning effort on a short question that has few answers"
}

/// Efforts that are set high; a value that cannot be read is not taken for one.
const HIGH: &[&str] = &["high", "xhigh", "max"];

impl Rule for ReasoningOnSimpleStep {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_call(&self, call: &CallSite, _: &Context<'_>) -> Option<Advice> {
        let effort = call.params.reasoning.as_deref().filter(|_| reasons(call))?;
        let words = effort.to_lowercase();
        let high = words.split(|c: char| !c.is_alphanumeric()).any(|word| HIGH.contains(&word));
        if !high || !is_plain(call) || has_steps(call) || static_tokens(call) > 500.0 {
            return None;
        }
        let mut because = closed(call)?;
        because.push(seen(format!("reasoning is set to {effort}"), call.callee_span));
        Some(Advice {
            message: "the model reasons at high effort before it picks one of a few answers".to_owned(),
            because,
            help: "set the effort to low or none, and test that the answers hold".to_owned(),
            effect: Effect::LessReasoning,
            confidence: 0.75,
        })
    }
}
