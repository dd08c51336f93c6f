//! What a call asks: text, and values that are known only at run time.

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// What a call asks, as far as it is known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Prompt {
    /// Messages in order, those of all candidates together: what is judged, so that no candidate escapes.
    pub messages: Vec<Message>,
    /// The whole prompts of which one is sent, where branches decide; empty where there is but one.
    #[serde(default)]
    pub candidates: Vec<Vec<Message>>,
    /// Whether every piece of it was found: no message, prompt file or text is missing. Holes do not count.
    pub complete: bool,
}

impl Prompt {
    /// The longest of the whole prompts of which one is sent: what a request holds at most.
    pub fn longest(&self) -> &[Message] {
        let size = |messages: &[Message]| -> usize {
            let pieces = messages.iter().flat_map(|message| &message.pieces);
            pieces.map(|piece| if let Piece::Text(text, _) = piece { text.len() } else { 0 }).sum()
        };
        self.candidates.iter().max_by_key(|shape| size(shape)).unwrap_or(&self.messages)
    }
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks: `system`, `user`, `assistant`, `tool`.
    pub role: String,
    /// Its text in pieces.
    pub pieces: Vec<Piece>,
}

/// A piece of a prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Static text with the place it was written in.
    Text(String, Span),
    /// A value known only at run time.
    Hole(Hole),
}

/// A value in a prompt that is known only at run time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
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
