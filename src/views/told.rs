//! The events of a story with what is said of them now.

use crate::incident::id::Version;
use crate::incident::time::Claimed;
use crate::incident::{Amendment, Event, Incident, Recorded};
use crate::log::{Logged, Redaction, Story};

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
    /// The last event that erased its words, if they were erased.
    pub redaction: Option<&'a Redaction>,
}

impl Told<'_> {
    /// The event, and what corrects it.
    pub fn cites(&self) -> Vec<Version> {
        let by = self.amendment.iter().flat_map(|it| it.by.iter().copied());
        std::iter::once(self.recorded.version).chain(by).collect()
    }

    /// Whether it was found never to have belonged here.
    pub fn is_withdrawn(&self) -> bool {
        self.amendment.is_some_and(|amendment| amendment.withdrawn)
    }
}

/// Every event, in the order of the versions.
pub fn told(story: &Story) -> Vec<Told<'_>> {
    let events = story.events.iter().zip(story.incident.history());
    events.map(|(logged, recorded)| tell(story, logged, recorded)).collect()
}

/// The last event.
pub fn last(story: &Story) -> Told<'_> {
    let recorded = story.incident.history().last().expect("a story has events");
    tell(story, story.last(), recorded)
}

fn tell<'a>(story: &'a Story, logged: &'a Logged, recorded: &'a Recorded) -> Told<'a> {
    let incident = &story.incident;
    Told {
        logged,
        recorded,
        said: incident.said(recorded),
        happened: incident.happened(recorded),
        amendment: incident.amendment(recorded.version),
        redaction: story.redactions.of(recorded.version),
    }
}

/// The story as far as that version, with what is known of erasures now.
pub fn upto(story: &Story, version: Version) -> Story {
    let Incident { id, number, book, .. } = &story.incident;
    let mut incident = Incident::new(*id, *number, book.clone());
    let is_before = |recorded: &&std::sync::Arc<Recorded>| recorded.version <= version;
    incident.fold_all(story.incident.history().iter().take_while(is_before).cloned());
    let events = story.events.iter().take_while(|logged| logged.entry.ver <= version);
    Story {
        incident,
        events: events.cloned().collect(),
        names: std::sync::Arc::clone(&story.names),
        redactions: story.redactions.clone(),
    }
}

/// Whoever cites an event that was corrected cites the corrections too: what is told of it is their
/// word. Events are cited in order, each once.
pub fn cite_corrections(incident: &Incident, cites: &mut Vec<Version>) {
    let amended = cites.iter().filter_map(|it| incident.amendment(*it));
    let by: Vec<Version> = amended.flat_map(|it| it.by.iter().copied()).collect();
    cites.extend(by);
    cites.sort();
    cites.dedup();
}

/// What an incident is called: its title, else the service and the reason.
pub fn title(announced: &crate::incident::event::Announced) -> String {
    match &announced.title {
        Some(title) => title.to_string(),
        None => format!("{}: {}", announced.service, announced.reason),
    }
}
