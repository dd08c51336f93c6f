//! Messages that are added to and sent again.

use smol_str::SmolStr;

use super::dataflow::Names;
use super::value::*;
use super::{World, index};
use crate::catalog::flow::FlowWords;
use crate::program::*;
use crate::source::Span;
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

impl World<'_> {
    /// Messages that are added to and sent again: in the loop around the call, or over the life of an object.
    pub(super) fn history(&self, at: ExprRef, turn: Option<(u32, u32)>) -> Option<History> {
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

    /// What a call sends to a wrapper that keeps what comes of its answers on its object, and sends that again with the
    /// next: a conversation, whoever asks.
    pub(super) fn kept_by_wrapper(&self, chain: &[ExprRef]) -> Option<Span> {
        let (&asked, inner) = chain.split_first()?;
        let keeps = |&&at: &&ExprRef| {
            let own = self.facts(at.file).function(self.node(at).function);
            let body = Span { file: at.file, start: own.start, end: own.end };
            let kept = self.tainted(self.span(at), body);
            self.args_of(at)
                .is_some_and(|args| self.wanted(args, body).intersection(&kept).any(|name| name.starts_with("self.")))
        };
        inner.iter().find(keeps).and_then(|_| self.args_of(asked))
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
                    // Set anew in each turn, to something that it was not made of: nothing grows.
                    StmtKind::Bind(target, value)
                        if turn.is_some_and(|(start, end)| stmt.start >= start && stmt.start < end) =>
                    {
                        let mut names = Names::new();
                        self.target_names(target, facts, &mut names);
                        let node = facts.node(*value);
                        let place = Span { file: held.file, start: node.start, end: node.end };
                        if names.contains(&own) && !self.names_in(place).contains(&own) {
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
    pub(super) fn trimmed(&self, own: &SmolStr, held: ExprRef, words: &FlowWords) -> Option<Span> {
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
}
