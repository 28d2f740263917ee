//! Who is asking, from the headers of a request. A handler that takes [`Identity`] cannot forget
//! to ask: the type is the proof that a valid token came with the request.

use super::App;
use super::problem::{Kind, Problem};
use super::request::only;
use crate::access::{Caller, Denied};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// The header in which a tool names the person it speaks for.
pub const ON_BEHALF_OF: &str = "On-Behalf-Of";

/// Somebody with a valid token; what that allows is asked where it is known.
pub struct Bearer(pub Caller);

/// Somebody with a valid token, who may read.
pub struct Identity(pub Caller);

/// Somebody with a valid token, who may append.
pub struct Author(pub Caller);

impl FromRequestParts<App> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        caller(&parts.headers, app).map(Bearer)
    }
}

impl FromRequestParts<App> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = caller(&parts.headers, app)?;
        if caller.may_read() { Ok(Identity(caller)) } else { Err(forbidden("read")) }
    }
}

impl FromRequestParts<App> for Author {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = caller(&parts.headers, app)?;
        if caller.may_append() { Ok(Author(caller)) } else { Err(forbidden("append events")) }
    }
}

fn caller(headers: &HeaderMap, app: &App) -> Result<Caller, Problem> {
    let directory = app.engine.directory();
    let secret = bearer(headers)?;
    let caller = directory.authenticate(secret, app.engine.now())?;
    match only(headers, ON_BEHALF_OF)? {
        None => Ok(caller),
        Some(called) => {
            let called = std::str::from_utf8(called.as_bytes()).map_err(|_| {
                Problem::new(Kind::BadHeader, "On-Behalf-Of must be the name or id of a person.")
            })?;
            Ok(directory.speak_for(caller, called.trim())?)
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let given = only(headers, "Authorization")?.and_then(|value| value.to_str().ok());
    let (scheme, secret) = given.and_then(|given| given.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty() {
        return Ok(secret.trim());
    }
    let detail = "Send Authorization: Bearer with a token. The first start of the server wrote one \
                  to admin-token in its data directory; allclear token create makes others.";
    Err(Problem::new(Kind::Unauthorized, detail))
}

fn forbidden(action: &str) -> Problem {
    Problem::new(
        Kind::Forbidden,
        format!("This token may not {action}: ask an admin for one that may."),
    )
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Problem {
        let kind = match denied {
            Denied::Unknown => Kind::Unauthorized,
            Denied::MayNotSpeakForOthers | Denied::NobodyKnown => Kind::Forbidden,
        };
        Problem::new(kind, format!("{denied}."))
    }
}
