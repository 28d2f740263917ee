//! `/v1/incidents/{id}/replay`.

use crate::outside::{Server, allclear, announce, append, note, play};
use serde_json::{Value, json};

#[test]
fn a_replay_comes_in_three_forms_and_says_the_same_offline() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/replay", play(&ana));
    let out = ana.get(&path).is(200);
    assert_eq!((&out["agrees"], &out["differs"]), (&json!(14), &json!([])));
    let step = &out["steps"][2];
    assert_eq!((&step["type"], &step["to"]), (&json!("response_decided"), &json!("mitigating")));
    assert_eq!(step["verdict"]["outcome"], "agrees");
    let commander = json!({ "topic": "commander", "says": "ana", "since": 2 });
    assert!(step["then"]["known"].as_array().unwrap().contains(&commander), "{step}");
    assert!(step["then"]["unknown"].as_array().unwrap().contains(&json!("effect")));
    assert_eq!(step["then"]["step"], "identify", "no stable version is on record");
    for (form, media_type) in [("markdown", "text/markdown"), ("text", "text/plain")] {
        let by_word = ana.get(&format!("{path}?format={form}"));
        assert_eq!(by_word.header("content-type"), Some(&*format!("{media_type}; charset=utf-8")));
        assert_eq!(by_word.body, ana.with("Accept", media_type).get(&path).body);
        let mut offline = allclear();
        offline.args(["replay", "INC-1", "--format", form, "--data"]).arg(&server.data);
        assert_eq!(offline.output().unwrap().stdout, by_word.body);
    }
    ana.get(&format!("{path}?format=html")).is_problem(406, "not_acceptable");
}

#[test]
fn a_replay_stops_at_a_version_or_a_moment_and_still_names_what_is_corrected_later() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    append(&ana, &incident, &note("x")).is(201);
    let fields = json!({ "version": 1, "reason": "typed wrong", "fields": { "reason": "502" } });
    append(&ana, &incident, &json!({ "type": "corrected", "data": fields })).is(201);
    let path = format!("/v1/incidents/{incident}/replay");
    let count = |query: &str| {
        let out: Value = ana.get(&format!("{path}?{query}")).is(200);
        (out["steps"].as_array().unwrap().len(), out["version"].as_u64().unwrap())
    };
    assert_eq!(count("until=1"), (1, 3));
    assert_eq!(count("version=1"), (1, 1));
    assert_eq!(count("until=99"), (3, 3));
    assert_eq!(count("version=2&until=1"), (1, 2));
    let first = |query: &str| ana.get(&format!("{path}?{query}")).is(200)["steps"][0].clone();
    assert_eq!(first("until=1")["corrected_by"], json!([3]));
    assert_eq!(first("version=1").get("corrected_by"), None);
    assert!(!first("until=3")["what"].as_str().unwrap().contains("502"), "as it was told then");
    let at = first("until=1")["recorded_at"].as_str().unwrap().to_owned();
    assert_eq!(count(&format!("until={at}")), (1, 3));
    let until = |until: &str| ana.get(&format!("{path}?until={until}"));
    until("2001-01-01T00:00:00Z").is_problem(404, "not_yet");
    for wrong in ["0", "-1", "noon", ""] {
        until(wrong).is_problem(400, "bad_query");
    }
    let mut offline = allclear();
    offline.args(["replay", "INC-1", "--until", "1", "--format", "json", "--data"]);
    let output = offline.arg(&server.data).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["steps"], json!([first("until=1")]));
}
