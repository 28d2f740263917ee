//! The sequencer: one thread that takes waiting requests, decides them in turn under the log's
//! lock, makes them durable with one commit, and only then answers (design 4.3).
//!
//! ```text
//! bounded queue → gather 1..=256 → begin → load → plan → write → commit → answer → wake the readers
//! ```
//!
//! Whoever redacts is answered when the words are in no file any more; nobody else waits for that.
//! A request that is turned away writes nothing, and the rest of the turn goes on. After a storage
//! error nobody knows what is stored: everybody is told so, and the thread ends for good.

use super::cache::Cache;
use super::clock::{Chance, Clock};
use super::counters::Counters;
use super::erasing::Erasing;
use super::load::load;
use super::plan::Plan;
use super::request::{Answer, Ask, Failure, Request};
use super::sealer::Sealing;
use super::shared::Shared;
use crate::incident::id::{IncidentId, Version};
use crate::incident::system::Against;
use crate::incident::time::Moment;
use crate::ledger::{Ledger, LedgerError};
use crate::log::Batch;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How many requests may wait; one more is told to come back.
pub const QUEUE_MAX: usize = 1_024;

/// How many requests one turn takes, and so one commit makes durable.
pub const TURN_MAX: usize = 256;

/// How many must wait for a turn to wait for more of them, as PostgreSQL's `commit_siblings`.
pub const COMMIT_SIBLINGS: usize = 12;

/// How long it does, as `commit_delay` there: a fraction of what so many wait anyway.
pub const COMMIT_DELAY: Duration = Duration::from_micros(750);

/// A step of the clock that is an event of its own (design 2.4).
const STEP_MIN: Duration = Duration::from_secs(2);

/// A request with somebody who waits for its answer.
pub struct Waiting {
    /// The request.
    pub request: Request,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<Answer, Failure>>,
}

/// Everything that the sequencer's thread owns.
pub struct Sequencer {
    /// The log.
    pub ledger: Box<dyn Ledger>,
    /// The waiting requests.
    pub queue: mpsc::Receiver<Waiting>,
    /// What readers see.
    pub shared: Arc<Shared>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// What was done, counted.
    pub counters: Arc<Counters>,
    /// Incidents at hand.
    pub cache: Cache,
    /// How the last events are sealed when the service stops, if they are.
    pub sealing: Option<Sealing>,
    /// The last version of `SYS`.
    pub system: Version,
    /// The reading of the clock before this one.
    pub last: Reading,
    /// Those who wait until what they erase is in no file any more.
    pub erasing: Vec<Erasing>,
    /// When that is tried again.
    pub erase_at: Instant,
}

/// A reading of the clock that the next one is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// There is none: the log is empty.
    None,
    /// The last event of the log, from before this process.
    Log(Moment),
    /// The last turn's, and how long the process had run then.
    Process(Moment, Duration),
}

/// How the thread ended.
#[derive(Debug)]
pub enum Ended {
    /// The service stopped, and the ledger is closed.
    Cleanly,
    /// The service stopped, but the log does not say so: the next start says that it was killed.
    /// Nothing that was acknowledged is lost by it.
    Unrecorded(LedgerError),
    /// The service stopped, but the files are as a crash would leave them: the next start checks
    /// them. Nothing that was acknowledged is lost by it.
    Untidied(LedgerError),
    /// The storage failed; the process must stop.
    StorageFailed(String),
}

impl Ended {
    /// Why the storage failed, where whoever waited for an answer is told only that it did.
    pub fn cause(ended: Option<Ended>) -> String {
        match ended {
            Some(Ended::StorageFailed(cause)) => cause,
            Some(Ended::Cleanly | Ended::Unrecorded(_) | Ended::Untidied(_)) | None => {
                "the sequencer ended by itself".into()
            }
        }
    }
}

/// What the last turn was.
enum Last {
    /// Nobody is left to ask.
    Any,
    /// The service's goodbye, which is on record.
    Goodbye,
    /// The same, for which there was no room or no time.
    Unrecorded(LedgerError),
}

impl Sequencer {
    /// Takes turns until the service stops, nobody is left to ask, or the storage fails.
    pub fn run(mut self) -> Ended {
        let last = match self.run_to_end() {
            Ok(last) => last,
            Err(cause) => {
                self.ledger.note_failure();
                return Ended::StorageFailed(cause);
            }
        };
        match (self.ledger.close(), last) {
            (Err(LedgerError::Storage(cause)), _) => Ended::StorageFailed(cause),
            (_, Last::Unrecorded(why)) => Ended::Unrecorded(why),
            (Err(why), _) => Ended::Untidied(why),
            (Ok(()), Last::Any | Last::Goodbye) => Ended::Cleanly,
        }
    }

    /// Everything but the closing. Fails when the storage does, with the cause.
    fn run_to_end(&mut self) -> Result<Last, String> {
        let last = self.take_turns()?;
        self.erase()?;
        self.give_up_erasing(|_| true);
        self.turn_rest_away();
        if let Last::Goodbye = last
            && let Some(sealing) = self.sealing.take()
        {
            // Nobody waits any more: the last words of the service are sealed too.
            sealing.finish(self.ledger.as_mut(), self.clock.as_ref(), &self.shared)?;
        }
        Ok(last)
    }

    fn take_turns(&mut self) -> Result<Last, String> {
        while let Some(first) = self.next()? {
            let waiting = gather(&mut self.queue, first);
            let (requests, askers): (Vec<_>, Vec<_>) =
                waiting.into_iter().map(|it| (it.request, it.answer)).unzip();
            let is_first = requests.iter().any(|it| matches!(it.ask, Ask::Started { .. }));
            let is_last = requests.iter().any(|it| matches!(it.ask, Ask::Stopped));
            let answers = self.turn(requests).and_then(|answers| {
                if is_first {
                    // How the process before ended is on record now.
                    self.ledger.forget_failure()?;
                }
                Ok(answers)
            });
            match answers {
                Ok(answers) => {
                    askers.into_iter().zip(answers).for_each(|(asker, answer)| {
                        self.counters.answered(&answer);
                        self.answer(asker, answer);
                    });
                    if is_last {
                        return Ok(Last::Goodbye);
                    }
                }
                Err(error) => {
                    self.cache.clear();
                    let failure = failure_of(&error);
                    askers.into_iter().for_each(|asker| {
                        let _ = asker.send(Err(failure));
                    });
                    match error {
                        LedgerError::Storage(cause) => return Err(cause),
                        full_or_busy if is_last => return Ok(Last::Unrecorded(full_or_busy)),
                        LedgerError::Full | LedgerError::Busy => {}
                    }
                }
            }
        }
        Ok(Last::Any)
    }

    fn turn_rest_away(&mut self) {
        self.queue.close();
        while let Ok(waiting) = self.queue.try_recv() {
            let _ = waiting.answer.send(Err(Failure::Stopping));
        }
    }

    fn turn(&mut self, requests: Vec<Request>) -> Result<Vec<Answer>, LedgerError> {
        let mut turn = self.ledger.begin()?;
        let loaded = load(turn.as_mut(), &mut self.cache, self.shared.books(), &requests)?;
        let head = turn.head()?;
        let (at, running) = (self.clock.now(), self.clock.running());
        let mut plan = Plan {
            at,
            position: head.position,
            system: self.system,
            loaded,
            directory: self.shared.directory(),
            names: self.shared.names(),
            batch: Batch { incidents: head.incidents, ..Batch::default() },
            books: self.shared.books(),
            chance: self.chance.as_ref(),
        };
        if let Some((step_us, against)) = step(self.last, at, running) {
            plan.note_step(step_us, against);
        }
        let answers: Vec<Answer> = requests.into_iter().map(|it| plan.answer(it)).collect();
        if !plan.batch.rows.is_empty() || !plan.batch.seals.is_empty() {
            turn.write(&plan.batch)?;
            turn.commit()?;
        }
        if !plan.batch.rows.is_empty() {
            self.counters.committed(plan.batch.rows.len());
            self.last = Reading::Process(at, running);
            self.system = plan.system;
            self.shared.publish(&plan);
        }
        let erased: HashSet<IncidentId> =
            plan.batch.erasures.iter().map(|it| it.incident).collect();
        let kept = plan.loaded.incidents.into_values().filter(|it| !erased.contains(&it.id));
        kept.for_each(|incident| self.cache.put(incident));
        Ok(answers)
    }
}

/// Those who wait; where they are many, with those who come in a moment, since a commit for all of
/// them costs hardly more than one for some.
fn gather(queue: &mut mpsc::Receiver<Waiting>, first: Waiting) -> Vec<Waiting> {
    let mut waiting = vec![first];
    let mut take = |waiting: &mut Vec<Waiting>| {
        while waiting.len() < TURN_MAX
            && let Ok(next) = queue.try_recv()
        {
            waiting.push(next);
        }
    };
    take(&mut waiting);
    if (COMMIT_SIBLINGS..TURN_MAX).contains(&waiting.len()) {
        std::thread::sleep(COMMIT_DELAY);
        take(&mut waiting);
    }
    waiting
}

/// By how much the clock jumped since the reading before, if it did: against the monotonic clock
/// of this process, or, at its first turn, behind the log's last event.
fn step(last: Reading, at: Moment, running: Duration) -> Option<(i64, Against)> {
    let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    let (step, against) = match last {
        Reading::None => return None,
        Reading::Log(before) => (at.0.saturating_sub(before.0).min(0), Against::Log),
        Reading::Process(before, then) => {
            let passed = micros(running.saturating_sub(then));
            (at.0.saturating_sub(before.0.saturating_add(passed)), Against::Monotonic)
        }
    };
    (step.unsigned_abs() > micros(STEP_MIN).unsigned_abs()).then_some((step, against))
}

fn failure_of(error: &LedgerError) -> Failure {
    match error {
        LedgerError::Full => Failure::DiskFull,
        LedgerError::Busy => Failure::Busy,
        LedgerError::Storage(_) => Failure::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Ask, COMMIT_SIBLINGS, Request, TURN_MAX, Waiting, gather};
    use crate::engine::plan::service;
    use tokio::sync::{mpsc, oneshot};

    fn waiting() -> Waiting {
        let request = Request { who: service(), key: None, ask: Ask::Stopped };
        Waiting { request, answer: oneshot::channel().0 }
    }

    /// Somebody who comes when so many wait is taken with them, sooner or later.
    fn is_waited_for(siblings: usize) -> bool {
        (0..100).any(|_| {
            let (queue, mut waits) = mpsc::channel(TURN_MAX + 1);
            (1..siblings).for_each(|_| assert!(queue.try_send(waiting()).is_ok()));
            let late = std::thread::spawn(move || {
                while queue.capacity() < queue.max_capacity() {
                    std::thread::yield_now();
                }
                assert!(queue.try_send(waiting()).is_ok());
            });
            let taken = gather(&mut waits, waiting()).len();
            assert!(late.join().is_ok());
            taken > siblings
        })
    }

    #[test]
    fn a_turn_waits_for_more_where_many_wait_and_is_full_at_its_bound() {
        assert!(is_waited_for(COMMIT_SIBLINGS));
        assert!(!is_waited_for(TURN_MAX));
    }
}
