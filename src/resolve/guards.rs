//! Tests of a name around a call: `if model.startswith("claude"):` keeps other models from it.

use super::World;
use super::value::*;
use crate::syntax::facts::*;

/// How deep tests are taken apart.
const DEEP: u32 = 8;

impl World<'_> {
    /// Whether the branches around a call let it run where an expression of its function has a text.
    pub(super) fn lets_run(&self, at: ExprRef, named: ExprRef, text: &str) -> bool {
        if named.file != at.file || self.node(named).function != self.node(at).function {
            return true;
        }
        self.dotted(named).is_none_or(|name| self.runs_with(at, &name, text))
    }

    /// Whether a call runs with what its function is bound to, as far as texts decide it.
    pub(super) fn is_reached(&self, at: ExprRef, frame: &Frame) -> bool {
        const LONGEST: usize = 80;
        if self.node(at).function != frame.function.id {
            return true;
        }
        let changed = &self.index(at.file).names[frame.function.id.0 as usize];
        let params = self.function(frame.function).params.iter().zip(&frame.bound);
        let refutes = |(param, value): (&Param, &Option<Value>)| {
            let text = value.as_ref().and_then(Value::as_static).filter(|text| text.len() <= LONGEST);
            text.is_some_and(|text| !changed.contains_key(&param.name) && !self.runs_with(at, &param.name, &text))
        };
        !params.into_iter().any(refutes)
    }

    /// Whether the branches around a call let it run where a name of its function is a text.
    fn runs_with(&self, at: ExprRef, name: &str, text: &str) -> bool {
        let facts = self.facts(at.file);
        let says = |test: ExprId| self.says_of(ExprRef { file: at.file, id: test }, name, text, 0);
        // An arm runs where its own test holds, and none of the arms before it.
        let refuted = |id: CtxId, kind: &ContextKind| {
            let ContextKind::Branch { group, test, negated } = kind else { return false };
            let before = facts.contexts[..id.0 as usize].iter().any(|other| {
                matches!(other.kind, ContextKind::Branch { group: same, test: Some(test), negated: false }
                    if same == *group && says(test) == Some(true))
            });
            before || test.is_some_and(|test| says(test) == Some(*negated))
        };
        !facts.contexts_from(self.node(at).context).any(|(id, context)| refuted(id, &context.kind))
    }

    /// Whether any call of a function may hand it a text for a parameter, by the branches around the call.
    pub(super) fn some_caller_lets(&self, function: FnRef, index: u32, text: &str) -> bool {
        let params = &self.function(function).params;
        let Some(param) = params.get(index as usize) else { return true };
        let lets = |&at: &ExprRef| {
            let Expr::Call(call) = self.expr(at) else { return true };
            let named = call.args.iter().find(|arg| arg.name.as_ref() == Some(&param.name));
            let placed = || call.args.get(index as usize).filter(|arg| arg.name.is_none());
            named.or_else(placed).is_none_or(|arg| self.lets_run(at, ExprRef { id: arg.value, ..at }, text))
        };
        let callers = self.callers_of(function);
        callers.is_empty() || callers.iter().any(lets)
    }

    /// Whether a test holds where a name has a text, as far as nothing else decides it.
    fn says_of(&self, test: ExprRef, name: &str, text: &str, depth: u32) -> Option<bool> {
        if depth > DEEP {
            return None;
        }
        let sub = |id: ExprId| ExprRef { id, ..test };
        let says = |id: ExprId| self.says_of(sub(id), name, text, depth + 1);
        let of = |id: ExprId| self.text_of(sub(id), name, text, depth + 1);
        match self.expr(test) {
            Expr::Unary(operator, inner) if matches!(operator.as_str(), "not" | "!") => {
                says(*inner).map(|holds| !holds)
            }
            Expr::Binary(operator, left, right) => match operator.as_str() {
                "and" | "&&" => match (says(*left), says(*right)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (left, right) => Some(left? && right?),
                },
                "or" | "||" => match (says(*left), says(*right)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (left, right) => Some(left? || right?),
                },
                "==" | "===" => Some(of(*left)? == of(*right)?),
                "!=" | "!==" => Some(of(*left)? != of(*right)?),
                "in" => self.is_in(sub(*left), sub(*right), name, text, depth),
                "not in" => self.is_in(sub(*left), sub(*right), name, text, depth).map(|holds| !holds),
                _ => None,
            },
            Expr::Call(call) => {
                let Expr::Attr(base, method) = self.expr(sub(call.callee)) else { return None };
                let [arg] = &call.args[..] else { return None };
                if let (Expr::List(_), "includes") = (self.expr(sub(*base)), method.as_str()) {
                    return self.is_in(sub(arg.value), sub(*base), name, text, depth);
                }
                let (whole, part) = (of(*base)?, self.texts_of(sub(arg.value), name, text, depth)?);
                let any = |is_it: fn(&str, &str) -> bool| Some(part.iter().any(|part| is_it(&whole, part)));
                match method.as_str() {
                    "startswith" | "startsWith" => any(|whole, part| whole.starts_with(part)),
                    "endswith" | "endsWith" => any(|whole, part| whole.ends_with(part)),
                    "includes" => any(|whole, part| whole.contains(part)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `"gpt" in model`, `model in ("a", "b")`.
    fn is_in(&self, part: ExprRef, whole: ExprRef, name: &str, text: &str, depth: u32) -> Option<bool> {
        let part = self.text_of(part, name, text, depth + 1)?;
        match self.expr(whole) {
            Expr::List(_) => Some(self.texts_of(whole, name, text, depth)?.contains(&part)),
            _ => Some(self.text_of(whole, name, text, depth + 1)?.contains(&part)),
        }
    }

    /// The texts that an expression names: one, or a list that is written out.
    fn texts_of(&self, at: ExprRef, name: &str, text: &str, depth: u32) -> Option<Vec<String>> {
        match self.expr(at) {
            Expr::List(items) => items
                .iter()
                .map(|item| {
                    self.text_of(ExprRef { id: item.value, ..at }, name, text, depth + 1).filter(|_| !item.spread)
                })
                .collect(),
            _ => Some(vec![self.text_of(at, name, text, depth + 1)?]),
        }
    }

    /// The text of an expression that depends on nothing but a name.
    fn text_of(&self, at: ExprRef, name: &str, text: &str, depth: u32) -> Option<String> {
        if depth > DEEP {
            return None;
        }
        let sub = |id: ExprId| ExprRef { id, ..at };
        match self.expr(at) {
            Expr::Str(text) => Some(text.to_string()),
            Expr::Name(_) | Expr::Attr(..) => (self.dotted(at)? == name).then(|| text.to_owned()),
            Expr::Call(call) => {
                let Expr::Attr(base, method) = self.expr(sub(call.callee)) else { return None };
                let base = self.text_of(sub(*base), name, text, depth + 1)?;
                match (method.as_str(), &call.args[..]) {
                    ("lower" | "casefold" | "toLowerCase", []) => Some(base.to_lowercase()),
                    ("upper" | "toUpperCase", []) => Some(base.to_uppercase()),
                    ("strip" | "trim", []) => Some(base.trim().to_owned()),
                    _ => None,
                }
            }
            // `model.split("-")[0]`
            Expr::Index(parts, number) => {
                let (Expr::Call(call), Expr::Num(number)) = (self.expr(sub(*parts)), self.expr(sub(*number))) else {
                    return None;
                };
                let Expr::Attr(base, method) = self.expr(sub(call.callee)) else { return None };
                let [mark] = &call.args[..] else { return None };
                let Expr::Str(mark) = self.expr(sub(mark.value)) else { return None };
                let base = self.text_of(sub(*base), name, text, depth + 1)?;
                let part =
                    (method == "split" && !mark.is_empty()).then(|| base.split(&**mark).nth(number.parse().ok()?));
                part.flatten().map(str::to_owned)
            }
            _ => None,
        }
    }
}
