//! The fork guard: whether the last published checkpoint is the beginning of the log that we hold.
//! Asked at the start, before the first answer, and before each signature (design 5.2).

use super::published::Published;
use crate::incident::id::Position;
use crate::ledger::{LedgerError, PAGE_MAX, Reader};
use crate::log::tree::{self, Frontier, Hash};
use crate::log::{Checkpoint, CheckpointError, Origin, PublicKey};

/// The log that we hold does not go on where the published checkpoint stands.
#[derive(Debug, thiserror::Error)]
pub enum Diverged {
    /// Events that were published are not in it.
    #[error(
        "the log in the data directory is older than what was published: it has {held} events, and \
         the checkpoint in {place} covers {published}. If an older copy was restored on purpose, \
         run allclear restore --accept-rollback; otherwise look for the newer data"
    )]
    Behind {
        /// Where the checkpoints are.
        place: String,
        /// How many events the log has.
        held: u64,
        /// How many the checkpoint covers.
        published: u64,
    },
    /// Other events are in it than were published.
    #[error(
        "the log in the data directory is not the one that was published: the checkpoint in {place} \
         covers its first {published} events, and they are others. Run allclear verify with \
         --checkpoint; if another copy was restored on purpose, run allclear restore \
         --accept-rollback"
    )]
    Forked {
        /// Where the checkpoints are.
        place: String,
        /// How many events the checkpoint covers.
        published: u64,
    },
    /// What was published does not count.
    #[error(
        "the checkpoint in {place} cannot be compared with the log: {cause}. Put the right \
         checkpoint back, or choose another --checkpoints"
    )]
    Unusable {
        /// Where the checkpoints are.
        place: String,
        /// Why.
        cause: String,
    },
    /// The log was changed.
    #[error(
        "the log no longer agrees with its own last checkpoint: it was changed. Run allclear verify, \
         and keep a copy"
    )]
    Broken,
    /// The log could not be read.
    #[error("the log could not be read: {0}")]
    Ledger(#[from] LedgerError),
}

/// How a checkpoint stands to the log that we hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It is the log's beginning, or was given up by a deliberate restore.
    Beginning,
    /// The log is shorter.
    Behind,
    /// The log is another one.
    Forked,
}

/// Compares a checkpoint of this log, whose signature was checked, with what the reader holds. One
/// of an earlier generation was settled when that generation was given up.
pub fn compare(
    reader: &mut dyn Reader,
    checkpoint: &Checkpoint,
) -> Result<Comparison, LedgerError> {
    let head = reader.head()?;
    let ours = reader.sealed()?.generation;
    if checkpoint.origin.generation < ours {
        return Ok(Comparison::Beginning);
    }
    if checkpoint.origin.generation > ours || checkpoint.size > head.position.0 {
        return Ok(Comparison::Behind);
    }
    let is_same = root_at(reader, checkpoint.size)? == checkpoint.root;
    Ok(if is_same { Comparison::Beginning } else { Comparison::Forked })
}

/// Refuses to go on when what was published is not the beginning of the log that we hold.
pub fn check(
    reader: &mut dyn Reader,
    key: &PublicKey,
    published: &Published,
) -> Result<(), Diverged> {
    let place = published.path().display().to_string();
    let unusable = |cause: String| Diverged::Unusable { place: place.clone(), cause };
    let newest = published.newest().map_err(|error| unusable(error.to_string()))?;
    let Some(text) = newest else { return Ok(()) };
    let ours = origin(reader)?;
    // What was settled by a deliberate restore may be signed with a key that was lost then.
    let is_settled =
        |it: &Checkpoint| it.origin.log == ours.log && it.origin.generation < ours.generation;
    let read = match Checkpoint::read(&text) {
        Ok(settled) if is_settled(&settled) => return Ok(()),
        _ => key.open(&text, ours.log),
    };
    let read = read.map_err(|error: CheckpointError| unusable(error.to_string()))?;
    match compare(reader, &read)? {
        Comparison::Beginning => Ok(()),
        Comparison::Behind => {
            let held = reader.head()?.position.0;
            Err(Diverged::Behind { place, held, published: read.size })
        }
        Comparison::Forked => Err(Diverged::Forked { place, published: read.size }),
    }
}

/// Makes sure that the tree still agrees with the checkpoint that the log itself keeps. When it
/// does not, the file was changed under us.
pub fn agrees_with_itself(reader: &mut dyn Reader) -> Result<bool, LedgerError> {
    let Some(kept) = reader.sealed()?.checkpoint else { return Ok(true) };
    let Ok(checkpoint) = Checkpoint::read(&kept.text) else { return Ok(false) };
    Ok(root_at(reader, checkpoint.size)? == checkpoint.root)
}

/// The root over the first `size` events, from the stored hashes and, behind them, the entries.
fn root_at(reader: &mut dyn Reader, size: u64) -> Result<Hash, LedgerError> {
    let sealed = reader.sealed()?.size;
    if size <= sealed {
        return tree::root(size, &mut |places| reader.hashes(places));
    }
    let mut frontier = Frontier::read(sealed, &mut |places| reader.hashes(places))?;
    while frontier.size() < size {
        let left = usize::try_from(size - frontier.size()).unwrap_or(PAGE_MAX);
        let rows = reader.events(Position(frontier.size()), left.min(PAGE_MAX))?;
        if rows.is_empty() {
            return Err(LedgerError::Storage(format!("event {} is missing", frontier.size() + 1)));
        }
        for row in rows {
            frontier.push(tree::leaf(row.entry.as_bytes()));
        }
    }
    Ok(frontier.root())
}

/// The origin of what the reader holds.
pub fn origin(reader: &mut dyn Reader) -> Result<Origin, LedgerError> {
    Ok(Origin { log: reader.head()?.origin, generation: reader.sealed()?.generation })
}
