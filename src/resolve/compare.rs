//! How much finished prompts say, and one beside another.

use rustc_hash::FxHashSet;

use crate::program::{Message, Piece, Prompt};
use crate::source::Span;

/// Words of text in a prompt that another does not have.
pub(super) fn words_added(prompt: &Prompt, other: &Prompt) -> usize {
    let known = texts(other);
    texts(prompt).difference(&known).map(|(text, _)| super::text::words(text)).sum()
}

fn texts(prompt: &Prompt) -> FxHashSet<(&str, Span)> {
    let pieces = prompt.messages.iter().flat_map(|message| &message.pieces);
    pieces
        .filter_map(|piece| match piece {
            Piece::Text(text, span) => Some((text.as_str(), *span)),
            Piece::Hole(_) => None,
        })
        .collect()
}

/// How much a prompt says in bytes of static text, to tell which of several readings of a call says most: what its
/// fullest shape says, for only one of them is sent, and each place of text once, for a reading that does not know a
/// message's role has it under several.
pub(super) fn prompt_size(prompt: &Prompt) -> usize {
    let size = |messages: &[Message]| {
        let mut places = FxHashSet::default();
        let pieces = messages.iter().flat_map(|message| &message.pieces);
        let texts = pieces.filter_map(|piece| match piece {
            Piece::Text(text, span) => places.insert((*span, text)).then_some(text.len()),
            Piece::Hole(_) => None,
        });
        texts.sum::<usize>()
    };
    prompt.candidates.iter().map(|shape| size(shape)).max().unwrap_or_else(|| size(&prompt.messages))
}
