//! Words by which an unresolved call is taken for a call of a model: `queries/wrappers.toml`.

use std::sync::LazyLock;

use regex::RegexSet;
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
    keeps: Vec<String>,
    helpers: Vec<String>,
    gets: Vec<String>,
    got: Vec<String>,
    makes: Vec<String>,
    prompts: Vec<String>,
    carries: Vec<String>,
    questions: Vec<String>,
    aside: Vec<String>,
    machines: Vec<String>,
    packages: Vec<String>,
    works: Vec<String>,
    lone: Vec<String>,
    callbacks: Vec<String>,
    instructs: Vec<String>,
    registers: Vec<String>,
    requests: Vec<String>,
}

impl WrapperWords {
    /// The embedded lists. The tests of this module load them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static WORDS: LazyLock<WrapperWords> =
            LazyLock::new(|| toml::from_str(TABLE).expect("queries/wrappers.toml is valid"));
        &WORDS
    }

    /// How many strong and weak words a callee has; `None` if its last name says that no model is asked.
    pub fn of_callee(&self, callee: &str) -> Option<(usize, usize)> {
        let ends = |path: &String| {
            callee.strip_suffix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if self.never.iter().any(ends) {
            return None;
        }
        let words = split_words(callee);
        if callee.split('.').any(|part| self.aside.iter().any(|known| known == part)) {
            return None;
        }
        // The last name must say it too: `chatHistory.concat` and `setErrorMessage` do not ask.
        let last = callee.rsplit('.').next().unwrap_or(callee);
        let own = split_words(last);
        let strong = own.iter().any(|word| self.strong.contains(word));
        let starts = |list: &[String]| own.first().is_some_and(|first| list.contains(first));
        let prompt = own.last().is_some_and(|last| self.prompts.contains(last));
        // A machine is told to do something, or something is counted, whatever the text says.
        let works = words.iter().any(|word| self.works.contains(word)) && !strong;
        if works || self.keeps(callee) || !strong && prompt && own.len() > 1 && starts(&self.makes) {
            return None;
        }
        // Reading, writing and showing text is no asking, unless a model is named as what does it.
        let handles = starts(&self.handles) && !strong;
        let base = callee.rsplit_once('.').map_or_else(Vec::new, |(base, _)| split_words(base));
        let base_strong = base.iter().any(|word| self.strong.contains(word));
        let base_weak = base.iter().filter(|word| self.weak.contains(word)).count();
        let says = own.iter().any(|word| self.strong.contains(word) || self.weak.contains(word))
            || base_strong
            || base_weak > 1;
        let tells = own.last().is_some_and(|last| self.callbacks.contains(last));
        // What is got is an answer, if a model is named: `llm_service.get_completion`.
        let answers = || starts(&self.gets) && own.last().is_some_and(|last| self.got.contains(last));
        let helps = starts(&self.helpers) && !((strong || base_strong) && answers());
        if !says || handles || tells || helps {
            return Some((0, 0));
        }
        let count = |list: &[String]| words.iter().filter(|word| list.iter().any(|known| known == *word)).count();
        Some((count(&self.strong), count(&self.weak)))
    }

    /// Whether one of a callee's words says that something is asked, without another beside it: `respond` and `message`
    /// also tell somebody something.
    pub fn asks(&self, callee: &str) -> bool {
        split_words(callee).iter().any(|word| self.strong.contains(word) || self.lone.contains(word))
    }

    /// Whether what has this name takes a function for later, and hands it nothing: `addNode("read", read, options)`.
    pub fn registers(&self, name: &str) -> bool {
        self.registers.iter().any(|known| known == name)
    }

    /// Whether a callee shows, keeps or changes something: `display_message`.
    pub fn keeps(&self, callee: &str) -> bool {
        let own = split_words(callee.rsplit('.').next().unwrap_or(callee));
        // `hist_add_response`: what is meant may stand before what is done.
        let second = own.first().is_some_and(|first| !self.lone.contains(first)).then(|| own.get(1)).flatten();
        own.first().into_iter().chain(second).any(|word| self.keeps.contains(word))
            && !own.iter().any(|word| self.strong.contains(word))
    }

    /// Whether a name, or the last part of a path of names, is one that prompts are held in: `user_prompt`,
    /// `options.systemPrompt`; `prompt_example` is none.
    pub fn is_prompt_name(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        split_words(last).last().is_some_and(|word| self.prompts.contains(word))
    }

    /// Whether one of the words of a name is that of a prompt: `prompt_builder`.
    pub fn speaks_of_prompt(&self, name: &str) -> bool {
        split_words(name).iter().any(|word| self.prompts.contains(word))
    }

    /// Whether a name is one that a part of a prompt is held in: as [`Self::is_prompt_name`], or what system or user say.
    pub fn is_prompt_part(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        let words = split_words(last);
        let told = matches!(words.first().map(String::as_str), Some("system" | "user"));
        self.is_prompt_name(name) || (told && words.last().is_some_and(|word| self.carries.contains(word)))
    }

    /// Whether a name says by one word that a model is meant: `llm`, `gpt_client`.
    pub fn is_strong(&self, name: &str) -> bool {
        split_words(name).iter().any(|word| self.strong.contains(word))
    }

    /// Whether a parameter of a wrapper has a name by which the text to ask is handed in.
    pub fn carries(&self, name: &str) -> bool {
        self.is_prompt_name(name) || split_words(name).last().is_some_and(|word| self.carries.contains(word))
    }

    /// Whether what is to be found out is handed in under a name.
    pub fn is_question_name(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        split_words(last).last().is_some_and(|word| self.questions.contains(word))
    }

    /// Whether a text is for a machine: a query of a database, code, an address.
    pub fn is_for_machine(&self, text: &str) -> bool {
        static STARTS: LazyLock<RegexSet> = LazyLock::new(|| {
            RegexSet::new(&WrapperWords::embedded().machines).expect("the patterns of queries/wrappers.toml are valid")
        });
        STARTS.is_match(text.trim())
    }

    /// Whether what a package offers asks no model: `rich.prompt.Confirm.ask`.
    pub fn is_of_another_field(&self, path: &str) -> bool {
        let root = path.split(['.', '/', '#']).next().unwrap_or(path);
        self.packages.iter().any(|package| package == root)
    }

    /// Whether a callee's name says that it sends a request: `fetchSSE`, `post_json`.
    pub fn requests(&self, name: &str) -> bool {
        split_words(name).iter().any(|word| self.requests.contains(word))
    }

    /// Whether a text gives a task.
    pub fn instructs(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.instructs.iter().any(|phrase| text.contains(phrase.as_str()))
    }
}

/// The words of a dotted name in camel or snake case, in lower case.
pub fn split_words(name: &str) -> Vec<String> {
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
        assert_eq!(words.of_callee("generate_prompt"), None);
        assert_eq!(words.of_callee("run_prompt"), Some((0, 2)));
        assert_eq!(words.of_callee("setChatSettings"), None);
        assert_eq!(words.of_callee("show_llm_answer"), Some((1, 1)));
    }
    #[test]
    fn text_for_a_machine_is_told_from_a_task() {
        let words = WrapperWords::embedded();
        for text in [
            "SELECT name FROM rows",
            "create table if not exists rows (id int)",
            "\n  MATCH (a:Row)-[:OF]->(b) RETURN a",
            "CALL db.labels() YIELD label RETURN label",
            "PREFIX rdf: <http://example.org/> SELECT ?a WHERE { ?a ?b ?c }",
            "query Viewer($id: ID!) { viewer(id: $id) { name } }",
            "import json\nprint(json.dumps(1))",
            "export const a = 1;",
            "https://example.org/models.json",
        ] {
            assert!(words.is_for_machine(text), "{text}");
        }
        for text in [
            "Select the best of these.",
            "select one from the following list",
            "With what you know, answer.",
            "Match each name to a number.",
            "import the rows below into a table, as CSV",
            "query the text for names and list them",
            "export what matters from this text",
            "Create a table of the rows.",
            "https://example.org is the page to summarize",
        ] {
            assert!(!words.is_for_machine(text), "{text}");
        }
    }
}
