//! Which calls reach a model: the join of what a callee is with what the SDK tables know.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::catalog::sdk::{Client, Operation, Sdk};
use crate::source::FileId;
use crate::syntax::facts::*;

/// An operation of an SDK table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct OpRef {
    pub(super) sdk: u32,
    pub(super) op: u32,
}

/// A call that reaches a model by an SDK.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// The call.
    pub(super) at: ExprRef,
    /// The operation.
    pub(super) op: OpRef,
    /// The object it is called on.
    pub(super) receiver: Option<Rc<ClientValue>>,
    /// Whether only the path and keywords speak for it.
    pub(super) weak: bool,
    /// Whether that object is a parameter: its instructions are those of what a caller passes.
    pub(super) handed: bool,
    /// Arguments before the operation's own: the callable itself where it is handed over by reference.
    pub(super) skip: usize,
}

impl World<'_> {
    /// Whether calls on a client count: it has a model where it needs one, and was made with what tells it apart.
    pub(super) fn may_ask(&self, client: &ClientValue) -> bool {
        let table = self.client_table(client);
        let told = || {
            let Some((call, _)) = &client.made else { return true };
            let span = self.span(*call);
            let text = self.sources[call.file.0 as usize].slice(span.start, span.end).to_lowercase();
            table.only_with.iter().any(|part| text.contains(part.as_str()))
        };
        self.has_its_model(client) && (table.only_with.is_empty() || told())
    }

    pub(super) fn sdk(&self, op: OpRef) -> &Sdk {
        &self.catalog.sdks()[op.sdk as usize]
    }

    pub(super) fn operation(&self, op: OpRef) -> &Operation {
        &self.sdk(op).operations[op.op as usize]
    }

    /// What the tables say of a client.
    pub(super) fn client_table(&self, client: &ClientValue) -> &Client {
        &self.catalog.sdks()[client.sdk as usize].clients[client.client as usize]
    }

    /// The client that a qualified name makes.
    pub(super) fn client_named(&self, path: &str, file: FileId) -> Option<(u32, u32)> {
        self.catalog.client_by_qualified(self.language(file).is_python(), path)
    }

    /// The client that calling a member of another gives.
    pub(super) fn client_from(&self, client: &ClientValue, path: &str) -> Option<u32> {
        self.catalog.client_from(client.sdk, client.client, path)
    }

    /// The operation that calling a member of a client is.
    pub(super) fn client_operation(&self, client: &ClientValue, path: &str) -> Option<OpRef> {
        self.catalog.operation_on(client.sdk, client.client, path).map(|op| OpRef { sdk: client.sdk, op })
    }

    /// The operation that a function outside the program is.
    pub(super) fn function_operation(&self, path: &str, file: FileId) -> Option<OpRef> {
        self.catalog.function_by_qualified(self.language(file).is_python(), path).map(|(sdk, op)| OpRef { sdk, op })
    }

    /// All calls that reach a model by an SDK, in order of path and place.
    pub(super) fn hits(&mut self) -> Vec<Hit> {
        let mut asking = std::mem::take(&mut self.asking);
        asking.extend(self.decorators.iter().filter_map(|name| self.calls.get(name)).flatten());
        asking.sort_unstable();
        asking.dedup();
        let mut hits = Vec::new();
        for at in asking {
            hits.extend(self.guarded(at.file, || self.hit(at).filter(|hit| self.has_its_prompt(hit))).flatten());
            self.files.rest();
        }
        hits
    }

    fn hit(&self, at: ExprRef) -> Option<Hit> {
        let Expr::Call(call) = self.expr(at) else {
            return None;
        };
        let facts = self.facts(at.file);
        let frame = self.frame_of(at);
        let callee_at = ExprRef { file: at.file, id: call.callee };
        let found = match facts.expr(call.callee) {
            Expr::Attr(base, method) => {
                self.method_hit(*base, method, call, at, &frame).or_else(|| self.held_hit(*base, callee_at, &frame))
            }
            // Most calls are of a function or class of the file.
            Expr::Name(name) if self.opened(at.file).is_defined(name, call.callee) => None,
            Expr::Name(name) => {
                let callee = self.ask(callee_at, &frame);
                callee.alternatives().iter().find_map(|one| match one {
                    Value::External(path) => self.function_operation(path, at.file).map(|op| (op, None, false)),
                    Value::Client(client) => {
                        self.client_operation(client, "()").map(|op| (op, Some(client.clone()), false))
                    }
                    Value::Member(client, path) => {
                        self.client_operation(client, path).map(|op| (op, Some(client.clone()), false))
                    }
                    Value::Hole(_) => self.weak_hit(name, call, at).map(|op| (op, None, true)),
                    _ => None,
                })
            }
            Expr::Call(_) | Expr::Index(..) => {
                let callee = self.ask(callee_at, &frame);
                callee.alternatives().iter().find_map(|one| match one {
                    Value::Client(client) => {
                        self.client_operation(client, "()").map(|op| (op, Some(client.clone()), false))
                    }
                    Value::External(path) => self.function_operation(path, at.file).map(|op| (op, None, false)),
                    Value::Func(func) => {
                        let client = self.decorated(func.function)?;
                        Some((self.client_operation(&client, "()")?, Some(client), false))
                    }
                    _ => None,
                })
            }
            _ => None,
        };
        let found = found.or_else(|| self.decorated_hit(callee_at, &frame));
        if let Some((op, receiver, weak)) = found {
            // An agent of a class outside the audited files is one by its name only.
            let weak = weak || self.catalog.unresolved().is_some_and(|(sdk, _)| sdk == op.sdk);
            let handed = receiver.is_some() && self.is_handed(call, at, &frame);
            return Some(Hit { at, op, receiver, weak, handed, skip: 0 });
        }
        self.handed_over(call, at, &frame)
    }

    /// `self.llm(prompt)`: an object kept on the instance and called itself.
    fn held_hit(
        &self,
        base: ExprId,
        callee: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<(OpRef, Option<Rc<ClientValue>>, bool)> {
        let facts = self.facts(callee.file);
        if !matches!(facts.expr(base), Expr::Name(name) if name == "self") {
            return None;
        }
        // A method of the class itself is no client; most calls on `self` are of one.
        if let Expr::Attr(_, name) = facts.expr(callee.id)
            && self.opened(callee.file).is_own_method(callee.id, name)
        {
            return None;
        }
        self.ask(callee, frame).alternatives().iter().find_map(|one| match one {
            Value::Client(client) => self.client_operation(client, "()").map(|op| (op, Some(client.clone()), false)),
            Value::Member(client, path) if client.given.is_some() => {
                self.client_operation(client, path).map(|op| (op, Some(client.clone()), false))
            }
            _ => None,
        })
    }

    fn method_hit(
        &self,
        base: ExprId,
        method: &SmolStr,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<(OpRef, Option<Rc<ClientValue>>, bool)> {
        if !self.catalog.is_operation_name(method) {
            return None;
        }
        let base_at = ExprRef { file: at.file, id: base };
        let value = self.ask(base_at, frame);
        let mut unresolved = false;
        for one in value.alternatives() {
            match one {
                Value::Client(client) => {
                    if let Some(op) = self.client_operation(client, method) {
                        return Some((op, Some(client.clone()), false));
                    }
                }
                Value::Member(client, path) => {
                    if let Some(op) = self.client_operation(client, &format!("{path}.{method}")) {
                        return Some((op, Some(client.clone()), false));
                    }
                }
                Value::External(path) => {
                    let full = if path.ends_with("#*") {
                        format!("{}#{method}", path.trim_end_matches("#*"))
                    } else {
                        format!("{path}.{method}")
                    };
                    if let Some(op) = self.function_operation(&full, at.file) {
                        return Some((op, None, false));
                    }
                    // A client that the SDK itself keeps: `Settings.llm`.
                    if let Some((sdk, client)) = self.client_named(path, at.file) {
                        let client = Rc::new(ClientValue { sdk, client, made: None, parts: Vec::new(), given: None });
                        if let Some(op) = self.client_operation(&client, method) {
                            return Some((op, Some(client), false));
                        }
                    }
                    unresolved = true;
                }
                // A module or client that is loaded when something is asked of it.
                Value::Instance(instance) => {
                    let found = match self.asked_for(instance, method, at) {
                        Some(Value::External(path)) => self.function_operation(&path, at.file).map(|op| (op, None)),
                        Some(Value::Member(client, path)) => {
                            self.client_operation(&client, &path).map(|op| (op, Some(client)))
                        }
                        _ => None,
                    };
                    let own = || {
                        let is_own = matches!(self.expr(base_at), Expr::Name(name) if name == "self" || name == "this");
                        let client = is_own.then(|| self.own_client(instance.class, method))??;
                        Some((self.client_operation(&client, method)?, Some(client)))
                    };
                    if let Some((op, client)) = found.or_else(own) {
                        return Some((op, client, false));
                    }
                }
                Value::Hole(hole) => {
                    if let Some((function, index)) = hole.param
                        && let Some(passed) = self.passed(function, index)
                    {
                        for one in passed.alternatives() {
                            if let Value::Client(client) = one
                                && self.is_plain(base_at)
                                && let Some(op) = self.client_operation(client, method)
                            {
                                return Some((op, Some(client.clone()), false));
                            }
                        }
                    }
                    unresolved = true;
                }
                Value::Foreign(_) | Value::Env(_) => unresolved = true,
                Value::Null => unresolved = true,
                _ => {}
            }
        }
        if !unresolved {
            return None;
        }
        let path = self.trailing_path(at.file, call.callee);
        self.weak_hit(&path, call, at)
            .or_else(|| self.catalog.request_operation(method).map(|(sdk, op)| OpRef { sdk, op }))
            .or_else(|| self.catalog.operation_by_end(&path).map(|(sdk, op)| OpRef { sdk, op }))
            .map(|op| (op, None, true))
    }

    /// Whether the object that a call is made on is a parameter.
    fn is_handed(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> bool {
        let base = match self.facts(at.file).expr(call.callee) {
            Expr::Attr(base, _) => *base,
            _ => call.callee,
        };
        matches!(self.ask(ExprRef { file: at.file, id: base }, frame), Value::Hole(hole) if hole.param.is_some())
    }

    /// Whether an expression is a name, or an attribute of the instance itself: not a field of something handed in.
    fn is_plain(&self, at: ExprRef) -> bool {
        match self.expr(at) {
            Expr::Name(_) => true,
            Expr::Attr(base, _) => {
                matches!(self.facts(at.file).expr(*base), Expr::Name(name) if name == "self")
            }
            _ => false,
        }
    }

    /// The member path at the end of a callee, as far as it is made of names: `chat.completions.create`.
    fn trailing_path(&self, file: FileId, callee: ExprId) -> String {
        let facts = self.facts(file);
        let mut parts = Vec::new();
        let mut id = callee;
        loop {
            match facts.expr(id) {
                Expr::Attr(base, name) => {
                    parts.push(name.as_str());
                    id = *base;
                }
                Expr::Name(name) => {
                    parts.push(name.as_str());
                    break;
                }
                _ => break,
            }
        }
        parts.reverse();
        parts.join(".")
    }

    /// An operation that the path and the keywords alone speak for.
    fn weak_hit(&self, path: &str, call: &Call, at: ExprRef) -> Option<OpRef> {
        if !self.catalog.may_be_weak(path) {
            return None;
        }
        let keys = self.keywords(call, at);
        if self.catalog.is_lookalike(path, &keys) {
            return None;
        }
        self.catalog.weak_operation(path, &keys).map(|(sdk, op)| OpRef { sdk, op })
    }

    /// Keywords of a call, or the keys of its options object.
    pub(super) fn keywords(&self, call: &Call, at: ExprRef) -> Vec<SmolStr> {
        let mut keys: Vec<SmolStr> = call.args.iter().filter_map(|arg| arg.name.clone()).collect();
        let frame = self.frame_of(at);
        for arg in &call.args {
            if arg.name.is_none() {
                let value = self.ask(ExprRef { file: at.file, id: arg.value }, &frame);
                if let Value::Record(record) = &value {
                    keys.extend(record.entries.iter().map(|(key, _)| key.clone()));
                }
            }
        }
        keys
    }

    /// `asyncio.to_thread(client.chat.completions.create, model=…)`: the operation stands among the arguments.
    fn handed_over(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Hit> {
        let facts = self.facts(at.file);
        for (index, arg) in call.args.iter().enumerate().take(3) {
            let Expr::Attr(base, method) = facts.expr(arg.value) else {
                continue;
            };
            if !self.catalog.is_operation_name(method) || call.args.len() < 2 {
                continue;
            }
            let value = self.ask(ExprRef { file: at.file, id: *base }, frame);
            for one in value.alternatives() {
                let (client, path) = match one {
                    Value::Client(client) => (client, method.to_string()),
                    Value::Member(client, path) => (client, format!("{path}.{method}")),
                    _ => continue,
                };
                if let Some(op) = self.client_operation(client, &path) {
                    return Some(Hit {
                        at,
                        op,
                        receiver: Some(client.clone()),
                        weak: false,
                        handed: false,
                        skip: index + 1,
                    });
                }
            }
        }
        None
    }
}
