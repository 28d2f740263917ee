//! `/v1/incidents`: announcing, and the board.

mod board;
mod id;
mod system;

use crate::outside::{Server, minutes_ago};
use serde_json::{Value, json};

#[test]
fn announcing_needs_a_service_and_a_reason_and_answers_the_incident() {
    let server = Server::start();
    let ana = server.responder("ana");
    let answer = ana.post("/v1/incidents", &json!({ "service": "checkout", "reason": "5xx" }));
    let incident = answer.is(201);
    assert_eq!(answer.header("location"), Some("/v1/incidents/INC-1"));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(incident["ref"], "INC-1");
    assert_eq!(incident["state"], "announced");
    assert_eq!(incident["status_page"], "investigating");
    assert_eq!(incident["version"], 1);
    assert_eq!(ana.get("/v1/incidents/INC-1").json()["id"], incident["id"]);
    let by_id = format!("/v1/incidents/{}", incident["id"].as_str().unwrap());
    assert_eq!(ana.get(&by_id).is(200)["ref"], "INC-1");
    ana.get(&by_id.to_uppercase().replace("/V1/INCIDENTS", "/v1/incidents")).is(200);
}

#[test]
fn a_live_incident_entered_as_one_batch_is_one_request_and_four_events() {
    let server = Server::start();
    let ana = server.responder("ana");
    let announcement = json!({
        "service": "checkout", "reason": "5xx after 2.4.1", "running": "2.4.1", "commander": "ana",
        "events": [
            { "type": "response_decided", "data": { "situations": ["service_down"], "chosen": "rollback" } },
            { "type": "remedy_started", "data": { "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] } },
        ],
    });
    let incident = ana.post("/v1/incidents", &announcement).is(201);
    assert_eq!((&incident["state"], &incident["version"]), (&json!("mitigating"), &json!(4)));
    let events = ana.get("/v1/incidents/INC-1/events").json();
    let events = events["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["batch"] == events[0]["batch"]));
    assert_eq!(events[2]["data"]["recommended"], "rollback");
    assert_eq!(events[2]["data"]["row"], 1);
}

#[test]
fn an_announcement_on_condition_is_none_for_what_is_not_there_has_no_version() {
    let server = Server::start();
    let ana = server.responder("ana");
    let position = server.position();
    let announcement = json!({ "service": "checkout", "reason": "5xx" });
    for tag in ["\"0\"", "\"1\"", "\"17\""] {
        let keyed = ana.with("Idempotency-Key", "once");
        keyed.with("If-Match", tag).post("/v1/incidents", &announcement).is_problem(412, "stale");
    }
    ana.with("If-Match", "*").post("/v1/incidents", &announcement).is_problem(400, "bad_header");
    assert_eq!(server.position(), position);
    let keyed = ana.with("Idempotency-Key", "once");
    assert_eq!(keyed.post("/v1/incidents", &announcement).is(201)["ref"], "INC-1");
}

#[test]
fn an_announcement_that_is_refused_in_part_is_refused_whole_and_takes_no_number() {
    let server = Server::start();
    let ana = server.responder("ana");
    let position = server.position();
    let mut announcement = json!({ "service": "checkout", "reason": "5xx", "commander": "ana",
        "events": [{ "type": "note_added", "data": { "text": "x" } }, { "type": "resolved" }] });
    let problem = ana.post("/v1/incidents", &announcement).is_problem(409, "unverified");
    assert_eq!(problem["event"], 3);
    assert_eq!(problem["version"], 3);
    assert_eq!(server.position(), position);
    announcement["events"] = json!([]);
    assert_eq!(ana.post("/v1/incidents", &announcement).is(201)["ref"], "INC-1");
}

#[test]
fn the_commander_may_be_somebody_who_is_no_principal() {
    let server = Server::start();
    let ana = server.responder("ana");
    let announcement = json!({ "service": "checkout", "reason": "5xx", "commander": "Zoe" });
    let incident = ana.post("/v1/incidents", &announcement).is(201);
    assert_eq!(incident["roles"]["commander"][0]["name"], "Zoe");
    assert_eq!(incident["roles"]["commander"][0].get("id"), None);
}

#[test]
fn every_fault_of_an_announcement_is_told_with_its_own_pointer() {
    let server = Server::start();
    let ana = server.responder("ana");
    let position = server.position();
    let announcement = json!({
        "service": 7, "colour": "red", "commander": [], "occurred": "yesterday",
        "events": [
            { "type": "note_added", "data": {} },
            { "type": "dreamt", "data": {} },
            { "type": "note_added", "data": { "text": "x", "size": 3 }, "by": "me" },
        ],
    });
    let answer = ana.post("/v1/incidents", &announcement);
    answer.is_problem(422, "invalid");
    let mut pointers = answer.pointers();
    pointers.sort();
    let expected = [
        "/colour",
        "/commander",
        "/events/0/data/text",
        "/events/1/type",
        "/events/2/by",
        "/events/2/data/size",
        "/occurred",
        "/reason",
        "/service",
    ];
    assert_eq!(pointers, expected);
    assert_eq!(server.position(), position);
}

#[test]
fn what_only_the_log_knows_to_be_wrong_is_told_with_its_place_in_the_request() {
    let server = Server::start();
    let ana = server.responder("ana");
    let unknown =
        json!({ "type": "linked", "data": { "relation": "related", "incident": "INC-77" } });
    let late =
        json!({ "type": "note_added", "occurred": minutes_ago(-60), "data": { "text": "x" } });
    let base = json!({ "service": "checkout", "reason": "5xx" });
    let with = |name: &str, value: Value| {
        let mut announcement = base.clone();
        announcement[name] = value;
        announcement
    };
    let mut commanded =
        with("events", json!([{ "type": "note_added", "data": { "text": "x" } }, unknown]));
    let place = |announcement: &Value| {
        let answer = ana.post("/v1/incidents", announcement);
        answer.is_problem(422, "invalid");
        answer.pointers()
    };
    assert_eq!(place(&commanded), ["/events/1/data/incident"]);
    commanded["commander"] = json!("ana");
    assert_eq!(place(&commanded), ["/events/1/data/incident"]);
    assert_eq!(place(&with("events", json!([late]))), ["/events/0/occurred"]);
    assert_eq!(place(&with("occurred", minutes_ago(-60))), ["/occurred"]);
}

#[test]
fn an_erasure_that_does_not_fit_is_refused_at_its_place() {
    let server = Server::start();
    let ana = server.admin();
    let erasure = json!({ "type": "redacted", "data": { "version": 7, "reason": "a secret" } });
    let announcement =
        json!({ "service": "checkout", "reason": "5xx", "commander": "ana", "events": [erasure] });
    let answer = ana.post("/v1/incidents", &announcement);
    answer.is_problem(422, "invalid");
    assert_eq!(answer.pointers(), ["/events/0/data/version"]);
}

#[test]
fn an_announcement_with_too_many_events_is_refused() {
    let server = Server::start();
    let ana = server.responder("ana");
    let notes = vec![json!({ "type": "note_added", "data": { "text": "x" } }); 31];
    let mut announcement =
        json!({ "service": "checkout", "reason": "5xx", "commander": "ana", "events": notes });
    ana.post("/v1/incidents", &announcement).is_problem(422, "invalid");
    announcement["events"].as_array_mut().unwrap().pop();
    assert_eq!(ana.post("/v1/incidents", &announcement).is(201)["version"], 32);
}
