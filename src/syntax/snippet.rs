//! Small pieces of code that are not files of the program: the code that a finding proposes, and expressions in it.

use tree_sitter::{Node, Parser};

use super::{OPEN_BRACKETS, grammar, open_brackets};
use crate::source::Language;

/// What is taken out of TypeScript to make JavaScript of it.
const TYPES: &[&str] =
    &["type_annotation", "type_arguments", "type_parameters", "type_alias_declaration", "interface_declaration"];

fn tree(language: Language, code: &str) -> Option<tree_sitter::Tree> {
    if open_brackets(code.as_bytes()) > OPEN_BRACKETS {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(&grammar(language)).expect("the grammars are built for this tree-sitter");
    parser.parse(code, None)
}

/// Whether code parses without an error.
pub fn parses(language: Language, code: &str) -> bool {
    tree(language, code).is_some_and(|tree| !tree.root_node().has_error())
}

/// Whether a text is one expression.
pub fn is_expression(language: Language, text: &str) -> bool {
    let Some(tree) = tree(language, text) else { return false };
    let root = tree.root_node();
    let statement = root.named_child(0).filter(|_| root.named_child_count() == 1 && !root.has_error());
    statement.is_some_and(|statement| {
        statement.kind() == "expression_statement"
            && statement.named_child_count() == 1
            && statement.named_child(0).is_some_and(|inner| !inner.kind().contains("assignment"))
    })
}

/// TypeScript without its types: JavaScript that does the same. Types that have a value at run time (enumerations)
/// are not known here; the tables do not use them.
pub fn without_types(code: &str) -> String {
    let Some(tree) = tree(Language::TypeScript, code) else { return code.to_owned() };
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        match node.kind() {
            kind if TYPES.contains(&kind) => cuts.push(whole_line(code, node)),
            "as_expression" | "satisfies_expression" => {
                if let Some(value) = node.named_child(0) {
                    cuts.push((value.end_byte(), node.end_byte()));
                    open.push(value);
                }
            }
            "non_null_expression" => cuts.push((node.end_byte() - 1, node.end_byte())),
            _ => {}
        }
        if !TYPES.contains(&node.kind()) && !matches!(node.kind(), "as_expression" | "satisfies_expression") {
            let mut cursor = node.walk();
            open.extend(node.children(&mut cursor));
        }
    }
    cuts.sort_unstable();
    let mut out = String::with_capacity(code.len());
    let mut from = 0;
    for (start, end) in cuts {
        out.push_str(code.get(from..start).unwrap_or_default());
        from = from.max(end);
    }
    out.push_str(code.get(from..).unwrap_or_default());
    out.trim_start().to_owned()
}

/// A declaration goes with the line end behind it.
fn whole_line(code: &str, node: Node) -> (usize, usize) {
    let end = node.end_byte();
    if node.kind().ends_with("declaration") {
        return (node.start_byte(), end + usize::from(code[end..].starts_with('\n')));
    }
    (node.start_byte(), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_go_and_the_code_stays() {
        let code = "type Row = Record<string, string>;\nfunction f<T>(rows: Row[], n = 1): Map<string, T> {\n  return new Map<string, T>([[rows[0]!.a as string, 1 as T]]);\n}\n";
        let plain = "function f(rows, n = 1) {\n  return new Map([[rows[0].a, 1]]);\n}\n";
        assert_eq!(without_types(code), plain);
    }

    #[test]
    fn expressions_are_told_from_what_is_none() {
        for (language, text, is) in [
            (Language::Python, "order.created_at", true),
            (Language::Python, "json.dumps(x, indent=2)", true),
            (Language::Python, "x = 1", false),
            (Language::Python, "z.object({ a: z.string().…", false),
            (Language::TypeScript, "items.map((item) => item.id)", true),
            (Language::TypeScript, "return 1", false),
            (Language::TypeScript, "", false),
        ] {
            assert_eq!(is_expression(language, text), is, "{text}");
        }
    }
}
