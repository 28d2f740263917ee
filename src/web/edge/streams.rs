//! Open streams, counted for each principal.
//!
//! A stream holds its connection, and reads, for as long as its client likes: without a bound one
//! token could have all of them.

use super::limits::STREAMS_MAX;
use crate::incident::id::PrincipalId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The streams that are open, of everybody.
#[derive(Debug, Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<PrincipalId, usize>>>);

/// One stream, counted until it is dropped.
#[derive(Debug)]
pub struct Open {
    owner: PrincipalId,
    streams: Streams,
}

impl Streams {
    /// Counts one more; none when that principal has [`STREAMS_MAX`].
    pub fn open(&self, owner: &PrincipalId) -> Option<Open> {
        let mut counts = self.lock();
        let count = counts.entry(owner.clone()).or_default();
        if *count >= STREAMS_MAX {
            return None;
        }
        *count += 1;
        Some(Open { owner: owner.clone(), streams: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PrincipalId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut counts = self.streams.lock();
        if let Some(count) = counts.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.owner);
            }
        }
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
