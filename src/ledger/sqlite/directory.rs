//! The data directory: whose it is, and the lock that keeps a second process out.
//!
//! A directory that is not ours is left as it was found. The database is never read here while
//! anybody has it open: SQLite's locks belong to the process, and closing any other handle of the
//! same file would drop them.

use super::error::{damaged, not_usable};
use super::schema;
use crate::ledger::OpenError;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The database.
pub(super) const DATABASE: &str = "allclear.db";

/// A database that is being made; a crash may leave it, and the next start makes it again.
const UNFINISHED: &str = "allclear.db.new";

/// The file whose lock says that a process has the directory.
const LOCK: &str = "lock";

/// A file that stands there while something erased may still be in the database.
const ERASING: &str = "erasing";

/// A file that stands there from a failure of the storage until that is on record.
const FAILED: &str = "storage-failed";

/// What a file system puts into its root by itself, when a whole disk is ours.
const LOST_AND_FOUND: &str = "lost+found";

/// A data directory that is ours alone for as long as this lives.
pub(super) struct Directory {
    path: PathBuf,
    /// Whether a log is in it already.
    pub has_log: bool,
    _lock: File,
}

impl Directory {
    /// Makes the directory if there is none, and takes its lock.
    pub fn claim(path: &Path) -> Result<Directory, OpenError> {
        let usable = |error: io::Error| not_usable(path, &error);
        if path.exists() && !path.is_dir() {
            return Err(OpenError::NotOurs(path.display().to_string()));
        }
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(usable)?;
        let path = path.canonicalize().map_err(usable)?;
        if !is_there(&path.join(LOCK)) {
            // Without a lock file nobody has the database open, so it may be looked at; and
            // a directory of somebody else's must not even get a lock file.
            look(&path)?;
        }
        let lock = lock(&path)?;
        // Looked at under the lock: until now another process may have been making the log.
        let has_log = look(&path)?;
        Ok(Directory { path, has_log, _lock: lock })
    }

    /// The directory, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the database is.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Whether the last process stopped without [`close`](super::SqliteLedger): it left a
    /// write-ahead log that is not empty.
    pub fn was_left_unclean(&self) -> bool {
        let wal = fs::metadata(self.path.join(format!("{DATABASE}-wal")));
        wal.is_ok_and(|wal| wal.len() > 0)
    }

    /// Notes, durably, that something is being erased: the next process goes on where this one is
    /// killed.
    pub fn mark_erasing(&self) -> io::Result<()> {
        self.mark(ERASING)?;
        sync(&self.path)
    }

    /// Whether something was being erased and nobody has noted that it is.
    pub fn is_erasing(&self) -> bool {
        is_there(&self.path.join(ERASING))
    }

    /// Notes that everything is erased; not durably, for to erase once more does no harm.
    pub fn unmark_erasing(&self) -> io::Result<()> {
        fs::remove_file(self.path.join(ERASING))
    }

    /// Notes that the storage failed; not durably, for it failed, and who asks is the next process.
    pub fn mark_failed(&self) -> io::Result<()> {
        self.mark(FAILED)
    }

    /// Whether the storage failed and nobody has put that on record.
    pub fn has_failed(&self) -> bool {
        is_there(&self.path.join(FAILED))
    }

    /// Notes, durably, that the failure is on record.
    pub fn unmark_failed(&self) -> io::Result<()> {
        fs::remove_file(self.path.join(FAILED))?;
        sync(&self.path)
    }

    fn mark(&self, name: &str) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        options.open(self.path.join(name)).map(|_| ())
    }

    /// An empty file for a new database, under a name that is not the database's yet.
    pub fn unfinished(&self) -> Result<PathBuf, OpenError> {
        let usable = |error: io::Error| not_usable(&self.path, &error);
        for name in names(&self.path).map_err(usable)? {
            if name.starts_with(UNFINISHED) {
                fs::remove_file(self.path.join(name)).map_err(usable)?;
            }
        }
        let file = self.path.join(UNFINISHED);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600).open(&file).map_err(usable)?;
        Ok(file)
    }

    /// Gives the finished database its name, durably.
    pub fn publish(&mut self, finished: &Path) -> Result<(), OpenError> {
        let usable = |error: io::Error| not_usable(&self.path, &error);
        fs::rename(finished, self.database()).map_err(usable)?;
        sync(&self.path).map_err(usable)?;
        // The directory itself may be as new as the database.
        self.path.parent().map_or(Ok(()), sync).map_err(usable)?;
        self.has_log = true;
        Ok(())
    }
}

/// Makes what was done to the names in a directory durable.
pub fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn is_there(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok()
}

fn names(path: &Path) -> io::Result<Vec<String>> {
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().display().to_string());
    fs::read_dir(path)?.map(name).collect()
}

/// Takes the lock of the directory; the operating system frees it when the process ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let usable = |error: io::Error| not_usable(path, &error);
    let file = path.join(LOCK);
    if is_there(&file) && !is_plain(&file) {
        return Err(OpenError::NotOurs(path.display().to_string()));
    }
    let mut options = OpenOptions::new();
    let lock = options.write(true).create(true).truncate(false).mode(0o600).open(&file);
    let lock = lock.map_err(usable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(usable(error)),
    }
}

/// Whether it is a file of its own: no symbolic link, no pipe, no directory.
fn is_plain(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok_and(|file| file.is_file())
}

/// Tells whether our log is in the directory, or nothing is; everything else is refused.
fn look(path: &Path) -> Result<bool, OpenError> {
    let names = names(path).map_err(|error| not_usable(path, &error))?;
    if names.iter().any(|name| name == DATABASE) {
        return look_at_database(path).map(|()| true);
    }
    let ours = |name: &String| name == LOCK || name.starts_with(UNFINISHED);
    match names.iter().all(|name| ours(name) || name == LOST_AND_FOUND) {
        true => Ok(false),
        false => Err(OpenError::NotOurs(path.display().to_string())),
    }
}

/// Reads the head of the file itself, because SQLite would write beside it: the application is in
/// bytes 68–71, the schema in 60–63 (SQLite file format, 1.3).
fn look_at_database(path: &Path) -> Result<(), OpenError> {
    let file = path.join(DATABASE);
    if !is_plain(&file) {
        return Err(OpenError::NotOurs(path.display().to_string()));
    }
    let mut head = [0; 100];
    let read = File::open(&file).and_then(|mut file| file.read_exact(&mut head));
    match read {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(damaged(path, "the database is cut short"));
        }
        Err(error) => return Err(not_usable(path, &error)),
    }
    let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if !head.starts_with(b"SQLite format 3\0") || word(68) != schema::APPLICATION {
        return Err(OpenError::NotOurs(path.display().to_string()));
    }
    if word(60) > schema::VERSION {
        return Err(OpenError::Newer(path.display().to_string(), word(60), schema::VERSION));
    }
    if is_there(&path.join(format!("{DATABASE}-journal"))) {
        // We never write one beside a finished database: SQLite would play it back into ours.
        return Err(damaged(path, "a rollback journal that is not ours lies beside the database"));
    }
    Ok(())
}
