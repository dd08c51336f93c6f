//! Model calls without an SDK: HTTP requests to a provider.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::callers::Step;
use super::choices::{SHAPES, shape, shapes};
use super::locate::Hit;
use super::value::*;
use crate::catalog::sdk::Operation;
use crate::catalog::wrappers::split_words;
use crate::program::CallKind;
use crate::source::is_test_file;

/// Callers of a helper that are looked at for one that asks a model.
const ADDRESSED: usize = 16;

impl World<'_> {
    /// What sort of model work a helper's request is for, where its callers bring the path behind a provider's host.
    pub(super) fn callers_endpoint(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<CallKind> {
        if !self.is_open_address(hit, args) && !self.is_open_body(hit, args) {
            return None;
        }
        let target = *self.enclosing(hit.at).first()?;
        let callers = self.callers(target);
        let mut kinds = callers.iter().take(ADDRESSED).filter_map(|caller| {
            let kind = self.endpoint_from(hit, std::slice::from_ref(&caller.step))?;
            kind.is_generative().then_some(kind)
        });
        kinds.next()
    }

    /// What sort of model work a request is for, as it is sent by way of `steps`.
    pub(super) fn endpoint_from(&self, hit: &Hit, steps: &[Step]) -> Option<CallKind> {
        let (_, args) = self.drafted(hit, steps)?;
        self.endpoint(hit, &args)
    }

    /// Whether an address ends with what callers hand in, behind the host of a provider or one that its object was
    /// made with. One that callers hand in whole is looked at where they do.
    pub(super) fn is_open_address(&self, hit: &Hit, args: &Args<'_, '_>) -> bool {
        let is_open = |one: &Value| {
            let Value::Text(pieces) = one else { return false };
            let host = match pieces.first() {
                Some(TextPiece::Lit(text, _)) => self.is_provider(text),
                Some(_) => true,
                None => false,
            };
            let open = matches!(pieces.last(), Some(TextPiece::Hole(hole)) if hole.param.is_some());
            host && open && pieces.len() > 1
        };
        let paths = &self.operation(hit.op).url;
        paths.iter().filter_map(|path| args.get(path)).any(|value| value.alternatives().iter().any(is_open))
    }

    /// Whether the body of a request is what callers hand in, whole and beside the address: it may tell of them what the
    /// address does not.
    pub(super) fn is_open_body(&self, hit: &Hit, args: &Args<'_, '_>) -> bool {
        let Some(Value::Hole(body)) = args.get("body") else { return false };
        let paths = &self.operation(hit.op).url;
        let is_address = |value: &Value| matches!(value, Value::Hole(hole) if hole.param == body.param);
        body.param.is_some()
            && !body.name.contains('.')
            && !paths.iter().filter_map(|path| args.get(path)).any(|value| is_address(&value))
    }

    /// What sort of model work a request is for, by its URL; `None` if it goes elsewhere.
    pub(super) fn endpoint(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<CallKind> {
        let operation = self.operation(hit.op);
        if args.sends_nothing() {
            return None;
        }
        // A body that only a model's API takes says it where the URL cannot be read.
        let has = |key: &str| args.get(&format!("body.{key}")).is_some_and(|value| !value.is_hole());
        let has_messages = args.get("body.messages").is_some() && args.get("body.model").is_some();
        let telling = (has("contents") && has("generationConfig")) || (has("messages") && has_messages);
        // So do its settings beside messages that callers hand in, or beside messages with their roles.
        let written = match args.get("body") {
            Some(Value::Record(record)) => {
                let has = |key: &str| record.get(key).is_some();
                has("messages")
                    && (has("model") || record.get("messages").is_some_and(has_roles))
                    && (has("max_tokens") || has("temperature"))
            }
            _ => false,
        };
        let prompts = matches!(args.get("body"), Some(Value::Record(record)) if ["model", "prompt"].iter().all(|key| record.get(key).is_some()));
        let unread = operation.url.iter().filter_map(|path| args.get(path)).all(|value| {
            value
                .alternatives()
                .iter()
                .all(|one| self.url_text(one).is_none_or(|url| !url.contains("://") && !url.starts_with('/')))
        });
        let unknown = || {
            operation.url.iter().filter_map(|path| args.get(path)).all(|value| {
                value.alternatives().iter().all(|one| self.url_text(one).is_none_or(|url| !url.contains('/')))
            })
        };
        // An address that is not read may be named for what answers there: `self.chat_completion_url`.
        let named = || {
            let mut urls = operation.url.iter().filter_map(|path| args.get_at(path)?.1);
            let says = |at: ExprRef| {
                self.dotted(at).is_some_and(|name| split_words(&name).iter().any(|word| word.starts_with("completion")))
            };
            has_messages && urls.any(says)
        };
        if unread && (telling || (written && unknown()) || named()) {
            return Some(CallKind::Chat);
        }
        for path in &operation.url {
            let Some(value) = args.get(path) else {
                continue;
            };
            for one in value.alternatives() {
                for url in self.url_texts(one) {
                    let url = self.with_base(url, operation, args);
                    // A path alone is a route of the same project: the call is in its handler, unless all that a
                    // provider asks for is written here.
                    if url.starts_with('/') {
                        let named = || args.get("body.model").is_some_and(|model| model.as_static().is_some());
                        if written && !is_test_file(&self.sources[hit.at.file.0 as usize].path) && named() {
                            return Some(CallKind::Chat);
                        }
                        continue;
                    }
                    // What a provider's server is sent it answers, whatever stands behind its name.
                    if written && self.is_provider(&url) {
                        return Some(CallKind::Chat);
                    }
                    for endpoint in self.catalog.endpoints() {
                        let told = |field: &String| args.get(&format!("body.{field}")).is_some();
                        let proved = endpoint.needs.is_empty() || endpoint.needs.iter().any(told);
                        if proved && endpoint.url.iter().any(|part| has_part(&url, part)) {
                            let named = url.contains("://") || url.contains("{}");
                            let body = args.get("body.model").is_some()
                                || args.get("body.messages").is_some()
                                || args.get("body.prompt").is_some()
                                || args.get("body.contents").is_some()
                                || args.get("body.input").is_some()
                                || !endpoint.needs.is_empty();
                            if named && (body || self.is_provider(&url)) {
                                return Some(endpoint.kind);
                            }
                        }
                    }
                    if prompts && self.is_provider(&url) {
                        return Some(CallKind::Chat);
                    }
                }
            }
        }
        None
    }

    /// All that a URL may be, as [`Self::url_text`] has it.
    fn url_texts(&self, value: &Value) -> Vec<String> {
        match value {
            Value::Text(pieces) if shapes(pieces) > 1 => {
                let whole = |number| {
                    let mut one = Vec::new();
                    shape(pieces, number, &mut one);
                    self.url_text(&Value::Text(Rc::new(one)))
                };
                (0..shapes(pieces).min(SHAPES)).filter_map(whole).collect()
            }
            one => self.url_text(one).into_iter().collect(),
        }
    }

    /// A URL that is a path only, behind the host that its client or its options give.
    fn with_base(&self, url: String, operation: &Operation, args: &Args<'_, '_>) -> String {
        if url.contains("://") || url.starts_with("{}") {
            return url;
        }
        let base = operation.base.iter().filter_map(|path| args.get(path)).find_map(|value| self.url_text(&value));
        match base {
            Some(base) if base.contains("://") || base.contains('.') || base.starts_with("{}") => {
                let scheme = if base.contains("://") || base.starts_with("{}") { "" } else { "https://" };
                format!("{scheme}{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/'))
            }
            _ => url,
        }
    }

    /// Whether a URL's host is a provider's: what stands behind the host may be anything.
    pub(super) fn is_provider(&self, url: &str) -> bool {
        let host = url.split("://").nth(1).unwrap_or("").split(['/', '?']).next().unwrap_or("");
        self.catalog.is_provider(host)
    }

    /// A URL with its holes as `{}`; settings stand as their defaults.
    pub(super) fn url_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(pieces) => {
                let mut first = Vec::new();
                shape(pieces, 0, &mut first);
                let part = |piece: &TextPiece| match piece {
                    TextPiece::Lit(text, _) => text.to_string(),
                    TextPiece::Hole(_) | TextPiece::Choice(_) => "{}".to_owned(),
                };
                Some(first.iter().map(part).collect())
            }
            Value::Env(env) => self.url_text(env.default.as_ref()?),
            Value::Hole(hole) => self.url_text(hole.default.as_ref()?),
            Value::Instance(_) | Value::Foreign(_) => None,
            _ => None,
        }
    }

    /// The model's name where a URL carries it: `/models/gemini-1.5-flash:generateContent`.
    pub(super) fn url_model(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<(String, ExprRef)> {
        let operation = self.operation(hit.op);
        operation.url.iter().find_map(|path| {
            let (value, place) = args.get_at(path)?;
            let text = value.alternatives().iter().find_map(|one| self.url_text(one))?;
            self.catalog.endpoints().flat_map(|endpoint| &endpoint.model_in_url).find_map(|mark| {
                let (_, after) = text.split_once(mark.as_str())?;
                let end = after.find([':', '?', '/', '{']).unwrap_or(after.len());
                (end > 0).then(|| (after[..end].to_owned(), place.unwrap_or(hit.at)))
            })
        })
    }
}

/// Whether a list holds messages that are written out with their roles.
fn has_roles(messages: &Value) -> bool {
    let is_message = |one: &Value| matches!(one, Value::Record(message) if message.get("role").is_some() && message.get("content").is_some());
    matches!(messages, Value::List(list) if list.items.iter().any(is_message))
}

/// Whether an address holds a part of one, and does not go on with it: `/api/chat.postMessage` is no `/api/chat`.
fn has_part(url: &str, part: &str) -> bool {
    let goes_on = |at: usize| part.starts_with('/') && url[at + part.len()..].starts_with('.');
    url.match_indices(part).any(|(at, _)| !goes_on(at))
}
