//! `/v1/incidents/{id}`: one incident, now and as it was.

mod conformance;
mod events;
mod figures;
mod past;
mod postmortem;
mod replay;
mod stream;
mod timeline;

use crate::outside::{Server, announce, append, note, play};
use serde_json::Value;

#[test]
fn an_incident_says_where_it_stands_and_what_may_happen_next() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let answer = ana.get(&format!("/v1/incidents/{incident}"));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let out = answer.is(200);
    let next = |kind: &str| {
        let next = out["next"].as_array().unwrap().iter();
        next.clone().find(|it| it["type"] == kind).unwrap_or_else(|| panic!("{kind}")).clone()
    };
    assert_eq!(next("note_added")["allowed"], true);
    assert_eq!(next("note_added").get("refusal"), None);
    assert_eq!(next("resolved")["allowed"], false);
    assert_eq!(next("resolved")["refusal"]["code"], "unverified");
    assert!(next("resolved")["refusal"]["unmet"][0]["overridable"].as_bool().unwrap());
}

#[test]
fn an_incident_is_shown_as_it_stood_at_every_version() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    let states: Vec<String> = (1..=14)
        .map(|version| {
            let answer = ana.get(&format!("/v1/incidents/{incident}?version={version}"));
            let out = answer.is(200);
            assert_eq!(out["version"], version);
            assert_eq!(answer.header("etag"), Some(format!("\"{version}\"").as_str()));
            out["state"].as_str().unwrap().to_owned()
        })
        .collect();
    let expected = [
        "announced",
        "announced",
        "mitigating",
        "mitigating",
        "mitigating",
        "mitigating",
        "mitigating",
        "monitoring",
        "monitoring",
        "monitoring",
        "monitoring",
        "monitoring",
        "resolved",
        "resolved",
    ];
    assert_eq!(states, expected);
    ana.get(&format!("/v1/incidents/{incident}?version=15")).is_problem(404, "not_yet");
    ana.get(&format!("/v1/incidents/{incident}?version=0")).is_problem(400, "bad_query");
    let both = format!("/v1/incidents/{incident}?version=1&at=2026-01-01T00:00:00Z");
    ana.get(&both).is_problem(400, "bad_query");
}

#[test]
fn an_incident_is_shown_as_it_stood_at_a_moment() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    append(&ana, &incident, &note("x")).is(201);
    let events = ana.get(&format!("/v1/incidents/{incident}/events")).is(200);
    for event in events["events"].as_array().unwrap() {
        let at = event["recorded_at"].as_str().unwrap();
        // A plus that is sent bare reads as a space, and is understood.
        for at in [at.to_owned(), at.replace('+', "%2B")] {
            let out = ana.get(&format!("/v1/incidents/{incident}?at={at}")).is(200);
            assert_eq!(out["version"], event["version"]);
        }
    }
    let at = |at: &str| ana.get(&format!("/v1/incidents/{incident}?at={at}"));
    at("2001-01-01T00:00:00Z").is_problem(404, "not_yet");
    assert_eq!(at("2999-01-01T00:00:00Z").is(200)["version"], 2);
    at("now").is_problem(400, "bad_query");
}

#[test]
fn an_incident_that_is_not_there_is_unknown_under_every_address() {
    let server = Server::start();
    let ana = server.responder("ana");
    announce(&ana);
    let ids = [
        "INC-0",
        "INC-2",
        "INC-+1",
        "INC-",
        "INC-18446744073709551615",
        "INC-99999999999999999999",
        "inc_1",
        "1",
        "019ab3c4-0000-7000-8000-000000000000",
        "%00",
        "%ff",
        "%2e%2e",
        "INC-1%00",
        "%F0%9F%92%A9",
        "INC-1%2Fevents",
    ];
    for id in ids {
        for end in [
            "",
            "/events",
            "/timeline",
            "/figures",
            "/conformance",
            "/postmortem",
            "/replay",
            "/stream",
        ] {
            let path = format!("/v1/incidents/{id}{end}");
            let problem: Value = ana.get(&path).is_problem(404, "incident_unknown");
            assert!(!problem["detail"].as_str().unwrap().contains("INC-1%"), "{path}");
        }
        append(&ana, id, &note("x")).is_problem(404, "incident_unknown");
    }
}
