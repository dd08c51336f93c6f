//! What can go wrong, with what to do about it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why an audit could not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A named path does not exist.
    #[error("path not found: {}", .0.display())]
    NotFound(PathBuf),
    /// A named path is neither a file nor a folder.
    #[error("not a file or folder: {}", .0.display())]
    NotAFile(PathBuf),
    /// A named file is no source file.
    #[error("not a Python, TypeScript or JavaScript file: {}", .0.display())]
    NotSource(PathBuf),
    /// A named path cannot be read.
    #[error("cannot read {}: {}", .0.display(), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// A glob is malformed.
    #[error("path pattern is not valid: {0}")]
    Glob(String),
    /// A rule selector means nothing.
    #[error("no rule is called `{0}`")]
    Rule(String),
    /// A place does not name a call.
    #[error("no model call at {0}")]
    NoCall(String, Vec<u32>),
    /// An output file cannot be written.
    #[error("cannot write {}: {}", .0.display(), .1)]
    Output(PathBuf, std::io::Error),
    /// An audited path would be overwritten.
    #[error("the output {} is one of the audited files", .0.display())]
    Overwrites(PathBuf),
    /// Input was not read and `--strict` was given.
    #[error("{0} files were not fully read")]
    Strict(usize),
    /// A thread pool cannot be made.
    #[error("cannot start threads: {0}")]
    Threads(String),
    /// A price file cannot be used.
    #[error("price file {} is not valid: {}", .0.display(), .1)]
    Prices(PathBuf, String),
    /// No finding proposes another model for a call.
    #[error("no finding proposes a cheaper model for {0}")]
    NoTrial(String),
    /// A model that is named has no price.
    #[error("no price is known for `{0}`")]
    Model(String),
    /// A named format does not exist.
    #[error("no format is called `{0}`")]
    Format(String),
    /// A config file is not valid.
    #[error("{}{}: {message}", .path.display(), at(.place))]
    Config {
        /// The file.
        path: PathBuf,
        /// Line and column, from 1.
        place: Option<(usize, usize)>,
        /// What is wrong.
        message: String,
        /// The key that was probably meant.
        near: Option<String>,
    },
    /// A baseline is not valid.
    #[error("{} is no baseline: {}", .0.display(), .1)]
    Baseline(PathBuf, String),
    /// A fault of this program.
    #[error("internal error: {0}")]
    Internal(String),
    /// Standard input was asked for, with other paths or without a name.
    #[error("standard input needs {0}")]
    Stdin(&'static str),
}

/// The text of a file that was named, if it is a regular one of at most `most` bytes: a device or pipe is never read, and
/// no file is held whatever its size.
///
/// # Errors
/// It is not there, no regular file, too large or cannot be read as UTF-8.
pub(crate) fn named_text(path: &Path, most: u64) -> Result<String, Error> {
    let unreadable = |error| Error::Unreadable(path.to_owned(), error);
    let data = std::fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::NotFound(path.to_owned()),
        _ => unreadable(error),
    })?;
    if data.is_dir() {
        return Err(unreadable(ErrorKind::IsADirectory.into()));
    }
    if !data.is_file() {
        return Err(Error::NotAFile(path.to_owned()));
    }
    if data.len() > most {
        return Err(unreadable(std::io::Error::new(ErrorKind::FileTooLarge, format!("it is over {most} bytes"))));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// What is wrong with a glob, with as much of it as a person reads: it may come from a stranger's config file.
pub(crate) fn glob_message(glob: &str, error: &impl std::fmt::Display) -> String {
    const SHOWN: usize = 60;
    let text = error.to_string();
    // The crate repeats the glob before it says why.
    let why = text.rsplit_once("': ").map_or(&text[..], |(_, why)| why);
    match glob.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…: {why}", &glob[..end]),
        None => format!("{glob}: {why}"),
    }
}

fn at(place: &Option<(usize, usize)>) -> String {
    place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default()
}

impl Error {
    /// One line on what to do.
    pub fn help(&self) -> String {
        match self {
            Self::NotFound(_) => "check the spelling; paths are relative to the current folder".to_owned(),
            Self::NotAFile(_) => "name a regular file or a folder".to_owned(),
            Self::NotSource(_) => {
                "name a .py, .ts, .tsx, .js, .jsx, .mts, .cts, .mjs or .cjs file, or a folder".to_owned()
            }
            Self::Unreadable(_, error) => match error.kind() {
                ErrorKind::IsADirectory => "name a file, not a folder".to_owned(),
                ErrorKind::FileTooLarge => "name a smaller file".to_owned(),
                ErrorKind::InvalidData => "save it as UTF-8".to_owned(),
                _ => "check its permissions".to_owned(),
            },
            Self::Glob(_) => "use gitignore patterns, such as `tests/**`".to_owned(),
            Self::Rule(_) => {
                "`scriptworthy rules` lists codes and names; a prefix such as SW1 takes a whole lever".to_owned()
            }
            Self::NoCall(_, lines) if lines.is_empty() => {
                "`scriptworthy calls` lists every call with its place; --root names the folder that was audited"
                    .to_owned()
            }
            Self::NoCall(_, lines) => {
                let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
                format!("calls of this file start in line {}", lines.join(", "))
            }
            Self::Output(..) => "name a file in a folder that exists and can be written".to_owned(),
            Self::Overwrites(_) => "name another file".to_owned(),
            Self::Strict(_) => {
                "the JSON report names each file and the reason; without --strict they are only counted".to_owned()
            }
            Self::Threads(_) => "try --threads 1".to_owned(),
            Self::Prices(..) => "give the public price table of gateways: a JSON object by model name, with \
                                 `input_cost_per_token` and `output_cost_per_token` in dollars"
                .to_owned(),
            Self::NoTrial(_) => {
                "with --preview the rules of model pinning speak too; `scriptworthy plan --preview` lists them"
                    .to_owned()
            }
            Self::Model(_) => "name a model as its maker does, such as gpt-4o; --prices FILE adds models".to_owned(),
            Self::Format(_) => "`scriptworthy audit -h` lists the formats".to_owned(),
            Self::Config { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Config { .. } => "`scriptworthy schema config` prints what a config file may hold".to_owned(),
            Self::Baseline(..) => "write one with `scriptworthy audit --write-baseline FILE`".to_owned(),
            Self::Internal(_) => "this is a fault of scriptworthy; please report it with this line".to_owned(),
            Self::Stdin(_) => "write `scriptworthy audit - --stdin-filename app/x.py < app/x.py`".to_owned(),
        }
    }
}
