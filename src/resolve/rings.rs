//! Which answers are whole: what a limit cut short is not, nor what waits for a question that is still being answered.
//!
//! Questions that are being answered stand in a row, each asked by the one before. One that comes up again inside itself
//! is a ring, and is cut there. What was found on the way round holds only for whoever asks from inside the ring; what the
//! question gives that the ring came back to holds for all.

use super::World;
use super::value::FnRef;

/// Where nothing stands that an answer waits for.
pub(super) const NOTHING: usize = usize::MAX;

/// Turns of a function that calls itself that are followed.
const TURNS: usize = 1;

/// Questions about places of one function, each asked by the one before, from which on it is taken to call itself.
const INSIDE: usize = 12;

impl World<'_> {
    /// Notes that a limit cuts short whatever is being answered.
    pub(super) fn cut(&self) {
        self.wait(0);
    }

    /// Notes that what is being answered waits for the busy question at a place, counted from 1.
    pub(super) fn wait(&self, place: usize) {
        self.waits.set(self.waits.get().min(place));
    }

    /// The place of the innermost busy question, counted from 1; 0 if there is none.
    pub(super) fn place(&self) -> usize {
        self.busy.borrow().len()
    }

    /// Whether a function that is to be run is on the way in already so often that it calls itself: each turn may ask for
    /// several more, so that few are followed.
    pub(super) fn calls_itself(&self, function: FnRef) -> bool {
        let busy = self.busy.borrow();
        let inside = busy.iter().filter(|(at, _)| at.file == function.file && self.node(*at).function == function.id);
        let mut frames: Vec<usize> = inside.map(|(_, frame)| *frame).collect();
        if frames.len() > INSIDE {
            return true;
        }
        frames.sort_unstable();
        frames.dedup();
        frames.len() > TURNS
    }

    /// Runs part of a question, and says whether what it gives is whole: no limit cut it short, and it waits for nothing
    /// that is being answered.
    pub(super) fn whole<T>(&self, part: impl FnOnce() -> T) -> (T, bool) {
        let before = self.waits.replace(NOTHING);
        let value = part();
        let waits = self.waits.get();
        self.waits.set(before.min(waits));
        (value, waits == NOTHING)
    }
}
