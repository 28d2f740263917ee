//! The walk over all events in the order of their positions.

use super::apart::Apart;
use super::checkpoints::Checkpoints;
use super::judge::Judge;
use super::passing::Passing;
use super::stored::{self, StoredHashes};
use super::{Finding, Group, Step, Walk};
use crate::incident::id::{IncidentId, Position};
use crate::incident::time::Moment;
use crate::ledger::LedgerError;
use crate::ledger::audit::{Extent, RawRow, RawRows};
use crate::log::tree::{self, Frontier, Hash};
use crate::log::{CheckpointRow, FORMAT, Glance, Header, Inclusion, Salt};
use uuid::Uuid;

/// What is remembered of the event before.
struct Before {
    at: Moment,
    batch: Uuid,
    incident: IncidentId,
    by: String,
}

pub(super) struct Entries<'w, 'a> {
    walk: &'w mut Walk<'a>,
    checkpoints: Checkpoints,
    passing: Passing,
    /// What each event of one incident is proven against, and the root that it says.
    anchor: Option<(CheckpointRow, Hash)>,
    hashes: StoredHashes,
    frontier: Frontier,
    /// The hashes above the last leaf that became complete by it.
    above: Vec<Hash>,
    /// How many events the tree covers.
    covered: u64,
    /// The last position that was passed. The frontier stays behind a gap that no hash fills.
    last: u64,
    before: Option<Before>,
    clock_back: u64,
}

impl<'w, 'a> Entries<'w, 'a> {
    pub fn walk(
        walk: &'w mut Walk<'a>,
        mut checkpoints: Checkpoints,
    ) -> Result<(Judge, Apart), LedgerError> {
        let (covered, anchor) = match walk.claims.extent {
            Extent::Incident => (0, checkpoints.anchor(walk)?),
            Extent::Log | Extent::Events => (covered(walk), None),
        };
        let mut entries = Entries {
            walk,
            checkpoints,
            passing: Passing::default(),
            anchor,
            hashes: StoredHashes::default(),
            frontier: Frontier::default(),
            above: Vec::new(),
            covered,
            last: 0,
            before: None,
            clock_back: 0,
        };
        entries.run()?;
        entries.passing.finish(entries.walk)
    }

    fn run(&mut self) -> Result<(), LedgerError> {
        let (mut after, mut page) = (i64::MIN, RawRows::default());
        loop {
            self.walk.audit.events(after, &mut page)?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for row in page.iter() {
                self.row(&row)?;
            }
            (self.walk.walked)(Step::Walked(page.len() as u64));
        }
        self.finish()
    }

    fn row(&mut self, row: &RawRow<'_>) -> Result<(), LedgerError> {
        let position = u64::try_from(row.position).unwrap_or(0);
        self.walk.summary.events += 1;
        if position == 0 {
            let detail = "an event stands before the first position";
            self.walk.tell(Finding::event(position, Group::Position, detail));
            return self.passing.take(self.walk, row, None);
        }
        let is_alone = self.walk.claims.extent == Extent::Incident;
        if !is_alone {
            self.gap(position)?;
        }
        self.last = position;
        let header = Header::at(row.entry);
        let glance = self.glance(row, header.as_ref(), position);
        if is_alone {
            self.proof(row, position)?;
        } else if self.frontier.size() + 1 == position {
            let leaf = self.leaf(row, position)?;
            self.push(leaf)?;
        }
        self.data(row, glance.as_ref(), position);
        let is_known = glance.is_some();
        match glance {
            Some(glance) if !self.walk.damaged.contains(&position) => {
                self.sequence(glance, position);
            }
            // What it says of itself must not speak against the event behind it.
            _ => self.before = None,
        }
        let is_plain = is_known && !self.walk.may_be_damaged(position);
        self.passing.take(self.walk, row, header.as_ref().filter(|_| is_plain))
    }

    /// What is missing before that position: told, and made up for by the stored hashes, so that
    /// the rest is still compared.
    fn gap(&mut self, position: u64) -> Result<(), LedgerError> {
        let first = self.last + 1;
        if first == position {
            return Ok(());
        }
        let detail = "no event is there";
        self.walk.tell(Finding::event(first, Group::Missing, detail).through(position - 1));
        self.before = None;
        while self.frontier.size() + 1 < position && self.frontier.size() < self.covered {
            let place = tree::hashes_of(self.frontier.size());
            let stored = self.hashes.take(self.walk.audit, place)?;
            self.push(stored.unwrap_or(Hash([0; 32])))?;
        }
        Ok(())
    }

    /// What its header says of where it belongs, with what its columns say about that.
    fn glance<'r>(
        &mut self,
        row: &RawRow<'r>,
        header: Option<&Header<'r>>,
        position: u64,
    ) -> Option<Glance<'r>> {
        let header = match header.map_or_else(|| Glance::at(row.entry), |it| Ok(it.glance())) {
            Ok(header) => header,
            Err(error) => {
                let detail = format!("the header cannot be read: {error}");
                self.walk.tell(Finding::event(position, Group::Entry, detail));
                return None;
            }
        };
        if header.v > FORMAT {
            let detail = "a later release wrote it: only its hash was compared";
            self.walk.tell(Finding::note(Some(position), Group::Entry, detail));
            return None;
        }
        if header.pos.0 != position {
            let detail = format!("the header says position {}", header.pos);
            self.walk.tell(Finding::event(position, Group::Position, detail));
        }
        if header.inc.0.as_bytes() != row.incident {
            let detail = format!("the header says incident {}", header.inc);
            self.walk.tell(Finding::event(position, Group::Incident, detail));
        }
        if i64::try_from(header.ver.0) != Ok(row.version) {
            let detail = format!("the header says version {}", header.ver);
            self.walk.tell(Finding::event(position, Group::Version, detail));
        }
        Some(header)
    }

    /// Holds an entry against the proof that was carried out with it.
    fn proof(&mut self, row: &RawRow<'_>, position: u64) -> Result<(), LedgerError> {
        let Some((checkpoint, root)) = &self.anchor else { return Ok(()) };
        let text = self.walk.audit.proof(position)?.unwrap_or_default();
        let against = (checkpoint.size, checkpoint.text.as_str());
        let detail = match Inclusion::from_text(&text, Position(position), row.entry, against) {
            None => "its proof is no proof against the bundle's checkpoint",
            Some(proof) if !proof.holds(row.entry, *root) => {
                "the entry is not the one that the checkpoint covers"
            }
            Some(_) => return Ok(()),
        };
        self.walk.tell(Finding::event(position, Group::Entry, detail));
        Ok(())
    }

    /// The leaf to go on with: the entry's hash, or the stored one where the entry is damaged.
    fn leaf(&mut self, row: &RawRow<'_>, position: u64) -> Result<Hash, LedgerError> {
        let hash = tree::leaf(row.entry);
        if position > self.covered {
            return Ok(hash);
        }
        let place = tree::hashes_of(position - 1);
        let Some(kept) = self.hashes.take(self.walk.audit, place)? else {
            let detail = "the hash of the entry is not in the tree";
            self.walk.tell(Finding::event(position, Group::Tree, detail));
            return Ok(hash);
        };
        if kept == hash {
            return Ok(hash);
        }
        let is_well = self.fits(position - 1, hash)? && !self.fits(position - 1, kept)?;
        let detail = match is_well {
            true => "the stored hash is damaged, the entry is well",
            false => "the entry is not the one that was hashed",
        };
        self.walk.tell(Finding::event(position, Group::Entry, detail));
        Ok(if is_well { hash } else { kept })
    }

    /// Whether the hash fits what is stored above it, where something is.
    fn fits(&mut self, number: u64, hash: Hash) -> Result<bool, LedgerError> {
        let above = stored::at(self.walk.audit, tree::place_of(1, number / 2))?;
        let beside = match number % 2 {
            1 => self.frontier.last(),
            _ => stored::at(self.walk.audit, tree::place_of(0, number + 1))?,
        };
        let (Some(above), Some(beside)) = (above, beside) else { return Ok(false) };
        let node = match number % 2 {
            1 => tree::node(beside, hash),
            _ => tree::node(hash, beside),
        };
        Ok(node == above)
    }

    /// Adds a leaf, and compares what becomes complete by it with what is stored.
    fn push(&mut self, leaf: Hash) -> Result<(), LedgerError> {
        let first = tree::hashes_of(self.frontier.size());
        let position = self.frontier.size() + 1;
        self.above.clear();
        self.frontier.push_each(leaf, |hash| self.above.push(hash));
        if position <= self.covered {
            for (place, hash) in (first + 1..).zip(&self.above) {
                if self.hashes.take(self.walk.audit, place)? != Some(*hash) {
                    let detail = format!("hash {place} of the tree is not what stands below it");
                    self.walk.tell(Finding::beside(Group::Tree, detail).at(position));
                }
            }
        }
        let frontier = &self.frontier;
        self.checkpoints.pass(self.walk, position, || frontier.root())
    }

    fn data(&mut self, row: &RawRow<'_>, header: Option<&Glance<'_>>, position: u64) {
        let (salt, data) = match (row.salt, row.data) {
            (None, None) => return,
            (Some(salt), Some(data)) => (salt, data),
            _ => {
                let detail = "of salt and data one is missing";
                return self.walk.tell(Finding::event(position, Group::Data, detail));
            }
        };
        let Some(header) = header else { return };
        let commitment = <[u8; 32]>::try_from(salt).map(|salt| Salt(salt).mac(data));
        if !commitment.is_ok_and(|mac| is_hex_of(&header.data, &mac)) {
            let detail = "data and salt are not those that the header commits to";
            self.walk.tell(Finding::event(position, Group::Data, detail));
        }
    }

    /// What an event has with the one before it: the clock, and the batch.
    fn sequence(&mut self, header: Glance<'_>, position: u64) {
        let Glance { at, batch, inc: incident, by, .. } = header;
        if let Some(before) = &self.before {
            if at < before.at {
                self.clock_back += 1;
            }
            let is_torn = batch == before.batch
                && (at != before.at || incident != before.incident || by != before.by);
            if is_torn {
                let detail = "its batch has events of another moment, incident or recorder";
                self.walk.tell(Finding::event(position, Group::Batch, detail));
            }
        }
        let mut kept = self.before.take().map_or_else(String::new, |before| before.by);
        kept.clear();
        kept.push_str(&by);
        self.before = Some(Before { at, batch, incident, by: kept });
    }

    fn finish(&mut self) -> Result<(), LedgerError> {
        if self.clock_back > 0 {
            let detail =
                format!("the clock stood behind the event before {} times", self.clock_back);
            self.walk.tell(Finding::note(None, Group::Clock, detail));
        }
        if self.walk.claims.extent == Extent::Incident {
            if let Some((checkpoint, root)) = &self.anchor {
                self.walk.summary.covered = checkpoint.size;
                self.walk.summary.root = root.to_string();
            }
            return Ok(());
        }
        let size = self.last;
        if size < self.covered {
            let detail = "no event is there, but its hash is";
            self.walk.tell(Finding::event(size + 1, Group::Missing, detail).through(self.covered));
        } else if self.covered < size && self.walk.claims.hashes.is_some() {
            let detail = "events behind the last seal: changes of their headers would not be seen";
            let note = Finding::note(Some(self.covered + 1), Group::Cover, detail);
            self.walk.tell(note.through(size));
        }
        if self.walk.claims.position != size {
            let detail =
                format!("the log says that its last event is {}", self.walk.claims.position);
            self.walk.tell(Finding::beside(Group::Head, detail));
        }
        self.walk.summary.covered = self.covered;
        self.walk.summary.root = self.frontier.root().to_string();
        let checkpoints = std::mem::replace(&mut self.checkpoints, Checkpoints::none());
        checkpoints.finish(self.walk, size);
        Ok(())
    }
}

/// How many events the stored hashes cover; a number of hashes that no tree has is told.
fn covered(walk: &mut Walk<'_>) -> u64 {
    let Some(hashes) = walk.claims.hashes else {
        let detail = "the log has no tree yet: start it once, and it is sealed";
        walk.tell(Finding::note(None, Group::Cover, detail));
        return 0;
    };
    tree::size_of(hashes).unwrap_or_else(|| {
        walk.tell(Finding::beside(Group::Tree, format!("no tree has {hashes} hashes")));
        // The largest tree whose hashes may all be there.
        (0..=63).rev().fold(0, |size, bit| {
            let more = size | (1_u64 << bit);
            if more < u64::MAX / 4 && tree::hashes_of(more) <= hashes { more } else { size }
        })
    })
}

fn is_hex_of(text: &str, bytes: &[u8; 32]) -> bool {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let pairs = bytes.iter().zip(text.as_bytes().chunks_exact(2));
    text.len() == 64
        && pairs.into_iter().all(|(byte, pair)| {
            pair == [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
        })
}
