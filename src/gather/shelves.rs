//! Facts of files that an earlier run lowered, kept by the folder that the files lie in.
//!
//! What lowering gives depends on a file's text and language and on nothing else, so that an edit costs the lowering of
//! one file. A folder's facts are one entry, which is read when the first of its files is to be lowered, and written
//! when the last of them was and one was not found. What the folder holds no more stays as long as it takes no more room
//! than what it holds: whoever changes branches comes back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Head;
use crate::cache::{Cache, Hash, hash};
use crate::notebook;
use crate::resolve::modules::parent;
use crate::resolve::{Held, Known, Summary};
use crate::syntax::packed::Packed;
use crate::walk::Entry;

/// What is kept of a file; nothing of one that goes over a limit of the parser.
type Lowered = Option<(Head, Known)>;

/// Bytes of one file: its head and summary, and its facts.
#[derive(Clone)]
struct Bytes {
    head: Packed,
    facts: Packed,
}

/// The folders of a run.
pub(super) struct Shelves<'c> {
    cache: &'c Cache,
    folders: FxHashMap<&'c str, Folder>,
}

struct Folder {
    /// What its files are known by now.
    current: FxHashSet<Hash>,
    /// Files that are still to be lowered.
    left: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    read: bool,
    kept: Vec<(Hash, Bytes)>,
    by_key: FxHashMap<Hash, usize>,
    added: Vec<(Hash, Bytes)>,
}

/// What facts are known by. A notebook is another text than what it is written in.
pub(super) fn key(entry: &Entry, text: &Hash) -> Hash {
    let kind = format!("{:?} {}", entry.language, notebook::is_notebook(&entry.relative));
    hash(&[text, kind.as_bytes()])
}

impl<'c> Shelves<'c> {
    /// The folders of those `entries` that are to be lowered.
    pub(super) fn new(
        cache: &'c Cache,
        entries: &'c [Entry],
        hashes: &[Option<Hash>],
        lowered: impl Iterator<Item = u32>,
    ) -> Self {
        let mut folders: FxHashMap<&str, Folder> = FxHashMap::default();
        for at in lowered {
            let folder = folders.entry(parent(&entries[at as usize].relative)).or_insert_with(|| Folder {
                current: FxHashSet::default(),
                left: AtomicUsize::new(0),
                state: Mutex::default(),
            });
            *folder.left.get_mut() += 1;
        }
        for (entry, text) in entries.iter().zip(hashes) {
            if let (Some(folder), Some(text)) = (folders.get_mut(parent(&entry.relative)), text) {
                folder.current.insert(key(entry, text));
            }
        }
        Self { cache, folders }
    }

    /// What lowering a file gave in an earlier run.
    pub(super) fn get(&self, entry: &Entry, key: &Hash) -> Option<Lowered> {
        let name = parent(&entry.relative);
        let bytes = {
            let mut state = self.folders.get(name)?.state();
            if !state.read {
                state.read = true;
                state.kept = self.cache.bytes(&place(name), &shelf()).and_then(taken_apart).unwrap_or_default();
                state.by_key = state.kept.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
            }
            state.kept[*state.by_key.get(key)?].1.clone()
        };
        if bytes.head.bytes().is_empty() {
            return Some(None);
        }
        let (head, summary): (Head, Summary) = postcard::from_bytes(bytes.head.bytes()).ok()?;
        Some(Some((head, Known { summary, held: Held::Packed(bytes.facts) })))
    }

    /// Keeps what lowering a file gave.
    pub(super) fn add(&self, entry: &Entry, key: Hash, lowered: Option<(&Head, &mut Known)>) {
        let Some(folder) = self.folders.get(parent(&entry.relative)) else { return };
        let bytes = match lowered {
            Some((head, known)) => {
                let Ok(head) = postcard::to_stdvec(&(head, &known.summary)) else { return };
                Bytes { head: Packed::of(head), facts: known.packed() }
            }
            None => Bytes { head: Packed::of(Vec::new()), facts: Packed::of(Vec::new()) },
        };
        folder.state().added.push((key, bytes));
    }

    /// A file is done, whatever came of it.
    pub(super) fn done(&self, entry: &Entry) {
        let name = parent(&entry.relative);
        let Some(folder) = self.folders.get(name) else { return };
        if folder.left.fetch_sub(1, Ordering::Relaxed) != 1 {
            return;
        }
        let State { kept, added, .. } = std::mem::take(&mut *folder.state());
        if added.is_empty() {
            return;
        }
        let size = |(_, bytes): &(Hash, Bytes)| bytes.head.bytes().len() + bytes.facts.bytes().len();
        let (current, gone): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(key, _)| folder.current.contains(key));
        let mut all = added;
        all.extend(current);
        let mut room: usize = all.iter().map(size).sum();
        all.extend(gone.into_iter().take_while(|one| {
            let fits = size(one) <= room;
            room = room.saturating_sub(size(one));
            fits
        }));
        self.cache.put_bytes(&place(name), &shelf(), &put_together(&all));
    }
}

impl Folder {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(folder: &str) -> Hash {
    hash(&[b"facts", folder.as_bytes()])
}

/// What every shelf is made of beside its bytes.
fn shelf() -> Hash {
    hash(&[b"facts"])
}

/// Files one behind the other, each with its key and the lengths of its parts.
fn put_together(all: &[(Hash, Bytes)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (key, bytes) in all {
        out.extend(key);
        for part in [&bytes.head, &bytes.facts] {
            out.extend((part.bytes().len() as u64).to_le_bytes());
        }
        out.extend(bytes.head.bytes());
        out.extend(bytes.facts.bytes());
    }
    out
}

/// The way back from [`put_together`].
fn taken_apart(bytes: Vec<u8>) -> Option<Vec<(Hash, Bytes)>> {
    let bytes: Arc<[u8]> = bytes.into();
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let key: Hash = bytes.get(at..at + 32)?.try_into().ok()?;
        let length = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?) as usize);
        let (first, second) = (length(at + 32)?, length(at + 40)?);
        let head = at + 48;
        let facts = head.checked_add(first)?;
        let end = facts.checked_add(second)?;
        let part = |place| Packed::among(&bytes, place);
        all.push((key, Bytes { head: part(head..facts)?, facts: part(facts..end)? }));
        at = end;
    }
    Some(all)
}
