//! From the files of a walk to the program: reads every file, lowers and resolves those that belong together, and
//! keeps of each what the report shows.
//!
//! Each file is looked through for imports first, which cost next to nothing beside a parse. They say which files can
//! come to speak of each other; such components are worked on apart, the largest first, as many at a time as there are
//! threads. Trees, facts and texts of a component go when it is done, so that memory follows the largest components
//! and the code that holds calls. What a component gives does not depend on the others, so the order of work shows in
//! nothing.

mod components;
mod joined;
mod kept;
mod shelves;
mod skim;
mod strays;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::cache::{Cache, Hash};
use crate::catalog::sdk::SdkCatalog;
use crate::notebook;
use crate::program::{CallSite, Imports, Program};
use crate::report::FilesSummary;
use crate::resolve::modules::Project;
use crate::resolve::{self, Known, Resolved};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::facts::{FileFacts, Partly};
use crate::syntax::{self, ParseLimit};
use crate::walk::{self, Entry, Found};
use kept::{Asked, Kept, hash_of};
use shelves::{Shelves, key};
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
    /// What tells its text from others, where results are kept.
    hash: Option<Hash>,
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
type Read = Result<(SourceFile, Head, Known), &'static str>;

/// What is kept of a file when its facts are gone.
#[derive(Serialize, Deserialize)]
struct Head {
    comments: Vec<(u32, u32)>,
    partly: Option<Partly>,
    imports: Imports,
}

/// A component that was read and lowered.
#[derive(Default)]
struct Lowered {
    sources: Vec<SourceFile>,
    heads: Vec<Head>,
    known: Vec<Known>,
    /// The place in the component of each source.
    places: Vec<u32>,
    /// Places in the component, and why.
    skipped: Vec<(u32, &'static str)>,
    /// Whether a file is no more what it was at the first look.
    changed: bool,
}

const PARSE_LIMIT: &str = "parse-limit";
const INTERNAL_ERROR: &str = "internal-error";

/// What work on a component needs beside it.
struct Work<'a, T> {
    entries: &'a [Entry],
    project: Arc<Project>,
    max_file_size: u64,
    texts: &'a T,
    cache: Option<&'a Cache>,
    /// By number of the entry, where results are kept.
    hashes: Vec<Option<Hash>>,
    /// Facts of earlier runs, where results are kept.
    shelves: Option<Shelves<'a>>,
}

/// Reads, lowers and resolves the files of a walk, on the threads of the current pool. What an earlier run left in the
/// cache is taken over.
pub fn gather(
    found: Found,
    max_file_size: u64,
    texts: &(impl Fn(&str) -> Option<Rc<str>> + Sync),
    cache: Option<&Cache>,
) -> Gathered {
    let looks: Vec<_> = found.entries.par_iter().map(|entry| look(entry, max_file_size, cache.is_some())).collect();
    let hashes = looks.iter().map(|look| look.as_ref().ok()?.hash).collect();
    let project = Arc::new(found.project);
    let mut work = Work { entries: &found.entries, project, max_file_size, texts, cache, hashes, shelves: None };
    let size = |component: &Vec<u32>| {
        component.iter().filter_map(|&at| looks[at as usize].as_ref().ok()).map(|look| look.size).sum::<usize>()
    };
    let mut sized: Vec<(usize, Vec<u32>)> =
        groups(work.entries, &looks, &work.project).into_iter().map(|group| (size(&group), group)).collect();
    sized.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let unread = (0..).zip(looks).filter_map(|(at, look)| Some((at, Outcome::Skipped(look.err()?)))).collect();
    let mut parts = vec![Part { files: unread, ..Part::default() }];
    let known: Vec<_> = sized.par_iter().map(|(_, component)| work.kept(component)).collect();
    let mut left = known.iter().map(Option::is_none);
    sized.retain(|_| left.next().unwrap_or(true));
    parts.extend(known.into_iter().flatten());
    let lowered = || sized.iter().flat_map(|(_, component)| component).copied();
    work.shelves = cache.map(|cache| Shelves::new(cache, work.entries, &work.hashes, lowered()));
    parts.extend(work.all(&sized));
    cache.iter().for_each(|cache| cache.sweep());
    joined::joined(parts, &found.entries, &found.skipped)
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

fn look(entry: &Entry, max_file_size: u64, hashed: bool) -> Result<Look, &'static str> {
    let (SourceFile { text, .. }, hash) = text_of(entry, max_file_size, hashed)?;
    Ok(Look { size: text.len(), modules: skim::modules(entry.language, &text), hash })
}

/// The text of a file as it is lowered, of a notebook its code, and what tells the file from others if that is wanted.
fn text_of(entry: &Entry, max_file_size: u64, hashed: bool) -> Result<(SourceFile, Option<Hash>), &'static str> {
    let text = walk::read(entry, max_file_size)?;
    let hash = hashed.then(|| hash_of(&text));
    if notebook::is_notebook(&entry.relative) {
        let notebook = notebook::read(&text).ok_or("not-a-python-notebook")?;
        let source = SourceFile::new(&entry.relative, entry.language, notebook.text.into());
        return Ok((source.with_line_map(notebook.lines), hash));
    }
    Ok((SourceFile::new(&entry.relative, entry.language, text), hash))
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
                (component, Lowered::new(component.par_iter().map(|&at| self.lowered(at)).collect()))
            });
            let large = Mutex::new(large);
            rayon::broadcast(|_| {
                let mine = large.lock().ok().and_then(|mut large| large.take());
                if let Some((component, lowered)) = mine {
                    keep(self.part(component, lowered));
                }
                while let Some((_, component)) = components.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let lowered = Lowered::new(component.iter().map(|&at| self.lowered(at)).collect());
                    keep(self.part(component, lowered));
                }
            });
            if next.load(Ordering::Relaxed) >= components.len() {
                break;
            }
        }
        parts.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Reads and lowers a file, and says whether it changed since the first look.
    fn lowered(&self, at: u32) -> (Read, bool) {
        let entry = &self.entries[at as usize];
        let lowered = text_of(entry, self.max_file_size, self.cache.is_some()).map(|(source, hash)| {
            let kept = hash.zip(self.shelves.as_ref()).map(|(hash, shelves)| (shelves, key(entry, &hash)));
            let found = kept.as_ref().and_then(|(shelves, key)| shelves.get(entry, key));
            let lowered = match found {
                Some(found) => found.ok_or(PARSE_LIMIT),
                None => {
                    let mut lowered = lower(&source);
                    if let Some((shelves, key)) = kept {
                        match &mut lowered {
                            Ok((head, known)) => shelves.add(entry, key, Some((head, known))),
                            Err(PARSE_LIMIT) => shelves.add(entry, key, None),
                            Err(_) => {}
                        }
                    }
                    lowered
                }
            };
            let read = lowered.map(|(head, known)| (source, head, known));
            (read, hash != self.hashes[at as usize])
        });
        self.shelves.iter().for_each(|shelves| shelves.done(entry));
        lowered.unwrap_or_else(|reason| (Err(reason), true))
    }

    /// Resolves a component that was lowered, and keeps what was found.
    fn part(&self, component: &[u32], lowered: Lowered) -> Part {
        let Lowered { sources, heads, known, places, skipped, changed } = lowered;
        let asked = Asked::default();
        let texts = |path: &str| {
            let text = (self.texts)(path);
            asked.note(path, text.as_ref());
            text
        };
        let resolve = || resolve::resolve(&sources, known, &self.project, SdkCatalog::embedded(), &texts);
        // What goes wrong between the questions costs the component, and no other.
        let (resolved, lost) = match catch_unwind(AssertUnwindSafe(resolve)) {
            Ok(resolved) => (resolved, false),
            Err(_) => (Resolved::default(), true),
        };
        let Resolved { mut calls, texts, failed } = resolved;
        let own = places.len() as u32;
        let all = component.len() as u32;
        for call in &mut calls {
            call.each_span(&mut |span| {
                let at = span.file.0;
                span.file = FileId(places.get(at as usize).copied().unwrap_or(all + at.saturating_sub(own)));
            });
        }
        let mut imports = Imports::default();
        for head in &heads {
            imports.python.extend(head.imports.python.iter().cloned());
            imports.script.extend(head.imports.script.iter().cloned());
        }
        let limited = skipped.iter().all(|&(_, reason)| reason == PARSE_LIMIT);
        let place = self.place(component).filter(|_| !lost && failed.is_empty() && limited && !changed);
        if let Some(place) = place {
            let mut files: Vec<kept::File> = component.iter().map(|_| None).collect();
            for (head, &at) in heads.iter().zip(&places) {
                files[at as usize] = Some((head.comments.clone(), head.partly));
            }
            let texts = texts.iter().map(|text| text.path.to_string()).collect();
            let kept = Kept { files, calls: calls.clone(), texts, imports: imports.clone(), asked: asked.into_inner() };
            place.keep(&kept);
        }
        let silent = calls.is_empty();
        let mut files: Vec<(u32, Outcome)> =
            skipped.into_iter().map(|(at, reason)| (component[at as usize], Outcome::Skipped(reason))).collect();
        for (number, ((source, head), at)) in sources.into_iter().zip(heads).zip(places).enumerate() {
            let mistaken = lost || failed.contains(&FileId(number as u32));
            let partly = if mistaken { Some(INTERNAL_ERROR) } else { head.partly.map(Partly::reason) };
            // Where nothing was found nothing is shown.
            let source = if silent && head.comments.is_empty() { source.without_text() } else { source };
            files.push((component[at as usize], Outcome::Read { source, comments: head.comments, partly }));
        }
        self.numbered(component, Part { files, calls, texts, imports })
    }

    /// Gives places in a component, whose files are numbered by their place in it, the numbers of entries; text files
    /// stand behind all of them until parts are joined.
    fn numbered(&self, component: &[u32], mut part: Part) -> Part {
        let (own, texts) = (component.len() as u32, self.entries.len() as u32);
        for call in &mut part.calls {
            call.each_span(&mut |span| {
                let at = span.file.0;
                span.file = FileId(component.get(at as usize).copied().unwrap_or(texts + at.saturating_sub(own)));
            });
        }
        part
    }
}

impl Lowered {
    /// Takes the files of a component in their order.
    fn new(read: Vec<(Read, bool)>) -> Self {
        let mut lowered = Self::default();
        for (at, (read, changed)) in (0..).zip(read) {
            lowered.changed |= changed;
            match read {
                Ok((source, head, known)) => {
                    lowered.sources.push(source);
                    lowered.heads.push(head);
                    lowered.known.push(known);
                    lowered.places.push(at);
                }
                Err(reason) => lowered.skipped.push((at, reason)),
            }
        }
        lowered
    }
}

/// Lowers a file and sums it up.
fn lower(source: &SourceFile) -> Result<(Head, Known), &'static str> {
    let lower = || {
        let facts = syntax::read(FileId(0), source.language, &source.text)?;
        let head = Head { imports: imports(&facts), comments: facts.notes.clone(), partly: facts.partly };
        Ok((head, Known::new(facts, SdkCatalog::embedded())))
    };
    match catch_unwind(AssertUnwindSafe(lower)) {
        Ok(lowered) => lowered.map_err(|ParseLimit| PARSE_LIMIT),
        Err(_) => Err(INTERNAL_ERROR),
    }
}

/// The roots of all modules that a file imports, modules of the program among them.
fn imports(facts: &FileFacts) -> Imports {
    let mut imports = Imports::default();
    for import in &facts.imports {
        let module = import.module.as_str();
        if facts.language.is_python() {
            imports.python.insert(module.split('.').next().unwrap_or(module).to_owned());
        } else {
            let names = if module.starts_with('@') { 2 } else { 1 };
            imports.script.insert(module.split('/').take(names).collect::<Vec<_>>().join("/"));
        }
    }
    imports
}
