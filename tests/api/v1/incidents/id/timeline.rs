//! `/v1/incidents/{id}/timeline`.

use crate::outside::{Server, play};

#[test]
fn the_timeline_comes_in_three_forms_by_accept_and_by_parameter() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/timeline", play(&ana));
    for (word, range, media_type) in [
        ("json", "application/json", "application/json"),
        ("markdown", "text/markdown", "text/markdown; charset=utf-8"),
        ("text", "text/plain", "text/plain; charset=utf-8"),
    ] {
        let by_range = ana.with("Accept", range).get(&path);
        assert_eq!(by_range.header("content-type"), Some(media_type));
        let by_word = ana.with("Accept", "image/png").get(&format!("{path}?format={word}"));
        assert_eq!(by_word.body, by_range.body);
        assert!(!by_range.body.is_empty());
    }
    let answered = |range: &str| {
        ana.with("Accept", range).get(&path).header("content-type").unwrap().to_owned()
    };
    assert_eq!(answered("*/*"), "application/json");
    assert_eq!(answered("text/*;q=0.9, application/json;q=0.1"), "text/markdown; charset=utf-8");
    assert_eq!(answered("text/plain, application/json;q=0.8"), "text/plain; charset=utf-8");
    assert_eq!(answered("TEXT/Plain"), "text/plain; charset=utf-8");
    assert_eq!(answered("application/json;q=0, text/plain"), "text/plain; charset=utf-8");
    assert_eq!(answered("application/json;q=0, */*"), "text/markdown; charset=utf-8");
    assert_eq!(answered("image/png, text/plain;q=0.2, */*;q=0.1"), "text/plain; charset=utf-8");
    ana.with("Accept", "image/png").get(&path).is_problem(406, "not_acceptable");
    ana.get(&format!("{path}?format=html")).is_problem(406, "not_acceptable");
}

#[test]
fn the_timeline_tells_every_event_in_either_order_and_at_a_past_version() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/timeline", play(&ana));
    let count = |query: &str| {
        let timeline = ana.get(&format!("{path}?{query}")).is(200);
        timeline["entries"].as_array().unwrap().len()
    };
    assert_eq!(count("order=recorded"), 14);
    assert_eq!(count("order=occurred"), 14);
    assert_eq!(count("version=4"), 4);
    ana.get(&format!("{path}?order=random")).is_problem(400, "bad_query");
    ana.get(&format!("{path}?version=99")).is_problem(404, "not_yet");
}

#[test]
fn a_view_of_a_past_version_stays_as_it_was_to_the_byte() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    for view in ["timeline", "figures", "postmortem"] {
        let path = format!("/v1/incidents/{incident}/{view}?version=8&format=markdown");
        let before = ana.get(&path).body;
        crate::outside::append(&ana, &incident, &crate::outside::note("later")).is(201);
        assert_eq!(ana.get(&path).body, before, "{view}");
    }
}
