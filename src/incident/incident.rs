//! An incident: its events as recorded, and the facts that follow from them.
//!
//! There is one way in, [`Incident::fold`], for an event of this second and for one of last year.
//! The state is trusted as recorded; facts are folded as corrected. A correction folds all facts
//! anew, so that nothing remembers what was wrong; the state never changes by it. So does a
//! redaction, from what stands for the erased words.

use super::event::{Correction, Event, Redacted};
use super::facts::{Facts, Mark};
use super::id::{IncidentId, Number, Version};
use super::recorded::Recorded;
use super::time::{Claimed, Moment};
use super::words::State;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One incident, folded from its events so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its identity.
    pub id: IncidentId,
    /// The number in its short name.
    pub number: Number,
    /// Where it stands.
    pub state: State,
    /// SHA-256 of the runbook that it pins; none before its first event.
    pub book: Option<String>,
    /// What is known of it, as corrected.
    pub facts: Facts,
    history: Vec<Arc<Recorded>>,
    amendments: BTreeMap<Version, Amendment>,
}

/// What later events say of an earlier one. Of several words on one thing the last stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amendment {
    /// When it really happened.
    pub occurred: Option<Claimed>,
    /// Members of its data as they should have been; null takes one out.
    pub fields: Map<String, Value>,
    /// That it never belonged here.
    pub withdrawn: bool,
    /// The corrections, in order.
    pub by: Vec<Version>,
}

impl Incident {
    /// An incident before its first event.
    pub fn new(id: IncidentId, number: Number, book: Option<String>) -> Incident {
        Incident {
            id,
            number,
            state: State::Nothing,
            book,
            facts: Facts::default(),
            history: Vec::new(),
            amendments: BTreeMap::new(),
        }
    }

    /// How many events it has.
    pub fn version(&self) -> Version {
        Version(self.history.len() as u64)
    }

    /// When its last event was recorded; none before the first.
    pub fn updated_at(&self) -> Option<Moment> {
        self.history.last().map(|recorded| recorded.at)
    }

    /// Its events as recorded, in order.
    pub fn history(&self) -> &[Arc<Recorded>] {
        &self.history
    }

    /// The events from that version on, as recorded.
    pub fn since(&self, first: Version) -> &[Arc<Recorded>] {
        let before = usize::try_from(first.0.saturating_sub(1)).unwrap_or(usize::MAX);
        self.history.get(before..).unwrap_or_default()
    }

    /// The event with that version, as recorded.
    pub fn event(&self, version: Version) -> Option<&Arc<Recorded>> {
        self.history.get(usize::try_from(version.0).ok()?.checked_sub(1)?)
    }

    /// What later events say of that one.
    pub fn amendment(&self, version: Version) -> Option<&Amendment> {
        self.amendments.get(&version)
    }

    /// Takes the next event in.
    pub fn fold(&mut self, recorded: Arc<Recorded>) {
        if self.hear(&recorded) {
            self.facts = self.refold();
        } else if let Some(event) = &recorded.event {
            self.facts.take(Mark::of(&recorded, recorded.happened()), event);
        }
    }

    /// Takes the events of a whole story in: the same as one by one, but what some of them say of
    /// others is heard first, so that nothing is folded twice.
    pub fn fold_all(&mut self, story: impl IntoIterator<Item = Arc<Recorded>>) {
        for recorded in story {
            self.hear(&recorded);
        }
        self.facts = self.refold();
    }

    /// Keeps the next event; whether it speaks of earlier ones, so that they say something else now.
    fn hear(&mut self, recorded: &Arc<Recorded>) -> bool {
        self.state = recorded.to;
        self.history.push(Arc::clone(recorded));
        match &recorded.event {
            Some(Event::Corrected(correction)) => self.amend(recorded.version, correction),
            Some(Event::Redacted(redacted)) => {
                self.redact(redacted);
                self.amend_anew();
            }
            _ => return false,
        }
        true
    }

    /// When an event happened, as corrected.
    pub fn happened(&self, recorded: &Recorded) -> Claimed {
        let amended = self.amendments.get(&recorded.version).and_then(|it| it.occurred);
        amended.unwrap_or_else(|| recorded.happened())
    }

    /// What an event says, as corrected; none when it was withdrawn or erased.
    pub fn said(&self, recorded: &Recorded) -> Option<Event> {
        self.heard(recorded).map(Cow::into_owned)
    }

    fn heard<'a>(&self, recorded: &'a Recorded) -> Option<Cow<'a, Event>> {
        let event = recorded.event.as_ref()?;
        match self.amendments.get(&recorded.version) {
            Some(amendment) if amendment.withdrawn => None,
            Some(amendment) => {
                Some(event.amended(&amendment.fields).map_or(Cow::Borrowed(event), Cow::Owned))
            }
            None => Some(Cow::Borrowed(event)),
        }
    }

    /// Forgets the words of an event, and those of earlier redactions of it.
    fn redact(&mut self, it: &Redacted) {
        for version in it.erased() {
            let replacement = it.replacement.as_ref().filter(|_| version == it.version);
            let place = usize::try_from(version.0).ok().and_then(|it| it.checked_sub(1));
            if let Some(recorded) = place.and_then(|place| self.history.get_mut(place)) {
                *recorded = Arc::new(recorded.redacted(replacement));
            }
        }
    }

    /// Forgets what erased corrections said.
    fn amend_anew(&mut self) {
        self.amendments.clear();
        for recorded in self.history.clone() {
            if let Some(Event::Corrected(correction)) = &recorded.event {
                self.amend(recorded.version, correction);
            }
        }
    }

    fn amend(&mut self, by: Version, correction: &Correction) {
        let amendment = self.amendments.entry(correction.version).or_default();
        amendment.occurred = correction.occurred.map(|when| when.0).or(amendment.occurred);
        amendment.withdrawn = correction.withdrawn.unwrap_or(amendment.withdrawn);
        amendment.by.push(by);
        for (name, value) in correction.fields.iter().flat_map(|fields| &fields.0) {
            amendment.fields.insert(name.clone(), value.clone());
        }
    }

    fn refold(&self) -> Facts {
        let mut facts = Facts::default();
        for recorded in &self.history {
            if let Some(event) = self.heard(recorded) {
                facts.take(Mark::of(recorded, self.happened(recorded)), &event);
            }
        }
        facts
    }
}

impl Event {
    /// This event with other members, as it would be stored; none when they do not fit its type.
    pub fn amended(&self, fields: &Map<String, Value>) -> Option<Event> {
        let Ok(Value::Object(mut data)) = serde_json::to_value(self) else { return None };
        for (name, value) in fields {
            match value {
                Value::Null => data.shift_remove(name),
                value => data.insert(name.clone(), value.clone()),
            };
        }
        Event::stored(self.kind(), &Value::Object(data).to_string()).ok()
    }
}
