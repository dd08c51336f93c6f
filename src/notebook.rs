//! Notebooks: the code cells of an `.ipynb` file as one Python text, with the line of the file that each line stands on.
//!
//! Knows the JSON of notebooks and the commands that are no Python. Places are reported in the raw file, as review
//! tools show it.

use serde_json::Value;

/// The code of a notebook.
#[derive(Debug, PartialEq)]
pub struct Notebook {
    /// Its code cells, one after the other, a blank line between two.
    pub text: String,
    /// For each line of `text` the line of the file, from 1.
    pub lines: Vec<u32>,
}

/// Whether a file's name says that it is a notebook.
pub fn is_notebook(path: &str) -> bool {
    path.ends_with(".ipynb")
}

/// Reads a notebook; `None` if it is no notebook, or one of another language than Python.
pub fn read(raw: &str) -> Option<Notebook> {
    let json: Value = serde_json::from_str(raw).ok()?;
    let language =
        json["metadata"]["kernelspec"]["language"].as_str().or(json["metadata"]["language_info"]["name"].as_str());
    if language.is_some_and(|language| !language.eq_ignore_ascii_case("python")) {
        return None;
    }
    let mut out = Notebook { text: String::new(), lines: Vec::new() };
    let mut places = Places { raw, at: 0, line: 1 };
    for cell in json["cells"].as_array()? {
        let code = cell["cell_type"] == "code";
        let pieces: Vec<&str> = match &cell["source"] {
            Value::String(text) => vec![text.as_str()],
            Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        let mut silent = false;
        for (number, piece) in pieces.iter().enumerate() {
            let line = places.line_of(piece);
            for text in piece.split_inclusive('\n').filter(|_| code) {
                // `%%bash` makes the whole cell something else than Python; `%time`, `!pip` make one line so.
                silent |= number == 0 && text.starts_with("%%");
                // A piece without a line end goes on in the next one.
                let fresh = out.text.is_empty() || out.text.ends_with('\n');
                let command = fresh && text.trim_start().starts_with(['%', '!', '?']);
                if silent || command {
                    out.text.push('\n');
                } else {
                    out.text.push_str(text);
                }
                if fresh {
                    out.lines.push(line);
                }
            }
        }
        if code {
            if !out.text.is_empty() && !out.text.ends_with('\n') {
                out.text.push('\n');
            }
            out.text.push('\n');
            out.lines.push(places.line);
        }
    }
    // The empty line behind the last line end.
    out.lines.push(places.line);
    Some(out)
}

/// Finds the lines that pieces of source stand on, each behind the one before.
struct Places<'r> {
    raw: &'r str,
    at: usize,
    line: u32,
}

impl Places<'_> {
    fn line_of(&mut self, piece: &str) -> u32 {
        let written = Value::from(piece).to_string();
        if let Some(found) = self.raw.get(self.at..).and_then(|rest| rest.find(&written)) {
            let next = self.at + found;
            self.line += self.raw[self.at..next].bytes().filter(|&byte| byte == b'\n').count() as u32;
            self.at = next;
            let line = self.line;
            self.at += written.len();
            return line;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cells_keep_the_lines_of_the_file() {
        let raw = "{\n \"cells\": [\n  {\n   \"cell_type\": \"markdown\",\n   \"source\": [\n    \"# x\"\n   ]\n  },\n  {\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"%pip install x\\n\",\n    \"a = \\\"é\\\"\\n\",\n    \"b = 1\"\n   ]\n  },\n  {\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"%%bash\\n\",\n    \"ls\"\n   ]\n  },\n  {\n   \"cell_type\": \"code\",\n   \"source\": \"c = 2\\nd = 3\"\n  }\n ],\n \"metadata\": {}\n}\n";
        let read = read(raw).expect("a notebook");
        assert_eq!(read.text, "\na = \"é\"\nb = 1\n\n\n\n\nc = 2\nd = 3\n\n");
        assert_eq!(read.lines[..3], [12, 13, 14]);
        assert_eq!(read.lines[7..9], [26, 26]);
        assert_eq!(read.lines.len(), read.text.split('\n').count());
    }

    #[test]
    fn every_line_of_the_text_has_its_line_of_the_file_however_the_source_is_cut() {
        for source in ["[]", "[\"a\", \" = 1\\nb\", \"\"]", "\"\"", "[\"%%sh\", \"x\", \"y\\n\"]", "[\"x\", \"%y\"]"] {
            let cell = format!("{{\"cell_type\": \"code\", \"source\": {source}}}");
            let read = read(&format!("{{\"cells\": [{cell}, {cell}]}}")).expect("a notebook");
            assert_eq!(read.lines.len(), read.text.split('\n').count(), "{source}: {:?}", read.text);
        }
    }

    #[test]
    fn what_is_no_python_notebook_is_not_read() {
        assert_eq!(read("{\"cells\": ["), None);
        assert_eq!(read("[]"), None);
        assert_eq!(read("{\"cells\": [], \"metadata\": {\"kernelspec\": {\"language\": \"R\"}}}"), None);
    }
}
