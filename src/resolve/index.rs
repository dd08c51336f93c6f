//! Where names are bound, by function and class: built once per file, so that looking a name up never scans a body.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::catalog::sdk::SdkCatalog;
use crate::syntax::facts::*;

/// Methods that add to the object they are called on, in both languages.
const MUTATORS: &[&str] = &["append", "extend", "insert", "push", "unshift", "update", "add", "concat", "set"];

/// Lookups over one file.
#[derive(Debug, Default)]
pub struct FileIndex {
    /// For each function: the statements that bind, extend or change a name, in order of the source.
    pub names: Vec<FxHashMap<SmolStr, Vec<u32>>>,
    /// For each class: the statements of its methods that bind or change an attribute of `self`.
    pub attributes: Vec<FxHashMap<SmolStr, Vec<(FnId, u32)>>>,
    /// Return statements by function.
    pub returns: Vec<Vec<u32>>,
    /// Imported names.
    pub imports: FxHashMap<SmolStr, u32>,
    /// Last names of modules that are imported with all of their path: `import package.part.module`.
    pub paths: FxHashMap<SmolStr, Vec<u32>>,
    /// Statements that set an attribute of a name other than `self`, by function and path: `state.context`.
    pub set: FxHashMap<(FnId, SmolStr), Vec<u32>>,
    /// Only of files in which an answer goes anywhere, which few are.
    ways: OnceCell<Ways>,
    /// Only of files in which something is added to in a branch.
    arms: OnceCell<Arms>,
}

/// Lookups for which branches can meet.
#[derive(Debug, Default)]
pub struct Arms {
    /// The arms of a branching statement, by its number.
    of: FxHashMap<u32, Vec<CtxId>>,
    /// Those that do something.
    filled: FxHashSet<CtxId>,
    /// Arms that leave the function.
    leaving: FxHashSet<CtxId>,
    /// Arms that are taken where no other is.
    last: FxHashSet<CtxId>,
}

impl Arms {
    fn new(facts: &FileFacts) -> Self {
        let mut arms = Self::default();
        for stmt in facts.functions.iter().flat_map(|function| &function.body) {
            arms.filled.insert(stmt.context);
            if matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Raise(_)) {
                arms.leaving.insert(stmt.context);
            }
        }
        for (number, context) in facts.contexts.iter().enumerate() {
            let id = CtxId(number as u32);
            if let ContextKind::Branch { group, test, negated } = context.kind {
                arms.of.entry(group).or_default().push(id);
                if negated || test.is_none() {
                    arms.last.insert(id);
                }
            }
        }
        arms
    }

    /// Whether an arm leaves the function: what follows the statement does not see what it did.
    pub fn leaves(&self, arm: CtxId) -> bool {
        self.leaving.contains(&arm)
    }

    /// Whether an arm does anything itself; one of a `switch` that does not goes on in the next.
    pub fn acts(&self, arm: CtxId) -> bool {
        self.filled.contains(&arm)
    }

    /// The arms of a branching statement, in order.
    pub fn of(&self, group: u32) -> &[CtxId] {
        self.of.get(&group).map_or(&[], Vec::as_slice)
    }

    /// Whether one of these arms of a statement is taken by all that go on behind it.
    pub fn are_all(&self, group: u32, taken: &[CtxId]) -> bool {
        let Some(all) = self.of.get(&group) else { return false };
        let mut acting = all.iter().filter(|arm| self.acts(**arm));
        let one_is_last = acting.clone().any(|arm| self.last.contains(arm));
        one_is_last && acting.all(|arm| taken.contains(arm) || self.leaves(*arm))
    }
}

/// Lookups for where values go.
#[derive(Debug, Default)]
pub struct Ways {
    /// The statement that an expression is the whole of.
    pub roots: FxHashMap<ExprId, (FnId, u32)>,
    /// Uses of a bare name.
    pub uses: FxHashMap<SmolStr, Vec<ExprId>>,
}

impl Ways {
    fn new(facts: &FileFacts) -> Self {
        let mut ways = Self::default();
        for (number, function) in facts.functions.iter().enumerate() {
            for (at, stmt) in function.body.iter().enumerate() {
                if let StmtKind::Bind(_, value)
                | StmtKind::Append(_, value)
                | StmtKind::Expr(value)
                | StmtKind::Return(Some(value)) = &stmt.kind
                {
                    ways.roots.entry(*value).or_insert((FnId(number as u32), at as u32));
                }
            }
        }
        for (at, node) in facts.exprs.iter().enumerate() {
            if let Expr::Name(name) = &node.kind {
                ways.uses.entry(name.clone()).or_default().push(ExprId(at as u32));
            }
        }
        ways
    }
}

impl FileIndex {
    /// Indexes a file.
    pub fn new(facts: &FileFacts, catalog: &SdkCatalog) -> Self {
        let mut index = Self {
            names: vec![FxHashMap::default(); facts.functions.len()],
            attributes: vec![FxHashMap::default(); facts.classes.len()],
            returns: vec![Vec::new(); facts.functions.len()],
            ..Self::default()
        };
        for (at, import) in facts.imports.iter().enumerate() {
            if !import.local.is_empty() {
                index.imports.entry(import.local.clone()).or_insert(at as u32);
            } else if let Some((_, last)) = import.module.rsplit_once('.') {
                index.paths.entry(last.into()).or_default().push(at as u32);
            }
        }
        for (number, function) in facts.functions.iter().enumerate() {
            for (at, stmt) in function.body.iter().enumerate() {
                index.statement(facts, catalog, FnId(number as u32), at as u32, &stmt.kind);
            }
        }
        index
    }

    /// Where values go in the file, whose facts these are.
    pub fn ways(&self, facts: &FileFacts) -> &Ways {
        self.ways.get_or_init(|| Ways::new(facts))
    }

    /// Which branches of the file, whose facts these are, can meet.
    pub fn arms(&self, facts: &FileFacts) -> &Arms {
        self.arms.get_or_init(|| Arms::new(facts))
    }

    fn statement(&mut self, facts: &FileFacts, catalog: &SdkCatalog, function: FnId, at: u32, kind: &StmtKind) {
        match kind {
            StmtKind::Bind(target, _) | StmtKind::Append(target, _) | StmtKind::Declare(target, _) => {
                self.target(facts, function, at, target);
            }
            StmtKind::Define(id) => self.name(function, at, &facts.function(*id).name),
            StmtKind::DefineClass(id) => self.name(function, at, &facts.class(*id).name),
            StmtKind::Return(Some(_)) => self.returns[function.0 as usize].push(at),
            StmtKind::Expr(id) => {
                let Expr::Call(call) = facts.expr(*id) else {
                    return;
                };
                let Expr::Attr(base, method) = facts.expr(call.callee) else {
                    return;
                };
                if MUTATORS.contains(&method.as_str()) || catalog.is_gathering(method) {
                    self.place(facts, function, at, *base);
                }
            }
            _ => {}
        }
    }

    fn target(&mut self, facts: &FileFacts, function: FnId, at: u32, target: &Target) {
        match target {
            Target::Name(name) => self.name(function, at, name),
            Target::Attr(base, name) => {
                if let Some(path) = set_path(facts, *base, name) {
                    self.set.entry((function, path)).or_default().push(at);
                }
                self.attribute(facts, function, at, *base, name);
            }
            Target::Index(base, _) => self.place(facts, function, at, *base),
            Target::Tuple(parts) => {
                parts.iter().flatten().for_each(|part| self.target(facts, function, at, part));
            }
            Target::Object(fields) => fields.iter().for_each(|field| self.name(function, at, &field.local)),
        }
    }

    /// A statement changes the object that `base` names.
    fn place(&mut self, facts: &FileFacts, function: FnId, at: u32, base: ExprId) {
        match facts.expr(base) {
            Expr::Name(name) => self.name(function, at, name),
            Expr::Attr(of, name) => self.attribute(facts, function, at, *of, name),
            _ => {}
        }
    }

    fn name(&mut self, function: FnId, at: u32, name: &SmolStr) {
        self.names[function.0 as usize].entry(name.clone()).or_default().push(at);
    }

    fn attribute(&mut self, facts: &FileFacts, function: FnId, at: u32, base: ExprId, name: &SmolStr) {
        if !matches!(facts.expr(base), Expr::Name(base) if base == "self") {
            return;
        }
        if let Some(class) = class_around(facts, function) {
            self.attributes[class.0 as usize].entry(name.clone()).or_default().push((function, at));
        }
    }
}

/// The path of a member of a member of a name other than `self`: deep enough to be the same object wherever it is
/// written so.
pub fn kept_path(facts: &FileFacts, base: ExprId, name: &str) -> Option<SmolStr> {
    let Expr::Attr(root, inner) = facts.expr(base) else {
        return None;
    };
    match facts.expr(*root) {
        Expr::Name(root) if root != "self" && root != "super" => Some(format!("{root}.{inner}.{name}").into()),
        _ => None,
    }
}

/// The path of an attribute of a name that a file imports, or of a class of its own.
pub fn shared_path(facts: &FileFacts, base: ExprId, name: &str) -> Option<SmolStr> {
    let Expr::Name(root) = facts.expr(base) else { return None };
    let shared = facts.imports.iter().any(|import| import.local == *root)
        || facts.classes.iter().any(|class| class.name == *root);
    shared.then(|| format!("{root}.{name}").into())
}

/// The path of an attribute of a name other than `self`.
pub fn set_path(facts: &FileFacts, base: ExprId, name: &str) -> Option<SmolStr> {
    match facts.expr(base) {
        Expr::Name(root) if root != "self" && root != "super" => Some(format!("{root}.{name}").into()),
        _ => None,
    }
}

/// The class whose `self` is meant inside a function: its own, or that of a method around it.
pub fn class_around(facts: &FileFacts, mut function: FnId) -> Option<ClassId> {
    loop {
        let at = facts.function(function);
        if at.class.is_some() || function == MODULE {
            return at.class;
        }
        function = at.parent;
    }
}

/// The last name of a callee: `create` of `client.messages.create`, `ask` of `ask`.
pub fn last_name(facts: &FileFacts, callee: ExprId) -> Option<SmolStr> {
    match facts.expr(callee) {
        Expr::Name(name) | Expr::Attr(_, name) => Some(name.clone()),
        _ => None,
    }
}

/// Where what a statement binds begins to hold: behind its value, so that `x = f(x)` reads the `x` before it.
pub fn takes_effect(facts: &FileFacts, stmt: &Stmt) -> u32 {
    match &stmt.kind {
        StmtKind::Bind(_, value) | StmtKind::Append(_, value) if !matches!(facts.expr(*value), Expr::Item(_)) => {
            facts.node(*value).end.max(stmt.start + 1)
        }
        _ => stmt.start + 1,
    }
}

/// The other names that a module gives to functions, each behind the function's own: `const ask = traced(askModel)`.
pub(super) fn renamed(facts: &FileFacts) -> impl Iterator<Item = (SmolStr, SmolStr)> {
    facts.function(MODULE).body.iter().filter_map(|stmt| {
        let StmtKind::Bind(Target::Name(alias), value) = &stmt.kind else { return None };
        let function = match facts.expr(*value) {
            Expr::Call(call) => call.args.first().filter(|arg| arg.name.is_none()).map(|arg| arg.value)?,
            _ => *value,
        };
        let name = last_name(facts, function).filter(|name| name != alias)?;
        Some((name, alias.clone()))
    })
}
