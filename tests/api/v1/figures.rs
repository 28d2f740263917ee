//! `/v1/figures`.

use crate::outside::{Server, announce, append, play};
use serde_json::{Value, json};

#[test]
fn figures_across_incidents_say_what_they_rest_on() {
    let server = Server::start();
    let ana = server.responder("ana");
    play(&ana);
    announce(&ana);
    let cancelled = announce(&ana);
    let why = json!({ "type": "cancelled", "data": { "why": "false_alarm" } });
    append(&ana, &cancelled, &why).is(201);
    let across = ana.get("/v1/figures?by=service").is(200);
    assert_eq!(across["all"]["incidents"], json!(["INC-1", "INC-2"]));
    assert_eq!(across["cancelled"], 1);
    assert_eq!(across["groups"][0]["name"], "checkout");
    let restore = |it: &&Value| it["figure"] == "restore";
    let figures = across["groups"][0]["figures"].as_array().unwrap();
    let restore = figures.iter().find(restore).unwrap();
    assert_eq!((&restore["count"], &restore["left_out"]), (&json!(1), &json!(1)));
    assert_eq!(restore["median"]["spoken"], "14 min");
    let none = ana.get("/v1/figures?to=2001-01-01T00:00:00Z&by=month").is(200);
    assert_eq!((&none["all"]["incidents"], &none["groups"]), (&json!([]), &json!([])));
    let markdown = ana.get("/v1/figures?format=markdown").text();
    assert!(markdown.contains("| Restore | 1 | 1 | 0 | 14 min | 14 min |"), "{markdown}");
}

#[test]
fn an_unknown_grouping_format_or_parameter_is_a_problem_that_names_the_known_ones() {
    let server = Server::start();
    let ana = server.responder("ana");
    let problem = ana.get("/v1/figures?by=weekday").is_problem(400, "bad_query");
    assert!(problem["detail"].as_str().unwrap().contains("service, scenario, month"));
    ana.get("/v1/figures?since=2001-01-01T00:00:00Z").is_problem(400, "bad_query");
    ana.get("/v1/figures?from=yesterday").is_problem(400, "bad_query");
    ana.get("/v1/figures?format=csv").is_problem(406, "not_acceptable");

    server.nobody().get("/v1/figures").is_problem(401, "unauthorized");
}
