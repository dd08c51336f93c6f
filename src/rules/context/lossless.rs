//! SW601: tokens of the prompt that change nothing.

use std::collections::BTreeSet;

use crate::catalog::levers::{LeverWords, first_in};
use crate::cost::estimate;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallKind, CallSite, Hole, Piece, Shape};
use crate::rules::common::*;
use crate::source::Span;

declare_rule! {
    /// Tokens of the prompt that change nothing: repeats, indentation, pretty-printed JSON.
    LosslessTrim, "SW601", "lossless-trim", Context, Note,
    "the prompt holds tokens that change nothing: repeats, indentation, pretty-printed JSON"
}

/// Below these, in tokens and as a share of the static prompt, nobody should bother.
const TOKENS: f64 = 200.0;
const SHARE: f64 = 0.05;

/// Letters of a line from which on its repeat is no accident.
const LINE: usize = 60;

/// Share of a printed record that its indentation takes, few and many levels.
const PRETTY: (f64, f64) = (0.15, 0.35);

/// Tokens of a printed list, few and many.
const RECORDS: (f64, f64) = (300.0, 2_000.0);

/// Endings of words that are no plural: `status`, `address`, `analysis`.
const SINGULAR: &[&str] = &["ss", "us", "is"];

/// A text without what changes nothing: the indentation that all its lines share, blanks at line ends, runs of empty
/// lines, and long lines that it holds already.
fn trimmed(text: &str) -> String {
    let mut known = BTreeSet::new();
    let indent = text
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let mut out = String::new();
    let mut empty = 0;
    for (at, line) in text.lines().enumerate() {
        let line = if at == 0 { line } else { line.get(indent..).unwrap_or("") };
        let line = line.trim_end();
        empty = if line.is_empty() { empty + 1 } else { 0 };
        let repeated = line.trim().len() >= LINE && !known.insert(line.trim().to_owned());
        if empty < 2 && !repeated {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Whether a value is cut to a length where it goes in: `json.dumps(rows, indent=2)[:4000]`.
fn is_cut(value: Span, cx: &Context<'_>) -> bool {
    let file = cx.program.file(value);
    let (_, end) = file.line_range(file.position(value.start).line);
    let rest = file.slice(value.start, end.max(value.end));
    ["[:", ".slice(", ".substring(", "truncate"].iter().any(|mark| rest.contains(mark))
}

/// Whether a printed value holds many: by its name, or because its file makes it a list. One record is some dozens of
/// lines, whose indentation nobody would take out for its price.
fn is_many(value: &Hole, cx: &Context<'_>) -> bool {
    let words = LeverWords::embedded();
    let inner = value.name.split_once('(').map_or(value.name.as_str(), |(_, rest)| rest);
    let name: String = inner.chars().take_while(|c| c.is_alphanumeric() || "_.".contains(*c)).collect();
    let last = name.rsplit('.').next().unwrap_or(&name);
    let plural = |word: &String| {
        word.len() > 3
            && word.ends_with('s')
            && !SINGULAR.iter().any(|end| word.ends_with(end))
            && !words.one_record.contains(word)
    };
    let told = words_of(last).iter().any(|word| plural(word) || words.many.contains(word));
    let text = &cx.program.file(value.span).text;
    let made = [" = [", ": list", ": List", ".append(", ".push("].map(|mark| format!("{last}{mark}"));
    !last.is_empty() && (told || made.iter().any(|mark| text.contains(mark.as_str())))
}

impl Rule for LosslessTrim {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        together(cx.each_asked(|call| self.check_call(call, cx)))
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let (mut before, mut after) = (0.0, 0.0);
        let mut because = Vec::new();
        // The messages of a run of agents are prompts of their own, each of which needs its text. Of prompts that are
        // alternatives of one another, one is sent.
        for message in call.prompt.longest().iter().filter(|_| call.kind == CallKind::Chat) {
            for piece in &message.pieces {
                let Piece::Text(text, span) = piece else { continue };
                // Pieces may be alternatives of one another too: a repeat counts within one, and crumbs of many are no text
                // that somebody could mend.
                let (own, less) = (estimate(text), estimate(&trimmed(text)));
                let much = own - less > TOKENS / 4.0;
                before += own;
                after += if much { less } else { own };
                if much {
                    because.push(seen(format!("{own:.0} tokens, {less:.0} without what changes nothing"), *span));
                }
            }
        }
        let saved = before - after;
        if saved > TOKENS && saved > SHARE * before {
            return Some(Advice {
                message: format!("{saved:.0} of {before:.0} tokens of the static prompt change nothing"),
                because,
                help: "dedent the text, and take out lines that it holds twice".to_owned(),
                effect: Effect::TrimInput(saved, saved),
                confidence: 0.8,
            });
        }
        let words = LeverWords::embedded();
        let pretty = holes(call).find(|hole| {
            matches!(hole.shape, Shape::Json | Shape::List | Shape::Unknown)
                && first_in(&words.pretty, &hole.name).is_some()
                && is_many(hole, cx)
                // The schema of a type that the program declares is as long as its fields, often some dozens of tokens,
                // and does not grow with the data.
                && first_in(&words.schemas, &hole.name).is_none()
                // Of a text that is cut to a length, indentation costs content and no money.
                && !is_cut(hole.span, cx)
        })?;
        Some(Advice {
            message: "JSON goes into the prompt pretty-printed: its indentation is paid for and changes nothing"
                .to_owned(),
            because: vec![seen("printed with indentation", pretty.span)],
            help: "print it without indentation and with short separators".to_owned(),
            effect: Effect::TrimInput(RECORDS.0 * PRETTY.0, RECORDS.1 * PRETTY.1),
            confidence: 0.65,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_meaning_stays() {
        let text = "Rules:\n    - one\n      - nested\n    - two\n\n\n\nEnd";
        assert_eq!(trimmed(text), "Rules:\n    - one\n      - nested\n    - two\n\nEnd\n");
        let text = "Rules:\n    - one\n      - nested";
        assert_eq!(trimmed(text), "Rules:\n- one\n  - nested\n");
    }
}
