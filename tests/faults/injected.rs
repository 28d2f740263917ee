//! Calls that fail while the service runs.

use crate::outside::{Scratch, Server, allclear, announce, events_of, skip};
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

/// How the process before ended, as each start has put it on record.
fn stopped_before(server: &Server) -> Vec<Value> {
    let acts = server.admin().get("/v1/incidents/SYS/events").is(200);
    let acts = acts["events"].as_array().unwrap();
    let starts = acts.iter().filter(|act| act["type"] == "service_started");
    starts.map(|act| act["data"]["stopped_before"].clone()).collect()
}

/// After the fault: the outcome was unknown, the process has ended with 70, the next one puts that
/// on record once, and the same key settles what was asked.
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
    let server = Server::on(&scratch.data());
    assert_eq!(stopped_before(&server), [json!(null), json!("storage_error"), json!("clean")]);
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

/// A server whose storage fails at the next write, and that has ended of it.
fn failed(scratch: &Scratch) -> Option<()> {
    let mut server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    announce(&ana);
    let wal = scratch.data().join("allclear.db-wal");
    let _fault = Fault::inject(server.pid(), SYNCS, "EIO", &wal)?;
    ana.post(&events_of("INC-1"), &note("a")).is_problem(503, "outcome_unknown");
    assert_eq!(server.ended().status.code(), Some(70));
    Some(())
}

#[test]
fn the_mark_of_a_failure_is_in_nobodys_way_and_stays_until_it_is_on_record() {
    let scratch = Scratch::new();
    if failed(&scratch).is_none() {
        return skip(NOT_TRACED);
    }
    let mark = scratch.data().join("storage-failed");
    assert!(mark.exists());
    let run = |arguments: &[&str]| {
        let mut command = allclear();
        let output = command.args(arguments).arg("--data").arg(scratch.data()).output().unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let backup = scratch.path().join("backup.db").display().to_string();
    for arguments in [&["verify"][..], &["backup", &backup], &["timeline", "INC-1"]] {
        let (code, said) = run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
    let (code, said) = run(&["restore", "--accept-rollback"]);
    assert!(code == Some(1) && said.contains("there is nothing to accept"), "{said}");
    assert!(mark.exists(), "nobody but a start puts it on record");

    let server = Server::on(&scratch.data());
    assert!(!mark.exists());
    assert_eq!(stopped_before(&server), [json!(null), json!("storage_error")]);
    server.kill();
    let server = Server::on(&scratch.data());
    assert_eq!(stopped_before(&server)[2], json!("killed"), "that was told once");
}

#[test]
fn a_storage_that_fails_at_the_last_word_is_a_failure_of_the_storage_too() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    let wal = scratch.data().join("allclear.db-wal");
    let Some(fault) = Fault::inject(server.pid(), SYNCS, "EIO", &wal) else {
        return skip(NOT_TRACED);
    };
    let ended = server.stop();
    assert_eq!(ended.status.code(), Some(70), "{}", ended.stderr);
    drop(fault);
    assert_eq!(stopped_before(&Server::on(&scratch.data()))[1], json!("storage_error"));
}

#[test]
fn a_stop_without_room_for_the_last_word_is_a_stop_and_loses_nothing() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    let wal = scratch.data().join("allclear.db-wal");
    let Some(fault) = Fault::inject(server.pid(), "write,pwrite64,pwritev", "ENOSPC", &wal) else {
        return skip(NOT_TRACED);
    };
    let ended = server.stop();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("it stopped, but the log does not say so").count(), 1);
    drop(fault);
    let server = Server::on(&scratch.data());
    assert_eq!(server.admin().get("/v1/incidents/INC-1").is(200)["version"], 1);
    assert_eq!(stopped_before(&server)[1], json!("killed"), "as it was told");
}
