//! Every error that leaves over HTTP: RFC 9457 problems with a stable `code`. Only this file knows
//! which status a reason has; the words of a database never leave.

use super::request::BODY_MAX;
use crate::engine::{Failure, ReadFailed, TurnedAway};
use crate::incident::field::{Fault, Faults};
use crate::incident::id::Version;
use crate::incident::words::State;
use crate::incident::{Rejection, Unmet};
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;

/// How long a client waits before it tries again, in seconds.
const RETRY_AFTER_S: &str = "1";

/// A reason that is told over HTTP.
#[derive(Debug, Clone)]
pub struct Problem(Box<Document>);

#[derive(Debug, Clone, Serialize)]
struct Document {
    /// Where its meaning is documented.
    r#type: String,
    /// The reason in general.
    title: &'static str,
    status: u16,
    /// What happened this time, and what to do next.
    detail: String,
    /// The stable name of the reason.
    code: &'static str,
    /// Every wrong field with its JSON pointer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    /// Everything that a state machine or a guard holds against the event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmet: Vec<Unmet>,
    /// Where the incident stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    /// The version that it stood at.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    /// What is allowed instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Vec<super::api::NextOut>>,
    /// The version that an If-Match missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<Version>,
    /// Which of the request's events was refused, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<usize>,
}

/// The kinds of problem: code, status, and title.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $status:ident, $title:literal;)+) => {
        /// The kinds of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[doc = $doc])+ $name,)+ }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)+];

            /// The stable name.
            pub const fn code(self) -> &'static str {
                match self { $(Kind::$name => $code,)+ }
            }

            /// The status that it is answered with.
            pub const fn status(self) -> StatusCode {
                match self { $(Kind::$name => StatusCode::$status,)+ }
            }

            /// The reason in general.
            pub const fn title(self) -> &'static str {
                match self { $(Kind::$name => $title,)+ }
            }

            /// What it means, and what to do.
            pub const fn meaning(self) -> &'static str {
                match self { $(Kind::$name => concat!($($doc),+),)+ }
            }
        }
    };
}

kinds! {
    /// The body is no JSON, has a key twice, a NUL, or is nested too deep. Nothing was stored.
    Malformed = "malformed", BAD_REQUEST, "The body is not acceptable JSON";
    /// A header does not read as it must. Nothing was stored.
    BadHeader = "bad_header", BAD_REQUEST, "A header cannot be read";
    /// Where the request ends can be read in two ways. Nothing was stored.
    Ambiguous = "ambiguous", BAD_REQUEST, "The request can be read in two ways";
    /// A parameter of the query is unknown or does not read as it must.
    BadQuery = "bad_query", BAD_REQUEST, "The query cannot be read";
    /// The cursor is none of ours, or was given for another filter.
    BadCursor = "bad_cursor", BAD_REQUEST, "The cursor is not valid here";
    /// There is no valid token with the request.
    Unauthorized = "unauthorized", UNAUTHORIZED, "A valid token is needed";
    /// The token does not allow this. Nothing was stored.
    Forbidden = "forbidden", FORBIDDEN, "The token does not allow this";
    /// Guards are overridden by the incident's commander or an admin only. Nothing was stored.
    NotTheCommander = "not_the_commander", FORBIDDEN, "Only the commander overrides";
    /// Words are erased by admins in person only, never through a tool. Nothing was stored.
    NotAnAdmin = "not_an_admin", FORBIDDEN, "Only an admin redacts";
    /// There is nothing at this address.
    NotFound = "not_found", NOT_FOUND, "There is no such thing";
    /// There is no such incident.
    IncidentUnknown = "incident_unknown", NOT_FOUND, "There is no such incident";
    /// The incident had not come that far.
    NotYet = "not_yet", NOT_FOUND, "The incident had not come that far";
    /// This address does not take this method; Allow says which it takes.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    /// None of the formats that the client accepts is offered here.
    NotAcceptable = "not_acceptable", NOT_ACCEPTABLE, "The format is not offered";
    /// The head or the body of the request did not come in time. Nothing was stored.
    TooSlow = "too_slow", REQUEST_TIMEOUT, "The request came too slowly";
    /// A state machine or a guard said no; `unmet` lists everything. Nothing was stored.
    Refusal = "refusal", CONFLICT, "The incident does not allow this now";
    /// The change would leave nobody who may administer. Nothing was stored.
    LastAdmin = "last_admin", CONFLICT, "An admin has to stay";
    /// Something was appended since the version that If-Match names, or nothing there has one.
    /// Nothing was stored.
    Stale = "stale", PRECONDITION_FAILED, "The incident has moved on";
    /// The body is longer than 1 MiB. Nothing was stored.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The address is longer than 4 KiB. Nothing was stored.
    TargetTooLong = "target_too_long", URI_TOO_LONG, "The address is too long";
    /// The head is longer than 16 KiB or has more than 64 fields. Nothing was stored.
    HeadTooLarge = "head_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The head is too large";
    /// The body is not announced as application/json. Nothing was stored.
    WrongMediaType = "wrong_media_type", UNSUPPORTED_MEDIA_TYPE, "The media type is not understood";
    /// The Host is none that this service answers to. Nothing was stored.
    WrongHost = "wrong_host", MISDIRECTED_REQUEST, "This service has another name";
    /// Fields do not fit; `errors` lists every one. Nothing was stored.
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "The request does not fit";
    /// The event to be erased carries facts, and no replacement is given. Nothing was stored.
    ReplacementMissing = "replacement_missing", UNPROCESSABLE_ENTITY, "A replacement is needed";
    /// The Idempotency-Key was used for another request. Nothing was stored.
    KeyReused = "key_reused", UNPROCESSABLE_ENTITY, "The key was used for another request";
    /// Too many requests or open streams of one principal, or requests without a valid token from
    /// one address; Retry-After says when to try again. Nothing was stored.
    TooManyRequests = "too_many_requests", TOO_MANY_REQUESTS, "Too many requests";
    /// The service itself went wrong; whether anything was stored is unknown.
    Internal = "internal", INTERNAL_SERVER_ERROR, "The service went wrong";
    /// Too many requests wait. Nothing was stored; try again.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Too many requests wait";
    /// The database was busy. Nothing was stored; try again.
    Busy = "busy", SERVICE_UNAVAILABLE, "The database is busy";
    /// Whether it was stored is unknown: repeat it with the same Idempotency-Key.
    OutcomeUnknown = "outcome_unknown", SERVICE_UNAVAILABLE, "The outcome is unknown";
    /// The service is stopping. Nothing was stored; try again.
    Stopping = "stopping", SERVICE_UNAVAILABLE, "The service is stopping";
    /// The log could not be read just now; try again.
    ReadFailed = "read_failed", SERVICE_UNAVAILABLE, "The log cannot be read";
    /// The disk is full. Nothing was stored; reading still works.
    DiskFull = "disk_full", INSUFFICIENT_STORAGE, "The disk is full";
}

impl Problem {
    /// A problem of that kind, in words.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Document {
            r#type: format!("/docs#problem-{}", kind.code()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: detail.into(),
            code: kind.code(),
            errors: Vec::new(),
            unmet: Vec::new(),
            state: None,
            version: None,
            next: None,
            current_version: None,
            event: None,
        }))
    }

    fn with(mut self, change: impl FnOnce(&mut Document)) -> Problem {
        change(&mut self.0);
        self
    }

    /// Fields that do not fit.
    pub fn invalid(errors: Vec<Fault>) -> Problem {
        Problem::faulty(Kind::Invalid, errors)
    }

    fn faulty(kind: Kind, errors: Vec<Fault>) -> Problem {
        let detail = match errors.as_slice() {
            [only] => format!("{} {}. Nothing was stored.", shown(&only.pointer), only.detail),
            many => format!("{} fields do not fit. Nothing was stored.", many.len()),
        };
        Problem::new(kind, detail).with(|it| it.errors = errors)
    }

    /// The status that it is answered with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The answer to a request that was turned away; `pointer_of` turns the pointers of the
    /// engine, which begin with an event's index, into those of the request.
    pub fn of(away: TurnedAway, pointer_of: impl Fn(&str) -> String) -> Problem {
        let pointed = |faults: Faults| {
            let point = |fault: Fault| Fault { pointer: pointer_of(&fault.pointer), ..fault };
            faults.into_vec().into_iter().map(point).collect::<Vec<_>>()
        };
        match away {
            TurnedAway::NotFound => Problem::incident_unknown(),
            TurnedAway::Stale { current } => {
                let detail = format!(
                    "The incident stands at version {current}: read it again, then decide."
                );
                Problem::new(Kind::Stale, detail).with(|it| it.current_version = Some(current))
            }
            TurnedAway::KeyReused => Problem::new(
                Kind::KeyReused,
                "This Idempotency-Key made another request before: choose a new key for a new request.",
            ),
            TurnedAway::NotAnAdmin => Problem::not_an_admin(),
            TurnedAway::NobodyKnown => Problem::nobody_known(),
            TurnedAway::LastAdmin => Problem::new(
                Kind::LastAdmin,
                "Nobody would be left who may administer: make another admin first.",
            ),
            TurnedAway::RunbookUnreadable => Problem::runbook_unreadable(),
            TurnedAway::Invalid(faults) => Problem::invalid(pointed(faults)),
            TurnedAway::Rejected { index, rejection, incident, runbook, at } => match rejection {
                Rejection::Invalid(faults) => Problem::invalid(pointed(faults)),
                Rejection::ReplacementMissing(fault) => {
                    Problem::faulty(Kind::ReplacementMissing, pointed(fault.into()))
                }
                Rejection::NotAnAdmin => Problem::not_an_admin(),
                Rejection::NotTheCommander => Problem::not_the_commander(),
                Rejection::Refused(refusal) => {
                    Problem::new(Kind::Refusal, refusal.detail()).with(|it| {
                        it.code = refusal.code().word();
                        it.state = Some(refusal.state);
                        it.version = Some(refusal.version);
                        it.event = Some(index);
                        it.next = Some(super::api::next_of(&incident, &runbook, at));
                        it.unmet = refusal.unmet;
                    })
                }
            },
        }
    }

    /// The runbook that the incident pins cannot be read by this release.
    pub fn runbook_unreadable() -> Problem {
        let detail = "The runbook that this incident pins cannot be read by this release: use the \
                      release that announced it, and report the request_id.";
        Problem::new(Kind::Internal, detail)
    }

    /// Words are erased by admins only.
    pub fn not_an_admin() -> Problem {
        let detail = "Words are erased by admins in person, never through a tool: ask an admin.";
        Problem::new(Kind::NotAnAdmin, detail)
    }

    /// An override without the right to.
    pub fn not_the_commander() -> Problem {
        let detail = "An override needs the incident's commander or an admin: take command first, or leave it out.";
        Problem::new(Kind::NotTheCommander, detail)
    }

    /// There is no such principal or token, or none that may be known of.
    pub fn nobody_known() -> Problem {
        Problem::new(Kind::NotFound, "There is no such principal or token: look at GET /v1/tokens.")
    }

    /// The body is longer than a body may be.
    pub fn body_too_large() -> Problem {
        let detail = format!(
            "The body is longer than {BODY_MAX} bytes: send the events in several requests."
        );
        Problem::new(Kind::TooLarge, detail)
    }

    /// Whether nothing more is read from who sent this, for where the next request would begin is
    /// unknown.
    fn is_last(&self) -> bool {
        let kinds = [
            Kind::Ambiguous,
            Kind::TooSlow,
            Kind::TooLarge,
            Kind::TargetTooLong,
            Kind::HeadTooLarge,
        ];
        kinds.iter().any(|kind| kind.code() == self.0.code)
    }

    /// There is no such incident.
    pub fn incident_unknown() -> Problem {
        Problem::new(Kind::IncidentUnknown, "There is no such incident: look at GET /v1/incidents.")
    }

    /// The whole document, once the request has its id.
    pub fn to_json(&self, request_id: &str) -> String {
        let mut document = serde_json::to_value(&self.0).unwrap_or_default();
        if let Some(members) = document.as_object_mut() {
            members.insert("request_id".into(), request_id.into());
        }
        document.to_string()
    }
}

fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "The request" } else { pointer }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        let kind = match failure {
            Failure::QueueFull => Kind::Overloaded,
            Failure::DiskFull => Kind::DiskFull,
            Failure::Busy => Kind::Busy,
            Failure::Unknown => Kind::OutcomeUnknown,
            Failure::Stopping => Kind::Stopping,
        };
        Problem::new(kind, failure.to_string())
    }
}

impl From<ReadFailed> for Problem {
    fn from(_: ReadFailed) -> Problem {
        Problem::new(Kind::ReadFailed, "The log could not be read just now: try again in a moment.")
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Problem {
        Problem::invalid(faults.into_vec())
    }
}

impl IntoResponse for Problem {
    /// The body is written by the outermost layer, which knows the request's id.
    fn into_response(self) -> Response<Body> {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        match self.status() {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::INSUFFICIENT_STORAGE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
            }
            _ => {}
        }
        if self.is_last() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
