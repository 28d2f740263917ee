use crate::support::{Actor, Server, announce, append, minutes_ago, note};
use serde_json::{Value, json};

fn make(who: &Actor, claim: Value) -> crate::support::Answer {
    who.post("/v1/tokens", &claim)
}

#[test]
fn an_admin_makes_a_token_whose_secret_is_shown_once() {
    let server = Server::start();
    let answer = make(&server.admin(), json!({ "name": "ana" })).is(201);
    let secret = answer["secret"].as_str().unwrap();
    assert!(secret.starts_with("alc_pat_") && secret.len() == 46, "{}", secret.len());
    assert_eq!(answer["principal"]["name"], "ana");
    assert!(answer["principal"]["id"].as_str().unwrap().starts_with("u_"));
    assert!(answer["token"].as_str().unwrap().starts_with("k_"));
    let log = server.admin().get("/v1/events").text();
    assert!(!log.contains(secret));
    assert!(log.contains(answer["token"].as_str().unwrap()));
}

#[test]
fn a_second_token_of_somebody_known_is_the_same_principal() {
    let server = Server::start();
    let first = make(&server.admin(), json!({ "name": "Ana" })).is(201);
    let second = make(&server.admin(), json!({ "name": "ana" })).is(201);
    assert_eq!(first["principal"]["id"], second["principal"]["id"]);
    assert_ne!(first["secret"], second["secret"]);
}

#[test]
fn nobody_but_an_admin_makes_tokens() {
    let server = Server::start();
    let claim = json!({ "name": "eve", "role": "admin" });
    let tool = server.tool("ci", &["read", "append", "act_as"]);
    let position = server.position();
    make(&server.nobody(), claim.clone()).is_problem(401, "unauthorized");
    make(&tool, claim.clone()).is_problem(403, "forbidden");
    make(&tool.with("On-Behalf-Of", "admin"), claim.clone()).is_problem(403, "forbidden");
    assert_eq!(server.position(), position);
    for role in ["viewer", "responder", "auditor"] {
        make(&server.person(role, role), claim.clone()).is_problem(403, "forbidden");
    }
}

#[test]
fn a_token_that_is_none_of_ours_is_refused() {
    let server = Server::start();
    let admin = std::fs::read_to_string(server.data.join("admin-token")).unwrap();
    let typo = admin.trim().replace(|letter: char| letter.is_ascii_digit(), "z");
    for token in ["x", "alc_pat_", &typo, "alc_pat_00000000000000000000000000000000AAAAAA"] {
        let answer = Actor::new(server.address, token).get("/v1/incidents");
        answer.is_problem(401, "unauthorized");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let basic = server.nobody().with("Authorization", &format!("Basic {}", admin.trim()));
    basic.get("/v1/incidents").is_problem(401, "unauthorized");
    let lower = server.nobody().with("Authorization", &format!("bearer {}", admin.trim()));
    lower.get("/v1/incidents").is(200);
}

#[test]
fn a_viewer_reads_and_appends_nothing() {
    let server = Server::start();
    let incident = announce(&server.admin());
    let viewer = server.person("vera", "viewer");
    viewer.get(&format!("/v1/incidents/{incident}")).is(200);
    append(&viewer, &incident, &note("x")).is_problem(403, "forbidden");
    let announcement = json!({ "service": "checkout", "reason": "5xx" });
    viewer.post("/v1/incidents", &announcement).is_problem(403, "forbidden");
}

#[test]
fn a_tool_may_do_what_its_scopes_say_and_no_more() {
    let server = Server::start();
    let incident = announce(&server.admin());
    let reader = server.tool("reader", &["read"]);
    reader.get("/v1/incidents").is(200);
    append(&reader, &incident, &note("x")).is_problem(403, "forbidden");
    let writer = server.tool("writer", &["append"]);
    append(&writer, &incident, &note("x")).is(201);
    writer.get("/v1/incidents").is_problem(403, "forbidden");
    let idle = server.tool("idle", &[]);
    idle.get("/v1/incidents").is_problem(403, "forbidden");
}

#[test]
fn a_tool_that_may_speaks_for_a_person_and_the_event_says_so() {
    let server = Server::start();
    server.responder("ana");
    server.person("vera", "viewer");
    let bot = server.tool("bot", &["read", "append", "act_as"]);
    let incident = announce(&bot.with("On-Behalf-Of", "ana"));
    let event = append(&bot.with("On-Behalf-Of", "Ana"), &incident, &note("x")).is(201);
    assert_eq!(event["events"][0]["by"]["name"], "bot");
    assert_eq!(event["events"][0]["for"]["name"], "ana");
    let plain = append(&bot, &incident, &note("x")).is(201);
    assert_eq!(plain["events"][0].get("for"), None);
    append(&bot.with("On-Behalf-Of", "vera"), &incident, &note("x")).is_problem(403, "forbidden");
    append(&bot.with("On-Behalf-Of", "nobody"), &incident, &note("x")).is_problem(403, "forbidden");
    append(&bot.with("On-Behalf-Of", "bot"), &incident, &note("x")).is_problem(403, "forbidden");
}

#[test]
fn nobody_else_speaks_for_others() {
    let server = Server::start();
    server.responder("ana");
    let incident = announce(&server.admin());
    let tool = server.tool("ci", &["read", "append"]);
    append(&tool.with("On-Behalf-Of", "ana"), &incident, &note("x")).is_problem(403, "forbidden");
    let admin = server.admin().with("On-Behalf-Of", "ana");
    append(&admin, &incident, &note("x")).is_problem(403, "forbidden");
}

#[test]
fn a_person_never_speaks_for_others_whatever_the_token_was_made_with() {
    let server = Server::start();
    let claim = json!({ "name": "eve", "role": "responder", "scopes": ["act_as"] });
    make(&server.admin(), claim).is_problem(422, "invalid");
}

#[test]
fn a_token_that_does_not_fit_is_told_with_every_field() {
    let server = Server::start();
    let admin = server.admin();
    let position = server.position();
    let answer = make(&admin, json!({ "role": "king", "scopes": ["rule"], "colour": "red" }));
    answer.is_problem(422, "invalid");
    let mut pointers = answer.pointers();
    pointers.sort();
    assert_eq!(pointers, ["/colour", "/name", "/role", "/scopes/0"]);
    for expires in [minutes_ago(1), json!("2999-01-01T00:00:00Z")] {
        let answer = make(&admin, json!({ "name": "ana", "expires": expires }));
        answer.is_problem(422, "invalid");
        assert_eq!(answer.pointers(), ["/expires"]);
    }
    assert_eq!(server.position(), position);
}

#[test]
fn what_somebody_known_is_does_not_change_with_another_token() {
    let server = Server::start();
    let ana = server.responder("ana");
    for claim in [
        json!({ "name": "ana", "role": "admin" }),
        json!({ "name": "ana", "kind": "tool", "scopes": ["append"] }),
        json!({ "name": "newcomer", "kind": "tool", "role": "admin" }),
    ] {
        let position = server.position();
        make(&server.admin(), claim).is_problem(422, "invalid");
        assert_eq!(server.position(), position);
    }
    make(&ana, json!({ "name": "eve" })).is_problem(403, "forbidden");
    make(&server.admin(), json!({ "name": "admin" })).is(201);
}
