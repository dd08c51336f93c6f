//! Defaults of settings that only their names lead to: what a program starts with lies in an object called its defaults,
//! `DEFAULT_SETTINGS = { summaryModel: "gpt-4o" }`, or in the schema that the environment is checked by,
//! `SUMMARY_MODEL: z.string().default("gpt-4o")`, or is put under its name once, `context["SUMMARY_MODEL"] = …`; and what
//! comes out of a store or a library is read as `settings.summaryModel` where nobody sees the one become the other.

use smol_str::SmolStr;

use super::World;
use super::models::Found;
use super::value::*;
use crate::program::ModelOrigin;
use crate::syntax::facts::*;

/// Names of settings that say which model is meant and not whose it is: any object may have one.
const ANYBODYS: &[&str] =
    &["model", "models", "modelname", "modelid", "modelkey", "modeltype", "modelconfig", "modelprovider"];

/// Places that may give a setting its default; where there are more, none is the one.
const PLACES: usize = 2;

impl World<'_> {
    /// Notes the model that a setting read at `at` names when nobody has set it.
    pub(super) fn model_of_setting(&self, at: ExprRef, found: &mut Found, depth: u32) {
        if let Some(default) = self.setting_default(at) {
            self.model_names(&default, None, found, depth + 1);
            if !found.names.is_empty() {
                found.origin = Some(ModelOrigin::Default);
            }
        }
    }

    /// What a setting that is read at `at` is when nobody has set it.
    fn setting_default(&self, at: ExprRef) -> Option<Value> {
        let key = match self.expr(at) {
            Expr::Attr(_, name) => name.clone(),
            Expr::Index(_, key) => self.key_at(at, *key)?,
            Expr::Call(call) => match self.expr(ExprRef { file: at.file, id: call.callee }) {
                Expr::Attr(_, get) if matches!(get.as_str(), "get" | "getItem" | "getSetting" | "get_setting") => {
                    self.key_at(at, call.args.first()?.value)?
                }
                _ => return None,
            },
            _ => return None,
        };
        if let Some(places) = self.settings.get(&key).filter(|places| places.len() <= PLACES) {
            let values = places.iter().map(|&place| self.eval(place, &self.frame_of(place)));
            return Value::one_of(values.filter(|value| !value.is_hole()).collect::<Vec<_>>());
        }
        let is_variable = is_setting(&key) && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let (name, span) = is_variable.then(|| self.environment_setting(&key, at.file))??;
        Some(Value::literal(&name, span))
    }

    fn key_at(&self, at: ExprRef, key: ExprId) -> Option<SmolStr> {
        match self.expr(ExprRef { file: at.file, id: key }) {
            Expr::Str(text) => Some(SmolStr::from(&**text)),
            _ => None,
        }
    }
}

/// The defaults of models that a file writes out, by the names of their settings.
pub(super) fn defaults(facts: &FileFacts) -> Vec<(SmolStr, ExprId)> {
    let mut found = Vec::new();
    // An object that is called so, alone or within another.
    for stmt in &facts.function(MODULE).body {
        if let StmtKind::Bind(Target::Name(name), value) = &stmt.kind
            && name.to_ascii_lowercase().contains("default")
            && let Expr::Record(entries) = facts.expr(*value)
        {
            found.extend(settings(entries).map(|(key, value)| (key.clone(), value)));
        }
    }
    for function in &facts.functions {
        let gives_defaults = function.name.to_ascii_lowercase().contains("default");
        for stmt in &function.body {
            match &stmt.kind {
                StmtKind::Bind(Target::Index(_, key), value) => {
                    if let Expr::Str(key) = facts.expr(*key)
                        && is_setting(key)
                    {
                        found.push((SmolStr::from(&**key), *value));
                    }
                }
                StmtKind::Return(Some(value)) if gives_defaults => match facts.expr(*value) {
                    Expr::Record(entries) => found.extend(settings(entries).map(|(key, value)| (key.clone(), value))),
                    Expr::Call(call) => {
                        let named = call.args.iter().filter_map(|arg| Some((arg.name.clone()?, arg.value)));
                        found.extend(named.filter(|(name, _)| is_setting(name)));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }
    // An entry of a schema: `z.string().default("x")`.
    for node in &facts.exprs {
        let Expr::Record(entries) = &node.kind else { continue };
        for (key, value) in settings(entries) {
            if let Expr::Call(call) = facts.expr(value)
                && let [default] = call.args.as_slice()
                && matches!(facts.expr(call.callee), Expr::Attr(_, name) if name == "default")
            {
                found.push((key.clone(), default.value));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The entries of an object that name a model.
fn settings(entries: &[Entry]) -> impl Iterator<Item = (&SmolStr, ExprId)> {
    let named = |entry: &Entry| entry.key.as_ref().is_some_and(|key| is_setting(key));
    entries.iter().filter(move |entry| named(entry)).filter_map(|entry| Some((entry.key.as_ref()?, entry.value)))
}

/// Whether a setting names a model by more than that: `openaiModel`, `SUMMARY_MODEL`.
fn is_setting(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    plain.contains("model") && !ANYBODYS.contains(&plain.as_str())
}
