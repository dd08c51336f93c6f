//! Values that the program keeps on something that functions share: a module, a class, a session of a framework.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::syntax::facts::*;

impl World<'_> {
    /// What the program keeps on something outside: `st.session_state.agent = Agent(…)`.
    pub(super) fn kept_value(&self, holder: &Value, at: ExprRef, base: ExprId, name: &str) -> Option<Value> {
        const PLACES: usize = 12;
        if !matches!(holder, Value::External(_) | Value::Foreign(_) | Value::Hole(_)) {
            return None;
        }
        let path = super::index::kept_path(self.facts(at.file), base, name)?;
        let values = self.kept.get(&path)?.iter().take(PLACES).filter_map(|&(function, place)| {
            let StmtKind::Bind(_, value) = self.function(function).body[place as usize].kind else {
                return None;
            };
            let value = self.eval(ExprRef { file: function.file, id: value }, &self.symbolic(function));
            (!value.is_hole() && !matches!(value, Value::Null)).then_some(value)
        });
        Value::one_of(values.collect::<Vec<_>>())
    }

    /// What the program sets an attribute of an object to that files share, `config.prompts = here / "prompts.py"`, or of a
    /// class: `Prompts.SYSTEM = texts["system"]`.
    pub(super) fn set_elsewhere(&self, base: &Value, at: ExprRef, holder: ExprId, name: &str) -> Option<Value> {
        const PLACES: usize = 4;
        let Expr::Name(root) = self.expr(ExprRef { file: at.file, id: holder }) else { return None };
        let class = match base {
            Value::Instance(object) => object.class,
            Value::Class(class) => *class,
            _ => return None,
        };
        let places = self.kept.get(&SmolStr::from(format!("{root}.{name}")))?;
        let values = places.iter().take(PLACES).filter_map(|&(function, place)| {
            let StmtKind::Bind(Target::Attr(set, _), value) = self.function(function).body[place as usize].kind else {
                return None;
            };
            let frame = self.symbolic(function);
            let is_it = |one: &Value| match (base, one) {
                (Value::Instance(_), Value::Instance(other)) => other.class == class,
                (Value::Class(_), Value::Class(other)) => *other == class,
                _ => false,
            };
            let same = is_it(&self.eval(ExprRef { file: function.file, id: set }, &frame));
            let value = same.then(|| self.eval(ExprRef { file: function.file, id: value }, &frame))?;
            (!value.is_hole() && !matches!(value, Value::Null)).then_some(value)
        });
        Value::one_of(values.collect::<Vec<_>>())
    }

    /// The frame of a method that sets what its class holds, as its callers bind it: `cls.SYSTEM = texts["system"]`. `None`
    /// where the value is not set on the class.
    pub(super) fn frame_of_setter(&self, method: FnRef, holder: ExprId) -> Option<Rc<Frame>> {
        // Both `self` and `cls` are `self` in the facts.
        let own = matches!(self.facts(method.file).expr(holder), Expr::Name(name) if name == "self");
        let on_class = own && self.function(method).flavour == Flavour::Static;
        let count = self.function(method).params.len() as u32;
        let bound: Vec<_> = (0..count).map(|index| self.passed(method, index)).collect();
        let known = on_class && bound.iter().flatten().any(|value| !value.is_hole());
        let plain = self.symbolic(method);
        known.then(|| {
            let (receiver, outer) = (plain.receiver.clone(), plain.outer.clone());
            Rc::new(Frame { function: method, bound, receiver, outer, depth: 1, memo: Memo::default() })
        })
    }
}
