//! The Merkle tree over the log (RFC 6962, section 2.1): leaf *n* is SHA-256(0x00 ‖ the bytes of
//! the entry at position *n + 1*), a node SHA-256(0x01 ‖ left ‖ right).
//!
//! A hash that is once complete never changes. Each has a place of its own in one dense row of
//! hashes, in the order in which they become complete (`tlog_tiles`, after Crosby and Wallach):
//!
//! ```text
//!            6
//!        2       5
//!      0   1   3   4   7      places of a tree with five leaves
//! ```
//!
//! Hashes are read through a function that the caller hands in: nothing here knows where they are.

pub use tlog_tiles::Hash;

use std::cell::RefCell;
use tlog_tiles::{EMPTY_HASH, HashReader, node_hash, prove_record, prove_tree, record_hash};
use tlog_tiles::{split_stored_hash_index, stored_hash_count, stored_hash_index, sub_tree_index};

/// What gives the hashes at some places, in their order, or its own error.
pub type Reading<'a, E> = dyn FnMut(&[u64]) -> Result<Vec<Hash>, E> + 'a;

/// The hash of an entry's bytes as a leaf of the tree.
pub fn leaf(entry: &[u8]) -> Hash {
    record_hash(entry)
}

/// The hash of a node above two others.
pub fn node(left: Hash, right: Hash) -> Hash {
    node_hash(left, right)
}

/// How many hashes are complete in a tree of that many leaves.
pub fn hashes_of(size: u64) -> u64 {
    stored_hash_count(size)
}

/// How many leaves a tree has of which that many hashes are complete; none when no tree has.
pub fn size_of(hashes: u64) -> Option<u64> {
    let Some(last) = hashes.checked_sub(1) else { return Some(0) };
    let (level, number) = split_stored_hash_index(last);
    let size = (number + 1) << level;
    (stored_hash_count(size) == hashes).then_some(size)
}

/// The place of the `number`th hash, from 0, of a level; leaves are level 0.
pub fn place_of(level: u8, number: u64) -> u64 {
    stored_hash_index(level, number)
}

/// The hashes of the complete subtrees that a tree consists of, the largest first: all that is
/// needed to go on, and to know the root. At most 64 of them, whatever the size.
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of that size, whose hashes `read` gives by their places.
    pub fn read<E>(size: u64, read: &mut Reading<'_, E>) -> Result<Frontier, E> {
        let places = sub_tree_index(0, size, Vec::new());
        Ok(Frontier { size, peaks: if places.is_empty() { Vec::new() } else { read(&places)? } })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf. Gives the hashes that become complete by it, in the order of their
    /// places: the leaf itself, then what stands above it.
    pub fn push(&mut self, leaf: Hash) -> Vec<Hash> {
        let mut complete = vec![leaf];
        self.push_each(leaf, |hash| complete.push(hash));
        complete
    }

    /// As [`Frontier::push`], but shows each hash that stands above the leaf.
    pub fn push_each(&mut self, leaf: Hash, mut above: impl FnMut(Hash)) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("a bit of the size is a peak");
            hash = node_hash(left, hash);
            above(hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The last of the peaks: the sibling of the next leaf when the size is odd.
    pub fn last(&self) -> Option<Hash> {
        self.peaks.last().copied()
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let fold = |right: Option<Hash>, left: &Hash| {
            Some(right.map_or(*left, |right| node_hash(*left, right)))
        };
        self.peaks.iter().rev().fold(None, fold).unwrap_or(EMPTY_HASH)
    }
}

/// The root of the tree of the first `size` leaves.
pub fn root<E>(size: u64, read: &mut Reading<'_, E>) -> Result<Hash, E> {
    Ok(Frontier::read(size, read)?.root())
}

/// The audit path of leaf `number`, from 0, in the tree of the first `size` leaves, from its
/// sibling up (RFC 6962, 2.1.1). `number` must be below `size`.
pub fn inclusion<E>(number: u64, size: u64, read: &mut Reading<'_, E>) -> Result<Vec<Hash>, E> {
    assert!(number < size, "only a leaf of the tree has a path in it");
    Stored::ask(read, |stored| prove_record(size, number, stored))
}

/// The proof that the tree of the first `to` leaves begins with that of the first `from` (RFC
/// 6962, 2.1.2). `from` must be from 1 to `to`.
pub fn consistency<E>(from: u64, to: u64, read: &mut Reading<'_, E>) -> Result<Vec<Hash>, E> {
    assert!((1..=to).contains(&from), "only an earlier tree can be a beginning");
    Stored::ask(read, |stored| prove_tree(to, from, stored))
}

/// A caller's function as `tlog_tiles` wants it; keeps the caller's error.
struct Stored<'a, E> {
    read: RefCell<&'a mut Reading<'a, E>>,
    failed: RefCell<Option<E>>,
}

impl<'a, E> Stored<'a, E> {
    fn ask(
        read: &'a mut Reading<'a, E>,
        question: impl FnOnce(&Stored<'a, E>) -> Result<Vec<Hash>, tlog_tiles::Error>,
    ) -> Result<Vec<Hash>, E> {
        let stored = Stored { read: RefCell::new(read), failed: RefCell::new(None) };
        let answer = question(&stored);
        match stored.failed.into_inner() {
            Some(failed) => Err(failed),
            None => Ok(answer.expect("the bounds were checked, and every hash was read")),
        }
    }
}

impl<E> HashReader for Stored<'_, E> {
    fn read_hashes(&self, places: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        (self.read.borrow_mut())(places).map_err(|failed| {
            *self.failed.borrow_mut() = Some(failed);
            tlog_tiles::Error::IndexesNotInTree
        })
    }
}
