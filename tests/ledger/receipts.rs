//! Receipts are filed by the thousand: found before, after, and whatever happens meanwhile.

use super::*;

/// So many that the receipts of a few turns are filed together, more than once.
const KEYS: u64 = 6_000;

/// How many of them a turn adds.
const AT_ONCE: u64 = 250;

fn key(number: u64) -> String {
    format!("key-{number}")
}

/// The turn that records one event under each of these keys.
fn batch(numbers: std::ops::RangeInclusive<u64>) -> Batch {
    let rows: Vec<Row> = numbers.map(|number| row(number, 1, number)).collect();
    let receipts = rows.iter().map(|row| receipt_of(row, &key(row.position.0))).collect();
    Batch { rows, receipts, ..Batch::default() }
}

/// Each key is found, with its own receipt, and taken by nobody else.
fn assert_known(ledger: &mut dyn Ledger, last: u64) {
    let ana = PrincipalId("u_ana".into());
    let mut turn = ledger.begin().unwrap();
    for number in 1..=last {
        let found = turn.receipt(&ana, &key(number)).unwrap();
        assert_eq!(found, batch(number..=number).receipts.pop(), "{number}");
    }
    assert_eq!(turn.receipt(&ana, &key(last + 1)).unwrap(), None);
    drop(turn);
    for number in [1, last.div_ceil(2), last] {
        let rows = vec![row(last + 1, 1, last + 1)];
        let receipts = vec![receipt_of(&rows[0], &key(number))];
        assert_refused(ledger, &Batch { receipts, rows, ..Batch::default() });
    }
}

/// How many receipts are filed, and how many there are.
fn filed(place: &Place) -> (u64, u64) {
    let file = Connection::open(place.database()).unwrap();
    let count = |of| {
        let sql = format!("SELECT COUNT(*) FROM {of}");
        file.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap() as u64
    };
    (count("receipt_hash"), count("receipt"))
}

#[test]
fn receipts_are_found_whether_they_are_filed_or_not() {
    let place = Place::new();
    let mut ledger = open(&place);
    for first in (1..=KEYS).step_by(AT_ONCE as usize) {
        store(&mut ledger, &batch(first..=first + AT_ONCE - 1)).unwrap();
    }
    let (some, all) = filed(&place);
    assert!(0 < some && some < all && all == KEYS, "{some} of {all}");
    assert_known(&mut ledger, KEYS);
    drop(ledger);
    assert_known(&mut open(&place), KEYS);
    assert_eq!(filed(&place), (some, all));
}

#[test]
fn a_turn_that_files_and_is_dropped_has_filed_nothing() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &batch(1..=1_024)).unwrap();
    for _ in 0..2 {
        let mut turn = ledger.begin().unwrap();
        turn.write(&batch(1_025..=1_026)).unwrap();
        let ana = PrincipalId("u_ana".into());
        assert!(turn.receipt(&ana, &key(1_026)).unwrap().is_some());
        drop(turn);
        assert_eq!(filed(&place), (0, 1_024));
        assert_known(&mut ledger, 1_024);
    }
    store(&mut ledger, &batch(1_025..=1_026)).unwrap();
    assert_eq!(filed(&place), (1_024, 1_026));
    assert_known(&mut ledger, 1_026);
}

#[test]
fn the_receipts_of_an_earlier_release_are_filed_at_the_next_start() {
    for keys in [1, 1_023, 1_024, 5_000] {
        let place = Place::new();
        let mut ledger = open(&place);
        store(&mut ledger, &batch(1..=keys)).unwrap();
        Box::new(ledger).close().unwrap();
        place.tamper(&format!("{} PRAGMA journal_mode = WAL;", steps::undo_receipts())).unwrap();
        assert_known(&mut open(&place), keys);
        assert_eq!(filed(&place), (if keys < 1_024 { 0 } else { keys }, keys));
    }
}

#[test]
fn two_keys_of_one_hash_are_two_keys() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &batch(1..=1_024)).unwrap();
    store(&mut ledger, &batch(1_025..=1_025)).unwrap();
    Box::new(ledger).close().unwrap();
    place
        .tamper(
            "INSERT INTO receipt_hash SELECT its.hash, others.position
             FROM receipt_hash AS its, receipt_hash AS others
             WHERE its.position <> others.position AND its.position <= 3 AND others.position <= 3",
        )
        .unwrap();
    assert_known(&mut open(&place), 1_025);
}

#[test]
fn the_receipts_of_an_earlier_release_keep_their_places() {
    let rows = vec![row(1, 0, 1), row(2, 1, 1), row(3, 1, 2), row(4, 2, 1), row(5, 1, 3)];
    let receipts = vec![
        receipt_of(&rows[0], "z"),
        Receipt { last: Version(2), ..receipt_of(&rows[1], "y") },
        Receipt { fingerprint: None, ..receipt_of(&rows[3], "x") },
        receipt_of(&rows[4], "w"),
    ];
    let place = Place::new();
    let mut ledger = open(&place);
    let batch = Batch { rows, receipts: receipts.clone(), ..Batch::default() };
    store(&mut ledger, &batch).unwrap();
    Box::new(ledger).close().unwrap();
    place.tamper(&format!("{} PRAGMA journal_mode = WAL;", steps::undo_receipts())).unwrap();
    let mut ledger = open(&place);
    let mut turn = ledger.begin().unwrap();
    for it in receipts {
        assert_eq!(turn.receipt(&it.principal, &it.key).unwrap(), Some(it));
    }
}

#[test]
fn a_receipt_of_an_earlier_release_without_its_event_stops_the_start() {
    let place = a_closed_log();
    let orphan =
        "INSERT INTO receipt SELECT principal, 'orphan', incident, 9, 9, NULL FROM receipt;";
    let undone = steps::undo_receipts();
    place.tamper(&format!("{undone} {orphan} PRAGMA journal_mode = WAL;")).unwrap();
    let error = refused(&place);
    assert!(matches!(error, OpenError::Damaged(..)), "{error}");
    place.tamper("DELETE FROM receipt WHERE key = 'orphan'").unwrap();
    let found = open(&place).begin().unwrap().receipt(&PrincipalId("u_ana".into()), "first");
    assert_eq!(found.unwrap(), Some(receipt_of(&row(1, 1, 1), "first")));
}
