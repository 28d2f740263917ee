//! The proof beside the log: hashes of the tree, checkpoints, and generations.

use super::rows::{count, stored};
use crate::incident::time::Moment;
use crate::ledger::LedgerError;
use crate::log::tree::{self, Hash};
use crate::log::{CheckpointRow, Seal, Sealed};
use rusqlite::{Connection, OptionalExtension, Result, params};

/// Writes steps of the proof, each of which follows the one before. Of checkpoints and generations
/// that is the tables' own business.
pub(super) fn write(to: &Connection, seals: &[Seal]) -> Result<(), LedgerError> {
    for seal in seals {
        match seal {
            Seal::Hashes(first, hashes) => {
                let next = next_place(to)?;
                if *first != next {
                    let why = format!("hash {first} of the tree cannot follow: {next} is next");
                    return Err(LedgerError::Storage(why));
                }
                let mut insert =
                    to.prepare_cached("INSERT INTO tree (place, hash) VALUES (?1, ?2)")?;
                for (place, hash) in (*first..).zip(hashes) {
                    insert.execute(params![stored(place), hash.0])?;
                }
            }
            Seal::Checkpoint(row) => {
                to.prepare_cached(
                    "INSERT INTO checkpoint (generation, size, at, text) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    row.generation,
                    stored(row.size),
                    row.at.0,
                    row.text
                ])?;
            }
            Seal::Generation(row) => {
                to.prepare_cached(
                    "INSERT INTO generation (number, position, at, given_up)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    row.number,
                    stored(row.position.0),
                    row.at.0,
                    row.given_up
                ])?;
            }
        }
    }
    Ok(())
}

const NEXT_PLACE: &str = "SELECT COALESCE(MAX(place) + 1, 0) FROM tree";

/// The place behind the last hash: so many there are.
pub(super) fn next_place(of: &Connection) -> Result<u64> {
    of.prepare_cached(NEXT_PLACE)?.query_row([], |row| count(row, 0))
}

pub(super) fn sealed(from: &Connection) -> Result<Sealed, LedgerError> {
    let mut query = from.prepare_cached(&format!(
        "SELECT ({NEXT_PLACE}), (SELECT COALESCE(MAX(number), 1) FROM generation)"
    ))?;
    let row = |row: &rusqlite::Row<'_>| Ok((count(row, 0)?, row.get(1)?));
    let (hashes, generation) = query.query_row([], row)?;
    let size = tree::size_of(hashes);
    let size = size.ok_or_else(|| LedgerError::Storage(format!("no tree has {hashes} hashes")))?;
    let mut newest = from.prepare_cached(
        "SELECT generation, size, at, text FROM checkpoint ORDER BY generation DESC, size DESC
         LIMIT 1",
    )?;
    Ok(Sealed { size, generation, checkpoint: newest.query_row([], row_of).optional()? })
}

pub(super) fn hashes(from: &Connection, places: &[u64]) -> Result<Vec<Hash>, LedgerError> {
    let mut query = from.prepare_cached("SELECT hash FROM tree WHERE place = ?1 ORDER BY place")?;
    let mut hash = |place: &u64| {
        let found = query.query_row(params![stored(*place)], |row| row.get(0)).optional()?;
        found.map(Hash).ok_or_else(|| LedgerError::Storage(format!("the tree has no hash {place}")))
    };
    places.iter().map(&mut hash).collect()
}

pub(super) fn checkpoint(
    from: &Connection,
    generation: u32,
    size: u64,
) -> Result<Option<CheckpointRow>> {
    let mut query = from.prepare_cached(
        "SELECT generation, size, at, text FROM checkpoint
         WHERE generation = ?1 AND size = ?2 ORDER BY generation, size",
    )?;
    query.query_row(params![generation, stored(size)], row_of).optional()
}

/// A checkpoint, from its columns in the order of the queries above.
pub(super) fn row_of(row: &rusqlite::Row<'_>) -> Result<CheckpointRow> {
    Ok(CheckpointRow {
        generation: row.get(0)?,
        size: count(row, 1)?,
        at: Moment(row.get(2)?),
        text: row.get(3)?,
    })
}
