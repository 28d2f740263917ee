//! Incidents that lie far apart in the log, longer than the walk over it holds any: they are judged
//! as those are that lie together.

use crate::log::Log;
use crate::outside::{Actor, Scratch, Server, announce, append, note};
use allclear::engine::audit::{HELD_MAX, Kind, Outcome};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// A long note, and how many of them are one request.
const NOTE: usize = 8_000;
const NOTES: usize = 32;

/// Three incidents: the first goes on behind more than is held, the second begins and goes on
/// within it, the third is alone longer than that.
fn far_apart() -> Log {
    static FIRST: OnceLock<Scratch> = OnceLock::new();
    Log::copy_of(FIRST.get_or_init(told).path())
}

fn told() -> Scratch {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let first = announce(&admin);
    append(&admin, &first, &note("before")).is(201);
    let (second, third) = (announce(&admin), announce(&admin));
    for _ in 0..=HELD_MAX / (NOTE * NOTES) {
        long(&admin, &third);
        append(&admin, &second, &note("meanwhile")).is(201);
    }
    append(&admin, &first, &note("behind all that")).is(201);
    assert!(server.stop().status.success());
    scratch
}

fn long(client: &Actor, incident: &str) {
    let notes: Vec<Value> = (0..NOTES).map(|_| note(&"x".repeat(NOTE))).collect();
    append(client, incident, &json!(notes)).is(201);
}

#[test]
fn incidents_that_lie_far_apart_are_clean_and_each_counts_once() {
    let (findings, summary) = far_apart().audit();
    assert_eq!((summary.outcome(), summary.incidents), (Outcome::Clean, 3), "{findings:?}");
    let said = |words: &str| findings.iter().any(|it| it.detail.contains(words));
    assert!(!said("not judged again"), "{findings:?}");
}

#[test]
fn a_board_row_of_each_that_is_wrong_is_told_once() {
    let log = far_apart();
    log.sql("UPDATE incident SET title = 'another one'");
    let (findings, summary) = log.audit();
    let told: Vec<&str> = findings
        .iter()
        .filter(|it| it.kind == Kind::Event)
        .map(|it| it.detail.split(" is not").next().unwrap())
        .collect();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    let rows = ["INC-1", "INC-2", "INC-3"].map(|it| format!("the board's row of {it}"));
    assert_eq!(sorted, rows, "{findings:?}");
    assert_eq!(summary.outcome(), Outcome::EventsDamaged);
}

#[test]
fn what_is_damaged_in_one_of_them_keeps_none_of_the_others_from_being_judged() {
    for number in 1..=3 {
        let log = far_apart();
        let last = format!(
            "SELECT MAX(position) FROM event, incident WHERE number = {number} AND incident = id"
        );
        log.flip(log.number(&last), "data", 100);
        log.sql("UPDATE incident SET title = 'another one'");
        let (findings, summary) = log.audit();
        let told = |words: &str| findings.iter().filter(|it| it.detail.contains(words)).count();
        assert_eq!((told("not judged again"), told("the board's row of")), (1, 2), "{findings:?}");
        assert_eq!(told(&format!("the board's row of INC-{number} ")), 0, "{findings:?}");
        assert_eq!(summary.incidents, 3);
    }
}
