//! Reading without the server, or beside it: nothing is made or changed in the data directory, and
//! no lock is taken that a starting server would trip over.
//!
//! Where a `-shm` file is, SQLite can read in place; a running server always has one. Where none
//! is, SQLite would make one, so a copy is read instead. The copy also serves a log that was left
//! unclean on another machine, where only the database and its `-wal` were kept.

use super::directory::DATABASE;
use super::{SqliteReader, error};
use crate::ledger::OpenError;
use std::fs::{self, DirBuilder};
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
    let place = || path.display().to_string();
    let path = path.canonicalize().map_err(|_| OpenError::Missing(place()))?;
    for _ in 0..COPIES_MAX {
        let before = Stamp::of(&path)?;
        if before.is_shared {
            return SqliteReader::open(&path.join(DATABASE), &path, None);
        }
        let scratch = Scratch::copy(&path, &before).map_err(|error| not_copied(&error))?;
        if Stamp::of(&path)? == before {
            return SqliteReader::open(&scratch.0.join(DATABASE), &path, Some(scratch));
        }
    }
    Err(OpenError::Locked(place()))
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
    fn of(path: &Path) -> Result<Stamp, OpenError> {
        let look = |end: &str| {
            let file = fs::metadata(path.join(format!("{DATABASE}{end}"))).ok()?;
            Some((file.len(), file.modified().ok()))
        };
        let database = look("").ok_or_else(|| OpenError::Missing(path.display().to_string()))?;
        Ok(Stamp { database, wal: look("-wal"), is_shared: look("-shm").is_some() })
    }
}

/// A directory of our own for a copy, readable by nobody else; removed when dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    fn copy(path: &Path, stamp: &Stamp) -> io::Result<Scratch> {
        let scratch = Scratch::make()?;
        fs::copy(path.join(DATABASE), scratch.0.join(DATABASE))?;
        if stamp.wal.is_some() {
            let wal = format!("{DATABASE}-wal");
            fs::copy(path.join(&wal), scratch.0.join(&wal))?;
        }
        Ok(scratch)
    }

    /// A name that is taken is passed over, never used: somebody else may have laid it out.
    fn make() -> io::Result<Scratch> {
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

fn not_copied(error: &io::Error) -> OpenError {
    error::not_usable(&std::env::temp_dir(), error)
}
