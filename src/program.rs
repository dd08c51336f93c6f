//! What resolving found: the calls of models, each with all that the code says about it.
//!
//! These types are the border between reading code and judging it: they hold places and facts, and no syntax.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::source::{Language, SourceFile, Span};

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
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The call inside the wrapper.
    pub span: Span,
    /// The wrapper: `LLMClient.ask`.
    pub symbol: String,
}

/// Which model a call asks.
#[derive(Clone, Debug)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
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

/// What a call asks, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    /// Messages in order.
    pub messages: Vec<Message>,
    /// Whether every piece of it was found: no message, prompt file or text is missing. Holes do not count.
    pub complete: bool,
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks: `system`, `user`, `assistant`, `tool`.
    pub role: String,
    /// Its text in pieces.
    pub pieces: Vec<Piece>,
}

/// A piece of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Static text with the place it was written in.
    Text(String, Span),
    /// A value known only at run time.
    Hole(Hole),
}

/// A value in a prompt that is known only at run time.
#[derive(Clone, Debug, PartialEq)]
pub struct Hole {
    /// Its expression, shortened: `text`, `json.dumps(order)`.
    pub name: String,
    /// Where it is put in.
    pub span: Span,
    /// What is known of its form.
    pub shape: Shape,
    /// Where the value comes from.
    pub origin: Origin,
    /// What the shape was concluded from, with its place.
    pub because: Option<(String, Span)>,
}

/// What is known of a value's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A date or time in a defined notation.
    Date,
    /// A file path or name.
    Path,
    /// A URL.
    Url,
    /// JSON text, or a record or list of records printed as such.
    Json,
    /// Rows of a table as text.
    Csv,
    /// HTML, XML, Markdown: text with a formal markup.
    Html,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// One of a closed set.
    Enum,
    /// A list of values.
    List,
    /// Source code or a query.
    Code,
    /// A name, key or id: a short string without sentences.
    Identifier,
    /// Free language.
    FreeText,
    /// Not known.
    Unknown,
}

impl Shape {
    const ALL: [Self; 14] = [
        Self::Date,
        Self::Path,
        Self::Url,
        Self::Json,
        Self::Csv,
        Self::Html,
        Self::Number,
        Self::Bool,
        Self::Enum,
        Self::List,
        Self::Code,
        Self::Identifier,
        Self::FreeText,
        Self::Unknown,
    ];

    /// The form that a name of the tables means.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Path => "path",
            Self::Url => "url",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Enum => "enum",
            Self::List => "list",
            Self::Code => "code",
            Self::Identifier => "identifier",
            Self::FreeText => "free-text",
            Self::Unknown => "unknown",
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A parameter whose callers say no more.
    Parameter,
    /// A field of a record, form or object.
    Field,
    /// Read from a file, page or document.
    Document,
    /// Typed or said by a user: request body, chat message, console input.
    User,
    /// An earlier answer of a model.
    Answer,
    /// A database row or an API response.
    Record,
    /// The clock.
    Clock,
    /// Environment or settings.
    Settings,
    /// Computed by the program.
    Computed,
    /// Not known.
    Unknown,
}

/// Settings of a request, `None` where absent or unknown.
#[derive(Clone, Debug, Default)]
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
    pub places: Vec<(&'static str, Span)>,
    /// Keys and types of a structured output schema as text, and its place.
    pub schema: Option<(Schema, Span)>,
}

/// A structured output schema, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Schema {
    /// Its name, or the expression that gives it.
    pub name: String,
    /// Field names with their types: `bool`, `number`, `string`, `enum`, `list`, `record`, `unknown`.
    pub fields: Vec<(String, String)>,
}

/// What becomes of an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the program does with it.
    pub usage: AnswerUse,
    /// Each place where it is read, and how: `json.loads`, `== "yes"`, `int()`, `return`.
    pub reads: Vec<(Span, String)>,
}

/// What a program does with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// What makes it run again.
    pub kind: LoopKind,
    /// The largest number of runs, where it is written down.
    pub bound: Option<u64>,
    /// The loop.
    pub place: Option<Span>,
}

/// What makes a call run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
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

/// What stands around a call that bears on the verdict.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// It runs only after something else failed: an `except` or `catch`, with its place.
    pub handler: Option<Span>,
    /// It runs only after a literal check or local lookup found nothing.
    pub after_check: Option<Span>,
    /// Name of the enclosing function.
    pub function_name: String,
    /// Names the answer is bound to.
    pub answer_names: Vec<String>,
}

/// How a call stands in the flow of the program: what starts it, what it waits for, what ends its loop. All of it is
/// what was seen; what is `None` or empty was not seen, which proves nothing.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// What starts the code that it stands in.
    pub entry: Entry,
    /// Messages that are added to and sent again whole.
    pub history: Option<History>,
    /// What ends the loop around it.
    pub exit: Option<Exit>,
    /// What of an earlier turn's answer this turn reads, in a loop.
    pub carried: Option<Span>,
    /// The loop in whose turns it asks the same, as nothing in its arguments changes there.
    pub invariant: Option<Span>,
    /// The loop over items in which a caller runs the function that it stands in, where it stands in none itself.
    pub outer: Option<Span>,
    /// A retry around it.
    pub retry: Option<Retry>,
    /// What keeps its answers: a cache decorator.
    pub memo: Option<Span>,
    /// What paces the calls in its function on purpose: a sleep, a limiter.
    pub paced: Option<Span>,
    /// Whether it is awaited where it stands, before anything after it runs.
    pub awaited: bool,
    /// Model calls before it in the same function whose answers it reads.
    pub reads: Vec<Span>,
    /// Model calls before it in the same function whose answers decide whether it runs.
    pub decided_by: Vec<Span>,
    /// The arms it stands in, innermost first: the statement, and the place of the arm.
    pub arms: Vec<(u32, Span)>,
    /// The guarded bodies it stands in, by the number of their `try`, innermost first.
    pub guarded: Vec<u32>,
    /// The handlers it stands in, by the number of their `try`, innermost first.
    pub handles: Vec<u32>,
}

/// What starts the code that a call stands in.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Entry {
    /// Not known.
    #[default]
    Unknown,
    /// A script, job or command that nobody waits for, by what, and where.
    Script(String, Span),
    /// A request, message or screen that somebody waits at, by what, and where.
    Request(String, Span),
}

/// Messages that are added to and sent again whole.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Their name: `messages`, `self.history`.
    pub name: String,
    /// Where they are added to.
    pub grows: Span,
    /// Where they are cut, summarised or windowed.
    pub trimmed: Option<Span>,
}

/// What ends a loop whose length is not written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Exit {
    /// The loop.
    pub place: Span,
    /// A condition on the answer that ends it.
    pub by_answer: Option<Span>,
    /// A condition on a number, a budget or the time that ends it.
    pub by_bound: Option<Span>,
    /// A way out of a handler of a failure.
    pub by_failure: Option<Span>,
    /// A way out that is no handler's.
    pub by_success: Option<Span>,
    /// Something in it that waits for a person, a message or a time.
    pub waits: Option<Span>,
}

/// A retry around a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Where it is set up.
    pub place: Span,
    /// Whether it says when to stop.
    pub bounded: bool,
}
