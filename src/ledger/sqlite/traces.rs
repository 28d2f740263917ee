//! What a redaction leaves behind in the files, and how it is taken out of them.
//!
//! ```text
//! commit ─▶ due ─▶ checkpoint TRUNCATE ─▶ look into the database ─▶ nothing there: done
//!            ▲                                     └─▶ VACUUM ─▶ checkpoint TRUNCATE ─▶ done
//!            └──── somebody reads, or the disk is full: later ◀───────┘
//! ```
//!
//! `secure_delete` overwrites what is erased where it stands. But when SQLite builds a page anew to
//! make room in it (`rebuildPage`), it leaves what stood in the gap as it was, so there may be
//! copies that nothing points to: seen of the board's rows, whose titles grow. Copies of an event
//! are looked for by the salt, which stands before the data and is found nowhere else, and by the
//! fingerprint of the request. Where one is, or where words stood in other rows too and cannot be
//! told by looking, the file is written anew.

use crate::ledger::LedgerError;
use crate::log::{Batch, Erasure};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

/// How much of a salt or a fingerprint is looked for: a copy may have lost its end.
const NEEDLE: usize = 8;

/// How much of the file is looked at in one go, in bytes.
const CHUNK: usize = 1 << 20;

type Needle = [u8; NEEDLE];

/// The receipt of the request that recorded the event ?2 of the incident ?1, if it had a key: the
/// last one that begins no later, when it goes as far.
const RECEIPT_OF: &str = "incident = ?1 AND last_version >= ?2 AND position = (
    SELECT MAX(position) FROM receipt
    WHERE position <= (SELECT position FROM event WHERE incident = ?1 AND version = ?2))";

/// What may still be in the files of what was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Traces {
    /// Nothing.
    #[default]
    None,
    /// Copies that these bytes tell.
    Known(Vec<Needle>),
    /// Copies that cannot be told: of titles and names, or of what a killed process erased.
    Unknown,
    /// Nothing in the database, but it is not yet moved there from the write-ahead log.
    Rewritten,
}

impl Traces {
    /// What the batch will leave behind; asked before it is written.
    pub fn of(batch: &Batch, before: &Connection) -> Result<Traces> {
        batch.erasures.iter().try_fold(Traces::None, |traces, erasure| {
            Ok(traces.and(match erasure.is_copied {
                true => Traces::Unknown,
                false => Traces::Known(needles(erasure, before)?),
            }))
        })
    }

    /// Both of them.
    pub fn and(self, more: Traces) -> Traces {
        match (self, more) {
            (Traces::Unknown, _) | (_, Traces::Unknown) => Traces::Unknown,
            (Traces::Known(mut some), Traces::Known(more)) => {
                some.extend(more);
                Traces::Known(some)
            }
            (Traces::Known(some), _) | (_, Traces::Known(some)) => Traces::Known(some),
            (Traces::None, other) | (other, Traces::None) => other,
            (Traces::Rewritten, Traces::Rewritten) => Traces::Rewritten,
        }
    }

    /// Whether the database must be written anew to be rid of them.
    pub fn are_in(&self, database: &mut Database) -> io::Result<bool> {
        match self {
            Traces::None | Traces::Rewritten => Ok(false),
            Traces::Unknown => Ok(true),
            Traces::Known(needles) => database.has_any(needles),
        }
    }
}

/// What tells a copy of an event, and of the fingerprints of the requests that recorded it.
fn needles(erasure: &Erasure, before: &Connection) -> Result<Vec<Needle>> {
    let event = params![erasure.incident.0.as_bytes(), super::rows::stored(erasure.version.0)];
    let start = |bytes: [u8; 32]| <Needle>::try_from(&bytes[..NEEDLE]).expect("it is shorter");
    let salt: Option<Option<[u8; 32]>> = before
        .prepare_cached(
            "SELECT salt FROM event WHERE incident = ?1 AND version = ?2 ORDER BY position",
        )?
        .query_row(event, |row| row.get(0))
        .optional()?;
    let print: Option<Option<[u8; 32]>> = before
        .prepare_cached(&format!("SELECT fingerprint FROM receipt WHERE {RECEIPT_OF}"))?
        .query_row(event, |row| row.get(0))
        .optional()?;
    Ok([salt, print].into_iter().filter_map(Option::flatten).map(start).collect())
}

/// Takes salt and data of each erased event away, and the fingerprint of its request.
pub(super) fn erase(to: &Connection, batch: &Batch) -> Result<(), LedgerError> {
    let mut event = to.prepare_cached(
        "UPDATE event SET salt = NULL, data = NULL WHERE incident = ?1 AND version = ?2",
    )?;
    let mut receipt =
        to.prepare_cached(&format!("UPDATE receipt SET fingerprint = NULL WHERE {RECEIPT_OF}"))?;
    for Erasure { incident, version, .. } in &batch.erasures {
        let it = params![incident.0.as_bytes(), super::rows::stored(version.0)];
        if event.execute(it)? != 1 {
            return Err(LedgerError::Storage(format!("{incident} has no event {version}")));
        }
        receipt.execute(it)?;
    }
    Ok(())
}

/// The database as a file, for looking into it beside SQLite.
pub(super) struct Database(Option<&'static File>);

impl Database {
    /// Not opened yet.
    pub const fn unopened() -> Database {
        Database(None)
    }

    /// Opens it at the first time. It is never closed: that would drop the locks that SQLite holds
    /// for this process.
    pub fn open(&mut self, path: &Path) -> io::Result<()> {
        if self.0.is_none() {
            self.0 = Some(Box::leak(Box::new(File::open(path)?)));
        }
        Ok(())
    }

    fn has_any(&mut self, needles: &[Needle]) -> io::Result<bool> {
        let Some(mut file) = self.0 else { return Ok(true) };
        file.rewind()?;
        let mut bytes = Vec::with_capacity(CHUNK + NEEDLE);
        while file.take(CHUNK as u64).read_to_end(&mut bytes)? > 0 {
            if has_any(&bytes, needles) {
                return Ok(true);
            }
            // What straddles two chunks begins in the last bytes of the first.
            bytes.drain(..bytes.len().saturating_sub(NEEDLE - 1));
        }
        Ok(false)
    }
}

fn has_any(bytes: &[u8], needles: &[Needle]) -> bool {
    let mut firsts = [false; 256];
    needles.iter().for_each(|needle| firsts[usize::from(needle[0])] = true);
    let is_one = |window: &[u8]| {
        firsts[usize::from(window[0])] && needles.iter().any(|needle| needle == window)
    };
    bytes.windows(NEEDLE).any(is_one)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn the_receipt_of_an_event_is_not_looked_for_among_all() {
        let connection = Connection::open_in_memory().unwrap();
        for tables in [
            include_str!("../../../schema/sqlite/0001_log.sql"),
            include_str!("../../../schema/sqlite/0003_receipt.sql"),
        ] {
            connection.execute_batch(tables).unwrap();
        }
        for question in ["SELECT fingerprint FROM receipt", "UPDATE receipt SET fingerprint = NULL"]
        {
            let asked = format!("EXPLAIN QUERY PLAN {question} WHERE {RECEIPT_OF}");
            let mut asked = connection.prepare(&asked).unwrap();
            let steps = asked.query_map(params![[0_u8; 16], 1], |row| row.get::<_, String>(3));
            let steps = steps.unwrap().collect::<Result<Vec<_>>>().unwrap();
            assert!(steps.iter().any(|step| step.contains("INTEGER PRIMARY KEY")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
        }
    }
}
