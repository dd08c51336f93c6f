//! What starts the code that a call stands in: a script that nobody waits for, or a request that somebody does.

use std::collections::BTreeSet;

use super::value::*;
use super::{World, index};
use crate::catalog::flow::FlowWords;
use crate::program::Entry;
use crate::source::{FileId, Span, is_test_file};
use crate::syntax::facts::*;

/// Functions that are looked at on the way to an entry.
const FUNCTIONS: usize = 40;

impl World<'_> {
    /// What starts a call. Whoever waits on one way to it decides, even if a script reaches it too.
    pub(super) fn entry(&self, at: ExprRef) -> Entry {
        let mut seen = BTreeSet::new();
        let mut next = vec![FnRef { file: at.file, id: self.node(at).function }];
        let mut script = None;
        while let Some(function) = next.pop() {
            if seen.len() >= FUNCTIONS || !seen.insert(function) {
                continue;
            }
            // What runs a test is no use of the program.
            if is_test_file(&self.sources[function.file.0 as usize].path) {
                continue;
            }
            match self.started_by(function) {
                Entry::Request(what, span) => return Entry::Request(what, span),
                Entry::Script(what, span) => {
                    script.get_or_insert(Entry::Script(what, span));
                }
                Entry::Unknown => {}
            }
            let own = self.function(function);
            if own.site.is_some() || function.id != MODULE && own.parent != MODULE {
                next.push(FnRef { file: function.file, id: own.parent });
            }
            if function.id != MODULE {
                let callers = self.callers_of(function);
                let mapped = self.mapped(function);
                let callers = callers.into_iter().take(8).chain(mapped);
                next.extend(callers.map(|at| FnRef { file: at.file, id: self.node(at).function }));
            }
        }
        script.unwrap_or_default()
    }

    pub(super) fn started_by(&self, function: FnRef) -> Entry {
        let words = FlowWords::embedded();
        let facts = self.facts(function.file);
        let own = facts.function(function.id);
        let span = Span { file: function.file, start: own.start, end: own.start };
        let path = &self.sources[function.file.0 as usize].path;
        for &decorator in &own.decorators {
            let callee = match facts.expr(decorator) {
                Expr::Call(call) => call.callee,
                _ => decorator,
            };
            let Some(name) = index::last_name(facts, callee) else { continue };
            let place = self.span(ExprRef { file: function.file, id: decorator });
            if words.command.iter().any(|word| *word == name)
                && self.imports(function.file, &words.interactive).is_none()
            {
                return Entry::Script(format!("`{name}` makes it a command or job"), place);
            }
            if words.request.iter().any(|word| *word == name) {
                return Entry::Request(format!("`{name}` makes it a handler"), place);
            }
        }
        if let Some(module) = self.imports(function.file, &words.interactive) {
            return Entry::Request(format!("a file of {module} is a screen"), span);
        }
        if path.ends_with(".tsx") || path.ends_with(".jsx") {
            return Entry::Request("a component is a screen".to_owned(), span);
        }
        let exported = facts.exports.iter().any(|export| {
            matches!(&export.what, Exported::Local(name) if *name == own.name) || export.name == own.name
        });
        if exported && !own.name.is_empty() && words.request.iter().any(|word| *word == own.name) {
            return Entry::Request(format!("`{}` is exported as a handler", own.name), span);
        }
        if let Some(site) = own.site
            && let Some(parent) = facts.node(site).parent
            && let Expr::Call(call) = facts.expr(parent)
            && let Expr::Attr(_, name) = facts.expr(call.callee)
            && call.args.first().is_some_and(|arg| matches!(facts.expr(arg.value), Expr::Str(_)))
            && (words.request.iter().any(|word| *word == *name) || *name == "on")
        {
            return Entry::Request(
                format!("`{name}` makes it a handler"),
                self.span(ExprRef { file: function.file, id: parent }),
            );
        }
        let served = words
            .request_paths
            .iter()
            .any(|part| path.contains(part.as_str()) || format!("/{path}").contains(part.as_str()));
        if served && !facts.language.is_python() {
            return Entry::Request("its folder is served".to_owned(), span);
        }
        if let Some(part) = words.script_paths.iter().find(|part| format!("/{path}").contains(&format!("/{part}"))) {
            return Entry::Script(format!("it lies in {part}"), span);
        }
        if function.id == MODULE {
            let runs = facts.contexts.iter().any(|context| match context.kind {
                ContextKind::Branch { test: Some(test), .. } => self.names_main(function.file, test),
                _ => false,
            });
            if runs || path.ends_with("__main__.py") {
                return Entry::Script(Entry::PROGRAM.to_owned(), span);
            }
            if let Some(module) = self.imports(function.file, &words.script_modules) {
                return Entry::Script(format!("it is a program with {module}"), span);
            }
            return Entry::Script(Entry::TOP_LEVEL.to_owned(), span);
        }
        Entry::Unknown
    }

    /// `__name__ == "__main__"`, `require.main === module`, `import.meta.main`.
    fn names_main(&self, file: FileId, test: ExprId) -> bool {
        let text = self.short(ExprRef { file, id: test });
        text.contains("__main__") || text.contains("require.main") || text.contains("import.meta")
    }

    /// A module of a list that a file imports.
    fn imports<'l>(&self, file: FileId, list: &'l [String]) -> Option<&'l str> {
        let imports = &self.facts(file).imports;
        list.iter()
            .find(|module| {
                imports.iter().any(|import| {
                    import.module == module.as_str() || import.module.split(['.', '/']).next() == Some(module)
                })
            })
            .map(String::as_str)
    }
}
