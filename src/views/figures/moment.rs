//! The moments that the figures lie between: the chain from the beginning of the impact to the end
//! of all of it, each with its event, or unknown with the reason.

use super::end::Found;
use super::measure::{
    announced, decided, detected, impact_began, remedy_started, resolved, restored, stable,
};
use crate::incident::facts::Facts;
use crate::incident::id::Version;
use crate::incident::time::Claimed;
use crate::views::when::utc;
use schemars::JsonSchema;
use serde::Serialize;

/// Which moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneName {
    /// The first start of impact.
    ImpactBegan,
    /// The earliest detection.
    Detected,
    /// The announcement.
    Announced,
    /// The first decision to act.
    Decided,
    /// The first start of a remedy that is no diagnosis.
    RemedyStarted,
    /// Service restored.
    Restored,
    /// The last resolution.
    Resolved,
    /// The end of the last impact window.
    Stable,
}

impl MilestoneName {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            MilestoneName::ImpactBegan => "Impact began",
            MilestoneName::Detected => "Detected",
            MilestoneName::Announced => "Announced",
            MilestoneName::Decided => "Decided to act",
            MilestoneName::RemedyStarted => "Remedy started",
            MilestoneName::Restored => "Restored",
            MilestoneName::Resolved => "Resolved",
            MilestoneName::Stable => "Stable",
        }
    }
}

/// One moment of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Milestone {
    /// Which one.
    pub moment: MilestoneName,
    /// What people call it.
    pub title: &'static str,
    /// When; none when no event states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred: Option<Claimed>,
    /// The same in words, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The event that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Version>,
    /// Why no event states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// The chain, always the same eight in the same order.
pub fn all(facts: &Facts) -> Vec<Milestone> {
    [
        (MilestoneName::ImpactBegan, impact_began(facts)),
        (MilestoneName::Detected, detected(facts)),
        (MilestoneName::Announced, announced(facts)),
        (MilestoneName::Decided, decided(facts)),
        (MilestoneName::RemedyStarted, remedy_started(facts)),
        (MilestoneName::Restored, restored(facts).0),
        (MilestoneName::Resolved, resolved(facts)),
        (MilestoneName::Stable, stable(facts)),
    ]
    .into_iter()
    .map(|(moment, found)| milestone(moment, found))
    .collect()
}

fn milestone(moment: MilestoneName, found: Found) -> Milestone {
    let end = found.as_ref().ok();
    Milestone {
        moment,
        title: moment.title(),
        occurred: end.map(|end| end.at),
        when: end.map(|end| utc(end.at)),
        event: end.map(|end| end.event),
        unknown: found.as_ref().err().map(|missing| missing.reason.clone()),
    }
}
