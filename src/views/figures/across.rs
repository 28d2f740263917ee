//! The figures of many incidents together: how many incidents each rests on, how many were left out
//! for want of a time, and the median and the 90th percentile of the rest. No mean: a few long
//! incidents would speak for all.

use super::{Figure, FigureName, Figures, Value};
use crate::incident::id::Number;
use crate::incident::time::Instant;
use crate::incident::words::{State, words};
use crate::log::Story;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

words! {
    /// By what incidents are put together.
    pub enum By {
        /// By what was affected, as announced.
        Service = "service",
        /// By the scenario named last.
        Scenario = "scenario",
        /// By the month of the announcement, in UTC: `2026-11`.
        Month = "month",
    }
}

/// What one incident contributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    number: Number,
    state: State,
    keys: [Option<String>; 3],
    figures: Vec<Figure>,
}

/// The figures of the incidents that were announced in some time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Across {
    /// Announced at or after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// Announced before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Instant>,
    /// By what they are put together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// How many cancelled incidents (false alarms, duplicates and the like) count for nothing here.
    pub cancelled: usize,
    /// All of them together.
    pub all: Group,
    /// The groups, sorted by name; the one of incidents for which nobody recorded it comes first.
    pub groups: Vec<Group>,
}

/// The figures of a group of incidents.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Group {
    /// What they have in common; null when that was not recorded, or when all are together.
    pub name: Option<String>,
    /// The short names of the incidents, in order.
    pub incidents: Vec<String>,
    /// The figures, always the same ones in the same order.
    pub figures: Vec<Spread>,
}

/// One figure over several incidents.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// Which one.
    pub figure: FigureName,
    /// What people call it.
    pub title: &'static str,
    /// What exactly it measures.
    pub definition: &'static str,
    /// The number of incidents that it rests on.
    pub count: usize,
    /// The number of incidents left out for want of a time.
    pub left_out: usize,
    /// How many of those that count are, or may be, negative.
    pub negative: usize,
    /// The middle one; of an even number the mean of the two in the middle.
    pub median: Value,
    /// The one that nine of ten do not exceed: that of rank ⌈0.9 n⌉.
    pub p90: Value,
}

impl Sample {
    /// What an incident contributes.
    pub fn of(story: &Story) -> Sample {
        let facts = &story.incident.facts;
        let announced = facts.announced.as_ref();
        let month = announced.map(|(mark, _)| {
            let at = mark.happened.instant().unwrap_or(mark.at.instant());
            at.utc().chars().take("2026-11".len()).collect()
        });
        let service = announced.map(|(_, it)| it.service.to_string());
        let scenario = facts.scenario.as_ref().map(ToString::to_string);
        let figures = Figures::new(story).figures;
        Sample {
            number: story.incident.number,
            state: story.incident.state,
            keys: [service, scenario, month],
            figures: figures.into_iter().filter(counts).collect(),
        }
    }

    fn key(&self, by: By) -> Option<String> {
        let [service, scenario, month] = &self.keys;
        match by {
            By::Service => service.clone(),
            By::Scenario => scenario.clone(),
            By::Month => month.clone(),
        }
    }
}

/// An incident has as many of these as it has remedies: none of them is *its* figure.
fn counts(figure: &Figure) -> bool {
    figure.figure != FigureName::ExecuteRemedy
}

impl Across {
    /// Puts together what these incidents contribute, in any order.
    pub fn new(
        (from, to): (Option<Instant>, Option<Instant>),
        by: Option<By>,
        mut samples: Vec<Sample>,
    ) -> Across {
        samples.sort_by_key(|sample| sample.number);
        let (cancelled, samples): (Vec<Sample>, Vec<Sample>) =
            samples.into_iter().partition(|sample| sample.state == State::Cancelled);
        let mut groups: BTreeMap<Option<String>, Vec<&Sample>> = BTreeMap::new();
        for (sample, by) in samples.iter().flat_map(|sample| by.map(|by| (sample, by))) {
            groups.entry(sample.key(by)).or_default().push(sample);
        }
        Across {
            from,
            to,
            by,
            cancelled: cancelled.len(),
            all: Group::new(None, &samples.iter().collect::<Vec<_>>()),
            groups: groups.into_iter().map(|(name, samples)| Group::new(name, &samples)).collect(),
        }
    }
}

impl Group {
    fn new(name: Option<String>, samples: &[&Sample]) -> Group {
        let figures = samples.first().map(|sample| sample.figures.as_slice()).unwrap_or_default();
        let spread = |(index, figure): (usize, &Figure)| {
            let values = samples.iter().map(|sample| &sample.figures[index].value);
            Spread::new(figure, values)
        };
        Group {
            name,
            incidents: samples.iter().map(|sample| sample.number.to_string()).collect(),
            figures: figures.iter().enumerate().map(spread).collect(),
        }
    }
}

impl Spread {
    fn new<'a>(figure: &Figure, values: impl Iterator<Item = &'a Value>) -> Spread {
        let (mut least, mut most, mut left_out) = (Vec::new(), Vec::new(), 0);
        for value in values {
            match value {
                Value::Known { min_us, max_us } => {
                    least.push(*min_us);
                    most.push(*max_us);
                }
                Value::Unknown { .. } => left_out += 1,
            }
        }
        let negative = least.iter().filter(|it| **it < 0).count();
        least.sort_unstable();
        most.sort_unstable();
        let of = |rank: fn(&[i64]) -> Option<i64>| match (rank(&least), rank(&most)) {
            (Some(min_us), Some(max_us)) => Value::Known { min_us, max_us },
            _ => Value::Unknown { reason: "no incident has the times for it".into() },
        };
        Spread {
            figure: figure.figure,
            title: figure.title,
            definition: figure.definition,
            count: least.len(),
            left_out,
            negative,
            median: of(median),
            p90: of(p90),
        }
    }
}

fn median(sorted: &[i64]) -> Option<i64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    match sorted.len().is_multiple_of(2) {
        true => Some(sorted[middle - 1].midpoint(upper)),
        false => Some(upper),
    }
}

fn p90(sorted: &[i64]) -> Option<i64> {
    let rank = (sorted.len() * 9).div_ceil(10);
    sorted.get(rank.checked_sub(1)?).copied()
}
