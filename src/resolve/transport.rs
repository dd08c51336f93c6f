//! Model calls without an SDK: HTTP requests to a provider, and command line programs.

use super::World;
use super::args::Args;
use super::locate::Hit;
use super::prompts::Draft;
use super::value::*;
use crate::catalog::sdk::Program;
use crate::program::CallKind;

impl World<'_> {
    /// What sort of model work a request is for, by its URL; `None` if it goes elsewhere.
    pub(super) fn endpoint(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<CallKind> {
        let operation = self.operation(hit.op);
        let sdk = self.sdk(hit.op);
        if args.sends_nothing() {
            return None;
        }
        // A body that only a model's API takes says it where the URL cannot be read.
        let has = |key: &str| args.get(&format!("body.{key}")).is_some_and(|value| !value.is_hole());
        let telling =
            (has("contents") && has("generationConfig")) || (has("messages") && args.get("body.model").is_some());
        // So do its settings beside messages that callers hand in.
        let written = match args.get("body") {
            Some(Value::Record(record)) => {
                let has = |key: &str| record.get(key).is_some();
                has("messages") && has("model") && (has("max_tokens") || has("temperature"))
            }
            _ => false,
        };
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
        if unread && (telling || (written && unknown())) {
            return Some(CallKind::Chat);
        }
        for path in &operation.url {
            let Some(value) = args.get(path) else {
                continue;
            };
            for one in value.alternatives() {
                let Some(url) = self.url_text(one) else {
                    continue;
                };
                // A path alone is a route of the same project: the call is in its handler.
                if url.starts_with('/') {
                    continue;
                }
                for endpoint in &sdk.endpoints {
                    if endpoint.url.iter().any(|part| url.contains(part.as_str())) {
                        let named = url.contains("://") || url.contains("{}");
                        let body = args.get("body.model").is_some()
                            || args.get("body.messages").is_some()
                            || args.get("body.prompt").is_some()
                            || args.get("body.contents").is_some()
                            || args.get("body.input").is_some();
                        if named && (body || is_provider(&url, &sdk.hosts)) {
                            return Some(endpoint.kind);
                        }
                    }
                }
            }
        }
        None
    }

    /// A URL with its holes as `{}`; settings stand as their defaults.
    fn url_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(pieces) => {
                let mut out = String::new();
                for piece in pieces.iter() {
                    match piece {
                        TextPiece::Lit(text, _) => out.push_str(text),
                        TextPiece::Hole(_) => out.push_str("{}"),
                    }
                }
                Some(out)
            }
            Value::Env(env) => self.url_text(env.default.as_ref()?),
            Value::Hole(hole) => self.url_text(hole.default.as_ref()?),
            Value::Instance(_) | Value::Foreign(_) => None,
            _ => None,
        }
    }

    /// The program that a command line runs to ask a model, with its arguments.
    pub(super) fn program_run(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<(&Program, Vec<Value>)> {
        let operation = self.operation(hit.op);
        let first = operation.argv.iter().find_map(|path| args.get(path))?;
        let mut argv: Vec<Value> = match &first {
            Value::List(list) => list.items.clone(),
            Value::Text(_) => vec![first.clone()],
            Value::OneOf(all) => all.iter().find_map(|one| match one {
                Value::List(list) => Some(list.items.clone()),
                _ => None,
            })?,
            _ => return None,
        };
        if argv.len() == 1
            && let Some(Value::List(rest)) = args.get("#1")
        {
            argv.extend(rest.items.iter().cloned());
        }
        // `create_subprocess_exec("claude", "-p", prompt)`: the words are the arguments.
        if argv.len() == 1 {
            argv.extend((1..12).map_while(|index| args.get(&format!("#{index}"))));
        }
        // A command as one text: its first words.
        let head = self.leading_text(argv.first()?);
        let mut words: Vec<String> = head.split_whitespace().map(str::to_owned).collect();
        if argv.len() > 1 {
            words.extend(argv[1..].iter().map(|value| self.leading_text(value)));
        }
        let name = words.first()?.rsplit('/').next()?.trim_matches(['"', '\'']).to_owned();
        let sdk = self.sdk(hit.op);
        let program = sdk.programs.iter().find(|program| program.names.contains(&name))?;
        let second = words.get(1).map(String::as_str).unwrap_or("");
        let flagged = words.iter().any(|word| program.prompt_flags.contains(word));
        let sub = program.subcommands.iter().any(|sub| sub == second);
        let plain = program.prompt_flags.is_empty()
            && program.subcommands.is_empty()
            && !second.is_empty()
            && !program.not_subcommands.iter().any(|sub| sub == second);
        (flagged || sub || plain).then_some((program, argv))
    }

    fn leading_text(&self, value: &Value) -> String {
        match value {
            Value::Text(pieces) => match pieces.first() {
                Some(TextPiece::Lit(text, _)) => text.to_string(),
                _ => String::new(),
            },
            Value::Env(env) => env.default.as_ref().map(|default| self.leading_text(default)).unwrap_or_default(),
            Value::OneOf(all) => {
                all.iter().map(|one| self.leading_text(one)).find(|text| !text.is_empty()).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The prompt of a command line: what follows the prompt flag, the last argument, or standard input.
    pub(super) fn command_prompt(&self, hit: &Hit, args: &Args<'_, '_>, draft: &mut Draft) {
        if let Some(input) = args.get("input") {
            self.add_messages(&input, "user", draft, 0);
        }
        let Some((program, argv)) = self.program_run(hit, args) else {
            return;
        };
        let mut after_model = false;
        for (index, value) in argv.iter().enumerate() {
            let word = self.leading_text(value);
            if index == 0 && argv.len() > 1
                || program.subcommands.contains(&word)
                || word.starts_with('-') && word.len() < 30
            {
                after_model = program.model_flags.contains(&word);
                continue;
            }
            if std::mem::take(&mut after_model) || (program.model_after_subcommand && index == 2) {
                continue;
            }
            if self.has_words(value) || value.is_hole() {
                self.add_messages(value, "user", draft, 0);
            }
        }
    }

    /// The model that a command line names.
    pub(super) fn command_model(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<Value> {
        let (program, argv) = self.program_run(hit, args)?;
        let words: Vec<String> = argv.iter().map(|value| self.leading_text(value)).collect();
        let flag = words.iter().position(|word| program.model_flags.contains(word));
        let place = flag.map(|at| at + 1).or_else(|| program.model_after_subcommand.then_some(2))?;
        argv.get(place).cloned()
    }

    /// The model's name where a URL carries it: `/models/gemini-1.5-flash:generateContent`.
    pub(super) fn url_model(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<(String, ExprRef)> {
        let operation = self.operation(hit.op);
        let sdk = self.sdk(hit.op);
        operation.url.iter().find_map(|path| {
            let (value, place) = args.get_at(path)?;
            let text = value.alternatives().iter().find_map(|one| self.url_text(one))?;
            sdk.endpoints.iter().flat_map(|endpoint| &endpoint.model_in_url).find_map(|mark| {
                let (_, after) = text.split_once(mark.as_str())?;
                let end = after.find([':', '?', '/', '{']).unwrap_or(after.len());
                (end > 0).then(|| (after[..end].to_owned(), place.unwrap_or(hit.at)))
            })
        })
    }
}

/// Whether a URL's host is one of a table's: what stands behind the host may be anything.
fn is_provider(url: &str, hosts: &[String]) -> bool {
    let host = url.split("://").nth(1).unwrap_or("").split(['/', '?']).next().unwrap_or("");
    hosts.iter().any(|name| host.contains(name.as_str()))
}
