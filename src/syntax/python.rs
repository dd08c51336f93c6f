//! Python nodes to facts: statements and imports. Expressions are in `expr.rs`, functions and classes in `define.rs`,
//! annotations in `types.rs`.

mod define;
mod expr;
mod types;

use smol_str::SmolStr;
use tree_sitter::Node;

use super::facts::*;
use super::fields::Fields as _;
use super::lower::Lowering;
use crate::source::{FileId, Language};

/// Lowers a parsed file.
pub(super) fn lower(file: FileId, text: &str, root: Node<'_>) -> FileFacts {
    let mut lowering = Lowering::new(file, Language::Python, text, root);
    lowering.block(root);
    lowering.facts
}

impl Lowering<'_> {
    fn block(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        for (index, child) in node.named_children(&mut cursor).enumerate() {
            if index == 0 {
                self.docstring(child);
            }
            self.deeper(|this| this.statement(child));
        }
    }

    /// Keeps the text of a leading string as the docstring of the function being lowered.
    fn docstring(&mut self, first: Node<'_>) {
        if first.kind() != "expression_statement" || first.named_child_count() != 1 {
            return;
        }
        let Some(text) = first.named_child(0).filter(|node| matches!(node.kind(), "string" | "concatenated_string"))
        else {
            return;
        };
        if self.facts.function(self.function).body.is_empty() {
            let id = self.expr(text);
            let function = self.function;
            self.function_mut(function).docstring = Some(id);
        }
    }

    fn statement(&mut self, node: Node<'_>) {
        match node.kind() {
            "import_statement" => self.import(node),
            "import_from_statement" => self.import_from(node),
            "expression_statement" => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    match child.kind() {
                        "assignment" | "augmented_assignment" => {
                            self.assignment(child);
                        }
                        "comment" => {}
                        _ => {
                            let value = self.expr(child);
                            self.stmt(StmtKind::Expr(value), child);
                        }
                    }
                }
            }
            "return_statement" => {
                let value = node.named_child(0).map(|value| self.expr(value));
                self.stmt(StmtKind::Return(value), node);
            }
            "raise_statement" => {
                let value = node.named_child(0).map(|value| self.expr(value));
                self.stmt(StmtKind::Raise(value), node);
            }
            "break_statement" => self.stmt(StmtKind::Break, node),
            "if_statement" => self.if_statement(node),
            "for_statement" => self.for_statement(node),
            "while_statement" => self.while_statement(node),
            "try_statement" => self.try_statement(node),
            "with_statement" => self.with_statement(node),
            "match_statement" => self.match_statement(node),
            "function_definition" => {
                let id = self.function_definition(node, Vec::new());
                self.stmt(StmtKind::Define(id), node);
            }
            "class_definition" => {
                let id = self.class_definition(node, Vec::new());
                self.stmt(StmtKind::DefineClass(id), node);
            }
            "decorated_definition" => self.decorated(node),
            "block" | "module" => self.block(node),
            "comment" | "pass_statement" | "global_statement" | "nonlocal_statement" | "continue_statement" => {}
            // Deletions, assertions, prints of old code, and what the parser could not place: kept for the calls in them.
            _ => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    if child.kind().ends_with("_statement") || child.kind().ends_with("_definition") {
                        self.deeper(|this| this.statement(child));
                    } else if child.kind() != "comment" {
                        let value = self.expr(child);
                        self.stmt(StmtKind::Expr(value), child);
                    }
                }
            }
        }
    }

    fn import(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        for child in node.children_by_field_name("name", &mut cursor) {
            let (module, alias) = self.aliased(child);
            // `import a.b` binds `a`; `import a.b as c` binds the submodule.
            let (local, module) = match alias {
                Some(alias) => (alias, module),
                None => {
                    let first = SmolStr::new(module.split('.').next().unwrap_or(&module));
                    self.push_import(SmolStr::default(), module, None, child);
                    (first.clone(), first)
                }
            };
            self.push_import(local, module, None, child);
        }
    }

    fn import_from(&mut self, node: Node<'_>) {
        let Some(module) = node.field("module_name").map(|module| {
            let text: String = self.str(module).split_whitespace().collect();
            SmolStr::new(text)
        }) else {
            return;
        };
        let mut cursor = node.walk();
        for child in node.children_by_field_name("name", &mut cursor) {
            let (name, alias) = self.aliased(child);
            self.push_import(alias.unwrap_or_else(|| name.clone()), module.clone(), Some(name), child);
        }
        let mut cursor = node.walk();
        if node.named_children(&mut cursor).any(|child| child.kind() == "wildcard_import") {
            self.push_import("*".into(), module, None, node);
        }
    }

    fn aliased(&self, node: Node<'_>) -> (SmolStr, Option<SmolStr>) {
        if node.kind() == "aliased_import" {
            let name = node.field("name").map_or_else(SmolStr::default, |name| self.name(name));
            (name, node.field("alias").map(|alias| self.name(alias)))
        } else {
            (self.name(node), None)
        }
    }

    fn push_import(&mut self, local: SmolStr, module: SmolStr, name: Option<SmolStr>, node: Node<'_>) {
        self.facts.imports.push(Import { local, module, name, start: node.start_byte() as u32 });
    }

    /// Lowers `a = b = value`, `a: T = value` and `a += value`, and gives the value.
    fn assignment(&mut self, node: Node<'_>) -> Option<ExprId> {
        let left = node.field("left")?;
        let right = node.field("right");
        let value = match right {
            Some(right) if matches!(right.kind(), "assignment" | "augmented_assignment") => {
                self.deeper(|this| this.assignment(right)).flatten()
            }
            Some(right) => Some(self.expr(right)),
            None => None,
        };
        let target = self.target(left);
        if let (Some(target), Some(annotation)) = (&target, node.field("type")) {
            let annotation = self.annotation(annotation);
            self.stmt(StmtKind::Declare(target.clone(), annotation), node);
        }
        let (target, value) = (target?, value?);
        self.name_lambda(value, &target);
        if node.kind() == "assignment" {
            self.stmt(StmtKind::Bind(target, value), node);
        } else if node.field("operator").is_some_and(|op| matches!(self.str(op), "+=" | "|=")) {
            self.stmt(StmtKind::Append(target, value), node);
        } else {
            self.stmt(StmtKind::Expr(value), node);
        }
        Some(value)
    }

    fn name_lambda(&mut self, value: ExprId, target: &Target) {
        if let (Expr::Func(function), Target::Name(name) | Target::Attr(_, name)) = (self.facts.expr(value), target) {
            let (function, name) = (*function, name.clone());
            self.function_mut(function).name = name;
        }
    }

    pub(super) fn target(&mut self, node: Node<'_>) -> Option<Target> {
        Some(match node.kind() {
            "identifier" => Target::Name(self.name(node)),
            "attribute" => {
                let base = self.expr(node.field("object")?);
                Target::Attr(base, self.name(node.field("attribute")?))
            }
            "subscript" => {
                let base = self.expr(node.field("value")?);
                let key = self.expr(node.field("subscript")?);
                Target::Index(base, key)
            }
            "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" | "list" | "expression_list" => {
                let mut cursor = node.walk();
                let parts: Vec<_> = node.named_children(&mut cursor).collect();
                Target::Tuple(parts.into_iter().map(|part| self.deeper(|this| this.target(part)).flatten()).collect())
            }
            "parenthesized_expression" | "list_splat_pattern" | "as_pattern_target" => {
                let inner = node.named_child(0)?;
                return self.deeper(|this| this.target(inner)).flatten();
            }
            _ => return None,
        })
    }

    fn body(&mut self, node: Node<'_>) {
        if let Some(body) = node.field("body").or_else(|| node.field("consequence")) {
            self.block(body);
        }
    }

    fn if_statement(&mut self, node: Node<'_>) {
        let group = node.start_byte() as u32;
        let mut test = node.field("condition").map(|test| self.expr(test));
        self.within(ContextKind::Branch { group, test, negated: false }, node, |this| this.body(node));
        let mut cursor = node.walk();
        let arms: Vec<_> = node.children_by_field_name("alternative", &mut cursor).collect();
        for arm in arms {
            let negated = arm.kind() == "else_clause";
            if !negated {
                test = arm.field("condition").map(|test| self.expr(test));
            }
            self.within(ContextKind::Branch { group, test, negated }, arm, |this| this.body(arm));
        }
    }

    fn for_statement(&mut self, node: Node<'_>) {
        let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
            return;
        };
        let over = self.expr(right);
        self.within(ContextKind::ForEach { over }, node, |this| {
            this.bind_item(left, over, right);
            this.body(node);
        });
        self.alternative(node);
    }

    /// Binds a loop's target to one item of what it runs over, which is read once, before the loop.
    pub(super) fn bind_item(&mut self, left: Node<'_>, over: ExprId, right: Node<'_>) {
        let item = self.add(Expr::Item(over), right);
        if let Some(target) = self.target(left) {
            self.stmt(StmtKind::Bind(target, item), left);
        }
    }

    fn while_statement(&mut self, node: Node<'_>) {
        let test = node.field("condition").map(|test| self.expr(test));
        let test = test.filter(|&test| !matches!(self.facts.expr(test), Expr::Bool(true)));
        self.within(ContextKind::While { test }, node, |this| this.body(node));
        self.alternative(node);
    }

    fn alternative(&mut self, node: Node<'_>) {
        if let Some(alternative) = node.field("alternative") {
            self.body(alternative);
        }
    }

    fn try_statement(&mut self, node: Node<'_>) {
        let group = node.start_byte() as u32;
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        for part in parts {
            match part.kind() {
                "block" => self.within(ContextKind::Try { group }, part, |this| this.block(part)),
                "except_clause" | "except_group_clause" => {
                    self.within(ContextKind::Handler { group }, part, |this| {
                        let mut cursor = part.walk();
                        let parts: Vec<_> = part.named_children(&mut cursor).collect();
                        parts.into_iter().filter(|part| part.kind() == "block").for_each(|block| this.block(block));
                    });
                }
                "else_clause" | "finally_clause" => {
                    let mut cursor = part.walk();
                    let parts: Vec<_> = part.named_children(&mut cursor).collect();
                    parts.into_iter().filter(|part| part.kind() == "block").for_each(|block| self.block(block));
                }
                _ => {}
            }
        }
    }

    fn with_statement(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let clauses: Vec<_> = node.named_children(&mut cursor).filter(|child| child.kind() == "with_clause").collect();
        for clause in clauses {
            let mut cursor = clause.walk();
            let items: Vec<_> = clause.named_children(&mut cursor).filter(|item| item.kind() == "with_item").collect();
            for item in items {
                let Some(value) = item.field("value") else {
                    continue;
                };
                // Lowering `x as y` binds `y`; without a target only the calls inside matter.
                let id = self.expr(value);
                self.stmt(StmtKind::Expr(id), value);
            }
        }
        self.body(node);
    }

    fn match_statement(&mut self, node: Node<'_>) {
        let group = node.start_byte() as u32;
        let Some(subject) = node.field("subject") else {
            return;
        };
        let Some(body) = node.field("body") else {
            return;
        };
        let mut cursor = body.walk();
        let cases: Vec<_> = body.named_children(&mut cursor).filter(|case| case.kind() == "case_clause").collect();
        for case in cases {
            let subject = self.expr(subject);
            let pattern = case.named_child(0).map(|pattern| {
                let inner = pattern.named_child(0).unwrap_or(pattern);
                self.expr(inner)
            });
            let test = pattern.map(|pattern| self.add(Expr::Binary("==".into(), subject, pattern), case));
            self.within(ContextKind::Branch { group, test, negated: false }, case, |this| {
                if let Some(body) = case.field("consequence") {
                    this.block(body);
                }
            });
        }
    }
}
