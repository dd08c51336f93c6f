//! The files of a program as they are held while it is resolved: opened, or packed until something leads to them.

use std::cell::{Cell, OnceCell, RefCell};

use super::opened::Opened;
use super::summary::Summary;
use crate::catalog::sdk::SdkCatalog;
use crate::syntax::facts::FileFacts;
use crate::syntax::packed::Packed;

/// Packed bytes of files that are open at a time; open they take about four times as much. Files are closed by when they
/// were last looked at, and a question that comes back to one opens it anew.
const OPEN: usize = 24 << 20;

/// The part of all packed bytes that may be open where that is more: what is asked of a component of tens of thousands of
/// files goes back and forth between many.
const PART: usize = 2;

/// A file that was lowered, with its summary.
#[derive(Debug)]
pub struct Known {
    /// What it says to others.
    pub summary: Summary,
    /// Its facts.
    pub held: Held,
}

/// The facts of a file.
#[derive(Debug)]
pub enum Held {
    /// With lookups.
    Opened(Box<Opened>),
    /// As bytes.
    Packed(Packed),
}

impl Known {
    /// Sums a file up and keeps it open.
    pub fn new(facts: FileFacts, catalog: &SdkCatalog) -> Self {
        let opened = Opened::new(facts, catalog);
        Self { summary: Summary::new(&opened, catalog), held: Held::Opened(Box::new(opened)) }
    }

    /// The facts as bytes.
    pub fn packed(&mut self) -> Packed {
        match &mut self.held {
            Held::Opened(opened) => Packed::new(&mut opened.facts),
            Held::Packed(packed) => packed.clone(),
        }
    }
}

/// All files, by number.
pub(super) struct Files<'a> {
    catalog: &'a SdkCatalog,
    files: Vec<File>,
    /// Packed files that are open.
    open: RefCell<Vec<u32>>,
    /// Their packed bytes, and how many may be.
    bytes: Cell<usize>,
    most: usize,
    /// Counts the questions.
    now: u32,
}

struct File {
    packed: Option<Packed>,
    opened: OnceCell<Box<Opened>>,
    /// When somebody last looked.
    seen: Cell<u32>,
}

impl<'a> Files<'a> {
    pub(super) fn new(files: impl Iterator<Item = Held>, catalog: &'a SdkCatalog) -> Self {
        let file = |held| match held {
            Held::Opened(opened) => File { packed: None, opened: OnceCell::from(opened), seen: Cell::default() },
            Held::Packed(packed) => File { packed: Some(packed), opened: OnceCell::new(), seen: Cell::default() },
        };
        let files: Vec<_> = files.map(file).collect();
        let all: usize = files.iter().filter_map(|file| file.packed.as_ref()).map(|packed| packed.bytes().len()).sum();
        let most = OPEN.max(all / PART);
        Self { catalog, files, open: RefCell::default(), bytes: Cell::new(0), most, now: 0 }
    }

    /// A file, opened if it is not.
    pub(super) fn get(&self, at: u32) -> &Opened {
        let file = &self.files[at as usize];
        file.seen.set(self.now);
        file.opened.get_or_init(|| {
            let packed = file.packed.as_ref().expect("what is not packed is open");
            self.open.borrow_mut().push(at);
            self.bytes.set(self.bytes.get() + packed.bytes().len());
            let facts = packed.open().expect("bytes that were sealed or made by this run");
            Box::new(Opened::new(facts, self.catalog))
        })
    }

    /// Between two questions: closes files that were not looked at for the longest time if too many are open.
    pub(super) fn rest(&mut self) {
        self.now += 1;
        if self.bytes.get() <= self.most {
            return;
        }
        let mut open = self.open.take();
        open.sort_by_key(|&at| std::cmp::Reverse(self.files[at as usize].seen.get()));
        while self.bytes.get() > self.most / 4 * 3
            && let Some(at) = open.pop()
        {
            let file = &mut self.files[at as usize];
            file.opened.take();
            let bytes = file.packed.as_ref().map_or(0, |packed| packed.bytes().len());
            self.bytes.set(self.bytes.get() - bytes);
        }
        self.open.replace(open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Language};
    use crate::syntax;

    #[test]
    fn what_was_not_looked_at_for_the_longest_time_is_closed_and_opened_anew() {
        let catalog = SdkCatalog::embedded();
        let known = |number: u32| {
            let text = format!("x{number} = f({number})\n");
            let facts = syntax::read(FileId(0), Language::Python, &text).expect("small");
            Held::Packed(Known::new(facts, catalog).packed())
        };
        let mut files = Files::new((0..8).map(known), catalog);
        let one = |files: &Files<'_>, at: u32| format!("{:?}", files.get(at).facts);
        let before: Vec<String> = (0..8).map(|at| one(&files, at)).collect();
        files.rest();
        assert_eq!(files.open.borrow().len(), 8, "there is room");
        files.most = files.bytes.get() / 2;
        assert_eq!(one(&files, 3), before[3]);
        files.rest();
        assert!(files.open.borrow().len() < 4 && files.files[3].opened.get().is_some());
        assert_eq!((0..8).map(|at| one(&files, at)).collect::<Vec<_>>(), before);
    }
}
