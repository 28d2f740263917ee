//! What today's machines say of one event, beside what is recorded of it.

use crate::incident::code::Code;
use crate::incident::words::{State, words};
use crate::incident::{Incident, Recorded, Runbook, Verdict};
use crate::views::sentence::{joined, spaced};
use schemars::JsonSchema;
use serde::Serialize;

words! {
    /// What judging once more comes to.
    pub enum Outcome {
        /// Today's machines say what is recorded.
        Agrees = "agrees",
        /// They say something else. What is recorded stands: a state is trusted as stored.
        Differs = "differs",
        /// Nobody can tell: its words were erased, or its type is unknown to this release.
        NotJudged = "not_judged",
    }
}

words! {
    /// In what two verdicts differ.
    pub enum How {
        /// It would be refused.
        Refusal = "refusal",
        /// It would lead to another state.
        State = "state",
        /// Its override would lift other guards.
        Overrides = "overrides",
        /// Other guards would be let through.
        Deviations = "deviations",
    }
}

/// What is said of one event.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Said {
    /// The state after it.
    pub to: State,
    /// Guards that its override lifts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Code>,
    /// Guards that are not met but let through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Code>,
    /// Everything that refuses it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Code>,
}

/// The verdict of today's machines on one event, beside the recorded one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Judgement {
    /// What it comes to.
    pub outcome: Outcome,
    /// In what the two differ; empty when they do not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub how: Vec<How>,
    /// The same in words.
    pub says: String,
    /// What is recorded.
    pub recorded: Said,
    /// What would be said today; left out when nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Said>,
}

impl Judgement {
    /// The verdict on the event that comes next in `incident`.
    pub fn of(incident: &Incident, recorded: &Recorded, runbook: &Runbook) -> Judgement {
        let today = incident.judge_again(recorded, runbook).map(said);
        let recorded = said(Verdict::recorded(recorded));
        let (outcome, how, says) = match &today {
            None => {
                let says = "its words were erased, or its type is unknown here.";
                (Outcome::NotJudged, Vec::new(), says.to_owned())
            }
            Some(today) if *today == recorded => {
                (Outcome::Agrees, Vec::new(), format!("{}.", told(today)))
            }
            Some(today) => {
                let says = format!("today {}, recorded {}.", told(today), told(&recorded));
                (Outcome::Differs, differences(&recorded, today), says)
            }
        };
        Judgement { outcome, how, says, recorded, today }
    }
}

fn said(it: Verdict) -> Said {
    Said { to: it.to, overrides: it.over, deviations: it.dev, refused: it.refused }
}

fn differences(recorded: &Said, today: &Said) -> Vec<How> {
    let differs = |how: &How| match how {
        How::Refusal => recorded.refused != today.refused,
        How::State => recorded.to != today.to,
        How::Overrides => recorded.overrides != today.overrides,
        How::Deviations => recorded.deviations != today.deviations,
    };
    How::ALL.iter().copied().filter(differs).collect()
}

fn told(it: &Said) -> String {
    let codes = |before: &str, codes: &[Code]| {
        let words: Vec<String> = codes.iter().map(spaced).collect();
        (!words.is_empty()).then(|| format!("{before} {}", joined(&words)))
    };
    let to = match it.refused.is_empty() {
        true => format!("{} after it", it.to),
        false => format!("refused on the way to {}", it.to),
    };
    let parts = [
        Some(to),
        codes("overridden:", &it.overrides),
        codes("let through:", &it.deviations),
        codes("not met:", &it.refused),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
