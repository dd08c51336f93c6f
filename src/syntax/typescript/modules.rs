//! Imports and exports, in the spellings of both module systems.

use smol_str::SmolStr;
use tree_sitter::Node;

use crate::syntax::facts::*;
use crate::syntax::fields::Fields as _;
use crate::syntax::lower::Lowering;

impl Lowering<'_> {
    fn ts_string(&self, node: Node<'_>) -> SmolStr {
        SmolStr::new(self.str(node).trim_matches(['"', '\'', '`']))
    }

    fn ts_add_import(&mut self, local: SmolStr, module: &SmolStr, name: Option<SmolStr>, node: Node<'_>) {
        self.facts.imports.push(Import { local, module: module.clone(), name, start: node.start_byte() as u32 });
    }

    pub(super) fn ts_import(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        // `import x = require("y")`.
        if let Some(clause) = parts.iter().find(|part| part.kind() == "import_require_clause") {
            if let (Some(name), Some(source)) = (clause.named_child(0), clause.field("source")) {
                let (local, module) = (self.name(name), self.ts_string(source));
                self.ts_add_import(local, &module, None, node);
            }
            return;
        }
        let Some(module) = node.field("source").map(|source| self.ts_string(source)) else {
            return;
        };
        let Some(clause) = parts.iter().find(|part| part.kind() == "import_clause") else {
            return self.ts_add_import(SmolStr::default(), &module, None, node);
        };
        let mut cursor = clause.walk();
        let parts: Vec<_> = clause.named_children(&mut cursor).collect();
        for part in parts {
            match part.kind() {
                "identifier" => {
                    let local = self.name(part);
                    self.ts_add_import(local, &module, Some("default".into()), part);
                }
                "namespace_import" => {
                    if let Some(name) = part.named_child(0) {
                        let local = self.name(name);
                        self.ts_add_import(local, &module, None, part);
                    }
                }
                "named_imports" => {
                    let mut cursor = part.walk();
                    let names: Vec<_> =
                        part.named_children(&mut cursor).filter(|child| child.kind() == "import_specifier").collect();
                    for specifier in names {
                        let Some(name) = specifier.field("name") else {
                            continue;
                        };
                        let local = specifier.field("alias").unwrap_or(name);
                        let (name, local) = (self.ts_string(name), self.name(local));
                        self.ts_add_import(local, &module, Some(name), specifier);
                    }
                }
                _ => {}
            }
        }
    }

    /// `const x = require("y")`, `const { a, b: c } = await import("y")`.
    pub(super) fn ts_require(&mut self, declarator: Node<'_>, name: Node<'_>) -> bool {
        let Some(mut value) = declarator.field("value") else {
            return false;
        };
        let mut member = None;
        loop {
            match value.kind() {
                "await_expression" | "parenthesized_expression" | "as_expression" => match value.named_child(0) {
                    Some(inner) => value = inner,
                    None => return false,
                },
                "member_expression" if member.is_none() => {
                    let (Some(object), Some(property)) = (value.field("object"), value.field("property")) else {
                        return false;
                    };
                    member = Some(self.name(property));
                    value = object;
                }
                _ => break,
            }
        }
        if value.kind() != "call_expression" {
            return false;
        }
        let is_require =
            value.field("function").is_some_and(|function| matches!(self.str(function), "require" | "import"));
        let source = value.field("arguments").and_then(|arguments| arguments.named_child(0));
        let (true, Some(source)) = (is_require, source.filter(|source| source.kind() == "string")) else {
            return false;
        };
        let module = self.ts_string(source);
        match name.kind() {
            "identifier" => {
                let local = self.name(name);
                // A required module is its default export to callers that use it as one.
                self.ts_add_import(local, &module, member, name);
                true
            }
            "object_pattern" => {
                for field in self.ts_fields(name) {
                    if !field.key.is_empty() {
                        self.ts_add_import(field.local, &module, Some(field.key), name);
                    }
                }
                true
            }
            _ => false,
        }
    }

    pub(super) fn ts_export(&mut self, node: Node<'_>) {
        let source = node.field("source").map(|source| self.ts_string(source));
        if let Some(declaration) = node.field("declaration") {
            let is_default = self.ts_is_default(node);
            let (names, _) = self.ts_declared(declaration);
            for name in names {
                let exported = if is_default { SmolStr::new_static("default") } else { name.clone() };
                self.facts.exports.push(Export { name: exported, what: Exported::Local(name) });
            }
            return;
        }
        if let Some(value) = node.field("value") {
            let value = self.ts_expr(value);
            // As the language names what is exported without a name.
            self.ts_name_lambda(value, &Target::Name("default".into()));
            self.stmt(StmtKind::Expr(value), node);
            self.facts.exports.push(Export { name: "default".into(), what: Exported::Value(value) });
            return;
        }
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        let mut named = false;
        for part in parts {
            match part.kind() {
                "export_clause" => {
                    named = true;
                    let mut cursor = part.walk();
                    let specifiers: Vec<_> =
                        part.named_children(&mut cursor).filter(|child| child.kind() == "export_specifier").collect();
                    for specifier in specifiers {
                        let Some(name) = specifier.field("name") else {
                            continue;
                        };
                        let alias = specifier.field("alias").unwrap_or(name);
                        let (name, exported) = (self.ts_string(name), self.ts_string(alias));
                        let what = match &source {
                            Some(module) => Exported::From(module.clone(), Some(name)),
                            None => Exported::Local(name),
                        };
                        self.facts.exports.push(Export { name: exported, what });
                    }
                }
                "namespace_export" => {
                    named = true;
                    if let (Some(name), Some(module)) = (part.named_child(0), &source) {
                        let name = self.name(name);
                        self.facts.exports.push(Export { name, what: Exported::From(module.clone(), None) });
                    }
                }
                _ => {}
            }
        }
        if let (false, Some(module)) = (named, source) {
            self.facts.exports.push(Export { name: "*".into(), what: Exported::From(module, None) });
        }
    }

    fn ts_is_default(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| child.kind() == "default")
    }

    /// Lowers an exported declaration and gives the names that it declares.
    fn ts_declared(&mut self, declaration: Node<'_>) -> (Vec<SmolStr>, usize) {
        let function = self.function.0 as usize;
        let before = self.facts.functions[function].body.len();
        let imports = self.facts.imports.len();
        self.ts_statement(declaration);
        let mut names: Vec<SmolStr> = Vec::new();
        for stmt in &self.facts.functions[function].body[before..] {
            match &stmt.kind {
                StmtKind::Define(id) => names.push(self.facts.function(*id).name.clone()),
                StmtKind::DefineClass(id) => names.push(self.facts.class(*id).name.clone()),
                StmtKind::Bind(Target::Name(name), _) | StmtKind::Declare(Target::Name(name), _) => {
                    names.push(name.clone());
                }
                StmtKind::Bind(Target::Object(fields), _) => {
                    names.extend(fields.iter().map(|field| field.local.clone()));
                }
                _ => {}
            }
        }
        names.extend(self.facts.imports[imports..].iter().map(|import| import.local.clone()));
        names.dedup();
        (names, before)
    }

    /// `module.exports = x`, `exports.a = x`.
    pub(super) fn ts_module_export(&mut self, node: Node<'_>) -> bool {
        let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
            return false;
        };
        let path = self.str(left);
        if path != "module.exports" && !path.starts_with("exports.") && !path.starts_with("module.exports.") {
            return false;
        }
        let value = self.ts_expr(right);
        self.stmt(StmtKind::Expr(value), node);
        if path != "module.exports" {
            let name = SmolStr::new(path.rsplit('.').next().unwrap_or("default"));
            let target = Target::Name(name.clone());
            self.ts_name_lambda(value, &target);
            self.facts.exports.push(Export { name, what: Exported::Value(value) });
            return true;
        }
        if let Expr::Record(entries) = self.facts.expr(value) {
            let named: Vec<(SmolStr, ExprId)> =
                entries.iter().filter_map(|entry| entry.key.clone().map(|key| (key, entry.value))).collect();
            for (name, value) in named {
                self.facts.exports.push(Export { name, what: Exported::Value(value) });
            }
        }
        self.ts_name_lambda(value, &Target::Name("default".into()));
        self.facts.exports.push(Export { name: "default".into(), what: Exported::Value(value) });
        true
    }
}
