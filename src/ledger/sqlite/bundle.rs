//! An audit of a bundle: its rows are laid out in a scratch database that checks nothing, and
//! walked as those of a log are. Gone when dropped.

use super::audit::SqliteAudit;
use super::error::not_usable;
use super::offline::Scratch;
use super::rows::stored;
use crate::incident::id::{IncidentId, Number};
use crate::incident::time::Moment;
use crate::ledger::audit::{Audit, Claims, Extent, RawRows};
use crate::ledger::bundle::{BundleItem, BundleReader, Opening};
use crate::ledger::{BundleError, BundleLimits, LedgerError};
use crate::log::tree::{self, Hash};
use crate::log::{
    BoardRow, BundleEvent, CheckpointRow, GenerationRow, Origin, PrincipalRow, TokenRow,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::io::BufRead;

/// The names are those of a log's tables, so that one set of queries reads both.
const TABLES: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE event (
        position INTEGER NOT NULL PRIMARY KEY,
        incident BLOB NOT NULL, version INTEGER NOT NULL,
        entry TEXT NOT NULL, salt BLOB, data TEXT, proof TEXT,
        UNIQUE (incident, version)
    ) STRICT;
    CREATE TABLE tree (place INTEGER NOT NULL PRIMARY KEY, hash BLOB NOT NULL) STRICT;
    CREATE TABLE runbook (sha256 TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT;
    BEGIN;";

/// A bundle that is being audited.
pub struct BundleAudit {
    opening: Opening,
    events: u64,
    rows: SqliteAudit,
}

impl BundleAudit {
    /// Reads a bundle to its end. Its size is needed in the temporary directory for as long as this
    /// lives.
    ///
    /// # Errors
    ///
    /// [`BundleError`], at the first line that is not as it must be.
    pub fn read(from: impl BufRead, limits: BundleLimits) -> Result<BundleAudit, BundleError> {
        let mut reader = BundleReader::new(from, limits);
        let opening = reader.opening()?;
        let not_laid_out = |error: LedgerError| {
            BundleError::NotLaidOut(std::env::temp_dir().display().to_string(), error)
        };
        let failed = |error: rusqlite::Error| not_laid_out(error.into());
        let scratch = Scratch::make().map_err(|error| {
            let refused = not_usable(&std::env::temp_dir(), &error);
            not_laid_out(LedgerError::Storage(refused.to_string()))
        })?;
        let file = scratch.file("bundle.db");
        let to = Connection::open(&file).map_err(failed)?;
        to.execute_batch(TABLES).map_err(failed)?;
        let mut events = 0;
        while let Some(item) = reader.next(&opening)? {
            match item {
                BundleItem::Event(event) => {
                    events += 1;
                    if opening.incident.is_none() {
                        let (first, hashes) = reader.hashes(&event)?;
                        put_hashes(&to, first, &hashes).map_err(failed)?;
                    }
                    let is_new = put_event(&to, &event).map_err(failed)?;
                    if !is_new {
                        return Err(reader.malformed("this version of the incident is there twice"));
                    }
                }
                BundleItem::Runbook(runbook) => {
                    to.prepare_cached("INSERT INTO runbook (sha256, text) VALUES (?1, ?2)")
                        .and_then(|mut put| put.execute(params![runbook.sha256, runbook.text]))
                        .map_err(failed)?;
                }
            }
        }
        to.execute_batch("COMMIT").map_err(failed)?;
        let rows = SqliteAudit::of_scratch(to, file, scratch);
        Ok(BundleAudit { opening, events, rows })
    }

    /// Which log it is of, in which generation.
    pub fn origin(&self) -> Origin {
        self.opening.origin
    }

    /// The one incident that it has; none for a whole log.
    pub fn incident(&self) -> Option<IncidentId> {
        self.opening.incident
    }

    /// The verifier key that came with it.
    pub fn key(&self) -> &str {
        &self.opening.key
    }

    /// The signed note that it is proven against.
    pub fn checkpoint_text(&self) -> &str {
        &self.opening.checkpoint
    }

    /// How many events it has.
    pub fn events_count(&self) -> u64 {
        self.events
    }
}

/// Whether no event of that incident and version was there.
fn put_event(to: &Connection, event: &BundleEvent) -> rusqlite::Result<bool> {
    let mut put = to.prepare_cached(
        "INSERT INTO event (position, incident, version, entry, salt, data, proof)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (incident, version) DO NOTHING",
    )?;
    // A salt that reads as none is kept as it is written: it fits no commitment.
    let salt = event.salt.as_ref().map(|written| match event.salt() {
        Some(Some(salt)) => salt.0.to_vec(),
        _ => written.as_bytes().to_vec(),
    });
    let put = put.execute(params![
        stored(event.position.0),
        event.incident.0.as_bytes(),
        stored(event.version.0),
        event.entry,
        salt,
        event.data,
        event.proof,
    ])?;
    Ok(put == 1)
}

fn put_hashes(to: &Connection, first: u64, hashes: &[Hash]) -> rusqlite::Result<()> {
    let mut put = to.prepare_cached("INSERT INTO tree (place, hash) VALUES (?1, ?2)")?;
    for (place, hash) in (first..).zip(hashes) {
        put.execute(params![stored(place), hash.0])?;
    }
    Ok(())
}

impl Audit for BundleAudit {
    fn storage(&mut self) -> Result<Vec<String>, LedgerError> {
        Ok(Vec::new())
    }

    fn claims(&mut self) -> Result<Claims, LedgerError> {
        let Opening { origin, size, incident, .. } = self.opening;
        let (extent, hashes) = match incident {
            Some(_) => (Extent::Incident, None),
            None => (Extent::Events, Some(tree::hashes_of(size))),
        };
        let Origin { log: origin, generation } = origin;
        Ok(Claims { extent, origin, position: size, incidents: 0, hashes, generation })
    }

    fn events(&mut self, after: i64, page: &mut RawRows) -> Result<(), LedgerError> {
        self.rows.events(after, page)
    }

    fn last_version(&mut self, incident: &[u8]) -> Result<Option<i64>, LedgerError> {
        self.rows.last_version(incident)
    }

    fn of_incident(
        &mut self,
        incident: &[u8],
        after: i64,
        page: &mut RawRows,
    ) -> Result<(), LedgerError> {
        self.rows.of_incident(incident, after, page)
    }

    fn by_incident(
        &mut self,
        after: Option<(&[u8], i64)>,
        page: &mut RawRows,
    ) -> Result<(), LedgerError> {
        self.rows.by_incident(after, page)
    }

    /// We laid them out ourselves.
    fn orders(&mut self) -> Result<Vec<String>, LedgerError> {
        Ok(Vec::new())
    }

    fn hashes(&mut self, from: u64) -> Result<Vec<(u64, [u8; 32])>, LedgerError> {
        self.rows.hashes(from)
    }

    fn proof(&mut self, position: u64) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT proof FROM event WHERE position = ?1 ORDER BY position";
        let mut query = self.rows.connection.prepare_cached(sql)?;
        Ok(query.query_row(params![stored(position)], |row| row.get(0)).optional()?.flatten())
    }

    fn generations(&mut self) -> Result<Vec<u32>, LedgerError> {
        Ok(vec![self.opening.origin.generation])
    }

    fn checkpoint(
        &mut self,
        generation: u32,
        after: u64,
    ) -> Result<Option<CheckpointRow>, LedgerError> {
        let Opening { origin, size, .. } = self.opening;
        let is_next = (generation, true) == (origin.generation, size > after);
        // When it was signed is in no bundle.
        let (at, text) = (Moment(0), self.opening.checkpoint.clone());
        Ok(is_next.then_some(CheckpointRow { generation, size, at, text }))
    }

    fn restores(&mut self) -> Result<Vec<GenerationRow>, LedgerError> {
        Ok(Vec::new())
    }

    fn board(&mut self, _: IncidentId) -> Result<Option<BoardRow>, LedgerError> {
        Ok(None)
    }

    fn orphans(&mut self) -> Result<Vec<Number>, LedgerError> {
        Ok(Vec::new())
    }

    fn principals(&mut self) -> Result<Vec<PrincipalRow>, LedgerError> {
        Ok(Vec::new())
    }

    fn tokens(&mut self) -> Result<Vec<TokenRow>, LedgerError> {
        Ok(Vec::new())
    }

    fn runbook(&mut self, sha256: &str) -> Result<Option<String>, LedgerError> {
        self.rows.runbook(sha256)
    }
}
