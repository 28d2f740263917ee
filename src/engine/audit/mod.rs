//! The audit: everything that can be known of a log without trusting whoever kept it (design 5.4).
//!
//! ```text
//! storage    pages, tables and their indexes, by the database itself
//! entries    in the order of positions: no gap, hash against the tree, commitment, columns, batches;
//!            on the way every checkpoint whose size is passed, and in passing every incident that
//!            is plain and near together: versions, the machines again, the board
//! apart      every other incident, alone: that, and its redactions
//! index      whether the order of incidents goes with the rows; what the board has beside them
//! ```
//!
//! A bundle is walked in the same way. It has no storage and no board; of one incident, each event
//! is held against its own proof instead of the tree, and positions may be left out.
//!
//! Every damaged position is told, not the first, and each as it is found. Memory does not grow
//! with the log: a page of rows, the frontier of the tree, as much of incidents as
//! [`HELD_MAX`] says, and the ids of as many as [`APART_MAX`] says.

mod apart;
mod checkpoints;
mod entries;
mod finding;
mod judge;
mod passing;
mod stored;

pub use apart::APART_MAX;
pub use checkpoints::Given;
pub use finding::{Finding, Group, Kind, Outcome, Summary};
pub use passing::HELD_MAX;

use crate::ledger::LedgerError;
use crate::ledger::audit::{Audit, Claims, Extent};
use crate::log::PublicKey;
use apart::Alone;
use checkpoints::Checkpoints;
use entries::Entries;
use std::collections::BTreeSet;

/// How many damaged positions are remembered; with more of them no further incident is judged.
pub const DAMAGED_MAX: usize = 100_000;

/// How many events an incident may have to be judged.
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
    /// Who is told how far it is.
    pub walked: &'a mut dyn FnMut(Step),
}

/// How an audit goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many events were walked.
    Walked(u64),
    /// So many events, more or less, are to be walked once more.
    Again(u64),
}

/// What all walks share.
struct Walk<'a> {
    audit: &'a mut dyn Audit,
    found: &'a mut dyn FnMut(&Finding),
    walked: &'a mut dyn FnMut(Step),
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
        let (mut judge, apart) = Entries::walk(self, checkpoints)?;
        Alone::walk(self, &mut judge, apart)?;
        for said in self.audit.orders()? {
            self.tell(Finding::storage(said));
        }
        judge.finish(self)
    }

    /// Whether an event may be damaged, as far as is remembered.
    fn may_be_damaged(&self, position: u64) -> bool {
        self.damaged.len() >= DAMAGED_MAX || self.damaged.contains(&position)
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
