//! A check on the grouping of files, for tests and for runs over real trees.

use std::sync::Arc;

use super::{groups, look, text_of};
use crate::catalog::sdk::SdkCatalog;
use crate::resolve::modules::Modules;
use crate::source::FileId;
use crate::syntax;
use crate::syntax::facts::{Exported, FileFacts};
use crate::walk::Found;

/// Imports that a parse finds and that leave the component which the bytes of their file put it in, each after the
/// path of its file. There should be none.
pub fn stray_imports(found: Found, max_file_size: u64) -> Vec<String> {
    let (entries, project) = (found.entries, Arc::new(found.project));
    let looks: Vec<_> = entries.iter().map(|entry| look(entry, max_file_size, false)).collect();
    let mut group_of = vec![usize::MAX; entries.len()];
    for (number, group) in groups(&entries, &looks, &project).into_iter().enumerate() {
        group.into_iter().for_each(|at| group_of[at as usize] = number);
    }
    let modules = Modules::new(entries.iter().map(|entry| (entry.relative.as_str().into(), entry.language)), project);
    let mut strays = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let from = FileId(at as u32);
        let Ok((source, _)) = text_of(entry, max_file_size, false) else { continue };
        let Ok(facts) = syntax::read(from, entry.language, &source.text) else { continue };
        for module in named(&facts) {
            let target = match entry.language.is_python() {
                true => modules.python(from, &module, |root| SdkCatalog::embedded().is_import_root(root)),
                false => modules.script(from, &module),
            };
            let away = target.filter(|target| group_of[target.0 as usize] != group_of[at]);
            strays.extend(away.map(|_| format!("{}: {module}", entry.relative)));
        }
    }
    strays
}

/// The modules that facts name, and the members of packages that may be modules.
fn named(facts: &FileFacts) -> Vec<String> {
    let mut all = Vec::new();
    for import in &facts.imports {
        all.push(import.module.to_string());
        if let Some(name) = import.name.as_ref().filter(|_| facts.language.is_python()) {
            let dot = if import.module.ends_with('.') { "" } else { "." };
            all.push(format!("{}{dot}{name}", import.module));
        }
    }
    all.extend(facts.exports.iter().filter_map(|export| match &export.what {
        Exported::From(module, _) => Some(module.to_string()),
        _ => None,
    }));
    all
}
