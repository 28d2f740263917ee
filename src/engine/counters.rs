//! What the engine has done, counted; read by whoever exports figures.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the process began.
#[derive(Debug, Default)]
pub struct Counters {
    events: AtomicU64,
    commits: AtomicU64,
    requests: AtomicU64,
    turned_away: AtomicU64,
    replayed: AtomicU64,
    refused: AtomicU64,
    strangers: AtomicU64,
}

/// The counts at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Events made durable.
    pub events: u64,
    /// Commits, each with one fsync.
    pub commits: u64,
    /// Requests answered on their merits.
    pub requests: u64,
    /// Those of them that were turned away.
    pub turned_away: u64,
    /// Those of them that had been answered before.
    pub replayed: u64,
    /// Refusals for want of rights.
    pub refused: u64,
    /// Calls without a valid credential.
    pub strangers: u64,
}

impl Counters {
    pub(super) fn committed(&self, events: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.events.fetch_add(events as u64, Ordering::Relaxed);
    }

    pub(super) fn answered(&self, answer: &super::request::Answer) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        match answer {
            Err(_) => self.turned_away.fetch_add(1, Ordering::Relaxed),
            Ok(super::request::Done::AlreadyRecorded { .. }) => {
                self.replayed.fetch_add(1, Ordering::Relaxed)
            }
            Ok(_) => 0,
        };
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn stranger(&self) {
        self.strangers.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts now.
    pub fn read(&self) -> Counts {
        Counts {
            events: self.events.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            requests: self.requests.load(Ordering::Relaxed),
            turned_away: self.turned_away.load(Ordering::Relaxed),
            replayed: self.replayed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            strangers: self.strangers.load(Ordering::Relaxed),
        }
    }
}
