//! What prompts, fields and names say to the rules of levers SW2 to SW9: `queries/levers.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

const TABLE: &str = include_str!("../../queries/levers.toml");

/// The word lists, in lower case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LeverWords {
    /// Phrases that ask for one of few answers.
    pub closed: Vec<String>,
    /// Phrases that ask for one of a list that the prompt gives.
    pub picks: Vec<String>,
    /// Phrases that ask for the main part of a page.
    pub page_parts: Vec<String>,
    /// Words in the name of what turns messages into another form, all of them.
    pub converts: Vec<String>,
    /// Phrases that forbid anything but the answer.
    pub bare: Vec<String>,
    /// Phrases that ask for reasoning or several steps before the answer.
    pub reasons: Vec<String>,
    /// Names of answer fields that hold reasoning.
    pub reasoning_fields: Vec<String>,
    /// Names of answer fields that make a record one that is written for readers: its explanation is part of it.
    pub written_fields: Vec<String>,
    /// SDK tables of tools whose model the user's own settings choose, not the code.
    pub own_models: Vec<String>,
    /// SDK tables of tools that fall back to a model of their own, which moves with their version.
    pub defaults: Vec<String>,
    /// SDK tables of tools that refuse a request without a model.
    pub refusals: Vec<String>,
    /// Words in the names of callees and settings that bound a wait by time.
    pub timeouts: Vec<String>,
    /// Verbs whose object is a conversation as a whole.
    pub whole_talks: Vec<String>,
    /// Words in the name of answer fields that hold a decision.
    pub decision_fields: Vec<String>,
    /// Classes of work that a long prompt lists.
    pub phases: Vec<Vec<String>>,
    /// Verbs of a small rewrite.
    pub rewrites: Vec<String>,
    /// Phrases that ask for a named part of a document.
    pub parts: Vec<String>,
    /// Text in code by which prompt caching is asked for.
    pub cache_marks: Vec<String>,
    /// Ends of model names that mean another model tomorrow.
    pub floating: Vec<String>,
    /// Model names that let a gateway choose.
    pub automatic: Vec<String>,
    /// Words in the names of what holds a conversation so far.
    pub histories: Vec<String>,
    /// Text in an expression that prints JSON with indentation.
    pub pretty: Vec<String>,
    /// Text in an expression that turns a declared type into a schema.
    pub schemas: Vec<String>,
    /// Words in the names of callees and values that hold several texts.
    pub many: Vec<String>,
    /// Words in the names of callees that cut a list into shorter lists.
    pub pieces: Vec<String>,
    /// SDK tables of requests that a program puts together itself, with an address.
    pub by_address: Vec<String>,
    /// Plurals that name one record.
    pub one_record: Vec<String>,
    /// Words in the names of what is looked up anew for each question.
    pub looked_up: Vec<String>,
    /// Words in the name of what cuts a conversation short.
    pub cutters: Vec<String>,
    /// Text by which a value is copied.
    pub copies: Vec<String>,
    /// Text by which a value is made once and kept.
    pub memos: Vec<String>,
    /// Words in the names of what bounds a count, a sum of money or a time.
    pub bounds: Vec<String>,
    /// Text in the making of a client by which a cloud or a server of one's own answers.
    pub elsewhere: Vec<String>,
    /// Words in headings over lines that are to be heeded in all of the work.
    pub guidance: Vec<String>,
}

impl LeverWords {
    /// The embedded lists. The test of this module loads them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static WORDS: LazyLock<LeverWords> =
            LazyLock::new(|| toml::from_str(TABLE).expect("queries/levers.toml is valid"));
        &WORDS
    }
}

/// The first phrase of a list that stands in a text, whatever the text's case.
pub fn first_in<'l>(list: &'l [String], text: &str) -> Option<&'l str> {
    let text = text.to_lowercase();
    list.iter().map(String::as_str).find(|phrase| text.contains(phrase))
}

/// The first phrase of a list that stands in a text as words: `rate` in "rate the answer", not in "generate".
pub fn first_phrase<'l>(list: &'l [String], text: &str) -> Option<&'l str> {
    let text = text.to_lowercase();
    let stands = |phrase: &str| {
        let open = phrase.starts_with(char::is_alphanumeric);
        let before = |at: usize| text[..at].chars().next_back();
        text.match_indices(phrase).any(|(at, _)| !open || before(at).is_none_or(|c| !c.is_alphanumeric()))
    };
    list.iter().map(String::as_str).find(|phrase| stands(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_load_and_phrases_are_found_in_any_case() {
        let words = LeverWords::embedded();
        assert_eq!(first_phrase(&words.closed, "Answer YES or NO."), Some("yes or no"));
        assert_eq!(first_phrase(&words.closed, "Generate it, then integrating all."), None);
        assert!(words.phases.iter().all(|class| !class.is_empty()));
    }
}
