//! Streams of server-sent events: the same rows as every page, as they become durable.

use crate::access::Caller;
use crate::engine::{Scope, Tail};
use crate::incident::id::Position;
use crate::log::{Logged, Row};
use crate::views::EventOut;
use crate::web::App;
use crate::web::edge::limits::STREAMS_MAX;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Params, Subject};
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// How often a quiet stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a quiet stream says: a comment, and nothing that a client hears.
const COMMENT: &str = ":\n\n";

/// How much of a page is made ready at once.
const PIECE: usize = 16 * 1024;

/// How often a stream looks whether its token has ended; a change of rights it sees at once.
const RIGHTS_POLL: Duration = Duration::from_millis(500);

/// `GET /v1/events/stream`.
pub async fn log(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    let after = after(&headers, params)?;
    follow(app, caller, Scope::Log, after)
}

/// `GET /v1/incidents/{id}/stream`.
pub async fn incident(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    subject: Subject,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    let after = after(&headers, params)?;
    let id = subject.id(&app).await?;
    follow(app, caller, Scope::Incident(id), after)
}

/// Behind which position the stream begins: Last-Event-ID of a client that comes back, else after.
fn after(headers: &HeaderMap, mut params: Params) -> Result<Position, Problem> {
    let asked = params.text("after")?;
    params.close()?;
    let last = headers.get("last-event-id").map(|it| it.to_str().unwrap_or_default().to_owned());
    let position = last.or(asked).map_or(Ok(0), |text| text.trim().parse::<u64>());
    position.ok().filter(|position| *position < 1 << 53).map(Position).ok_or_else(|| {
        Problem::new(
            Kind::BadCursor,
            "Last-Event-ID and after are positions that this server gave.",
        )
    })
}

fn follow(app: App, caller: Caller, scope: Scope, after: Position) -> Result<Response, Problem> {
    // Counted for whose token it is, whoever they speak for.
    let open = app.edge.streams.open(&caller.principal.id).ok_or_else(|| {
        let detail = format!(
            "{STREAMS_MAX} streams are open with your rights: end one, or follow the whole log \
             with one of them."
        );
        Problem::new(Kind::TooManyRequests, detail)
    })?;
    let stopped = stopped(app.stopping.clone());
    let changed = changed(app.clone(), caller.clone());
    let is_visible = caller.may_see_system();
    let tail = Tail::new(app.engine.as_ref().clone(), scope, after);
    let pieces = pieces(Following { app, tail, is_visible });
    let pieces = pieces.take_until(stopped).take_until(changed).inspect(move |_| {
        // It counts for as long as there is somebody to send to.
        let _ = &open;
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        // Proxies that buffer would hold events back until their buffer is full.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Ok((HeaderMap::from_iter(headers), Body::from_stream(pieces)).into_response())
}

/// An open stream.
struct Following {
    app: App,
    tail: Tail,
    /// Whether whoever follows may see the service's own acts.
    is_visible: bool,
}

/// What is sent, piece by piece as the client takes it: the events that are at hand, or a comment
/// when there was none for long. A read that fails ends it; the client comes back with its
/// Last-Event-ID.
fn pieces(following: Following) -> impl Stream<Item = Result<String, Infallible>> {
    stream::unfold(following, |mut following| async {
        let piece = following.piece().await?;
        Some((Ok(piece), following))
    })
}

impl Following {
    async fn piece(&mut self) -> Option<String> {
        let mut piece = String::new();
        let quiet = Instant::now() + KEEP_ALIVE;
        while piece.is_empty() {
            let Ok(next) = timeout_at(quiet, self.tail.next()).await else {
                return Some(COMMENT.into());
            };
            let mut next = Some(next.ok()?);
            while let Some(event) = next {
                if self.is_visible || !event.incident.is_system() {
                    piece.push_str(event.text(|row| told(&self.app, row)));
                }
                let has_room = piece.len() < PIECE;
                next = if has_room { self.tail.at_hand() } else { None };
            }
        }
        Some(piece)
    }
}

/// An event as it is sent; nothing when it cannot be read.
fn told(app: &App, row: &Row) -> String {
    let told = || {
        let logged = Logged::read(row).ok()?;
        let out = EventOut::new(&logged, &app.engine.names(), logged.entry.pos);
        let data = serde_json::to_string(&out).ok()?;
        Some(format!("id: {}\nevent: {}\ndata: {data}\n\n", row.position, out.r#type))
    };
    told().unwrap_or_default()
}

/// Resolves when who follows is no longer exactly who began to: the token was revoked or has ended,
/// somebody was disabled, or may do something else now. Whoever may still read comes back with the
/// Last-Event-ID, and is judged anew.
async fn changed(app: App, caller: Caller) {
    let mut directories = app.engine.directories();
    loop {
        let directory = directories.borrow_and_update().clone();
        let now = app.engine.now();
        if directory.again(&caller, now).as_ref() != Ok(&caller) {
            return;
        }
        let left_us = u64::try_from(caller.token.expires.0.saturating_sub(now.0)).unwrap_or(0);
        // Not slept through: the clock of expiry is one that may be put right meanwhile.
        let nap = Duration::from_micros(left_us).min(RIGHTS_POLL);
        tokio::select! {
            _ = directories.changed() => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
}

/// Resolves when the service stops: an open stream would hold its end up for ever.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
