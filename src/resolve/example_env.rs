//! What example environment files of a project say: `.env.example` and its like.

use super::World;
use crate::source::Span;

impl World<'_> {
    /// A setting from an example environment file in a folder of the project.
    pub(super) fn setting(&self, name: &str, folder: &str) -> Option<(String, Span)> {
        for file in [".env.example", ".env.sample", ".env.template", "env.example", ".env"] {
            let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
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
