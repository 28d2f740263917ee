//! What bears on promised communications: from when they count, what was posted, who commanded,
//! and who was reminded of what. Folded beside the other facts; judged in [`super::obligation`].

use super::event::Event;
use super::id::Version;
use super::mark::Mark;
use super::text::{Name, Person};
use super::words::{Role, UpdatePurpose};

/// A stretch of an incident over which one set of promises holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// The announcement or reopening from which the clock counts.
    pub base: Mark,
    /// What voided all that was still open: a cancellation, or the next reopening.
    pub voided: Option<Mark>,
}

impl Period {
    /// Whether something belongs to this stretch and not to a later one: it was recorded before
    /// the stretch ended, or is certainly claimed to be from before its end.
    pub(super) fn has(&self, mark: Mark) -> bool {
        self.voided.is_none_or(|end| {
            mark.version <= end.version || mark.happened.is_certainly_before(end.happened)
        })
    }
}

/// Something that was posted where people read.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The event.
    pub mark: Mark,
    /// What it was for.
    pub purposes: Vec<UpdatePurpose>,
}

/// What bears on promised communications.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Promises {
    /// The stretches, in order.
    pub periods: Vec<Period>,
    /// Every post, in order.
    pub posts: Vec<Post>,
    /// Who commanded, from each change on.
    pub commanders: Vec<(Mark, Option<Person>)>,
    /// Each time the post-mortem was scheduled, published or waived.
    pub postmortems: Vec<Mark>,
    /// The reminders that were sent: slot, and the base that it counts from.
    pub reminders: Vec<(Name, Version)>,
}

impl Promises {
    /// Takes one event in, as corrected.
    pub(super) fn take(&mut self, mark: Mark, event: &Event) {
        let purposes = purposes(event);
        if !purposes.is_empty() {
            self.posts.push(Post { mark, purposes });
        }
        match event {
            Event::Announced(_) => self.periods.push(Period { base: mark, voided: None }),
            Event::Reopened(_) => {
                self.void(mark);
                self.periods.push(Period { base: mark, voided: None });
            }
            Event::Cancelled(_) => self.void(mark),
            Event::RoleAssigned(it) if it.role == Role::Commander => {
                self.commanders.push((mark, Some(it.to.clone())));
            }
            Event::RoleReleased(it) if it.role == Role::Commander => {
                self.commanders.push((mark, None));
            }
            Event::PostmortemScheduled(_)
            | Event::PostmortemPublished(_)
            | Event::PostmortemWaived(_) => {
                self.postmortems.push(mark);
            }
            Event::ReminderSent(it) => self.reminders.push((it.slot.clone(), it.since)),
            _ => {}
        }
    }

    fn void(&mut self, mark: Mark) {
        if let Some(period) = self.periods.last_mut() {
            period.voided.get_or_insert(mark);
        }
    }
}

/// What an event counts as a post for: an update for what it says, others for what they are.
fn purposes(event: &Event) -> Vec<UpdatePurpose> {
    let is_posted = event.posted().is_some();
    match event {
        Event::UpdatePosted(it) => it.0.purposes.0.clone(),
        Event::Announced(_) | Event::Reopened(_) if is_posted => vec![UpdatePurpose::Announcement],
        Event::ResponseDecided(_) if is_posted => vec![UpdatePurpose::Assessment],
        Event::ChecksPassed(_) if is_posted => {
            vec![UpdatePurpose::Progress, UpdatePurpose::Resolution]
        }
        Event::Resolved(_) if is_posted => {
            vec![UpdatePurpose::Stability, UpdatePurpose::Resolution]
        }
        Event::Escalated(_) if is_posted => vec![UpdatePurpose::Stability],
        _ => Vec::new(),
    }
}
