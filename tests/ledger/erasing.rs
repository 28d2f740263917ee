//! What is erased is in no file, whoever reads or is killed meanwhile.

use super::*;

/// Whether any file of the directory has these bytes.
fn has(place: &Place, bytes: &[u8]) -> bool {
    place.names().iter().any(|name| {
        let file = fs::read(place.join(name)).unwrap();
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn erased_bytes_are_in_no_file_and_the_mark_is_gone_with_them() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    assert!(has(&place, &[1; 32]), "the salt of the event");
    store(&mut ledger, &erasing(1, vec![row(4, 1, 3)])).unwrap();
    assert!(place.names().contains(&"erasing".to_owned()));
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
    assert!(has(&place, &[2; 32]), "that of another is there");
    assert!(!place.names().contains(&"erasing".to_owned()));
}

#[test]
fn what_a_killed_process_was_erasing_is_erased_by_the_next_one() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    store(&mut ledger, &erasing(1, vec![row(4, 1, 3)])).unwrap();
    drop(ledger);
    let mut ledger = open(&place);
    assert!(ledger.is_erasing(), "it cannot know what was left in gaps");
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
    Box::new(ledger).close().unwrap();
    assert!(!open(&place).is_erasing());
}

#[test]
fn a_redaction_waits_for_who_reads_and_is_done_when_they_are() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    let reader = Connection::open(place.database()).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count = |reader: &Connection| {
        reader.query_row("SELECT COUNT(*) FROM event", [], |row| row.get::<_, i64>(0))
    };
    assert_eq!(count(&reader).unwrap(), 3);
    store(&mut ledger, &erasing(1, vec![row(4, 1, 3)])).unwrap();
    assert!(matches!(ledger.erase(), Err(LedgerError::Busy)));
    assert!(ledger.is_erasing());
    store(&mut ledger, &next_batch(vec![row(5, 1, 4)])).unwrap();
    reader.execute_batch("COMMIT").unwrap();
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
}

/// Puts bytes into a gap of the file, as SQLite leaves them there when it moves rows about.
fn leave_in_a_gap(place: &Place, bytes: &[u8]) {
    let mut file = fs::read(place.database()).unwrap();
    let gap = file.windows(400).rposition(|window| window == [0; 400]).unwrap() + 100;
    file[gap..gap + bytes.len()].copy_from_slice(bytes);
    fs::write(place.database(), file).unwrap();
}

#[test]
fn a_copy_that_nothing_points_to_is_erased_too() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    Box::new(ledger).close().unwrap();
    leave_in_a_gap(&place, &[1; 32]);
    let mut ledger = open(&place);
    store(&mut ledger, &erasing(2, vec![row(4, 1, 3)])).unwrap();
    ledger.erase().unwrap();
    assert!(has(&place, &[1; 32]), "no copy of that event");
    store(&mut ledger, &erasing(1, vec![row(5, 1, 4)])).unwrap();
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
}

#[test]
fn a_title_that_the_board_once_had_is_in_no_file() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    Box::new(ledger).close().unwrap();
    leave_in_a_gap(&place, b"the key is hunter2");
    let mut ledger = open(&place);
    let mut batch = erasing(1, vec![row(4, 1, 3)]);
    batch.erasures[0].is_copied = true;
    store(&mut ledger, &batch).unwrap();
    ledger.erase().unwrap();
    assert!(!has(&place, b"hunter2"));
}
