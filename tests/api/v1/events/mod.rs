//! `/v1/events`: the whole log.

mod stream;

use crate::outside::{Actor, Server, announce, append, note, play};
use serde_json::{Value, json};

/// Every event that `who` is shown, page by page.
fn walk(who: &Actor, first: &str) -> (Vec<Value>, usize) {
    let (mut events, mut pages, mut address) = (Vec::new(), 0, Some(first.to_owned()));
    while let Some(page) = address {
        let answer = who.get(&page);
        events.extend(answer.is(200)["events"].as_array().unwrap().clone());
        address = answer.next_page();
        pages += 1;
    }
    (events, pages)
}

fn positions(events: &[Value]) -> Vec<u64> {
    events.iter().map(|event| event["position"].as_u64().unwrap()).collect()
}

#[test]
fn the_log_is_walked_page_by_page_in_the_order_of_positions() {
    let server = Server::start();
    play(&server.responder("ana"));
    let admin = server.admin();
    let (whole, pages) = walk(&admin, "/v1/events");
    assert_eq!(pages, 1);
    assert_eq!(positions(&whole), (1..=server.position()).collect::<Vec<_>>());
    let (walked, pages) = walk(&admin, "/v1/events?limit=4");
    assert!(pages > 4);
    assert_eq!(walked, whole);
    let (rest, _) = walk(&admin, "/v1/events?after=9&limit=5");
    assert_eq!(rest, whole[9..]);
    let (none, _) = walk(&admin, "/v1/events?after=9999");
    assert!(none.is_empty());
}

#[test]
fn the_acts_of_the_service_are_shown_to_admins_and_auditors_only() {
    let server = Server::start();
    let ana = server.responder("ana");
    let auditor = server.person("otto", "auditor");
    let incident = announce(&ana);
    server.responder("ben");
    append(&ana, &incident, &note("x")).is(201);
    let is_system = |event: &Value| event["ref"] == "SYS";
    for who in [&server.admin(), &auditor] {
        let (events, _) = walk(who, "/v1/events");
        assert!(is_system(&events[0]));
        assert_eq!(events[0]["type"], "service_started");
        assert_eq!(events[0]["to"], Value::Null);
        assert_eq!(events.len() as u64, server.position());
    }
    let tool = server.tool("ci", &["read", "append"]);
    for who in [&ana, &tool] {
        // Pages that have nothing to show lead on all the same.
        let (events, pages) = walk(who, "/v1/events?limit=1");
        let types: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
        assert_eq!(types, ["announced", "note_added"]);
        assert!(pages as u64 >= server.position());
    }
}

#[test]
fn nobody_appends_to_the_service_s_own_acts_or_reads_them_as_an_incident() {
    // What there is of them at /v1/incidents/SYS has tests of its own.
    let server = Server::start();
    let admin = server.admin();
    let nil = "00000000-0000-0000-0000-000000000000";
    append(&admin, nil, &note("x")).is_problem(404, "incident_unknown");
    admin.get(&format!("/v1/incidents/{nil}")).is_problem(404, "incident_unknown");
    admin.get(&format!("/v1/incidents/{nil}/events")).is_problem(404, "incident_unknown");
    admin.get("/v1/incidents/SYS").is_problem(404, "incident_unknown");
    append(&admin, "SYS", &note("x")).is_problem(422, "invalid");
}

#[test]
fn an_event_comes_out_whole() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let event = json!({ "type": "note_added", "actor": "customer", "as_written": "five past two",
        "occurred": { "at": "2021-05-29T16:37:00-06:00", "precision": "minute" },
        "data": { "text": "slow", "pinned": true } });
    let mut out = append(&ana, &incident, &event).is(201)["events"][0].clone();
    for (member, prefix) in [("recorded_at", "20"), ("incident", "0"), ("batch", "0")] {
        assert!(out[member].as_str().unwrap().starts_with(prefix), "{member}");
        out[member] = json!("…");
    }
    assert!(out["by"]["id"].as_str().unwrap().starts_with("u_"));
    out["by"]["id"] = json!("…");
    let expected = json!({
        "position": 9, "incident": "…", "ref": "INC-1", "version": 2, "type": "note_added",
        "recorded_at": "…",
        "occurred": { "at": "2021-05-29T16:37:00-06:00", "precision": "minute" },
        "as_written": "five past two", "by": { "id": "…", "name": "ana" },
        "actor": { "name": "customer" }, "to": "announced", "batch": "…", "overrides": [],
        "deviations": [], "data": { "text": "slow", "pinned": true }, "redacted": false,
    });
    assert_eq!(out, expected);
}
