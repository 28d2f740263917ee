//! ledger: keeps the log on a disk, whole or not at all.
//!
//! A ledger stores and finds rows. It never decides, never reads inside `data`, and never changes
//! or deletes an event (but for a redaction, which takes salt and data away).

pub mod audit;
mod bundle;
mod sqlite;

pub use bundle::{BUNDLE_LIMITS, BundleError, BundleItem, BundleLimits, BundleReader, Opening};
pub use sqlite::{
    BackupError, BundleAudit, Mode, Seeds, SqliteAudit, SqliteBackup, SqliteLedger, SqliteReader,
};

use crate::incident::id::{IncidentId, IncidentRef, Number, Position, PrincipalId, Version};
use crate::incident::time::Moment;
use crate::incident::words::State;
use crate::log::tree::Hash;
use crate::log::{
    Batch, BoardRow, CheckpointRow, Head, PrincipalRow, Receipt, Row, Sealed, TokenRow,
};

/// The most rows that one read gives.
pub const PAGE_MAX: usize = 1_000;

/// The writing side: one at a time, for the whole log.
///
/// Dropped without [`Ledger::close`] it leaves everything as a crash would: what was committed is
/// kept, and the next start takes longer.
pub trait Ledger: Send {
    /// Takes the log's lock and begins a turn. Fails with [`LedgerError::Busy`] when somebody else
    /// holds it for longer than a moment.
    fn begin(&mut self) -> Result<Box<dyn Turn + '_>, LedgerError>;

    /// Whether something that a turn has erased may still be in a file, if only in a copy that
    /// nothing points to. Nobody may be told so far that it is erased.
    fn is_erasing(&self) -> bool;

    /// Takes everything that was erased out of every file, unless that is done. Fails with
    /// [`LedgerError::Busy`] when somebody reads, and [`LedgerError::Full`] when there is no room
    /// to write the file anew: then it is tried again later, by the next process if need be.
    fn erase(&mut self) -> Result<(), LedgerError>;

    /// Leaves a mark beside the database, as well as it can, that the storage failed; the database
    /// itself is not touched any more.
    fn note_failure(&self);

    /// Whether a process noted a failure of the storage before, and none has put that on record
    /// since.
    fn failed_before(&self) -> bool;

    /// Takes the mark away, durably: the failure is on record.
    fn forget_failure(&mut self) -> Result<(), LedgerError>;

    /// Another reading side, independent of this one: it may live on another thread. Readers are
    /// dropped before the ledger is closed, or the close may not tidy up and says busy.
    fn reader(&self) -> Result<Box<dyn Reader>, LedgerError>;

    /// Ends cleanly: what was written is in the main file, and the lock is free. The lock is free
    /// after a failure too; [`LedgerError::Busy`] when a reader was in the way and
    /// [`LedgerError::Full`] lose nothing that was committed, and the storage's is noted.
    fn close(self: Box<Self>) -> Result<(), LedgerError>;
}

/// One turn under the log's lock: load, then write once, then commit. Dropped without
/// [`Turn::commit`] it leaves no trace.
pub trait Turn {
    /// Where the log stands, after what this turn has written.
    fn head(&mut self) -> Result<Head, LedgerError>;

    /// The receipt of that principal's key, if it was ever used.
    fn receipt(&mut self, by: &PrincipalId, key: &str) -> Result<Option<Receipt>, LedgerError>;

    /// The identity of the incident that people call so, if there is one. `SYS` is none.
    fn find(&mut self, named: IncidentRef) -> Result<Option<IncidentId>, LedgerError>;

    /// All events of an incident, in order; empty when there is none.
    fn incident(&mut self, id: IncidentId) -> Result<Vec<Row>, LedgerError>;

    /// The text of a runbook that was ever pinned.
    fn runbook(&mut self, sha256: &str) -> Result<Option<String>, LedgerError>;

    /// Writes everything of the batch and moves the head to its last event. What it erases is gone
    /// for every reader once this is committed, and from every file after [`Ledger::erase`]. Runbooks that are
    /// known stay as they are; board rows, principals and credentials replace the ones before, but
    /// a credential keeps its secret and its principal.
    ///
    /// Refused as [`LedgerError::Storage`], and the turn can no longer be committed: a position
    /// that does not follow the head, a version or a key that was used before, a receipt of
    /// anything but events of the batch, a number or a name
    /// of somebody else's, fewer incidents than there were, a hash or a checkpoint that does not
    /// follow the ones before.
    fn write(&mut self, batch: &Batch) -> Result<(), LedgerError>;

    /// Makes it durable. When this fails with anything but [`LedgerError::Full`] or
    /// [`LedgerError::Busy`] nobody knows whether it is stored, and the process must stop.
    fn commit(self: Box<Self>) -> Result<(), LedgerError>;
}

/// The reading side. Every answer is one consistent moment of durable rows.
pub trait Reader: Send {
    /// Where the log stands.
    fn head(&mut self) -> Result<Head, LedgerError>;

    /// Events of the whole log behind `after`, in order, at most `limit` (≤ [`PAGE_MAX`]).
    fn events(&mut self, after: Position, limit: usize) -> Result<Vec<Row>, LedgerError>;

    /// Events of one incident behind `after` and up to `upto`, in order, at most `limit`.
    fn incident(
        &mut self,
        id: IncidentId,
        after: Version,
        upto: Version,
        limit: usize,
    ) -> Result<Vec<Row>, LedgerError>;

    /// The identity of the incident that people call so, if there is one. `SYS` is none.
    fn find(&mut self, named: IncidentRef) -> Result<Option<IncidentId>, LedgerError>;

    /// A page of the board, newest number first, at most `limit` rows below `before`.
    fn board(
        &mut self,
        filter: &BoardFilter,
        before: Option<Number>,
        limit: usize,
    ) -> Result<Vec<BoardRow>, LedgerError>;

    /// The incidents with a communication that fell due at or before `now`, the longest due first,
    /// at most `limit`.
    fn due(&mut self, now: Moment, limit: usize) -> Result<Vec<IncidentId>, LedgerError>;

    /// The text of a runbook that was ever pinned.
    fn runbook(&mut self, sha256: &str) -> Result<Option<String>, LedgerError>;

    /// Everybody and everything that may speak.
    fn principals(&mut self) -> Result<Vec<PrincipalRow>, LedgerError>;

    /// Every credential.
    fn tokens(&mut self) -> Result<Vec<TokenRow>, LedgerError>;

    /// How far the proof has come.
    fn sealed(&mut self) -> Result<Sealed, LedgerError>;

    /// The hashes of the tree at these places, in their order. A place without a hash is
    /// [`LedgerError::Storage`].
    fn hashes(&mut self, places: &[u64]) -> Result<Vec<Hash>, LedgerError>;

    /// The checkpoint of that generation and size, if one was signed.
    fn checkpoint(
        &mut self,
        generation: u32,
        size: u64,
    ) -> Result<Option<CheckpointRow>, LedgerError>;
}

/// What a page of the board is to show; an empty list means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardFilter {
    /// Only these states.
    pub states: Vec<State>,
    /// Only this service.
    pub service: Option<String>,
    /// Only this severity.
    pub severity: Option<String>,
    /// Only what this person commands.
    pub commander: Option<String>,
    /// Only what was announced at or after this moment.
    pub since: Option<Moment>,
    /// Only what was announced before this moment.
    pub until: Option<Moment>,
    /// Only what has these words, as they stand, in its title or service; the case of ASCII letters
    /// aside.
    pub words: Option<String>,
}

/// Why a ledger could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The disk is full: nothing was stored; again when there is space.
    #[error("the disk is full")]
    Full,
    /// Somebody holds the file: nothing was stored; again in a moment.
    #[error("the database is busy")]
    Busy,
    /// The storage failed: whether anything was stored is unknown.
    #[error("the storage failed: {0}")]
    Storage(String),
}

/// Why a data directory could not be opened. No event and no setting in it was changed, and what
/// is not ours was not touched at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{0} is in use by another allclear process; stop that one, or choose another --data")]
    Locked(String),
    /// There is something else in it.
    #[error("{0} is not an allclear data directory; choose another --data")]
    NotOurs(String),
    /// A later release has written it.
    #[error(
        "{0} was written by a later release of allclear (schema {1}, this one knows {2}); use that release"
    )]
    Newer(String, u32, u32),
    /// It cannot be written.
    #[error("{0} cannot be written: {1}; give allclear a directory of its own with mode 0700")]
    ReadOnly(String, String),
    /// It cannot be read.
    #[error("{0} cannot be read: {1}; run this as the user that allclear runs as")]
    Unreadable(String, String),
    /// The disk is full.
    #[error("the disk that holds {0} is full; free some space and start again")]
    Full(String),
    /// There is no log to read.
    #[error("{0} has no allclear log in it; check --data")]
    Missing(String),
    /// The file is damaged, or does not behave as it must.
    #[error("{0} cannot be trusted: {1}; keep a copy of it, then restore a backup")]
    Damaged(String, String),
}
