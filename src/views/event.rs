//! One event as it comes out of the API (design 7).

use super::somebody::{People, Somebody};
use crate::incident::code::Code;
use crate::incident::id::{IncidentId, Position, Version};
use crate::incident::text::Text;
use crate::incident::time::{Claimed, Instant};
use crate::incident::words::State;
use crate::log::{Data, Logged, Names, Story};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

/// An event as it comes out: of an incident, or an act of the service. Members that may be left
/// out are; every other one is always there, if need be as `null`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EventOut {
    /// Its place in the log.
    pub position: Position,
    /// The incident; the nil UUID for an act of the service.
    pub incident: IncidentId,
    /// The incident's short name, `INC-42`; `SYS` for an act of the service.
    pub r#ref: String,
    /// Its place in the incident.
    pub version: Version,
    /// Its type; possibly one that a later release brought.
    pub r#type: String,
    /// When it was recorded, by our clock.
    pub recorded_at: Instant,
    /// When it is claimed to have happened; null means when it was recorded.
    pub occurred: Option<Claimed>,
    /// A source's own words for the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_written: Option<Text>,
    /// Who recorded it.
    pub by: Somebody,
    /// For whom a tool spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#for: Option<Somebody>,
    /// Who did it, when that is not who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Somebody>,
    /// The state after it; null for an act of the service.
    pub to: Option<State>,
    /// The batch that it was stored with.
    #[schemars(with = "IncidentId")]
    pub batch: Uuid,
    /// Guards that were overridden.
    pub overrides: Vec<Code>,
    /// Why they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<Text>,
    /// Guards that were not met but let through.
    pub deviations: Vec<Code>,
    /// What it says: the bytes as stored, nothing corrected; null when erased.
    #[schemars(with = "Option<Map<String, Value>>")]
    pub data: Option<Box<RawValue>>,
    /// Whether its words were erased.
    pub redacted: bool,
}

impl EventOut {
    /// An event, with people as they were called at `as_of`.
    pub fn new(logged: &Logged, names: &Names, as_of: Position) -> EventOut {
        let people = People::new(names, as_of);
        let entry = &logged.entry;
        let data = logged.data.as_ref();
        EventOut {
            position: entry.pos,
            incident: entry.inc,
            r#ref: entry.no.map_or_else(|| "SYS".into(), |number| number.to_string()),
            version: entry.ver,
            r#type: entry.r#type.clone(),
            recorded_at: entry.at.instant(),
            occurred: entry.occ,
            as_written: data.and_then(|data| data.as_written.clone()),
            by: people.principal(&entry.by),
            r#for: entry.r#for.as_ref().map(|id| people.principal(id)),
            actor: data.and_then(|data| data.actor.as_ref()).map(|it| people.person(it)),
            to: entry.to,
            batch: entry.batch,
            overrides: entry.over.clone(),
            override_reason: data.and_then(|data| data.reason.clone()),
            deviations: entry.dev.clone(),
            data: data.and_then(raw),
            redacted: data.is_none(),
        }
    }

    /// Every event of a story, with people as they were called at its last one.
    pub fn all(story: &Story) -> Vec<EventOut> {
        let as_of = story.last().entry.pos;
        story.events.iter().map(|logged| EventOut::new(logged, &story.names, as_of)).collect()
    }
}

/// The stored JSON, byte for byte; reading the row has checked that it is JSON.
fn raw(data: &Data) -> Option<Box<RawValue>> {
    RawValue::from_string(data.data.to_string()).ok()
}
