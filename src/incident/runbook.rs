//! What the rules read of the runbook: the decision table, the scenarios, the checks, the watch.
//!
//! The built-in runbook is `runbook.toml` beside this file; an incident pins its text by SHA-256.
//! The values that rules use stand here once more as constants, and a test holds the two together.

use super::words::{RemedyKind, Response};
use chrono::Duration;

/// The built-in runbook, as it is pinned and shown.
pub const DEFAULT_TEXT: &str = include_str!("runbook.toml");

/// The rules of one runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbook {
    /// The decision table, in the order of the document: the first row that holds decides.
    pub decisions: &'static [(&'static str, Response)],
    /// The scenarios, with their remedies in order.
    pub scenarios: &'static [(&'static str, &'static [RemedyKind])],
    /// The words for how serious an incident is, the worst first.
    pub severities: &'static [&'static str],
    /// The checks that must pass before service counts as restored (seed, step 6).
    pub checks: &'static [&'static str],
    /// The signals that are watched afterwards (seed, step 6).
    pub signals: &'static [&'static str],
    /// How long they are watched.
    pub watch: Duration,
}

/// The rules of the built-in runbook, word for word those of the seed.
pub const DEFAULT: Runbook = Runbook {
    decisions: &[
        ("service_down", Response::Rollback),
        ("data_corruption", Response::Rollback),
        ("degraded_over_half", Response::Rollback),
        ("minor_bug_with_workaround", Response::Hotfix),
        ("feature_misbehaves", Response::FlagOff),
        ("intermittent_errors", Response::Investigate),
    ],
    scenarios: &[
        ("bad_deploy", &[RemedyKind::Rollback]),
        (
            "db_migration_failure",
            &[RemedyKind::Rollback, RemedyKind::MigrationDowngrade, RemedyKind::BackupRestore],
        ),
        ("configuration_error", &[RemedyKind::ConfigRevert, RemedyKind::Restart]),
        ("resource_exhaustion", &[RemedyKind::Scale, RemedyKind::Rollback]),
    ],
    severities: &["SEV1", "SEV2", "SEV3", "SEV4"],
    checks: &["health", "smoke"],
    signals: &["http_5xx_rate", "p99_latency", "db_pool"],
    watch: Duration::minutes(15),
};

impl Runbook {
    /// What it recommends when these situations hold, and the row (from 1) that says so. Where
    /// nothing matches or nobody is sure, the rule of thumb holds: roll back.
    pub fn recommend<'a>(
        &self,
        situations: impl Iterator<Item = &'a str> + Clone,
    ) -> (Response, Option<i64>) {
        let holds =
            |(situation, _): &&(&str, Response)| situations.clone().any(|it| it == *situation);
        match self.decisions.iter().zip(1..).find(|(row, _)| holds(row)) {
            Some(((_, response), row)) => (*response, Some(row)),
            None => (Response::Rollback, None),
        }
    }

    /// The remedies of a scenario, in order; none for a scenario that it does not know.
    pub fn remedies(&self, scenario: &str) -> Option<&'static [RemedyKind]> {
        self.scenarios.iter().find(|(name, _)| *name == scenario).map(|(_, remedies)| *remedies)
    }
}
