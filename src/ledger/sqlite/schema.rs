//! The tables: how a database gets them, and that they are ours to the letter.
//!
//! A trigger or a view that somebody put into the file would run with our rights, and a changed
//! table would keep what we refuse. So the text of the schema is compared as a whole.

use super::pragmas::{self, Unfit};
use super::{Seeds, directory::Directory, error};
use crate::ledger::OpenError;
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;

/// `ALLC`, as SQLite's `application_id`.
pub(super) const APPLICATION: u32 = u32::from_be_bytes(*b"ALLC");

/// How a database gets from each version of the schema to the next one. Never changed once
/// released, only added to.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../schema/sqlite/0001_log.sql"),
    include_str!("../../../schema/sqlite/0002_tree.sql"),
    include_str!("../../../schema/sqlite/0003_receipt.sql"),
    include_str!("../../../schema/sqlite/0004_inserts.sql"),
];

/// The version of the schema that this release writes, SQLite's `user_version`.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Makes a new log in the directory. It gets its name when it is whole: a crash leaves no log, or
/// this one.
pub(super) fn create(directory: &mut Directory, seeds: &Seeds) -> Result<(), OpenError> {
    let file = directory.unfinished()?;
    fill(&file, seeds).map_err(|unfit| unfit.of(directory.path()))?;
    directory.publish(&file)
}

fn fill(file: &Path, seeds: &Seeds) -> Result<(), Unfit> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    pragmas::settle(&connection)?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    migrate(&mut connection, 0)?;
    connection.execute(
        "INSERT INTO log (one, origin, schema, position, incidents, receipt_key)
         VALUES (1, ?1, ?2, 0, 0, ?3)",
        params![seeds.origin.as_bytes(), VERSION, seeds.receipt_key.0],
    )?;
    pragmas::write_ahead(&connection)?;
    super::close(connection)
}

/// Brings a database of version `from` to ours, each step whole or not at all.
pub(super) fn migrate(connection: &mut Connection, from: u32) -> rusqlite::Result<()> {
    for (version, sql) in (1..).zip(MIGRATIONS).skip(from as usize) {
        let step = connection.transaction()?;
        step.execute_batch(sql)?;
        step.execute("UPDATE log SET schema = ?1", params![version])?;
        step.pragma_update(None, "user_version", version)?;
        step.commit()?;
    }
    Ok(())
}

/// Checks that the database in `path` is one of ours, whole and unaltered; gives its version.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<u32, OpenError> {
    let failed = |error| error::not_opened(path, &error);
    let version = version(connection, path)?;
    if !is_ours(connection, version).map_err(failed)? {
        return Err(error::damaged(path, "its tables are not those that allclear made"));
    }
    check_log(connection, version)
        .map_err(failed)?
        .map_err(|why| error::damaged(path, why))
        .map(|()| version)
}

/// Whether the tables are those of that version, to the letter.
pub(super) fn is_ours(connection: &Connection, version: u32) -> rusqlite::Result<bool> {
    Ok(text(connection)? == expected_text(version)?)
}

/// The version of a database that is one of ours, and not a later release's.
pub(super) fn version(connection: &Connection, path: &Path) -> Result<u32, OpenError> {
    let failed = |error| error::not_opened(path, &error);
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    let application: i64 = pragma("application_id").map_err(failed)?;
    if application != i64::from(APPLICATION) {
        return Err(OpenError::NotOurs(path.display().to_string()));
    }
    let version: u32 = pragma("user_version")
        .and_then(|version: i64| u32::try_from(version).map_err(|_| out_of_range(version)))
        .map_err(failed)?;
    if version > VERSION {
        return Err(OpenError::Newer(path.display().to_string(), version, VERSION));
    }
    Ok(version)
}

/// What the log says of its schema and its last event, what is the last event, and how far receipts
/// are filed.
type Heads = (u32, i64, i64, Option<i64>);

/// The one row of the log must be there, and agree with the events.
fn check_log(connection: &Connection, version: u32) -> rusqlite::Result<Result<(), String>> {
    let filed = if version > 2 { "(SELECT MAX(position) FROM receipt_filed)" } else { "0" };
    let mut query = connection.prepare(&format!(
        "SELECT log.schema, log.position, (SELECT COALESCE(MAX(position), 0) FROM event), {filed}
         FROM log ORDER BY log.one",
    ))?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let rows = query.query_map([], row)?.collect::<rusqlite::Result<Vec<Heads>>>()?;
    Ok(match rows[..] {
        [(_, head, _, filed)] if filed.is_none_or(|filed| filed > head) => {
            Err("receipts are said to be filed that it does not have".into())
        }
        [(schema, head, last, _)] if schema == version && head == last => Ok(()),
        [(schema, head, last, _)] => Err(format!(
            "its head says schema {schema} and position {head}, where {version} and {last} are found"
        )),
        _ => Err("its head is missing".into()),
    })
}

/// Every object of a schema: type, name, table and text.
type Text = Vec<(String, String, String, Option<String>)>;

fn text(connection: &Connection) -> rusqlite::Result<Text> {
    let mut query = connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    rows?.collect()
}

/// The text that the migrations up to `version` make in a database of their own.
fn expected_text(version: u32) -> rusqlite::Result<Text> {
    let fresh = Connection::open_in_memory()?;
    for sql in MIGRATIONS.iter().take(version as usize) {
        fresh.execute_batch(sql)?;
    }
    text(&fresh)
}

fn out_of_range(found: i64) -> rusqlite::Error {
    rusqlite::Error::IntegralValueOutOfRange(0, found)
}
