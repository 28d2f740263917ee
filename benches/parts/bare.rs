//! The least that could do the job: a route that takes a body, and one thread that commits the
//! bytes of as many as wait, with one fsync, into one table. No token, no rules, no receipt. And
//! each half of that alone: a route that parses the same claim and answers as much as the service
//! does, with nothing kept; and the commits, with nobody asking.

use super::load::Next;
use super::scratch::Scratch;
use super::service::CLAIM;
use allclear::engine::{QUEUE_MAX, TURN_MAX};
use allclear::log::Row;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use http_body_util::Full;
use hyper::Request;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

type Waiting = (Bytes, oneshot::Sender<i64>);

/// The bare routes, serving.
pub struct Bare {
    /// Where they listen.
    pub address: SocketAddr,
    runtime: Runtime,
    row: Row,
    scratch: Scratch,
}

impl Bare {
    /// Serves; each body makes the same bytes durable as `row`, or is parsed and answered by
    /// `answer`, written anew each time.
    pub fn start(row: Row, answer: &[u8]) -> Bare {
        let scratch = Scratch::new("bare");
        let connection = open(&scratch.path().join("bare.db"));
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let written = row.clone();
        std::thread::spawn(move || write(connection, waiting, &written));
        let answer: Value = serde_json::from_slice(answer).expect("the service answers in JSON");
        let runtime = Runtime::new().expect("a runtime starts");
        let address = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback is there");
            let address = listener.local_addr().expect("it is bound");
            let appending = Router::new().route("/events", post(append)).with_state(queue);
            let parsing = Router::new().route("/parsed", post(parse)).with_state(answer.into());
            let router = appending.merge(parsing);
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Bare { address, runtime, row, scratch }
    }

    /// How many rows a second one thread commits with nobody asking, so many at once.
    pub fn commits(&self, at_once: usize, span: Duration) -> f64 {
        let mut connection = open(&self.scratch.path().join("alone.db"));
        let (begun, mut rows) = (Instant::now(), 0);
        while begun.elapsed() < span {
            rows += commit(&mut connection, at_once, &self.row).expect("the disk takes it").len();
        }
        rows as f64 / begun.elapsed().as_secs_f64()
    }

    /// What those who append ask.
    pub fn appends(&self) -> Next {
        claims("/events")
    }

    /// What those who are only answered ask.
    pub fn parses(&self) -> Next {
        claims("/parsed")
    }

    /// Ends.
    pub fn stop(self) {
        self.runtime.shutdown_background();
    }
}

fn claims(path: &'static str) -> Next {
    let request = move || Request::post(path).header("host", "localhost");
    Arc::new(move |_| request().body(Full::from(CLAIM)).expect("it is well-formed"))
}

/// The one table, made where it is not there yet.
fn open(file: &Path) -> Connection {
    let connection = Connection::open(file).expect("it opens");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;
             CREATE TABLE IF NOT EXISTS event
                 (position INTEGER PRIMARY KEY, entry TEXT, salt BLOB, data TEXT) STRICT;",
        )
        .expect("the disk takes it");
    connection
}

async fn parse(State(answer): State<Arc<Value>>, body: Bytes) -> (StatusCode, String) {
    let claim: Value = serde_json::from_slice(&body).expect("the claim is JSON");
    std::hint::black_box(claim);
    (StatusCode::CREATED, answer.to_string())
}

async fn append(State(queue): State<mpsc::Sender<Waiting>>, body: Bytes) -> (StatusCode, String) {
    let (answer, answered) = oneshot::channel();
    queue.try_send((body, answer)).expect("no more clients than places");
    let position = answered.await.expect("the writer lives");
    (StatusCode::CREATED, format!("{{\"position\":{position}}}"))
}

/// Takes as many as a turn of the engine takes; it waits for nobody.
fn write(mut connection: Connection, mut waiting: mpsc::Receiver<Waiting>, row: &Row) {
    while let Some(first) = waiting.blocking_recv() {
        let mut turn = vec![first];
        while turn.len() < TURN_MAX
            && let Ok(next) = waiting.try_recv()
        {
            turn.push(next);
        }
        let positions = commit(&mut connection, turn.len(), row).expect("the disk takes it");
        for ((_, asker), position) in turn.into_iter().zip(positions) {
            let _ = asker.send(position);
        }
    }
}

fn commit(connection: &mut Connection, count: usize, row: &Row) -> rusqlite::Result<Vec<i64>> {
    let turn = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut positions = Vec::with_capacity(count);
    {
        let mut insert =
            turn.prepare_cached("INSERT INTO event (entry, salt, data) VALUES (?1, ?2, ?3)")?;
        for _ in 0..count {
            insert.execute(params![row.entry, row.salt.map(|salt| salt.0), row.data])?;
            positions.push(turn.last_insert_rowid());
        }
    }
    turn.commit()?;
    Ok(positions)
}
