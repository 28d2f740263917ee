//! Whether two walks over the events met the same ones.

use std::hash::{BuildHasher, RandomState};

/// What a set of events comes to in whatever order they are read: their places under a key that is
/// drawn anew each time, so that nobody can choose two sets which come to the same.
pub(super) struct Sum {
    key: RandomState,
    count: u64,
    sum: u64,
}

impl Sum {
    pub fn new() -> Sum {
        Sum { key: RandomState::new(), count: 0, sum: 0 }
    }

    /// Nothing yet, under the same key.
    pub fn emptied(&self) -> Sum {
        Sum { key: self.key.clone(), count: 0, sum: 0 }
    }

    pub fn add(&mut self, position: i64, incident: &[u8], version: i64) {
        let place = self.key.hash_one((position, version, incident));
        (self.count, self.sum) = (self.count + 1, self.sum.wrapping_add(place));
    }

    pub fn is_that_of(&self, other: &Sum) -> bool {
        (self.count, self.sum) == (other.count, other.sum)
    }
}
