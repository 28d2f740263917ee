//! Redaction over HTTP: who may, what comes out after it, and the names of `SYS`.

use crate::marked::{event, redaction};
use crate::outside::{Server, announce, append, events_of, note};
use serde_json::{Value, json};

#[test]
fn only_an_admin_in_person_redacts_over_http() {
    let server = Server::start();
    let (ana, admin) = (server.responder("ana"), server.admin());
    let incident = announce(&ana);
    append(
        &ana,
        &incident,
        &json!({ "type": "role_assigned", "data": { "role": "commander", "to": "ana" } }),
    )
    .is(201);
    let version = append(&ana, &incident, &note("hunter2")).is(201)["version"].as_u64().unwrap();
    let claim = redaction(&json!({ "version": version }), None);
    let position = server.position();
    let tool = server.tool("ci", &["read", "append", "act_as"]);
    let refused = position + 3;
    append(&ana, &incident, &claim).is_problem(403, "not_an_admin");
    append(&server.responder("bo"), &incident, &claim).is_problem(403, "not_an_admin");
    append(&tool, &incident, &claim).is_problem(403, "not_an_admin");
    append(&tool.with("On-Behalf-Of", "admin"), &incident, &claim).is_problem(403, "not_an_admin");
    append(&server.person("vi", "viewer"), &incident, &claim).is_problem(403, "forbidden");
    append(&server.person("au", "auditor"), &incident, &claim).is_problem(403, "forbidden");
    append(&server.nobody(), &incident, &claim).is_problem(401, "unauthorized");
    assert!(server.position() > refused, "only the tokens are new");
    assert_eq!(event(&admin, &incident, version)["data"]["text"], "hunter2");
    append(&admin, &incident, &claim).is(201);
    assert_eq!(event(&admin, &incident, version)["data"], Value::Null);
}

#[test]
fn facts_need_a_replacement_and_are_as_before_with_it() {
    let server = Server::start();
    let admin = server.admin();
    let told = json!({ "service": "checkout", "reason": "the key is hunter2", "running": "2.4.1" });
    let before = admin.post("/v1/incidents", &told).is(201);
    let incident = before["ref"].as_str().unwrap().to_owned();
    let bare = redaction(&json!({ "version": 1 }), None);
    let answer = append(&admin, &incident, &bare);
    answer.is_problem(422, "replacement_missing");
    assert_eq!(answer.pointers(), ["/data/replacement"]);
    let answer = append(&admin, &incident, &json!([note("x"), bare]));
    answer.is_problem(422, "replacement_missing");
    assert_eq!(answer.pointers(), ["/1/data/replacement"]);
    let by = json!({ "data": { "service": "checkout", "reason": "the key is [redacted]",
        "running": [{ "name": "checkout", "version": "2.4.1" }] } });
    append(&admin, &incident, &redaction(&json!({ "version": 1 }), Some(by))).is(201);
    let address = format!("/v1/incidents/{incident}");
    let after = admin.get(&address).is(200);
    assert_eq!(after["reason"], "the key is [redacted]");
    for member in ["state", "service", "running", "announced", "next"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    let board = admin.get("/v1/incidents").is(200);
    assert_eq!(board["incidents"][0]["title"], "checkout: the key is [redacted]");
    let past = admin.get(&format!("{address}?version=1")).is(200);
    assert_eq!((&past["reason"], &past["version"]), (&json!("the key is [redacted]"), &json!(1)));
    let at = before["updated_at"].as_str().unwrap();
    let timeline = admin.get(&format!("{address}/timeline?at={at}&format=text")).text();
    assert!(timeline.contains("the key is [redacted]"), "{timeline}");
    assert!(timeline.contains("words erased by #2 (admin, "), "who, when: {timeline}");
    assert!(timeline.contains("): A secret."), "why: {timeline}");
}

#[test]
fn a_note_and_its_redaction_may_be_one_batch() {
    let server = Server::start();
    let admin = server.admin().key("once");
    let incident = announce(&server.admin());
    let batch = json!([note("hunter2"), redaction(&json!({ "version": 2 }), None)]);
    let first = append(&admin, &incident, &batch);
    let events = first.is(201)["events"].clone();
    assert_eq!((&events[0]["data"], &events[0]["redacted"]), (&Value::Null, &json!(true)));
    let again = append(&admin, &incident, &batch);
    assert_eq!(again.is(201)["events"], events, "and the same again");
    let other = append(&admin, &incident, &json!([note("another")]));
    assert_eq!(other.is(201)["events"], events, "its fingerprint is gone, so nothing is compared");
}

#[test]
fn streams_tell_what_to_forget_and_never_what_was_erased() {
    let server = Server::start();
    let (ana, admin) = (server.responder("ana"), server.admin());
    let incident = announce(&ana);
    let path = format!("/v1/incidents/{incident}/stream");
    let mut old = ana.follow(&path, None);
    let noted = append(&ana, &incident, &note("hunter2")).is(201);
    let position = noted["events"][0]["position"].as_u64().unwrap();
    assert_eq!(old.take(2)[1].data["data"]["text"], "hunter2");
    append(&admin, &incident, &redaction(&json!({ "version": 2 }), None)).is(201);
    let told = old.next().unwrap();
    assert_eq!((told.event.as_str(), &told.data["data"]["version"]), ("redacted", &json!(2)));
    let mut returned = ana.follow(&path, Some(position - 1));
    let frames = returned.take(2);
    assert_eq!((frames[0].id, &frames[0].data["redacted"]), (position, &json!(true)));
    assert_eq!(frames[0].data["data"], Value::Null);
    assert_eq!(frames[1].event, "redacted");
    let page = ana.get("/v1/events").text();
    assert!(!page.contains("hunter2"));
}

/// The server reads ahead of a slow client, and what is on its way fills the buffers between.
#[test]
fn what_lies_ready_for_a_slow_client_is_forgotten_too() {
    let server = Server::start();
    let (ana, admin) = (server.responder("ana"), server.admin());
    let incident = announce(&ana);
    let long = json!({ "type": "section_written", "data": { "section": "notes", "markdown": "x".repeat(64 * 1024) } });
    for _ in 0..7 {
        append(&ana, &incident, &json!(vec![long.clone(); 14])).is(201);
    }
    append(&ana, &incident, &note("hunter2")).is(201);
    let mut slow = ana.follow(&format!("/v1/incidents/{incident}/stream"), None);
    assert_eq!(slow.next().unwrap().event, "announced");
    append(&admin, &incident, &redaction(&json!({ "version": 100 }), None)).is(201);
    let last = slow.take(99).pop().unwrap();
    assert_eq!((&last.data["version"], &last.data["data"]), (&json!(100), &Value::Null));
    assert_eq!(last.data["redacted"], true);
}

/// The text that was made of an event for one follower is there for the next.
#[test]
fn a_name_that_was_erased_is_in_no_stream_that_begins_then() {
    let server = Server::start();
    let (zora, admin) = (server.responder("Zorbanella"), server.admin());
    let incident = announce(&zora);
    let follow = || admin.follow("/v1/events/stream", Some(server.position() - 1)).next().unwrap();
    let before = follow();
    assert_eq!(before.data["by"]["name"], "Zorbanella");
    let erasure = redaction(&json!({ "version": naming_of(&admin, "Zorbanella") }), None);
    admin.post(&events_of("SYS"), &erasure).is(201);
    let last = [Some(before.id - 1), None].map(|after| {
        let mut stream = admin.follow(&format!("/v1/incidents/{incident}/stream"), after);
        stream.next().unwrap()
    });
    for told in last {
        assert_eq!(told.id, before.id);
        assert!(told.data["by"]["name"].as_str().unwrap().starts_with("u_"), "{told:?}");
    }
}

fn naming_of(admin: &crate::outside::Actor, name: &str) -> u64 {
    let page = admin.get("/v1/events").is(200);
    let named =
        |event: &&Value| event["type"] == "principal_named" && event["data"]["name"] == name;
    let found = page["events"].as_array().unwrap().iter().find(named).cloned();
    found.unwrap()["version"].as_u64().unwrap()
}

#[test]
fn a_name_of_sys_can_be_erased_and_the_id_stands_for_it() {
    let scratch = crate::outside::Scratch::new();
    let server = Server::on(&scratch.data());
    let (zora, admin) = (server.responder("Zorbanella-Quixwortberry"), server.admin());
    let incident = announce(&zora);
    let taken = json!({ "type": "role_assigned", "data": { "role": "commander", "to": "zorbanella-quixwortberry" } });
    append(&zora, &incident, &taken).is(201);
    let version = naming_of(&admin, "Zorbanella-Quixwortberry");
    let erasure = redaction(&json!({ "version": version }), None);
    let sys = events_of("SYS");
    zora.post(&sys, &erasure).is_problem(404, "incident_unknown");
    let tool = server.tool("ci", &["append", "act_as"]).with("On-Behalf-Of", "admin");
    tool.post(&sys, &erasure).is_problem(404, "incident_unknown");
    server.person("au", "auditor").post(&sys, &erasure).is_problem(403, "forbidden");
    let pointers = |claim: &Value| {
        let answer = admin.post(&sys, claim);
        answer.is_problem(422, "invalid");
        answer.pointers()
    };
    assert_eq!(pointers(&note("x")), ["/type"]);
    assert_eq!(pointers(&redaction(&json!({ "version": 1 }), None)), ["/data/version"]);
    assert_eq!(pointers(&redaction(&json!({ "version": 9_999 }), None)), ["/data/version"]);
    assert_eq!(pointers(&json!([erasure, erasure])), [""]);
    let by = json!({ "data": {} });
    assert_eq!(
        pointers(&redaction(&json!({ "version": version }), Some(by))),
        ["/data/replacement"]
    );

    let done = admin.key("k").post(&sys, &erasure).is(201);
    let again = admin.key("k").post(&sys, &erasure).is(201);
    assert_eq!(done, again, "one key erases once");
    assert_eq!(
        (&done["events"][0]["type"], &done["events"][0]["ref"]),
        (&json!("redacted"), &json!("SYS"))
    );
    let secret = crate::marked::Marker("Zorbanella-Quixwortberry".into());
    assert_eq!(secret.found_below(&server.data), [""; 0]);
    let folded = crate::marked::Marker("zorbanella-quixwortberry".into());
    assert_eq!(folded.found_below(&server.data), [""; 0]);
    let shown = zora.get(&format!("/v1/incidents/{incident}")).is(200);
    let holder = shown["roles"]["commander"][0].clone();
    assert!(holder["name"].as_str().unwrap().starts_with("u_"), "{holder}");
    assert!(!admin.get("/v1/events").text().to_lowercase().contains("zorbanella"));
    let second = admin.post(&sys, &erasure).is(201);
    let first = done["events"][0]["version"].clone();
    assert_eq!(second["events"][0]["data"]["earlier"], json!([first]));

    server.kill();
    let server = Server::on(&scratch.data());
    let (zora, admin) = (zora.at(server.address), admin.at(server.address));
    let shown = zora.get(&format!("/v1/incidents/{incident}")).is(200);
    assert_eq!(shown["roles"]["commander"][0], holder, "the same after a start");
    let third = admin.post(&sys, &erasure).is(201);
    let second = second["events"][0]["version"].clone();
    assert_eq!(third["events"][0]["data"]["earlier"], json!([first, second]), "all of them");
    assert_eq!(secret.found_below(&server.data), [""; 0]);
}
