//! The least that could do the job: a route that takes a body, and one thread that commits the
//! bytes of as many as wait, with one fsync, into one table. No token, no rules, no receipt.

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
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

type Waiting = (Bytes, oneshot::Sender<i64>);

/// The bare route, serving.
pub struct Bare {
    /// Where it listens.
    pub address: SocketAddr,
    runtime: Runtime,
    _scratch: Scratch,
}

impl Bare {
    /// Serves; each body makes the same bytes durable as `row`.
    pub fn start(row: Row) -> Bare {
        let scratch = Scratch::new("bare");
        let connection = Connection::open(scratch.path().join("bare.db")).expect("it opens");
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;
                 CREATE TABLE event (position INTEGER PRIMARY KEY, entry TEXT, salt BLOB, data TEXT)
                 STRICT;",
            )
            .expect("it is new");
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        std::thread::spawn(move || write(connection, waiting, &row));
        let runtime = Runtime::new().expect("a runtime starts");
        let address = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback is there");
            let address = listener.local_addr().expect("it is bound");
            let router = Router::new().route("/events", post(append)).with_state(queue);
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Bare { address, runtime, _scratch: scratch }
    }

    /// What its clients ask.
    pub fn appends(&self) -> Next {
        let request = || Request::post("/events").header("host", "localhost");
        Arc::new(move |_| request().body(Full::from(CLAIM)).expect("it is well-formed"))
    }

    /// Ends.
    pub fn stop(self) {
        self.runtime.shutdown_background();
    }
}

async fn append(State(queue): State<mpsc::Sender<Waiting>>, body: Bytes) -> (StatusCode, String) {
    let (answer, answered) = oneshot::channel();
    queue.try_send((body, answer)).expect("no more clients than places");
    let position = answered.await.expect("the writer lives");
    (StatusCode::CREATED, format!("{{\"position\":{position}}}"))
}

/// Takes as many as a turn of the engine takes.
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
