//! An incident told in rows, whose events can be redacted as the service does it.

use crate::support::{judge, minute, who};
use allclear::incident::id::{Position, Version};
use allclear::incident::time::Moment;
use allclear::incident::{Event, Incident, Recorded, Rejection};
use allclear::log::{Data, Place, Row, Salt, Story, seal};
use serde_json::{Value, json};
use std::sync::Arc;

/// The types of events that may lose all their words: they carry no facts.
pub const MAY_GO: [&str; 6] = [
    "note_added",
    "command_recorded",
    "evidence_attached",
    "lesson_recorded",
    "section_written",
    "corrected",
];

/// The literal that stands where words were.
pub const ERASED: &str = "[redacted]";

/// An incident with its rows.
#[derive(Clone)]
pub struct Book {
    pub incident: Incident,
    pub rows: Vec<Row>,
    pub now: Moment,
}

impl Book {
    pub fn new() -> Book {
        Book { incident: crate::support::incident(), rows: Vec::new(), now: minute(0) }
    }

    /// The claim as `by` makes it, recorded when it is accepted.
    pub fn try_tell(&mut self, by: &str, claim: &Value) -> Result<Version, Rejection> {
        let recorded = judge(&self.incident, claim, &who(by), self.now)?;
        Ok(self.record(by, recorded))
    }

    pub fn tell(&mut self, by: &str, claim: &Value) -> Version {
        self.try_tell(by, claim).unwrap_or_else(|no| panic!("{claim} was turned away: {no:?}"))
    }

    fn record(&mut self, by: &str, recorded: Recorded) -> Version {
        let version = recorded.version;
        let place = Place {
            position: Position(version.0),
            batch: uuid::Uuid::from_u128(7),
            cause: None,
            salt: Salt([version.0 as u8; 32]),
        };
        let named = (self.incident.id, self.incident.number);
        self.rows.push(seal(&recorded, &who(by), named, None, &place));
        if let Some(Event::Redacted(it)) = &recorded.event {
            it.erased().for_each(|version| self.rows[version.0 as usize - 1].erase());
        }
        self.incident.fold(Arc::new(recorded));
        version
    }

    /// All that is stored of an event beside its header, as a replacement gives it.
    pub fn line(&self, version: u64) -> Value {
        serde_json::from_str(self.rows[version as usize - 1].data.as_ref().unwrap()).unwrap()
    }

    /// Redacts as the admin does.
    pub fn redact(&mut self, version: u64, by: Option<&Value>) -> Result<Version, Rejection> {
        self.try_tell("admin", &redaction(version, by))
    }

    pub fn story(&self) -> Story {
        self.story_until(self.rows.len())
    }

    /// The story of the first events, told now.
    pub fn story_until(&self, count: usize) -> Story {
        Story::walk_first(count, &self.rows, Arc::default()).unwrap().unwrap()
    }
}

/// The claim that erases an event and puts `by` in its place.
pub fn redaction(version: u64, by: Option<&Value>) -> Value {
    let mut claim =
        json!({ "type": "redacted", "data": { "version": version, "reason": "A secret." } });
    if let Some(by) = by {
        claim["data"]["replacement"] = by.clone();
    }
    claim
}

/// The line with other words at `pointer`: those that a link or a line may have as well.
pub fn replaced(line: &Value, pointer: &str) -> Value {
    let mut line = line.clone();
    let words = line.pointer_mut(pointer).unwrap();
    let is_link = words.as_str().is_some_and(|text| text.starts_with("http"));
    *words = if is_link { format!("https://{ERASED}").into() } else { ERASED.into() };
    line
}

/// A stored line, read as the log reads it.
pub fn reads(line: &str) -> bool {
    Data::from_line(line).is_ok()
}
