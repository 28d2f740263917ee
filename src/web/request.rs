//! Reading a request once, at the edge: body, conditions, key, parameters, path. Inside, the types
//! are the proof.

use super::App;
use super::edge::is_late;
use super::problem::{Kind, Problem};
use crate::incident::field::{Fault, Faults, Field, Pointer};
use crate::incident::id::{IncidentId, IncidentRef, PrincipalId, TokenId, Version};
use crate::incident::json;
use crate::incident::runbook::Zone;
use crate::incident::time::{Instant, Moment};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

/// The longest body, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;

/// The longest Idempotency-Key, in characters.
pub const KEY_MAX: usize = 255;

/// A body of JSON, read strictly, with the bytes that it came as.
pub struct Json {
    /// What it says.
    pub value: Value,
    /// As it came, for the fingerprint of a key.
    pub bytes: axum::body::Bytes,
}

impl FromRequest<App> for Json {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let is_json = media_type(request.headers())
            .is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
        if !is_json {
            let detail = "Send the body as JSON, with Content-Type: application/json.";
            return Err(Problem::new(Kind::WrongMediaType, detail));
        }
        let body = Limited::new(request.into_body(), BODY_MAX).collect().await.map_err(
            |error| match error.downcast_ref::<LengthLimitError>() {
                Some(_) => Problem::body_too_large(),
                None if is_late(error.as_ref()) => Problem::new(
                    Kind::TooSlow,
                    "The body did not come in time. Nothing was stored: send it again, whole.",
                ),
                None => Problem::new(Kind::Malformed, "The body broke off before its end."),
            },
        )?;
        let bytes = body.to_bytes();
        let value = json::parse(&bytes).map_err(|error| {
            Problem::new(Kind::Malformed, format!("The body is not acceptable JSON: {error}."))
        })?;
        Ok(Json { value, bytes })
    }
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    given.split(';').next().map(str::trim)
}

/// The one value of a header; two of them would leave open which one counts.
pub fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a HeaderValue>, Problem> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(Problem::new(Kind::BadHeader, format!("Send {name} once."))),
    }
}

/// The version that If-Match names, if it does.
pub fn if_match(headers: &HeaderMap) -> Result<Option<Version>, Problem> {
    let Some(given) = only(headers, "If-Match")? else { return Ok(None) };
    let quoted = given.to_str().ok().and_then(|it| it.trim().strip_prefix('"')?.strip_suffix('"'));
    let plain = quoted.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let version = plain.and_then(|digits| digits.parse().ok()).map(Version);
    version.map(Some).ok_or_else(|| {
        let detail =
            "If-Match must be an ETag that this server gave, such as \"17\", with its quotes.";
        Problem::new(Kind::BadHeader, detail)
    })
}

/// That there is no If-Match, where nothing has an ETag: what is not there yet matches none (RFC
/// 9110, 13.1.1), and a condition that nobody looks at would be worse than none.
pub fn no_if_match(headers: &HeaderMap) -> Result<(), Problem> {
    let detail = "What is asked here has no version that If-Match could name: leave it out.";
    match if_match(headers)? {
        None => Ok(()),
        Some(_) => Err(Problem::new(Kind::Stale, detail)),
    }
}

/// Whether the client asked for no more than it needs (RFC 7240). The first preference counts, and
/// one that cannot be read is none.
pub fn prefers_minimal(headers: &HeaderMap) -> bool {
    let given = headers.get_all("prefer").iter().filter_map(|given| given.to_str().ok());
    let wanted = given.flat_map(|given| given.split(',')).find_map(|preference| {
        // What stands behind a semicolon is said of the preference before it.
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("return").then(|| value.trim().trim_matches('"'))
    });
    wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case("minimal"))
}

/// The Idempotency-Key, quoted as the draft says or bare as many send it.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(given) = only(headers, "Idempotency-Key")? else { return Ok(None) };
    let text = given.to_str().unwrap_or_default().trim();
    let key = text.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(text);
    let fits =
        (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    fits.then(|| Some(key.to_owned())).ok_or_else(|| {
        let detail = format!("Idempotency-Key must be 1 to {KEY_MAX} visible ASCII characters.");
        Problem::new(Kind::BadHeader, detail)
    })
}

/// The incident that the path names.
pub struct Named(pub IncidentRef);

impl FromRequestParts<App> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let id = path_word(parts, app, "id").await;
        id.and_then(|id| id.parse().ok()).map(Named).ok_or_else(Problem::incident_unknown)
    }
}

/// Whether a path is about `SYS`, the service's own acts.
pub fn is_of_system(path: &str) -> bool {
    let rest = path.strip_prefix("/v1/incidents/SYS");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What the path names: an incident, or `SYS`, the service's own acts.
pub enum Subject {
    /// An incident.
    Incident(IncidentRef),
    /// The service's own acts.
    System,
}

impl FromRequestParts<App> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match is_of_system(parts.uri.path()) {
            true => Ok(Subject::System),
            false => Named::from_request_parts(parts, app).await.map(|it| Subject::Incident(it.0)),
        }
    }
}

impl Subject {
    /// Its identity, if there is such an incident.
    pub async fn id(self, app: &App) -> Result<IncidentId, Problem> {
        match self {
            Subject::System => Ok(IncidentId::SYSTEM),
            Subject::Incident(named) => {
                app.engine.find(named).await?.ok_or_else(Problem::incident_unknown)
            }
        }
    }
}

/// The token that the path names by its id.
pub struct NamedToken(pub TokenId);

impl FromRequestParts<App> for NamedToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let id = path_word(parts, app, "token").await;
        id.map(|id| NamedToken(TokenId(id))).ok_or_else(Problem::nobody_known)
    }
}

/// The principal that the path names, by its id or its name.
pub struct NamedPrincipal(pub PrincipalId);

impl FromRequestParts<App> for NamedPrincipal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let called = path_word(parts, app, "principal").await.unwrap_or_default();
        let directory = app.engine.directory();
        let known = directory.find(&called).map(|it| NamedPrincipal(it.id.clone()));
        known.ok_or_else(Problem::nobody_known)
    }
}

/// What the path names by that parameter, as it stands there.
async fn path_word(parts: &mut Parts, app: &App, name: &str) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The parameters of a query: taken one by one, and none may be left over.
pub struct Params(Vec<(String, String)>);

impl FromRequestParts<App> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let pairs =
            axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        pairs.map(|pairs| Params(pairs.0)).map_err(|_| {
            Problem::new(Kind::BadQuery, "The query must be pairs such as limit=50, joined by &.")
        })
    }
}

impl Params {
    /// Takes a parameter that is given at most once.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut values = self.all(name);
        match values.len() {
            0 | 1 => Ok(values.pop()),
            _ => Err(bad(name, "is given more than once")),
        }
    }

    /// Takes a parameter that may be given several times, or once with commas.
    pub fn all(&mut self, name: &str) -> Vec<String> {
        let (taken, left) =
            std::mem::take(&mut self.0).into_iter().partition(|(key, _)| key == name);
        self.0 = left;
        let values = |(_, value): (String, String)| value;
        Vec::<(String, String)>::into_iter(taken).map(values).collect()
    }

    /// Takes a whole number between two bounds, both included.
    pub fn number(&mut self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number
            .map(Some)
            .ok_or_else(|| bad(name, &format!("must be a number from {least} to {most}")))
    }

    /// Takes an instant of RFC 3339.
    pub fn moment(&mut self, name: &str) -> Result<Option<Moment>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        // A plus sign in a query means a space; an offset that lost its sign that way is given back.
        let instant = Instant::parse(&text.replace(' ', "+"));
        instant
            .map(|it| Some(it.moment()))
            .ok_or_else(|| bad(name, "must be an instant such as 2026-11-24T03:12:00Z"))
    }

    /// Takes one of a set of words.
    pub fn word<T>(
        &mut self,
        name: &str,
        parse: fn(&str) -> Option<T>,
        known: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        parse(&text).map(Some).ok_or_else(|| bad(name, &format!("must be one of {known}")))
    }

    /// Takes a time zone by its name in the IANA database.
    pub fn zone(&mut self, name: &str) -> Result<Option<Zone>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let zone = text.parse().ok().map(Zone);
        zone.map(Some).ok_or_else(|| {
            bad(name, "must be a zone of the IANA database, such as Europe/London or UTC")
        })
    }

    /// Ends the query: a parameter that nobody took is told, never ignored.
    pub fn close(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(bad(name, "is no parameter of this address")),
        }
    }
}

fn bad(name: &str, wrong: &str) -> Problem {
    Problem::new(Kind::BadQuery, format!("The parameter {name} {wrong}."))
}

/// Reads a value with all its faults, each told with its pointer from the request's root.
pub fn read<T: Field>(value: Value) -> Result<T, Problem> {
    let mut faults = Faults::default();
    let read = T::read(value, &Pointer::Root, &mut faults);
    Ok(faults.or(read)?)
}

/// Turns an Idempotency-Key away where it could not be honoured.
pub fn no_key(headers: &HeaderMap, why: &str) -> Result<(), Problem> {
    match headers.contains_key("Idempotency-Key") {
        false => Ok(()),
        true => Err(Problem::new(Kind::BadHeader, format!("Leave Idempotency-Key out: {why}."))),
    }
}

/// One fault of one field.
pub fn fault(pointer: &str, detail: &str) -> Problem {
    Problem::invalid(vec![Fault { pointer: pointer.into(), detail: detail.into() }])
}
