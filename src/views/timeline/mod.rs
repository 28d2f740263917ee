//! The timeline: what happened, who did it, when it happened, and when and by whom it was recorded;
//! beside it, in lanes, what lasted: states, remedies, impact and promises.
//!
//! Nothing is left out unless the reader says so: what was corrected stands with both versions,
//! what was withdrawn stands struck through, what was erased stands as an event without words.

mod lane;
mod page;
mod picture;
mod remark;
mod render;

pub(in crate::views) use lane::level;
pub use lane::{Lane, LaneName, Span};
pub use remark::{MarkWord, Remark};

use super::manner::Manner;
use super::sentence::sentence;
use super::somebody::{People, Somebody};
use super::told::{Told, told};
use super::when::{in_zone, utc};
use crate::incident::EventType;
use crate::incident::id::{IncidentId, Position, Version};
use crate::incident::runbook::Zone;
use crate::incident::text::Text;
use crate::incident::time::{Claimed, Instant, Moment, spoken};
use crate::incident::words::State;
use crate::log::{Said, Story};
use schemars::JsonSchema;
use serde::Serialize;

/// In which order a timeline tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As things happened, as corrected: by the claimed instant, of a window by its beginning
    /// (else its end); ties in the order of recording. What happened at an unknown time stands
    /// behind everything that was recorded before it, and before what happened after all that.
    #[default]
    Occurred,
    /// As things were recorded.
    Recorded,
}

/// The timeline of one incident.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Timeline {
    /// The incident.
    pub incident: IncidentId,
    /// Its short name.
    pub r#ref: String,
    /// Its title, else the service and the reason; none when both were erased.
    pub title: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Whether it was entered afterwards.
    pub retrospective: bool,
    /// When it was announced, as claimed and corrected: what T+ counts from.
    pub announced: Option<Claimed>,
    /// The moment that the timeline is judged at: when its last event was recorded, unless the
    /// reader asks for another.
    pub judged_at: Instant,
    /// The order of the entries.
    pub order: Order,
    /// The zone whose clock is shown beside UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// What lasted, in four lanes.
    pub lanes: Vec<Lane>,
    /// One entry for each event.
    pub entries: Vec<Entry>,
    /// How many events of our own making were left out.
    pub left_out: usize,
}

/// One event in a timeline.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// Its place in the incident.
    pub version: Version,
    /// Its place in the log.
    pub position: Position,
    /// Its type.
    pub r#type: String,
    /// When it happened, as corrected; when it was recorded where nobody said otherwise.
    pub occurred: Claimed,
    /// The same in words, in UTC.
    pub when: String,
    /// The same by the clock of the chosen zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// How long after the announcement, in microseconds, where both are instants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_announcement_us: Option<i64>,
    /// The same in words: `T+5 min`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t: Option<String>,
    /// A source's own words for the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_written: Option<Text>,
    /// When it was recorded, by our clock.
    pub recorded_at: Instant,
    /// Who recorded it.
    pub by: Somebody,
    /// For whom a tool spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#for: Option<Somebody>,
    /// Who did it, when that is not who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Somebody>,
    /// What happened, as corrected, in a sentence.
    pub what: String,
    /// What was said first, when a correction changed it or withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// The state after it.
    pub to: State,
    /// Whether it was found never to have belonged here: to be struck through.
    pub withdrawn: bool,
    /// Whether it stands out.
    pub pinned: bool,
    /// Whether it is of our own making: a reminder, no act of a person or a tool.
    pub ours: bool,
    /// What a reader must know about it.
    pub marks: Vec<Remark>,
}

/// What an event said before it was corrected.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Original {
    /// When it was claimed to have happened.
    pub occurred: Claimed,
    /// The same in words, in UTC.
    pub when: String,
    /// What it said.
    pub what: String,
}

impl Timeline {
    /// The whole timeline of `story`, in that order.
    pub fn new(story: &Story, order: Order) -> Timeline {
        Timeline::in_manner(story, &Manner { order, ..Manner::default() })
    }

    /// The timeline of `story`, told as the reader chose.
    pub fn in_manner(story: &Story, manner: &Manner<'_>) -> Timeline {
        let mut told = told(story);
        let lanes = lane::lanes(story, &told, manner);
        if manner.order == Order::Occurred {
            sort(&mut told);
        }
        let incident = &story.incident;
        let announced = incident.facts.announced.as_ref();
        let mut timeline = Timeline {
            incident: incident.id,
            r#ref: incident.number.to_string(),
            title: announced.map(|(_, it)| super::told::title(it)),
            state: incident.state,
            retrospective: incident.facts.is_retrospective(),
            announced: announced.map(|(mark, _)| mark.happened),
            judged_at: manner.moment(story).instant(),
            order: manner.order,
            zone: manner.zone,
            lanes,
            entries: told.iter().map(|told| Entry::new(story, told, manner.zone)).collect(),
            left_out: 0,
        };
        timeline.entries.retain(|entry| manner.noise || !entry.ours);
        timeline.left_out = told.len() - timeline.entries.len();
        timeline
    }
}

impl Entry {
    /// What there is to say of one event of `story`.
    pub(in crate::views) fn new(story: &Story, told: &Told<'_>, zone: Option<Zone>) -> Entry {
        let people = People::of(story);
        let recorded = told.recorded;
        let since_announcement_us = since_announcement(story, told.happened);
        Entry {
            version: recorded.version,
            position: told.logged.entry.pos,
            r#type: told.logged.entry.r#type.clone(),
            occurred: told.happened,
            when: utc(told.happened),
            local: zone.map(|zone| in_zone(told.happened, zone.0)),
            since_announcement_us,
            t: since_announcement_us.map(t),
            as_written: recorded.as_written.clone(),
            recorded_at: recorded.at.instant(),
            by: people.principal(&recorded.by),
            r#for: recorded.on_behalf_of.as_ref().map(|id| people.principal(id)),
            actor: recorded.actor.as_ref().map(|it| people.person(it)),
            what: what(told, &people),
            original: original(told, &people),
            to: recorded.to,
            withdrawn: told.is_withdrawn(),
            pinned: is_pinned(told),
            ours: recorded.by.is_service(),
            marks: remark::remarks(story, told),
        }
    }
}

fn what(told: &Told<'_>, people: &People<'_>) -> String {
    if let Some(event) = told.said.as_ref().or(told.recorded.event.as_ref()) {
        return sentence(event, people);
    }
    let kind = &told.logged.entry.r#type;
    match &told.logged.said {
        Said::Unknown => {
            let data = told.logged.data.as_ref().map(|data| data.data.as_ref()).unwrap_or_default();
            format!("{kind}, a type of event that this release does not know: {data}")
        }
        _ if told.recorded.kind == Some(EventType::Corrected) => {
            format!("{kind}, whose words were erased: it corrects nothing any more.")
        }
        _ => format!("{kind}, whose words were erased."),
    }
}

/// What was said first, if a correction says otherwise now.
fn original(told: &Told<'_>, people: &People<'_>) -> Option<Original> {
    told.amendment?;
    let occurred = told.recorded.happened();
    let what = sentence(told.recorded.event.as_ref()?, people);
    Some(Original { occurred, when: utc(occurred), what })
}

fn is_pinned(told: &Told<'_>) -> bool {
    matches!(&told.said, Some(crate::incident::Event::NoteAdded(it)) if it.pinned == Some(true))
}

fn since_announcement(story: &Story, happened: Claimed) -> Option<i64> {
    let (announced, _) = story.incident.facts.announced.as_ref()?;
    let from = announced.happened.instant()?.moment();
    Some(happened.instant()?.moment().0.saturating_sub(from.0))
}

fn t(microseconds: i64) -> String {
    let sign = if microseconds < 0 { "" } else { "+" };
    format!("T{sign}{}", spoken(microseconds))
}

/// The instant that an entry is listed at; none for an unknown time.
fn listed_at(happened: Claimed) -> Option<Moment> {
    let instant = match happened {
        Claimed::At(at, _) => Some(at),
        Claimed::Within(from, till) => from.or(till),
        Claimed::Unknown => None,
    };
    instant.map(Instant::moment)
}

/// Sorts by the instant, then by the version; an unknown time borrows the last place of all that
/// was recorded before it. `told` comes in the order of the versions.
fn sort(told: &mut [Told<'_>]) {
    let mut place = (Moment(i64::MIN), Version(0));
    let mut places = std::collections::BTreeMap::new();
    for one in told.iter() {
        if let Some(at) = listed_at(one.happened) {
            let own = (at, one.recorded.version);
            place = place.max(own);
            places.insert(one.recorded.version, own);
        } else {
            places.insert(one.recorded.version, place);
        }
    }
    told.sort_by_key(|one| (places[&one.recorded.version], one.recorded.version));
}
