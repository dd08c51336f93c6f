//! Functions, their parameters, and classes.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::expr::first_named;
use crate::syntax::facts::*;
use crate::syntax::fields::Fields as _;
use crate::syntax::lower::Lowering;

impl Lowering<'_> {
    pub(super) fn decorated(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let decorators: Vec<_> = node
            .named_children(&mut cursor)
            .filter(|child| child.kind() == "decorator")
            .filter_map(|decorator| decorator.named_child(0))
            .collect();
        let decorators = decorators.into_iter().map(|decorator| self.expr(decorator)).collect();
        let Some(definition) = node.field("definition") else {
            return;
        };
        if definition.kind() == "class_definition" {
            let id = self.class_definition(definition, decorators);
            self.stmt(StmtKind::DefineClass(id), node);
        } else {
            let id = self.function_definition(definition, decorators);
            self.stmt(StmtKind::Define(id), node);
        }
    }

    pub(super) fn function_definition(&mut self, node: Node<'_>, decorators: Vec<ExprId>) -> FnId {
        let name = node.field("name").map_or_else(SmolStr::default, |name| self.name(name));
        let returns = node.field("return_type").map(|returns| self.annotation(returns));
        self.define(name, node, |this, id| {
            this.parameters(node, id);
            let function = this.function_mut(id);
            function.decorators = decorators;
            function.returns = returns;
            this.body(node);
        })
    }

    pub(super) fn class_definition(&mut self, node: Node<'_>, decorators: Vec<ExprId>) -> ClassId {
        let name = node.field("name").map_or_else(SmolStr::default, |name| self.name(name));
        let mut bases = Vec::new();
        if let Some(list) = node.field("superclasses") {
            let mut cursor = list.walk();
            let parts: Vec<_> = list.named_children(&mut cursor).collect();
            for part in parts.into_iter().filter(|part| part.kind() != "comment" && part.kind() != "keyword_argument") {
                bases.push(self.expr(part));
            }
        }
        let id = ClassId(self.facts.classes.len() as u32);
        self.facts.classes.push(Class {
            name,
            bases,
            fields: Vec::new(),
            methods: Vec::new(),
            function: self.function,
            decorators,
            docstring: None,
            start: node.start_byte() as u32,
            end: node.end_byte() as u32,
            is_interface: false,
        });
        if let Some(body) = node.field("body") {
            let mut cursor = body.walk();
            let members: Vec<_> = body.named_children(&mut cursor).collect();
            for (index, member) in members.into_iter().enumerate() {
                self.deeper(|this| this.member(id, member, index == 0));
            }
        }
        id
    }

    fn member(&mut self, class: ClassId, node: Node<'_>, first: bool) {
        match node.kind() {
            "function_definition" => {
                let id = self.function_definition(node, Vec::new());
                self.add_method(class, id);
            }
            "class_definition" => {
                let id = self.class_definition(node, Vec::new());
                let name = self.facts.class(id).name.clone();
                let value = self.add(Expr::Class(id), node);
                self.class_mut(class).fields.push(ClassField { name, value: Some(value), annotation: None });
            }
            "decorated_definition" => {
                let outer = self.facts.functions[self.function.0 as usize].body.len();
                self.decorated(node);
                // The definition belongs to the class, not to the function around it.
                let function = self.function;
                let added = self.function_mut(function).body.split_off(outer);
                for stmt in added {
                    if let StmtKind::Define(id) = stmt.kind {
                        self.add_method(class, id);
                    }
                }
            }
            "expression_statement" => {
                let Some(inner) = node.named_child(0) else {
                    return;
                };
                match inner.kind() {
                    "assignment" => self.class_field(class, inner),
                    "string" | "concatenated_string" if first => {
                        let text = self.expr(inner);
                        self.class_mut(class).docstring = Some(text);
                    }
                    _ => {}
                }
            }
            "if_statement" | "try_statement" => self.statement(node),
            _ => {}
        }
    }

    fn class_field(&mut self, class: ClassId, node: Node<'_>) {
        let Some(left) = node.field("left").filter(|left| left.kind() == "identifier") else {
            return;
        };
        let name = self.name(left);
        let annotation = node.field("type").map(|annotation| self.annotation(annotation));
        let value = node.field("right").map(|right| self.expr(right));
        if let Some(value) = value {
            self.name_lambda(value, &Target::Name(name.clone()));
        }
        self.class_mut(class).fields.push(ClassField { name, value, annotation });
    }

    fn add_method(&mut self, class: ClassId, id: FnId) {
        let decorators: Vec<SmolStr> = self
            .facts
            .function(id)
            .decorators
            .iter()
            .filter_map(|&decorator| match self.facts.expr(decorator) {
                Expr::Name(name) | Expr::Attr(_, name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        let has = |name: &str| decorators.iter().any(|decorator| decorator == name);
        let is_static = has("staticmethod");
        let flavour = match self.facts.function(id).name.as_str() {
            "__init__" | "__post_init__" => Flavour::Constructor,
            _ if has("property") || has("cached_property") || has("computed_field") => Flavour::Getter,
            _ if has("abstractmethod") || has("overload") => Flavour::Abstract,
            _ if is_static || has("classmethod") => Flavour::Static,
            _ => Flavour::Method,
        };
        let function = self.function_mut(id);
        function.class = Some(class);
        function.flavour = flavour;
        // The instance is written `self` everywhere, whatever the first parameter is called.
        if !is_static && matches!(function.params.first(), Some(first) if matches!(first.kind, ParamKind::Plain)) {
            function.params.remove(0);
        }
        self.class_mut(class).methods.push(id);
    }

    pub(super) fn parameters(&mut self, node: Node<'_>, id: FnId) {
        let Some(list) = node.field("parameters") else {
            return;
        };
        let mut cursor = list.walk();
        let parts: Vec<_> = list.named_children(&mut cursor).collect();
        let mut keyword_only = false;
        for part in parts {
            let mut name = None;
            let mut default = None;
            let mut annotation = None;
            let mut kind = if keyword_only { ParamKind::Keyword } else { ParamKind::Plain };
            match part.kind() {
                "identifier" => name = Some(part),
                "default_parameter" | "typed_default_parameter" => {
                    name = part.field("name");
                    default = part.field("value");
                    annotation = part.field("type");
                }
                "typed_parameter" => {
                    name = first_named(part);
                    annotation = part.field("type");
                }
                "list_splat_pattern" | "dictionary_splat_pattern" => name = Some(part),
                "keyword_separator" => keyword_only = true,
                _ => {}
            }
            let Some(mut name) = name else { continue };
            match name.kind() {
                "list_splat_pattern" => {
                    kind = ParamKind::Rest;
                    keyword_only = true;
                    name = first_named(name).unwrap_or(name);
                }
                "dictionary_splat_pattern" => {
                    kind = ParamKind::Keywords;
                    name = first_named(name).unwrap_or(name);
                }
                _ => {}
            }
            let param = Param {
                name: self.name(name),
                default: default.map(|default| self.expr(default)),
                annotation: annotation.map(|annotation| self.annotation(annotation)),
                kind,
                start: part.start_byte() as u32,
                end: part.end_byte() as u32,
            };
            self.function_mut(id).params.push(param);
        }
    }
}
