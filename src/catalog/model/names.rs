//! Which model a name means, across prefixes of gateways and clouds, dates and spellings.

use super::Model;
use super::table::ModelTable;

impl ModelTable {
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
}

const REGIONS: &[&str] = &["us.", "eu.", "apac.", "au.", "jp.", "us-gov.", "global."];

/// A name without the prefixes of gateways, providers and clouds, and without a cloud's version suffix.
pub(super) fn bare(name: &str) -> String {
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
pub(super) fn without_date(name: &str) -> &str {
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
