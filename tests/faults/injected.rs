//! Calls that fail while the service runs.

use crate::outside::{Scratch, Server, announce, events_of, skip};
use crate::trace::Fault;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NOT_TRACED: &str = "strace is not here, or may not trace";

/// What writes and what syncs, by whichever name.
const WRITES: &str = "write,pwrite64,pwritev,ftruncate";
const SYNCS: &str = "fsync,fdatasync";

fn note(text: &str) -> Value {
    json!({ "type": "note_added", "data": { "text": text } })
}

/// After the fault: the outcome was unknown, the process has ended with 70, and the same key
/// settles it.
fn stops_and_is_settled(calls: &str) {
    let scratch = Scratch::new();
    let mut server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    announce(&ana);
    let wal = scratch.data().join("allclear.db-wal");
    let Some(fault) = Fault::inject(server.pid(), calls, "EIO", &wal) else {
        return skip(NOT_TRACED);
    };
    let ana = ana.key("k1");
    ana.post(&events_of("INC-1"), &note("a")).is_problem(503, "outcome_unknown");
    let asked = Instant::now();
    let ended = server.ended();
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(ended.status.code(), Some(70), "{}", ended.stderr);
    assert!(ended.stderr.contains("the storage failed"), "{}", ended.stderr);
    drop(fault);

    let server = Server::on(&scratch.data());
    let ana = ana.at(server.address);
    ana.post(&events_of("INC-1"), &note("a")).is(201);
    let told = ana.get("/v1/incidents/INC-1/events").is(200);
    assert_eq!(told["events"].as_array().unwrap().len(), 2, "stored once");
    assert!(server.stop().status.success());
}

#[test]
fn a_sync_that_fails_ends_the_service_and_the_key_settles_what_was_asked() {
    stops_and_is_settled(SYNCS);
}

#[test]
fn a_write_that_fails_ends_the_service_and_the_key_settles_what_was_asked() {
    stops_and_is_settled(WRITES);
}

#[test]
fn a_write_without_room_is_507_reading_goes_on_and_so_does_writing_when_there_is_room() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    announce(&ana);
    let wal = scratch.data().join("allclear.db-wal");
    let Some(fault) = Fault::inject(server.pid(), WRITES, "ENOSPC", &wal) else {
        return skip(NOT_TRACED);
    };
    for _ in 0..3 {
        let answer = ana.key("k1").post(&events_of("INC-1"), &note("a"));
        answer.is_problem(507, "disk_full");
        assert!(answer.header("retry-after").is_some());
    }
    assert_eq!(ana.get("/v1/incidents/INC-1").is(200)["version"], 1);
    drop(fault);
    ana.key("k1").post(&events_of("INC-1"), &note("a")).is(201);
    assert_eq!(ana.get("/v1/incidents/INC-1").is(200)["version"], 2);
    assert!(server.stop().status.success());
}
