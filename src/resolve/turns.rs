//! How a call stands in the flow of the program: ends of loops, what turns and later calls read of answers.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::dataflow::Names;
use super::value::*;
use super::wrappers::Site;
use super::{World, index};
use crate::catalog::flow::FlowWords;
use crate::program::*;
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

impl World<'_> {
    pub(super) fn turns(&self, site: &Site) -> Flow {
        let at = site.at();
        let facts = self.facts(at.file);
        let node = self.node(at);
        let entry = self.entry(at);
        let (unused, alone) = (self.is_unused(at, &entry) || self.is_replaced(at), self.is_alone(at, &entry));
        let (awaited, paced) = (self.awaited(at), self.paced(at));
        let mut flow = Flow { entry, unused, alone, awaited, paced, ..Flow::default() };
        for (_, context) in facts.contexts_from(node.context) {
            let place = Span { file: at.file, start: context.start, end: context.end };
            match context.kind {
                ContextKind::Branch { group, .. } => flow.arms.push((group, place)),
                ContextKind::Try { group } => flow.guarded.push(group),
                ContextKind::Handler { group } => flow.handles.push(group),
                _ => {}
            }
        }
        let loops = facts.contexts_from(node.context).find(|(_, context)| {
            matches!(
                context.kind,
                ContextKind::ForEach { .. } | ContextKind::While { .. } | ContextKind::Comprehension { .. }
            )
        });
        if let Some((_, around)) = loops {
            let place = Span { file: at.file, start: around.start, end: around.end };
            flow.carried = self.carried(at, place).or_else(|| self.kept_by_wrapper(&site.chain));
            flow.invariant = self.invariant(at, place);
            if let ContextKind::While { test } = around.kind {
                flow.exit = Some(self.exit(at, place, test));
            }
        }
        // Only jobs that nobody waits for are looked at as wholes.
        if let crate::program::Entry::Script(what, _) = &flow.entry
            && loops.is_none()
        {
            flow.outer = self.outer(at, what == crate::program::Entry::TOP_LEVEL);
        }
        flow.history = self.history(at, loops.map(|(_, context)| (context.start, context.end)));
        flow.retry = self.retry(at);
        flow.memo = site.chain.iter().find_map(|&at| self.memo(at));
        flow
    }

    /// Data and control that run from earlier calls to later ones of the same function.
    pub(super) fn link(&self, calls: &mut [CallSite]) {
        let place = |call: &CallSite| (call.span.file, call.function.start, call.function.end);
        for later in 0..calls.len() {
            let mut reads = Vec::new();
            let mut decided = Vec::new();
            for earlier in calls[..later].iter().rev().take_while(|call| call.span.file == calls[later].span.file) {
                let call = &calls[later];
                if place(earlier) != place(call) || earlier.span.end > call.span.start {
                    continue;
                }
                let carries = self.tainted(earlier.span, earlier.function);
                let args = Span { start: call.callee_span.end.min(call.span.end), ..call.span };
                let wanted = self.wanted(args, call.function);
                if !carries.is_disjoint(&wanted) || contains(call.span, earlier.span) {
                    reads.push(earlier.span);
                }
                if self.decides(&carries, earlier.span, call) {
                    decided.push(earlier.span);
                }
            }
            reads.reverse();
            decided.reverse();
            calls[later].flow.reads = reads;
            calls[later].flow.decided_by = decided;
        }
        self.link_helpers(calls);
    }

    /// Control that runs through a helper: `if is_question(text)` is decided by the model that the helper asks and whose
    /// answer it gives back.
    fn link_helpers(&self, calls: &mut [CallSite]) {
        let mut found = Vec::new();
        for router in calls.iter().filter(|call| matches!(call.answer.usage, AnswerUse::Bool | AnswerUse::Enum)) {
            let file = router.span.file;
            let own =
                |function: &Function| (function.start, function.end) == (router.function.start, router.function.end);
            let functions = &self.facts(file).functions;
            let Some(at) = functions.iter().position(own).filter(|at| *at > 0) else { continue };
            let given = self.tainted(router.span, router.function);
            let gives = functions[at].body.iter().any(|stmt| {
                let StmtKind::Return(Some(value)) = stmt.kind else { return false };
                let place = self.span(ExprRef { file, id: value });
                contains(place, router.span) || !self.names_in(place).is_disjoint(&given)
            });
            if !gives {
                continue;
            }
            for asked in self.callers_of(FnRef { file, id: FnId(at as u32) }).into_iter().map(|at| self.span(at)) {
                for (number, later) in calls.iter().enumerate() {
                    let behind = contains(later.function, asked) && asked.end <= later.span.start;
                    if behind && self.decides(&self.tainted(asked, later.function), asked, later) {
                        found.push((number, router.span));
                    }
                }
            }
        }
        for (number, router) in found {
            let decided = &mut calls[number].flow.decided_by;
            if !decided.contains(&router) {
                decided.push(router);
            }
        }
    }

    /// Whether `await` stands before a call.
    fn awaited(&self, at: ExprRef) -> bool {
        let span = self.span(at);
        let source = &self.sources[at.file.0 as usize];
        let (line, _) = source.line_range(source.position(span.start).line);
        source.slice(line.min(span.start), span.start).trim_end().ends_with("await")
    }

    pub(super) fn args_of(&self, at: ExprRef) -> Option<Span> {
        let Expr::Call(call) = self.expr(at) else { return None };
        let whole = self.span(at);
        let callee = self.span(ExprRef { file: at.file, id: call.callee });
        Some(Span { start: callee.end.min(whole.end), ..whole })
    }

    /// What of an earlier turn's answer a call reads: a name that carries it, or a condition on it that ends the loop.
    pub(super) fn carried(&self, at: ExprRef, turn: Span) -> Option<Span> {
        let mut carries = self.tainted(self.span(at), turn);
        // What a loop sets anew with each turn carries nothing over: `row["topic"] = ask(row)`.
        let index = self.flow_index(turn.file);
        for one in index.assigned(turn).filter(|one| one.next) {
            carries.retain(|name| !one.set.contains(name));
        }
        let args = self.args_of(at)?;
        if !self.wanted(args, turn).is_disjoint(&carries) {
            return Some(args);
        }
        self.ends_by(turn, &carries)
    }

    /// A condition on some names that ends a loop.
    fn ends_by(&self, turn: Span, names: &Names) -> Option<Span> {
        self.exits(turn).into_iter().find(|test| !self.names_in(*test).is_disjoint(names))
    }

    /// Whether a loop is left from within before its items are at an end.
    pub(super) fn ends_early(&self, turn: Span) -> bool {
        let inside = |stmt: &Stmt| stmt.start >= turn.start && stmt.start < turn.end;
        let facts = self.facts(turn.file);
        let leaves = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Break | StmtKind::Return(_));
        let loops = facts.functions.iter().filter(|function| function.start <= turn.start && turn.end <= function.end);
        // The innermost function around the loop: what returns from a callback in it leaves only that.
        let around = loops.min_by_key(|function| function.end - function.start);
        around.is_some_and(|function| function.body.iter().any(|stmt| inside(stmt) && leaves(stmt)))
    }

    /// The conditions under which a loop is left from within.
    fn exits(&self, turn: Span) -> Vec<Span> {
        let facts = self.facts(turn.file);
        let mut tests = Vec::new();
        for function in &facts.functions {
            for stmt in &function.body {
                let inside = stmt.start >= turn.start && stmt.start < turn.end;
                if !inside || !matches!(stmt.kind, StmtKind::Break | StmtKind::Return(_) | StmtKind::Raise(_)) {
                    continue;
                }
                for (_, context) in facts.contexts_from(stmt.context) {
                    if context.start < turn.start || context.end > turn.end {
                        break;
                    }
                    if let ContextKind::Branch { test: Some(test), .. } = context.kind {
                        tests.push(self.span(ExprRef { file: turn.file, id: test }));
                    }
                }
            }
        }
        tests
    }

    /// The loop, if nothing in the arguments of a call changes from turn to turn.
    fn invariant(&self, at: ExprRef, turn: Span) -> Option<Span> {
        let words = FlowWords::embedded();
        let args = self.args_of(at)?;
        let facts = self.facts(at.file);
        let wanted = self.wanted(args, turn);
        let index = self.flow_index(turn.file);
        if index.assigned(turn).any(|one| !one.set.is_disjoint(&wanted)) {
            return None;
        }
        // What a call in its arguments gives may change with every turn.
        let calls = facts.exprs.iter().filter(|node| node.start >= args.start && node.end <= args.end);
        for node in calls {
            if let Expr::Call(call) = &node.kind {
                let name = index::last_name(facts, call.callee)?;
                if !words.same.iter().any(|same| *same == name) {
                    return None;
                }
            }
        }
        Some(turn)
    }

    /// What ends a `while` loop.
    fn exit(&self, at: ExprRef, turn: Span, test: Option<ExprId>) -> Exit {
        let words = FlowWords::embedded();
        let facts = self.facts(at.file);
        let carries = self.tainted(self.span(at), turn);
        let mut tests = self.exits(turn);
        tests.extend(test.map(|id| self.span(ExprRef { file: at.file, id })));
        let by_answer = tests.iter().copied().find(|test| !self.names_in(*test).is_disjoint(&carries));
        let by_bound = tests.iter().copied().find(|test| self.is_bound(*test, words));
        let waits = facts.exprs.iter().find_map(|node| {
            let inside = node.start >= turn.start && node.end <= turn.end;
            match &node.kind {
                Expr::Call(call) if inside => {
                    let name = index::last_name(facts, call.callee)?;
                    let waits = words.waits.iter().any(|word| *word == name) || FlowWords::holds(&words.people, &name);
                    waits.then_some(Span { file: at.file, start: node.start, end: node.end })
                }
                _ => None,
            }
        });
        let (by_failure, by_success) = self.ways_out(turn);
        Exit { place: turn, by_answer, by_bound, by_failure, by_success, waits }
    }

    /// Ways out of a loop: through the handler of a failure, and otherwise.
    fn ways_out(&self, turn: Span) -> (Option<Span>, Option<Span>) {
        let facts = self.facts(turn.file);
        let (mut failure, mut success) = (None, None);
        for stmt in facts.functions.iter().flat_map(|function| &function.body) {
            let inside = stmt.start >= turn.start && stmt.start < turn.end;
            if !inside || !matches!(stmt.kind, StmtKind::Break | StmtKind::Return(_) | StmtKind::Raise(_)) {
                continue;
            }
            let place = Span { file: turn.file, start: stmt.start, end: stmt.start };
            let handled = facts
                .contexts_from(stmt.context)
                .take_while(|(_, context)| context.start >= turn.start && context.end <= turn.end)
                .any(|(_, context)| matches!(context.kind, ContextKind::Handler { .. }));
            // Behind the guarded part, whatever came of it: nothing is tried again.
            let own = facts.context(stmt.context);
            let last = own.start == turn.start && own.end == turn.end && !matches!(stmt.kind, StmtKind::Raise(_));
            let again = || self.sources[turn.file.0 as usize].slice(turn.start, turn.end).contains("continue");
            if handled || last && !again() {
                failure.get_or_insert(place);
            } else if !matches!(stmt.kind, StmtKind::Raise(_)) {
                success.get_or_insert(place);
            }
        }
        (failure, success)
    }

    /// What paces the calls of a function on purpose.
    fn paced(&self, at: ExprRef) -> Option<Span> {
        let words = FlowWords::embedded();
        let facts = self.facts(at.file);
        let own = facts.function(self.node(at).function);
        facts.exprs.iter().find_map(|node| match &node.kind {
            Expr::Call(call) if node.start >= own.start && node.end <= own.end => {
                let name = index::last_name(facts, call.callee)?;
                let paces = FlowWords::holds(&words.paces, &name);
                paces.then_some(Span { file: at.file, start: node.start, end: node.end })
            }
            _ => None,
        })
    }

    /// Whether a condition is one on a number, a budget or the time.
    fn is_bound(&self, test: Span, words: &FlowWords) -> bool {
        let facts = self.facts(test.file);
        let compares = facts.exprs.iter().any(|node| {
            node.start >= test.start
                && node.end <= test.end
                && matches!(&node.kind, Expr::Binary(op, _, _) if matches!(op.as_str(), "<" | ">" | "<=" | ">="))
        });
        let last = |name: &SmolStr| name.rsplit('.').next().unwrap_or("").to_owned();
        compares || self.names_in(test).iter().any(|name| FlowWords::holds(&words.bounds, &last(name)))
    }

    /// A retry around a call: a decorator of a function it stands in.
    pub(super) fn retry(&self, at: ExprRef) -> Option<Retry> {
        let words = FlowWords::embedded();
        self.enclosing(at).into_iter().find_map(|function| {
            let facts = self.facts(function.file);
            facts.function(function.id).decorators.iter().find_map(|&decorator| {
                let (callee, args) = match facts.expr(decorator) {
                    Expr::Call(call) => (call.callee, call.args.as_slice()),
                    _ => (decorator, &[][..]),
                };
                let name = index::last_name(facts, callee)?;
                if !words.retry.iter().any(|word| *word == name) {
                    return None;
                }
                // `retry(3)`, `retry(**policy)` say something that is not read here.
                let unknown = args.iter().any(|arg| {
                    arg.spread != Spread::No
                        || arg.name.is_none() && !matches!(facts.expr(arg.value), Expr::Attr(..) | Expr::Name(_))
                });
                let stops = args
                    .iter()
                    .any(|arg| arg.name.as_ref().is_some_and(|name| words.stops.iter().any(|stop| stop == name)));
                let own = self.exported_here(function.file, &name);
                Some(Retry {
                    place: self.span(ExprRef { file: function.file, id: decorator }),
                    bounded: stops || unknown || own,
                })
            })
        })
    }

    /// Whether a name is not one of the known libraries of retries: a decorator of the program itself stops by its own
    /// rules.
    fn exported_here(&self, file: FileId, name: &SmolStr) -> bool {
        !self.facts(file).imports.iter().any(|import| {
            let known = ["tenacity", "backoff", "retrying", "retry"];
            known.contains(&import.module.as_str()) && (import.local == *name || import.name.is_none())
        })
    }

    pub(super) fn memo(&self, at: ExprRef) -> Option<Span> {
        let words = FlowWords::embedded();
        self.enclosing(at).into_iter().find_map(|function| {
            let facts = self.facts(function.file);
            facts.function(function.id).decorators.iter().find_map(|&decorator| {
                let callee = match facts.expr(decorator) {
                    Expr::Call(call) => call.callee,
                    _ => decorator,
                };
                let name = index::last_name(facts, callee)?;
                let keeps = words.memo.iter().any(|word| *word == name);
                keeps.then(|| self.span(ExprRef { file: function.file, id: decorator }))
            })
        })
    }

    /// Whether an earlier call's answer decides if a later call runs: a branch or a choice around it, or a way out
    /// before it.
    pub(super) fn decides(&self, carries: &Names, earlier: Span, later: &CallSite) -> bool {
        let facts = self.facts(later.span.file);
        let reads = |test: ExprId| {
            let span = self.span(ExprRef { file: later.span.file, id: test });
            contains(span, earlier) || !self.names_in(span).is_disjoint(carries)
        };
        let arms: BTreeSet<u32> = later.flow.arms.iter().map(|(group, _)| *group).collect();
        let around = facts.contexts.iter().any(|context| match context.kind {
            ContextKind::Branch { group, test: Some(test), .. } => arms.contains(&group) && reads(test),
            _ => false,
        });
        if around || self.is_operand_behind(later, reads) {
            return true;
        }
        facts.functions.iter().any(|function| {
            function.body.iter().any(|stmt| {
                let between = stmt.start > earlier.start && stmt.start < later.span.start;
                between
                    && matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Raise(_) | StmtKind::Break)
                    && facts.contexts_from(stmt.context).any(|(_, context)| match context.kind {
                        ContextKind::Branch { test: Some(test), .. } => reads(test),
                        _ => false,
                    })
            })
        })
    }

    /// Whether a call stands in an expression that comes to it only after a test: `test ? x : await call()`,
    /// `test || await call()`.
    fn is_operand_behind(&self, call: &CallSite, reads: impl Fn(ExprId) -> bool) -> bool {
        let facts = self.facts(call.span.file);
        facts.exprs.iter().filter(|node| node.start <= call.span.start && call.span.end <= node.end).any(|node| {
            let test = match &node.kind {
                Expr::Cond { test, .. } => *test,
                Expr::Binary(op, left, _) if matches!(op.as_str(), "&&" | "||" | "??" | "and" | "or") => *left,
                _ => return false,
            };
            // A call within the test runs in any case; Python writes the test behind the value.
            let place = facts.node(test);
            (place.end <= call.span.start || call.span.end <= place.start) && reads(test)
        })
    }
}

pub(super) fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
