//! How many of something each principal has, where one is to have only so many.

use crate::incident::id::PrincipalId;
use std::collections::HashMap;

/// Everybody's share; those who have none are forgotten.
#[derive(Debug, Default)]
pub struct Shares(HashMap<PrincipalId, usize>);

impl Shares {
    /// Gives one more; none when they have `max`.
    pub fn give(&mut self, to: &PrincipalId, max: usize) -> bool {
        let share = self.0.entry(to.clone()).or_default();
        let is_given = *share < max;
        *share += usize::from(is_given);
        is_given
    }

    /// Takes one back that was given.
    pub fn take_back(&mut self, from: &PrincipalId) {
        if let Some(share) = self.0.get_mut(from) {
            *share -= 1;
            if *share == 0 {
                self.0.remove(from);
            }
        }
    }

    /// Whether nobody has any.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
