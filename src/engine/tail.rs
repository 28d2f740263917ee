//! The one loop of everybody who follows the log: read a page behind my position; when there is
//! none, wait for the head to move (design 4.4). Catching up and living on are the same code, and
//! a slow reader costs only itself.
//!
//! A page near the head is at hand for all ([`Recent`](super::recent::Recent)), any other is read
//! from the database; who asks does not see which. What lies here, read and not given yet, may be
//! erased meanwhile: it is thrown away then and read again.

use super::recent::{Followed, Page, weight};
use super::{Engine, ReadFailed};
use crate::incident::id::{IncidentId, Position, Version};
use crate::log::Row;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// How many events one read of a follower takes.
pub const TAIL_PAGE: usize = 100;

/// How many bytes of them, but one event always: so much lies ready for a client that does not
/// take it.
pub const TAIL_BYTES: usize = 64 * 1024;

/// How long a follower that was just given something rests at most before it looks again: a storm
/// comes in pages then, and the first event after quiet at once.
pub const TAIL_PACE: Duration = Duration::from_millis(100);

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole log.
    Log,
    /// One incident, from the version that the position belongs to.
    Incident(IncidentId),
}

impl Scope {
    /// Whether a row is in it.
    pub fn has(self, row: &Row) -> bool {
        match self {
            Scope::Log => true,
            Scope::Incident(id) => row.incident == id,
        }
    }
}

/// Somebody who follows the log.
pub struct Tail {
    engine: Engine,
    scope: Scope,
    head: watch::Receiver<Position>,
    /// Up to where everything was given.
    given: Place,
    /// What was read behind it and not given yet.
    page: VecDeque<Arc<Followed>>,
    /// Up to where everything was given when that is.
    read: Place,
    /// How many events were erased when it was read.
    erasures: u64,
    /// How many rows the next read of the database takes.
    limit: usize,
    /// When it began: that is where it rests between two pages, so that not all wake at once.
    begun: Instant,
    /// When something was last read for it.
    fed: Option<Instant>,
}

/// A place in the log, and in the incident that is followed, if one is.
#[derive(Debug, Clone, Copy)]
struct Place {
    position: Position,
    version: Version,
}

impl Tail {
    /// A follower of `scope` that has seen everything up to `after`.
    pub fn new(engine: Engine, scope: Scope, after: Position) -> Tail {
        let (head, erasures) = (engine.head(), engine.erasures());
        let given = Place { position: after, version: Version(0) };
        let (begun, page) = (Instant::now(), VecDeque::new());
        let limit = TAIL_PAGE;
        Tail { engine, scope, head, given, page, read: given, erasures, limit, begun, fed: None }
    }

    /// The next event; waits until there is one. Who stops waiting loses nothing.
    pub async fn next(&mut self) -> Result<Arc<Followed>, ReadFailed> {
        loop {
            if let Some(event) = self.at_hand() {
                return Ok(event);
            }
            let head = *self.head.borrow_and_update();
            if self.given.position < head {
                self.read(head).await?;
            } else {
                self.rest().await;
                self.head.changed().await.expect("the engine that this follows keeps its head");
            }
        }
    }

    /// The next event, if it was read already.
    pub fn at_hand(&mut self) -> Option<Arc<Followed>> {
        if self.engine.erasures() != self.erasures {
            self.page.clear();
            self.read = self.given;
        }
        let Some(event) = self.page.pop_front() else {
            self.given = self.read;
            return None;
        };
        self.given.position = event.position;
        if let Scope::Incident(_) = self.scope {
            self.given.version = event.version;
        }
        Some(event)
    }

    /// Reads the page behind what was given; everything up to `head` is there to be read.
    async fn read(&mut self, head: Position) -> Result<(), ReadFailed> {
        // Counted before: what is erased while it is read is read again.
        let erasures = self.engine.erasures();
        let after = self.given;
        let recent = self.engine.shared.recent().page(self.scope, after.position);
        let (page, read) = match recent {
            Some(Page { rows, upto }) => {
                let last = rows.back().filter(|_| self.scope != Scope::Log);
                let version = last.map_or(after.version, |row| row.version);
                (rows, Place { position: upto, version })
            }
            None => self.stored(after, head).await?,
        };
        if !page.is_empty() {
            self.fed = Some(Instant::now());
        }
        (self.page, self.read, self.erasures) = (page, read, erasures);
        Ok(())
    }

    /// The page as it is stored, and the place that it goes up to.
    async fn stored(
        &mut self,
        after: Place,
        head: Position,
    ) -> Result<(VecDeque<Arc<Followed>>, Place), ReadFailed> {
        let limit = self.limit;
        let mut rows = match self.scope {
            Scope::Log => self.engine.events(after.position, limit).await?,
            Scope::Incident(id) => self.engine.events_of(id, after.version, limit).await?,
        };
        let is_full = rows.len() == limit;
        // What was committed a moment ago, and is not shown yet, comes with the next head.
        rows.retain(|row| row.position <= head);
        let is_cut = cut(&mut rows);
        // What is cut off is read in vain: the next read takes no more than fits, or twice that.
        self.limit = if is_cut { rows.len() } else { TAIL_PAGE.min(limit * 2) };
        let mut read = Place { position: head, version: after.version };
        if let Some(last) = rows.last() {
            read.version = last.version;
            if is_full || is_cut {
                read.position = last.position;
            }
        }
        read.position = read.position.max(after.position);
        let rows = rows.into_iter().filter(|row| row.position > after.position);
        let rows = rows.map(|row| Arc::new(Followed::new(row))).collect();
        Ok((rows, read))
    }

    /// Waits for the place between two pages that is this follower's own, when it was given
    /// something a moment ago.
    async fn rest(&self) {
        if self.fed.is_some_and(|fed| fed.elapsed() < TAIL_PACE) {
            let passed = self.begun.elapsed().as_nanos() % TAIL_PACE.as_nanos();
            let passed = Duration::from_nanos(u64::try_from(passed).unwrap_or(0));
            sleep(TAIL_PACE.saturating_sub(passed)).await;
        }
    }
}

/// Cuts off what is more than a page in bytes; whether anything was.
fn cut(rows: &mut Vec<Row>) -> bool {
    let mut bytes = 0;
    let fits = |row: &&Row| {
        bytes += weight(row);
        bytes <= TAIL_BYTES
    };
    let count = rows.iter().take_while(fits).count().max(1);
    let is_cut = count < rows.len();
    rows.truncate(count);
    is_cut
}
