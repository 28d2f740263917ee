//! That nothing erased is carried out: not in a bundle made afterwards, nor in one under way.

use crate::marked::{Marker, Random, Search, redaction};
use crate::outside::{Actor, Connection, Scratch, Server, allclear, announce, append, note};
use serde_json::{Value, json};
use std::path::Path;

/// Whether a bundle has one of the markers in any form; a text in a line has its escapes twice.
pub fn finds(search: &Search, bundle: &str) -> bool {
    search.finds(bundle.as_bytes()) || search.finds(bundle.replace("\\\\", "\\").as_bytes())
}

/// The bundles of an incident and of the whole log, over HTTP.
pub fn served(who: &Actor, incident: &str) -> Vec<String> {
    let paths = [format!("/v1/incidents/{incident}/export"), "/v1/export".into()];
    let answers = paths.map(|path| who.get(&path));
    answers.iter().for_each(|answer| assert_eq!(answer.status, 200, "{}", answer.text()));
    answers.map(|answer| answer.text()).into()
}

/// The same, read from the data directory.
pub fn offline(data: &Path, incident: &str) -> Vec<String> {
    let bundle = |what: &str| {
        let mut command = allclear();
        let output = command.args(["export", what, "--data"]).arg(data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    vec![bundle(incident), bundle("--all")]
}

fn verified(bundle: &str) {
    let scratch = Scratch::new();
    let file = scratch.path().join("bundle.jsonl");
    std::fs::write(&file, bundle).unwrap();
    let output = allclear().arg("verify").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn what_is_erased_is_in_no_bundle_and_no_log_made_of_one() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let mut random = Random(0x0b5e_55ed);
    let (first, second) = (random.marker(), random.marker());
    let told = json!({ "service": "checkout", "reason": first.0 });
    let announced = admin.post("/v1/incidents", &told).is(201);
    let incident = announced["ref"].as_str().unwrap();
    append(&admin, incident, &note(&format!("\u{1}\"{}\" \\ é", second.0))).is(201);
    let each = [Search::of(&[&first]), Search::of(&[&second])];
    for bundle in served(&admin, incident) {
        assert!(each.iter().all(|search| finds(search, &bundle)), "they are there before");
        verified(&bundle);
    }
    let by = json!({ "data": { "service": "checkout", "reason": "[redacted]" } });
    append(&admin, incident, &redaction(&json!({ "version": 1 }), Some(by))).is(201);
    append(&admin, incident, &redaction(&json!({ "version": 2 }), None)).is(201);
    let mut bundles = served(&admin, incident);
    assert!(server.stop().status.success());
    bundles.extend(offline(&scratch.data(), incident));
    for bundle in &bundles {
        assert!(!each.iter().any(|search| finds(search, bundle)), "{bundle}");
        let event = |line: &Value| line.get("event").is_some_and(|it| it["data"].is_null());
        let lines = bundle.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        assert_eq!(lines.filter(event).count(), 2);
        verified(bundle);
    }
    let file = scratch.path().join("log.jsonl");
    std::fs::write(&file, bundles.last().unwrap()).unwrap();
    let copy = scratch.path().join("copy");
    let output = allclear().arg("import").arg(&file).arg("--data").arg(&copy).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(crate::marked::found_below(&copy, &[&first, &second]), [""; 0]);
}

/// More than the buffers between a server and a client that does not read take in.
const NOTES: usize = 90;

#[test]
fn a_slow_client_of_an_export_delays_no_redaction_and_gets_nothing_that_it_erases() {
    let server = Server::start();
    let admin = server.admin();
    let incident = announce(&admin);
    let long = "a long note ".repeat(670);
    let notes: Vec<Value> = (0..32).map(|_| note(&long)).collect();
    for _ in 0..NOTES {
        append(&admin, &incident, &json!(notes)).is(201);
    }
    let secret: Marker = Random(0x51_0e).marker();
    let answer = append(&admin, &incident, &note(&secret.0)).is(201);
    let mut slow: Connection = server.connect();
    slow.send(&admin.request("GET", "/v1/export", None)).unwrap();
    let (status, _) = slow.head().unwrap();
    assert_eq!(status, 200);
    append(&admin, &incident, &redaction(&json!({ "version": answer["version"] }), None)).is(201);
    let mut read = Vec::new();
    let broken = loop {
        match slow.chunk() {
            Ok(Some(chunk)) => read.extend(chunk),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    let read = String::from_utf8_lossy(&read);
    assert!(!finds(&Search::of(&[&secret]), &read));
    assert!(broken && !read.contains("{\"end\":"), "it ends where it was erased");
    let again = admin.get("/v1/export");
    assert!(!finds(&Search::of(&[&secret]), &again.text()));
    verified(&again.text());
}
