//! Calls of wrappers that stand outside the audited files: taken for model calls by their names, weakly, and only where
//! they are handed a text that gives a task.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::World;
use super::args::Args;
use super::locate::{Hit, OpRef};
use super::opened::Opened;
use super::value::*;
use super::wrappers::Site;
use crate::catalog::wrappers::WrapperWords;
use crate::program::Piece;
use crate::source::FileId;
use crate::syntax::facts::*;

/// Callees of which a thread remembers what their words say.
const REMEMBERED: usize = 20_000;

/// What an argument that is a prompt is called.
const PROMPTS: &[&str] = &["prompt", "messages", "user_prompt", "userPrompt"];

/// Settings of a request that hardly anything else has.
const SETTINGS: &[&str] = &["temperature", "max_tokens", "maxTokens", "max_output_tokens", "maxOutputTokens"];

/// Words of static text that a prompt of such a call has at least.
const LEAST: usize = 6;

impl World<'_> {
    /// Calls that may ask a model through something unresolved; whether they do shows in their text.
    pub(super) fn suspects(&mut self, known: &FxHashSet<ExprRef>) -> Vec<Hit> {
        let Some((sdk, op)) = self.catalog.unresolved() else {
            return Vec::new();
        };
        let mut hits = Vec::new();
        for at in std::mem::take(&mut self.suspects) {
            if !known.contains(&at) && self.guarded(at.file, || self.is_suspect(at)).unwrap_or(false) {
                hits.push(Hit { at, op: OpRef { sdk, op }, receiver: None, weak: true, handed: false, skip: 0 });
            }
            self.files.rest();
        }
        hits
    }

    fn is_suspect(&self, at: ExprRef) -> bool {
        let Expr::Call(call) = self.expr(at) else {
            return false;
        };
        let words = WrapperWords::embedded();
        let callee_at = ExprRef { file: at.file, id: call.callee };
        let Some((strong, weak)) = suspected(self.opened(at.file), call) else {
            return false;
        };
        // A class makes something and does not ask, `LlmResponse(content="…")`, but for what is named like one and is
        // handed a prompt: `InvokeLLM({ prompt })`.
        let class = |name: &SmolStr| name.starts_with(char::is_uppercase);
        let made = matches!(self.expr(callee_at), Expr::Name(name) | Expr::Attr(_, name) if class(name));
        if made && (strong == 0 || !self.written_keys(call, at).iter().any(|key| PROMPTS.contains(&key.as_str()))) {
            return false;
        }
        if strong == 0 && weak == 0 && !self.is_keyed(call, at) {
            return false;
        }
        let frame = self.frame_of(at);
        // What is done with a text is known, whatever the text is called: `ASK_PROMPT.replaceAll(…)`. And so is what runs
        // a function that is a tool: `ask_guest.invoke({…})`.
        if let Expr::Attr(base, _) = self.expr(callee_at) {
            match self.ask(ExprRef { file: at.file, id: *base }, &frame) {
                Value::Text(_) => return false,
                Value::Func(func) if self.is_tool(func.function) => return false,
                Value::Hole(hole) if strong == 0 && self.is_typed_of_another_field(&hole) => return false,
                _ => {}
            }
        }
        let value = self.ask(callee_at, &frame);
        value.alternatives().iter().any(|one| match one {
            Value::Hole(_) | Value::Null => true,
            Value::Foreign(foreign) => strong > 0 || !words.is_of_another_field(&foreign.path),
            // What the language's own functions do is known, whatever they are handed.
            Value::External(path) => {
                self.stdlib.function(self.language(at.file).is_python(), path).is_none()
                    && self.is_unknown_module(path, at.file)
                    && (strong > 0 || !words.is_of_another_field(path))
            }
            // A method of the program from which no way leads to a request as far as it is followed: one that runs what
            // it finds by name.
            Value::Func(func) => {
                let own = self.function(func.function);
                own.flavour == Flavour::Abstract || (strong > 0 && own.class.is_some() && self.is_keyed(call, at))
            }
            // What an SDK does not offer, and a class of the program that is one of its clients adds.
            Value::Member(client, name) => {
                (strong > 0 || weak > 1)
                    && self.client_operation(client, name).is_none()
                    && self.client_from(client, name).is_none()
                    && self.methods.contains_key(name)
            }
            _ => false,
        })
    }

    /// Whether the parameter that an object comes from has a type of a package that asks no model: `message: types.Message`.
    fn is_typed_of_another_field(&self, object: &HoleValue) -> bool {
        let Some((function, index)) = object.param else { return false };
        let Some(id) = self.function(function).params[index as usize].annotation else { return false };
        let at = ExprRef { file: function.file, id };
        let typed = self.ask(at, &self.frame_of(at));
        matches!(typed, Value::External(path) if WrapperWords::embedded().is_of_another_field(&path))
    }

    /// Whether a decorator makes a function a tool of an agent.
    fn is_tool(&self, function: FnRef) -> bool {
        let facts = self.facts(function.file);
        self.function(function).decorators.iter().any(|&decorator| {
            let name = match facts.expr(decorator) {
                Expr::Call(call) => super::index::last_name(facts, call.callee),
                _ => super::index::last_name(facts, decorator),
            };
            name.is_some_and(|name| name == "tool")
        })
    }

    /// Whether a call is given a prompt, by name or first, and a setting of a request: that is how models are called.
    fn is_keyed(&self, call: &Call, at: ExprRef) -> bool {
        let keys = self.written_keys(call, at);
        let has = |names: &[&str]| keys.iter().any(|key| names.contains(&key.as_str()));
        let system = ["system", "system_prompt", "systemPrompt", "model", "json_mode", "jsonMode"];
        (has(PROMPTS) && has(&system)) || (has(SETTINGS) && (has(PROMPTS) || self.is_first_text(call)))
    }

    /// Whether the first argument is given by place.
    fn is_first_text(&self, call: &Call) -> bool {
        call.args.first().is_some_and(|first| first.name.is_none() && first.spread == Spread::No)
    }

    /// Keywords of a call, and the keys of the objects that are written out at it or beside it. Nothing else is looked
    /// at: this is asked of every call of the program.
    fn written_keys(&self, call: &Call, at: ExprRef) -> Vec<SmolStr> {
        let mut keys: Vec<SmolStr> = call.args.iter().filter_map(|arg| arg.name.clone()).collect();
        for arg in call.args.iter().filter(|arg| arg.name.is_none()) {
            let arg = ExprRef { file: at.file, id: arg.value };
            if self.opened(at.file).is_written_record(arg.id)
                && let Value::Record(record) = self.ask(arg, &self.frame_of(at))
            {
                keys.extend(record.entries.iter().map(|(key, _)| key.clone()));
            }
        }
        keys
    }

    /// Whether the text of such a call is a task, so that it is reported.
    pub(super) fn is_task(&self, site: &Site) -> bool {
        let words = WrapperWords::embedded();
        let inner = site.chain.last().copied().unwrap_or(site.at());
        let Expr::Call(call) = self.expr(inner) else {
            return false;
        };
        let callee = self.opened(inner.file).called(call.callee).unwrap_or_default();
        let (strong, weak) = words.of_callee(&callee).unwrap_or((0, 0));
        let text: String = site
            .prompt
            .messages
            .iter()
            .flat_map(|message| &message.pieces)
            .filter_map(|piece| match piece {
                Piece::Text(text, _) => Some(text.as_str()),
                Piece::Hole(_) => None,
            })
            .collect();
        let outer = match self.expr(site.at()) {
            Expr::Call(call) => self.dotted(ExprRef { file: site.at().file, id: call.callee }),
            _ => None,
        };
        if words.is_for_machine(&text) || outer.is_some_and(|outer| words.keeps(&outer)) {
            return false;
        }
        let size = super::text::words(&text);
        let told = words.instructs(&text);
        // An argument that is called a prompt, or a model beside it, says as much as the callee's name.
        let named = self.keywords(call, inner).iter().any(|key| {
            matches!(
                key.as_str(),
                "prompt" | "messages" | "system" | "system_prompt" | "systemPrompt" | "user_prompt" | "userPrompt"
            )
        });
        match (strong, weak) {
            (0, 1..) if !named && !words.asks(&callee) => false,
            (0, 0) => self.is_keyed(call, inner) && size >= LEAST && (named || told),
            (1.., 1..) | (2.., _) => size >= LEAST,
            (0, 1) => (named && size >= LEAST) || (size >= LEAST * 2 && told),
            _ => size >= LEAST && (told || named),
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
            && (module.starts_with('.')
                || module.starts_with("@/")
                || module.starts_with('~')
                || module.starts_with("src/"))
    }

    /// Whether a callee's name says that it asks a model.
    pub(super) fn is_telling(&self, callee: ExprRef) -> bool {
        let Some(callee) = self.opened(callee.file).called(callee.id) else {
            return false;
        };
        match WrapperWords::embedded().of_callee(&callee) {
            Some((strong, weak)) => strong > 0 || weak > 1,
            None => false,
        }
    }

    /// The model that an object outside every table was made with: `LangClient(model="…").generate(…)`.
    pub(super) fn made_for(&self, hit: &Hit) -> Option<(Value, ExprRef)> {
        let Expr::Call(call) = self.expr(hit.at) else {
            return None;
        };
        let Expr::Attr(base, _) = self.facts(hit.at.file).expr(call.callee) else {
            return None;
        };
        let base = ExprRef { file: hit.at.file, id: *base };
        let made = match self.ask(base, &self.frame_of(base)) {
            Value::Foreign(foreign) => foreign.at,
            Value::Hole(hole) => hole.at,
            _ => return None,
        };
        let Expr::Call(call) = self.expr(made) else {
            return None;
        };
        let args = Args::of_call(self, call, made, &self.frame_of(made), 0);
        ["model", "model_name", "modelName", "modelId", "model_id"].into_iter().find_map(|name| {
            let (value, place) = args.get_at(name)?;
            Some((value, place.unwrap_or(made)))
        })
    }
}

/// What the words of a callee say, strongly and weakly, where it may ask a model as far as its file tells.
pub(super) fn suspected(file: &Opened, call: &Call) -> Option<(usize, usize)> {
    if call.is_new || call.args.is_empty() {
        return None;
    }
    let (Expr::Name(name) | Expr::Attr(_, name)) = file.facts.expr(call.callee) else {
        return None;
    };
    let (strong, weak) = told(file.called(call.callee)?)?;
    // A class makes something; it does not ask: `Response(content="…")`.
    if strong == 0 && name.starts_with(char::is_uppercase) {
        return None;
    }
    let keyed = |arg: &Arg| match &arg.name {
        Some(name) => PROMPTS.contains(&name.as_str()) || SETTINGS.contains(&name.as_str()),
        None => file.is_written_record(arg.value),
    };
    (strong > 0 || weak > 0 || call.args.iter().any(keyed)).then_some((strong, weak))
}

/// What the words of a callee say. Few callees of a program are written but once, and taking names apart costs more than
/// looking them up.
fn told(callee: String) -> Option<(usize, usize)> {
    thread_local! {
        static KNOWN: RefCell<FxHashMap<String, Option<(usize, usize)>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if known.len() > REMEMBERED {
            known.clear();
        }
        match known.get(&callee) {
            Some(known) => *known,
            None => *known.entry(callee).or_insert_with_key(|callee| WrapperWords::embedded().of_callee(callee)),
        }
    })
}
