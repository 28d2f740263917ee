//! Every view at every past version, inside of batches too: what is answered about the past today
//! is what was answered then, and what a log that ends there tells.

use crate::outside::{Actor, Server, append, note, play};
use allclear::engine::read_rows;
use allclear::incident::id::{IncidentId, Version};
use allclear::incident::runbook::built_in;
use allclear::ledger::{Reader, SqliteLedger};
use allclear::log::{Names, Row, Story};
use allclear::views::replay::Stop;
use allclear::views::{
    Conformance, Figures, Guide, Manner, ObligationOut, People, Postmortem, Replay, Summary,
    Timeline,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Every view of an incident, with the forms it is told in.
const VIEWS: [(&str, &[&str]); 6] = [
    ("", &["json"]),
    ("/timeline", &["json", "markdown", "text", "html"]),
    ("/figures", &["json", "markdown", "text"]),
    ("/conformance", &["json", "markdown", "text"]),
    ("/postmortem", &["json", "markdown", "html"]),
    ("/replay", &["json", "markdown", "text"]),
];

/// What every view says of the incident at a version, in every form.
fn told(who: &Actor, point: &str) -> Vec<String> {
    let mut told = Vec::new();
    for (view, forms) in VIEWS {
        for form in forms {
            let form = if view.is_empty() { String::new() } else { format!("&format={form}") };
            let path = format!("/v1/incidents/INC-1{view}?{point}{form}");
            let answer = who.get(&path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            told.push(answer.text());
        }
    }
    told
}

/// The rows of the incident and the names, read from the file.
fn stored(server: &Server) -> (Vec<Row>, Arc<Names>) {
    let mut reader = SqliteLedger::open_offline(&server.data).unwrap();
    let id = reader.find("INC-1".parse().unwrap()).unwrap().unwrap();
    let mut rows = |id| read_rows(&mut reader, id, Version(u64::MAX >> 1)).unwrap();
    (rows(id), Arc::new(Names::read(&rows(IncidentId::SYSTEM)).unwrap()))
}

/// What the views of a log say that ends there, in the order of [`VIEWS`], as JSON.
fn cut(rows: &[Row], names: &Arc<Names>) -> Vec<Value> {
    let story = Story::walk(rows, Arc::clone(names)).unwrap().unwrap();
    let (book, at) = (built_in(), story.last().entry.at);
    let people = People::of(&story);
    let mut incident = json!(Summary::of(&story.incident, &book, &people));
    incident["obligations"] = json!(ObligationOut::all(&story.incident, &book, at, &people));
    incident["guide"] = json!(Guide::new(&story.incident, &book, at));
    let manner = Manner { runbook: Some(&book), ..Manner::default() };
    vec![
        incident,
        json!(Timeline::in_manner(&story, &manner)),
        json!(Figures::new(&story)),
        json!(Conformance::new(&story, &book, at)),
        json!(Postmortem::in_manner(&story, &manner)),
        json!(Replay::new(&story, &book, Stop::End)),
    ]
}

/// What the service says at that version, in the same order.
fn answered(who: &Actor, version: usize) -> Vec<Value> {
    let ask = |(view, _): (&str, _)| {
        let mut out = who.get(&format!("/v1/incidents/INC-1{view}?version={version}")).is(200);
        // What may come next has tests of its own; it is no view.
        out.as_object_mut().unwrap().shift_remove("next");
        out
    };
    VIEWS.into_iter().map(ask).collect()
}

/// The happy path, then a correction, and a batch whose second event withdraws what came first.
fn tell(server: &Server) -> Actor {
    let ana = server.responder("ana");
    play(&ana);
    for batch in [
        json!([{ "type": "corrected", "data": { "version": 4, "reason": "read the clock wrong",
            "occurred": "2026-01-01T00:00:00Z" } }, note("the key is Zorbanella")]),
        json!([
            note("of another incident"),
            { "type": "corrected", "data": { "version": 17, "withdrawn": true, "reason": "elsewhere" } },
            { "type": "reopened", "data": { "reason": "it is back" } },
            { "type": "role_released", "data": { "role": "commander", "from": "ana" } },
        ]),
    ] {
        append(&ana, "INC-1", &batch).is(201);
    }
    ana
}

#[test]
fn what_is_told_of_a_version_is_what_a_log_that_ends_there_tells() {
    let server = Server::start();
    let ana = tell(&server);
    let (rows, names) = stored(&server);
    assert_eq!(rows.len(), 20);
    for version in 1..=rows.len() {
        let (told, expected) = (answered(&ana, version), cut(&rows[..version], &names));
        for ((told, expected), (view, _)) in told.iter().zip(&expected).zip(VIEWS) {
            assert_eq!(told, expected, "{view} at {version}");
        }
    }
}

#[test]
fn what_was_told_of_a_version_then_is_told_of_it_for_ever_but_for_what_is_erased() {
    let server = Server::start();
    let ana = tell(&server);
    let version = |version: usize| format!("version={version}");
    let before: Vec<Vec<String>> = (1..=20).map(|at| told(&ana, &version(at))).collect();
    let moment = |at: usize| {
        let event =
            ana.get(&format!("/v1/incidents/INC-1/events?after={}&limit=1", at - 1)).is(200);
        format!("at={}", event["events"][0]["recorded_at"].as_str().unwrap().replace('+', "%2B"))
    };
    // A batch has one moment: its last event is what stood then.
    assert_eq!(told(&ana, &moment(4))[1..], before[3][1..]);
    assert_eq!(told(&ana, &moment(17))[1..], before[19][1..]);
    let erasure = json!({ "type": "redacted", "data": { "version": 16, "reason": "a live key" } });
    append(&server.admin(), "INC-1", &erasure).is(201);
    append(&ana, "INC-1", &note("later")).is(201);
    for at in 1..=20 {
        let now = told(&ana, &version(at));
        if at < 16 {
            assert_eq!(now, before[at - 1], "{at}");
        } else {
            let leaks = |text: &String| text.contains("Zorbanella");
            assert!(before[at - 1].iter().any(leaks) && !now.iter().any(leaks), "{at}");
        }
    }
    let (rows, names) = stored(&server);
    let story = Story::walk_first(20, &rows, names).unwrap().unwrap();
    let replay = Replay::new(&story, &built_in(), Stop::End).unwrap();
    assert_eq!(replay.not_judged, [Version(16)], "what is erased cannot be judged again");
    assert_eq!(json!(replay), answered(&ana, 20)[5]);
}
