//! `/v1/principals`: what people and tools may do, and that it holds at once.

use crate::outside::{Actor, Scratch, Server, announce, append, note};
use serde_json::{Value, json};

fn change(who: &Actor, principal: &str, claim: Value) -> crate::outside::Answer {
    let body = claim.to_string();
    let path = format!("/v1/principals/{principal}");
    who.send("PATCH", &path, Some(("application/json", body.as_bytes())))
}

/// The acts of that type, oldest first.
fn acts(admin: &Actor, kind: &str) -> Vec<Value> {
    let page = admin.get("/v1/incidents/SYS/events").is(200);
    let events = page["events"].as_array().unwrap().iter();
    events.filter(|event| event["type"] == kind).map(|event| event["data"].clone()).collect()
}

#[test]
fn principals_are_listed_with_their_roles_for_admins_and_auditors() {
    let server = Server::start();
    let auditor = server.person("otto", "auditor");
    server.tool("ci", &["read"]);
    let listed = server.admin().get("/v1/principals").is(200);
    let rows = listed["principals"].as_array().unwrap().clone();
    let told: Vec<Value> = rows
        .iter()
        .map(|it| json!([it["name"], it["kind"], it.get("role"), it["disabled"]]))
        .collect();
    let expected = json!([
        ["admin", "person", "admin", false],
        ["ci", "tool", null, false],
        ["otto", "person", "auditor", false],
    ]);
    assert_eq!(json!(told), expected);
    assert_eq!(auditor.get("/v1/principals").is(200), listed);
}

#[test]
fn a_change_of_role_holds_at_once_and_is_an_act_of_the_service() {
    let server = Server::start();
    let (admin, ana) = (server.admin(), server.responder("ana"));
    let incident = announce(&ana);
    let changed = change(&admin, "ana", json!({ "role": "viewer" })).is(200);
    assert_eq!((&changed["role"], &changed["disabled"]), (&json!("viewer"), &json!(false)));
    append(&ana, &incident, &note("x")).is_problem(403, "forbidden");
    ana.get("/v1/incidents").is(200);
    let position = server.position();
    change(&admin, "ANA", json!({ "role": "viewer" })).is(200);
    assert_eq!(server.position(), position, "what is so already is no act");
    let id = changed["id"].as_str().unwrap();
    change(&admin, id, json!({ "role": "responder", "disabled": true })).is(200);
    let told = acts(&admin, "principal_changed");
    assert_eq!(told[0], json!({ "principal": id, "role": "viewer" }));
    assert_eq!(told[1], json!({ "principal": id, "role": "responder", "disabled": true }));
}

#[test]
fn whoever_is_disabled_is_refused_at_once_also_through_tools_and_after_a_restart() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let (admin, ana) = (server.admin(), server.responder("ana"));
    let incident = announce(&ana);
    let bot = server.tool("bot", &["read", "append", "act_as"]).with("On-Behalf-Of", "ana");
    append(&bot, &incident, &note("x")).is(201);
    change(&admin, "ana", json!({ "disabled": true })).is(200);
    ana.get("/v1/incidents").is_problem(401, "unauthorized");
    append(&bot, &incident, &note("x")).is_problem(403, "forbidden");
    server.kill();
    let server = Server::on(&scratch.data());
    ana.at(server.address).get("/v1/incidents").is_problem(401, "unauthorized");
    change(&server.admin(), "ana", json!({ "disabled": false })).is(200);
    ana.at(server.address).get("/v1/incidents").is(200);
}

#[test]
fn a_change_that_does_not_fit_is_told_and_an_admin_always_stays() {
    let server = Server::start();
    let admin = server.admin();
    server.tool("ci", &["read"]);
    let position = server.position();
    change(&admin, "nobody", json!({ "disabled": true })).is_problem(404, "not_found");
    change(&admin, "admin", json!({ "disabled": true })).is_problem(409, "last_admin");
    change(&admin, "admin", json!({ "role": "viewer" })).is_problem(409, "last_admin");
    for (principal, claim, pointer) in [
        ("ci", json!({ "role": "admin" }), "/role"),
        ("admin", json!({ "role": "king" }), "/role"),
        ("admin", json!({ "name": "root" }), "/name"),
        ("admin", json!({}), ""),
    ] {
        let answer = change(&admin, principal, claim);
        answer.is_problem(422, "invalid");
        assert_eq!(answer.pointers(), [pointer]);
    }
    assert_eq!(server.position(), position);
    let second = server.person("ben", "admin");
    change(&second, "admin", json!({ "role": "viewer" })).is(200);
    change(&second, "ben", json!({ "disabled": true })).is_problem(409, "last_admin");
}

#[test]
fn a_start_without_a_valid_admin_s_token_makes_one_and_borrows_nobody_s_name() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ben = server.person("ben", "admin");
    change(&ben, "admin", json!({ "role": "viewer" })).is(200);
    let tokens = ben.get("/v1/tokens").is(200)["tokens"].as_array().unwrap().clone();
    let its = tokens.iter().find(|token| token["principal"]["name"] == "ben").unwrap();
    let path = format!("/v1/tokens/{}", its["token"].as_str().unwrap());
    assert_eq!(ben.send("DELETE", &path, None).is(200)["standing"], "revoked");
    ben.get("/v1/tokens").is_problem(401, "unauthorized");
    assert!(server.stop().status.success());
    let server = Server::on(&scratch.data());
    let made = server.admin().get("/v1/tokens").is(200)["tokens"].as_array().unwrap().clone();
    let valid = made.iter().filter(|token| token["standing"] == "valid");
    let mut whose: Vec<&Value> = valid.map(|token| &token["principal"]["name"]).collect();
    whose.sort_by_key(|name| name.as_str());
    // The first admin's is good for a year yet, and is a viewer's now.
    assert_eq!(whose, ["admin", "admin-2"]);
}
