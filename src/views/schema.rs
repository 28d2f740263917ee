//! The shapes of the views, as JSON Schema: what a program may rely on that reads them.
//!
//! Each view's own shape is derived from its type. Fixed words and the fields of events say theirs
//! already, and are only asked here.

use super::conformance::{Rule, Verdict};
use super::figures::{By, Minutes, Value as FigureValue};
use super::guide::StepStanding;
use super::replay::{How, Outcome, Topic};
use crate::incident::Unmet;
use crate::incident::code::Code;
use crate::incident::event::{Alert, CauseRecorded, EventType, FollowUpAdded, Intent, Link};
use crate::incident::field::Field;
use crate::incident::id::{IncidentId, Position, Version};
use crate::incident::obligation::Standing;
use crate::incident::runbook::{Platform, StepName, Zone};
use crate::incident::text::{Line, Name, Phrase, Text, Url};
use crate::incident::time::{Claimed, Instant, Precision};
use crate::incident::words::{
    Effect, ImpactLevel, ItemOutcome, Purpose, RemedyKind, RemedyState, Response, Role, State,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Shapes, gathered for one document: each named part stands there once.
pub struct Shapes(SchemaGenerator);

impl Shapes {
    /// None yet; a part that is named will stand at `path`, such as `/components/schemas`.
    pub fn under(path: &'static str) -> Shapes {
        let mut settings = SchemaSettings::draft2020_12().for_serialize();
        settings.definitions_path = path.into();
        Shapes(settings.into_generator())
    }

    /// The shape of `T`: a reference to where it stands.
    pub fn of<T: JsonSchema>(&mut self) -> Value {
        self.0.subschema_for::<T>().into()
    }

    /// Everything that was referred to, by its name.
    pub fn parts(mut self) -> Map<String, Value> {
        self.0.take_definitions(true)
    }
}

/// Takes a shape as the field says it.
macro_rules! said_by_field {
    ($($name:ty),+ $(,)?) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                <$name as Field>::schema().try_into().expect("the schema of a field is an object")
            }
        }
    )+};
}

said_by_field!(
    Alert,
    By,
    CauseRecorded,
    Claimed,
    Code,
    Effect,
    EventType,
    FollowUpAdded,
    How,
    ImpactLevel,
    Instant,
    Intent,
    ItemOutcome,
    Line,
    Link,
    Name,
    Outcome,
    Phrase,
    Platform,
    Precision,
    Purpose,
    RemedyKind,
    RemedyState,
    Response,
    Role,
    Rule,
    Standing,
    State,
    StepName,
    StepStanding,
    Text,
    Topic,
    Url,
    Verdict,
    Version,
    Zone,
);

/// Shapes written by hand, for types that derive none.
macro_rules! said_here {
    ($($name:ty: $schema:tt)+) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

said_here! {
    IncidentId: { "type": "string", "format": "uuid" }
    Position: { "type": "integer", "minimum": 1 }
    Minutes: { "type": "number" }
    Unmet: {
        "type": "object",
        "required": ["code", "detail", "overridable"],
        "properties": {
            "code": { "type": "string" },
            "detail": { "type": "string" },
            "overridable": { "type": "boolean" },
        },
    }
    FigureValue: {
        "type": "object",
        "required": ["minutes", "spoken"],
        "properties": {
            "minutes": { "oneOf": [
                { "type": ["number", "null"] },
                { "type": "object", "required": ["from", "to"],
                  "properties": { "from": { "type": "number" }, "to": { "type": "number" } } },
            ] },
            "unknown": { "type": "string", "description": "Why nobody knows." },
            "spoken": { "type": "string", "description": "The same for people." },
        },
    }
}
