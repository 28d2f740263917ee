//! Incidents that are judged in passing, while the walk over the positions reads their events
//! anyway: nearly all of them.
//!
//! Held are the incidents that the walk met last, folded up to where it is. One that was quiet for
//! long is put down: when its index says that no event of it follows, it is judged. All others are
//! left to a walk of their own (`apart`): those that go on later, and those that are not plain,
//! because an event of them is damaged, erased, a redaction, or nothing that this release knows.

use super::apart::Apart;
use super::judge::{self, Judge};
use super::{Finding, Walk};
use crate::engine::people::People;
use crate::incident::id::{IncidentId, Number, Position};
use crate::incident::{EventType, Incident};
use crate::ledger::LedgerError;
use crate::ledger::audit::{Extent, RawRow};
use crate::log::{Header, Said};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// How much the events of the held incidents may be together, in bytes as stored: some thousands of
/// events. It bounds the memory that they take, which is about as much again.
pub const HELD_MAX: usize = 1 << 21;

/// An incident up to where the walk is.
struct Held {
    incident: Incident,
    last: Position,
    /// How much its events are, as stored.
    bytes: usize,
    /// What is told of it when it is judged here.
    notes: Vec<Finding>,
}

/// Everything that is judged in passing.
#[derive(Default)]
pub(super) struct Passing {
    judge: Judge,
    held: HashMap<IncidentId, Held>,
    /// How much their events are together.
    bytes: usize,
    /// The acts of the service, up to the last version.
    people: People,
    acts: i64,
    apart: Apart,
}

impl Passing {
    /// Takes the next event in. `header` is none when the row is damaged, or not as we write it.
    pub fn take(
        &mut self,
        walk: &mut Walk<'_>,
        row: &RawRow<'_>,
        header: Option<&Header<'_>>,
    ) -> Result<(), LedgerError> {
        if self.apart.has(row.incident) {
            self.apart.events += 1;
            return Ok(());
        }
        let is_taken = match header {
            Some(header) if header.inc.is_system() => self.act(walk, row),
            Some(header) => self.event(walk, row, header)?,
            None => false,
        };
        if !is_taken {
            self.leave(row.incident);
        }
        Ok(())
    }

    /// Judges what is still held; gives what is left, and what is known of all together.
    pub fn finish(mut self, walk: &mut Walk<'_>) -> Result<(Judge, Apart), LedgerError> {
        self.put_down(walk, 0)?;
        if self.acts > 0 && !self.apart.has(Uuid::nil().as_bytes()) {
            judge::people(walk, &self.people)?;
        }
        Ok((self.judge, self.apart))
    }

    fn act(&mut self, walk: &Walk<'_>, row: &RawRow<'_>) -> bool {
        // Of the service's own acts, only those that give names go with an incident.
        let is_chosen = walk.claims.extent == Extent::Incident;
        let is_next = row.version == self.acts + 1 || (is_chosen && row.version > self.acts);
        let Some(Ok(logged)) = row.logged().filter(|_| is_next) else { return false };
        let Said::Act(act) = &logged.said else { return false };
        self.acts = row.version;
        self.people.take(act);
        true
    }

    fn event(
        &mut self,
        walk: &mut Walk<'_>,
        row: &RawRow<'_>,
        header: &Header<'_>,
    ) -> Result<bool, LedgerError> {
        let data = row.data.and_then(|data| std::str::from_utf8(data).ok());
        let recorded = data.and_then(|data| header.recorded(data));
        let recorded = recorded.filter(|it| it.kind != Some(EventType::Redacted));
        let Some(recorded) = recorded else { return Ok(false) };
        let held = self.held.entry(header.inc).or_insert_with(|| Held::new(header));
        if held.incident.version().next() != header.ver {
            return Ok(false);
        }
        let runbook = self.judge.runbook(walk, held.incident.book.as_deref())?;
        let note = judge::again(&held.incident, &recorded, header.pos, runbook.as_deref());
        held.notes.extend(note);
        held.incident.fold(Arc::new(recorded));
        let bytes = row.entry.len() + row.data.map_or(0, <[u8]>::len);
        (held.last, held.bytes) = (header.pos, held.bytes + bytes);
        self.bytes += bytes;
        if self.bytes > HELD_MAX {
            self.put_down(walk, HELD_MAX / 2)?;
        }
        Ok(true)
    }

    /// Leaves an incident to the walk that reads it alone.
    fn leave(&mut self, incident: &[u8]) {
        let id = Uuid::from_slice(incident).map(IncidentId);
        let held = id.ok().and_then(|id| self.held.remove(&id));
        self.bytes -= held.as_ref().map_or(0, |held| held.bytes);
        let passed = held.map_or(0, |held| held.incident.version().0);
        self.apart.add(incident, passed + 1);
    }

    /// Puts the incidents down that were quiet for longest, until so many bytes are held.
    fn put_down(&mut self, walk: &mut Walk<'_>, until: usize) -> Result<(), LedgerError> {
        let mut quiet: Vec<(Position, IncidentId)> =
            self.held.iter().map(|(id, held)| (held.last, *id)).collect();
        quiet.sort_unstable();
        for (_, id) in quiet {
            if self.bytes <= until {
                break;
            }
            let Some(held) = self.held.remove(&id) else { continue };
            self.bytes -= held.bytes;
            let passed = held.incident.version().0;
            let last = walk.audit.last_version(id.0.as_bytes())?;
            match last.and_then(|last| u64::try_from(last).ok()) {
                Some(last) if last == passed => self.end(walk, held)?,
                _ => self.apart.add(id.0.as_bytes(), passed),
            }
        }
        Ok(())
    }

    fn end(&mut self, walk: &mut Walk<'_>, held: Held) -> Result<(), LedgerError> {
        walk.summary.incidents += 1;
        held.notes.into_iter().for_each(|note| walk.tell(note));
        self.judge.end(walk, &held.incident, held.last)
    }
}

impl Held {
    fn new(first: &Header<'_>) -> Held {
        let (number, book) = (first.no.unwrap_or(Number(0)), first.book.map(str::to_owned));
        let incident = Incident::new(first.inc, number, book);
        Held { incident, last: first.pos, bytes: 0, notes: Vec::new() }
    }
}
