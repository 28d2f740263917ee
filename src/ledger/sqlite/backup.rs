//! A backup: one moment of the log, written into a file of its own, beside a running server or
//! without one.
//!
//! ```text
//! FILE.part is made ─▶ written ─▶ on the disk ─▶ it gets the name FILE ─▶ on the disk
//!      │                  └─ fails: it is taken away again
//!      └─ it, or FILE, is there already: refused
//! ```
//!
//! So FILE is whole from the moment that it is there; a kill leaves FILE.part.
//!
//! The log is only read, in one transaction. SQLite writes the rows anew (`VACUUM INTO`) and does
//! not copy pages: nothing of what was erased before comes along, whatever is still in old pages.

use super::offline::Scratch;
use super::pragmas::Unfit;
use super::{close, directory, error, offline, pragmas, schema};
use crate::ledger::OpenError;
use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Why there is no backup. Nothing is left of what was begun, and nothing else was touched.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The log cannot be opened.
    #[error(transparent)]
    Unopened(#[from] OpenError),
    /// Something has that name.
    #[error("{0} is there already; backups are never overwritten: choose another name")]
    Taken(String),
    /// Another backup has begun it, and was killed or goes on.
    #[error(
        "{0} is there already: another backup is writing it, or was killed while it did; remove it \
         when none is, or choose another name"
    )]
    Begun(String),
    /// It would be lost together with what it is a backup of.
    #[error("{0} is in the data directory itself; choose a place that is not lost with it")]
    Inside(String),
    /// It was not written: the place, the disk, or the log that was to be read stood against it.
    #[error("{0} was not written: {1}")]
    Unwritable(String, String),
    /// The log cannot be read to its end.
    #[error("{0} cannot be read to its end: {1}; keep a copy of the files themselves")]
    Damaged(String, String),
}

/// A backup under way. Dropped before it is finished, it takes away what it has begun.
pub struct SqliteBackup {
    connection: Connection,
    data: PathBuf,
    file: PathBuf,
    part: PathBuf,
    is_finished: bool,
    /// Whether the file that has the name is this one.
    has_name: bool,
    /// Removed after the connection, which stands above it.
    _scratch: Option<Scratch>,
}

impl SqliteBackup {
    /// Opens the log in `data` for reading, with or without a server running there, and begins
    /// `file` (mode 0600) under the name that it has until it is whole.
    ///
    /// # Errors
    ///
    /// [`BackupError::Unopened`] as for every offline reader; [`BackupError::Taken`],
    /// [`BackupError::Begun`], [`BackupError::Inside`] and [`BackupError::Unwritable`] for a name
    /// that cannot be had.
    pub fn begin(data: &Path, file: &Path) -> Result<SqliteBackup, BackupError> {
        let (source, scratch) = offline::at_hand(data)?;
        let failed = |error| error::not_opened(data, &error);
        // What writes the backup is this connection too, so it is one that may write in general;
        // the log itself is opened for reading only.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(&source, flags).map_err(failed)?;
        pragmas::settle(&connection).map_err(|unfit| unfit.of(data))?;
        schema::version(&connection, data)?;
        let file = whole(file).map_err(|why| unwritable(file, &why))?;
        let data = data.canonicalize().unwrap_or_else(|_| data.to_owned());
        if file.starts_with(&data) {
            return Err(BackupError::Inside(file.display().to_string()));
        }
        let part = PathBuf::from(format!("{}.part", file.display()));
        if file.to_str().is_none() {
            return Err(unwritable(&file, &"SQLite takes names in UTF-8 only"));
        }
        if fs::symlink_metadata(&file).is_ok() {
            return Err(BackupError::Taken(file.display().to_string()));
        }
        make(&part)?;
        let _scratch = scratch;
        let (is_finished, has_name) = (false, false);
        Ok(SqliteBackup { connection, data, file, part, is_finished, has_name, _scratch })
    }

    /// About how many bytes it will have: as many as the log, or fewer.
    pub fn bytes(&self) -> u64 {
        let number = |name| self.connection.pragma_query_value(None, name, |row| row.get(0));
        let (pages, page): (i64, i64) =
            (number("page_count").unwrap_or(0), number("page_size").unwrap_or(0));
        u64::try_from(pages.saturating_mul(page)).unwrap_or(0)
    }

    /// The file that grows until it is finished.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Writes it. It is whole, on the disk, and has its name when this returns.
    ///
    /// # Errors
    ///
    /// [`BackupError::Damaged`] when SQLite cannot read the log to its end,
    /// [`BackupError::Unwritable`] when the file cannot be written, [`BackupError::Taken`] when
    /// something else got the name meanwhile.
    pub fn finish(mut self) -> Result<PathBuf, BackupError> {
        self.copy()?;
        as_served(&self.part).map_err(|unfit| unfit.of(&self.part))?;
        self.settle().map_err(|why| match why.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Taken(self.file.display().to_string()),
            _ => unwritable(&self.file, &why),
        })?;
        self.is_finished = true;
        Ok(self.file.clone())
    }

    fn copy(&self) -> Result<(), BackupError> {
        let part = self.part.to_str().expect("a name that is no UTF-8 was refused");
        let copied = self.connection.execute("VACUUM INTO ?1", params![part]);
        copied.map(|_| ()).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                BackupError::Damaged(self.data.display().to_string(), error.to_string())
            }
            _ => unwritable(&self.file, &error),
        })
    }

    /// Gives it its name, durably, and never one that something else has: unlike renaming, a link
    /// does not replace. Where a file system has no links, a look has to do.
    fn settle(&mut self) -> io::Result<()> {
        fs::File::open(&self.part)?.sync_all()?;
        match fs::hard_link(&self.part, &self.file) {
            Ok(()) => self.has_name = true,
            Err(_) if fs::symlink_metadata(&self.file).is_err() => {
                fs::rename(&self.part, &self.file)?;
                self.has_name = true;
            }
            Err(_) => return Err(io::ErrorKind::AlreadyExists.into()),
        }
        match fs::remove_file(&self.part) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
        self.file.parent().map_or(Ok(()), directory::sync)
    }
}

impl Drop for SqliteBackup {
    fn drop(&mut self) {
        if !self.is_finished {
            // It is empty or half written, and the reason is told anyhow.
            let _ = fs::remove_file(&self.part);
            if self.has_name {
                let _ = fs::remove_file(&self.file);
            }
        }
    }
}

/// Readers expect the write-ahead log that a served database has.
fn as_served(part: &Path) -> Result<(), Unfit> {
    let connection = Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    pragmas::write_ahead(&connection)?;
    close(connection)
}

/// The path without symbolic links in its directory, which SQLite would not follow.
fn whole(file: &Path) -> io::Result<PathBuf> {
    let file = std::path::absolute(file)?;
    let missing = || io::Error::new(io::ErrorKind::InvalidInput, "it names no file");
    let (place, name) = file.parent().zip(file.file_name()).ok_or_else(missing)?;
    Ok(place.canonicalize()?.join(name))
}

fn make(part: &Path) -> Result<(), BackupError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part);
    made.map(|_| ()).map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Begun(part.display().to_string()),
        _ => unwritable(part, &why),
    })
}

fn unwritable(file: &Path, why: &impl std::fmt::Display) -> BackupError {
    BackupError::Unwritable(file.display().to_string(), why.to_string())
}
