//! In which manner a view is told: what the reader chooses, and what it is judged by.

use super::timeline::Order;
use crate::incident::Runbook;
use crate::incident::runbook::Zone;
use crate::incident::time::Moment;
use crate::log::Story;

/// What the reader of a timeline or a post-mortem may choose. The default is the whole story, in
/// UTC, as things happened, judged at its last event.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// In which order.
    pub order: Order,
    /// A zone whose clock is shown beside UTC.
    pub zone: Option<Zone>,
    /// Whether events of our own making are told too.
    pub noise: bool,
    /// The runbook that the incident pins; without it no promise can be judged.
    pub runbook: Option<&'a Runbook>,
    /// The moment to judge at, instead of the recording of the last event.
    pub judged_at: Option<Moment>,
}

impl Default for Manner<'_> {
    fn default() -> Self {
        Manner { order: Order::Occurred, zone: None, noise: true, runbook: None, judged_at: None }
    }
}

impl Manner<'_> {
    /// The moment that `story` is judged at.
    pub fn moment(&self, story: &Story) -> Moment {
        self.judged_at.unwrap_or(story.last().entry.at)
    }
}
