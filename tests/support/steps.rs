//! The steps of the schema as text: their statements, and what undoes them to the letter, for logs
//! as earlier releases left them.

#![allow(dead_code, reason = "tests: each file uses its part")]

/// The first step.
pub const FIRST: &str = include_str!("../../schema/sqlite/0001_log.sql");
/// The second.
pub const SECOND: &str = include_str!("../../schema/sqlite/0002_tree.sql");

/// The statement of a step that begins so, up to `end`.
pub fn statement<'a>(step: &'a str, begins: &str, end: &str) -> &'a str {
    let from = &step[step.find(begins).expect("the step has it")..];
    &from[..from.find(end).expect("it ends") + end.len()]
}

/// Receipts lie in the order of their keys, and inserts have triggers.
pub fn undo_receipts() -> String {
    let triggers = [
        statement(FIRST, "CREATE TRIGGER event_is_not_replaced", "END;"),
        statement(SECOND, "CREATE TRIGGER tree_only_grows", "END;"),
    ];
    let table = statement(FIRST, "CREATE TABLE receipt (", ";");
    format!(
        "{} CREATE TEMP TABLE newer AS SELECT principal, key, incident, first_version,
             last_version, fingerprint FROM receipt;
         DROP TABLE receipt; DROP TABLE receipt_hash; DROP TABLE receipt_filed; {table}
         INSERT INTO receipt SELECT * FROM newer; DROP TABLE newer;
         UPDATE log SET schema = 2; PRAGMA user_version = 2;",
        triggers.concat()
    )
}

/// The same, and there is no tree.
pub fn undo_tree() -> String {
    let undone = undo_receipts();
    format!(
        "{undone} DROP TABLE tree; DROP TABLE checkpoint; DROP TABLE generation;
         UPDATE log SET schema = 1; PRAGMA user_version = 1;"
    )
}
