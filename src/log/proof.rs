//! Proofs that an outsider checks against a signed checkpoint, without us.

use super::bundle::hash;
use super::tree::{self, Hash, Reading};
use crate::incident::id::Position;
use std::fmt::Write;

/// The proof that an entry stands at a position of the log (RFC 6962, 2.1.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Inclusion {
    /// The position of the entry, from 1. Its number as a leaf is one less.
    pub position: Position,
    /// The size of the tree that it is proven in.
    pub size: u64,
    /// The hash of the entry as a leaf.
    pub leaf: Hash,
    /// The hashes beside its way up, from its sibling to the root's child.
    pub path: Vec<Hash>,
}

impl Inclusion {
    /// Reads the proof out of the stored hashes. `position` must be from 1 to `size`.
    pub fn read<E>(
        position: Position,
        size: u64,
        read: &mut Reading<'_, E>,
    ) -> Result<Inclusion, E> {
        let number = position.0 - 1;
        let leaf = read(&[tree::place_of(0, number)])?[0];
        let path = tree::inclusion(number, size, read)?;
        Ok(Inclusion { position, size, leaf, path })
    }

    /// Whether it proves that an entry of those bytes is in the tree with that root.
    pub fn holds(&self, entry: &[u8], root: Hash) -> bool {
        let Some(number) = self.position.0.checked_sub(1) else { return false };
        let leaf = tree::leaf(entry);
        tlog_tiles::check_record(&self.path, self.size, root, number, leaf).is_ok()
    }

    /// Reads the proof of an entry out of its text with a checkpoint of that size; none when it is
    /// not, to the letter, such a text.
    pub fn from_text(
        text: &str,
        position: Position,
        entry: &[u8],
        (size, checkpoint): (u64, &str),
    ) -> Option<Inclusion> {
        let proof = text.strip_suffix(checkpoint)?;
        let path = proof.lines().skip(2).take_while(|line| !line.is_empty());
        let path = path.map(hash).collect::<Option<Vec<Hash>>>()?;
        let proof = Inclusion { position, size, leaf: tree::leaf(entry), path };
        (position.0 > 0 && proof.text(checkpoint) == text).then_some(proof)
    }

    /// The proof in one text with the checkpoint that it is proven in (C2SP tlog-proof); the
    /// checkpoint must be that of its size.
    pub fn text(&self, checkpoint: &str) -> String {
        let mut text = format!("c2sp.org/tlog-proof@v1\nindex {}\n", self.position.0 - 1);
        for hash in &self.path {
            writeln!(text, "{hash}").expect("a string takes everything");
        }
        text + "\n" + checkpoint
    }
}

/// The proof that a tree begins with an earlier one: that nothing in it was changed, taken away
/// or put in between (RFC 6962, 2.1.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Consistency {
    /// The size of the earlier tree.
    pub from: u64,
    /// The size of the later one.
    pub to: u64,
    /// The hashes that join them.
    pub path: Vec<Hash>,
}

impl Consistency {
    /// Reads the proof out of the stored hashes. `from` must be from 1 to `to`.
    pub fn read<E>(from: u64, to: u64, read: &mut Reading<'_, E>) -> Result<Consistency, E> {
        Ok(Consistency { from, to, path: tree::consistency(from, to, read)? })
    }

    /// Whether it joins the tree with the first root to that with the second.
    pub fn holds(&self, earlier: Hash, later: Hash) -> bool {
        tlog_tiles::check_tree(&self.path, self.to, later, self.from, earlier).is_ok()
    }
}
