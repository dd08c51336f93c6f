//! How often a call runs: loops around it, in its own function and in the callbacks it stands in.

use super::World;
use super::value::*;
use super::wrappers::Site;
use crate::program::{LoopKind, Repeats, Surroundings};
use crate::source::Span;
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

impl World<'_> {
    pub(super) fn repeats(&self, at: ExprRef, _site: &Site) -> Repeats {
        let facts = self.facts(at.file);
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
                && let Expr::Attr(_, method) = facts.expr(call.callee)
                && PER_ITEM.contains(&method.as_str())
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

    /// A `return` under a condition before the call, in the same function: the call sees only what was left over.
    fn after_check(&self, at: ExprRef) -> Option<Span> {
        let node = self.node(at);
        let facts = self.facts(at.file);
        let own = facts.function(node.function);
        own.body.iter().take_while(|stmt| stmt.start < node.start).find_map(|stmt| {
            let StmtKind::Return(Some(value)) = stmt.kind else {
                return None;
            };
            if matches!(
                facts.expr(value),
                Expr::Null | Expr::Bool(false) | Expr::Str(_) | Expr::List(_) | Expr::Record(_)
            ) {
                return None;
            }
            let guarded = facts
                .contexts_from(stmt.context)
                .any(|(_, context)| matches!(context.kind, ContextKind::Branch { .. }));
            guarded.then(|| self.span(ExprRef { file: at.file, id: value }))
        })
    }
}
