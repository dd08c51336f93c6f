//! What a file imports, read off its bytes without a parse.
//!
//! Files that could come to speak of each other are resolved together and all others apart, so every import that
//! lowering finds must be found here too; more may be: text in strings and comments that looks like an import only
//! makes a component larger. `tests/components.rs` holds the one against the other.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::source::Language;

/// Most characters between a word of import and the module that it names: white space, comments, type arguments.
const GAP: usize = 400;

/// The modules that a file may import, as its language writes them.
pub(super) fn modules(language: Language, text: &str) -> Vec<SmolStr> {
    let mut found = BTreeSet::new();
    if language.is_python() {
        each_word(text, "import", |at| python(text, at, &mut found));
    } else {
        for word in ["from", "import", "require"] {
            each_word(text, word, |at| found.extend(script(&text[at + word.len()..])));
        }
    }
    found.into_iter().collect()
}

/// Calls `visit` with each place where `word` stands by itself.
fn each_word(text: &str, word: &str, mut visit: impl FnMut(usize)) {
    let bytes = text.as_bytes();
    let part = |byte: Option<&u8>| byte.is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    for (at, _) in text.match_indices(word) {
        if !part(at.checked_sub(1).and_then(|before| bytes.get(before))) && !part(bytes.get(at + word.len())) {
            visit(at);
        }
    }
}

/// The modules named around the `import` at `at`.
fn python(text: &str, at: usize, found: &mut BTreeSet<SmolStr>) {
    let rest = &text[at + "import".len()..];
    match python_from(&text[..at]) {
        Some(module) => {
            let dot = if module.ends_with('.') { "" } else { "." };
            for name in names(rest) {
                found.insert(SmolStr::new(format!("{module}{dot}{name}")));
            }
            found.insert(SmolStr::new(module));
        }
        None => {
            for name in names(rest) {
                let first = name.split('.').next().unwrap_or(&name);
                found.insert(SmolStr::new(first));
                found.insert(SmolStr::new(&name));
            }
        }
    }
}

/// The module between `from` and `import`, where `before` ends at the latter.
fn python_from(before: &str) -> Option<String> {
    let mut module = Vec::new();
    let mut chars = before.chars().rev().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\r' => {
                // Only a line that ends in a backslash goes on.
                let next = if c == '\n' { chars.next_if_eq(&'\r').or(Some(c)).and(chars.next()) } else { chars.next() };
                if next != Some('\\') {
                    break;
                }
                module.push(' ');
            }
            c if c.is_alphanumeric() || c == '_' || c == '.' || c.is_whitespace() => module.push(c),
            _ => break,
        }
    }
    let line: String = module.into_iter().rev().collect();
    let at = line.rmatch_indices("from").map(|(at, _)| at).find(|&at| {
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(line[..at].chars().next_back()) && !part(line[at + 4..].chars().next())
    })?;
    let module: String = line[at + 4..].split_whitespace().collect();
    (!module.is_empty()).then_some(module)
}

/// The dotted names of a list after `import`, in brackets or to the end of the line.
fn names(rest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut open = false;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_alphanumeric() || c == '_' || c == '.' => {
                name.push(c);
                continue;
            }
            '(' => open = true,
            '\\' => {
                chars.next_if_eq(&'\r');
                chars.next_if_eq(&'\n');
            }
            '#' if open => while chars.next_if(|&c| c != '\n').is_some() {},
            ')' | ';' | '#' => break,
            '\n' if !open => break,
            _ => {}
        }
        if !name.is_empty() {
            names.push(std::mem::take(&mut name));
        }
    }
    names.extend((!name.is_empty()).then_some(name));
    names
}

/// The module in quotes after a word of import.
fn script(rest: &str) -> Option<SmolStr> {
    let mut rest = rest;
    let mut left = GAP;
    loop {
        let before = rest.len();
        rest = rest.trim_start().trim_start_matches('(');
        if let Some(inner) = rest.strip_prefix("/*") {
            rest = inner.split_once("*/")?.1;
        } else if let Some(inner) = rest.strip_prefix("//") {
            rest = inner.split_once('\n')?.1;
        } else if rest.starts_with('<') {
            rest = rest.split_once('(')?.1;
        }
        if before == rest.len() {
            break;
        }
        left = left.checked_sub(before - rest.len())?;
    }
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = &rest[1..];
    let end = inner.find([quote, '\n'])?;
    Some(SmolStr::new(inner[..end].trim_matches(['"', '\'', '`'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(language: Language, text: &str) -> Vec<String> {
        modules(language, text).into_iter().map(|module| module.to_string()).collect()
    }

    #[test]
    fn python_imports_are_found_however_they_are_laid_out() {
        let of = |text| found(Language::Python, text);
        assert_eq!(of("import a.b, c as d\n"), ["a", "a.b", "as", "c", "d"]);
        assert_eq!(of("from .x import (y,  # why\n  z\n)\nw"), [".x", ".x.y", ".x.z"]);
        assert_eq!(of("from a \\\n  .b \\\n  import c; d\n"), ["a.b", "a.b.c"]);
        assert_eq!(of("if x: from . import y\r\n"), [".", ".y"]);
        assert_eq!(of("from a import *\nimportant = 1\n"), ["a"]);
    }

    #[test]
    fn script_imports_are_found_however_they_are_written() {
        let of = |text| found(Language::TypeScript, text);
        assert_eq!(of("import a, { b } from './x'\nexport * from \"y\""), ["./x", "y"]);
        assert_eq!(of("const x = await import(/* chunk */ './z'); import 'side'"), ["./z", "side"]);
        assert_eq!(of("import y = require(\n  \"q\")\nconst r = require<T>('p')"), ["p", "q"]);
        assert_eq!(of("imported('no'); from = 1"), [""; 0]);
    }
}
