//! TypeScript and JavaScript expressions.

use smol_str::SmolStr;
use tree_sitter::Node;

use crate::syntax::facts::*;
use crate::syntax::fields::Fields as _;
use crate::syntax::lower::{Lowering, PIECES, unescape};

impl Lowering<'_> {
    pub(super) fn ts_expr(&mut self, node: Node<'_>) -> ExprId {
        match self.deeper(|this| this.ts_expr_inner(node)) {
            Some(id) => id,
            None => self.add(Expr::Other(Vec::new()), node),
        }
    }

    fn ts_all(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).filter(|part| part.kind() != "comment").collect();
        parts.into_iter().take(PIECES * 5).map(|part| self.ts_expr(part)).collect()
    }

    fn ts_other(&mut self, node: Node<'_>) -> ExprId {
        let parts = self.ts_all(node);
        self.add(Expr::Other(parts), node)
    }

    fn ts_inner(&mut self, node: Node<'_>) -> ExprId {
        let mut cursor = node.walk();
        let inner = node.named_children(&mut cursor).find(|child| child.kind() != "comment");
        match inner {
            Some(inner) => self.ts_expr(inner),
            None => self.add(Expr::Other(Vec::new()), node),
        }
    }

    fn ts_expr_inner(&mut self, node: Node<'_>) -> ExprId {
        let kind = match node.kind() {
            "identifier" | "shorthand_property_identifier" => Expr::Name(self.name(node)),
            "this" => Expr::Name("self".into()),
            "super" => Expr::Name("super".into()),
            "undefined" | "null" => Expr::Null,
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "number" => Expr::Num(self.name(node)),
            "string" => {
                let text = self.str(node);
                let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
                Expr::Str(unescape(inner, false).into())
            }
            "template_string" => return self.ts_template(node),
            "regex" => Expr::Regex(self.name(node)),
            "await_expression"
            | "parenthesized_expression"
            | "non_null_expression"
            | "as_expression"
            | "satisfies_expression"
            | "jsx_expression"
            | "expression_statement" => return self.ts_inner(node),
            "type_assertion" => match node.named_child(node.named_child_count().saturating_sub(1) as u32) {
                Some(inner) => return self.ts_expr(inner),
                None => Expr::Other(Vec::new()),
            },
            "member_expression" => {
                let (Some(base), Some(property)) = (node.field("object"), node.field("property")) else {
                    return self.ts_other(node);
                };
                let base = self.ts_expr(base);
                Expr::Attr(base, self.name(property))
            }
            "subscript_expression" => {
                let (Some(base), Some(index)) = (node.field("object"), node.field("index")) else {
                    return self.ts_other(node);
                };
                let base = self.ts_expr(base);
                let index = self.ts_expr(index);
                Expr::Index(base, index)
            }
            "call_expression" => self.ts_call(node, "function", false),
            "new_expression" => self.ts_call(node, "constructor", true),
            "object" => Expr::Record(self.ts_entries(node)),
            "array" => {
                let mut cursor = node.walk();
                let parts: Vec<_> = node.named_children(&mut cursor).filter(|part| part.kind() != "comment").collect();
                let mut items = Vec::new();
                for part in parts {
                    let spread = part.kind() == "spread_element";
                    let value = if spread { self.ts_inner(part) } else { self.ts_expr(part) };
                    items.push(Element { value, spread });
                }
                Expr::List(items)
            }
            "arrow_function" | "function_expression" | "function" | "generator_function" => {
                Expr::Func(self.ts_function(node))
            }
            "class" => Expr::Class(self.ts_class(node)),
            "binary_expression" => return self.ts_binary(node),
            "unary_expression" | "update_expression" => {
                let operator = node.field("operator").map_or_else(SmolStr::default, |op| self.name(op));
                match node.field("argument") {
                    Some(argument) => Expr::Unary(operator, self.ts_expr(argument)),
                    None => return self.ts_other(node),
                }
            }
            "ternary_expression" => {
                let (Some(test), Some(then), Some(other)) =
                    (node.field("condition"), node.field("consequence"), node.field("alternative"))
                else {
                    return self.ts_other(node);
                };
                let test = self.ts_expr(test);
                let then = self.ts_expr(then);
                let other = self.ts_expr(other);
                Expr::Cond { test, then, other }
            }
            "assignment_expression" | "augmented_assignment_expression" => {
                return self.ts_assignment(node);
            }
            "sequence_expression" => {
                let parts = self.ts_all(node);
                match parts.last() {
                    Some(&last) if parts.len() == 1 => return last,
                    _ => Expr::Other(parts),
                }
            }
            "yield_expression" => {
                let value = node.named_child(0).map(|value| self.ts_expr(value));
                self.stmt(StmtKind::Return(value), node);
                Expr::Other(Vec::new())
            }
            "import" => Expr::Name("import".into()),
            "meta_property" => {
                let base = self.add(Expr::Name("import".into()), node);
                Expr::Attr(base, "meta".into())
            }
            "type_arguments" | "type_annotation" | "jsx_text" | "property_identifier" | "comment" => {
                Expr::Other(Vec::new())
            }
            _ => return self.ts_other(node),
        };
        self.add(kind, node)
    }

    fn ts_template(&mut self, node: Node<'_>) -> ExprId {
        let mut parts = Vec::new();
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        // Text between substitutions: the grammar gives fragments and escapes as separate nodes.
        let mut run: Option<(usize, usize)> = None;
        for child in children {
            if child.kind() == "template_substitution" {
                self.ts_flush(&mut run, &mut parts);
                parts.push(TemplatePart::Hole(self.ts_inner(child)));
            } else {
                run = Some((run.map_or(child.start_byte(), |(start, _)| start), child.end_byte()));
            }
        }
        self.ts_flush(&mut run, &mut parts);
        let kind = match &parts[..] {
            [] => {
                // Some grammar versions leave plain text without nodes.
                let text = self.str(node);
                let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
                Expr::Str(unescape(inner, false).into())
            }
            [TemplatePart::Text(text, ..)] => Expr::Str(text.clone()),
            _ => Expr::Template(parts),
        };
        self.add(kind, node)
    }

    fn ts_flush(&self, run: &mut Option<(usize, usize)>, parts: &mut Vec<TemplatePart>) {
        if let Some((start, end)) = run.take() {
            let text = unescape(self.text.get(start..end).unwrap_or(""), false);
            parts.push(TemplatePart::Text(text.into(), start as u32, end as u32));
        }
    }

    fn ts_call(&mut self, node: Node<'_>, field: &'static str, is_new: bool) -> Expr {
        let Some(callee) = node.field(field) else {
            return Expr::Other(self.ts_all(node));
        };
        let callee = self.ts_expr(callee);
        let mut args = Vec::new();
        if let Some(arguments) = node.field("arguments") {
            if arguments.kind() == "template_string" {
                args.push(Arg { name: None, value: self.ts_expr(arguments), spread: Spread::No });
            } else {
                let mut cursor = arguments.walk();
                let parts: Vec<_> =
                    arguments.named_children(&mut cursor).filter(|part| part.kind() != "comment").collect();
                for part in parts {
                    let spread = if part.kind() == "spread_element" { Spread::Items } else { Spread::No };
                    let value = if spread == Spread::Items { self.ts_inner(part) } else { self.ts_expr(part) };
                    args.push(Arg { name: None, value, spread });
                }
            }
        }
        Expr::Call(Call { callee, args, is_new })
    }

    fn ts_entries(&mut self, node: Node<'_>) -> Vec<Entry> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        let mut entries = Vec::new();
        for part in parts {
            match part.kind() {
                "pair" => {
                    let (Some(key), Some(value)) = (part.field("key"), part.field("value")) else {
                        continue;
                    };
                    let (key, computed) = self.ts_key(key);
                    let value = self.ts_expr(value);
                    if let (Some(key), Expr::Func(function)) = (&key, self.facts.expr(value)) {
                        let (function, key) = (*function, key.clone());
                        if self.facts.function(function).name.is_empty() {
                            self.function_mut(function).name = key;
                        }
                    }
                    entries.push(Entry { key, computed, value, spread: false });
                }
                "shorthand_property_identifier" => {
                    let value = self.ts_expr(part);
                    entries.push(Entry { key: Some(self.name(part)), computed: None, value, spread: false });
                }
                "spread_element" => {
                    let value = self.ts_inner(part);
                    entries.push(Entry { key: None, computed: None, value, spread: true });
                }
                "method_definition" => {
                    let function = self.ts_function(part);
                    let key = Some(self.facts.function(function).name.clone());
                    let value = self.add(Expr::Func(function), part);
                    entries.push(Entry { key, computed: None, value, spread: false });
                }
                _ => {}
            }
        }
        entries
    }

    fn ts_key(&mut self, node: Node<'_>) -> (Option<SmolStr>, Option<ExprId>) {
        match node.kind() {
            "computed_property_name" => (None, Some(self.ts_inner(node))),
            "string" => (Some(SmolStr::new(self.str(node).trim_matches(['"', '\'']))), None),
            _ => (Some(self.name(node)), None),
        }
    }

    /// Operators by two; a left-leaning chain of `+` is flattened in a loop, as generated code joins thousands.
    fn ts_binary(&mut self, node: Node<'_>) -> ExprId {
        let operator_of =
            |this: &Self, node: Node<'_>| node.field("operator").map_or_else(SmolStr::default, |op| this.name(op));
        let operator = operator_of(self, node);
        if operator != "+" {
            let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
                return self.ts_other(node);
            };
            let left = self.ts_expr(left);
            let right = self.ts_expr(right);
            return self.add(Expr::Binary(operator, left, right), node);
        }
        let mut terms = Vec::new();
        let mut at = node;
        loop {
            let is_plus = at.kind() == "binary_expression" && operator_of(self, at) == "+";
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
        let mut parts: Vec<_> = terms.into_iter().rev().take(PIECES).map(|term| self.ts_expr(term)).collect();
        parts.extend(cut.then(|| self.rest(node)));
        self.add(Expr::Concat(parts), node)
    }

    /// `a = b` as a statement before the one it stands in; its value is read back from the target.
    pub(super) fn ts_assignment(&mut self, node: Node<'_>) -> ExprId {
        let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
            return self.ts_other(node);
        };
        let value = self.ts_expr(right);
        let Some(target) = self.ts_target(left) else {
            return value;
        };
        self.ts_name_lambda(value, &target);
        let appends = node.field("operator").is_some_and(|op| self.str(op) == "+=");
        let kind = if appends { StmtKind::Append(target, value) } else { StmtKind::Bind(target, value) };
        self.stmt(kind, node);
        match left.kind() {
            "identifier" | "member_expression" => self.ts_expr(left),
            _ => self.add(Expr::Other(Vec::new()), node),
        }
    }
}
