//! Incidents at hand, so that an append need not fold them from their first event again. Nothing
//! depends on it but speed: what is not at hand is folded from the ledger.

use crate::incident::Incident;
use crate::incident::id::{IncidentId, IncidentRef, Number};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How many events the incidents at hand may have together; about 1 KiB each.
pub const CACHED_EVENTS_MAX: u64 = 50_000;

/// The incidents used last.
#[derive(Default)]
pub struct Cache {
    incidents: HashMap<IncidentId, (Arc<Incident>, u64)>,
    by_number: HashMap<Number, IncidentId>,
    by_use: BTreeMap<u64, IncidentId>,
    events: u64,
    uses: u64,
}

impl Cache {
    /// The identity of an incident that is at hand.
    pub fn find(&self, named: IncidentRef) -> Option<IncidentId> {
        match named {
            IncidentRef::Number(number) => self.by_number.get(&number).copied(),
            IncidentRef::Id(id) => self.incidents.contains_key(&id).then_some(id),
        }
    }

    /// The incident, if it is at hand.
    pub fn take(&mut self, id: IncidentId) -> Option<Arc<Incident>> {
        let (incident, used) = self.incidents.remove(&id)?;
        self.by_use.remove(&used);
        self.by_number.remove(&incident.number);
        self.events -= incident.version().0;
        Some(incident)
    }

    /// Keeps an incident at hand, and lets go of those used longest ago.
    pub fn put(&mut self, incident: Arc<Incident>) {
        self.take(incident.id);
        self.uses += 1;
        self.events += incident.version().0;
        self.by_use.insert(self.uses, incident.id);
        self.by_number.insert(incident.number, incident.id);
        self.incidents.insert(incident.id, (incident, self.uses));
        while self.events > CACHED_EVENTS_MAX {
            let Some((_, oldest)) = self.by_use.first_key_value() else { break };
            self.take(*oldest);
        }
    }

    /// Lets go of everything: what was at hand may not be what is stored.
    pub fn clear(&mut self) {
        *self = Cache::default();
    }
}
