//! A call in the report, with its prompt, its verdict and its cost.

use schemars::JsonSchema;
use serde::Serialize;

use super::Range;
use crate::finding::{Class, EvidenceKind};
use crate::program::{AnswerUse, CallKind, CallRole, LoopKind, ModelOrigin, Origin, Schema, Shape};
use crate::source::Position;

/// A call of a model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Call {
    /// Stable across unrelated edits.
    pub id: String,
    /// Relative path.
    pub path: String,
    /// First character of the callee.
    pub start: Position,
    /// One past the call.
    pub end: Position,
    /// Enclosing classes and functions.
    pub symbol: String,
    /// `python`, `typescript`, `javascript`.
    pub language: String,
    /// SDK table, `unresolved` for a wrapper outside the audited files.
    pub sdk: String,
    /// Operation in that table.
    pub operation: String,
    /// The callee as written.
    pub callee: String,
    /// What sort of model work it is.
    pub kind: CallKind,
    /// Whether it carries its own prompt.
    pub role: CallRole,
    /// Whether only names and keywords speak for it.
    pub weak: bool,
    /// The chain down to the SDK call.
    pub via: Vec<Via>,
    /// Which model.
    pub model: Model,
    /// What it asks.
    pub prompt: Prompt,
    /// What becomes of the answer.
    pub output: Output,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Number of tools; `null` if there are none or it is not known, see `has_tools`.
    pub tools: Option<usize>,
    /// Whether tools are handed over.
    pub has_tools: bool,
    /// Reasoning effort as written.
    pub reasoning: Option<String>,
    /// Whether prompt caching is asked for.
    pub cache: bool,
    /// What makes it run again.
    #[serde(rename = "loop")]
    pub repeats: Loop,
    /// What kind of work it is.
    pub verdict: Verdict,
    /// What it costs.
    pub cost: Cost,
    /// What usage data says; there is none yet.
    pub profile: Option<()>,
}

/// A step of a chain down to the SDK call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Via {
    /// Relative path.
    pub path: String,
    /// Line of the inner call.
    pub line: u32,
    /// The wrapper.
    pub symbol: String,
}

/// Which model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Model {
    /// The one that runs when nothing is set from outside.
    pub id: Option<String>,
    /// Where the name comes from.
    pub origin: ModelOrigin,
    /// Its price class: `premium`, `mid`, `small`, `nano`; `null` if its price is not known.
    pub tier: Option<String>,
    /// All that may be chosen.
    pub candidates: Vec<String>,
}

/// What a call asks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Prompt {
    /// Messages; where branches decide what is sent, those of the first candidate.
    pub parts: Vec<PromptPart>,
    /// All prompts of which one is sent, each whole; empty where there is but one.
    pub candidates: Vec<Vec<PromptPart>>,
    /// Values put in.
    pub holes: Vec<Hole>,
    /// Estimated tokens of the static text.
    pub static_tokens: u64,
    /// Whether every piece was found.
    pub complete: bool,
}

/// A message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PromptPart {
    /// Who speaks.
    pub role: String,
    /// Its text; a dynamic piece stands as `{name}`.
    pub text: String,
    /// Where the text was written.
    pub sources: Vec<SourceRange>,
}

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct SourceRange {
    /// Relative path.
    pub path: String,
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
}

/// A value put into a prompt.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hole {
    /// Its expression, shortened.
    pub name: String,
    /// What is known of its form.
    pub shape: Shape,
    /// Where it comes from.
    pub origin: Origin,
    /// What the shape was concluded from.
    pub because: Option<String>,
}

/// What becomes of an answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// What the program does with it.
    #[serde(rename = "use")]
    pub usage: AnswerUse,
    /// Structured output schema.
    pub schema: Option<Schema>,
    /// Cap on output tokens.
    pub max_tokens: Option<u64>,
    /// Where it is read.
    pub reads: Vec<Read>,
}

/// A place where an answer is read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Read {
    /// Relative path.
    pub path: String,
    /// Line.
    pub line: u32,
    /// How.
    pub how: String,
}

/// What makes a call run again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Loop {
    /// `none`, `per-item`, `retry`, `agent`.
    pub kind: LoopKind,
    /// The largest number of runs, where it is written down.
    pub bound: Option<u64>,
}

/// What kind of work a call is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verdict {
    /// `mechanical`, `mixed`, `judgment`, `unknown`.
    pub class: Class,
    /// The category of mechanical work.
    pub category: Option<String>,
    /// 0 to 1.
    pub confidence: f64,
    /// One line.
    pub reason: String,
    /// Everything weighed.
    pub evidence: Vec<Evidence>,
}

/// Why a verdict leans one way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Evidence {
    /// What sort of thing was seen.
    pub kind: EvidenceKind,
    /// The table entry that fired.
    pub signal: String,
    /// Log-odds; negative against a script.
    pub weight: f64,
    /// One line.
    pub text: String,
    /// Relative path.
    pub path: String,
    /// First character.
    pub start: Position,
    /// One past the last.
    pub end: Position,
}

/// What a call costs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Cost {
    /// Input tokens of one call.
    pub input_tokens: Range,
    /// Output tokens of one call.
    pub output_tokens: Range,
    /// US dollars for 1,000 calls; `null` if the model or its price is not known.
    pub usd_per_1k_calls: Option<Range>,
    /// Calls a month, if they were given.
    pub calls_per_month: Option<u64>,
    /// US dollars a month; `null` without a volume.
    pub usd_per_month: Option<Range>,
    /// `configured` or `assumed`.
    pub basis: String,
    /// What one call of the figures is: `call`, an `item` of a loop, a `turn` of an agent, a whole `run` of one.
    pub per: String,
    /// What the figures assume.
    pub assumes: Vec<String>,
}
