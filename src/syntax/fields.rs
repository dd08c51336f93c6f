//! Children of nodes by the name of their field. Tree-sitter compares a name with those of all fields of the grammar at
//! every question, and lowering asks for several at each node: here each is looked up once for a thread and grammar.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;
use tree_sitter::Node;

use crate::source::Language;

/// Numbers of fields. A name is known by where it stands in the program: it is a literal.
type Numbers = FxHashMap<(usize, usize), Option<u16>>;

thread_local! {
    static GRAMMAR: Cell<usize> = const { Cell::new(0) };
    /// By grammar.
    static NUMBERS: RefCell<[Numbers; 3]> = RefCell::default();
}

/// Says which grammar the nodes are of that this thread looks at from here on.
pub(super) fn of_grammar(language: Language) {
    GRAMMAR.set(match language {
        Language::Python => 0,
        Language::TypeScript => 1,
        Language::Tsx | Language::JavaScript | Language::Text => 2,
    });
}

pub(super) trait Fields<'tree> {
    /// The first child that stands in the field `name`.
    fn field(&self, name: &'static str) -> Option<Node<'tree>>;
}

impl<'tree> Fields<'tree> for Node<'tree> {
    fn field(&self, name: &'static str) -> Option<Node<'tree>> {
        let number = NUMBERS.with_borrow_mut(|numbers| {
            let number = || self.language().field_id_for_name(name).map(u16::from);
            *numbers[GRAMMAR.get()].entry((name.as_ptr() as usize, name.len())).or_insert_with(number)
        })?;
        self.child_by_field_id(number)
    }
}
