//! The ledger in one SQLite file.
//!
//! ```text
//!            lock    nobody else has the directory           refused: Locked, NotOurs, Newer
//!             ↓
//!    (make)  open    the pragmas are set and read back       refused: ReadOnly, Full
//!             ↓
//!            check   application, version, tables, head      refused: NotOurs, Newer, Damaged
//!             ↓
//!         quick_check   only after an unclean stop           refused: Damaged
//!             ↓
//!           migrate  each step in a transaction; then receipts are filed, if too many are not
//!             ↓
//!         checkpoint TRUNCATE: what was recovered is durable refused: Locked, Full, Damaged
//!             ↓
//!    ┌─→ turn: BEGIN IMMEDIATE … COMMIT ──┐
//!    └────────────────────────────────────┘
//!             ↓                          ↓
//!           close                      drop (or a crash)
//!    nothing left in -wal      files stay as they are: unclean
//! ```
//!
//! One connection does all writes and all checkpoints. Readers have connections of their own that
//! cannot write. Nothing here draws chance or reads the clock.

mod audit;
mod backup;
mod board;
mod bundle;
mod directory;
mod error;
mod offline;
mod pragmas;
mod reader;
mod receipts;
mod rows;
mod schema;
mod sum;
mod traces;
mod tree;
mod turn;

pub use audit::SqliteAudit;
pub use backup::{BackupError, SqliteBackup};
pub use bundle::BundleAudit;
pub use pragmas::Mode;
pub use reader::SqliteReader;

use crate::ledger::{Ledger, LedgerError, OpenError, Reader, Turn};
use crate::log::Salt;
use directory::Directory;
use pragmas::Unfit;
use receipts::Receipts;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::io;
use std::path::Path;
use std::time::Duration;
use traces::{Database, Traces};
use turn::SqliteTurn;
use uuid::Uuid;

/// How many pages the write-ahead log may have before a turn begins by emptying it into the
/// database: 16 MB. Pages that many turns write are moved once, and a turn that has to wait for it
/// waits for a few hundredths of a second.
const WAL_PAGES_MAX: i64 = 4_000;

/// How long an erasure waits for those who read; whoever wants to append waits behind it.
const ERASE_WAIT: Duration = Duration::from_millis(100);

/// What is drawn by chance when a log is made. Not used when there is one already.
#[derive(Debug, Clone)]
pub struct Seeds {
    /// The log's identity, for ever.
    pub origin: Uuid,
    /// The key under which the receipts of this log are fingerprinted.
    pub receipt_key: Salt,
}

/// The writing side of a log in SQLite.
///
/// Dropped without [`Ledger::close`] it leaves the files as a crash would: nothing that was
/// committed is lost, and the next start checks everything.
pub struct SqliteLedger {
    connection: Connection,
    mode: Mode,
    receipts: Receipts,
    traces: Traces,
    database: Database,
    /// Dropped last, so that the lock outlives the connection.
    directory: Directory,
}

impl SqliteLedger {
    /// Opens the log in `path`; makes the directory (mode 0700) and the log (0600) when there is
    /// none. Everything that was committed before is durable when this returns.
    ///
    /// Takes the lock of the directory for as long as it lives: another process, or a second call,
    /// gets [`OpenError::Locked`]. A directory that is not ours stays as it was.
    pub fn open(path: &Path, seeds: Seeds) -> Result<SqliteLedger, OpenError> {
        let mut directory = Directory::claim(path)?;
        if !directory.has_log {
            schema::create(&mut directory, &seeds)?;
        }
        let path = directory.path();
        // quick_check reads the whole file, which a start must not take the time for. After a
        // clean stop nothing happened to it since; `verify` reads everything on demand.
        let unclean = directory.was_left_unclean();
        let mut connection = connect(&directory).map_err(|unfit| unfit.of(path))?;
        let version = schema::check(&connection, path)?;
        if unclean {
            quick_check(&connection).map_err(|unfit| unfit.of(path))?;
        }
        let (mode, receipts) = schema::migrate(&mut connection, version)
            .and_then(|()| Ok((pragmas::mode(&connection)?, Receipts::open(&mut connection)?)))
            .map_err(|error| error::not_opened(path, &error))?;
        if checkpoint(&connection, "TRUNCATE").map_err(|error| error::not_opened(path, &error))? {
            return Err(OpenError::Locked(path.display().to_string()));
        }
        let traces = if directory.is_erasing() { Traces::Unknown } else { Traces::None };
        let database = Database::unopened();
        Ok(SqliteLedger { connection, mode, receipts, traces, database, directory })
    }

    /// Opens the log in `path` as [`SqliteLedger::open`] does, but never makes one.
    pub fn open_existing(path: &Path) -> Result<SqliteLedger, OpenError> {
        if !path.join(directory::DATABASE).exists() {
            return Err(OpenError::Missing(path.display().to_string()));
        }
        SqliteLedger::open(path, Seeds { origin: Uuid::nil(), receipt_key: Salt([0; 32]) })
    }

    /// Opens the log in `path` for reading only, with or without a server running there. Takes no
    /// lock, and makes and changes nothing that lasts. When no server runs, and none was killed,
    /// a copy in the temporary directory is read, which costs its size for as long as the reader
    /// lives.
    pub fn open_offline(path: &Path) -> Result<SqliteReader, OpenError> {
        offline::open(path)
    }

    /// Which engine holds the log and how, as read back when it was opened.
    pub fn mode(&self) -> &Mode {
        &self.mode
    }
}

impl Ledger for SqliteLedger {
    fn begin(&mut self) -> Result<Box<dyn Turn + '_>, LedgerError> {
        tidy(&self.connection)?;
        let SqliteLedger { connection, receipts, traces, directory, .. } = self;
        Ok(Box::new(SqliteTurn::begin(connection, receipts, traces, directory)?))
    }

    fn is_erasing(&self) -> bool {
        self.traces != Traces::None
    }

    fn erase(&mut self) -> Result<(), LedgerError> {
        if self.traces == Traces::None {
            return Ok(());
        }
        self.connection.busy_timeout(ERASE_WAIT)?;
        let erased = self.rid_of_traces();
        self.connection.busy_timeout(pragmas::BUSY_WAIT)?;
        erased
    }

    fn note_failure(&self) {
        // Without the mark the next start says that this process was killed, which is no lie.
        let _ = self.directory.mark_failed();
    }

    fn failed_before(&self) -> bool {
        self.directory.has_failed()
    }

    fn forget_failure(&mut self) -> Result<(), LedgerError> {
        if !self.directory.has_failed() {
            return Ok(());
        }
        self.directory.unmark_failed().map_err(|error| LedgerError::Storage(error.to_string()))
    }

    fn reader(&self) -> Result<Box<dyn Reader>, LedgerError> {
        let path = self.directory.path();
        match SqliteReader::open(&self.directory.database(), path, None) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(OpenError::Locked(_)) => Err(LedgerError::Busy),
            Err(OpenError::Full(_)) => Err(LedgerError::Full),
            Err(error) => Err(LedgerError::Storage(error.to_string())),
        }
    }

    fn close(self: Box<Self>) -> Result<(), LedgerError> {
        let tidied = self.truncate();
        let SqliteLedger { connection, directory, .. } = *self;
        let closed = tidied.and_then(|()| {
            close(connection).map_err(|unfit| match unfit {
                Unfit::Refused(error) => error.into(),
                Unfit::NotTaken(why) => LedgerError::Storage(why),
            })
        });
        if matches!(closed, Err(LedgerError::Storage(_))) {
            let _ = directory.mark_failed();
        }
        closed
    }
}

impl SqliteLedger {
    fn rid_of_traces(&mut self) -> Result<(), LedgerError> {
        let failed = |error: io::Error| LedgerError::Storage(error.to_string());
        self.truncate()?;
        self.database.open(&self.directory.database()).map_err(failed)?;
        if self.traces.are_in(&mut self.database).map_err(failed)? {
            self.connection.execute_batch("VACUUM")?;
            self.traces = Traces::Rewritten;
            self.truncate()?;
        }
        self.traces = Traces::None;
        self.directory.unmark_erasing().map_err(failed)
    }

    /// Moves all of the write-ahead log into the database, and leaves nothing in it.
    fn truncate(&self) -> Result<(), LedgerError> {
        if checkpoint(&self.connection, "TRUNCATE")? { Err(LedgerError::Busy) } else { Ok(()) }
    }
}

impl Unfit {
    /// What this says about the data directory `path`.
    fn of(self, path: &Path) -> OpenError {
        match self {
            Unfit::Refused(error) => error::not_opened(path, &error),
            Unfit::NotTaken(why) => error::damaged(path, why),
        }
    }
}

/// The one connection that writes.
fn connect(directory: &Directory) -> Result<Connection, Unfit> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(directory.database(), flags)?;
    pragmas::settle(&connection)?;
    if connection.is_readonly("main")? {
        // SQLite makes do with reading when it may not write.
        let read_only = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(rusqlite::Error::SqliteFailure(read_only, None).into());
    }
    pragmas::write_ahead(&connection)?;
    pragmas::keep_pages(&connection)?;
    Ok(connection)
}

/// Reads the whole file for pages and rows that cannot be.
fn quick_check(connection: &Connection) -> Result<(), Unfit> {
    let found =
        connection.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0))?;
    if found == "ok" { Ok(()) } else { Err(Unfit::NotTaken(found)) }
}

/// Keeps the write-ahead log short, at the beginning of a turn so that nobody's answer waits for
/// it. A full disk and a slow reader are no reason to refuse the turn: it is tried again at the
/// next one. Everything else stops us, as a failed commit does.
fn tidy(connection: &Connection) -> Result<(), LedgerError> {
    let pages: i64 = connection
        .prepare_cached("PRAGMA wal_checkpoint(NOOP)")?
        .query_row([], |row| row.get(1))?;
    if pages < WAL_PAGES_MAX {
        return Ok(());
    }
    match checkpoint(connection, "PASSIVE").map_err(LedgerError::from) {
        Ok(_) | Err(LedgerError::Full | LedgerError::Busy) => Ok(()),
        Err(storage) => Err(storage),
    }
}

/// Moves what is in the write-ahead log into the database; tells whether somebody was in the way.
#[must_use = "a checkpoint that somebody was in the way of is not done"]
fn checkpoint(connection: &Connection, kind: &str) -> rusqlite::Result<bool> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({kind})"), [], |row| row.get(0))
}

/// Closes a connection and takes the files away that only an open database needs.
fn close(connection: Connection) -> Result<(), Unfit> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.close().map_err(|(_, error)| Unfit::Refused(error))
}
