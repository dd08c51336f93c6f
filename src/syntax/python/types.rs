//! Type annotations as expressions, so that both languages' types are read alike.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::expr::first_named;
use crate::syntax::facts::*;
use crate::syntax::lower::Lowering;

impl Lowering<'_> {
    pub(super) fn annotation(&mut self, node: Node<'_>) -> ExprId {
        match node.kind() {
            "type" => match first_named(node) {
                Some(inner) => self.deeper(|this| this.annotation(inner)).unwrap_or_else(|| self.other(node)),
                None => self.other(node),
            },
            "generic_type" => {
                let parts = self.annotations(node);
                match parts[..] {
                    [base, key] => self.add(Expr::Index(base, key), node),
                    _ => self.add(Expr::Other(parts), node),
                }
            }
            "type_parameter" => {
                let parts = self.annotations(node);
                match parts[..] {
                    [one] => one,
                    _ => {
                        let items = parts.into_iter().map(|value| Element { value, spread: false }).collect();
                        self.add(Expr::List(items), node)
                    }
                }
            }
            "union_type" => {
                let parts = self.annotations(node);
                match parts[..] {
                    [left, right] => self.add(Expr::Binary("|".into(), left, right), node),
                    _ => self.add(Expr::Other(parts), node),
                }
            }
            // A forward reference is written as a string.
            "string" => {
                let id = self.expr(node);
                match self.facts.expr(id) {
                    Expr::Str(text) if text.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                        let name = SmolStr::new(text);
                        self.add(Expr::Name(name), node)
                    }
                    _ => id,
                }
            }
            _ => self.expr(node),
        }
    }

    fn annotations(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        parts.into_iter().filter_map(|part| self.deeper(|this| this.annotation(part))).collect()
    }
}
