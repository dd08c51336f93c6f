//! Components that an earlier run resolved: taken over where nothing changed that resolving looked at.
//!
//! What is found in a component depends on the paths and texts of its files, on what the project's manifests say of
//! module names, and on the text files that resolving asked for, also those that it did not find. The first two are
//! part of what an entry is sealed with; the last are listed in it and asked for again before it counts. An edited file
//! takes the place of its component's old entry; a component of other files has another name.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Outcome, PARSE_LIMIT, Part, Work, text_of};
use crate::cache::{Cache, Hash, hash};
use crate::program::{CallSite, Imports};
use crate::resolve::modules::Project;
use crate::source::{Language, SourceFile};
use crate::syntax::facts::Partly;

/// What is kept of a component; files are numbered by their place in it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) files: Vec<File>,
    /// Text files are numbered behind those of the component.
    pub(super) calls: Vec<CallSite>,
    /// The paths of text files that spans point into.
    pub(super) texts: Vec<String>,
    pub(super) imports: Imports,
    /// Text files that were asked for, and what stood in them.
    pub(super) asked: BTreeMap<String, Option<Hash>>,
}

/// What is kept of a file; `None` of one that goes over a limit of the parser.
pub(super) type File = Option<(Vec<(u32, u32)>, Option<Partly>)>;

/// Where a component is kept.
pub(super) struct Place<'c> {
    cache: &'c Cache,
    name: Hash,
    made_of: Hash,
}

impl Place<'_> {
    /// Keeps a component.
    pub(super) fn keep(&self, kept: &Kept) {
        self.cache.put(&self.name, &self.made_of, kept);
    }
}

/// What is known of the text files that were asked for.
#[derive(Default)]
pub(super) struct Asked(RefCell<BTreeMap<String, Option<Hash>>>);

impl Asked {
    /// Notes an answer.
    pub(super) fn note(&self, path: &str, text: Option<&Rc<str>>) {
        self.0.borrow_mut().insert(path.to_owned(), text.map(|text| hash_of(text)));
    }

    pub(super) fn into_inner(self) -> BTreeMap<String, Option<Hash>> {
        self.0.into_inner()
    }
}

/// The hash of a text.
pub(super) fn hash_of(text: &str) -> Hash {
    hash(&[text.as_bytes()])
}

/// The hash of what manifests say.
pub(super) fn hash_of_project(project: &Project) -> Hash {
    let Project { paths, packages, django } = project;
    let written = [format!("{paths:?}"), format!("{packages:?}"), format!("{django:?}")];
    hash(&written.each_ref().map(|one| one.as_bytes()))
}

impl<T: Fn(&str) -> Option<Rc<str>> + Sync> Work<'_, T> {
    /// Where a component is kept, if anything is.
    pub(super) fn place(&self, component: &[u32]) -> Option<Place<'_>> {
        let cache = self.cache?;
        let path = |&at: &u32| self.entries[at as usize].relative.as_bytes();
        let paths: Vec<&[u8]> = component.iter().map(path).collect();
        let texts: Option<Vec<&[u8]>> =
            component.iter().map(|&at| self.hashes[at as usize].as_ref().map(|hash| &hash[..])).collect();
        let (name, texts) = (hash(&paths), hash(&texts?));
        let made_of = hash(&[&name, &texts, &hash_of_project(&self.project)]);
        Some(Place { cache, name, made_of })
    }

    /// A component as an earlier run left it, if nothing changed since.
    pub(super) fn kept(&self, component: &[u32]) -> Option<Part> {
        let place = self.place(component)?;
        let kept: Kept = place.cache.get(&place.name, &place.made_of)?;
        let mut found = BTreeMap::new();
        for (path, known) in &kept.asked {
            let text = (self.texts)(path);
            if text.as_deref().map(hash_of) != *known {
                return None;
            }
            found.insert(path.as_str(), text);
        }
        if kept.files.len() != component.len() {
            return None;
        }
        let silent = kept.calls.is_empty();
        let mut files = Vec::new();
        for (&at, file) in component.iter().zip(kept.files) {
            let Some((comments, partly)) = file else {
                files.push((at, Outcome::Skipped(PARSE_LIMIT)));
                continue;
            };
            let entry = &self.entries[at as usize];
            let source = if silent && comments.is_empty() {
                SourceFile::new(&entry.relative, entry.language, Arc::from(""))
            } else {
                // Whoever writes while this is read must not move the places under the results.
                let (source, read) = text_of(entry, self.max_file_size, true).ok()?;
                (read == self.hashes[at as usize]).then_some(source)?
            };
            files.push((at, Outcome::Read { source, comments, partly: partly.map(Partly::reason) }));
        }
        let text = |path: &String| {
            let text = found.get(path.as_str()).and_then(Option::as_deref).unwrap_or("");
            SourceFile::new(path, Language::Text, text.into())
        };
        let texts = kept.texts.iter().map(text).collect();
        Some(self.numbered(component, Part { files, calls: kept.calls, texts, imports: kept.imports }))
    }
}
