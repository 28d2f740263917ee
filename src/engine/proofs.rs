//! Proofs for whoever asks: the checkpoint, and what is proven against it.

use super::guard;
use super::sealer::ProofStatus;
use super::{Engine, ReadFailed};
use crate::incident::id::Position;
use crate::ledger::{LedgerError, Reader};
use crate::log::tree::{self, Hash};
use crate::log::{CheckpointRow, Consistency, Inclusion, Sealed};

/// A proof, with what it is proven against.
#[derive(Debug, Clone)]
pub struct Proven<P> {
    /// The proof.
    pub proof: P,
    /// The root of the (later) tree.
    pub root: Hash,
    /// The signed checkpoint of that size, if one was made just there.
    pub checkpoint: Option<CheckpointRow>,
}

/// Why there is no such proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoProof {
    /// Nothing is sealed yet, or nothing ever is here.
    NothingSealed,
    /// The tree does not reach that far yet: how far it does.
    NotSealedYet(u64),
    /// What is asked for is not in a tree of that size.
    OutOfRange,
}

impl Engine {
    /// How sealing stands.
    pub fn proof_status(&self) -> ProofStatus {
        self.shared.proof()
    }

    /// The newest checkpoint that was signed.
    pub async fn checkpoint(&self) -> Result<Option<CheckpointRow>, ReadFailed> {
        Ok(self.readers.read(|reader| Ok(reader.sealed()?.checkpoint)).await?)
    }

    /// The verifier key under the name of the log's generation now; none when nothing is sealed.
    pub async fn verifier_key(&self) -> Result<Option<String>, ReadFailed> {
        let Some(key) = self.key else { return Ok(None) };
        let origin = self.readers.read(guard::origin).await?;
        Ok(Some(key.verifier_key(&origin)))
    }

    /// The proof that the event at `position` is in the log of the first `size`. The size is that
    /// of the newest checkpoint when none is given, the position the last in it.
    pub async fn inclusion(
        &self,
        position: Option<Position>,
        size: Option<u64>,
    ) -> Result<Result<Proven<Inclusion>, NoProof>, ReadFailed> {
        let proven = move |reader: &mut dyn Reader| {
            let (sealed, size) = match sized(reader, size)? {
                Ok(sized) => sized,
                Err(none) => return Ok(Err(none)),
            };
            let position = position.unwrap_or(Position(size));
            if !(1..=size).contains(&position.0) {
                return Ok(Err(NoProof::OutOfRange));
            }
            let proof = Inclusion::read(position, size, &mut |places| reader.hashes(places))?;
            proven(reader, &sealed, size, proof).map(Ok)
        };
        Ok(self.readers.read(proven).await?)
    }

    /// The proof that the log of the first `to` events begins with that of the first `from`: the
    /// newest checkpoint's size, and 1, when none is given.
    pub async fn consistency(
        &self,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<Result<Proven<(Consistency, Hash)>, NoProof>, ReadFailed> {
        let proven = move |reader: &mut dyn Reader| {
            let (sealed, to) = match sized(reader, to)? {
                Ok(sized) => sized,
                Err(none) => return Ok(Err(none)),
            };
            let from = from.unwrap_or(1);
            if !(1..=to).contains(&from) {
                return Ok(Err(NoProof::OutOfRange));
            }
            let mut read = |places: &[u64]| reader.hashes(places);
            let proof = Consistency::read(from, to, &mut read)?;
            let earlier = tree::root(from, &mut read)?;
            proven(reader, &sealed, to, (proof, earlier)).map(Ok)
        };
        Ok(self.readers.read(proven).await?)
    }
}

/// The size that is meant, and how far the proof has come.
fn sized(
    reader: &mut dyn Reader,
    size: Option<u64>,
) -> Result<Result<(Sealed, u64), NoProof>, LedgerError> {
    let sealed = reader.sealed()?;
    let newest = sealed.checkpoint.as_ref().map(|row| row.size);
    Ok(match size.or(newest) {
        None => Err(NoProof::NothingSealed),
        Some(size) if size > sealed.size => Err(NoProof::NotSealedYet(sealed.size)),
        Some(size) => Ok((sealed, size)),
    })
}

fn proven<P>(
    reader: &mut dyn Reader,
    sealed: &Sealed,
    size: u64,
    proof: P,
) -> Result<Proven<P>, LedgerError> {
    let root = tree::root(size, &mut |places| reader.hashes(places))?;
    let checkpoint = reader.checkpoint(sealed.generation, size)?;
    Ok(Proven { proof, root, checkpoint })
}
