//! An audit of one SQLite file: opened as it is, also when a server would refuse it. The directory
//! is read as [`super::offline`] does: nothing in it is made or changed.

use super::offline::Scratch;
use super::rows::{self, count, stored};
use super::sum::Sum;
use super::{error, offline, pragmas, receipts, schema, tree};
use crate::incident::id::{IncidentId, Number, Position};
use crate::incident::time::Moment;
use crate::ledger::audit::{AUDIT_PAGE, Audit, Claims, Extent, RawRow, RawRows};
use crate::ledger::{LedgerError, OpenError};
use crate::log::{BoardRow, CheckpointRow, GenerationRow, PrincipalRow, TokenRow};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Result, params};
use std::fs;
use std::path::{Path, PathBuf};

/// How many kinds of damage the storage is asked for.
const STORAGE_MAX: &str = "100";

/// An audit of a log in SQLite.
pub struct SqliteAudit {
    pub(super) connection: Connection,
    /// The database that is read.
    file: PathBuf,
    /// What the tables should be: their text is compared by [`Audit::storage`].
    version: u32,
    /// The events that were read in the order of the table.
    table: Sum,
    _scratch: Option<Scratch>,
}

impl SqliteAudit {
    /// Opens the log in `path`, running or not, whole or not.
    ///
    /// # Errors
    ///
    /// [`OpenError::Missing`], [`OpenError::Unreadable`] and [`OpenError::Newer`] when there is nothing to audit; [`OpenError::Damaged`] when SQLite
    /// cannot make anything of the file.
    pub fn open(path: &Path) -> std::result::Result<SqliteAudit, OpenError> {
        let (file, scratch) = offline::at_hand(path)?;
        let failed = |error| error::not_opened(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(&file, flags).map_err(failed)?;
        pragmas::settle(&connection)
            .and_then(|()| pragmas::only_read(&connection))
            .map_err(|unfit| unfit.of(path))?;
        let version = schema::version(&connection, path).map_err(|error| match error {
            // The name of the file says that it is one: what its head says is damage then.
            OpenError::NotOurs(_) => error::damaged(path, "its head does not say that it is ours"),
            error => error,
        })?;
        // One moment of the log, however long the audit takes beside a running server.
        connection.execute_batch("BEGIN").map_err(failed)?;
        connection
            .query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))
            .map_err(failed)?;
        Ok(SqliteAudit::of(connection, file, version, scratch))
    }

    /// An audit of rows that lie in `file` with columns as ours, whatever is in them.
    pub(super) fn of_scratch(connection: Connection, file: PathBuf, scratch: Scratch) -> Self {
        SqliteAudit::of(connection, file, schema::VERSION, Some(scratch))
    }

    fn of(connection: Connection, file: PathBuf, version: u32, scratch: Option<Scratch>) -> Self {
        SqliteAudit { connection, file, version, table: Sum::new(), _scratch: scratch }
    }

    /// Whether the file is shorter than its own head says; what lies in a write-ahead log may be
    /// missing from it by right.
    fn is_cut_short(&self) -> Result<bool> {
        let length = |file: &Path| fs::metadata(file).map_or(0, |file| file.len());
        let mut log = self.file.clone().into_os_string();
        log.push("-wal");
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| count(row, 0));
        let whole = pragma("page_count")? * pragma("page_size")?;
        Ok(length(Path::new(&log)) == 0 && length(&self.file) < whole)
    }

    /// What SQLite finds. Its full check looks each event up in the index by incident, which is most
    /// of its time: that index is read to its end anyway, and compared by [`Audit::orders`].
    fn pages_and_rows(&self) -> Result<Vec<String>> {
        let mut is_well = self.integrity("quick_check", "1")?.is_empty();
        for table in self.indexed()? {
            is_well = is_well && self.integrity("integrity_check", &table)?.is_empty();
        }
        match is_well {
            true => Ok(Vec::new()),
            false => self.integrity("integrity_check", STORAGE_MAX),
        }
    }

    /// The other tables that have indexes, or lie in the order of a key themselves.
    fn indexed(&self) -> Result<Vec<String>> {
        let mut query = self.connection.prepare(
            "SELECT name FROM sqlite_schema
             WHERE type = 'table'
               AND name IN ('incident', 'receipt', 'receipt_hash', 'runbook', 'principal', 'token',
                   'checkpoint')
             ORDER BY name",
        )?;
        query.query_map([], |row| row.get(0))?.collect()
    }

    /// What one of SQLite's checks says of a table, or of everything up to a number of findings.
    fn integrity(&self, check: &str, of: &str) -> Result<Vec<String>> {
        let mut check = self.connection.prepare(&format!("PRAGMA {check}({of})"))?;
        let said = check.query_map([], |row| row.get::<_, String>(0))?;
        Ok(said.collect::<Result<Vec<_>>>()?.into_iter().filter(|said| said != "ok").collect())
    }

    /// The events in the order of their index, which has nothing else of them.
    fn index(&self) -> std::result::Result<Sum, LedgerError> {
        let mut query = self.connection.prepare(
            "SELECT position, incident, version FROM event
             INDEXED BY sqlite_autoindex_event_1 ORDER BY incident, version",
        )?;
        let (mut sum, mut before) = (self.table.emptied(), (Vec::new(), i64::MIN));
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (incident, version) = (bytes(row.get_ref(1)?), row.get(2)?);
            in_order((incident, version) > (before.0.as_slice(), before.1))?;
            sum.add((row.get::<_, i64>(0)?, version, incident));
            before.0.clear();
            before.0.extend_from_slice(incident);
            before.1 = version;
        }
        Ok(sum)
    }

    fn has_tree(&self) -> bool {
        self.version > 1
    }

    fn has_filed_receipts(&self) -> bool {
        self.version > 2
    }
}

impl Audit for SqliteAudit {
    fn storage(&mut self) -> std::result::Result<Vec<String>, LedgerError> {
        let mut found = self.pages_and_rows()?;
        if self.is_cut_short()? {
            found.push("the file is shorter than its head says".into());
        }
        if self.has_filed_receipts() {
            found.extend(match receipts::are_filed(&self.connection) {
                Ok(true) => None,
                Ok(false) => Some("the hashes of receipts do not go with the receipts".into()),
                Err(error) => Some(format!("the receipts cannot be read: {error}")),
            });
        }
        if !schema::is_ours(&self.connection, self.version)? {
            found.push("the tables are not those that allclear made".into());
        }
        Ok(found)
    }

    fn claims(&mut self) -> std::result::Result<Claims, LedgerError> {
        let head = rows::head(&self.connection)?;
        let count_of = |sql| self.connection.query_row(sql, [], |row| count(row, 0));
        let (hashes, generation) = match self.has_tree() {
            false => (None, 1),
            true => (
                Some(tree::next_place(&self.connection)?),
                count_of("SELECT COALESCE(MAX(number), 1) FROM generation")?,
            ),
        };
        Ok(Claims {
            extent: Extent::Log,
            origin: head.origin,
            position: head.position.0,
            incidents: head.incidents,
            hashes,
            generation: u32::try_from(generation).unwrap_or(u32::MAX),
        })
    }

    fn events(&mut self, after: i64, page: &mut RawRows) -> std::result::Result<(), LedgerError> {
        let mut query = self.connection.prepare_cached(
            "SELECT position, incident, version, entry, salt, data FROM event
             WHERE position > ?1 ORDER BY position",
        )?;
        fill(page, query.query(params![after])?, |row, before| {
            row.position > before.map_or(after, |before| before.position)
        })?;
        page.iter().for_each(|row| self.table.add((row.position, row.version, row.incident)));
        Ok(())
    }

    fn last_version(&mut self, incident: &[u8]) -> std::result::Result<Option<i64>, LedgerError> {
        let sql = "SELECT MAX(version) FROM event WHERE incident = ?1";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row(params![incident], |row| row.get(0))?)
    }

    fn of_incident(
        &mut self,
        incident: &[u8],
        after: i64,
        page: &mut RawRows,
    ) -> std::result::Result<(), LedgerError> {
        let mut query = self.connection.prepare_cached(
            "SELECT position, incident, version, entry, salt, data FROM event
             WHERE incident = ?1 AND version > ?2 ORDER BY version",
        )?;
        fill(page, query.query(params![incident, after])?, |row, before| {
            row.version > before.map_or(after, |before| before.version)
        })
    }

    fn by_incident(
        &mut self,
        after: Option<(&[u8], i64)>,
        page: &mut RawRows,
    ) -> std::result::Result<(), LedgerError> {
        // Incident and version are those of the index, which is held against the table below.
        let mut query = self.connection.prepare_cached(
            "SELECT position, incident, version, entry, salt, data FROM event
             WHERE (incident, version) > (?1, ?2) ORDER BY incident, version",
        )?;
        let after = after.unwrap_or((&[], i64::MIN));
        fill(page, query.query(params![after.0, after.1])?, |row, before| {
            let before = before.map_or(after, |before| (before.incident, before.version));
            (row.incident, row.version) > before
        })
    }

    fn orders(&mut self) -> std::result::Result<Vec<String>, LedgerError> {
        if self.index()?.is_that_of(&self.table) {
            return Ok(Vec::new());
        }
        let mut found = self.integrity("integrity_check", STORAGE_MAX)?;
        if found.is_empty() {
            found.push("the index of events by incident does not go with its table".into());
        }
        Ok(found)
    }

    fn hashes(&mut self, from: u64) -> std::result::Result<Vec<(u64, [u8; 32])>, LedgerError> {
        if !self.has_tree() {
            return Ok(Vec::new());
        }
        let mut query = self.connection.prepare_cached(
            "SELECT place, hash FROM tree WHERE place >= ?1 ORDER BY place LIMIT ?2",
        )?;
        let hash = |row: &rusqlite::Row<'_>| {
            Ok((count(row, 0)?, bytes(row.get_ref(1)?).try_into().unwrap_or_default()))
        };
        let page = query.query_map(params![stored(from), 2 * AUDIT_PAGE as i64], hash)?;
        Ok(page.collect::<Result<_>>()?)
    }

    fn proof(&mut self, _: u64) -> std::result::Result<Option<String>, LedgerError> {
        Ok(None)
    }

    fn generations(&mut self) -> std::result::Result<Vec<u32>, LedgerError> {
        if !self.has_tree() {
            return Ok(Vec::new());
        }
        let sql = "SELECT DISTINCT generation FROM checkpoint ORDER BY generation";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_>>()?)
    }

    fn checkpoint(
        &mut self,
        generation: u32,
        after: u64,
    ) -> std::result::Result<Option<CheckpointRow>, LedgerError> {
        let mut query = self.connection.prepare_cached(
            "SELECT generation, size, at, text FROM checkpoint
             WHERE generation = ?1 AND size > ?2 ORDER BY size LIMIT 1",
        )?;
        Ok(query.query_row(params![generation, stored(after)], tree::row_of).optional()?)
    }

    fn restores(&mut self) -> std::result::Result<Vec<GenerationRow>, LedgerError> {
        if !self.has_tree() {
            return Ok(Vec::new());
        }
        let mut query = self.connection.prepare_cached(
            "SELECT number, position, at, given_up FROM generation ORDER BY number",
        )?;
        let row = |row: &rusqlite::Row<'_>| {
            Ok(GenerationRow {
                number: row.get(0)?,
                position: Position(count(row, 1)?),
                at: Moment(row.get(2)?),
                given_up: row.get(3)?,
            })
        };
        Ok(query.query_map([], row)?.collect::<Result<_>>()?)
    }

    fn board(&mut self, id: IncidentId) -> std::result::Result<Option<BoardRow>, LedgerError> {
        let mut query = self.connection.prepare_cached(
            "SELECT number, id, version, state, severity, service, title, commander,
                    announced_at, restored_at, resolved_at, updated_at, due_at
             FROM incident WHERE id = ?1 ORDER BY id",
        )?;
        Ok(query.query_row(params![id.0.as_bytes()], rows::board).optional()?)
    }

    fn orphans(&mut self) -> std::result::Result<Vec<Number>, LedgerError> {
        let mut query = self.connection.prepare_cached(
            "SELECT number FROM incident
             WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.incident = incident.id)
             ORDER BY number LIMIT ?1",
        )?;
        let number = |row: &rusqlite::Row<'_>| Ok(Number(count(row, 0)?));
        Ok(query.query_map(params![AUDIT_PAGE as i64], number)?.collect::<Result<_>>()?)
    }

    fn principals(&mut self) -> std::result::Result<Vec<PrincipalRow>, LedgerError> {
        Ok(rows::principals(&self.connection)?)
    }

    fn tokens(&mut self) -> std::result::Result<Vec<TokenRow>, LedgerError> {
        Ok(rows::tokens(&self.connection)?)
    }

    fn runbook(&mut self, sha256: &str) -> std::result::Result<Option<String>, LedgerError> {
        Ok(rows::runbook(&self.connection, sha256)?)
    }
}

/// Puts rows into `page` until it is full; `is_behind` says whether a row stands behind the one
/// before it, or behind where the read began.
fn fill(
    page: &mut RawRows,
    mut rows: rusqlite::Rows<'_>,
    is_behind: impl Fn(&RawRow<'_>, Option<RawRow<'_>>) -> bool,
) -> std::result::Result<(), LedgerError> {
    page.clear();
    while !page.is_full() {
        let Some(row) = rows.next()? else { break };
        let row = raw(row)?;
        in_order(is_behind(&row, page.last()))?;
        page.push(row);
    }
    Ok(())
}

/// Rows that come out of their order would be read for ever, page after page.
fn in_order(is_behind: bool) -> std::result::Result<(), LedgerError> {
    match is_behind {
        true => Ok(()),
        false => Err(LedgerError::Storage("events are not in their order".into())),
    }
}

fn raw<'r>(row: &'r rusqlite::Row<'_>) -> Result<RawRow<'r>> {
    let optional = |at| match row.get_ref(at)? {
        ValueRef::Null => Ok(None),
        value => Ok::<_, rusqlite::Error>(Some(bytes(value))),
    };
    Ok(RawRow {
        position: row.get(0)?,
        incident: bytes(row.get_ref(1)?),
        version: row.get(2)?,
        entry: bytes(row.get_ref(3)?),
        salt: optional(4)?,
        data: optional(5)?,
    })
}

/// The bytes of a value; tables are STRICT, so numbers are not found where these are.
fn bytes(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => &[],
    }
}
