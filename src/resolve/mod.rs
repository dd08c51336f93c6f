//! From facts to the calls of models: names, values, wrappers, prompts.
//!
//! Everything here is pure and cannot fail: what cannot be found out is a hole with a name, never a guess.
//!
//! - `modules`, `imports`, `names`, `params`, `members`, `attributes`, `kept`, `types`: what a name or attribute means
//! - `eval`, `holes`, `invoke`, `outside`, `methods`, `changes`, `text`, `templates`: what an expression is known to be;
//!   `choices`, `branches`: where it is one of several; `rings`: whether it is all that can be found out
//! - `paths`, `folders`, `data`: what text and data files, and the decorators of frameworks, give; `unroll`: what loops
//!   over them fill
//! - `locate`, `args`, `requests`: which calls reach a model, by the SDK tables
//! - `wrappers`, `brought`, `callers`, `callbacks`, `indirect`, `bound`, `partials`, `heirs`: which functions hand a prompt on, and who calls them
//! - `prompts`, `compare`, `messages`, `models`, `client_models`, `guards`, `example_env`, `answer`, `repeats`, `schema`: what a call says; `flow`: where its answer goes
//! - `entry`, `turns`, `dataflow`, `history`, `unused`: what starts a call, what it waits for, what ends its loop

mod answer;
mod args;
mod attributes;
mod bases;
mod bound;
mod branches;
mod brought;
mod budget;
mod builders;
mod callbacks;
mod callers;
mod changes;
mod choices;
mod client_models;
mod commands;
mod compare;
mod data;
mod dataflow;
mod declared;
mod defaults;
mod entry;
mod eval;
mod example_env;
mod flow;
mod folders;
#[cfg(test)]
mod guard_tests;
mod guards;
mod heirs;
mod held;
mod history;
mod holes;
mod imports;
mod index;
mod indirect;
mod invoke;
mod kept;
mod layers;
mod loaders;
mod locate;
mod members;
#[cfg(test)]
mod memo_tests;
mod messages;
mod methods;
mod models;
pub mod modules;
mod names;
mod opened;
mod outside;
mod params;
mod partials;
mod paths;
mod prompts;
mod repeats;
mod requests;
mod rings;
mod schema;
mod settings;
mod shape;
mod site;
mod summary;
mod suspects;
mod templates;
mod text;
mod transport;
mod turns;
mod types;
mod unroll;
mod unused;
pub mod value;
mod wrappers;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::catalog::sdk::SdkCatalog;
use crate::catalog::stdlib::Stdlib;
use crate::program::CallSite;
use crate::source::{FileId, Language, SourceFile, Span};
use crate::syntax::facts::*;
pub use folders::LISTING;
use held::Files;
pub use held::{Held, Known};
use index::FileIndex;
use modules::{Modules, Project};
use opened::Opened;
pub use paths::ENDING;
pub use summary::Summary;
use value::*;

/// All that resolving looks at.
pub(crate) struct World<'a> {
    sources: &'a [SourceFile],
    files: Files<'a>,
    modules: Modules,
    catalog: &'a SdkCatalog,
    stdlib: &'a Stdlib,
    /// Calls by the last name of their callee, over all files.
    calls: FxHashMap<SmolStr, Vec<ExprRef>>,
    /// Functions handed on as arguments, by their last name, over all files.
    handed: FxHashMap<SmolStr, Vec<ExprRef>>,
    /// Other names that imported names go by.
    aliases: FxHashMap<SmolStr, Vec<SmolStr>>,
    /// Methods by name, over all classes.
    methods: FxHashMap<SmolStr, Vec<(ClassRef, FnRef)>>,
    /// Statements that keep a value on something outside, by the path as written, over all files.
    kept: FxHashMap<SmolStr, Vec<(FnRef, u32)>>,
    /// Classes that name another as their base, by the name they use for it.
    heirs: FxHashMap<SmolStr, Vec<ClassRef>>,
    /// Defaults of models, by the names of their settings, over all files.
    settings: FxHashMap<SmolStr, Vec<ExprRef>>,
    /// Names of functions and classes that a decorator of an SDK turns into requests.
    decorators: FxHashSet<SmolStr>,
    /// Calls that may reach a model by an SDK, until they are asked.
    asking: Vec<ExprRef>,
    /// Calls whose callee need not have the name of what it runs.
    not_by_name: Vec<ExprRef>,
    /// Calls that have the form of a request, until they are asked.
    requests: Vec<ExprRef>,
    /// Calls that their names make suspects, until they are asked.
    suspects: Vec<ExprRef>,
    /// Text files that code may name as prompts, by path relative to the root.
    texts: &'a dyn Fn(&str) -> Option<Rc<str>>,
    steps: Cell<u32>,
    /// Whether the question is one of very many, and not worth much.
    frugal: Cell<bool>,
    /// Answers to such questions that used up their steps.
    exhausted: RefCell<FxHashMap<(ExprRef, usize), Value>>,
    /// Frames of calls that the question followed.
    followed: RefCell<Vec<Weak<Frame>>>,
    nesting: Cell<u32>,
    /// Whether the turns of a loop are looked at one by one.
    turning: Cell<bool>,
    busy: RefCell<Vec<(ExprRef, usize)>>,
    /// Members of parameters that are being asked for, each with the place of the busy question that asks.
    passing: RefCell<Vec<(members::Passing, usize)>>,
    /// The outermost of the busy questions that what is being answered waits for, counted from 1; 0 if a limit cut it
    /// short.
    waits: Cell<usize>,
    /// Frames of constructors, by the object that they make, as long as one question is being answered.
    made: RefCell<FxHashMap<bound::Made, Rc<Frame>>>,
    /// Who runs a function under another name.
    indirect: OnceCell<FxHashMap<FnRef, Vec<callers::Caller>>>,
    callers: RefCell<FxHashMap<FnRef, Rc<Vec<callers::Caller>>>>,
    /// What callers pass for a parameter.
    asked: RefCell<FxHashMap<(FnRef, u32), members::Passed>>,
    frames: RefCell<FxHashMap<FnRef, Rc<Frame>>>,
    attributes: RefCell<FxHashMap<(ClassRef, SmolStr), Option<Value>>>,
    imported: RefCell<FxHashMap<(FileId, SmolStr), Option<FileId>>>,
    /// Data files that were read.
    parsed_files: RefCell<FxHashMap<FileId, Option<Value>>>,
    /// Names and assignments by file.
    flows: RefCell<FxHashMap<FileId, Rc<dataflow::FlowIndex>>>,
    /// Text files that were asked for, in the order of asking: their numbers follow those of the sources.
    extra: RefCell<Vec<(String, Option<Rc<str>>)>>,
    /// Files that a panic cost something of.
    failed: RefCell<BTreeSet<FileId>>,
}

/// What was found in files that belong together.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The calls, ordered by path and place.
    pub calls: Vec<CallSite>,
    /// Text files that the code names, numbered on from the sources.
    pub texts: Vec<SourceFile>,
    /// Files that a mistake of this program cost calls of.
    pub failed: BTreeSet<FileId>,
}

/// Resolves files that belong together, numbered by their order: finds their model calls with all that is known of
/// them.
pub fn resolve(
    sources: &[SourceFile],
    files: Vec<Known>,
    project: &Arc<Project>,
    catalog: &SdkCatalog,
    texts: &dyn Fn(&str) -> Option<Rc<str>>,
) -> Resolved {
    let mut world = World::new(sources, files, project.clone(), catalog, texts);
    let calls = site::calls(&mut world);
    let text = |(path, text): (String, Option<Rc<str>>)| {
        SourceFile::new(&path, Language::Text, text.as_deref().unwrap_or("").into())
    };
    let texts = world.extra.into_inner().into_iter().map(text).collect();
    Resolved { calls, texts, failed: world.failed.into_inner() }
}

impl<'a> World<'a> {
    fn new(
        sources: &'a [SourceFile],
        files: Vec<Known>,
        project: Arc<Project>,
        catalog: &'a SdkCatalog,
        texts: &'a dyn Fn(&str) -> Option<Rc<str>>,
    ) -> Self {
        let mut calls: FxHashMap<SmolStr, Vec<ExprRef>> = FxHashMap::default();
        let mut handed: FxHashMap<SmolStr, Vec<ExprRef>> = FxHashMap::default();
        let mut kept: FxHashMap<SmolStr, Vec<(FnRef, u32)>> = FxHashMap::default();
        let mut heirs: FxHashMap<SmolStr, Vec<ClassRef>> = FxHashMap::default();
        let mut methods: FxHashMap<SmolStr, Vec<(ClassRef, FnRef)>> = FxHashMap::default();
        let mut aliases: FxHashMap<SmolStr, Vec<SmolStr>> = FxHashMap::default();
        let mut settings: FxHashMap<SmolStr, Vec<ExprRef>> = FxHashMap::default();
        let mut decorators = FxHashSet::default();
        let mut bound = FxHashSet::default();
        let (mut asking, mut not_by_name) = (Vec::new(), Vec::new());
        let (mut requests, mut suspects) = (Vec::new(), Vec::new());
        let summed = |(at, Known { summary, held }): (u32, Known)| {
            let file = FileId(at);
            let exprs = |ids: Vec<ExprId>| ids.into_iter().map(move |id| ExprRef { file, id });
            for (name, ids) in summary.calls {
                calls.entry(name).or_default().extend(exprs(ids));
            }
            for (name, ids) in summary.handed {
                handed.entry(name).or_default().extend(exprs(ids));
            }
            for (path, id, place) in summary.kept {
                kept.entry(path).or_default().push((FnRef { file, id }, place));
            }
            for (name, id) in summary.heirs {
                heirs.entry(name).or_default().push(ClassRef { file, id });
            }
            for (name, class, id) in summary.methods {
                methods.entry(name).or_default().push((ClassRef { file, id: class }, FnRef { file, id }));
            }
            for (name, alias) in summary.aliases {
                aliases.entry(name).or_default().push(alias);
            }
            for (name, id) in summary.settings {
                settings.entry(name).or_default().push(ExprRef { file, id });
            }
            let made = summary.decorated.into_iter().filter(|(decorator, _)| catalog.is_decorator_name(decorator));
            decorators.extend(made.map(|(_, name)| name));
            bound.extend(summary.bound);
            asking.extend(exprs(summary.asking));
            not_by_name.extend(exprs(summary.indirect));
            requests.extend(exprs(summary.requests));
            suspects.extend(exprs(summary.suspects));
            held
        };
        let files = Files::new((0..).zip(files).map(summed), catalog);
        handed.values_mut().for_each(|places| places.sort_unstable());
        // Maps have no order of their own; places do.
        calls.values_mut().for_each(|places| places.sort_unstable());
        // What is bound to a part of its arguments is called by the name that it is kept under.
        not_by_name.extend(bound.iter().filter_map(|name| calls.get(name)).flatten().copied());
        not_by_name.sort_unstable();
        not_by_name.dedup();
        Self {
            sources,
            files,
            modules: Modules::new(sources.iter().map(|source| (source.path.clone(), source.language)), project),
            catalog,
            stdlib: Stdlib::embedded(),
            calls,
            handed,
            methods,
            aliases,
            kept,
            heirs,
            settings,
            decorators,
            asking,
            not_by_name,
            requests,
            suspects,
            texts,
            steps: Cell::new(0),
            frugal: Cell::new(false),
            exhausted: RefCell::default(),
            followed: RefCell::default(),
            nesting: Cell::new(0),
            turning: Cell::new(false),
            busy: RefCell::default(),
            passing: RefCell::default(),
            waits: Cell::new(rings::NOTHING),
            made: RefCell::default(),
            indirect: OnceCell::new(),
            callers: RefCell::default(),
            asked: RefCell::default(),
            frames: RefCell::default(),
            attributes: RefCell::default(),
            imported: RefCell::default(),
            parsed_files: RefCell::default(),
            flows: RefCell::default(),
            extra: RefCell::default(),
            failed: RefCell::default(),
        }
    }

    /// Runs one question about a file. A panic costs its answer and nothing else, and the file is remembered.
    fn guarded<T>(&self, file: FileId, question: impl FnOnce() -> T) -> Option<T> {
        let answer = catch_unwind(AssertUnwindSafe(question)).ok();
        if answer.is_none() {
            // What the question was in the midst of.
            self.busy.borrow_mut().clear();
            self.passing.borrow_mut().clear();
            self.asked.borrow_mut().retain(|_, known| known.is_ok());
            self.nesting.set(0);
            self.waits.set(rings::NOTHING);
            self.frugal.set(false);
            self.failed.borrow_mut().insert(file);
        }
        answer
    }

    /// A file with its lookups. What is lent out goes before files are closed, between two questions.
    fn opened(&self, file: FileId) -> &Opened {
        self.files.get(file.0)
    }

    fn facts(&self, file: FileId) -> &FileFacts {
        &self.opened(file).facts
    }

    fn index(&self, file: FileId) -> &FileIndex {
        &self.opened(file).index
    }

    fn expr(&self, at: ExprRef) -> &Expr {
        self.facts(at.file).expr(at.id)
    }

    fn node(&self, at: ExprRef) -> &ExprNode {
        self.facts(at.file).node(at.id)
    }

    fn function(&self, at: FnRef) -> &Function {
        self.facts(at.file).function(at.id)
    }

    fn class(&self, at: ClassRef) -> &Class {
        self.facts(at.file).class(at.id)
    }

    fn language(&self, file: FileId) -> Language {
        self.sources[file.0 as usize].language
    }

    fn span(&self, at: ExprRef) -> Span {
        let node = self.node(at);
        Span { file: at.file, start: node.start, end: node.end }
    }

    /// Source text of an expression, white space folded, cut to 60 characters.
    fn short(&self, at: ExprRef) -> Rc<str> {
        const MOST: usize = 60;
        let span = self.span(at);
        let text = self.sources[at.file.0 as usize].slice(span.start, span.end);
        let mut out = String::new();
        for word in text.split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
            if out.len() > MOST {
                let cut: String = out.chars().take(MOST).collect();
                return format!("{cut}…").into();
            }
        }
        out.into()
    }
}
