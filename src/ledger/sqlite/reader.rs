//! Reading: a connection of its own that cannot write. Each answer is one statement, and so one
//! moment of the log.

use super::offline::Scratch;
use super::{board, error, pragmas, rows, schema, tree};
use crate::incident::id::{IncidentId, IncidentRef, Number, Position, Version};
use crate::incident::time::Moment;
use crate::ledger::{BoardFilter, LedgerError, OpenError, PAGE_MAX, Reader};
use crate::log::tree::Hash;
use crate::log::{BoardRow, CheckpointRow, Head, PrincipalRow, Row, Sealed, TokenRow};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// The reading side of a log in SQLite.
pub struct SqliteReader {
    connection: Connection,
    /// The copy that is read, if it is one: removed after the connection, which stands above it.
    _scratch: Option<Scratch>,
}

impl SqliteReader {
    /// Opens the database `file` of the data directory `path`, with the checks of a writer.
    pub(super) fn open(
        file: &Path,
        path: &Path,
        scratch: Option<Scratch>,
    ) -> Result<SqliteReader, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(file, flags)
            .map_err(|error| error::not_opened(path, &error))?;
        pragmas::settle(&connection)
            .and_then(|()| pragmas::only_read(&connection))
            .map_err(|unfit| unfit.of(path))?;
        schema::check(&connection, path)?;
        pragmas::expect_write_ahead(&connection).map_err(|unfit| unfit.of(path))?;
        Ok(SqliteReader { connection, _scratch: scratch })
    }
}

/// At most a page, whatever was asked.
fn bounded(limit: usize) -> u64 {
    limit.min(PAGE_MAX) as u64
}

impl Reader for SqliteReader {
    fn head(&mut self) -> Result<Head, LedgerError> {
        Ok(rows::head(&self.connection)?)
    }

    fn events(&mut self, after: Position, limit: usize) -> Result<Vec<Row>, LedgerError> {
        Ok(rows::events(&self.connection, after, bounded(limit))?)
    }

    fn incident(
        &mut self,
        id: IncidentId,
        after: Version,
        upto: Version,
        limit: usize,
    ) -> Result<Vec<Row>, LedgerError> {
        Ok(rows::incident(&self.connection, id, after, upto, bounded(limit))?)
    }

    fn find(&mut self, named: IncidentRef) -> Result<Option<IncidentId>, LedgerError> {
        Ok(rows::find(&self.connection, named)?)
    }

    fn board(
        &mut self,
        filter: &BoardFilter,
        before: Option<Number>,
        limit: usize,
    ) -> Result<Vec<BoardRow>, LedgerError> {
        Ok(board::page(&self.connection, filter, before, bounded(limit))?)
    }

    fn due(&mut self, now: Moment, limit: usize) -> Result<Vec<IncidentId>, LedgerError> {
        Ok(board::due(&self.connection, now, bounded(limit))?)
    }

    fn runbook(&mut self, sha256: &str) -> Result<Option<String>, LedgerError> {
        Ok(rows::runbook(&self.connection, sha256)?)
    }

    fn principals(&mut self) -> Result<Vec<PrincipalRow>, LedgerError> {
        Ok(rows::principals(&self.connection)?)
    }

    fn tokens(&mut self) -> Result<Vec<TokenRow>, LedgerError> {
        Ok(rows::tokens(&self.connection)?)
    }

    fn sealed(&mut self) -> Result<Sealed, LedgerError> {
        tree::sealed(&self.connection)
    }

    fn hashes(&mut self, places: &[u64]) -> Result<Vec<Hash>, LedgerError> {
        tree::hashes(&self.connection, places)
    }

    fn checkpoint(
        &mut self,
        generation: u32,
        size: u64,
    ) -> Result<Option<CheckpointRow>, LedgerError> {
        Ok(tree::checkpoint(&self.connection, generation, size)?)
    }
}
