//! Texts and messages of which one of several is sent: branches, optional parts, and the whole shapes that follow.

use smol_str::SmolStr;

use super::value::*;
use crate::source::Span;

/// Whole shapes of one prompt, or of one text, that are kept.
pub(super) const SHAPES: usize = 8;

/// What is said in a prompt: a message, or one of several runs of messages.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Message(SmolStr, Vec<TextPiece>),
    OneOf(Vec<Vec<Said>>),
}

impl Said {
    /// The messages of all alternatives, in order.
    pub(super) fn messages<'s>(said: &'s [Self], each: &mut dyn FnMut(&'s SmolStr, &'s [TextPiece])) {
        for one in said {
            match one {
                Self::Message(role, pieces) => each(role, pieces),
                Self::OneOf(arms) => arms.iter().for_each(|arm| Self::messages(arm, each)),
            }
        }
    }

    /// Whether all its messages are instructions.
    pub(super) fn is_system(&self) -> bool {
        match self {
            Self::Message(role, _) => role == "system",
            Self::OneOf(arms) => arms.iter().flatten().all(Self::is_system),
        }
    }

    /// How many whole shapes there are: where choices stand side by side they are gone through in step, as what decides
    /// one most often decides the next.
    pub(super) fn shapes(said: &[Self]) -> usize {
        let of = |one: &Self| match one {
            Self::Message(_, pieces) => shapes(pieces),
            Self::OneOf(arms) => arms.iter().map(|arm| Self::shapes(arm)).sum(),
        };
        said.iter().map(of).max().unwrap_or(1).max(1)
    }

    /// One of the whole shapes: messages without a choice.
    pub(super) fn shape(said: &[Self], number: usize, out: &mut Vec<(SmolStr, Vec<TextPiece>)>) {
        for one in said {
            match one {
                Self::Message(role, pieces) => {
                    let mut text = Vec::new();
                    shape(pieces, number, &mut text);
                    out.push((role.clone(), text));
                }
                Self::OneOf(arms) => {
                    if let Some((arm, below)) = arm_of(arms, number, |arm| Self::shapes(arm)) {
                        Self::shape(arm, below, out);
                    }
                }
            }
        }
    }
}

/// The arm in which a shape lies, and its number there.
fn arm_of<T>(arms: &[T], number: usize, size: impl Fn(&T) -> usize) -> Option<(&T, usize)> {
    let mut below = number;
    for arm in arms {
        let own = size(arm);
        if below < own {
            return Some((arm, below));
        }
        below -= own;
    }
    // Another choice has more arms: this one stays with its last.
    arms.last().map(|arm| (arm, size(arm).saturating_sub(1)))
}

/// How many whole texts there are.
pub(super) fn shapes(pieces: &[TextPiece]) -> usize {
    let of = |piece: &TextPiece| match piece {
        TextPiece::Choice(choice) => choice.arms.iter().map(|arm| shapes(arm)).sum(),
        TextPiece::Lit(..) | TextPiece::Hole(_) => 1,
    };
    pieces.iter().map(of).max().unwrap_or(1).max(1)
}

/// One of the whole texts.
pub(super) fn shape(pieces: &[TextPiece], number: usize, out: &mut Vec<TextPiece>) {
    for piece in pieces {
        match piece {
            TextPiece::Choice(choice) => {
                if let Some((arm, below)) = arm_of(&choice.arms, number, |arm| shapes(arm)) {
                    shape(arm, below, out);
                }
            }
            plain => out.push(plain.clone()),
        }
    }
}

/// All alternatives one below the other: what is looked at where any of them counts.
pub(super) fn joined(pieces: &[TextPiece]) -> Vec<TextPiece> {
    let mut out = Vec::new();
    for piece in pieces {
        let TextPiece::Choice(choice) = piece else {
            out.push(piece.clone());
            continue;
        };
        let spoken: Vec<_> = choice.arms.iter().filter(|arm| has_words(arm)).collect();
        let arms = if spoken.is_empty() { choice.arms.iter().take(1).collect() } else { spoken };
        for (index, arm) in arms.into_iter().enumerate() {
            if index > 0 {
                out.push(TextPiece::Lit("\n".into(), choice.span));
            }
            out.extend(joined(arm));
        }
    }
    out
}

/// Calls `each` with the pieces of [`joined`], none of which is a choice.
pub(super) fn each_piece<'p>(pieces: &'p [TextPiece], each: &mut dyn FnMut(&'p TextPiece)) {
    for piece in pieces {
        match piece {
            TextPiece::Choice(choice) => {
                let spoken = choice.arms.iter().any(|arm| has_words(arm));
                choice.arms.iter().filter(|arm| !spoken || has_words(arm)).for_each(|arm| each_piece(arm, each));
            }
            plain => each(plain),
        }
    }
}

/// Words of static text that stand there whatever is chosen. A value that is unknown, and no caller's, is chosen as a
/// text of its own: it leaves nothing out.
pub(super) fn certain_words(pieces: &[TextPiece]) -> usize {
    let unknown = |arm: &&Vec<TextPiece>| matches!(&arm[..], [TextPiece::Hole(hole)] if hole.param.is_none());
    let of = |piece: &TextPiece| match piece {
        TextPiece::Lit(text, _) => super::text::words(text),
        TextPiece::Hole(_) => 0,
        TextPiece::Choice(choice) => {
            choice.arms.iter().filter(|arm| !unknown(arm)).map(|arm| certain_words(arm)).min().unwrap_or(0)
        }
    };
    pieces.iter().map(of).sum()
}

/// Whether a text brings words of its own.
pub(super) fn has_words(pieces: &[TextPiece]) -> bool {
    pieces.iter().any(|piece| match piece {
        TextPiece::Lit(text, _) => text.chars().any(char::is_alphabetic),
        TextPiece::Hole(_) => false,
        TextPiece::Choice(choice) => choice.arms.iter().any(|arm| has_words(arm)),
    })
}

/// Items of a list with those that only a branch adds in their places: of alternatives the first that adds any.
pub(super) fn with_optional(items: Vec<Value>) -> Vec<Value> {
    let mut all = Vec::new();
    for item in items {
        let added = item.alternatives().iter().find_map(|one| match one {
            Value::List(list) if !list.items.is_empty() => Some(list.items.clone()),
            _ => None,
        });
        match (&item, added) {
            (Value::OneOf(_), Some(added)) => all.extend(added),
            _ => all.push(item),
        }
    }
    all
}

impl Value {
    /// A text with choices in it as one of several texts without: names of models, paths of files. Anything else is
    /// itself.
    pub(super) fn expanded(&self) -> Self {
        let Self::Text(pieces) = self else {
            return self.clone();
        };
        if !pieces.iter().any(|piece| matches!(piece, TextPiece::Choice(_))) {
            return self.clone();
        }
        let mut all: Vec<Vec<TextPiece>> = vec![Vec::new()];
        for piece in pieces.iter() {
            let TextPiece::Choice(choice) = piece else {
                all.iter_mut().for_each(|text| text.push(piece.clone()));
                continue;
            };
            let mut arms = Vec::new();
            for arm in &choice.arms {
                for number in 0..shapes(arm) {
                    let mut text = Vec::new();
                    shape(arm, number, &mut text);
                    arms.push(text);
                }
            }
            let longer = all.iter().flat_map(|text| arms.iter().map(|arm| [&text[..], &arm[..]].concat()));
            all = longer.take(2 * SHAPES).collect();
        }
        Self::one_of(all.into_iter().map(|text| Self::Text(text.into()))).unwrap_or(Self::Null)
    }

    /// All whole texts that a value may be, each once: names of modules and members.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for one in self.alternatives() {
            for name in one.expanded().alternatives().iter().filter_map(Self::as_static) {
                if !names.contains(&name) && names.len() < SHAPES {
                    names.push(name);
                }
            }
        }
        names
    }

    /// A text of which one of several stands there.
    pub(super) fn choice(arms: Vec<Vec<TextPiece>>, span: Span) -> TextPiece {
        TextPiece::Choice(Choice { arms, span }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

    fn lit(text: &str) -> TextPiece {
        TextPiece::Lit(text.into(), SPAN)
    }

    fn shown(pieces: &[TextPiece]) -> Vec<String> {
        let shown = |number| {
            let mut out = Vec::new();
            shape(pieces, number, &mut out);
            Value::Text(out.into()).as_static().expect("only text")
        };
        (0..shapes(pieces)).map(shown).collect()
    }

    #[test]
    fn choices_side_by_side_are_gone_through_in_step() {
        let two = Value::choice(vec![vec![lit("a")], vec![lit("b")]], SPAN);
        let three = Value::choice(vec![vec![lit("1")], vec![lit("2")], vec![]], SPAN);
        assert_eq!(shown(&[two, lit(" "), three]), ["a 1", "b 2", "b "]);
    }

    #[test]
    fn every_arm_of_a_choice_in_a_choice_is_shown() {
        let inner = Value::choice(vec![vec![lit("x")], vec![]], SPAN);
        let outer = Value::choice(vec![vec![lit("a"), inner], vec![lit("b")]], SPAN);
        assert_eq!(shown(&[outer]), ["ax", "a", "b"]);
    }

    #[test]
    fn a_text_without_choices_is_one() {
        assert_eq!(shown(&[lit("a")]), ["a"]);
        assert_eq!(shapes(&[]), 1);
    }
}
