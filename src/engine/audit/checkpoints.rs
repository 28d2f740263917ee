//! The checkpoints that an audit compares with, stored in the log and given from outside, each at
//! the moment when its size is passed.

use super::{Finding, Group, Kind, Walk};
use crate::ledger::LedgerError;
use crate::log::tree::Hash;
use crate::log::{Checkpoint, CheckpointError, CheckpointRow, PublicKey};
use std::collections::BTreeMap;

/// A checkpoint from outside: what it is called, and what it says. Its signature was checked.
#[derive(Debug, Clone)]
pub struct Given {
    /// The name of its file.
    pub name: String,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// Checkpoints still ahead.
pub struct Checkpoints {
    key: Option<PublicKey>,
    /// The next stored one of each generation.
    stored: BTreeMap<u32, CheckpointRow>,
    /// Those given, the largest first.
    given: Vec<Given>,
    /// The largest size at which a checkpoint agreed.
    agreed: u64,
}

impl Checkpoints {
    pub(super) fn read(
        walk: &mut Walk<'_>,
        key: Option<PublicKey>,
        mut given: Vec<Given>,
    ) -> Result<Checkpoints, LedgerError> {
        given.sort_by_key(|given| std::cmp::Reverse(given.checkpoint.size));
        let mut stored = BTreeMap::new();
        for generation in walk.audit.generations()? {
            stored.extend(walk.audit.checkpoint(generation, 0)?.map(|row| (generation, row)));
        }
        if key.is_none() && !stored.is_empty() {
            let detail = "without a key the signatures of the stored checkpoints are not checked";
            walk.tell(Finding::note(None, Group::Checkpoint, detail));
        }
        for restore in walk.audit.restores()? {
            let detail =
                format!("generation {} began here by a deliberate restore", restore.number);
            walk.tell(Finding::note(Some(restore.position.0), Group::Checkpoint, detail));
        }
        Ok(Checkpoints { key, stored, given, agreed: 0 })
    }

    /// None at all.
    pub(super) fn none() -> Checkpoints {
        Checkpoints { key: None, stored: BTreeMap::new(), given: Vec::new(), agreed: 0 }
    }

    /// Compares every checkpoint of that size.
    pub(super) fn pass(
        &mut self,
        walk: &mut Walk<'_>,
        size: u64,
        root: impl Fn() -> Hash,
    ) -> Result<(), LedgerError> {
        let before = self.agreed;
        let due: Vec<u32> = self
            .stored
            .iter()
            .filter(|(_, row)| row.size <= size)
            .map(|(generation, _)| *generation)
            .collect();
        for generation in due {
            let Some(row) = self.stored.remove(&generation) else { continue };
            let next = walk.audit.checkpoint(generation, row.size)?;
            self.stored.extend(next.map(|row| (generation, row)));
            self.compare_stored(walk, &row, root(), before);
        }
        while self.given.last().is_some_and(|given| given.checkpoint.size == size) {
            let Some(given) = self.given.pop() else { break };
            self.compare(walk, &given.name, &given.checkpoint, root(), before);
        }
        Ok(())
    }

    /// The one checkpoint of a bundle of one incident, which every event is proven against. Those
    /// given of its size are compared with it.
    pub(super) fn anchor(
        &mut self,
        walk: &mut Walk<'_>,
    ) -> Result<Option<(CheckpointRow, Hash)>, LedgerError> {
        let Some((_, row)) = self.stored.pop_first() else { return Ok(None) };
        // What is proven is proven against what it says, whoever signed it.
        let Ok(said) = Checkpoint::read(&row.text) else { return Ok(None) };
        self.compare_stored(walk, &row, said.root, 0);
        for given in std::mem::take(&mut self.given) {
            if given.checkpoint.size == row.size {
                self.compare(walk, &given.name, &given.checkpoint, said.root, 0);
                continue;
            }
            let (covered, size) = (given.checkpoint.size, row.size);
            let detail = format!(
                "{} covers {covered} events, the bundle's checkpoint {size}: only the service can \
                 prove that the one goes on where the other ends",
                given.name
            );
            walk.tell(Finding::note(None, Group::Checkpoint, detail));
        }
        Ok(Some((row, said.root)))
    }

    fn compare_stored(
        &mut self,
        walk: &mut Walk<'_>,
        row: &CheckpointRow,
        root: Hash,
        before: u64,
    ) {
        let name = format!("stored checkpoint {}", row.size);
        let read = match &self.key {
            Some(key) => key.open(&row.text, walk.claims.origin),
            None => Checkpoint::read(&row.text),
        };
        let read = match read {
            // A new generation may have a new key, because the one before was lost.
            Err(CheckpointError::BadSignature) if row.generation < walk.claims.generation => {
                let detail =
                    format!("{name} is of an earlier generation, and signed with another key");
                walk.tell(Finding::note(Some(row.size), Group::Checkpoint, detail));
                Checkpoint::read(&row.text)
            }
            read => read,
        };
        match read {
            Ok(checkpoint) if checkpoint.size == row.size => {
                self.compare(walk, &name, &checkpoint, root, before);
            }
            Ok(_) => {
                let detail = format!("{name} says another size");
                walk.tell(Finding::event(row.size, Group::Checkpoint, detail));
            }
            Err(error) => {
                let detail = format!("{name}: {error}");
                walk.tell(Finding::event(row.size, Group::Checkpoint, detail));
            }
        }
    }

    fn compare(
        &mut self,
        walk: &mut Walk<'_>,
        name: &str,
        checkpoint: &Checkpoint,
        root: Hash,
        before: u64,
    ) {
        walk.summary.checkpoints += 1;
        if checkpoint.root == root {
            self.agreed = checkpoint.size;
            return;
        }
        let detail = format!(
            "{name} covers other events than these: the log forked behind position {before}"
        );
        let finding = Finding {
            kind: Kind::Fork,
            position: Some(before + 1),
            through: None,
            group: Group::Checkpoint,
            detail,
        };
        walk.tell(finding.through(checkpoint.size));
    }

    /// What is left covers more than there is.
    pub(super) fn finish(self, walk: &mut Walk<'_>, size: u64) {
        for row in self.stored.into_values().filter(|row| row.size > size) {
            let detail = format!("a stored checkpoint covers {} events", row.size);
            walk.tell(Finding::event(size + 1, Group::Missing, detail).through(row.size));
        }
        for given in self.given.into_iter().rev() {
            let covered = given.checkpoint.size;
            if covered <= size {
                let detail =
                    format!("{} cannot be compared: events before it are missing", given.name);
                walk.tell(Finding::note(Some(covered), Group::Checkpoint, detail));
                continue;
            }
            walk.summary.checkpoints += 1;
            let detail = format!("{} covers {covered} events: the tail is missing", given.name);
            let finding = Finding {
                kind: Kind::Behind,
                position: Some(size + 1),
                through: None,
                group: Group::Missing,
                detail,
            };
            walk.tell(finding.through(covered));
        }
    }
}
