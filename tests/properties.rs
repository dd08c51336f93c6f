//! What holds for any input: random edits and cuts of the bundled fixtures, by a generator that gives the same on
//! every machine, so that a failure is found again by its number.

mod common;
#[path = "common/holds.rs"]
mod holds;

use std::path::{Path, PathBuf};

use common::root;
use scriptworthy::{Audit, Settings, audit_bytes};

/// Inputs made from each seed text; `PROPERTY_ROUNDS=500` makes it a fuzzer for an evening.
fn rounds() -> u64 {
    std::env::var("PROPERTY_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Pieces that parsers and readers trip over.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "{",
    "}",
    "`",
    "${",
    "\"\"\"",
    "'",
    "\\",
    "\n",
    "\r",
    "\u{2028}",
    "\0",
    "é",
    "🎉",
    "\u{202e}",
    "<a>(",
    "=>",
    "async ",
    "await ",
    "lambda x: ",
    "class A(A):\n",
    "def f(f=f):\n",
    "x = x\n",
    "self.",
    "...",
    "**",
    "%s",
    "{x}",
    "import openai\n",
    "from . import *\n",
    "client.chat.completions.create(",
    "messages=",
    "model=x, ",
    "f\"{",
    "# scriptworthy: ignore[SW101]\n",
    "// scriptworthy: ignore\n",
];

/// A small generator of the xorshift family.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }

    /// One to six edits of a text: cuts at any byte, pieces put in, parts repeated, swapped or dropped, bytes changed.
    fn edit(&mut self, text: &[u8]) -> Vec<u8> {
        let mut bytes = text.to_vec();
        for _ in 0..=self.roll(6) {
            let (a, b) = (self.roll(bytes.len() + 1), self.roll(bytes.len() + 1));
            let (from, to) = (a.min(b), a.max(b));
            match self.roll(7) {
                0 => bytes.truncate(to),
                1 => drop(bytes.drain(from..to.min(from + 200))),
                2 => drop(bytes.splice(from..from, PIECES[self.roll(PIECES.len())].bytes())),
                3 => {
                    drop(bytes.splice(from..from, PIECES[self.roll(PIECES.len())].repeat(self.roll(400)).into_bytes()))
                }
                4 => {
                    let part = bytes[from..to.min(from + 400)].to_vec();
                    drop(bytes.splice(to..to, part));
                }
                5 => bytes.rotate_left(from),
                _ => {
                    if let Some(byte) = bytes.get_mut(from) {
                        *byte = self.roll(256) as u8;
                    }
                }
            }
        }
        bytes
    }
}

fn seeds() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("fixtures/labelled/files"))
        .expect("the fixtures are there")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    assert!(files.len() > 100, "the fixtures are there");
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("readable"))).collect()
}

#[test]
fn edited_files_end_well_alike_and_inside_their_borders() {
    let settings = Settings { min_confidence: 0.0, threads: 1, ..Settings::default() };
    let mut found = 0;
    for (number, (path, text)) in seeds().iter().enumerate() {
        for round in 0..rounds() {
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number as u64 * 1_000 + round + 1));
            let bytes = dice.edit(text);
            let what = format!("{} round {round}", path.display());
            let name = Path::new(path.file_name().expect("a name"));
            let audit = audit_bytes(name, &bytes, &settings).unwrap_or_else(|error| panic!("{what}: {error}"));
            holds::check(&audit, &what);
            found += audit.report.calls.len();
            let again = audit_bytes(name, &bytes, &settings).expect("as before");
            let json = |audit: &Audit| serde_json::to_string(&audit.report).expect("JSON");
            assert_eq!(json(&audit), json(&again), "{what}");
        }
    }
    assert!(found > 100, "most edits leave calls to look at: {found}");
}
