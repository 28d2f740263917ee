//! `/v1/incidents/{id}/events`: appending and reading.

use crate::outside::{Server, announce, append, events_of, minutes_ago, note, play};
use serde_json::{Value, json};

#[test]
fn one_event_and_an_array_of_them_are_answered_as_recorded() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let one = append(&ana, &incident, &note("a"));
    let two = append(&ana, &incident, &json!([note("b"), note("c")]));
    assert_eq!(one.header("etag"), Some("\"2\""));
    assert_eq!(two.header("etag"), Some("\"4\""));
    assert_eq!(two.json()["version"], 4);
    let stored = ana.get(&events_of(&incident)).is(200);
    let told = [one.is(201)["events"].clone(), two.is(201)["events"].clone()];
    let told: Vec<Value> = told.iter().flat_map(|it| it.as_array().unwrap().clone()).collect();
    assert_eq!(stored["events"].as_array().unwrap()[1..], told);
}

#[test]
fn a_refusal_says_what_stands_against_it_and_what_is_allowed_instead() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let position = server.position();
    let batch = json!([note("a"), { "type": "resolved" }]);
    let problem = append(&ana, &incident, &batch).is_problem(409, "unverified");
    assert_eq!(problem["type"], "/docs#problem-refusal");
    assert_eq!(problem["event"], 1);
    assert_eq!(problem["state"], "announced");
    assert_eq!(problem["version"], 2, "as the event found it");
    assert_eq!(problem["unmet"][0]["code"], "unverified");
    assert_eq!(problem["unmet"][0]["overridable"], true);
    assert!(problem["unmet"].as_array().unwrap().len() > 1, "every guard is told: {problem}");
    let next = problem["next"].as_array().unwrap();
    assert!(next.iter().any(|it| it["type"] == "response_decided" && it["allowed"] == true));
    assert_eq!(server.position(), position);
    assert_eq!(ana.get(&format!("/v1/incidents/{incident}")).json()["version"], 1);
}

#[test]
fn the_commander_and_an_admin_override_a_guard_and_nobody_else_does() {
    let server = Server::start();
    let (ana, ben) = (server.responder("ana"), server.responder("ben"));
    let incident = announce(&ana);
    let start = |reason: &str| {
        json!({ "type": "remedy_started", "override": { "reason": reason },
            "data": { "kind": "restart", "what": "checkout" } })
    };
    let bare =
        json!({ "type": "remedy_started", "data": { "kind": "restart", "what": "checkout" } });
    append(&ana, &incident, &bare).is_problem(409, "undecided");
    append(&ana, &incident, &start("3 a.m.")).is_problem(403, "not_the_commander");
    let command = json!({ "type": "role_assigned", "data": { "role": "commander", "to": "ana" } });
    let answer = append(&ana, &incident, &json!([command, start("3 a.m.")])).is(201);
    assert_eq!(answer["events"][1]["overrides"], json!(["undecided"]));
    assert_eq!(answer["events"][1]["override_reason"], "3 a.m.");
    append(&ben, &incident, &start("me too")).is_problem(403, "not_the_commander");
    let bot = server.tool("bot", &["append", "act_as"]);
    append(&bot, &incident, &start("beep")).is_problem(403, "not_the_commander");
    append(&bot.with("On-Behalf-Of", "ben"), &incident, &start("beep"))
        .is_problem(403, "not_the_commander");
    append(&bot.with("On-Behalf-Of", "ana"), &incident, &start("for ana")).is(201);
    append(&server.admin(), &incident, &start("by an admin")).is(201);
}

#[test]
fn an_append_that_saw_an_old_version_is_refused_and_says_the_current_one() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    append(&ana, &incident, &note("a")).is(201);
    let seeing = |tag: &str| append(&ana.with("If-Match", tag), &incident, &note("b"));
    for stale in ["\"1\"", "\"3\"", "\"0\"", "\"9007199254740992\"", "\"18446744073709551615\""] {
        let problem = seeing(stale).is_problem(412, "stale");
        assert_eq!(problem["current_version"], 2);
    }
    let batch = json!([note("b"), note("c")]);
    append(&ana.with("If-Match", "\"2\""), &incident, &batch).is(201);
    for garbage in
        ["2", "W/\"4\"", "*", "\"four\"", "\"\"", "\"-4\"", "\"4\", \"5\"", "\"4", "\"+4\""]
    {
        seeing(garbage).is_problem(400, "bad_header");
    }
}

#[test]
fn a_stale_condition_is_told_before_a_refusal() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    append(&ana, &incident, &note("a")).is(201);
    let stale = ana.with("If-Match", "\"1\"");
    append(&stale, &incident, &json!({ "type": "resolved" })).is_problem(412, "stale");
}

#[test]
fn events_are_read_page_by_page() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    let whole = ana.get(&events_of(&incident)).is(200)["events"].as_array().unwrap().clone();
    let mut walked: Vec<Value> = Vec::new();
    let mut address = Some(format!("{}?limit=5", events_of(&incident)));
    while let Some(page) = address {
        let answer = ana.get(&page);
        walked.extend(answer.is(200)["events"].as_array().unwrap().clone());
        address = answer.next_page();
    }
    assert_eq!(walked, whole);
    let rest = ana.get(&format!("{}?after=12", events_of(&incident))).is(200);
    assert_eq!(rest["events"].as_array().unwrap()[..], whole[12..]);
    ana.get(&format!("{}?after=x", events_of(&incident))).is_problem(400, "bad_cursor");
    ana.get(&format!("{}?version=1", events_of(&incident))).is_problem(400, "bad_query");
}

#[test]
fn times_are_kept_as_they_were_claimed_and_the_far_future_is_refused() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let noted = |occurred: Value| {
        let event = json!({ "type": "note_added", "occurred": occurred, "data": { "text": "x" } });
        append(&ana, &incident, &event)
    };
    for occurred in [
        json!({ "at": "2021-05-29T16:37:00-06:00" }),
        json!({ "at": "2021-05-29T16:37:00.25+05:45", "precision": "approximate" }),
        json!({ "from": "2021-05-29T16:37:00+00:00", "till": "2021-05-29T16:38:00+00:00" }),
        json!({ "till": "2021-05-29T16:38:00+00:00" }),
        json!("unknown"),
    ] {
        assert_eq!(noted(occurred.clone()).is(201)["events"][0]["occurred"], occurred);
    }
    noted(minutes_ago(-4)).is(201);
    for occurred in [minutes_ago(-6), json!("2999-01-01T00:00:00Z"), json!("9999-12-31T23:59:59Z")]
    {
        let answer = noted(occurred);
        answer.is_problem(422, "invalid");
        assert_eq!(answer.pointers(), ["/occurred"]);
    }
}

#[test]
fn the_faults_of_one_event_and_of_many_are_told_with_their_pointers() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let position = server.position();
    let pointers = |body: &Value| {
        let answer = append(&ana, &incident, body);
        answer.is_problem(422, "invalid");
        let mut pointers = answer.pointers();
        pointers.sort();
        pointers
    };
    let faulty = json!({ "type": "check_recorded", "occurred": 7, "colour": "red",
        "data": { "check": "a b", "ok": "yes", "threshold": "high", "size": 1 } });
    let alone =
        ["/colour", "/data/check", "/data/ok", "/data/size", "/data/threshold", "/occurred"];
    assert_eq!(pointers(&faulty), alone);
    let in_array: Vec<String> = alone.iter().map(|pointer| format!("/1{pointer}")).collect();
    assert_eq!(pointers(&json!([note("fine"), faulty])), in_array);
    let unknown =
        json!({ "type": "linked", "data": { "relation": "related", "incident": "INC-77" } });
    assert_eq!(pointers(&unknown), ["/data/incident"]);
    assert_eq!(pointers(&json!([note("fine"), unknown])), ["/1/data/incident"]);
    let erasure = json!({ "type": "redacted", "data": { "version": 1, "reason": "secret" } });
    assert_eq!(pointers(&erasure), ["/type"]);
    assert_eq!(pointers(&json!([note("fine"), erasure])), ["/1/type"]);
    let escaped = json!({ "type": "note_added", "data": { "text": "x", "a/b~c": 1 } });
    assert_eq!(pointers(&escaped), ["/data/a~1b~0c"]);
    let ours = json!({ "type": "reminder_sent", "data": { "slot": "progress", "since": 1 } });
    assert_eq!(pointers(&ours), ["/type"]);
    assert_eq!(server.position(), position);
}

#[test]
fn people_and_incidents_in_a_correction_are_stored_by_their_ids_too() {
    let server = Server::start();
    let ana = server.responder("ana");
    server.responder("bob");
    let (incident, other, third) = (announce(&ana), announce(&ana), announce(&ana));
    let batch = json!([
        { "type": "escalated", "data": { "to": "somebody", "reason": "it is theirs" } },
        { "type": "linked", "data": { "relation": "related", "incident": third } },
    ]);
    append(&ana, &incident, &batch).is(201);
    let correct = |version: u64, fields: Value| {
        let data = json!({ "version": version, "fields": fields, "reason": "a slip" });
        json!({ "type": "corrected", "data": data })
    };
    let both =
        json!([correct(2, json!({ "to": "Bob" })), correct(3, json!({ "incident": other }))]);
    let stored = append(&ana, &incident, &both).is(201);
    let to = stored["events"][0]["data"]["fields"]["to"].as_str().unwrap();
    assert!(to.starts_with("u_"), "{to}");
    let id = ana.get(&format!("/v1/incidents/{other}")).is(200)["id"].clone();
    assert_eq!(stored["events"][1]["data"]["fields"]["incident"], id);
    let nowhere = correct(3, json!({ "incident": "INC-99" }));
    let problem = append(&ana, &incident, &nowhere).is_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/data/fields/incident");
}

#[test]
fn an_incident_is_neither_its_own_duplicate_nor_linked_to_itself() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let duplicate = json!({ "type": "cancelled", "data": { "why": "duplicate", "of": incident } });
    let problem = append(&ana, &incident, &duplicate).is_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/data/of");
    let link = json!({ "type": "linked", "data": { "relation": "related", "incident": incident } });
    let problem = append(&ana, &incident, &link).is_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/data/incident");
}

#[test]
fn a_query_on_a_post_is_told_and_nothing_is_stored() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let position = server.position();
    let path = format!("{}?dry_run=true", events_of(&incident));
    ana.post(&path, &note("a")).is_problem(400, "bad_query");
    let announcement = json!({ "service": "checkout", "reason": "5xx" });
    ana.post("/v1/incidents?x=1", &announcement).is_problem(400, "bad_query");
    assert_eq!(server.position(), position);
}
