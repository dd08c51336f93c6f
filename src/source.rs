//! Files and places in them.
//!
//! Knows bytes, lines and columns; knows nothing of grammars, SDKs or rules.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// A file's number in this run: its place in the sorted list of paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// The language family of a source file. JavaScript is read by the TSX grammar and counts as TypeScript
/// wherever tables are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// `.py`, and code cells of notebooks.
    Python,
    /// `.ts`, `.mts`, `.cts`.
    TypeScript,
    /// `.tsx`.
    Tsx,
    /// `.js`, `.jsx`, `.mjs`, `.cjs`.
    JavaScript,
    /// A prompt file or settings file that code names: never parsed as code.
    Text,
}

impl Language {
    /// The language that a file name's extension says, if it is one that is audited.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?;
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension {
            "py" | "ipynb" => Self::Python,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "js" | "jsx" | "mjs" | "cjs" => Self::JavaScript,
            _ => return None,
        })
    }

    /// Whether this is Python; everything else shares the TypeScript side of every table.
    pub fn is_python(self) -> bool {
        self == Self::Python
    }

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::TypeScript | Self::Tsx => "typescript",
            Self::JavaScript => "javascript",
            Self::Text => "text",
        }
    }
}

/// Whether a path is that of a file of tests, by the names that test runners collect.
pub fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
        || path.split('/').any(|part| matches!(part, "test" | "tests" | "__tests__"))
}

/// Whether a file shows how something is used rather than being used: an example, a demo, a tutorial. What it pins is
/// pinned on purpose, and nobody runs it at scale.
pub fn is_sample_file(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "example",
        "examples",
        "demo",
        "demos",
        "sample",
        "samples",
        "tutorial",
        "tutorials",
        "cookbook",
        "cookbooks",
        "quickstart",
        "quickstarts",
        "workshop",
        "workshops",
    ];
    /// Words that say so at the end of a longer name too: `rag_tutorials`, `crash_course`, `client_demo.py`.
    const ENDS: &[&str] = &["examples", "demo", "demos", "tutorial", "tutorials", "cookbook", "course", "quickstart"];
    let last = |name: &str| name.rsplit(['_', '-', ' ']).next().is_some_and(|word| ENDS.contains(&word));
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    folders.split('/').any(|part| FOLDERS.contains(&part) || last(part)) || last(stem)
}

/// Whether a file shows which settings there are, to be copied and filled in: `.env.example`. What a program runs with
/// stands in the copy.
pub fn is_sample_settings(path: &str) -> bool {
    const ENDS: &[&str] = &["example", "sample", "template", "dist"];
    let name = path.rsplit('/').next().unwrap_or(path);
    name.contains(".env") && name.rsplit(['.', '-', '_']).next().is_some_and(|end| ENDS.contains(&end))
}

/// A half-open byte range in one file. Every claim carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place as an editor shows it: both figures start at 1, columns count Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in code points.
    pub column: u32,
}

/// One file that was read, decoded to UTF-8.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the audited root, with forward slashes.
    pub path: Arc<str>,
    /// Its language.
    pub language: Language,
    /// Its text.
    pub text: Arc<str>,
    /// Of most files nobody asks for a line.
    line_starts: OnceLock<Box<[u32]>>,
    line_map: Option<Arc<[u32]>>,
}

impl SourceFile {
    /// A file with its text.
    pub fn new(path: &str, language: Language, text: Arc<str>) -> Self {
        Self { path: path.into(), language, text, line_starts: OnceLock::new(), line_map: None }
    }

    /// Where lines start. They end at LF, CR LF or a lone CR, as editors count them.
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let ends = bytes
                .iter()
                .enumerate()
                .filter(|&(at, &byte)| byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')));
            std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// Gives each line of `text` the line of the file on disk that it came from: notebooks are read as the text of
    /// their code cells, but places are reported in the raw JSON.
    pub fn with_line_map(mut self, map: Vec<u32>) -> Self {
        self.line_map = Some(map.into());
        self
    }

    /// The file without its text: nothing of it will be shown.
    pub fn without_text(self) -> Self {
        Self { line_map: self.line_map, ..Self::new(&self.path, self.language, "".into()) }
    }

    /// Where the byte offset `at` lies. Offsets past the end give the end.
    pub fn position(&self, at: u32) -> Position {
        let at = at.min(self.text.len() as u32);
        let index = self.line_starts().partition_point(|&start| start <= at) - 1;
        let start = self.line_starts()[index] as usize;
        let column = self.text.get(start..at as usize).map_or(0, |line| line.chars().count());
        let line = match &self.line_map {
            Some(map) => map.get(index).copied().unwrap_or(1),
            None => index as u32 + 1,
        };
        Position { line, column: column as u32 + 1 }
    }

    /// The text between two byte offsets; empty if they do not lie on character borders.
    pub fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// The byte range of line `line` (from 1) without its line ending, for cut-outs.
    pub fn line_range(&self, line: u32) -> (u32, u32) {
        let index = (line.max(1) as usize - 1).min(self.line_starts().len() - 1);
        let start = self.line_starts()[index];
        let end = self.line_starts().get(index + 1).copied().unwrap_or(self.text.len() as u32);
        let trimmed = self.slice(start, end).trim_end_matches(['\n', '\r']).len() as u32;
        (start, start + trimmed)
    }

    /// Whether places are reported in another text than the one that is kept: notebooks.
    pub fn is_mapped(&self) -> bool {
        self.line_map.is_some()
    }

    /// The line of `text` that is reported as `line`: the way back from [`Self::position`].
    pub fn text_line_of(&self, line: u32) -> u32 {
        match &self.line_map {
            Some(map) => map.iter().position(|&of| of == line).map_or(1, |index| index as u32 + 1),
            None => line,
        }
    }

    /// The index (from 1) of the line of `text` that holds byte `at`: differs from `position` only in notebooks.
    pub fn text_line(&self, at: u32) -> u32 {
        self.line_starts().partition_point(|&start| start <= at) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points_and_lines_end_as_editors_end_them() {
        let file = SourceFile::new("a.py", Language::Python, "é=1\r\nb\rc\n".into());
        assert_eq!(file.position(2), Position { line: 1, column: 2 });
        assert_eq!(file.position(6), Position { line: 2, column: 1 });
        assert_eq!(file.position(8), Position { line: 3, column: 1 });
        assert_eq!(file.position(99), Position { line: 4, column: 1 });
    }

    #[test]
    fn samples_are_known_by_their_folder_and_by_how_a_name_ends() {
        for path in [
            "examples/a.py",
            "docs/rag_tutorials/app.py",
            "crash-course/a.ts",
            "tools/client_demo.py",
            "a/quickstart.ipynb",
        ] {
            assert!(is_sample_file(path), "{path}");
        }
        for path in
            ["app/a.py", "src/demographics.py", "src/demo_mode/a.py", "lib/resample/a.ts", "courses.py", "a/example.py"]
        {
            assert!(!is_sample_file(path), "{path}");
        }
    }
}
