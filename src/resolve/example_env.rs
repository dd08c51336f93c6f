//! What example environment files of a project say: `.env.example` and its like.

use super::World;
use super::locate::Hit;
use super::models::Found;
use crate::program::ModelOrigin;
use crate::source::{FileId, Span};

/// The environment itself, where a project commits it.
const COMMITTED: &str = ".env";

/// Files that say what an environment may be, in the order in which they are believed.
const EXAMPLES: &[&str] = &[".env.example", ".env.sample", ".env.template", "env.example", COMMITTED];

impl World<'_> {
    /// The model that an SDK takes from its own variables, where an example environment beside or above the call sets one.
    pub(super) fn set_in_environment(&self, hit: &Hit, found: &mut Found) {
        let variables: Vec<&str> = self.sdk(hit.op).model_env.iter().map(String::as_str).collect();
        if let Some(setting) = self.setting_above(&variables, hit.at.file) {
            found.origin = Some(ModelOrigin::Environment);
            found.names.push(setting);
        }
    }

    /// The first of some settings that an example environment file sets, beside a file of the code or above it.
    pub(super) fn setting_above(&self, names: &[&str], file: FileId) -> Option<(String, Span)> {
        let mut folder = self.sources.get(file.0 as usize)?.path.to_string();
        while !folder.is_empty() {
            folder = super::modules::parent(&folder).to_owned();
            if let Some(found) = names.iter().find_map(|name| self.setting(name, &folder, EXAMPLES)) {
                return Some(found);
            }
        }
        None
    }

    /// What a variable that the code reads is set to: by an environment that is committed beside or above the code, which
    /// is what runs there, or else by an example at the root.
    pub(super) fn environment_setting(&self, name: &str, file: FileId) -> Option<(String, Span)> {
        let mut folder = self.sources.get(file.0 as usize)?.path.to_string();
        while !folder.is_empty() {
            folder = super::modules::parent(&folder).to_owned();
            if let Some(found) = self.setting(name, &folder, &[COMMITTED]) {
                return Some(found);
            }
        }
        self.setting(name, "", EXAMPLES)
    }

    /// A setting from an example environment file in a folder of the project.
    fn setting(&self, name: &str, folder: &str, files: &[&str]) -> Option<(String, Span)> {
        for file in files {
            let path = super::modules::join(folder, file);
            let Some((file, text)) = self.text_file(&path) else {
                continue;
            };
            let mut start = 0u32;
            for line in text.split_inclusive('\n') {
                let trimmed = line.trim().trim_start_matches("export ");
                if let Some((key, value)) = trimmed.split_once('=')
                    && key.trim() == name
                {
                    let value = value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\'']);
                    if !value.is_empty() && value.len() < 100 && !is_placeholder(value) {
                        let end = start + line.trim_end().len() as u32;
                        return Some((value.to_owned(), Span { file, start, end }));
                    }
                }
                start += line.len() as u32;
            }
        }
        None
    }
}

/// Whether a value of an example file only says that one is to be put there.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    lower.starts_with("your")
        || lower.contains("your-")
        || lower.contains("your_")
        || lower.contains(['<', '>', '[', '{'])
        || lower.contains("...")
        || lower.starts_with("xxx")
        || matches!(lower.as_str(), "changeme" | "change-me" | "todo" | "placeholder" | "replace_me" | "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_names_no_model() {
        assert!(is_placeholder("your_deployment_name"));
        assert!(is_placeholder("<model>"));
        assert!(!is_placeholder("gpt-4o-mini"));
    }
}
