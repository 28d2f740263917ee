//! The decision table: rollback or hotfix (seed, "Decision Tree").

use crate::incident::event::Measured;
use crate::incident::field::record;
use crate::incident::text::{Name, Percent, Text};
use crate::incident::words::Response;

record! {
    /// A row of the decision table.
    pub struct Decision {
        /// The situation, by the name that decisions give it.
        situation: Name,
        /// The situation in the words of the runbook.
        says: Text,
        /// What to do then.
        response: Response,
        /// Why.
        rationale: Text,
        /// Measured values that alone show the situation, and without which it is not this one.
        when: Option<Condition>,
        /// Measured values without which it is not this situation, though they do not show it.
        needs: Option<Condition>,
    }
}

record! {
    /// What measured values have to be; those not named do not matter.
    pub struct Condition {
        /// Whether the service is down.
        down: Option<bool>,
        /// Whether data are being corrupted.
        corruption: Option<bool>,
        /// Whether there is a workaround.
        workaround: Option<bool>,
        /// Whether the feature stands behind a flag.
        flag: Option<bool>,
        /// Performance is degraded by more than this.
        degraded_percent_over: Option<Percent>,
        /// The share of requests that fail is not zero, and under this.
        error_rate_percent_under: Option<Percent>,
    }
}

/// What a runbook recommends, and why.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Recommendation<'a> {
    /// What to do.
    pub response: Response,
    /// The row that says so, from 1; none when the rule of thumb does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<i64>,
    /// Why.
    pub rationale: &'a str,
}

impl Decision {
    /// Whether this row holds: it is named and nothing measured speaks against it, or what was
    /// measured shows it.
    pub fn holds(&self, situations: &[Name], measured: Option<&Measured>) -> bool {
        let shown = |condition: &Option<Condition>| condition.as_ref()?.holds(measured?);
        let (when, needs) = (shown(&self.when), shown(&self.needs));
        let is_named = situations.contains(&self.situation);
        let is_contradicted = when == Some(false) || needs == Some(false);
        when == Some(true) && needs != Some(false) || is_named && !is_contradicted
    }
}

impl Condition {
    /// Whether the values meet it; none when one that it asks for was not measured.
    fn holds(&self, measured: &Measured) -> Option<bool> {
        let same = |asked: Option<bool>, seen: Option<bool>| Some(asked? == seen?);
        let over = |asked: Option<Percent>, seen: Option<Percent>| Some(seen?.get() > asked?.get());
        let under = |asked: Option<Percent>, seen: Option<Percent>| {
            Some((f64::MIN_POSITIVE..asked?.get()).contains(&seen?.get()))
        };
        let answers = [
            (self.down.is_some(), same(self.down, measured.down)),
            (self.corruption.is_some(), same(self.corruption, measured.corruption)),
            (self.workaround.is_some(), same(self.workaround, measured.workaround)),
            (self.flag.is_some(), same(self.flag, measured.flag)),
            (
                self.degraded_percent_over.is_some(),
                over(self.degraded_percent_over, measured.degraded_percent),
            ),
            (
                self.error_rate_percent_under.is_some(),
                under(self.error_rate_percent_under, measured.error_rate_percent),
            ),
        ];
        let asked: Vec<Option<bool>> =
            answers.into_iter().filter(|(asked, _)| *asked).map(|(_, answer)| answer).collect();
        match asked.contains(&Some(false)) {
            true => Some(false),
            false => asked.iter().all(Option::is_some).then_some(!asked.is_empty()),
        }
    }
}
