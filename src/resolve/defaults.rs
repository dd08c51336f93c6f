//! Defaults that are handed to a function which declares something, rather than written behind an equals sign:
//! `Field(default="x")`, `typer.Option("x")`, `parser.add_argument("--model", default="x")`.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::program::{Origin, Shape};
use crate::source::FileId;
use crate::syntax::facts::*;

impl World<'_> {
    /// `Field(default=x)`, `field(default_factory=f)`, `Query(x)`: what a field or a parameter is when nothing is given.
    pub(super) fn declared_default(&self, value: Value) -> Option<Value> {
        let Value::Foreign(foreign) = &value else {
            return Some(value);
        };
        let Expr::Call(call) = self.expr(foreign.at) else {
            return Some(value);
        };
        // A row of a database holds what was put there: the default of its column says nothing of it.
        if is_column(&foreign.path) {
            return Some(value);
        }
        let file = foreign.at.file;
        let frame = self.symbolic(FnRef { file, id: MODULE });
        let get = |names: &[&str]| {
            call.args.iter().find(|arg| arg.name.as_ref().is_some_and(|name| names.contains(&name.as_str())))
        };
        if let Some(arg) = get(&["default"]) {
            return Some(self.eval(ExprRef { file, id: arg.value }, &frame));
        }
        if let Some(arg) = get(&["default_factory", "factory"]) {
            let value = self.eval(ExprRef { file, id: arg.value }, &frame);
            if let Value::Func(func) = &value {
                return Some(self.run(func, &[], foreign.at, &frame));
            }
        }
        let first = call.args.first().filter(|arg| arg.name.is_none() && arg.spread == Spread::No)?;
        let first = self.eval(ExprRef { file, id: first.value }, &frame);
        matches!(first, Value::Text(_) | Value::Num(..) | Value::Bool(_) | Value::Client(_) | Value::Null)
            .then_some(first)
    }

    /// What a parameter of a Python function is when nothing is given: what stands behind its equals sign, or what the
    /// option of the command line has that a decorator makes of it.
    pub(super) fn param_default(&self, function: FnRef, index: u32) -> Option<Value> {
        let own = self.function(function);
        let param = &own.params[index as usize];
        let file = function.file;
        let outer = self.symbolic(FnRef { file, id: own.parent });
        if let Some(id) = param.default {
            let written = self.eval(ExprRef { file, id }, &outer);
            return match &written {
                Value::Foreign(_) if self.language(file).is_python() => {
                    self.declared_default(written.clone()).or(Some(written))
                }
                _ => Some(written),
            };
        }
        own.decorators.iter().find_map(|&id| {
            let Expr::Call(call) = self.expr(ExprRef { file, id }) else { return None };
            let default = self.option_default(call, &param.name, file)?;
            Some(self.eval(ExprRef { file, id: default }, &outer))
        })
    }

    /// An argument of the program's own command line, `parser.parse_args().model`, with its default.
    pub(super) fn command_line(&self, parsed: &Foreign, name: &SmolStr, at: ExprRef) -> Option<Value> {
        if !parsed.path.ends_with(".parse_args()") {
            return None;
        }
        let file = parsed.at.file;
        let mut own = self.calls.get("add_argument")?.iter().filter(|declared| declared.file == file);
        let default = own.find_map(|&declared| {
            let Expr::Call(call) = self.expr(declared) else { return None };
            let default = self.option_default(call, name, file)?;
            Some(self.eval(ExprRef { file, id: default }, &self.frame_of(declared)))
        })?;
        let Value::Hole(given) = self.hole(at, Shape::Unknown, Origin::User) else { return None };
        Some(Value::Hole(Rc::new(HoleValue { default: Some(default), ..(*given).clone() })))
    }

    /// The default in a call that declares the option of that name: `add_argument("--top-k", default=5)`.
    fn option_default(&self, call: &Call, name: &SmolStr, file: FileId) -> Option<ExprId> {
        let named = |arg: &Arg| match (self.expr(ExprRef { file, id: arg.value }), arg.name.as_deref()) {
            (Expr::Str(text), None) => text.trim_start_matches('-').replace('-', "_") == name.as_str(),
            (Expr::Str(text), Some("dest")) => **text == *name.as_str(),
            _ => false,
        };
        let default = call.args.iter().find(|arg| arg.name.as_deref() == Some("default"))?;
        call.args.iter().any(named).then_some(default.value)
    }
}

/// Whether what makes a field is a column of a table: `models.CharField(…)`, `mapped_column(…)`.
fn is_column(path: &str) -> bool {
    let mut names = path.trim_end_matches("()").rsplit(['.', '#']);
    let last = names.next().unwrap_or("");
    matches!(last, "mapped_column" | "Column") || (last.ends_with("Field") && names.next() == Some("models"))
}
