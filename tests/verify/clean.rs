//! No false alarm, whatever became of the server.

use crate::flips::Dice;
use crate::log::{Log, copy, tell};
use crate::outside::{Actor, Scratch, Server, append, note};
use allclear::engine::audit::{Group, Kind, Outcome};
use serde_json::{Value, json};

#[test]
fn a_closed_log_is_clean_and_covered_to_its_last_event() {
    let log = Log::new();
    let (findings, summary) = log.audit();
    assert!(findings.iter().all(|it| it.detail.contains("without a key")), "{findings:?}");
    assert_eq!(summary.outcome(), Outcome::Clean);
    assert_eq!((summary.events, summary.covered), (log.events(), log.events()));
    assert_eq!(summary.incidents, 3);
    let (code, said) = log.verify(&["--checkpoint", log.checkpoint().to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(&summary.root), "{said}");
    assert!(std::fs::read_to_string(log.checkpoint()).unwrap().contains(&summary.root));
}

#[test]
fn a_running_a_killed_and_a_copied_log_are_clean() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    tell(&server);
    let verified = |place: &std::path::Path| {
        let log = Log::copy_of(place);
        let (findings, summary) = log.audit();
        assert!(findings.iter().all(|finding| finding.kind == Kind::Note), "{findings:?}");
        assert_eq!(summary.events, log.events());
        assert_eq!(log.verify(&[]).0, 0);
    };
    let mut running = crate::outside::allclear();
    running.args(["verify", "--data"]).arg(scratch.data());
    let (code, said) = crate::log::said(&running.output().unwrap());
    assert_eq!(code, 0, "{said}");
    server.kill();
    verified(scratch.path());
    // As a backup would have it: the database and its write-ahead log.
    let copied = Scratch::new();
    copy(scratch.path(), copied.path());
    std::fs::remove_file(copied.data().join("allclear.db-shm")).unwrap();
    verified(copied.path());
    let server = Server::on(&scratch.data());
    verified(scratch.path());
    assert!(server.stop().status.success());
    verified(scratch.path());
}

/// How many logs are grown, and how often each is looked at: 25 times 8 are two hundred databases.
const LOGS: u64 = 25;
const TURNS: u64 = 2;

/// Grows a log turn by turn: killed, started again and redacted, killed in that, stopped, compacted.
/// Each time a copy of the directory is audited; gives how many were.
fn grow(seed: u64) -> u64 {
    let scratch = Scratch::new();
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut audited = 0;
    for _ in 0..TURNS {
        let server = Server::on(&scratch.data());
        let secrets = happen(&server.admin(), &mut dice);
        server.kill();
        audited += clean(scratch.path(), "killed");
        let server = Server::on(&scratch.data());
        for (incident, version, replacement) in &secrets {
            let mut redacted = json!({ "version": version, "reason": "a secret" });
            if let Some(replacement) = replacement {
                redacted["replacement"] = json!({ "data": replacement });
            }
            let redacted = json!({ "type": "redacted", "data": redacted });
            append(&server.admin(), incident, &redacted).is(201);
        }
        server.kill();
        audited += clean(scratch.path(), "redacted and killed");
        assert!(Server::on(&scratch.data()).stop().status.success());
        audited += clean(scratch.path(), "redacted and stopped");
        let file = rusqlite::Connection::open(scratch.data().join("allclear.db")).unwrap();
        file.execute_batch("VACUUM").unwrap();
        file.close().unwrap();
        audited += clean(scratch.path(), "compacted");
    }
    audited
}

/// An incident, much or little of it, with one or two secrets: what to erase and what stands for it.
fn happen(admin: &Actor, dice: &mut Dice) -> Vec<(String, u64, Option<Value>)> {
    let told = json!({ "service": "checkout", "reason": format!("5xx, key {}", dice.below(99)),
        "commander": "admin" });
    let answer = admin.key(&format!("k{}", dice.below(u64::MAX))).post("/v1/incidents", &told);
    let incident = answer.is(201)["ref"].as_str().unwrap().to_owned();
    let stands = json!({ "service": "checkout", "reason": "[redacted]" });
    let mut secrets = Vec::new();
    if dice.below(3) == 0 {
        secrets.push((incident.clone(), 1, Some(stands)));
    }
    for _ in 0..=dice.below(6) {
        let long = "and more ".repeat(dice.below(700) as usize);
        let kinds = [
            note(&format!("a note {long}")),
            json!({ "type": "detected", "data": { "source": "staff", "signal": long } }),
            json!({ "type": "impact_changed", "data": { "level": "full", "note": long } }),
            json!({ "type": "remedy_started", "override": { "reason": "now" }, "data": {
                "kind": "restart", "what": "the pods" } }),
            json!({ "type": "corrected", "data": { "version": 1, "reason": "wrong clock",
                "occurred": "2026-01-01T00:00:00Z" } }),
        ];
        let count = dice.below(4) + 1;
        let batch: Vec<&Value> = (0..count).map(|_| &kinds[dice.below(5) as usize]).collect();
        append(admin, &incident, &json!(batch)).is(201);
    }
    let noted = append(admin, &incident, &note("hunter2")).is(201);
    secrets.push((incident, noted["events"][0]["version"].as_u64().unwrap(), None));
    secrets
}

/// Audits a copy of what is there: nothing but notes, here and by the program.
fn clean(place: &std::path::Path, how: &str) -> u64 {
    let log = Log::copy_of(place);
    let (findings, summary) = log.audit();
    assert!(findings.iter().all(|finding| finding.kind == Kind::Note), "{how}: {findings:?}");
    assert_eq!(summary.outcome(), Outcome::Clean, "{how}");
    let machine = findings.iter().filter(|finding| finding.group == Group::Machine);
    assert_eq!(machine.count(), 0, "{how}: today's machines agree: {findings:?}");
    1
}

#[test]
fn of_two_hundred_clean_compacted_redacted_and_killed_databases_none_is_called_damaged() {
    // Four at a time: each waits for its server more than for a processor.
    let audited: u64 = std::thread::scope(|scope| {
        let parts = [0, 1, 2, 3].map(|part| {
            scope.spawn(move || (1..=LOGS).filter(|it| it % 4 == part).map(grow).sum::<u64>())
        });
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    assert_eq!(audited, 200);
}

#[test]
fn verifying_changes_nothing_in_the_directory() {
    let log = Log::new();
    let before = std::fs::read(log.database()).unwrap();
    let names = || std::fs::read_dir(log.data()).unwrap().count();
    let count = names();
    assert_eq!(log.verify(&[]).0, 0);
    assert_eq!(std::fs::read(log.database()).unwrap(), before);
    assert_eq!(names(), count);
}

#[test]
fn the_report_is_lines_of_json_when_that_is_asked_for() {
    let log = Log::new();
    log.flip(3, "data", 77);
    let (code, said) = log.verify(&["--json"]);
    assert_eq!(code, 4, "{said}");
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with('{')).collect();
    let [finding, note, summary] = lines.as_slice() else { panic!("{said}") };
    let note: serde_json::Value = serde_json::from_str(note).unwrap();
    assert_eq!((&note["kind"], &note["group"]), (&"note".into(), &"people".into()));
    let finding: serde_json::Value = serde_json::from_str(finding).unwrap();
    assert_eq!((&finding["position"], &finding["group"]), (&3.into(), &"data".into()));
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    assert_eq!(summary["outcome"], "events_damaged");
    assert_eq!(summary["summary"]["damaged"], 1);
}

#[test]
fn what_is_no_log_is_said_so() {
    let scratch = Scratch::new();
    let mut command = crate::outside::allclear();
    command.args(["verify", "--data"]).arg(scratch.path());
    let (code, said) = crate::log::said(&command.output().unwrap());
    assert!(code == 71 && said.contains("has no allclear log"), "{said}");
}
