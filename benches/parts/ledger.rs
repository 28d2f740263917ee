//! Below the API: the thread that writes, beside the same bytes put into one table; and an incident
//! read and folded, beside its rows read and nothing more.

use super::fill::batch;
use super::median;
use super::scratch::Scratch;
use super::service::{Service, open};
use super::table::Table;
use allclear::incident::id::Version;
use allclear::ledger::{BoardFilter, Ledger, Reader, SqliteLedger};
use allclear::log::{Batch, Story};
use rusqlite::{Connection, TransactionBehavior, params};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How many events one commit makes durable: about what 64 clients give.
const AT_ONCE: u64 = 32;

/// How many commits a turn has, and how often each side has its turn.
const COMMITS: u64 = 100;
const ROUNDS: u64 = 7;

/// How many events the incident has that is folded, and how often it is.
const FOLDED: usize = 100;
const FOLDS: usize = 301;

/// Both rows.
pub fn measure(table: &mut Table) {
    write(table);
    fold(table);
}

fn write(table: &mut Table) {
    let (scratch, other) = (Scratch::new("ledger"), Scratch::new("ledger-bare"));
    let mut ledger = open(scratch.path());
    let mut bare = bare(&other.path().join("bare.db"));
    let (mut ours, mut bares) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        eprintln!("ledger: writing, round {} of {ROUNDS}", round + 1);
        let first = round * COMMITS * AT_ONCE + 1;
        let batches: Vec<Batch> = (0..COMMITS)
            .map(|commit| batch(first + commit * AT_ONCE..first + (commit + 1) * AT_ONCE))
            .collect();
        let begun = Instant::now();
        for batch in &batches {
            let mut turn = ledger.begin().expect("nobody else has it");
            turn.write(batch).expect("the disk takes it");
            turn.commit().expect("the disk takes it");
        }
        ours.push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        batches.iter().for_each(|batch| put(&mut bare, batch).expect("the disk takes it"));
        bares.push(begun.elapsed().as_secs_f64());
    }
    let ratio = median(ours.iter().zip(&bares).map(|(ours, bare)| bare / ours));
    let rate = |spans: Vec<f64>| format!("{:.0}/s", (COMMITS * AT_ONCE) as f64 / median(spans));
    let what = format!("events written, {AT_ONCE} a commit, beside one table");
    table.compare(what, rate(ours), rate(bares), ratio);
    Box::new(ledger).close().expect("nobody reads");
}

fn bare(file: &Path) -> Connection {
    let connection = Connection::open(file).expect("the temporary directory can be written");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE event (position INTEGER PRIMARY KEY, entry TEXT, salt BLOB, data TEXT)
             STRICT;",
        )
        .expect("it is new");
    connection
}

fn put(to: &mut Connection, batch: &Batch) -> rusqlite::Result<()> {
    let turn = to.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert =
            turn.prepare_cached("INSERT INTO event (entry, salt, data) VALUES (?1, ?2, ?3)")?;
        for row in &batch.rows {
            insert.execute(params![row.entry, row.salt.map(|salt| salt.0), row.data])?;
        }
    }
    turn.commit()
}

fn fold(table: &mut Table) {
    let scratch = Scratch::new("fold");
    let service = Service::start(scratch.path());
    let path = service.announce();
    service.append_notes(&path, FOLDED - 2);
    service.stop();
    let mut reader = SqliteLedger::open_offline(scratch.path()).expect("it was closed");
    let board = reader.board(&BoardFilter::default(), None, 1).expect("it reads");
    let id = board.first().expect("it was announced").incident;
    let (mut ours, mut bares) = (Vec::new(), Vec::new());
    let all = (Version(0), Version(u64::MAX));
    for _ in 0..FOLDS {
        let begun = Instant::now();
        let rows = reader.incident(id, all.0, all.1, FOLDED).expect("it reads");
        assert_eq!(rows.len(), FOLDED);
        bares.push(begun.elapsed().as_secs_f64() * 1e3);
        let begun = Instant::now();
        let rows = reader.incident(id, all.0, all.1, FOLDED).expect("it reads");
        let story = Story::walk(&rows, Arc::default()).expect("it folds");
        assert!(story.is_some());
        ours.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let (ours, bare) = (median(ours), median(bares));
    let what = format!("an incident of {FOLDED} events read and folded, beside its rows");
    table.compare(what, format!("{ours:.3} ms"), format!("{bare:.3} ms"), ours / bare);
}
