use crate::outside::{Actor, Scratch, Server, allclear, announce, append, note};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::PathBuf;

const LOG: &str = "/v1/export";

fn of(incident: &str) -> String {
    format!("/v1/incidents/{incident}/export")
}

/// The lines of a bundle that was answered.
fn lines(answer: &crate::outside::Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What was recorded of exports: by whom, and of which incident.
fn recorded(admin: &Actor) -> Vec<(String, Value)> {
    let page = admin.get("/v1/events").is(200);
    let exported = |event: &&Value| event["type"] == "exported";
    let events = page["events"].as_array().unwrap().iter().filter(exported);
    let told =
        |event: &Value| (event["by"]["name"].as_str().unwrap().to_owned(), event["data"].clone());
    events.map(told).collect()
}

fn verified(scratch: &Scratch, answer: &crate::outside::Answer) -> (i32, String) {
    let file: PathBuf = scratch.path().join("bundle.jsonl");
    std::fs::write(&file, answer.text()).unwrap();
    let output = allclear().arg("verify").arg(&file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn an_incident_is_carried_out_to_its_last_event_and_that_is_recorded() {
    let server = Server::start();
    let (ana, auditor) = (server.responder("ana"), server.person("au", "auditor"));
    let incident = announce(&ana);
    append(&ana, &incident, &note("looked at the graphs")).is(201);
    let answer = auditor.get(&of(&incident));
    assert_eq!(answer.header("content-type"), Some("application/jsonl"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"INC-1.jsonl\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let lines = lines(&answer);
    let events: Vec<&Value> = lines.iter().filter_map(|line| line.get("event")).collect();
    let noted = events.last().unwrap()["data"].as_str().unwrap();
    assert!(noted.contains("looked at the graphs"), "nothing is left out: {noted}");
    let id = ana.get(&format!("/v1/incidents/{incident}")).is(200)["id"].clone();
    assert_eq!(lines[0]["bundle"]["incident"], id);
    assert_eq!(recorded(&server.admin()), [("au".into(), json!({ "incident": id }))]);
    let scratch = Scratch::new();
    let (code, said) = verified(&scratch, &answer);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_whole_log_has_its_own_export_in_it() {
    let server = Server::start();
    let admin = server.admin();
    announce(&admin);
    let answer = admin.get(LOG);
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"log.jsonl\""));
    let lines = lines(&answer);
    let last = &lines[lines.len() - 2]["event"];
    assert!(last["entry"].as_str().unwrap().contains(r#""type":"exported""#), "{last}");
    assert_eq!(last["data"], r#"{"data":{}}"#);
    assert_eq!(lines[0]["bundle"]["size"], server.position());
    assert_eq!(recorded(&admin), [("admin".into(), json!({}))]);
    let scratch = Scratch::new();
    let (code, said) = verified(&scratch, &answer);
    assert_eq!(code, 0, "{said}");
    server.nobody().get(LOG).is_problem(401, "unauthorized");
    admin.get(&format!("{LOG}?all=1")).is_problem(400, "bad_query");
}

#[test]
fn a_log_of_many_steps_is_streamed_whole() {
    let server = Server::start();
    let admin = server.admin();
    let incident = announce(&admin);
    let notes: Vec<Value> = (0..32).map(|_| note(&"long ".repeat(100))).collect();
    for _ in 0..20 {
        append(&admin, &incident, &json!(notes)).is(201);
    }
    let scratch = Scratch::new();
    for path in [LOG.to_owned(), of(&incident)] {
        let answer = admin.get(&path);
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
        let (code, said) = verified(&scratch, &answer);
        assert!(code == 0, "{said}");
        assert!(lines(&answer).len() > 640);
    }
}

#[test]
fn who_may_carry_out_what_is_as_the_matrix_says() {
    let server = Server::start();
    let admin = server.admin();
    let commander = server.responder("ana");
    let incident = announce(&commander);
    let taken = json!({ "type": "role_assigned", "data": { "role": "commander", "to": "ana" } });
    append(&commander, &incident, &taken).is(201);
    let one = of(&incident);
    let who = [
        ("viewer", server.person("vi", "viewer"), false, false),
        ("responder", server.responder("re"), false, false),
        ("commander", commander, true, false),
        ("auditor", server.person("au", "auditor"), true, true),
        ("admin", admin.clone(), true, true),
        ("tool", server.tool("t1", &["read", "append"]), false, false),
        ("exporter", server.tool("t2", &["export"]), true, false),
        (
            "for the commander",
            server.tool("t3", &["export", "act_as"]).with("On-Behalf-Of", "ana"),
            true,
            false,
        ),
        (
            "for an admin",
            server.tool("t4", &["export", "act_as"]).with("On-Behalf-Of", "admin"),
            true,
            false,
        ),
        (
            "for a responder",
            server.tool("t5", &["export", "act_as"]).with("On-Behalf-Of", "re"),
            false,
            false,
        ),
        (
            "without the scope",
            server.tool("t6", &["read", "act_as"]).with("On-Behalf-Of", "admin"),
            false,
            false,
        ),
    ];
    let position = server.position();
    for (name, who, may_one, may_all) in &who {
        for (path, may) in [(one.as_str(), may_one), (LOG, may_all)] {
            match may {
                true => assert_eq!(who.get(path).status, 200, "{name} {path}"),
                false => drop(who.get(path).is_problem(403, "forbidden")),
            }
        }
    }
    let allowed = who.iter().map(|(_, _, one, all)| u64::from(*one) + u64::from(*all)).sum::<u64>();
    assert_eq!(server.position(), position + allowed, "what is refused is not recorded as done");
    admin.get(&of("INC-99")).is_problem(404, "incident_unknown");
    admin.get(&of("SYS")).is_problem(404, "incident_unknown");
    assert_eq!(server.position(), position + allowed);
}

#[test]
fn what_cannot_be_recorded_does_not_leave() {
    let server = Server::start();
    let admin = server.admin();
    let incident = announce(&admin);
    let other = Connection::open(server.data.join("allclear.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for path in [LOG.to_owned(), of(&incident)] {
        admin.get(&path).is_problem(503, "busy");
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(recorded(&admin), []);
    assert_eq!(admin.get(&of(&incident)).status, 200);
    assert_eq!(recorded(&admin).len(), 1);
}
