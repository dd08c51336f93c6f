//! How often a call runs: loops around it, in its own function and in the callbacks it stands in.

use super::World;
use super::value::*;
use crate::program::{LoopKind, Repeats, Surroundings};
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

/// Methods that run a function once for each item.
const PER_ITEM: &[&str] = &[
    "map",
    "forEach",
    "flatMap",
    "filter",
    "reduce",
    "some",
    "every",
    "imap",
    "imap_unordered",
    "starmap",
    "apply",
    "for_each",
    "mapSeries",
    "each",
];

/// Guarded returns before a call that are looked at.
const GUARDS: usize = 8;

/// Callers of a function that are looked at in a step.
const CALLERS: usize = 8;

/// Whether a call runs what it is handed once for each item.
pub(super) fn runs_per_item(facts: &FileFacts, call: &Call) -> bool {
    matches!(facts.expr(call.callee), Expr::Attr(_, method) if PER_ITEM.contains(&method.as_str()))
}

/// Whether a call hands the items of a list to a function, one at a time: `pool.map(ask, rows)`, `map(ask, rows)`.
fn is_spread_over_items(facts: &FileFacts, call: &Call) -> bool {
    let own = matches!(facts.expr(call.callee), Expr::Name(name) if name == "map");
    call.args.len() > 1 && (own || runs_per_item(facts, call))
}

impl World<'_> {
    /// The loop over items in which the function of a call is called, if its turns do not feed each other, none of them
    /// ends it, and nothing else is asked of a model in it: a pipeline is no batch. For calls that stand in no loop
    /// themselves. With `here`, only a loop at the top level of a file counts.
    pub(super) fn outer(&self, at: ExprRef, here: bool) -> Option<Span> {
        let function = self.enclosing(at).into_iter().next()?;
        let top = |place: ExprRef| !here || self.node(place).function == MODULE;
        if let Some(&map) = self.mapped(function).iter().find(|&&map| top(map)) {
            return Some(self.span(map));
        }
        let callers = self.callers_of(function).into_iter().take(CALLERS).filter(|&caller| top(caller));
        callers.into_iter().find_map(|caller| {
            let repeats = self.repeats(caller);
            let place = repeats.place.filter(|_| repeats.kind == LoopKind::PerItem)?;
            (self.is_over_items(caller.file, place) && self.carried(caller, place).is_none() && !self.ends_early(place))
                .then_some(place)
        })
    }

    /// Whether a loop runs over things, not over tries: `range(3)` counts, `range(0, len(rows), 20)` cuts rows up.
    fn is_over_items(&self, file: FileId, place: Span) -> bool {
        let text = self.sources[file.0 as usize].slice(place.start, place.end);
        let head = text.lines().next().unwrap_or("");
        !head.contains("range(") || head.contains("len(")
    }

    /// The calls that run a function of the program once for each item: `rows.map(summarize)`.
    pub(super) fn mapped(&self, function: FnRef) -> Vec<ExprRef> {
        let name = &self.function(function).name;
        let handed = self.handed.get(name).map(Vec::as_slice).unwrap_or_default();
        handed
            .iter()
            .filter_map(|&at| {
                let facts = self.facts(at.file);
                let parent = facts.node(at.id).parent?;
                let Expr::Call(call) = facts.expr(parent) else { return None };
                let is_it = |one: &Value| matches!(one, Value::Func(func) if func.function == function);
                let runs =
                    runs_per_item(facts, call) && self.ask(at, &self.frame_of(at)).alternatives().iter().any(is_it);
                runs.then_some(ExprRef { file: at.file, id: parent })
            })
            .take(CALLERS)
            .collect()
    }

    pub(super) fn repeats(&self, at: ExprRef) -> Repeats {
        let facts = self.facts(at.file);
        if let Expr::Call(call) = facts.expr(at.id)
            && is_spread_over_items(facts, call)
        {
            return Repeats { kind: LoopKind::PerItem, bound: None, place: Some(self.span(at)) };
        }
        let mut context = self.node(at).context;
        let mut function = self.node(at).function;
        loop {
            for (_, around) in facts.contexts_from(context) {
                let place = Some(Span { file: at.file, start: around.start, end: around.end });
                match around.kind {
                    ContextKind::ForEach { over } | ContextKind::Comprehension { over } => {
                        return self.for_each(at, ExprRef { file: at.file, id: over }, place);
                    }
                    ContextKind::While { .. } => {
                        let retry = self.catches(at, around.start, around.end);
                        let kind = if retry { LoopKind::Retry } else { LoopKind::Agent };
                        return Repeats { kind, bound: None, place };
                    }
                    _ => {}
                }
            }
            // A callback runs as often as what it is handed to says.
            let own = facts.function(function);
            let Some(site) = own.site else { break };
            if let Some(parent) = facts.node(site).parent
                && let Expr::Call(call) = facts.expr(parent)
                && runs_per_item(facts, call)
                && call.args.iter().any(|arg| arg.value == site)
            {
                let place = Some(self.span(ExprRef { file: at.file, id: parent }));
                return Repeats { kind: LoopKind::PerItem, bound: None, place };
            }
            context = facts.node(site).context;
            function = facts.node(site).function;
        }
        Repeats { kind: LoopKind::None, bound: None, place: None }
    }

    /// A `for` loop: over items, or over a number of tries or turns.
    fn for_each(&self, at: ExprRef, over: ExprRef, place: Option<Span>) -> Repeats {
        if let Expr::Call(call) = self.expr(over)
            && matches!(self.expr(ExprRef { file: at.file, id: call.callee }), Expr::Name(name) if name == "range")
        {
            let bound = call.args.last().and_then(|arg| {
                match self.ask(ExprRef { file: at.file, id: arg.value }, &self.frame_of(at)) {
                    Value::Num(text, _) => text.parse().ok(),
                    Value::Hole(hole) => match &hole.default {
                        Some(Value::Num(text, _)) => text.parse().ok(),
                        _ => None,
                    },
                    _ => None,
                }
            });
            let span = place.unwrap_or_else(|| self.span(at));
            let kind = if self.catches(at, span.start, span.end) { LoopKind::Retry } else { LoopKind::PerItem };
            return Repeats { kind, bound, place };
        }
        let bound = match self.ask(over, &self.frame_of(at)) {
            Value::List(list) if !list.open => Some(list.items.len() as u64),
            _ => None,
        };
        Repeats { kind: LoopKind::PerItem, bound, place }
    }

    /// Whether the call stands in a `try` inside the loop, so that a turn is another attempt.
    fn catches(&self, at: ExprRef, start: u32, end: u32) -> bool {
        let facts = self.facts(at.file);
        facts.contexts_from(self.node(at).context).any(|(_, context)| {
            matches!(context.kind, ContextKind::Try { .. }) && context.start >= start && context.end <= end
        })
    }

    /// What stands around a call that bears on the verdict.
    pub(super) fn surroundings(&self, at: ExprRef, names: &[String]) -> Surroundings {
        let facts = self.facts(at.file);
        let mut handler = None;
        let mut context = self.node(at).context;
        let mut function = self.node(at).function;
        for _ in 0..4 {
            for (_, around) in facts.contexts_from(context) {
                if matches!(around.kind, ContextKind::Handler { .. }) {
                    handler.get_or_insert(Span { file: at.file, start: around.start, end: around.end });
                }
            }
            let Some(site) = facts.function(function).site else {
                break;
            };
            context = facts.node(site).context;
            function = facts.node(site).function;
        }
        let mut named = self.node(at).function;
        while facts.function(named).name.is_empty() && named != MODULE {
            named = facts.function(named).parent;
        }
        Surroundings {
            handler,
            after_check: self.after_check(at),
            function_name: facts.function(named).name.to_string(),
            answer_names: names.to_vec(),
        }
    }

    /// A `return` of what a lookup or pattern found, before the call in the same function: the call sees only what was
    /// left over. A guard that turns bad requests away or gives the input back is none.
    fn after_check(&self, at: ExprRef) -> Option<Span> {
        let node = self.node(at);
        let facts = self.facts(at.file);
        let own = facts.function(node.function);
        let is_found = |stmt: &Stmt, value: ExprId| {
            let test = facts.contexts_from(stmt.context).find_map(|(_, context)| match context.kind {
                ContextKind::Branch { test, .. } => test,
                _ => None,
            });
            test.is_some_and(|test| self.is_what_was_tested(at.file, own, test, value))
        };
        own.body
            .iter()
            .take_while(|stmt| stmt.start < node.start)
            .filter_map(|stmt| match stmt.kind {
                StmtKind::Return(Some(value)) => Some((stmt, value)),
                _ => None,
            })
            .take(GUARDS)
            .find_map(|(stmt, value)| is_found(stmt, value).then(|| self.span(ExprRef { file: at.file, id: value })))
    }

    /// Whether a returned value is what its condition looked for: a name that the function computed and the condition
    /// tests (`if hit: return hit.group()`), or the entry that the condition found (`if x in table: return table[x]`).
    fn is_what_was_tested(&self, file: FileId, own: &Function, test: ExprId, value: ExprId) -> bool {
        let facts = self.facts(file);
        let tested = self.names_within(file, test);
        let given = self.names_within(file, value);
        if let Expr::Index(base, _) = facts.expr(value) {
            let base = self.names_within(file, *base);
            return base.iter().any(|name| tested.contains(name)) && given.iter().all(|name| tested.contains(name));
        }
        let computed = |name: &str| {
            own.body.iter().any(|stmt| match &stmt.kind {
                StmtKind::Bind(Target::Name(bound), from) => {
                    bound == name && matches!(facts.expr(*from), Expr::Call(_) | Expr::Index(..) | Expr::Binary(..))
                }
                _ => false,
            })
        };
        given.first().is_some_and(|name| tested.contains(name) && computed(name))
    }

    /// The names that stand in an expression, in order.
    fn names_within(&self, file: FileId, id: ExprId) -> Vec<&str> {
        let facts = self.facts(file);
        let (start, end) = (facts.node(id).start, facts.node(id).end);
        let mut found: Vec<(u32, &str)> = facts
            .exprs
            .iter()
            .filter(|node| start <= node.start && node.end <= end)
            .filter_map(|node| match &node.kind {
                Expr::Name(name) => Some((node.start, name.as_str())),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, name)| name).collect()
    }
}
