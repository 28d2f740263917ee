//! The service's own acts, `SYS`: told as a timeline; of clients it takes nothing but that a name is
//! erased.

use super::events::{internal, link_next, page};
use super::views::{PLAIN, plain};
use crate::access::{Action, Caller, Command};
use crate::engine::{Ask, Done, Key, Request};
use crate::incident::Claim;
use crate::incident::field::List;
use crate::incident::id::{IncidentId, Version};
use crate::log::Logged;
use crate::views::{Acts, EventOut};
use crate::web::App;
use crate::web::format::Format;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Params, fault, read};
use axum::Json as JsonOut;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// `POST /v1/incidents/SYS/events`, of whoever may know of them.
pub async fn append(
    app: &App,
    caller: &Caller,
    key: Option<Key>,
    body: Value,
) -> Result<Response, Problem> {
    app.allow(caller, Action::Redact, Command::NotOwn)?;
    let is_list = body.is_array();
    let claim = claim(body)?;
    let request = Request { who: caller.who(), key, ask: Ask::EraseName(Box::new(claim)) };
    let done = app.engine.submit(request).await?;
    let place = |pointer: &str| match pointer.strip_prefix("/0") {
        Some(rest) if !is_list => rest.to_owned(),
        _ => pointer.to_owned(),
    };
    let logged = match done.map_err(|away| Problem::of(away, place))? {
        Done::NameErased(logged) => *logged,
        Done::AlreadyRecorded { first, .. } => recorded(app, first).await?,
        Done::Recorded { .. } | Done::TokenMade { .. } | Done::Noted => return Err(internal()),
    };
    let event = EventOut::new(&logged, &app.engine.names(), logged.entry.pos);
    Ok((StatusCode::CREATED, JsonOut(json!({ "events": [event] }))).into_response())
}

/// The one event of the request.
fn claim(body: Value) -> Result<Claim, Problem> {
    let Value::Array(_) = body else { return read(body) };
    let mut claims = read::<List<Claim>>(body)?.0;
    match (claims.pop(), claims.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(fault("", "must be one event: names are erased one by one")),
    }
}

async fn recorded(app: &App, version: Version) -> Result<Logged, Problem> {
    let before = Version(version.0.saturating_sub(1));
    let rows = app.engine.events_of(IncidentId::SYSTEM, before, 1).await?;
    let row = rows.first().ok_or_else(internal)?;
    Logged::read(row).map_err(|damage| Problem::new(Kind::Internal, damage.to_string()))
}

/// `GET /v1/incidents/SYS/timeline`, of whoever may know of it: a page of it.
pub async fn timeline(
    app: &App,
    headers: &HeaderMap,
    uri: &Uri,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = Format::choose(&mut params, headers, &PLAIN)?;
    let (after, limit) = page(&mut params)?;
    params.close()?;
    let rows = app.engine.events_of(IncidentId::SYSTEM, Version(after), limit).await?;
    let acts: Result<Vec<Logged>, _> = rows.iter().map(Logged::read).collect();
    let acts = acts.map_err(|damage| Problem::new(Kind::Internal, damage.to_string()))?;
    let told = Acts::new(&acts, &app.engine.names());
    let mut response = format.answer(plain(format, &told, Acts::markdown, Acts::text));
    if let Some(last) = rows.last().filter(|_| rows.len() == limit) {
        link_next(&mut response, uri, &last.version.to_string());
    }
    Ok(response)
}
