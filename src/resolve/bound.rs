//! Chains of calls with every function on the way bound by the call before it, and constructors bound by the call that
//! makes their object.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::callers::Step;
use super::choices::Said;
use super::locate::Hit;
use super::prompts::Draft;
use super::value::*;
use crate::syntax::facts::*;

/// What tells objects and their constructors apart: the class, the parameter that it is, the call that makes it if that is
/// known, with the frame of that, which the object itself keeps alive, and the constructor.
pub(super) type Made = (ClassRef, Option<(FnRef, u32)>, Option<(ExprRef, usize)>, FnRef);

impl World<'_> {
    /// The frame of a function that nobody in particular has called: its parameters are holes.
    pub(super) fn symbolic(&self, function: FnRef) -> Rc<Frame> {
        if let Some(frame) = self.frames.borrow().get(&function) {
            return frame.clone();
        }
        let at = self.function(function);
        let outer = (function.id != MODULE).then(|| self.symbolic(FnRef { file: function.file, id: at.parent }));
        let receiver = match at.class {
            Some(id) => Some(Value::Instance(Rc::new(Instance::of(ClassRef { file: function.file, id })))),
            None => outer.as_ref().and_then(|outer| outer.receiver.clone()),
        };
        let frame = Rc::new(Frame { function, bound: Vec::new(), receiver, outer, depth: 0, memo: Memo::default() });
        self.frames.borrow_mut().insert(function, frame.clone());
        frame
    }

    /// The function that an expression stands in, as nobody in particular calls it.
    pub(super) fn frame_of(&self, at: ExprRef) -> Rc<Frame> {
        self.symbolic(FnRef { file: at.file, id: self.node(at).function })
    }

    /// The prompt of a chain, with every function on the way bound by the call before it.
    pub(super) fn drafted(&self, hit: &Hit, steps: &[Step]) -> Option<(Draft, Args<'_, '_>)> {
        self.afresh();
        let mut frame = self.frame_of(steps.first().map_or(hit.at, |step| step.at));
        for (index, step) in steps.iter().enumerate() {
            let inner = steps.get(index + 1).map_or(hit.at, |next| next.at);
            let Expr::Call(call) = self.expr(step.at) else {
                return None;
            };
            let func = self.target_of(inner, step, &frame)?;
            let (target, receiver) = (func.function, func.receiver.clone());
            let call = self.without(call, step.skip);
            let mut bound = self.bind_to(&func, &call, step.at, &frame);
            if step.skip > 0 {
                self.filled_by_runs(&mut bound, target, step);
            }
            let inner_frame = Rc::new(Frame {
                function: target,
                bound,
                receiver: receiver.or_else(|| step.receiver.clone()).or_else(|| self.symbolic(target).receiver.clone()),
                outer: self.symbolic(target).outer.clone(),
                depth: frame.depth + 1,
                memo: Memo::default(),
            });
            if !self.is_reached(inner, &inner_frame) {
                return None;
            }
            // The next call may stand in a function inside the target: a callback, a nested definition.
            frame = self.nested(inner, target, inner_frame);
        }
        let (hit, open) = self.located(hit, &frame);
        let args = Args::new(self, &hit, &frame)?;
        let mut draft = self.draft(&hit, &args);
        if let Some(hole) = open {
            draft.messages.insert(0, Said::Message("system".into(), vec![TextPiece::Hole(hole)]));
        }
        Some((draft, args))
    }

    /// The receiver of a located call, seen again from a frame that may know more of it. Where it is a parameter that
    /// brings instructions with it, and nobody has bound it yet, the parameter stands for them.
    pub(super) fn located(&self, hit: &Hit, frame: &Rc<Frame>) -> (Hit, Option<Rc<HoleValue>>) {
        if frame.depth == 0 && !hit.handed {
            return (hit.clone(), None);
        }
        let Some(value) = self.receivers_at(hit, frame) else { return (hit.clone(), None) };
        let receiver = value.alternatives().iter().find_map(|one| match one {
            Value::Client(client) | Value::Member(client, _) if client.sdk == hit.op.sdk => Some(client.clone()),
            _ => None,
        });
        if let (None, Value::Hole(hole), Some(known)) = (&receiver, &value, &hit.receiver)
            && hole.param.is_some()
            && (!self.client_table(known).system.is_empty() || !known.parts.is_empty())
        {
            let bare = ClientValue { made: None, parts: Vec::new(), ..(**known).clone() };
            return (Hit { receiver: Some(Rc::new(bare)), ..hit.clone() }, Some(hole.clone()));
        }
        (Hit { receiver: receiver.or_else(|| hit.receiver.clone()), ..hit.clone() }, None)
    }

    /// What a located call is made on in a frame; more than one thing where it is chosen at run time.
    pub(super) fn receivers_at(&self, hit: &Hit, frame: &Rc<Frame>) -> Option<Value> {
        let Expr::Call(call) = self.expr(hit.at) else { return None };
        // `to_thread(chain.run, text)`: the callable stands among the arguments.
        let called = hit.skip.checked_sub(1).map_or(call.callee, |index| call.args[index].value);
        let callee = ExprRef { file: hit.at.file, id: called };
        let base = match self.expr(callee) {
            Expr::Attr(base, _) => ExprRef { file: hit.at.file, id: *base },
            _ => callee,
        };
        Some(self.eval(base, frame))
    }

    /// The frame of a method of an instance; a constructor's parameters are bound to what it was made with.
    pub(super) fn frame_in(&self, instance: &Rc<Instance>, method: FnRef, is_constructor: bool) -> Rc<Frame> {
        if !is_constructor || self.function(method).class.is_none() {
            return self.symbolic(method);
        }
        // Each attribute of an object is asked for in this frame: made anew each time, all that its constructor does would
        // be found out for each of them again.
        let made = instance.made.as_ref().map(|(call, outer)| (*call, Rc::as_ptr(outer) as usize));
        let key = (instance.class, instance.param, made, method);
        if let Some(known) = self.made.borrow().get(&key) {
            return known.clone();
        }
        let (frame, whole) = self.whole(|| self.handed_up(instance, method).or_else(|| self.made_by(instance, method)));
        let Some(frame) = frame else { return self.symbolic(method) };
        if whole {
            self.made.borrow_mut().insert(key, frame.clone());
        }
        frame
    }

    /// The frame of a constructor as the call that makes the object binds it.
    fn made_by(&self, instance: &Rc<Instance>, method: FnRef) -> Option<Rc<Frame>> {
        let (call, outer) = instance.made.as_ref()?;
        let Expr::Call(made) = self.expr(*call) else { return None };
        let bound = self.bind(method, made, *call, outer);
        let receiver = Some(Value::Instance(instance.clone()));
        let depth = outer.depth + 1;
        Some(Rc::new(Frame { function: method, bound, receiver, outer: None, depth, memo: Memo::default() }))
    }

    /// A frame for a function nested in one whose frame is known.
    pub(super) fn nested(&self, at: ExprRef, target: FnRef, frame: Rc<Frame>) -> Rc<Frame> {
        let mut path = Vec::new();
        let mut id = self.node(at).function;
        while id != target.id && id != MODULE {
            path.push(id);
            id = self.facts(at.file).function(id).parent;
        }
        if id != target.id {
            return frame;
        }
        path.into_iter().rev().fold(frame, |outer, id| {
            let receiver = outer.receiver.clone();
            let depth = outer.depth;
            Rc::new(Frame {
                function: FnRef { file: at.file, id },
                bound: Vec::new(),
                receiver,
                outer: Some(outer),
                depth,
                memo: Memo::default(),
            })
        })
    }

    /// The function around `inner` that a step calls, and what `self` is in it as seen from there.
    fn target_of(&self, inner: ExprRef, step: &Step, frame: &Rc<Frame>) -> Option<FuncValue> {
        let around = self.enclosing(inner);
        let Expr::Call(call) = self.expr(step.at) else {
            return None;
        };
        let called = if step.skip > 0 { call.args[step.skip - 1].value } else { call.callee };
        let called_at = ExprRef { file: step.at.file, id: called };
        let value = self.eval(called_at, frame);
        let plain = |function| FuncValue { function, receiver: None, outer: None, given: None };
        let exact = value.alternatives().iter().find_map(|one| match one {
            Value::Func(func) if around.contains(&func.function) => {
                Some(FuncValue { outer: None, receiver: self.receivers(called_at, func, frame), ..(**func).clone() })
            }
            Value::Class(class) => {
                self.constructor(*class).filter(|constructor| around.contains(constructor)).map(plain)
            }
            _ => None,
        });
        // A member chosen by name, which is known from here and is another: not this way.
        if exact.is_none()
            && matches!(self.facts(step.at.file).expr(called), Expr::Index(..))
            && value.alternatives().iter().all(|one| matches!(one, Value::Func(_)))
        {
            return None;
        }
        // A weak step was matched by name alone.
        exact.or_else(|| {
            let name = super::index::last_name(self.facts(step.at.file), called);
            let is_named = |function: &FnRef| name.as_ref().is_some_and(|name| self.function(*function).name == *name);
            let named = around.iter().copied().find(is_named);
            named.or(around.first().copied()).map(plain)
        })
    }

    /// What a library gives back that runs a function handed to it with the arguments after it.
    pub(super) fn run_for(&self, place: usize, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let handed = call.args.get(place).filter(|arg| arg.spread == Spread::No)?;
        let handed = self.eval(ExprRef { file: at.file, id: handed.value }, frame);
        let rest = self.without(call, place + 1);
        let given = |one: &Value| match one {
            Value::Func(_) => self.called(one, &rest, at, frame),
            _ => None,
        };
        Value::one_of(handed.alternatives().iter().filter_map(given).collect::<Vec<_>>())
    }

    /// A call without the arguments before a function's own.
    pub(super) fn without(&self, call: &Call, skip: usize) -> Call {
        let args =
            call.args.iter().skip(skip).map(|arg| Arg { name: arg.name.clone(), value: arg.value, spread: arg.spread });
        Call { callee: call.callee, args: args.collect(), is_new: call.is_new }
    }

    /// What a call hands in for one parameter of the function that it calls, as [`Self::bind`] has it. Where the
    /// arguments are written one by one the others are not looked at.
    pub(super) fn bound_one(
        &self,
        function: FnRef,
        index: u32,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let params = &self.function(function).params;
        let index = index as usize;
        let is_simple = |param: &Param| matches!(param.kind, ParamKind::Plain | ParamKind::Object(_));
        let simple = params.get(..=index).is_some_and(|before| before.iter().all(is_simple));
        if !simple || call.args.iter().any(|arg| arg.spread != Spread::No) {
            return self.bind(function, call, at, frame).into_iter().nth(index).flatten();
        }
        let mut place = 0;
        let mut given = None;
        for arg in &call.args {
            let meant = match &arg.name {
                // The first parameter of a name is the one that is meant.
                Some(name) => params.iter().position(|param| param.name == *name) == Some(index),
                None => {
                    place += 1;
                    place == index + 1
                }
            };
            given = if meant { Some(arg.value) } else { given };
        }
        match given {
            Some(id) => Some(self.eval(ExprRef { file: at.file, id }, frame)),
            None => {
                let outer = self.symbolic(FnRef { file: function.file, id: self.function(function).parent });
                params[index].default.map(|id| self.eval(ExprRef { file: function.file, id }, &outer))
            }
        }
    }
}
