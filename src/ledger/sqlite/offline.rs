//! Reading without the server, or beside it: nothing is made or changed in the data directory, and
//! no lock is taken that a starting server would trip over.
//!
//! Where a `-shm` file is, SQLite can read in place; a running server always has one. Where none
//! is, SQLite would make one, so a copy is read instead. The copy also serves a log that was left
//! unclean on another machine, where only the database and its `-wal` were kept.

use super::directory::DATABASE;
use super::{SqliteReader, error};
use crate::ledger::OpenError;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How often a copy is begun again because a server came or went meanwhile.
const COPIES_MAX: usize = 5;

/// How many names for a scratch directory are tried.
const NAMES_MAX: u32 = 1_000;

/// Opens the log in `path` for reading.
pub(super) fn open(path: &Path) -> Result<SqliteReader, OpenError> {
    let (file, scratch) = at_hand(path)?;
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    SqliteReader::open(&file, &path, scratch)
}

/// A database that can be read in place, or a copy of it, with the copy's directory. `path` is a
/// data directory, a copy of one, or a backup.
pub(super) fn at_hand(path: &Path) -> Result<(PathBuf, Option<Scratch>), OpenError> {
    let place = || path.display().to_string();
    let path = path.canonicalize().map_err(|_| OpenError::Missing(place()))?;
    // A backup is the database itself, under whatever name.
    let database = if path.is_file() { path } else { path.join(DATABASE) };
    for _ in 0..COPIES_MAX {
        let before = Stamp::of(&database)?;
        if before.is_shared {
            return Ok((database, None));
        }
        let scratch = Scratch::make().map_err(|error| not_made(&error))?;
        scratch.copy(&database, &before)?;
        if Stamp::of(&database)? == before {
            return Ok((scratch.0.join(DATABASE), Some(scratch)));
        }
    }
    Err(OpenError::Locked(place()))
}

/// The file that has the name of the database with something behind it.
fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// What of the files says whether a server came by.
#[derive(PartialEq, Eq)]
struct Stamp {
    database: (u64, Option<SystemTime>),
    wal: Option<(u64, Option<SystemTime>)>,
    /// Whether there is a `-shm`.
    is_shared: bool,
}

impl Stamp {
    fn of(database: &Path) -> Result<Stamp, OpenError> {
        let place = || database.parent().unwrap_or(database).display().to_string();
        let look = |end: &str| match fs::metadata(beside(database, end)) {
            Ok(file) => Ok(Some((file.len(), file.modified().ok()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OpenError::Unreadable(place(), error.to_string())),
        };
        let database = look("")?.ok_or_else(|| OpenError::Missing(place()))?;
        Ok(Stamp { database, wal: look("-wal")?, is_shared: look("-shm")?.is_some() })
    }
}

/// A directory of our own for a copy, readable by nobody else; removed when dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Copies what the stamp found.
    fn copy(&self, database: &Path, stamp: &Stamp) -> Result<(), OpenError> {
        for end in [Some(""), stamp.wal.map(|_| "-wal")].into_iter().flatten() {
            let from = beside(database, end);
            let unreadable = |error: io::Error| {
                OpenError::Unreadable(from.display().to_string(), error.to_string())
            };
            let mut from = File::open(&from).map_err(unreadable)?;
            let copied = File::create_new(beside(&self.0.join(DATABASE), end))
                .and_then(|mut to| io::copy(&mut from, &mut to));
            copied.map_err(|error| not_made(&error))?;
        }
        Ok(())
    }

    /// A name that is taken is passed over, never used: somebody else may have laid it out.
    pub(super) fn make() -> io::Result<Scratch> {
        let temporary = std::env::temp_dir().canonicalize()?;
        for number in 0..NAMES_MAX {
            let path = temporary.join(format!("allclear-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "every scratch directory is taken"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed harms nobody, and a reader has nobody to tell.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn not_made(error: &io::Error) -> OpenError {
    error::not_usable(&std::env::temp_dir(), error)
}
