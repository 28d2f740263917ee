//! Incidents that are read once more, each alone and in the order of its versions: those that could
//! not be judged in passing.

use super::judge::{self, Judge};
use super::{FOLDED_MAX, Finding, Group, Step, Walk};
use crate::engine::people::People;
use crate::incident::id::{IncidentId, Number, Position};
use crate::incident::{Incident, Recorded};
use crate::ledger::LedgerError;
use crate::ledger::audit::{Extent, RawRow, RawRows};
use crate::log::{Damage, Logged, Redactions, Said, Story};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::sync::Arc;
use uuid::Uuid;

/// How many incidents are left for this walk by their ids. With more of them it reads every incident,
/// and what was told in passing may be told twice.
pub const APART_MAX: usize = 1 << 18;

/// Which incidents are left for this walk, by what their rows claim.
#[derive(Default)]
pub(super) struct Apart {
    incidents: BTreeSet<[u8; 16]>,
    is_full: bool,
    /// How many events they have, as far as the first walk saw.
    pub events: u64,
}

impl Apart {
    /// Leaves an incident of which so many events were passed. What is no id of ours is not
    /// remembered, whatever it is: every incident is read then.
    pub fn add(&mut self, incident: &[u8], events: u64) {
        self.events += events;
        match incident.try_into() {
            Ok(id) if self.incidents.len() < APART_MAX => drop(self.incidents.insert(id)),
            _ => self.is_full = true,
        }
    }

    /// Whether an incident is left.
    pub fn has(&self, incident: &[u8]) -> bool {
        let id = <[u8; 16]>::try_from(incident);
        self.is_full || id.is_ok_and(|id| self.incidents.contains(&id))
    }
}

/// The incident under way.
#[derive(Default)]
struct Current {
    id: Vec<u8>,
    /// The last version that was passed.
    version: i64,
    /// Its events, unless they are not folded.
    events: Vec<Logged>,
    /// The first of them that cannot be read.
    unread: Option<Damage>,
    /// Why they are not.
    unfolded: Option<&'static str>,
    /// The last version that is damaged.
    damaged: u64,
    /// The erased events: version and position.
    erased: Vec<(u64, u64)>,
    /// The other ones.
    present: Vec<(u64, u64)>,
    /// What redactions name, with the version of the redaction.
    named: BTreeMap<u64, u64>,
}

pub(super) struct Alone<'w, 'a> {
    walk: &'w mut Walk<'a>,
    judge: &'w mut Judge,
    current: Current,
    people: People,
}

impl<'w, 'a> Alone<'w, 'a> {
    pub fn walk(
        walk: &'w mut Walk<'a>,
        judge: &'w mut Judge,
        apart: Apart,
    ) -> Result<(), LedgerError> {
        let (current, people) = (Current::default(), People::default());
        let mut alone = Alone { walk, judge, current, people };
        if apart.is_full {
            alone.walk.summary.incidents = 0;
            (alone.walk.walked)(Step::Again(alone.walk.summary.events));
            return alone.every();
        }
        (alone.walk.walked)(Step::Again(apart.events));
        apart.incidents.iter().try_for_each(|incident| alone.one(incident))
    }

    /// Reads one incident.
    fn one(&mut self, incident: &[u8]) -> Result<(), LedgerError> {
        let (mut after, mut page) = (i64::MIN, RawRows::default());
        loop {
            self.walk.audit.of_incident(incident, after, &mut page)?;
            let Some(last) = page.last() else { break };
            after = last.version;
            self.rows(&page)?;
        }
        self.end()
    }

    /// Reads every incident.
    fn every(&mut self) -> Result<(), LedgerError> {
        let mut after: Option<(Vec<u8>, i64)> = None;
        let mut page = RawRows::default();
        loop {
            let key = after.as_ref().map(|(id, version)| (id.as_slice(), *version));
            self.walk.audit.by_incident(key, &mut page)?;
            let Some(last) = page.last() else { break };
            after = Some((last.incident.to_vec(), last.version));
            self.rows(&page)?;
        }
        self.end()
    }

    fn rows(&mut self, page: &RawRows) -> Result<(), LedgerError> {
        for row in page.iter() {
            if row.incident != self.current.id {
                self.end()?;
                self.current = Current { id: row.incident.to_vec(), ..Current::default() };
            }
            self.row(row);
        }
        (self.walk.walked)(Step::Walked(page.len() as u64));
        Ok(())
    }

    fn is_system(&self) -> bool {
        self.current.id == Uuid::nil().as_bytes()
    }

    fn row(&mut self, row: RawRow<'_>) {
        let position = u64::try_from(row.position).unwrap_or(0);
        let version = self.version(&row, position);
        let is_damaged = self.walk.damaged.contains(&position);
        if self.walk.may_be_damaged(position) {
            self.current.unfolded = Some("an event of it is damaged");
        }
        if is_damaged {
            self.current.damaged = self.current.damaged.max(version);
        }
        let read = row.logged();
        if row.data.is_none() && row.salt.is_none() {
            self.current.erased.push((version, position));
        } else {
            self.current.present.push((version, position));
            if !is_damaged && is_redaction(&row, read.as_ref()) {
                self.redaction(&row, version);
            }
        }
        let is_folded = self.current.unfolded.is_none() && !self.is_system();
        if is_folded && self.current.events.len() >= FOLDED_MAX {
            self.current.unfolded = Some("it has too many events");
        }
        match read {
            Some(Ok(Logged { said: Said::Act(act), .. })) if self.is_system() => {
                self.people.take(&act);
            }
            Some(read) if is_folded && self.current.unfolded.is_none() => self.keep(read),
            _ => self.current.events.clear(),
        }
    }

    fn keep(&mut self, read: Result<Logged, Damage>) {
        match read {
            Ok(logged) => self.current.events.push(logged),
            Err(damage) => {
                self.current.unread.get_or_insert(damage);
            }
        }
    }

    /// The rows of principals and credentials, against all acts.
    fn people(&mut self, current: &Current) -> Result<(), LedgerError> {
        let Some(why) = current.unfolded.filter(|_| self.walk.claims.extent == Extent::Log) else {
            return judge::people(self.walk, &self.people);
        };
        let detail = format!("principals and tokens were not compared with SYS: {why}");
        self.walk.tell(Finding::note(None, Group::People, detail));
        Ok(())
    }

    /// Versions are 1, 2, 3 … without a gap.
    fn version(&mut self, row: &RawRow<'_>, position: u64) -> u64 {
        let expected = self.current.version + 1;
        self.current.version = row.version;
        // Of the service's own acts, only those that give names go with an incident.
        let is_chosen = self.is_system() && self.walk.claims.extent == Extent::Incident;
        if row.version != expected && !is_chosen {
            let detail = format!("version {} stands where {expected} must", row.version);
            if !self.walk.damaged.contains(&position) {
                self.walk.tell(Finding::event(position, Group::Version, detail));
            }
            self.current.unfolded = Some("an event of it is missing");
        }
        u64::try_from(row.version).unwrap_or(0)
    }

    /// What a redaction names: the event, and the earlier redactions of it.
    fn redaction(&mut self, row: &RawRow<'_>, version: u64) {
        let said = row.data.and_then(|data| serde_json::from_slice::<Value>(data).ok());
        let Some(said) = said else { return };
        let earlier = said["data"]["earlier"].as_array().into_iter().flatten();
        for named in earlier.chain([&said["data"]["version"]]).filter_map(Value::as_u64) {
            let last = self.current.named.entry(named).or_default();
            *last = version.max(*last);
        }
    }

    /// Ends the incident under way.
    fn end(&mut self) -> Result<(), LedgerError> {
        let current = take(&mut self.current);
        if current.version == 0 && current.events.is_empty() {
            return Ok(());
        }
        self.redactions(&current);
        let Ok(id) = <[u8; 16]>::try_from(current.id.as_slice()) else { return Ok(()) };
        if Uuid::from_bytes(id).is_nil() {
            return self.people(&current);
        }
        self.walk.summary.incidents += 1;
        match current.unfolded {
            None => self.judge(IncidentId(Uuid::from_bytes(id)), current.events, current.unread),
            Some(why) => {
                let id = Uuid::from_bytes(id);
                let detail = format!("incident {id} was not judged again: {why}");
                self.walk.tell(Finding::note(None, Group::Machine, detail));
                Ok(())
            }
        }
    }

    /// What is erased was named by a later redaction, and what was named is erased.
    fn redactions(&mut self, current: &Current) {
        for (version, position) in &current.erased {
            let redacted = current.named.get(version);
            if redacted.is_some_and(|by| by > version) || self.walk.damaged.contains(position) {
                continue;
            }
            if current.damaged > *version {
                let detail = "erased; the redaction may be a later event that is damaged";
                self.walk.tell(Finding::note(Some(*position), Group::Redaction, detail));
            } else {
                let detail = "data and salt are gone, and no later redaction names it";
                self.walk.tell(Finding::event(*position, Group::Redaction, detail));
            }
        }
        for (version, position) in &current.present {
            if let Some(by) = current.named.get(version) {
                let detail = format!("redaction violated: version {by} erased what is here again");
                self.walk.tell(Finding::event(*position, Group::Redaction, detail));
            }
        }
    }

    /// Folds the incident once more: what the machines say of each event, and its board row.
    fn judge(
        &mut self,
        id: IncidentId,
        events: Vec<Logged>,
        unread: Option<Damage>,
    ) -> Result<(), LedgerError> {
        if let Some(Damage { position, cause }) = unread {
            let detail = format!("it cannot be read by this release: {cause}");
            self.walk.tell(Finding::event(position.0, Group::Data, detail));
            return Ok(());
        }
        let Some((first, last)) = events.first().zip(events.last()) else { return Ok(()) };
        let (number, book) = (first.entry.no.unwrap_or(Number(0)), first.entry.book.clone());
        let last = last.entry.pos;
        let runbook = self.judge.runbook(self.walk, book.as_deref())?;
        let mut incident = Incident::new(id, number, book);
        let positions: Vec<Position> = events.iter().map(|logged| logged.entry.pos).collect();
        for (recorded, position) in history(events).into_iter().zip(positions) {
            let note = judge::again(&incident, &recorded, position, runbook.as_deref());
            note.into_iter().for_each(|note| self.walk.tell(note));
            incident.fold(recorded);
        }
        self.judge.end(self.walk, &incident, last)
    }
}

/// The events as folding needs them. What stands for erased words is known only behind them.
fn history(events: Vec<Logged>) -> Vec<Arc<Recorded>> {
    if events.iter().all(|logged| logged.data.is_some()) {
        return events.into_iter().filter_map(Logged::into_recorded).map(Arc::new).collect();
    }
    let redactions = Redactions::among(&events);
    let story = Story::tell(events, redactions, Arc::default());
    story.map_or_else(Vec::new, |story| story.incident.history().to_vec())
}

/// Whether it is a redaction, of a row that may not be one that this release can read.
fn is_redaction(row: &RawRow<'_>, read: Option<&Result<Logged, Damage>>) -> bool {
    match read {
        Some(Ok(logged)) => logged.is_redaction(),
        Some(Err(_)) | None => {
            std::str::from_utf8(row.entry).is_ok_and(|entry| entry.contains(r#""type":"redacted""#))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_more_incidents_than_are_remembered_every_one_is_read() {
        let mut apart = Apart::default();
        let id = |number: u64| u128::from(number).to_be_bytes();
        (0..APART_MAX as u64).for_each(|number| apart.add(&id(number), 1));
        assert!(apart.has(&id(7)) && !apart.has(&id(u64::MAX)));
        apart.add(&id(u64::MAX), 1);
        assert!(apart.has(&id(u64::MAX)) && apart.incidents.len() == APART_MAX);
    }

    #[test]
    fn with_what_is_no_id_every_incident_is_read() {
        let mut apart = Apart::default();
        apart.add(&[7; 40_000], 1);
        assert!(apart.has(&[7; 40_000]) && apart.has(&[7; 16]) && apart.incidents.is_empty());
    }
}
