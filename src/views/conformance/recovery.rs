//! The time to restore against the recovery window of the scenario. *Restore* is compared, never
//! *resolve*: watching to the end is no part of recovery.

use super::Deviation;
use super::rule::Rule;
use crate::incident::Runbook;
use crate::incident::id::Version;
use crate::incident::text::Name;
use crate::incident::time::Precision;
use crate::incident::words::words;
use crate::log::Story;
use crate::views::figures::{Figure, FigureName, Figures, Value};
use schemars::JsonSchema;
use serde::Serialize;

const MINUTE_US: i64 = 60 * 1_000_000;

/// The time to restore, and the window that the scenario expects.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Recovery {
    /// The scenario that it was taken for last.
    pub scenario: Name,
    /// The scenario's title.
    pub title: String,
    /// The window in minutes, both ends included.
    pub window_minutes: [i64; 2],
    /// The time to restore, in words.
    pub restore: String,
    /// How the two compare.
    pub verdict: Verdict,
    /// The events that the time comes from.
    pub events: Vec<Version>,
}

words! {
    /// How the time to restore compares with the window.
    pub enum Verdict {
        /// It is within the window, or sooner.
        Within = "within",
        /// It is certainly beyond the window.
        Beyond = "beyond",
        /// It may be either, or nobody knows.
        Unknown = "unknown",
    }
}

impl Recovery {
    /// The comparison; none when no scenario of this runbook is named.
    pub fn of(figures: &Figures, story: &Story, runbook: &Runbook) -> Option<Recovery> {
        let name = story.incident.facts.scenario.as_ref()?;
        let scenario = runbook.scenario(name)?;
        let figure = figures.get(FigureName::Restore)?;
        let window_minutes = scenario.recovery_minutes.0;
        Some(Recovery {
            scenario: name.clone(),
            title: scenario.title.to_string(),
            window_minutes,
            restore: figure.sentence(),
            verdict: verdict(figure, window_minutes[1].saturating_mul(MINUTE_US)),
            events: figure.events.clone(),
        })
    }

    /// The deviation that it is, when it is certainly beyond the window.
    pub fn deviation(&self) -> Option<Deviation> {
        let [from, to] = self.window_minutes;
        let says = format!("{} The scenario's window is {from}–{to} minutes.", self.restore);
        let line = format!("{}. Recovery time: {from}-{to} minutes.", self.title);
        (self.verdict == Verdict::Beyond)
            .then(|| Deviation::new(Rule::SlowRecovery, says, self.events.clone(), line))
    }
}

fn verdict(figure: &Figure, limit_us: i64) -> Verdict {
    let Value::Known { min_us, max_us } = figure.value else { return Verdict::Unknown };
    let slack = slack(figure.precision);
    match (min_us.saturating_sub(slack) > limit_us, max_us.saturating_add(slack) > limit_us) {
        (true, _) => Verdict::Beyond,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Within,
    }
}

/// By how much the times may be off, since one was only said to the minute, hour or day. What is
/// approximate is taken as it was named: nobody said how nearly.
const fn slack(precision: Option<Precision>) -> i64 {
    match precision {
        None | Some(Precision::Second | Precision::Approximate) => 0,
        Some(Precision::Minute) => MINUTE_US,
        Some(Precision::Hour) => 60 * MINUTE_US,
        Some(Precision::Day) => 24 * 60 * MINUTE_US,
    }
}
