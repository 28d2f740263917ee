//! The assessment: what the runbook recommends on some grounds, and the row that says so.

use super::suggestion::Suggestion;
use crate::incident::Runbook;
use crate::incident::event::Measured;
use crate::incident::runbook::{Decision, Scenario};
use crate::incident::text::{Line, Name};
use crate::incident::words::{RemedyKind, Response};
use schemars::JsonSchema;
use serde::Serialize;

/// What is known when somebody asks what to do.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    /// The situations of the decision table that hold.
    pub situations: Vec<Name>,
    /// What was measured.
    pub measured: Option<Measured>,
    /// The scenario that it is taken for.
    pub scenario: Option<Name>,
    /// What is seen, in short phrases.
    pub symptoms: Vec<Line>,
}

/// What the runbook recommends.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Assessment {
    /// What to do.
    pub response: Response,
    /// The row that says so, from 1; left out when the rule of thumb does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<i64>,
    /// Why, in the words of the runbook.
    pub rationale: String,
    /// The situation of that row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situation: Option<Situation>,
    /// The situations that were named though what was measured speaks against them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contradicted: Vec<String>,
    /// The scenario that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Known>,
    /// The scenarios that the symptoms give away.
    pub suggestions: Vec<Suggestion>,
    /// The choices that need no rationale.
    pub no_difference: Vec<Response>,
    /// The same in a sentence.
    pub note: String,
}

/// A situation of the decision table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Situation {
    /// Its name.
    pub situation: String,
    /// In the words of the runbook.
    pub says: String,
}

/// A scenario, as far as it bears on the choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "KnownScenario")]
pub struct Known {
    /// Its name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// What helps, in the order in which it is tried.
    pub remedies: Vec<RemedyKind>,
    /// What to do, in the words of the runbook.
    pub says: Vec<String>,
    /// How many minutes recovery is expected to take, from and to.
    pub recovery_minutes: [i64; 2],
}

impl Assessment {
    /// What `runbook` recommends on these grounds.
    pub fn of(grounds: &Grounds, runbook: &Runbook) -> Assessment {
        let measured = grounds.measured.as_ref();
        let advice = runbook.recommend(&grounds.situations, measured);
        let row = advice.row.and_then(|row| usize::try_from(row).ok()?.checked_sub(1));
        let scenario = grounds.scenario.as_ref().and_then(|name| runbook.scenario(name));
        let is_contradicted =
            |row: &&Decision| grounds.situations.contains(&row.situation) && !holds(row, grounds);
        let contradicted = runbook.decisions.iter().filter(is_contradicted);
        let no_difference = no_difference(advice.response, scenario, runbook);
        let described: Vec<&str> = grounds.symptoms.iter().map(Line::as_str).collect();
        Assessment {
            response: advice.response,
            row: advice.row,
            rationale: advice.rationale.to_owned(),
            situation: row.and_then(|row| runbook.decisions.get(row)).map(situation),
            contradicted: contradicted.map(|row| row.situation.to_string()).collect(),
            scenario: scenario.map(known),
            suggestions: Suggestion::all(&described.join("\n"), runbook),
            note: note(advice.response, &no_difference, scenario),
            no_difference,
        }
    }
}

fn holds(row: &Decision, grounds: &Grounds) -> bool {
    row.holds(&grounds.situations, grounds.measured.as_ref())
}

fn situation(row: &Decision) -> Situation {
    Situation { situation: row.situation.to_string(), says: row.says.to_string() }
}

fn known(it: &Scenario) -> Known {
    Known {
        scenario: it.name.to_string(),
        title: it.title.to_string(),
        remedies: it.remedies.to_vec(),
        says: it.says.iter().map(ToString::to_string).collect(),
        recovery_minutes: it.recovery_minutes.0,
    }
}

/// The choices that agree with the recommendation: itself, then the others in their order.
fn no_difference(
    recommended: Response,
    scenario: Option<&Scenario>,
    runbook: &Runbook,
) -> Vec<Response> {
    let name = scenario.map(|it| &it.name);
    let agrees = |it: &Response| *it != recommended && runbook.agrees(recommended, *it, name);
    let others = Response::ALL.iter().copied().filter(agrees);
    std::iter::once(recommended).chain(others).collect()
}

fn note(recommended: Response, no_difference: &[Response], scenario: Option<&Scenario>) -> String {
    let others: Vec<&str> = no_difference[1..].iter().map(|it| it.word()).collect();
    match scenario {
        Some(scenario) if !others.is_empty() => format!(
            "The remedies of {} ({}) are no difference from {recommended}; any other choice needs its rationale.",
            scenario.title,
            others.join(", "),
        ),
        Some(_) | None => {
            format!("Any other choice than {recommended} needs its rationale.")
        }
    }
}
