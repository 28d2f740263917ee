//! From bytes to events: a stored row, read back.

use super::batch::Row;
use super::entry::{Data, Entry, SCHEMA};
use crate::incident::id::Position;
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
