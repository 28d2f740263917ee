//! After a redaction: whoever asked for it is answered when the words are in no file any more
//! (promises P11), and nobody else waits for that.

use super::request::{Answer, Done, Failure};
use super::sequencer::{Sequencer, Waiting};
use crate::ledger::LedgerError;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long whoever redacts waits until what was erased is in no file any more.
pub const ERASE_MAX: Duration = Duration::from_secs(10);

/// How long after one try the next one comes while somebody waits for it.
const ERASE_POLL: Duration = Duration::from_millis(20);

/// The same when nobody does: a reader that stays, or a full disk, is not to slow the others down.
const ERASE_PAUSE: Duration = Duration::from_secs(5);

/// Somebody who is answered when what was erased is in no file any more.
pub struct Erasing {
    waiting: (oneshot::Sender<Result<Answer, Failure>>, Answer),
    /// When that is given up.
    until: Instant,
}

impl Sequencer {
    /// The next request. Until what was erased is in no file any more, that is gone after as well.
    pub(super) fn next(&mut self) -> Result<Option<Waiting>, String> {
        while self.ledger.is_erasing() {
            if self.erase_at <= Instant::now() {
                self.erase()?;
                self.give_up_erasing(|it| it.until <= Instant::now());
                let pause = if self.erasing.is_empty() { ERASE_PAUSE } else { ERASE_POLL };
                self.erase_at = Instant::now() + pause;
            }
            match self.queue.try_recv() {
                Ok(waiting) => return Ok(Some(waiting)),
                Err(mpsc::error::TryRecvError::Disconnected) => return Ok(None),
                Err(mpsc::error::TryRecvError::Empty) => std::thread::sleep(ERASE_POLL),
            }
        }
        Ok(self.queue.blocking_recv())
    }

    /// Answers at once, but for what may erase something that is in a file yet.
    pub(super) fn answer(
        &mut self,
        asker: oneshot::Sender<Result<Answer, Failure>>,
        answer: Answer,
    ) {
        let waits = answer.as_ref().is_ok_and(Done::may_erase) && self.ledger.is_erasing();
        if waits {
            let now = Instant::now();
            self.erasing.push(Erasing { waiting: (asker, answer), until: now + ERASE_MAX });
            self.erase_at = now;
        } else {
            // An asker that has gone away has its answer under its key.
            let _ = asker.send(Ok(answer));
        }
    }

    /// Takes what was erased out of every file, and tells those who wait for it. A reader in the
    /// way or a full disk is a reason to try again later; everything else stops us.
    pub(super) fn erase(&mut self) -> Result<(), String> {
        match self.ledger.erase() {
            Ok(()) => {
                for Erasing { waiting: (asker, answer), .. } in self.erasing.drain(..) {
                    let _ = asker.send(Ok(answer));
                }
                Ok(())
            }
            Err(LedgerError::Busy | LedgerError::Full) => Ok(()),
            Err(LedgerError::Storage(cause)) => {
                self.give_up_erasing(|_| true);
                Err(cause)
            }
        }
    }

    /// Tells those whose time is up that the outcome is unknown; what they erased is gone after all
    /// the same, and the same key asks again.
    pub(super) fn give_up_erasing(&mut self, is_up: impl Fn(&Erasing) -> bool) {
        for Erasing { waiting: (asker, _), .. } in self.erasing.extract_if(.., |it| is_up(it)) {
            let _ = asker.send(Err(Failure::Unknown));
        }
    }
}
