//! Corrections: what may be said of an earlier event, and how it is stored.
//!
//! The machines have judged, so what they judged stays as it is, and the state never changes.
//! Fields are stored as the type of the original would have written them, in its order.

use super::event::{Correction, Event, EventType, Fields};
use super::field::{Fault, Faults, Pointer};
use super::incident::Incident;
use super::meaning::is_move;
use super::runbook::Runbook;
use super::time::Moment;
use serde_json::{Map, Value};

impl Incident {
    /// Checks a correction against the event that it corrects, and gives its fields the form in
    /// which they are stored.
    pub(super) fn settle_correction(
        &self,
        it: &mut Correction,
        now: Moment,
        runbook: &Runbook,
        at: &Pointer<'_>,
        faults: &mut Faults,
    ) {
        let version_at = Pointer::Key(at, "version");
        let recorded = self.event(it.version);
        let Some(original) = recorded.and_then(|recorded| recorded.event.as_ref()) else {
            let detail = "is no event of this incident that can be corrected";
            faults.add(Fault::new(&version_at, detail));
            return;
        };
        let kind = original.kind();
        if matches!(kind, EventType::Corrected | EventType::Redacted | EventType::ReminderSent) {
            faults.add(Fault::new(&version_at, format!("a {kind} event cannot be corrected")));
            return;
        }
        if it.withdrawn == Some(true) && is_move(original, &self.facts) {
            let detail = format!("{kind} moved the incident, and a move cannot be withdrawn");
            faults.add(Fault::new(&Pointer::Key(at, "withdrawn"), detail));
        }
        let Some(fields) = &mut it.fields else { return };
        let at = Pointer::Key(at, "fields");
        let earlier = self.amendment(it.version).map(|amendment| &amendment.fields);
        let before = earlier.and_then(|fields| original.amended(fields));
        let before = before.as_ref().unwrap_or(original);
        let Some(mut after) = with_fields(before, &fields.0, &at, faults) else { return };
        self.complete(&mut after, runbook);
        self.check(&after, now, runbook, &at, faults);
        *fields = as_stored(&after, fields);
    }
}

/// The event with these fields, read as a client would give it.
fn with_fields(
    event: &Event,
    fields: &Map<String, Value>,
    at: &Pointer<'_>,
    faults: &mut Faults,
) -> Option<Event> {
    let kind = event.kind();
    let known = members(kind);
    let mut data = written(event);
    data.retain(|name, _| known.contains(name));
    for (name, value) in fields {
        let name_at = Pointer::Key(at, name);
        if judged_members(kind).contains(&name.as_str()) {
            let detail = format!("was judged when the {kind} was recorded and stays as it is");
            faults.add(Fault::new(&name_at, detail));
        } else if !known.contains(name) {
            let detail = format!("is not known here; known are {}", known.join(", "));
            faults.add(Fault::new(&name_at, detail));
        } else if value.is_null() {
            data.shift_remove(name);
        } else {
            data.insert(name.clone(), value.clone());
        }
    }
    Event::read(kind, Value::Object(data), at, faults)
}

/// The given fields as the corrected event writes them, in the order of its catalogue entry; null
/// for what it leaves out.
fn as_stored(after: &Event, given: &Fields) -> Fields {
    let written = written(after);
    let value = |name: &String| written.get(name).cloned().unwrap_or(Value::Null);
    let names = members(after.kind()).into_iter().filter(|name| given.0.contains_key(name));
    Fields(names.map(|name| (name.clone(), value(&name))).collect())
}

/// The members of an event's data as they are stored.
pub(super) fn written(event: &Event) -> Map<String, Value> {
    match serde_json::to_value(event) {
        Ok(Value::Object(data)) => data,
        _ => Map::new(),
    }
}

/// The members that a client may give an event of this type, in the order of the catalogue.
pub(super) fn members(kind: EventType) -> Vec<String> {
    let schema = Event::schema(kind);
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::keys).cloned().collect()
}

/// The members of an event that the machines judged: a correction leaves them as they are.
fn judged_members(kind: EventType) -> &'static [&'static str] {
    match kind {
        EventType::Announced => &["retrospective"],
        EventType::RoleAssigned | EventType::RoleReleased => &["role", "to", "from"],
        EventType::ResponseDecided => &["chosen", "recommended", "row"],
        EventType::RemedyPlanned | EventType::RemedyStarted => {
            &["remedy", "kind", "purpose", "owner"]
        }
        EventType::RemedyFinished
        | EventType::RemedyFailed
        | EventType::RemedyAbandoned
        | EventType::RemedyUndone
        | EventType::EffectObserved => &["remedy"],
        EventType::CheckRecorded => &["check", "ok", "not_applicable"],
        EventType::Cancelled => &["why", "of"],
        EventType::CauseRecorded => &["cause"],
        EventType::FollowUpAdded | EventType::FollowUpChanged => &["follow_up"],
        _ => &[],
    }
}
