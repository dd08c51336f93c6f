//! What stands around a call: what starts it, what it waits for, what ends its loop.

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// What stands around a call that bears on the verdict.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Flow {
    /// What starts the code that it stands in.
    pub entry: Entry,
    /// Whether it stands in a function that nobody runs, in a file that is in use otherwise, or in a method that every heir
    /// of its class has its own of.
    pub unused: bool,
    /// Whether it stands in a class that no file of those that belong together names.
    pub alone: bool,
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// Not known.
    #[default]
    Unknown,
    /// A script, job or command that nobody waits for, by what, and where.
    Script(String, Span),
    /// A request, message or screen that somebody waits at, by what, and where.
    Request(String, Span),
}

impl Entry {
    /// What is said of code that runs when its file is loaded: a script, or the start of a service.
    pub const TOP_LEVEL: &'static str = "it stands at the top level";
    /// What is said of a file that asks whether it is run by itself.
    pub const PROGRAM: &'static str = "it is run as a program";
}

/// Messages that are added to and sent again whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Their name: `messages`, `self.history`.
    pub name: String,
    /// Where they are added to.
    pub grows: Span,
    /// Where they are cut, summarised or windowed.
    pub trimmed: Option<Span>,
}

/// What ends a loop whose length is not written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// Where it is set up.
    pub place: Span,
    /// Whether it says when to stop.
    pub bounded: bool,
}
