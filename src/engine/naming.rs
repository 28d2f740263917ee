//! Names in a claim become what is stored of them: people who are principals their ids, incidents
//! their identities; in a correction as in the event that it corrects.

use crate::access::Directory;
use crate::incident::event::{Correction, Event, EventType};
use crate::incident::field::{Fault, Faults, Pointer};
use crate::incident::id::{IncidentId, IncidentRef};
use crate::incident::text::Person;
use crate::incident::{Claim, Incident};
use serde_json::Value;
use std::collections::HashMap;

/// The member of a link that names the other incident.
const INCIDENT: &str = "incident";

/// A person who is a principal is stored as its id, anybody else in the words given.
pub fn name_people(claim: &mut Claim, incident: &Incident, directory: &Directory) {
    if let Event::Corrected(correction) = &mut claim.event {
        correct_people(correction, incident, directory);
    }
    for person in claim.event.people_mut().into_iter().chain(claim.actor.as_mut()) {
        if let Some(principal) = directory.find(person.as_str()) {
            *person = Person::new(principal.id.as_str()).expect("an id is a short word");
        }
    }
}

fn correct_people(correction: &mut Correction, incident: &Incident, directory: &Directory) {
    let original = incident.event(correction.version).and_then(|it| it.event.as_ref());
    let members = original.map_or(&[][..], |it| Event::person_members(it.kind()));
    let Some(fields) = &mut correction.fields else { return };
    for member in members {
        let called = fields.0.get(*member).and_then(Value::as_str);
        if let Some(principal) = called.and_then(|called| directory.find(called)) {
            fields.0.insert((*member).to_owned(), principal.id.as_str().into());
        }
    }
}

/// The incidents that a claim names, so that they can be looked up beforehand.
pub fn incidents_named(claim: &Claim) -> Option<IncidentRef> {
    match &claim.event {
        Event::Cancelled(it) => it.of,
        Event::Linked(it) => it.incident,
        Event::Unlinked(it) => it.incident,
        Event::Corrected(it) => it.fields.as_ref()?.0.get(INCIDENT)?.as_str()?.parse().ok(),
        _ => None,
    }
}

/// An incident that is named in an event is stored as its identity; `at` is where the claim stands.
pub fn name_incidents(
    claim: &mut Claim,
    incident: &Incident,
    named: &HashMap<IncidentRef, IncidentId>,
    at: &Pointer<'_>,
) -> Result<(), Faults> {
    let Some(reference) = incidents_named(claim) else { return Ok(()) };
    let data = Pointer::Key(at, "data");
    let fields = Pointer::Key(&data, "fields");
    let at = match claim.event.kind() {
        EventType::Cancelled => Pointer::Key(&data, "of"),
        EventType::Corrected => Pointer::Key(&fields, INCIDENT),
        _ => Pointer::Key(&data, INCIDENT),
    };
    let Some(id) = named.get(&reference) else {
        return Err(Faults::from(Fault::new(&at, format!("there is no incident {reference}"))));
    };
    if let Event::Corrected(correction) = &mut claim.event {
        correct_incident(correction, incident, *id);
    }
    for named in claim.event.incidents_mut() {
        *named = IncidentRef::Id(*id);
    }
    Ok(())
}

fn correct_incident(correction: &mut Correction, incident: &Incident, id: IncidentId) {
    let original = incident.event(correction.version).and_then(|it| it.event.as_ref());
    let is_link = matches!(original, Some(Event::Linked(_) | Event::Unlinked(_)));
    if let Some(fields) = correction.fields.as_mut().filter(|_| is_link) {
        fields.0.insert(INCIDENT.to_owned(), id.to_string().into());
    }
}
