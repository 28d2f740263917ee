//! What the tables refuse to every hand, and how they come to be those of this release.

use super::*;

/// As on our own connections.
const RECURSIVE: &str = "PRAGMA recursive_triggers = ON;";

#[test]
fn the_hashes_checkpoints_and_restores_are_not_deleted_changed_or_replaced() {
    let place = Place::new();
    let mut ledger = open(&place);
    let checkpoint = CheckpointRow { generation: 1, size: 1, at: Moment(7), text: "text".into() };
    let restored =
        GenerationRow { number: 2, position: Position(3), at: Moment(8), given_up: "text".into() };
    let seals = vec![
        Seal::Hashes(0, vec![Hash([1; 32])]),
        Seal::Checkpoint(checkpoint),
        Seal::Generation(restored),
    ];
    store(&mut ledger, &Batch { seals, ..first_batch() }).unwrap();
    Box::new(ledger).close().unwrap();
    let refused = |sql: &str| assert!(place.tamper(sql).is_err(), "{sql}");
    for table in ["tree", "checkpoint", "generation"] {
        refused(&format!("DELETE FROM {table}"));
    }
    refused("UPDATE tree SET hash = ZEROBLOB(32)");
    refused("UPDATE checkpoint SET text = 'x'");
    refused("UPDATE generation SET given_up = ''");
    refused(&format!("{RECURSIVE} INSERT OR REPLACE INTO tree VALUES (0, ZEROBLOB(32))"));
    refused("INSERT OR REPLACE INTO checkpoint (generation, size, at, text) VALUES (1, 1, 1, '')");
    refused(
        "INSERT OR REPLACE INTO generation (number, position, at, given_up) VALUES (2, 1, 1, '')",
    );
}

#[test]
fn a_log_without_a_tree_gets_one_at_the_next_start() {
    let place = a_closed_log();
    place.tamper(&format!("{} PRAGMA journal_mode = WAL;", steps::undo_tree())).unwrap();
    let reader = SqliteLedger::open_offline(&place);
    assert_eq!(reader.unwrap().events(Position(0), 9).unwrap(), first_batch().rows);
    let ledger = open(&place);
    assert_eq!(all(&ledger).0, first_batch().rows);
    assert_eq!(ledger.reader().unwrap().sealed().unwrap().size, 0);
}

#[test]
fn an_event_is_not_deleted_changed_or_replaced() {
    let place = a_closed_log();
    let refused = |sql: &str| assert!(place.tamper(sql).is_err(), "{sql}");
    refused("DELETE FROM event");
    refused("DELETE FROM event WHERE position = 3");
    refused("UPDATE event SET entry = 'x' WHERE position = 1");
    refused("UPDATE event SET position = 9 WHERE position = 3");
    refused("UPDATE event SET version = 9 WHERE position = 3");
    refused("UPDATE event SET incident = ZEROBLOB(16) WHERE position = 3");
    refused("UPDATE event SET data = 'x' WHERE position = 1");
    refused("UPDATE event SET data = NULL WHERE position = 1");
    refused("UPDATE event SET salt = NULL WHERE position = 1");
    refused("UPDATE event SET salt = NULL, data = NULL, entry = 'x' WHERE position = 1");
    let copy = "incident, version, 'x', NULL, NULL FROM event WHERE position = 1";
    refused(&format!("{RECURSIVE} REPLACE INTO event SELECT 1, {copy}"));
    refused(&format!("{RECURSIVE} REPLACE INTO event SELECT 4, {copy}"));
    refused("INSERT INTO log SELECT * FROM log");
    assert_eq!(all(&open(&place)).0, first_batch().rows);
}

#[test]
fn salt_and_data_are_taken_away_together() {
    let place = a_closed_log();
    place.tamper("UPDATE event SET salt = NULL, data = NULL WHERE position = 1").unwrap();
    let put_back = "UPDATE event SET salt = ZEROBLOB(32), data = '{}' WHERE position = 1";
    assert!(place.tamper(put_back).is_err());
    let rows = all(&open(&place)).0;
    assert_eq!(rows[0], Row { salt: None, data: None, ..row(1, 1, 1) });
}
