//! Type annotations as expressions, so that both languages' types are read alike.

use smol_str::SmolStr;
use tree_sitter::Node;

use crate::syntax::facts::*;
use crate::syntax::fields::Fields as _;
use crate::syntax::lower::Lowering;

impl Lowering<'_> {
    pub(super) fn ts_type(&mut self, node: Node<'_>) -> ExprId {
        match self.deeper(|this| this.ts_type_inner(node)) {
            Some(id) => id,
            None => self.add(Expr::Other(Vec::new()), node),
        }
    }

    fn ts_types(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).filter(|part| part.kind() != "comment").collect();
        parts.into_iter().take(64).map(|part| self.ts_type(part)).collect()
    }

    fn ts_type_inner(&mut self, node: Node<'_>) -> ExprId {
        let kind = match node.kind() {
            "type_annotation"
            | "parenthesized_type"
            | "readonly_type"
            | "asserts_annotation"
            | "type_predicate_annotation"
            | "constraint"
            | "default_type" => {
                return match node.named_child(0) {
                    Some(inner) => self.ts_type(inner),
                    None => self.add(Expr::Other(Vec::new()), node),
                };
            }
            "type_identifier" | "predefined_type" | "identifier" => Expr::Name(self.name(node)),
            "nested_type_identifier" | "nested_identifier" => {
                let path = self.str(node).to_owned();
                let mut names = path.split('.').map(str::trim);
                let mut id = self.add(Expr::Name(SmolStr::new(names.next().unwrap_or(""))), node);
                for name in names {
                    id = self.add(Expr::Attr(id, SmolStr::new(name)), node);
                }
                return id;
            }
            "generic_type" => {
                let Some(name) = node.field("name") else {
                    return self.ts_type_other(node);
                };
                let base = self.ts_type(name);
                let Some(arguments) = node.field("type_arguments") else {
                    return base;
                };
                let parts = self.ts_types(arguments);
                let key = match parts[..] {
                    [one] => one,
                    _ => {
                        let items = parts.into_iter().map(|value| Element { value, spread: false }).collect();
                        self.add(Expr::List(items), arguments)
                    }
                };
                Expr::Index(base, key)
            }
            "array_type" | "tuple_type" => {
                let base = self.add(Expr::Name("Array".into()), node);
                let key = match node.named_child(0) {
                    Some(inner) => self.ts_type(inner),
                    None => self.add(Expr::Other(Vec::new()), node),
                };
                Expr::Index(base, key)
            }
            "union_type" | "intersection_type" => {
                let parts = self.ts_types(node);
                match parts[..] {
                    [left, right] => Expr::Binary("|".into(), left, right),
                    [one] => return one,
                    _ => Expr::Other(parts),
                }
            }
            "literal_type" => {
                return match node.named_child(0) {
                    Some(inner) => self.ts_expr(inner),
                    None => self.add(Expr::Null, node),
                };
            }
            "object_type" => {
                let mut cursor = node.walk();
                let members: Vec<_> = node.named_children(&mut cursor).collect();
                let mut entries = Vec::new();
                for member in members.into_iter().filter(|member| member.kind() == "property_signature") {
                    let (Some(name), Some(annotation)) = (member.field("name"), member.field("type")) else {
                        continue;
                    };
                    let key = Some(SmolStr::new(self.str(name).trim_matches(['"', '\''])));
                    entries.push(Entry { key, computed: None, value: self.ts_type(annotation), spread: false });
                }
                Expr::Record(entries)
            }
            "function_type" => Expr::Name("Function".into()),
            "type_query" => {
                return match node.named_child(0) {
                    Some(inner) => self.ts_expr(inner),
                    None => self.add(Expr::Other(Vec::new()), node),
                };
            }
            "template_literal_type" => Expr::Name("string".into()),
            _ => return self.ts_type_other(node),
        };
        self.add(kind, node)
    }

    fn ts_type_other(&mut self, node: Node<'_>) -> ExprId {
        let parts = self.ts_types(node);
        self.add(Expr::Other(parts), node)
    }
}
