//! The figures: how long things took, each with its definition and the events it comes from.
//!
//! A window gives a range, what nobody knows gives a reason, and nothing is clamped or guessed: a
//! negative figure is shown, and remarked. What the state machines order (decisions, resolutions)
//! counts in the order of recording; what people observe (impact, detection) counts by its time.
//!
//! ```text
//! impact began ─Detect─▶ detected ─Declare─▶ announced ─Decide─▶ decided ─Start─▶ remedy started
//!       └───────────────Stable──────▶ stable    resolved ◀─Watch─ restored ◀─Take effect─┘
//! ```

mod across;
mod end;
mod impact;
mod measure;
mod moment;
mod remedies;
mod render;
mod value;

pub use across::{Across, By, Group, Sample, Spread};
pub use moment::{Milestone, MilestoneName};
pub use value::{Minutes, Value};

use crate::incident::id::{IncidentId, Version};
use crate::incident::text::Name;
use crate::incident::time::{Instant, Precision};
use crate::log::Story;
use crate::views::told::cite_corrections;
use schemars::JsonSchema;
use serde::Serialize;

/// Which figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    /// From the beginning of the impact to its detection.
    Detect,
    /// From the detection to the announcement.
    Declare,
    /// From the detection to somebody in command.
    Acknowledge,
    /// From the announcement to a decision.
    Decide,
    /// From the decision to a remedy under way.
    Start,
    /// How long the remedy took that counts.
    Execute,
    /// How long one remedy took.
    ExecuteRemedy,
    /// How long the way back took.
    RollBack,
    /// From the beginning of the impact to service restored.
    Restore,
    /// From the detection to service restored.
    RestoreFromDetected,
    /// From a remedy under way to service restored.
    TakeEffect,
    /// From service restored to the resolution.
    Watch,
    /// From the beginning of the impact to the resolution.
    Resolve,
    /// From the beginning of the impact to the end of all of it.
    Stable,
    /// How long there was impact.
    Impact,
}

impl FigureName {
    /// The chain: each of these ends where the next one begins. The end of all impact is no link
    /// of it: it lies before the resolution as a rule, so [`FigureName::Stable`] counts from the start.
    pub const CHAIN: [FigureName; 6] = [
        FigureName::Detect,
        FigureName::Declare,
        FigureName::Decide,
        FigureName::Start,
        FigureName::TakeEffect,
        FigureName::Watch,
    ];

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            FigureName::Detect => "Detect",
            FigureName::Declare => "Declare",
            FigureName::Acknowledge => "Acknowledge",
            FigureName::Decide => "Decide",
            FigureName::Start => "Start",
            FigureName::Execute => "Execute",
            FigureName::ExecuteRemedy => "Execute one remedy",
            FigureName::RollBack => "Roll back",
            FigureName::Restore => "Restore",
            FigureName::RestoreFromDetected => "Restore, from detected",
            FigureName::TakeEffect => "Take effect",
            FigureName::Watch => "Watch",
            FigureName::Resolve => "Resolve",
            FigureName::Stable => "Stable",
            FigureName::Impact => "Impact",
        }
    }

    /// What exactly it measures.
    pub const fn definition(self) -> &'static str {
        match self {
            FigureName::Detect => "From the first start of impact to the earliest detection.",
            FigureName::Declare => "From the earliest detection to the announcement.",
            FigureName::Acknowledge => {
                "From the earliest detection to the first assignment of a commander."
            }
            FigureName::Decide => "From the announcement to the first decision to act.",
            FigureName::Start => {
                "From the first decision to act to the first start of a remedy that is no diagnosis."
            }
            FigureName::Execute => {
                "From start to finish of the last effective remedy, else of the last finished one."
            }
            FigureName::ExecuteRemedy => "From start to finish of this remedy.",
            FigureName::RollBack => {
                "From start to finish of the last finished rollback, configuration revert, migration downgrade or flag switched off."
            }
            FigureName::Restore => {
                "From the first start of impact to the end of the first impact window; when no end of impact was recorded, to the first effective remedy, else to the first passed checks."
            }
            FigureName::RestoreFromDetected => {
                "From the earliest detection to the end of the first impact window; when no end of impact was recorded, to the first effective remedy, else to the first passed checks."
            }
            FigureName::TakeEffect => {
                "From the first start of a remedy that is no diagnosis to service restored, as in Restore."
            }
            FigureName::Watch => "From service restored, as in Restore, to the last resolution.",
            FigureName::Resolve => "From the first start of impact to the last resolution.",
            FigureName::Stable => {
                "From the first start of impact to the end of the last impact window."
            }
            FigureName::Impact => {
                "The time covered by impact windows, overlaps counted once and gaps not at all."
            }
        }
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// Which one.
    pub figure: FigureName,
    /// What people call it.
    pub title: &'static str,
    /// The remedy that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Name>,
    /// What exactly it measures.
    pub definition: &'static str,
    /// How long, or why nobody knows.
    #[serde(flatten)]
    pub value: Value,
    /// The coarsest precision that it rests on, unless that is a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Whether a time that it rests on is approximate.
    pub approximate: bool,
    /// What a reader must know about it.
    pub remarks: Vec<String>,
    /// The event that states its start; none when it has no one start, or nobody recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Version>,
    /// The event that states its end; none when it has no one end, or nobody recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Version>,
    /// The events that it comes from, corrections of them included, in order.
    pub events: Vec<Version>,
}

/// Every figure of one incident.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// The incident.
    pub incident: IncidentId,
    /// Its short name.
    pub r#ref: String,
    /// The moment that they are judged at: when the last event was recorded.
    pub judged_at: Instant,
    /// Whether the incident was entered afterwards.
    pub retrospective: bool,
    /// The moments of the chain, always the same eight.
    pub moments: Vec<Milestone>,
    /// The figures, always in the same order; one `execute_remedy` for each remedy.
    pub figures: Vec<Figure>,
}

impl Figures {
    /// The figures of `story`.
    pub fn new(story: &Story) -> Figures {
        let facts = &story.incident.facts;
        let mut figures = measure::opening(facts);
        figures.extend(remedies::all(facts));
        figures.extend(measure::closing(facts));
        figures.push(impact::impact(facts));
        let cited = figures.iter_mut().map(|figure| &mut figure.events);
        cited.for_each(|events| cite_corrections(&story.incident, events));
        Figures {
            incident: story.incident.id,
            r#ref: story.incident.number.to_string(),
            judged_at: story.last().entry.at.instant(),
            retrospective: facts.is_retrospective(),
            moments: moment::all(facts),
            figures,
        }
    }

    /// The figure of that name; for `execute_remedy` that of the first remedy.
    pub fn get(&self, name: FigureName) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.figure == name)
    }
}
