//! Models and their prices: `queries/models/`, made by `scripts/build-prices.py`.

mod file;
mod names;
mod table;

use serde::Deserialize;

pub use table::ModelTable;

/// A model and its price in US dollars per million tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Model {
    /// Its maker's name for it.
    pub id: String,
    /// Input.
    pub input: f64,
    /// Input read from a prompt cache.
    pub cached: Option<f64>,
    /// Input written to a prompt cache.
    pub cache_write: Option<f64>,
    /// Output.
    pub output: f64,
    /// Input of a batch job.
    pub batch_input: Option<f64>,
    /// Output of a batch job.
    pub batch_output: Option<f64>,
    /// Context window in tokens.
    pub context: Option<u64>,
    /// Longest answer in tokens.
    pub max_output: Option<u64>,
    /// Day it is or was shut down.
    pub ends: Option<String>,
    /// Price of long requests.
    pub long_context: Option<LongContext>,
    /// Further names that mean it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Shortest prefix in tokens that the provider caches, where it is published.
    pub cache_min: Option<u64>,
    /// Whether it can reason before it answers.
    #[serde(default)]
    pub reasoning: bool,
    /// Whether it takes a temperature.
    #[serde(default = "yes")]
    pub sampling: bool,
    /// Whether its maker sells a decision endpoint with it, which bills input only.
    #[serde(default)]
    pub decisions: bool,
    /// Whether its maker sells it today as the model of its price class.
    #[serde(default)]
    pub current: bool,
    /// Who sells it: number of its provider in the table.
    #[serde(skip)]
    provider: usize,
    /// Announced price changes.
    #[serde(default)]
    pub changes: Vec<Change>,
}

/// Price of requests over a length.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongContext {
    /// Tokens of input.
    pub above: u64,
    /// Factor on the price of all input of the request.
    pub factor: f64,
    /// Factor on the price of its output.
    #[serde(rename = "output-factor")]
    pub output_factor: f64,
}

/// What holds of everything that a provider sells.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Its name: `openai`.
    pub name: String,
    /// Whether a repeated prefix is cached.
    pub caching: Caching,
    /// Part of the list price that a batch job costs, where a model's row does not say; `None` if there is no batch.
    pub batch: Option<f64>,
    /// Prefix by which the evaluator promptfoo reaches its models.
    pub evaluator: Option<String>,
    /// Tokens of its vocabularies for one of `o200k_base`, on English text and code.
    pub tokens: f64,
    /// Whether a request that sets a temperature is refused, where the model takes none. Others ignore it.
    pub refuses_sampling: bool,
    /// Whether it sells models of other makers under names that others use too: its last days are its own.
    pub hosts: bool,
}

/// Whether a provider caches a repeated prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caching {
    /// Without being asked.
    Automatic,
    /// Where the request marks it.
    Explicit,
    /// Not known.
    Unknown,
}

fn yes() -> bool {
    true
}

/// An announced price change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// First day.
    pub from: String,
    /// Input price from then on.
    pub input: f64,
    /// Output price from then on.
    pub output: f64,
}

/// Price class of a model, by its output price in dollars per million tokens: above 15, above 5, above 1, the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// 1 or less.
    Nano,
    /// Above 1, up to 5.
    Small,
    /// Above 5, up to 15.
    Mid,
    /// Above 15.
    Premium,
}

impl Tier {
    /// All, the cheapest first.
    pub const ALL: [Self; 4] = [Self::Nano, Self::Small, Self::Mid, Self::Premium];

    /// The name used in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nano => "nano",
            Self::Small => "small",
            Self::Mid => "mid",
            Self::Premium => "premium",
        }
    }
}

impl Model {
    /// Whether it was shut down before a day (`2026-11-23`).
    pub fn ended_by(&self, day: &str) -> bool {
        self.ends.as_deref().is_some_and(|ends| ends <= day)
    }

    /// The tier, computed from the output price so that it moves with it.
    pub fn tier(&self) -> Tier {
        match self.output {
            price if price > 15.0 => Tier::Premium,
            price if price > 5.0 => Tier::Mid,
            price if price > 1.0 => Tier::Small,
            _ => Tier::Nano,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_across_prefixes_dates_and_spellings() {
        let table = ModelTable::embedded();
        for (raw, id) in [
            ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
            ("openai/gpt-4o", "gpt-4o"),
            ("openai:gpt-5.4-mini", "gpt-5.4-mini"),
            ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
            ("anthropic/claude-sonnet-5.5", "claude-sonnet-5-5"),
            ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
            ("us.anthropic.claude-sonnet-5-5", "claude-sonnet-5-5"),
            ("claude-haiku-5-5@default", "claude-haiku-5-5"),
            ("models/gemini-1.5-pro", "gemini-1.5-pro"),
            ("gemini/gemini-3.8-flash", "gemini-3.8-flash"),
            ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-0613"),
            ("google/gemini-2.5-flash:free", "gemini-2.5-flash"),
        ] {
            assert_eq!(table.lookup(raw).map(|model| model.id.as_str()), Some(id), "{raw}");
        }
    }

    #[test]
    fn size_words_are_never_dropped() {
        let table = ModelTable::embedded();
        for raw in ["gpt-5-unheardof-mini", "claude-opus-9", "my-gpt4o", "gemini-99-flash", "gpt-4o-colossal-pro"] {
            assert!(table.lookup(raw).is_none(), "{raw}: {:?}", table.lookup(raw));
        }
    }

    #[test]
    fn a_price_file_goes_before_the_tables() {
        let text = r#"{"sample_spec": {"input_cost_per_token": "dollars"},
            "gpt-4o": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "litellm_provider": "openai",
                "input_cost_per_token_above_200k_tokens": 2e-6},
            "house/model-x": {"input_cost_per_token": 3e-6, "output_cost_per_token": 4e-6}}"#;
        let table = ModelTable::with_file(text, "prices.json").expect("valid");
        let model = table.lookup("gpt-4o").expect("known");
        assert!((model.input - 1.0).abs() < 1e-9 && (model.output - 2.0).abs() < 1e-9);
        assert_eq!(model.long_context.as_ref().map(|long| long.above), Some(200_000));
        assert!(table.lookup("house/model-x").is_some());
        assert!(table.lookup("claude-haiku-5-5").is_some(), "what the file lacks comes from the tables");
    }

    #[test]
    fn a_malformed_price_file_is_an_error() {
        for text in [
            "",
            "[]",
            "{}",
            "{\"a\": 1}",
            "{\"a\": {\"input_cost_per_token\": \"x\"}}",
            "{\"a\": {\"mode\": \"chat\"}}",
        ] {
            assert!(ModelTable::with_file(text, "x").is_err(), "{text}");
        }
    }

    #[test]
    fn each_maker_has_a_cheaper_model_of_today() {
        let table = ModelTable::embedded();
        for name in ["gpt-4o", "gpt-6-astra", "claude-opus-4-5", "claude-3-5-sonnet", "gemini-2.5-pro"] {
            let model = table.lookup(name).expect("known");
            let cheaper = table.cheaper(model, Tier::Small).expect("one is sold");
            assert!(cheaper.output < model.output && table.provider(cheaper) == table.provider(model), "{name}");
        }
    }

    #[test]
    fn every_model_is_found_by_its_own_name() {
        let table = ModelTable::embedded();
        for model in table.models() {
            assert!(table.lookup(&model.id).is_some(), "{}", model.id);
        }
    }
}
