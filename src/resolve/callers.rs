//! Who calls a function of the program: by name, by reference, through a base class.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::bases::is_base;
use super::choices::Said;
use super::prompts::Draft;
use super::summary::DEFAULT;
use super::text::static_words;
use super::value::*;
use super::wrappers::TASK;
use crate::catalog::files::PromptFiles;
use crate::catalog::stdlib::Gives;
use crate::catalog::wrappers::{WrapperWords, split_words};
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

/// Callers of a function that are looked at for the one that knows what is handed in.
const CALLERS_UP: usize = 4;

/// Callers of a function that are looked at for one that hands it text.
const HANDING: usize = 8;

/// Words of a method's name from which on it is hardly another library's too: `send_with_retries`.
const SINGULAR: usize = 3;

/// One call on the way from a prompt to the SDK.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) at: ExprRef,
    /// Arguments before the function's own, where it is handed over by reference.
    pub(super) skip: usize,
    /// What `self` is in the function that it calls.
    pub(super) receiver: Option<Value>,
    /// What the function is bound to before this call.
    pub(super) given: Option<Rc<Given>>,
}

#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) step: Step,
    pub(super) weak: bool,
}

impl World<'_> {
    /// The functions around a place, innermost first, without the module.
    pub(super) fn enclosing(&self, at: ExprRef) -> Vec<FnRef> {
        let facts = self.facts(at.file);
        let mut all = Vec::new();
        let mut id = self.node(at).function;
        while id != MODULE && all.len() < 16 {
            all.push(FnRef { file: at.file, id });
            id = facts.function(id).parent;
        }
        all
    }

    /// The calls of a function of the program.
    pub(super) fn callers(&self, target: FnRef) -> Rc<Vec<Caller>> {
        if let Some(known) = self.callers.borrow().get(&target) {
            return known.clone();
        }
        let mut callers = self.named_callers(target);
        callers.extend(self.indirect(target));
        callers.sort_by_key(|caller| caller.step.at);
        callers.dedup_by_key(|caller| caller.step.at);
        let callers = Rc::new(callers);
        self.callers.borrow_mut().insert(target, callers.clone());
        callers
    }

    /// The calls of a function of the program that use its name.
    pub(super) fn named_callers(&self, target: FnRef) -> Vec<Caller> {
        let own = self.function(target);
        let name = match own.class {
            Some(class) if own.flavour == Flavour::Constructor => self.facts(target.file).class(class).name.clone(),
            _ => own.name.clone(),
        };
        if name.is_empty() {
            return Vec::new();
        }
        let mut callers = Vec::new();
        let others = |name: &SmolStr| self.aliases.get(name).into_iter().flatten().cloned().collect::<Vec<_>>();
        let mut names = vec![name.clone()];
        for other in others(&name) {
            // What is exported by default goes by the name that each importer gives it.
            names.extend(others(&other));
            names.push(other);
        }
        names.sort_unstable();
        names.dedup();
        for name in &names {
            for &at in self.calls.get(name).map(Vec::as_slice).unwrap_or_default() {
                callers.extend(self.caller(at, target));
            }
            callers.extend(self.handed_on(name, target));
        }
        callers
    }

    /// The calls of a function of the program, by place.
    pub(super) fn callers_of(&self, target: FnRef) -> Vec<ExprRef> {
        self.callers(target).iter().map(|caller| caller.step.at).collect()
    }

    pub(super) fn caller(&self, at: ExprRef, target: FnRef) -> Option<Caller> {
        let Expr::Call(call) = self.expr(at) else {
            return None;
        };
        let frame = self.frame_of(at);
        let callee_at = ExprRef { file: at.file, id: call.callee };
        let value = match self.ask(callee_at, &frame) {
            // `const ask = require("./ask")`: what is called is what that module exports as a whole.
            Value::Module(file) => self.exported(file, &SmolStr::new_static(DEFAULT), 32).unwrap_or(Value::Null),
            value => value,
        };
        let mut unknown = false;
        for one in value.alternatives() {
            match one {
                Value::Func(func) if func.function == target => {
                    let receiver = self.receivers(callee_at, func, &frame);
                    return Some(Caller {
                        step: Step { at, skip: 0, receiver, given: func.given.clone() },
                        weak: false,
                    });
                }
                // The same method by another class of the family.
                Value::Func(func) if self.same_method(func.function, target) => {
                    return Some(Caller { step: Step { at, skip: 0, receiver: None, given: None }, weak: false });
                }
                Value::Class(class) if self.constructor(*class) == Some(target) => {
                    return Some(Caller { step: Step { at, skip: 0, receiver: None, given: None }, weak: false });
                }
                // One object of a family is found, and others may be handed in as well.
                Value::Func(func) if self.is_handed_in(callee_at) && self.is_kin(func.function, target) => {
                    unknown = true
                }
                Value::Hole(_) | Value::Foreign(_) | Value::Null => unknown = true,
                _ => {}
            }
        }
        // A method on something unknown: only where its name is telling, or one that nothing else is likely to have.
        let is_method = matches!(self.expr(callee_at), Expr::Attr(..)) && self.function(target).class.is_some();
        if unknown && is_method && (self.is_telling(callee_at) || self.is_singular(target)) {
            return Some(Caller { step: Step { at, skip: 0, receiver: None, given: None }, weak: true });
        }
        None
    }

    /// Whether a method has a long name, and no other class of the program a method of that name.
    fn is_singular(&self, method: FnRef) -> bool {
        let name = &self.function(method).name;
        split_words(name).len() >= SINGULAR && self.methods.get(name).is_some_and(|all| all.len() == 1)
    }

    /// Whether a method is called on what its function, or its object, was handed: `llm.ask`, `self.llm.ask`.
    fn is_handed_in(&self, callee: ExprRef) -> bool {
        let Expr::Attr(base, _) = self.expr(callee) else { return false };
        match self.expr(ExprRef { id: *base, ..callee }) {
            Expr::Attr(..) => true,
            Expr::Name(name) => self
                .enclosing(callee)
                .iter()
                .any(|&function| self.function(function).params.iter().any(|param| param.name == *name)),
            _ => false,
        }
    }

    /// Whether a method overrides another.
    fn is_kin(&self, own: FnRef, target: FnRef) -> bool {
        let (left, right) = (self.function(own), self.function(target));
        let (Some(one), Some(two)) = (left.class, right.class) else {
            return false;
        };
        let (one, two) = (ClassRef { file: own.file, id: one }, ClassRef { file: target.file, id: two });
        left.name == right.name && one != two && self.bases(one).contains(&two)
    }

    /// Whether two methods are one and the same for a caller that knows only a common base.
    fn same_method(&self, a: FnRef, b: FnRef) -> bool {
        let (left, right) = (self.function(a), self.function(b));
        let (Some(one), Some(two)) = (left.class, right.class) else {
            return false;
        };
        if left.name != right.name || left.flavour != Flavour::Abstract {
            return false;
        }
        let base = ClassRef { file: a.file, id: one };
        self.bases(ClassRef { file: b.file, id: two }).contains(&base)
    }

    /// Calls that hand a function on with its arguments: `asyncio.to_thread(ask, prompt)`.
    pub(super) fn handed_on(&self, name: &SmolStr, target: FnRef) -> Vec<Caller> {
        let mut callers = Vec::new();
        for &at in self.handed.get(name).map(Vec::as_slice).unwrap_or_default() {
            let Some(parent) = self.node(at).parent else {
                continue;
            };
            let call_at = ExprRef { file: at.file, id: parent };
            let Expr::Call(call) = self.expr(call_at) else {
                continue;
            };
            let Some(place) = call.args.iter().position(|arg| arg.value == at.id) else {
                continue;
            };
            let kept = super::index::last_name(self.facts(at.file), call.callee)
                .is_some_and(|name| WrapperWords::embedded().registers(&name));
            if call.args.len() < place + 2 || kept || self.only_looks(call, at.file) {
                continue;
            }
            let value = self.ask(at, &self.frame_of(at));
            let func = value.alternatives().iter().find_map(|one| match one {
                Value::Func(func) if func.function == target => Some(func),
                _ => None,
            });
            if let Some(func) = func {
                let step = Step { at: call_at, skip: place + 1, receiver: func.receiver.clone(), given: None };
                callers.push(Caller { step, weak: false });
            }
        }
        callers
    }

    /// Whether a call is of a function of the language that does something with a value, and runs nothing: `getattr`.
    fn only_looks(&self, call: &Call, file: FileId) -> bool {
        let callee = ExprRef { file, id: call.callee };
        let known = |path: &str| {
            let gives = self.stdlib.function(self.language(file).is_python(), path);
            gives.is_some_and(|gives| gives != Gives::Bound)
        };
        matches!(self.ask(callee, &self.frame_of(callee)), Value::External(path) if known(&path))
    }

    /// What a parameter of a constructor is, where every object of the program is made with one and the same value.
    pub(super) fn same_for_all(&self, hole: &HoleValue) -> Option<Value> {
        let (function, index) = hole.param.filter(|(id, _)| self.function(*id).flavour == Flavour::Constructor)?;
        let mut one: Option<Value> = None;
        for caller in self.callers(function).iter() {
            let at = caller.step.at;
            let Expr::Call(call) = self.expr(at) else { return None };
            let given =
                self.bound_one(function, index, call, at, &self.frame_of(at)).filter(|given| !given.is_hole())?;
            if one.as_ref().is_some_and(|one| !one.same(&given)) {
                return None;
            }
            one = Some(given);
        }
        one
    }

    /// The function of those around a call through which a parameter of one further up came in: with one caller only, what
    /// that hands in is known without going there.
    pub(super) fn on_the_way(&self, around: &[FnRef], params: &[(FnRef, u32)]) -> Option<FnRef> {
        let leads = |from: FnRef| {
            self.callers(from).iter().take(CALLERS_UP).any(|caller| {
                let up = self.enclosing(caller.step.at);
                params.iter().any(|(function, _)| up.contains(function))
            })
        };
        around.iter().copied().filter(|_| !params.is_empty()).find(|&function| leads(function))
    }

    /// The function of those around a call that some caller hands text for a prompt, where nothing of the prompt can be
    /// read for the call itself: what happens to it between the two is more than what is followed.
    pub(super) fn handed_somehow(&self, outer: ExprRef, around: &[FnRef]) -> Option<FnRef> {
        let words = WrapperWords::embedded();
        around.iter().copied().find(|&function| {
            let own = self.function(function);
            let mut prompts = own.params.iter().filter(|param| words.is_prompt_name(&param.name)).peekable();
            if prompts.peek().is_none() {
                return false;
            }
            let within = Span { file: function.file, start: own.start, end: own.end };
            let made_of = self.wanted(self.span(outer), within);
            let hands = |caller: &Caller, to: FnRef| !self.handed_text(caller, to).is_empty();
            // Another method of the object may stand between.
            let by_layer = |caller: &Caller| {
                let layer = self.enclosing(caller.step.at).first().copied().filter(|_| self.is_layer(caller.step.at));
                layer.is_some_and(|layer| self.callers(layer).iter().take(HANDING).any(|above| hands(above, layer)))
            };
            let handed = |caller: &Caller| hands(caller, function) || by_layer(caller);
            // `self.add_to_conversation(prompt)`: what the object keeps is what is sent.
            let keeps = made_of.iter().any(|name| name.starts_with("self."));
            let index = self.flow_index(function.file);
            let kept =
                |name: &SmolStr| keeps && index.assigned(within).any(|one| one.set.contains("self") && one.reads(name));
            // A family whose methods each ask that of their base would hide who asks from outside.
            let some_hand = || {
                let callers = self.callers(function);
                let (layers, outside): (Vec<_>, Vec<_>) =
                    callers.iter().partition(|caller| self.is_layer(caller.step.at));
                [outside, layers].into_iter().any(|some| some.into_iter().take(HANDING).any(handed))
            };
            prompts.any(|param| made_of.contains(&param.name) || kept(&param.name)) && some_hand()
        })
    }

    /// Text that a caller hands a wrapper for a prompt, where the way to the request loses it: messages that are put
    /// together by code that is not followed.
    pub(super) fn handed_text(&self, caller: &Caller, target: FnRef) -> Vec<Said> {
        let at = caller.step.at;
        let Expr::Call(call) = self.expr(at) else {
            return Vec::new();
        };
        let words = WrapperWords::embedded();
        let own = self.function(target);
        let call = self.without(call, caller.step.skip);
        // A question of its own: looking for the text on the way has most likely used the steps up.
        self.afresh();
        let func = FuncValue { function: target, receiver: None, outer: None, given: caller.step.given.clone() };
        let bound = self.bind_to(&func, &call, at, &self.frame_of(at));
        let given = own.params.iter().zip(bound).filter_map(|(param, value)| Some((&param.name, value?)));
        self.texts_among(given.filter(|(name, _)| words.carries(name)), target)
    }

    /// Whether a caller hands a wrapper text for a prompt: by a parameter, or by a field of the options that one is,
    /// `ask({ messages: […] })`.
    pub(super) fn hands_text(&self, caller: &Caller, target: FnRef) -> bool {
        let Expr::Call(call) = self.expr(caller.step.at) else {
            return false;
        };
        let words = WrapperWords::embedded();
        let frame = self.frame_of(caller.step.at);
        let by_option = |arg: &Arg| match self.ask(ExprRef { file: caller.step.at.file, id: arg.value }, &frame) {
            Value::Record(options) => {
                let given = options.entries.iter().map(|(name, value)| (name, value.clone()));
                !self.texts_among(given.filter(|(name, _)| words.carries(name)), target).is_empty()
            }
            _ => false,
        };
        !self.handed_text(caller, target).is_empty() || call.args.iter().any(by_option)
    }

    /// The texts among what a function is handed under names of prompts.
    fn texts_among<'n>(&self, given: impl Iterator<Item = (&'n SmolStr, Value)>, target: FnRef) -> Vec<Said> {
        let own = self.function(target);
        let mut said = Vec::new();
        for (name, value) in given {
            let role = if name.contains("system") { "system" } else { "user" };
            if let Value::Instance(made) = &value {
                said.extend(self.put_into(made).into_iter().map(|text| Said::Message(role.into(), text)));
                continue;
            }
            // Of several lists the one that says most.
            let lists = value.alternatives().iter().filter(|one| matches!(one, Value::List(_))).map(|one| {
                let mut list = Draft::default();
                self.add_messages(one, role, &mut list, 0);
                let (instructions, asked) = list.words();
                (instructions + asked, list.messages)
            });
            if let Some((words, messages)) = lists.max_by_key(|(words, _)| *words) {
                said.extend(messages.into_iter().filter(|_| words >= TASK));
                continue;
            }
            // The name of a template, perhaps by default, stands for what is in it. Of another file, `notes.md`, it is not
            // known who wrote it.
            let text = value.alternatives().iter().find_map(|one| {
                let given = match one {
                    Value::Hole(hole) => hole.default.as_ref()?,
                    other => other,
                };
                let is_template = |name: String| PromptFiles::embedded().is_template(&name);
                let file = given.as_static().is_some_and(is_template).then(|| self.text_asked_for(given)).flatten();
                match file.as_ref().unwrap_or(one) {
                    text @ Value::Text(pieces) if static_words(text) >= TASK && !is_key(text) => {
                        Some(pieces.as_ref().clone())
                    }
                    _ => None,
                }
            });
            let is_default = |piece: &TextPiece| match piece {
                TextPiece::Lit(_, span) => span.file == target.file && (own.start..own.end).contains(&span.start),
                TextPiece::Hole(_) | TextPiece::Choice(_) => false,
            };
            said.extend(text.filter(|text| !text.iter().any(is_default)).map(|text| Said::Message(role.into(), text)));
        }
        said
    }

    /// Whether a call only passes from one method of an object to another: a layer, not a place where something is asked.
    pub(super) fn is_layer(&self, at: ExprRef) -> bool {
        let facts = self.facts(at.file);
        let is_own =
            |base: ExprId| matches!(facts.expr(base), Expr::Name(name) if name == "self") || is_base(facts, base);
        matches!(facts.expr(at.id), Expr::Call(call)
            if matches!(facts.expr(call.callee), Expr::Attr(base, _) if is_own(*base)))
    }
}

/// Whether a text is the key of something: many words, and no space between them.
fn is_key(text: &Value) -> bool {
    text.as_static().is_some_and(|text| !text.contains(char::is_whitespace))
}
