//! Requests that tests have in common.

use super::{Actor, Answer};
use allclear::incident::time::Moment;
use serde_json::{Value, json};
use std::time::SystemTime;

/// What the clock said so many minutes ago.
pub fn minutes_ago(minutes: i64) -> Value {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_micros()).unwrap();
    serde_json::to_value(Moment(now - minutes * 60_000_000).instant()).unwrap()
}

/// A note.
pub fn note(text: &str) -> Value {
    json!({ "type": "note_added", "data": { "text": text } })
}

/// The real incidents of the demo, as requests.
const REAL: [&str; 3] = [
    include_str!("../../src/cli/demo/config-reverted.json"),
    include_str!("../../src/cli/demo/migration-failed.json"),
    include_str!("../../src/cli/demo/rollback-without-effect.json"),
];

/// Tells the real incidents; gives their names.
pub fn tell_real(who: &Actor) -> Vec<String> {
    let tell = |text: &&str| {
        let script: Value = serde_json::from_str(text).unwrap();
        let incident = who.post("/v1/incidents", &script["announce"]).is(201);
        let name = incident["ref"].as_str().unwrap().to_owned();
        for batch in script["events"].as_array().unwrap() {
            append(who, &name, batch).is(201);
        }
        name
    };
    REAL.iter().map(tell).collect()
}

/// Announces an incident of checkout; gives its name.
pub fn announce(who: &Actor) -> String {
    let answer = who.post("/v1/incidents", &json!({ "service": "checkout", "reason": "5xx" }));
    answer.is(201)["ref"].as_str().unwrap().to_owned()
}

/// The address of an incident's events.
pub fn events_of(incident: &str) -> String {
    format!("/v1/incidents/{incident}/events")
}

/// Appends to an incident.
pub fn append(who: &Actor, incident: &str, events: &Value) -> Answer {
    who.post(&events_of(incident), events)
}

fn at(minutes: i64, kind: &str, data: Value) -> Value {
    json!({ "type": kind, "occurred": minutes_ago(minutes), "data": data })
}

/// The happy path of a rollback (design 2.5): five requests and fourteen events, told by ana, who
/// takes command. Its times lie in the last three quarters of an hour, so that the watch has run.
pub fn happy_path() -> (Value, Vec<Value>) {
    let posted = json!({ "channel": "#incidents" });
    let announcement = json!({
        "occurred": minutes_ago(40), "service": "checkout", "reason": "5xx after 2.4.1",
        "severity": "SEV1", "scenario": "bad_deploy", "running": "2.4.1", "previous": "2.4.0",
        "impact": { "level": "full", "since": minutes_ago(42) },
        "posted": posted, "commander": "ana",
        "events": [
            at(37, "response_decided", json!({ "situations": ["service_down"], "chosen": "rollback", "posted": posted })),
            at(36, "remedy_started", json!({ "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] })),
        ],
    });
    let finished = json!([
        at(
            31,
            "remedy_finished",
            json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] })
        ),
        at(30, "check_recorded", json!({ "check": "health", "ok": true })),
        at(29, "check_recorded", json!({ "check": "smoke", "ok": true })),
        at(28, "checks_passed", json!({ "impact_ended": true, "posted": posted })),
    ]);
    let progress =
        at(20, "update_posted", json!({ "purposes": ["progress"], "channel": "#incidents" }));
    let reading = |signal: &str| at(12, "check_recorded", json!({ "check": signal, "ok": true }));
    let resolved = json!([
        reading("http_5xx_rate"),
        reading("p99_latency"),
        reading("db_pool"),
        at(11, "resolved", json!({ "summary": "2.4.0 runs", "posted": posted })),
    ]);
    let last = at(1, "update_posted", json!({ "purposes": ["final"], "channel": "#incidents" }));
    (announcement, vec![finished, progress, resolved, last])
}

/// Plays the happy path; gives the incident's name.
pub fn play(ana: &Actor) -> String {
    let (announcement, batches) = happy_path();
    let incident = ana.post("/v1/incidents", &announcement).is(201);
    let incident = incident["ref"].as_str().unwrap().to_owned();
    for batch in &batches {
        append(ana, &incident, batch).is(201);
    }
    incident
}
