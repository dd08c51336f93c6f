//! Lines of evidence, and where exactly they point.

use crate::finding::{Evidence, EvidenceKind};
use crate::program::Program;
use crate::source::Span;

/// A line of evidence from the code around a call.
pub(super) fn seen(text: impl Into<String>, span: Span) -> Evidence {
    Evidence { kind: EvidenceKind::Structure, signal: "structure".to_owned(), weight: 1.0, text: text.into(), span }
}

/// Where in a place a text stands, whatever its case.
pub(super) fn within(place: Span, text: &str, program: &Program) -> Option<Span> {
    let (source, text) = (program.text(place).as_bytes(), text.as_bytes());
    let at = source.windows(text.len().max(1)).position(|window| window.eq_ignore_ascii_case(text))?;
    let start = place.start + at as u32;
    Some(Span { start, end: start + text.len() as u32, ..place })
}

/// A line that quotes what stands in its place, of many lines, points at just that.
pub(super) fn pointed(line: Evidence, program: &Program) -> Evidence {
    let quoted = line.text.split_once('"').and_then(|(_, rest)| rest.strip_suffix('"'));
    let span = quoted.and_then(|text| within(line.span, text, program)).unwrap_or(line.span);
    Evidence { span, ..line }
}
