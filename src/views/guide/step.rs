//! The steps of the procedure: how each stands, by which events, and what it waits for.

use super::command::{self, CommandOut};
use super::look::Look;
use super::values::Values;
use super::{begin, end, remedy};
use crate::incident::id::Version;
use crate::incident::runbook::{Step, StepName};
use crate::incident::words::{State, words};
use crate::incident::{Code, Unmet};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

words! {
    /// How a step stands.
    pub enum StepStanding {
        /// The events show that it was done.
        Done = "done",
        /// The incident is at it.
        Now = "now",
        /// It follows the one that the incident is at.
        Next = "next",
        /// It is no part of this incident, as far as known.
        NotApplicable = "not_applicable",
        /// It was not done, and is neither the current one nor the next.
        Open = "open",
    }
}

/// A step of the procedure in this incident.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StepOut {
    /// Its name.
    pub step: StepName,
    /// Its title in the runbook.
    pub title: String,
    /// What the runbook says of it, with what is known filled in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<String>,
    /// How it stands.
    pub standing: StepStanding,
    /// The events that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Version>,
    /// What it still waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<Wait>,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Its commands, with what is known filled in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandOut>,
    /// The queries that read the watched signals of the service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub queries: BTreeMap<String, String>,
}

/// Something that a step waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Wait {
    /// The guard that is not met, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What is missing, and what to do next.
    pub detail: String,
    /// Whether the commander may override the guard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridable: Option<bool>,
}

impl Wait {
    /// Something to be done that no guard asks for.
    pub fn to(detail: impl Into<String>) -> Wait {
        Wait { code: None, detail: detail.into(), overridable: None }
    }

    /// What guards hold against it; when none does, `otherwise` is what is left to do.
    pub fn for_all(unmet: Vec<Unmet>, otherwise: impl Into<String>) -> Vec<Wait> {
        match unmet.is_empty() {
            true => vec![Wait::to(otherwise)],
            false => unmet.into_iter().map(Wait::from).collect(),
        }
    }
}

impl From<Unmet> for Wait {
    fn from(unmet: Unmet) -> Wait {
        let Unmet { code, detail, overridable } = unmet;
        Wait { code: Some(code), detail, overridable: Some(overridable) }
    }
}

/// What was found of a step.
#[derive(Debug, Default)]
pub struct Found {
    pub applies: bool,
    pub is_done: bool,
    pub is_under_way: bool,
    pub events: Vec<Version>,
    pub waits_for: Vec<Wait>,
    pub notes: Vec<String>,
}

/// Every step of the runbook, in its order.
pub fn all(look: &Look<'_>, values: &Values) -> Vec<StepOut> {
    let steps = &look.runbook.steps;
    let found: Vec<Found> = steps.iter().map(|step| find(step.step, look)).collect();
    let standings = standings(&found, look.incident.state);
    let told = steps.iter().zip(found).zip(standings);
    told.map(|((step, found), standing)| out(step, found, standing, look, values)).collect()
}

fn find(step: StepName, look: &Look<'_>) -> Found {
    match step {
        StepName::Announce => begin::announce(look),
        StepName::Identify => begin::identify(look),
        StepName::Rollback => remedy::rollback(look),
        StepName::Migrations => remedy::migrations(look),
        StepName::Flags => remedy::flags(look),
        StepName::Verify => end::verify(look),
        StepName::Resolution => end::resolution(look),
    }
}

/// The incident is at the step that is under way, else at the first undone one behind the last
/// that was done, else at the first undone one. After a resolution only what is under way is left
/// to do, after a cancellation nothing.
fn standings(found: &[Found], state: State) -> Vec<StepStanding> {
    let is_left = |it: &Found| it.applies && !it.is_done;
    let under_way = found.iter().position(|it| is_left(it) && it.is_under_way);
    let done = found.iter().rposition(|it| it.is_done).map_or(0, |last| last + 1);
    let behind = |from: usize| (from..found.len()).find(|index| is_left(&found[*index]));
    let now = match state {
        State::Announced
        | State::Assessing
        | State::Mitigating
        | State::Verifying
        | State::Monitoring => under_way.or_else(|| behind(done)).or_else(|| behind(0)),
        State::Resolved => under_way,
        State::Nothing | State::Cancelled => None,
    };
    let next = now.and_then(|now| behind(now + 1));
    let standing = |(index, it): (usize, &Found)| match index {
        _ if it.is_done => StepStanding::Done,
        _ if !it.applies || state == State::Cancelled => StepStanding::NotApplicable,
        index if now == Some(index) => StepStanding::Now,
        index if next == Some(index) => StepStanding::Next,
        _ => StepStanding::Open,
    };
    found.iter().enumerate().map(standing).collect()
}

fn out(
    step: &Step,
    found: Found,
    standing: StepStanding,
    look: &Look<'_>,
    values: &Values,
) -> StepOut {
    let is_left = match standing {
        StepStanding::Now => true,
        StepStanding::Next | StepStanding::Open => look.incident.state.is_open(),
        StepStanding::Done | StepStanding::NotApplicable => false,
    };
    let mut events = found.events;
    events.sort_unstable();
    events.dedup();
    let queries = match step.step {
        StepName::Verify => command::queries(look),
        _ => BTreeMap::new(),
    };
    StepOut {
        step: step.step,
        title: step.title.to_string(),
        says: step.says.iter().map(|says| values.in_words(says.as_str())).collect(),
        standing,
        events,
        waits_for: if is_left { found.waits_for } else { Vec::new() },
        notes: found.notes,
        commands: command::of(step.step, look, values),
        queries,
    }
}
