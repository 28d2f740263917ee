//! Reading a bundle that nobody trusts, line by line, within named limits. What does not read as a
//! bundle is malformed, with the line that says so; whether what it says holds, an audit tells.

use super::LedgerError;
use crate::incident::id::{IncidentId, Position};
use crate::log::tree::{self, Hash};
use crate::log::{
    BUNDLE_FORMAT, BundleEnd, BundleEvent, BundleHead, BundleLine, BundleRunbook, Checkpoint,
    Origin,
};
use std::collections::HashSet;
use std::io::{self, BufRead, Read};

/// What a bundle may cost whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BundleLimits {
    /// How many bytes a line may have.
    pub line_bytes: u64,
    /// How many bytes all of it.
    pub bytes: u64,
    /// How many events there may be.
    pub events: u64,
    /// How many runbooks.
    pub runbooks: usize,
    /// How many events of a whole log may be missing: each is told, and a line must not make
    /// thousands.
    pub missing: u64,
}

/// The limits of every bundle. A bundle is not compressed: it costs what it is long, and there is
/// no ratio to be bounded. The longest event has 1 MiB, and its escapes.
pub const BUNDLE_LIMITS: BundleLimits = BundleLimits {
    line_bytes: 8 << 20,
    bytes: 64 << 30,
    events: 20_000_000,
    runbooks: 10_000,
    missing: 1_000,
};

/// The largest number of events of a log of which one incident was carried out.
const SIZE_MAX: u64 = 1 << 53;

/// How many characters are told of what is wrong: it may quote the bundle.
const DETAIL_MAX: usize = 200;

/// Why a bundle cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It is none, was cut short, or has what no bundle has.
    #[error("line {0} of the bundle: {1}")]
    Malformed(u64, String),
    /// The file gave no answer.
    #[error("the bundle could not be read: {0}")]
    Unreadable(#[from] io::Error),
    /// What was read could not be laid out in the temporary directory.
    #[error("the bundle could not be laid out for reading in {0}: {1}")]
    NotLaidOut(String, LedgerError),
}

/// What comes before the events.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Which log, and which generation of it.
    pub origin: Origin,
    /// How many events it had at the checkpoint.
    pub size: u64,
    /// The one incident that is here; none for the whole log.
    pub incident: Option<IncidentId>,
    /// The verifier key.
    pub key: String,
    /// The signed note.
    pub checkpoint: String,
}

/// What stands between the opening and the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleItem {
    /// A runbook that an event pins.
    Runbook(BundleRunbook),
    /// An event.
    Event(BundleEvent),
}

/// A reader of a bundle.
pub struct BundleReader<R> {
    from: R,
    limits: BundleLimits,
    line: u64,
    bytes: u64,
    events: u64,
    last: Position,
    runbooks: HashSet<String>,
}

impl<R: BufRead> BundleReader<R> {
    /// A reader within these limits.
    pub fn new(from: R, limits: BundleLimits) -> BundleReader<R> {
        let (line, bytes, events) = (0, 0, 0);
        let (last, runbooks) = (Position(0), HashSet::new());
        BundleReader { from, limits, line, bytes, events, last, runbooks }
    }

    /// The lines before the events; called once, first.
    ///
    /// # Errors
    ///
    /// [`BundleError`], at the first line that is not as it must be.
    pub fn opening(&mut self) -> Result<Opening, BundleError> {
        let head = match self.line()? {
            BundleLine::Bundle(head) => self.head(head)?,
            _ => return Err(self.out_of_place("bundle")),
        };
        let BundleLine::Readme(_) = self.line()? else { return Err(self.out_of_place("readme")) };
        let BundleLine::Key(key) = self.line()? else { return Err(self.out_of_place("key")) };
        let BundleLine::Checkpoint(checkpoint) = self.line()? else {
            return Err(self.out_of_place("checkpoint"));
        };
        let (origin, size, incident) = head;
        let read = Checkpoint::read(&checkpoint).map_err(|error| self.malformed(error))?;
        if (read.origin, read.size) != (origin, size) {
            return Err(self.malformed("the checkpoint is of another log or size than the bundle"));
        }
        Ok(Opening { origin, size, incident, key, checkpoint })
    }

    fn head(&self, head: BundleHead) -> Result<(Origin, u64, Option<IncidentId>), BundleError> {
        if head.format != BUNDLE_FORMAT {
            let detail = "a later release of allclear wrote it; use that one";
            return Err(self.malformed(detail));
        }
        let origin = head.origin().map_err(|error| self.malformed(error))?;
        let most = head.incident.map_or(self.limits.events, |_| SIZE_MAX);
        if !(1..=most).contains(&head.size) {
            return Err(self.malformed(format!("a size from 1 to {most} is expected")));
        }
        if head.incident.is_some_and(IncidentId::is_system) {
            return Err(self.malformed("SYS is not carried out alone"));
        }
        Ok((origin, head.size, head.incident))
    }

    /// The next runbook or event of a bundle that begins with `opening`; none at the end, and then
    /// no more is asked.
    ///
    /// # Errors
    ///
    /// [`BundleError`], at the first line that is not as it must be.
    pub fn next(&mut self, opening: &Opening) -> Result<Option<BundleItem>, BundleError> {
        match self.line()? {
            BundleLine::Runbook(runbook) => {
                self.runbook(&runbook)?;
                Ok(Some(BundleItem::Runbook(runbook)))
            }
            BundleLine::Event(event) => {
                self.event(&event, opening)?;
                Ok(Some(BundleItem::Event(event)))
            }
            BundleLine::End(end) => self.end(&end, opening).map(|()| None),
            _ => Err(self.out_of_place("event")),
        }
    }

    fn runbook(&mut self, runbook: &BundleRunbook) -> Result<(), BundleError> {
        let is_hex = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        if runbook.sha256.len() != 64 || !runbook.sha256.bytes().all(is_hex) {
            return Err(self.malformed("a runbook is named by its SHA-256 and nothing else"));
        }
        if !self.runbooks.insert(runbook.sha256.clone()) {
            return Err(self.malformed("this runbook is there twice"));
        }
        let most = self.limits.runbooks;
        if self.runbooks.len() > most {
            return Err(self.malformed(format!("more than {most} runbooks")));
        }
        Ok(())
    }

    fn end(&mut self, end: &BundleEnd, opening: &Opening) -> Result<(), BundleError> {
        let BundleEnd { events: announced } = *end;
        if announced != self.events {
            let detail = format!("{announced} events are announced, {} are there", self.events);
            return Err(self.malformed(detail));
        }
        let missing = opening.size - self.events;
        if opening.incident.is_none() && missing > self.limits.missing {
            let detail = format!("{missing} events of the log are missing: this is no whole one");
            return Err(self.malformed(detail));
        }
        if !self.from.fill_buf()?.is_empty() {
            return Err(self.malformed("something stands behind the end"));
        }
        Ok(())
    }

    fn event(&mut self, event: &BundleEvent, opening: &Opening) -> Result<(), BundleError> {
        let BundleEvent { position, incident, .. } = event;
        self.events += 1;
        if self.events > self.limits.events {
            return Err(self.malformed(format!("more than {} events", self.limits.events)));
        }
        if *position <= self.last {
            let detail = format!("the event at {position} cannot follow the one at {}", self.last);
            return Err(self.malformed(detail));
        }
        self.last = *position;
        if position.0 > opening.size {
            return Err(self.malformed(format!("{position} stands behind the checkpoint")));
        }
        let is_its_own = opening.incident.is_none_or(|id| id == *incident);
        if !is_its_own && !incident.is_system() {
            return Err(self.malformed(format!("an event of another incident, {incident}")));
        }
        let is_proven = match opening.incident {
            Some(_) => event.proof.is_some() && event.hashes.is_none(),
            None => event.proof.is_none() && event.hashes.is_some(),
        };
        if !is_proven {
            let detail =
                "an event has a proof in the bundle of an incident, hashes in that of a log";
            return Err(self.malformed(detail));
        }
        Ok(())
    }

    /// The hashes of an event of a whole log, with the place of the first of them.
    ///
    /// # Errors
    ///
    /// [`BundleError`], when there are not as many as become complete by it.
    pub fn hashes(&self, event: &BundleEvent) -> Result<(u64, Vec<Hash>), BundleError> {
        let first = tree::hashes_of(event.position.0 - 1);
        let complete = tree::hashes_of(event.position.0) - first;
        let hashes = event.hashes().filter(|hashes| hashes.len() as u64 == complete);
        let hashes = hashes.ok_or_else(|| {
            self.malformed(format!("{complete} hashes become complete by this event"))
        })?;
        Ok((first, hashes))
    }

    fn line(&mut self) -> Result<BundleLine, BundleError> {
        self.line += 1;
        let mut line = Vec::new();
        let most = self.limits.line_bytes;
        self.from.by_ref().take(most + 1).read_until(b'\n', &mut line)?;
        self.bytes += line.len() as u64;
        if line.len() as u64 > most {
            return Err(self.malformed(format!("it has more than {most} bytes")));
        }
        if self.bytes > self.limits.bytes {
            let most = self.limits.bytes;
            return Err(self.malformed(format!("the bundle has more than {most} bytes")));
        }
        if line.pop() != Some(b'\n') {
            return Err(self.malformed("the bundle is cut short here"));
        }
        let text = std::str::from_utf8(&line).map_err(|error| self.malformed(error))?;
        BundleLine::from_line(text).map_err(|error| self.malformed(error))
    }

    fn out_of_place(&self, expected: &str) -> BundleError {
        self.malformed(format!("the line {expected:?} is expected here"))
    }

    /// What is wrong with the line that was read last.
    pub(super) fn malformed(&self, detail: impl std::fmt::Display) -> BundleError {
        let detail = detail.to_string();
        BundleError::Malformed(self.line, detail.chars().take(DETAIL_MAX).collect())
    }
}
