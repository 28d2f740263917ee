//! The redactions of one incident that are known now. They hold for every past version and moment
//! too: whoever tells a story up to some point gives all of them along (promises P7).

use super::batch::Row;
use super::logged::{Damage, Logged, Said};
use crate::incident::Event;
use crate::incident::event::Redacted;
use crate::incident::id::{PrincipalId, Version};
use crate::incident::time::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// What is erased in one incident, and by what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Redactions {
    erased: BTreeSet<Version>,
    last: BTreeMap<Version, Redaction>,
}

/// The last redaction of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Redaction {
    /// Its own version.
    pub version: Version,
    /// When it was recorded.
    pub at: Moment,
    /// Who recorded it.
    pub by: PrincipalId,
    /// What it says.
    pub redacted: Redacted,
}

impl Redactions {
    /// Finds them among all rows of an incident that there are now, in order.
    pub fn read(rows: &[Row]) -> Result<Redactions, Damage> {
        let mut redactions = Redactions::default();
        // An entry has no words of a client in it, so it has this only where it is its type.
        for row in rows.iter().filter(|row| row.entry.contains(r#""type":"redacted""#)) {
            redactions.take(&Logged::read(row)?);
        }
        Ok(redactions)
    }

    /// The same, of events that were read already.
    pub fn among(events: &[Logged]) -> Redactions {
        let mut redactions = Redactions::default();
        events.iter().for_each(|logged| redactions.take(logged));
        redactions
    }

    fn take(&mut self, logged: &Logged) {
        let Said::Event(Event::Redacted(redacted)) = &logged.said else { return };
        let entry = &logged.entry;
        self.erased.extend(redacted.erased());
        let (at, by) = (entry.at, entry.by.clone());
        let redaction = Redaction { version: entry.ver, at, by, redacted: redacted.clone() };
        self.last.insert(redacted.version, redaction);
    }

    /// Whether the words of that event are erased, whatever a reader that came between two reads
    /// still has of them.
    pub fn erase(&self, version: Version) -> bool {
        self.erased.contains(&version)
    }

    /// The last redaction that names that event.
    pub fn of(&self, version: Version) -> Option<&Redaction> {
        self.last.get(&version)
    }
}
