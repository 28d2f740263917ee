//! The real service: whatever way a secret comes in, it is in no answer, no view and no file.

use crate::outside::{Scratch, Server, allclear, events_of};
use serde_json::{Value, json};
use std::path::Path;

const PASSWORD: &str = "Tr0ub4dor-and-3";

/// An incident with the secret in every place where words are free.
fn announcement() -> Value {
    let words = format!("psql postgres://app:{PASSWORD}@db/app");
    json!({
        "service": "checkout", "reason": words, "title": words, "symptoms": [words],
        "as_written": words, "actor": words, "running": "2.4.1",
        "posted": { "channel": words, "url": format!("https://u:{PASSWORD}@chat.example/1") },
        "commander": "ana",
        "events": [
            { "type": "note_added", "data": { "text": words } },
            { "type": "alert_attached", "data": { "source": "prometheus", "fingerprint": "f1",
                "status": "firing", "labels": { "job": words } } },
            { "type": "command_recorded", "data": { "command": words, "exit_code": 0,
                "started_at": "2026-11-24T03:00:00Z", "duration_ms": 12, "output": words,
                "output_sha256": "0".repeat(64) } },
            { "type": "resolved", "data": { "summary": words }, "override": { "reason": words } },
            { "type": "corrected", "data": { "version": 3, "fields": { "text": words }, "reason": words } },
        ],
    })
}

fn files_with(folder: &Path, words: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => files_with(&path, words),
        false => {
            let bytes = std::fs::read(&path).unwrap();
            let has = bytes.windows(words.len()).any(|it| it == words.as_bytes());
            has.then(|| path.display().to_string()).into_iter().collect()
        }
    });
    found.collect()
}

#[test]
fn a_secret_in_any_free_text_is_in_no_answer_no_view_and_no_file() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let made = ana.key("k1").post("/v1/incidents", &announcement());
    let told = made.is(201).to_string();
    assert!(!told.contains(PASSWORD), "{told}");
    assert!(told.contains("[masked url_password 15]"), "{told}");
    for address in [
        "events",
        "timeline",
        "timeline?format=markdown",
        "timeline?format=html",
        "timeline?format=text",
        "postmortem?format=markdown",
        "postmortem?format=html",
        "conformance",
        "figures",
        "",
    ] {
        let path = format!("/v1/incidents/INC-1/{address}");
        let answer = ana.get(path.trim_end_matches('/'));
        assert_eq!(answer.status, 200, "{address}");
        assert!(!answer.text().contains(PASSWORD), "{address}");
    }
    let told = ana.get("/v1/incidents/INC-1/events").is(200);
    let url = told["events"][0]["data"]["posted"]["url"].as_str().unwrap();
    assert_eq!(url, "https://u:[masked%20url_password%2015]@chat.example/1");
    let html = ana.get("/v1/incidents/INC-1/timeline?format=html");
    assert!(html.text().contains("[masked url_password 15]"));
    assert!(server.stop().status.success());
    assert_eq!(files_with(&scratch.data(), PASSWORD), [""; 0]);
}

#[test]
fn a_repeated_request_gets_its_first_answer_though_nothing_is_kept_of_its_secret() {
    let server = Server::start();
    let ana = server.responder("ana");
    ana.post("/v1/incidents", &json!({ "service": "checkout", "reason": "5xx" })).is(201);
    let note = |text: &str| json!({ "type": "note_added", "data": { "text": text } });
    let (events, keyed) = (events_of("INC-1"), ana.key("k1"));
    let first = keyed.post(&events, &note("PGPASSWORD=hunter2")).is(201);
    let again = keyed.post(&events, &note("PGPASSWORD=hunter2"));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(201), first);
    keyed.post(&events, &note("PGPASSWORD=hunter2 psql")).is(422);
    // Nobody can find out a secret by trying what has the same receipt.
    assert_eq!(keyed.post(&events, &note("PGPASSWORD=another")).is(201), first);
}

#[test]
fn an_operators_masks_hold_from_the_start_on_and_a_wrong_file_starts_nothing() {
    let scratch = Scratch::new();
    let file = scratch.path().join("masks.toml");
    std::fs::write(&file, "[[mask]]\nkind = \"customer\"\npattern = 'CUST-[0-9]{8}'\n").unwrap();
    let mut command = allclear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(scratch.data());
    command.arg("--masks").arg(&file);
    let server = Server::of(command, &scratch.data());
    let ana = server.responder("ana");
    let claim = json!({ "service": "checkout", "reason": "CUST-12345678 cannot pay" });
    let told = ana.post("/v1/incidents", &claim).is(201);
    assert_eq!(told["reason"], "[masked customer 13] cannot pay");
    std::fs::write(&file, "[[mask]]\nkind = \"customer\"\npattern = '('\n").unwrap();
    let mut command = allclear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(scratch.path().join("other"));
    let ended = command.arg("--masks").arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("masks.toml: the mask \"customer\" has no usable pattern"), "{said}");
}
