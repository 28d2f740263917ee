//! Starting and stopping: the sequencer's thread, and the service's own first and last word.

use super::books::{Book, Books};
use super::cache::Cache;
use super::clock::{Chance, Clock};
use super::counters::Counters;
use super::guard::Diverged;
use super::plan::service;
use super::readers::{READERS_MAX, Readers};
use super::request::{Ask, Failure, Request};
use super::sealer::{Background, Sealing};
use super::sequencer::{Ended, QUEUE_MAX, Reading, Sequencer};
use super::shared::Shared;
use super::{Engine, read_rows, refusals, timers};
use crate::access::{Directory, Principal, Token};
use crate::incident::id::{IncidentId, Position, Version};
use crate::incident::scope::Scope;
use crate::incident::system::{Act, PrincipalKind, PrincipalRole, StoppedBefore};
use crate::ledger::{Ledger, LedgerError, Reader};
use crate::log::{Damage, Logged, Names, PrincipalRow, Said, TokenRow};
use crate::mask::Masks;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ledger could not be read or written.
    #[error("the log could not be read: {0}")]
    Ledger(#[from] LedgerError),
    /// One of the service's own events cannot be read.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// What was published before is not the beginning of this log.
    #[error(transparent)]
    Diverged(#[from] Diverged),
    /// The first event was not written, and nothing is wrong but that.
    #[error("the start could not be recorded: {0}")]
    First(Failure),
    /// The storage failed when the first event was written.
    #[error("the storage failed: {0}")]
    StorageFailed(String),
}

/// A running engine, and the way to end it.
pub struct Running {
    /// The handle.
    pub engine: Engine,
    /// Resolves when the sequencer has ended, for whatever reason.
    pub ended: oneshot::Receiver<Ended>,
    thread: JoinHandle<()>,
    sealer: Option<Background>,
    timers: tokio::task::JoinHandle<()>,
    refusals: tokio::task::JoinHandle<()>,
}

/// How an engine is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The runbook that incidents announced from now on pin.
    pub book: Book,
    /// Whether it tells by itself what has fallen due.
    pub reminders: Reminders,
    /// What is masked as a secret before it is recorded.
    pub masks: Arc<Masks>,
    /// How the log is sealed; none leaves it without checkpoints.
    pub sealing: Option<Sealing>,
}

/// Whether the engine tells by itself what has fallen due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminders {
    /// It does, within [`super::TIMER_POLL`].
    On,
    /// Somebody else calls [`super::remind_due`], or another tool reminds.
    Off,
}

impl Running {
    /// Starts the sequencer on a thread of its own and records that the service begins.
    pub async fn start(
        mut ledger: Box<dyn Ledger>,
        options: Options,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<Running, StartError> {
        let readers: Result<Vec<Box<dyn Reader>>, _> =
            (0..READERS_MAX).map(|_| ledger.reader()).collect();
        let mut readers = readers?;
        let Known { directory, names, system, before, last, head } =
            Known::read(readers[0].as_mut())?;
        let before = match ledger.failed_before() {
            true => Some(StoppedBefore::StorageError),
            false => before,
        };
        if let Some(sealing) = &options.sealing {
            sealing.guard(readers[0].as_mut())?;
        }
        let receipt_key = ledger.begin()?.head()?.receipt_key;
        let sealing_reader = ledger.reader()?;
        let shared = Arc::new(Shared::new(head, directory, names, Books::new(options.book)));
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let counters = Arc::new(Counters::default());
        let sequencer = Sequencer {
            ledger,
            queue: waiting,
            shared: Arc::clone(&shared),
            clock: Arc::clone(&clock),
            chance: Arc::clone(&chance),
            counters: Arc::clone(&counters),
            cache: Cache::default(),
            sealing: options.sealing.clone(),
            system,
            last,
            erasing: Vec::new(),
            erase_at: std::time::Instant::now(),
        };
        let (ending, ended) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || {
                let _ = ending.send(sequencer.run());
            })
            .map_err(|error| LedgerError::Storage(error.to_string()))?;
        let readers = Readers::new(readers);
        let key = options.sealing.as_ref().map(|sealing| sealing.key.public());
        let refusals = Arc::default();
        let (sealer, woken) = std::sync::mpsc::channel();
        let engine = Engine {
            queue,
            shared,
            readers,
            counters,
            refusals,
            clock,
            chance,
            masks: options.masks,
            receipt_key,
            key,
            sealer,
        };
        let started = Request { who: service(), key: None, ask: Ask::Started { before } };
        if let Err(failure) = engine.submit(started).await {
            return Err(match failure {
                Failure::Unknown => StartError::StorageFailed(Ended::cause(ended.await.ok())),
                other => StartError::First(other),
            });
        }
        let sealer = match options.sealing {
            Some(sealing) => {
                Some(Background::start(sealing, &engine, sealing_reader, woken).await?)
            }
            None => None,
        };
        let timers = match options.reminders {
            Reminders::On => tokio::spawn(timers::run(engine.clone())),
            Reminders::Off => tokio::spawn(std::future::ready(())),
        };
        let refusals = tokio::spawn(refusals::run(engine.clone()));
        Ok(Running { engine, ended, thread, sealer, timers, refusals })
    }

    /// Records that the service ends, turns away whoever still waits, and closes the ledger. Fails
    /// only when it could not be asked to end.
    pub async fn stop(self) -> Result<Ended, Failure> {
        self.timers.abort();
        self.refusals.abort();
        if let Some(sealer) = self.sealer {
            sealer.stop().await;
        }
        // Readers go first: the ledger is left clean only when it is the last to close.
        self.engine.readers.close().await;
        // What cannot be recorded now is lost, as it is when the process is killed.
        let _ = refusals::record_rest(&self.engine).await;
        let stopped = Request { who: service(), key: None, ask: Ask::Stopped };
        if let Err(failure @ Failure::QueueFull) = self.engine.submit(stopped).await {
            return Err(failure);
        }
        // Whatever else became of it, the sequencer ends and says how.
        let ended = self.ended.await.map_err(|_| Failure::Unknown)?;
        let _ = self.thread.join();
        Ok(ended)
    }
}

/// What the log knows when the process starts.
struct Known {
    directory: Directory,
    names: Names,
    system: Version,
    before: Option<StoppedBefore>,
    last: Reading,
    head: Position,
}

impl Known {
    fn read(reader: &mut dyn Reader) -> Result<Known, StartError> {
        let head = reader.head()?.position;
        let acts = read_rows(reader, IncidentId::SYSTEM, Version(i64::MAX as u64))?;
        let mut directory = Directory::default();
        reader.principals()?.iter().for_each(|row| directory.put(principal(row)));
        reader.tokens()?.iter().for_each(|row| directory.put_token(token(row)));
        let before = match acts.last().map(Logged::read).transpose()? {
            None => None,
            Some(Logged { said: Said::Act(Act::ServiceStopped(_)), .. }) => {
                Some(StoppedBefore::Clean)
            }
            Some(_) => Some(StoppedBefore::Killed),
        };
        let last = reader.events(Position(head.0.saturating_sub(1)), 1)?;
        let last = match last.last().map(Logged::read).transpose()? {
            None => Reading::None,
            Some(logged) => Reading::Log(logged.entry.at),
        };
        let system = acts.last().map_or(Version(0), |row| row.version);
        Ok(Known { directory, names: Names::read(&acts)?, system, before, last, head })
    }
}

fn principal(row: &PrincipalRow) -> Principal {
    Principal {
        id: row.principal.clone(),
        kind: PrincipalKind::parse(&row.kind).unwrap_or(PrincipalKind::Tool),
        name: row.name.clone(),
        role: row.role.as_deref().and_then(PrincipalRole::parse),
        disabled: row.disabled,
    }
}

fn token(row: &TokenRow) -> Token {
    Token {
        id: row.token.clone(),
        secret_sha256: row.secret_sha256,
        principal: row.principal.clone(),
        scopes: row.scopes.split_whitespace().filter_map(Scope::parse).collect(),
        expires: row.expires,
        revoked: row.revoked,
    }
}
