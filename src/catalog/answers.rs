//! What callees say of the answer they are handed: `queries/answers.toml`.

use std::sync::LazyLock;

use regex::RegexSet;
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
    through_method: Vec<String>,
    parsed_members: Vec<String>,
    tool_members: Vec<String>,
    contains: Vec<String>,
    items: Vec<String>,
    entries: Vec<String>,
    patterns: Vec<String>,
    listeners: Vec<String>,
    text_events: Vec<String>,
    json_parsers: Vec<String>,
    list_parsers: Vec<String>,
    bool_parsers: Vec<String>,
    enum_parsers: Vec<String>,
    date_parsers: Vec<String>,
    structured_by: Vec<String>,
    yes_no: Vec<String>,
    sentinels: Vec<String>,
    explains: Vec<String>,
    code_files: Vec<String>,
    named_date: Vec<String>,
    named_code: Vec<String>,
    aside: Vec<String>,
    envelope: Vec<String>,
    holders: Vec<String>,
    transport: Vec<String>,
    counters: Vec<String>,
    json_readers: Vec<String>,
    shown: Vec<String>,
    named_json: Vec<String>,
    demands_code: Vec<String>,
}

fn has(list: &[String], name: &str) -> bool {
    list.iter().any(|known| known == name)
}

impl AnswerWords {
    /// The embedded lists. The tests of this module load them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static WORDS: LazyLock<AnswerWords> =
            LazyLock::new(|| toml::from_str(TABLE).expect("queries/answers.toml is valid"));
        &WORDS
    }

    /// Whether a prompt asks for code and nothing else.
    pub fn asks_for_code(&self, prompt: &str) -> bool {
        static DEMANDS: LazyLock<RegexSet> = LazyLock::new(|| {
            let patterns = &AnswerWords::embedded().demands_code;
            let any_case = patterns.iter().map(|pattern| format!("(?i){pattern}"));
            RegexSet::new(any_case).expect("the patterns of queries/answers.toml are valid")
        });
        DEMANDS.is_match(prompt)
    }

    /// What a callee, by its last name, uses the answer as.
    pub fn of_callee(&self, name: &str) -> Option<AnswerUse> {
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
        .find(|(list, _)| has(list, name))
        .map(|(_, usage)| usage)
    }

    /// What a parser at the end of a chain makes of the answer, by the last name of its constructor.
    pub fn of_parser(&self, name: &str) -> Option<AnswerUse> {
        [
            (&self.json_parsers, AnswerUse::Json),
            (&self.list_parsers, AnswerUse::List),
            (&self.bool_parsers, AnswerUse::Bool),
            (&self.enum_parsers, AnswerUse::Enum),
            (&self.date_parsers, AnswerUse::Date),
        ]
        .into_iter()
        .find(|(list, _)| has(list, name))
        .map(|(_, usage)| usage)
    }

    /// Whether a callee gives the answer on unchanged, as far as its use goes, when it is handed it.
    pub fn is_through(&self, name: &str) -> bool {
        has(&self.through, name)
    }

    /// Whether a method called on the answer gives it on unchanged.
    pub fn is_through_method(&self, name: &str) -> bool {
        has(&self.through, name) || has(&self.through_method, name)
    }

    /// Whether a member unwraps what is parsed already.
    pub fn is_parsed_member(&self, name: &str) -> bool {
        has(&self.parsed_members, name)
    }

    /// Whether a member says that the model chooses tools.
    pub fn is_tool_member(&self, name: &str) -> bool {
        has(&self.tool_members, name)
    }

    /// Whether a member says something of the request, not of the answer.
    pub fn is_aside(&self, name: &str) -> bool {
        has(&self.aside, name)
    }

    /// Whether a member wraps the text of an answer.
    pub fn is_envelope(&self, name: &str) -> bool {
        has(&self.envelope, name)
    }

    /// Whether a member is one of a provider's envelope.
    pub fn is_transport(&self, name: &str) -> bool {
        has(&self.transport, name)
    }

    /// Whether a member of what a server sent holds the answer: `message`.
    pub fn is_holder(&self, name: &str) -> bool {
        has(&self.holders, name)
    }

    /// Whether the name of a function says that it reads JSON out of text: `_extract_json`, `safeJsonParse`.
    pub fn reads_json(&self, name: &str) -> bool {
        let words = words(&name.replace("JSON", "Json"));
        words.iter().any(|word| word == "json") && words.iter().any(|word| has(&self.json_readers, word))
    }

    /// Whether a function that asks a model gives its answer back as JSON by its name: `complete_json`, not
    /// `generate_json_text`.
    pub fn gives_json(&self, name: &str) -> bool {
        let words = words(&name.replace("JSON", "Json"));
        let text = |word: &String| matches!(word.as_str(), "text" | "string" | "str" | "mode");
        words.iter().any(|word| word == "json") && !words.iter().any(text)
    }

    /// Whether a name is that of a counter.
    pub fn is_counter(&self, name: &str) -> bool {
        has(&self.counters, name)
    }

    /// Whether a function only shows a text.
    pub fn is_shown(&self, name: &str) -> bool {
        has(&self.shown, name)
    }

    /// Whether a method asks if one text or set holds another.
    pub fn is_contains(&self, name: &str) -> bool {
        has(&self.contains, name)
    }

    /// Whether a method or function runs over the items of a list.
    pub fn is_items(&self, name: &str) -> bool {
        has(&self.items, name)
    }

    /// Whether a method gives the entries of a record.
    pub fn is_entries(&self, name: &str) -> bool {
        has(&self.entries, name)
    }

    /// Whether a function searches by a pattern.
    pub fn is_pattern(&self, name: &str) -> bool {
        has(&self.patterns, name)
    }

    /// Whether a method names a function for an event that brings the answer's text: `stream.on("text", …)`.
    pub fn is_listener(&self, name: &str, event: &str) -> bool {
        has(&self.listeners, name) && has(&self.text_events, event)
    }

    /// Whether a method gives a model a schema for its answers.
    pub fn is_structured_by(&self, name: &str) -> bool {
        has(&self.structured_by, name)
    }

    /// Whether a literal is one of the two answers of a yes-or-no question.
    pub fn is_yes_no(&self, text: &str) -> bool {
        has(&self.yes_no, &folded(text))
    }

    /// Whether a literal stands for "no answer".
    pub fn is_sentinel(&self, text: &str) -> bool {
        has(&self.sentinels, &folded(text))
    }

    /// Whether a field says why or how sure, beside what is decided.
    pub fn explains(&self, field: &str) -> bool {
        has(&self.explains, &field.to_lowercase())
    }

    /// What a file holds, by its ending.
    pub fn of_file(&self, path: &str) -> Option<AnswerUse> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending {
            "json" => Some(AnswerUse::Json),
            _ => has(&self.code_files, ending).then_some(AnswerUse::Code),
        }
    }

    /// What a name calls a text: the last of its words that calls it anything decides, as in `date_html`.
    pub fn of_name(&self, name: &str) -> Option<AnswerUse> {
        words(name).iter().rev().find_map(|word| {
            [
                (&self.named_date, AnswerUse::Date),
                (&self.named_code, AnswerUse::Code),
                (&self.named_json, AnswerUse::Json),
            ]
            .into_iter()
            .find(|(list, _)| has(list, word))
            .map(|(_, usage)| usage)
        })
    }
}

fn folded(text: &str) -> String {
    text.trim().trim_end_matches(['.', '!']).to_lowercase()
}

/// The words of a name: `parseIsoDate` and `parse_iso_date` come out alike.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && words.last().is_some_and(|word| !word.is_empty())) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
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

    #[test]
    fn the_last_telling_word_of_a_name_decides() {
        let words = AnswerWords::embedded();
        assert_eq!(words.of_name("normalizeDate"), Some(AnswerUse::Date));
        assert_eq!(words.of_name("update"), None);
        assert_eq!(words.of_name("date_html"), Some(AnswerUse::Code));
    }
}
