//! What a client claims: an event that is to be recorded.

use super::event::{Event, EventType};
use super::field::{Fault, Faults, Field, Members, Pointer, Reword, record};
use super::text::{Person, Text};
use super::time::Claimed;
use serde_json::{Value, json};

/// An event as a client gives it, read and within bounds, but not yet judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What happened.
    pub event: Event,
    /// When it is said to have happened; none means as it is recorded.
    pub occurred: Option<Claimed>,
    /// A source's own words for the time.
    pub as_written: Option<Text>,
    /// Who did it, when that is not who records it.
    pub actor: Option<Person>,
    /// Why guards are to be overridden.
    pub override_reason: Option<Text>,
}

record! {
    /// That guards are to be overridden.
    pub struct Override {
        /// Why; kept and shown for ever.
        reason: Text,
    }
}

impl Claim {
    /// A bare claim of an event, recorded as it happens.
    pub fn of(event: Event) -> Claim {
        Claim { event, occurred: None, as_written: None, actor: None, override_reason: None }
    }

    /// The JSON Schema of a claim of this type of event.
    pub fn schema_of(kind: EventType) -> Value {
        let mut schema = Claim::envelope(json!({ "const": kind.word() }));
        let data = Event::schema(kind);
        let needs_data = data.get("required").or(data.get("anyOf")).is_some();
        schema["description"] = data["description"].clone();
        schema["properties"]["data"] = data;
        schema["required"] = if needs_data { json!(["type", "data"]) } else { json!(["type"]) };
        schema
    }

    /// Shows each free text in it, and keeps the words that come back.
    pub fn reword(&mut self, to: &mut Reword<'_>) {
        self.event.reword(to);
        self.as_written.reword(to);
        self.actor.reword(to);
        self.override_reason.reword(to);
    }

    fn envelope(kind: Value) -> Value {
        json!({ "type": "object", "additionalProperties": false, "properties": {
            "type": kind,
            "occurred": Claimed::schema(),
            "as_written": Text::schema(),
            "actor": Person::schema(),
            "override": Override::schema(),
        } })
    }
}

/// The types that a client may claim; the others are the service's own.
pub fn is_claimable(kind: EventType) -> bool {
    kind != EventType::ReminderSent
}

impl Field for Claim {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let mut members = Members::open(value, at, faults)?;
        let kind = members.take::<EventType>("type", faults);
        let occurred = members.take("occurred", faults);
        let as_written = members.take("as_written", faults);
        let actor = members.take("actor", faults);
        let data = members.take::<Raw>("data", faults);
        let overriding = members.take::<Option<Override>>("override", faults);
        members.close(faults);
        let data_at = Pointer::Key(at, "data");
        let event = match kind {
            Some(kind) if is_claimable(kind) => Event::read(kind, data?.0, &data_at, faults),
            Some(kind) => {
                let detail = format!("{kind} is recorded by the service itself, never by a client");
                faults.add(Fault::new(&Pointer::Key(at, "type"), detail));
                None
            }
            None => None,
        };
        Some(Claim {
            event: event?,
            occurred: occurred?,
            as_written: as_written?,
            actor: actor?,
            override_reason: overriding?.map(|it| it.reason),
        })
    }

    fn schema() -> Value {
        let claimable = EventType::ALL.iter().copied().filter(|kind| is_claimable(*kind));
        json!({ "oneOf": claimable.map(Claim::schema_of).collect::<Vec<_>>() })
    }
}

/// The data before its type is known; an event without needs may leave it out.
struct Raw(Value);

impl Field for Raw {
    fn read(value: Value, _: &Pointer<'_>, _: &mut Faults) -> Option<Self> {
        Some(Raw(value))
    }

    fn schema() -> Value {
        json!({ "type": "object" })
    }

    fn when_absent() -> Option<Self> {
        Some(Raw(json!({})))
    }
}
