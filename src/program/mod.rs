//! What resolving found: the calls of models, each with all that the code says about it.
//!
//! These types are the border between reading code and judging it: they hold places and facts, and no syntax.

mod answer;
mod flow;
mod placed;
mod prompt;
mod spans;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::source::{Language, SourceFile, Span};
pub use answer::{Answer, AnswerUse, LoopKind, Repeats};
pub use flow::{Entry, Exit, Flow, History, Retry, Surroundings};
pub use prompt::{Hole, Message, Origin, Piece, Prompt, Shape};

/// The audited program, after resolving.
#[derive(Debug, Default)]
pub struct Program {
    /// Every file that a span of this program points into, by number.
    pub files: Vec<SourceFile>,
    /// The calls, ordered by path, then place.
    pub calls: Vec<CallSite>,
    /// What the program imports from elsewhere.
    pub imports: Imports,
}

/// Import roots that the files of a program name: `dateutil`, `date-fns`, `@scope/name`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Imports {
    /// Of Python files.
    pub python: BTreeSet<String>,
    /// Of TypeScript and JavaScript files.
    pub script: BTreeSet<String>,
}

impl Program {
    /// The file that a span lies in.
    pub fn file(&self, span: Span) -> &SourceFile {
        &self.files[span.file.0 as usize]
    }

    /// The source text of a span.
    pub fn text(&self, span: Span) -> &str {
        self.file(span).slice(span.start, span.end)
    }
}

/// Number of a call: its place in [`Program::calls`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// A place where a model is asked something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallSite {
    /// The call expression, from the first character of the callee.
    pub span: Span,
    /// The callee alone.
    pub callee_span: Span,
    /// The callee as written, white space folded: `client.messages.create`.
    pub callee: String,
    /// Enclosing classes and functions: `Agent.plan`; empty at top level.
    pub symbol: String,
    /// The enclosing function, or the whole file at top level.
    pub function: Span,
    /// Language of the file.
    pub language: Language,
    /// The SDK table it was found by: `anthropic`.
    pub sdk: String,
    /// The operation in that table: `messages`.
    pub operation: String,
    /// What sort of model work it is.
    pub kind: CallKind,
    /// Whether it carries its own prompt.
    pub role: CallRole,
    /// For a call through wrappers: each wrapper on the way down, and last the SDK call.
    pub via: Vec<Via>,
    /// Whether only names and keywords speak for it, not a resolved receiver.
    pub weak: bool,
    /// Which model it asks.
    pub model: Model,
    /// What it asks.
    pub prompt: Prompt,
    /// Settings of the request.
    pub params: Params,
    /// What becomes of the answer.
    pub answer: Answer,
    /// How often it runs.
    pub repeats: Repeats,
    /// What stands around it that bears on the verdict.
    pub surroundings: Surroundings,
    /// How it stands in the flow of the program.
    pub flow: Flow,
}

/// What sort of model work a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallKind {
    /// A question with an answer.
    Chat,
    /// A run that may ask several times.
    Agent,
    /// Vectors.
    Embedding,
    /// Pictures.
    Image,
    /// Speech and transcription.
    Audio,
    /// Moderation.
    Moderation,
    /// A batch job.
    Batch,
    /// Reranking, evaluation and what else generates nothing.
    Other,
}

impl CallKind {
    /// Whether it generates text, so that its prompt can be judged.
    pub fn is_generative(self) -> bool {
        matches!(self, Self::Chat | Self::Agent | Self::Batch)
    }
}

/// Whether a call carries its own prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallRole {
    /// An SDK call with its own prompt.
    Direct,
    /// An SDK call whose prompt comes in as a parameter.
    Wrapper,
    /// A call of a wrapper of the audited code.
    ViaWrapper,
    /// A piece of work that is handed to a model with no code around it: a step, an agent, a prompt file.
    Session,
}

/// A step from a call through a wrapper down to the SDK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Via {
    /// The call inside the wrapper.
    pub span: Span,
    /// The wrapper: `LLMClient.ask`.
    pub symbol: String,
}

/// Which model a call asks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Model {
    /// The one that runs when nothing is set from outside. `None` where it is not written down; the SDK's silent default
    /// then is the one candidate, with the origin `Unpinned`.
    pub id: Option<String>,
    /// Where it comes from.
    pub origin: ModelOrigin,
    /// All that branches, callers or settings may choose, in order of the source; the first is `id`.
    pub candidates: Vec<String>,
    /// Where the name stands.
    pub place: Option<Span>,
}

/// Where a model's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ModelOrigin {
    /// Written at the call or at its client.
    Literal,
    /// A constant.
    Constant,
    /// The default of a parameter.
    Default,
    /// A settings file or settings class.
    Config,
    /// An environment variable, with its default if it has one.
    Environment,
    /// Chosen by callers that are not known.
    Parameter,
    /// The SDK's silent default, or not found.
    Unpinned,
}

/// Settings of a request, `None` where absent or unknown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Params {
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Cap on output tokens.
    pub max_tokens: Option<u64>,
    /// Whether a cap on output tokens is given at all, whatever its value.
    pub capped: bool,
    /// Reasoning effort or budget as written.
    pub reasoning: Option<String>,
    /// Cap on the turns of an agent.
    pub turns: Option<u64>,
    /// Whether tools are handed over; their number where it is known.
    pub tools: Option<Option<usize>>,
    /// Whether prompt caching is asked for.
    pub cache: bool,
    /// Whether some settings come from a spread or a value built elsewhere, so that absence proves nothing.
    pub open: bool,
    /// Where a setting stands, by name: `temperature`, `max_tokens`.
    #[serde(with = "placed")]
    pub places: Vec<(&'static str, Span)>,
    /// Keys and types of a structured output schema as text, and its place.
    pub schema: Option<(Schema, Span)>,
}

/// A structured output schema, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Schema {
    /// Its name, or the expression that gives it.
    pub name: String,
    /// Field names with their types: `bool`, `number`, `string`, `enum`, `list`, `record`, `unknown`.
    pub fields: Vec<(String, String)>,
}
