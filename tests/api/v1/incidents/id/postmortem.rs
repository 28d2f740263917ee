//! `/v1/incidents/{id}/postmortem`.

use crate::outside::{Scratch, Server, allclear, play};

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
fn the_draft_names_the_first_checkpoint_that_covers_it_and_is_the_same_for_good() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let incident = play(&admin);
    let path = format!("/v1/incidents/{incident}/postmortem?format=markdown");
    assert!(admin.get(&path).text().contains("- No checkpoint covers them yet"));
    // A stop seals everything.
    assert!(server.stop().status.success());
    let drafts = [(); 2].map(|()| {
        let server = Server::on(&scratch.data());
        let draft = admin.at(server.address).get(&path).text();
        assert!(server.stop().status.success());
        draft
    });
    assert_eq!(drafts[0], drafts[1]);
    assert!(drafts[0].contains("- A checkpoint covers them: "), "{}", drafts[0]);
    let data = scratch.data();
    let offline = allclear().args(["postmortem", &incident, "--data"]).arg(&data).output().unwrap();
    assert_eq!(String::from_utf8(offline.stdout).unwrap(), drafts[0]);
}
