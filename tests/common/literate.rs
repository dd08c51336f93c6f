//! The files of literate cases.

use std::path::Path;

/// A case: the files below a heading.
pub struct Case {
    pub name: String,
    pub files: Vec<(String, String)>,
}

/// The cases of a text.
pub fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut block: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((_, content)) = &mut block {
            if line.starts_with("```") {
                let file = block.take().expect("a block is open");
                cases.last_mut().expect("a block stands below a heading").files.push(file);
            } else {
                content.push_str(line);
                content.push('\n');
            }
        } else if let Some(name) = line.strip_prefix("## ") {
            cases.push(Case { name: name.to_owned(), files: Vec::new() });
        } else if let Some(path) = line.strip_prefix("```").and_then(|info| info.split("file=").nth(1)) {
            block = Some((path.trim().to_owned(), String::new()));
        }
    }
    cases
}

impl Case {
    /// Writes the files into a folder.
    pub fn lay_out(&self, folder: &Path) {
        for (path, text) in &self.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
    }
}
