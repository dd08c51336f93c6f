//! What becomes of an answer: what the places where it is read say together.

use smol_str::SmolStr;

use super::World;
use super::flow::uses::{by_schema, is_of_answer, is_open, parsed, plain};
use super::flow::{Form, Read, Says, Trace, best};
use super::value::*;
use super::wrappers::Site;
use crate::catalog::answers::AnswerWords;
use crate::program::{Answer, AnswerUse, CallKind, CallRole, Piece, Schema};
use crate::syntax::facts::*;

/// Reads that are kept.
const READS: usize = 16;

impl World<'_> {
    /// What becomes of the answer of a call, and the names it is bound to.
    pub(super) fn answer(&self, site: &Site) -> (Answer, Vec<String>) {
        let schema = site.params.schema.as_ref().map(|(schema, _)| schema);
        let fields = schema.into_iter().flat_map(|schema| &schema.fields).map(|(name, _)| SmolStr::new(name)).collect();
        let mut trace = Trace::new(fields, site.role == CallRole::Wrapper);
        let unresolved = site.hit.as_ref().is_some_and(|hit| self.sdk(hit.op).id == "unresolved");
        trace.opaque = unresolved && site.chain.len() == 1;
        let (start, passing) = self.inner_form(site, &mut trace);
        let runs = match self.expr(site.at()) {
            Expr::Call(call) if self.only_binds(call, site.at()) => self.runs_of(site.at()),
            _ => Vec::new(),
        };
        for at in runs.iter().map(|run| run.answers).chain(runs.is_empty().then(|| site.at())) {
            self.flow(at, start.clone(), &mut trace, 0);
        }
        let name = self.function_name(site.at());
        let mut usage = self.usage(site, schema, &trace, &name);
        // Left alone here, but not in the wrapper.
        if usage == AnswerUse::Ignored && passing.iter().any(|read| read.says == Says::Use(AnswerUse::Text)) {
            usage = AnswerUse::Text;
            trace.reads = passing;
        }
        let mut reads: Vec<_> = trace.reads.into_iter().map(|read| (read.span, read.how)).collect();
        reads.sort_by_key(|(span, _)| *span);
        reads.dedup();
        reads.truncate(READS);
        (Answer { usage, reads }, trace.names)
    }

    /// The form in which a chain gives its answer: what its wrappers make of it on the way up, and parsers at its end.
    /// And what wrappers do with it besides.
    fn inner_form(&self, site: &Site, trace: &mut Trace) -> (Form, Vec<Read>) {
        let sent = site.hit.as_ref().is_some_and(|hit| !self.operation(hit.op).url.is_empty());
        let mut form = if sent { Form::Body } else { Form::Raw };
        let mut passing = Vec::new();
        // `callModelJSON(…)`, and nothing more is known of it: its name says what it gives.
        if trace.opaque
            && let Expr::Call(call) = self.expr(site.at())
            && super::index::last_name(self.facts(site.at().file), call.callee)
                .is_some_and(|name| name.to_lowercase().contains("json"))
        {
            let (span, says) = (self.span(site.at()), Says::Use(AnswerUse::Json));
            trace.reads.push(Read { span, how: "a wrapper's name".to_owned(), says, distance: 0 });
            form = Form::Parsed;
        }
        let parts = site.hit.iter().filter_map(|hit| hit.receiver.as_ref()).flat_map(|client| &client.parts);
        for part in parts {
            let Value::Foreign(foreign) = part else { continue };
            let path = foreign.path.trim_end_matches("()");
            let made = path.rsplit(['.', '#']).find_map(|name| match trace.words.is_structured_by(name) {
                true => Some(AnswerUse::Json),
                false => trace.words.of_parser(name.trim_end_matches("()")),
            });
            let Some(made) = made else { continue };
            let (span, says) = (self.span(foreign.at), Says::Use(made));
            trace.reads.push(Read { span, how: "a parser".to_owned(), says, distance: 0 });
            form = match made {
                AnswerUse::Json => Form::Parsed,
                AnswerUse::List => Form::Pieces,
                other => Form::Made(other),
            };
        }
        // From outside in: what each function on the way is handed. From inside out: what it gives back.
        let mut frames = Vec::new();
        let mut frame = self.frame_of(site.chain[0]);
        // What runs a bound function enters it where it is bound.
        let binds = |at: ExprRef| matches!(self.expr(at), Expr::Call(call) if self.only_binds(call, at));
        let moved = usize::from(site.chain.get(1).is_some_and(|&at| binds(at)));
        for pair in site.chain[moved..].windows(2) {
            let (outer, inner) = (pair[0], pair[1]);
            let Some(function) = self.entered(outer, inner) else {
                frames.clear();
                break;
            };
            if let Expr::Call(call) = self.expr(outer) {
                frame = self.frame_bound(function, call, outer, &frame);
            }
            frames.push((function, inner, frame.clone()));
        }
        while let Some((function, inner, frame)) = frames.pop() {
            let kept = trace.reads.len();
            let mut inside = Trace::new(trace.fields.clone(), true);
            inside.frames = frames.iter().map(|(_, _, frame)| frame.clone()).chain([frame]).collect();
            inside.scopes.push((function, Vec::new()));
            inside.own = 1;
            self.flow(inner, form.clone(), &mut inside, 0);
            let forms = inside.scopes.pop().map(|(_, forms)| forms).unwrap_or_default();
            let named = trace.words.gives_json(&self.function(function).name);
            // What makes the answer into data may be too far to follow: the name says that it does.
            let given = match best(forms) {
                None | Some(Form::Raw | Form::Body) if named => Some(Form::Parsed),
                given => given,
            };
            match given {
                Some(given) => {
                    let parses = given == Form::Parsed && form != Form::Parsed;
                    form = given;
                    if parses && named {
                        let (span, says) = (self.span(site.at()), Says::Use(AnswerUse::Json));
                        trace.reads.push(Read { span, how: "a wrapper's name".to_owned(), says, distance: 0 });
                    }
                    if parses {
                        let is_json = |read: &&Read| read.says == Says::Use(AnswerUse::Json);
                        trace.reads.extend(inside.reads.iter().filter(is_json).cloned());
                    }
                    passing.extend(inside.reads);
                }
                // It gives back something else: what it decided by the answer is what the answer is for.
                None => {
                    let telling = |read: &Read| read.says != Says::Use(AnswerUse::Ignored);
                    trace.reads.extend(inside.reads.into_iter().filter(telling));
                    if trace.reads[kept..].iter().any(|read| {
                        matches!(
                            read.says,
                            Says::Use(AnswerUse::Bool | AnswerUse::Number | AnswerUse::Enum | AnswerUse::Date)
                        )
                    }) {
                        form = Form::Item;
                    }
                }
            }
        }
        (form, passing)
    }

    /// The function that an outer call enters on the way to an inner one.
    fn entered(&self, outer: ExprRef, inner: ExprRef) -> Option<FnRef> {
        let around = self.enclosing(inner);
        let Expr::Call(call) = self.expr(outer) else {
            return None;
        };
        let name = super::index::last_name(self.facts(outer.file), call.callee)?;
        let named = around.iter().copied().find(|&function| self.function(function).name == name);
        named.or_else(|| around.iter().copied().find(|&function| !self.function(function).name.is_empty()))
    }

    fn function_name(&self, at: ExprRef) -> String {
        let facts = self.facts(at.file);
        let mut id = self.node(at).function;
        while facts.function(id).name.is_empty() && id != MODULE {
            id = facts.function(id).parent;
        }
        facts.function(id).name.to_string()
    }

    fn usage(&self, site: &Site, schema: Option<&Schema>, trace: &Trace, function: &str) -> AnswerUse {
        // What is near the call says most: places further off are heard only where it says nothing.
        let farthest = trace.reads.iter().map(|read| read.distance).max().unwrap_or(0);
        let mut usage = AnswerUse::Unknown;
        // A wrapper looks for tools in the answers of all its callers; of one that offers none there are none.
        let offers_none = site.role == CallRole::ViaWrapper && site.params.tools.is_none();
        let counts = |read: &&Read| !(offers_none && read.says == Says::Use(AnswerUse::ToolLoop));
        let heard: Vec<&Read> = trace.reads.iter().filter(counts).filter(|read| is_of_answer(read)).collect();
        for distance in 0..=farthest {
            let near: Vec<Read> = heard.iter().filter(|read| read.distance <= distance).copied().cloned().collect();
            let is_json = near.iter().any(|read| read.says == Says::Use(AnswerUse::Json));
            usage = match schema {
                Some(schema) if !schema.fields.is_empty() => by_schema(schema, &near, trace.words),
                Some(_) => parsed(&near, trace.words),
                None if is_json => parsed(&near, trace.words),
                None => plain(&near, trace.words),
            };
            if !is_open(usage) {
                break;
            }
        }
        let kind = site.hit.as_ref().map(|hit| site.kind.unwrap_or(self.operation(hit.op).kind));
        let chooses = site.params.tools.is_some() && !trace.opaque;
        // An agent runs the tools that its model chooses, whatever its last words are good for.
        let runs = kind == Some(CallKind::Agent)
            && matches!(usage, AnswerUse::Text | AnswerUse::Unknown | AnswerUse::Enum | AnswerUse::Number);
        if chooses && (runs || (is_open(usage) && kind == Some(CallKind::Chat))) {
            return AnswerUse::ToolLoop;
        }
        // What a wrapper's result may hold says nothing of what its callers ask for.
        if site.role == CallRole::Wrapper && usage == AnswerUse::ToolLoop {
            return AnswerUse::Text;
        }
        if is_open(usage) && site.role == CallRole::Wrapper && trace.words.gives_json(function) {
            return AnswerUse::Json;
        }
        if usage != AnswerUse::Text || schema.is_some() || site.role == CallRole::Wrapper {
            return usage;
        }
        if let Some(usage) = self.file_named(site, trace.words) {
            return usage;
        }
        // Text that is handed on: the name it goes by may say what it is.
        let named = trace.names.iter().rev().find_map(|name| trace.words.of_name(name));
        let asked = || {
            let pieces = site.prompt.messages.iter().flat_map(|message| &message.pieces);
            let mut texts = pieces.filter_map(|piece| match piece {
                Piece::Text(text, _) => Some(text),
                Piece::Hole(_) => None,
            });
            texts.any(|text| trace.words.asks_for_code(text)).then_some(AnswerUse::Code)
        };
        named.or_else(|| trace.words.of_name(function)).or_else(asked).unwrap_or(usage)
    }
}

impl World<'_> {
    /// What the file holds that a call through a wrapper names beside its prompt: `write_file(prompt, file="app.py")`.
    fn file_named(&self, site: &Site, words: &AnswerWords) -> Option<AnswerUse> {
        let at = site.at();
        let Expr::Call(call) = self.expr(at) else {
            return None;
        };
        if site.role != CallRole::ViaWrapper {
            return None;
        }
        let frame = self.frame_of(at);
        call.args.iter().find_map(|arg| {
            let name = arg.name.as_ref()?.to_lowercase();
            if !(name.contains("file") || name.contains("path")) {
                return None;
            }
            let value = self.ask(ExprRef { file: at.file, id: arg.value }, &frame);
            let named = match &value {
                Value::List(list) => list.items.first().and_then(Value::as_static),
                other => other.as_static(),
            };
            words.of_file(named?.trim())
        })
    }
}
