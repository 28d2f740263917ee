//! Whether two walks in different orders met the same.

use std::hash::{BuildHasher, Hash, RandomState};

/// What a set of places comes to in whatever order they are read, under a key that is drawn anew
/// each time: nobody can choose two sets which come to the same.
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

    pub fn add(&mut self, place: impl Hash) {
        let place = self.key.hash_one(place);
        (self.count, self.sum) = (self.count + 1, self.sum.wrapping_add(place));
    }

    pub fn is_that_of(&self, other: &Sum) -> bool {
        (self.count, self.sum) == (other.count, other.sum)
    }
}
