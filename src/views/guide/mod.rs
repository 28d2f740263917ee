//! The guide: where in the procedure of its runbook an incident stands, what comes next, and what
//! each step still waits for.
//!
//! What a step waits for is asked of the same machines and guards that judge events; no rule is
//! said again here. Commands are filled in for the incident's service, for people who paste them:
//! nothing runs them here.

mod begin;
mod command;
mod end;
mod look;
mod remedy;
mod scenario;
mod service;
mod shell;
mod step;
mod values;

pub use command::CommandOut;
pub use scenario::{Attempt, First, RemedyOut, ScenarioOut};
pub use service::ServiceOut;
pub use step::{StepOut, StepStanding, Wait};

use super::suggestion::Suggestion;
use crate::incident::runbook::StepName;
use crate::incident::text::Phrase;
use crate::incident::time::Moment;
use crate::incident::{Incident, Runbook};
use look::Look;
use schemars::JsonSchema;
use serde::Serialize;
use values::Values;

/// Where an incident stands in the procedure, and what comes next.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Guide {
    /// What the catalogue of the runbook knows of the service.
    pub service: ServiceOut,
    /// The step that the incident is at; left out when there is nothing more to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<StepName>,
    /// What comes next: what that step waits for, in sentences.
    pub comes_next: Vec<String>,
    /// The steps of the runbook, in order.
    pub steps: Vec<StepOut>,
    /// The scenario that the incident is taken for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioOut>,
    /// While none is named: the scenarios that symptoms and reason give away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
}

impl Guide {
    /// The guide of an incident at `now`, under the runbook that it pins; none before its
    /// announcement.
    pub fn new(incident: &Incident, runbook: &Runbook, now: Moment) -> Option<Guide> {
        let look = Look::new(incident, runbook, now)?;
        let values = Values::of(&look);
        let steps = step::all(&look, &values);
        let current = steps.iter().find(|it| it.standing == StepStanding::Now);
        let scenario = look.scenario().map(|it| ScenarioOut::of(it, &look));
        let suggestions = match scenario {
            Some(_) => Vec::new(),
            None => Suggestion::all(&described(&look), runbook),
        };
        Some(Guide {
            service: ServiceOut::of(&look),
            now: current.map(|it| it.step),
            comes_next: current
                .map(|it| it.waits_for.iter().map(|wait| wait.detail.clone()).collect())
                .unwrap_or_default(),
            steps,
            scenario,
            suggestions,
        })
    }
}

/// What the announcement says of what is seen.
fn described(look: &Look<'_>) -> String {
    let symptoms = look.announced.symptoms.iter().map(Phrase::as_str);
    symptoms.chain([look.announced.reason.as_str()]).collect::<Vec<_>>().join("\n")
}
