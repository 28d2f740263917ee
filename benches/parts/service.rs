//! The service under measurement: everything that `allclear serve` puts together, in this process.

use super::fill::scattered;
use super::load::{Next, ask, connect};
use allclear::access::{Secret, SecretKind};
use allclear::engine::{
    Ask, Book, Counts, EVENTS_MAX, Engine, NewToken, Options, Reminders, Request as Asked, Running,
    Sealing, SystemChance, SystemClock,
};
use allclear::incident::Who;
use allclear::incident::id::{Position, PrincipalId};
use allclear::incident::system::{PrincipalKind, PrincipalRole};
use allclear::incident::time::Moment;
use allclear::ledger::{Seeds, SqliteLedger};
use allclear::log::{Row, Salt};
use allclear::web::edge::rates::{Policy, Rates};
use allclear::web::{self, App, Edge};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::http::request::Builder;
use hyper::{Method, Request, StatusCode};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// What each client says again and again.
pub const CLAIM: &str = r#"{"type":"note_added","data":{"text":"Error rate of checkout is at 4.1 %, down from 12 % before the rollback; watching p99."}}"#;

/// What is measured is the service, not its patience with one client.
const UNLIMITED: Policy = Policy { name: "principal", quota: u32::MAX, window_s: 1 };

const ANNOUNCEMENT: &str =
    r#"{"service":"checkout","reason":"5xx after 2.4.1","severity":"SEV2","commander":"bench"}"#;

const YEAR_US: i64 = 365 * 86_400_000_000;

/// A running service with somebody who may append.
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    runtime: Runtime,
    running: Running,
    token: Arc<str>,
    reading: Mutex<SendRequest<Full<Bytes>>>,
    stop: watch::Sender<bool>,
}

/// How a new log in a bench is made.
pub fn open(data: &Path) -> SqliteLedger {
    let seeds = Seeds { origin: uuid::Uuid::from_u128(1), receipt_key: Salt([7; 32]) };
    SqliteLedger::open(data, seeds).expect("the temporary directory can be written")
}

impl Service {
    /// Serves the log in `data`.
    pub fn start(data: &Path) -> Service {
        Service::start_with(data, None)
    }

    /// The same with its proof: sealed so, or not at all.
    pub fn start_with(data: &Path, sealing: Option<Sealing>) -> Service {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("service")
            .enable_all()
            .build()
            .expect("a runtime starts");
        let (stop, stopping) = watch::channel(false);
        let ledger = Box::new(open(data));
        let (running, token, address) = runtime.block_on(async {
            let clock = Arc::new(SystemClock::start());
            let options = Options {
                book: Book::built_in(),
                reminders: Reminders::Off,
                masks: Arc::default(),
                sealing,
            };
            let running = Running::start(ledger, options, clock, Arc::new(SystemChance));
            let running = running.await.expect("the engine starts");
            let token = token(&running.engine).await;
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback is there");
            let address = listener.local_addr().expect("it is bound");
            let app = App {
                engine: Arc::new(running.engine.clone()),
                statement: Arc::new(BTreeMap::new()),
                stopping: stopping.clone(),
                edge: Arc::new(Edge { rates: Rates::new(UNLIMITED), ..Edge::default() }),
            };
            let mut told = stopping;
            let stopped = async move {
                let _ = told.wait_for(|stopping| *stopping).await;
            };
            tokio::spawn(web::serve(listener, app, stopped));
            (running, token, address)
        });
        let reading = Mutex::new(runtime.block_on(connect(address)));
        Service { address, runtime, running, token, reading, stop }
    }

    /// What the engine has counted so far.
    pub fn counts(&self) -> Counts {
        self.running.engine.counts()
    }

    /// The last event of the log, as stored.
    pub fn last_row(&self) -> Row {
        let engine = &self.running.engine;
        let last = Position(engine.head().borrow().0 - 1);
        let page = self.runtime.block_on(engine.events(last, 1)).expect("it can be read");
        page.into_iter().next().expect("there is one")
    }

    /// Announces an incident; gives its path.
    pub fn announce(&self) -> String {
        self.announce_as(ANNOUNCEMENT)
    }

    /// The same with an announcement of one's own.
    pub fn announce_as(&self, announcement: &str) -> String {
        let body = self.post("/v1/incidents", announcement);
        let incident: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        format!("/v1/incidents/{}", incident["id"].as_str().expect("it has an id"))
    }

    /// Appends events, given as the body of the request, to the incident at `path`; gives the
    /// answer.
    pub fn append_as(&self, path: &str, events: &str) -> Bytes {
        self.post(&format!("{path}/events"), events)
    }

    fn post(&self, path: &str, body: &str) -> Bytes {
        let request = request(&self.token, Method::POST, path, body)
            .body(Full::from(body.to_owned()))
            .expect("it is well-formed");
        self.runtime.block_on(async {
            ask(&mut connect(self.address).await, request, StatusCode::CREATED).await
        })
    }

    /// Appends so many notes to the incident at `path`.
    pub fn append_notes(&self, path: &str, count: usize) {
        self.append(path, &vec![CLAIM; count]);
    }

    /// Appends claims to the incident at `path`, as many at once as may be.
    pub fn append(&self, path: &str, claims: &[&str]) {
        let uri = format!("{path}/events");
        self.runtime.block_on(async {
            let mut server = connect(self.address).await;
            for some in claims.chunks(EVENTS_MAX) {
                let body = format!("[{}]", some.join(","));
                let request = request(&self.token, Method::POST, &uri, CLAIM)
                    .body(Full::from(body))
                    .expect("it is well-formed");
                ask(&mut server, request, StatusCode::CREATED).await;
            }
        });
    }

    /// Gets what is at `path`, on a connection that is kept.
    pub fn get(&self, path: &str) -> Bytes {
        let request = request(&self.token, Method::GET, path, "")
            .body(Full::default())
            .expect("it is well-formed");
        let mut server = self.reading.lock().expect("one thread reads");
        self.runtime.block_on(ask(&mut server, request, StatusCode::OK))
    }

    /// What clients ask that append to an incident of their own, each request under a new key.
    pub fn appends(&self, clients: usize) -> Next {
        self.appends_for(clients, "return=representation")
    }

    /// The same of clients that do not look at what may happen next.
    pub fn appends_of_tools(&self, clients: usize) -> Next {
        self.appends_for(clients, "return=minimal")
    }

    fn appends_for(&self, clients: usize, preference: &'static str) -> Next {
        let paths: Vec<String> =
            (0..clients).map(|_| format!("{}/events", self.announce())).collect();
        let token = Arc::clone(&self.token);
        let next = move |one: usize| {
            request(&token, Method::POST, &paths[one], CLAIM)
                .header("idempotency-key", key())
                .header("prefer", preference)
                .body(Full::from(CLAIM))
                .expect("it is well-formed")
        };
        Arc::new(next)
    }

    /// Ends in order.
    pub fn stop(self) {
        self.stop.send_replace(true);
        let stopped = self.runtime.block_on(self.running.stop());
        stopped.expect("it stops");
        self.runtime.shutdown_background();
    }
}

/// The head of a request by whoever has that token, or by nobody, with that body to come.
pub fn request(token: &str, method: Method, path: &str, body: &str) -> Builder {
    let mut builder = Request::builder().method(method).uri(path).header("host", "localhost");
    if !token.is_empty() {
        builder = builder.header("authorization", format!("Bearer {token}"));
    }
    if body.is_empty() { builder } else { builder.header("content-type", "application/json") }
}

/// A key that nobody used before, as scattered as a client's UUID.
fn key() -> String {
    static KEYS: AtomicU64 = AtomicU64::new(1);
    let number = KEYS.fetch_add(1, Ordering::Relaxed);
    format!("{:016x}-{number:x}", scattered(number))
}

async fn token(engine: &Engine) -> Arc<str> {
    let mut chance = [0; 64];
    engine.draw(&mut chance);
    let secret = Secret::draw(SecretKind::Personal, &chance);
    let new = NewToken {
        name: "bench".into(),
        kind: PrincipalKind::Person,
        role: Some(PrincipalRole::Responder),
        scopes: Vec::new(),
        expires: Moment(engine.now().0 + YEAR_US),
        secret_sha256: secret.sha256(),
    };
    let who = Who { by: PrincipalId::service(), on_behalf_of: None, token: None, is_admin: true };
    let made = engine.submit(Asked { who, key: None, ask: Ask::MakeToken(new) }).await;
    made.expect("the engine runs").expect("a token is made");
    secret.reveal().into()
}
