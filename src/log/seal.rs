//! From events to bytes: sealing an event, or an act of the service, into a row.

use super::batch::Row;
use super::entry::{Data, Entry, FORMAT, RULES, SCHEMA, Salt};
use super::logged::{Logged, Said};
use crate::incident::event::Redacted;
use crate::incident::id::{IncidentId, Number, Position, Version};
use crate::incident::system::Act;
use crate::incident::time::Moment;
use crate::incident::{EventType, Recorded, Who};
use uuid::Uuid;

/// Where an event is put, and what it is put there with.
#[derive(Debug, Clone)]
pub struct Place {
    /// The place in the log.
    pub position: Position,
    /// The batch that it is stored with.
    pub batch: Uuid,
    /// The event that led to it, in events of our own making.
    pub cause: Option<Position>,
    /// What hides its data.
    pub salt: Salt,
}

/// The stored row of an incident's event. `book` is the SHA-256 of the pinned runbook, for the
/// first event only.
pub fn seal(
    recorded: &Recorded,
    who: &Who,
    incident: (IncidentId, Number),
    book: Option<String>,
    place: &Place,
) -> Row {
    seal_logged(recorded, who, incident, book, place).0
}

/// [`seal`], with the event as it will be read back from the row.
pub fn seal_logged(
    recorded: &Recorded,
    who: &Who,
    incident: (IncidentId, Number),
    book: Option<String>,
    place: &Place,
) -> (Row, Logged) {
    let event = recorded.event.as_ref().expect("a new event says something");
    let data = Data {
        data: json(event).into(),
        actor: recorded.actor.clone(),
        reason: recorded.override_reason.clone(),
        as_written: recorded.as_written.clone(),
    };
    let entry = Entry {
        v: FORMAT,
        pos: place.position,
        at: recorded.at,
        inc: incident.0,
        no: Some(incident.1),
        ver: recorded.version,
        r#type: event.kind().word().into(),
        sch: SCHEMA,
        to: Some(recorded.to),
        rules: RULES,
        book,
        by: recorded.by.clone(),
        r#for: recorded.on_behalf_of.clone(),
        tok: who.token.clone(),
        occ: recorded.occurred,
        batch: place.batch,
        cause: place.cause,
        over: recorded.over.clone(),
        dev: recorded.dev.clone(),
        data: String::new(),
    };
    let (row, entry) = row_of(entry, &data, place.salt);
    let logged = Logged { entry, data: Some(data), said: Said::Event(event.clone()) };
    debug_assert!(Logged::read(&row).is_ok_and(|read| read == logged), "{logged:?}");
    (row, logged)
}

/// The stored row of an act of the service, at that version of `SYS`.
pub fn seal_act(act: &Act, who: &Who, at: Moment, version: Version, place: &Place) -> Row {
    seal_system((act.kind().word(), json(act)), who, at, version, place)
}

/// The stored row of the redaction of a name, at that version of `SYS`.
pub fn seal_redacted_name(
    it: &Redacted,
    who: &Who,
    at: Moment,
    version: Version,
    place: &Place,
) -> Row {
    seal_system((EventType::Redacted.word(), json(it)), who, at, version, place)
}

fn seal_system(
    (kind, data): (&str, String),
    who: &Who,
    at: Moment,
    version: Version,
    place: &Place,
) -> Row {
    let data = Data { data: data.into(), actor: None, reason: None, as_written: None };
    let entry = Entry {
        v: FORMAT,
        pos: place.position,
        at,
        inc: IncidentId::SYSTEM,
        no: None,
        ver: version,
        r#type: kind.into(),
        sch: SCHEMA,
        to: None,
        rules: RULES,
        book: None,
        by: who.by.clone(),
        r#for: who.on_behalf_of.clone(),
        tok: who.token.clone(),
        occ: None,
        batch: place.batch,
        cause: place.cause,
        over: Vec::new(),
        dev: Vec::new(),
        data: String::new(),
    };
    row_of(entry, &data, place.salt).0
}

fn json(data: &impl serde::Serialize) -> String {
    serde_json::to_string(data).expect("an event is plain data, which always serialises")
}

/// The row, and the entry with its commitment to the data.
fn row_of(mut entry: Entry, data: &Data, salt: Salt) -> (Row, Entry) {
    let data = data.to_line().expect("what was just serialised is JSON");
    entry.data = salt.commit(&data);
    let row = Row {
        position: entry.pos,
        incident: entry.inc,
        version: entry.ver,
        entry: entry.to_line(),
        salt: Some(salt),
        data: Some(data),
    };
    (row, entry)
}
