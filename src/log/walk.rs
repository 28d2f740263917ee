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
        let mut story: Option<Story> = None;
        let mut history = Vec::with_capacity(count);
        for row in rows.iter().take(count) {
            let mut logged = Logged::read(row)?;
            if redactions.erase(row.version) {
                logged.erase();
            }
            let (id, number) = (logged.entry.inc, logged.entry.no.unwrap_or(Number(0)));
            let story = story.get_or_insert_with(|| Story {
                incident: Incident::new(id, number, logged.entry.book.clone()),
                events: Vec::with_capacity(rows.len()),
                names: Arc::clone(&names),
                redactions: redactions.clone(),
            });
            let recorded = logged.recorded().expect("an incident's event has a state");
            let recorded = match story.redactions.of(row.version) {
                Some(it) => recorded.redacted(it.redacted.replacement.as_ref()),
                None => recorded,
            };
            history.push(Arc::new(recorded));
            story.events.push(logged);
        }
        story.iter_mut().for_each(|story| story.incident.fold_all(std::mem::take(&mut history)));
        Ok(story)
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
