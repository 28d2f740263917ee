//! `/v1/incidents/{id}/conformance`, and what an incident owes.

use crate::outside::{Server, announce, play};
use serde_json::json;

#[test]
fn a_deviation_comes_with_its_rule_its_events_and_the_line_of_the_runbook() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/conformance", announce(&ana));
    assert_eq!(ana.get(&path).is(200)["clean"], true, "nothing can be late yet");
    let later = ana.get(&format!("{path}?judged_at=2100-01-01T00:00:00Z")).is(200);
    assert_eq!(later["judged_at"], "2100-01-01T00:00:00+00:00");
    let found = later["deviations"].as_array().unwrap();
    let missed = found.iter().find(|it| it["rule"] == "obligation_missed").unwrap();
    assert_eq!(missed["events"], json!([1]));
    assert_eq!(missed["line"], "IC announces incident in #incidents");
}

#[test]
fn conformance_comes_in_three_forms() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/conformance", play(&ana));
    assert_eq!(ana.get(&path).is(200)["state"], "resolved");
    let markdown = ana.get(&format!("{path}?format=markdown"));
    assert!(markdown.text().starts_with("# Conformance of INC-1"));
    let text = ana.with("Accept", "text/plain").get(&path);
    assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(ana.get(&format!("{path}?judged_at=noon")).is(400)["code"], "bad_query");
}

#[test]
fn an_incident_tells_what_it_owes_and_the_whole_checklist() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}", announce(&ana));
    let out = ana.get(&path).is(200);
    let slots =
        out["obligations"].as_array().unwrap().iter().map(|it| it["slot"].as_str().unwrap());
    let expected = ["announcement", "assessment", "progress", "stability", "final", "postmortem"];
    assert_eq!(slots.collect::<Vec<_>>(), expected);
    assert_eq!(out["obligations"][1]["standing"], "upcoming");
    assert_eq!(out["checklist"].as_array().unwrap().len(), 7);
    let item = json!({ "item": "capture_logs", "outcome": "open", "is_question": false,
        "says": "Capture logs from the failed deployment window" });
    assert_eq!(out["checklist"][0], item);
    let ticked = json!({ "type": "checklist_marked",
        "data": { "item": "caught_by_tests", "outcome": "done" } });
    let refused = ana.post(&format!("{path}/events"), &ticked).is(422);
    assert_eq!(refused["errors"][0]["pointer"], "/data/answer");
}
