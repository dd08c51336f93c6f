//! Files of prompts that are asked for by their name alone: by a loader whose way to them is not followed, or by another
//! template that includes them.

use super::World;
use super::index::last_name;
use super::modules::{join, parent};
use super::templates::Marks;
use super::value::*;
use crate::catalog::files::PromptFiles;
use crate::source::Span;
use crate::syntax::facts::*;

impl World<'_> {
    /// The text of the one file of prompts that has the name which a function is asked for: `read_prompt("plan.md")`,
    /// `render("builtin://plan.jinja2")`. How it looks for the file is not followed: that there is such a file, and one
    /// only, says enough.
    pub(super) fn text_asked_for(&self, name: &Value) -> Option<Value> {
        const LONGEST: usize = 120;
        let Value::Text(pieces) = name else { return None };
        let [TextPiece::Lit(text, span)] = &pieces[..] else { return None };
        let tail = text.split_once("://").map_or(&**text, |(_, tail)| tail).trim_start_matches(['.', '/']);
        let plain = tail.len() < LONGEST && !tail.contains(char::is_whitespace);
        if !plain || !PromptFiles::embedded().may_hold_text(tail) || self.is_text_file(span.file) {
            return None;
        }
        let path = self.named_file(tail, &self.sources[span.file.0 as usize].path)?;
        let text = self.text_of_file(&path)?;
        let at = ExprRef { file: span.file, id: ExprId(0) };
        let doubled = text.as_static().is_some_and(|text| text.contains("{{"));
        Some(if doubled { self.fill(&text, Marks::Mustache, &|_| None, at) } else { text })
    }

    /// The text of a file of prompts that a method of something unknown is asked for by its name:
    /// `self.agent.read_prompt("plan.md")`.
    pub(super) fn text_of_loader(&self, callee: &Value, call: &Call, at: ExprRef) -> Option<Value> {
        let facts = self.facts(at.file);
        let unknown = callee.is_hole() || matches!(callee, Value::Foreign(_));
        let name = last_name(facts, call.callee).filter(|_| unknown)?;
        let names = call.args.iter().filter_map(|arg| match facts.expr(arg.value) {
            Expr::Str(text) if PromptFiles::embedded().may_hold_text(text) => {
                Some(Value::literal(text, self.span(ExprRef { file: at.file, id: arg.value })))
            }
            _ => None,
        });
        let mut names = names.filter(|_| PromptFiles::embedded().is_loader(&name));
        names.find_map(|name| self.text_asked_for(&name))
    }

    /// The text of a template that another includes: beside it, or wherever the one file of that name lies.
    pub(super) fn included(&self, name: &str, place: Span) -> Option<Value> {
        if !PromptFiles::embedded().may_hold_text(name) {
            return None;
        }
        let folder = self.path_of_text(place.file).map(|path| parent(&path).to_owned());
        let beside = folder.and_then(|folder| self.text_of_file(&join(&folder, name)));
        beside.or_else(|| self.text_of_file(&self.named_file(name, "")?))
    }
}
