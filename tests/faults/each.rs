//! The same short run of the service again and again, with the first of its calls failing, then
//! the second, and so on to the last (promises P9, P10): wherever it fails, nothing acknowledged is
//! lost, and what was asked is settled by its key.

use crate::load::{Defect, Outsider, planted, planting};
use crate::outside::{
    Actor, Answer, Ended, Scratch, Server, allclear, announce, events_of, note, skip, until,
};
use crate::trace::can_trace;
use serde_json::json;
use std::path::Path;
use std::process::Command;

const SYNCS: &str = "fsync,fdatasync";
const WRITES: &str = "write,pwrite64,pwritev,ftruncate";

/// Those that may want room.
const GROWING: &str = "write,pwrite64,pwritev";

/// More calls than these one thread of a run does not make.
const CALLS_MAX: u32 = 200;

/// A run in which a call failed.
struct Run {
    /// What the client was told of its note; none when nobody knows.
    told: Option<u16>,
    ended: Ended,
    /// Whether any call failed: else the run makes fewer.
    is_hit: bool,
}

/// A data directory with an incident in it, from which each run begins.
fn begin(from: &Path) -> (String, Scratch) {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.data()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), scratch.data().join(entry.file_name())).unwrap();
    }
    let token = std::fs::read_to_string(from.join("admin-token")).unwrap();
    (token.trim().to_owned(), scratch)
}

/// What a run appends.
const TEXT: &str = "a";

/// The service as it is always started.
fn serve(data: &Path) -> Command {
    let mut serve = allclear();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    serve.env("ALLCLEAR_NO_REMINDERS", "true");
    serve
}

fn ask(who: &Actor) -> std::io::Result<Answer> {
    let body = json!([note(TEXT)]).to_string();
    let body = Some(("application/json", body.as_bytes()));
    who.key("k").try_send("POST", &events_of("INC-1"), body)
}

/// Runs the service with the call of that number failing in each thread, on the database and its
/// write-ahead log.
fn run(service: &Command, data: &Path, token: &str, fault: (&str, &str), number: u32) -> Run {
    let (calls, error) = fault;
    let log = data.with_file_name("calls");
    let mut command = Command::new("strace");
    // Detached: the process that is started, and told to stop, is the service.
    command.args(["-D", "-f", "-o"]).arg(&log);
    for file in ["allclear.db", "allclear.db-wal"] {
        command.arg("-P").arg(data.join(file));
    }
    command.arg(format!("--trace={calls}"));
    command.arg(format!("--inject={calls}:error={error}:when={number}"));
    command.arg(service.get_program()).args(service.get_args());
    for (name, value) in service.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        command.env(name, value);
    }
    let (told, ended) = match Server::try_of(command, data) {
        Err(ended) => (None, ended),
        Ok(server) => {
            let answer = ask(&Actor::new(server.address, token));
            let told = answer.ok().map(|it| it.status).filter(|status| *status != 503);
            (told, server.stop())
        }
    };
    let seen = || std::fs::read_to_string(&log).unwrap_or_default();
    until("strace has written what it saw", || {
        seen().lines().last().is_some_and(|it| it.contains("+++ "))
    });
    Run { told, ended, is_hit: seen().contains("(INJECTED)") }
}

/// What was acknowledged is there, and the rest is settled by asking again.
fn assert_settled(scratch: &Scratch, token: &str, run: &Run, at: &str) {
    let server = Server::on(&scratch.data());
    let ana = Actor::new(server.address, token);
    let texts = || -> Vec<String> {
        let events = ana.get(&events_of("INC-1")).is(200)["events"].as_array().unwrap().clone();
        let notes = events.iter().filter_map(|event| event["data"]["text"].as_str());
        notes.map(ToOwned::to_owned).collect()
    };
    match run.told {
        Some(201) => assert_eq!(texts(), [TEXT], "{at}: it was acknowledged"),
        Some(507) => assert_eq!(texts(), [""; 0], "{at}: it had no room"),
        Some(other) => panic!("{at}: it was answered {other}"),
        None => {}
    }
    assert_eq!(ask(&ana).unwrap().status, 201, "{at}");
    assert_eq!(texts(), [TEXT], "{at}: it is there once");
    assert!(server.stop().status.success());
    let verified = allclear().args(["verify", "--data"]).arg(scratch.data()).output().unwrap();
    assert!(verified.status.success(), "{at}: {}", String::from_utf8_lossy(&verified.stdout));
}

/// Makes each call of a run fail, one a run; `may_end` says with which codes a service ends then.
fn at_each(calls: &str, error: &str, may_end: &[i32]) {
    if !can_trace() {
        return skip("strace is not here, or may not trace");
    }
    let made = Scratch::new();
    let server = Server::on(&made.data());
    announce(&server.admin());
    assert!(server.stop().status.success());
    for number in 1..CALLS_MAX {
        let (token, scratch) = begin(&made.data());
        let run = run(&serve(&scratch.data()), &scratch.data(), &token, (calls, error), number);
        let at = format!("{error} at call {number} of {calls}");
        if !run.is_hit {
            println!("{error} at each of {} calls of {calls}", number - 1);
            assert!(number > 1, "{calls} was never called");
            return;
        }
        let code = run.ended.status.code().unwrap();
        assert!(may_end.contains(&code), "{at}: {code}, {}", run.ended.stderr);
        assert_settled(&scratch, &token, &run, &at);
    }
    panic!("a run makes more than {CALLS_MAX} calls of {calls}");
}

#[test]
fn a_sync_that_fails_anywhere_loses_nothing() {
    at_each(SYNCS, "EIO", &[70, 71]);
}

#[test]
fn a_write_that_fails_anywhere_loses_nothing() {
    at_each(WRITES, "EIO", &[70, 71]);
}

#[test]
fn a_write_without_room_anywhere_loses_nothing() {
    at_each(GROWING, "ENOSPC", &[0, 71]);
}

#[test]
fn a_service_that_answers_as_if_a_failed_commit_had_not_is_found_out() {
    if !can_trace() {
        return skip("strace is not here, or may not trace");
    }
    let scratch = Scratch::new();
    let data = scratch.data();
    // The tables are there then, and in their place: the first of its writes is that of the note.
    planted(&data, Defect::None).kill();
    planted(&data, Defect::None).kill();
    let run = run(&planting(&data, Defect::Careless), &data, "", (GROWING, "EIO"), 1);
    assert!(run.is_hit && run.told == Some(201), "{:?}, {}", run.told, run.ended.stderr);
    assert_eq!(Outsider::new().read(&data), [], "it was acknowledged and is lost");
}
