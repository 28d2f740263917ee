//! Tokens: making, listing and revoking them.

use super::events::internal;
use crate::access::{Action, Caller, Command, Directory, Secret, SecretKind, Standing, Token};
use crate::engine::{Ask, Done, Engine, NewToken, Request};
use crate::incident::field::{List, record};
use crate::incident::id::{PrincipalId, TokenId};
use crate::incident::scope::Scope;
use crate::incident::system::{PrincipalKind, PrincipalRole};
use crate::incident::text::Line;
use crate::incident::time::{Instant, Moment};
use crate::web::App;
use crate::web::identity::Identity;
use crate::web::problem::Problem;
use crate::web::request::{Json, NamedToken, Params, fault, no_key, read};
use axum::Json as JsonOut;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

const DAY_US: i64 = 86_400_000_000;

/// How long a token lives when nobody says: 90 days.
pub const LIFE_DEFAULT_US: i64 = 90 * DAY_US;

/// The longest life of a token: a year.
pub const LIFE_MAX_US: i64 = 366 * DAY_US;

record! {
    /// A token that is to be made.
    pub struct TokenClaim {
        /// The principal: somebody or something that is there, or a new one with this name; whoever
        /// asks when it is left out.
        name: Option<Line>,
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

/// A token as it comes out; the secret is nowhere.
#[derive(Serialize)]
struct TokenOut<'a> {
    token: &'a TokenId,
    principal: Holder<'a>,
    scopes: &'a [Scope],
    expires: Instant,
    standing: Standing,
}

/// Whose it is.
#[derive(Serialize)]
struct Holder<'a> {
    id: &'a PrincipalId,
    name: &'a str,
}

impl<'a> TokenOut<'a> {
    fn new(token: &'a Token, directory: &'a Directory, now: Moment) -> TokenOut<'a> {
        let id = &token.principal;
        let name = directory.find(id.as_str()).map_or(id.as_str(), |it| it.name.as_str());
        TokenOut {
            token: &token.id,
            principal: Holder { id, name },
            scopes: &token.scopes,
            expires: token.expires.instant(),
            standing: token.standing(now),
        }
    }
}

/// `GET /v1/tokens`.
pub async fn list(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    params: Params,
) -> Result<Response, Problem> {
    params.close()?;
    let (directory, now) = (app.engine.directory(), app.engine.now());
    let shown = directory.tokens().into_iter().filter(|token| may_know(&caller, token));
    let tokens: Vec<TokenOut<'_>> =
        shown.map(|token| TokenOut::new(token, &directory, now)).collect();
    Ok(JsonOut(json!({ "tokens": tokens })).into_response())
}

/// Their own, and everybody's for those who may read principals.
fn may_know(caller: &Caller, token: &Token) -> bool {
    let may_all = caller.may(Action::ReadPrincipals, Command::NotOwn).is_ok();
    may_all || token.principal == caller.principal.id
}

/// `DELETE /v1/tokens/{token}`.
pub async fn revoke(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    NamedToken(id): NamedToken,
    params: Params,
) -> Result<Response, Problem> {
    params.close()?;
    let directory = app.engine.directory();
    let token = directory.token(&id).ok_or_else(Problem::nobody_known)?;
    if token.principal != caller.principal.id {
        let allowed = app.allow(&caller, Action::ChangePrincipals, Command::NotOwn);
        let unknown = !may_know(&caller, token);
        allowed.map_err(|no| if unknown { Problem::nobody_known() } else { no })?;
    }
    let request = Request { who: caller.who(), key: None, ask: Ask::RevokeToken(token.id.clone()) };
    let done = app.engine.submit(request).await?;
    done.map_err(|away| Problem::of(away, ToOwned::to_owned))?;
    let (directory, now) = (app.engine.directory(), app.engine.now());
    let token = directory.token(&id).ok_or_else(internal)?;
    Ok(JsonOut(TokenOut::new(token, &directory, now)).into_response())
}

/// `POST /v1/tokens`.
pub async fn make(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    headers: HeaderMap,
    params: Params,
    body: Json,
) -> Result<Response, Problem> {
    params.close()?;
    no_key(&headers, "a secret is shown once, so a repeated request could not be answered again")?;
    let claim: TokenClaim = read(body.value)?;
    let name = claim.name.as_ref().map_or(caller.principal.id.as_str(), Line::as_str);
    let directory = app.engine.directory();
    let known = directory.find(name);
    if known.is_none_or(|known| known.id != caller.principal.id) {
        app.allow(&caller, Action::ChangePrincipals, Command::NotOwn)?;
    }
    let kind = claim.kind.or(known.map(|known| known.kind)).unwrap_or(PrincipalKind::Person);
    claim.check(kind)?;
    let secret = draw(&app.engine, kind);
    let new = NewToken {
        name: name.to_owned(),
        kind,
        role: claim.role,
        scopes: claim.scopes.0.clone(),
        expires: life(claim.expires, app.engine.now())?,
        secret_sha256: secret.sha256(),
    };
    let request = Request { who: caller.who(), key: None, ask: Ask::MakeToken(new) };
    let done = app.engine.submit(request).await?;
    let Done::TokenMade { token, .. } =
        done.map_err(|away| Problem::of(away, ToOwned::to_owned))?
    else {
        return Err(internal());
    };
    let directory = app.engine.directory();
    let made = directory.token(&TokenId(token)).ok_or_else(internal)?;
    let out =
        Made { made: TokenOut::new(made, &directory, app.engine.now()), secret: secret.reveal() };
    Ok((StatusCode::CREATED, JsonOut(out)).into_response())
}

/// A token that was made just now, with its secret, this once.
#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    made: TokenOut<'a>,
    secret: &'a str,
}

fn draw(engine: &Engine, kind: PrincipalKind) -> Secret {
    let mut chance = [0; 64];
    engine.draw(&mut chance);
    Secret::draw(secret_kind(kind), &chance)
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
