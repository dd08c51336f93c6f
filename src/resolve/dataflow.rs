//! Which names may carry a value within one function, and which a value may be made of.
//!
//! Values are followed by name. That is coarse on purpose: a name that could carry an answer is taken to carry it, so
//! that independence is only claimed where it is certain.

use std::collections::BTreeSet;
use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

pub(super) type Names = BTreeSet<SmolStr>;

/// Where names stand in a file, and what its statements set.
#[derive(Debug, Default)]
pub(super) struct FlowIndex {
    /// First byte, last byte and name, by place.
    names: Vec<(u32, u32, SmolStr)>,
    /// By place.
    assignments: Vec<Assignment>,
}

/// What a statement sets.
#[derive(Debug)]
pub(super) struct Assignment {
    at: u32,
    /// Whether it gives a loop's variable its next value.
    pub(super) next: bool,
    pub(super) set: Names,
    value: (u32, u32),
    reads: Names,
}

impl Assignment {
    /// Whether a name is read in it.
    pub(super) fn reads(&self, name: &SmolStr) -> bool {
        self.reads.contains(name)
    }
}

impl FlowIndex {
    fn within(&self, start: u32, end: u32) -> Names {
        let from = self.names.partition_point(|(at, _, _)| *at < start);
        let inside = self.names[from..].iter().take_while(|(at, _, _)| *at < end);
        inside.filter(|(_, to, _)| *to <= end).map(|(_, _, name)| name.clone()).collect()
    }

    pub(super) fn assigned(&self, within: Span) -> impl Iterator<Item = &Assignment> {
        let from = self.assignments.partition_point(|one| one.at < within.start);
        self.assignments[from..].iter().take_while(move |one| one.at < within.end)
    }
}

impl World<'_> {
    /// Names within a place: variables, and attributes of `self` as `self.x`.
    pub(super) fn names_in(&self, place: Span) -> Names {
        self.flow_index(place.file).within(place.start, place.end)
    }

    /// The names and assignments of a file, found once.
    pub(super) fn flow_index(&self, file: FileId) -> Rc<FlowIndex> {
        if let Some(known) = self.flows.borrow().get(&file) {
            return known.clone();
        }
        let facts = self.facts(file);
        let mut index = FlowIndex::default();
        for node in &facts.exprs {
            match &node.kind {
                Expr::Name(name) if name != "self" => index.names.push((node.start, node.end, name.clone())),
                Expr::Attr(base, name) if matches!(facts.expr(*base), Expr::Name(base) if base == "self") => {
                    index.names.push((node.start, node.end, format!("self.{name}").into()));
                }
                _ => {}
            }
        }
        index.names.sort();
        for stmt in facts.functions.iter().flat_map(|function| &function.body) {
            let mut set = Names::new();
            let value = match &stmt.kind {
                StmtKind::Bind(target, value) | StmtKind::Append(target, value) => {
                    self.target_names(target, facts, &mut set);
                    *value
                }
                // `x.append(y)` sets `x`.
                StmtKind::Expr(value) => {
                    let Expr::Call(call) = facts.expr(*value) else { continue };
                    let Expr::Attr(base, _) = facts.expr(call.callee) else { continue };
                    self.base_name(facts, *base, &mut set);
                    *value
                }
                _ => continue,
            };
            let node = facts.node(value);
            let reads = index.within(node.start, node.end);
            let next = matches!(node.kind, Expr::Item(_));
            index.assignments.push(Assignment { at: stmt.start, next, set, value: (node.start, node.end), reads });
        }
        index.assignments.sort_by_key(|assignment| assignment.at);
        let index = Rc::new(index);
        self.flows.borrow_mut().insert(file, index.clone());
        index
    }

    pub(super) fn target_names(&self, target: &Target, facts: &FileFacts, names: &mut Names) {
        match target {
            Target::Name(name) => {
                names.insert(name.clone());
            }
            Target::Attr(base, name) => match facts.expr(*base) {
                Expr::Name(base) if base == "self" => {
                    names.insert(format!("self.{name}").into());
                }
                _ => self.base_name(facts, *base, names),
            },
            Target::Index(base, _) => self.base_name(facts, *base, names),
            Target::Tuple(parts) => parts.iter().flatten().for_each(|part| self.target_names(part, facts, names)),
            Target::Object(fields) => names.extend(fields.iter().map(|field| field.local.clone())),
        }
    }

    /// The variable that an object expression begins with: `rows` of `rows[0].text`.
    pub(super) fn base_name(&self, facts: &FileFacts, at: ExprId, names: &mut Names) {
        match facts.expr(at) {
            Expr::Name(name) => {
                names.insert(name.clone());
            }
            Expr::Attr(base, name) => match facts.expr(*base) {
                Expr::Name(base) if base == "self" => {
                    names.insert(format!("self.{name}").into());
                }
                _ => self.base_name(facts, *base, names),
            },
            Expr::Index(base, _) => self.base_name(facts, *base, names),
            _ => {}
        }
    }

    /// Names that may carry what stands at a place, within a function or loop.
    pub(super) fn tainted(&self, from: Span, within: Span) -> Names {
        let index = self.flow_index(within.file);
        let mut names = Names::new();
        for _ in 0..8 {
            let before = names.len();
            for one in index.assigned(within) {
                let holds = one.value.0 <= from.start && from.end <= one.value.1;
                if holds || !one.reads.is_disjoint(&names) {
                    names.extend(one.set.iter().cloned());
                }
            }
            if names.len() == before {
                break;
            }
        }
        names
    }

    /// Names that what stands at a place may be made of, within a function or loop.
    pub(super) fn wanted(&self, place: Span, within: Span) -> Names {
        let index = self.flow_index(within.file);
        let mut names = self.names_in(place);
        for _ in 0..8 {
            let before = names.len();
            for one in index.assigned(within) {
                if !one.set.is_disjoint(&names) {
                    names.extend(one.reads.iter().cloned());
                }
            }
            if names.len() == before {
                break;
            }
        }
        names
    }
}
