//! `/v1/incidents/SYS`: the service's own acts, for whoever may know of them.

use crate::outside::{Actor, Scratch, Server, announce, append, note};
use serde_json::{Value, json};

fn acts(who: &Actor) -> Vec<Value> {
    let page = who.get("/v1/incidents/SYS/events?limit=1000").is(200);
    page["events"].as_array().unwrap().clone()
}

fn refusals(admin: &Actor) -> Vec<Value> {
    let refused = acts(admin).into_iter().filter(|act| act["type"] == "access_refused");
    refused.map(|act| act["data"].clone()).collect()
}

#[test]
fn the_acts_are_read_alone_and_told_in_sentences() {
    let server = Server::start();
    let admin = server.admin();
    let ana = server.responder("ana");
    announce(&ana);
    server.tool("ci", &["read", "append:detected@checkout"]);
    let body = json!({ "role": "viewer", "disabled": true }).to_string();
    admin.send("PATCH", "/v1/principals/ana", Some(("application/json", body.as_bytes()))).is(200);
    let auditor = server.person("otto", "auditor");
    let told = auditor.get("/v1/incidents/SYS/timeline").is(200);
    let entries = told["entries"].as_array().unwrap();
    assert_eq!(entries.len(), acts(&admin).len());
    assert!(acts(&admin).iter().all(|act| act["ref"] == "SYS"));
    let what = |index: usize| entries[index]["what"].as_str().unwrap();
    assert!(what(0).ends_with(" started for the first time."), "{}", what(0));
    assert_eq!(entries[0]["by"]["name"], "allclear");
    assert!(what(4).ends_with(", a person, may speak with the role responder."), "{}", what(4));
    assert!(what(5).ends_with(" is called ana."), "{}", what(5));
    assert!(what(6).contains("was made for ana, until "), "{}", what(6));
    let scopes = "was made for ci with the scopes read append:detected@checkout, until ";
    assert!(what(9).contains(scopes), "{}", what(9));
    assert_eq!(what(10), "ana has the role viewer now and is refused everything now.");
    let text = admin.get("/v1/incidents/SYS/timeline?format=text").text();
    assert_eq!(text.lines().count(), entries.len());
    let markdown = admin.get("/v1/incidents/SYS/timeline?format=markdown").text();
    assert!(markdown.starts_with("# The service's own acts\n"), "{markdown}");
    let page = admin.get("/v1/incidents/SYS/timeline?limit=5");
    let next = page.next_page().unwrap();
    let rest = admin.get(&next).is(200);
    assert_eq!(rest["entries"][0], entries[5]);
    let mut followed = auditor.follow("/v1/incidents/SYS/stream", None);
    assert_eq!(followed.take(2)[0].event, "service_started");
    admin.get("/v1/incidents/SYS/timeline?version=3").is_problem(400, "bad_query");
    admin.get("/v1/incidents/SYS/timeline?format=html").is_problem(406, "not_acceptable");
}

#[test]
fn whoever_may_not_know_of_the_acts_is_told_that_there_are_none() {
    let server = Server::start();
    let tool = server.tool("ci", &["read", "append", "act_as", "export"]);
    let spoken = tool.with("On-Behalf-Of", "admin");
    for who in [&server.responder("ana"), &server.person("vera", "viewer"), &tool, &spoken] {
        for path in ["events", "timeline", "stream", "figures", ""] {
            let path = format!("/v1/incidents/SYS/{path}");
            let code = if path.ends_with('/') { "not_found" } else { "incident_unknown" };
            who.get(&path).is_problem(404, code);
        }
        who.get("/v1/incidents/SYS").is_problem(404, "incident_unknown");
        append(who, "SYS", &note("x")).is_problem(404, "incident_unknown");
    }
    server.nobody().get("/v1/incidents/SYS/events").is_problem(401, "unauthorized");
}

#[test]
fn refusals_for_want_of_rights_are_counted_and_put_on_record_once_a_principal() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let (ana, vera) = (server.responder("ana"), server.person("vera", "viewer"));
    let tool = server.tool("ci", &["append"]);
    let incident = announce(&ana);
    let position = server.position();
    let overridden =
        json!({ "type": "note_added", "data": { "text": "x" }, "override": { "reason": "now" } });
    append(&ana, &incident, &overridden).is_problem(403, "not_the_commander");
    let redacted = json!({ "type": "redacted", "data": { "version": 1, "reason": "x" } });
    append(&ana, &incident, &redacted).is_problem(403, "not_an_admin");
    ana.get("/v1/incidents/SYS/events").is_problem(404, "incident_unknown");
    ana.get("/v1/incidents/SYS/timeline").is_problem(404, "incident_unknown");
    (0..3).for_each(|_| {
        append(&vera, &incident, &note("x")).is_problem(403, "forbidden");
    });
    tool.get("/v1/incidents").is_problem(403, "forbidden");
    tool.with("On-Behalf-Of", "ana").get("/v1/incidents").is_problem(403, "forbidden");
    // Nothing of these: a reason that is no want of rights, and strangers.
    append(&ana, "INC-99", &note("x")).is_problem(404, "incident_unknown");
    server.nobody().get("/v1/incidents").is_problem(401, "unauthorized");
    Actor::new(server.address, "alc_pat_no").get("/v1/events").is_problem(401, "unauthorized");
    assert_eq!(server.position(), position, "counted for a minute, or until the service stops");
    let metrics = server.admin().get("/metrics").text();
    assert!(metrics.contains("allclear_requests_refused_total 9\n"), "{metrics}");
    assert!(metrics.contains("allclear_requests_unauthenticated_total 2\n"), "{metrics}");

    assert!(server.stop().status.success());
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let id = |name: &str| {
        let listed = admin.get("/v1/principals").is(200)["principals"].as_array().unwrap().clone();
        listed.iter().find(|it| it["name"] == name).unwrap()["id"].clone()
    };
    let mut expected = vec![
        json!({ "principal": id("ana"), "action": "override, redact, read_system", "count": 4 }),
        json!({ "principal": id("ci"), "action": "read", "count": 2 }),
        json!({ "principal": id("vera"), "action": "append", "count": 3 }),
    ];
    let mut told = refusals(&admin);
    expected.sort_by_key(|it| it["count"].as_i64());
    told.sort_by_key(|it| it["count"].as_i64());
    assert_eq!(told, expected);
    let timeline = admin.get("/v1/incidents/SYS/timeline?format=text").text();
    let sentence = "vera was refused for want of rights, 3 times in a minute: append.";
    assert!(timeline.contains(sentence), "{timeline}");
}
