//! What a call spends, and what is left of it after each lever.
//!
//! A call is two scenarios, few tokens and many. An effect changes both, and what it saves is the difference: a lever
//! that comes later finds only what the earlier ones left, so that no dollar is saved twice.

use crate::catalog::model::{Model, ModelTable, Tier};
use crate::finding::Effect;

/// Share of the calls that find a prefix in the provider's cache: half where traffic is thin, nearly all where it is
/// dense. The rest write it.
const HITS: (f64, f64) = (0.5, 0.9);

/// Tokens of reasoning that an answer of a smaller model is given room for, few and many.
const SCRATCHPAD: (f64, f64) = (100.0, 300.0);

/// One scenario of a call.
#[derive(Clone, Debug)]
pub struct Spend<'t> {
    table: &'t ModelTable,
    model: &'t Model,
    /// Tokens sent.
    input: f64,
    /// Of these, tokens whose value is known only at run time.
    dynamic: f64,
    /// Tokens answered.
    output: f64,
    /// Tokens of reasoning before the answer.
    thinking: f64,
    /// Tokens at the start that are cached, and the share of calls that find them there.
    cached: (f64, f64),
    batch: bool,
    /// Calls that are still made, of one.
    made: f64,
    /// Share of the calls that goes to another model.
    mix: Option<(f64, &'t Model)>,
}

impl<'t> Spend<'t> {
    /// A call as it stands.
    pub fn new(table: &'t ModelTable, model: &'t Model, fixed: f64, dynamic: f64, output: f64, thinking: f64) -> Self {
        Self {
            table,
            model,
            input: fixed + dynamic,
            dynamic,
            output,
            thinking,
            cached: (0.0, 0.0),
            batch: false,
            made: 1.0,
            mix: None,
        }
    }

    /// The same, made several times for each that is counted.
    pub fn times(self, made: f64) -> Self {
        Self { made: self.made * made, ..self }
    }

    /// US dollars for 1,000 calls.
    pub fn dollars(&self) -> f64 {
        let (share, other) = match self.mix {
            Some((share, other)) => (share, Some(other)),
            None => (0.0, None),
        };
        let own = self.with(self.model);
        let mixed = other.map_or(0.0, |model| self.with(model));
        // Per million tokens, for a thousand calls.
        (own * (1.0 - share) + mixed * share) * self.made / 1_000.0
    }

    /// Dollars for a million calls to a model.
    fn with(&self, model: &Model) -> f64 {
        let (input_price, output_price) = match self.table.batch(model) {
            Some(batch) if self.batch => batch,
            _ => (model.input, model.output),
        };
        let (more_in, more_out) = match &model.long_context {
            Some(long) if self.input > long.above as f64 => (long.factor, long.output_factor),
            _ => (1.0, 1.0),
        };
        let (prefix, hits) = (self.cached.0.min(self.input), self.cached.1);
        let read = model.cached.unwrap_or(model.input);
        let write = model.cache_write.unwrap_or(model.input);
        // Batch jobs have their own rates for cached input; counting them at the batch price is on the safe side.
        let per_prefix = if self.batch { input_price } else { read * hits + write * (1.0 - hits) };
        ((self.input - prefix) * input_price + prefix * per_prefix) * more_in
            + (self.output + self.thinking) * output_price * more_out
    }

    /// The call after an effect; `many` says which end of the effect's range holds. What would cost more than before
    /// is not done. `earlier` is the output of the call that it is merged with.
    fn after(&self, effect: Effect, many: bool, earlier: f64) -> Self {
        let mut next = self.clone();
        let pick = |low: f64, high: f64| if many { high } else { low };
        let switched = |tier: Tier| self.table.cheaper(self.model, tier).unwrap_or(self.model);
        match effect {
            Effect::RemoveCall => next.made = 0.0,
            Effect::RemovePart(low, high) => {
                let kept = 1.0 - pick(low, high);
                next.input *= kept;
                next.dynamic *= kept;
                next.output *= kept;
            }
            Effect::RemoveRepeats(low, high) => next.made *= 1.0 - pick(low, high),
            Effect::SwitchModel(tier) => next.model = switched(tier),
            Effect::SwitchWithScratchpad(tier) => {
                next.model = switched(tier);
                next.output += pick(SCRATCHPAD.1, SCRATCHPAD.0);
            }
            Effect::SwitchToCurrent => {
                next.model = self.table.current(self.model, self.model.tier()).unwrap_or(self.model);
            }
            Effect::DecisionEndpoint => {
                if let Some(model) = self.table.decisions(self.model) {
                    next.model = model;
                    next.output = 0.0;
                    next.thinking = 0.0;
                }
            }
            Effect::Dispatch(tier, low, high) => next.mix = Some((pick(low, high), switched(tier))),
            Effect::CachePrefix(tokens) => next.cached = (tokens as f64, pick(HITS.0, HITS.1)),
            Effect::TrimInput(low, high) => next.trim(pick(low, high)),
            Effect::TrimHistory(low, high) => next.trim(self.dynamic * pick(low, high)),
            Effect::Batch => next.batch = true,
            Effect::LessReasoning => next.thinking = 0.0,
            Effect::MergeWith(_) => next.trim(earlier),
            Effect::CapRetries | Effect::None => {}
        }
        if next.dollars() < self.dollars() { next } else { self.clone() }
    }

    fn trim(&mut self, tokens: f64) {
        let kept = (self.input - tokens).max(0.0);
        self.dynamic = self.dynamic.min(kept);
        self.input = kept;
    }
}

/// Both scenarios of a call.
#[derive(Clone, Debug)]
pub struct State<'t> {
    /// Few tokens.
    pub low: Spend<'t>,
    /// Many tokens.
    pub high: Spend<'t>,
}

impl State<'_> {
    /// US dollars for 1,000 calls, low and high.
    pub fn dollars(&self) -> (f64, f64) {
        (self.low.dollars(), self.high.dollars())
    }

    /// Output tokens, low and high.
    pub fn output(&self) -> (f64, f64) {
        (self.low.output, self.high.output)
    }

    /// Applies an effect and gives what it saves, US dollars for 1,000 calls, with few and with many tokens: where either may
    /// run on another model, the first may be the larger. `earlier` is the output,
    /// low and high, of the call that this one is merged with.
    pub fn apply(&mut self, effect: Effect, earlier: (f64, f64)) -> (f64, f64) {
        let before = self.dollars();
        self.low = self.low.after(effect, false, earlier.0);
        self.high = self.high.after(effect, true, earlier.1);
        let after = self.dollars();
        (before.0 - after.0, before.1 - after.1)
    }
}
