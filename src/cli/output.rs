//! Where reports go: streams, files, colours, widths, and what paths begin with.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};

use scriptworthy::report::RenderOptions;
use scriptworthy::{Audit, Error};

use super::args::Color;

/// Columns where no terminal says otherwise.
const WIDTH: usize = 80;

/// Writes to stdout. A reader that went away is no error.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Output(PathBuf::from("standard output"), error))
        }
        _ => Ok(()),
    }
}

/// Writes to stderr; where that fails, nobody is left to tell.
pub(super) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// How to write to stdout, or to a file.
pub(super) fn options(color: Color, to_stdout: bool) -> RenderOptions {
    let terminal = to_stdout && std::io::stdout().is_terminal();
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto => to_stdout && (terminal || set("FORCE_COLOR")),
    };
    let columns = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = if terminal { columns().or_else(size).unwrap_or(WIDTH) } else { WIDTH };
    RenderOptions { color, width: width.max(40), ..RenderOptions::default() }
}

/// What paths of the report begin with for people: the audited folder as it was named, so that a place can be opened.
/// Nothing for one named from the root of the disk: no output holds the place of a checkout.
pub(super) fn people_prefix(base: &Path) -> String {
    if base.is_absolute() { String::new() } else { slashed(base) }
}

/// What paths begin with for hosts: the audited folder as seen from the repository root.
pub(super) fn repo_prefix(base: &Path) -> String {
    let base = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let real = base.canonicalize().unwrap_or_else(|_| base.to_owned());
    match real.ancestors().find(|above| above.join(".git").exists()) {
        Some(top) => slashed(real.strip_prefix(top).unwrap_or(Path::new(""))),
        None => people_prefix(base),
    }
}

fn slashed(path: &Path) -> String {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

/// Writes beside the target and renames, so that a failure leaves the old file whole.
///
/// # Errors
/// The target is audited, a folder, or cannot be written.
pub(super) fn write(target: &Path, text: &str, base: &Path, done: &Audit) -> Result<(), Error> {
    let fail = |error| Error::Output(target.to_owned(), error);
    if let Ok(real) = target.canonicalize() {
        if real.is_dir() {
            return Err(fail(ErrorKind::IsADirectory.into()));
        }
        let same = |file: &str| base.join(file).canonicalize().is_ok_and(|path| path == real);
        if done.program.files.iter().any(|file| same(&file.path)) {
            return Err(Error::Overwrites(target.to_owned()));
        }
        // A device or pipe is written to, not replaced.
        if !real.is_file() {
            return std::fs::write(&real, text).map_err(fail);
        }
    }
    let name = target.file_name().ok_or_else(|| fail(ErrorKind::InvalidInput.into()))?;
    let beside = target.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, target));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        fail(error)
    })
}
