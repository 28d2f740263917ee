//! Where a fact comes from.

use super::id::Version;
use super::recorded::Recorded;
use super::time::{Claimed, Moment};

/// Where and when a fact was stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The event that states it.
    pub version: Version,
    /// When it is claimed to have happened.
    pub happened: Claimed,
    /// When it was recorded.
    pub at: Moment,
}

impl Mark {
    /// The mark of what an event states. When it happened is given: a correction may say otherwise.
    pub fn of(recorded: &Recorded, happened: Claimed) -> Mark {
        Mark { version: recorded.version, happened, at: recorded.at }
    }
}
