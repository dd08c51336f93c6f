//! Expressions of the neutral form.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ClassId, CtxId, ExprId, FnId};

/// An expression with its place and surroundings.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExprNode {
    /// What it is.
    pub kind: Expr,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The expression it is a direct part of, if any.
    pub parent: Option<ExprId>,
    /// The function whose body it stands in.
    pub function: FnId,
    /// The innermost loop, branch or handler around it.
    pub context: CtxId,
}

/// One expression. `await`, parentheses, type casts and non-null marks are dropped.
#[derive(Debug, Serialize, Deserialize)]
pub enum Expr {
    /// Text, decoded.
    Str(Box<str>),
    /// f-string or template literal.
    Template(Vec<TemplatePart>),
    /// Pieces joined by `+` or by standing side by side, flattened.
    Concat(Vec<ExprId>),
    /// A number as written.
    Num(SmolStr),
    /// `True`, `false`.
    Bool(bool),
    /// `None`, `null`, `undefined`.
    Null,
    /// A bare name; `self` and `this` both come out as `self`.
    Name(SmolStr),
    /// `base.name`.
    Attr(ExprId, SmolStr),
    /// `base[key]`.
    Index(ExprId, ExprId),
    /// A call; `new X(...)` too.
    Call(Call),
    /// List, tuple, set, array literal.
    List(Vec<Element>),
    /// Dict or object literal.
    Record(Vec<Entry>),
    /// Any operator that is not `+`: comparison, `%`, `|`, `or`, `and`, `??`, `in`, `not`.
    Binary(SmolStr, ExprId, ExprId),
    /// A prefix operator: `not`, `-`, `!`.
    Unary(SmolStr, ExprId),
    /// `a if test else b`, `test ? a : b`.
    Cond {
        /// The condition.
        test: ExprId,
        /// Value if it holds.
        then: ExprId,
        /// Value if it does not.
        other: ExprId,
    },
    /// Lambda, arrow function, function expression, or a nested definition used as a value.
    Func(FnId),
    /// A class expression.
    Class(ClassId),
    /// Comprehension or generator: the value made per item. Its targets are bound by `Stmt::Bind` with `Item`.
    Each(ExprId),
    /// One item of the value: what a `for` target is bound to.
    Item(ExprId),
    /// Regular expression literal.
    Regex(SmolStr),
    /// Anything else, kept for the calls and names inside it.
    Other(Vec<ExprId>),
}

/// A part of a template literal.
#[derive(Debug, Serialize, Deserialize)]
pub enum TemplatePart {
    /// Literal text, decoded, with its place.
    Text(Box<str>, u32, u32),
    /// A value put in.
    Hole(ExprId),
}

/// A call expression.
#[derive(Debug, Serialize, Deserialize)]
pub struct Call {
    /// What is called.
    pub callee: ExprId,
    /// Its arguments in order.
    pub args: Vec<Arg>,
    /// Whether it was written with `new`.
    pub is_new: bool,
}

/// One argument of a call.
#[derive(Debug, Serialize, Deserialize)]
pub struct Arg {
    /// Keyword, if it has one.
    pub name: Option<SmolStr>,
    /// Its value.
    pub value: ExprId,
    /// `None`, `*` or `**`/`...`.
    pub spread: Spread,
}

/// How an argument, element or entry is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spread {
    /// Not at all.
    No,
    /// `*x`, `...x` in a list or argument list.
    Items,
    /// `**x`, `...x` in an object.
    Keys,
}

/// An element of a list.
#[derive(Debug, Serialize, Deserialize)]
pub struct Element {
    /// Its value.
    pub value: ExprId,
    /// Whether it stands for all elements of another list.
    pub spread: bool,
}

/// An entry of a record.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Literal key; `None` for a computed key or a spread.
    pub key: Option<SmolStr>,
    /// Computed key (`[expr]: value`, `{expr: value}`).
    pub computed: Option<ExprId>,
    /// Its value.
    pub value: ExprId,
    /// Whether it stands for all entries of another record.
    pub spread: bool,
}
