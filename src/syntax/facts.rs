//! The neutral form: what a source file says, with the grammar taken away.
//!
//! Both languages are lowered to this form once, after which the syntax tree is dropped and nothing downstream can
//! tell Python keywords from an options object. Expressions live in one arena per file and refer to each other by
//! number, so that dropping a deep expression never recurses.

mod context;
mod expr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::source::{FileId, Language};
pub use context::*;
pub use expr::*;

/// Number of an expression in its file's arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExprId(pub u32);

/// Number of a function in its file. Function 0 is the module's own top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FnId(pub u32);

/// Number of a class in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClassId(pub u32);

/// Number of a control context in its file. Context 0 is the file's top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CtxId(pub u32);

/// The module's top level.
pub const MODULE: FnId = FnId(0);

/// All that is kept of one file.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileFacts {
    /// The file.
    pub file: FileId,
    /// Its language.
    pub language: Language,
    /// Expression arena.
    pub exprs: Vec<ExprNode>,
    /// Functions; the first is the module's top level.
    pub functions: Vec<Function>,
    /// Classes, interfaces and object types.
    pub classes: Vec<Class>,
    /// Imported names.
    pub imports: Vec<Import>,
    /// Exported names (TypeScript; Python exports every module-level name).
    pub exports: Vec<Export>,
    /// Control contexts; the first is the file's top level.
    pub contexts: Vec<Context>,
    /// Why the file was not read to its end, if it was not.
    pub partly: Option<Partly>,
    /// Comments that speak to this tool, as byte ranges.
    pub notes: Vec<(u32, u32)>,
}

/// Why a file was read only in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partly {
    /// The parser met text that does not belong to the grammar.
    ParseErrors,
    /// Nesting went deeper than lowering follows.
    LevelLimit,
}

/// A function, method, lambda or the module's top level.
#[derive(Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its name; of a lambda the name it is bound to where it is created, else empty.
    pub name: SmolStr,
    /// The function around it; of the module itself, itself.
    pub parent: FnId,
    /// The class it is a method of.
    pub class: Option<ClassId>,
    /// Parameters in order, without `self`.
    pub params: Vec<Param>,
    /// Statements in order of the source, flattened: their contexts say what surrounds them.
    pub body: Vec<Stmt>,
    /// Decorators as expressions.
    pub decorators: Vec<ExprId>,
    /// Return annotation.
    pub returns: Option<ExprId>,
    /// Docstring or the doc comment text.
    pub docstring: Option<ExprId>,
    /// First byte of the definition.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// Context that the definition stands in.
    pub context: CtxId,
    /// The expression that creates it, for lambdas and function expressions.
    pub site: Option<ExprId>,
    /// What sort of function it is.
    pub flavour: Flavour,
}

/// What sort of function it is, as far as calls through it differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flavour {
    /// Module top level.
    Module,
    /// Plain function or lambda.
    Plain,
    /// Instance method.
    Method,
    /// `@staticmethod`, `@classmethod`, `static`.
    Static,
    /// `__init__`, `constructor`.
    Constructor,
    /// `@property`, `get x()`: called by being read.
    Getter,
    /// Abstract or overload: has no body of its own.
    Abstract,
}

/// A parameter.
#[derive(Debug, Serialize, Deserialize)]
pub struct Param {
    /// Its name; empty for a destructured one.
    pub name: SmolStr,
    /// Default value.
    pub default: Option<ExprId>,
    /// Type annotation as an expression.
    pub annotation: Option<ExprId>,
    /// How arguments reach it.
    pub kind: ParamKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// How arguments reach a parameter.
#[derive(Debug, Serialize, Deserialize)]
pub enum ParamKind {
    /// By position or keyword.
    Plain,
    /// Keyword only.
    Keyword,
    /// `*args`, `...args`.
    Rest,
    /// `**kwargs`.
    Keywords,
    /// A destructured object: key, local name, default. The last flag is set when a rest pattern takes the others.
    Object(Vec<Field>),
}

/// A field of a destructured parameter or binding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// Key in the object; empty for the rest pattern.
    pub key: SmolStr,
    /// Local name.
    pub local: SmolStr,
    /// Default value.
    pub default: Option<ExprId>,
}

/// A statement with its surroundings.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// First byte.
    pub start: u32,
    /// The innermost loop, branch or handler around it.
    pub context: CtxId,
}

/// What a statement does, as far as values flow.
#[derive(Debug, Serialize, Deserialize)]
pub enum StmtKind {
    /// `target = value`.
    Bind(Target, ExprId),
    /// `target += value`.
    Append(Target, ExprId),
    /// `target: annotation` without a value, or the annotation of a binding that stands next to it.
    Declare(Target, ExprId),
    /// A bare expression.
    Expr(ExprId),
    /// `return value`; `yield` counts too.
    Return(Option<ExprId>),
    /// `raise`, `throw`.
    Raise(Option<ExprId>),
    /// A nested function definition by name.
    Define(FnId),
    /// A nested class definition by name.
    DefineClass(ClassId),
    /// `break` or an exit from the loop.
    Break,
}

/// What is bound.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Target {
    /// A name.
    Name(SmolStr),
    /// `base.name`.
    Attr(ExprId, SmolStr),
    /// `base[key]`.
    Index(ExprId, ExprId),
    /// Several by position; `None` where nothing is bound by name.
    Tuple(Vec<Option<Target>>),
    /// Several by key.
    Object(Vec<Field>),
}

/// A class, interface or object type.
#[derive(Debug, Serialize, Deserialize)]
pub struct Class {
    /// Its name.
    pub name: SmolStr,
    /// Base classes and implemented interfaces as expressions.
    pub bases: Vec<ExprId>,
    /// Fields with a value or an annotation, in order.
    pub fields: Vec<ClassField>,
    /// Methods, constructor included.
    pub methods: Vec<FnId>,
    /// Function it is defined in.
    pub function: FnId,
    /// Decorators as expressions.
    pub decorators: Vec<ExprId>,
    /// Docstring.
    pub docstring: Option<ExprId>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Whether it is an interface or type alias: it has no instances of its own.
    pub is_interface: bool,
}

/// A field of a class.
#[derive(Debug, Serialize, Deserialize)]
pub struct ClassField {
    /// Its name.
    pub name: SmolStr,
    /// Its value.
    pub value: Option<ExprId>,
    /// Its annotation.
    pub annotation: Option<ExprId>,
}

/// An imported name.
#[derive(Debug, Serialize, Deserialize)]
pub struct Import {
    /// The name in this file; empty for `import "x"`; `*` for `from x import *`.
    pub local: SmolStr,
    /// The module as written: `app.llm`, `.llm`, `./llm`, `openai`.
    pub module: SmolStr,
    /// What of it: `None` for the module itself, `default`, or a name.
    pub name: Option<SmolStr>,
    /// First byte.
    pub start: u32,
}

/// An exported name of a TypeScript or JavaScript module.
#[derive(Debug, Serialize, Deserialize)]
pub struct Export {
    /// Name for importers; `default`; `*` for `export * from`.
    pub name: SmolStr,
    /// What it is.
    pub what: Exported,
}

/// What an export refers to.
#[derive(Debug, Serialize, Deserialize)]
pub enum Exported {
    /// A local name.
    Local(SmolStr),
    /// An expression (`export default f(x)`, `module.exports = {...}`).
    Value(ExprId),
    /// A name of another module; `None` for the whole module (`export * as ns`, `export *`).
    From(SmolStr, Option<SmolStr>),
}

impl Partly {
    /// What a report calls it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::ParseErrors => "parse-errors",
            Self::LevelLimit => "level-limit",
        }
    }
}

/// Moves a list to where it takes no more room than it needs. To shrink it where it stands gives nothing back: the
/// allocator leaves what fills half of its place.
fn fit<T>(list: &mut Vec<T>) {
    if list.capacity() > list.len() {
        let mut exact = Vec::with_capacity(list.len());
        exact.append(list);
        *list = exact;
    }
}

impl FileFacts {
    /// Gives back what lists grew by in advance: facts of a component are held together, and most lists are short.
    pub fn shrink(&mut self) {
        for node in &mut self.exprs {
            match &mut node.kind {
                Expr::Call(call) => fit(&mut call.args),
                Expr::List(items) => fit(items),
                Expr::Record(entries) => fit(entries),
                Expr::Concat(parts) | Expr::Other(parts) => fit(parts),
                Expr::Template(parts) => fit(parts),
                _ => {}
            }
        }
        fit(&mut self.exprs);
        for function in &mut self.functions {
            fit(&mut function.body);
            fit(&mut function.params);
        }
        fit(&mut self.functions);
        fit(&mut self.classes);
        fit(&mut self.imports);
        fit(&mut self.contexts);
    }

    /// The expression numbered `id`.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize].kind
    }

    /// The expression numbered `id` with its place.
    pub fn node(&self, id: ExprId) -> &ExprNode {
        &self.exprs[id.0 as usize]
    }

    /// The function numbered `id`.
    pub fn function(&self, id: FnId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The class numbered `id`.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }

    /// The context numbered `id`.
    pub fn context(&self, id: CtxId) -> &Context {
        &self.contexts[id.0 as usize]
    }

    /// The contexts from `id` outwards, up to the body of the function or file.
    pub fn contexts_from(&self, id: CtxId) -> impl Iterator<Item = (CtxId, &Context)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let at = next?;
            let context = self.context(at);
            next = (!matches!(context.kind, ContextKind::Root)).then_some(context.parent);
            Some((at, context))
        })
    }
}
