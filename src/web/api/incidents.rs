//! Incidents: announcing, listing, getting one.

use super::events::{as_answered, check_claims, keyed, link_next, pinned, recorded};
use super::{NextOut, next_of, people, reach};
use crate::engine::{Ask, BoardFilter, Done, PAGE_MAX, Request, Told, Until};
use crate::incident::event::{Event, EventType, RoleAssigned};
use crate::incident::field::{Faults, Field, List, Pointer};
use crate::incident::id::{IncidentRef, Number, Position, Version};
use crate::incident::text::{Person, Text};
use crate::incident::time::{Claimed, Moment};
use crate::incident::words::{Role, State};
use crate::incident::{Claim, Incident, Runbook};
use crate::log::{BoardRow, Story};
use crate::views::{Guide, ObligationOut, People, Summary};
use crate::web::App;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Json, Named, Params, no_if_match};
use axum::Json as JsonOut;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// How many incidents a page has when nobody says.
const PAGE_DEFAULT: u64 = 50;

/// `POST /v1/incidents`.
pub async fn announce(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    headers: HeaderMap,
    uri: Uri,
    params: Params,
    body: Json,
) -> Result<Response, Problem> {
    params.close()?;
    no_if_match(&headers)?;
    let key = keyed(&app, &headers, &uri, &caller, &body)?;
    let Announcement { claims, has_commander } = Announcement::read(body.value)?;
    reach::check_announcement(&app, &caller, &claims)?;
    let request = Request { who: caller.who(), key, ask: Ask::Announce(claims) };
    let done = app.engine.submit(request).await?;
    let done = done.map_err(|away| Problem::of(away, |pointer| place(pointer, has_commander)))?;
    let replayed = matches!(done, Done::AlreadyRecorded { .. });
    let recorded = recorded(&app, done).await?;
    let now = recorded.at;
    let mut response =
        incident_out(&recorded.incident, &recorded.runbook, now, &people(&app.engine.names()))
            .into_response();
    *response.status_mut() = StatusCode::CREATED;
    let location = format!("/v1/incidents/{}", recorded.incident.number);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(as_answered(response, &recorded.incident, replayed))
}

/// The body of an announcement: the data of `announced`, and what follows it in the same batch.
struct Announcement {
    claims: Vec<Claim>,
    has_commander: bool,
}

impl Announcement {
    fn read(body: Value) -> Result<Announcement, Problem> {
        let mut faults = Faults::default();
        let Value::Object(mut members) = body else {
            return Err(crate::web::request::fault("", "an object is expected"));
        };
        let root = Pointer::Root;
        let occurred = take::<Claimed>(&mut members, "occurred", &mut faults);
        let as_written = take::<Text>(&mut members, "as_written", &mut faults);
        let actor = take::<Person>(&mut members, "actor", &mut faults);
        let commander = take::<Person>(&mut members, "commander", &mut faults);
        let events = take::<List<Claim>>(&mut members, "events", &mut faults);
        let event = Event::read(EventType::Announced, Value::Object(members), &root, &mut faults);
        let event = faults.or(event)?;
        let has_commander = commander.is_some();
        let announced = Claim { event, occurred, as_written, actor, override_reason: None };
        let command = commander.map(|to| {
            let assigned = RoleAssigned { role: Role::Commander, to, from: None, handover: None };
            Claim { occurred, ..Claim::of(Event::RoleAssigned(assigned)) }
        });
        let further = events.unwrap_or_default().0;
        let claims: Vec<Claim> = std::iter::once(announced).chain(command).chain(further).collect();
        check_claims(&claims)?;
        Ok(Announcement { claims, has_commander })
    }
}

fn take<T: Field>(members: &mut Map<String, Value>, key: &str, faults: &mut Faults) -> Option<T> {
    let value = members.shift_remove(key)?;
    Option::<T>::read(value, &Pointer::Key(&Pointer::Root, key), faults).flatten()
}

/// Where in the body an event of the batch stands: the announcement is the body itself.
fn place(pointer: &str, has_commander: bool) -> String {
    let (index, rest) = match pointer[1..].split_once('/') {
        Some((index, rest)) => (index, format!("/{rest}")),
        None => (&pointer[1..], String::new()),
    };
    let followers = if has_commander { 2 } else { 1 };
    match index.parse::<usize>() {
        Ok(0) => rest.strip_prefix("/data").map_or(rest.clone(), ToOwned::to_owned),
        Ok(1) if has_commander => "/commander".into(),
        Ok(index) => format!("/events/{}{rest}", index - followers),
        Err(_) => pointer.to_owned(),
    }
}

/// `GET /v1/incidents/{id}`.
pub async fn get(
    Shared(app): Shared<App>,
    _: Identity,
    Named(named): Named,
    mut params: Params,
) -> Result<Response, Problem> {
    let until = until(&mut params)?;
    params.close()?;
    let story = story(&app, named, until).await?;
    let runbook = pinned(&app, &story.incident).await?;
    let now = match until {
        Until::Now => app.engine.now(),
        Until::Moment(at) => at,
        Until::Version(_) => story.last().entry.at,
    };
    // Of the past, people are told as they were called then; of the present, as they are now.
    let as_of = match until {
        Until::Now => Position(u64::MAX),
        Until::Moment(_) | Until::Version(_) => story.last().entry.pos,
    };
    let people = People::new(&story.names, as_of);
    let response = incident_out(&story.incident, &runbook, now, &people).into_response();
    Ok(as_answered(response, &story.incident, false))
}

/// The story of an incident up to there.
pub async fn story(app: &App, named: IncidentRef, until: Until) -> Result<Story, Problem> {
    match app.engine.story(named, until).await? {
        Told::Story(story) => Ok(*story),
        Told::NoIncident => Err(Problem::incident_unknown()),
        Told::NotYet => Err(not_yet()),
    }
}

/// Up to where a story is asked for: `version` or `at`, not both.
pub fn until(params: &mut Params) -> Result<Until, Problem> {
    let version = params.number("version", 1, 1 << 53)?;
    let at = params.moment("at")?;
    match (version, at) {
        (None, None) => Ok(Until::Now),
        (Some(version), None) => Ok(Until::Version(Version(version))),
        (None, Some(at)) => Ok(Until::Moment(at)),
        (Some(_), Some(_)) => Err(Problem::new(Kind::BadQuery, "Give version or at, not both.")),
    }
}

/// The incident had not come that far.
pub fn not_yet() -> Problem {
    Problem::new(Kind::NotYet, "The incident had not come that far: leave version or at out.")
}

/// An incident with what is owed and what may happen next, as it comes out.
#[derive(Serialize, JsonSchema)]
pub struct IncidentOut {
    #[serde(flatten)]
    summary: Option<Summary>,
    obligations: Vec<ObligationOut>,
    guide: Option<Guide>,
    next: Vec<NextOut>,
}

fn incident_out(
    incident: &Incident,
    runbook: &Runbook,
    now: Moment,
    people: &People<'_>,
) -> JsonOut<IncidentOut> {
    JsonOut(IncidentOut {
        summary: Summary::of(incident, runbook, people),
        obligations: ObligationOut::all(incident, runbook, now, people),
        guide: Guide::new(incident, runbook, now),
        next: next_of(incident, runbook, now),
    })
}

/// `GET /v1/incidents`.
pub async fn list(
    Shared(app): Shared<App>,
    _: Identity,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Problem> {
    let limit = params.number("limit", 1, PAGE_MAX as u64)?.unwrap_or(PAGE_DEFAULT);
    let cursor = params.text("after")?;
    let filter = filter(&mut params, &app)?;
    params.close()?;
    let mark = format!("{:x}", mark_of(&format!("{filter:?}")));
    let before = cursor.map(|cursor| read_cursor(&cursor, &mark)).transpose()?;
    let limit = usize::try_from(limit).unwrap_or(1);
    let mut rows = app.engine.board(filter, before, limit + 1).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let names = app.engine.names();
    let incidents: Vec<Value> = rows.iter().map(|row| row_out(row, &people(&names))).collect();
    let mut response = JsonOut(json!({ "incidents": incidents })).into_response();
    if let (true, Some(last)) = (has_more, rows.last()) {
        let cursor = format!("{}-{mark}", last.number.0);
        link_next(&mut response, &uri, &cursor);
    }
    Ok(response)
}

fn filter(params: &mut Params, app: &App) -> Result<BoardFilter, Problem> {
    let mut states = Vec::new();
    for word in params.all("state").iter().flat_map(|words| words.split(',')) {
        let open = |state: &&State| state.is_open();
        let closed = |state: &&State| !state.is_open() && **state != State::Nothing;
        match (word, State::parse(word)) {
            ("open", _) => states.extend(State::ALL.iter().filter(open)),
            ("closed", _) => states.extend(State::ALL.iter().filter(closed)),
            (_, Some(state)) if state != State::Nothing => states.push(state),
            _ => {
                let detail = format!("{word} is no state: open, closed, or one of the lifecycle.");
                return Err(Problem::new(Kind::BadQuery, detail));
            }
        }
    }
    let commander = params.text("commander")?;
    let directory = app.engine.directory();
    let id_of =
        |called: String| directory.find(&called).map_or(called.clone(), |it| it.id.to_string());
    Ok(BoardFilter {
        states,
        service: params.text("service")?,
        severity: params.text("severity")?,
        commander: commander.map(id_of),
        since: params.moment("since")?,
        until: params.moment("until")?,
        words: params.text("q")?,
    })
}

/// A cursor is the last number shown, and a mark of the filter that it belongs to.
fn read_cursor(cursor: &str, mark: &str) -> Result<Number, Problem> {
    let bad = |detail| Problem::new(Kind::BadCursor, detail);
    let (number, given) = cursor
        .split_once('-')
        .ok_or_else(|| bad("Take after from the Link of the page before."))?;
    if given != mark {
        return Err(bad("The filter has changed since that page: begin again without after."));
    }
    number.parse().map(Number).map_err(|_| bad("Take after from the Link of the page before."))
}

/// A short mark of a filter (FNV-1a): it guards against a mix-up, not against malice.
fn mark_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |mark, byte| {
        (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn row_out(row: &BoardRow, people: &People<'_>) -> Value {
    let mut out = json!({
        "id": row.incident,
        "ref": row.number.to_string(),
        "version": row.version,
        "state": row.state,
        "service": row.service,
        "title": row.title,
        "announced_at": row.announced_at.instant(),
        "updated_at": row.updated_at.instant(),
    });
    let optional = [
        ("severity", row.severity.as_ref().map(|it| json!(it))),
        (
            "commander",
            row.commander
                .as_deref()
                .and_then(|it| Person::new(it).ok())
                .map(|it| json!(people.person(&it))),
        ),
        ("restored_at", row.restored_at.map(|it| json!(it.instant()))),
        ("resolved_at", row.resolved_at.map(|it| json!(it.instant()))),
        ("due_at", row.due_at.map(|it| json!(it.instant()))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            out[name] = value;
        }
    }
    out
}
