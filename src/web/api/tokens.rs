//! Tokens: making one.

use crate::access::{Secret, SecretKind};
use crate::engine::{Ask, Done, NewToken, Request};
use crate::incident::field::{List, record};
use crate::incident::system::{PrincipalKind, PrincipalRole, Scope};
use crate::incident::text::Line;
use crate::incident::time::{Instant, Moment};
use crate::web::App;
use crate::web::identity::Author;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Json, Params, fault, read};
use axum::Json as JsonOut;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

const DAY_US: i64 = 86_400_000_000;

/// How long a token lives when nobody says: 90 days.
pub const LIFE_DEFAULT_US: i64 = 90 * DAY_US;

/// The longest life of a token: a year.
pub const LIFE_MAX_US: i64 = 366 * DAY_US;

record! {
    /// A token that is to be made.
    pub struct TokenClaim {
        /// The principal: somebody or something that is there, or a new one with this name.
        name: Line,
        /// What the principal is: a new one is a person unless it says tool.
        kind: Option<PrincipalKind>,
        /// What a person may do: a new one responds when it is left out.
        role: Option<PrincipalRole>,
        /// What a tool may do: nothing that is not named.
        scopes: List<Scope>,
        /// When it ends: in 90 days when left out, in a year at the latest.
        expires: Option<Instant>,
    }
}

/// `POST /v1/tokens`.
pub async fn make(
    Shared(app): Shared<App>,
    Author(caller): Author,
    params: Params,
    body: Json,
) -> Result<Response, Problem> {
    params.close()?;
    if !caller.may_administer() {
        return Err(Problem::new(Kind::Forbidden, "Tokens are made by admins: ask one."));
    }
    let claim: TokenClaim = read(body.value)?;
    let expires = life(claim.expires, app.engine.now())?;
    let directory = app.engine.directory();
    let known = directory.find(claim.name.as_str()).map(|principal| principal.kind);
    let kind = claim.kind.or(known).unwrap_or(PrincipalKind::Person);
    claim.check(kind)?;
    let mut chance = [0; 64];
    app.engine.draw(&mut chance);
    let secret = Secret::draw(secret_kind(kind), &chance);
    let new = NewToken {
        name: claim.name.to_string(),
        kind,
        role: claim.role,
        scopes: claim.scopes.0,
        expires,
        secret_sha256: secret.sha256(),
    };
    let request = Request { who: caller.who(), key: None, ask: Ask::MakeToken(new) };
    let done = app.engine.submit(request).await?;
    match done.map_err(|away| Problem::of(away, ToOwned::to_owned))? {
        Done::TokenMade { token, principal } => {
            let answer = json!({
                "token": token,
                "principal": { "id": principal, "name": claim.name },
                "expires": expires.instant(),
                "secret": secret.reveal(),
            });
            Ok((StatusCode::CREATED, JsonOut(answer)).into_response())
        }
        _ => Err(Problem::new(Kind::Internal, "The token was not made: report the request_id.")),
    }
}

fn secret_kind(kind: PrincipalKind) -> SecretKind {
    match kind {
        PrincipalKind::Person => SecretKind::Personal,
        PrincipalKind::Tool => SecretKind::Service,
    }
}

impl TokenClaim {
    /// People have roles and tools have scopes: what would not count is refused, never ignored.
    fn check(&self, kind: PrincipalKind) -> Result<(), Problem> {
        match kind {
            PrincipalKind::Person if !self.scopes.is_empty() => {
                Err(fault("/scopes", "belongs to a tool; what a person may do is the role"))
            }
            PrincipalKind::Tool if self.role.is_some() => {
                Err(fault("/role", "belongs to a person; what a tool may do are its scopes"))
            }
            PrincipalKind::Person | PrincipalKind::Tool => Ok(()),
        }
    }
}

fn life(asked: Option<Instant>, now: Moment) -> Result<Moment, Problem> {
    let expires = asked.map_or(Moment(now.0 + LIFE_DEFAULT_US), Instant::moment);
    let is_between = expires > now && expires.0 <= now.0 + LIFE_MAX_US;
    is_between.then_some(expires).ok_or_else(|| fault("/expires", "must be within a year from now"))
}
