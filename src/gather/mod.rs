//! From the files of a walk to the program: reads every file, lowers and resolves those that belong together, and
//! keeps of each what the report shows.
//!
//! Each file is looked through for imports first, which cost next to nothing beside a parse. They say which files can
//! come to speak of each other; such components are worked on apart, the largest first, as many at a time as there are
//! threads. Trees, facts and texts of a component go when it is done, so that memory follows the largest components
//! and the code that holds calls. What a component gives does not depend on the others, so the order of work shows in
//! nothing.

mod components;
mod skim;
mod strays;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::catalog::sdk::SdkCatalog;
use crate::notebook;
use crate::program::{CallSite, Imports, Program};
use crate::report::{FileNote, FilesSummary};
use crate::resolve::modules::Project;
use crate::resolve::{self, Resolved};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax;
use crate::syntax::facts::{FileFacts, Partly};
use crate::walk::{self, Entry, Found};
pub use strays::stray_imports;

/// What was found in the files of a walk.
#[derive(Debug)]
pub struct Gathered {
    /// The program.
    pub program: Program,
    /// Comments that speak to this tool, by path and place.
    pub comments: Vec<Span>,
    /// What was read and what was not.
    pub files: FilesSummary,
}

/// What a first look at a file tells.
struct Look {
    size: usize,
    modules: Vec<SmolStr>,
}

/// What became of one file.
enum Outcome {
    Read { source: SourceFile, comments: Vec<(u32, u32)>, partly: Option<&'static str> },
    Skipped(&'static str),
}

/// What was found in one component.
#[derive(Default)]
struct Part {
    /// By number of the entry.
    files: Vec<(u32, Outcome)>,
    calls: Vec<CallSite>,
    texts: Vec<SourceFile>,
    imports: Imports,
}

/// A file that was read and lowered, or the reason why not.
type Read = Result<(SourceFile, FileFacts), &'static str>;

/// A component that was read and lowered.
struct Lowered {
    sources: Vec<SourceFile>,
    facts: Vec<FileFacts>,
    /// The number of the entry of each source.
    entries: Vec<u32>,
    skipped: Vec<(u32, &'static str)>,
}

/// What work on a component needs beside it.
struct Work<'a, T> {
    entries: &'a [Entry],
    project: Arc<Project>,
    max_file_size: u64,
    texts: &'a T,
}

/// Reads, lowers and resolves the files of a walk, on the threads of the current pool.
pub fn gather(found: Found, max_file_size: u64, texts: &(impl Fn(&str) -> Option<Rc<str>> + Sync)) -> Gathered {
    let looks: Vec<_> = found.entries.par_iter().map(|entry| look(entry, max_file_size)).collect();
    let work = Work { entries: &found.entries, project: Arc::new(found.project), max_file_size, texts };
    let size = |component: &Vec<u32>| {
        component.iter().filter_map(|&at| looks[at as usize].as_ref().ok()).map(|look| look.size).sum::<usize>()
    };
    let mut sized: Vec<(usize, Vec<u32>)> =
        groups(work.entries, &looks, &work.project).into_iter().map(|group| (size(&group), group)).collect();
    sized.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let unread = (0..).zip(looks).filter_map(|(at, look)| Some((at, Outcome::Skipped(look.err()?)))).collect();
    let mut parts = vec![Part { files: unread, ..Part::default() }];
    parts.extend(work.all(&sized));
    joined(parts, &found.entries, &found.skipped)
}

/// The components of the files that can be read, as numbers of entries.
fn groups(entries: &[Entry], looks: &[Result<Look, &'static str>], project: &Arc<Project>) -> Vec<Vec<u32>> {
    let (numbers, nodes): (Vec<u32>, Vec<_>) = (0..)
        .zip(entries.iter().zip(looks))
        .filter_map(|(at, (entry, look))| {
            let modules = &look.as_ref().ok()?.modules;
            Some((at, components::Node { path: &entry.relative, language: entry.language, modules }))
        })
        .unzip();
    let mut groups = components::components(&nodes, project, SdkCatalog::embedded());
    groups.iter_mut().flatten().for_each(|at| *at = numbers[*at as usize]);
    groups
}

fn look(entry: &Entry, max_file_size: u64) -> Result<Look, &'static str> {
    let text = text_of(entry, max_file_size)?.text;
    Ok(Look { size: text.len(), modules: skim::modules(entry.language, &text) })
}

/// The text of a file as it is lowered: of a notebook its code.
fn text_of(entry: &Entry, max_file_size: u64) -> Result<SourceFile, &'static str> {
    let text = walk::read(entry, max_file_size)?;
    if notebook::is_notebook(&entry.relative) {
        let notebook = notebook::read(&text).ok_or("not-a-python-notebook")?;
        let source = SourceFile::new(&entry.relative, entry.language, notebook.text.into());
        return Ok(source.with_line_map(notebook.lines));
    }
    Ok(SourceFile::new(&entry.relative, entry.language, text))
}

impl<T: Fn(&str) -> Option<Rc<str>> + Sync> Work<'_, T> {
    /// Works through all components, the largest first.
    fn all(&self, components: &[(usize, Vec<u32>)]) -> Vec<Part> {
        let threads = rayon::current_num_threads();
        let mut left: usize = components.iter().map(|(size, _)| size).sum();
        let next = AtomicUsize::new(0);
        let parts: Mutex<Vec<Part>> = Mutex::new(Vec::new());
        let keep = |part: Part| parts.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(part);
        loop {
            // A component that outweighs the others is lowered by all threads; one of them then resolves it.
            let at = next.load(Ordering::Relaxed);
            let large = components.get(at).filter(|(size, _)| threads > 1 && size * threads > left);
            let large = large.map(|(size, component)| {
                left -= size;
                next.store(at + 1, Ordering::Relaxed);
                let read = component.par_iter().map(|&at| (at, self.lowered(at))).collect();
                Lowered::new(read)
            });
            let large = Mutex::new(large);
            rayon::broadcast(|_| {
                let mine = large.lock().ok().and_then(|mut large| large.take());
                if let Some(lowered) = mine {
                    keep(self.part(lowered));
                }
                while let Some((_, component)) = components.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let read = component.iter().map(|&at| (at, self.lowered(at))).collect();
                    keep(self.part(Lowered::new(read)));
                }
            });
            if next.load(Ordering::Relaxed) >= components.len() {
                break;
            }
        }
        parts.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn lowered(&self, at: u32) -> Read {
        let entry = &self.entries[at as usize];
        let source = text_of(entry, self.max_file_size)?;
        let read = catch_unwind(AssertUnwindSafe(|| syntax::read(FileId(at), entry.language, &source.text)));
        match read {
            Ok(Ok(facts)) => Ok((source, facts)),
            Ok(Err(_)) => Err("parse-limit"),
            Err(_) => Err("internal-error"),
        }
    }

    fn part(&self, lowered: Lowered) -> Part {
        let Lowered { sources, facts, entries, skipped } = lowered;
        let resolve = || resolve::resolve(&sources, &facts, &self.project, SdkCatalog::embedded(), &self.texts);
        // What goes wrong between the questions costs the component, and no other.
        let (resolved, lost) = match catch_unwind(AssertUnwindSafe(resolve)) {
            Ok(resolved) => (resolved, false),
            Err(_) => (Resolved::default(), true),
        };
        let mut calls = resolved.calls;
        let silent = calls.is_empty();
        let own = entries.len() as u32;
        let texts = self.entries.len() as u32;
        // Numbers of entries for sources; text files stand behind all of them until parts are joined.
        for call in &mut calls {
            call.each_span(&mut |span| {
                let at = span.file.0;
                span.file = FileId(if at < own { entries[at as usize] } else { texts + at - own });
            });
        }
        let imports = imports(&facts);
        let mut files: Vec<(u32, Outcome)> =
            skipped.into_iter().map(|(at, reason)| (at, Outcome::Skipped(reason))).collect();
        for (number, ((source, facts), at)) in sources.into_iter().zip(facts).zip(entries).enumerate() {
            let failed = lost || resolved.failed.contains(&FileId(number as u32));
            let partly = match facts.partly {
                _ if failed => Some("internal-error"),
                Some(Partly::ParseErrors) => Some("parse-errors"),
                Some(Partly::LevelLimit) => Some("level-limit"),
                None => None,
            };
            // Where nothing was found nothing is shown.
            let source = if silent && facts.notes.is_empty() { source.without_text() } else { source };
            files.push((at, Outcome::Read { source, comments: facts.notes, partly }));
        }
        Part { files, calls, texts: resolved.texts, imports }
    }
}

impl Lowered {
    fn new(read: Vec<(u32, Read)>) -> Self {
        let mut lowered = Self { sources: Vec::new(), facts: Vec::new(), entries: Vec::new(), skipped: Vec::new() };
        for (at, read) in read {
            match read {
                Ok((source, mut facts)) => {
                    facts.file = FileId(lowered.sources.len() as u32);
                    lowered.sources.push(source);
                    lowered.facts.push(facts);
                    lowered.entries.push(at);
                }
                Err(reason) => lowered.skipped.push((at, reason)),
            }
        }
        lowered
    }
}

/// The roots of all modules that the files import, their own among them.
fn imports(facts: &[FileFacts]) -> Imports {
    let mut imports = Imports::default();
    for file in facts {
        for import in &file.imports {
            let module = import.module.as_str();
            if file.language.is_python() {
                imports.python.insert(module.split('.').next().unwrap_or(module).to_owned());
            } else {
                let names = if module.starts_with('@') { 2 } else { 1 };
                imports.script.insert(module.split('/').take(names).collect::<Vec<_>>().join("/"));
            }
        }
    }
    imports
}

/// Joins what the parts give; files are numbered by their paths, text files after them.
fn joined(mut parts: Vec<Part>, entries: &[Entry], skipped: &[walk::Skipped]) -> Gathered {
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
