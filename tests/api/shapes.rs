//! What the OpenAPI document says of an answer is what the answer is: the documents of real
//! incidents are held against it.

use crate::outside::{Server, tell_real};
use boon::{Compiler, Schemas};
use serde_json::{Value, json};

/// What each incident is asked for, and where its shape stands.
const VIEWS: [(&str, &str); 7] = [
    ("", "/v1/incidents/{id}"),
    ("/events", "/v1/incidents/{id}/events"),
    ("/timeline", "/v1/incidents/{id}/timeline"),
    ("/figures", "/v1/incidents/{id}/figures"),
    ("/conformance", "/v1/incidents/{id}/conformance"),
    ("/postmortem", "/v1/incidents/{id}/postmortem"),
    ("/replay", "/v1/incidents/{id}/replay"),
];

/// A server with the real incidents; gives their names.
fn told() -> (Server, Vec<String>) {
    let server = Server::start();
    let names = tell_real(&server.admin());
    (server, names)
}

/// The answers of a server against its own document.
struct Document {
    schemas: Schemas,
    compiler: Compiler,
}

const DOCUMENT: &str = "http://localhost/openapi.json";

impl Document {
    fn of(document: Value) -> Document {
        let mut compiler = Compiler::new();
        compiler.add_resource(DOCUMENT, document).unwrap();
        Document { schemas: Schemas::new(), compiler }
    }

    /// What is wrong with an answer of `GET path`, if something is.
    fn wrong(&mut self, path: &str, answer: &Value) -> Option<String> {
        let path = path.replace('/', "~1");
        let place =
            format!("{DOCUMENT}#/paths/{path}/get/responses/200/content/application~1json/schema");
        let shape = self.compiler.compile(&place, &mut self.schemas).unwrap();
        self.schemas.validate(answer, shape).err().map(|wrong| wrong.to_string())
    }
}

#[test]
fn every_view_of_the_real_incidents_has_the_shape_that_is_documented() {
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
fn an_answer_of_another_shape_is_found() {
    let (server, names) = told();
    let admin = server.admin();
    let mut document = Document::of(admin.get("/openapi.json").is(200));
    let draft = admin.get(&format!("/v1/incidents/{}/postmortem", names[0])).is(200);
    for (pointer, other) in [
        ("/sections/0/statements/0/cites/0", json!("seven")),
        ("/sections/0/name", json!("preface")),
        ("/timeline/entries/0/version", Value::Null),
    ] {
        let mut changed = draft.clone();
        *changed.pointer_mut(pointer).unwrap() = other;
        let path = "/v1/incidents/{id}/postmortem";
        assert!(document.wrong(path, &changed).is_some(), "{pointer}");
    }
}
