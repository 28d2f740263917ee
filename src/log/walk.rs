//! The one walk over the rows of an incident: what every view is told from.

use super::batch::Row;
use super::logged::{Damage, Logged};
use super::names::Names;
use super::redactions::Redactions;
use crate::incident::Incident;
use crate::incident::id::{Number, Version};
use std::sync::Arc;

/// An incident with every event that told it: what a view is a function of.
#[derive(Debug, Clone)]
pub struct Story {
    /// The incident as it stands after the last of the events.
    pub incident: Incident,
    /// Its events as read, in order; never empty.
    pub events: Vec<Logged>,
    /// What people were called.
    pub names: Arc<Names>,
    /// What is erased now, later redactions among it.
    pub redactions: Redactions,
}

impl Story {
    /// Walks the rows of one incident from its first event; none when there are none.
    pub fn walk(rows: &[Row], names: Arc<Names>) -> Result<Option<Story>, Damage> {
        Story::walk_first(rows.len(), rows, names)
    }

    /// Walks the first `count` of all rows that an incident has now. A redaction among the later
    /// ones holds for them too.
    pub fn walk_first(
        count: usize,
        rows: &[Row],
        names: Arc<Names>,
    ) -> Result<Option<Story>, Damage> {
        let redactions = Redactions::read(rows)?;
        let events = rows.iter().take(count).map(Logged::read).collect::<Result<_, _>>()?;
        Ok(Story::tell(events, redactions, names))
    }

    /// Walks the events of one incident from its first one; none when there are none.
    pub fn tell(
        mut events: Vec<Logged>,
        redactions: Redactions,
        names: Arc<Names>,
    ) -> Option<Story> {
        let first = &events.first()?.entry;
        let number = first.no.unwrap_or(Number(0));
        let mut incident = Incident::new(first.inc, number, first.book.clone());
        let mut history = Vec::with_capacity(events.len());
        for logged in &mut events {
            let version = logged.entry.ver;
            if redactions.erase(version) {
                logged.erase();
            }
            let recorded = logged.recorded().expect("an incident's event has a state");
            let recorded = match redactions.of(version) {
                Some(it) => recorded.redacted(it.redacted.replacement.as_ref()),
                None => recorded,
            };
            history.push(Arc::new(recorded));
        }
        incident.fold_all(history);
        Some(Story { incident, events, names, redactions })
    }

    /// The last event that was walked.
    pub fn last(&self) -> &Logged {
        self.events.last().expect("a story has events")
    }

    /// The event with that version.
    pub fn event(&self, version: Version) -> Option<&Logged> {
        self.events.get(usize::try_from(version.0).ok()?.checked_sub(1)?)
    }
}
