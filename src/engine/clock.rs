//! Time and chance as the engine is handed them: the machine's own, or moved by a test.

use crate::incident::time::Moment;
use std::time::{Duration, Instant, SystemTime};

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// What the clock on the wall says, right or wrong.
    fn now(&self) -> Moment;

    /// How long the process has run, by a clock that nobody sets.
    fn running(&self) -> Duration;
}

/// Where chance comes from.
pub trait Chance: Send + Sync {
    /// Fills `bytes` with what nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clocks.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Clocks that start now.
    pub fn start() -> SystemClock {
        SystemClock { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Moment(micros(since)),
            Err(before) => Moment(-micros(before.duration())),
        }
    }

    fn running(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The operating system's random source.
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("an operating system that has no randomness cannot run this");
    }
}
