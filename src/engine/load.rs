//! Bringing to hand what a turn's requests are about: from the cache, else from the ledger.

use super::books::Books;
use super::cache::Cache;
use super::naming::incident_named;
use super::plan::Loaded;
use super::request::{Ask, Request};
use crate::incident::id::{IncidentId, IncidentRef};
use crate::incident::{Claim, Incident};
use crate::ledger::{LedgerError, Turn};
use crate::log::{Row, Story};
use std::sync::Arc;

/// Everything that these requests are about.
pub(super) fn load(
    turn: &mut dyn Turn,
    cache: &mut Cache,
    books: &Books,
    requests: &[Request],
) -> Result<Loaded, LedgerError> {
    let mut loaded = Loaded::default();
    for request in requests {
        if let Some(key) = &request.key
            && let Some(receipt) = turn.receipt(&request.who.by, &key.key)?
        {
            loaded.receipts.insert((request.who.by.clone(), key.key.clone()), receipt);
        }
        match &request.ask {
            Ask::Append { incident, claims, .. } => {
                if let Some(id) = find(turn, cache, &mut loaded, *incident)? {
                    load_incident(turn, cache, books, &mut loaded, id)?;
                }
                find_named(turn, cache, &mut loaded, claims)?;
            }
            Ask::Announce(claims) => find_named(turn, cache, &mut loaded, claims)?,
            Ask::Remind(id) => load_positions(turn, books, &mut loaded, *id)?,
            Ask::Broken(cause) => return Err(LedgerError::Storage(cause.clone())),
            Ask::EraseName(_)
            | Ask::MakeToken(_)
            | Ask::RevokeToken(_)
            | Ask::ChangePrincipal(_)
            | Ask::Refused(_)
            | Ask::Exported(_)
            | Ask::Started { .. }
            | Ask::Stopped
            | Ask::Seal(_) => {}
        }
    }
    Ok(loaded)
}

fn find_named(
    turn: &mut dyn Turn,
    cache: &Cache,
    loaded: &mut Loaded,
    claims: &[Claim],
) -> Result<(), LedgerError> {
    for claim in claims {
        if let Some(named) = incident_named(claim) {
            find(turn, cache, loaded, named)?;
        }
    }
    Ok(())
}

fn find(
    turn: &mut dyn Turn,
    cache: &Cache,
    loaded: &mut Loaded,
    named: IncidentRef,
) -> Result<Option<IncidentId>, LedgerError> {
    if let Some(id) = loaded.named.get(&named) {
        return Ok(Some(*id));
    }
    let id = match cache.find(named) {
        Some(id) => Some(id),
        None => turn.find(named)?,
    };
    loaded.named.extend(id.map(|id| (named, id)));
    Ok(id)
}

fn load_incident(
    turn: &mut dyn Turn,
    cache: &mut Cache,
    books: &Books,
    loaded: &mut Loaded,
    id: IncidentId,
) -> Result<(), LedgerError> {
    if loaded.incidents.contains_key(&id) {
        return Ok(());
    }
    let incident = match cache.take(id) {
        Some(incident) => Some(incident),
        None => fold(&turn.incident(id)?)?,
    };
    hold(turn, books, loaded, incident)
}

/// Brings an incident to hand with where each of its events stands, which only the ledger knows.
fn load_positions(
    turn: &mut dyn Turn,
    books: &Books,
    loaded: &mut Loaded,
    id: IncidentId,
) -> Result<(), LedgerError> {
    let rows = turn.incident(id)?;
    loaded.positions.extend(rows.iter().map(|row| ((id, row.version), row.position)));
    if loaded.incidents.contains_key(&id) {
        return Ok(());
    }
    hold(turn, books, loaded, fold(&rows)?)
}

/// Keeps an incident at hand, and the runbook that it pins.
fn hold(
    turn: &mut dyn Turn,
    books: &Books,
    loaded: &mut Loaded,
    incident: Option<Arc<Incident>>,
) -> Result<(), LedgerError> {
    let Some(incident) = incident else { return Ok(()) };
    if let Some(book) = &incident.book
        && books.get(book).is_none()
        && let Some(text) = turn.runbook(book)?
    {
        books.learn(book, &text);
    }
    loaded.incidents.insert(incident.id, incident);
    Ok(())
}

fn fold(rows: &[Row]) -> Result<Option<Arc<Incident>>, LedgerError> {
    let story = Story::walk(rows, Arc::default())
        .map_err(|damage| LedgerError::Storage(damage.to_string()))?;
    Ok(story.map(|story| Arc::new(story.incident)))
}
