//! What to do, asked over HTTP: the decision table answers with its row and its rationale.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod outside;

use outside::{Actor, Server};
use serde_json::{Value, json};

const ASSESS: &str = "/v1/runbook/assess";

fn assess(who: &Actor, grounds: Value) -> Value {
    who.post(ASSESS, &grounds).is(200)
}

#[test]
fn every_row_of_the_decision_table_answers_in_the_words_of_the_runbook() {
    let server = Server::start();
    let ana = server.responder("ana");
    let table = [
        ("service_down", "Service is completely down", "rollback", "Restore availability first"),
        ("data_corruption", "Data corruption in progress", "rollback", "Stop the bleeding"),
        (
            "degraded_over_half",
            "Performance degraded >50%",
            "rollback",
            "Users are actively affected",
        ),
        (
            "minor_bug_with_workaround",
            "Minor bug, workaround exists",
            "hotfix",
            "Rollback has its own risks",
        ),
        (
            "feature_misbehaves",
            "Feature behaves unexpectedly",
            "flag_off",
            "Least disruptive option",
        ),
        (
            "intermittent_errors",
            "Intermittent errors <5% of requests",
            "investigate",
            "May resolve or may need hotfix",
        ),
    ];
    for ((situation, says, response, rationale), row) in table.into_iter().zip(1..) {
        let answer = assess(&ana, json!({ "situations": [situation] }));
        let expected = json!({
            "response": response, "row": row, "rationale": rationale,
            "situation": { "situation": situation, "says": says },
            "suggestions": [], "no_difference": [response],
            "note": format!("Any other choice than {response} needs its rationale."),
        });
        assert_eq!(answer, expected);
    }
}

#[test]
fn who_is_unsure_rolls_back_and_is_told_the_rule_of_thumb() {
    let server = Server::start();
    let answer = assess(&server.responder("ana"), json!({}));
    assert_eq!(answer["response"], "rollback");
    assert!(answer["rationale"].as_str().unwrap().starts_with("If you are unsure, rollback."));
    assert_eq!((answer.get("row"), answer.get("situation")), (None, None));
}

#[test]
fn what_was_measured_decides_and_what_it_speaks_against_is_told() {
    let server = Server::start();
    let ana = server.responder("ana");
    let answer = assess(&ana, json!({ "measured": { "error_rate_percent": 4.2 } }));
    assert_eq!((&answer["response"], &answer["row"]), (&json!("investigate"), &json!(6)));
    let answer = assess(
        &ana,
        json!({ "situations": ["intermittent_errors"], "measured": { "error_rate_percent": 12 } }),
    );
    assert_eq!(answer["response"], "rollback");
    assert_eq!(answer["contradicted"], json!(["intermittent_errors"]));
}

#[test]
fn a_scenario_says_its_remedies_and_that_they_are_no_difference_from_a_rollback() {
    let server = Server::start();
    let ana = server.responder("ana");
    let grounds = json!({ "situations": ["service_down"], "scenario": "configuration_error" });
    let answer = assess(&ana, grounds);
    assert_eq!(answer["scenario"]["remedies"], json!(["config_revert", "restart"]));
    assert_eq!(answer["scenario"]["recovery_minutes"], json!([2, 10]));
    assert_eq!(answer["no_difference"], json!(["rollback", "config_revert", "restart"]));
    let note = answer["note"].as_str().unwrap();
    assert!(note.contains("Configuration Error (config_revert, restart)"), "{note}");
    let grounds =
        json!({ "situations": ["feature_misbehaves"], "scenario": "configuration_error" });
    assert_eq!(assess(&ana, grounds)["no_difference"], json!(["flag_off"]));
}

#[test]
fn what_needs_no_rationale_by_the_assessment_is_recorded_without_one() {
    let server = Server::start();
    let ana = server.responder("ana");
    let grounds = json!({ "situations": ["service_down"], "scenario": "resource_exhaustion" });
    let answer = assess(&ana, grounds);
    for chosen in ["rollback", "scale", "hotfix", "restart", "flag_off"] {
        let incident = outside::announce(&ana);
        let decision = json!({ "type": "response_decided", "data": { "situations": ["service_down"],
            "scenario": "resource_exhaustion", "chosen": chosen } });
        let recorded = outside::append(&ana, &incident, &decision).status == 201;
        let needs_none = answer["no_difference"].as_array().unwrap().contains(&json!(chosen));
        assert_eq!(recorded, needs_none, "{chosen}");
    }
}

#[test]
fn symptoms_suggest_scenarios_by_their_signs_the_most_likely_first() {
    let server = Server::start();
    let symptoms = json!(["5xx after deploy", "relation \"users\" is missing a column"]);
    let answer = assess(&server.responder("ana"), json!({ "symptoms": symptoms }));
    let expected = json!([
        { "scenario": "bad_deploy", "title": "Bad Deploy (Application Error)", "signs": ["5xx", "after deploy"] },
        { "scenario": "db_migration_failure", "title": "Database Migration Failure", "signs": ["column", "relation"] },
    ]);
    assert_eq!(answer["suggestions"], expected);
}

#[test]
fn every_fault_is_told_at_once_and_unknown_names_name_the_known() {
    let server = Server::start();
    let ana = server.responder("ana");
    let grounds = json!({
        "situations": ["service_down", "moon", 7], "scenario": "eclipse", "stars": true,
        "measured": { "degraded_percent": 101, "down": "yes" }, "symptoms": "many",
    });
    let answer = ana.post(ASSESS, &grounds);
    let problem = answer.is_problem(422, "invalid");
    let mut pointers = answer.pointers();
    pointers.sort();
    let expected = [
        "/measured/degraded_percent",
        "/measured/down",
        "/scenario",
        "/situations/1",
        "/situations/2",
        "/stars",
        "/symptoms",
    ];
    assert_eq!(pointers, expected);
    let detail = |pointer: &str| {
        let errors = problem["errors"].as_array().unwrap();
        let error = errors.iter().find(|it| it["pointer"] == pointer).unwrap();
        error["detail"].as_str().unwrap().to_owned()
    };
    assert!(detail("/situations/1").contains("service_down, data_corruption"));
    assert!(detail("/scenario").contains("bad_deploy, db_migration_failure"));
    ana.post_bytes(ASSESS, b"[]").is_problem(422, "invalid");
    ana.post_bytes(ASSESS, b"{").is_problem(400, "malformed");
}

#[test]
fn a_runbook_is_asked_by_its_hash_and_an_unknown_one_is_a_fault() {
    let server = Server::start();
    let ana = server.responder("ana");
    let sha256 = allclear::log::sha256_hex(&ana.get("/v1/runbook").body);
    assert_eq!(assess(&ana, json!({ "runbook": sha256 })), assess(&ana, json!({})));
    for unknown in [json!("0".repeat(64)), json!("moon"), json!(7), Value::Null] {
        let answer = ana.post(ASSESS, &json!({ "runbook": unknown, "symptoms": [1] }));
        answer.is_problem(422, "invalid");
        let mut pointers = answer.pointers();
        pointers.sort();
        assert_eq!(pointers, ["/runbook", "/symptoms/0"], "{unknown}");
    }
}

#[test]
fn whoever_may_read_may_ask_and_nobody_else() {
    let server = Server::start();
    let before = server.position();
    server.nobody().post(ASSESS, &json!({})).is_problem(401, "unauthorized");
    let viewer = server.person("vera", "viewer");
    let reader = server.tool("dashboard", &["read"]);
    let writer = server.tool("deployer", &["append"]);
    let made = server.position();
    assess(&viewer, json!({}));
    assess(&reader, json!({}));
    writer.post(ASSESS, &json!({})).is_problem(403, "forbidden");
    assert!(made > before);
    assert_eq!(server.position(), made, "an assessment stores nothing");
}
