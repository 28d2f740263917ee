//! What lasted: the states, the remedies, the impact and the promises of an incident as spans in
//! lanes, for brackets beside the entries, for a table, and for a picture.

use crate::incident::facts::{Level, Mark, Remedy, Window};
use crate::incident::id::Version;
use crate::incident::obligation::{Obligation, Standing};
use crate::incident::time::{Claimed, Precision};
use crate::incident::words::{ImpactLevel, RemedyState, State};
use crate::log::Story;
use crate::views::manner::Manner;
use crate::views::sentence::{joined, spaced};
use crate::views::told::{Told, cite_corrections};
use crate::views::when::utc;
use schemars::JsonSchema;
use serde::Serialize;

/// What the spans of a lane are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaneName {
    /// How long the incident stood in each state.
    States,
    /// How long each attempt to restore service took.
    Remedies,
    /// How long there was impact.
    Impact,
    /// When each promised communication fell due, and what became of it.
    Obligations,
}

impl LaneName {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            LaneName::States => "States",
            LaneName::Remedies => "Remedies",
            LaneName::Impact => "Impact",
            LaneName::Obligations => "Obligations",
        }
    }
}

/// Spans of one kind, in the order in which they were opened.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Lane {
    /// Which lane.
    pub lane: LaneName,
    /// What people call it.
    pub title: &'static str,
    /// The spans; they may overlap.
    pub spans: Vec<Span>,
}

/// Something that lasted, or, with both ends at one instant, a moment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Span {
    /// What it was, in a few words.
    pub what: String,
    /// When it began.
    pub from: Claimed,
    /// When it ended; none when it still lasts, or nobody recorded its end.
    pub till: Option<Claimed>,
    /// Both in words, in UTC.
    pub when: String,
    /// The events that it rests on.
    pub events: Vec<Version>,
}

impl Span {
    fn new(what: String, from: Claimed, till: Option<Claimed>, events: Vec<Version>) -> Span {
        let when = match till {
            Some(till) if till == from => utc(from),
            Some(till) => format!("{} to {}", utc(from), utc(till)),
            None => format!("begun {}, no end on record", utc(from)),
        };
        Span { what, from, till, when, events }
    }
}

/// The four lanes, always in the same order. `told` comes in the order of the versions.
pub fn lanes(story: &Story, told: &[Told<'_>], manner: &Manner<'_>) -> Vec<Lane> {
    let facts = &story.incident.facts;
    [
        (LaneName::States, states(told)),
        (LaneName::Remedies, facts.remedies.iter().map(remedy).collect()),
        (LaneName::Impact, facts.impact.iter().map(impact).collect()),
        (LaneName::Obligations, obligations(story, manner)),
    ]
    .into_iter()
    .map(|(lane, mut spans): (LaneName, Vec<Span>)| {
        spans.iter_mut().for_each(|span| cite_corrections(&story.incident, &mut span.events));
        Lane { lane, title: lane.title(), spans }
    })
    .collect()
}

/// A span for each stretch in one state, from the event that led to it to the one that ended it.
fn states(told: &[Told<'_>]) -> Vec<Span> {
    let stretches = told.chunk_by(|one, next| one.recorded.to == next.recorded.to);
    let mut begins = stretches.filter_map(|stretch| stretch.first()).peekable();
    let mut spans = Vec::new();
    while let Some(first) = begins.next() {
        let next = begins.peek();
        let events = std::iter::once(first).chain(next.copied());
        let events = events.map(|told| told.recorded.version).collect();
        let till = next.map(|next| next.happened);
        spans.push(Span::new(state(first.recorded.to), first.happened, till, events));
    }
    spans
}

fn state(state: State) -> String {
    state.to_string()
}

fn remedy(remedy: &Remedy) -> Span {
    let mut what = format!("{} {}: {}", remedy.name, spaced(remedy.kind), remedy.state);
    if let Some((_, seen)) = remedy.effect() {
        what.push_str(&format!(", effect {}", seen.effect));
    }
    let is_over = match remedy.state {
        RemedyState::New | RemedyState::Planned | RemedyState::Running => false,
        RemedyState::Finished
        | RemedyState::Failed
        | RemedyState::Abandoned
        | RemedyState::Undone => true,
    };
    let end = remedy.finished.or(is_over.then_some(remedy.last));
    let begin = remedy.started.or(remedy.planned).unwrap_or(remedy.last);
    let marks = [Some(begin), end, Some(remedy.last), remedy.effect().map(|(mark, _)| *mark)];
    let events = marks.into_iter().flatten().map(|mark: Mark| mark.version).collect();
    Span::new(what, begin.happened, end.map(|end| end.happened), events)
}

fn impact(window: &Window) -> Span {
    let levels: Vec<String> = window.levels.iter().map(level).collect();
    let scope = window.scope.as_ref().map(|scope| format!(" in {scope}")).unwrap_or_default();
    let ended = window.till.map(|(_, event)| event);
    let levels_of = window.levels.iter().map(|level| level.mark.version);
    let events = std::iter::once(window.from_event).chain(levels_of).chain(ended).collect();
    let till = window.till.map(|(till, _)| till);
    Span::new(format!("{}{scope}", joined(&levels)), window.from, till, events)
}

/// How bad an impact was, in a few words.
pub fn level(level: &Level) -> String {
    let kind = level.kind.map(|kind| format!(" {kind}")).unwrap_or_default();
    let percent = level.percent.map(|percent| format!(" {percent}")).unwrap_or_default();
    let extent = match level.level {
        ImpactLevel::Unknown => "extent unknown".to_owned(),
        ImpactLevel::None | ImpactLevel::Partial | ImpactLevel::Full => level.level.to_string(),
    };
    format!("{extent}{kind}{percent}")
}

/// A moment for each promise that could be kept: in a story told afterwards none could.
fn obligations(story: &Story, manner: &Manner<'_>) -> Vec<Span> {
    let Some(runbook) = manner.runbook else { return Vec::new() };
    let promised = story.incident.obligations(runbook, manner.moment(story));
    let trackable = promised.iter().filter(|it| it.standing != Standing::NotTrackable);
    trackable.map(obligation).collect()
}

fn obligation(it: &Obligation) -> Span {
    let due = Claimed::At(it.due.instant(), Precision::Second);
    let what = format!("{}: {}", spaced(&it.slot), spaced(it.standing));
    Span::new(what, due, Some(due), std::iter::once(it.since).chain(it.paid_by).collect())
}
