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
    /// Factor on the price of the whole request.
    pub factor: f64,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl Model {
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
    #[expect(dead_code, reason = "for readers of the tables")]
    provider: String,
    checked: String,
    #[expect(dead_code, reason = "for readers of the tables")]
    source: String,
    model: Vec<Model>,
}

/// All models with their lookup.
#[derive(Debug)]
pub struct ModelTable {
    models: Vec<Model>,
    by_name: HashMap<String, usize>,
    checked: String,
}

impl ModelTable {
    /// The embedded tables, read on first use: an audit without calls never pays for them.
    pub fn embedded() -> &'static Self {
        static TABLE: LazyLock<ModelTable> =
            LazyLock::new(|| ModelTable::read(FILES).expect("the embedded model tables are valid"));
        &TABLE
    }

    fn read(files: &[(&str, &str)]) -> Result<Self, String> {
        let mut table = Self { models: Vec::new(), by_name: HashMap::new(), checked: String::new() };
        for (name, text) in files {
            let raw: Raw = toml::from_str(text).map_err(|error| format!("{name}.toml: {error}"))?;
            table.checked = raw.checked;
            for model in raw.model {
                let at = table.models.len();
                for key in [model.id.to_lowercase(), without_date(&bare(&model.id)).to_owned()] {
                    table.by_name.entry(key).or_insert(at);
                }
                table.models.push(model);
            }
        }
        Ok(table)
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
    fn every_model_is_found_by_its_own_name() {
        let table = ModelTable::embedded();
        for model in table.models() {
            assert!(table.lookup(&model.id).is_some(), "{}", model.id);
        }
    }
}
