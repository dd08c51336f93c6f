//! The files of a program as they are held while it is resolved: opened, or packed until something leads to them.

use std::cell::{Cell, OnceCell};

use super::opened::Opened;
use super::summary::Summary;
use crate::catalog::sdk::SdkCatalog;
use crate::syntax::facts::FileFacts;
use crate::syntax::packed::Packed;

/// Packed bytes of files that are opened at a time. What is beyond is opened anew when it is asked for; opened, a file
/// takes about eight times as much.
const OPENED: usize = 4 << 20;

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

    /// Packs the facts, if they are not.
    pub fn pack(&mut self) {
        if let Held::Opened(opened) = &mut self.held {
            self.held = Held::Packed(Packed::new(&mut opened.facts));
        }
    }
}

/// All files, by number.
pub(super) struct Files<'a> {
    catalog: &'a SdkCatalog,
    files: Vec<File>,
    /// Packed bytes of what was opened.
    opened: Cell<usize>,
}

struct File {
    packed: Option<Packed>,
    opened: OnceCell<Box<Opened>>,
    /// Whether anybody looked since files were last closed.
    seen: Cell<bool>,
}

impl<'a> Files<'a> {
    pub(super) fn new(files: impl Iterator<Item = Held>, catalog: &'a SdkCatalog) -> Self {
        let file = |held| match held {
            Held::Opened(opened) => File { packed: None, opened: OnceCell::from(opened), seen: Cell::default() },
            Held::Packed(packed) => File { packed: Some(packed), opened: OnceCell::new(), seen: Cell::default() },
        };
        Self { catalog, files: files.map(file).collect(), opened: Cell::new(0) }
    }

    /// A file, opened if it is not.
    pub(super) fn get(&self, at: usize) -> &Opened {
        let file = &self.files[at];
        file.seen.set(true);
        file.opened.get_or_init(|| {
            let packed = file.packed.as_ref().expect("what is not packed is open");
            self.opened.set(self.opened.get() + packed.bytes().len());
            let facts = packed.open().expect("bytes that were sealed or made by this run");
            Box::new(Opened::new(facts, self.catalog))
        })
    }

    /// Closes files if too many are open: those that nobody looked at since the last time, or all.
    pub(super) fn rest(&mut self) {
        if self.opened.get() <= OPENED {
            return;
        }
        self.close(|file| !file.seen.get());
        if self.opened.get() > OPENED / 2 {
            self.close(|_| true);
        }
        self.files.iter().for_each(|file| file.seen.set(false));
    }

    fn close(&mut self, which: impl Fn(&File) -> bool) {
        for file in &mut self.files {
            if let Some(packed) = &file.packed
                && which(file)
                && file.opened.take().is_some()
            {
                self.opened.set(self.opened.get() - packed.bytes().len());
            }
        }
    }
}
