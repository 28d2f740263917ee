//! Between events and bytes: sealing an event into a row, reading it back, and the one walk over
//! the rows of an incident that every view is told from.

use super::batch::Row;
use super::entry::{Data, Entry, FORMAT, RULES, SCHEMA, Salt};
use super::names::Names;
use super::redactions::Redactions;
use crate::incident::event::Redacted;
use crate::incident::id::{IncidentId, Number, Position, Version};
use crate::incident::system::{Act, ActType};
use crate::incident::time::Moment;
use crate::incident::{Event, EventType, Incident, Recorded, Who};
use std::sync::Arc;
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

/// What a stored event says.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "nearly all are events")]
pub enum Said {
    /// An event of an incident.
    Event(Event),
    /// An act of the service.
    Act(Act),
    /// A type, or a revision of its data, that this release does not know: shown raw.
    Unknown,
    /// It was erased.
    Redacted,
}

/// One event as read back from the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// Its header.
    pub entry: Entry,
    /// What stood beside the header; none when it was erased.
    pub data: Option<Data>,
    /// What it says.
    pub said: Said,
}

/// A stored row that cannot be read; the rest of the log still can.
#[derive(Debug, thiserror::Error)]
#[error("event {position} cannot be read: {cause}; run allclear verify on the data directory")]
pub struct Damage {
    /// Where.
    pub position: Position,
    /// Why.
    pub cause: serde_json::Error,
}

impl Logged {
    /// Reads a row.
    pub fn read(row: &Row) -> Result<Logged, Damage> {
        let damage = |cause| Damage { position: row.position, cause };
        let entry = Entry::from_line(&row.entry).map_err(damage)?;
        let data = row.data.as_deref().map(Data::from_line).transpose().map_err(damage)?;
        let said = match &data {
            None => Said::Redacted,
            Some(_) if entry.sch != SCHEMA => Said::Unknown,
            Some(data) => said(&entry, &data.data).map_err(damage)?,
        };
        Ok(Logged { entry, data, said })
    }

    /// Forgets what it says, as its row does when it is erased.
    pub fn erase(&mut self) {
        (self.data, self.said) = (None, Said::Redacted);
    }

    /// Whether it is a redaction, its own words erased or not.
    pub fn is_redaction(&self) -> bool {
        self.entry.r#type == EventType::Redacted.word()
    }

    /// The event as folding needs it; none for an act of the service.
    pub fn recorded(&self) -> Option<Recorded> {
        let entry = &self.entry;
        let data = self.data.as_ref();
        Some(Recorded {
            version: entry.ver,
            at: entry.at,
            occurred: entry.occ,
            to: entry.to?,
            by: entry.by.clone(),
            on_behalf_of: entry.r#for.clone(),
            actor: data.and_then(|data| data.actor.clone()),
            override_reason: data.and_then(|data| data.reason.clone()),
            as_written: data.and_then(|data| data.as_written.clone()),
            over: entry.over.clone(),
            dev: entry.dev.clone(),
            kind: match &self.said {
                Said::Event(event) => Some(event.kind()),
                Said::Redacted => EventType::parse(&entry.r#type),
                Said::Act(_) | Said::Unknown => None,
            },
            event: match &self.said {
                Said::Event(event) => Some(event.clone()),
                Said::Act(_) | Said::Unknown | Said::Redacted => None,
            },
        })
    }
}

fn said(entry: &Entry, data: &str) -> serde_json::Result<Said> {
    // A name is erased as an incident's words are: by the one type of event that both may have.
    if entry.inc.is_system() && entry.r#type != EventType::Redacted.word() {
        return ActType::parse(&entry.r#type)
            .map_or(Ok(Said::Unknown), |kind| Act::stored(kind, data).map(Said::Act));
    }
    EventType::parse(&entry.r#type)
        .map_or(Ok(Said::Unknown), |kind| Event::stored(kind, data).map(Said::Event))
}

/// An incident with every event that told it: what a view is a function of.
#[derive(Debug, Clone)]
pub struct Story {
    /// The incident as it stands after the last of the events.
    pub incident: Incident,
    /// Its events as read, in order; never empty.
    pub events: Vec<Logged>,
    /// What people were called.
    pub names: Arc<Names>,
    /// What is erased now, later redactions among it.
    pub redactions: Redactions,
}

impl Story {
    /// Walks the rows of one incident from its first event; none when there are none.
    pub fn walk(rows: &[Row], names: Arc<Names>) -> Result<Option<Story>, Damage> {
        Story::walk_first(rows.len(), rows, names)
    }

    /// Walks the first `count` of all rows that an incident has now. A redaction among the later
    /// ones holds for them too.
    pub fn walk_first(
        count: usize,
        rows: &[Row],
        names: Arc<Names>,
    ) -> Result<Option<Story>, Damage> {
        let redactions = Redactions::read(rows)?;
        let mut story: Option<Story> = None;
        for row in rows.iter().take(count) {
            let mut logged = Logged::read(row)?;
            if redactions.erase(row.version) {
                logged.erase();
            }
            let (id, number) = (logged.entry.inc, logged.entry.no.unwrap_or(Number(0)));
            let story = story.get_or_insert_with(|| Story {
                incident: Incident::new(id, number, logged.entry.book.clone()),
                events: Vec::with_capacity(rows.len()),
                names: Arc::clone(&names),
                redactions: redactions.clone(),
            });
            let recorded = logged.recorded().expect("an incident's event has a state");
            let recorded = match story.redactions.of(row.version) {
                Some(it) => recorded.redacted(it.redacted.replacement.as_ref()),
                None => recorded,
            };
            story.incident.fold(Arc::new(recorded));
            story.events.push(logged);
        }
        Ok(story)
    }

    /// The last event that was walked.
    pub fn last(&self) -> &Logged {
        self.events.last().expect("a story has events")
    }

    /// The event with that version.
    pub fn event(&self, version: Version) -> Option<&Logged> {
        self.events.get(usize::try_from(version.0).ok()?.checked_sub(1)?)
    }
}
