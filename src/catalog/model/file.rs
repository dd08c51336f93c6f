//! Prices from a file, before those of the tables.

use super::table::ModelTable;
use super::{Caching, LongContext, Model, Provider};

impl ModelTable {
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
        // Dollars for one token. Above it a figure is a slip, and sums of it could leave the range of numbers.
        const MOST: f64 = 1_000.0;
        let fields = row.as_object().ok_or_else(|| format!("`{name}` is no object"))?;
        let price = |field: &str| match fields.get(field) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(value) => match value.as_f64() {
                Some(price) if (0.0..=MOST).contains(&price) => Ok(Some(price * 1e6)),
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
                        refuses_sampling: false,
                        hosts: false,
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
                let factor = price(&key)?.unwrap_or(input) / input;
                let output_factor = if output > 0.0 { over / output } else { 1.0 };
                let above = thousands.checked_mul(1000).filter(|_| factor.is_finite() && output_factor.is_finite());
                let above = above.ok_or_else(|| format!("`{key}` of `{name}` is no price"))?;
                Some(LongContext { above, factor, output_factor })
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
}
