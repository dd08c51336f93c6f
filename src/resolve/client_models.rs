//! The model that a client was made with: its own, that of a client in its chain, or those of all that it may be.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::locate::Hit;
use super::models::Found;
use super::value::*;
use crate::syntax::facts::*;

impl World<'_> {
    /// The model that a client was made with, or that a client in its chain was.
    pub(super) fn client_model(&self, client: &Rc<ClientValue>, found: &mut Found, depth: u32) {
        let table = self.client_table(client);
        if let Some((call, frame)) = &client.made
            && let Expr::Call(made) = self.expr(*call)
        {
            let args = Args::of_call(self, made, *call, frame, 0);
            // What stands where a model may stand, and names none, is no reason to look no further.
            let mut open = None;
            for path in &table.model {
                if let Some((value, place)) = args.get_at(path) {
                    match self.named_model(client, &value) {
                        Some(named) => self.model_names(&named, None, found, depth + 1),
                        None => self.model_names(&value, place, found, depth + 1),
                    }
                    if !found.names.is_empty() {
                        return;
                    }
                    open = open.or(found.origin.take());
                }
            }
            found.origin = found.origin.or(open);
            if found.origin.is_some() && client.parts.is_empty() {
                return;
            }
        }
        if depth < 6 {
            for part in &client.parts {
                for one in part.alternatives() {
                    if let Value::Client(inner) = one {
                        let mut own = Found::default();
                        self.client_model(inner, &mut own, depth + 1);
                        found.add(own);
                    }
                }
                if !found.names.is_empty() {
                    return;
                }
            }
        }
        if let Some(default) = &table.model_default
            && client.made.is_some()
        {
            found.silent.get_or_insert_with(|| default.clone());
        }
    }

    /// The models of the other clients that a call may be made on: which of them a setting or a caller chooses.
    pub(super) fn models_of_others(&self, hit: &Hit, args: &Args<'_, '_>, found: &mut Found) {
        let (Some(known), Some(receivers)) = (&hit.receiver, self.receivers_at(hit, args.frame())) else { return };
        for one in receivers.alternatives() {
            if let Value::Client(other) | Value::Member(other, _) = one
                && !Rc::ptr_eq(other, known)
            {
                let mut own = Found::default();
                self.client_model(other, &mut own, 0);
                found.add(own);
            }
        }
    }

    /// The models behind a name of a router's own: `Router(model_list=[{"model_name": "fast", …}])`.
    pub(super) fn behind_alias(&self, client: &ClientValue, name: &Value) -> Option<Value> {
        let aliases = self.client_table(client).aliases.as_ref()?;
        let (call, frame) = client.made.as_ref()?;
        let Expr::Call(made) = self.expr(*call) else { return None };
        let name = name.as_static().or_else(|| self.default_text(name))?;
        let (list, _) = Args::of_call(self, made, *call, frame, 0).first(&aliases.list)?;
        let Value::List(list) = list else { return None };
        let models = list.items.iter().filter_map(|item| {
            let Value::Record(item) = item else { return None };
            let is_it = item.get(&aliases.name)?.as_static()? == name;
            let mut fields = aliases.model.iter();
            let first = item.get(fields.next()?).filter(|_| is_it)?;
            fields.try_fold(first.clone(), |value, field| match value {
                Value::Record(record) => record.get(field).cloned(),
                _ => None,
            })
        });
        Value::one_of(models.collect::<Vec<_>>())
    }

    /// What a provider of the program's own has under a name: `provider.languageModel("fast")`.
    fn named_model(&self, client: &ClientValue, name: &Value) -> Option<Value> {
        let name = name.as_static()?;
        client.parts.iter().flat_map(Value::alternatives).find_map(|part| {
            let Value::Client(provider) = part else { return None };
            let (call, frame) = provider.made.as_ref()?;
            let Expr::Call(made) = self.expr(*call) else { return None };
            let paths = &self.client_table(provider).named_models;
            let args = Args::of_call(self, made, *call, frame, 0);
            paths.iter().find_map(|path| match args.get_at(path)?.0 {
                Value::Record(models) => models.get(&name).cloned(),
                _ => None,
            })
        })
    }

    /// The model of the client that the program gives the SDK for all calls that name none: `Settings.llm = …`,
    /// `dspy.configure(lm=…)`.
    pub(super) fn default_client_model(&self, hit: &Hit, found: &mut Found) {
        const PLACES: usize = 4;
        let sdk = self.sdk(hit.op);
        let kept = sdk.default_kept.iter().filter_map(|path| self.kept.get(path.as_str())).flatten();
        let kept = kept.take(PLACES).filter_map(|&(function, place)| {
            let StmtKind::Bind(_, value) = self.function(function).body[place as usize].kind else { return None };
            Some(self.eval(ExprRef { file: function.file, id: value }, &self.symbolic(function)))
        });
        let set = sdk.default_set.iter().flat_map(|set| {
            let calls = self.calls.get(set.function.as_str()).into_iter().flatten().take(PLACES);
            calls.filter_map(|&at| {
                let Expr::Call(call) = self.expr(at) else { return None };
                let callee = self.eval(ExprRef { file: at.file, id: call.callee }, &self.frame_of(at));
                let known = |path: &str| sdk.modules.python.iter().any(|module| path.starts_with(module.as_str()));
                let ours = matches!(&callee, Value::External(path) if known(path));
                let given =
                    call.args.iter().find(|arg| arg.name.as_deref() == Some(&*set.argument)).filter(|_| ours)?;
                Some(self.eval(ExprRef { file: at.file, id: given.value }, &self.frame_of(at)))
            })
        });
        for value in kept.chain(set).collect::<Vec<_>>() {
            for one in value.alternatives() {
                if let Value::Client(client) = one
                    && client.sdk == hit.op.sdk
                {
                    let mut own = Found::default();
                    self.client_model(client, &mut own, 0);
                    found.add(own);
                }
            }
        }
    }
}
