//! The ledger's contract, tried against the engine that there is, and what a data directory
//! promises. The contract's stories know only the traits, so that another engine can be put in.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod erasing;
mod opening;
mod receipts;
#[path = "../support/steps.rs"]
mod steps;
mod tables;

use allclear::incident::id::{
    IncidentId, IncidentRef, Number, Position, PrincipalId, TokenId, Version,
};
use allclear::incident::time::Moment;
use allclear::incident::words::State;
use allclear::ledger::{
    BoardFilter, Ledger, LedgerError, OpenError, PAGE_MAX, Reader, Seeds, SqliteLedger,
};
use allclear::log::tree::Hash;
use allclear::log::{
    Batch, BoardRow, CheckpointRow, Erasure, GenerationRow, PrincipalRow, Receipt, Row, Salt, Seal,
    Sealed, TokenRow,
};
use rusqlite::Connection;
use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// A directory of the test's own, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ledger-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Place(path)
    }

    fn database(&self) -> PathBuf {
        self.join("allclear.db")
    }

    /// Another hand on the file, with nothing that our own connections forbid themselves.
    fn tamper(&self, sql: &str) -> rusqlite::Result<()> {
        Connection::open(self.database()).unwrap().execute_batch(sql)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Deref for Place {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn seeds() -> Seeds {
    Seeds { origin: Uuid::from_u128(7), receipt_key: Salt([9; 32]) }
}

fn open(place: &Path) -> SqliteLedger {
    SqliteLedger::open(place, seeds()).unwrap()
}

fn refused(place: &Path) -> OpenError {
    match SqliteLedger::open(place, seeds()) {
        Ok(_) => panic!("{} was opened", place.display()),
        Err(error) => error,
    }
}

fn refused_offline(place: &Path) -> OpenError {
    match SqliteLedger::open_offline(place) {
        Ok(_) => panic!("{} was opened", place.display()),
        Err(error) => error,
    }
}

fn incident(number: u128) -> IncidentId {
    IncidentId(Uuid::from_u128(number))
}

fn row(position: u64, of: u128, version: u64) -> Row {
    Row {
        position: Position(position),
        incident: incident(of),
        version: Version(version),
        entry: format!(r#"{{"v":1,"pos":{position},"note":"\u0000 é 🚒"}}"#),
        salt: Some(Salt([position as u8; 32])),
        data: Some(r#"{"data":{"n":1.0,"n2":1e3,"a": "b"}}"#.into()),
    }
}

fn board_row(number: u64) -> BoardRow {
    BoardRow {
        incident: incident(number.into()),
        number: Number(number),
        version: Version(1),
        state: State::Announced,
        severity: None,
        service: "checkout".into(),
        title: "5xx after 2.4.1".into(),
        commander: None,
        announced_at: Moment(number as i64),
        restored_at: None,
        resolved_at: None,
        updated_at: Moment(number as i64),
        due_at: None,
    }
}

/// The receipt of a batch of that one event.
fn receipt_of(row: &Row, key: &str) -> Receipt {
    Receipt {
        position: row.position,
        principal: PrincipalId("u_ana".into()),
        key: key.into(),
        incident: row.incident,
        first: row.version,
        last: row.version,
        fingerprint: Some([3; 32]),
    }
}

/// Three events of two incidents, with a receipt.
fn first_batch() -> Batch {
    Batch {
        rows: vec![row(1, 1, 1), row(2, 2, 1), row(3, 1, 2)],
        board: vec![board_row(1), board_row(2)],
        receipts: vec![receipt_of(&row(1, 1, 1), "first")],
        incidents: 2,
        ..Batch::default()
    }
}

/// What may come after it.
fn next_batch(rows: Vec<Row>) -> Batch {
    Batch { rows, incidents: 2, ..Batch::default() }
}

/// The same, with a redaction of that event.
fn erasing(version: u64, rows: Vec<Row>) -> Batch {
    let erasures =
        vec![Erasure { incident: incident(1), version: Version(version), is_copied: false }];
    Batch { erasures, ..next_batch(rows) }
}

fn store(ledger: &mut dyn Ledger, batch: &Batch) -> Result<(), LedgerError> {
    let mut turn = ledger.begin()?;
    turn.write(batch)?;
    turn.commit()
}

fn all(ledger: &dyn Ledger) -> (Vec<Row>, Vec<BoardRow>, Position) {
    let mut reader = ledger.reader().unwrap();
    let rows = reader.events(Position(0), PAGE_MAX).unwrap();
    let board = reader.board(&BoardFilter::default(), None, PAGE_MAX).unwrap();
    (rows, board, reader.head().unwrap().position)
}

/// The batch is refused loudly, and leaves no trace.
fn assert_refused(ledger: &mut dyn Ledger, batch: &Batch) {
    let before = all(ledger);
    assert!(matches!(store(ledger, batch), Err(LedgerError::Storage(_))), "{batch:?}");
    assert_eq!(all(ledger), before);
}

/// A log with the first batch in it, closed.
fn a_closed_log() -> Place {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    Box::new(ledger).close().unwrap();
    place
}

/// What a killed server leaves: the files as they are.
fn a_killed_log() -> Place {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    drop(ledger);
    assert_eq!(place.names(), ["allclear.db", "allclear.db-shm", "allclear.db-wal", "lock"]);
    place
}
