//! Erasing: what a redaction takes away in the turn that records it.

use super::plan::Plan;
use super::request::{Answer, Done, Key, TurnedAway};
use crate::access::Principal;
use crate::incident::event::{Event, EventType, Redacted};
use crate::incident::field::{Fault, Faults, List, Ours, Pointer};
use crate::incident::id::{IncidentId, PrincipalId, Version};
use crate::incident::{Claim, Incident, Who};
use crate::log::{Erasure, Logged, Receipt, seal_redacted_name};

/// Whether words of such an event stand on the board: the title, and what once corrected it.
fn may_be_copied(kind: EventType) -> bool {
    matches!(kind, EventType::Announced | EventType::Corrected)
}

impl Plan<'_> {
    /// Erases what the events of an incident from `first` on name; `events` is what will be answered.
    pub(super) fn erase_named(
        &mut self,
        incident: &Incident,
        first: Version,
        events: &mut [Logged],
    ) {
        for recorded in incident.since(first) {
            if let Some(Event::Redacted(it)) = &recorded.event {
                for version in it.erased() {
                    let kind = incident.event(version).and_then(|recorded| recorded.kind);
                    let is_copied = kind.is_some_and(may_be_copied);
                    self.erase(Erasure { incident: incident.id, version, is_copied }, events);
                }
            }
        }
    }

    fn erase(&mut self, erasure: Erasure, events: &mut [Logged]) {
        self.batch.erasures.push(erasure);
        let Erasure { incident, version, .. } = erasure;
        let is_it = |id, at| (id, at) == (incident, version);
        let rows = self.batch.rows.iter_mut().filter(|row| is_it(row.incident, row.version));
        rows.for_each(|row| row.erase());
        let told = events.iter_mut().filter(|it| is_it(it.entry.inc, it.entry.ver));
        told.for_each(Logged::erase);
        let receipts = self.loaded.receipts.values_mut().chain(&mut self.batch.receipts);
        let its =
            |it: &&mut Receipt| it.incident == incident && (it.first..=it.last).contains(&version);
        receipts.filter(its).for_each(|receipt| receipt.fingerprint = None);
    }

    /// Erases a name of `SYS`; the principal's id stands for it from then on.
    pub(super) fn erase_name(&mut self, who: &Who, key: Option<Key>, claim: Claim) -> Answer {
        if !who.may_redact() {
            return Err(TurnedAway::NotAnAdmin);
        }
        let mut it = self.read_erasure(claim)?;
        let earlier = self.names.redactions(it.version).to_vec();
        it.earlier = Ours((!earlier.is_empty()).then_some(List(earlier)));
        let renamed = self.names.given(it.version).filter(|(_, is_current)| *is_current);
        if let Some(principal) = renamed.map(|(principal, _)| PrincipalId(principal.to_owned())) {
            self.unname(&principal);
        }
        let batch = self.draw_id();
        let logged = self
            .act_as(batch, |at, version, place| seal_redacted_name(&it, who, at, version, place));
        let incident = IncidentId::SYSTEM;
        let erased = it.erased().map(|version| Erasure { incident, version, is_copied: true });
        erased.for_each(|erasure| self.erase(erasure, &mut []));
        if let Some(key) = key {
            let version = self.system;
            self.receive(who, key, self.position, (IncidentId::SYSTEM, version, version));
        }
        Ok(Done::NameErased(Box::new(logged)))
    }

    /// The redaction that a claim is, when it is one that `SYS` takes.
    fn read_erasure(&self, claim: Claim) -> Result<Redacted, TurnedAway> {
        let root = Pointer::Index(&Pointer::Root, 0);
        let data = Pointer::Key(&root, "data");
        let mut faults = Faults::default();
        let mut fault = |at: &Pointer<'_>, key, detail: &str| {
            faults.add(Fault::new(&Pointer::Key(at, key), detail));
        };
        let extra = [
            ("occurred", claim.occurred.is_some()),
            ("as_written", claim.as_written.is_some()),
            ("actor", claim.actor.is_some()),
            ("override", claim.override_reason.is_some()),
        ];
        for (key, _) in extra.iter().filter(|(_, is_given)| *is_given) {
            fault(&root, key, "has no place among the service's own acts: leave it out");
        }
        let Event::Redacted(it) = claim.event else {
            fault(&root, "type", "must be redacted: the rest of SYS the service records itself");
            return Err(TurnedAway::Invalid(faults));
        };
        if it.replacement.is_some() {
            fault(&data, "replacement", "has no place here: the id stands for an erased name");
        }
        let is_name = self.names.given(it.version).is_some();
        if !is_name && self.names.redactions(it.version).is_empty() {
            fault(&data, "version", "is no principal_named of SYS: only a name can be erased here");
        }
        faults.or(Some(it)).map_err(TurnedAway::Invalid)
    }

    /// Gives a principal its id as its name.
    fn unname(&mut self, id: &PrincipalId) {
        let Some(principal) = self.directory.find(id.as_str()).cloned() else { return };
        self.keep_principal(Principal { name: id.to_string(), ..principal });
    }
}
