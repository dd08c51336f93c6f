//! What an audit costs beside its parts: each phase runs alone, so that the whole can be given as a ratio.
//!
//! `phases PHASE FOLDER [THREADS]` runs one phase once and prints what it saw and the peak of memory; whole-process
//! times are taken from outside (`scripts/bench`). Phases: `walk`, `parse` (tree-sitter over every file), `prefilter`
//! (tree-sitter over the files that hold a word of the SDK tables: what a tool that looks for SDK calls alone could do
//! with; the audit itself leaves no file out), `facts` (parsed, lowered and kept), `audit`.

use std::path::Path;

use rayon::prelude::*;
use scriptworthy::catalog::sdk::SdkCatalog;
use scriptworthy::source::{FileId, Language};
use scriptworthy::{Settings, audit, syntax, walk};

/// As in the binary, so that phases compare.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let [phase, folder, rest @ ..] = &args[..] else {
        println!("usage: phases walk|parse|prefilter|facts|audit FOLDER [THREADS]");
        return;
    };
    let threads = rest.first().and_then(|text| text.parse().ok()).unwrap_or(0);
    let settings = Settings { threads, ..Settings::default() };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(syntax::STACK)
        .build_global()
        .expect("threads can be started");
    let root = Path::new(folder);
    let limits = walk::Limits {
        max_file_size: settings.max_file_size,
        gitignore: true,
        exclude: Vec::new(),
        force_exclude: false,
    };
    let found = walk::walk(&[root.to_owned()], root, &limits).expect("no globs");
    let read = |entry: &walk::Entry| walk::read(entry, settings.max_file_size).ok();
    let seen = match phase.as_str() {
        "walk" => found.entries.len(),
        "parse" => found
            .entries
            .par_iter()
            .map(|entry| read(entry).map_or(0, |text| parsed(entry.language, &text)))
            .sum::<usize>(),
        "prefilter" => {
            let words = table_words();
            found
                .entries
                .par_iter()
                .map(|entry| {
                    read(entry).filter(|text| words.is_match(text)).map_or(0, |text| parsed(entry.language, &text))
                })
                .sum::<usize>()
        }
        "facts" => {
            let facts: Vec<_> = found
                .entries
                .par_iter()
                .filter_map(|entry| syntax::read(FileId(0), entry.language, &read(entry)?).ok())
                .collect();
            facts.iter().map(|facts| facts.exprs.len()).sum::<usize>()
        }
        "audit" => audit(root, &settings).expect("the folder can be read").program.calls.len(),
        other => panic!("no phase `{other}`"),
    };
    println!("{phase}: {seen} in {} files, peak {} MB", found.entries.len(), peak_memory());
}

/// What the SDK tables know a file by: Python modules after their keyword, packages in quotes, hosts, and what else marks one.
fn table_words() -> regex::Regex {
    let sdks = SdkCatalog::embedded().sdks();
    let plain = |word: &String| word.split('*').next().filter(|word| word.len() > 1).map(regex::escape);
    let python = sdks.iter().flat_map(|sdk| &sdk.modules.python).filter_map(plain);
    let script = sdks.iter().flat_map(|sdk| &sdk.modules.typescript).filter_map(plain);
    let marks = sdks.iter().flat_map(|sdk| sdk.literals.iter().chain(&sdk.hosts)).filter_map(plain);
    let patterns = python
        .flat_map(|module| [format!("import {module}"), format!("from {module}")])
        .chain(script.flat_map(|package| [format!("\"{package}"), format!("'{package}")]))
        .chain(marks);
    regex::Regex::new(&patterns.collect::<Vec<_>>().join("|")).expect("escaped words are a pattern")
}

/// Parses one file and gives the number of bytes that its tree covers.
fn parsed(language: Language, text: &str) -> usize {
    let grammar: tree_sitter::Language = match language {
        Language::Python => tree_sitter_python::LANGUAGE.into(),
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        _ => tree_sitter_typescript::LANGUAGE_TSX.into(),
    };
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&grammar).expect("the grammars are built for this tree-sitter");
    parser.parse(text, None).map_or(0, |tree| tree.root_node().end_byte())
}

/// The largest resident size of this process so far in MB, where the system tells it; else 0.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
