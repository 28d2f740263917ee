//! What holds of every answer, whatever was asked.

use crate::outside::{Server, announce};

#[test]
fn nothing_is_kept_by_a_cache_or_guessed_by_a_browser() {
    let server = Server::start();
    let admin = server.admin();
    let incident = announce(&admin);
    for path in ["/v1/incidents", &format!("/v1/incidents/{incident}"), "/livez", "/nowhere"] {
        let answer = admin.get(path);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("x-request-id").is_some_and(|it| it.len() == 32), "{path}");
    }
}

#[test]
fn an_address_that_is_not_there_is_a_problem() {
    let server = Server::start();
    let nobody = server.nobody();
    for path in ["/", "/v1", "/v2/incidents", "/v1/incidents/", "/v1/incidents/INC-1/nothing"] {
        nobody.get(path).is_problem(404, "not_found");
    }
}

#[test]
fn a_method_that_an_address_does_not_take_is_a_problem_that_says_which_it_takes() {
    let server = Server::start();
    let nobody = server.nobody();
    let answer = nobody.send("DELETE", "/v1/incidents", None);
    answer.is_problem(405, "method_not_allowed");
    let allowed = answer.header("allow").unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    nobody.send("PUT", "/livez", None).is_problem(405, "method_not_allowed");
    nobody.send("PATCH", "/v1/incidents/INC-1/events", None).is_problem(405, "method_not_allowed");
}

#[test]
fn one_connection_carries_many_requests() {
    let server = Server::start();
    let admin = server.admin();
    let mut connection = server.connect();
    for _ in 0..20 {
        let answer = connection.ask(&admin.request("GET", "/v1/incidents", None)).unwrap();
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn bytes_that_are_no_http_end_their_connection_and_nothing_else() {
    let server = Server::start();
    let head = "GET /livez HTTP/1.1\r\nHost: h\r\n";
    let many = format!("{head}{}\r\n", "X-Filler: x\r\n".repeat(500));
    let long = format!("{head}X-Filler: {}\r\n\r\n", "x".repeat(1 << 20));
    let hostile: [&[u8]; 6] = [
        b"\0\0\0\0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /livez HTTP/9.9\r\n\r\n",
        b"GET /li\0vez HTTP/1.1\r\nHost: h\r\n\r\n",
        many.as_bytes(),
        long.as_bytes(),
    ];
    for bytes in hostile {
        let mut connection = server.connect();
        // The server may hang up before it has read everything.
        let _ = connection.send(bytes);
        let _ = connection.send(b"\r\n\r\n");
        if let Ok(answer) = connection.answer() {
            assert!((400..500).contains(&answer.status), "{}", answer.status);
        }
    }
    assert_eq!(server.nobody().get("/livez").status, 200);
}
