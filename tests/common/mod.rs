//! What tests of the binary share.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod literate;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

/// Every output format.
pub const FORMATS: [&str; 8] = ["full", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown"];

/// A call that a script should make, alone in a file: the honest neighbour of every bad input.
pub const HONEST: &str = include_str!("honest.py");

/// The folder of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The bundled example.
pub fn project() -> PathBuf {
    root().join("fixtures/projects/helpdesk")
}

/// The binary, free of what the environment of the tests may set.
pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("scriptworthy").expect("the binary is built");
    command.current_dir(folder).args(args).env_remove("FORCE_COLOR").env("NO_COLOR", "1");
    command
}

/// Runs the binary in a folder.
pub fn run_in(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().expect("it runs")
}

/// Runs the binary in the folder of the package.
pub fn run(args: &[&str]) -> Output {
    run_in(root(), args)
}

/// Output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

/// The JSON report of an audit in a folder.
pub fn report_in(folder: &Path, args: &[&str]) -> Value {
    let mut all = vec!["audit", "--format", "json", "-q"];
    all.extend(args);
    let out = run_in(folder, &all);
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", text(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("JSON")
}

/// The elements of a list in a report.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("{key} is a list"))
}

/// A temporary folder with files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, content).expect("written");
    }
    folder
}

/// Copies a folder with all it holds.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("there").flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a kind").is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                std::fs::copy(entry.path(), target).expect("copied");
            }
        }
    }
}
