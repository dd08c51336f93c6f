//! Words that say how a call stands in the flow of a program: `queries/flow.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

const TABLE: &str = include_str!("../../queries/flow.toml");

/// The word lists. Names are the last of a callee, attribute or decorator.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FlowWords {
    /// Decorators, methods of routers and exported names whose function somebody waits for.
    pub request: Vec<String>,
    /// Modules whose import makes a file a screen.
    pub interactive: Vec<String>,
    /// Decorators of commands, run from a shell or a scheduler.
    pub command: Vec<String>,
    /// Modules whose import makes a file a command.
    pub script_modules: Vec<String>,
    /// Folders of scripts.
    pub script_paths: Vec<String>,
    /// Pieces of paths that a web framework serves.
    pub request_paths: Vec<String>,
    /// Names of functions that a framework, a launcher or a user of a library runs.
    pub starts: Vec<String>,
    /// Callees that wait for a person, a message or a time.
    pub waits: Vec<String>,
    /// Words in the name of a callee that asks a person.
    pub people: Vec<String>,
    /// Words in the name of what cuts or sums up a history.
    pub trims: Vec<String>,
    /// Words in the name of what counts turns, money or time.
    pub bounds: Vec<String>,
    /// Decorators and functions that try again.
    pub retry: Vec<String>,
    /// Settings that end a retry.
    pub stops: Vec<String>,
    /// Retries that end by themselves.
    pub stopped: Vec<String>,
    /// Decorators that keep answers.
    pub memo: Vec<String>,
    /// Words in the name of what paces calls on purpose.
    pub paces: Vec<String>,
    /// Callees that give the same for the same.
    pub same: Vec<String>,
}

impl FlowWords {
    /// The embedded lists. The test of this module loads them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static WORDS: LazyLock<FlowWords> =
            LazyLock::new(|| toml::from_str(TABLE).expect("queries/flow.toml is valid"));
        &WORDS
    }

    /// Whether a name holds one of a list of words, whatever its case.
    pub fn holds(list: &[String], name: &str) -> bool {
        let name = name.to_lowercase();
        list.iter().any(|word| name.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_load_and_hold_words() {
        let words = FlowWords::embedded();
        assert!(FlowWords::holds(&words.trims, "trimHistory"));
        assert!(!FlowWords::holds(&words.bounds, "answer"));
    }
}
