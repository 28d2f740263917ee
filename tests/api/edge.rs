//! Clients that send too much, too slowly, or in two ways at once, at the real server.

use crate::outside::{Answer, Connection, Server, announce, append, note, skip};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The files that a server may open where it is asked for all of its places, and those places.
const FILES: u32 = 1_024;
const PLACES: usize = 512;

/// What is answered to exactly these bytes.
fn said(server: &Server, bytes: &[u8]) -> Answer {
    let mut connection = server.connect();
    connection.ask(bytes).unwrap()
}

/// A request for `/livez` with these further fields.
fn livez(fields: &str) -> Vec<u8> {
    format!("GET /livez HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}

fn is_last(answer: &Answer) {
    assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
}

#[test]
fn what_is_too_large_is_a_problem_and_the_end_of_its_connection() {
    let server = Server::start();
    assert_eq!(said(&server, &livez(&"A: b\r\n".repeat(63))).status, 200);
    let many = said(&server, &livez(&"A: b\r\n".repeat(64)));
    many.is_problem(431, "head_too_large");
    is_last(&many);
    let field = |length: usize| livez(&format!("A: {}\r\n", "x".repeat(length)));
    assert_eq!(said(&server, &field(16_000)).status, 200);
    let long = said(&server, &field(16 * 1024));
    long.is_problem(431, "head_too_large");
    is_last(&long);
    let target = |length: usize| {
        let query = "x".repeat(length - "/livez?".len());
        format!("GET /livez?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    };
    assert_eq!(said(&server, target(4096).as_bytes()).status, 200);
    for length in [4097, 20_000, 1 << 20] {
        let answer = said(&server, target(length).as_bytes());
        answer.is_problem(414, "target_too_long");
        is_last(&answer);
    }
    for length in ["1048577", "99999999999999999999999"] {
        let answer = said(&server, &livez(&format!("Content-Length: {length}\r\n")));
        answer.is_problem(413, "too_large");
        is_last(&answer);
    }
}

#[test]
fn what_could_end_in_two_places_is_a_problem_and_the_end_of_its_connection() {
    let server = Server::start();
    let smuggled = "0\r\n\r\nGET /v1/incidents HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for fields in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length: 0\r\nContent-Length: 3\r\n",
        "Content-Length: -1\r\n",
        "Content-Length : 3\r\n",
    ] {
        let bytes = [livez(fields), smuggled.into()].concat();
        let mut connection = server.connect();
        let answer = connection.ask(&bytes).unwrap();
        answer.is_problem(400, "ambiguous");
        is_last(&answer);
        assert!(connection.answer().is_err(), "something was answered after {fields:?}");
    }
    said(&server, b"GET /livez HTTP/1.1\nHost: localhost\n\n").is_problem(400, "ambiguous");
}

#[test]
fn a_client_that_drips_its_head_is_let_go_in_time() {
    let server = Server::start();
    let began = Instant::now();
    let mut drips: Vec<Connection> = (0..20).map(|_| server.connect()).collect();
    let mut bytes = livez("").into_iter();
    while began.elapsed() < Duration::from_secs(7) {
        let byte = bytes.next().unwrap_or(b'x');
        let is_heard = drips.iter_mut().filter_map(|it| it.send(&[byte]).ok()).count() > 0;
        if !is_heard {
            break;
        }
        if bytes.len() < 3 {
            bytes = b"x".to_vec().into_iter();
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    for mut drip in drips {
        if let Ok(answer) = drip.answer() {
            answer.is_problem(408, "too_slow");
        }
        assert!(drip.answer().is_err());
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn a_crowd_that_only_holds_connections_keeps_nobody_out() {
    let server = Server::with_files(FILES);
    let ana = server.responder("ana");
    announce(&ana);
    let mut stream = ana.follow("/v1/events/stream", None);
    let crowd: Vec<TcpStream> = (0..PLACES + 88)
        .map(|number| {
            let mut one = TcpStream::connect(server.address).unwrap();
            if number % 2 == 0 {
                let _ = one.write_all(b"GET /livez HTTP/1.1\r\nHost: loc");
            }
            one
        })
        .collect();
    let asked = Instant::now();
    assert_eq!(server.nobody().get("/livez").status, 200);
    ana.clone().get("/v1/incidents").is(200);
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    // Who is known keeps the place: the connection that is reused, and the stream.
    announce(&ana);
    assert_eq!(stream.take(2).len(), 2);
    // Those who held on for longest had to go.
    let mut first = &crowd[0];
    first.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    assert_eq!(first.read(&mut [0; 1]).unwrap_or(0), 0);
}

/// Opens so many connections to a port of this machine and holds them until its input ends. It
/// raises its own limit of files for that, and says when that cannot be.
const CROWD: &str = "
import resource, socket, sys
port, many = int(sys.argv[1]), int(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
if hard != resource.RLIM_INFINITY and hard < many + 100:
    sys.exit('a process may open %d files at most here' % hard)
resource.setrlimit(resource.RLIMIT_NOFILE, (many + 100, hard))
held = [socket.create_connection(('127.0.0.1', port), timeout=30) for _ in range(many)]
print('all', flush=True)
sys.stdin.read()
";

#[test]
fn ten_thousand_connections_keep_nobody_waiting_and_take_little() {
    let server = Server::with_files(FILES);
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let mut crowd = Command::new("python3")
        .args(["-c", CROWD, &server.address.port().to_string(), "10000"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(crowd.stdout.take().unwrap());
    let all = std::thread::spawn(move || said.read_line(&mut String::new()).unwrap() > 0);
    let (mut rounds, mut slowest) = (0, Duration::ZERO);
    while !all.is_finished() || rounds < 20 {
        let asked = Instant::now();
        assert_eq!(server.nobody().get("/livez").status, 200);
        append(&ana.clone(), &incident, &note("meanwhile")).is(201);
        (rounds, slowest) = (rounds + 1, slowest.max(asked.elapsed()));
        // As often as a principal may ask.
        std::thread::sleep(Duration::from_millis(20));
    }
    let is_whole = all.join().unwrap();
    drop(crowd.stdin.take());
    let ended = crowd.wait_with_output().unwrap();
    if !is_whole {
        return skip(String::from_utf8_lossy(&ended.stderr).trim());
    }
    assert!(slowest < Duration::from_secs(5), "{slowest:?} in {rounds} rounds");
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak_kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak_kib < 96 * 1024, "{peak_kib} KiB");
}

#[test]
fn when_every_place_is_somebodys_a_newcomer_is_told_that_there_is_none() {
    let server = Server::with_files(FILES);
    let people = ["ana", "bo", "cleo", "dan"].map(|name| server.responder(name));
    let requests = people.map(|it| it.request("GET", "/v1/log/key", None));
    let mut held: Vec<(Connection, &[u8])> =
        (0..PLACES).map(|at| (server.connect(), requests[at % 4].as_slice())).collect();
    let ask =
        |(connection, request): &mut (Connection, &[u8])| connection.ask(request).unwrap().status;
    assert!(held.iter_mut().all(|it| ask(it) == 200));
    let full = said(&server, &livez(""));
    full.is_problem(503, "overloaded");
    assert_eq!(full.header("retry-after"), Some("1"));
    is_last(&full);
    assert_eq!(ask(&mut held[0]), 200, "whose place it is keeps it");
    held.truncate(PLACES - 12);
    crate::outside::until("there is a place again", || {
        server.connect().ask(&livez("")).is_ok_and(|answer| answer.status == 200)
    });
}

#[test]
fn one_token_keeps_nobody_out() {
    let server = Server::with_files(FILES);
    let ana = server.responder("ana");
    let request = ana.request("GET", "/v1/log/key", None);
    let mut held: Vec<Connection> = (0..PLACES).map(|_| server.connect()).collect();
    assert!(held.iter_mut().all(|it| it.ask(&request).unwrap().status == 200));
    assert_eq!(said(&server, &livez("")).status, 200);
    let others = held.iter_mut().filter_map(|it| it.ask(&request).ok());
    assert!(others.filter(|it| it.status == 200).count() >= PLACES / 4, "what is hers she keeps");
}
