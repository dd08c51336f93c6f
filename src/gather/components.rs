//! Which files can come to speak of each other: those that imports join, whichever way they point.
//!
//! What a name means is found by following imports, and who calls a function imports it. So nothing that is found of
//! a call depends on a file outside its component, and components are resolved apart: side by side, and with no more
//! of the program held at a time.

use std::sync::Arc;

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::catalog::sdk::SdkCatalog;
use crate::resolve::modules::{Modules, Project, parent};
use crate::source::{FileId, Language};

/// A file as far as it is known without a parse.
pub(super) struct Node<'a> {
    pub(super) path: &'a str,
    pub(super) language: Language,
    pub(super) modules: &'a [SmolStr],
}

/// The components of a program as numbers of files, each in order, and in order of their first.
pub(super) fn components(files: &[Node<'_>], project: &Arc<Project>, catalog: &SdkCatalog) -> Vec<Vec<u32>> {
    let modules = Modules::new(files.iter().map(|file| (file.path.into(), file.language)), project.clone());
    let joined: Vec<Vec<FileId>> = files
        .par_iter()
        .enumerate()
        .map(|(at, file)| {
            let from = FileId(at as u32);
            let mut targets: Vec<_> = file
                .modules
                .iter()
                .filter_map(|module| match file.language.is_python() {
                    true => modules.python(from, module, |root| catalog.is_import_root(root)),
                    false => modules.script(from, module),
                })
                .collect();
            // `import package`, then `package.module.x`: modules are members of their package.
            if file.language.is_python() {
                let folder = parent(file.path);
                let outer = if file.path.ends_with("/__init__.py") { parent(folder) } else { folder };
                targets.extend(modules.at(format!("{outer}/__init__.py").trim_start_matches('/')));
            }
            targets.sort_unstable();
            targets.dedup();
            targets
        })
        .collect();
    let mut sets = Sets((0..files.len() as u32).collect());
    for (at, targets) in joined.iter().enumerate() {
        targets.iter().for_each(|target| sets.join(at as u32, target.0));
    }
    let mut place = vec![usize::MAX; files.len()];
    let mut all: Vec<Vec<u32>> = Vec::new();
    for at in 0..files.len() as u32 {
        let root = sets.root(at) as usize;
        if place[root] == usize::MAX {
            place[root] = all.len();
            all.push(Vec::new());
        }
        all[place[root]].push(at);
    }
    all
}

/// Sets that grow together; each is known by its first member.
struct Sets(Vec<u32>);

impl Sets {
    fn root(&mut self, mut at: u32) -> u32 {
        while self.0[at as usize] != at {
            let up = self.0[self.0[at as usize] as usize];
            self.0[at as usize] = up;
            at = up;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
