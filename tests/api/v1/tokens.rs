use crate::outside::{Actor, Scratch, Server, announce, append, minutes_ago, note, until};
use serde_json::{Value, json};

fn make(who: &Actor, claim: Value) -> crate::outside::Answer {
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
    assert_eq!(pointers, ["/colour", "/role", "/scopes/0"]);
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

fn delete(who: &Actor, token: &str) -> crate::outside::Answer {
    who.send("DELETE", &format!("/v1/tokens/{token}"), None)
}

fn listed(who: &Actor) -> Vec<Value> {
    who.get("/v1/tokens").is(200)["tokens"].as_array().unwrap().clone()
}

fn id(token: &Value) -> &str {
    token["token"].as_str().unwrap()
}

#[test]
fn everybody_but_a_tool_makes_lists_and_revokes_tokens_of_their_own() {
    let server = Server::start();
    for role in ["viewer", "responder", "auditor", "admin"] {
        let name = format!("{role}-in-person");
        let who = server.person(&name, role);
        let made = make(&who, json!({})).is(201);
        assert_eq!(made["principal"]["name"], name);
        assert_eq!((&made["standing"], &made["scopes"]), (&json!("valid"), &json!([])));
        let other = Actor::new(server.address, made["secret"].as_str().unwrap());
        other.get("/v1/incidents").is(200);
        let own = listed(&other).into_iter().filter(|it| it["principal"]["name"] == name);
        assert_eq!(own.count(), 2, "{role}");
        assert!(!other.get("/v1/tokens").text().contains("alc_"));
        let position = server.position();
        assert_eq!(delete(&who, id(&made)).is(200)["standing"], "revoked");
        other.get("/v1/incidents").is_problem(401, "unauthorized");
        assert_eq!(server.position(), position + 1);
        assert_eq!(delete(&who, id(&made)).is(200)["standing"], "revoked");
        assert_eq!(server.position(), position + 1, "once revoked is revoked");
        make(&who, json!({ "name": name, "role": role })).is(201);
    }
    let claim = json!({ "name": "vera", "role": "admin" });
    make(&server.person("vera", "viewer"), claim).is_problem(422, "invalid");
}

#[test]
fn the_tokens_of_others_are_known_to_auditors_and_admins_and_revoked_by_admins() {
    let server = Server::start();
    let (ana, ben) = (server.responder("ana"), server.responder("ben"));
    let auditor = server.person("otto", "auditor");
    let its = listed(&ben).remove(0);
    assert_eq!(its["principal"]["name"], "ben");
    assert_eq!(listed(&ana).len(), 1);
    assert_eq!(listed(&auditor).len(), 4);
    assert_eq!(listed(&server.admin()), listed(&auditor));
    delete(&ana, id(&its)).is_problem(404, "not_found");
    delete(&ana, "k_nothing").is_problem(404, "not_found");
    delete(&auditor, id(&its)).is_problem(403, "forbidden");
    ben.get("/v1/incidents").is(200);
    delete(&server.admin(), id(&its)).is(200);
    ben.get("/v1/incidents").is_problem(401, "unauthorized");
}

#[test]
fn what_was_revoked_stays_so_after_a_restart_and_the_log_says_who_did_it() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let its = listed(&ana).remove(0);
    delete(&ana, id(&its)).is(200);
    server.kill();
    let server = Server::on(&scratch.data());
    ana.at(server.address).get("/v1/incidents").is_problem(401, "unauthorized");
    let page = server.admin().get("/v1/incidents/SYS/events").is(200);
    let told = page["events"].as_array().unwrap().clone();
    let told = told.iter().find(|event| event["type"] == "token_revoked").unwrap();
    assert_eq!((&told["data"]["token"], &told["by"]["name"]), (&its["token"], &json!("ana")));
}

#[test]
fn a_key_is_turned_away_because_a_secret_is_shown_once() {
    let server = Server::start();
    let position = server.position();
    make(&server.admin().key("once"), json!({})).is_problem(400, "bad_header");
    assert_eq!(server.position(), position);
}

#[test]
fn a_token_lives_ninety_days_unless_it_says_otherwise_and_ends_by_itself() {
    let server = Server::start();
    let made = make(&server.admin(), json!({})).is(201);
    assert!(made["expires"].as_str().unwrap() > minutes_ago(-89 * 24 * 60).as_str().unwrap());
    assert!(made["expires"].as_str().unwrap() < minutes_ago(-91 * 24 * 60).as_str().unwrap());
    let soon = (std::time::SystemTime::now() + std::time::Duration::from_millis(1_500))
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let soon = allclear::incident::time::Moment(soon.as_micros().try_into().unwrap()).instant();
    let made = make(&server.admin(), json!({ "expires": soon })).is(201);
    let brief = Actor::new(server.address, made["secret"].as_str().unwrap());
    let mut stream = brief.follow("/v1/events/stream", None);
    until("the token has ended", || brief.get("/v1/incidents").status == 401);
    while stream.next().is_some() {}
    assert!(listed(&server.admin()).iter().any(|token| token["standing"] == "expired"));
}

#[test]
fn a_principal_has_so_many_tokens_and_no_more() {
    let server = Server::start();
    let ana = server.responder("ana");
    for _ in 1..allclear::engine::TOKENS_MAX {
        make(&ana, json!({})).is(201);
    }
    make(&ana, json!({})).is_problem(422, "invalid");
    let first = listed(&ana).remove(0);
    delete(&ana, id(&first)).is(200);
    // In the place that was left there is room for one.
    make(&server.admin(), json!({ "name": "ana" })).is(201);
    make(&server.admin(), json!({ "name": "ana" })).is_problem(422, "invalid");
}

#[test]
fn an_open_stream_ends_when_its_token_is_revoked_or_its_principal_changed() {
    let server = Server::start();
    let admin = server.admin();
    let (ana, ben) = (server.responder("ana"), server.responder("ben"));
    let incident = announce(&ana);
    let path = format!("/v1/incidents/{incident}/stream");
    let mut streams = [ana.follow(&path, None), ben.follow(&path, None)];
    let mut whole = ben.follow("/v1/events/stream", None);
    streams.iter_mut().for_each(|stream| assert_eq!(stream.next().unwrap().event, "announced"));
    whole.take(1);
    let since = std::time::Instant::now();
    delete(&admin, id(&listed(&ana)[0])).is(200);
    let [of_ana, of_ben] = &mut streams;
    assert_eq!(of_ana.next(), None, "revoked");
    assert!(since.elapsed() < std::time::Duration::from_secs(1), "{:?}", since.elapsed());
    append(&admin, &incident, &note("others go on")).is(201);
    assert_eq!(of_ben.next().unwrap().event, "note_added");
    let body = json!({ "disabled": true }).to_string();
    let disabled =
        admin.send("PATCH", "/v1/principals/ben", Some(("application/json", body.as_bytes())));
    disabled.is(200);
    append(&admin, &incident, &note("not for ben")).is(201);
    assert_eq!(of_ben.next(), None, "disabled");
    assert_eq!(whole.take(1)[0].data["data"]["text"], "others go on");
    assert_eq!(whole.next(), None);
}

#[test]
fn an_auditor_who_is_one_no_longer_sees_no_more_acts_in_an_open_stream() {
    let server = Server::start();
    let auditor = server.person("otto", "auditor");
    let mut stream = auditor.follow("/v1/events/stream", None);
    assert_eq!(stream.next().unwrap().event, "service_started");
    let body = json!({ "role": "viewer" }).to_string();
    let path = "/v1/principals/otto";
    server.admin().send("PATCH", path, Some(("application/json", body.as_bytes()))).is(200);
    server.responder("zoe");
    let mut rest = Vec::new();
    while let Some(frame) = stream.next() {
        rest.push(frame.data["data"]["name"].clone());
    }
    assert!(!rest.contains(&json!("zoe")), "{rest:?}");
    announce(&server.admin());
    let mut again = auditor.follow("/v1/events/stream", None);
    assert_eq!(again.next().unwrap().event, "announced");
}

#[test]
fn a_scope_may_be_narrowed_to_types_of_events_and_services() {
    let server = Server::start();
    let admin = server.admin();
    let checkout = announce(&admin);
    let other = admin.post("/v1/incidents", &json!({ "service": "payments", "reason": "5xx" }));
    let payments = other.is(201)["ref"].as_str().unwrap().to_owned();
    let scopes = ["append:detected,announced@checkout", "append:note_added"];
    let tool = server.tool("alerts", &scopes);
    let detected = json!({ "type": "detected", "data": { "source": "monitoring" } });
    append(&tool, &checkout, &detected).is(201);
    append(&tool, &checkout, &json!([detected, note("x")])).is(201);
    append(&tool, &payments, &note("x")).is(201);
    append(&tool, &payments, &detected).is_problem(403, "forbidden");
    append(&tool, &payments, &json!([note("x"), detected])).is_problem(403, "forbidden");
    let moved = json!({ "type": "severity_changed", "data": { "to": "SEV1" } });
    append(&tool, &checkout, &moved).is_problem(403, "forbidden");
    append(&tool, "INC-99", &detected).is_problem(404, "incident_unknown");
    let announcement = |service: &str| json!({ "service": service, "reason": "5xx" });
    tool.post("/v1/incidents", &announcement("checkout")).is(201);
    tool.post("/v1/incidents", &announcement("payments")).is_problem(403, "forbidden");
    let mut commanded = announcement("checkout");
    commanded["commander"] = json!("admin");
    tool.post("/v1/incidents", &commanded).is_problem(403, "forbidden");

    let stored = listed(&admin).into_iter().find(|it| it["principal"]["name"] == "alerts");
    assert_eq!(stored.unwrap()["scopes"], json!(scopes));
    for scope in ["append:unheard_of", "append:redacted", "append@", "read@checkout"] {
        let claim = json!({ "name": "odd", "kind": "tool", "scopes": [scope] });
        let answer = make(&admin, claim);
        answer.is_problem(422, "invalid");
        assert_eq!(answer.pointers(), ["/scopes/0"]);
    }
}
