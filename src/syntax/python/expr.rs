//! Python expressions.

use smol_str::SmolStr;
use tree_sitter::Node;

use crate::syntax::facts::*;
use crate::syntax::fields::Fields as _;
use crate::syntax::lower::{Lowering, PIECES, unescape};

impl Lowering<'_> {
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        match self.deeper(|this| this.expr_inner(node)) {
            Some(id) => id,
            None => self.add(Expr::Other(Vec::new()), node),
        }
    }

    fn expr_inner(&mut self, node: Node<'_>) -> ExprId {
        let kind = match node.kind() {
            "identifier" => match self.str(node) {
                "cls" => Expr::Name("self".into()),
                name => Expr::Name(SmolStr::new(name)),
            },
            "string" => return self.string(node),
            "concatenated_string" => {
                let mut parts = self.all(node);
                if parts.len() > PIECES {
                    parts.truncate(PIECES);
                    parts.push(self.rest(node));
                }
                Expr::Concat(parts)
            }
            "integer" | "float" => Expr::Num(self.name(node)),
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "none" => Expr::Null,
            "attribute" => {
                let (Some(base), Some(name)) = (node.field("object"), node.field("attribute")) else {
                    return self.other(node);
                };
                Expr::Attr(self.expr(base), self.name(name))
            }
            "subscript" => {
                let (Some(base), Some(key)) = (node.field("value"), node.field("subscript")) else {
                    return self.other(node);
                };
                let base = self.expr(base);
                let key = self.expr(key);
                Expr::Index(base, key)
            }
            "call" => self.call(node),
            "await" | "parenthesized_expression" | "type" | "as_pattern_target" => {
                return match first_named(node) {
                    Some(inner) => self.expr(inner),
                    None => self.other(node),
                };
            }
            "list" | "tuple" | "set" | "expression_list" | "pattern_list" => Expr::List(self.elements(node)),
            "dictionary" => Expr::Record(self.entries(node)),
            "list_comprehension" | "set_comprehension" | "generator_expression" | "dictionary_comprehension" => {
                return self.comprehension(node);
            }
            "lambda" => {
                let body = node.field("body");
                let id = self.define(SmolStr::default(), node, |this, id| {
                    this.parameters(node, id);
                    if let Some(body) = body {
                        let value = this.expr(body);
                        this.stmt(StmtKind::Return(Some(value)), body);
                    }
                });
                Expr::Func(id)
            }
            "conditional_expression" => {
                let parts = self.all(node);
                match parts[..] {
                    [then, test, other] => Expr::Cond { test, then, other },
                    _ => Expr::Other(parts),
                }
            }
            "binary_operator" => return self.binary(node),
            "boolean_operator" => self.left_right(node),
            "comparison_operator" => self.comparison(node),
            "not_operator" => match node.field("argument") {
                Some(argument) => Expr::Unary("not".into(), self.expr(argument)),
                None => return self.other(node),
            },
            "unary_operator" => match node.field("argument") {
                Some(argument) => {
                    let operator = node.field("operator").map_or("-".into(), |op| self.name(op));
                    Expr::Unary(operator, self.expr(argument))
                }
                None => return self.other(node),
            },
            "named_expression" => {
                let (Some(name), Some(value)) = (node.field("name"), node.field("value")) else {
                    return self.other(node);
                };
                let value = self.expr(value);
                self.stmt(StmtKind::Bind(Target::Name(self.name(name)), value), node);
                Expr::Name(self.name(name))
            }
            "as_pattern" => {
                let Some(value) = node.named_child(0) else {
                    return self.other(node);
                };
                let id = self.expr(value);
                if let Some(target) = node.field("alias").and_then(|alias| self.target(alias)) {
                    self.stmt(StmtKind::Bind(target, id), node);
                }
                return id;
            }
            "yield" => {
                let value = first_named(node).map(|value| self.expr(value));
                self.stmt(StmtKind::Return(value), node);
                Expr::Other(Vec::new())
            }
            "assignment" | "comment" => Expr::Other(Vec::new()),
            _ => return self.other(node),
        };
        self.add(kind, node)
    }

    pub(super) fn other(&mut self, node: Node<'_>) -> ExprId {
        let parts = self.all(node);
        self.add(Expr::Other(parts), node)
    }

    fn all(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).filter(|part| part.kind() != "comment").collect();
        parts.into_iter().take(PIECES * 5).map(|part| self.expr(part)).collect()
    }

    /// A plain string, or an f-string with its parts.
    fn string(&mut self, node: Node<'_>) -> ExprId {
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        let prefix =
            children.first().filter(|first| first.kind() == "string_start").map_or("", |start| self.str(*start));
        let prefix = prefix.to_ascii_lowercase();
        let (raw, formatted) = (prefix.contains('r'), prefix.contains('f') || prefix.contains('t'));
        let mut parts = Vec::new();
        for child in children {
            match child.kind() {
                "string_content" => {
                    let text = unescape(self.str(child), raw);
                    let text = if formatted { text.replace("{{", "{").replace("}}", "}") } else { text };
                    parts.push(TemplatePart::Text(text.into(), child.start_byte() as u32, child.end_byte() as u32));
                }
                "interpolation" => {
                    if let Some(value) = child.field("expression").or_else(|| first_named(child)) {
                        parts.push(TemplatePart::Hole(self.expr(value)));
                    }
                }
                _ => {}
            }
        }
        let kind = match &parts[..] {
            [] => Expr::Str("".into()),
            [TemplatePart::Text(text, ..)] => Expr::Str(text.clone()),
            _ => Expr::Template(parts),
        };
        self.add(kind, node)
    }

    /// Operators by two; a left-leaning chain of `+` is flattened in a loop, as generated code joins thousands.
    fn binary(&mut self, node: Node<'_>) -> ExprId {
        let operator = node.field("operator").map_or("", |op| self.str(op));
        if operator != "+" {
            let kind = self.left_right(node);
            return self.add(kind, node);
        }
        let mut terms = Vec::new();
        let mut at = node;
        loop {
            let is_plus = at.kind() == "binary_operator" && at.field("operator").is_some_and(|op| self.str(op) == "+");
            match (is_plus, at.field("left"), at.field("right")) {
                (true, Some(left), Some(right)) => {
                    terms.push(right);
                    at = left;
                }
                _ => break,
            }
        }
        terms.push(at);
        let cut = terms.len() > PIECES;
        let mut parts: Vec<_> = terms.into_iter().rev().take(PIECES).map(|term| self.expr(term)).collect();
        parts.extend(cut.then(|| self.rest(node)));
        self.add(Expr::Concat(parts), node)
    }

    fn left_right(&mut self, node: Node<'_>) -> Expr {
        let operator = node.field("operator").map_or_else(SmolStr::default, |op| self.name(op));
        let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
            return Expr::Other(self.all(node));
        };
        let left = self.expr(left);
        let right = self.expr(right);
        Expr::Binary(operator, left, right)
    }

    fn comparison(&mut self, node: Node<'_>) -> Expr {
        let mut cursor = node.walk();
        let operator: String =
            node.children_by_field_name("operators", &mut cursor).map(|op| self.str(op)).collect::<Vec<_>>().join(" ");
        let parts = self.all(node);
        match parts[..] {
            [left, right] => Expr::Binary(operator.into(), left, right),
            _ => Expr::Other(parts),
        }
    }

    fn call(&mut self, node: Node<'_>) -> Expr {
        let (Some(callee), Some(arguments)) = (node.field("function"), node.field("arguments")) else {
            return Expr::Other(self.all(node));
        };
        let callee = self.expr(callee);
        let mut args = Vec::new();
        if arguments.kind() == "generator_expression" {
            args.push(Arg { name: None, value: self.expr(arguments), spread: Spread::No });
        } else {
            let mut cursor = arguments.walk();
            let parts: Vec<_> = arguments.named_children(&mut cursor).collect();
            for part in parts {
                let (name, value, spread) = match part.kind() {
                    "comment" => continue,
                    "keyword_argument" => (part.field("name"), part.field("value"), Spread::No),
                    "list_splat" => (None, first_named(part), Spread::Items),
                    "dictionary_splat" => (None, first_named(part), Spread::Keys),
                    _ => (None, Some(part), Spread::No),
                };
                if let Some(value) = value {
                    let name = name.map(|name| self.name(name));
                    args.push(Arg { name, value: self.expr(value), spread });
                }
            }
        }
        Expr::Call(Call { callee, args, is_new: false })
    }

    fn elements(&mut self, node: Node<'_>) -> Vec<Element> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        parts
            .into_iter()
            .filter(|part| part.kind() != "comment")
            .filter_map(|part| {
                let spread = part.kind() == "list_splat";
                let value = if spread { first_named(part)? } else { part };
                Some(Element { value: self.expr(value), spread })
            })
            .collect()
    }

    fn entries(&mut self, node: Node<'_>) -> Vec<Entry> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        let mut entries = Vec::new();
        for part in parts {
            match part.kind() {
                "pair" => {
                    let (Some(key), Some(value)) = (part.field("key"), part.field("value")) else {
                        continue;
                    };
                    let key = self.expr(key);
                    let literal = match self.facts.expr(key) {
                        Expr::Str(text) => Some(SmolStr::new(text)),
                        _ => None,
                    };
                    let computed = literal.is_none().then_some(key);
                    entries.push(Entry { key: literal, computed, value: self.expr(value), spread: false });
                }
                "dictionary_splat" => {
                    if let Some(value) = first_named(part) {
                        entries.push(Entry { key: None, computed: None, value: self.expr(value), spread: true });
                    }
                }
                _ => {}
            }
        }
        entries
    }

    /// `[body for target in over if test]`: the targets are bound in the function, the body stands in a context of
    /// its own.
    fn comprehension(&mut self, node: Node<'_>) -> ExprId {
        let mut cursor = node.walk();
        let clauses: Vec<_> = node.named_children(&mut cursor).collect();
        let outer = self.context;
        for clause in clauses.iter().filter(|clause| clause.kind() == "for_in_clause") {
            let (Some(left), Some(right)) = (clause.field("left"), clause.field("right")) else {
                continue;
            };
            let over = self.expr(right);
            let id = CtxId(self.facts.contexts.len() as u32);
            self.facts.contexts.push(Context {
                parent: self.context,
                kind: ContextKind::Comprehension { over },
                start: node.start_byte() as u32,
                end: node.end_byte() as u32,
            });
            self.context = id;
            self.bind_item(left, over, right);
        }
        let mut parts = Vec::new();
        for clause in clauses.iter().filter(|clause| clause.kind() == "if_clause") {
            parts.extend(first_named(*clause).map(|test| self.expr(test)));
        }
        let body = node.field("body").map(|body| {
            if body.kind() == "pair" {
                let parts = self.all(body);
                self.add(Expr::Other(parts), body)
            } else {
                self.expr(body)
            }
        });
        self.context = outer;
        match body {
            Some(body) if parts.is_empty() => self.add(Expr::Each(body), node),
            Some(body) => {
                let each = self.add(Expr::Each(body), node);
                parts.push(each);
                // Tests come along for the calls inside them; the value is the last part.
                let tests = self.add(Expr::Other(parts), node);
                self.facts.exprs[each.0 as usize].parent = Some(tests);
                each
            }
            None => self.add(Expr::Other(parts), node),
        }
    }
}

pub(super) fn first_named(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).find(|child| child.kind() != "comment")
}
