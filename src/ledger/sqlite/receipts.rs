//! Receipts: the proof that a key was used, found for ever.
//!
//! ```text
//! receipt        in the order of their batches: what a turn adds lies side by side
//! receipt_key    the hash of each key, in their own order: which receipts it may be
//! unfiled        the hashes of the last receipts, which are in no row of receipt_key yet
//! ```
//!
//! Keys are drawn by clients and come in no order: filed one by one, each would write a page of its
//! own. So the writer keeps the last ones at hand and files some thousands at once, many of which
//! share a page. `log.filed` says how far that has come, in the same transaction.

use super::rows::{count, stored, uuid};
use crate::incident::id::{IncidentId, Position, PrincipalId, Version};
use crate::ledger::LedgerError;
use crate::log::{Receipt, Salt};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::collections::BTreeSet;

/// How many receipts wait to be filed together, at most: a turn that files them writes as many
/// pages, half of what the write-ahead log has before it is emptied.
pub(super) const UNFILED_MAX: usize = 2_048;

/// The hash of a key, and where the receipt stands that may be the key's.
type Place = (i64, i64);

/// What the writer has at hand of the receipts.
pub(super) struct Receipts {
    key: Salt,
    filed: i64,
    unfiled: BTreeSet<Place>,
}

impl Receipts {
    /// Brings the receipts to hand that are not filed; files them first where they are too many, as
    /// in a log of an earlier release.
    pub fn open(connection: &mut Connection) -> Result<Receipts> {
        let (key, filed) =
            connection.query_row("SELECT receipt_key, filed FROM log ORDER BY one", [], |row| {
                Ok((Salt(row.get(0)?), row.get(1)?))
            })?;
        let mut receipts = Receipts { key, filed, unfiled: BTreeSet::new() };
        loop {
            receipts.unfiled = receipts.unfiled_in(connection)?;
            if receipts.unfiled.len() < UNFILED_MAX {
                return Ok(receipts);
            }
            let turn = connection.transaction()?;
            let mut filing = Filing::of(&mut receipts);
            filing.file(&turn)?;
            turn.execute("UPDATE log SET filed = ?1", params![filing.filed])?;
            turn.commit()?;
            filing.keep();
            // Somebody who reads may hold it up: then the next one moves more.
            let _ = super::checkpoint(connection, "PASSIVE")?;
        }
    }

    fn unfiled_in(&self, connection: &Connection) -> Result<BTreeSet<Place>> {
        let mut query = connection.prepare_cached(
            "SELECT position, principal, key FROM receipt WHERE position > ?1
             ORDER BY position LIMIT ?2",
        )?;
        let place = |row: &rusqlite::Row<'_>| {
            let (principal, key) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
            Ok((hash(&self.key, principal, key), row.get(0)?))
        };
        query.query_map(params![self.filed, UNFILED_MAX as i64], place)?.collect()
    }
}

/// The hash of a principal's key, under the log's own: nobody can choose keys that share one.
pub(super) fn hash(under: &Salt, principal: &str, key: &str) -> i64 {
    let mac = under.mac([principal, "\0", key].concat().as_bytes());
    i64::from_be_bytes(*mac.first_chunk().expect("a hash is longer"))
}

/// Whether each receipt that is filed has its row, by all of them together.
pub(super) fn are_filed(connection: &Connection) -> Result<bool> {
    connection.query_row(
        "SELECT (SELECT COUNT(*) FROM receipt WHERE position <= filed)
                  = (SELECT COUNT(*) FROM receipt_key)
             AND (SELECT TOTAL(position) FROM receipt WHERE position <= filed)
                  = (SELECT TOTAL(position) FROM receipt_key)
         FROM log ORDER BY one",
        [],
        |row| row.get(0),
    )
}

/// What a turn does to the receipts. Dropped without [`Filing::keep`] it was never done.
pub(super) struct Filing<'a> {
    receipts: &'a mut Receipts,
    filed: i64,
    added: Vec<Place>,
}

impl<'a> Filing<'a> {
    /// Nothing so far.
    pub fn of(receipts: &'a mut Receipts) -> Filing<'a> {
        let filed = receipts.filed;
        Filing { receipts, filed, added: Vec::new() }
    }

    /// How far the receipts are filed, for the row of the log.
    pub fn filed(&self) -> i64 {
        self.filed
    }

    /// The receipt of that principal's key, if it was ever used.
    pub fn find(&self, at: &Connection, by: &PrincipalId, key: &str) -> Result<Option<Receipt>> {
        self.find_at(at, hash(&self.receipts.key, by.as_str(), key), by, key)
    }

    fn find_at(
        &self,
        at: &Connection,
        hash: i64,
        by: &PrincipalId,
        key: &str,
    ) -> Result<Option<Receipt>> {
        let mut query = at.prepare_cached(
            "SELECT position FROM receipt_key WHERE hash = ?1 ORDER BY hash, position",
        )?;
        let mut filed = query.query(params![hash])?;
        while let Some(row) = filed.next()? {
            if let Some(found) = receipt(at, row.get(0)?, by, key)? {
                return Ok(Some(found));
            }
        }
        let unfiled = self.receipts.unfiled.range((hash, i64::MIN)..=(hash, i64::MAX));
        let added = self.added.iter().filter(|place| place.0 == hash);
        for (_, position) in unfiled.chain(added) {
            if let Some(found) = receipt(at, *position, by, key)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Adds receipts; files those of earlier turns when too many wait. A key that was used before
    /// is refused.
    pub fn add(&mut self, to: &Connection, receipts: &[Receipt]) -> Result<(), LedgerError> {
        if self.receipts.unfiled.len() >= UNFILED_MAX {
            self.file(to)?;
        }
        let mut insert = to.prepare_cached(
            "INSERT INTO receipt
                 (position, principal, key, incident, first_version, last_version, fingerprint)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for it in receipts {
            let hash = hash(&self.receipts.key, it.principal.as_str(), &it.key);
            if self.find_at(to, hash, &it.principal, &it.key)?.is_some() {
                let Receipt { principal, key, .. } = it;
                return Err(LedgerError::Storage(format!("{principal} has used {key} before")));
            }
            let position = stored(it.position.0);
            insert.execute(params![
                position,
                it.principal.as_str(),
                it.key,
                it.incident.0.as_bytes(),
                stored(it.first.0),
                stored(it.last.0),
                it.fingerprint,
            ])?;
            self.added.push((hash, position));
        }
        Ok(())
    }

    /// Files what waited before this turn, in the order of its rows.
    fn file(&mut self, to: &Connection) -> Result<()> {
        let mut insert =
            to.prepare_cached("INSERT INTO receipt_key (hash, position) VALUES (?1, ?2)")?;
        for (hash, position) in &self.receipts.unfiled {
            insert.execute(params![hash, position])?;
            self.filed = self.filed.max(*position);
        }
        Ok(())
    }

    /// What the turn did is committed.
    pub fn keep(self) {
        let Filing { receipts, filed, added } = self;
        if filed != receipts.filed {
            receipts.filed = filed;
            receipts.unfiled.clear();
        }
        receipts.unfiled.extend(added);
    }
}

/// The receipt at that place, if it is of that key.
fn receipt(at: &Connection, position: i64, by: &PrincipalId, key: &str) -> Result<Option<Receipt>> {
    let mut query = at.prepare_cached(
        "SELECT position, incident, first_version, last_version, fingerprint FROM receipt
         WHERE position = ?1 AND principal = ?2 AND key = ?3 ORDER BY position",
    )?;
    let receipt = |row: &rusqlite::Row<'_>| {
        Ok(Receipt {
            position: Position(count(row, 0)?),
            principal: by.clone(),
            key: key.to_owned(),
            incident: IncidentId(uuid(row, 1)?),
            first: Version(count(row, 2)?),
            last: Version(count(row, 3)?),
            fingerprint: row.get(4)?,
        })
    };
    query.query_row(params![position, by.as_str(), key], receipt).optional()
}
