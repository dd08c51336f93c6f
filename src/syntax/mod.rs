//! From text to facts. Tree-sitter is known here and nowhere else.
//!
//! To add a language: a `<language>.rs` with a `lower` function beside the two that stand here, its extension in
//! [`crate::source::Language::of_path`], its grammar in `grammar`.

mod errors;
pub mod facts;
mod fields;
mod lower;
pub mod packed;
mod python;
pub mod snippet;
mod typescript;

use std::cell::RefCell;
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, ParseState, Parser};

pub use lower::each_part;

use crate::source::{FileId, Language};
use facts::FileFacts;

/// Open brackets at any point of a file beyond which it is not parsed. Tree-sitter's C code recurses while it recovers
/// from errors and can overflow the stack, which no handler sees. Written code stays under 100, generated under 400.
const OPEN_BRACKETS: u32 = 1_000;

/// Calls of the parser's progress callback after which a parse is given up: counted, not timed, so that every machine
/// decides alike; for each MiB of text. Real files of up to 1 MiB stay under 4,000.
const WORK: usize = 20_000;

/// Stack of a parsing thread in bytes; reserved, not touched.
pub const STACK: usize = 64 << 20;

/// The limit that a file went over, so that it was not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseLimit;

thread_local! {
    static PARSERS: RefCell<Vec<(Language, Parser)>> = const { RefCell::new(Vec::new()) };
}

/// Parses `text` and lowers it to facts.
///
/// # Errors
/// [`ParseLimit`] if the text nests too deeply or takes too much work to parse; nothing of it is kept then.
pub fn read(file: FileId, language: Language, text: &str) -> Result<FileFacts, ParseLimit> {
    if open_brackets(text.as_bytes()) > OPEN_BRACKETS {
        return Err(ParseLimit);
    }
    PARSERS.with_borrow_mut(|parsers| {
        let at = parsers.iter().position(|(of, _)| *of == language).unwrap_or_else(|| {
            let mut parser = Parser::new();
            parser.set_language(&grammar(language)).expect("the grammars are built for this tree-sitter");
            parsers.push((language, parser));
            parsers.len() - 1
        });
        let parser = &mut parsers[at].1;
        parser.reset();
        let limit = WORK * (text.len() >> 20).max(1);
        let mut work = 0;
        let mut progress = |_: &ParseState| {
            work += 1;
            if work > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        // To the grammars a NUL is the end of the file, wherever it stands. Another character as wide, that no grammar
        // knows, is an error in code and nothing in comments and strings. What is kept is cut out of `text`.
        let without_nul = text.contains('\0').then(|| text.replace('\0', "\u{1}"));
        let bytes = without_nul.as_deref().unwrap_or(text).as_bytes();
        let tree = parser
            .parse_with_options(
                &mut |at, _| bytes.get(at..).unwrap_or_default(),
                None,
                Some(ParseOptions::new().progress_callback(&mut progress)),
            )
            .ok_or(ParseLimit)?;
        fields::of_grammar(language);
        let mut facts = if language.is_python() {
            python::lower(file, text, tree.root_node())
        } else {
            typescript::lower(file, language, text, tree.root_node())
        };
        // Every file has a first expression: it stands for the file where a place in it is asked for and none is known.
        if facts.exprs.is_empty() {
            let kind = facts::Expr::Other(Vec::new());
            facts.exprs.push(facts::ExprNode {
                kind,
                start: 0,
                end: 0,
                parent: None,
                function: facts::MODULE,
                context: facts::CtxId(0),
            });
        }
        facts.shrink();
        Ok(facts)
    })
}

/// What a comment that speaks to this tool begins with.
const NOTE: &str = "scriptworthy:";

/// The comments that speak to this tool. Most files have none, and then no tree is walked.
fn notes(text: &str, root: Node<'_>) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    if !text.contains(NOTE) {
        return found;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.kind() == "comment" && text.get(node.byte_range()).is_some_and(|comment| comment.contains(NOTE)) {
            found.push((node.start_byte() as u32, node.end_byte() as u32));
        }
        if cursor.goto_first_child() || cursor.goto_next_sibling() {
            continue;
        }
        loop {
            if !cursor.goto_parent() {
                return found;
            }
            if cursor.goto_next_sibling() {
                break;
            }
        }
    }
}

fn grammar(language: Language) -> tree_sitter::Language {
    match language {
        Language::Python => tree_sitter_python::LANGUAGE.into(),
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Tsx | Language::JavaScript | Language::Text => tree_sitter_typescript::LANGUAGE_TSX.into(),
    }
}

/// The largest number of brackets open at once, over raw bytes: strings and comments count too, which errs on the
/// safe side.
fn open_brackets(bytes: &[u8]) -> u32 {
    let (mut open, mut most) = (0u32, 0);
    for byte in bytes {
        match byte {
            b'(' | b'[' | b'{' => {
                open += 1;
                most = most.max(open);
            }
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    most
}
