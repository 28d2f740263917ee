//! Streams of server-sent events: the same rows as every page, as they become durable.

use crate::access::{Caller, Directory};
use crate::engine::{Scope, Tail};
use crate::incident::id::Position;
use crate::log::{Logged, Row};
use crate::views::EventOut;
use crate::web::App;
use crate::web::edge::limits::STREAMS_MAX;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Params, Subject};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often a quiet stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often a stream looks whether its token has ended; a change in the log it sees at once.
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
    let events = events(app, caller, scope, after).take_until(stopped).take_until(changed);
    let events = events.inspect(move |_| {
        // It counts for as long as there is somebody to send to.
        let _ = &open;
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    // Proxies that buffer would hold events back until their buffer is full.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(unbuffered, HeaderValue::from_static("no"));
    Ok(response)
}

fn events(
    app: App,
    caller: Caller,
    scope: Scope,
    after: Position,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let tail = Tail::new(app.engine.as_ref().clone(), scope, after);
    let pages = stream::unfold((tail, app.clone()), |(mut tail, app)| async {
        let erasures = app.engine.erasures();
        // A read that fails ends the stream; the client comes back with its Last-Event-ID.
        let page = tail.next().await.ok()?;
        let page = page.into_iter().map(move |row| (row, erasures));
        Some((stream::iter(page), (tail, app)))
    });
    let is_visible = caller.may_see_system();
    pages.flatten().filter_map(move |(row, erasures)| {
        let app = app.clone();
        async move {
            let row = current(&app, row, erasures).await?;
            let is_visible = is_visible || !row.incident.is_system();
            is_visible.then(|| event(&app, &row)).flatten().map(Ok)
        }
    })
}

/// The row as it is now: what lay here for a slow client may have been erased since it was read.
async fn current(app: &App, row: Row, erasures: u64) -> Option<Row> {
    if app.engine.erasures() == erasures {
        return Some(row);
    }
    let before = Position(row.position.0.saturating_sub(1));
    app.engine.events(before, 1).await.ok()?.pop()
}

fn event(app: &App, row: &Row) -> Option<Event> {
    let logged = Logged::read(row).ok()?;
    let out = EventOut::new(&logged, &app.engine.names(), logged.entry.pos);
    let event = Event::default().id(row.position.to_string()).event(&out.r#type);
    event.json_data(&out).ok()
}

/// Resolves when who follows is no longer exactly who began to: the token was revoked or has ended,
/// somebody was disabled, or may do something else now. Whoever may still read comes back with the
/// Last-Event-ID, and is judged anew.
async fn changed(app: App, caller: Caller) {
    let mut head = app.engine.head();
    let mut known: Option<Arc<Directory>> = None;
    loop {
        head.borrow_and_update();
        let (directory, now) = (app.engine.directory(), app.engine.now());
        let is_known = known.is_some_and(|known| Arc::ptr_eq(&known, &directory));
        let is_as_before = is_known && now < caller.token.expires;
        if !is_as_before && directory.again(&caller, now).as_ref() != Ok(&caller) {
            return;
        }
        known = Some(directory);
        let left_us = u64::try_from(caller.token.expires.0.saturating_sub(now.0)).unwrap_or(0);
        // Not slept through: the clock of expiry is one that may be put right meanwhile.
        let nap = Duration::from_micros(left_us).min(RIGHTS_POLL);
        tokio::select! {
            _ = head.changed() => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
}

/// Resolves when the service stops: an open stream would hold its end up for ever.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
