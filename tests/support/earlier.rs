//! Logs as earlier releases left them.

/// What undoes the third step of the schema: receipts lie in the order of their keys again.
pub fn undo_receipts() -> String {
    let first = include_str!("../../schema/sqlite/0001_log.sql");
    let table = &first[first.find("CREATE TABLE receipt (").expect("it has receipts")..];
    let table = &table[..=table.find(';').expect("a statement ends")];
    format!(
        "CREATE TEMP TABLE newer AS SELECT principal, key, incident, first_version, last_version,
             fingerprint FROM receipt;
         DROP TABLE receipt; DROP TABLE receipt_hash; DROP TABLE receipt_filed; {table}
         INSERT INTO receipt SELECT * FROM newer; DROP TABLE newer;
         UPDATE log SET schema = 2; PRAGMA user_version = 2;"
    )
}

/// What undoes the second and the third.
pub fn undo_tree() -> String {
    let undone = undo_receipts();
    format!(
        "{undone} DROP TABLE tree; DROP TABLE checkpoint; DROP TABLE generation;
         UPDATE log SET schema = 1; PRAGMA user_version = 1;"
    )
}
