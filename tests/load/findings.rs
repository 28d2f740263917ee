//! What faults find wrong with a planted service.

use super::{Load, Outsider, Sent, judge, lost};
use crate::outside::{Actor, Server};
use std::path::Path;

/// What some faults found.
pub struct Findings {
    outsider: Outsider,
    incidents: Vec<String>,
    /// What the judge said after each.
    pub wrong: Vec<String>,
    /// How many of them lost something acknowledged.
    pub losses: u64,
}

impl Findings {
    /// Of no fault yet.
    pub fn new() -> Findings {
        let incidents = (1..=20).map(|number| format!("INC-{number}")).collect();
        Findings { outsider: Outsider::new(), incidents, wrong: Vec::new(), losses: 0 }
    }

    /// Loads a planted service until `fault` ends it, and hears what its clients know.
    pub fn load(
        &self,
        server: Server,
        cycle: u64,
        fault: impl FnOnce(&Load<'_>, Server),
    ) -> Vec<Sent> {
        let ana = Actor::new(server.address, "");
        Load::new(&self.incidents, cycle).until(&ana, |load| fault(load, server))
    }

    /// Holds what clients know after a fault against what lies in `data`.
    pub fn judge(&mut self, data: &Path, journal: &[Sent]) {
        let log = self.outsider.read(data);
        self.wrong.extend(judge(journal, &log));
        self.losses += u64::from(lost(journal, &log).1 > 0);
    }
}
