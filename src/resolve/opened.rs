//! What one file says by itself, whatever else there is: the questions that are asked of every call of a program before
//! it is known which of them matter.

use smol_str::SmolStr;

use super::index::{FileIndex, class_around};
use crate::catalog::sdk::SdkCatalog;
use crate::syntax::facts::*;

/// Names of a dotted path at most.
const DOTTED: usize = 17;

/// The facts of a file with lookups over them.
#[derive(Debug)]
pub struct Opened {
    /// The facts.
    pub facts: FileFacts,
    /// Where names are bound in them.
    pub index: FileIndex,
}

impl Opened {
    /// Indexes a file.
    pub fn new(facts: FileFacts, catalog: &SdkCatalog) -> Self {
        Self { index: FileIndex::new(&facts, catalog), facts }
    }

    /// The statements that bind a name as it is seen from a function, and the function that they stand in: the
    /// innermost that has any.
    fn bindings(&self, name: &SmolStr, from: FnId) -> Option<(FnId, &[u32])> {
        let mut function = from;
        loop {
            if let Some(places) = self.index.names[function.0 as usize].get(name) {
                return Some((function, places));
            }
            if function == MODULE {
                return None;
            }
            function = self.facts.function(function).parent;
        }
    }

    /// Whether a statement that binds a name as it is seen from an expression gives it such a value.
    pub(super) fn is_bound_to(&self, name: &SmolStr, at: ExprId, is_it: impl Fn(&Target, ExprId) -> bool) -> bool {
        let Some((function, places)) = self.bindings(name, self.facts.node(at).function) else {
            return false;
        };
        let body = &self.facts.function(function).body;
        places
            .iter()
            .any(|&place| matches!(&body[place as usize].kind, StmtKind::Bind(target, value) if is_it(target, *value)))
    }

    /// Whether a name can mean nothing but functions and classes that the file defines.
    pub(super) fn is_defined(&self, name: &SmolStr, at: ExprId) -> bool {
        let mut function = self.facts.node(at).function;
        loop {
            let own = self.facts.function(function);
            if own.params.iter().any(|param| takes(param, name)) {
                return false;
            }
            if let Some(places) = self.index.names[function.0 as usize].get(name) {
                let defines = |&place: &u32| {
                    matches!(own.body[place as usize].kind, StmtKind::Define(_) | StmtKind::DefineClass(_))
                };
                return places.iter().all(defines);
            }
            if function == MODULE {
                return false;
            }
            function = own.parent;
        }
    }

    /// Whether nothing in the file gives a name a meaning: it is one of the language, or unknown.
    pub(super) fn is_unbound(&self, name: &SmolStr, at: ExprId) -> bool {
        let mut function = self.facts.node(at).function;
        loop {
            let own = self.facts.function(function);
            let bound = self.index.names[function.0 as usize].contains_key(name);
            if bound || own.params.iter().any(|param| takes(param, name)) {
                return false;
            }
            if function == MODULE {
                break;
            }
            function = own.parent;
        }
        let imports = &self.index.imports;
        !matches!(name.as_str(), "self" | "super") && !imports.contains_key(name) && !imports.contains_key("*")
    }

    /// Whether a member of `self` is a method of the class that a callee stands in: no object that is kept there.
    pub(super) fn is_own_method(&self, callee: ExprId, name: &SmolStr) -> bool {
        let Some(class) = class_around(&self.facts, self.facts.node(callee).function) else {
            return false;
        };
        !self.index.attributes[class.0 as usize].contains_key(name)
            && self.facts.class(class).methods.iter().any(|&id| {
                let method = self.facts.function(id);
                method.name == *name && method.flavour != Flavour::Getter
            })
    }

    /// Whether an expression is an object literal, or a name that one is bound to in a function around.
    pub(super) fn is_written_record(&self, at: ExprId) -> bool {
        let is_record = |id| matches!(self.facts.expr(id), Expr::Record(_));
        match self.facts.expr(at) {
            Expr::Name(name) => self.is_bound_to(name, at, |_, value| is_record(value)),
            _ => is_record(at),
        }
    }

    /// A dotted path of names as written: `process.env`, `self.client`.
    pub(super) fn dotted(&self, at: ExprId) -> Option<String> {
        let mut parts = [""; DOTTED];
        let mut id = at;
        for place in (0..DOTTED).rev() {
            match self.facts.expr(id) {
                Expr::Attr(base, name) => {
                    parts[place] = name;
                    id = *base;
                }
                Expr::Name(name) => {
                    parts[place] = name;
                    return Some(parts[place..].join("."));
                }
                _ => return None,
            }
        }
        None
    }

    /// The names of a callee, also of one whose base is a call: `getClient().complete`.
    pub(super) fn called(&self, callee: ExprId) -> Option<String> {
        if let Some(dotted) = self.dotted(callee) {
            return Some(dotted);
        }
        let Expr::Attr(base, name) = self.facts.expr(callee) else {
            return None;
        };
        let before = match self.facts.expr(*base) {
            Expr::Call(call) => self.dotted(call.callee).unwrap_or_default(),
            _ => String::new(),
        };
        Some(format!("{before}.{name}"))
    }
}

/// Whether a parameter is, or takes apart into, a name.
fn takes(param: &Param, name: &SmolStr) -> bool {
    match &param.kind {
        ParamKind::Object(fields) => fields.iter().any(|field| field.local == *name),
        _ => param.name == *name,
    }
}
