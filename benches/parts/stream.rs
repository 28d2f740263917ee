//! Appends at a steady pace while a thousand follow them, beside the same with nobody following.
//!
//! The service is the program as people run it, in a process of its own, so that its memory and its
//! work are its own. The followers are in another ([`followers`](super::followers)); on a small
//! machine they compete with the service for the processors, and what an append waits for that is
//! in its latency.

use super::followers::{Followers, READERS};
use super::load::{ask, connect};
use super::program::Program;
use super::scratch::Scratch;
use super::service::{CLAIM, request};
use super::table::Table;
use super::{median, ms};
use allclear::engine::{EVENTS_MAX, RECENT_ROWS_MAX};
use http_body_util::Full;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
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
        let readers =
            Followers::start(served.0.address, &followed.path, served.position(), &tokens);
        let worked = served.0.worked_us();
        followed.append();
        let (delivered, delay) = readers.await_each(u64::from(APPENDS));
        assert_eq!(delivered, u64::from(APPENDS) * READERS as u64, "each event to each reader");
        works.push((followed.served.0.worked_us() - worked) / delivered as f64);
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
        self.memory_mib.push(self.served.0.memory().resident);
    }

    /// The latency that this share of the appends did not exceed, in the middle one of the turns.
    fn quantile(&self, share: f64) -> f64 {
        let of = |turn: &Vec<Duration>| ms(turn[(turn.len() as f64 * share) as usize]);
        median(self.latencies[1..].iter().map(of))
    }
}

/// The program, serving, with as many files as this takes.
struct Served(Program);

impl Served {
    /// Serves a log in that directory, with its checkpoints beside it there.
    fn start(directory: &Path) -> Served {
        let command = with_files(Path::new(env!("CARGO_BIN_EXE_allclear")));
        Served(Program::run(command, &directory.join("data"), &["--no-reminders"]))
    }

    fn post(&self, token: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let request = request(token, Method::POST, path, &body)
            .body(Full::from(body))
            .expect("it is well-formed");
        let answer = self.0.runtime.block_on(async {
            ask(&mut connect(self.0.address).await, request, StatusCode::CREATED).await
        });
        serde_json::from_slice(&answer).expect("JSON")
    }

    fn token(&self, name: &str) -> String {
        let made =
            self.post(&self.0.token, "/v1/tokens", &json!({ "name": name, "role": "responder" }));
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
        let ready: Value = serde_json::from_slice(&self.0.get("/readyz?verbose")).expect("JSON");
        ready["position"].as_u64().expect("it has one")
    }

    /// Appends at the pace, whether the ones before are answered or not; how long each took,
    /// shortest first.
    fn append(&self, path: &str, token: &str) -> Vec<Duration> {
        let (path, token): (Arc<str>, Arc<str>) = (format!("{path}/events").into(), token.into());
        let address = self.0.address;
        self.0.runtime.block_on(async move {
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
        let request = request(&token, Method::POST, &path, CLAIM)
            .body(Full::from(CLAIM))
            .expect("it is well-formed");
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
