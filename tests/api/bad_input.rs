//! Everything that must not be stored, and what is said of it.

use crate::outside::{Actor, Server, announce, append, note};
use serde_json::{Value, json};

struct Case {
    what: &'static str,
    body: Vec<u8>,
    status: u16,
    code: &'static str,
    pointers: &'static [&'static str],
}

fn malformed(what: &'static str, body: impl Into<Vec<u8>>) -> Case {
    Case { what, body: body.into(), status: 400, code: "malformed", pointers: &[] }
}

fn invalid(what: &'static str, body: Value, pointers: &'static [&'static str]) -> Case {
    Case { what, body: body.to_string().into(), status: 422, code: "invalid", pointers }
}

fn nested(depth: usize) -> String {
    let (open, close) = ("[".repeat(depth - 2), "]".repeat(depth - 2));
    format!(r#"{{"type":"note_added","data":{{"text":{open}{close}}}}}"#)
}

fn cases() -> Vec<Case> {
    let long =
        |bytes: usize| json!({ "type": "note_added", "data": { "text": "x".repeat(bytes) } });
    vec![
        malformed("nothing", ""),
        malformed("half an object", r#"{"type":"note_added""#),
        malformed("two documents", r#"{"type":"note_added","data":{"text":"x"}} {}"#),
        malformed("a trailing comma", r#"{"type":"note_added","data":{"text":"x"},}"#),
        malformed("a comment", r#"{"type":"note_added",/* */"data":{"text":"x"}}"#),
        malformed("not a number", r#"{"type":"note_added","data":{"text":NaN}}"#),
        malformed("a number beyond all bounds", r#"{"type":"note_added","data":{"text":1e999}}"#),
        malformed("a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
        malformed("a key twice", r#"{"type":"note_added","data":{"text":"a","text":"b"}}"#),
        malformed(
            "a key twice, once escaped",
            r#"{"type":"note_added","data":{"text":"a","te\u0078t":"b"}}"#,
        ),
        malformed("33 deep", nested(33)),
        malformed("10,000 deep", "[".repeat(10_000)),
        malformed("a string longer than 256 KiB", long(256 * 1024 + 1).to_string()),
        malformed(
            "bytes that are no UTF-8",
            b"{\"type\":\"note_added\",\"data\":{\"text\":\"\xff\"}}".to_vec(),
        ),
        malformed(
            "an overlong NUL",
            b"{\"type\":\"note_added\",\"data\":{\"text\":\"\xc0\x80\"}}".to_vec(),
        ),
        malformed("half a surrogate pair", r#"{"type":"note_added","data":{"text":"\ud800"}}"#),
        malformed("a NUL in a text", r#"{"type":"note_added","data":{"text":"a\u0000b"}}"#),
        malformed("a NUL in a key", r#"{"type":"note_added","data":{"te\u0000xt":"b"}}"#),
        malformed("a raw NUL", b"{\"type\":\"note_added\",\"data\":{\"text\":\"\0\"}}".to_vec()),
        Case {
            status: 413,
            code: "too_large",
            ..malformed("one byte more than 1 MiB", vec![b' '; (1 << 20) + 1])
        },
        invalid("32 deep", serde_json::from_str(&nested(32)).unwrap(), &["/data/text"]),
        invalid("a text longer than a text may be", long(8 * 1024 + 1), &["/data/text"]),
        invalid("an empty text", long(0), &["/data/text"]),
        invalid("null for the whole", json!(null), &[""]),
        invalid("a number for the whole", json!(42), &[""]),
        invalid("an empty object", json!({}), &["/type"]),
        invalid("an empty array", json!([]), &[""]),
        invalid("33 events", json!(vec![note("x"); 33]), &[""]),
        invalid("an array in an array", json!([[note("x")]]), &["/0"]),
        invalid("an unknown type", json!({ "type": "dreamt", "data": {} }), &["/type"]),
        invalid("a type of our own", json!({ "type": "service_stopped", "data": {} }), &["/type"]),
        invalid("a type that is no word", json!({ "type": 7, "data": {} }), &["/type"]),
        invalid(
            "an unknown field",
            json!({ "type": "note_added", "data": { "text": "x", "colour": 1 } }),
            &["/data/colour"],
        ),
        invalid(
            "a field of ours",
            json!({ "type": "note_added", "data": { "text": "x" }, "recorded_at": "2026-01-01T00:00:00Z" }),
            &["/recorded_at"],
        ),
        invalid(
            "a member that is null",
            json!({ "type": "note_added", "data": { "text": "x", "pinned": null } }),
            &["/data/pinned"],
        ),
        invalid("data that are null", json!({ "type": "note_added", "data": null }), &["/data"]),
        invalid(
            "an override that is null",
            json!({ "type": "note_added", "data": { "text": "x" }, "override": null }),
            &["/override"],
        ),
        invalid(
            "an override without a reason",
            json!({ "type": "note_added", "data": { "text": "x" }, "override": {} }),
            &["/override/reason"],
        ),
        invalid(
            "a far future",
            json!({ "type": "note_added", "occurred": "2999-01-01T00:00:00Z", "data": { "text": "x" } }),
            &["/occurred"],
        ),
        invalid(
            "a day that is not",
            json!({ "type": "note_added", "occurred": "2026-02-30T00:00:00Z", "data": { "text": "x" } }),
            &["/occurred"],
        ),
        invalid(
            "a time without a zone",
            json!({ "type": "note_added", "occurred": "2026-02-03T00:00:00", "data": { "text": "x" } }),
            &["/occurred"],
        ),
        invalid(
            "a window that ends before it begins",
            json!({ "type": "note_added", "occurred": { "from": "2026-02-03T00:00:00Z", "till": "2026-02-02T00:00:00Z" }, "data": { "text": "x" } }),
            &["/occurred"],
        ),
        invalid(
            "a reference to an event that is not there",
            json!({ "type": "corrected", "data": { "version": 99, "reason": "x", "withdrawn": true } }),
            &["/data/version"],
        ),
        invalid(
            "an incident that is not there",
            json!({ "type": "linked", "data": { "relation": "related", "incident": "INC-9" } }),
            &["/data/incident"],
        ),
        invalid(
            "a merge into nothing",
            json!({ "type": "cancelled", "data": { "why": "merged" } }),
            &["/data/of"],
        ),
    ]
}

#[test]
fn a_body_that_must_not_be_stored_is_a_problem_with_a_stable_code_and_leaves_no_trace() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let before = server.position();
    for case in cases() {
        let answer = ana.post_bytes(&format!("/v1/incidents/{incident}/events"), &case.body);
        println!("{}: {}", case.what, String::from_utf8_lossy(&answer.body));
        answer.is_problem(case.status, case.code);
        assert_eq!(answer.pointers(), case.pointers, "{}", case.what);
        assert_eq!(server.position(), before, "{}", case.what);
    }
    append(&ana, &incident, &note("and it still works")).is(201);
}

#[test]
fn the_longest_body_is_read() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let mut body = note("x").to_string();
    body.push_str(&" ".repeat((1 << 20) - body.len()));
    ana.post_bytes(&format!("/v1/incidents/{incident}/events"), body.as_bytes()).is(201);
}

#[test]
fn a_body_that_never_says_how_long_it_is_is_bounded_too() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let before = server.position();
    let chunked = ana.with("Transfer-Encoding", "chunked").with("Content-Type", "application/json");
    let mut connection = server.connect();
    let path = format!("/v1/incidents/{incident}/events");
    connection.send(&chunked.request("POST", &path, None)).unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    // The server hangs up once it has heard enough.
    let sent = (0..64).take_while(|_| connection.send(chunk.as_bytes()).is_ok()).count();
    let answer = connection.answer();
    assert!(sent < 64 || answer.as_ref().is_ok_and(|it| it.status == 413), "{answer:?}");
    if let Ok(answer) = answer {
        answer.is_problem(413, "too_large");
    }
    assert_eq!(server.position(), before);
}

#[test]
fn a_body_that_is_not_announced_as_json_is_not_read() {
    let server = Server::start();
    let ana = server.responder("ana");
    let path = format!("/v1/incidents/{}/events", announce(&ana));
    let before = server.position();
    let body = note("x").to_string();
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ""]
    {
        let answer = ana.send("POST", &path, Some((media_type, body.as_bytes())));
        answer.is_problem(415, "wrong_media_type");
    }
    ana.send("POST", &path, None).is_problem(415, "wrong_media_type");
    assert_eq!(server.position(), before);
    for media_type in ["application/json; charset=utf-8", "Application/JSON"] {
        ana.send("POST", &path, Some((media_type, body.as_bytes()))).is(201);
    }
}

#[test]
fn a_header_that_does_not_read_is_a_problem() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let before = server.position();
    let long = "k".repeat(256);
    for key in ["", "\"\"", "two words", &long, "k\u{e9}y", "\"open"] {
        if key == "\"open" {
            continue;
        }
        append(&ana.key(key), &incident, &note("x")).is_problem(400, "bad_header");
    }
    let twice = ana.key("one").key("two");
    append(&twice, &incident, &note("x")).is_problem(400, "bad_header");
    let twice = ana.with("If-Match", "\"1\"").with("If-Match", "\"2\"");
    append(&twice, &incident, &note("x")).is_problem(400, "bad_header");
    assert_eq!(server.position(), before);
    append(&ana.key(&"k".repeat(255)), &incident, &note("x")).is(201);
}

#[test]
fn who_asks_is_settled_before_what_is_asked() {
    let server = Server::start();
    let incident = announce(&server.admin());
    let nobody: Actor = server.nobody();
    nobody
        .post_bytes(&format!("/v1/incidents/{incident}/events"), b"{")
        .is_problem(401, "unauthorized");
    nobody.get("/v1/incidents/INC-77").is_problem(401, "unauthorized");
    nobody.get("/v1/incidents?limit=0").is_problem(401, "unauthorized");
}

#[test]
fn what_a_problem_says_of_a_text_is_not_the_text() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let secret = "password=hunter2";
    let body = json!({ "type": "note_added", "data": { "text": [secret] } });
    assert!(!append(&ana, &incident, &body).text().contains("hunter2"));
    let wrong = Actor::new(server.address, secret).get("/v1/incidents");
    assert!(!wrong.text().contains("hunter2"));
}
