//! Open streams, counted for each principal.
//!
//! A stream holds its connection, and reads, for as long as its client likes: without a bound one
//! token could have all of them.

use super::limits::STREAMS_MAX;
use super::shares::Shares;
use crate::incident::id::PrincipalId;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The streams that are open, of everybody.
#[derive(Debug, Clone, Default)]
pub struct Streams(Arc<Mutex<Shares>>);

/// One stream, counted until it is dropped.
#[derive(Debug)]
pub struct Open {
    owner: PrincipalId,
    streams: Streams,
}

impl Streams {
    /// Counts one more; none when that principal has [`STREAMS_MAX`].
    pub fn open(&self, owner: &PrincipalId) -> Option<Open> {
        let is_given = self.lock().give(owner, STREAMS_MAX);
        is_given.then(|| Open { owner: owner.clone(), streams: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Shares> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.streams.lock().take_back(&self.owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_bounded_for_each_principal_and_forgotten_when_they_end() {
        let streams = Streams::default();
        let [ana, bo] = ["u_ana", "u_bo"].map(|id| PrincipalId(id.into()));
        let mut open: Vec<Open> = (0..STREAMS_MAX).map(|_| streams.open(&ana).unwrap()).collect();
        assert!(streams.open(&ana).is_none() && streams.open(&bo).is_some());
        open.pop();
        assert!(streams.open(&ana).is_some());
        open.clear();
        assert!(streams.lock().is_empty());
    }
}
