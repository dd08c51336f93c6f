//! Python nodes to facts.

use tree_sitter::Node;

use super::facts::FileFacts;
use super::lower::Lowering;
use crate::source::{FileId, Language};

/// Lowers a parsed file.
pub(super) fn lower(file: FileId, text: &str, root: Node<'_>) -> FileFacts {
    Lowering::new(file, Language::Python, text, root).facts
}
