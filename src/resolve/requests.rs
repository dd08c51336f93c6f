//! Requests that a helper sends: what it does inside is not followed, but it is handed the address and a body that only
//! a model's API takes, as the language's own function for requests is.

use rustc_hash::FxHashSet;

use super::World;
use super::args::Args;
use super::locate::{Hit, OpRef};
use super::value::*;
use crate::catalog::wrappers::WrapperWords;
use crate::program::CallKind;
use crate::syntax::facts::*;

impl World<'_> {
    /// Calls of helpers that send a request to a model, beside those that are `known` to reach one.
    pub(super) fn helper_requests(&mut self, known: &FxHashSet<ExprRef>) -> Vec<(Hit, CallKind)> {
        let Some((sdk, op)) = self.catalog.plain_request() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for at in std::mem::take(&mut self.requests) {
            if known.contains(&at) {
                continue;
            }
            let hit = Hit { at, op: OpRef { sdk, op }, receiver: None, weak: true, handed: false, skip: 0 };
            let kind = self.guarded(at.file, || self.helper_endpoint(&hit)).flatten();
            found.extend(kind.map(|kind| (hit, kind)));
            self.files.rest();
        }
        found
    }

    fn helper_endpoint(&self, hit: &Hit) -> Option<CallKind> {
        let frame = self.frame_of(hit.at);
        let Expr::Call(call) = self.expr(hit.at) else { return None };
        let callee = ExprRef { file: hit.at.file, id: call.callee };
        // What is made by an SDK, or is the language's own, is looked at where it is told apart.
        let is_helper = |one: &Value| matches!(one, Value::Func(_) | Value::Hole(_) | Value::Null | Value::External(_));
        if !self.ask(callee, &frame).alternatives().iter().all(is_helper) {
            return None;
        }
        let args = Args::new(self, hit, &frame)?;
        self.endpoint(hit, &args).or_else(|| self.callers_endpoint(hit, &args))
    }
}

/// Whether a call has the form of a request: a telling name, an address first, and a body among named values or in
/// an options object that is written out. Nothing else is looked at: this is asked of every call of the program.
pub(super) fn is_handed_request(facts: &FileFacts, call: &Call) -> bool {
    let (Expr::Name(name) | Expr::Attr(_, name)) = facts.expr(call.callee) else {
        return false;
    };
    let is_body = |name: &str| matches!(name, "body" | "json" | "data");
    let written = |arg: &Arg| match facts.expr(arg.value) {
        Expr::Record(entries) => {
            let has = |key: &dyn Fn(&str) -> bool| entries.iter().any(|entry| entry.key.as_deref().is_some_and(key));
            has(&is_body) && has(&|key| key == "method")
        }
        _ => false,
    };
    let given = |arg: &Arg| match &arg.name {
        Some(name) => is_body(name),
        None => arg.spread == Spread::No && written(arg),
    };
    // What has the name of a class makes something, which others send.
    let makes = call.is_new || name.starts_with(char::is_uppercase);
    !makes && call.args.len() > 1 && call.args.iter().any(given) && WrapperWords::embedded().requests(name)
}
