//! Which public vocabulary a model counts its tokens by: `queries/vocabularies.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

const TABLE: &str = include_str!("../../queries/vocabularies.toml");

/// A public vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Vocabulary {
    /// 100,000 entries.
    #[serde(rename = "cl100k_base")]
    Cl100k,
    /// 200,000 entries.
    #[serde(rename = "o200k_base")]
    O200k,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for readers of the table")]
    source: String,
    vocabulary: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: Vocabulary,
    models: Vec<String>,
    begins: Vec<String>,
}

impl Vocabulary {
    /// The vocabulary of a model, by its id in the price table; `None` where it is not public or not known.
    pub fn of(model: &str) -> Option<Self> {
        // The test of this module loads the table, so that it cannot be wrong here.
        static ROWS: LazyLock<Vec<Row>> =
            LazyLock::new(|| toml::from_str::<Table>(TABLE).expect("queries/vocabularies.toml is valid").vocabulary);
        // An id is named by a hoster behind its own prefix: `openai/gpt-oss-120b`.
        let model = model.rsplit('/').next().unwrap_or(model).to_lowercase();
        ROWS.iter()
            .find(|row| row.models.contains(&model) || row.begins.iter().any(|start| model.starts_with(start.as_str())))
            .map(|row| row.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_the_vocabulary_that_its_maker_states_and_others_have_none() {
        for (model, known) in [
            ("gpt-4o-mini", Some(Vocabulary::O200k)),
            ("gpt-5.1", Some(Vocabulary::O200k)),
            ("gpt-4", Some(Vocabulary::Cl100k)),
            ("gpt-4.1", Some(Vocabulary::O200k)),
            ("gpt-4-turbo", Some(Vocabulary::Cl100k)),
            ("ft:gpt-4o-mini", Some(Vocabulary::O200k)),
            ("openai/gpt-oss-120b", Some(Vocabulary::O200k)),
            ("gpt-6-luna", None),
            ("claude-sonnet-5-5", None),
            ("o100", None),
        ] {
            assert_eq!(Vocabulary::of(model), known, "{model}");
        }
    }
}
