//! What a mistake of this program costs: the one question in which it panics, and a line in the report.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::report::{FileNote, FilesSummary};

/// The reason that a report gives.
pub const REASON: &str = "internal-error";

/// Files that a mistake cost something of.
#[derive(Debug, Default)]
pub struct Mistakes(Mutex<BTreeSet<String>>);

impl Mistakes {
    /// Runs one question about a file. A panic costs its answer and nothing else, and the file is remembered.
    pub fn guarded<T>(&self, path: &str, question: impl FnOnce() -> T) -> Option<T> {
        let answer = catch_unwind(AssertUnwindSafe(question)).ok();
        if answer.is_none() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        }
        answer
    }

    /// Adds the files to those that were not read as they should be.
    pub fn tell(self, files: &mut FilesSummary) {
        let paths = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.partly_read.retain(|note| !paths.contains(&note.path));
        let note = |path| FileNote { path, reason: REASON.to_owned() };
        files.partly_read.extend(paths.into_iter().map(note));
        files.partly_read.sort_by(|a, b| a.path.cmp(&b.path));
    }
}
