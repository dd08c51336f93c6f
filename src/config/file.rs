//! Finding and reading the config file of an audited folder.
//!
//! A config found in the audited tree is a stranger's: it names no commands, writes nothing, is not read from outside
//! its repository, and raises no limit. One file counts; a second in the same folder is said, not merged.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Layer;
use crate::error::Error;

/// Where settings may stand in a folder, the first that holds any wins.
const NAMES: &[&str] = &["scriptworthy.toml", ".scriptworthy.toml", "pyproject.toml", "package.json"];

/// Bytes of a config file beyond which it is an error.
const SIZE: u64 = 1 << 20;

/// Files that may extend each other in a chain.
const CHAIN: usize = 8;

/// The config of an audited folder.
#[derive(Debug)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub layer: Layer,
    /// Config files beside it that do not count.
    pub passed_over: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Pyproject {
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    scriptworthy: Option<Layer>,
}

#[derive(Deserialize)]
struct Package {
    scriptworthy: Option<Layer>,
}

/// The nearest config file: of `folder`, then of the folders above it up to the repository root.
///
/// # Errors
/// A config file cannot be read or is not valid.
pub fn find(folder: &Path) -> Result<Option<Found>, Error> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(real) = folder.canonicalize() else {
        return Ok(None);
    };
    let top = real.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&real);
    for (step, above) in real.ancestors().take_while(|above| above.starts_with(top)).enumerate() {
        // Shown as it was reached from the audited folder, so that no message holds the place of the checkout.
        let shown = folder.join(["..", "/"].concat().repeat(step));
        let mut found: Option<Found> = None;
        for name in NAMES {
            let shown = if step == 0 { folder.join(name) } else { shown.join(name) };
            let Some(layer) = load(&above.join(name), &shown)? else {
                continue;
            };
            match &mut found {
                Some(found) => found.passed_over.push(shown),
                None => {
                    let layer = extended(layer, above, top, &shown, CHAIN)?;
                    found = Some(Found { path: shown, layer, passed_over: Vec::new() });
                }
            }
        }
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Reads a config file that was named on the command line.
///
/// # Errors
/// It cannot be read or is not valid.
pub fn read(path: &Path) -> Result<Layer, Error> {
    let missing = || match fs::metadata(path) {
        Ok(data) if data.is_file() => invalid(path, None, "it holds no settings of scriptworthy".to_owned()),
        Ok(_) => Error::NotAFile(path.to_owned()),
        Err(_) => Error::NotFound(path.to_owned()),
    };
    let layer = load(path, path)?.ok_or_else(missing)?;
    let real = path.canonicalize().map_err(|error| Error::Unreadable(path.to_owned(), error))?;
    let folder = real.parent().ok_or_else(missing)?;
    let top = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder);
    extended(layer, folder, top, path, CHAIN)
}

/// The JSON Schema of a config file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Layer).to_value()
}

/// The layer below, as `extend` names it, with this one over it.
fn extended(layer: Layer, folder: &Path, top: &Path, shown: &Path, left: usize) -> Result<Layer, Error> {
    let Some(extend) = &layer.extend else {
        return Ok(layer);
    };
    let fail = |why: &str| Error::Config {
        path: shown.to_owned(),
        place: None,
        message: format!("`extend = \"{extend}\"` {why}"),
        near: None,
    };
    if left == 0 {
        return Err(fail("is one file too many, or a ring"));
    }
    let target = folder.join(extend).canonicalize().map_err(|_| fail("names no file"))?;
    if !target.starts_with(top) {
        return Err(fail("leaves the repository"));
    }
    let below = load(&target, Path::new(extend))?.ok_or_else(|| fail("holds no settings"))?;
    let above = target.parent().unwrap_or(top);
    let below = extended(below, above, top, Path::new(extend), left - 1)?;
    Ok(below.under(layer))
}

/// What a file says; `None` if it is not there or is a manifest without settings of ours.
fn load(path: &Path, shown: &Path) -> Result<Option<Layer>, Error> {
    let unreadable = |error| Error::Unreadable(shown.to_owned(), error);
    let data = match fs::metadata(path) {
        Ok(data) if data.is_file() => data,
        _ => return Ok(None),
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let manifest = name == "pyproject.toml" || name == "package.json";
    if data.len() > SIZE {
        let message = format!("config files over {SIZE} bytes are not read");
        let error = Error::Config { path: shown.to_owned(), place: None, message, near: None };
        return if manifest { Ok(None) } else { Err(error) };
    }
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(_) if manifest => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    // A manifest that never names us is none of our business, valid or not.
    if manifest && !text.contains("scriptworthy") {
        return Ok(None);
    }
    let layer = match name.as_str() {
        "package.json" => serde_json::from_str::<Package>(&text)
            .map(|package| package.scriptworthy)
            .map_err(|error| invalid(shown, Some((error.line(), error.column())), json_message(&error))),
        "pyproject.toml" => toml::from_str::<Pyproject>(&text)
            .map(|manifest| manifest.tool.and_then(|tool| tool.scriptworthy))
            .map_err(|error| invalid_toml(shown, &text, &error)),
        _ => toml::from_str::<Layer>(&text).map(Some).map_err(|error| invalid_toml(shown, &text, &error)),
    }?;
    if let Some(problem) = layer.as_ref().and_then(Layer::problem) {
        return Err(invalid(shown, None, problem.to_owned()));
    }
    Ok(layer)
}

/// Reads settings that stand on the command line: `calls-per-month = 1000`.
///
/// # Errors
/// They are not valid.
impl std::str::FromStr for Layer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let shown = Path::new("--config");
        let layer: Self = toml::from_str(text).map_err(|error| invalid_toml(shown, text, &error))?;
        match layer.problem() {
            Some(problem) => Err(invalid(shown, None, problem.to_owned())),
            None => Ok(layer),
        }
    }
}

/// The message of serde_json without the place that it ends with: the place is said apart.
fn json_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

fn invalid_toml(shown: &Path, text: &str, error: &toml::de::Error) -> Error {
    let place = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    });
    invalid(shown, place, error.message().to_owned())
}

fn invalid(shown: &Path, place: Option<(usize, usize)>, message: String) -> Error {
    let near = nearest(&message);
    Error::Config { path: shown.to_owned(), place, message, near }
}

/// For an unknown key, the nearest known one: serde names both in its message, in backticks.
fn nearest(message: &str) -> Option<String> {
    let mut names = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let wrong = names.next()?;
    let best = names.map(|known| (distance(wrong, known), known)).min()?;
    (best.0 <= wrong.chars().count() / 2).then(|| best.1.to_owned())
}

/// Insertions, deletions and replacements that make one word of another (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest() {
        let error = "slect = [\"SW1\"]".parse::<Layer>().expect_err("unknown");
        assert!(
            matches!(&error, Error::Config { near: Some(near), place: Some((1, 1)), .. } if near == "select"),
            "{error:?}"
        );
        let error = "zzzzzzzzzzzz = 1".parse::<Layer>().expect_err("unknown");
        assert!(matches!(&error, Error::Config { near: None, .. }), "{error:?}");
    }

    #[test]
    fn what_lies_above_wins_and_lists_that_extend_are_joined() {
        let below: Layer = "ignore = [\"a\"]\nextend-exclude = [\"x\"]\npreview = true".parse().expect("valid");
        let above: Layer = "ignore = [\"b\"]\nextend-exclude = [\"y\"]".parse().expect("valid");
        let both = below.under(above);
        assert_eq!(both.ignore, Some(vec!["b".to_owned()]));
        assert_eq!(both.extend_exclude, Some(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(both.preview, Some(true));
    }

    #[test]
    fn distances_are_counted() {
        assert_eq!(distance("slect", "select"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
