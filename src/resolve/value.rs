//! What an expression can be known to be, before the program runs.

use std::rc::Rc;

use smol_str::SmolStr;

use crate::program::{Origin, Shape};
use crate::source::{FileId, Span};
use crate::syntax::facts::{ClassId, ExprId, FnId};

/// A function somewhere in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FnRef {
    /// Its file.
    pub file: FileId,
    /// Its number there.
    pub id: FnId,
}

/// A class somewhere in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassRef {
    /// Its file.
    pub file: FileId,
    /// Its number there.
    pub id: ClassId,
}

/// An expression somewhere in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprRef {
    /// Its file.
    pub file: FileId,
    /// Its number there.
    pub id: ExprId,
}

/// What an expression is known to be. Cheap to clone: everything large is shared.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text, in static pieces and holes.
    Text(Rc<Vec<TextPiece>>),
    /// A number as written.
    Num(SmolStr, Span),
    /// True or false.
    Bool(bool),
    /// `None`, `null`.
    Null,
    /// A list or tuple.
    List(Rc<ListValue>),
    /// A dict or object.
    Record(Rc<RecordValue>),
    /// A name of a module outside the program: `openai.OpenAI`, `ai#generateText`.
    External(SmolStr),
    /// A member path on something outside whose type has no table.
    Foreign(Rc<Foreign>),
    /// An object that an SDK table knows: a client, a model, a chain.
    Client(Rc<ClientValue>),
    /// Member path on a client, not yet called: `chat.completions`.
    Member(Rc<ClientValue>, SmolStr),
    /// An instance of a class of the program.
    Instance(Rc<Instance>),
    /// A class of the program.
    Class(ClassRef),
    /// A function of the program, with what it is bound to and the frame it closes over.
    Func(Rc<FuncValue>),
    /// A module of the program.
    Module(FileId),
    /// A value that comes from outside the program, with what stands in its place when it is not set.
    Env(Rc<EnvValue>),
    /// A value known only at run time.
    Hole(Rc<HoleValue>),
    /// One of several: branches, callers, implementations.
    OneOf(Rc<Vec<Value>>),
}

/// A piece of text.
#[derive(Clone, Debug)]
pub enum TextPiece {
    /// Static text and where it is written.
    Lit(Rc<str>, Span),
    /// A value put in.
    Hole(Rc<HoleValue>),
    /// One of several texts, of which an empty one says that none may stand there.
    Choice(Rc<Choice>),
}

/// Texts of which one stands in a place.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The texts in order of the source.
    pub arms: Vec<Vec<TextPiece>>,
    /// The place that they are for.
    pub span: Span,
}

/// A list that is known in part or whole.
#[derive(Clone, Debug)]
pub struct ListValue {
    /// Its items.
    pub items: Vec<Value>,
    /// Whether there may be more.
    pub open: bool,
    /// Where it is written.
    pub span: Span,
}

/// A key of a record and what stands under it.
pub type Keyed = (SmolStr, Value);

/// A record that is known in part or whole.
#[derive(Clone, Debug)]
pub struct RecordValue {
    /// Entries in order; later ones win.
    pub entries: Vec<Keyed>,
    /// Whether there may be more: a spread or computed key.
    pub open: bool,
    /// The parameter that was spread into it: what callers hand in there, its members are too.
    pub rest: Option<Rc<HoleValue>>,
    /// Where it is written.
    pub span: Span,
}

impl RecordValue {
    /// The parameter among what was spread into a record.
    pub fn rest_of(value: &Value) -> Option<Rc<HoleValue>> {
        match value {
            Value::Hole(hole) if hole.param.is_some() => Some(hole.clone()),
            Value::Record(record) => record.rest.clone(),
            _ => None,
        }
    }

    /// The value of a key, if it is known.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// What a foreign object came from.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// The external name it was made by or read from, with the members since: `requests.post().json`.
    pub path: SmolStr,
    /// The expression.
    pub at: ExprRef,
}

/// An object that an SDK table knows.
#[derive(Clone, Debug)]
pub struct ClientValue {
    /// Which SDK table.
    pub sdk: u32,
    /// Which client of it.
    pub client: u32,
    /// The constructor call, if one was seen, and the frame it was seen in.
    pub made: Option<(ExprRef, Rc<Frame>)>,
    /// Prompt text, model or settings bound so far: the parts of a chain in order.
    pub parts: Vec<Value>,
    /// What its member is bound to.
    pub given: Option<Rc<Given>>,
}

/// An instance of a class of the program.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its class, or a base of it.
    pub class: ClassRef,
    /// The constructor call and the frame it was seen in.
    pub made: Option<(ExprRef, Rc<Frame>)>,
    /// The parameter that it is, if only an annotation tells its class: its fields are what callers pass.
    pub param: Option<(FnRef, u32)>,
}

impl Instance {
    /// An object of which only the class is known.
    pub fn of(class: ClassRef) -> Self {
        Self { class, made: None, param: None }
    }
}

/// A function as a value.
#[derive(Clone, Debug)]
pub struct FuncValue {
    /// The function.
    pub function: FnRef,
    /// What `self` is in it.
    pub receiver: Option<Value>,
    /// The frame of the function around it, for closures.
    pub outer: Option<Rc<Frame>>,
    /// What it is bound to.
    pub given: Option<Rc<Given>>,
}

/// Arguments that a function was bound to before it is called.
#[derive(Clone, Debug)]
pub struct Given {
    /// The call that binds it.
    pub call: ExprRef,
    /// Arguments of that call before the function's own.
    pub skip: usize,
    /// The frame that they are read in.
    pub frame: Rc<Frame>,
    /// What it was bound to before that.
    pub before: Option<Rc<Given>>,
}

/// An environment variable or setting.
#[derive(Clone, Debug)]
pub struct EnvValue {
    /// Its name.
    pub name: SmolStr,
    /// What is used when it is not set.
    pub default: Option<Value>,
    /// Where it is read.
    pub span: Span,
}

/// A value known only at run time.
#[derive(Clone, Debug)]
pub struct HoleValue {
    /// Its expression, shortened.
    pub name: Rc<str>,
    /// Where it stands.
    pub span: Span,
    /// What is known of its form.
    pub shape: Shape,
    /// Where it comes from.
    pub origin: Origin,
    /// What the shape was concluded from.
    pub because: Option<(Rc<str>, Span)>,
    /// The parameter it is, if it is one that no caller has bound.
    pub param: Option<(FnRef, u32)>,
    /// What the parameter is when it is left out.
    pub default: Option<Value>,
    /// The value that was written out as text here: what `json.dumps(x)` was given.
    pub inner: Option<Value>,
    /// The expression it stands for.
    pub at: ExprRef,
}

/// What the parameters of a function are bound to while its body is looked at.
#[derive(Debug)]
pub struct Frame {
    /// The function.
    pub function: FnRef,
    /// Bound parameters by number; an unbound one is a hole.
    pub bound: Vec<Option<Value>>,
    /// What `self` is.
    pub receiver: Option<Value>,
    /// The frame of the function around it, for closures.
    pub outer: Option<Rc<Frame>>,
    /// How many calls deep this frame is.
    pub depth: u32,
    /// What has been found out in this frame already.
    pub memo: Memo,
}

/// Answers kept with the frame they hold in. Resolving runs on one thread, so that a cell suffices.
#[derive(Debug, Default)]
pub struct Memo(pub std::cell::RefCell<rustc_hash::FxHashMap<ExprRef, Value>>);

impl Value {
    /// Static text written at `span`.
    pub fn literal(text: &str, span: Span) -> Self {
        Self::Text(Rc::new(vec![TextPiece::Lit(text.into(), span)]))
    }

    /// One of `values`, without repeating what cannot differ and without nesting. At most 16 are kept.
    pub fn one_of(values: impl IntoIterator<Item = Value>) -> Option<Self> {
        const MOST: usize = 16;
        let mut all: Vec<Value> = Vec::new();
        for value in values {
            let parts = match value {
                Self::OneOf(inner) => inner.as_ref().clone(),
                other => vec![other],
            };
            for part in parts {
                // A template that one branch fills and another leaves is that template, filled.
                if let Some(seen) = all.iter_mut().find(|seen| part.fills(seen)) {
                    *seen = part;
                } else if all.len() < MOST && !all.iter().any(|seen| seen.same(&part) || seen.fills(&part)) {
                    all.push(part);
                }
            }
        }
        match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(Self::OneOf(Rc::new(all))),
        }
    }

    /// Whether this text is `template` with its marks filled: pieces of the same literal around holes.
    fn fills(&self, template: &Self) -> bool {
        let (Self::Text(filled), Self::Text(template)) = (self, template) else {
            return false;
        };
        let [TextPiece::Lit(whole, span)] = &template[..] else {
            return false;
        };
        filled.len() > 1
            && filled.iter().any(|piece| matches!(piece, TextPiece::Hole(_)))
            && filled.iter().all(|piece| match piece {
                TextPiece::Lit(text, of) => of == span && whole.contains(text.as_ref()),
                TextPiece::Hole(_) | TextPiece::Choice(_) => true,
            })
    }

    /// The alternatives that this value is.
    pub fn alternatives(&self) -> &[Value] {
        match self {
            Self::OneOf(values) => values,
            other => std::slice::from_ref(other),
        }
    }

    /// Whether two values are certainly the same; `false` where it would take work to tell.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Num(a, _), Self::Num(b, _)) => a == b,
            (Self::External(a), Self::External(b)) => a == b,
            (Self::Class(a), Self::Class(b)) => a == b,
            (Self::Module(a), Self::Module(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => {
                Rc::ptr_eq(a, b)
                    || matches!((&a[..], &b[..]), ([TextPiece::Lit(x, s)], [TextPiece::Lit(y, t)]) if x == y && s == t)
            }
            (Self::Record(a), Self::Record(b)) => Rc::ptr_eq(a, b),
            (Self::List(a), Self::List(b)) => Rc::ptr_eq(a, b),
            (Self::Hole(a), Self::Hole(b)) => a.at == b.at,
            (Self::Instance(a), Self::Instance(b)) => {
                a.class == b.class && a.made.as_ref().map(|made| made.0) == b.made.as_ref().map(|made| made.0)
            }
            (Self::Client(a), Self::Client(b)) => {
                Rc::ptr_eq(a, b)
                    || (a.sdk == b.sdk
                        && a.client == b.client
                        && a.parts.is_empty()
                        && b.parts.is_empty()
                        && a.made.as_ref().map(|made| made.0) == b.made.as_ref().map(|made| made.0))
            }
            (Self::Func(a), Self::Func(b)) => a.function == b.function,
            _ => false,
        }
    }

    /// The text if it is wholly static.
    pub fn as_static(&self) -> Option<String> {
        match self {
            Self::Text(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    TextPiece::Lit(text, _) => Some(text.as_ref()),
                    TextPiece::Hole(_) | TextPiece::Choice(_) => None,
                })
                .collect(),
            _ => None,
        }
    }

    /// Whether nothing useful is known of it.
    pub fn is_hole(&self) -> bool {
        matches!(self, Self::Hole(_) | Self::Foreign(_))
    }
}
