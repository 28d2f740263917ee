//! `/v1/incidents/{id}/stream` (promise P14).

use crate::outside::{Frame, Server, announce, append, events_of, note, play};
use serde_json::{Value, json};

#[test]
fn the_stream_of_an_incident_tells_its_events_and_no_others() {
    let server = Server::start();
    let ana = server.responder("ana");
    let (one, two) = (play(&ana), announce(&ana));
    let page = ana.get(&events_of(&one)).is(200)["events"].as_array().unwrap().clone();
    let mut stream = ana.follow(&format!("/v1/incidents/{one}/stream"), None);
    let told: Vec<Value> = stream.take(page.len()).into_iter().map(|it| it.data).collect();
    assert_eq!(told, page);
    append(&ana, &two, &note("elsewhere")).is(201);
    append(&ana, &one, &note("here")).is(201);
    assert_eq!(stream.next().unwrap().data["data"]["text"], "here");
}

#[test]
fn a_client_that_comes_back_gets_exactly_the_rest_of_the_incident() {
    let server = Server::start();
    let ana = server.responder("ana");
    let one = play(&ana);
    let path = format!("/v1/incidents/{one}/stream");
    let whole = ana.follow(&path, None).take(14);
    for (seen, frame) in whole.iter().enumerate() {
        append(&ana, &one, &note(&seen.to_string())).is(201);
        let rest = ana.follow(&path, Some(frame.id)).take(14 - seen - 1);
        assert_eq!(rest, whole[seen + 1..]);
    }
}

#[test]
fn nothing_of_an_incident_is_missed_over_reconnections_while_others_append() {
    let server = Server::start();
    let ana = server.responder("ana");
    let (one, two) = (announce(&ana), announce(&ana));
    let (path, writer) = (format!("/v1/incidents/{one}/stream"), ana.clone());
    let frames: Vec<Frame> = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            (0..119).for_each(|number| {
                append(&writer, &two, &note("noise")).is(201);
                append(&writer, &one, &json!(note(&number.to_string()))).is(201);
            });
        });
        let mut frames: Vec<Frame> = Vec::new();
        for _ in 0..4 {
            let last = frames.last().map(|frame| frame.id);
            frames.extend(ana.follow(&path, last).take(30));
        }
        writing.join().unwrap();
        frames
    });
    let versions: Vec<u64> = frames.iter().map(|it| it.data["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (1..=120).collect::<Vec<_>>());
    assert!(frames.iter().all(|frame| frame.data["ref"] == one.as_str()));
}
