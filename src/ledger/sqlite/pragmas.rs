//! How every connection must behave (promises, 1): set, then read back, because SQLite passes over
//! a setting that it does not know or cannot have without a word.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error};
use std::time::Duration;

/// How long a connection waits for another one before it says that the file is busy.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(2);

/// The first release of SQLite without the known fault in resetting a write-ahead log.
const ENGINE_MIN: i32 = 3_051_003;

/// How much the connection that writes may keep in memory, in KiB: SQLite says so by a negative
/// number.
const WRITER_CACHE: i64 = -16 * 1_024;

/// Settings that touch no file, as set and as read back.
const SETTINGS: &[(&str, &str, i64)] = &[
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("mmap_size", "0", 0),
    ("foreign_keys", "ON", 1),
    ("secure_delete", "ON", 1),
    // What REPLACE would delete asks the triggers on DELETE.
    ("recursive_triggers", "ON", 1),
    ("synchronous", "FULL", 2),
    // The writer checkpoints in its own turn, where an error is seen: SQLite's own way hides it.
    ("wal_autocheckpoint", "0", 0),
];

/// Settings of a connection that are switched on.
const FLAGS: [DbConfig; 3] = [
    DbConfig::SQLITE_DBCONFIG_DEFENSIVE,
    // Whoever drops a connection leaves the files as they are; only a clean close tidies up.
    DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
    // A statement is planned once, whatever is bound to it: else many are planned at each use.
    DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG,
];

/// Which engine holds the log and how, each as the open database says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// The release of SQLite, such as `3.51.3`.
    pub engine_version: String,
    /// How it commits; always `wal`.
    pub journal_mode: String,
    /// When it waits for the disk; always `full`: at every commit.
    pub synchronous: String,
}

/// Why a connection cannot be used.
pub(super) enum Unfit {
    /// SQLite said no.
    Refused(Error),
    /// It said yes and did otherwise.
    NotTaken(String),
}

impl From<Error> for Unfit {
    fn from(error: Error) -> Unfit {
        Unfit::Refused(error)
    }
}

/// Settles everything that touches no file. The file's text is taken as hostile from here on.
pub(super) fn settle(connection: &Connection) -> Result<(), Unfit> {
    if rusqlite::version_number() < ENGINE_MIN {
        return Err(Unfit::NotTaken(format!("SQLite {} is too old", rusqlite::version())));
    }
    connection.busy_timeout(BUSY_WAIT)?;
    for flag in FLAGS {
        if !connection.set_db_config(flag, true)? {
            return Err(Unfit::NotTaken(format!("{flag:?} stays off")));
        }
    }
    for (name, wanted, expected) in SETTINGS {
        set(connection, name, wanted)?;
        expect(connection, name, *expected)?;
    }
    Ok(())
}

/// Gives the connection that writes room for the pages that a turn touches at random: those of the
/// hashes of receipts, and of the versions of incidents.
pub(super) fn keep_pages(connection: &Connection) -> Result<(), Unfit> {
    set(connection, "cache_size", &WRITER_CACHE.to_string())?;
    expect(connection, "cache_size", WRITER_CACHE)
}

/// Makes the connection one that cannot write.
pub(super) fn only_read(connection: &Connection) -> Result<(), Unfit> {
    set(connection, "query_only", "ON")?;
    expect(connection, "query_only", 1)
}

/// Switches to the write-ahead log.
pub(super) fn write_ahead(connection: &Connection) -> Result<(), Unfit> {
    set(connection, "journal_mode", "WAL")?;
    expect_write_ahead(connection)
}

/// Makes sure of the write-ahead log.
pub(super) fn expect_write_ahead(connection: &Connection) -> Result<(), Unfit> {
    match journal_mode(connection)?.as_str() {
        "wal" => Ok(()),
        other => Err(Unfit::NotTaken(format!("journal_mode is {other}, not wal"))),
    }
}

/// The mode as it is now.
pub(super) fn mode(connection: &Connection) -> rusqlite::Result<Mode> {
    let synchronous = match connection.pragma_query_value(None, "synchronous", |row| row.get(0))? {
        0 => "off".to_owned(),
        1 => "normal".to_owned(),
        2 => "full".to_owned(),
        3 => "extra".to_owned(),
        other => i64::to_string(&other),
    };
    Ok(Mode {
        engine_version: rusqlite::version().to_owned(),
        journal_mode: journal_mode(connection)?,
        synchronous,
    })
}

fn journal_mode(connection: &Connection) -> rusqlite::Result<String> {
    connection.pragma_query_value(None, "journal_mode", |row| row.get(0))
}

/// Some pragmas answer when they are set, and some do not: the answer is read back apart.
fn set(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("PRAGMA {name} = {value}"))
}

fn expect(connection: &Connection, name: &str, expected: i64) -> Result<(), Unfit> {
    match connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))? {
        found if found == expected => Ok(()),
        found => Err(Unfit::NotTaken(format!("{name} is {found}, not {expected}"))),
    }
}
