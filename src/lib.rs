//! Audits the code of LLM agents for misallocated model calls.
//!
//! The flow, each step knowing nothing of those after it:
//!
//! ```text
//! walk -> gather (syntax -> resolve) -> classify -> rules -> cost -> rank -> suppress -> report
//! ```
//!
//! Knowledge stands as data in `queries/`, logic here, proof in `fixtures/`.

pub mod baseline;
pub mod cache;
pub mod catalog;
pub mod classify;
pub mod config;
pub mod cost;
pub mod data;
pub mod error;
pub mod finding;
pub mod gather;
mod mistakes;
pub mod notebook;
pub mod program;
mod rank;
pub mod replace;
pub mod report;
pub mod resolve;
pub mod rules;
mod sessions;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod trial;
pub mod walk;

use std::borrow::Cow;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use catalog::model::ModelTable;
pub use config::Settings;
pub use error::Error;
use mistakes::Mistakes;
use program::Program;
pub use report::Report;
use report::{FileNote, FilesSummary};
use source::{FileId, Language, SourceFile};

/// The result of an audit: the report, and the program with the texts that formats show.
#[derive(Debug)]
pub struct Audit {
    /// What was found.
    pub report: Report,
    /// The audited program.
    pub program: Program,
}

/// Audits a folder or one file.
///
/// # Errors
/// The root cannot be read, a pattern or selector is malformed, or threads cannot be started. Files below the root
/// that cannot be read are no error: the report names them.
pub fn audit(root: &Path, settings: &Settings) -> Result<Audit, Error> {
    audit_paths(&[root.to_owned()], settings)
}

/// Audits several folders and files as one program; paths of the report are relative to the deepest folder that holds
/// them all.
///
/// # Errors
/// As [`audit`], for any of the paths.
pub fn audit_paths(roots: &[PathBuf], settings: &Settings) -> Result<Audit, Error> {
    roots.iter().try_for_each(|root| check_root(root))?;
    // Paths that share no beginning as written, because some start at the root of the disk, share one when all do.
    let absolute = |root: &PathBuf| std::path::absolute(root).unwrap_or_else(|_| root.clone());
    let roots: Vec<PathBuf> = match roots {
        [_, _, ..] if roots.iter().any(|root| root.is_absolute()) => roots.iter().map(absolute).collect(),
        _ => roots.to_vec(),
    };
    let base = walk::base_of(&roots);
    let found = walk::walk(&roots, &base, &settings.limits()).map_err(Error::Glob)?;
    let root = match roots.as_slice() {
        [one] => one.to_string_lossy().into_owned(),
        _ if base.as_os_str().is_empty() => ".".to_owned(),
        _ => base.to_string_lossy().into_owned(),
    };
    run(found, &base, root, settings)
}

/// Audits one file that is not read from the disk; `name` says its language and its place in the report.
///
/// # Errors
/// As [`audit`].
pub fn audit_bytes(name: &Path, bytes: &[u8], settings: &Settings) -> Result<Audit, Error> {
    let language = Language::of_path(&name.to_string_lossy()).ok_or_else(|| Error::NotSource(name.to_owned()))?;
    let entry = walk::Entry {
        absolute: name.to_owned(),
        relative: walk::relative(Path::new(""), name),
        language,
        bytes: Some(bytes.into()),
    };
    let found = walk::Found { entries: vec![entry], ..walk::Found::default() };
    run(found, Path::new(""), ".".to_owned(), settings)
}

fn run(found: walk::Found, base: &Path, root: String, settings: &Settings) -> Result<Audit, Error> {
    let selected = rules::Selection::new(settings)?;
    let prices = &*model_table(settings)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.threads)
        .stack_size(syntax::STACK)
        .build()
        .map_err(|error| Error::Threads(error.to_string()))?;
    pool.install(|| {
        let mut found = found;
        let cache = cache_of(&found, settings);
        let found_sessions = std::mem::take(&mut found.sessions);
        let texts = walk::text_reader(base, std::mem::take(&mut found.texts));
        let gather::Gathered { mut program, mut comments, mut files } =
            gather::gather(found, settings.max_file_size, &texts, cache.as_ref());
        comments.extend(add_sessions(&mut program, &found_sessions, settings.max_file_size, &mut files));
        let mistakes = Mistakes::default();
        let verdicts = verdicts(&program, &mistakes, judged);
        let findings = rules::check(&program, &verdicts, prices, &selected, settings, &mistakes);
        mistakes.tell(&mut files);
        let costs: Vec<_> = program.calls.iter().map(|call| cost::of_call(call, prices)).collect();
        let hours = |lever| settings.effort.get(&lever).copied().unwrap_or_else(|| rank::hours(lever));
        let findings = rank::rank(cost::price(findings, &program, prices, &hours), &program);
        let mut comments = suppress::read(&program.files, &comments, settings);
        let ranked: Vec<_> = findings.iter().map(|priced| &priced.finding).collect();
        let outcomes = suppress::apply(&mut comments, &ranked, &program, &selected, settings);
        let report = report::build(report::Input {
            root,
            rules: selected.codes(),
            comments: &comments,
            outcomes: &outcomes,
            baseline: settings.baseline.as_ref(),
            program: &program,
            verdicts: &verdicts,
            costs: &costs,
            findings: &findings,
            prices,
            files,
            prices_of: prices.of().to_owned(),
            calls_per_month: settings.calls_per_month,
            min_confidence: settings.min_confidence,
        });
        Ok(Audit { report, program })
    })
}

/// The folder of results, if there is one and all files come from the disk.
fn cache_of(found: &walk::Found, settings: &Settings) -> Option<cache::Cache> {
    let folder = settings.cache_dir.as_deref().filter(|_| found.entries.iter().all(|entry| entry.bytes.is_none()))?;
    let tables = catalog::sdk::FILES.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]);
    cache::Cache::open(folder, &tables.collect::<Vec<_>>())
}

/// Adds the sessions that are mechanical to the calls, so that a finding has a place to stand; all others are no calls
/// of code, and are only counted. Gives the comments in them that name this tool.
fn add_sessions(
    program: &mut Program,
    found: &[(walk::Entry, &'static catalog::session::Form)],
    max_file_size: u64,
    files: &mut FilesSummary,
) -> Vec<source::Span> {
    let first = program.files.len();
    let read = |(at, (entry, form)): (usize, &(walk::Entry, &'static catalog::session::Form))| {
        let text = walk::read(entry, max_file_size.min(sessions::LONGEST))?;
        let file = FileId((first + at) as u32);
        if !sessions::is_relevant(form, &text) {
            return Ok(("".into(), Vec::new()));
        }
        let sites =
            catch_unwind(|| sessions::read(file, form, &entry.relative, &text)).unwrap_or(Err("internal-error"))?;
        Ok((text, sites))
    };
    let read: Vec<_> = found.par_iter().enumerate().map(read).collect();
    let mut sites = Vec::new();
    let mut notes = Vec::new();
    for ((entry, _), read) in found.iter().zip(read) {
        let (text, own) = read.unwrap_or_else(|reason: &str| {
            files.skipped.push(FileNote { path: entry.relative.clone(), reason: reason.to_owned() });
            ("".into(), Vec::new())
        });
        if !own.is_empty() {
            notes.extend(sessions::notes(FileId(program.files.len() as u32), &text));
        }
        program.files.push(SourceFile::new(&entry.relative, Language::Text, text));
        sites.extend(own);
    }
    files.sessions = sites.len();
    files.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    let is_mechanical =
        |site: &program::CallSite| classify::classify(site, program).class == finding::Class::Mechanical;
    let mechanical: Vec<_> = sites.into_par_iter().filter(is_mechanical).collect();
    for site in mechanical {
        let files = &program.files;
        let path = |call: &program::CallSite| &*files[call.span.file.0 as usize].path;
        let at = program.calls.partition_point(|call| path(call) <= path(&site));
        program.calls.insert(at, site);
    }
    notes
}

/// A verdict on each call; where judging fails nothing is known of it.
fn verdicts(
    program: &Program,
    mistakes: &Mistakes,
    judge: impl Fn(&program::CallSite, &Program) -> finding::Verdict + Sync,
) -> Vec<finding::Verdict> {
    let one = |call: &program::CallSite| {
        let judged = mistakes.guarded(&program.file(call.span).path, || judge(call, program));
        judged.unwrap_or_else(|| unjudged("an error of this tool while it was judged"))
    };
    program.calls.par_iter().map(one).collect()
}

fn unjudged(reason: &str) -> finding::Verdict {
    finding::Verdict {
        class: finding::Class::Unknown,
        category: None,
        confidence: 0.0,
        evidence: Vec::new(),
        reason: reason.to_owned(),
    }
}

/// The verdict on a call. What a wrapper is asked is decided by its callers, and there it is judged.
fn judged(call: &program::CallSite, program: &Program) -> finding::Verdict {
    if call.role == program::CallRole::Wrapper {
        return unjudged("a wrapper: the task comes from its callers, and is judged there");
    }
    classify::classify(call, program)
}

/// Bytes of a price file at most; the public table has one or two MB.
const PRICES: u64 = 64 << 20;

/// Prices from a file, before those of the tables.
///
/// # Errors
/// The file cannot be read or holds no prices.
pub fn price_file(path: &Path) -> Result<ModelTable, Error> {
    let text = error::named_text(path, PRICES)?;
    // The name alone: a report must not depend on where the file happens to lie.
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ModelTable::with_file(&text, &name).map_err(|error| Error::Prices(path.to_owned(), error))
}

/// Models and prices as the settings want them.
fn model_table(settings: &Settings) -> Result<Cow<'static, ModelTable>, Error> {
    let table = match &settings.prices {
        Some(path) => Cow::Owned(price_file(path)?),
        None => Cow::Borrowed(ModelTable::embedded()),
    };
    Ok(if settings.exact_tokens { Cow::Owned(table.into_owned().counting_exactly()) } else { table })
}

/// What the calls to one model would cost with another, by the prices of the settings.
///
/// # Errors
/// The price file is not valid, or no price is known for one of the models.
pub fn what_if(audit: &Audit, settings: &Settings, from: &str, to: &str) -> Result<Vec<cost::Changed>, Error> {
    cost::what_if(&audit.program, &*model_table(settings)?, from, to).map_err(Error::Model)
}

fn check_root(root: &Path) -> Result<(), Error> {
    let data = std::fs::metadata(root).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound(root.to_owned()),
        _ => Error::Unreadable(root.to_owned(), error),
    })?;
    if data.is_dir() {
        std::fs::read_dir(root).map_err(|error| Error::Unreadable(root.to_owned(), error))?;
        return Ok(());
    }
    if !data.is_file() {
        return Err(Error::NotAFile(root.to_owned()));
    }
    let name = root.to_string_lossy();
    match Language::of_path(&name).is_some() || sessions::form_of(&name).is_some() {
        true => Ok(()),
        false => Err(Error::NotSource(root.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_while_judging_costs_one_verdict_and_names_the_file() {
        let code =
            b"import openai\nc = openai.OpenAI()\nc.responses.create(input='One')\nc.responses.create(input='Two')\n";
        let program = audit_bytes(Path::new("a.py"), code, &Settings::default()).expect("readable").program;
        let mistakes = Mistakes::default();
        let found = verdicts(&program, &mistakes, |call, program| {
            assert_ne!(call.span, program.calls[0].span, "a mistake");
            judged(call, program)
        });
        assert_eq!(found.len(), 2);
        assert!(found[0].reason.contains("an error of this tool"));
        assert_eq!(found[0].class, finding::Class::Unknown);
        assert!(!found[1].reason.contains("an error of this tool"));
        let mut files = FilesSummary::default();
        mistakes.tell(&mut files);
        assert_eq!(files.partly_read.len(), 1);
        assert_eq!(
            (files.partly_read[0].path.as_str(), files.partly_read[0].reason.as_str()),
            ("a.py", "internal-error")
        );
    }
}
