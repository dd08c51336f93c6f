//! Facts as few bytes: what is held of files that nobody looks at just now, and kept of them between runs.

use std::ops::Range;
use std::sync::Arc;

use super::facts::{ExprId, FileFacts};

/// The facts of one file, a fifth as large. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Packed {
    bytes: Arc<[u8]>,
    /// Facts of several files may stand side by side.
    place: Range<usize>,
}

impl Packed {
    /// Packs facts. They are the same afterwards.
    pub fn new(facts: &mut FileFacts) -> Self {
        near(facts);
        let bytes = postcard::to_stdvec(facts).unwrap_or_default();
        far(facts);
        Self::of(bytes)
    }

    /// Bytes that were packed before.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { place: 0..bytes.len(), bytes: bytes.into() }
    }

    /// What stands at a place among bytes that were packed before; nothing where the place is none of them.
    pub fn among(bytes: &Arc<[u8]>, place: Range<usize>) -> Option<Self> {
        bytes.get(place.clone())?;
        Some(Self { bytes: bytes.clone(), place })
    }

    /// The facts; `None` of bytes that are none.
    pub fn open(&self) -> Option<FileFacts> {
        let mut facts = postcard::from_bytes(self.bytes()).ok()?;
        far(&mut facts);
        Some(facts)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.place.clone()]
    }
}

/// Says places by how far they are from the ones before: small numbers take one byte.
fn near(facts: &mut FileFacts) {
    let mut before = 0u32;
    for (at, node) in (0u32..).zip(&mut facts.exprs) {
        let start = node.start;
        node.end = node.end.wrapping_sub(start);
        // Parts often stand behind what was lowered last, and the whole before them.
        let far = start.wrapping_sub(before) as i32;
        node.start = ((far << 1) ^ (far >> 31)) as u32;
        before = start;
        node.parent = node.parent.map(|parent| ExprId(parent.0.wrapping_sub(at)));
    }
}

/// The way back from [`near`].
fn far(facts: &mut FileFacts) {
    let mut before = 0u32;
    for (at, node) in (0u32..).zip(&mut facts.exprs) {
        let far = (node.start >> 1) ^ 0u32.wrapping_sub(node.start & 1);
        node.start = before.wrapping_add(far);
        node.end = node.end.wrapping_add(node.start);
        before = node.start;
        node.parent = node.parent.map(|parent| ExprId(parent.0.wrapping_add(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Language};
    use crate::syntax;

    #[test]
    fn facts_come_out_of_their_bytes_as_they_went_in() {
        let code = "import a\n\n\ndef f(x, *, y: int = 1):\n    \"\"\"é\"\"\"\n    return [g(x)[y] + f'{x} {y!r}' for x in a]\n";
        let mut facts = syntax::read(FileId(3), Language::Python, code).expect("small");
        let before = format!("{facts:?}");
        let packed = Packed::new(&mut facts);
        assert_eq!(format!("{facts:?}"), before, "packed");
        assert_eq!(format!("{:?}", packed.open().expect("whole")), before, "opened");
        let bytes = packed.bytes().to_vec();
        for end in 0..bytes.len() {
            let cut = Packed::among(&bytes[..end].into(), 0..end).expect("inside");
            assert!(cut.open().is_none_or(|facts| format!("{facts:?}") != before), "cut at {end}");
        }
        assert!(Packed::among(&bytes.into(), 0..usize::MAX).is_none());
    }
}
