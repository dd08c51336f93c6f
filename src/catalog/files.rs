//! Which files hold prompts, by their names: `queries/files.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::wrappers::split_words;

const TABLE: &str = include_str!("../../queries/files.toml");

/// Names of files that hold prompts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptFiles {
    endings: Vec<String>,
    templates: Vec<String>,
    folders: Vec<String>,
    loaders: Vec<String>,
    about: Vec<String>,
}

impl PromptFiles {
    /// The embedded table. The tests of this module load it, so that it cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static TABLES: LazyLock<PromptFiles> =
            LazyLock::new(|| toml::from_str(TABLE).expect("queries/files.toml is valid"));
        &TABLES
    }

    /// Whether a file may hold a prompt, by its ending.
    pub fn may_hold_text(&self, path: &str) -> bool {
        ending(path).is_some_and(|ending| self.endings.iter().any(|known| known == ending))
    }

    /// Whether a file is a template, by its ending.
    pub fn is_template(&self, path: &str) -> bool {
        ending(path).is_some_and(|ending| self.templates.iter().any(|known| known == ending))
    }

    /// Whether a function of that name gives the text of a file that it is asked for.
    pub fn is_loader(&self, name: &str) -> bool {
        split_words(name).iter().any(|word| self.loaders.contains(word) || self.folders.contains(word))
    }

    /// Whether a file is one that nearly every project has to tell of itself: `README.md`, `package.json`. In a folder
    /// that is known only at run time it most often is another project's.
    pub fn is_about_project(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let stem = name.split('.').next().unwrap_or(&name);
        self.about.iter().any(|known| known == stem)
    }

    /// Whether a file is there for prompts or templates, by its ending or by what its folders and it are called.
    pub fn is_for_prompts(&self, path: &str) -> bool {
        let Some(own) = ending(path) else { return false };
        let says = |part: &str| split_words(part).iter().any(|word| self.folders.contains(word));
        self.is_template(path) || (self.may_hold_text(path) && path[..path.len() - own.len()].split('/').any(says))
    }
}

/// What stands behind the last point of a file's name.
fn ending(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, ending)| ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_prompts_are_told_by_ending_folder_or_name() {
        let files = PromptFiles::embedded();
        for path in ["a/b.j2", "prompts/a.txt", "src/chat-prompts/a.md", "a/system_prompt.yaml", "x/templates/a.json"] {
            assert!(files.is_for_prompts(path), "{path}");
        }
        for path in ["a/b.json", "notes.md", "prompts/a.png", "prompts", "a/promptly.txt", "README"] {
            assert!(!files.is_for_prompts(path), "{path}");
        }
        assert!(files.is_about_project("{}/README.md") && !files.is_about_project("prompts/readme_writer.md"));
        assert!(files.may_hold_text("a/notes.md") && !files.may_hold_text("a/notes.py"));
    }
}
