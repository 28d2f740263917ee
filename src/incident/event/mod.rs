//! The catalogue: every event an incident may have, as a typed payload (design 2.5).
//!
//! Each payload says its fields once; storage order, reading and JSON Schema follow from that.
//! A stored event is for ever: variants and optional fields are added, never renamed or reused.

mod communication;
mod decision;
mod impact;
mod record;
mod remedy;
mod review;
mod verification;

pub use communication::*;
pub use decision::*;
pub use impact::*;
pub use record::*;
pub use remedy::*;
pub use review::*;
pub use verification::*;

use super::field::{Faults, Field, Pointer, Reword};
use super::text::Person;
use super::words::words;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Declares the catalogue: the words of the types, and the event that has one payload of each.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        words! {
            /// The types of event, as stored and sent.
            pub enum EventType { $($(#[doc = $doc])+ $name = $word,)+ }
        }

        /// One event with its payload.
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        #[serde(untagged)]
        #[allow(clippy::large_enum_variant, reason = "events are kept behind an Arc")]
        pub enum Event { $($(#[doc = $doc])+ $name($name),)+ }

        impl Event {
            /// Its type.
            pub fn kind(&self) -> EventType {
                match self { $(Event::$name(_) => EventType::$name,)+ }
            }

            /// Reads the `data` that a client claims for an event of this type.
            pub fn read(
                kind: EventType,
                data: Value,
                at: &Pointer<'_>,
                faults: &mut Faults,
            ) -> Option<Event> {
                match kind { $(EventType::$name => $name::read(data, at, faults).map(Event::$name),)+ }
            }

            /// Reads `data` as it was stored.
            pub fn stored(kind: EventType, data: &str) -> serde_json::Result<Event> {
                match kind { $(EventType::$name => serde_json::from_str(data).map(Event::$name),)+ }
            }

            /// Reads `data` as it was stored at the beginning of a text; gives how many bytes it has.
            pub fn stored_first(kind: EventType, text: &str) -> serde_json::Result<(Event, usize)> {
                match kind { $(EventType::$name => {
                    first(text).map(|(it, length)| (Event::$name(it), length))
                })+ }
            }

            /// The JSON Schema of the `data` of this type.
            pub fn schema(kind: EventType) -> Value {
                match kind { $(EventType::$name => $name::schema(),)+ }
            }

            /// Shows each free text in it, and keeps the words that come back.
            pub fn reword(&mut self, to: &mut Reword<'_>) {
                match self { $(Event::$name(it) => it.reword(to),)+ }
            }
        }
    };
}

fn first<T: DeserializeOwned>(text: &str) -> serde_json::Result<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next().unwrap_or_else(|| serde_json::from_str(text))?;
    Ok((value, values.byte_offset()))
}

events! {
    /// The incident is called out. First, and once.
    Announced = "announced",
    /// Somebody or something noticed.
    Detected = "detected",
    /// How bad it is, from now on: opens and ends impact windows.
    ImpactChanged = "impact_changed",
    /// How serious it is taken to be.
    SeverityChanged = "severity_changed",
    /// Somebody takes or is given a role.
    RoleAssigned = "role_assigned",
    /// Somebody lays a role down.
    RoleReleased = "role_released",
    /// What to do was decided.
    ResponseDecided = "response_decided",
    /// The versions to go back to are known.
    StableVersionIdentified = "stable_version_identified",
    /// Somebody looked whether code and schema go together.
    SchemaChecked = "schema_checked",
    /// A remedy is intended.
    RemedyPlanned = "remedy_planned",
    /// A remedy is under way.
    RemedyStarted = "remedy_started",
    /// A remedy is done; what is there now was looked at.
    RemedyFinished = "remedy_finished",
    /// A remedy did not take.
    RemedyFailed = "remedy_failed",
    /// A remedy was given up.
    RemedyAbandoned = "remedy_abandoned",
    /// A remedy was put back.
    RemedyUndone = "remedy_undone",
    /// What a remedy did to the impact.
    EffectObserved = "effect_observed",
    /// A command that somebody ran elsewhere.
    CommandRecorded = "command_recorded",
    /// A change that others made.
    ChangeObserved = "change_observed",
    /// Checking begins.
    VerificationStarted = "verification_started",
    /// One check, or one reading of a watched signal.
    CheckRecorded = "check_recorded",
    /// Health and smoke passed: service is restored, the watch begins.
    ChecksPassed = "checks_passed",
    /// It is not well after all.
    VerificationFailed = "verification_failed",
    /// Something was posted where people read.
    UpdatePosted = "update_posted",
    /// Somebody else was called in.
    Escalated = "escalated",
    /// Watched to the end.
    Resolved = "resolved",
    /// It is back.
    Reopened = "reopened",
    /// It was none, or is told elsewhere.
    Cancelled = "cancelled",
    /// Words for the record.
    NoteAdded = "note_added",
    /// Something that shows something.
    EvidenceAttached = "evidence_attached",
    /// Why it happened, as far as known.
    CauseRecorded = "cause_recorded",
    /// An alert belongs to this incident.
    AlertAttached = "alert_attached",
    /// An alert does not belong to it.
    AlertDetached = "alert_detached",
    /// Another incident has to do with this one.
    Linked = "linked",
    /// It has not.
    Unlinked = "unlinked",
    /// An earlier event was wrong.
    Corrected = "corrected",
    /// The words of an earlier event are erased.
    Redacted = "redacted",
    /// An item of the checklist.
    ChecklistMarked = "checklist_marked",
    /// Something to learn from it.
    LessonRecorded = "lesson_recorded",
    /// Something to do about it.
    FollowUpAdded = "follow_up_added",
    /// How that goes.
    FollowUpChanged = "follow_up_changed",
    /// Human words in the post-mortem.
    SectionWritten = "section_written",
    /// When the post-mortem is talked through.
    PostmortemScheduled = "postmortem_scheduled",
    /// Why there will be none.
    PostmortemWaived = "postmortem_waived",
    /// It is out.
    PostmortemPublished = "postmortem_published",
    /// The commander was told what is due. Ours alone.
    ReminderSent = "reminder_sent",
}

impl Event {
    /// The people that it names, for finding out which of them are principals.
    pub fn people_mut(&mut self) -> Vec<&mut Person> {
        match self {
            Event::RoleAssigned(it) => {
                std::iter::once(&mut it.to).chain(it.from.as_mut()).collect()
            }
            Event::RoleReleased(it) => vec![&mut it.from],
            Event::Escalated(it) => vec![&mut it.to],
            Event::FollowUpAdded(it) => it.owner.as_mut().into_iter().collect(),
            Event::FollowUpChanged(it) => it.owner.as_mut().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The members of a type's data that name people, for corrections of them.
    pub const fn person_members(kind: EventType) -> &'static [&'static str] {
        match kind {
            EventType::RoleAssigned => &["to", "from"],
            EventType::RoleReleased => &["from"],
            EventType::Escalated => &["to"],
            EventType::FollowUpAdded | EventType::FollowUpChanged => &["owner"],
            _ => &[],
        }
    }

    /// The incidents that it names, for finding out their identities.
    pub fn incidents_mut(&mut self) -> Vec<&mut super::id::IncidentRef> {
        match self {
            Event::Cancelled(it) => it.of.as_mut().into_iter().collect(),
            Event::Linked(it) => it.incident.as_mut().into_iter().collect(),
            Event::Unlinked(it) => it.incident.as_mut().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The post that was made together with it, if one was.
    pub fn posted(&self) -> Option<&Posted> {
        match self {
            Event::Announced(it) => it.posted.as_ref(),
            Event::ResponseDecided(it) => it.posted.as_ref(),
            Event::ChecksPassed(it) => it.posted.as_ref(),
            Event::Escalated(it) => it.posted.as_ref(),
            Event::Resolved(it) => it.posted.as_ref(),
            Event::Reopened(it) => it.posted.as_ref(),
            _ => None,
        }
    }

    /// Whether it tells people something: a post, or a call for help.
    pub fn is_communication(&self) -> bool {
        self.posted().is_some() || matches!(self, Event::UpdatePosted(_) | Event::Escalated(_))
    }
}
