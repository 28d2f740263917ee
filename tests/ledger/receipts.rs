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
    let receipt = |number| {
        let version = Version(number);
        Receipt { first: version, last: version, ..receipt_at(number, &key(number)) }
    };
    Batch {
        rows: numbers.clone().map(|number| row(number, 1, number)).collect(),
        receipts: numbers.map(receipt).collect(),
        ..Batch::default()
    }
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
        let again = receipt_at(last + 1, &key(number));
        let rows = vec![row(last + 1, 1, last + 1)];
        assert_refused(ledger, &Batch { receipts: vec![again], rows, ..Batch::default() });
    }
}

/// How many receipts are filed, and how many there are.
fn filed(place: &Place) -> (u64, u64) {
    let file = Connection::open(place.database()).unwrap();
    let count = |of| {
        let sql = format!("SELECT COUNT(*) FROM {of}");
        file.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap() as u64
    };
    (count("receipt_key"), count("receipt"))
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
    store(&mut ledger, &batch(1..=2_048)).unwrap();
    for _ in 0..2 {
        let mut turn = ledger.begin().unwrap();
        turn.write(&batch(2_049..=2_050)).unwrap();
        let ana = PrincipalId("u_ana".into());
        assert!(turn.receipt(&ana, &key(2_050)).unwrap().is_some());
        drop(turn);
        assert_eq!(filed(&place), (0, 2_048));
        assert_known(&mut ledger, 2_048);
    }
    store(&mut ledger, &batch(2_049..=2_050)).unwrap();
    assert_eq!(filed(&place), (2_048, 2_050));
    assert_known(&mut ledger, 2_050);
}

#[test]
fn the_receipts_of_an_earlier_release_are_filed_at_the_next_start() {
    for keys in [1, 2_047, 2_048, 5_000] {
        let place = Place::new();
        let mut ledger = open(&place);
        store(&mut ledger, &batch(1..=keys)).unwrap();
        Box::new(ledger).close().unwrap();
        place.tamper(&format!("{} PRAGMA journal_mode = WAL;", earlier::undo_receipts())).unwrap();
        assert_known(&mut open(&place), keys);
        assert_eq!(filed(&place), (keys / 2_048 * 2_048, keys));
    }
}

#[test]
fn two_keys_of_one_hash_are_two_keys() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &batch(1..=2_048)).unwrap();
    store(&mut ledger, &batch(2_049..=2_049)).unwrap();
    Box::new(ledger).close().unwrap();
    place
        .tamper(
            "INSERT INTO receipt_key SELECT its.hash, others.position
             FROM receipt_key AS its, receipt_key AS others
             WHERE its.position <> others.position AND its.position <= 3 AND others.position <= 3",
        )
        .unwrap();
    assert_known(&mut open(&place), 2_049);
}
