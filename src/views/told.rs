//! The events of a story with what is said of them now.

use crate::incident::time::Claimed;
use crate::incident::{Amendment, Event, Recorded};
use crate::log::{Logged, Story};

/// One event: as stored, as recorded, and as corrected.
pub struct Told<'a> {
    /// As read from the log.
    pub logged: &'a Logged,
    /// As recorded.
    pub recorded: &'a Recorded,
    /// What it says as corrected; none when withdrawn, erased, or of an unknown type.
    pub said: Option<Event>,
    /// When it happened, as corrected.
    pub happened: Claimed,
    /// What later events say of it.
    pub amendment: Option<&'a Amendment>,
}

impl Told<'_> {
    /// Whether it was found never to have belonged here.
    pub fn is_withdrawn(&self) -> bool {
        self.amendment.is_some_and(|amendment| amendment.withdrawn)
    }
}

/// Every event, in the order of the versions.
pub fn told(story: &Story) -> Vec<Told<'_>> {
    let incident = &story.incident;
    let tell = |(logged, recorded)| {
        let recorded: &Recorded = std::sync::Arc::as_ref(recorded);
        Told {
            logged,
            recorded,
            said: incident.said(recorded),
            happened: incident.happened(recorded),
            amendment: incident.amendment(recorded.version),
        }
    };
    story.events.iter().zip(incident.history()).map(tell).collect()
}

/// What an incident is called: its title, else the service and the reason.
pub fn title(announced: &crate::incident::event::Announced) -> String {
    match &announced.title {
        Some(title) => title.to_string(),
        None => format!("{}: {}", announced.service, announced.reason),
    }
}
