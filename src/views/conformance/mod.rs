//! Conformance: where the history departs from the runbook, each departure with its rule, the
//! events that show it, and the line of the runbook that it departs from (design 6).
//!
//! A deviation blocks nothing and judges nobody: it says what was promised and what is on record.
//! What is not certain, because nobody recorded a time, is no deviation.

mod after;
mod guards;
mod promises;
mod recovery;
mod render;
mod replay;
mod rule;

pub use recovery::{Recovery, Verdict};
pub use rule::Rule;

use super::figures::Figures;
use super::obligations::ObligationOut;
use super::somebody::{People, Somebody};
use super::told::{Told, title, told};
use crate::incident::Runbook;
use crate::incident::code::Code;
use crate::incident::id::{IncidentId, Version};
use crate::incident::text::Line;
use crate::incident::time::{Instant, Moment};
use crate::incident::words::State;
use crate::log::Story;
use schemars::JsonSchema;
use serde::Serialize;

/// How one incident was handled, held against its runbook.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Conformance {
    /// The incident.
    pub incident: IncidentId,
    /// Its short name.
    pub r#ref: String,
    /// Its title, else the service and the reason; none when both were erased.
    pub title: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Whether it was entered afterwards.
    pub retrospective: bool,
    /// The moment that it is judged at.
    pub judged_at: Instant,
    /// The last event that it is told from.
    pub version: Version,
    /// What the runbook is called.
    pub runbook: Line,
    /// Whether no deviation is on record.
    pub clean: bool,
    /// Every deviation, in the order of the rules and of the events.
    pub deviations: Vec<Deviation>,
    /// Every promised communication, with what became of it.
    pub obligations: Vec<ObligationOut>,
    /// The time to restore against the window of the scenario; left out without a scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
}

/// One departure from the runbook.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Deviation {
    /// The rule.
    pub rule: Rule,
    /// What is on record, in a sentence.
    pub says: String,
    /// The events that show it, in order.
    pub events: Vec<Version>,
    /// The line of the runbook that it departs from.
    pub line: String,
    /// The guard that was overridden or waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Who overrode it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Somebody>,
    /// The reason that was given: of an override, or of another choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Deviation {
    fn new(
        rule: Rule,
        says: impl Into<String>,
        events: impl IntoIterator<Item = Version>,
        line: impl Into<String>,
    ) -> Deviation {
        let mut events: Vec<Version> = events.into_iter().collect();
        events.sort();
        events.dedup();
        let (says, line) = (says.into(), line.into());
        Deviation { rule, says, events, line, code: None, by: None, reason: None }
    }
}

/// What deviations are found in.
struct Source<'a> {
    story: &'a Story,
    runbook: &'a Runbook,
    judged_at: Moment,
    told: Vec<Told<'a>>,
    people: People<'a>,
}

impl Conformance {
    /// `story` held against the runbook that its incident pins, judged at that moment.
    pub fn new(story: &Story, runbook: &Runbook, judged_at: Moment) -> Conformance {
        let people = People::of(story);
        let source = Source { story, runbook, judged_at, told: told(story), people };
        let recovery = Recovery::of(&Figures::new(story), story, runbook);
        let deviations = deviations(&source, recovery.as_ref());
        let incident = &story.incident;
        Conformance {
            incident: incident.id,
            r#ref: incident.number.to_string(),
            title: incident.facts.announced.as_ref().map(|(_, it)| title(it)),
            state: incident.state,
            retrospective: incident.facts.is_retrospective(),
            judged_at: judged_at.instant(),
            version: story.last().entry.ver,
            runbook: runbook.title.clone(),
            clean: deviations.is_empty(),
            deviations,
            obligations: ObligationOut::all(incident, runbook, judged_at, &people),
            recovery,
        }
    }

    /// The deviations from one rule.
    pub fn of(&self, rule: Rule) -> impl Iterator<Item = &Deviation> {
        self.deviations.iter().filter(move |it| it.rule == rule)
    }
}

fn deviations(source: &Source<'_>, recovery: Option<&Recovery>) -> Vec<Deviation> {
    let mut found = promises::obligations(source);
    found.extend(promises::commander(source));
    found.extend(replay::decisions_remedies_and_readings(source));
    found.extend(guards::passed_by(source));
    found.extend(promises::resolution(source));
    found.extend(promises::status_page(source));
    found.extend(recovery.and_then(Recovery::deviation));
    found.extend(after::checklist(source));
    found.sort_by(|one, other| (one.rule, &one.events).cmp(&(other.rule, &other.events)));
    found
}
