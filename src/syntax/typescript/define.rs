//! Functions, classes, interfaces and enums.

use smol_str::SmolStr;
use tree_sitter::Node;

use crate::syntax::facts::*;
use crate::syntax::fields::Fields as _;
use crate::syntax::lower::Lowering;

impl Lowering<'_> {
    /// Lowers any kind of function node.
    pub(super) fn ts_function(&mut self, node: Node<'_>) -> FnId {
        let name = node
            .field("name")
            .map_or_else(SmolStr::default, |name| SmolStr::new(self.str(name).trim_matches(['"', '\''])));
        let returns = node.field("return_type").map(|returns| self.ts_type(returns));
        let body = node.field("body");
        self.define(name, node, |this, id| {
            this.ts_parameters(node, id);
            this.function_mut(id).returns = returns;
            match body {
                Some(body) if body.kind() == "statement_block" => this.ts_block(body),
                Some(body) => {
                    let value = this.ts_expr(body);
                    this.stmt(StmtKind::Return(Some(value)), body);
                }
                None => this.function_mut(id).flavour = Flavour::Abstract,
            }
        })
    }

    fn ts_parameters(&mut self, node: Node<'_>, id: FnId) {
        if let Some(single) = node.field("parameter") {
            return self.ts_parameter(single, single, None, None, id);
        }
        let Some(list) = node.field("parameters") else {
            return;
        };
        let mut cursor = list.walk();
        let parts: Vec<_> = list.named_children(&mut cursor).collect();
        for part in parts {
            match part.kind() {
                "required_parameter" | "optional_parameter" => {
                    let annotation = part.field("type");
                    let default = part.field("value");
                    let Some(pattern) = part.field("pattern") else {
                        continue;
                    };
                    self.ts_parameter(part, pattern, annotation, default, id);
                    self.ts_parameter_property(part, pattern, annotation, id);
                }
                // JavaScript has bare patterns.
                "assignment_pattern" => {
                    let default = part.field("right");
                    if let Some(left) = part.field("left") {
                        self.ts_parameter(part, left, None, default, id);
                    }
                }
                "comment" => {}
                _ => self.ts_parameter(part, part, None, None, id),
            }
        }
    }

    fn ts_parameter(
        &mut self,
        whole: Node<'_>,
        pattern: Node<'_>,
        annotation: Option<Node<'_>>,
        default: Option<Node<'_>>,
        id: FnId,
    ) {
        let annotation = annotation.map(|annotation| self.ts_type(annotation));
        let default = default.map(|default| self.ts_expr(default));
        let (name, kind) = match pattern.kind() {
            "identifier" => (self.name(pattern), ParamKind::Plain),
            "object_pattern" => (SmolStr::default(), ParamKind::Object(self.ts_fields(pattern))),
            "rest_pattern" => {
                let name = pattern.named_child(0).map_or_else(SmolStr::default, |name| self.name(name));
                (name, ParamKind::Rest)
            }
            "this" => return,
            _ => (SmolStr::default(), ParamKind::Plain),
        };
        let (start, end) = (whole.start_byte() as u32, whole.end_byte() as u32);
        self.function_mut(id).params.push(Param { name, default, annotation, kind, start, end });
    }

    /// `constructor(private llm: LLM)`: the parameter is an attribute too.
    fn ts_parameter_property(&mut self, part: Node<'_>, pattern: Node<'_>, _annotation: Option<Node<'_>>, _id: FnId) {
        let mut cursor = part.walk();
        let is_property = part
            .children(&mut cursor)
            .any(|child| matches!(child.kind(), "accessibility_modifier" | "readonly" | "override_modifier"));
        if is_property && pattern.kind() == "identifier" {
            let name = self.name(pattern);
            let base = self.add(Expr::Name("self".into()), pattern);
            let value = self.add(Expr::Name(name.clone()), pattern);
            self.stmt(StmtKind::Bind(Target::Attr(base, name), value), part);
        }
    }

    pub(super) fn ts_class(&mut self, node: Node<'_>) -> ClassId {
        let name = node.field("name").map_or_else(SmolStr::default, |name| self.name(name));
        let mut bases = Vec::new();
        let mut decorators = Vec::new();
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        for part in parts {
            match part.kind() {
                "class_heritage" => self.ts_heritage(part, &mut bases),
                "decorator" => decorators.extend(part.named_child(0).map(|inner| self.ts_expr(inner))),
                _ => {}
            }
        }
        let id = self.ts_add_class(name, node, false);
        self.class_mut(id).bases = bases;
        self.class_mut(id).decorators = decorators;
        if let Some(body) = node.field("body") {
            let mut cursor = body.walk();
            let members: Vec<_> = body.named_children(&mut cursor).collect();
            // The decorators of a method stand before it.
            let mut decorators = Vec::new();
            for member in members {
                if member.kind() == "decorator" {
                    decorators.extend(member.named_child(0).map(|inner| self.ts_expr(inner)));
                    continue;
                }
                let methods = self.facts.class(id).methods.len();
                self.deeper(|this| this.ts_member(id, member));
                let decorators = std::mem::take(&mut decorators);
                if let Some(&method) = self.facts.class(id).methods.get(methods) {
                    self.function_mut(method).decorators = decorators;
                }
            }
        }
        id
    }

    fn ts_add_class(&mut self, name: SmolStr, node: Node<'_>, is_interface: bool) -> ClassId {
        let id = ClassId(self.facts.classes.len() as u32);
        self.facts.classes.push(Class {
            name,
            bases: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            function: self.function,
            decorators: Vec::new(),
            docstring: None,
            start: node.start_byte() as u32,
            end: node.end_byte() as u32,
            is_interface,
        });
        id
    }

    fn ts_heritage(&mut self, node: Node<'_>, bases: &mut Vec<ExprId>) {
        let mut cursor = node.walk();
        let clauses: Vec<_> = node.named_children(&mut cursor).collect();
        for clause in clauses {
            match clause.kind() {
                "extends_clause" => {
                    if let Some(value) = clause.field("value") {
                        bases.push(self.ts_expr(value));
                    }
                }
                "implements_clause" | "extends_type_clause" => {
                    let mut cursor = clause.walk();
                    let types: Vec<_> = clause.named_children(&mut cursor).collect();
                    for base in types {
                        bases.push(self.ts_type(base));
                    }
                }
                // JavaScript has the base without a clause.
                _ => bases.push(self.ts_expr(clause)),
            }
        }
    }

    fn ts_member(&mut self, class: ClassId, node: Node<'_>) {
        match node.kind() {
            "method_definition" | "method_signature" | "abstract_method_signature" => {
                let id = self.ts_function(node);
                self.ts_add_method(class, id, node);
            }
            "public_field_definition" | "field_definition" | "property_signature" => {
                let Some(name) = node.field("name").or_else(|| node.field("property")) else {
                    return;
                };
                let name = self.name(name);
                let annotation = node.field("type").map(|annotation| self.ts_type(annotation));
                let value = node.field("value").map(|value| self.ts_expr(value));
                // A function in a field is a method in all but name.
                if let Some(value) = value
                    && let Expr::Func(function) = self.facts.expr(value)
                {
                    let function = *function;
                    let own = self.function_mut(function);
                    own.name = name;
                    own.class = Some(class);
                    own.flavour = Flavour::Method;
                    self.class_mut(class).methods.push(function);
                    return;
                }
                self.class_mut(class).fields.push(ClassField { name, value, annotation });
            }
            "class_static_block" => self.ts_block(node),
            _ => {}
        }
    }

    fn ts_add_method(&mut self, class: ClassId, id: FnId, node: Node<'_>) {
        let mut cursor = node.walk();
        let words: Vec<&str> = node.children(&mut cursor).map(|child| child.kind()).collect();
        let own = self.function_mut(id);
        own.class = Some(class);
        own.flavour = if own.flavour == Flavour::Abstract {
            Flavour::Abstract
        } else if own.name == "constructor" {
            Flavour::Constructor
        } else if words.contains(&"get") {
            Flavour::Getter
        } else if words.contains(&"static") {
            Flavour::Static
        } else {
            Flavour::Method
        };
        self.class_mut(class).methods.push(id);
    }

    pub(super) fn ts_type_declaration(&mut self, node: Node<'_>) {
        let Some(name) = node.field("name") else {
            return;
        };
        let name = self.name(name);
        if node.kind() == "type_alias_declaration" {
            let Some(value) = node.field("value") else {
                return;
            };
            if value.kind() != "object_type" {
                let value = self.ts_type(value);
                self.stmt(StmtKind::Bind(Target::Name(name), value), node);
                return;
            }
            let id = self.ts_add_class(name, node, true);
            self.ts_members_of(id, value);
            self.stmt(StmtKind::DefineClass(id), node);
            return;
        }
        let is_enum = node.kind() == "enum_declaration";
        let id = self.ts_add_class(name, node, !is_enum);
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        let mut bases = Vec::new();
        for part in parts.iter().filter(|part| part.kind() == "extends_type_clause") {
            let mut cursor = part.walk();
            let types: Vec<_> = part.named_children(&mut cursor).collect();
            bases.extend(types.into_iter().map(|base| self.ts_type(base)));
        }
        self.class_mut(id).bases = bases;
        if let Some(body) = node.field("body") {
            if is_enum { self.ts_enum_members(id, body) } else { self.ts_members_of(id, body) }
        }
        self.stmt(StmtKind::DefineClass(id), node);
    }

    fn ts_members_of(&mut self, class: ClassId, body: Node<'_>) {
        let mut cursor = body.walk();
        let members: Vec<_> = body.named_children(&mut cursor).collect();
        for member in members {
            self.deeper(|this| this.ts_member(class, member));
        }
    }

    fn ts_enum_members(&mut self, class: ClassId, body: Node<'_>) {
        let mut cursor = body.walk();
        let members: Vec<_> = body.named_children(&mut cursor).collect();
        for member in members {
            let (name, value) = match member.kind() {
                "enum_assignment" => (member.field("name"), member.field("value")),
                "property_identifier" | "string" => (Some(member), None),
                _ => continue,
            };
            let Some(name) = name else { continue };
            let value = match value {
                Some(value) => self.ts_expr(value),
                None => self.add(Expr::Num("0".into()), member),
            };
            let name = SmolStr::new(self.str(name).trim_matches(['"', '\'']));
            self.class_mut(class).fields.push(ClassField { name, value: Some(value), annotation: None });
        }
    }
}
