//! `/v1/incidents/{id}/timeline`.

use crate::outside::{Server, play};

#[test]
fn the_timeline_comes_in_four_forms_by_accept_and_by_parameter() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/timeline", play(&ana));
    for (word, range, media_type) in [
        ("json", "application/json", "application/json"),
        ("markdown", "text/markdown", "text/markdown; charset=utf-8"),
        ("text", "text/plain", "text/plain; charset=utf-8"),
        ("html", "text/html", "text/html; charset=utf-8"),
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
    let problem = ana.get(&format!("{path}?format=pdf")).is_problem(406, "not_acceptable");
    assert!(problem["detail"].as_str().unwrap().contains("json, markdown, text, html"));
}

#[test]
fn a_page_is_sent_with_a_policy_that_allows_its_style_alone() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    for view in ["timeline", "postmortem"] {
        let page = ana.get(&format!("/v1/incidents/{incident}/{view}?format=html"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(
            policy.ends_with("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(page.text().starts_with("<!doctype html>"));
    }
}

#[test]
fn a_zone_stands_beside_utc_and_an_unknown_one_is_a_problem_that_says_what_is_known() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    for view in ["timeline", "postmortem"] {
        let path = format!("/v1/incidents/{incident}/{view}");
        let told = ana.get(&format!("{path}?tz=Asia/Kolkata&format=markdown")).text();
        assert!(told.contains(" IST"), "{told}");
        let problem = ana.get(&format!("{path}?tz=Mars/Olympus")).is_problem(400, "bad_query");
        assert!(problem["detail"].as_str().unwrap().contains("IANA"), "{problem}");
        ana.get(&format!("{path}?noise=perhaps")).is_problem(400, "bad_query");
    }
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
