//! Writing: one turn is one transaction of the one connection that writes.

use super::directory::Directory;
use super::receipts::{Filing, Receipts};
use super::rows::{self, stored};
use super::traces::{self, Traces};
use super::tree;
use crate::incident::id::{IncidentId, IncidentRef, Position, PrincipalId, Version};
use crate::ledger::{LedgerError, Turn};
use crate::log::{Batch, BoardRow, Head, Receipt, Row};
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};
use std::io;

pub(super) struct SqliteTurn<'a> {
    transaction: Transaction<'a>,
    /// Whether what was written is all of a batch. Half a batch is never committed.
    is_whole: bool,
    receipts: Filing<'a>,
    /// What this turn leaves behind of what it erases.
    traces: Traces,
    /// What all turns so far have left behind.
    left: &'a mut Traces,
    directory: &'a Directory,
}

impl SqliteTurn<'_> {
    /// Begins with the write lock in hand, so that what is loaded cannot change until the commit.
    pub fn begin<'a>(
        connection: &'a mut Connection,
        receipts: &'a mut Receipts,
        left: &'a mut Traces,
        directory: &'a Directory,
    ) -> Result<SqliteTurn<'a>> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (receipts, traces) = (Filing::of(receipts), Traces::None);
        Ok(SqliteTurn { transaction, is_whole: true, receipts, traces, left, directory })
    }
}

impl Turn for SqliteTurn<'_> {
    fn head(&mut self) -> Result<Head, LedgerError> {
        Ok(rows::head(&self.transaction)?)
    }

    fn receipt(&mut self, by: &PrincipalId, key: &str) -> Result<Option<Receipt>, LedgerError> {
        Ok(self.receipts.find(&self.transaction, by, key)?)
    }

    fn find(&mut self, named: IncidentRef) -> Result<Option<IncidentId>, LedgerError> {
        Ok(rows::find(&self.transaction, named)?)
    }

    fn incident(&mut self, id: IncidentId) -> Result<Vec<Row>, LedgerError> {
        let (after, upto) = (Version(0), Version(u64::MAX));
        Ok(rows::incident(&self.transaction, id, after, upto, u64::MAX)?)
    }

    fn runbook(&mut self, sha256: &str) -> Result<Option<String>, LedgerError> {
        Ok(rows::runbook(&self.transaction, sha256)?)
    }

    fn write(&mut self, batch: &Batch) -> Result<(), LedgerError> {
        let head = self.head()?;
        let last = follow(&head, batch)?;
        self.is_whole = false;
        let to: &Connection = &self.transaction;
        self.traces = Traces::of(batch, to)?;
        events(to, batch)?;
        board(to, batch)?;
        self.receipts.add(to, batch)?;
        runbooks(to, batch)?;
        principals(to, batch)?;
        tokens(to, batch)?;
        traces::erase(to, batch)?;
        tree::write(to, &batch.seals)?;
        to.prepare_cached("UPDATE log SET position = ?1, incidents = ?2")?
            .execute(params![stored(last.0), stored(batch.incidents)])?;
        self.is_whole = true;
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), LedgerError> {
        let SqliteTurn { transaction, is_whole, receipts, traces, left, directory } = *self;
        if !is_whole {
            let why = "a batch that was written in part must not be committed";
            return Err(LedgerError::Storage(why.into()));
        }
        if traces != Traces::None {
            directory.mark_erasing().map_err(not_marked)?;
        }
        transaction.commit()?;
        receipts.keep();
        *left = std::mem::take(left).and(traces);
        Ok(())
    }
}

/// Nothing is committed before the mark stands, so a full disk has stored nothing.
fn not_marked(error: io::Error) -> LedgerError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LedgerError::Full,
        _ => LedgerError::Storage(error.to_string()),
    }
}

/// Checks that the batch goes on where the log stands: without a gap, and without unnumbering
/// an incident. Gives the place of its last event.
fn follow(head: &Head, batch: &Batch) -> Result<Position, LedgerError> {
    let mut last = head.position;
    for row in &batch.rows {
        if row.position != last.next() {
            let Row { position, .. } = row;
            return Err(LedgerError::Storage(format!("event {position} cannot follow {last}")));
        }
        last = row.position;
    }
    if batch.incidents < head.incidents {
        let (fewer, known) = (batch.incidents, head.incidents);
        return Err(LedgerError::Storage(format!("{fewer} incidents cannot follow {known}")));
    }
    Ok(last)
}

fn events(to: &Connection, batch: &Batch) -> Result<()> {
    let mut insert = to.prepare_cached(
        "INSERT INTO event (position, incident, version, entry, salt, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in &batch.rows {
        insert.execute(params![
            stored(row.position.0),
            row.incident.0.as_bytes(),
            stored(row.version.0),
            row.entry,
            row.salt.map(|salt| salt.0),
            row.data,
        ])?;
    }
    Ok(())
}

/// Most events change nothing that the board is searched by. Such a row is only touched: written
/// whole, it would write its place in every index of the board again.
fn board(to: &Connection, batch: &Batch) -> Result<(), LedgerError> {
    for row in &batch.board {
        if !touched(to, row)? {
            replace(to, row)?;
        }
    }
    Ok(())
}

/// Whether the row stands there already but for its version and moments, which are now the new ones.
fn touched(to: &Connection, row: &BoardRow) -> Result<bool> {
    let mut touch = to.prepare_cached(
        "UPDATE incident SET version = ?1, announced_at = ?2, restored_at = ?3, resolved_at = ?4,
                             updated_at = ?5, due_at = ?6
         WHERE number = ?7 AND id = ?8 AND state = ?9 AND severity IS ?10 AND service = ?11
             AND title = ?12 AND commander IS ?13",
    )?;
    let touched = touch.execute(params![
        stored(row.version.0),
        row.announced_at.0,
        row.restored_at.map(|at| at.0),
        row.resolved_at.map(|at| at.0),
        row.updated_at.0,
        row.due_at.map(|at| at.0),
        stored(row.number.0),
        row.incident.0.as_bytes(),
        row.state.word(),
        row.severity,
        row.service,
        row.title,
        row.commander,
    ])?;
    Ok(touched == 1)
}

fn replace(to: &Connection, row: &BoardRow) -> Result<(), LedgerError> {
    let mut upsert = to.prepare_cached(
        "INSERT INTO incident (number, id, version, state, severity, service, title, commander,
                               announced_at, restored_at, resolved_at, updated_at, due_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (id) DO UPDATE SET
             version = excluded.version, state = excluded.state, severity = excluded.severity,
             service = excluded.service, title = excluded.title, commander = excluded.commander,
             announced_at = excluded.announced_at, restored_at = excluded.restored_at,
             resolved_at = excluded.resolved_at, updated_at = excluded.updated_at,
             due_at = excluded.due_at
         WHERE number = excluded.number",
    )?;
    let written = upsert.execute(params![
        stored(row.number.0),
        row.incident.0.as_bytes(),
        stored(row.version.0),
        row.state.word(),
        row.severity,
        row.service,
        row.title,
        row.commander,
        row.announced_at.0,
        row.restored_at.map(|at| at.0),
        row.resolved_at.map(|at| at.0),
        row.updated_at.0,
        row.due_at.map(|at| at.0),
    ])?;
    if written == 1 {
        return Ok(());
    }
    Err(LedgerError::Storage(format!("incident {} has another number", row.incident)))
}

/// A runbook is its hash: the same one again is the same text.
fn runbooks(to: &Connection, batch: &Batch) -> Result<()> {
    let mut insert = to.prepare_cached(
        "INSERT INTO runbook (sha256, text) VALUES (?1, ?2) ON CONFLICT (sha256) DO NOTHING",
    )?;
    for (sha256, text) in &batch.runbooks {
        insert.execute(params![sha256, text])?;
    }
    Ok(())
}

fn principals(to: &Connection, batch: &Batch) -> Result<()> {
    let mut upsert = to.prepare_cached(
        "INSERT INTO principal (id, kind, name, role, disabled) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET
             kind = excluded.kind, name = excluded.name, role = excluded.role,
             disabled = excluded.disabled",
    )?;
    for row in &batch.principals {
        let id = row.principal.as_str();
        upsert.execute(params![id, row.kind, row.name, row.role, row.disabled])?;
    }
    Ok(())
}

/// The secret of a credential is its own for ever; only what it may do changes.
fn tokens(to: &Connection, batch: &Batch) -> Result<()> {
    let mut upsert = to.prepare_cached(
        "INSERT INTO token (id, secret_sha256, principal, scopes, expires, revoked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET
             scopes = excluded.scopes, expires = excluded.expires, revoked = excluded.revoked",
    )?;
    for row in &batch.tokens {
        upsert.execute(params![
            row.token.as_str(),
            row.secret_sha256,
            row.principal.as_str(),
            row.scopes,
            row.expires.0,
            row.revoked,
        ])?;
    }
    Ok(())
}
