//! What the OpenAPI document says of an answer is what the answer is, and all that it is: the
//! documents of real incidents, and of one that has everything, are held against it.

use crate::outside::{Actor, Server, append, events_of, play, tell_real};
use boon::{Compiler, Schemas};
use serde_json::{Value, json};

/// What each incident is asked for, and where its shape stands.
const VIEWS: [(&str, &str); 9] = [
    ("", "/v1/incidents/{id}"),
    ("/events", "/v1/incidents/{id}/events"),
    ("/timeline", "/v1/incidents/{id}/timeline"),
    ("/timeline?tz=Asia/Kolkata", "/v1/incidents/{id}/timeline"),
    ("/figures", "/v1/incidents/{id}/figures"),
    ("/conformance", "/v1/incidents/{id}/conformance"),
    ("/postmortem", "/v1/incidents/{id}/postmortem"),
    ("/postmortem?tz=Asia/Kolkata", "/v1/incidents/{id}/postmortem"),
    ("/replay", "/v1/incidents/{id}/replay"),
];

/// A server with the real incidents and one with everything; gives their names.
fn told() -> (Server, Vec<String>) {
    let server = Server::start();
    let admin = server.admin();
    let mut names = tell_real(&admin);
    names.push(with_everything(&admin));
    (server, names)
}

/// From the announcement to a draft after its publication, with words of people, a correction, an
/// erasure, an alert and a link.
fn with_everything(admin: &Actor) -> String {
    let incident = play(admin);
    for (kind, data) in [
        ("note_added", json!({ "text": "A secret.", "pinned": true })),
        ("section_written", json!({ "section": "summary", "markdown": "In **our** words." })),
        (
            "alert_attached",
            json!({ "source": "am", "fingerprint": "f", "status": "firing",
            "labels": { "a": "1" } }),
        ),
        ("linked", json!({ "relation": "related", "incident": "INC-1" })),
        ("cause_recorded", json!({ "part": "root", "standing": "suspected", "text": "A leak." })),
        ("follow_up_added", json!({ "title": "Alert", "owner": "ana", "due": "2030-01-01" })),
        ("lesson_recorded", json!({ "kind": "lucky", "text": "It was noon." })),
        ("checklist_marked", json!({ "item": "capture_logs", "outcome": "done" })),
        (
            "corrected",
            json!({ "version": 3, "reason": "Earlier.",
            "occurred": "2026-01-01T00:00:00Z" }),
        ),
        ("postmortem_published", json!({ "sha256": "0".repeat(64), "url": "https://x.example/1" })),
        ("note_added", json!({ "text": "One more." })),
    ] {
        append(admin, &incident, &json!({ "type": kind, "data": data })).is(201);
    }
    let secret = admin.get(&events_of(&incident)).is(200)["events"].as_array().unwrap().clone();
    let secret = secret.iter().find(|it| it["data"]["text"] == "A secret.").unwrap();
    let erasure = json!({ "version": secret["version"], "reason": "A secret." });
    append(admin, &incident, &json!({ "type": "redacted", "data": erasure })).is(201);
    incident
}

/// The answers of a server against its own document.
struct Document {
    schemas: Schemas,
    compiler: Compiler,
}

const DOCUMENT: &str = "http://localhost/openapi.json";

impl Document {
    /// The document, closed: a member of which it does not speak is wrong, though a program that
    /// reads our answers must let it pass.
    fn of(mut document: Value) -> Document {
        close(&mut document);
        let mut compiler = Compiler::new();
        compiler.add_resource(DOCUMENT, document).unwrap();
        Document { schemas: Schemas::new(), compiler }
    }

    /// What is wrong with an answer of `GET path`, if something is.
    fn wrong(&mut self, path: &str, answer: &Value) -> Option<String> {
        self.wrong_answer("get", path, 200, answer)
    }

    /// What is wrong with an answer, if something is.
    fn wrong_answer(
        &mut self,
        method: &str,
        path: &str,
        status: u16,
        answer: &Value,
    ) -> Option<String> {
        let path = path.replace('/', "~1");
        let media = "content/application~1json/schema";
        let place = format!("{DOCUMENT}#/paths/{path}/{method}/responses/{status}/{media}");
        let shape = self.compiler.compile(&place, &mut self.schemas).unwrap();
        self.schemas.validate(answer, shape).err().map(|wrong| wrong.to_string())
    }
}

/// Lets no object have a member that its schema does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        Value::Object(schema) => {
            // What is named `properties` and `data` may be members themselves.
            let is_object = schema.get("type") == Some(&json!("object"));
            if is_object && !schema.contains_key("additionalProperties") {
                schema.entry("unevaluatedProperties").or_insert(Value::Bool(false));
            }
            schema.values_mut().for_each(close);
        }
        _ => {}
    }
}

#[test]
fn every_view_has_the_shape_that_is_documented_and_no_more() {
    let (server, names) = told();
    let admin = server.admin();
    let mut document = Document::of(admin.get("/openapi.json").is(200));
    for name in &names {
        for (view, path) in VIEWS {
            let answer = admin.get(&format!("/v1/incidents/{name}{view}")).is(200);
            assert_eq!(document.wrong(path, &answer), None, "{name}{view}");
        }
    }
    let across = admin.get("/v1/figures?by=scenario").is(200);
    assert_eq!(document.wrong("/v1/figures", &across), None);
    let log = admin.get("/v1/events").is(200);
    assert_eq!(document.wrong("/v1/events", &log), None);
}

#[test]
fn what_is_answered_to_a_post_has_the_shape_that_is_documented_and_no_more() {
    let server = Server::start();
    let admin = server.admin();
    let mut document = Document::of(admin.get("/openapi.json").is(200));
    let announcement = json!({ "service": "checkout", "reason": "5xx", "running": "2" });
    let announced = admin.post("/v1/incidents", &announcement).is(201);
    assert_eq!(document.wrong_answer("post", "/v1/incidents", 201, &announced), None);
    let name = announced["ref"].as_str().unwrap();
    let note = json!({ "type": "note_added", "data": { "text": "Seen." } });
    let appended = append(&admin, name, &note).is(201);
    assert_eq!(document.wrong_answer("post", "/v1/incidents/{id}/events", 201, &appended), None);
    let asked = json!({ "situations": ["service_down"] });
    let assessed = admin.post("/v1/runbook/assess", &asked).is(200);
    assert_eq!(document.wrong_answer("post", "/v1/runbook/assess", 200, &assessed), None);
}

#[test]
fn an_answer_of_another_shape_is_found() {
    let (server, names) = told();
    let admin = server.admin();
    let mut document = Document::of(admin.get("/openapi.json").is(200));
    let draft = admin.get(&format!("/v1/incidents/{}/postmortem", names[0])).is(200);
    let path = "/v1/incidents/{id}/postmortem";
    for (pointer, other) in [
        ("/sections/0/statements/0/cites/0", json!("seven")),
        ("/sections/0/name", json!("preface")),
        ("/timeline/entries/0/version", Value::Null),
    ] {
        let mut changed = draft.clone();
        *changed.pointer_mut(pointer).unwrap() = other;
        assert!(document.wrong(path, &changed).is_some(), "{pointer}");
    }
    for pointer in ["", "/sections/0", "/sections/0/statements/0", "/timeline/entries/0/by"] {
        let mut changed = draft.clone();
        changed.pointer_mut(pointer).unwrap()["undocumented"] = json!(1);
        assert!(document.wrong(path, &changed).is_some(), "{pointer}");
    }
}
