//! Words by which an unresolved call is taken for a call of a model: `queries/wrappers.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

const TABLE: &str = include_str!("../../queries/wrappers.toml");

/// The word lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrapperWords {
    strong: Vec<String>,
    weak: Vec<String>,
    never: Vec<String>,
    handles: Vec<String>,
    prompts: Vec<String>,
    carries: Vec<String>,
    queries: Vec<String>,
    callbacks: Vec<String>,
    instructs: Vec<String>,
}

impl WrapperWords {
    /// The embedded lists. The tests of this module load them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static WORDS: LazyLock<WrapperWords> =
            LazyLock::new(|| toml::from_str(TABLE).expect("queries/wrappers.toml is valid"));
        &WORDS
    }

    /// How many strong and weak words a callee has; `None` if its last name takes text and asks no model.
    pub fn of_callee(&self, callee: &str) -> Option<(usize, usize)> {
        let ends = |path: &String| {
            callee.strip_suffix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if self.never.iter().any(ends) {
            return None;
        }
        let words = split_words(callee);
        if callee
            .split('.')
            .any(|part| matches!(part, "logger" | "console" | "log" | "logging" | "st" | "parser" | "click" | "typer"))
        {
            return None;
        }
        // The last name must say it too: `chatHistory.concat` and `setErrorMessage` do not ask.
        let last = callee.rsplit('.').next().unwrap_or(callee);
        let own = split_words(last);
        let helper = [
            "set", "get", "to", "on", "is", "has", "handle", "use", "add", "show", "format", "build", "create",
            "parse", "update", "save", "log", "test", "mock",
        ];
        // Reading, writing and showing text is no asking, unless a model is named as what does it.
        let handles = own.first().is_some_and(|first| self.handles.contains(first))
            && !own.iter().any(|word| self.strong.contains(word));
        let base = callee.rsplit_once('.').map_or_else(Vec::new, |(base, _)| split_words(base));
        let base_strong = base.iter().any(|word| self.strong.contains(word));
        let base_weak = base.iter().filter(|word| self.weak.contains(word)).count();
        let says = own.iter().any(|word| self.strong.contains(word) || self.weak.contains(word))
            || base_strong
            || base_weak > 1;
        let tells = own.last().is_some_and(|last| self.callbacks.contains(last));
        if !says || handles || tells || own.first().is_some_and(|first| helper.contains(&first.as_str())) {
            return Some((0, 0));
        }
        let count = |list: &[String]| words.iter().filter(|word| list.iter().any(|known| known == *word)).count();
        Some((count(&self.strong), count(&self.weak)))
    }

    /// Whether a name, or the last part of a path of names, is one that prompts are held in: `user_prompt`,
    /// `options.systemPrompt`; `prompt_example` is none.
    pub fn is_prompt_name(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        split_words(last).last().is_some_and(|word| self.prompts.contains(word))
    }

    /// Whether a name is one that a part of a prompt is held in: as [`Self::is_prompt_name`], or what system or user say.
    pub fn is_prompt_part(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        let words = split_words(last);
        let told = matches!(words.first().map(String::as_str), Some("system" | "user"));
        self.is_prompt_name(name) || (told && words.last().is_some_and(|word| self.carries.contains(word)))
    }

    /// Whether a parameter of a wrapper has a name by which the text to ask is handed in.
    pub fn carries(&self, name: &str) -> bool {
        self.is_prompt_name(name) || split_words(name).last().is_some_and(|word| self.carries.contains(word))
    }

    /// Whether a text is a query of a database.
    pub fn is_query(&self, text: &str) -> bool {
        let text = text.trim_start();
        self.queries.iter().any(|start| text.starts_with(start.as_str()))
    }

    /// Whether a text gives a task.
    pub fn instructs(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.instructs.iter().any(|phrase| text.contains(phrase.as_str()))
    }
}

/// The words of a dotted name in camel or snake case, in lower case.
fn split_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if c.is_uppercase() && before.is_lowercase() {
                words.push(String::new());
            }
            if let Some(last) = words.last_mut() {
                last.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callees_are_read_word_by_word() {
        let words = WrapperWords::embedded();
        assert_eq!(words.of_callee("self.ai.raw_inference"), Some((1, 2)));
        assert_eq!(words.of_callee("callLLM"), Some((1, 1)));
        assert_eq!(words.of_callee("llm.complete"), Some((1, 1)));
        assert_eq!(words.of_callee("logger.info"), None);
        assert_eq!(words.of_callee("user.profile.render"), Some((0, 0)));
    }
}
