//! What was known at a moment, topic by topic, and since which event.

use crate::incident::Facts;
use crate::incident::event::ResponseDecided;
use crate::incident::facts::{Reading, Remedy, Window};
use crate::incident::id::Version;
use crate::incident::text::{Line, Name};
use crate::incident::words::{Role, words};
use crate::views::sentence::{joined, spaced};
use crate::views::somebody::People;
use crate::views::timeline::level;
use crate::views::when::utc;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

words! {
    /// What somebody who responds needs to know, in the order in which it is told.
    pub enum Topic {
        /// How serious it is taken to be.
        Severity = "severity",
        /// The scenario that it is taken for.
        Scenario = "scenario",
        /// How it was noticed.
        Detection = "detection",
        /// Who or what suffers, and how much.
        Impact = "impact",
        /// Who is in command.
        Commander = "commander",
        /// What runs, as last seen.
        RunningVersion = "running_version",
        /// What is known to have run well.
        StableVersion = "stable_version",
        /// What was decided.
        Decision = "decision",
        /// What is done about it.
        Remedies = "remedies",
        /// What that did to the impact.
        Effect = "effect",
        /// Checks and readings since the last change.
        Checks = "checks",
    }
}

/// What was known of one topic.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Known {
    /// The topic.
    pub topic: Topic,
    /// What was known of it.
    pub says: String,
    /// The event since which it was known so.
    pub since: Version,
}

impl Known {
    /// Everything that is known after the event `now`; `before` is what was known before it.
    pub fn all(facts: &Facts, people: &People<'_>, before: &[Known], now: Version) -> Vec<Known> {
        let known = |topic: &Topic| {
            let says = says(*topic, facts, people)?;
            let same = before.iter().find(|it| it.topic == *topic && it.says == says);
            Some(Known { topic: *topic, says, since: same.map_or(now, |it| it.since) })
        };
        Topic::ALL.iter().filter_map(known).collect()
    }
}

fn says(topic: Topic, facts: &Facts, people: &People<'_>) -> Option<String> {
    match topic {
        Topic::Severity => facts.severity.as_ref().map(ToString::to_string),
        Topic::Scenario => facts.scenario.as_ref().map(spaced),
        Topic::Detection => {
            list(facts.detections.iter().map(|(_, it)| format!("by {}", it.source)))
        }
        Topic::Impact => list(facts.impact.iter().map(impact)),
        Topic::Commander => facts.holder(Role::Commander).map(|it| people.name(&it.person)),
        Topic::RunningVersion => versions(&facts.running),
        Topic::StableVersion => versions(&facts.stable),
        Topic::Decision => facts.decisions.last().map(|(_, it)| decision(it, facts.decided)),
        Topic::Remedies => {
            let told = |it: &Remedy| format!("{} {}: {}", it.name, spaced(it.kind), it.state);
            list(facts.remedies.iter().map(told))
        }
        Topic::Effect => list(facts.remedies.iter().filter_map(effect)),
        Topic::Checks => list(facts.readings.iter().filter_map(reading)),
    }
}

fn list(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| joined(&parts))
}

fn versions(of: &BTreeMap<Line, Line>) -> Option<String> {
    list(of.iter().map(|(name, version)| format!("{name} {version}")))
}

fn impact(it: &Window) -> String {
    let extent = it.levels.last().map(level).unwrap_or_else(|| "extent unknown".to_owned());
    let scope = it.scope.as_ref().map(|scope| format!(" in {scope}")).unwrap_or_default();
    let end = it.till.map(|(till, _)| format!(", ended {}", utc(till))).unwrap_or_default();
    format!("{extent}{scope} since {}{end}", utc(it.from))
}

fn decision(it: &ResponseDecided, stands: bool) -> String {
    let advice = match it.recommended.0 {
        Some(recommended) if recommended == it.chosen => ", as recommended".to_owned(),
        Some(recommended) => format!(", {} was recommended", spaced(recommended)),
        None => String::new(),
    };
    let is_over = it.chosen.remedy().is_some() && !stands;
    let over = if is_over { ", and reopened since" } else { "" };
    format!("{}{advice}{over}", spaced(it.chosen))
}

fn effect(it: &Remedy) -> Option<String> {
    it.effect().map(|(_, seen)| format!("{}: {}", it.name, seen.effect))
}

fn reading((name, readings): (&Name, &Vec<Reading>)) -> Option<String> {
    let last = readings.last()?;
    Some(format!("{} {}", spaced(name), if last.good { "good" } else { "bad" }))
}
