//! What callees say of the answer they are handed: `queries/answers.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::program::AnswerUse;

const TABLE: &str = include_str!("../../queries/answers.toml");

/// The word lists.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AnswerWords {
    json: Vec<String>,
    number: Vec<String>,
    date: Vec<String>,
    list: Vec<String>,
    bool: Vec<String>,
    code: Vec<String>,
    text: Vec<String>,
    through: Vec<String>,
    yes_no: Vec<String>,
}

impl AnswerWords {
    /// The embedded lists. The tests of this module load them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static WORDS: LazyLock<AnswerWords> =
            LazyLock::new(|| toml::from_str(TABLE).expect("queries/answers.toml is valid"));
        &WORDS
    }

    /// What a callee, by its last name, uses the answer as.
    pub fn of_callee(&self, name: &str) -> Option<AnswerUse> {
        let has = |list: &[String]| list.iter().any(|known| known == name);
        [
            (&self.json, AnswerUse::Json),
            (&self.number, AnswerUse::Number),
            (&self.date, AnswerUse::Date),
            (&self.list, AnswerUse::List),
            (&self.bool, AnswerUse::Bool),
            (&self.code, AnswerUse::Code),
            (&self.text, AnswerUse::Text),
        ]
        .into_iter()
        .find(|(list, _)| has(list))
        .map(|(_, usage)| usage)
    }

    /// Whether a callee gives the answer on unchanged, as far as its use goes.
    pub fn is_through(&self, name: &str) -> bool {
        self.through.iter().any(|known| known == name)
    }

    /// Whether a literal is one of the two answers of a yes-or-no question.
    pub fn is_yes_no(&self, text: &str) -> bool {
        let text = text.trim().trim_end_matches(['.', '!']).to_lowercase();
        self.yes_no.contains(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsers_and_comparisons_say_what_an_answer_is() {
        let words = AnswerWords::embedded();
        assert_eq!(words.of_callee("loads"), Some(AnswerUse::Json));
        assert!(words.is_through("strip"));
        assert!(words.is_yes_no("YES"));
        assert!(!words.is_yes_no("billing"));
    }
}
