//! The replay: each event in turn, with what today's machines say of it against what is recorded,
//! and with what was known, open and owed when it was recorded.
//!
//! A step is told from the events up to it and from nothing behind it, but for the words that were
//! erased since, and for the corrections that it names. So the first steps of a long replay are the
//! steps of a short one. Nothing is judged here: the machines, the guide, the open questions of the
//! post-mortem and conformance are asked once more at each event.

mod judgement;
mod known;
mod render;

pub use judgement::{How, Judgement, Outcome, Said};
pub use known::{Known, Topic};

use super::conformance::{Conformance, Deviation};
use super::guide::Guide;
use super::obligations::ObligationOut;
use super::postmortem::{Statement, open_questions};
use super::somebody::People;
use super::timeline::Entry;
use super::told::{last, title};
use crate::incident::id::{IncidentId, Version};
use crate::incident::runbook::StepName;
use crate::incident::text::Line;
use crate::incident::time::{Instant, Moment};
use crate::incident::words::State;
use crate::incident::{Incident, Runbook};
use crate::log::{RULES, Story};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Of how many events the replay tells what was known then. The work for each grows with its
/// version, so the events behind that many are judged again and no more.
pub const STEPS_MAX: usize = 1_000;

/// Where a replay stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Behind the last event.
    End,
    /// Behind the event of that version, or the last one before it.
    Version(Version),
    /// Behind the last event that was recorded at or before that moment.
    Moment(Moment),
}

impl Stop {
    /// Reads a version, or an instant of RFC 3339.
    pub fn parse(text: &str) -> Option<Stop> {
        match text.parse() {
            Ok(version) => (version > 0).then_some(Stop::Version(Version(version))),
            // A plus sign in a query means a space; an offset that lost its sign is given it back.
            Err(_) => Instant::parse(&text.replace(' ', "+")).map(|at| Stop::Moment(at.moment())),
        }
    }
}

/// One incident, event by event.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Replay {
    /// The incident.
    pub incident: IncidentId,
    /// Its short name.
    pub r#ref: String,
    /// Its title, else the service and the reason; none when both were erased.
    pub title: Option<String>,
    /// Whether it was entered afterwards.
    pub retrospective: bool,
    /// What the runbook is called that it pins.
    pub runbook: Line,
    /// The last event that is known here: corrections up to it are named, wherever the steps stop.
    pub version: Version,
    /// Where the incident stood after the last step.
    pub state: State,
    /// When the event of the last step was recorded.
    pub judged_at: Instant,
    /// The revision of today's machines.
    pub rules: u32,
    /// How many of the steps today's machines agree with.
    pub agrees: usize,
    /// The steps that they do not agree with.
    pub differs: Vec<Version>,
    /// The steps that nobody can judge again.
    pub not_judged: Vec<Version>,
    /// A step for each event, as recorded.
    pub steps: Vec<Step>,
}

/// One event, when it was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// The event, as it would have stood at the end of a timeline of that moment.
    #[serde(flatten)]
    pub entry: Entry,
    /// The later events that correct or withdraw it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected_by: Vec<Version>,
    /// The revision of the machines that decided when it was recorded.
    pub rules: u32,
    /// What today's machines say of it.
    pub verdict: Judgement,
    /// What was known, open and owed after it; left out behind [`STEPS_MAX`] steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
}

/// What was known, open and owed at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Then {
    /// What was known, in the order of the topics.
    pub known: Vec<Known>,
    /// The topics of which nothing was known.
    pub unknown: Vec<Topic>,
    /// The questions that a post-mortem would have asked.
    pub questions: Vec<Statement>,
    /// The step of the runbook's procedure that the incident was at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepName>,
    /// What that step waited for.
    pub comes_next: Vec<String>,
    /// The deviations from the runbook so far, judged at that moment.
    pub deviations: Vec<Deviation>,
    /// Every promised communication, as it stood at that moment.
    pub obligations: Vec<ObligationOut>,
}

impl Replay {
    /// The replay of `story` under the runbook that its incident pins; none when it stops before
    /// the first event.
    pub fn new(story: &Story, runbook: &Runbook, stop: Stop) -> Option<Replay> {
        let count = count(story, stop);
        let steps = steps(story, runbook, count);
        let last = steps.last()?;
        let of = |outcome| steps.iter().filter(move |step| step.verdict.outcome == outcome);
        let versions = |outcome| of(outcome).map(|step| step.entry.version).collect();
        let incident = &story.incident;
        Some(Replay {
            incident: incident.id,
            r#ref: incident.number.to_string(),
            title: incident.facts.announced.as_ref().map(|(_, it)| title(it)),
            retrospective: incident.facts.is_retrospective(),
            runbook: runbook.title.clone(),
            version: story.last().entry.ver,
            state: last.entry.to,
            judged_at: last.entry.recorded_at,
            rules: RULES,
            agrees: of(Outcome::Agrees).count(),
            differs: versions(Outcome::Differs),
            not_judged: versions(Outcome::NotJudged),
            steps,
        })
    }
}

/// How many events there are up to the stop.
fn count(story: &Story, stop: Stop) -> usize {
    let is_before = |logged: &crate::log::Logged| match stop {
        Stop::End => true,
        Stop::Version(version) => logged.entry.ver <= version,
        Stop::Moment(moment) => logged.entry.at <= moment,
    };
    story.events.iter().rposition(is_before).map_or(0, |last| last + 1)
}

fn steps(story: &Story, runbook: &Runbook, count: usize) -> Vec<Step> {
    let Incident { id, number, book, .. } = &story.incident;
    let mut seen = Story {
        incident: Incident::new(*id, *number, book.clone()),
        events: Vec::with_capacity(count),
        names: Arc::clone(&story.names),
        redactions: story.redactions.clone(),
    };
    let mut steps: Vec<Step> = Vec::with_capacity(count);
    for (logged, recorded) in story.events.iter().zip(story.incident.history()).take(count) {
        let verdict = Judgement::of(&seen.incident, recorded, runbook);
        seen.incident.fold(Arc::clone(recorded));
        seen.events.push(logged.clone());
        let before = steps.last().and_then(|step| step.then.as_ref());
        let then = (steps.len() < STEPS_MAX).then(|| Then::of(&seen, runbook, before));
        let amendment = story.incident.amendment(recorded.version);
        steps.push(Step {
            entry: Entry::new(&seen, &last(&seen), None),
            corrected_by: amendment.map(|it| it.by.clone()).unwrap_or_default(),
            rules: logged.entry.rules,
            verdict,
            then,
        });
    }
    steps
}

impl Then {
    /// What stood after the last event of `story`, when that was recorded.
    fn of(story: &Story, runbook: &Runbook, before: Option<&Then>) -> Then {
        let (incident, entry) = (&story.incident, &story.last().entry);
        let before = before.map_or(&[][..], |then| &then.known);
        let known = Known::all(&incident.facts, &People::of(story), before, entry.ver);
        let is_unknown = |topic: &&Topic| known.iter().all(|it| it.topic != **topic);
        let unknown = Topic::ALL.iter().filter(is_unknown).copied().collect();
        let guide = Guide::new(incident, runbook, entry.at);
        let Conformance { deviations, obligations, .. } =
            Conformance::new(story, runbook, entry.at);
        Then {
            known,
            unknown,
            questions: open_questions(&incident.facts),
            step: guide.as_ref().and_then(|it| it.now),
            comes_next: guide.map(|it| it.comes_next).unwrap_or_default(),
            deviations,
            obligations,
        }
    }
}
