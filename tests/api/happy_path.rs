//! From announced to resolved in five requests and fourteen events (design 2.5).

use crate::outside::{Server, announce, append, events_of, happy_path, note};
use serde_json::Value;

#[test]
fn a_rollback_is_five_requests_and_fourteen_events_from_announced_to_resolved() {
    let server = Server::start();
    let ana = server.responder("ana");
    let (announcement, batches) = happy_path();

    let announced = ana.post("/v1/incidents", &announcement);
    let incident = announced.is(201);
    assert_eq!(announced.header("location"), Some("/v1/incidents/INC-1"));
    assert_eq!(announced.header("etag"), Some("\"4\""));
    assert_eq!(incident["state"], "mitigating");
    assert_eq!(incident["roles"]["commander"][0]["name"], "ana");
    assert_eq!(incident["remedies"][0]["state"], "running");

    let mut states = Vec::new();
    for batch in &batches {
        let answer = append(&ana, "INC-1", batch).is(201);
        states.push((answer["state"].as_str().unwrap().to_owned(), answer["version"].clone()));
    }
    let states: Vec<(&str, u64)> =
        states.iter().map(|(state, version)| (state.as_str(), version.as_u64().unwrap())).collect();
    assert_eq!(states, [("monitoring", 8), ("monitoring", 9), ("resolved", 13), ("resolved", 14)]);

    let events = ana.get(&events_of("INC-1")).is(200);
    let types: Vec<&str> = types(&events);
    assert_eq!(
        types,
        [
            "announced",
            "role_assigned",
            "response_decided",
            "remedy_started",
            "remedy_finished",
            "check_recorded",
            "check_recorded",
            "checks_passed",
            "update_posted",
            "check_recorded",
            "check_recorded",
            "check_recorded",
            "resolved",
            "update_posted",
        ]
    );
    assert!(events["events"].as_array().unwrap().iter().all(|event| {
        event["overrides"] == serde_json::json!([]) && event["deviations"] == serde_json::json!([])
    }));
}

fn types(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|it| it["type"].as_str().unwrap()).collect()
}

#[test]
fn who_prefers_the_minimum_is_not_told_what_comes_next() {
    const APPLIED: &str = "preference-applied";
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let given = ["return=minimal", "Return=\"minimal\"", "wait=5, return=minimal; x=y"];
    for preference in given {
        let answer = append(&ana.with("Prefer", preference), &incident, &note("a"));
        let told = answer.is(201);
        let keys: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["events", "state", "version"], "{preference}");
        assert_eq!(answer.header(APPLIED), Some("return=minimal"));
    }
    for preference in [
        "return=representation",
        "return=representation, return=minimal",
        "minimal",
        "wait=5; return=minimal",
    ] {
        let answer = append(&ana.with("Prefer", preference), &incident, &note("a"));
        assert!(answer.is(201)["next"].is_array(), "{preference}");
        assert_eq!(answer.header(APPLIED), None);
    }
    let tool = ana.with("Prefer", "return=minimal").key("k");
    append(&tool, &incident, &note("b")).is(201);
    let again = append(&ana.key("k"), &incident, &note("b"));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert!(again.is(201)["next"].is_array());
}
