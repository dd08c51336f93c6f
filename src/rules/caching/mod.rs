//! SW7, caching: what the provider, or the program, has seen before.

mod broken;
mod repeated;
mod uncached;

use super::Rule;
use crate::catalog::model::Model;
use crate::cost::estimate;
use crate::program::{CallSite, Hole, Message, Piece};
use crate::source::Span;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] =
    &[&uncached::UncachedPrefix, &broken::BrokenPrefix, &repeated::RepeatedIdenticalCall];

/// Tokens from which on a prefix is cached where a model's row does not say: the largest published minimum but one.
const MINIMUM: u64 = 1024;

fn minimum(model: &Model) -> f64 {
    model.cache_min.unwrap_or(MINIMUM) as f64
}

/// The message that a prompt begins with, as the provider sees it: the system message, if there is one.
#[derive(Default)]
struct Start<'c> {
    /// Tokens of static text before the first value.
    tokens: f64,
    /// Where it begins.
    place: Option<Span>,
    /// The first value.
    hole: Option<&'c Hole>,
    /// All values in it.
    values: Vec<&'c Hole>,
    /// Tokens of static text after the first.
    after: f64,
    /// Where the largest static piece after it is written.
    largest: Option<Span>,
}

/// Several system messages are alternatives of one another, and so are the prompts of which one is sent: the one that begins
/// with the fewest static tokens decides, so that nothing is said that does not hold of all.
fn start(call: &CallSite) -> Start<'_> {
    let sent = call.prompt.candidates.iter().flatten();
    let all = sent.chain(call.prompt.messages.iter().filter(|_| call.prompt.candidates.is_empty()));
    let systems = all.filter(|message| message.role == "system");
    let firsts = systems.map(of_message).reduce(|least, one| if one.tokens < least.tokens { one } else { least });
    firsts.or_else(|| call.prompt.messages.first().map(of_message)).unwrap_or_default()
}

fn of_message(message: &Message) -> Start<'_> {
    let mut start = Start::default();
    let mut most = 0.0;
    for piece in &message.pieces {
        match piece {
            Piece::Hole(hole) => {
                start.hole.get_or_insert(hole);
                start.values.push(hole);
            }
            Piece::Text(text, span) if start.hole.is_none() => {
                start.tokens += estimate(text);
                start.place.get_or_insert(*span);
            }
            Piece::Text(text, span) => {
                let tokens = estimate(text);
                start.after += tokens;
                if tokens > most {
                    most = tokens;
                    start.largest = Some(*span);
                }
            }
        }
    }
    start
}
