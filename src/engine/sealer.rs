//! The sealer: goes behind the log, off the way of an append, and proves it (design 5.1).
//!
//! ```text
//! every 10 s, at the start and at the stop, when the head has moved:
//!   read ≤ 1,000 entries → hash → hand the hashes to the sequencer's next turn → … up to the head
//!   the log agrees with its own last checkpoint    else the process stops (exit 70, P9)
//!   the published checkpoint is its beginning      else no signature and a plain message
//!   sign → keep it in the log → publish it outside
//! ```
//!
//! When only what lies outside disagrees, appends go on: the log itself is whole, and nothing was
//! signed against what was published. `/readyz?verbose` says so until somebody has looked.

use super::clock::Clock;
use super::guard::{self, Diverged};
use super::plan::service;
use super::published::Published;
use super::request::{Ask, Failure, Request};
use super::sequencer::Waiting;
use super::shared::Shared;
use super::{Engine, StartError};
use crate::incident::id::Position;
use crate::incident::time::Moment;
use crate::ledger::{Ledger, LedgerError, Reader};
use crate::log::tree::{self, Frontier};
use crate::log::{Batch, Checkpoint, CheckpointRow, Seal, SigningSeed};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often the log is sealed when it has moved.
pub const SEAL_EVERY: Duration = Duration::from_secs(10);

/// How many entries one step hashes, and so how much one turn of the sequencer stores for it.
pub const SEAL_STEP: usize = 1_000;

/// What sealing needs.
#[derive(Debug, Clone)]
pub struct Sealing {
    /// The key that signs.
    pub key: Arc<SigningSeed>,
    /// Where checkpoints are published.
    pub directory: PathBuf,
    /// How often, when the log has moved.
    pub every: Duration,
    /// Tells the operator, in a sentence, that sealing has stopped or goes on.
    pub tell: fn(&str),
}

/// How sealing stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProofStatus {
    /// The position that the last checkpoint covers, and when it was signed.
    pub checkpoint: Option<(Position, Moment)>,
    /// Why there is no newer one, when there should be.
    pub trouble: Option<String>,
}

/// Why a round of sealing did not come to its end.
#[derive(Debug, thiserror::Error)]
enum Unsealed {
    #[error("{0}")]
    Diverged(#[from] Diverged),
    #[error("{0}")]
    Ledger(#[from] LedgerError),
    #[error("a step of the proof was not kept: {0}")]
    NotKept(#[from] Failure),
    #[error("the checkpoint could not be published in {0}: {1}")]
    NotPublished(String, std::io::Error),
    #[error("the tree no longer agrees with the log's own last checkpoint")]
    Broken,
}

impl Sealing {
    /// The fork guard, before the first answer.
    pub fn guard(&self, reader: &mut dyn Reader) -> Result<(), Diverged> {
        if !guard::agrees_with_itself(reader)? {
            return Err(Diverged::Broken);
        }
        guard::check(reader, &self.key.public(), &Published::at(&self.directory))
    }

    /// Seals what is left when the service has stopped. What fails is told, and is made up for by
    /// the next start; only the storage's own failure, whose cause is given, is more than that.
    pub(super) fn finish(
        self,
        ledger: &mut dyn Ledger,
        clock: &dyn Clock,
        shared: &Shared,
    ) -> Result<(), String> {
        let done = ledger.reader().map_err(Unsealed::from).and_then(|mut reader| {
            let mut round = Round { sealing: &self, reader: reader.as_mut(), clock };
            round.run(&mut |seal| {
                let mut turn = ledger.begin()?;
                let incidents = turn.head()?.incidents;
                turn.write(&Batch { seals: vec![seal], incidents, ..Batch::default() })?;
                Ok(turn.commit()?)
            })
        });
        let failed = match &done {
            Err(Unsealed::Ledger(LedgerError::Storage(cause))) => Err(cause.clone()),
            Ok(_) | Err(_) => Ok(()),
        };
        show(&self, shared, done);
        failed
    }
}

/// Shows how a round ended, and tells it once when that has changed.
fn show(sealing: &Sealing, shared: &Shared, done: Result<Option<CheckpointRow>, Unsealed>) {
    let before = shared.proof();
    let after = match done {
        Ok(row) => {
            ProofStatus { checkpoint: row.map(|row| (Position(row.size), row.at)), trouble: None }
        }
        Err(error) => ProofStatus { trouble: Some(error.to_string()), ..before.clone() },
    };
    match (&before.trouble, &after.trouble) {
        (old, Some(new)) if old.as_ref() != Some(new) => {
            (sealing.tell)(&format!("no new checkpoint: {new}"));
        }
        (Some(_), None) => (sealing.tell)("checkpoints are made again"),
        _ => {}
    }
    shared.show_proof(after);
}

/// One round: up to the head as it is now.
struct Round<'a> {
    sealing: &'a Sealing,
    reader: &'a mut dyn Reader,
    clock: &'a dyn Clock,
}

impl Round<'_> {
    /// Gives the newest checkpoint; none for a log without events.
    fn run(
        &mut self,
        keep: &mut dyn FnMut(Seal) -> Result<(), Unsealed>,
    ) -> Result<Option<CheckpointRow>, Unsealed> {
        let head = self.reader.head()?.position.0;
        let sealed = self.reader.sealed()?;
        if !guard::agrees_with_itself(self.reader)? {
            return Err(Unsealed::Broken);
        }
        let frontier = self.grow(sealed.size, head, keep)?;
        let published = Published::at(&self.sealing.directory);
        guard::check(self.reader, &self.sealing.key.public(), &published)?;
        let newest = sealed
            .checkpoint
            .filter(|row| (row.generation, row.size) == (sealed.generation, frontier.size()));
        let row = match newest {
            Some(row) => row,
            None if frontier.size() == 0 => return Ok(None),
            None => {
                let row = self.sign(&frontier)?;
                keep(Seal::Checkpoint(row.clone()))?;
                row
            }
        };
        self.publish(&published, &row)?;
        Ok(Some(row))
    }

    /// Hashes the entries behind `size`, a step at a time.
    fn grow(
        &mut self,
        size: u64,
        head: u64,
        keep: &mut dyn FnMut(Seal) -> Result<(), Unsealed>,
    ) -> Result<Frontier, Unsealed> {
        let reader = &mut *self.reader;
        let mut frontier = Frontier::read(size, &mut |places| reader.hashes(places))?;
        while frontier.size() < head {
            let left = usize::try_from(head - frontier.size()).unwrap_or(SEAL_STEP);
            let rows = reader.events(Position(frontier.size()), left.min(SEAL_STEP))?;
            let first = tree::hashes_of(frontier.size());
            let mut hashes = Vec::with_capacity(2 * rows.len() + 64);
            for row in &rows {
                if row.position.0 != frontier.size() + 1 {
                    return Err(Unsealed::Broken);
                }
                hashes.extend(frontier.push(tree::leaf(row.entry.as_bytes())));
            }
            if rows.is_empty() {
                return Err(Unsealed::Broken);
            }
            keep(Seal::Hashes(first, hashes))?;
        }
        Ok(frontier)
    }

    fn sign(&mut self, frontier: &Frontier) -> Result<CheckpointRow, Unsealed> {
        let origin = guard::origin(self.reader)?;
        let checkpoint = Checkpoint { origin, size: frontier.size(), root: frontier.root() };
        Ok(CheckpointRow {
            generation: origin.generation,
            size: checkpoint.size,
            at: self.clock.now(),
            text: self.sealing.key.sign(&checkpoint),
        })
    }

    fn publish(&mut self, published: &Published, row: &CheckpointRow) -> Result<(), Unsealed> {
        let not_published =
            |error| Unsealed::NotPublished(published.path().display().to_string(), error);
        if published.newest().map_err(not_published)?.as_ref() == Some(&row.text) {
            return Ok(());
        }
        let origin = guard::origin(self.reader)?;
        let verifier_key = self.sealing.key.public().verifier_key(&origin);
        published.put_key(&verifier_key).and_then(|()| published.put(row)).map_err(not_published)
    }
}

/// What the sealer is woken for before its time.
pub enum Wake {
    /// Somebody waits until what is in the log is sealed, as far as it can be.
    Now(oneshot::Sender<()>),
    /// The service stops.
    Stop,
}

impl Engine {
    /// Waits until what was in the log when this was called is sealed, or cannot be just now.
    pub(super) async fn seal(&self) {
        let (done, sealed) = oneshot::channel();
        if self.sealer.send(Wake::Now(done)).is_ok() {
            let _ = sealed.await;
        }
    }
}

/// The thread that seals while the service runs.
pub struct Background {
    wake: mpsc::Sender<Wake>,
    thread: JoinHandle<()>,
}

impl Background {
    /// Starts it. When little is to be sealed, the first round is waited for: a checkpoint is there
    /// before the first answer.
    pub(super) async fn start(
        sealing: Sealing,
        engine: &Engine,
        mut reader: Box<dyn Reader>,
        woken: mpsc::Receiver<Wake>,
    ) -> Result<Background, StartError> {
        let left = reader.head()?.position.0 - reader.sealed()?.size;
        let wake = engine.sealer.clone();
        let (first, first_done) = oneshot::channel();
        // With a waker of its own the thread would wait for itself when everybody else has gone.
        let engine = Engine { sealer: mpsc::channel().0, ..engine.clone() };
        let thread = std::thread::Builder::new()
            .name("sealer".into())
            .spawn(move || {
                let mut waits = Some(first);
                loop {
                    let is_over = round(&sealing, &engine, reader.as_mut());
                    waits.take().map(|waits| waits.send(()));
                    match woken.recv_timeout(sealing.every) {
                        _ if is_over => return,
                        Ok(Wake::Now(asks)) => waits = Some(asks),
                        Err(RecvTimeoutError::Timeout) => {}
                        Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            })
            .map_err(|error| LedgerError::Storage(error.to_string()))?;
        if left <= SEAL_STEP as u64 {
            let _ = first_done.await;
        }
        Ok(Background { wake, thread })
    }

    /// Ends it, after the round under way.
    pub(super) async fn stop(self) {
        let _ = self.wake.send(Wake::Stop);
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }
}

/// One round while the service runs; tells whether there can be no other.
fn round(sealing: &Sealing, engine: &Engine, reader: &mut dyn Reader) -> bool {
    let mut round = Round { sealing, reader, clock: engine.clock.as_ref() };
    let done = round.run(&mut |seal| Ok(hand_in(engine, Ask::Seal(seal))?));
    let is_broken = matches!(done, Err(Unsealed::Broken));
    let is_over = matches!(done, Err(Unsealed::NotKept(Failure::Unknown | Failure::Stopping)));
    show(sealing, &engine.shared, done);
    if is_broken {
        let cause = "the tree no longer agrees with the log; run allclear verify";
        let _ = hand_in(engine, Ask::Broken(cause.into()));
    }
    is_broken || is_over
}

/// Hands a request in and waits, on this thread, until its turn is durable.
fn hand_in(engine: &Engine, ask: Ask) -> Result<(), Failure> {
    let request = Request { who: service(), key: None, ask };
    let (answer, answered) = oneshot::channel();
    let waiting = Waiting { request, answer };
    engine.queue.blocking_send(waiting).map_err(|_| Failure::Stopping)?;
    let answer = answered.blocking_recv().unwrap_or(Err(Failure::Unknown))?;
    drop(answer);
    Ok(())
}
