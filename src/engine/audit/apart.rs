//! Incidents that are read once more, each alone and in the order of its versions: those that could
//! not be judged in passing.

use super::judge::{self, Judge};
use super::{FOLDED_MAX, Finding, Group, Walk};
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

/// How many incidents are left for this walk by name. With more of them it reads every incident,
/// and what was told in passing may be told twice.
pub const APART_MAX: usize = 1 << 18;

/// Which incidents are left for this walk, by what their rows claim.
#[derive(Default)]
pub(super) struct Apart {
    incidents: BTreeSet<Box<[u8]>>,
    is_full: bool,
}

impl Apart {
    /// Leaves an incident.
    pub fn add(&mut self, incident: &[u8]) {
        self.is_full |= self.incidents.len() >= APART_MAX;
        if !self.is_full {
            self.incidents.insert(incident.into());
        }
    }

    /// Whether an incident is left.
    pub fn has(&self, incident: &[u8]) -> bool {
        self.is_full || self.incidents.contains(incident)
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
            return alone.read(None);
        }
        apart.incidents.iter().try_for_each(|incident| alone.read(Some(incident)))
    }

    /// Reads one incident, or every one.
    fn read(&mut self, only: Option<&[u8]>) -> Result<(), LedgerError> {
        let mut after = only.map(|incident| (incident.to_vec(), i64::MIN));
        let mut page = RawRows::default();
        loop {
            let key = after.as_ref().map(|(id, version)| (id.as_slice(), *version));
            self.walk.audit.by_incident(key, &mut page)?;
            let Some(last) = page.last() else { break };
            after = Some((last.incident.to_vec(), last.version));
            let is_wanted = |row: &RawRow<'_>| only.is_none_or(|only| row.incident == only);
            for row in page.iter().take_while(is_wanted) {
                if row.incident != self.current.id {
                    self.end()?;
                    self.current = Current { id: row.incident.to_vec(), ..Current::default() };
                }
                self.row(row);
            }
            if !is_wanted(&last) {
                break;
            }
        }
        self.end()
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
        (0..APART_MAX as u64).for_each(|number| apart.add(&number.to_be_bytes()));
        assert!(apart.has(&7_u64.to_be_bytes()) && !apart.has(&u64::MAX.to_be_bytes()));
        apart.add(&u64::MAX.to_be_bytes());
        assert!(apart.has(&[]) && apart.incidents.len() == APART_MAX);
    }
}
