//! TypeScript and JavaScript nodes to facts: statements. Definitions, expressions, modules and types have files of
//! their own.

mod define;
mod expr;
mod modules;
mod types;

use smol_str::SmolStr;
use tree_sitter::Node;

use super::facts::*;
use super::fields::Fields as _;
use super::lower::Lowering;
use crate::source::{FileId, Language};

/// Lowers a parsed file.
pub(super) fn lower(file: FileId, language: Language, text: &str, root: Node<'_>) -> FileFacts {
    let mut lowering = Lowering::new(file, language, text, root);
    lowering.ts_block(root);
    lowering.facts
}

impl Lowering<'_> {
    pub(super) fn ts_block(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.deeper(|this| this.ts_statement(child));
        }
    }

    /// A body that may be a block or one statement.
    fn ts_body(&mut self, node: Node<'_>) {
        self.deeper(|this| match node.kind() {
            "statement_block" | "else_clause" => this.ts_block(node),
            _ => this.ts_statement(node),
        });
    }

    pub(super) fn ts_statement(&mut self, node: Node<'_>) {
        match node.kind() {
            "import_statement" => self.ts_import(node),
            "export_statement" => self.ts_export(node),
            "lexical_declaration" | "variable_declaration" => self.ts_variables(node),
            "expression_statement" => {
                if let Some(inner) = node.named_child(0) {
                    self.ts_expression_statement(inner);
                }
            }
            "return_statement" => {
                let value = self.ts_first(node);
                self.stmt(StmtKind::Return(value), node);
            }
            "throw_statement" => {
                let value = self.ts_first(node);
                self.stmt(StmtKind::Raise(value), node);
            }
            "break_statement" => self.stmt(StmtKind::Break, node),
            "if_statement" => self.ts_if(node),
            "switch_statement" => self.ts_switch(node),
            "for_statement" => self.ts_for(node),
            "for_in_statement" => self.ts_for_in(node),
            "while_statement" | "do_statement" => {
                let test = node.field("condition").map(|test| self.ts_expr(test));
                let test = test.filter(|&test| !matches!(self.facts.expr(test), Expr::Bool(true)));
                self.within(ContextKind::While { test }, node, |this| this.ts_field(node, "body"));
            }
            "try_statement" => self.ts_try(node),
            "statement_block"
            | "program"
            | "labeled_statement"
            | "internal_module"
            | "module"
            | "ambient_declaration"
            | "finally_clause"
            | "class_static_block" => self.ts_block(node),
            "function_declaration" | "generator_function_declaration" => {
                let id = self.ts_function(node);
                self.stmt(StmtKind::Define(id), node);
            }
            "function_signature" => {}
            "class_declaration" | "abstract_class_declaration" => {
                let id = self.ts_class(node);
                self.stmt(StmtKind::DefineClass(id), node);
            }
            "interface_declaration" | "type_alias_declaration" | "enum_declaration" => self.ts_type_declaration(node),
            "comment"
            | "empty_statement"
            | "continue_statement"
            | "debugger_statement"
            | "hash_bang_line"
            | "property_identifier"
            | "statement_identifier" => {}
            // What the parser could not place, kept for the statements and calls inside.
            "ERROR" => self.ts_block(node),
            _ => {
                if node.is_named() {
                    self.ts_expression_statement(node);
                }
            }
        }
    }

    fn ts_first(&mut self, node: Node<'_>) -> Option<ExprId> {
        let mut cursor = node.walk();
        let first = node.named_children(&mut cursor).find(|child| child.kind() != "comment")?;
        Some(self.ts_expr(first))
    }

    fn ts_field(&mut self, node: Node<'_>, name: &'static str) {
        if let Some(body) = node.field(name) {
            self.ts_body(body);
        }
    }

    fn ts_expression_statement(&mut self, node: Node<'_>) {
        match node.kind() {
            "assignment_expression" => {
                if self.ts_module_export(node) {
                    return;
                }
                let before = self.facts.functions[self.function.0 as usize].body.len();
                let value = self.ts_assignment(node);
                // Without a target that can be named, only the calls in it matter.
                if self.facts.functions[self.function.0 as usize].body.len() == before {
                    self.stmt(StmtKind::Expr(value), node);
                }
            }
            "augmented_assignment_expression" => {
                self.ts_assignment(node);
            }
            "sequence_expression" => {
                let mut cursor = node.walk();
                let parts: Vec<_> = node.named_children(&mut cursor).collect();
                parts.into_iter().for_each(|part| {
                    self.deeper(|this| this.ts_expression_statement(part));
                });
            }
            _ => {
                let value = self.ts_expr(node);
                self.stmt(StmtKind::Expr(value), node);
            }
        }
    }

    /// `const a = x, {b} = y`.
    pub(super) fn ts_variables(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let declarators: Vec<_> =
            node.named_children(&mut cursor).filter(|child| child.kind() == "variable_declarator").collect();
        for declarator in declarators {
            let Some(name) = declarator.field("name") else {
                continue;
            };
            if self.ts_require(declarator, name) {
                continue;
            }
            let annotation = declarator.field("type").map(|annotation| self.ts_type(annotation));
            let value = declarator.field("value").map(|value| self.ts_expr(value));
            let Some(target) = self.ts_target(name) else {
                if let Some(value) = value {
                    self.stmt(StmtKind::Expr(value), declarator);
                }
                continue;
            };
            if let Some(annotation) = annotation {
                self.stmt(StmtKind::Declare(target.clone(), annotation), declarator);
            }
            if let Some(value) = value {
                self.ts_name_lambda(value, &target);
                self.stmt(StmtKind::Bind(target, value), declarator);
            }
        }
    }

    pub(super) fn ts_name_lambda(&mut self, value: ExprId, target: &Target) {
        let (Target::Name(name) | Target::Attr(_, name)) = target else {
            return;
        };
        let name = name.clone();
        let mut value = value;
        // `useCallback(async () => …)`, `wrap(function …)`: the inner function is known by the outer name too.
        for _ in 0..2 {
            match self.facts.expr(value) {
                Expr::Func(function) => {
                    let function = *function;
                    if self.facts.function(function).name.is_empty() {
                        self.function_mut(function).name = name;
                    }
                    return;
                }
                Expr::Call(call) => match call.args.first() {
                    Some(arg) => value = arg.value,
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// What is bound by a name, pattern or member.
    pub(super) fn ts_target(&mut self, node: Node<'_>) -> Option<Target> {
        Some(match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => Target::Name(self.name(node)),
            "member_expression" => {
                let base = self.ts_expr(node.field("object")?);
                Target::Attr(base, self.name(node.field("property")?))
            }
            "subscript_expression" => {
                let base = self.ts_expr(node.field("object")?);
                let key = self.ts_expr(node.field("index")?);
                Target::Index(base, key)
            }
            "object_pattern" => Target::Object(self.ts_fields(node)),
            "array_pattern" => {
                let mut cursor = node.walk();
                let parts: Vec<_> = node.named_children(&mut cursor).collect();
                Target::Tuple(
                    parts.into_iter().map(|part| self.deeper(|this| this.ts_target(part)).flatten()).collect(),
                )
            }
            "assignment_pattern" => {
                let left = node.field("left")?;
                return self.deeper(|this| this.ts_target(left)).flatten();
            }
            "rest_pattern" | "parenthesized_expression" | "non_null_expression" | "as_expression" => {
                let inner = node.named_child(0)?;
                return self.deeper(|this| this.ts_target(inner)).flatten();
            }
            _ => return None,
        })
    }

    /// The fields of `{ a, b: c, d = 1, ...rest }`. Nested patterns give their own names under the outer key.
    pub(super) fn ts_fields(&mut self, node: Node<'_>) -> Vec<Field> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        let mut fields = Vec::new();
        for part in parts {
            match part.kind() {
                "shorthand_property_identifier_pattern" => {
                    let name = self.name(part);
                    fields.push(Field { key: name.clone(), local: name, default: None });
                }
                "object_assignment_pattern" => {
                    let (Some(left), Some(right)) = (part.field("left"), part.field("right")) else {
                        continue;
                    };
                    let name = self.name(left);
                    let default = Some(self.ts_expr(right));
                    fields.push(Field { key: name.clone(), local: name, default });
                }
                "pair_pattern" => {
                    let (Some(key), Some(value)) = (part.field("key"), part.field("value")) else {
                        continue;
                    };
                    let key = SmolStr::new(self.str(key).trim_matches(['"', '\'']));
                    let (value, default) = match value.kind() {
                        "assignment_pattern" => (
                            value.field("left").unwrap_or(value),
                            value.field("right").map(|right| self.ts_expr(right)),
                        ),
                        _ => (value, None),
                    };
                    match value.kind() {
                        "identifier" => fields.push(Field { key, local: self.name(value), default }),
                        "object_pattern" => {
                            if let Some(inner) = self.deeper(|this| this.ts_fields(value)) {
                                fields.extend(inner);
                            }
                        }
                        _ => {}
                    }
                }
                "rest_pattern" => {
                    if let Some(name) = part.named_child(0) {
                        fields.push(Field { key: SmolStr::default(), local: self.name(name), default: None });
                    }
                }
                _ => {}
            }
        }
        fields
    }

    fn ts_if(&mut self, node: Node<'_>) {
        let group = node.start_byte() as u32;
        let mut at = node;
        // An `else if` chain is walked in a loop: generated code nests hundreds.
        loop {
            let test = at.field("condition").map(|test| self.ts_expr(test));
            let arm = at;
            self.within(ContextKind::Branch { group, test, negated: false }, arm, |this| {
                this.ts_field(arm, "consequence")
            });
            let Some(alternative) = at.field("alternative") else {
                return;
            };
            match alternative.named_child(0) {
                Some(inner) if inner.kind() == "if_statement" => at = inner,
                Some(_) => {
                    return self.within(ContextKind::Branch { group, test, negated: true }, alternative, |this| {
                        this.ts_block(alternative);
                    });
                }
                None => return,
            }
        }
    }

    fn ts_switch(&mut self, node: Node<'_>) {
        let group = node.start_byte() as u32;
        let (Some(value), Some(body)) = (node.field("value"), node.field("body")) else {
            return;
        };
        let mut cursor = body.walk();
        let cases: Vec<_> = body.named_children(&mut cursor).collect();
        for case in cases {
            let pattern = case.field("value");
            let test = pattern.map(|pattern| {
                let subject = self.ts_expr(value);
                let pattern = self.ts_expr(pattern);
                self.add(Expr::Binary("==".into(), subject, pattern), case)
            });
            self.within(ContextKind::Branch { group, test, negated: false }, case, |this| {
                let mut cursor = case.walk();
                let parts: Vec<_> = case.children_by_field_name("body", &mut cursor).collect();
                for part in parts.into_iter().filter(Node::is_named) {
                    this.deeper(|this| this.ts_statement(part));
                }
            });
        }
    }

    fn ts_for(&mut self, node: Node<'_>) {
        if let Some(start) = node.field("initializer") {
            self.ts_statement(start);
        }
        let test = node.field("condition").and_then(|test| match test.kind() {
            "empty_statement" => None,
            "expression_statement" => test.named_child(0).map(|test| self.ts_expr(test)),
            _ => Some(self.ts_expr(test)),
        });
        self.within(ContextKind::While { test }, node, |this| this.ts_field(node, "body"));
    }

    fn ts_for_in(&mut self, node: Node<'_>) {
        let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
            return;
        };
        let over = self.ts_expr(right);
        self.within(ContextKind::ForEach { over }, node, |this| {
            let item = this.add(Expr::Item(over), right);
            if let Some(target) = this.ts_target(left) {
                this.stmt(StmtKind::Bind(target, item), left);
            }
            this.ts_field(node, "body");
        });
    }

    fn ts_try(&mut self, node: Node<'_>) {
        let group = node.start_byte() as u32;
        if let Some(body) = node.field("body") {
            self.within(ContextKind::Try { group }, body, |this| this.ts_block(body));
        }
        if let Some(handler) = node.field("handler") {
            self.within(ContextKind::Handler { group }, handler, |this| this.ts_field(handler, "body"));
        }
        if let Some(last) = node.field("finalizer") {
            self.ts_field(last, "body");
        }
    }
}
