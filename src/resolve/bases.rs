//! Classes of the program that have one of an SDK as their base: the client that an object of them is, or that the base
//! keeps for them.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::syntax::facts::*;

impl World<'_> {
    /// The SDK client that a class of the program has as its base.
    pub(super) fn sdk_base(&self, class: ClassRef) -> Option<(u32, u32)> {
        let own = self.class(class);
        let frame = self.symbolic(FnRef { file: class.file, id: own.function });
        own.bases.iter().find_map(|&id| match self.eval(ExprRef { file: class.file, id }, &frame) {
            Value::External(path) => self.client_named(&path, class.file),
            _ => None,
        })
    }

    /// The client that an object of a class of the program is in its own methods, `self.invoke(…)`, with what its
    /// constructor hands on to its base. A method that the class has itself is none of the base's.
    pub(super) fn own_client(&self, class: ClassRef, method: &SmolStr) -> Option<Rc<ClientValue>> {
        let (sdk, client) = self.sdk_base(class)?;
        if self.method_of(class, method).is_some() {
            return None;
        }
        let facts = self.facts(class.file);
        let mut methods = facts.class(class.id).methods.iter().copied();
        let constructor = methods.find(|&id| facts.function(id).flavour == Flavour::Constructor);
        let made = constructor.and_then(|id| self.base_call(FnRef { file: class.file, id }));
        let made = made.map(|at| (at, self.frame_of(at)));
        Some(Rc::new(ClientValue { sdk, client, made, parts: Vec::new(), given: None }))
    }

    /// The call that gives the base of a class of the program its arguments, as seen when `call` makes an object of it:
    /// that call itself where the class has no constructor, else what its constructor hands on, if that is found.
    pub(super) fn base_made(
        &self,
        class: ClassRef,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<(ExprRef, Rc<Frame>)> {
        let facts = self.facts(class.file);
        let is_constructor = |&&id: &&FnId| facts.function(id).flavour == Flavour::Constructor;
        let Some(&id) = facts.class(class.id).methods.iter().find(is_constructor) else {
            return Some((at, frame.clone()));
        };
        let constructor = FnRef { file: class.file, id };
        let inner = self.base_call(constructor)?;
        let receiver = Some(Value::Instance(Rc::new(Instance::of(class))));
        let bound = self.bind(constructor, call, at, frame);
        let depth = frame.depth + 1;
        let inside = Frame { function: constructor, bound, receiver, outer: None, depth, memo: Memo::default() };
        Some((inner, Rc::new(inside)))
    }

    /// The call by which a constructor hands on to the one of its base: `super().__init__(…)`, `super(…)`,
    /// `Base.__init__(self, …)`.
    fn base_call(&self, constructor: FnRef) -> Option<ExprRef> {
        let facts = self.facts(constructor.file);
        let python = facts.language.is_python();
        let hands_on = |node: &ExprNode| match &node.kind {
            Expr::Call(inner) if node.function == constructor.id => match facts.expr(inner.callee) {
                Expr::Attr(_, name) => name == "__init__",
                // In Python that is only the object whose `__init__` is called.
                Expr::Name(name) => name == "super" && !python,
                _ => false,
            },
            _ => false,
        };
        let inner = facts.exprs.iter().position(hands_on)?;
        Some(ExprRef { file: constructor.file, id: ExprId(inner as u32) })
    }

    /// The frame of the constructor of a base, as those of the heirs down to the object's own class call it; `None` where
    /// the object's class has that constructor itself.
    pub(super) fn handed_up(&self, instance: &Rc<Instance>, method: FnRef) -> Option<Rc<Frame>> {
        const HEIRS: usize = 8;
        let mut own = self.constructor(instance.class)?;
        if own == method {
            return None;
        }
        let mut frame = self.frame_in(instance, own, true);
        for _ in 0..HEIRS {
            let at = self.base_call(own)?;
            let Expr::Call(call) = self.expr(at) else { return None };
            let class = ClassRef { file: own.file, id: self.function(own).class? };
            let named = match self.expr(ExprRef { file: at.file, id: call.callee }) {
                Expr::Attr(base, _) => Some(ExprRef { file: at.file, id: *base }),
                _ => None,
            };
            let (base, skip) = match named.map(|base| self.eval(base, &frame)) {
                Some(Value::Class(base)) => (self.constructor(base), 1),
                _ => (self.bases(class).into_iter().find_map(|base| self.constructor(base)), 0),
            };
            own = base?;
            let mut bound = self.bind(own, &self.without(call, skip), at, &frame);
            // Of what is only handed through the type of the parameter says more.
            for (value, param) in bound.iter_mut().zip(&self.function(own).params) {
                value.take_if(|value| value.is_hole() && param.annotation.is_some());
            }
            let receiver = Some(Value::Instance(instance.clone()));
            let outer = self.symbolic(own).outer.clone();
            let depth = frame.depth + 1;
            frame = Rc::new(Frame { function: own, bound, receiver, outer, depth, memo: Memo::default() });
            if own == method {
                return Some(frame);
            }
        }
        None
    }

    /// What making an object of a class of the program gives: the SDK's client where that is its base.
    pub(super) fn object_of(&self, class: ClassRef, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        match self.sdk_base(class) {
            Some((sdk, client)) => {
                let made = self.base_made(class, call, at, frame);
                Value::Client(Rc::new(ClientValue { sdk, client, made, parts: Vec::new(), given: None }))
            }
            None => Value::Instance(Rc::new(Instance { made: Some((at, frame.clone())), ..Instance::of(class) })),
        }
    }

    /// The client that a base of an SDK keeps under a name for its heirs: the one that the constructor hands on to it,
    /// if that can be read.
    pub(super) fn kept_by_base(&self, instance: &Rc<Instance>, class: ClassRef, name: &SmolStr) -> Option<Value> {
        let python = self.language(class.file).is_python();
        let own = self.class(class);
        let symbolic = self.symbolic(FnRef { file: class.file, id: own.function });
        let (sdk, client) =
            own.bases.iter().find_map(|&id| match self.eval(ExprRef { file: class.file, id }, &symbolic) {
                Value::External(path) => self.catalog.client_kept(python, &path, name),
                _ => None,
            })?;
        let given = || {
            let (call, outer) = instance.made.as_ref()?;
            let Expr::Call(made) = self.expr(*call) else { return None };
            let (handed, frame) = self.base_made(class, made, *call, outer)?;
            let Expr::Call(to_base) = self.expr(handed) else { return None };
            let arg = to_base.args.iter().find(|arg| arg.name.as_deref() == Some(name.trim_start_matches('_')))?;
            let value = self.eval(ExprRef { file: handed.file, id: arg.value }, &frame);
            value.alternatives().iter().find(|one| matches!(one, Value::Client(_))).cloned()
        };
        let unread = || Value::Client(Rc::new(ClientValue { sdk, client, made: None, parts: Vec::new(), given: None }));
        Some(given().unwrap_or_else(unread))
    }

    /// What a base has under a name, asked for by a method of a class below it, `super().get`: never what that class or one
    /// below it has in its place. A base that is no part of the program is not known; `None` where nothing is in its way.
    pub(super) fn inherited(&self, at: ExprRef, holder: ExprId, name: &SmolStr, frame: &Rc<Frame>) -> Option<Value> {
        const UP: u32 = 8;
        is_base(self.facts(at.file), holder).then_some(())?;
        let holder = match self.facts(at.file).expr(holder) {
            Expr::Call(call) => call.callee,
            _ => holder,
        };
        let id = self.enclosing(at).into_iter().find_map(|function| self.function(function).class)?;
        let own = ClassRef { file: at.file, id };
        let holder = self.eval(ExprRef { file: at.file, id: holder }, frame);
        let objects = holder.alternatives().iter().filter_map(|one| match one {
            Value::Instance(object) => Some(object),
            _ => None,
        });
        let objects: Vec<_> = objects.collect();
        let bases = self.bases(own);
        let above =
            |object: &&Rc<Instance>| bases.iter().find_map(|&base| self.attribute_inner(object, base, name, at, UP));
        let found = Value::one_of(objects.iter().filter_map(above));
        let replaces = |class: ClassRef| self.method_of(class, name).is_some();
        let hidden = || objects.iter().any(|object| replaces(own) || replaces(object.class));
        found.or_else(|| hidden().then(|| self.hole(at, Shape::Unknown, Origin::Unknown)))
    }

    /// Whether a call runs the method of the base that the method around it stands in the place of.
    pub(super) fn asks_same_of_base(&self, at: ExprRef) -> bool {
        let facts = self.facts(at.file);
        let Expr::Call(call) = facts.expr(at.id) else { return false };
        let Expr::Attr(_, name) = facts.expr(call.callee) else { return false };
        is_to_base(facts, call) && self.enclosing(at).iter().any(|&function| self.function(function).name == *name)
    }

    /// The method that a class itself has under a name.
    fn method_of(&self, class: ClassRef, name: &SmolStr) -> Option<FnId> {
        let facts = self.facts(class.file);
        facts.class(class.id).methods.iter().copied().find(|&id| facts.function(id).name == *name)
    }

    /// What an object of a class below one that is no part of the program was made with under a name: its base most
    /// likely keeps it so, `HumanMessage(content=…).content`.
    pub(super) fn kept_as_given(&self, instance: &Rc<Instance>, class: ClassRef, name: &SmolStr) -> Option<Value> {
        let (call, outer) = instance.made.as_ref().filter(|_| instance.class == class)?;
        let Expr::Call(made) = self.expr(*call) else { return None };
        let arg = made.args.iter().find(|arg| arg.name.as_ref() == Some(name))?;
        let by_base = self.constructor(class).is_none() && self.is_below_another(class);
        by_base.then(|| self.eval(ExprRef { file: call.file, id: arg.value }, outer))
    }

    /// What a method that the program gives its enum makes of a member: `Task.QUEST.fill(level=3)`.
    pub(super) fn enum_method(
        &self,
        member: &Value,
        base_at: ExprRef,
        method: &SmolStr,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Option<Value> {
        let Expr::Attr(of, _) = self.expr(base_at) else { return None };
        let Value::Class(class) = self.eval(ExprRef { file: base_at.file, id: *of }, frame) else { return None };
        let facts = self.facts(class.file);
        let id = facts.class(class.id).methods.iter().copied().find(|&id| facts.function(id).name == *method)?;
        let own = FuncValue {
            function: FnRef { file: class.file, id },
            receiver: Some(member.clone()),
            outer: None,
            given: None,
        };
        let bound = self.bind_to(&own, call, at, frame);
        Some(self.run(&own, &bound, at, frame))
    }
}

/// Whether a call is of a method of the base.
pub(super) fn is_to_base(facts: &FileFacts, call: &Call) -> bool {
    matches!(facts.expr(call.callee), Expr::Attr(base, _) if is_base(facts, *base))
}

/// Whether an expression stands for the object as its base knows it: `super`, `super()`.
pub(super) fn is_base(facts: &FileFacts, id: ExprId) -> bool {
    let named = match facts.expr(id) {
        Expr::Call(call) if call.args.is_empty() => facts.expr(call.callee),
        plain => plain,
    };
    matches!(named, Expr::Name(name) if name == "super")
}
