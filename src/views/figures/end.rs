//! The two ends that a figure lies between.

use super::value::Value;
use super::{Figure, FigureName};
use crate::incident::facts::Mark;
use crate::incident::id::Version;
use crate::incident::time::{Claimed, Moment, Precision};

/// One end: a time and the event that states it.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// When.
    pub at: Claimed,
    /// The event.
    pub event: Version,
}

/// An end, or why there is none.
pub type Found = Result<End, Missing>;

/// Why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The reason, in words.
    pub reason: String,
    /// The event that it is about, where there is one.
    pub event: Option<Version>,
}

impl Missing {
    /// What is missing about an event.
    pub fn of(event: Version, reason: String) -> Missing {
        Missing { reason, event: Some(event) }
    }
}

impl From<&str> for Missing {
    fn from(reason: &str) -> Missing {
        Missing { reason: reason.to_owned(), event: None }
    }
}

impl From<Mark> for End {
    fn from(mark: Mark) -> End {
        End { at: mark.happened, event: mark.version }
    }
}

impl End {
    /// The first and the last instant that it may mean. An instant is taken as it was named,
    /// whatever its precision; only a window gives two.
    pub fn bounds(self) -> Result<(i64, i64), Missing> {
        let event = self.event;
        let missing = |reason| Err(Missing::of(event, reason));
        match self.at {
            Claimed::At(at, _) => Ok((at.moment().0, at.moment().0)),
            Claimed::Within(Some(from), Some(till)) => Ok((from.moment().0, till.moment().0)),
            Claimed::Within(Some(_), None) => {
                missing(format!("nobody recorded a latest time for what #{event} states"))
            }
            Claimed::Within(None, _) => {
                missing(format!("nobody recorded an earliest time for what #{event} states"))
            }
            Claimed::Unknown => missing(format!("the time of what #{event} states is unknown")),
        }
    }

    /// How exactly it is known; a window says that by itself.
    pub fn precision(self) -> Precision {
        match self.at {
            Claimed::At(_, precision) => precision,
            Claimed::Within(..) | Claimed::Unknown => Precision::Second,
        }
    }
}

/// The earliest of some ends; those of unknown time come last, ties in the order given.
pub fn earliest(ends: impl Iterator<Item = End>) -> Option<End> {
    ends.min_by_key(|end| end.at.earliest().or(end.at.latest()).unwrap_or(Moment(i64::MAX)))
}

/// The figure from one end to the other.
pub fn between(figure: FigureName, start: Found, end: Found) -> Figure {
    let ends: Vec<End> = [&start, &end].into_iter().flatten().copied().collect();
    let length = length(&start, &end);
    let event = |found: Found| found.ok().map(|end| end.event);
    Figure { from: event(start), to: event(end), ..told(figure, length, &ends) }
}

fn length(start: &Found, end: &Found) -> Result<Value, Missing> {
    let (first, last) = start.clone()?.bounds()?;
    let (soonest, latest) = end.clone()?.bounds()?;
    Ok(Value::Known { min_us: soonest.saturating_sub(last), max_us: latest.saturating_sub(first) })
}

/// A figure with its value or why there is none, and all that follows from the ends it rests on.
pub fn told(figure: FigureName, found: Result<Value, Missing>, ends: &[End]) -> Figure {
    let mut events: Vec<Version> = ends.iter().map(|end| end.event).collect();
    let value = found.unwrap_or_else(|missing| {
        events.extend(missing.event);
        Value::Unknown { reason: missing.reason }
    });
    events.sort();
    events.dedup();
    let is_known = matches!(value, Value::Known { .. });
    let coarsest =
        ends.iter().map(|end| end.precision()).filter(|it| *it != Precision::Approximate).max();
    Figure {
        figure,
        title: figure.title(),
        remedy: None,
        definition: figure.definition(),
        remarks: value.remark().into_iter().collect(),
        value,
        precision: coarsest.filter(|it| is_known && *it != Precision::Second),
        approximate: is_known && ends.iter().any(|end| end.precision() == Precision::Approximate),
        from: None,
        to: None,
        events,
    }
}
