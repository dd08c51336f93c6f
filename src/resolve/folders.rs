//! Folders whose files code lists: `Path(here).glob("*.toml")`, `os.listdir(here)`, `readdirSync(here)`.

use std::rc::Rc;

use super::World;
use super::paths::ROOT;
use super::value::*;

/// Stands before a folder of which it is asked which files of text lie in it.
pub const LISTING: &str = "*:";

/// Files of one folder that are looked at: a folder of more is a store of data.
const FILES: usize = 64;

impl World<'_> {
    /// The files of a folder whose names fit a pattern, as paths or as names alone; `None` where that cannot be known.
    pub(super) fn listed(&self, folder: &Value, pattern: &str, as_paths: bool, at: ExprRef) -> Option<Value> {
        let pattern = pattern.strip_prefix("**/").unwrap_or(pattern);
        let (folder, names) = self.folder(&folder.as_static()?, at)?;
        let fitting: Vec<&str> = names.lines().filter(|name| fits(name, pattern)).collect();
        if fitting.is_empty() || fitting.len() > FILES {
            return None;
        }
        let span = self.span(at);
        let items = fitting.into_iter().map(|name| match as_paths {
            true => Value::literal(&format!("{ROOT}{}", super::modules::join(&folder, name)), span),
            false => Value::literal(name, span),
        });
        Some(Value::List(Rc::new(ListValue { items: items.collect(), open: false, span })))
    }

    /// `glob("prompts/*.md")`: the files whose paths fit a pattern, of which only the last part may be open.
    pub(super) fn globbed(&self, pattern: &Value, at: ExprRef) -> Option<Value> {
        let pattern = pattern.as_static()?;
        let (folder, name) = pattern.rsplit_once('/')?;
        let folder = folder.strip_suffix("/**").unwrap_or(folder);
        self.listed(&Value::literal(folder, self.span(at)), name, true, at)
    }

    /// Where a folder lies, and the names of the text files in it: known from the root on, or found beside the code and
    /// above it.
    fn folder(&self, written: &str, at: ExprRef) -> Option<(String, Rc<str>)> {
        let names = |folder: String| (self.texts)(&format!("{LISTING}{folder}")).map(|names| (folder, names));
        if let Some(known) = written.strip_prefix(ROOT) {
            return names(super::modules::join("", known));
        }
        let written = written.trim_start_matches("./");
        if written.is_empty() || written.starts_with(['/', '.', '~']) {
            return None;
        }
        let mut above = super::modules::parent(&self.sources[at.file.0 as usize].path);
        loop {
            if let Some(found) = names(super::modules::join(above, written)) {
                return Some(found);
            }
            if above.is_empty() {
                return None;
            }
            above = super::modules::parent(above);
        }
    }
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or("");
    for part in parts {
        let Some(place) = left.find(part) else { return false };
        left = &left[place + part.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns() {
        assert!(fits("a.toml", "*.toml") && fits("a.toml", "a.toml") && fits("ab_c.md", "a*_*.md") && fits("x", "*"));
        assert!(!fits("a.tom", "*.toml") && !fits("b.toml", "a*") && !fits(".md", "*a.md"));
    }
}
