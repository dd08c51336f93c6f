//! Calls of wrappers that stand outside the audited files: taken for model calls by their names, weakly, and only where
//! they are handed a text that gives a task.

use std::collections::HashSet;

use super::World;
use super::prompts::Draft;
use super::value::*;
use super::wrappers::Site;
use crate::catalog::wrappers::WrapperWords;
use crate::program::*;
use crate::source::FileId;
use crate::syntax::facts::*;

/// Words of static text that a prompt of such a call has at least.
const LEAST: usize = 6;

impl World<'_> {
    /// Calls that ask a model through something unresolved.
    pub(super) fn suspects(&self, known: &HashSet<ExprRef>) -> Vec<Site> {
        let words = WrapperWords::embedded();
        let mut sites = Vec::new();
        for (at, facts) in self.facts.iter().enumerate() {
            let file = FileId(at as u32);
            for (id, node) in facts.exprs.iter().enumerate() {
                let Expr::Call(call) = &node.kind else { continue };
                let at = ExprRef { file, id: ExprId(id as u32) };
                if !known.contains(&at) {
                    sites.extend(self.suspect(call, at, words));
                }
            }
        }
        sites
    }

    fn suspect(&self, call: &Call, at: ExprRef, words: &WrapperWords) -> Option<Site> {
        if call.is_new || call.args.is_empty() {
            return None;
        }
        let callee_at = ExprRef { file: at.file, id: call.callee };
        let callee = match self.expr(callee_at) {
            Expr::Name(_) | Expr::Attr(..) => self.dotted(callee_at).or_else(|| self.last_names(callee_at))?,
            _ => return None,
        };
        let (strong, weak) = words.of_callee(&callee)?;
        let own = self.symbol(FnRef { file: at.file, id: self.node(at).function });
        let enclosing = words.of_callee(&own).unwrap_or((0, 0));
        if strong == 0 && weak == 0 {
            return None;
        }
        let _ = enclosing;
        let frame = self.frame_of(at);
        let value = self.ask(callee_at, &frame);
        let unresolved = value.alternatives().iter().any(|one| match one {
            Value::Hole(_) | Value::Foreign(_) => true,
            Value::External(path) => self.is_unknown_module(path, at.file),
            Value::Func(func) => self.function(func.function).flavour == Flavour::Abstract,
            _ => false,
        });
        if !unresolved {
            return None;
        }
        let mut draft = Draft { complete: false, ..Draft::default() };
        for arg in &call.args {
            if let Some(name) = &arg.name
                && !words.is_prompt_name(name)
            {
                continue;
            }
            let place = ExprRef { file: at.file, id: arg.value };
            let value = self.ask(place, &frame);
            let role = match &arg.name {
                Some(name) if name.contains("system") || name.starts_with("instruction") => "system",
                _ if matches!(self.expr(place), Expr::Name(name) if name.to_lowercase().contains("system")) => "system",
                _ => "user",
            };
            match &value {
                Value::Text(_) | Value::OneOf(_) => self.add_messages(&value, role, &mut draft, 0),
                Value::List(list) if self.holds_messages(list) => self.add_messages(&value, role, &mut draft, 0),
                Value::Record(record) => {
                    for (key, value) in &record.entries {
                        if words.is_prompt_name(key) && matches!(value, Value::Text(_) | Value::OneOf(_) | Value::List(_)) {
                            let role = if key.contains("ystem") || key.starts_with("instruction") { "system" } else { "user" };
                            self.add_messages(value, role, &mut draft, 0);
                        }
                    }
                }
                Value::Hole(_) if arg.name.as_ref().is_some_and(|name| words.is_prompt_name(name)) => {
                    self.add_messages(&value, role, &mut draft, 0);
                }
                _ => {}
            }
        }
        let text: String = draft
            .messages
            .iter()
            .flat_map(|(_, pieces)| pieces)
            .filter_map(|piece| match piece {
                TextPiece::Lit(text, _) => Some(text.as_ref()),
                TextPiece::Hole(_) => None,
            })
            .collect();
        let size = super::text::words(&text);
        let told = words.instructs(&text);
        let enough = match (strong, weak) {
            (0, 0) => false,
            (0, 1) => size >= LEAST * 2 && told,
            _ => size >= LEAST && told,
        };
        if !enough {
            return None;
        }
        let (model, params) = self.suspect_settings(call, at);
        Some(Site {
            chain: vec![at],
            hit: None,
            role: CallRole::ViaWrapper,
            weak: true,
            kind: Some(CallKind::Chat),
            model,
            prompt: self.prompt(&draft),
            params,
        })
    }

    /// Settings by the names that nearly every SDK and wrapper uses.
    fn suspect_settings(&self, call: &Call, at: ExprRef) -> (Model, Params) {
        let frame = self.frame_of(at);
        let args = super::site::Args::of_call(self, call, at, &frame, 0);
        let number = |names: &[&str]| {
            names.iter().find_map(|name| args.get(name)).and_then(|value| match value {
                Value::Num(text, span) => text.parse::<f64>().ok().map(|number| (number, span)),
                _ => None,
            })
        };
        let mut params = Params { open: true, ..Params::default() };
        if let Some((number, span)) = number(&["temperature"]) {
            params.temperature = Some(number);
            params.places.push(("temperature", span));
        }
        if let Some((number, span)) = number(&["max_tokens", "maxTokens", "max_output_tokens", "maxOutputTokens"]) {
            params.max_tokens = Some(number as u64);
            params.places.push(("max_tokens", span));
        }
        let found = args.get_at("model").and_then(|(value, place)| {
            let name = value.as_static()?;
            let span = place.map(|place| self.span(place))?;
            Some((name, span))
        });
        let model = Model {
            id: found.as_ref().map(|(name, _)| name.clone()),
            origin: if found.is_some() { ModelOrigin::Literal } else { ModelOrigin::Config },
            candidates: found.iter().map(|(name, _)| name.clone()).collect(),
            place: found.map(|(_, span)| span),
        };
        (model, params)
    }

    fn holds_messages(&self, list: &ListValue) -> bool {
        list.items.iter().any(|item| matches!(item, Value::Record(record) if record.get("role").is_some()))
    }

    /// The names at the end of a callee whose base is a call: `getClient().complete`.
    fn last_names(&self, at: ExprRef) -> Option<String> {
        match self.expr(at) {
            Expr::Attr(base, name) => {
                let base = ExprRef { file: at.file, id: *base };
                let before = match self.expr(base) {
                    Expr::Call(call) => self.dotted(ExprRef { file: at.file, id: call.callee }).unwrap_or_default(),
                    _ => String::new(),
                };
                Some(format!("{before}.{name}"))
            }
            _ => None,
        }
    }

    /// Whether a name comes from a module of the project that is not among the audited files, or from a package
    /// without a table.
    fn is_unknown_module(&self, path: &str, file: FileId) -> bool {
        let python = self.language(file).is_python();
        if python {
            return path.contains('.') && !self.catalog.is_import_root(path.split('.').next().unwrap_or(path));
        }
        let module = path.split('#').next().unwrap_or(path);
        path.contains('#')
            && (module.starts_with('.') || module.starts_with("@/") || module.starts_with('~') || module.starts_with("src/"))
    }

    /// Whether a callee's name says that it asks a model.
    pub(super) fn is_telling(&self, callee: ExprRef) -> bool {
        let Some(callee) = self.dotted(callee).or_else(|| self.last_names(callee)) else { return false };
        match WrapperWords::embedded().of_callee(&callee) {
            Some((strong, weak)) => strong > 0 || weak > 1,
            None => false,
        }
    }
}
