//! The load: clients that each keep a connection and ask again as soon as they are answered. The
//! same for everybody who is measured, on a thread of its own.

use super::process::worked_us;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Makes a client's next request, from the number of the client.
pub type Next = Arc<dyn Fn(usize) -> Request<Full<Bytes>> + Send + Sync>;

/// What came of a load.
pub struct Load {
    /// Answers in a second.
    pub rate: f64,
    /// How long each answer took, shortest first.
    pub latencies: Vec<Duration>,
    /// What this process worked for each answer, in microseconds: both sides and the kernel. It
    /// says what an answer costs even while others use the machine.
    pub work_us: f64,
}

impl Load {
    /// The latency that this share of the answers did not exceed.
    pub fn quantile(&self, share: f64) -> Duration {
        quantile(&self.latencies, share)
    }

    /// The latencies of some loads together, shortest first.
    pub fn pooled(loads: &[Load]) -> Vec<Duration> {
        let mut all: Vec<Duration> =
            loads.iter().flat_map(|load| &load.latencies).copied().collect();
        all.sort();
        all
    }
}

/// What this share of the latencies, shortest first, did not exceed.
pub fn quantile(latencies: &[Duration], share: f64) -> Duration {
    let last = latencies.len().saturating_sub(1);
    latencies[(last as f64 * share) as usize]
}

/// Loads a server for `span`. Every answer must be a success of `expected`.
pub fn run(
    to: SocketAddr,
    clients: usize,
    span: Duration,
    expected: StatusCode,
    next: &Next,
) -> Load {
    let next = Arc::clone(next);
    let loading = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime starts").block_on(all(to, clients, span, expected, next))
    };
    std::thread::spawn(loading).join().expect("no client saw anything but a success")
}

async fn all(
    to: SocketAddr,
    clients: usize,
    span: Duration,
    expected: StatusCode,
    next: Next,
) -> Load {
    let mut connected = Vec::new();
    for _ in 0..clients {
        connected.push(connect(to).await);
    }
    let worked = worked_us("self");
    let begun = Instant::now();
    let until = begun + span;
    let running: Vec<_> = connected
        .into_iter()
        .enumerate()
        .map(|(one, sender)| tokio::spawn(client(sender, one, until, expected, Arc::clone(&next))))
        .collect();
    let mut latencies = Vec::new();
    for client in running {
        latencies.extend(client.await.expect("a client sees nothing but successes"));
    }
    let rate = latencies.len() as f64 / begun.elapsed().as_secs_f64();
    let work_us = (worked_us("self") - worked) / latencies.len() as f64;
    latencies.sort();
    Load { rate, latencies, work_us }
}

async fn client(
    mut server: SendRequest<Full<Bytes>>,
    one: usize,
    until: Instant,
    expected: StatusCode,
    next: Next,
) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let request = next(one);
        let asked = Instant::now();
        ask(&mut server, request, expected).await;
        latencies.push(asked.elapsed());
    }
    latencies
}

/// A connection that is kept.
pub async fn connect(to: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(to).await.expect("the server listens");
    let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    tokio::spawn(connection);
    sender
}

/// Asks once, and reads the whole answer.
pub async fn ask(
    server: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    expected: StatusCode,
) -> Bytes {
    server.ready().await.expect("the connection is kept");
    let response = server.send_request(request).await.expect("the server answers");
    let status = response.status();
    let body = response.into_body().collect().await.expect("to the end").to_bytes();
    assert_eq!(status, expected, "{}", String::from_utf8_lossy(&body));
    body
}
