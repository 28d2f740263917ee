//! The audit: everything that can be known of a log without trusting whoever kept it (design 5.4).
//!
//! ```text
//! storage    pages, tables and their indexes, by the database itself
//! entries    in the order of positions: no gap, hash against the tree, commitment, columns, batches;
//!            on the way every checkpoint whose size is passed
//! incidents  in the order of incidents, which is that of an index: versions, redactions, the machines
//!            again, the board; at the end, whether that index goes with the rows
//! ```
//!
//! A bundle is walked in the same way. It has no storage and no board; of one incident, each event
//! is held against its own proof instead of the tree, and positions may be left out.
//!
//! Every damaged position is told, not the first, and each as it is found. Memory does not grow
//! with the log: a page of rows, the frontier of the tree, and one incident at a time.

mod checkpoints;
mod entries;
mod finding;
mod incidents;
mod stored;

pub use checkpoints::Given;
pub use finding::{Finding, Group, Kind, Outcome, Summary};

use crate::ledger::LedgerError;
use crate::ledger::audit::{Audit, Claims, Extent};
use crate::log::PublicKey;
use checkpoints::Checkpoints;
use entries::Entries;
use incidents::Incidents;
use std::collections::BTreeSet;

/// How many damaged positions are remembered between the two walks; with more of them the second
/// does not judge any incident again.
pub const DAMAGED_MAX: usize = 100_000;

/// How many events an incident may have to be folded again.
pub const FOLDED_MAX: usize = 100_000;

/// What is to be audited against, and who is told.
pub struct Auditor<'a> {
    /// The log.
    pub audit: &'a mut dyn Audit,
    /// The key that signatures are checked with; without one they are not.
    pub key: Option<PublicKey>,
    /// Checkpoints from outside.
    pub given: Vec<Given>,
    /// Who is told of each finding.
    pub found: &'a mut dyn FnMut(&Finding),
    /// Who is told how many events were walked; each is walked twice.
    pub walked: &'a mut dyn FnMut(u64),
}

/// What both walks share.
struct Walk<'a> {
    audit: &'a mut dyn Audit,
    found: &'a mut dyn FnMut(&Finding),
    walked: &'a mut dyn FnMut(u64),
    claims: Claims,
    summary: Summary,
    damaged: BTreeSet<u64>,
}

impl Auditor<'_> {
    /// Audits everything. A storage that gives no answer is a finding too.
    pub fn run(self) -> Summary {
        let Auditor { audit, key, given, found, walked } = self;
        let claims = audit.claims();
        let mut walk = Walk {
            audit,
            found,
            walked,
            claims: claims.as_ref().map_or_else(|_| nothing(), Clone::clone),
            summary: Summary::default(),
            damaged: BTreeSet::new(),
        };
        let done = walk
            .storage()
            .and_then(|()| claims.map(|_| ()))
            .and_then(|()| walk.everything(key, given));
        if let Err(error) = done {
            walk.tell(Finding::storage(format!("the storage gives no answer: {error}")));
        }
        walk.summary
    }
}

impl Walk<'_> {
    fn storage(&mut self) -> Result<(), LedgerError> {
        for said in self.audit.storage()? {
            self.tell(Finding::storage(said));
        }
        Ok(())
    }

    fn everything(&mut self, key: Option<PublicKey>, given: Vec<Given>) -> Result<(), LedgerError> {
        let checkpoints = Checkpoints::read(self, key, given)?;
        Entries::walk(self, checkpoints)?;
        Incidents::walk(self)
    }

    /// Tells a finding, and remembers what it says.
    fn tell(&mut self, finding: Finding) {
        if let (Kind::Event, Some(first)) = (finding.kind, finding.position) {
            let last = finding.through.unwrap_or(first);
            let room = DAMAGED_MAX.saturating_sub(self.damaged.len());
            self.damaged.extend((first..=last).take(room));
        }
        self.summary.count(&finding);
        (self.found)(&finding);
    }
}

fn nothing() -> Claims {
    let (extent, origin) = (Extent::Log, uuid::Uuid::nil());
    Claims { extent, origin, position: 0, incidents: 0, hashes: None, generation: 1 }
}
