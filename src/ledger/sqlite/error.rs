//! What SQLite's errors mean to those above, who never see its words in an answer.

use crate::ledger::{LedgerError, OpenError};
use rusqlite::{Error, ErrorCode};
use std::io;
use std::path::Path;

impl From<Error> for LedgerError {
    /// Only a full disk and a busy file are known to have stored nothing. All else, a failed sync
    /// among it, leaves that open, so it must stop the process.
    fn from(error: Error) -> LedgerError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => LedgerError::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LedgerError::Busy,
            _ => LedgerError::Storage(error.to_string()),
        }
    }
}

/// Why a database in `path` could not be opened, from what SQLite said about it.
pub(super) fn not_opened(path: &Path, error: &Error) -> OpenError {
    let place = path.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => OpenError::Full(place),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked(place),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::ReadOnly(place, error.to_string())
        }
        _ => OpenError::Damaged(place, error.to_string()),
    }
}

/// Why the directory `path` could not be used, from what the operating system said about it.
pub(super) fn not_usable(path: &Path, error: &io::Error) -> OpenError {
    let place = path.display().to_string();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::Full(place),
        _ => OpenError::ReadOnly(place, error.to_string()),
    }
}

/// The file in `path` is not what it must be.
pub(super) fn damaged(path: &Path, why: impl Into<String>) -> OpenError {
    OpenError::Damaged(path.display().to_string(), why.into())
}
