//! Which files are audited, and reading them.
//!
//! Respects ignore files, leaves out dependencies, build output and minified bundles, and says of every file that it
//! passes over why. Knows nothing of grammars.

mod settings;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use ignore::WalkBuilder;
use rustc_hash::FxHashMap;

use crate::catalog::files::PromptFiles;
use crate::catalog::session::Form;
use crate::error::glob_message;
use crate::resolve::modules::Project;
use crate::resolve::{ENDING, LISTING};
use crate::sessions;
use crate::source::Language;

/// Folders that hold no code of the project itself.
const LEFT_OUT: &[&str] = &[
    "node_modules",
    "__pycache__",
    ".git",
    "venv",
    ".venv",
    "env",
    "site-packages",
    "dist",
    "build",
    "out",
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    "target",
    "coverage",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    "bower_components",
    "vendor",
    ".turbo",
    ".vercel",
    ".eggs",
    "__pypackages__",
    "htmlcov",
];

/// Bytes of a prompt file beyond which it is not read.
const TEXT: u64 = 256 << 10;

/// What limits the walk.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a source file beyond which it is skipped.
    pub max_file_size: u64,
    /// Whether ignore files count.
    pub gitignore: bool,
    /// Globs of paths to leave out.
    pub exclude: Vec<String>,
    /// Whether the globs also hold for files that are named: hooks name every changed file.
    pub force_exclude: bool,
}

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Relative path.
    pub path: String,
    /// Why: `too-large`, `not-utf-8`, `unreadable`, `parse-limit`, `minified`, `not-a-file`.
    pub reason: &'static str,
}

/// A file to audit.
#[derive(Debug)]
pub struct Entry {
    /// Where it is.
    pub absolute: PathBuf,
    /// Relative to the root, with forward slashes.
    pub relative: String,
    /// Its language.
    pub language: Language,
    /// Its bytes, if they do not come from the disk: standard input.
    pub bytes: Option<Arc<[u8]>>,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Found {
    /// Source files, sorted by relative path.
    pub entries: Vec<Entry>,
    /// Files that were passed over although they are source.
    pub skipped: Vec<Skipped>,
    /// What project files say about module names.
    pub project: Project,
    /// Files that can hold work for a model with no code around it, sorted by relative path.
    pub sessions: Vec<(Entry, &'static Form)>,
    /// Relative paths of files that may hold prompts, sorted.
    pub texts: Vec<String>,
}

/// The folder that the paths of a report are relative to: of a single folder itself, of a file its folder, of several
/// paths the deepest folder that holds them all.
pub fn base_of(roots: &[PathBuf]) -> PathBuf {
    let folder =
        |root: &PathBuf| if root.is_file() { root.parent().unwrap_or(Path::new("")).to_owned() } else { root.clone() };
    let mut folders = roots.iter().map(folder);
    let first = folders.next().unwrap_or_default();
    folders.fold(first, |base, folder| {
        base.components().zip(folder.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    })
}

/// Walks `roots`, folders or files, all below `base`; see [`base_of`].
///
/// # Errors
/// The globs to leave out may be malformed; the message says which.
pub fn walk(roots: &[PathBuf], base: &Path, limits: &Limits) -> Result<Found, String> {
    let mut found = Found::default();
    let Some((first, further)) = roots.split_first() else {
        return Ok(found);
    };
    let mut overrides = ignore::overrides::OverrideBuilder::new(base);
    for glob in &limits.exclude {
        overrides.add(&format!("!{glob}")).map_err(|error| glob_message(glob, &error))?;
    }
    let overrides = overrides.build().map_err(|error| error.to_string())?;
    let mut builder = WalkBuilder::new(first);
    further.iter().for_each(|root| {
        builder.add(root);
    });
    builder
        .hidden(false)
        .git_ignore(limits.gitignore)
        .git_global(false)
        .git_exclude(limits.gitignore)
        .ignore(limits.gitignore)
        .require_git(false)
        .parents(limits.gitignore)
        .overrides(overrides.clone())
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0
                || !(entry.file_type().is_some_and(|kind| kind.is_dir()) && is_left_out(&name, entry.path()))
        });
    let mut settings = Vec::new();
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                if let Some(path) = error_path(&error) {
                    found.skipped.push(Skipped { path: relative(base, &path), reason: "unreadable" });
                }
                continue;
            }
        };
        let path = relative(base, entry.path());
        let Some(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() || kind.is_symlink() {
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or(&path);
        if settings::is_settings(name) {
            settings.push(path.clone());
        }
        let Some(language) = Language::of_path(&path) else {
            if kind.is_file() && PromptFiles::embedded().is_for_prompts(&path) {
                found.texts.push(path.clone());
            }
            // Of a file that is named itself the folders above the root say what it is, too.
            let given =
                if entry.depth() == 0 { entry.path().to_string_lossy().replace('\\', "/") } else { path.clone() };
            if let Some(form) = sessions::form_of(&given).filter(|_| kind.is_file()) {
                let absolute = entry.path().to_owned();
                found.sessions.push((Entry { absolute, relative: path, language: Language::Text, bytes: None }, form));
            }
            continue;
        };
        let skip = |reason| Skipped { path: path.clone(), reason };
        if !kind.is_file() {
            found.skipped.push(skip("not-a-file"));
            continue;
        }
        if name.contains(".min.") || name.ends_with(".d.ts") || name.ends_with(".bundle.js") {
            continue;
        }
        match entry.metadata() {
            Ok(data) if data.len() > limits.max_file_size => found.skipped.push(skip("too-large")),
            Ok(_) => {
                found.entries.push(Entry { absolute: entry.path().to_owned(), relative: path, language, bytes: None })
            }
            Err(_) => found.skipped.push(skip("unreadable")),
        }
    }
    if limits.force_exclude {
        let stays = |entry: &Entry| !overrides.matched(&entry.relative, false).is_ignore();
        found.entries.retain(stays);
        found.sessions.retain(|(entry, _)| stays(entry));
    }
    found.entries.sort_by(|a, b| a.relative.cmp(&b.relative));
    // A file may be named and lie in a named folder.
    found.entries.dedup_by(|a, b| a.relative == b.relative);
    found.sessions.sort_by(|a, b| a.0.relative.cmp(&b.0.relative));
    found.sessions.dedup_by(|a, b| a.0.relative == b.0.relative);
    found.texts.sort();
    found.texts.dedup();
    found.skipped.sort();
    found.skipped.dedup();
    settings.sort();
    found.project = settings::read(base, &settings);
    Ok(found)
}

fn is_left_out(name: &str, path: &Path) -> bool {
    if name == "env" || name == "build" || name == "out" || name == "dist" || name == "vendor" || name == "target" {
        // Common names of ordinary packages too: only what looks like an environment or build output is left out.
        return match name {
            "env" => path.join("pyvenv.cfg").exists() || path.join("bin/activate").exists(),
            "build" | "out" | "dist" | "target" => !path.join("__init__.py").exists(),
            _ => true,
        };
    }
    LEFT_OUT.contains(&name) || path.join("pyvenv.cfg").exists()
}

fn error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}

/// A path relative to the root with forward slashes; bytes that are no UTF-8 are percent-encoded.
pub(crate) fn relative(base: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(base).unwrap_or(path);
    let mut out = String::new();
    for part in inner.components().filter(|part| *part != std::path::Component::CurDir) {
        if !out.is_empty() {
            out.push('/');
        }
        match part.as_os_str().to_str() {
            Some(text) => out.push_str(text),
            None => {
                for &byte in part.as_os_str().as_encoded_bytes() {
                    if byte.is_ascii() {
                        out.push(byte as char);
                    } else {
                        out.push_str(&format!("%{byte:02X}"));
                    }
                }
            }
        }
    }
    out
}

/// Reads a source file as text.
///
/// # Errors
/// The reason it is skipped for: `unreadable`, `not-a-file`, `too-large`, `not-utf-8`, `minified`.
pub fn read(entry: &Entry, max_file_size: u64) -> Result<Arc<str>, &'static str> {
    if let Some(bytes) = &entry.bytes {
        return as_text(bytes.to_vec(), entry.language, max_file_size);
    }
    // A pipe that took the file's place since the walk would never end.
    let data = fs::metadata(&entry.absolute).ok();
    if data.as_ref().is_some_and(|data| !data.is_file()) {
        return Err("not-a-file");
    }
    let size = data.map_or(0, |data| data.len()).min(max_file_size);
    let mut bytes = Vec::with_capacity(size as usize + 1);
    let file = fs::File::open(&entry.absolute).map_err(|_| "unreadable")?;
    // One byte more than allowed, so that a file that grew since the walk is noticed and never held.
    file.take(max_file_size + 1).read_to_end(&mut bytes).map_err(|_| "unreadable")?;
    as_text(bytes, entry.language, max_file_size)
}

fn as_text(bytes: Vec<u8>, language: Language, max_file_size: u64) -> Result<Arc<str>, &'static str> {
    if bytes.len() as u64 > max_file_size {
        return Err("too-large");
    }
    let text = decode(bytes).ok_or("not-utf-8")?;
    if !language.is_python() && looks_minified(&text) {
        return Err("minified");
    }
    Ok(text.into())
}

fn decode(bytes: Vec<u8>) -> Option<String> {
    let wide = |bytes: &[u8], big: bool| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(
                |pair| {
                    if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
                },
            )
            .collect();
        String::from_utf16(&units).ok()
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => wide(rest, false),
        [0xFE, 0xFF, rest @ ..] => wide(rest, true),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// Bundles have lines of tens of thousands of characters; written code does not.
fn looks_minified(text: &str) -> bool {
    text.len() > 20_000 && text.lines().count() < text.len() / 1_000
}

/// A reader of text files below `root`, for prompts kept in files. Nothing outside the root is read, no link is
/// followed out of it, and nothing over 256 KiB. Behind [`ENDING`] it gives the paths of those `texts` that end so, one a
/// line; behind [`LISTING`] the names of the text files of a folder: questions like any other, so that whoever keeps
/// answers can ask them again.
pub fn text_reader(root: &Path, texts: Vec<String>) -> impl Fn(&str) -> Option<Rc<str>> {
    let mut named: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for path in texts {
        named.entry(path.rsplit('/').next().unwrap_or(&path).to_owned()).or_default().push(path);
    }
    // An empty path would canonicalize to nothing, and everything begins with nothing.
    let base = if root.as_os_str().is_empty() { Path::new(".") } else { root }.to_owned();
    let real = base.canonicalize().unwrap_or_else(|_| base.clone());
    move |path: &str| {
        if let Some(tail) = path.strip_prefix(ENDING) {
            let name = tail.rsplit('/').next().unwrap_or(tail);
            let ends = |path: &&String| {
                path.strip_suffix(tail).is_some_and(|folders| folders.is_empty() || folders.ends_with('/'))
            };
            let found: Vec<&str> = named.get(name)?.iter().filter(ends).map(String::as_str).collect();
            return (!found.is_empty()).then(|| found.join("\n").into());
        }
        if let Some(folder) = path.strip_prefix(LISTING) {
            return names_in(&base.join(folder), &real);
        }
        let path = base.join(path);
        let data = fs::symlink_metadata(&path).ok()?;
        if !data.is_file() || data.len() > TEXT || !path.canonicalize().ok()?.starts_with(&real) {
            return None;
        }
        fs::read_to_string(&path).ok().map(Into::into)
    }
}

/// The names of the text files in a folder below the root, in order.
fn names_in(folder: &Path, root: &Path) -> Option<Rc<str>> {
    const MOST: usize = 256;
    if !fs::symlink_metadata(folder).ok()?.is_dir() || !folder.canonicalize().ok()?.starts_with(root) {
        return None;
    }
    let entries = fs::read_dir(folder).ok()?.take(16 * MOST).filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| PromptFiles::embedded().may_hold_text(name) && !name.contains('\n'));
    names.sort_unstable();
    (!names.is_empty() && names.len() <= MOST).then(|| names.join("\n").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_with_a_mark_is_decoded_and_other_bytes_are_refused() {
        assert_eq!(decode(vec![0xFF, 0xFE, b'a', 0, b'b', 0]).as_deref(), Some("ab"));
        assert_eq!(decode(vec![0xE9]), None);
    }
}
