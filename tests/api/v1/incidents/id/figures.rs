//! `/v1/incidents/{id}/figures`.

use crate::outside::{Server, announce, play};

#[test]
fn the_figures_come_in_three_forms_each_figure_with_its_definition() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/figures", play(&ana));
    let figures = ana.get(&path).is(200);
    for figure in figures["figures"].as_array().unwrap() {
        assert!(figure["definition"].as_str().is_some_and(|it| !it.is_empty()), "{figure}");
    }
    assert!(ana.get(&format!("{path}?format=markdown")).text().starts_with("# Figures of INC-1"));
    assert_eq!(
        ana.with("Accept", "text/plain").get(&path).header("content-type"),
        Some("text/plain; charset=utf-8")
    );
}

#[test]
fn what_is_not_known_is_said_to_be_unknown() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/figures?format=text", announce(&ana));
    assert!(ana.get(&path).text().contains("unknown"));
}
