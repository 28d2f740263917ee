//! engine: decides requests in turn, makes them durable, and tells readers what is.
//!
//! No HTTP and no SQL is known here. A request is judged by `incident`, sealed by `log` and kept by
//! a `Ledger`; this room only puts them in an order, in one place. Nothing is told to anybody
//! before it is durable.

pub mod audit;
mod board;
mod books;
mod cache;
mod clock;
mod counters;
mod erasing;
mod erasure;
mod export;
mod guard;
mod import;
mod load;
mod naming;
mod people;
mod plan;
mod proofs;
mod published;
mod readers;
mod recent;
mod refusals;
mod request;
mod sealer;
mod sequencer;
mod shared;
mod start;
mod tail;
mod timers;
mod tokens;

pub use crate::ledger::{BoardFilter, PAGE_MAX};
pub use books::{Book, Books};
pub use cache::CACHED_EVENTS_MAX;
pub use clock::{Chance, Clock, SystemChance, SystemClock};
pub use counters::{Counters, Counts};
pub use erasing::ERASE_MAX;
pub use export::{EXPORT_STEP, Export, NotExported};
pub use guard::{Comparison, Diverged, compare};
pub use import::{Imported, import};
pub use plan::service;
pub use proofs::{NoProof, Proven};
pub use published::Published;
pub use readers::READERS_MAX;
pub use recent::{Followed, RECENT_BYTES_MAX, RECENT_ROWS_MAX};
pub use refusals::{REFUSALS_SPAN, Refusal, record_refusals};
pub use request::{
    Answer, Ask, Done, EVENTS_MAX, Failure, Key, NewToken, PrincipalChange, ReadFailed, Request,
    TurnedAway,
};
pub use sealer::{ProofStatus, SEAL_EVERY, SEAL_STEP, Sealing};
pub use sequencer::{COMMIT_DELAY, COMMIT_SIBLINGS, Ended, QUEUE_MAX, TURN_MAX};
pub use start::{Options, Reminders, Running, StartError};
pub use tail::{Scope, TAIL_BYTES, TAIL_PACE, TAIL_PAGE, Tail};
pub use timers::{TIMER_PAGE, TIMER_POLL, remind_due};
pub use tokens::TOKENS_MAX;

use crate::access::{Action, Directory};
use crate::incident::id::{IncidentId, IncidentRef, Number, Position, PrincipalId, Version};
use crate::incident::time::Moment;
use crate::incident::{Incident, Runbook};
use crate::ledger::LedgerError;
use crate::log::{BoardRow, Head, Names, PublicKey, Row, Salt, Story};
use crate::mask::Masks;
use readers::Readers;
use refusals::Refusals;
use sealer::Wake;
use sequencer::Waiting;
use shared::Shared;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// A handle on the running engine; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    queue: mpsc::Sender<Waiting>,
    shared: Arc<Shared>,
    readers: Readers,
    counters: Arc<Counters>,
    refusals: Arc<Refusals>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    masks: Arc<Masks>,
    receipt_key: Salt,
    key: Option<PublicKey>,
    sealer: std::sync::mpsc::Sender<Wake>,
}

/// Up to where a story is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// To its last event.
    Now,
    /// To that version.
    Version(Version),
    /// To the last event recorded at or before that moment.
    Moment(Moment),
}

/// What became of a question for a story.
#[derive(Debug, Clone)]
pub enum Told {
    /// The story.
    Story(Box<Story>),
    /// There is no such incident.
    NoIncident,
    /// There is, but not yet at that point.
    NotYet,
}

impl Engine {
    /// Hands a request in, and waits until it is durable or turned away. It is the only way in, so
    /// the secrets in its free text are masked here: whatever comes after never sees them.
    pub async fn submit(&self, mut request: Request) -> Result<Answer, Failure> {
        request.mask(&self.masks);
        let (answer, answered) = oneshot::channel();
        let by = request.who.by.clone();
        self.queue.try_send(Waiting { request, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::QueueFull,
            mpsc::error::TrySendError::Closed(_) => Failure::Stopping,
        })?;
        let answer = answered.await.unwrap_or(Err(Failure::Unknown))?;
        if let Some(action) = answer.as_ref().err().and_then(TurnedAway::refused) {
            self.note_refusal(&by, action);
        }
        Ok(answer)
    }

    /// Notes that a principal tried what it may not; an act of `SYS` tells of it within a minute.
    pub fn note_refusal(&self, principal: &PrincipalId, action: Action) {
        self.counters.refused();
        self.refusals.note(principal, action, self.clock.running());
    }

    /// Notes that somebody without a valid credential was turned away: a figure and no event.
    pub fn note_stranger(&self) {
        self.counters.stranger();
    }

    /// What a client sent, without the secrets in it; none when there are none.
    pub fn masked(&self, sent: &serde_json::Value) -> Option<serde_json::Value> {
        self.masks.mask_json(sent)
    }

    /// The fingerprint of a request's bytes, under the log's receipt key.
    pub fn fingerprint(&self, request: &[u8]) -> [u8; 32] {
        self.receipt_key.mac(request)
    }

    /// What the clock says.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Fills `bytes` with what nobody can guess.
    pub fn draw(&self, bytes: &mut [u8]) {
        self.chance.fill(bytes);
    }

    /// Who may speak.
    pub fn directory(&self) -> Arc<Directory> {
        self.shared.directory()
    }

    /// A receiver that wakes whenever something has changed in who may speak.
    pub fn directories(&self) -> watch::Receiver<Arc<Directory>> {
        self.shared.directories()
    }

    /// What people are called.
    pub fn names(&self) -> Arc<Names> {
        self.shared.names()
    }

    /// How many events were erased so far: what was read before the last of them may be erased now.
    pub fn erasures(&self) -> u64 {
        self.shared.erasures()
    }

    /// What was done so far.
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// A receiver that wakes whenever the log has grown.
    pub fn head(&self) -> watch::Receiver<Position> {
        self.shared.head()
    }

    /// Where the log stands, as stored.
    pub async fn stored_head(&self) -> Result<Head, ReadFailed> {
        Ok(self.readers.read(|reader| reader.head()).await?)
    }

    /// The story of an incident up to a point.
    pub async fn story(&self, named: IncidentRef, until: Until) -> Result<Told, ReadFailed> {
        let names = self.names();
        Ok(self.readers.read(move |reader| read_story(reader, named, until, names)).await?)
    }

    /// The identity of an incident, if there is one that is called so.
    pub async fn find(&self, named: IncidentRef) -> Result<Option<IncidentId>, ReadFailed> {
        Ok(self.readers.read(move |reader| reader.find(named)).await?)
    }

    /// A page of the board.
    pub async fn board(
        &self,
        filter: BoardFilter,
        before: Option<Number>,
        limit: usize,
    ) -> Result<Vec<BoardRow>, ReadFailed> {
        Ok(self.readers.read(move |reader| reader.board(&filter, before, limit)).await?)
    }

    /// The incidents with a communication that has fallen due at `now`, the longest due first.
    pub async fn due(&self, now: Moment, limit: usize) -> Result<Vec<IncidentId>, ReadFailed> {
        Ok(self.readers.read(move |reader| reader.due(now, limit)).await?)
    }

    /// A page of the log.
    pub async fn events(&self, after: Position, limit: usize) -> Result<Vec<Row>, ReadFailed> {
        Ok(self.readers.read(move |reader| reader.events(after, limit)).await?)
    }

    /// A page of an incident's events.
    pub async fn events_of(
        &self,
        id: IncidentId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Row>, ReadFailed> {
        let upto = Version(i64::MAX as u64);
        Ok(self.readers.read(move |reader| reader.incident(id, after, upto, limit)).await?)
    }

    /// The runbook that an incident announced now would pin.
    pub fn book(&self) -> &Book {
        self.shared.books().current()
    }

    /// The runbook that an incident has pinned; none when this release cannot read it.
    pub async fn runbook_of(
        &self,
        incident: &Incident,
    ) -> Result<Option<Arc<Runbook>>, ReadFailed> {
        match incident.book.clone() {
            Some(book) => self.runbook_with(book).await,
            None => Ok(None),
        }
    }

    /// The runbook with that SHA-256, which stands now or was ever pinned; none when there is no
    /// such runbook, or when this release cannot read it.
    pub async fn runbook_with(&self, sha256: String) -> Result<Option<Arc<Runbook>>, ReadFailed> {
        let books = self.shared.books();
        if let Some(runbook) = books.get(&sha256) {
            return Ok(Some(runbook));
        }
        let text = self.runbook(sha256.clone()).await?;
        Ok(text.and_then(|text| books.learn(&sha256, &text)))
    }

    /// The text of a runbook that was ever pinned.
    pub async fn runbook(&self, sha256: String) -> Result<Option<String>, ReadFailed> {
        Ok(self.readers.read(move |reader| reader.runbook(&sha256)).await?)
    }
}

/// Reads an incident's story with any reader: the engine's, or that of an offline command.
pub fn read_story(
    reader: &mut dyn crate::ledger::Reader,
    named: IncidentRef,
    until: Until,
    names: Arc<Names>,
) -> Result<Told, LedgerError> {
    let Some(id) = reader.find(named)? else { return Ok(Told::NoIncident) };
    // All of them: what a later redaction erases is erased at every earlier point too.
    let rows = read_rows(reader, id, Version(i64::MAX as u64))?;
    let count = match until {
        Until::Now => rows.len(),
        Until::Version(version) => usize::try_from(version.0).unwrap_or(usize::MAX),
        Until::Moment(moment) => recorded_until(&rows, moment),
    };
    if count > rows.len() {
        return Ok(Told::NotYet);
    }
    let story = Story::walk_first(count, &rows, names)
        .map_err(|it| LedgerError::Storage(it.to_string()))?;
    Ok(story.map_or(Told::NotYet, |story| Told::Story(Box::new(story))))
}

/// How many of the rows were recorded by then, up to the last of them.
fn recorded_until(rows: &[Row], moment: Moment) -> usize {
    let at = |row: &Row| crate::log::Entry::from_line(&row.entry).map(|entry| entry.at);
    let last = rows.iter().rposition(|row| at(row).is_ok_and(|at| at <= moment));
    last.map_or(0, |last| last + 1)
}

/// All rows of an incident up to a version, page by page.
pub fn read_rows(
    reader: &mut dyn crate::ledger::Reader,
    id: IncidentId,
    upto: Version,
) -> Result<Vec<Row>, LedgerError> {
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let after = rows.last().map_or(Version(0), |row| row.version);
        let page = reader.incident(id, after, upto, PAGE_MAX)?;
        let is_last = page.len() < PAGE_MAX;
        rows.extend(page);
        if is_last {
            return Ok(rows);
        }
    }
}
