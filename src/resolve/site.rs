//! From located calls to call sites: arguments by the tables' paths, settings, names of places.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::compare::prompt_size;
use super::locate::Hit;
use super::value::*;
use super::wrappers::Site;
use crate::program::*;
use crate::source::Span;
use crate::syntax::facts::*;

/// All calls of the program, ordered by path and place.
pub(super) fn calls(world: &mut World<'_>) -> Vec<CallSite> {
    let mut calls: Vec<CallSite> = Vec::new();
    for site in world.sites() {
        calls.extend(world.guarded(site.at().file, || world.call_site(&site)).flatten());
        world.files.rest();
    }
    calls.sort_by_key(|call| (call.span.file, call.span.start, call.span.end));
    calls.dedup_by_key(|call| (call.span.file, call.span.start, call.span.end));
    calls.chunk_by_mut(|a, b| a.span.file == b.span.file).for_each(|calls| {
        world.guarded(calls[0].span.file, || world.link(calls));
        world.files.rest();
    });
    calls
}

impl World<'_> {
    /// One site for each call: providers chosen at run time are candidates, not calls of their own.
    pub(super) fn merged(&self, mut sites: Vec<Site>) -> Vec<Site> {
        sites.iter_mut().for_each(|site| self.moved_to_run(site));
        let mut merged: Vec<Site> = Vec::new();
        for site in sites {
            match merged.iter_mut().find(|seen| seen.at() == site.at()) {
                None => merged.push(site),
                Some(seen) => {
                    let longer = prompt_size(&site.prompt) > prompt_size(&seen.prompt);
                    let mut candidates = seen.model.candidates.clone();
                    for name in &site.model.candidates {
                        if !candidates.contains(name) {
                            candidates.push(name.clone());
                        }
                    }
                    if longer {
                        let model = seen.model.clone();
                        *seen = site;
                        if seen.model.id.is_none() {
                            seen.model = model;
                        }
                    } else if seen.model.id.is_none() {
                        seen.model = site.model;
                    }
                    candidates.truncate(12);
                    seen.model.candidates = candidates;
                }
            }
        }
        merged
    }

    fn call_site(&self, site: &Site) -> Option<CallSite> {
        let at = site.at();
        let Expr::Call(call) = self.expr(at) else {
            return None;
        };
        let span = self.span(at);
        let callee_at = ExprRef { file: at.file, id: call.callee };
        let node = self.node(at);
        let function = FnRef { file: at.file, id: node.function };
        let own = self.function(function);
        let answer = self.answer(site);
        let (sdk, operation, kind) = match &site.hit {
            Some(hit) => {
                let operation = self.operation(hit.op);
                let kind = site.kind.unwrap_or(operation.kind);
                (self.sdk(hit.op).id.clone(), operation.id.clone(), kind)
            }
            None => ("unresolved".to_owned(), "wrapper".to_owned(), CallKind::Chat),
        };
        let surroundings = self.surroundings(at, &answer.1);
        let unset = site.role == CallRole::ViaWrapper
            && site.model.id.is_none()
            && site.model.origin == ModelOrigin::Environment;
        let of_class = site.chain.last().filter(|_| unset).and_then(|&asked| self.class_model(asked));
        let model = of_class.unwrap_or_else(|| site.model.clone());
        Some(CallSite {
            span,
            callee_span: self.callee_span(callee_at),
            callee: self.callee_text(callee_at),
            symbol: self.symbol(function),
            function: Span { file: at.file, start: own.start, end: own.end },
            language: self.language(at.file),
            sdk,
            operation,
            kind,
            role: site.role,
            via: site.via(self),
            weak: site.weak,
            model,
            prompt: site.prompt.clone(),
            params: site.params.clone(),
            answer: answer.0,
            repeats: self.repeats(at),
            surroundings,
            flow: self.turns(site),
        })
    }

    /// The place of a callee. Of a chain over several lines (`a.b(…)⏎.pipe(c)⏎.invoke`) it is the last name alone: a
    /// place of many lines can neither be shown in review nor found again.
    pub(super) fn callee_span(&self, at: ExprRef) -> Span {
        let span = self.span(at);
        let source = &self.sources[at.file.0 as usize];
        if let Expr::Attr(base, name) = self.expr(at) {
            let text = source.slice(span.start, span.end);
            let chained = matches!(self.facts(at.file).expr(*base), Expr::Call(_));
            if chained && text.contains('\n') {
                return Span { start: span.end - name.len() as u32, ..span };
            }
        }
        span
    }

    /// The callee as it is written, white space folded, arguments of inner calls left out.
    fn callee_text(&self, at: ExprRef) -> String {
        match self.expr(at) {
            Expr::Attr(base, name) => format!("{}.{name}", self.callee_text(ExprRef { file: at.file, id: *base })),
            Expr::Call(call) => {
                let callee = self.callee_text(ExprRef { file: at.file, id: call.callee });
                if call.args.is_empty() { format!("{callee}()") } else { format!("{callee}(…)") }
            }
            Expr::Name(name) => {
                if name == "self" && !self.language(at.file).is_python() {
                    "this".to_owned()
                } else {
                    name.to_string()
                }
            }
            _ => self.short(at).to_string(),
        }
    }

    /// Classes and functions around a place: `Agent.plan`.
    pub(super) fn symbol(&self, function: FnRef) -> String {
        let facts = self.facts(function.file);
        let mut parts: Vec<&str> = Vec::new();
        let mut id = function.id;
        while id != MODULE && parts.len() < 16 {
            let own = facts.function(id);
            if !own.name.is_empty() {
                parts.push(&own.name);
            }
            if let Some(class) = own.class {
                parts.push(&facts.class(class).name);
            }
            id = own.parent;
        }
        parts.reverse();
        parts.join(".")
    }

    /// Settings of a request.
    pub(super) fn params(&self, hit: &Hit, args: &Args<'_, '_>) -> Params {
        let operation = self.operation(hit.op);
        let mut params = Params { open: args.is_open(), ..Params::default() };
        let number = |value: &Value| match value {
            Value::Num(text, span) => text.replace('_', "").parse::<f64>().ok().map(|number| (number, Some(*span))),
            Value::Hole(hole) => match &hole.default {
                Some(Value::Num(text, span)) => {
                    text.replace('_', "").parse::<f64>().ok().map(|number| (number, Some(*span)))
                }
                _ => None,
            },
            _ => None,
        };
        let client = hit.receiver.as_ref().map(|client| self.client_table(client));
        let look = |paths: &[String], at_client: Option<&Vec<String>>| {
            args.first(paths).or_else(|| {
                let client = hit.receiver.as_ref()?;
                at_client.and_then(|paths| self.made_with(client, paths, 0))
            })
        };
        if let Some((value, place)) = look(&operation.temperature, client.map(|client| &client.temperature))
            && let Some((number, span)) = number(&value)
        {
            params.temperature = Some(number);
            params
                .places
                .extend(span.or_else(|| place.map(|place| self.span(place))).map(|span| ("temperature", span)));
        }
        let limit = look(&operation.output_limit, client.map(|client| &client.output_limit));
        params.capped = limit.is_some();
        if let Some((value, place)) = limit
            && let Some((number, span)) = number(&value)
            && number >= 1.0
        {
            params.max_tokens = Some(number as u64);
            params.places.extend(span.or_else(|| place.map(|place| self.span(place))).map(|span| ("max_tokens", span)));
        }
        if let Some((value, place)) = args.first(&operation.reasoning) {
            params.reasoning = value.as_static().or_else(|| place.map(|place| self.short(place).to_string()));
        }
        if let Some((value, _)) = look(&operation.turn_cap, None)
            && let Some((turns, _)) = number(&value)
            && turns >= 1.0
        {
            params.turns = Some(turns as u64);
        }
        params.cache = args.first(&operation.cache).is_some();
        if let Some((value, _)) = look(&operation.tools, client.map(|client| &client.tools)) {
            params.tools = match &value {
                Value::Null => None,
                Value::Hole(hole) if matches!(hole.default, Some(Value::Null)) => None,
                Value::List(list) if list.items.is_empty() && !list.open => None,
                Value::List(list) if !list.open => Some(Some(list.items.len())),
                Value::Record(record) if !record.open => Some(Some(record.entries.len())),
                _ => Some(None),
            };
        }
        if params.tools.is_none()
            && let Some(object) = &hit.receiver
        {
            let tools = self.functions_under(object, &self.client_table(object).tools_by).len();
            params.tools = (tools > 0).then_some(Some(tools));
        }
        params.schema = self.asked_schema(hit, args);
        params
    }

    /// What a client, or one in its chain, was made with.
    fn made_with(&self, client: &Rc<ClientValue>, paths: &[String], depth: u32) -> Option<(Value, Option<ExprRef>)> {
        if let Some((call, frame)) = &client.made
            && let Expr::Call(made) = self.expr(*call)
            && let Some(found) = Args::of_call(self, made, *call, frame, 0).first(paths)
        {
            return Some(found);
        }
        if depth > 4 {
            return None;
        }
        client.parts.iter().find_map(|part| match part {
            Value::Client(inner) => self.made_with(inner, paths, depth + 1),
            _ => None,
        })
    }
}
