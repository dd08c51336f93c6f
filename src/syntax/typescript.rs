//! TypeScript and JavaScript nodes to facts.

use tree_sitter::Node;

use super::facts::FileFacts;
use super::lower::Lowering;
use crate::source::{FileId, Language};

/// Lowers a parsed file.
pub(super) fn lower(file: FileId, language: Language, text: &str, root: Node<'_>) -> FileFacts {
    Lowering::new(file, language, text, root).facts
}
