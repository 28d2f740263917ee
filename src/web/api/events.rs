//! Events: appending them, and reading them back as recorded.

use super::{NextOut, next_of, reach, system};
use crate::access::Caller;
use crate::engine::{Ask, Done, EVENTS_MAX, Key, PAGE_MAX, Request, Told, Until};
use crate::incident::field::List;
use crate::incident::id::{IncidentId, IncidentRef, Position, Version};
use crate::incident::time::Moment;
use crate::incident::words::State;
use crate::incident::{Claim, Incident, Runbook};
use crate::log::{Logged, Names, Row};
use crate::views::EventOut;
use crate::web::App;
use crate::web::identity::{Identity, ON_BEHALF_OF};
use crate::web::problem::{Kind, Problem};
use crate::web::request::{
    Json, Params, Subject, fault, idempotency_key, if_match, no_if_match, prefers_minimal, read,
};
use axum::Json as JsonOut;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const MINIMAL: HeaderValue = HeaderValue::from_static("return=minimal");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// `POST /v1/incidents/{id}/events`.
pub async fn append(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    subject: Subject,
    headers: HeaderMap,
    uri: Uri,
    params: Params,
    body: Json,
) -> Result<Response, Problem> {
    params.close()?;
    let key = keyed(&app, &headers, &uri, &caller, &body)?;
    let Subject::Incident(named) = subject else {
        no_if_match(&headers)?;
        return system::append(&app, &caller, key, body.value).await;
    };
    let if_match = if_match(&headers)?;
    let is_list = body.value.is_array();
    let place = |pointer: &str| if is_list { pointer.to_owned() } else { unlisted(pointer) };
    let claims = claims(body.value)?;
    reach::check_append(&app, &caller, named, &claims).await?;
    let ask = Ask::Append { incident: named, if_match, claims };
    let done = app.engine.submit(Request { who: caller.who(), key, ask }).await?;
    let done = done.map_err(|away| Problem::of(away, place))?;
    let replayed = matches!(done, Done::AlreadyRecorded { .. });
    let recorded = recorded(&app, done).await?;
    let is_minimal = prefers_minimal(&headers);
    let names = app.engine.names();
    let events: Vec<EventOut> = recorded
        .events
        .iter()
        .map(|logged| EventOut::new(logged, &names, logged.entry.pos))
        .collect();
    let answer = Appended {
        events,
        state: recorded.incident.state,
        version: recorded.incident.version(),
        next: (!is_minimal).then(|| next_of(&recorded.incident, &recorded.runbook, recorded.at)),
    };
    let mut response = (StatusCode::CREATED, JsonOut(answer)).into_response();
    if is_minimal {
        response.headers_mut().insert(PREFERENCE_APPLIED, MINIMAL);
    }
    Ok(as_answered(response, &recorded.incident, replayed))
}

/// The answer to an append.
#[derive(Serialize, JsonSchema)]
pub struct Appended {
    events: Vec<EventOut>,
    state: State,
    version: Version,
    /// Left out for those who prefer the minimum.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Vec<NextOut>>,
}

fn claims(body: Value) -> Result<Vec<Claim>, Problem> {
    let claims = match body {
        Value::Array(_) => read::<List<Claim>>(body)?.0,
        one => vec![read::<Claim>(one)?],
    };
    check_claims(&claims)?;
    Ok(claims)
}

/// What no batch may be: empty, or too long.
pub fn check_claims(claims: &[Claim]) -> Result<(), Problem> {
    if (1..=EVENTS_MAX).contains(&claims.len()) {
        return Ok(());
    }
    let detail = format!("has {} events; 1 to {EVENTS_MAX} make a batch", claims.len());
    Err(fault("", &detail))
}

/// The pointer in a body that is one event, from the engine's, which begins with its index.
fn unlisted(pointer: &str) -> String {
    pointer.strip_prefix("/0").unwrap_or(pointer).to_owned()
}

/// The client's key with the fingerprint of everything that makes the request what it is. A body
/// with a secret in it is taken as it will be stored, so that nothing of the secret is kept.
pub fn keyed(
    app: &App,
    headers: &HeaderMap,
    uri: &Uri,
    caller: &Caller,
    body: &Json,
) -> Result<Option<Key>, Problem> {
    let Some(key) = idempotency_key(headers)? else { return Ok(None) };
    let condition = headers.get(header::IF_MATCH).map_or(&b""[..], HeaderValue::as_bytes);
    let person = headers.get(ON_BEHALF_OF).map_or(&b""[..], HeaderValue::as_bytes);
    let by = caller.principal.id.as_str().as_bytes();
    let masked = app.engine.masked(&body.value).map(|it| it.to_string());
    let body = masked.as_ref().map_or(body.bytes.as_ref(), String::as_bytes);
    let request = [by, uri.path().as_bytes(), condition, person, body].join(&b'\n');
    Ok(Some(Key { key, fingerprint: app.engine.fingerprint(&request) }))
}

/// What a batch left: the same whether it was recorded just now or long ago.
pub struct Recorded {
    /// The incident after it.
    pub incident: Arc<Incident>,
    /// The runbook that it pins.
    pub runbook: Arc<Runbook>,
    /// Its events.
    pub events: Vec<Logged>,
    /// When it was recorded.
    pub at: Moment,
}

/// What was done, read back from the log when it was done before.
pub async fn recorded(app: &App, done: Done) -> Result<Recorded, Problem> {
    match done {
        Done::Recorded { incident, runbook, events } => {
            let at = incident.updated_at().unwrap_or(app.engine.now());
            Ok(Recorded { incident, runbook, events, at })
        }
        Done::AlreadyRecorded { incident, first, last } => {
            replayed(app, incident, first, last).await
        }
        Done::NameErased(_) | Done::TokenMade { .. } | Done::Noted => Err(internal()),
    }
}

async fn replayed(
    app: &App,
    incident: IncidentId,
    first: Version,
    last: Version,
) -> Result<Recorded, Problem> {
    let named = IncidentRef::Id(incident);
    let Told::Story(story) = app.engine.story(named, Until::Version(last)).await? else {
        return Err(internal());
    };
    let runbook = pinned(app, &story.incident).await?;
    let at = story.last().entry.at;
    let events = story.events.into_iter().filter(|logged| logged.entry.ver >= first).collect();
    Ok(Recorded { incident: Arc::new(story.incident), runbook, events, at })
}

/// The runbook that an incident pins.
pub async fn pinned(app: &App, incident: &Incident) -> Result<Arc<Runbook>, Problem> {
    app.engine.runbook_of(incident).await?.ok_or_else(Problem::runbook_unreadable)
}

/// The engine answered what nobody asked.
pub fn internal() -> Problem {
    Problem::new(Kind::Internal, "The service answered what was not asked: report the request_id.")
}

/// Adds what every answer about an incident carries.
pub fn as_answered(mut response: Response, incident: &Incident, replayed: bool) -> Response {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", incident.version())) {
        headers.insert(header::ETAG, tag);
    }
    if replayed {
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// `GET /v1/incidents/{id}/events`.
pub async fn list(
    Shared(app): Shared<App>,
    _: Identity,
    subject: Subject,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Problem> {
    let (after, limit) = page(&mut params)?;
    params.close()?;
    let id = subject.id(&app).await?;
    let rows = app.engine.events_of(id, Version(after), limit).await?;
    let mut response = page_out(&app, &rows)?;
    if let (true, Some(last)) = (rows.len() == limit, rows.last()) {
        link_next(&mut response, &uri, &last.version.to_string());
    }
    Ok(response)
}

/// `GET /v1/events`.
pub async fn list_log(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Problem> {
    let (after, limit) = page(&mut params)?;
    params.close()?;
    let rows = app.engine.events(Position(after), limit).await?;
    let last = rows.last().map(|row| row.position.0);
    let count = rows.len();
    let visible = |row: &Row| caller.may_see_system() || !row.incident.is_system();
    let shown: Vec<Row> = rows.into_iter().filter(visible).collect();
    let mut response = page_out(&app, &shown)?;
    if let (true, Some(last)) = (count == limit, last) {
        link_next(&mut response, &uri, &last.to_string());
    }
    Ok(response)
}

/// Behind which version or position a page begins, and how long it is at most.
pub fn page(params: &mut Params) -> Result<(u64, usize), Problem> {
    let after = params.text("after")?.map_or(Ok(0), |text| text.parse::<u64>());
    let after = after.ok().filter(|after| *after < 1 << 53).ok_or_else(|| {
        Problem::new(Kind::BadCursor, "after must be a number that this server gave.")
    })?;
    let limit = params.number("limit", 1, PAGE_MAX as u64)?;
    Ok((after, limit.map_or(PAGE_MAX, |limit| usize::try_from(limit).unwrap_or(PAGE_MAX))))
}

/// A page of events, as it comes out.
#[derive(Serialize, JsonSchema)]
pub struct Page {
    events: Vec<EventOut>,
}

fn page_out(app: &App, rows: &[Row]) -> Result<Response, Problem> {
    let names: Arc<Names> = app.engine.names();
    let events: Result<Vec<EventOut>, _> = rows
        .iter()
        .map(|row| Logged::read(row).map(|logged| EventOut::new(&logged, &names, logged.entry.pos)))
        .collect();
    let events = events.map_err(|damage| Problem::new(Kind::Internal, damage.to_string()))?;
    Ok(JsonOut(Page { events }).into_response())
}

/// Says where the next page is: this address, with another `after`.
pub fn link_next(response: &mut Response, uri: &Uri, after: &str) {
    let query = uri.query().unwrap_or_default().split('&');
    let kept = query.filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
    let query: Vec<&str> = kept.collect();
    let after = format!("after={after}");
    let query = [query, vec![after.as_str()]].concat().join("&");
    let link = format!("<{}?{query}>; rel=\"next\"", uri.path());
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
}
