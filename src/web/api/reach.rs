//! What of a batch needs more than the right to append. The matrix is asked of every event before
//! the batch is handed in; who commands is judged under the log's lock, event by event.

use super::incidents::story;
use crate::access::{Action, Caller, Command};
use crate::engine::Until;
use crate::incident::event::Event;
use crate::incident::id::IncidentRef;
use crate::incident::words::Role;
use crate::incident::{Claim, EventType};
use crate::log::Story;
use crate::web::App;
use crate::web::problem::{Kind, Problem};

/// Checks the events of an announcement, which names its service itself.
pub fn check_announcement(app: &App, caller: &Caller, claims: &[Claim]) -> Result<(), Problem> {
    check(app, caller, claims)?;
    let announced = claims.iter().find_map(|claim| match &claim.event {
        Event::Announced(it) => Some(it.service.as_str()),
        _ => None,
    });
    within(app, caller, claims, announced.unwrap_or_default())
}

/// Checks events for an incident that is there.
pub async fn check_append(
    app: &App,
    caller: &Caller,
    incident: IncidentRef,
    claims: &[Claim],
) -> Result<(), Problem> {
    check(app, caller, claims)?;
    if !caller.is_limited() {
        return Ok(());
    }
    let Story { incident, .. } = story(app, incident, Until::Now).await?;
    let announced = incident.facts.announced.as_ref();
    within(app, caller, claims, announced.map_or("", |(_, it)| it.service.as_str()))
}

fn check(app: &App, caller: &Caller, claims: &[Claim]) -> Result<(), Problem> {
    claims.iter().try_for_each(|claim| {
        if claim.override_reason.is_some() {
            // Whether it is the commander who asks, each event finds for itself.
            let allowed = app.allow(caller, Action::Override, Command::Own);
            allowed.map_err(|_| Problem::not_the_commander())?;
        }
        match &claim.event {
            Event::Redacted(_) => {
                let allowed = app.allow(caller, Action::Redact, Command::NotOwn);
                allowed.map_err(|_| Problem::not_an_admin())
            }
            Event::RoleAssigned(it) if it.role == Role::Commander => {
                app.allow(caller, Action::AssignCommand, Command::NotOwn)
            }
            _ => Ok(()),
        }
    })
}

/// Every event must be within the reach of the token's scopes.
fn within(app: &App, caller: &Caller, claims: &[Claim], service: &str) -> Result<(), Problem> {
    let is_beyond = |kind: &EventType| !caller.covers(*kind, service);
    let Some(kind) = claims.iter().map(|claim| claim.event.kind()).find(is_beyond) else {
        return Ok(());
    };
    app.engine.note_refusal(&caller.principal.id, Action::Append);
    let scopes: Vec<String> = caller.token.scopes.iter().map(ToString::to_string).collect();
    let detail = format!(
        "This token does not reach {kind} in an incident of {service}: its scopes are {}. Ask an \
         admin for one that does.",
        scopes.join(" ")
    );
    Err(Problem::new(Kind::Forbidden, detail))
}
