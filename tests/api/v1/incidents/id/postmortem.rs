//! `/v1/incidents/{id}/postmortem`.

use crate::outside::{Scratch, Server, allclear, append, play};
use serde_json::json;

#[test]
fn the_post_mortem_is_drafted_as_json_and_markdown_and_cites_its_events() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/postmortem", play(&ana));
    ana.get(&path).is(200);
    let markdown = ana.with("Accept", "text/markdown").get(&path);
    assert_eq!(markdown.header("content-type"), Some("text/markdown; charset=utf-8"));
    let text = markdown.text();
    assert!(text.starts_with("# ") && text.contains("[#1]") && text.contains("checkout"), "{text}");
    ana.get(&format!("{path}?format=text")).is_problem(406, "not_acceptable");
}

#[test]
fn a_seal_and_a_restart_change_nothing_in_a_draft() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let incident = play(&admin);
    let path = format!("/v1/incidents/{incident}/postmortem?format=markdown");
    let before = admin.get(&path).text();
    // A stop seals everything.
    assert!(server.stop().status.success());
    let server = Server::on(&scratch.data());
    assert_eq!(admin.at(server.address).get(&path).text(), before);
    let data = scratch.data();
    let offline = allclear().args(["postmortem", &incident, "--data"]).arg(&data).output().unwrap();
    assert_eq!(String::from_utf8(offline.stdout).unwrap(), before);
}

#[test]
fn a_draft_is_judged_at_its_last_event_unless_the_query_asks_otherwise() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    let last = ana.get(&format!("/v1/incidents/{incident}")).is(200)["updated_at"].clone();
    for view in ["timeline", "postmortem", "conformance"] {
        let path = format!("/v1/incidents/{incident}/{view}");
        assert_eq!(ana.get(&path).is(200)["judged_at"], last, "{view}");
        let later = ana.get(&format!("{path}?judged_at=2040-01-01T00:00:00Z")).is(200);
        assert_eq!(later["judged_at"], "2040-01-01T00:00:00+00:00", "{view}");
    }
}

#[test]
fn an_unknown_section_is_a_problem_that_names_the_known_ones() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    let words = json!({ "section": "preface", "markdown": "Once upon a time." });
    let written = json!({ "type": "section_written", "data": words });
    let problem = append(&ana, &incident, &written).is_problem(422, "invalid");
    let said = problem["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(problem["errors"][0]["pointer"], "/data/section");
    for known in ["summary", "root_cause", "follow_ups"] {
        assert!(said.contains(known), "{problem}");
    }
}
