//! The table of all models: loading, and what is asked of it.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::names::{bare, without_date};
use super::{Caching, Model, Provider, Tier};
use crate::catalog::vocabulary::Vocabulary;

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../queries/models/", $name, ".toml")))),*]
    };
}

/// The embedded tables by provider. First parties stand before hosters: a bare name means its maker's price.
const FILES: &[(&str, &str)] = tables![
    "openai",
    "anthropic",
    "google",
    "mistral",
    "deepseek",
    "cohere",
    "x-ai",
    "moonshotai",
    "perplexity",
    "groq",
    "cerebras",
    "together",
    "fireworks",
    "bedrock",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    provider: String,
    checked: String,
    #[expect(dead_code, reason = "for readers of the tables")]
    source: String,
    caching: Option<Caching>,
    batch: Option<f64>,
    tokens: Option<f64>,
    evaluator: Option<String>,
    #[serde(default, rename = "refuses-sampling")]
    refuses_sampling: bool,
    #[serde(default)]
    hosts: bool,
    model: Vec<Model>,
}

/// All models with their lookup.
#[derive(Clone, Debug)]
pub struct ModelTable {
    pub(super) models: Vec<Model>,
    pub(super) providers: Vec<Provider>,
    pub(super) by_name: HashMap<String, usize>,
    pub(super) checked: String,
    pub(super) of: String,
    pub(super) exact: bool,
}

impl ModelTable {
    /// The embedded tables, read on first use: an audit without calls never pays for them.
    pub fn embedded() -> &'static Self {
        static TABLE: LazyLock<ModelTable> =
            LazyLock::new(|| ModelTable::read(FILES).expect("the embedded model tables are valid"));
        &TABLE
    }

    fn read(files: &[(&str, &str)]) -> Result<Self, String> {
        let mut table = Self::empty();
        for (name, text) in files {
            let raw: Raw = toml::from_str(text).map_err(|error| format!("{name}.toml: {error}"))?;
            table.checked = raw.checked;
            let provider = table.providers.len();
            table.providers.push(Provider {
                name: raw.provider,
                caching: raw.caching.unwrap_or(Caching::Unknown),
                batch: raw.batch,
                evaluator: raw.evaluator,
                tokens: raw.tokens.unwrap_or(1.0),
                refuses_sampling: raw.refuses_sampling,
                hosts: raw.hosts,
            });
            raw.model.into_iter().for_each(|model| table.add(Model { provider, ..model }));
        }
        table.of = table.checked.clone();
        Ok(table)
    }

    pub(super) fn empty() -> Self {
        Self {
            models: Vec::new(),
            providers: Vec::new(),
            by_name: HashMap::new(),
            checked: String::new(),
            of: String::new(),
            exact: false,
        }
    }

    /// The same table, by which text is counted exactly for models whose vocabulary is public.
    pub fn counting_exactly(self) -> Self {
        Self { exact: true, ..self }
    }

    /// Whether it counts so.
    pub fn counts_exactly(&self) -> bool {
        self.exact
    }

    /// The vocabulary to count the text for a model by; `None` if its tokens are to be estimated.
    pub fn vocabulary(&self, model: &Model) -> Option<Vocabulary> {
        Vocabulary::of(&model.id).filter(|_| self.exact)
    }

    /// Adds a model; the first of a name keeps it.
    pub(super) fn add(&mut self, model: Model) {
        let at = self.models.len();
        let aliases = model.aliases.iter().map(|alias| alias.to_lowercase());
        for key in [model.id.to_lowercase(), without_date(&bare(&model.id)).to_owned()].into_iter().chain(aliases) {
            self.by_name.entry(key).or_insert(at);
        }
        self.models.push(model);
    }

    /// What holds of the provider of a model.
    pub fn provider(&self, model: &Model) -> &Provider {
        &self.providers[model.provider]
    }

    /// Whether a name is that of a provider of the table.
    pub fn is_provider(&self, name: &str) -> bool {
        self.providers.iter().any(|provider| provider.name == name)
    }

    /// Prices of a batch job with a model: input, output; `None` if its provider sells none.
    pub fn batch(&self, model: &Model) -> Option<(f64, f64)> {
        let share = self.provider(model).batch;
        let input = model.batch_input.or_else(|| share.map(|share| model.input * share))?;
        let output = model.batch_output.or_else(|| share.map(|share| model.output * share))?;
        Some((input, output))
    }

    /// What the maker of a model sells today in a price class, cheapest output first. Prices that are announced to
    /// rise count by what they rise to.
    pub fn current(&self, like: &Model, tier: Tier) -> Option<&Model> {
        let mut all: Vec<&Model> = self
            .models
            .iter()
            .filter(|model| model.provider == like.provider && model.current && model.tier() == tier)
            .filter(|model| !model.ended_by(&self.checked))
            .filter(|model| model.changes.iter().all(|change| change.output <= model.output))
            .collect();
        all.sort_by(|a, b| a.output.total_cmp(&b.output).then_with(|| a.id.cmp(&b.id)));
        all.first().copied()
    }

    /// The next cheaper class that the maker of a model sells a current model in, at or below `most`.
    pub fn cheaper(&self, than: &Model, most: Tier) -> Option<&Model> {
        [Tier::Mid, Tier::Small, Tier::Nano]
            .into_iter()
            .filter(|tier| *tier < than.tier() && *tier <= most)
            .find_map(|tier| self.current(than, tier))
            .filter(|model| model.input < than.input && model.output < than.output)
    }

    /// The model that a maker sells a decision endpoint with.
    pub fn decisions(&self, like: &Model) -> Option<&Model> {
        self.models.iter().find(|model| model.provider == like.provider && model.decisions)
    }

    /// Where the prices are from, for assumptions: the day of the tables, or a file before them.
    pub fn of(&self) -> &str {
        &self.of
    }

    /// The day the prices were read: used instead of the clock, so that the same input gives the same report.
    pub fn checked(&self) -> &str {
        &self.checked
    }

    /// All models, by provider.
    pub fn models(&self) -> &[Model] {
        &self.models
    }
}
