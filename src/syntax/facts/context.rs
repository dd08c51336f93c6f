//! Loops, branches and handlers of the neutral form.

use serde::{Deserialize, Serialize};

use super::{CtxId, ExprId};

/// A loop, branch or handler.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// The context around it; of context 0, itself.
    pub parent: CtxId,
    /// What it is.
    pub kind: ContextKind,
    /// First byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// What a context is.
#[derive(Debug, Serialize, Deserialize)]
pub enum ContextKind {
    /// The file's top level, or the body of a function (functions keep the context they are defined in apart).
    Root,
    /// `for` over a collection.
    ForEach {
        /// What is run over.
        over: ExprId,
    },
    /// `while`, C-style `for`; `test` is `None` for an endless loop.
    While {
        /// The condition.
        test: Option<ExprId>,
    },
    /// An arm of `if`/`match`/`switch`; arms of one statement share `group`.
    Branch {
        /// Number of the statement in the file (its first byte).
        group: u32,
        /// The condition, where there is one: of an `else` it is that of its `if`.
        test: Option<ExprId>,
        /// Whether this arm runs when the condition fails.
        negated: bool,
    },
    /// The guarded body of `try`.
    Try {
        /// Number of the statement in the file (its first byte).
        group: u32,
    },
    /// `except`, `catch`.
    Handler {
        /// The `try` it belongs to.
        group: u32,
    },
    /// A comprehension or generator.
    Comprehension {
        /// What is run over.
        over: ExprId,
    },
}
