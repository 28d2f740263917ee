//! Appends at a steady pace while a thousand follow them, beside the same with nobody following.
//!
//! The service is the program as people run it, in a process of its own, so that its memory and its
//! work are its own. The followers are in another ([`followers`](super::followers)); on a small
//! machine they compete with the service for the processors, and what an append waits for that is
//! in its latency.

use super::followers::{Followers, READERS};
use super::load::{ask, connect};
use super::scratch::Scratch;
use super::service::CLAIM;
use super::table::Table;
use super::{median, ms};
use allclear::engine::{EVENTS_MAX, RECENT_ROWS_MAX};
use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep_until};

/// Appends in a second.
const PACE: u32 = 100;

/// How many appends a turn has.
const APPENDS: u32 = 350;

/// How often each side has its turn.
const ROUNDS: usize = 5;

/// How many connections the appends come on, so that a slow one holds none of the next up.
const CONNECTIONS: u32 = 32;

/// How many of the readers have one token: fewer than one principal's share.
const READERS_OF_ONE: usize = 20;

/// Files for the readers' connections, at both ends.
pub const FILES: usize = 4_096;

/// The latency of appends with and without followers, and what following costs.
pub fn measure(table: &mut Table) {
    let scratches = ["stream", "stream-alone"].map(Scratch::new);
    let [mut followed, mut alone] = scratches.each_ref().map(|it| Side::start(it.path()));
    let tokens: Vec<String> = (0..READERS.div_ceil(READERS_OF_ONE))
        .map(|number| followed.served.token(&format!("reader-{number}")))
        .collect();
    let (mut works, mut delays) = (Vec::new(), Vec::new());
    // Turn 0 counts for nothing: what is bounded has been full since then.
    for round in 0..=ROUNDS {
        eprintln!("stream: with {READERS} readers and without, round {round} of {ROUNDS}");
        alone.append();
        let served = &followed.served;
        let readers = Followers::start(served.address, &followed.path, served.position(), &tokens);
        let worked = served.worked_us();
        followed.append();
        let (delivered, delay) = readers.await_each(u64::from(APPENDS));
        assert_eq!(delivered, u64::from(APPENDS) * READERS as u64, "each event to each reader");
        works.push((followed.served.worked_us() - worked) / delivered as f64);
        delays.push(ms(delay));
        let [mine, other] = [&followed, &alone].map(|side| side.memory_mib[round]);
        eprintln!("stream: memory {mine:.1} MiB, with nobody following {other:.1} MiB");
    }
    let counted = |figures: &[f64]| median(figures[1..].iter().copied());
    table.tell(
        format!("appends at {PACE}/s, {READERS} readers follow, beside none"),
        format!("{}", ROUNDS as u32 * APPENDS),
    );
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let [mine, other] = [&followed, &alone].map(|side| side.quantile(share));
        let what = format!("  latency {name}");
        table.compare(what, format!("{mine:.2} ms"), format!("{other:.2} ms"), mine / other);
    }
    let events = ROUNDS as u64 * u64::from(APPENDS) * READERS as u64;
    table.tell("  events delivered, each to each", format!("{events}"));
    table.tell("  work for each of them, the service's", format!("{:.1} µs", counted(&works)));
    table.tell("  the last reader has the last after", format!("{:.0} ms", counted(&delays)));
    // What the log and its incident grow by is in both.
    for turn in [1, ROUNDS] {
        let [mine, other] = [&followed, &alone].map(|side| side.memory_mib[turn]);
        let what = format!("  memory in turn {turn}");
        table.compare(what, format!("{mine:.1} MiB"), format!("{other:.1} MiB"), mine / other);
    }
}

/// One of the two that are compared, each with a log of its own.
struct Side {
    served: Served,
    path: String,
    token: String,
    /// Of each turn, shortest first.
    latencies: Vec<Vec<Duration>>,
    /// At the end of each turn.
    memory_mib: Vec<f64>,
}

impl Side {
    fn start(directory: &Path) -> Side {
        let served = Served::start(directory);
        let (path, token) = served.announce();
        // The rows at hand are full before it counts.
        let notes = format!("[{}]", [CLAIM; EVENTS_MAX].join(","));
        let notes: Value = serde_json::from_str(&notes).expect("it is JSON");
        for _ in 0..RECENT_ROWS_MAX / EVENTS_MAX {
            served.post(&token, &format!("{path}/events"), &notes);
        }
        Side { served, path, token, latencies: Vec::new(), memory_mib: Vec::new() }
    }

    fn append(&mut self) {
        self.latencies.push(self.served.append(&self.path, &self.token));
        self.memory_mib.push(self.served.resident_mib());
    }

    /// The latency that this share of the appends did not exceed, in the middle one of the turns.
    fn quantile(&self, share: f64) -> f64 {
        let of = |turn: &Vec<Duration>| ms(turn[(turn.len() as f64 * share) as usize]);
        median(self.latencies[1..].iter().map(of))
    }
}

/// The program, serving.
struct Served {
    address: SocketAddr,
    admin: String,
    child: Child,
    runtime: Runtime,
}

impl Served {
    /// Serves a log in that directory, with its checkpoints beside it there.
    fn start(directory: &Path) -> Served {
        let data = directory.join("data");
        let mut child = with_files(Path::new(env!("CARGO_BIN_EXE_allclear")))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--no-reminders", "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = BufReader::new(child.stderr.take().expect("it is a pipe")).lines();
        let address = said.find_map(|line| {
            let line = line.expect("it speaks UTF-8");
            line.split_once(" on http://").map(|(_, address)| address.parse().expect("an address"))
        });
        // Nobody is to wait for somebody to listen.
        std::thread::spawn(move || said.for_each(drop));
        let admin = std::fs::read_to_string(data.join("admin-token")).expect("it was made");
        Served {
            address: address.expect("it says where it listens"),
            admin: admin.trim().into(),
            child,
            runtime: Runtime::new().expect("a runtime starts"),
        }
    }

    fn post(&self, token: &str, path: &str, body: &Value) -> Value {
        let request = request(token, Method::POST, path, body.to_string());
        let answer = self.runtime.block_on(async {
            ask(&mut connect(self.address).await, request, StatusCode::CREATED).await
        });
        serde_json::from_slice(&answer).expect("JSON")
    }

    fn token(&self, name: &str) -> String {
        let made =
            self.post(&self.admin, "/v1/tokens", &json!({ "name": name, "role": "responder" }));
        made["secret"].as_str().expect("a token has a secret").into()
    }

    /// A new incident's path, and the token of somebody who appends to it.
    fn announce(&self) -> (String, String) {
        let token = self.token("bench");
        let announcement = json!({ "service": "checkout", "reason": "5xx after 2.4.1" });
        let incident = self.post(&token, "/v1/incidents", &announcement);
        (format!("/v1/incidents/{}", incident["id"].as_str().expect("it has an id")), token)
    }

    fn position(&self) -> u64 {
        let request = request("", Method::GET, "/readyz?verbose", String::new());
        let answer = self.runtime.block_on(async {
            ask(&mut connect(self.address).await, request, StatusCode::OK).await
        });
        let ready: Value = serde_json::from_slice(&answer).expect("JSON");
        ready["position"].as_u64().expect("it has one")
    }

    /// Appends at the pace, whether the ones before are answered or not; how long each took,
    /// shortest first.
    fn append(&self, path: &str, token: &str) -> Vec<Duration> {
        let (path, token): (Arc<str>, Arc<str>) = (format!("{path}/events").into(), token.into());
        let address = self.address;
        self.runtime.block_on(async move {
            // Everybody is connected before the first is due.
            let begun = Instant::now() + Duration::from_millis(100);
            let clients: Vec<_> = (0..CONNECTIONS)
                .map(|first| {
                    tokio::spawn(client(
                        address,
                        Arc::clone(&path),
                        Arc::clone(&token),
                        first,
                        begun,
                    ))
                })
                .collect();
            let mut latencies = Vec::new();
            for client in clients {
                latencies.extend(client.await.expect("a client sees nothing but successes"));
            }
            latencies.sort();
            latencies
        })
    }

    /// How long it has worked, in microseconds (Linux: hundredths of a second).
    fn worked_us(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        let behind_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = behind_name.split_whitespace().skip(11).take(2);
        ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10_000.0
    }

    /// How much memory it has.
    fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|it| it.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1_024.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One of the connections that appends come on; it has the first, and each one later by as many as
/// there are of them.
async fn client(
    address: SocketAddr,
    path: Arc<str>,
    token: Arc<str>,
    first: u32,
    begun: Instant,
) -> Vec<Duration> {
    let mut server = connect(address).await;
    let mut latencies = Vec::new();
    for number in (first..APPENDS).step_by(CONNECTIONS as usize) {
        let due = begun + Duration::from_secs(1) * number / PACE;
        // One that could not be sent when it was due has waited since then.
        let is_late = due < Instant::now();
        sleep_until(due).await;
        let sent = if is_late { due } else { Instant::now() };
        let request = request(&token, Method::POST, &path, CLAIM.into());
        ask(&mut server, request, StatusCode::CREATED).await;
        latencies.push(sent.elapsed());
    }
    latencies
}

/// A program that may open as many files as this takes, where the system lets it.
pub fn with_files(program: &Path) -> Command {
    let mut command = Command::new("sh");
    let raised = format!("ulimit -n {FILES}; exec \"$@\"");
    command.args(["-c", &raised, "sh"]).arg(program);
    command
}

fn request(
    token: &str,
    method: Method,
    path: &str,
    body: String,
) -> Request<Full<hyper::body::Bytes>> {
    let mut builder = Request::builder().method(method).uri(path).header("host", "localhost");
    if !token.is_empty() {
        builder = builder.header("authorization", format!("Bearer {token}"));
    }
    if !body.is_empty() {
        builder = builder.header("content-type", "application/json");
    }
    builder.body(Full::from(body)).expect("it is well-formed")
}
