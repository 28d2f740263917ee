//! Who is asking, and whether they may: asked of every request before its handler runs, by
//! [`admit`], of the permission matrix.
//!
//! What depends on more than the address, an override within a batch or a token of somebody else's,
//! the handler asks of the same matrix by [`App::allow`]. Every refusal is noted.

use super::App;
use super::edge::Peer;
use super::edge::rates::Left;
use super::problem::{Kind, Problem};
use super::request::{Named, is_of_system, only};
use super::routes::Operation;
use crate::access::{Action, Caller, Command, Denied};
use crate::engine::{Told, Until};
use crate::incident::id::PrincipalId;
use crate::incident::words::Role;
use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The header in which a tool names the person it speaks for.
pub const ON_BEHALF_OF: &str = "On-Behalf-Of";

/// Somebody whose valid token came with the request, and whom the matrix lets do what the address
/// is for.
#[derive(Clone)]
pub struct Identity(pub Caller);

/// Whose valid token came with a request; put on its answer, for the line that is said of it.
#[derive(Clone)]
pub struct Asked(pub PrincipalId);

impl FromRequestParts<App> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Identity>().cloned().ok_or_else(|| {
            Problem::new(Kind::Internal, "Nobody was asked who is asking: report the request_id.")
        })
    }
}

/// Lets a request through to its handler when the matrix allows it.
pub async fn admit(
    Shared((app, operation)): Shared<(App, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(action) = operation.route().action else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let holder = match holder(&app, &parts.headers) {
        Ok(holder) => holder,
        Err(problem) => return turned_away(&app, &parts, problem),
    };
    if let Some(peer) = parts.extensions.get::<Peer>() {
        app.edge.places.recognise(&peer.place, &holder.principal.id);
    }
    let asked = Asked(holder.principal.id.clone());
    let left = app.edge.rates.of_principal(&asked.0);
    let mut response = match left.is_enough() {
        false => too_many(&left),
        true => match admitted(&app, action, holder, &mut parts).await {
            Ok(identity) => {
                parts.extensions.insert(identity);
                next.run(Request::from_parts(parts, body)).await
            }
            Err(problem) => problem.into_response(),
        },
    };
    left.tell(response.headers_mut());
    response.extensions_mut().insert(asked);
    response
}

/// Whoever has no valid token is told so, and is slowed down when that happens often.
fn turned_away(app: &App, parts: &Parts, problem: Problem) -> Response {
    let Some(peer) = parts.extensions.get::<Peer>() else { return problem.into_response() };
    let client = app.edge.proxies.client(peer.address, &parts.headers);
    let left = app.edge.rates.of_stranger(client);
    match left.is_enough() {
        true => problem.into_response(),
        false => {
            let mut response = too_many(&left);
            left.tell(response.headers_mut());
            response
        }
    }
}

fn too_many(left: &Left) -> Response {
    let detail = format!("Too many requests: wait {} s, as Retry-After says.", left.wait_s());
    Problem::new(Kind::TooManyRequests, detail).into_response()
}

async fn admitted(
    app: &App,
    action: Action,
    holder: Caller,
    parts: &mut Parts,
) -> Result<Identity, Problem> {
    // Nobody is told that there are such acts who may not read them, whatever else they try.
    let action = if is_of_system(parts.uri.path()) { Action::ReadSystem } else { action };
    let caller = speaking(app, holder, action, &parts.headers)?;
    let turns_on_command =
        caller.may(action, Command::NotOwn).is_err() && caller.may(action, Command::Own).is_ok();
    let command = match turns_on_command {
        true => command(app, &caller, parts).await?,
        false => Command::NotOwn,
    };
    app.allow(&caller, action, command)?;
    Ok(Identity(caller))
}

/// Whose token came with the request; whoever has none is a figure, never an event.
fn holder(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let directory = app.engine.directory();
    let known = bearer(headers)
        .and_then(|secret| directory.authenticate(secret, app.engine.now()).map_err(Problem::from));
    known.inspect_err(|_| app.engine.note_stranger())
}

/// For whom they speak: a tool with the scope for the person that it names, else for themselves.
fn speaking(
    app: &App,
    holder: Caller,
    action: Action,
    headers: &HeaderMap,
) -> Result<Caller, Problem> {
    let Some(called) = only(headers, ON_BEHALF_OF)? else { return Ok(holder) };
    let called = std::str::from_utf8(called.as_bytes()).map_err(|_| {
        Problem::new(Kind::BadHeader, "On-Behalf-Of must be the name or id of a person.")
    })?;
    let tool = holder.principal.id.clone();
    let spoken = app.engine.directory().speak_for(holder, called.trim());
    Ok(spoken.inspect_err(|_| app.engine.note_refusal(&tool, action))?)
}

/// Whether they command the incident that the path names.
async fn command(app: &App, caller: &Caller, parts: &mut Parts) -> Result<Command, Problem> {
    let Named(incident) = Named::from_request_parts(parts, app).await?;
    let Told::Story(story) = app.engine.story(incident, Until::Now).await? else {
        return Err(Problem::incident_unknown());
    };
    let commander = story.incident.facts.holder(Role::Commander);
    let is_own = commander.is_some_and(|it| it.person.as_str() == caller.judged().id.as_str());
    Ok(if is_own { Command::Own } else { Command::NotOwn })
}

impl App {
    /// Goes on only when the matrix allows it; else the refusal is noted.
    pub fn allow(&self, caller: &Caller, action: Action, command: Command) -> Result<(), Problem> {
        caller.may(action, command).map_err(|refused| {
            self.engine.note_refusal(&caller.principal.id, action);
            match action.is_hidden() {
                true => Problem::incident_unknown(),
                false => Problem::new(Kind::Forbidden, refused.to_string()),
            }
        })
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

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Problem {
        let kind = match denied {
            Denied::Unknown => Kind::Unauthorized,
            Denied::MayNotSpeakForOthers | Denied::NobodyKnown => Kind::Forbidden,
        };
        Problem::new(kind, format!("{denied}."))
    }
}
