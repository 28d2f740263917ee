//! From bytes to events: a stored row, read back.

use super::batch::Row;
use super::entry::{Data, Entry, SCHEMA};
use super::header::Header;
use crate::incident::id::{IncidentId, Position, PrincipalId};
use crate::incident::system::{Act, ActType};
use crate::incident::{Event, EventType, Recorded};

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
        Logged::of(row.position, &row.entry, row.data.as_deref())
    }

    /// Reads the two lines of a row.
    pub fn of(position: Position, entry: &str, data: Option<&str>) -> Result<Logged, Damage> {
        let damage = |cause| Damage { position, cause };
        let entry = Entry::from_line(entry).and_then(whole).map_err(damage)?;
        let kind = event_type(entry.inc, entry.sch, &entry.r#type);
        if let Some((text, event)) = kind.zip(data).and_then(|(kind, data)| alone(kind, data)) {
            let data = Data { data: text.into(), actor: None, reason: None, as_written: None };
            return Ok(Logged { entry, data: Some(data), said: Said::Event(event) });
        }
        let data = data.map(Data::from_line).transpose().map_err(damage)?;
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
        let beside = |data: &Data| Data {
            // The text of the payload may be long, and is no part of it.
            data: Box::default(),
            actor: data.actor.clone(),
            reason: data.reason.clone(),
            as_written: data.as_written.clone(),
        };
        let data = self.data.as_ref().map(beside);
        Logged { entry: self.entry.clone(), data, said: self.said.clone() }.into_recorded()
    }

    /// The same, when nothing else is asked of it.
    pub fn into_recorded(self) -> Option<Recorded> {
        let Logged { entry, data, said } = self;
        let (actor, override_reason, as_written) =
            data.map_or((None, None, None), |data| (data.actor, data.reason, data.as_written));
        Some(Recorded {
            version: entry.ver,
            at: entry.at,
            occurred: entry.occ,
            to: entry.to?,
            by: entry.by,
            on_behalf_of: entry.r#for,
            actor,
            override_reason,
            as_written,
            over: entry.over,
            dev: entry.dev,
            kind: match &said {
                Said::Event(event) => Some(event.kind()),
                Said::Redacted => EventType::parse(&entry.r#type),
                Said::Act(_) | Said::Unknown => None,
            },
            event: match said {
                Said::Event(event) => Some(event),
                Said::Act(_) | Said::Unknown | Said::Redacted => None,
            },
        })
    }
}

impl Header<'_> {
    /// The event with this header and that line of data, as folding needs it: the same that
    /// [`Logged::of`] comes to, with nothing read that folding does not need. None where only that
    /// can tell what it is: an act of the service, what this release does not know, and damage.
    pub fn recorded(&self, line: &str) -> Option<Recorded> {
        let kind = event_type(self.inc, self.sch, self.r#type)?;
        let (event, beside) = match alone(kind, line) {
            Some((_, event)) => (event, None),
            None => {
                let data = Data::from_line(line).ok()?;
                (Event::stored(kind, &data.data).ok()?, Some(data))
            }
        };
        let (actor, override_reason, as_written) =
            beside.map_or((None, None, None), |data| (data.actor, data.reason, data.as_written));
        Some(Recorded {
            version: self.ver,
            at: self.at,
            occurred: self.claimed()?,
            to: self.to?,
            by: PrincipalId(self.by.to_owned()),
            on_behalf_of: self.r#for.map(|id| PrincipalId(id.to_owned())),
            actor,
            override_reason,
            as_written,
            over: self.over.clone(),
            dev: self.dev.clone(),
            kind: Some(kind),
            event: Some(event),
        })
    }
}

/// The header, if it has what one of an event of an incident has: the state after it.
fn whole(entry: Entry) -> serde_json::Result<Entry> {
    match entry.to.is_some() || entry.inc.is_system() {
        true => Ok(entry),
        false => Err(serde::de::Error::custom("an event of an incident has a state in `to`")),
    }
}

/// The type of an event of an incident, of which this release can read the data.
fn event_type(incident: IncidentId, revision: u32, word: &str) -> Option<EventType> {
    EventType::parse(word).filter(|_| revision == SCHEMA && !incident.is_system())
}

/// The event and its text, where the line has its data and nothing else: most have. It is then read
/// in one go; all other lines are read as JSON first, and then as the event.
fn alone(kind: EventType, line: &str) -> Option<(&str, Event)> {
    let data = line.strip_prefix(r#"{"data":"#).filter(|data| data.starts_with('{'))?;
    let (event, length) = Event::stored_first(kind, data).ok()?;
    let (data, rest) = data.split_at_checked(length)?;
    (rest == "}").then_some((data, event))
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
