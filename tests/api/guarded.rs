//! What keeps others out: names that are not ours, pages of others, addresses that all may reach,
//! and clients that ask too often.

use crate::outside::{Actor, Scratch, Server, allclear, announce, append, note};
use serde_json::Value;

fn of_host(server: &Server, host: &str) -> crate::outside::Answer {
    let request = format!("GET /readyz HTTP/1.1\r\n{host}\r\n");
    server.connect().ask(request.as_bytes()).unwrap()
}

#[test]
fn a_name_that_is_not_ours_is_answered_nothing() {
    let scratch = Scratch::new();
    let mut command = allclear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--host", "log.example.net", "--data"]);
    let server = Server::of(
        {
            command.arg(scratch.data());
            command
        },
        &scratch.data(),
    );
    for host in ["localhost", "127.0.0.1:1", "[::1]", "log.example.net", "LOG.example.net:443"] {
        assert_eq!(of_host(&server, &format!("Host: {host}\r\n")).status, 200, "{host}");
    }
    for host in ["evil.example", "192.0.2.1", "127.0.0.1.evil.example", "", "log.example.net.evil"]
    {
        let answer = of_host(&server, &format!("Host: {host}\r\n"));
        answer.is_problem(421, "wrong_host");
    }
    of_host(&server, "").is_problem(421, "wrong_host");
    of_host(&server, "Host: localhost\r\nHost: evil.example\r\n").is_problem(421, "wrong_host");
}

#[test]
fn a_page_of_somebody_else_is_given_nothing() {
    let server = Server::start();
    let ana = server.responder("ana").with("Origin", "https://evil.example");
    let incident = announce(&ana);
    for path in ["/v1/incidents", "/docs", "/livez", "/nowhere"] {
        let answer = ana.get(path);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        for (name, value) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(answer.header("strict-transport-security"), None, "{path}: there is no TLS");
    }
    let preflight = ana.with("Access-Control-Request-Method", "POST");
    let asked = preflight.send("OPTIONS", &format!("/v1/incidents/{incident}/events"), None);
    asked.is_problem(405, "method_not_allowed");
    assert!(asked.headers.iter().all(|(name, _)| !name.starts_with("access-control")));
}

#[test]
fn an_address_that_all_may_reach_is_not_listened_on_without_a_proxy() {
    let scratch = Scratch::new();
    let listen = |further: &[&str]| {
        let mut command = allclear();
        command.args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(scratch.data());
        command.args(further);
        command
    };
    let refused = listen(&[]).output().unwrap();
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--trusted-proxy"));
    assert!(!scratch.data().exists(), "nothing is made before it is refused");
    let server = Server::of(listen(&["--trusted-proxy", "192.0.2.0/24"]), &scratch.data());
    let local = std::net::SocketAddr::from(([127, 0, 0, 1], server.address.port()));
    assert_eq!(Actor::new(local, "").get("/livez").status, 200);
}

#[cfg(not(feature = "tls"))]
#[test]
fn a_build_without_tls_says_what_it_lacks() {
    let scratch = Scratch::new();
    let pem = scratch.path().join("one.pem");
    std::fs::write(&pem, "").unwrap();
    std::fs::set_permissions(&pem, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut command = allclear();
    command.args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(scratch.data());
    command.arg("--tls-cert").arg(&pem).arg("--tls-key").arg(&pem);
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--features tls"), "{said}");
    assert!(!scratch.data().exists(), "nothing is made before it is refused");
}

#[test]
fn who_asks_with_no_valid_token_too_often_is_slowed_down_and_nobody_else_is() {
    let server = Server::start();
    let ana = server.responder("ana");
    let wrong = Actor::new(server.address, "alc_pat_wrong");
    let answers: Vec<_> = (0..140).map(|_| wrong.get("/v1/incidents")).collect();
    answers[0].is_problem(401, "unauthorized");
    assert!(answers[..120].iter().all(|answer| answer.status == 401));
    let slowed = answers.last().unwrap();
    slowed.is_problem(429, "too_many_requests");
    assert_eq!(slowed.header("retry-after"), Some("1"));
    assert_eq!(slowed.header("ratelimit-policy"), Some("\"unauthenticated\";q=120;w=60"));
    assert_eq!(slowed.header("ratelimit"), Some("\"unauthenticated\";r=0;t=1"));
    ana.get("/v1/incidents").is(200);
    assert_eq!(server.nobody().get("/livez").status, 200);
}

#[test]
fn a_principal_is_told_what_is_left_and_is_slowed_down_alone() {
    let server = Server::start();
    let (ana, bot) = (server.responder("ana"), server.tool("bot", &["read"]));
    let left = |actor: &Actor| {
        let answer = actor.get("/v1/incidents?limit=1");
        assert_eq!(answer.header("ratelimit-policy"), Some("\"principal\";q=6000;w=60"));
        let field = answer.header("ratelimit").unwrap();
        let rest = field.strip_prefix("\"principal\";r=").unwrap();
        (answer.status, rest.split(';').next().unwrap().parse::<u32>().unwrap())
    };
    assert_eq!(left(&ana), (200, 5999));
    let asks = |bot: &Actor| (0..4000).any(|_| bot.get("/v1/log/key?x").status == 429);
    let bots: Vec<Actor> = (0..4).map(|_| bot.clone()).collect();
    let is_slowed = std::thread::scope(|scope| {
        let running: Vec<_> = bots.iter().map(|bot| scope.spawn(|| asks(bot))).collect();
        running.into_iter().any(|it| it.join().unwrap())
    });
    assert!(is_slowed, "a bot that never pauses was not slowed down");
    assert!(left(&bot).1 < 200);
    assert_eq!(left(&ana).0, 200);
}

#[test]
fn a_request_is_a_line_of_json_without_anything_that_its_sender_wrote() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let made = append(&ana.key("k-secret"), &incident, &note("hunter2\u{1b}[2J\nforged"));
    made.is(201);
    ana.get("/v1/incidents?q=hunter2").is(200);
    Actor::new(server.address, "alc_pat_hunter2")
        .get("/v1/incidents")
        .is_problem(401, "unauthorized");
    server.nobody().get("/hunter2%0aforged").is_problem(404, "not_found");
    server.nobody().get("/livez");
    let said = server.stop().stderr;
    assert!(
        !said.contains("hunter2") && !said.contains("k-secret") && !said.contains("alc_"),
        "{said}"
    );
    let lines: Vec<Value> =
        said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of = |method: &str, route: Value, status: u16| {
        let is_it = |line: &&Value| {
            line["method"] == method && line["route"] == route && line["status"] == status
        };
        lines.iter().find(is_it).unwrap_or_else(|| panic!("{method} {route} {status}: {said}"))
    };
    let line = of("POST", "/v1/incidents/{id}/events".into(), 201);
    assert_eq!(line["request_id"].as_str(), made.header("x-request-id"));
    assert!(line["principal"].as_str().is_some_and(|id| id.starts_with("u_")), "{line}");
    assert!(line["duration_ms"].as_f64().is_some_and(|it| it > 0.0), "{line}");
    assert!(of("GET", "/v1/incidents".into(), 401)["principal"].is_null());
    of("GET", Value::Null, 404);
    assert!(lines.iter().all(|line| line["route"] != "/livez"));
}

#[test]
fn without_the_flag_nothing_is_said_of_requests() {
    let scratch = Scratch::new();
    let mut command = allclear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--data"]);
    command.arg(scratch.data());
    let server = Server::of(command, &scratch.data());
    announce(&server.admin());
    assert!(!server.stop().stderr.contains("\"status\""));
}
