//! SW7, caching: what the provider, or the program, has seen before.

mod broken;
mod repeated;
mod uncached;

use super::Rule;
use crate::catalog::model::Model;
use crate::cost::estimate;
use crate::program::{CallSite, Hole, Piece};
use crate::source::Span;

/// The rules of this lever, by code.
pub(super) const RULES: &[&dyn Rule] =
    &[&uncached::UncachedPrefix, &broken::BrokenPrefix, &repeated::RepeatedIdenticalCall];

/// Tokens from which on a prefix is cached where a model's row does not say: the largest published minimum but one.
const MINIMUM: u64 = 1024;

fn minimum(model: &Model) -> f64 {
    model.cache_min.unwrap_or(MINIMUM) as f64
}

/// The start of a prompt as the provider sees it: system messages first.
struct Start<'c> {
    /// Tokens of static text before the first value.
    tokens: f64,
    /// Where it begins.
    place: Option<Span>,
    /// The first value.
    hole: Option<&'c Hole>,
    /// Tokens of static text after it.
    after: f64,
    /// Where the largest static piece after it is written.
    largest: Option<Span>,
}

fn start(call: &CallSite) -> Start<'_> {
    let (system, rest): (Vec<_>, Vec<_>) = call.prompt.messages.iter().partition(|message| message.role == "system");
    let mut start = Start { tokens: 0.0, place: None, hole: None, after: 0.0, largest: None };
    let mut most = 0.0;
    for piece in system.into_iter().chain(rest).flat_map(|message| &message.pieces) {
        match piece {
            Piece::Hole(hole) => {
                start.hole.get_or_insert(hole);
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
