//! `/v1/incidents/{id}/postmortem`.

use crate::outside::{Server, play};

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
