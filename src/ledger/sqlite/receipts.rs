//! Receipts: the proof that a key was used, found for ever.
//!
//! ```text
//! receipt         in the order of their batches: what a turn adds lies side by side
//! receipt_hash    the hashes of their keys, in their own order: which receipts may be a key's
//! unfiled         the hashes of the last receipts, which are in no row of receipt_hash yet
//! ```
//!
//! Keys are drawn by clients and come in no order: filed one by one, each would write a page of its
//! own. So the writer keeps the last ones at hand and files a thousand at once. In a log of some
//! hundred thousand receipts they share pages; in a longer one they write no more than one each.
//! `receipt_filed` says how far that has come, in the same transaction.

use super::rows::{count, stored, uuid};
use super::sum::Sum;
use crate::incident::id::{IncidentId, Position, PrincipalId, Version};
use crate::ledger::LedgerError;
use crate::log::{Batch, Receipt, Row, Salt};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::collections::BTreeSet;

/// How many receipts wait until the next turn files them all. It writes as many pages at most: a
/// quarter of what the write-ahead log has before it is emptied.
const UNFILED_MAX: usize = 1_024;

/// How many are filed together when a log is opened that has more: about 24 MiB at hand.
const OPENING_MAX: usize = 1 << 20;

/// The hash of a key, and where the receipt stands that may be the key's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hashed {
    hash: i64,
    position: i64,
}

/// What the writer has at hand of the receipts.
pub(super) struct Receipts {
    key: Salt,
    unfiled: BTreeSet<Hashed>,
}

impl Receipts {
    /// Brings the receipts to hand that are not filed; files them first where they are too many, as
    /// in a log of an earlier release.
    pub fn open(connection: &mut Connection) -> Result<Receipts> {
        let key = receipt_key(connection)?;
        loop {
            let unfiled = unfiled(connection, &key)?;
            let mut receipts = Receipts { key, unfiled };
            if receipts.unfiled.len() < UNFILED_MAX {
                return Ok(receipts);
            }
            let turn = connection.transaction()?;
            Filing::of(&mut receipts).file(&turn)?;
            turn.commit()?;
            // Somebody who reads may hold it up: then the next one moves more.
            let _ = super::checkpoint(connection, "PASSIVE")?;
        }
    }
}

fn receipt_key(connection: &Connection) -> Result<Salt> {
    let sql = "SELECT receipt_key FROM log ORDER BY one";
    connection.query_row(sql, [], |row| row.get(0)).map(Salt)
}

fn unfiled(connection: &Connection, key: &Salt) -> Result<BTreeSet<Hashed>> {
    let mut query = connection.prepare(
        "SELECT position, principal, key FROM receipt
         WHERE position > (SELECT position FROM receipt_filed) ORDER BY position LIMIT ?1",
    )?;
    query.query_map(params![OPENING_MAX as i64], |row| hashed(key, row))?.collect()
}

/// The hash of a receipt, from the columns position, principal and key.
fn hashed(under: &Salt, row: &rusqlite::Row<'_>) -> Result<Hashed> {
    let (principal, key) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
    Ok(Hashed { hash: hash(under, principal, key), position: row.get(0)? })
}

/// The hash of a principal's key, under the log's own: nobody can choose keys that share one.
fn hash(under: &Salt, principal: &str, key: &str) -> i64 {
    let mac = under.mac([principal, "\0", key].concat().as_bytes());
    i64::from_be_bytes(*mac.first_chunk().expect("a hash is longer"))
}

/// Whether the hashes that are filed are those of the receipts, and none of these has the key of
/// another.
pub(super) fn are_filed(connection: &Connection) -> Result<bool> {
    let key = receipt_key(connection)?;
    let mut receipts = Sum::new();
    let mut query = connection.prepare(
        "SELECT position, principal, key FROM receipt
         WHERE position <= (SELECT position FROM receipt_filed) ORDER BY position",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let Hashed { hash, position } = hashed(&key, row)?;
        receipts.add((hash, position));
    }
    let (mut hashes, mut before) = (receipts.emptied(), None);
    let sql = "SELECT hash, position FROM receipt_hash ORDER BY hash, position";
    let mut query = connection.prepare(sql)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let it = Hashed { hash: row.get(0)?, position: row.get(1)? };
        hashes.add((it.hash, it.position));
        let is_shared = before.is_some_and(|before: Hashed| before.hash == it.hash);
        if is_shared && has_a_key_twice(connection, it.hash)? {
            return Ok(false);
        }
        before = Some(it);
    }
    Ok(hashes.is_that_of(&receipts))
}

/// Whether two receipts of that hash are of the same key.
fn has_a_key_twice(connection: &Connection, hash: i64) -> Result<bool> {
    let mut query = connection.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM receipt WHERE position IN
                 (SELECT position FROM receipt_hash WHERE hash = ?1)
             GROUP BY principal, key HAVING COUNT(*) > 1)",
    )?;
    query.query_row(params![hash], |row| row.get(0))
}

/// What a turn does to the receipts. Dropped without [`Filing::keep`] it was never done.
pub(super) struct Filing<'a> {
    receipts: &'a mut Receipts,
    is_filed: bool,
    added: Vec<Hashed>,
}

impl<'a> Filing<'a> {
    /// Nothing so far.
    pub fn of(receipts: &'a mut Receipts) -> Filing<'a> {
        Filing { receipts, is_filed: false, added: Vec::new() }
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
            "SELECT position FROM receipt_hash WHERE hash = ?1 ORDER BY hash, position",
        )?;
        let mut filed = query.query(params![hash])?;
        while let Some(row) = filed.next()? {
            if let Some(found) = receipt(at, row.get(0)?, by, key)? {
                return Ok(Some(found));
            }
        }
        let bounds = [i64::MIN, i64::MAX].map(|position| Hashed { hash, position });
        let unfiled = self.receipts.unfiled.range(bounds[0]..=bounds[1]);
        let added = self.added.iter().filter(|it| it.hash == hash);
        for Hashed { position, .. } in unfiled.chain(added) {
            if let Some(found) = receipt(at, *position, by, key)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Adds the receipts of a batch; files those of earlier turns first when too many wait. A key
    /// that was used before is refused, and a receipt of anything but events of the batch.
    pub fn add(&mut self, to: &Connection, batch: &Batch) -> Result<(), LedgerError> {
        if self.receipts.unfiled.len() >= UNFILED_MAX {
            self.file(to)?;
        }
        let mut insert = to.prepare_cached(
            "INSERT INTO receipt
                 (position, principal, key, incident, first_version, last_version, fingerprint)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for it in &batch.receipts {
            let Receipt { principal, key, .. } = it;
            if !is_of(it, &batch.rows) {
                let why = format!("the receipt of {key} is not of events of its batch");
                return Err(LedgerError::Storage(why));
            }
            let hash = hash(&self.receipts.key, principal.as_str(), key);
            if self.find_at(to, hash, principal, key)?.is_some() {
                return Err(LedgerError::Storage(format!("{principal} has used {key} before")));
            }
            let position = stored(it.position.0);
            insert.execute(params![
                position,
                principal.as_str(),
                key,
                it.incident.0.as_bytes(),
                stored(it.first.0),
                stored(it.last.0),
                it.fingerprint,
            ])?;
            self.added.push(Hashed { hash, position });
        }
        Ok(())
    }

    /// Files what waited before this turn, in the order of its rows.
    fn file(&mut self, to: &Connection) -> Result<()> {
        let mut insert =
            to.prepare_cached("INSERT INTO receipt_hash (hash, position) VALUES (?1, ?2)")?;
        for Hashed { hash, position } in &self.receipts.unfiled {
            insert.execute(params![hash, position])?;
        }
        let last = self.receipts.unfiled.iter().map(|it| it.position).max();
        to.execute("UPDATE receipt_filed SET position = COALESCE(?1, position)", params![last])?;
        self.is_filed = true;
        Ok(())
    }

    /// What the turn did is committed.
    pub fn keep(self) {
        let Filing { receipts, is_filed, added } = self;
        if is_filed {
            receipts.unfiled.clear();
        }
        receipts.unfiled.extend(added);
    }
}

/// Whether the receipt's events are among these, which stand one behind the other.
fn is_of(receipt: &Receipt, rows: &[Row]) -> bool {
    let Receipt { position, incident, first, last, .. } = *receipt;
    let row_of = |version: Version| {
        let position = position.0.checked_add(version.0.checked_sub(first.0)?)?;
        let at = position.checked_sub(rows.first()?.position.0)?;
        rows.get(usize::try_from(at).ok()?)
    };
    let is = |row: &Row, version| (row.incident, row.version) == (incident, version);
    [first, last].into_iter().all(|it| row_of(it).is_some_and(|row| is(row, it)))
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
