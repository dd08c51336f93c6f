//! What all files of a program tell each other by name, and which of their calls are worth a question: taken from a file
//! once, after which its facts are only looked at if something leads to them.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::index::{kept_path, last_name, renamed, shared_path};
use super::opened::Opened;
use super::repeats::runs_per_item;
use super::{requests, settings, suspects};
use crate::catalog::sdk::SdkCatalog;
use crate::catalog::stdlib::Stdlib;
use crate::syntax::facts::*;

/// The name that a module exports what it is as a whole under.
pub(super) const DEFAULT: &str = "default";

/// What one file has to say to others.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Calls by the last name of their callee.
    pub(super) calls: Vec<(SmolStr, Vec<ExprId>)>,
    /// Names and attributes that are arguments of a call with more than one, or of one that runs them for each item, by
    /// their last name.
    pub(super) handed: Vec<(SmolStr, Vec<ExprId>)>,
    /// Statements that keep a value on something that is not `self`, by the path as written: `st.session_state.agent`,
    /// whether as an attribute or under a literal key; and what is set on something imported: `config.model`.
    pub(super) kept: Vec<(SmolStr, FnId, u32)>,
    /// Classes behind the names of their bases.
    pub(super) heirs: Vec<(SmolStr, ClassId)>,
    /// Methods by name.
    pub(super) methods: Vec<(SmolStr, ClassId, FnId)>,
    /// Other names behind the ones that they stand for.
    pub(super) aliases: Vec<(SmolStr, SmolStr)>,
    /// Functions and classes behind the names of their decorators.
    pub(super) decorated: Vec<(SmolStr, SmolStr)>,
    /// Names that a function bound to a part of its arguments is kept under.
    pub(super) bound: Vec<SmolStr>,
    /// Defaults of models by the names of their settings.
    pub(super) settings: Vec<(SmolStr, ExprId)>,
    /// Calls that may reach a model by an SDK, as far as the file alone tells.
    pub(super) asking: Vec<ExprId>,
    /// Calls whose callee need not have the name of what it runs.
    pub(super) indirect: Vec<ExprId>,
    /// Calls that have the form of a request.
    pub(super) requests: Vec<ExprId>,
    /// Calls that their names make suspects.
    pub(super) suspects: Vec<ExprId>,
}

impl Summary {
    /// Sums a file up.
    pub fn new(file: &Opened, catalog: &SdkCatalog) -> Self {
        let facts = &file.facts;
        let mut summary = Self::default();
        let mut calls: FxHashMap<&SmolStr, Vec<ExprId>> = FxHashMap::default();
        let mut handed: FxHashMap<&SmolStr, Vec<ExprId>> = FxHashMap::default();
        for (id, node) in (0..).map(ExprId).zip(&facts.exprs) {
            match &node.kind {
                Expr::Call(call) => {
                    for name in called_names(facts, call.callee) {
                        calls.entry(name).or_default().push(id);
                    }
                    summary.call(file, call, id, catalog);
                }
                Expr::Name(name) | Expr::Attr(_, name) => {
                    let is_handed = node.parent.is_some_and(|parent| {
                        matches!(facts.expr(parent), Expr::Call(call) if call.callee != id
                            && (call.args.len() > 1 || runs_per_item(facts, call)))
                    });
                    if is_handed {
                        handed.entry(name).or_default().push(id);
                    }
                }
                _ => {}
            }
        }
        summary.calls = sorted(calls);
        summary.handed = sorted(handed);
        summary.names(facts);
        summary.settings = settings::defaults(facts);
        for (number, function) in (0..).map(FnId).zip(&facts.functions) {
            for (at, stmt) in (0..).zip(&function.body) {
                if let StmtKind::Bind(target, _) | StmtKind::Append(target, _) | StmtKind::Declare(target, _) =
                    &stmt.kind
                {
                    summary.target(facts, target, number, at);
                }
                summary.bound.extend(bound_under(facts, &stmt.kind));
            }
        }
        summary
    }

    /// What is to be asked of a call once all files are known.
    fn call(&mut self, file: &Opened, call: &Call, id: ExprId, catalog: &SdkCatalog) {
        if may_ask(file, call, catalog) {
            self.asking.push(id);
        }
        if !call.is_new && !call.args.is_empty() && file.is_indirect(call) {
            self.indirect.push(id);
        }
        if requests::is_handed_request(&file.facts, call) {
            self.requests.push(id);
        }
        if suspects::suspected(file, call).is_some() {
            self.suspects.push(id);
        }
    }

    fn names(&mut self, facts: &FileFacts) {
        for (id, class) in (0..).map(ClassId).zip(&facts.classes) {
            for &base in &class.bases {
                let base = match facts.expr(base) {
                    Expr::Index(base, _) => *base,
                    _ => base,
                };
                self.heirs.extend(last_name(facts, base).map(|name| (name, id)));
            }
            self.methods.extend(class.methods.iter().map(|&method| (facts.function(method).name.clone(), id, method)));
        }
        for import in &facts.imports {
            // `const ask = require("./ask")` is what that module exports as a whole.
            let whole = (!facts.language.is_python() && !import.local.is_empty()).then_some(DEFAULT);
            let name = import.name.as_deref().or(whole).filter(|name| **name != *import.local);
            self.aliases.extend(name.map(|name| (SmolStr::new(name), import.local.clone())));
        }
        self.aliases.extend(renamed(facts));
        self.aliases.extend(exported_otherwise(facts));
        let functions = facts.functions.iter().map(|function| (&function.decorators, &function.name));
        let classes = facts.classes.iter().map(|class| (&class.decorators, &class.name));
        for (decorators, name) in functions.chain(classes) {
            for &decorator in decorators {
                let named = match facts.expr(decorator) {
                    Expr::Call(call) => call.callee,
                    _ => decorator,
                };
                self.decorated.extend(last_name(facts, named).map(|decorator| (decorator, name.clone())));
            }
        }
    }

    fn target(&mut self, facts: &FileFacts, target: &Target, function: FnId, at: u32) {
        let path = match target {
            Target::Attr(base, name) => kept_path(facts, *base, name).or_else(|| shared_path(facts, *base, name)),
            Target::Index(base, key) => match facts.expr(*key) {
                Expr::Str(key) => kept_path(facts, *base, key),
                _ => None,
            },
            Target::Tuple(parts) => {
                return parts.iter().flatten().for_each(|part| self.target(facts, part, function, at));
            }
            Target::Name(_) | Target::Object(_) => None,
        };
        self.kept.extend(path.map(|path| (path, function, at)));
    }
}

/// Names that are exported under another: `export default ask`, `export { ask as run }`, `export { default as ask } from "./ask"`.
fn exported_otherwise(facts: &FileFacts) -> impl Iterator<Item = (SmolStr, SmolStr)> {
    facts.exports.iter().filter_map(|export| {
        let own = match &export.what {
            Exported::Local(name) => Some(name.clone()),
            Exported::From(_, name) => name.clone(),
            Exported::Value(value) => match facts.expr(*value) {
                Expr::Call(call) => call.args.first().and_then(|arg| last_name(facts, arg.value)),
                _ => last_name(facts, *value),
            },
        };
        own.filter(|own| *own != export.name).map(|own| (own, export.name.clone()))
    })
}

/// The last names of what a call may run: its callee's, and that of a function behind `delay` or `remote`.
fn called_names(facts: &FileFacts, mut callee: ExprId) -> Vec<&SmolStr> {
    let mut names = Vec::new();
    while let Expr::Name(name) | Expr::Attr(_, name) = facts.expr(callee) {
        names.push(name);
        match facts.expr(callee) {
            Expr::Attr(base, method)
                if Stdlib::embedded().runs_its_function(facts.language.is_python(), method) && names.len() < 3 =>
            {
                callee = *base;
            }
            _ => break,
        }
    }
    names
}

/// The name under which a statement keeps a function that it binds to a part of its arguments.
fn bound_under(facts: &FileFacts, stmt: &StmtKind) -> Option<SmolStr> {
    let StmtKind::Bind(Target::Name(name) | Target::Attr(_, name), value) = stmt else {
        return None;
    };
    let Expr::Call(call) = facts.expr(*value) else {
        return None;
    };
    let python = facts.language.is_python();
    let binds = |callee: SmolStr| Stdlib::embedded().is_binding(python, &callee) || (!python && callee == "bind");
    last_name(facts, call.callee).is_some_and(binds).then(|| name.clone())
}

/// Lists by name, in an order that is always the same.
fn sorted(lists: FxHashMap<&SmolStr, Vec<ExprId>>) -> Vec<(SmolStr, Vec<ExprId>)> {
    let mut all: Vec<_> = lists
        .into_iter()
        .map(|(name, mut list)| {
            list.shrink_to_fit();
            (name.clone(), list)
        })
        .collect();
    all.sort_unstable();
    all
}

/// Whether a call may reach a model by an SDK, as far as its file tells; what decorators do stands apart.
fn may_ask(file: &Opened, call: &Call, catalog: &SdkCatalog) -> bool {
    let facts = &file.facts;
    let own = match facts.expr(call.callee) {
        Expr::Attr(base, method) => {
            let held = matches!(facts.expr(*base), Expr::Name(name) if name == "self");
            catalog.is_operation_name(method) || held && !file.is_own_method(call.callee, method)
        }
        // Most names that a file does not bind are those of the language.
        Expr::Name(name) if file.is_unbound(name, call.callee) => {
            catalog.is_operation_name(name) || catalog.may_be_weak(name)
        }
        Expr::Name(name) => !file.is_defined(name, call.callee),
        Expr::Call(_) | Expr::Index(..) => true,
        _ => false,
    };
    let operation =
        |arg: &Arg| matches!(facts.expr(arg.value), Expr::Attr(_, method) if catalog.is_operation_name(method));
    own || call.args.len() > 1 && call.args.iter().take(3).any(operation)
}
