//! The stored hashes of the tree, read in the order of their places, a page at a time.

use crate::ledger::LedgerError;
use crate::ledger::audit::Audit;
use crate::log::tree::Hash;
use std::collections::VecDeque;

/// A reader of stored hashes that only goes on.
#[derive(Default)]
pub struct StoredHashes {
    page: VecDeque<(u64, [u8; 32])>,
    /// The first place that was not read yet.
    next: u64,
}

impl StoredHashes {
    /// The hash at that place, which lies behind all that were asked for before; none when there
    /// is none.
    pub fn take(&mut self, audit: &mut dyn Audit, place: u64) -> Result<Option<Hash>, LedgerError> {
        if place >= self.next {
            self.page = audit.hashes(place)?.into();
            self.next = self.page.back().map_or(place + 1, |(last, _)| last + 1);
        }
        while self.page.front().is_some_and(|(at, _)| *at < place) {
            self.page.pop_front();
        }
        let is_there = self.page.front().is_some_and(|(at, _)| *at == place);
        Ok(is_there.then(|| self.page.pop_front()).flatten().map(|(_, hash)| Hash(hash)))
    }
}

/// The hash at any one place; for the rare look ahead.
pub fn at(audit: &mut dyn Audit, place: u64) -> Result<Option<Hash>, LedgerError> {
    let page = audit.hashes(place)?;
    Ok(page.first().filter(|(at, _)| *at == place).map(|(_, hash)| Hash(*hash)))
}
