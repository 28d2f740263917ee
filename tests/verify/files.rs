//! The files themselves: pages, heads, logs beside them, and what was put into the tables.

use crate::flips::Dice;
use crate::log::Log;
use crate::outside::{Scratch, Server, allclear, announce, append, note};
use crate::steps;
use allclear::engine::audit::{Kind, Outcome};
use rusqlite::Connection;
use std::fs;

const PAGE: usize = 4096;

const FLIPS: usize = 100;

fn page_of(log: &Log, name: &str) -> usize {
    let sql = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{name}'");
    (log.number(&sql) as usize - 1) * PAGE
}

#[test]
fn a_bit_in_an_index_a_page_or_the_head_is_storage_damage_and_never_a_wrong_answer() {
    let log = Log::new();
    let places = [
        ("the kind of an index page", page_of(&log, "incident_by_state")),
        ("the cells of an index page", page_of(&log, "incident_by_state") + 8),
        ("the kind of a table page", page_of(&log, "event")),
        ("the magic", 0),
        ("the application", 68),
    ];
    for (what, place) in places {
        let log = Log::new();
        log.bytes(|bytes| bytes[place] ^= 0x04);
        assert_eq!(log.outcome(), Outcome::StorageDamaged, "{what}");
        assert_eq!(log.verify(&[]).0, 5, "{what}");
    }
}

#[test]
fn an_index_that_disagrees_with_its_table_is_storage_damage() {
    let log = Log::new();
    let place = page_of(&log, "sqlite_autoindex_runbook_1");
    // The last byte of the page is the end of the first hash in the index.
    log.bytes(|bytes| {
        let cell = u16::from_be_bytes([bytes[place + 8], bytes[place + 9]]) as usize;
        bytes[place + cell + 8] ^= 0x01;
    });
    assert_eq!(log.outcome(), Outcome::StorageDamaged);
}

/// What SQLite's own full check says of a file, or that it cannot read it.
fn is_well_to_sqlite(log: &Log) -> bool {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let checked = Connection::open_with_flags(log.database(), flags).and_then(|file| {
        file.pragma_update(None, "cell_size_check", true)?;
        file.pragma_query_value(None, "integrity_check", |row| row.get::<_, String>(0))
    });
    checked.is_ok_and(|said| said == "ok")
}

#[test]
fn of_bits_in_the_index_of_events_and_in_their_table_those_are_told_that_sqlites_full_check_tells()
{
    let log = Log::new();
    let whole = fs::read(log.database()).unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut damaged = 0;
    for name in ["sqlite_autoindex_event_1", "event"] {
        let page = page_of(&log, name);
        // Cells fill a page from its end.
        for _ in 0..FLIPS {
            let place = page + PAGE - 1 - dice.below(PAGE as u64 / 2) as usize;
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << dice.below(8);
            fs::write(log.database(), bytes).unwrap();
            let is_well = is_well_to_sqlite(&log);
            damaged += usize::from(!is_well);
            let (findings, summary) = log.audit();
            assert_eq!(summary.storage == 0, is_well, "{name}, byte {place}: {findings:#?}");
        }
    }
    assert!(damaged > FLIPS / 2, "{damaged}");
}

#[test]
fn an_index_of_events_that_lacks_has_more_or_mixes_up_is_storage_damage() {
    // A second table has the same rows but for one thing, and its index takes the first one's place.
    let changes = [
        "DELETE FROM other WHERE position = 20",
        "INSERT INTO other SELECT 9000, incident, 9000, entry, salt, data FROM event WHERE position = 20",
        "UPDATE other SET version = version + 1000 WHERE position = 20",
        "UPDATE other SET incident = zeroblob(16), version = 9000 WHERE position = 20",
        "UPDATE other SET position = 9000 WHERE position = 20;
         UPDATE other SET position = 20 WHERE position = 21;
         UPDATE other SET position = 21 WHERE position = 9000",
    ];
    for change in changes {
        let log = Log::new();
        log.sql(&format!(
            "CREATE TABLE other (position INTEGER NOT NULL PRIMARY KEY, incident BLOB NOT NULL,
                 version INTEGER NOT NULL, entry TEXT NOT NULL, salt BLOB, data TEXT,
                 UNIQUE (incident, version)) STRICT;
             INSERT INTO other SELECT * FROM event;
             {change};"
        ));
        let root = |name: &str| {
            log.number(&format!("SELECT rootpage FROM sqlite_schema WHERE name = '{name}'"))
        };
        let (ours, others) = (root("sqlite_autoindex_event_1"), root("sqlite_autoindex_other_1"));
        log.schema(&format!(
            "UPDATE sqlite_schema SET rootpage = {others} WHERE name = 'sqlite_autoindex_event_1';
             UPDATE sqlite_schema SET rootpage = {ours} WHERE name = 'sqlite_autoindex_other_1'"
        ));
        assert!(!is_well_to_sqlite(&log), "{change}");
        let (findings, summary) = log.audit();
        let told = |it: &&allclear::engine::audit::Finding| it.kind == Kind::Storage;
        let of_index = findings.iter().filter(told).any(|it| it.detail.contains("index"));
        assert!(of_index, "{change}: {findings:#?}");
        assert_eq!(summary.outcome(), Outcome::StorageDamaged);
    }
}

/// A log with so many receipts that a thousand of them are filed.
fn with_receipts() -> Log {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let incident = announce(&ana);
    for number in 0..1_030 {
        append(&ana.key(&format!("key-{number}")), &incident, &note("x")).is(201);
    }
    assert!(server.stop().status.success());
    Log::copy_of(scratch.path())
}

#[test]
fn hashes_that_do_not_go_with_the_receipts_are_storage_damage() {
    let whole = with_receipts();
    assert_eq!(whole.number("SELECT COUNT(*) FROM receipt_hash"), 1_024);
    let first = "position = (SELECT MIN(position) FROM receipt)";
    let changes = [
        format!("DELETE FROM receipt_hash WHERE {first}"),
        format!("DELETE FROM receipt WHERE {first}"),
        "INSERT INTO receipt_hash VALUES (1, 9000)".into(),
        format!("UPDATE receipt_hash SET hash = 1 WHERE {first}"),
        format!("UPDATE receipt_hash SET position = position + 9000 WHERE {first}"),
        format!("UPDATE receipt SET key = 'other' WHERE {first}"),
        "UPDATE receipt_filed SET position = position - 1".into(),
        format!(
            "INSERT INTO receipt SELECT 1, principal, key, incident, 1, 1, NULL FROM receipt
             WHERE {first};
             INSERT INTO receipt_hash SELECT hash, 1 FROM receipt_hash
             WHERE position = (SELECT MIN(position) FROM receipt WHERE position > 1)"
        ),
    ];
    for change in changes {
        let log = Log::copy_of(whole.place());
        assert_eq!(log.outcome(), Outcome::Clean);
        log.sql(&change);
        assert!(is_well_to_sqlite(&log), "{change}");
        assert_eq!(log.outcome(), Outcome::StorageDamaged, "{change}");
    }
    // What cannot be read of receipts hides nothing of the events.
    let log = Log::copy_of(whole.place());
    log.sql(&format!("UPDATE receipt SET key = CAST(x'ff' AS TEXT) WHERE {first}"));
    log.flip(9, "data", 50);
    let (findings, _) = log.audit();
    let said =
        |kind, words: &str| findings.iter().any(|it| it.kind == kind && it.detail.contains(words));
    assert!(said(Kind::Storage, "receipts cannot be read"), "{findings:?}");
    assert!(said(Kind::Event, "header commits"), "{findings:?}");
}

/// A log with free pages, the first trunk of which lists the others (SQLite file format, 1.5).
fn with_free_pages() -> (Log, usize) {
    let log = Log::new();
    let file = Connection::open(log.database()).unwrap();
    file.execute_batch(
        "CREATE TABLE gone (it BLOB); INSERT INTO gone VALUES (ZEROBLOB(90000)); DROP TABLE gone",
    )
    .unwrap();
    file.close().unwrap();
    let head = fs::read(log.database()).unwrap();
    let trunk = u32::from_be_bytes(head[32..36].try_into().unwrap());
    assert!(trunk > 0, "there are free pages");
    assert_eq!(log.outcome(), Outcome::Clean);
    (log, (trunk as usize - 1) * PAGE)
}

#[test]
fn a_bit_in_the_list_of_free_pages_is_storage_damage_and_in_a_free_page_nothing() {
    let (log, trunk) = with_free_pages();
    let whole = fs::read(log.database()).unwrap();
    let places = [
        ("the first trunk, in the head", 35),
        ("the count, in the head", 39),
        ("the next trunk", trunk + 3),
        ("the count of leaves", trunk + 7),
        ("a leaf", trunk + 11),
        ("another leaf", trunk + 15),
    ];
    for (what, place) in places {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << bit;
            fs::write(log.database(), bytes).unwrap();
            assert_eq!(log.outcome(), Outcome::StorageDamaged, "bit {bit} of {what}");
        }
    }
    let leaf = u32::from_be_bytes(whole[trunk + 8..trunk + 12].try_into().unwrap()) as usize;
    let mut bytes = whole;
    bytes[(leaf - 1) * PAGE + 77] ^= 0x20;
    fs::write(log.database(), bytes).unwrap();
    assert_eq!(log.outcome(), Outcome::Clean);
}

#[test]
fn a_rollback_journal_that_was_left_over_is_not_played_back_and_no_server_starts_on_it() {
    // A real one, of a transaction that never ended: it would put an older moment back.
    let older = Log::new();
    let file = Connection::open(older.database()).unwrap();
    file.pragma_update(None, "journal_mode", "DELETE").unwrap();
    file.execute_batch("PRAGMA cache_size = 1; BEGIN; DROP TRIGGER event_is_final; UPDATE event SET version = version + 1000")
        .unwrap();
    let journal = fs::read(older.data().join("allclear.db-journal")).unwrap();
    assert!(journal.len() > PAGE, "it has pages in it");
    drop(file);
    for journal in [journal, vec![0; 512], vec![0xa5; 9000]] {
        let log = Log::new();
        fs::write(log.data().join("allclear.db-journal"), &journal).unwrap();
        let before = fs::read(log.database()).unwrap();
        let (code, said) = log.verify(&["--checkpoint", log.checkpoint().to_str().unwrap()]);
        assert_eq!(code, 0, "{said}");
        let mut serve = allclear();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(log.data());
        let (code, said) = said_by(serve);
        assert!(code == 71 && said.contains("a rollback journal that is not ours"), "{said}");
        assert_eq!(fs::read(log.database()).unwrap(), before, "nothing was played back");
        assert_eq!(fs::read(log.data().join("allclear.db-journal")).unwrap(), journal);
    }
}

fn said_by(mut command: std::process::Command) -> (i32, String) {
    crate::log::said(&command.output().unwrap())
}

#[test]
fn a_bit_in_bytes_that_nobody_uses_is_nothing() {
    let log = Log::new();
    let page = page_of(&log, "log");
    log.bytes(|bytes| {
        let cells = usize::from(bytes[page + 4]);
        let (end, content) = (page + 8 + 2 * cells, usize::from(bytes[page + 5]) << 8);
        assert!(end + 100 < page + content, "there is room between them");
        bytes[end + 50] ^= 0x10;
    });
    assert_eq!(log.outcome(), Outcome::Clean);
}

#[test]
fn a_file_that_is_cut_short_is_storage_damage_wherever_it_was_cut() {
    let whole = Log::new();
    let length = fs::read(whole.database()).unwrap().len();
    let pages = (1..length / PAGE).step_by(7).map(|page| page * PAGE);
    for cut in pages.chain([0, 1, 99, 100, 4095, 4097, length - 1, length - 2000]) {
        let log = Log::new();
        log.bytes(|bytes| bytes.truncate(cut));
        assert_eq!(log.outcome(), Outcome::StorageDamaged, "cut at {cut} of {length}");
    }
}

#[test]
fn pages_of_zeros_are_storage_damage_in_the_file_and_harmless_behind_it() {
    let log = Log::new();
    log.bytes(|bytes| bytes[2 * PAGE..3 * PAGE].fill(0));
    assert_eq!(log.outcome(), Outcome::StorageDamaged);
    let log = Log::new();
    log.bytes(|bytes| bytes.extend([0; PAGE]));
    assert_eq!(log.outcome(), Outcome::Clean);
}

#[test]
fn what_somebody_put_into_the_tables_is_told() {
    let planted = [
        "CREATE TRIGGER planted AFTER INSERT ON event BEGIN DELETE FROM receipt; END",
        "CREATE VIEW planted AS SELECT * FROM event",
        "DROP TRIGGER event_is_final",
        "CREATE TABLE planted (x)",
    ];
    for sql in planted {
        let log = Log::new();
        Connection::open(log.database()).unwrap().execute_batch(sql).unwrap();
        let (findings, summary) = log.audit();
        assert_eq!(summary.outcome(), Outcome::StorageDamaged, "{sql}");
        assert!(findings.iter().any(|it| it.detail.contains("tables")), "{sql}: {findings:?}");
    }
}

/// A killed server's directory: much of it is only in the write-ahead log.
fn killed() -> (Scratch, u64) {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    let position = server.position();
    server.kill();
    (scratch, position)
}

#[test]
fn a_write_ahead_log_that_is_gone_is_seen_with_a_checkpoint() {
    let (scratch, _) = killed();
    let log = Log::copy_of(scratch.path());
    for end in ["-wal", "-shm"] {
        fs::remove_file(log.data().join(format!("allclear.db{end}"))).unwrap();
    }
    let checkpoint = log.checkpoint();
    let (code, said) = log.verify(&["--checkpoint", checkpoint.to_str().unwrap()]);
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("the tail is missing"), "{said}");
}

#[test]
fn another_logs_write_ahead_log_and_a_shared_memory_of_garbage_give_no_wrong_answer() {
    let (scratch, position) = killed();
    let (other, _) = killed();
    let log = Log::copy_of(scratch.path());
    fs::write(log.data().join("allclear.db-shm"), [0xa5; 32768]).unwrap();
    let (findings, summary) = log.audit();
    assert!(findings.iter().all(|it| it.kind == Kind::Note), "{findings:?}");
    assert_eq!(summary.events, position);

    let log = Log::copy_of(scratch.path());
    fs::remove_file(log.data().join("allclear.db-shm")).unwrap();
    fs::copy(other.data().join("allclear.db-wal"), log.data().join("allclear.db-wal")).unwrap();
    let (code, said) = log.verify(&["--checkpoint", log.checkpoint().to_str().unwrap()]);
    assert_ne!(code, 0, "{said}");
}

#[test]
fn a_later_release_is_left_to_a_later_release() {
    let log = Log::new();
    Connection::open(log.database()).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let (code, said) = log.verify(&[]);
    assert!(code == 71 && said.contains("later release"), "{said}");
}

#[test]
fn a_log_without_a_tree_is_verified_as_far_as_that_goes() {
    let log = Log::new();
    log.sql("SELECT 1");
    let file = Connection::open(log.database()).unwrap();
    file.execute_batch(&steps::undo_tree()).unwrap();
    file.close().unwrap();
    assert_eq!(log.outcome(), Outcome::Clean);
    log.flip(9, "data", 50);
    assert_eq!(log.outcome(), Outcome::EventsDamaged);
}
