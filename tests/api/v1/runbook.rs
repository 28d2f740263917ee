use crate::outside::{Server, announce};
use allclear::log::sha256_hex;

#[test]
fn the_runbook_is_its_text_and_each_that_was_pinned_is_found_by_its_hash() {
    let server = Server::start();
    let ana = server.responder("ana");
    let answer = ana.get("/v1/runbook");
    assert_eq!(answer.header("content-type"), Some("application/toml"));
    let sha256 = sha256_hex(&answer.body);
    ana.get(&format!("/v1/runbook?sha256={sha256}")).is_problem(404, "not_found");
    announce(&ana);
    assert_eq!(ana.get(&format!("/v1/runbook?sha256={sha256}")).body, answer.body);
}
