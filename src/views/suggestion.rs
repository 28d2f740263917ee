//! Which scenarios a description gives away, by the signs of the runbook.

use crate::incident::Runbook;
use crate::incident::runbook::Scenario;
use schemars::JsonSchema;
use serde::Serialize;

/// A scenario that what somebody describes may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suggestion {
    /// The scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The signs of it that stand in the description.
    pub signs: Vec<String>,
}

impl Suggestion {
    /// The scenarios with at least one sign in what is described: the most signs first, and of as
    /// many the one that stands first in the runbook.
    pub fn all(described: &str, runbook: &Runbook) -> Vec<Suggestion> {
        let suggested = runbook.scenarios.iter().map(|it| Suggestion::of(it, described));
        let mut given_away: Vec<Suggestion> = suggested.filter(|it| !it.signs.is_empty()).collect();
        given_away.sort_by_key(|it| std::cmp::Reverse(it.signs.len()));
        given_away
    }

    fn of(scenario: &Scenario, described: &str) -> Suggestion {
        Suggestion {
            scenario: scenario.name.to_string(),
            title: scenario.title.to_string(),
            signs: scenario.signs_in(described).into_iter().map(ToString::to_string).collect(),
        }
    }
}
