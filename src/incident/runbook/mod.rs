//! The runbook as data: what to decide, what must be true before the next step, who has to be told
//! and by when (design 3).
//!
//! A runbook is a TOML text. Its types are records, so it is read like a claim: all mistakes at
//! once, each with its line and column ([`source`]). An incident pins the text that stood when it
//! was announced by its SHA-256; changing the file changes only incidents announced later. The
//! seed's runbook is built in.

mod calendar;
mod check;
mod clock;
mod decision;
mod procedure;
mod scenario;
mod service;
pub mod source;

pub use calendar::{Calendar, Weekday, Zone};
pub use clock::{Due, ObligationRule};
pub use decision::{Condition, Decision, Recommendation};
pub use procedure::{Command, Part, Platform, Step, StepName, TEMPLATE_NAMES, parts};
pub use scenario::{ChecklistItem, Minutes, Scenario};
pub use service::{Service, Services};
pub use source::{Mistake, read};

use super::event::Measured;
use super::field::{Given, List, record};
use super::text::{Line, Name, Text};
use super::words::{RemedyKind, Response};
use chrono::Duration;
use std::sync::{Arc, LazyLock};

/// The built-in runbook, in the words of the seed's tables, as it is pinned and shown.
pub const BUILT_IN_TEXT: &str = include_str!("built_in.toml");

/// The built-in runbook.
pub fn built_in() -> Arc<Runbook> {
    static BUILT_IN: LazyLock<Arc<Runbook>> =
        LazyLock::new(|| Arc::new(read(BUILT_IN_TEXT).expect("a test reads the built-in runbook")));
    Arc::clone(&BUILT_IN)
}

record! {
    /// The rules of one runbook.
    pub struct Runbook {
        /// What it is called.
        title: Line,
        /// What to do when nothing matches or nobody is sure.
        rule_of_thumb: Text,
        /// The words for how serious an incident is, the worst first.
        severities: Given<List<Name>>,
        /// The decision table: the first row that holds decides.
        decisions: Given<List<Decision>>,
        /// The steps of the procedure, in order.
        steps: Given<List<Step>>,
        /// What has to be seen before service counts as restored, and after.
        verification: Verification,
        /// The promised communications, in the order in which they fall due.
        obligations: Given<List<ObligationRule>>,
        /// The scenarios, with their remedies in order.
        scenarios: List<Scenario>,
        /// What is to be done and answered when the service is stable.
        checklist: List<ChecklistItem>,
        /// Which days are business days, and where.
        calendar: Calendar,
        /// The commands of the steps, with placeholders for what is known of a service.
        commands: List<Command>,
        /// What is known of services.
        services: Services,
    }
}

record! {
    /// What has to be seen before service counts as restored, and after (seed, step 6).
    pub struct Verification {
        /// The checks that must pass.
        checks: Given<List<Name>>,
        /// The signals that are watched afterwards.
        signals: Given<List<Name>>,
        /// How long they are watched, in minutes.
        watch_minutes: i64,
    }
}

impl Runbook {
    /// What it recommends on these grounds, and the row (from 1) that says so. Where nothing
    /// matches or nobody is sure, the rule of thumb holds: roll back.
    pub fn recommend(
        &self,
        situations: &[Name],
        measured: Option<&Measured>,
    ) -> Recommendation<'_> {
        let holds = |(row, _): &(&Decision, i64)| row.holds(situations, measured);
        match self.decisions.iter().zip(1..).find(holds) {
            Some((row, number)) => Recommendation {
                response: row.response,
                row: Some(number),
                rationale: row.rationale.as_str(),
            },
            None => Recommendation {
                response: Response::Rollback,
                row: None,
                rationale: self.rule_of_thumb.as_str(),
            },
        }
    }

    /// The scenario of that name.
    pub fn scenario(&self, name: &Name) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.name == *name)
    }

    /// Whether a scenario's remedies include that kind.
    pub fn has_remedy(&self, scenario: Option<&Name>, kind: RemedyKind) -> bool {
        let scenario = scenario.and_then(|name| self.scenario(name));
        scenario.is_some_and(|scenario| scenario.remedies.contains(&kind))
    }

    /// Whether a choice is what was recommended. A remedy of the incident's scenario is no
    /// difference from a rollback (design 3): the seed's scenario 3 reverts a configuration.
    pub fn agrees(&self, recommended: Response, chosen: Response, scenario: Option<&Name>) -> bool {
        let is_of_scenario = chosen.remedy().is_some_and(|kind| self.has_remedy(scenario, kind));
        chosen == recommended || recommended == Response::Rollback && is_of_scenario
    }

    /// The checks that must pass before service counts as restored.
    pub fn checks(&self) -> &[Name] {
        &self.verification.checks
    }

    /// The signals that are watched of a service: the runbook's, but for those that the
    /// catalogue leaves out for it.
    pub fn signals<'a>(&'a self, service: Option<&Line>) -> impl Iterator<Item = &'a Name> {
        let own = service.and_then(|name| self.services.of(name)).and_then(Service::signals);
        own.unwrap_or(&self.verification.signals).iter()
    }

    /// How long they are watched.
    pub fn watch(&self) -> Duration {
        Duration::minutes(self.verification.watch_minutes)
    }
}
