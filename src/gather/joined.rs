//! From the parts of a program, which were worked on apart, to the program.

use super::{Gathered, Outcome, Part};
use crate::program::Program;
use crate::report::{FileNote, FilesSummary};
use crate::source::{FileId, Span};
use crate::walk::{self, Entry};

/// Joins what the parts give; files are numbered by their paths, text files after them.
pub(super) fn joined(mut parts: Vec<Part>, entries: &[Entry], skipped: &[walk::Skipped]) -> Gathered {
    let note = |path: &str, reason: &str| FileNote { path: path.to_owned(), reason: reason.to_owned() };
    let mut files = FilesSummary {
        seen: entries.len() + skipped.len(),
        skipped: skipped.iter().map(|skipped| note(&skipped.path, skipped.reason)).collect(),
        ..FilesSummary::default()
    };
    let mut program = Program::default();
    let mut comments = Vec::new();
    let mut numbers = vec![0; entries.len()];
    let mut all: Vec<_> = parts.iter_mut().flat_map(|part| std::mem::take(&mut part.files)).collect();
    all.sort_by_key(|(at, _)| *at);
    for (at, outcome) in all {
        let path = &entries[at as usize].relative;
        match outcome {
            Outcome::Read { source, comments: own, partly } => {
                let file = FileId(program.files.len() as u32);
                numbers[at as usize] = file.0;
                files.partly_read.extend(partly.map(|reason| note(path, reason)));
                comments.extend(own.into_iter().map(|(start, end)| Span { file, start, end }));
                program.files.push(source);
            }
            Outcome::Skipped(reason) => files.skipped.push(note(path, reason)),
        }
    }
    files.parsed = program.files.len();
    files.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    // Whichever part was done first: text files are numbered in the order of the calls that name them.
    parts.sort_by_key(|part| part.calls.first().map(|call| call.span));
    for mut part in parts {
        let first = program.files.len() as u32;
        for call in &mut part.calls {
            call.each_span(&mut |span| {
                let at = span.file.0 as usize;
                span.file = FileId(match numbers.get(at) {
                    Some(&number) => number,
                    None => first + (at - numbers.len()) as u32,
                });
            });
        }
        program.files.extend(part.texts.into_iter().filter(|_| !part.calls.is_empty()));
        program.calls.append(&mut part.calls);
        program.imports.python.append(&mut part.imports.python);
        program.imports.script.append(&mut part.imports.script);
    }
    program.calls.sort_by_key(|call| (call.span.file, call.span.start, call.span.end));
    Gathered { program, comments, files }
}
