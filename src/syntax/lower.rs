//! The part of lowering that both grammars share: arenas, scopes, contexts, and the level limit.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::facts::*;
use crate::source::{FileId, Language};

/// Nesting that lowering follows; what lies deeper becomes `Expr::Other`, and the file counts as partly read. Written
/// code stays under 60 levels; the limit keeps the recursion far from the end of the stack.
const LEVELS: u32 = 256;

/// Pieces that one concatenation keeps; the rest of the text is dropped and the prompt is marked incomplete.
pub(super) const PIECES: usize = 2_000;

/// State of lowering one file.
pub(super) struct Lowering<'a> {
    pub(super) text: &'a str,
    pub(super) facts: FileFacts,
    pub(super) function: FnId,
    pub(super) context: CtxId,
    pub(super) class: Option<ClassId>,
    levels: u32,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(file: FileId, language: Language, text: &'a str, root: Node<'_>) -> Self {
        let module = Function {
            name: SmolStr::default(),
            parent: MODULE,
            class: None,
            params: Vec::new(),
            body: Vec::new(),
            decorators: Vec::new(),
            returns: None,
            docstring: None,
            start: 0,
            end: text.len() as u32,
            context: CtxId(0),
            site: None,
            flavour: Flavour::Module,
        };
        let top = Context { parent: CtxId(0), kind: ContextKind::Root, start: 0, end: text.len() as u32 };
        Self {
            text,
            facts: FileFacts {
                file,
                language,
                // Code has an expression for every 20 bytes or so; what is too much is given back at the end.
                exprs: Vec::with_capacity(text.len() / 24),
                functions: vec![module],
                classes: Vec::new(),
                imports: Vec::new(),
                exports: Vec::new(),
                contexts: vec![top],
                partly: super::errors::cost_code(text, root).then_some(Partly::ParseErrors),
                notes: super::notes(text, root),
            },
            function: MODULE,
            context: CtxId(0),
            class: None,
            levels: 0,
        }
    }

    /// Source text of a node.
    pub(super) fn str(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or("")
    }

    /// Source text of a node as a name.
    pub(super) fn name(&self, node: Node<'_>) -> SmolStr {
        SmolStr::new(self.str(node))
    }

    /// What stands for the pieces beyond [`PIECES`]: nobody knows what they say, and the file counts as partly read.
    pub(super) fn rest(&mut self, node: Node<'_>) -> ExprId {
        self.facts.partly.get_or_insert(Partly::LevelLimit);
        self.add(Expr::Other(Vec::new()), node)
    }

    /// Runs `inner` one level deeper, or gives `None` at the limit.
    pub(super) fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.levels >= LEVELS {
            self.facts.partly.get_or_insert(Partly::LevelLimit);
            return None;
        }
        self.levels += 1;
        let value = inner(self);
        self.levels -= 1;
        Some(value)
    }

    /// Adds an expression that stands where `node` stands.
    pub(super) fn add(&mut self, kind: Expr, node: Node<'_>) -> ExprId {
        self.add_at(kind, node.start_byte() as u32, node.end_byte() as u32)
    }

    /// Adds an expression and becomes the parent of its parts.
    pub(super) fn add_at(&mut self, kind: Expr, start: u32, end: u32) -> ExprId {
        let id = ExprId(self.facts.exprs.len() as u32);
        let arena = &mut self.facts.exprs;
        each_part(&kind, |part| arena[part.0 as usize].parent = Some(id));
        if let Expr::Func(function) = kind {
            self.facts.functions[function.0 as usize].site = Some(id);
        }
        self.facts.exprs.push(ExprNode {
            kind,
            start,
            end,
            parent: None,
            function: self.function,
            context: self.context,
        });
        id
    }

    /// Adds a statement to the function that is being lowered.
    pub(super) fn stmt(&mut self, kind: StmtKind, node: Node<'_>) {
        let stmt = Stmt { kind, start: node.start_byte() as u32, context: self.context };
        self.facts.functions[self.function.0 as usize].body.push(stmt);
    }

    /// Runs `inner` inside a new context.
    pub(super) fn within(&mut self, kind: ContextKind, node: Node<'_>, inner: impl FnOnce(&mut Self)) {
        let outer = self.context;
        let id = CtxId(self.facts.contexts.len() as u32);
        self.facts.contexts.push(Context {
            parent: outer,
            kind,
            start: node.start_byte() as u32,
            end: node.end_byte() as u32,
        });
        self.context = id;
        inner(self);
        self.context = outer;
    }

    /// Adds a function and lowers its parameters and body inside it. `inner` fills in the rest.
    pub(super) fn define(&mut self, name: SmolStr, node: Node<'_>, inner: impl FnOnce(&mut Self, FnId)) -> FnId {
        let id = FnId(self.facts.functions.len() as u32);
        self.facts.functions.push(Function {
            name,
            parent: self.function,
            class: None,
            params: Vec::new(),
            body: Vec::new(),
            decorators: Vec::new(),
            returns: None,
            docstring: None,
            start: node.start_byte() as u32,
            end: node.end_byte() as u32,
            context: self.context,
            site: None,
            flavour: Flavour::Plain,
        });
        let (function, class) = (self.function, self.class);
        self.function = id;
        self.class = None;
        self.within(ContextKind::Root, node, |this| inner(this, id));
        self.function = function;
        self.class = class;
        id
    }

    /// The function numbered `id`, to fill in.
    pub(super) fn function_mut(&mut self, id: FnId) -> &mut Function {
        &mut self.facts.functions[id.0 as usize]
    }

    /// The class numbered `id`, to fill in.
    pub(super) fn class_mut(&mut self, id: ClassId) -> &mut Class {
        &mut self.facts.classes[id.0 as usize]
    }
}

/// Calls `visit` with each direct part of an expression.
pub fn each_part(kind: &Expr, mut visit: impl FnMut(ExprId)) {
    match kind {
        Expr::Str(_)
        | Expr::Num(_)
        | Expr::Bool(_)
        | Expr::Null
        | Expr::Name(_)
        | Expr::Func(_)
        | Expr::Class(_)
        | Expr::Regex(_) => {}
        Expr::Template(parts) => parts.iter().for_each(|part| {
            if let TemplatePart::Hole(hole) = part {
                visit(*hole);
            }
        }),
        Expr::Concat(parts) | Expr::Other(parts) => parts.iter().copied().for_each(visit),
        Expr::Attr(base, _) | Expr::Unary(_, base) | Expr::Each(base) | Expr::Item(base) => visit(*base),
        Expr::Index(a, b) | Expr::Binary(_, a, b) => [*a, *b].into_iter().for_each(visit),
        Expr::Call(call) => {
            visit(call.callee);
            call.args.iter().for_each(|arg| visit(arg.value));
        }
        Expr::List(items) => items.iter().for_each(|item| visit(item.value)),
        Expr::Record(entries) => entries.iter().for_each(|entry| {
            if let Some(key) = entry.computed {
                visit(key);
            }
            visit(entry.value);
        }),
        Expr::Cond { test, then, other } => [*test, *then, *other].into_iter().for_each(visit),
    }
}

/// Decodes the escapes of a string literal's inside. Covers what both languages share, and Python's `\U` and `\N`
/// (kept as written). `raw` leaves backslashes alone.
pub(super) fn unescape(text: &str, raw: bool) -> String {
    if raw || !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('0') => out.push('\0'),
            Some('\n') | None => {}
            Some('\r') => {
                chars.next_if_eq(&'\n');
            }
            Some('x') => push_code(&mut out, &mut chars, 2),
            Some('u') if chars.peek() == Some(&'{') => {
                chars.next();
                let digits: String = chars.by_ref().take_while(|&c| c != '}').collect();
                out.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            Some('u') => push_code(&mut out, &mut chars, 4),
            Some('U') => push_code(&mut out, &mut chars, 8),
            Some(other) => {
                if !matches!(other, '\\' | '\'' | '"' | '`' | '$' | '{' | '}' | '/') {
                    out.push('\\');
                }
                out.push(other);
            }
        }
    }
    out
}

fn push_code(out: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize) {
    let mut code = 0;
    for _ in 0..digits {
        match chars.peek().and_then(|c| c.to_digit(16)) {
            Some(digit) => {
                code = code * 16 + digit;
                chars.next();
            }
            None => break,
        }
    }
    // Half of a surrogate pair has no character of its own: shown as the replacement character.
    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_unknown_ones_kept() {
        assert_eq!(unescape(r#"a\n\"b\" \u00e9 \x41 \d \u{1F600}"#, false), "a\n\"b\" é A \\d 😀");
        assert_eq!(unescape(r"a\n", true), r"a\n");
        assert_eq!(unescape("a\\\nb", false), "ab");
    }
}
