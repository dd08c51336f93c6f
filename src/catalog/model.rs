//! Models and their prices: `queries/models/`, made by `scripts/build-prices.py`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../queries/models/", $name, ".toml")))),*]
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
    model: Vec<Model>,
}

/// All models with their lookup.
#[derive(Debug)]
pub struct ModelTable {
    models: Vec<Model>,
    providers: Vec<Provider>,
    by_name: HashMap<String, usize>,
    checked: String,
    of: String,
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
            });
            raw.model.into_iter().for_each(|model| table.add(Model { provider, ..model }));
        }
        table.of = table.checked.clone();
        Ok(table)
    }

    fn empty() -> Self {
        Self {
            models: Vec::new(),
            providers: Vec::new(),
            by_name: HashMap::new(),
            checked: String::new(),
            of: String::new(),
        }
    }

    /// Adds a model; the first of a name keeps it.
    fn add(&mut self, model: Model) {
        let at = self.models.len();
        let aliases = model.aliases.iter().map(|alias| alias.to_lowercase());
        for key in [model.id.to_lowercase(), without_date(&bare(&model.id)).to_owned()].into_iter().chain(aliases) {
            self.by_name.entry(key).or_insert(at);
        }
        self.models.push(model);
    }

    /// The embedded tables with the rows of a file before them: the public price table of gateways, an object whose
    /// keys are model names and whose `input_cost_per_token` and so on are dollars for one token. `of` is shown as the
    /// source of the prices.
    ///
    /// # Errors
    /// The text is not such an object, or no row of it has a price.
    pub fn with_file(text: &str, of: &str) -> Result<Self, String> {
        let rows: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let embedded = Self::embedded();
        let mut table = Self {
            providers: embedded.providers.clone(),
            checked: embedded.checked.clone(),
            of: format!("{of}, else {}", embedded.checked),
            ..Self::empty()
        };
        for (name, row) in &rows {
            if let Some(model) = table.row(name, row)? {
                table.add(model);
            }
        }
        if table.models.is_empty() {
            return Err("no row has a price (`input_cost_per_token`)".to_owned());
        }
        for model in &embedded.models {
            match table.by_name.get(&model.id.to_lowercase()).copied() {
                // The file's price holds under the names that only the tables know.
                Some(at) => {
                    for alias in &model.aliases {
                        table.by_name.entry(alias.to_lowercase()).or_insert(at);
                    }
                }
                None => table.add(model.clone()),
            }
        }
        Ok(table)
    }

    /// A row of a price file; `None` if it states no price of tokens.
    fn row(&mut self, name: &str, row: &serde_json::Value) -> Result<Option<Model>, String> {
        let fields = row.as_object().ok_or_else(|| format!("`{name}` is no object"))?;
        let price = |field: &str| match fields.get(field) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(value) => match value.as_f64() {
                Some(price) if price.is_finite() && price >= 0.0 => Ok(Some(price * 1e6)),
                // The template row of the public table describes its fields in words.
                _ if name == "sample_spec" => Ok(None),
                _ => Err(format!("`{field}` of `{name}` is no price")),
            },
        };
        let Some(input) = price("input_cost_per_token")? else {
            return Ok(None);
        };
        if name == "sample_spec" {
            return Ok(None);
        }
        let known = Self::embedded().lookup(name);
        let count = |field: &str| fields.get(field).and_then(serde_json::Value::as_u64);
        let seller = fields.get("litellm_provider").and_then(serde_json::Value::as_str).unwrap_or("").to_owned();
        let provider = match known {
            Some(known) => known.provider,
            None => match self.providers.iter().position(|provider| provider.name == seller) {
                Some(at) => at,
                None => {
                    self.providers.push(Provider {
                        name: seller,
                        caching: Caching::Unknown,
                        batch: None,
                        evaluator: None,
                        tokens: 1.0,
                    });
                    self.providers.len() - 1
                }
            },
        };
        let long = fields.keys().find_map(|key| {
            let above = key.strip_prefix("input_cost_per_token_above_")?.strip_suffix("k_tokens")?;
            Some((key.clone(), above.parse::<u64>().ok()?))
        });
        let output = price("output_cost_per_token")?.unwrap_or(0.0);
        let long_context = match long {
            Some((key, thousands)) if input > 0.0 => {
                let over = price(&key.replace("input_cost", "output_cost"))?.unwrap_or(output);
                Some(LongContext {
                    above: thousands * 1000,
                    factor: price(&key)?.unwrap_or(input) / input,
                    output_factor: if output > 0.0 { over / output } else { 1.0 },
                })
            }
            _ => None,
        };
        Ok(Some(Model {
            id: name.to_owned(),
            input,
            cached: price("cache_read_input_token_cost")?,
            cache_write: price("cache_creation_input_token_cost")?,
            output,
            batch_input: price("input_cost_per_token_batches")?,
            batch_output: price("output_cost_per_token_batches")?,
            context: count("max_input_tokens"),
            max_output: count("max_output_tokens"),
            ends: fields.get("deprecation_date").and_then(serde_json::Value::as_str).map(str::to_owned),
            long_context,
            aliases: Vec::new(),
            cache_min: count("prompt_cache_min_tokens"),
            reasoning: fields.get("supports_reasoning").and_then(serde_json::Value::as_bool).unwrap_or(false),
            sampling: fields.get("supports_sampling_params").and_then(serde_json::Value::as_bool).unwrap_or(true),
            decisions: known.is_some_and(|known| known.decisions),
            current: known.is_some_and(|known| known.current && known.id == name),
            provider,
            changes: Vec::new(),
        }))
    }

    /// What holds of the provider of a model.
    pub fn provider(&self, model: &Model) -> &Provider {
        &self.providers[model.provider]
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

    /// The model that a name means, across prefixes of gateways and clouds, dates and spellings. Words of size
    /// (`mini`, `flash`, `pro`) are part of the identity and never dropped.
    pub fn lookup(&self, raw: &str) -> Option<&Model> {
        let trimmed = raw.trim().to_lowercase();
        let bare = bare(&trimmed);
        let dashed = if bare.starts_with("claude") { bare.replace('.', "-") } else { bare.clone() };
        let tries = [trimmed.as_str(), bare.as_str(), dashed.as_str(), without_date(&bare), without_date(&dashed)];
        if let Some(&at) = tries.iter().find_map(|name| self.by_name.get(*name)) {
            return Some(&self.models[at]);
        }
        // A region or version in front of a cloud's id.
        let cloud = trimmed.rsplit('/').next().unwrap_or(&trimmed);
        let cloud = REGIONS.iter().find_map(|region| cloud.strip_prefix(region)).unwrap_or(cloud);
        if let Some(&at) = self.by_name.get(cloud) {
            return Some(&self.models[at]);
        }
        self.longest_prefix(without_date(&dashed))
    }

    /// The longest known name that the wanted one starts with, where what follows is a version and no size word.
    fn longest_prefix(&self, name: &str) -> Option<&Model> {
        const SIZES: &[&str] = &[
            "mini",
            "nano",
            "lite",
            "pro",
            "codex",
            "luna",
            "terra",
            "sol",
            "astra",
            "haiku",
            "sonnet",
            "opus",
            "fable",
            "flash",
            "small",
            "medium",
            "large",
            "turbo",
            "instruct",
            "max",
            "plus",
            "image",
            "audio",
            "realtime",
            "search",
            "vision",
            "tts",
            "transcribe",
            "thinking",
            "chat",
            "coder",
            "32k",
            "16k",
            "distill",
            "o",
        ];
        let mut end = name.len();
        while let Some(cut) = name[..end].rfind(['-', ':', '@']) {
            let rest = &name[cut + 1..];
            if SIZES.iter().any(|size| rest.split(['-', ':', '@']).any(|word| word == *size)) {
                return None;
            }
            // Versions in digits are other models too: `-3-5` is not `-3`.
            if rest.split(['-', ':', '@']).any(|word| word.chars().all(|c| c.is_ascii_digit()) && word.len() < 3) {
                return None;
            }
            if let Some(&at) = self.by_name.get(&name[..cut]) {
                return Some(&self.models[at]);
            }
            end = cut;
        }
        None
    }

    /// All models, by provider.
    pub fn models(&self) -> &[Model] {
        &self.models
    }
}

const REGIONS: &[&str] = &["us.", "eu.", "apac.", "au.", "jp.", "us-gov.", "global."];

/// A name without the prefixes of gateways, providers and clouds, and without a cloud's version suffix.
fn bare(name: &str) -> String {
    let mut name = name.trim().to_lowercase();
    for prefix in ["models/", "publishers/google/models/", "publishers/anthropic/models/", "accounts/fireworks/models/"]
    {
        if let Some(at) = name.find(prefix) {
            name = name[at + prefix.len()..].to_owned();
        }
    }
    if let Some((_, last)) = name.rsplit_once('/') {
        name = last.to_owned();
    }
    const PROVIDERS: &[&str] = &[
        "openai",
        "anthropic",
        "google",
        "google_genai",
        "google-gla",
        "google-vertex",
        "bedrock",
        "mistral",
        "groq",
        "azure",
        "cohere",
        "deepseek",
        "xai",
        "ollama",
        "openai-decisions",
        "vertexai",
        "google_vertexai",
        "openai-responses",
        "together",
        "azure_openai",
        "gateway",
        "openrouter",
        "litellm",
    ];
    if let Some((provider, rest)) = name.split_once(':')
        && PROVIDERS.contains(&provider)
    {
        name = rest.to_owned();
    }
    name = REGIONS.iter().find_map(|region| name.strip_prefix(region)).map_or(name.clone(), str::to_owned);
    if let Some((vendor, rest)) = name.split_once('.')
        && matches!(vendor, "anthropic" | "amazon" | "meta" | "mistral" | "cohere" | "openai" | "ai21" | "deepseek")
    {
        name = rest.to_owned();
    }
    // `-v1:0`, `-v2:0`
    if let Some(at) = name.rfind("-v")
        && name[at + 2..].split(':').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
        && name[at..].contains(':')
    {
        name.truncate(at);
    }
    if let Some(at) = name.find('@') {
        name.truncate(at);
    }
    for suffix in [":free", ":nitro", ":floor", ":online", ":thinking", ":beta", ":extended"] {
        if let Some(rest) = name.strip_suffix(suffix) {
            name = rest.to_owned();
        }
    }
    name
}

/// A name without a trailing date or channel: `-20241022`, `-2024-07-18`, `-0613`, `-latest`, `-preview`, `-exp`.
fn without_date(name: &str) -> &str {
    let mut name = name;
    loop {
        let before = name;
        for suffix in ["-latest", "-preview", "-exp", "-experimental"] {
            name = name.strip_suffix(suffix).unwrap_or(name);
        }
        let digits =
            |text: &str, lengths: &[usize]| lengths.contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
        if let Some((head, last)) = name.rsplit_once('-') {
            if digits(last, &[8, 4, 3]) {
                name = head;
            } else if digits(last, &[2]) {
                let parts: Vec<&str> = name.rsplitn(4, '-').collect();
                if let [day, month, year, head] = parts[..]
                    && digits(day, &[2])
                    && digits(month, &[2])
                    && digits(year, &[4])
                {
                    name = head;
                } else if let [_, month, _, ..] = parts[..]
                    && digits(month, &[2])
                    && before.contains("preview")
                {
                    // `gemini-2.5-flash-preview-05-20`
                    name = name.rsplitn(3, '-').nth(2).unwrap_or(name);
                }
            }
        }
        if name == before {
            return name;
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
