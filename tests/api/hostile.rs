//! Ten thousand requests that nobody sane would send, made from a seed.

use crate::outside::{Server, announce, note};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const REQUESTS: u64 = 10_000;
const SENDERS: u64 = 4;

/// How long an answer is waited for before the request is ended by hanging up.
const SHORT: Duration = Duration::from_millis(20);

/// How long nobody may be kept waiting by others (promises P15).
const LONG: Duration = Duration::from_secs(1);

/// xorshift64*: the same requests from the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % below
    }

    fn of<'a, T: ?Sized>(&mut self, some: &[&'a T]) -> &'a T {
        some[self.next(some.len())]
    }
}

/// A request of the usual kind, or nearly.
fn drawn(chance: &mut Chance, token: &str, incident: &str) -> Vec<u8> {
    let method = chance.of(&[
        "GET", "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD",
        "G\u{1}T", "TRACE",
    ]);
    let id =
        chance.of(&[incident, "SYS", "INC-0", "INC-99999999999999999999", "%00", "..", "\u{fc}"]);
    let rest = chance.of(&[
        "",
        "/events",
        "/timeline",
        "/figures",
        "/conformance",
        "/postmortem",
        "//",
        "/%2e",
    ]);
    let query = chance.of(&[
        "",
        "?",
        "?version=1",
        "?version=-1",
        "?at=now",
        "?at=9999-12-31T23:59:60Z",
        "?limit=0",
        "?format=html",
        "?tz=../../etc",
        "?after=%ff",
        "?limit=1&limit=2",
        "?%00=%00",
        "?order=x",
    ]);
    let path = match chance.next(4) {
        0 => chance
            .of(&[
                "/livez",
                "/readyz?verbose",
                "/docs",
                "/openapi.json",
                "/metrics",
                "/",
                "*",
                "http://localhost/livez",
            ])
            .to_owned(),
        1 => chance
            .of(&[
                "/v1/tokens",
                "/v1/principals",
                "/v1/log/proof?size=0",
                "/v1/log/proof?position=18446744073709551615",
                "/v1/log/consistency?from=9&to=1",
                "/v1/runbook/assess",
                "/v1/figures?by=x",
                "/v1/incidents?q=%27%22%3b&after=AAAA",
            ])
            .to_owned(),
        _ => format!("/v1/incidents/{id}{rest}{query}"),
    };
    let body = chance.of(&[
        "", "{}", "[]", "null", "{\"type\":\"resolved\"}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "{\"type\":\"note_added\",\"data\":{\"text\":\"\\ud800\"}}", "\u{feff}{}", "{\"a\":1e999}",
        "{\"type\":\"note_added\",\"occurred\":{\"at\":\"-9999-01-01T00:00:00Z\"},\"data\":{\"text\":\"x\"}}",
        "{\"situations\":[\"service_down\"],\"measured\":{\"error_rate_percent\":-1}}",
    ]);
    let token = if chance.next(5) == 0 { "alc_pat_none" } else { token };
    let extra = chance.of(&[
        "",
        "Accept: ,;q=;;\r\n",
        "If-Match: *\r\n",
        "If-Match: \"99999999999999999999\"\r\n",
        "Idempotency-Key: \"\r\n",
        "Idempotency-Key: k\r\n",
        "On-Behalf-Of: \u{fc}\r\n",
        "Last-Event-ID: -1\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "Range: bytes=0-\r\n",
        "Upgrade: h2c\r\n",
        "X-Forwarded-For: 1,2,3\r\n",
        "Host: twice\r\n",
    ]);
    let length = match chance.next(16) {
        0 => chance.of(&["-1", "1e3", "18446744073709551616", "5", ""]).to_owned(),
        _ => body.len().to_string(),
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n{extra}\r\n{body}"
    )
    .into_bytes()
}

/// The same, with some of its bytes changed, doubled, or cut off.
fn mutated(chance: &mut Chance, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..chance.next(6).saturating_sub(2) {
        let at = chance.next(bytes.len());
        match chance.next(5) {
            0 => bytes[at] ^= 1 << chance.next(8),
            1 => bytes.insert(at, *chance.of(&[&0_u8, &b'\r', &b'\n', &b' ', &0xff, &b':'])),
            2 => bytes.truncate(at.max(1)),
            3 => drop(bytes.remove(at)),
            _ => bytes = [&bytes[..at], &bytes].concat(),
        }
        if bytes.is_empty() {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Sends it and reads whatever is answered; when nothing comes, for it has no end, it is given one.
fn answers(address: SocketAddr, bytes: &[u8], patience: Duration) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    let _ = stream.write_all(bytes);
    let mut answers = Vec::new();
    stream.set_read_timeout(Some(patience)).unwrap();
    let _ = stream.read_to_end(&mut answers);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    let _ = stream.read_to_end(&mut answers);
    answers
}

/// The statuses of answers that came one after the other.
fn statuses(answers: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answers);
    let lines = text.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    lines.filter_map(|line| line.get(..3)?.parse().ok()).collect()
}

#[test]
fn ten_thousand_mutated_requests_break_nothing_and_keep_nobody_waiting() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let secrets: Vec<String> = (0..SENDERS)
        .map(|number| {
            let claim =
                serde_json::json!({ "name": format!("fuzz-{number}"), "role": "responder" });
            let made = server.admin().post("/v1/tokens", &claim).is(201);
            made["secret"].as_str().unwrap().to_owned()
        })
        .collect();
    let is_over = AtomicBool::new(false);
    let (is_over, incident, address) = (&is_over, &incident, server.address);
    let counts = std::thread::scope(|scope| {
        let watch = scope.spawn(move || {
            let mut slowest = Duration::ZERO;
            while !is_over.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let alive = answers(
                    address,
                    b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                    LONG,
                );
                assert_eq!(statuses(&alive), [200]);
                slowest = slowest.max(asked.elapsed());
                assert!(slowest < LONG, "/livez took {slowest:?}");
                std::thread::sleep(Duration::from_millis(50));
            }
            slowest
        });
        let senders: Vec<_> = (0..SENDERS)
            .zip(&secrets)
            .map(|(number, token)| {
                scope.spawn(move || {
                    let mut chance = Chance(0xa11_c1ea2 + number);
                    let mut seen = std::collections::BTreeMap::<u16, u32>::new();
                    for _ in 0..REQUESTS / SENDERS {
                        let plain = drawn(&mut chance, token, incident);
                        let bytes = mutated(&mut chance, plain);
                        for status in statuses(&answers(address, &bytes, SHORT)) {
                            assert!(status < 500, "{status}: {}", String::from_utf8_lossy(&bytes));
                            *seen.entry(status).or_default() += 1;
                        }
                    }
                    seen
                })
            })
            .collect();
        let ended: Vec<_> = senders.into_iter().map(|it| it.join()).collect();
        is_over.store(true, Ordering::Relaxed);
        let counts: Vec<_> = ended.into_iter().map(|it| it.unwrap()).collect();
        let slowest = watch.join().unwrap();
        println!("the slowest /livez took {slowest:?}");
        counts
    });
    let total = |status: u16| counts.iter().filter_map(|it| it.get(&status)).sum::<u32>();
    println!("{counts:?}");
    for status in [200, 400, 401, 404, 405, 421, 422] {
        assert!(total(status) > 10, "{status} was hardly reached: {counts:?}");
    }
    crate::outside::append(&ana, incident, &note("still here")).is(201);
    let said = server.stop();
    assert!(said.status.success() && !said.stderr.contains("panicked"), "{}", said.stderr);
}
