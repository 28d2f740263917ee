//! What a reader of the timeline must know about an entry, in words.

use crate::incident::code::Code;
use crate::incident::event::Event;
use crate::incident::id::Version;
use crate::incident::time::{Claimed, Precision, spoken};
use crate::incident::words::State;
use crate::log::Story;
use crate::views::sentence::joined;
use crate::views::somebody::People;
use crate::views::told::Told;
use crate::views::when::utc;
use schemars::JsonSchema;
use serde::Serialize;

/// How much later than it happened an event may be recorded before that is remarked.
const LATE_US: i64 = 5 * 60 * 1_000_000;

/// Why an entry is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkWord {
    /// Recorded more than five minutes after it is claimed to have happened, in an incident that
    /// was not entered afterwards as a whole.
    Late,
    /// A later event says otherwise.
    Corrected,
    /// It never belonged here, and counts for nothing.
    Withdrawn,
    /// Its words were erased.
    Redacted,
    /// Guards were overridden.
    Overridden,
    /// Guards were not met but let through.
    Deviation,
    /// Recorded when the incident was closed.
    AfterResolution,
    /// Nobody knows when it happened.
    UnknownTime,
    /// It happened somewhere in a span.
    Window,
    /// It happened about then.
    Approximate,
}

/// What is remarked of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remark {
    /// Which mark.
    pub mark: MarkWord,
    /// What it says, in words.
    pub says: String,
}

/// The remarks on one entry, always in the same order.
pub fn remarks(story: &Story, told: &Told<'_>) -> Vec<Remark> {
    [
        (MarkWord::Late, late(story, told)),
        (MarkWord::Corrected, corrected(told)),
        (MarkWord::Withdrawn, withdrawn(told)),
        (MarkWord::Redacted, redacted(story, told)),
        (MarkWord::Overridden, overridden(told)),
        (MarkWord::Deviation, deviation(&told.recorded.dev)),
        (MarkWord::AfterResolution, after_resolution(story, told)),
        (MarkWord::UnknownTime, unknown_time(told.happened)),
        (MarkWord::Window, window(told.happened)),
        (MarkWord::Approximate, approximate(told.happened)),
    ]
    .into_iter()
    .filter_map(|(mark, says)| says.map(|says| Remark { mark, says }))
    .collect()
}

fn late(story: &Story, told: &Told<'_>) -> Option<String> {
    let after = told.recorded.at.0.saturating_sub(told.happened.latest()?.0);
    let is_late = after > LATE_US && !story.incident.facts.is_retrospective();
    is_late.then(|| format!("recorded {} after it happened", spoken(after)))
}

fn corrected(told: &Told<'_>) -> Option<String> {
    let amendment = told.amendment?;
    let says = amendment.occurred.is_some() || !amendment.fields.is_empty();
    says.then(|| format!("corrected by {}", numbers(&amendment.by)))
}

fn withdrawn(told: &Told<'_>) -> Option<String> {
    let amendment = told.amendment.filter(|amendment| amendment.withdrawn)?;
    Some(format!("withdrawn by {}: it never belonged here", numbers(&amendment.by)))
}

fn redacted(story: &Story, told: &Told<'_>) -> Option<String> {
    let Some(it) = told.redaction else {
        return told.logged.data.is_none().then(|| "words erased".to_owned());
    };
    let who = People::of(story).principal(&it.by).name;
    let when = utc(Claimed::At(it.at.instant(), Precision::Minute));
    let reason = &it.redacted.reason;
    Some(format!("words erased by #{} ({who}, {when}): {reason}", it.version))
}

fn overridden(told: &Told<'_>) -> Option<String> {
    let codes = &told.recorded.over;
    let reason = told.recorded.override_reason.as_ref();
    let reason = reason.map_or_else(|| "no reason is kept".to_owned(), |it| it.to_string());
    (!codes.is_empty()).then(|| format!("overridden: {}; {reason}", joined(codes)))
}

fn deviation(codes: &[Code]) -> Option<String> {
    (!codes.is_empty()).then(|| format!("not met: {}", joined(codes)))
}

fn after_resolution(story: &Story, told: &Told<'_>) -> Option<String> {
    let before = story.event(Version(told.recorded.version.0.checked_sub(1)?))?;
    let was_closed = matches!(before.entry.to, Some(State::Resolved | State::Cancelled));
    let reopens = matches!(told.recorded.event, Some(Event::Reopened(_)));
    (was_closed && !reopens).then(|| "after resolution".to_owned())
}

fn unknown_time(happened: Claimed) -> Option<String> {
    (happened == Claimed::Unknown).then(|| "the time is unknown".to_owned())
}

fn window(happened: Claimed) -> Option<String> {
    matches!(happened, Claimed::Within(..)).then(|| "somewhere in this span".to_owned())
}

fn approximate(happened: Claimed) -> Option<String> {
    match happened {
        Claimed::At(_, Precision::Approximate) => Some("the time is approximate".into()),
        Claimed::At(_, precision @ (Precision::Hour | Precision::Day)) => {
            Some(format!("the time is known to the {precision}"))
        }
        Claimed::At(..) | Claimed::Within(..) | Claimed::Unknown => None,
    }
}

fn numbers(versions: &[Version]) -> String {
    joined(&versions.iter().map(|version| format!("#{version}")).collect::<Vec<_>>())
}
