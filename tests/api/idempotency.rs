//! One key of one principal makes one batch, for ever (promise P4).

use crate::outside::{Answer, Scratch, Server, announce, append, events_of, note};
use serde_json::{Value, json};
use std::sync::Barrier;

const REPLAYED: &str = "idempotent-replayed";

/// What must be equal when an answer is given again: all but the mark and the request's own id.
fn substance(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let own = |name: &str| [REPLAYED, "x-request-id", "date", "ratelimit"].contains(&name);
    let headers = answer.headers.iter().filter(|(name, _)| !own(name)).cloned().collect();
    (answer.status, headers, answer.json())
}

#[test]
fn the_same_key_again_gets_the_first_answer_even_when_the_incident_has_moved_on() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let batch = json!([note("a"), note("b")]);
    let first = append(&ana.key("k-1"), &incident, &batch);
    first.is(201);
    assert_eq!(first.header(REPLAYED), None);
    append(&ana, &incident, &json!({ "type": "cancelled", "data": { "why": "false_alarm" } }))
        .is(201);
    let position = server.position();
    let again = append(&ana.key("k-1"), &incident, &batch);
    assert_eq!(again.header(REPLAYED), Some("true"));
    assert_eq!(substance(&again), substance(&first));
    assert_eq!(server.position(), position);
}

#[test]
fn a_key_is_the_same_with_and_without_its_quotes() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    append(&ana.key("\"k-1\""), &incident, &note("a")).is(201);
    let bare = append(&ana.key("k-1"), &incident, &note("a"));
    assert_eq!(bare.header(REPLAYED), Some("true"));
}

#[test]
fn a_key_makes_an_announcement_once() {
    let server = Server::start();
    let ana = server.responder("ana");
    let announcement = json!({ "service": "checkout", "reason": "5xx", "commander": "ana" });
    let first = ana.key("k").post("/v1/incidents", &announcement);
    let again = ana.key("k").post("/v1/incidents", &announcement);
    assert_eq!(again.header(REPLAYED), Some("true"));
    assert_eq!(substance(&again), substance(&first));
    let other = json!({ "service": "basket", "reason": "5xx" });
    ana.key("k").post("/v1/incidents", &other).is_problem(422, "key_reused");
    let board = ana.get("/v1/incidents").is(200);
    assert_eq!(board["incidents"].as_array().unwrap().len(), 1);
}

#[test]
fn a_key_with_another_body_incident_or_condition_is_refused_and_changes_nothing() {
    let server = Server::start();
    let ana = server.responder("ana");
    let (one, two) = (announce(&ana), announce(&ana));
    let keyed = ana.key("k");
    append(&keyed, &one, &note("a")).is(201);
    let position = server.position();
    append(&keyed, &one, &note("b")).is_problem(422, "key_reused");
    append(&keyed, &two, &note("a")).is_problem(422, "key_reused");
    append(&keyed.with("If-Match", "\"2\""), &one, &note("a")).is_problem(422, "key_reused");
    keyed.post("/v1/incidents", &note("a")).is_problem(422, "invalid");
    assert_eq!(server.position(), position);
}

#[test]
fn a_key_belongs_to_its_principal() {
    let server = Server::start();
    let (ana, ben) = (server.responder("ana"), server.responder("ben"));
    let incident = announce(&ana);
    append(&ana.key("k"), &incident, &note("a")).is(201);
    let answer = append(&ben.key("k"), &incident, &note("a"));
    assert_eq!(answer.header(REPLAYED), None);
    assert_eq!(answer.is(201)["version"], 3);
}

#[test]
fn a_request_that_was_turned_away_leaves_its_key_free() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let keyed = ana.key("k");
    append(&keyed, &incident, &json!({ "type": "resolved" })).is_problem(409, "unverified");
    append(&keyed, &incident, &note("a")).is(201);
}

#[test]
fn a_hundred_requests_at_once_with_one_key_make_one_batch_and_a_hundred_equal_answers() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let together = Barrier::new(100);
    let ask = || {
        let client = ana.key("one");
        together.wait();
        append(&client, &incident, &json!([note("a"), note("b")]))
    };
    let ask = &ask;
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..100).map(|_| scope.spawn(ask)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let first = substance(&answers[0]);
    assert_eq!(first.0, 201);
    assert!(answers.iter().all(|answer| substance(answer) == first));
    let fresh = answers.iter().filter(|answer| answer.header(REPLAYED).is_none());
    assert_eq!(fresh.count(), 1);
    let page = ana.get(&events_of(&incident)).is(200);
    assert_eq!(page["events"].as_array().unwrap().len(), 3);
}

#[test]
fn a_key_survives_a_restart_and_a_crash() {
    let scratch = Scratch::new();
    let mut server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let first = append(&ana.key("k"), &incident, &note("a"));
    for is_clean in [true, false] {
        if is_clean {
            assert!(server.stop().status.success());
        } else {
            server.kill();
        }
        server = Server::on(&scratch.data());
        let ana = ana.at(server.address).key("k");
        let again = append(&ana, &incident, &note("a"));
        assert_eq!(again.header(REPLAYED), Some("true"));
        assert_eq!(substance(&again), substance(&first));
        append(&ana, &incident, &note("b")).is_problem(422, "key_reused");
    }
}
