//! Rows that were deleted, inserted, swapped, renumbered, erased, put back.

use crate::log::Log;
use crate::outside::{Scratch, Server, announce, append, note};
use allclear::engine::audit::{Group, Kind, Outcome};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeSet;

fn damaged(log: &Log, expected: &[(u64, Group)]) {
    let (findings, summary) = log.audit();
    let found = crate::log::damage_of(&findings);
    assert_eq!(found, expected.iter().copied().collect(), "{findings:#?}");
    assert_eq!(summary.outcome(), Outcome::EventsDamaged);
}

/// What is found at least, and that nothing is said of other positions.
fn damaged_at(log: &Log, expected: &[(u64, Group)]) {
    let found = log.damage();
    let positions: BTreeSet<u64> = expected.iter().map(|(position, _)| *position).collect();
    assert!(expected.iter().all(|it| found.contains(it)), "{found:?}");
    let elsewhere = found.iter().filter(|(at, _)| *at != 0 && !positions.contains(at));
    assert_eq!(elsewhere.count(), 0, "{found:?}");
}

#[test]
fn a_row_that_is_gone_is_a_gap_at_its_place() {
    for position in [1, 2, 17] {
        let log = Log::new();
        log.sql(&format!("DELETE FROM event WHERE position = {position}"));
        let found = log.damage();
        assert!(found.contains(&(position, Group::Missing)), "{found:?}");
        // The version behind it is told too: it stands where the missing one must.
        let others = found.iter().filter(|(_, group)| *group == Group::Missing);
        assert_eq!(others.count(), 1, "{found:?}");
    }
    let log = Log::new();
    log.sql("DELETE FROM event WHERE position BETWEEN 10 AND 14");
    let found = log.damage();
    for position in 10..=14 {
        assert!(found.contains(&(position, Group::Missing)), "{found:?}");
    }
}

#[test]
fn a_tail_that_is_cut_is_told_by_the_tree_the_head_and_any_checkpoint() {
    let log = Log::new();
    let last = log.events();
    log.sql(&format!("DELETE FROM event WHERE position = {last}"));
    damaged_at(&log, &[(last, Group::Missing)]);
}

#[test]
fn rows_that_were_swapped_duplicated_or_renumbered_are_named() {
    let swap = "UPDATE event SET position = -1 WHERE position = 20;
        UPDATE event SET position = 20 WHERE position = 21;
        UPDATE event SET position = 21 WHERE position = -1;";
    let log = Log::new();
    log.sql(swap);
    damaged_at(&log, &[(20, Group::Position), (20, Group::Entry), (21, Group::Position)]);

    let log = Log::new();
    let last = log.events();
    log.sql(&format!(
        "INSERT INTO event SELECT {last} + 1, incident, 900, entry, salt, data
         FROM event WHERE position = 20"
    ));
    damaged_at(&log, &[(last + 1, Group::Position), (last + 1, Group::Version)]);

    let log = Log::new();
    log.sql(&format!("UPDATE event SET position = {last} + 100 WHERE position = 30"));
    let found = log.damage();
    assert!(found.contains(&(30, Group::Missing)), "{found:?}");
    assert!(found.contains(&(last + 100, Group::Position)), "{found:?}");

    let log = Log::new();
    log.sql("UPDATE event SET version = 500 WHERE position = 30");
    assert!(log.damage().contains(&(30, Group::Version)), "{:?}", log.damage());

    let log = Log::new();
    log.sql("UPDATE event SET incident = x'00112233445566778899aabbccddeeff' WHERE position = 30");
    assert!(log.damage().contains(&(30, Group::Incident)), "{:?}", log.damage());
}

#[test]
fn hashes_of_the_tree_that_were_changed_or_swapped_are_named() {
    // Place 2 × 19 and a few is the leaf of position 20: 0-based leaf 19.
    let place = allclear::log::tree::place_of(0, 19);
    let log = Log::new();
    log.sql(&format!("UPDATE tree SET hash = ZEROBLOB(32) WHERE place = {place}"));
    damaged(&log, &[(20, Group::Entry)]);
    let (findings, _) = log.audit();
    assert!(findings.iter().any(|it| it.detail.contains("the entry is well")), "{findings:?}");

    let (one, other) = (place, allclear::log::tree::place_of(0, 25));
    let log = Log::new();
    log.sql(&format!(
        "UPDATE tree SET place = -1 WHERE place = {one};
         UPDATE tree SET place = {one} WHERE place = {other};
         UPDATE tree SET place = {other} WHERE place = -1;"
    ));
    damaged(&log, &[(20, Group::Entry), (26, Group::Entry)]);

    let log = Log::new();
    let above = allclear::log::tree::place_of(2, 3);
    log.sql(&format!("UPDATE tree SET hash = ZEROBLOB(32) WHERE place = {above}"));
    damaged(&log, &[(16, Group::Tree)]);

    let log = Log::new();
    log.sql(&format!("DELETE FROM tree WHERE place = {place}"));
    damaged(&log, &[(20, Group::Tree)]);
}

#[test]
fn what_is_erased_without_a_redaction_is_damage() {
    let log = Log::new();
    log.sql("UPDATE event SET salt = NULL, data = NULL WHERE position = 20");
    damaged(&log, &[(20, Group::Redaction)]);
    for column in ["salt", "data"] {
        let log = Log::new();
        log.sql(&format!("UPDATE event SET {column} = NULL WHERE position = 20"));
        damaged(&log, &[(20, Group::Data)]);
    }
}

#[test]
fn what_was_redacted_and_is_there_again_is_damage() {
    let log = Log::new();
    let erased = log.number("SELECT position FROM event WHERE data IS NULL ORDER BY position");
    // With the right words and salt it would fit its commitment; any others do not.
    log.sql(&format!(
        "UPDATE event SET salt = ZEROBLOB(32), data = '{{}}' WHERE position = {erased}"
    ));
    damaged(&log, &[(erased, Group::Data), (erased, Group::Redaction)]);
}

#[test]
fn the_very_words_that_were_redacted_put_back_are_damage() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let incident = announce(&admin);
    let position = append(&admin, &incident, &note("hunter2")).is(201)["events"][0]["position"]
        .as_u64()
        .unwrap();
    let stored = format!("SELECT salt, data FROM event WHERE position = {position}");
    let reader = Connection::open(server.data.join("allclear.db")).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?));
    let (salt, data) = reader.query_row(&stored, [], row).unwrap();
    drop(reader);
    let redacted = json!({ "type": "redacted", "data": { "version": 2, "reason": "a secret" } });
    append(&admin, &incident, &redacted).is(201);
    assert!(server.stop().status.success());
    let put_back = |salt: &[u8]| {
        let log = Log::copy_of(scratch.path());
        let hex: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
        log.sql(&format!(
            "UPDATE event SET salt = x'{hex}', data = '{data}' WHERE position = {position}"
        ));
        log
    };
    damaged(&put_back(&salt), &[(position, Group::Redaction)]);
    let other = [&salt[..31], &[salt[31] ^ 1]].concat();
    damaged(&put_back(&other), &[(position, Group::Data), (position, Group::Redaction)]);
}

#[test]
fn a_board_that_tells_another_story_is_damage_and_so_are_head_and_runbook() {
    let tampered = [
        ("UPDATE incident SET title = 'x' WHERE number = 2", Group::Board),
        ("UPDATE incident SET state = 'announced' WHERE number = 2", Group::Board),
        ("UPDATE incident SET due_at = 7 WHERE number = 2", Group::Board),
        ("UPDATE incident SET state = 'nonsense' WHERE number = 2", Group::Board),
        ("DELETE FROM incident WHERE number = 2", Group::Board),
        (
            "INSERT INTO incident (number, id, version, state, service, title, announced_at,
                                   updated_at)
             VALUES (9, ZEROBLOB(16), 1, 'announced', 'x', 'x', 1, 1)",
            Group::Board,
        ),
        ("UPDATE log SET position = position - 1", Group::Head),
        ("UPDATE log SET incidents = 1", Group::Head),
        ("UPDATE runbook SET text = text || ' '", Group::Runbook),
        ("DELETE FROM runbook", Group::Runbook),
    ];
    for (sql, group) in tampered {
        let log = Log::new();
        log.sql(sql);
        let found = log.damage();
        // The nil incident is the service's own: a board row of it is only an odd row.
        let is_odd = sql.contains("ZEROBLOB(16)") && found.is_empty();
        assert!(is_odd || found.iter().all(|(_, it)| *it == group), "{sql}: {found:?}");
        assert!(is_odd || !found.is_empty(), "{sql}");
    }
}

#[test]
fn a_batch_whose_events_do_not_belong_together_is_torn() {
    // Nothing is sealed of it, so only the batch speaks.
    let log = Log::new();
    let first = log.number(
        "SELECT MIN(position) FROM event WHERE entry LIKE '%\"ver\":2,%' AND entry LIKE '%\"no\":2,%'",
    );
    log.sql(&format!(
        "DELETE FROM tree; DELETE FROM checkpoint;
         UPDATE event SET entry = REPLACE(entry, '\"by\":\"', '\"by\":\"x') WHERE position = {first}"
    ));
    let (findings, summary) = log.audit();
    let torn = findings.iter().filter(|it| it.group == Group::Batch);
    assert!(torn.count() >= 1, "{findings:?}");
    assert_eq!(summary.covered, 0);
}

#[test]
fn where_todays_machines_differ_it_is_a_note_and_no_damage() {
    // What was never sealed has no hash that speaks: the machine does.
    let log = Log::new();
    log.sql(
        "DELETE FROM tree; DELETE FROM checkpoint;
         UPDATE event SET entry = REPLACE(entry, '\"to\":\"announced\"', '\"to\":\"monitoring\"')
         WHERE entry LIKE '%\"type\":\"announced\"%' AND entry LIKE '%\"no\":2,%'",
    );
    let (findings, summary) = log.audit();
    let differs = |it: &&allclear::engine::audit::Finding| {
        it.kind == Kind::Note && it.group == Group::Machine && it.position.is_some()
    };
    assert!(findings.iter().filter(differs).count() >= 1, "{findings:?}");
    assert_eq!(summary.outcome(), Outcome::Clean, "{findings:?}");
}

#[test]
fn a_principal_or_a_token_that_no_act_made_so_is_told() {
    let changes = [
        "UPDATE principal SET role = 'viewer'",
        "UPDATE principal SET disabled = 1",
        "UPDATE principal SET name = 'mallory'",
        "INSERT INTO principal VALUES ('u_mallory', 'person', 'mallory', 'admin', 0)",
        "UPDATE token SET expires = expires + 1",
        "UPDATE token SET scopes = 'read'",
        "UPDATE token SET revoked = 1",
        "INSERT INTO token SELECT 'k_mallory', zeroblob(32), principal, scopes, expires, 0 FROM token",
    ];
    for change in changes {
        let log = Log::new();
        log.sql(change);
        damaged(&log, &[(0, Group::People)]);
    }
}
