//! Whether the syntax errors of a file can have cost a call.
//!
//! The grammars lag behind the languages: `export type *`, a parameter without its name in a function type, a bare `&`
//! between tags. Such an error stands where no call can stand, the code around it is read whole, and a notice that the
//! file was not fully read would be noise in every run.

use tree_sitter::Node;

/// Kinds of nodes that hold types or markup text and never an expression that runs.
const INERT: &[&str] =
    &["interface_body", "object_type", "type_annotation", "type_arguments", "type_parameters", "function_type"];

/// Whether code that may hold a call is missing from the tree below `root`.
pub(super) fn cost_code(text: &str, root: Node<'_>) -> bool {
    if !root.has_error() {
        return false;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let lost = node.is_error() || node.is_missing();
        if lost && !inert_here(text, node) {
            return true;
        }
        if !lost && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

/// Whether an error or a missing token stands where no call can be lost.
fn inert_here(text: &str, node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    let written = text.get(node.start_byte()..node.end_byte()).unwrap_or("");
    // What runs over a line end may have swallowed the code that follows.
    let among_types = std::iter::successors(Some(parent), Node::parent).any(|above| INERT.contains(&above.kind()));
    if among_types && !written.contains('\n') {
        return true;
    }
    match parent.kind() {
        "export_statement" => written == "type",
        // Words after a bare `&`, in text or in an attribute's string: what is in braces or calls anything is code.
        "jsx_element" | "string" => !written.contains(['{', '(', '<', '`']),
        // `f<T>` before a template is read as `f<T>!`: the call itself is there.
        "non_null_expression" => node.is_missing(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::source::{FileId, Language};
    use crate::syntax::facts::Partly;

    fn partly(code: &str) -> Option<Partly> {
        crate::syntax::read(FileId(0), Language::Tsx, code).expect("small").partly
    }

    #[test]
    fn an_error_where_no_call_can_stand_costs_nothing() {
        for code in [
            "export type * from './types'\nf(1)\n",
            "export type * as openapi from './openapi'\n",
            "interface A { set: (boolean) => void; b: string }\n",
            "const x = <a>Save & Close</a>;\n",
            "const x = <link href='https://x?a=1&display=swap' rel='s'/>;\n",
            "function f(x: Promise<import('x').D[]>) { return g(x) }\n",
            "const rows = await sql<T[]>`select`\n",
        ] {
            let tree_has_error = super::super::snippet::parses(Language::Tsx, code);
            assert!(!tree_has_error, "the grammar reads this now, so it shows nothing: {code}");
            assert_eq!(partly(code), None, "{code}");
        }
    }

    #[test]
    fn an_error_in_code_is_told() {
        for code in [
            "const a = {...(await load<typeof import('ai')>()), b: 1}\n",
            "const x = <a>Save & {ask('now' 'then')}</a>;\n",
            "function f( { return ask(1) }\n",
            "export default ) ask(1)\n",
            "interface A { b: string }\nconst x = ask(1 2)\n",
        ] {
            assert_eq!(partly(code), Some(Partly::ParseErrors), "{code}");
        }
    }
}
