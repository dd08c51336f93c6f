//! The line hashes by which GitHub code scanning recognises an alert whose line has moved.
//!
//! The algorithm is the one that the host's upload action publishes (`fingerprints.ts` of `github/codeql-action`), so
//! that a report uploaded by the action and one uploaded by the API agree: a rolling hash over the 100 characters
//! (UTF-16 units) from the start of each line on, without blanks and tabs, with a count among equals.

use std::collections::BTreeMap;

/// Characters that a line's hash spans.
const BLOCK: usize = 100;

/// Base of the rolling hash.
const BASE: u64 = 37;

/// The hash of every line, in order.
pub(super) fn line_hashes(text: &str) -> Vec<String> {
    let mut roll = Roll {
        window: [0; BLOCK],
        starts: [false; BLOCK],
        at: 0,
        hash: 0,
        // The weight of the character that leaves the window.
        leaving: (0..BLOCK).fold(1u64, |weight, _| weight.wrapping_mul(BASE)),
        seen: BTreeMap::new(),
        lines: Vec::new(),
    };
    let mut line_start = true;
    let mut after_return = false;
    // The end of the input counts as a character of its own.
    for unit in text.encode_utf16().chain([u16::MAX]) {
        let (space, tab, feed, carriage) = (0x20, 0x09, 0x0A, 0x0D);
        if unit == space || unit == tab || (after_return && unit == feed) {
            after_return = false;
            continue;
        }
        after_return = unit == carriage;
        let unit = if after_return { feed } else { unit };
        roll.flush();
        if line_start {
            roll.starts[roll.at] = true;
        }
        line_start = unit == feed;
        roll.push(unit);
    }
    for _ in 0..BLOCK {
        roll.flush();
        roll.push(0);
    }
    roll.lines
}

struct Roll {
    window: [u16; BLOCK],
    starts: [bool; BLOCK],
    at: usize,
    hash: u64,
    leaving: u64,
    seen: BTreeMap<u64, u32>,
    lines: Vec<String>,
}

impl Roll {
    /// If the oldest character of the window begins a line, the window's hash is that line's.
    fn flush(&mut self) {
        if std::mem::take(&mut self.starts[self.at]) {
            let count = self.seen.entry(self.hash).or_insert(0);
            *count += 1;
            self.lines.push(format!("{:x}:{count}", self.hash));
        }
    }

    fn push(&mut self, unit: u16) {
        let oldest = std::mem::replace(&mut self.window[self.at], unit);
        self.hash = self
            .hash
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(self.leaving.wrapping_mul(u64::from(oldest)));
        self.at = (self.at + 1) % BLOCK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_the_published_ones() {
        // From the tests of the published algorithm.
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            line_hashes(" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
    }

    #[test]
    fn blanks_and_line_endings_do_not_count_and_equal_lines_do() {
        assert_eq!(line_hashes("a b\r\nc"), line_hashes("ab\nc"));
        let same = line_hashes(&"x\n".repeat(300));
        assert_eq!(same[0].split(':').next(), same[1].split(':').next());
        assert!(same[1].ends_with(":2"));
    }
}
