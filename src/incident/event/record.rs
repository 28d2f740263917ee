//! What is written down beside the moves: notes, evidence, causes, alerts, links, and what is
//! said of earlier events.

use crate::incident::field::{Fault, Faults, Field, List, Ours, Pointer, Reword, record};
use crate::incident::id::{IncidentRef, Version};
use crate::incident::redaction::ERASED;
use crate::incident::text::{
    FREE_TEXT, Line, Name, Person, Phrase, Sha256, Text, Url, reword_strings,
};
use crate::incident::time::When;
use crate::incident::words::{AlertStatus, CausePart, CauseStanding, Relation};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

record! {
    /// Words for the record.
    pub struct NoteAdded {
        /// The words.
        text: Text,
        /// That it stands out in the timeline.
        pinned: Option<bool>,
    }
}

record! {
    /// Something that shows something.
    pub struct EvidenceAttached {
        /// What it shows.
        title: Phrase,
        /// Where it is.
        url: Option<Url>,
        /// Its SHA-256.
        sha256: Option<Sha256>,
        /// Its media type.
        media_type: Option<Phrase>,
    }
}

record! {
    /// Why it happened, as far as known; the last word on each cause stands.
    pub struct CauseRecorded {
        /// The client's name for it; else `C1`, `C2` … is given.
        cause: Option<Name>,
        /// Which part of the explanation it is.
        part: CausePart,
        /// How sure anybody is.
        standing: CauseStanding,
        /// The cause, in words; never a person.
        text: Text,
        /// Commits, tickets, changes.
        refs: List<Phrase>,
    }
}

record! {
    /// An alert belongs to this incident, or does not.
    pub struct Alert {
        /// Which system it comes from.
        source: Line,
        /// That system's identity for it.
        fingerprint: Line,
        /// Whether it fires.
        status: AlertStatus,
        /// Its labels.
        labels: Labels,
        /// Where it can be looked at.
        url: Option<Url>,
    }
}

/// Labels of an alert, sorted by key.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Labels(pub BTreeMap<String, String>);

/// How many labels an alert may have.
const LABELS_MAX: usize = 64;

impl Field for Labels {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let Value::Object(members) = value else {
            faults.add(Fault::new(at, "an object of labels is expected"));
            return None;
        };
        if members.len() > LABELS_MAX {
            faults.add(Fault::new(at, format!("at most {LABELS_MAX} labels are expected")));
        }
        let mut labels = BTreeMap::new();
        for (key, value) in members {
            match value {
                Value::String(text) if text.len() <= Text::MAX && key.len() <= Line::MAX => {
                    labels.insert(key, text);
                }
                _ => faults.add(Fault::new(
                    &Pointer::Key(at, &key),
                    format!("a string of at most {} bytes is expected", Text::MAX),
                )),
            }
        }
        Some(Labels(labels))
    }

    fn schema() -> Value {
        json!({ "type": "object", "maxProperties": LABELS_MAX,
            "additionalProperties":
                { "type": "string", "maxLength": Text::MAX, FREE_TEXT: true } })
    }

    fn reword(&mut self, to: &mut Reword<'_>) {
        self.0.values_mut().for_each(|text| {
            if let Some(words) = to(text) {
                *text = words;
            }
        });
    }
}

/// Declares an event that has the payload of another record.
macro_rules! wraps {
    ($($(#[doc = $doc:literal])+ $name:ident($record:ident);)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $record);

        impl std::ops::Deref for $name {
            type Target = $record;

            fn deref(&self) -> &$record {
                &self.0
            }
        }

        impl std::ops::DerefMut for $name {
            fn deref_mut(&mut self) -> &mut $record {
                &mut self.0
            }
        }

        impl Field for $name {
            fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
                let record = $record::read(value, at, faults)?;
                record.check(at, faults);
                Some($name(record))
            }

            fn schema() -> Value {
                let mut schema = $record::schema();
                schema["description"] = [$($doc),+].map(str::trim).join(" ").into();
                schema
            }

            fn reword(&mut self, to: &mut Reword<'_>) {
                self.0.reword(to);
            }
        }
    )+};
}

wraps! {
    /// An alert belongs to this incident.
    AlertAttached(Alert);
    /// An alert does not belong to it.
    AlertDetached(Alert);
    /// Another incident has to do with this one.
    Linked(Link);
    /// It has not.
    Unlinked(Link);
    /// An earlier event was wrong.
    Corrected(Correction);
}

impl Alert {
    fn check(&self, _: &Pointer<'_>, _: &mut Faults) {}
}

record! {
    /// How this incident relates to another one, here or elsewhere.
    pub struct Link {
        /// How.
        relation: Relation,
        /// The other incident, when it is told here.
        incident: Option<IncidentRef>,
        /// Where it is told otherwise; instead of `incident`.
        url: Option<Url>,
    }
}

impl Link {
    fn check(&self, at: &Pointer<'_>, faults: &mut Faults) {
        if self.incident.is_some() == self.url.is_some() {
            faults.add(Fault::new(at, "exactly one of incident and url is expected"));
        }
    }
}

record! {
    /// What is right instead. Of several corrections of one thing the last stands; both the
    /// original and the correction stay visible, and the state never changes.
    pub struct Correction {
        /// The event that was wrong.
        version: Version,
        /// When it really happened.
        occurred: Option<When>,
        /// Fields of its data as they should have been; null takes one out.
        fields: Option<Fields>,
        /// That it never belonged here: struck through, counted nowhere.
        withdrawn: Option<bool>,
        /// How it is known.
        reason: Text,
    }
}

impl Correction {
    fn check(&self, at: &Pointer<'_>, faults: &mut Faults) {
        if self.occurred.is_none() && self.fields.is_none() && self.withdrawn.is_none() {
            faults.add(Fault::new(at, "one of occurred, fields and withdrawn is expected"));
        }
    }
}

/// Fields of another event's data, by their names.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Fields(pub Map<String, Value>);

impl Field for Fields {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        match value {
            Value::Object(members) if !members.is_empty() => Some(Fields(members)),
            _ => {
                faults.add(Fault::new(at, "an object with at least one member is expected"));
                None
            }
        }
    }

    fn schema() -> Value {
        json!({ "type": "object", "minProperties": 1 })
    }

    /// Which of them are free text the event that is corrected would say: all are shown.
    fn reword(&mut self, to: &mut Reword<'_>) {
        self.0.values_mut().for_each(|value| reword_strings(value, to));
    }
}

record! {
    /// The words of an earlier event are erased (design 5.3).
    pub struct Redacted {
        /// Which event.
        version: Version,
        /// Why.
        reason: Text,
        /// What it says from now on: all that was stored of it, with the secret words replaced by
        /// `[redacted]`. Needed by every type that carries facts.
        replacement: Option<Replacement>,
        /// The earlier redactions of that event, whose words go too.
        earlier: Ours<List<Version>>,
    }
}

impl Redacted {
    /// The events whose stored words it takes away.
    pub fn erased(&self) -> impl Iterator<Item = Version> + '_ {
        let earlier = self.earlier.0.iter().flat_map(|versions| versions.0.iter().copied());
        earlier.chain([self.version])
    }
}

record! {
    /// All that was stored of an event beside its header, with words replaced by `[redacted]`.
    pub struct Replacement {
        /// Its data.
        data: Object,
        /// Who did it, where that was said.
        actor: Option<Person>,
        /// Why guards were overridden, where they were.
        reason: Option<Text>,
        /// The source's own words for the time, where there were some.
        as_written: Option<Text>,
    }
}

/// The data of an event before its type is asked.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Object(pub Map<String, Value>);

impl Field for Object {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Object(members)),
            _ => {
                faults.add(Fault::new(at, "an object is expected"));
                None
            }
        }
    }

    fn schema() -> Value {
        json!({ "type": "object" })
    }

    /// New words have [`ERASED`] in them; all others are held against what was stored.
    fn reword(&mut self, to: &mut Reword<'_>) {
        let mut new = |text: &str| text.contains(ERASED).then(|| to(text)).flatten();
        self.0.values_mut().for_each(|value| reword_strings(value, &mut new));
    }
}

record! {
    /// The commander was told what is due.
    pub struct ReminderSent {
        /// Which obligation, by its slot in the runbook.
        slot: Name,
        /// The version of the announcement or reopening that it counts from.
        since: Version,
    }
}
