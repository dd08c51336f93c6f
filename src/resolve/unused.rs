//! Whether a call stands in a function that nobody runs, in a file that is in use: code that was left behind.

use memchr::memmem::Finder;

use super::World;
use super::value::*;
use crate::catalog::flow::FlowWords;
use crate::program::Entry;
use crate::source::{FileId, is_test_file};
use crate::syntax::facts::*;

/// Words by which a definition begins, in both languages: what they stand before is no use.
const DEFINES: &[&str] = &["def", "function", "class"];

impl World<'_> {
    /// Whether a call stands in a function that no file but tests names, while something else of its file is run.
    /// Libraries are used by others: only where a file is seen to be a part of an application does it tell something that
    /// a function is named nowhere. Frameworks of TypeScript run by the names of files and exports: where anything is
    /// known to start the call, it is left alone.
    pub(super) fn is_unused(&self, at: ExprRef, entry: &Entry) -> bool {
        let open = *entry == Entry::Unknown || self.language(at.file).is_python();
        let mut around = self.enclosing(at).into_iter().filter(|&function| self.is_named(function));
        open && around.any(|function| self.is_left_behind(function) && self.is_in_use(function))
    }

    /// Whether a call, of which it is not known what starts it, stands in a class that no file but tests names. Bases and
    /// decorators may register what they are put on, and in TypeScript a class may be imported by another name.
    pub(super) fn is_alone(&self, at: ExprRef, entry: &Entry) -> bool {
        let facts = self.facts(at.file);
        let class = self.enclosing(at).into_iter().find_map(|function| self.function(function).class);
        let Some(class) = class.map(|class| facts.class(class)) else { return false };
        let plain = class.bases.is_empty() && class.decorators.is_empty() && !class.name.is_empty();
        let unknown = *entry == Entry::Unknown && self.language(at.file).is_python();
        unknown && plain && !self.is_mentioned(&class.name, at.file, |place| (class.start..class.end).contains(&place))
    }

    /// Whether a call stands in a method that every heir of its class has its own of, while the class itself is made only
    /// where its file is tried out by hand, and no heir asks for the one it inherits.
    pub(super) fn is_replaced(&self, at: ExprRef) -> bool {
        let method = self.enclosing(at).into_iter().find_map(|function| {
            let own = self.function(function);
            Some((&own.name, ClassRef { file: function.file, id: own.class? }))
        });
        let Some((name, class)) = method.filter(|(name, _)| !name.starts_with("__")) else { return false };
        let heirs = self.heirs(class);
        let replaces = |heir: &ClassRef| {
            let facts = self.facts(heir.file);
            let text = &self.sources[heir.file.0 as usize].text;
            let inherited = ["super().", "super."].iter().any(|base| text.contains(&format!("{base}{name}(")));
            !inherited && self.class(*heir).methods.iter().any(|&id| facts.function(id).name == *name)
        };
        let made = self.calls.get(&self.class(class).name).map(Vec::as_slice).unwrap_or_default();
        let tried = |call: &ExprRef| {
            let program = matches!(self.entry(*call), Entry::Script(what, _) if what == Entry::PROGRAM);
            self.is_tested(call.file) || call.file == class.file && program
        };
        !heirs.is_empty() && heirs.iter().all(replaces) && made.iter().all(tried)
    }

    /// Whether a function is run by its name: one that a statement defines or binds, no callback.
    fn is_named(&self, function: FnRef) -> bool {
        let own = self.function(function);
        let bound = own.site.is_none_or(|site| self.facts(function.file).node(site).parent.is_none());
        bound && !own.name.is_empty()
    }

    /// Whether nothing names a function that a framework would not run by itself.
    fn is_left_behind(&self, function: FnRef) -> bool {
        let own = self.function(function);
        let facts = self.facts(function.file);
        let words = FlowWords::embedded();
        // A base may run what its heirs define.
        let inherits = own.class.is_some_and(|class| !facts.class(class).bases.is_empty());
        let by_framework = inherits
            || !own.decorators.is_empty()
            || !matches!(own.flavour, Flavour::Plain | Flavour::Method | Flavour::Static)
            || own.name.starts_with("__")
            || words.starts.iter().chain(&words.request).any(|word| *word == own.name);
        let calls = self.calls.get(&own.name).map(Vec::as_slice).unwrap_or_default();
        let called = calls.iter().any(|&call| !self.is_within(call, function) && !self.is_tested(call.file));
        let within = |place: u32| (own.start..own.end).contains(&place) || self.binds(function, place);
        let mentioned = || self.is_mentioned(&own.name, function.file, within);
        !by_framework && !called && !self.aliases.contains_key(&own.name) && !mentioned()
    }

    /// Whether a file that is no test holds a name outside of what it stands for, in a file and within its places.
    fn is_mentioned(&self, name: &str, file: FileId, within: impl Fn(u32) -> bool) -> bool {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let finder = Finder::new(name);
        self.sources.iter().enumerate().any(|(at, source)| {
            let here = at == file.0 as usize;
            let mut places = finder.find_iter(source.text.as_bytes()).peekable();
            // Whether a file is a test is asked of those that hold the name, which few do.
            places.peek().is_some()
                && !self.is_tested(FileId(at as u32))
                && places.any(|start| {
                    let (before, after) = (&source.text[..start], &source.text[start + name.len()..]);
                    let whole = !before.ends_with(part) && !after.starts_with(part);
                    let defines = DEFINES.iter().any(|word| before.trim_end().ends_with(word));
                    whole && !defines && !(here && within(start as u32))
                })
        })
    }

    /// Whether a place is where a function is bound to its name: `const ask = async () => …`.
    fn binds(&self, function: FnRef, place: u32) -> bool {
        let own = self.function(function);
        own.site.is_some() && place < own.start && {
            let between = self.sources[function.file.0 as usize].slice(place, own.start);
            !between.contains(['\n', ';'])
        }
    }

    /// Whether something of a file, apart from a function, is a handler, a command or a program, or is called from
    /// elsewhere.
    fn is_in_use(&self, but: FnRef) -> bool {
        let file = but.file;
        let facts = self.facts(file);
        let others = (1..facts.functions.len() as u32).map(|id| FnRef { file, id: FnId(id) });
        others.filter(|&function| function != but && self.is_named(function)).any(|function| {
            if self.started_by(function) != Entry::Unknown {
                return true;
            }
            let name = &self.function(function).name;
            let calls = self.calls.get(name).map(Vec::as_slice).unwrap_or_default();
            let elsewhere = |call: &&ExprRef| call.file != file && !self.is_tested(call.file);
            calls.iter().filter(elsewhere).any(|&call| {
                let called = self.caller(call, function).is_some();
                called && self.entry(call) != Entry::Unknown
            })
        })
    }

    fn is_within(&self, at: ExprRef, function: FnRef) -> bool {
        let own = self.function(function);
        at.file == function.file && (own.start..own.end).contains(&self.node(at).start)
    }

    fn is_tested(&self, file: FileId) -> bool {
        is_test_file(&self.sources[file.0 as usize].path)
    }
}
