//! Redactions: what may be erased, and what must stand in its place (design 5.3).
//!
//! A replacement differs from what was stored in free text only, so that the machines, the guards
//! and every figure find what they found before. Which text is free, its type says
//! ([`FREE_TEXT`]); no list of names is kept here but of the few free texts that a machine judged.

use super::correction::{members, written};
use super::event::{Event, EventType, Intent, Object, Redacted, Replacement};
use super::field::{Fault, Faults, Field, List, Ours, Pointer};
use super::id::Version;
use super::incident::Incident;
use super::recorded::Recorded;
use super::refusal::Rejection;
use super::text::{FREE_TEXT, Person, Text};
use super::words::RemedyKind;
use serde_json::{Map, Value, json};

/// What stands where words were erased.
pub const ERASED: &str = "[redacted]";

/// Whether an event of this type needs a replacement: those that carry no facts may lose all their
/// words, and a correction that does restores the original.
pub fn needs_replacement(kind: EventType) -> bool {
    !matches!(
        kind,
        EventType::NoteAdded
            | EventType::CommandRecorded
            | EventType::EvidenceAttached
            | EventType::LessonRecorded
            | EventType::SectionWritten
            | EventType::Corrected
    )
}

impl Incident {
    /// Checks a redaction against the event that it erases, and completes it as it is stored; `at`
    /// is where its data stand.
    pub(super) fn settle_redaction(
        &self,
        it: &mut Redacted,
        at: &Pointer<'_>,
    ) -> Result<(), Rejection> {
        let version_at = Pointer::Key(at, "version");
        let wrong = |detail: &str| Rejection::from(Faults::from(Fault::new(&version_at, detail)));
        let erased = self.event(it.version).ok_or_else(|| wrong("is no event of this incident"))?;
        let kind = erased.kind.ok_or_else(|| {
            wrong("is of a type that this release does not know: use the release that recorded it")
        })?;
        if kind == EventType::Redacted {
            return Err(wrong("is a redaction itself: name the event that it erased once more"));
        }
        let replacement_at = Pointer::Key(at, "replacement");
        it.replacement = match it.replacement.take() {
            None if needs_replacement(kind) => {
                let detail = format!(
                    "is missing: a {kind} carries facts, so give its whole stored data with \
                     {ERASED} in place of the secret words"
                );
                return Err(Rejection::ReplacementMissing(Fault::new(&replacement_at, detail)));
            }
            None => None,
            Some(given) => Some(self.replacement(erased, &given, &replacement_at)?),
        };
        it.earlier = Ours(self.earlier_redactions(it.version));
        Ok(())
    }

    /// The redactions of that event so far, whose own words may hold what was left of the secret.
    fn earlier_redactions(&self, version: Version) -> Option<List<Version>> {
        let last = self.history().iter().rev().find_map(|recorded| match &recorded.event {
            Some(Event::Redacted(it)) if it.version == version => Some((recorded.version, it)),
            _ => None,
        });
        let (last, it) = last?;
        let before = it.earlier.0.iter().flat_map(|versions| versions.0.iter().copied());
        Some(List(before.chain([last]).collect()))
    }

    /// The replacement as it is stored: what stood there, with other words where those are free.
    fn replacement(
        &self,
        erased: &Recorded,
        given: &Replacement,
        at: &Pointer<'_>,
    ) -> Result<Replacement, Faults> {
        let Some(event) = &erased.event else {
            let detail = "has nothing left to be held against: leave it out";
            return Err(Faults::from(Fault::new(at, detail)));
        };
        let before = Replacement {
            data: Object(written(event)),
            actor: erased.actor.clone(),
            reason: erased.override_reason.clone(),
            as_written: erased.as_written.clone(),
        };
        let mut held = Held { faults: Faults::default(), has_erased: false };
        let after = held.against(&json(&before), &json(given), &self.shape(event), at);
        if held.faults.is_empty() && !held.has_erased {
            held.faults
                .add(Fault::new(at, format!("has {ERASED} nowhere: nothing would be erased")));
        }
        if held.faults.is_empty() {
            check_bounds(event, &after, at, &mut held.faults);
        }
        held.faults.or(serde_json::from_value(after).ok())
    }

    /// The JSON Schema of all that is stored of an event beside its header, where only what may be
    /// replaced is marked as free text.
    fn shape(&self, event: &Event) -> Value {
        let mut data = Event::schema(event.kind());
        if let Some(members) = data.get_mut("properties").and_then(Value::as_object_mut) {
            members.retain(|name, _| !self.judged_words(event).contains(&name.as_str()));
        }
        json!({ "properties": {
            "data": data,
            "actor": Person::schema(),
            "reason": Text::schema(),
            "as_written": Text::schema(),
        } })
    }

    /// Free text that a machine or a guard has judged all the same: who holds a role, and the
    /// revisions of a downgrade.
    fn judged_words(&self, event: &Event) -> &'static [&'static str] {
        let kind = |intent: &Intent| {
            let named = intent.remedy.as_ref().and_then(|name| self.facts.remedy(name));
            intent.kind.or(named.map(|remedy| remedy.kind))
        };
        let is_downgrade = |intent| kind(intent) == Some(RemedyKind::MigrationDowngrade);
        match event {
            Event::RoleAssigned(_) | Event::RoleReleased(_) => &["to", "from"],
            Event::RemedyPlanned(it) if is_downgrade(&it.0) => &["to", "from"],
            Event::RemedyStarted(it) if is_downgrade(&it.0) => &["to", "from"],
            _ => &[],
        }
    }
}

/// Whether the new words are within the bounds of their type: read as a client would give them.
fn check_bounds(event: &Event, after: &Value, at: &Pointer<'_>, faults: &mut Faults) {
    let kind = event.kind();
    let known = members(kind);
    let Some(Value::Object(mut data)) = after.get("data").cloned() else { return };
    data.retain(|name, _| known.contains(name));
    Event::read(kind, Value::Object(data), &Pointer::Key(at, "data"), faults);
}

fn json(replacement: &Replacement) -> Value {
    serde_json::to_value(replacement).unwrap_or_default()
}

/// A replacement as it is held against what it replaces.
struct Held {
    faults: Faults,
    /// Whether words were erased anywhere.
    has_erased: bool,
}

impl Held {
    /// What was there `before`, with the words of `after` where `shape` marks them as free text;
    /// every other difference is a fault.
    fn against(&mut self, before: &Value, after: &Value, shape: &Value, at: &Pointer<'_>) -> Value {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.object(before, after, shape, at),
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                let items = before.iter().zip(after).enumerate();
                let shape = &shape["items"];
                let item = |(index, (before, after))| {
                    self.against(before, after, shape, &Pointer::Index(at, index))
                };
                Value::Array(items.map(item).collect())
            }
            (Value::String(_), Value::String(words)) if shape[FREE_TEXT] == json!(true) => {
                self.words(before, words, at)
            }
            _ => {
                if before != after {
                    let detail = "stays as it was: only free text is replaced";
                    self.faults.add(Fault::new(at, detail));
                }
                before.clone()
            }
        }
    }

    fn words(&mut self, before: &Value, words: &str, at: &Pointer<'_>) -> Value {
        self.has_erased |= words.contains(ERASED);
        if before != words && !words.contains(ERASED) {
            let detail = format!("stays as it was, or has {ERASED} in place of the secret words");
            self.faults.add(Fault::new(at, detail));
        }
        words.into()
    }

    fn object(
        &mut self,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
        shape: &Value,
        at: &Pointer<'_>,
    ) -> Value {
        for key in after.keys().filter(|key| !before.contains_key(*key)) {
            self.faults.add(Fault::new(&Pointer::Key(at, key), "was not there before"));
        }
        let mut members = Map::new();
        for (key, before) in before {
            let at = Pointer::Key(at, key);
            let member = shape["properties"].get(key).unwrap_or(&shape["additionalProperties"]);
            match after.get(key) {
                Some(after) => {
                    members.insert(key.clone(), self.against(before, after, member, &at));
                }
                None => self.faults.add(Fault::new(&at, "is missing: every member stays")),
            }
        }
        Value::Object(members)
    }
}
