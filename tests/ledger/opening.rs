//! What a data directory promises to whoever opens it: whose it is, what is refused, and what a
//! stop leaves behind.

use super::*;

#[test]
fn a_new_directory_is_nobody_elses() {
    let place = Place::new();
    let data = place.join("deep").join("data");
    drop(open(&data));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in ["lock", "allclear.db", "allclear.db-wal", "allclear.db-shm"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_clean_close_leaves_nothing_beside_the_database() {
    let place = a_closed_log();
    assert_eq!(place.names(), ["allclear.db", "lock"]);
    let ledger = open(&place);
    let reader = ledger.reader().unwrap();
    Box::new(ledger).close().unwrap();
    drop(reader);
    assert_eq!(fs::metadata(place.join("allclear.db-wal")).map_or(0, |wal| wal.len()), 0);
    assert_eq!(all(&open(&place)).0.len(), 3);
}

#[test]
fn a_failure_is_noted_beside_the_database_until_it_is_forgotten() {
    let place = a_closed_log();
    let before = fs::read(place.database()).unwrap();
    let ledger = open(&place);
    assert!(!ledger.failed_before());
    ledger.note_failure();
    drop(ledger);
    assert_eq!(fs::read(place.database()).unwrap(), before);
    let mut ledger = open(&place);
    assert!(ledger.failed_before());
    ledger.forget_failure().unwrap();
    ledger.forget_failure().unwrap();
    assert!(!ledger.failed_before());
    Box::new(ledger).close().unwrap();
    assert_eq!(place.names(), ["allclear.db", "lock"]);
}

#[test]
fn the_seeds_are_those_of_the_first_start() {
    let place = a_closed_log();
    let others = Seeds { origin: Uuid::from_u128(8), receipt_key: Salt([1; 32]) };
    let ledger = SqliteLedger::open(&place, others).unwrap();
    let head = ledger.reader().unwrap().head().unwrap();
    assert_eq!((head.origin, head.receipt_key), (seeds().origin, seeds().receipt_key));
}

#[test]
fn the_mode_is_told_as_read_back() {
    let place = Place::new();
    let ledger = open(&place);
    let mode = ledger.mode();
    assert_eq!(mode.engine_version, rusqlite::version());
    assert_eq!((mode.journal_mode.as_str(), mode.synchronous.as_str()), ("wal", "full"));
    let file = Connection::open(place.database()).unwrap();
    let pragma = |name| file.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("application_id"), i64::from(u32::from_be_bytes(*b"ALLC")));
    assert_eq!(pragma("user_version"), 4);
}

#[test]
fn a_second_writer_is_locked_out() {
    let place = Place::new();
    let first = open(&place);
    assert!(matches!(refused(&place), OpenError::Locked(_)));
    assert_eq!(all(&first).2, Position(0));
    Box::new(first).close().unwrap();
    open(&place);
}

#[test]
fn a_directory_that_is_not_ours_is_left_as_it_was() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    let file = place.join("thesis.txt");
    fs::write(&file, "do not touch").unwrap();
    assert!(matches!(refused(&place), OpenError::NotOurs(_)));
    assert!(matches!(refused(&file), OpenError::NotOurs(_)));
    assert!(matches!(refused_offline(&place), OpenError::Missing(_)));
    assert_eq!(place.names(), ["thesis.txt"]);
    assert_eq!(fs::read(&file).unwrap(), b"do not touch");
}

#[test]
fn a_database_of_another_application_is_left_as_it_was() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    place.tamper("PRAGMA application_id = 1; CREATE TABLE log (x)").unwrap();
    let before = fs::read(place.database()).unwrap();
    assert!(matches!(refused(&place), OpenError::NotOurs(_)));
    assert!(matches!(refused_offline(&place), OpenError::NotOurs(_)));
    assert_eq!(place.names(), ["allclear.db"]);
    assert_eq!(fs::read(place.database()).unwrap(), before);
}

#[test]
fn a_link_to_a_database_is_not_followed() {
    let place = a_closed_log();
    let linked = Place::new();
    fs::create_dir(&*linked).unwrap();
    std::os::unix::fs::symlink(place.database(), linked.database()).unwrap();
    assert!(matches!(refused(&linked), OpenError::NotOurs(_)));
}

#[test]
fn a_later_schema_is_left_to_a_later_release() {
    let place = a_closed_log();
    place.tamper("PRAGMA user_version = 5").unwrap();
    let before = fs::read(place.database()).unwrap();
    assert!(matches!(refused(&place), OpenError::Newer(_, 5, 4)));
    assert!(matches!(refused_offline(&place), OpenError::Newer(_, 5, 4)));
    assert_eq!(fs::read(place.database()).unwrap(), before);
    assert_eq!(place.names(), ["allclear.db", "lock"]);
}

#[test]
fn a_place_that_cannot_be_written_is_said_so() {
    // Permission bits do not stop root; these file systems stop everybody.
    for path in ["/sys/allclear", "/proc/allclear"] {
        assert!(matches!(refused(Path::new(path)), OpenError::ReadOnly(..)), "{path}");
    }
}

#[test]
fn a_first_start_that_was_cut_off_is_begun_again() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    for name in ["lock", "allclear.db.new", "allclear.db.new-journal"] {
        fs::write(place.join(name), "half").unwrap();
    }
    Box::new(open(&place)).close().unwrap();
    assert_eq!(place.names(), ["allclear.db", "lock"]);
}

#[test]
fn a_file_that_was_tampered_with_is_refused() {
    let tampers = [
        "CREATE TRIGGER extra AFTER INSERT ON event BEGIN DELETE FROM receipt; END",
        "CREATE VIEW extra AS SELECT 1",
        "CREATE TABLE extra (x)",
        "CREATE INDEX extra ON event (entry)",
        "DROP TRIGGER event_is_kept",
        "DROP INDEX incident_by_state",
        "ALTER TABLE receipt ADD COLUMN extra TEXT",
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = REPLACE(sql, 'CHECK (version > 0)', '')
         WHERE name = 'event'",
        "DELETE FROM log",
        "UPDATE log SET position = 4",
        "UPDATE log SET schema = 2",
        "UPDATE receipt_filed SET position = 4",
        "DELETE FROM receipt_filed",
        "PRAGMA user_version = 0",
        "PRAGMA journal_mode = DELETE; DROP TRIGGER event_is_final",
    ];
    for sql in tampers {
        let place = a_closed_log();
        place.tamper(sql).unwrap();
        let offline = refused_offline(&place);
        assert!(matches!(offline, OpenError::Damaged(..)), "{sql}: {offline}");
        let writing = refused(&place);
        assert!(matches!(writing, OpenError::Damaged(..)), "{sql}: {writing}");
    }
}

#[test]
fn a_file_that_was_cut_or_garbled_is_refused() {
    type Garble = (&'static str, fn(&mut Vec<u8>));
    let garbles: [Garble; 4] = [
        ("no pages", |bytes| bytes.clear()),
        ("half a head", |bytes| bytes.truncate(60)),
        ("a page less", |bytes| bytes.truncate(bytes.len() - 4096)),
        ("noise for the page of the log", |bytes| bytes[4096..4200].fill(0xA5)),
    ];
    for (garble, apply) in garbles {
        let place = a_closed_log();
        let mut bytes = fs::read(place.database()).unwrap();
        apply(&mut bytes);
        fs::write(place.database(), bytes).unwrap();
        let error = refused(&place);
        assert!(matches!(error, OpenError::Damaged(..)), "{garble}: {error}");
        refused_offline(&place);
    }
}

#[test]
fn a_rollback_journal_is_not_played_back() {
    let place = a_closed_log();
    fs::write(place.join("allclear.db-journal"), "somebody's").unwrap();
    assert!(matches!(refused(&place), OpenError::Damaged(..)));
    assert!(place.join("allclear.db-journal").exists());
}

#[test]
fn what_was_committed_outlives_an_unclean_stop() {
    let killed = a_killed_log();
    // The files as a backup would have them: without the shared memory.
    let copy = Place::new();
    fs::create_dir(&*copy).unwrap();
    for name in ["allclear.db", "allclear.db-wal"] {
        fs::copy(killed.join(name), copy.join(name)).unwrap();
    }
    for place in [killed, copy] {
        let mut ledger = open(&place);
        assert_eq!(all(&ledger).0, first_batch().rows);
        assert_eq!(fs::metadata(place.join("allclear.db-wal")).unwrap().len(), 0);
        store(&mut ledger, &next_batch(vec![row(4, 1, 3)])).unwrap();
    }
}

#[test]
fn a_damaged_page_is_found_after_an_unclean_stop() {
    let place = a_closed_log();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'incident_by_commander'";
    let file = Connection::open(place.database()).unwrap();
    let root: i64 = file.query_row(sql, [], |row| row.get(0)).unwrap();
    file.close().unwrap();
    let mut bytes = fs::read(place.database()).unwrap();
    let start = (root as usize - 1) * 4096;
    bytes[start + 8..start + 100].fill(0xA5);
    fs::write(place.database(), bytes).unwrap();
    // A write-ahead log that is there and holds nothing.
    fs::write(place.join("allclear.db-wal"), [0; 64]).unwrap();
    let error = refused(&place);
    assert!(matches!(error, OpenError::Damaged(..)), "{error}");
}

#[test]
fn the_write_ahead_log_stays_short() {
    let place = Place::new();
    let mut ledger = open(&place);
    for position in 1..=400 {
        let data = Some("x".repeat(100_000));
        let rows = vec![Row { data, ..row(position, 1, position) }];
        store(&mut ledger, &Batch { rows, ..Batch::default() }).unwrap();
    }
    // 40 MB were written; whenever there were 4,000 pages they went into the database.
    let wal = fs::metadata(place.join("allclear.db-wal")).unwrap().len();
    assert!(wal < 18_000_000, "{wal}");
}

#[test]
fn an_offline_reader_leaves_no_trace() {
    let without_shared_memory = a_killed_log();
    fs::remove_file(without_shared_memory.join("allclear.db-shm")).unwrap();
    for place in [a_closed_log(), a_killed_log(), without_shared_memory] {
        let (names, database) = (place.names(), fs::read(place.database()).unwrap());
        let mut reader = SqliteLedger::open_offline(&place).unwrap();
        assert_eq!(reader.events(Position(0), 9).unwrap(), first_batch().rows);
        assert_eq!(place.names(), names);
        drop(reader);
        assert_eq!(place.names(), names);
        assert_eq!(fs::read(place.database()).unwrap(), database);
        assert_eq!(all(&open(&place)).0, first_batch().rows);
    }
}

#[test]
fn an_offline_reader_works_beside_a_server() {
    let place = Place::new();
    let mut ledger = open(&place);
    let mut offline = SqliteLedger::open_offline(&place).unwrap();
    store(&mut ledger, &first_batch()).unwrap();
    assert_eq!(offline.events(Position(0), 9).unwrap(), first_batch().rows);
    drop(offline);
    store(&mut ledger, &next_batch(vec![row(4, 1, 3)])).unwrap();
    assert_eq!(all(&ledger).2, Position(4));
}

#[test]
fn without_a_log_there_is_nothing_to_read() {
    let place = Place::new();
    assert!(matches!(refused_offline(&place), OpenError::Missing(_)));
    fs::create_dir(&*place).unwrap();
    assert!(matches!(refused_offline(&place), OpenError::Missing(_)));
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn what_cannot_be_read_is_not_called_missing() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    // Permission bits do not stop root; a link that leads to itself stops everybody.
    std::os::unix::fs::symlink(place.database(), place.database()).unwrap();
    let error = refused_offline(&place);
    assert!(matches!(error, OpenError::Unreadable(..)), "{error}");
}

#[test]
fn a_file_that_somebody_else_writes_to_is_busy() {
    let place = Place::new();
    let mut ledger = open(&place);
    let other = Connection::open(place.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(ledger.begin().err(), Some(LedgerError::Busy)));
    other.execute_batch("ROLLBACK").unwrap();
    store(&mut ledger, &first_batch()).unwrap();
}
