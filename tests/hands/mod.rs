//! What tests that hold the engine in their hands share: a directory, a clock that is set, and how
//! the engine starts.

#![allow(dead_code, reason = "each test binary uses its part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use allclear::engine::{Book, Clock, Options, Reminders};
use allclear::incident::Claim;
use allclear::incident::field::{Faults, Field, Pointer};
use allclear::incident::time::{Instant, Moment};
use allclear::ledger::{Seeds, SqliteLedger};
use allclear::log::Salt;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

/// A directory of the test's own.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hands-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Scratch(path)
    }

    /// The log in it, new or as it was left.
    pub fn ledger(&self) -> SqliteLedger {
        let seeds = Seeds { origin: Uuid::from_u128(7), receipt_key: Salt([9; 32]) };
        SqliteLedger::open(&self.0, seeds).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A clock on the wall that is set, and a monotonic one that only goes on.
pub struct Hands(Mutex<(Moment, Duration)>);

impl Hands {
    pub fn at(text: &str) -> Arc<Hands> {
        Arc::new(Hands(Mutex::new((moment(text), Duration::ZERO))))
    }

    /// Time passes: both clocks go on.
    pub fn pass(&self, span: Duration) {
        let mut hands = self.0.lock().unwrap();
        hands.0.0 += i64::try_from(span.as_micros()).unwrap();
        hands.1 += span;
    }

    /// Somebody sets the clock on the wall, by so many microseconds.
    pub fn step(&self, micros: i64) {
        self.0.lock().unwrap().0.0 += micros;
    }

    /// Somebody sets the clock on the wall.
    pub fn set(&self, text: &str) {
        self.0.lock().unwrap().0 = moment(text);
    }
}

impl Clock for Hands {
    fn now(&self) -> Moment {
        self.0.lock().unwrap().0
    }

    fn running(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

/// The built-in runbook, and nothing that goes on by itself.
pub fn options() -> Options {
    Options {
        book: Book::built_in(),
        reminders: Reminders::Off,
        masks: Arc::default(),
        sealing: None,
    }
}

pub fn moment(text: &str) -> Moment {
    Instant::parse(text).unwrap().moment()
}

/// Events as a client gives them, every one of them well-formed.
pub fn claims(events: &[Value]) -> Vec<Claim> {
    let mut faults = Faults::default();
    let read = |event: &Value| Claim::read(event.clone(), &Pointer::Root, &mut faults).unwrap();
    let claims = events.iter().map(read).collect();
    assert!(faults.is_empty(), "{faults:?}");
    claims
}
