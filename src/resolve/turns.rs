//! How a call stands in the flow of the program: histories, ends of loops, what turns and later calls read of answers.
//!
//! Values are followed by name within one function. That is coarse on purpose: a name that could carry an answer is
//! taken to carry it, so that independence is only claimed where it is certain.

use std::collections::BTreeSet;
use std::rc::Rc;

use smol_str::SmolStr;

use super::value::*;
use super::wrappers::Site;
use super::{World, index};
use crate::catalog::flow::FlowWords;
use crate::program::*;
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

/// Names of arguments and fields that hold the messages so far.
const HISTORIES: &[&str] = &[
    "messages",
    "history",
    "chat_history",
    "chatHistory",
    "contents",
    "input",
    "conversation",
    "message_history",
    "messageHistory",
    "context",
    "prompt",
];

/// Methods that add to what they are called on.
const ADDS: &[&str] = &["append", "extend", "push", "add", "concat", "insert", "add_message", "addMessage"];

type Names = BTreeSet<SmolStr>;

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
struct Assignment {
    at: u32,
    /// Whether it gives a loop's variable its next value.
    next: bool,
    set: Names,
    value: (u32, u32),
    reads: Names,
}

impl FlowIndex {
    fn within(&self, start: u32, end: u32) -> Names {
        let from = self.names.partition_point(|(at, _, _)| *at < start);
        let inside = self.names[from..].iter().take_while(|(at, _, _)| *at < end);
        inside.filter(|(_, to, _)| *to <= end).map(|(_, _, name)| name.clone()).collect()
    }

    fn assigned(&self, within: Span) -> impl Iterator<Item = &Assignment> {
        let from = self.assignments.partition_point(|one| one.at < within.start);
        self.assignments[from..].iter().take_while(move |one| one.at < within.end)
    }
}

impl World<'_> {
    pub(super) fn turns(&self, site: &Site) -> Flow {
        let at = site.at();
        let facts = self.facts(at.file);
        let node = self.node(at);
        let mut flow =
            Flow { entry: self.entry(at), awaited: self.awaited(at), paced: self.paced(at), ..Flow::default() };
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
            flow.carried = self.carried(at, place);
            flow.invariant = self.invariant(at, place);
            if let ContextKind::While { test } = around.kind {
                flow.exit = Some(self.exit(at, place, test));
            }
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
                if self.decides(&carries, earlier, call) {
                    decided.push(earlier.span);
                }
            }
            reads.reverse();
            decided.reverse();
            calls[later].flow.reads = reads;
            calls[later].flow.decided_by = decided;
        }
    }

    /// Whether `await` stands before a call.
    fn awaited(&self, at: ExprRef) -> bool {
        let span = self.span(at);
        let source = &self.sources[at.file.0 as usize];
        let (line, _) = source.line_range(source.position(span.start).line);
        source.slice(line.min(span.start), span.start).trim_end().ends_with("await")
    }

    /// Names within a place: variables, and attributes of `self` as `self.x`.
    fn names_in(&self, place: Span) -> Names {
        self.flow_index(place.file).within(place.start, place.end)
    }

    /// The names and assignments of a file, found once.
    fn flow_index(&self, file: FileId) -> Rc<FlowIndex> {
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

    fn target_names(&self, target: &Target, facts: &FileFacts, names: &mut Names) {
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
    fn base_name(&self, facts: &FileFacts, at: ExprId, names: &mut Names) {
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
    fn tainted(&self, from: Span, within: Span) -> Names {
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
    fn wanted(&self, place: Span, within: Span) -> Names {
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

    fn args_of(&self, at: ExprRef) -> Option<Span> {
        let Expr::Call(call) = self.expr(at) else { return None };
        let whole = self.span(at);
        let callee = self.span(ExprRef { file: at.file, id: call.callee });
        Some(Span { start: callee.end.min(whole.end), ..whole })
    }

    /// What of an earlier turn's answer a call reads: a name that carries it, or a condition on it that ends the loop.
    fn carried(&self, at: ExprRef, turn: Span) -> Option<Span> {
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
            if handled {
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

    /// Messages that are added to and sent again: in the loop around the call, or over the life of an object.
    fn history(&self, at: ExprRef, turn: Option<(u32, u32)>) -> Option<History> {
        let Expr::Call(call) = self.expr(at) else { return None };
        let facts = self.facts(at.file);
        let mut held: Vec<ExprId> = Vec::new();
        for arg in &call.args {
            match facts.expr(arg.value) {
                Expr::Record(entries) => held.extend(
                    entries
                        .iter()
                        .filter(|entry| entry.key.as_ref().is_some_and(|key| HISTORIES.contains(&key.as_str())))
                        .map(|entry| entry.value),
                ),
                _ if arg.name.as_ref().is_none_or(|name| HISTORIES.contains(&name.as_str())) => held.push(arg.value),
                _ => {}
            }
        }
        // `[system] + history`, `[system, ...history]`.
        let mut parts: Vec<ExprId> = Vec::new();
        for id in held {
            match facts.expr(id) {
                Expr::Concat(all) => parts.extend(all),
                Expr::List(all) => parts.extend(all.iter().filter(|one| one.spread).map(|one| one.value)),
                _ => parts.push(id),
            }
        }
        parts.into_iter().find_map(|id| self.grows(ExprRef { file: at.file, id }, at, turn))
    }

    fn grows(&self, held: ExprRef, at: ExprRef, turn: Option<(u32, u32)>) -> Option<History> {
        let words = FlowWords::embedded();
        let facts = self.facts(held.file);
        let own = match facts.expr(held.id) {
            Expr::Name(name) if name != "self" => name.clone(),
            Expr::Attr(base, name) if matches!(facts.expr(*base), Expr::Name(base) if base == "self") => {
                SmolStr::from(format!("self.{name}"))
            }
            _ => return None,
        };
        let lasting = own.starts_with("self.");
        let here = self.node(at).function;
        let mut grown = None;
        for (number, function) in facts.functions.iter().enumerate() {
            for stmt in &function.body {
                let (adds, value) = match &stmt.kind {
                    StmtKind::Append(target, value) => {
                        let mut names = Names::new();
                        self.target_names(target, facts, &mut names);
                        (names.contains(&own), *value)
                    }
                    StmtKind::Expr(value) => {
                        let Expr::Call(call) = facts.expr(*value) else { continue };
                        let Expr::Attr(base, method) = facts.expr(call.callee) else { continue };
                        let mut names = Names::new();
                        self.base_name(facts, *base, &mut names);
                        (ADDS.contains(&method.as_str()) && names.contains(&own), *value)
                    }
                    // Set anew where the call stands: it does not outlive the function.
                    StmtKind::Bind(target, _) if lasting && FnId(number as u32) == here => {
                        let mut names = Names::new();
                        self.target_names(target, facts, &mut names);
                        let anew = names.contains(&own) && matches!(target, Target::Attr(..));
                        if anew {
                            return None;
                        }
                        continue;
                    }
                    _ => continue,
                };
                let in_turn = turn.is_some_and(|(start, end)| stmt.start >= start && stmt.start < end);
                if adds && (in_turn || lasting) && grown.is_none() {
                    grown = Some(self.span(ExprRef { file: held.file, id: value }));
                }
            }
        }
        let grows = grown?;
        let trimmed = self.trimmed(&own, held, words);
        Some(History { name: own.to_string(), grows, trimmed })
    }

    /// Where a history is cut, summarised or windowed.
    fn trimmed(&self, own: &SmolStr, held: ExprRef, words: &FlowWords) -> Option<Span> {
        let facts = self.facts(held.file);
        let last = own.rsplit('.').next().unwrap_or(own);
        let is_own = |id: ExprId| match facts.expr(id) {
            Expr::Name(name) | Expr::Attr(_, name) => name == last,
            _ => false,
        };
        let place = |node: &ExprNode| Span { file: held.file, start: node.start, end: node.end };
        facts.exprs.iter().find_map(|node| match &node.kind {
            // `messages[-20:]`; `messages[0]` and `messages[-1]` read one.
            Expr::Index(base, key) if is_own(*base) => {
                let plain = matches!(facts.expr(*key), Expr::Num(_) | Expr::Str(_) | Expr::Name(_) | Expr::Unary(..));
                (!plain).then(|| place(node))
            }
            Expr::Call(call) => {
                let name = index::last_name(facts, call.callee)?;
                let on_it = matches!(facts.expr(call.callee), Expr::Attr(base, _) if is_own(*base));
                let handed = call.args.iter().any(|arg| is_own(arg.value));
                ((on_it || handed) && FlowWords::holds(&words.trims, &name)).then(|| place(node))
            }
            _ => None,
        })
    }

    /// A retry around a call: a decorator of a function it stands in.
    fn retry(&self, at: ExprRef) -> Option<Retry> {
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

    fn memo(&self, at: ExprRef) -> Option<Span> {
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

    /// Whether an earlier call's answer decides if a later call runs: a branch around it, or a way out before it.
    fn decides(&self, carries: &Names, earlier: &CallSite, later: &CallSite) -> bool {
        let facts = self.facts(later.span.file);
        let reads = |test: ExprId| {
            let span = self.span(ExprRef { file: later.span.file, id: test });
            contains(span, earlier.span) || !self.names_in(span).is_disjoint(carries)
        };
        let arms: BTreeSet<u32> = later.flow.arms.iter().map(|(group, _)| *group).collect();
        let around = facts.contexts.iter().any(|context| match context.kind {
            ContextKind::Branch { group, test: Some(test), .. } => arms.contains(&group) && reads(test),
            _ => false,
        });
        if around {
            return true;
        }
        facts.functions.iter().any(|function| {
            function.body.iter().any(|stmt| {
                let between = stmt.start > earlier.span.start && stmt.start < later.span.start;
                between
                    && matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Raise(_) | StmtKind::Break)
                    && facts.contexts_from(stmt.context).any(|(_, context)| match context.kind {
                        ContextKind::Branch { test: Some(test), .. } => reads(test),
                        _ => false,
                    })
            })
        })
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
