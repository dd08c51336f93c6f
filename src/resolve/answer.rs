//! What becomes of an answer: from the call through variables and returns to where it is parsed, compared or shown.

use super::World;
use super::value::*;
use crate::catalog::answers::AnswerWords;
use crate::program::{Answer, AnswerUse};
use crate::source::Span;
use crate::syntax::facts::*;

/// Returns followed to callers.
const RETURNS: u32 = 3;

/// Reads that are kept.
const READS: usize = 16;

struct Trace<'w> {
    words: &'w AnswerWords,
    reads: Vec<(Span, String, AnswerUse)>,
    names: Vec<String>,
    seen: Vec<ExprRef>,
}

impl World<'_> {
    /// What becomes of the answer of a call, and the names it is bound to.
    pub(super) fn answer(&self, at: ExprRef) -> (Answer, Vec<String>) {
        let mut trace =
            Trace { words: AnswerWords::embedded(), reads: Vec::new(), names: Vec::new(), seen: Vec::new() };
        self.follow(at, &mut trace, 0);
        // The most telling use wins: what is parsed is also stored and shown.
        const ORDER: [AnswerUse; 10] = [
            AnswerUse::Json,
            AnswerUse::Date,
            AnswerUse::Number,
            AnswerUse::Enum,
            AnswerUse::Bool,
            AnswerUse::List,
            AnswerUse::Code,
            AnswerUse::ToolLoop,
            AnswerUse::Text,
            AnswerUse::Ignored,
        ];
        let usage = ORDER
            .into_iter()
            .find(|usage| trace.reads.iter().any(|(_, _, seen)| seen == usage))
            .unwrap_or(AnswerUse::Unknown);
        let mut reads: Vec<(Span, String)> = trace.reads.into_iter().map(|(span, how, _)| (span, how)).collect();
        reads.sort_by_key(|(span, _)| *span);
        reads.dedup();
        reads.truncate(READS);
        (Answer { usage, reads }, trace.names)
    }

    fn read(&self, trace: &mut Trace<'_>, at: ExprRef, how: &str, usage: AnswerUse) {
        trace.reads.push((self.span(at), how.to_owned(), usage));
    }

    fn follow(&self, start: ExprRef, trace: &mut Trace<'_>, depth: u32) {
        if trace.seen.contains(&start) || trace.seen.len() > 120 {
            return;
        }
        trace.seen.push(start);
        let facts = self.facts(start.file);
        let at = |id: ExprId| ExprRef { file: start.file, id };
        let mut current = start.id;
        for _ in 0..64 {
            let Some(parent) = facts.node(current).parent else {
                return self.follow_statement(at(current), trace, depth);
            };
            match facts.expr(parent) {
                Expr::Attr(_, name) => {
                    if name == "tool_calls" || name == "toolCalls" || name == "function_call" {
                        self.read(trace, at(parent), name, AnswerUse::ToolLoop);
                    }
                    if name == "parsed" || name == "object" || name == "output_parsed" {
                        self.read(trace, at(parent), name, AnswerUse::Json);
                    }
                    current = parent;
                }
                Expr::Index(base, _) if *base == current => current = parent,
                Expr::Call(call) if call.callee == current => {
                    let name = super::index::last_name(facts, call.callee).unwrap_or_default();
                    match trace.words.of_callee(&name) {
                        // Members of SDK results that happen to be called like parsers.
                        Some(usage) if !trace.words.is_through(&name) => {
                            self.read(trace, at(parent), &format!(".{name}()"), usage);
                            if usage != AnswerUse::Text {
                                return;
                            }
                            current = parent;
                        }
                        _ => {
                            if name == "then"
                                && let Some(arg) = call.args.first()
                                && let Expr::Func(function) = facts.expr(arg.value)
                            {
                                self.follow_param(FnRef { file: start.file, id: *function }, 0, trace, depth);
                                return;
                            }
                            current = parent;
                        }
                    }
                }
                Expr::Call(call) => {
                    let name = super::index::last_name(facts, call.callee).unwrap_or_default();
                    if let Some(usage) = trace.words.of_callee(&name) {
                        self.read(trace, at(parent), &format!("{name}()"), usage);
                        return;
                    }
                    if trace.words.is_through(&name) {
                        current = parent;
                        continue;
                    }
                    return self.follow_argument(at(parent), current, &name, trace, depth);
                }
                Expr::Binary(operator, left, right) => match operator.as_str() {
                    "==" | "===" | "!=" | "!==" | "in" | "not in" => {
                        let other = if *left == current { *right } else { *left };
                        let usage = self.compared(at(other), trace.words);
                        self.read(trace, at(parent), &format!("{operator} {}", self.short(at(other))), usage);
                        return;
                    }
                    "<" | ">" | "<=" | ">=" => {
                        self.read(trace, at(parent), operator, AnswerUse::Number);
                        return;
                    }
                    _ => current = parent,
                },
                Expr::Cond { test, .. } if *test == current => {
                    self.read(trace, at(parent), "a condition", AnswerUse::Bool);
                    return;
                }
                Expr::Unary(operator, _) if matches!(operator.as_str(), "not" | "!") => {
                    return;
                }
                Expr::Template(_) | Expr::Concat(_) => {
                    self.read(trace, at(parent), "put into text", AnswerUse::Text);
                    return;
                }
                Expr::List(_) | Expr::Record(_) => {
                    self.read(trace, at(parent), "stored", AnswerUse::Text);
                    current = parent;
                }
                _ => current = parent,
            }
        }
    }

    fn compared(&self, other: ExprRef, words: &AnswerWords) -> AnswerUse {
        match self.expr(other) {
            Expr::Str(text) if words.is_yes_no(text) => AnswerUse::Bool,
            Expr::Bool(_) => AnswerUse::Bool,
            Expr::Num(_) => AnswerUse::Number,
            _ => AnswerUse::Enum,
        }
    }

    fn follow_statement(&self, root: ExprRef, trace: &mut Trace<'_>, depth: u32) {
        let facts = self.facts(root.file);
        let Some(&(function, place)) = self.index[root.file.0 as usize].roots.get(&root.id) else {
            return;
        };
        let stmt = &facts.function(function).body[place as usize];
        match &stmt.kind {
            StmtKind::Bind(target, _) | StmtKind::Append(target, _) => {
                self.follow_target(target, FnRef { file: root.file, id: function }, stmt.start, trace, depth);
            }
            StmtKind::Return(_) => self.follow_return(FnRef { file: root.file, id: function }, root, trace, depth),
            StmtKind::Expr(_) => {
                // A condition is lowered as a value of its own.
                let usage = if self.is_test(root) { AnswerUse::Bool } else { AnswerUse::Ignored };
                if usage == AnswerUse::Bool || trace.reads.is_empty() {
                    self.read(trace, root, "nothing", usage);
                }
            }
            _ => {}
        }
    }

    fn is_test(&self, root: ExprRef) -> bool {
        self.facts(root.file).contexts.iter().any(|context| match context.kind {
            ContextKind::Branch { test, .. } | ContextKind::While { test } => test == Some(root.id),
            _ => false,
        })
    }

    fn follow_target(&self, target: &Target, function: FnRef, start: u32, trace: &mut Trace<'_>, depth: u32) {
        match target {
            Target::Name(name) => {
                trace.names.push(name.to_string());
                let uses: Vec<ExprRef> = self.index[function.file.0 as usize]
                    .uses
                    .get(name)
                    .into_iter()
                    .flatten()
                    .map(|&id| ExprRef { file: function.file, id })
                    .filter(|&at| {
                        let node = self.node(at);
                        let inside = node.function == function.id || self.enclosing(at).contains(&function);
                        inside && node.start > start
                    })
                    .take(24)
                    .collect();
                for at in uses {
                    if self.is_test(at) {
                        continue;
                    }
                    self.follow(at, trace, depth);
                }
                if trace.reads.is_empty() {
                    self.read(trace, trace.seen[0], "bound", AnswerUse::Unknown);
                }
            }
            Target::Tuple(parts) => {
                for part in parts.iter().flatten() {
                    self.follow_target(part, function, start, trace, depth);
                }
            }
            Target::Object(fields) => {
                for field in fields {
                    if matches!(field.key.as_str(), "object" | "output" | "parsed") {
                        self.read(trace, trace.seen[0], &field.key, AnswerUse::Json);
                    }
                    self.follow_target(&Target::Name(field.local.clone()), function, start, trace, depth);
                }
            }
            Target::Attr(..) | Target::Index(..) => {
                self.read(trace, trace.seen[0], "stored", AnswerUse::Text);
            }
        }
    }

    fn follow_return(&self, function: FnRef, root: ExprRef, trace: &mut Trace<'_>, depth: u32) {
        self.read(trace, root, "returned", AnswerUse::Text);
        if depth >= RETURNS {
            return;
        }
        // A callback's answer is the answer of what runs it.
        let own = self.function(function);
        if let Some(site) = own.site {
            return self.follow(ExprRef { file: function.file, id: site }, trace, depth + 1);
        }
        for at in self.callers_of(function).into_iter().take(4) {
            self.follow(at, trace, depth + 1);
        }
    }

    /// An answer handed to a function of the program: what that does with its parameter.
    fn follow_argument(&self, call_at: ExprRef, arg: ExprId, name: &str, trace: &mut Trace<'_>, depth: u32) {
        let Expr::Call(call) = self.expr(call_at) else {
            return;
        };
        let frame = self.frame_of(call_at);
        let value = self.ask(ExprRef { file: call_at.file, id: call.callee }, &frame);
        let index = call.args.iter().position(|given| given.value == arg);
        let target = value.alternatives().iter().find_map(|one| match one {
            Value::Func(func) => Some(func.function),
            _ => None,
        });
        let keyword = index.and_then(|index| call.args[index].name.clone());
        match (target, index) {
            (Some(function), Some(index)) if depth < RETURNS => {
                let params = &self.function(function).params;
                let index = match &keyword {
                    Some(keyword) => params.iter().position(|param| param.name == *keyword),
                    None => Some(index),
                };
                let before = trace.reads.len();
                if let Some(index) = index {
                    self.follow_param(function, index, trace, depth + 1);
                }
                let _ = before;
                // What the function gives back is the answer in another form.
                self.follow(call_at, trace, depth + 1);
            }
            _ => {
                let lower = name.to_lowercase();
                let usage = if lower.contains("json") { AnswerUse::Json } else { AnswerUse::Text };
                self.read(trace, call_at, &format!("{name}()"), usage);
            }
        }
    }

    fn follow_param(&self, function: FnRef, index: usize, trace: &mut Trace<'_>, depth: u32) {
        let own = self.function(function);
        let Some(param) = own.params.get(index) else {
            return;
        };
        match &param.kind {
            ParamKind::Object(fields) => {
                for field in fields {
                    self.follow_target(&Target::Name(field.local.clone()), function, own.start, trace, depth);
                }
            }
            _ => {
                let target = Target::Name(param.name.clone());
                self.follow_target(&target, function, param.end, trace, depth);
            }
        }
    }
}
