//! What becomes of an answer, and how often a call runs.

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// What becomes of an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// What the program does with it.
    pub usage: AnswerUse,
    /// Each place where it is read, and how: `json.loads`, `== "yes"`, `int()`, `return`.
    pub reads: Vec<(Span, String)>,
}

/// What a program does with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerUse {
    /// Shows it or passes it on.
    Text,
    /// Parses it as JSON.
    Json,
    /// Decides by it.
    Bool,
    /// Reads it as a number.
    Number,
    /// Picks one of a closed set.
    Enum,
    /// Reads it as a date.
    Date,
    /// Splits it or reads a list.
    List,
    /// Runs it or writes it as code.
    Code,
    /// Lets it choose tools until it stops.
    ToolLoop,
    /// Does nothing.
    Ignored,
    /// Not known.
    Unknown,
}

impl AnswerUse {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::Enum => "enum",
            Self::Date => "date",
            Self::List => "list",
            Self::Code => "code",
            Self::ToolLoop => "tool-loop",
            Self::Ignored => "ignored",
            Self::Unknown => "unknown",
        }
    }
}

/// How often a call runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeats {
    /// What makes it run again.
    pub kind: LoopKind,
    /// The largest number of runs, where it is written down.
    pub bound: Option<u64>,
    /// The loop.
    pub place: Option<Span>,
}

/// What makes a call run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoopKind {
    /// Nothing seen.
    None,
    /// Once for each item of a collection.
    PerItem,
    /// Until it succeeds.
    Retry,
    /// Until the model stops.
    Agent,
}
