//! The figures that lie between two moments of the whole incident.

use super::end::{End, Found, Missing, between, earliest};
use super::{Figure, FigureName};
use crate::incident::facts::{Facts, Remedy, Window};
use crate::incident::words::{Effect, Purpose};

/// From the beginning of the impact to the first decision.
pub fn opening(facts: &Facts) -> Vec<Figure> {
    vec![
        between(FigureName::Detect, impact_began(facts), detected(facts)),
        between(FigureName::Declare, detected(facts), announced(facts)),
        between(FigureName::Acknowledge, detected(facts), commanded(facts)),
        between(FigureName::Decide, announced(facts), decided(facts)),
        between(FigureName::Start, decided(facts), remedy_started(facts)),
    ]
}

/// From the beginning of the impact, or its detection, to the end.
pub fn closing(facts: &Facts) -> Vec<Figure> {
    vec![
        restore(FigureName::Restore, impact_began(facts), facts),
        restore(FigureName::RestoreFromDetected, detected(facts), facts),
        restore(FigureName::TakeEffect, remedy_started(facts), facts),
        watch(facts),
        between(FigureName::Resolve, impact_began(facts), resolved(facts)),
        between(FigureName::Stable, impact_began(facts), stable(facts)),
    ]
}

/// The start of the window that began first.
pub fn impact_began(facts: &Facts) -> Found {
    first_window(facts).map(began).ok_or_else(|| "nobody recorded when the impact began".into())
}

/// The earliest claimed time at which somebody or something noticed.
pub fn detected(facts: &Facts) -> Found {
    let detections = facts.detections.iter().map(|(mark, _)| End::from(*mark));
    earliest(detections).ok_or_else(|| "nobody recorded how it was detected".into())
}

/// The announcement.
pub fn announced(facts: &Facts) -> Found {
    let announced = facts.announced.as_ref().map(|(mark, _)| End::from(*mark));
    announced.ok_or_else(|| "the words of the announcement were erased".into())
}

fn commanded(facts: &Facts) -> Found {
    facts.first_commander.map(End::from).ok_or_else(|| "nobody was recorded as commander".into())
}

/// The first decision that asks for a remedy.
pub fn decided(facts: &Facts) -> Found {
    let acts = facts.decisions.iter().find(|(_, it)| it.chosen.remedy().is_some());
    acts.map(|(mark, _)| End::from(*mark)).ok_or_else(|| "no decision to act is recorded".into())
}

/// The first recorded start of a remedy that is no diagnosis.
pub fn remedy_started(facts: &Facts) -> Found {
    let counts = |remedy: &&Remedy| remedy.purpose() != Purpose::Diagnosis;
    let starts = facts.remedies.iter().filter(counts).filter_map(|remedy| remedy.started);
    let first = starts.min_by_key(|mark| mark.version);
    first.map(End::from).ok_or_else(|| "no remedy was recorded as started".into())
}

/// The last resolution.
pub fn resolved(facts: &Facts) -> Found {
    facts.resolutions.last().copied().map(End::from).ok_or_else(|| "it is not resolved".into())
}

/// The end of the last window, once all of them have ended.
pub fn stable(facts: &Facts) -> Found {
    let ends: Result<Vec<End>, Missing> = facts.impact.iter().map(ended).collect();
    let latest = |end: &End| end.at.latest().or(end.at.earliest());
    match ends?.into_iter().max_by_key(|end| (latest(end).is_none(), latest(end))) {
        Some(end) => Ok(end),
        None => Err("nobody recorded any impact".into()),
    }
}

fn restore(name: FigureName, start: Found, facts: &Facts) -> Figure {
    let (end, stand_in) = restored(facts);
    remarked(between(name, start, end), stand_in)
}

fn watch(facts: &Facts) -> Figure {
    let (start, stand_in) = restored(facts);
    remarked(between(FigureName::Watch, start, resolved(facts)), stand_in)
}

fn remarked(mut figure: Figure, stand_in: Option<&str>) -> Figure {
    let remark = stand_in.map(|it| format!("nobody recorded that the impact ended: {it}"));
    figure.remarks.extend(remark);
    figure
}

/// Service counts as restored when the first impact ended. When nobody recorded that, the next
/// best sign stands for it, and it is said which.
pub fn restored(facts: &Facts) -> (Found, Option<&'static str>) {
    let window = first_window(facts).and_then(|window| ended(window).ok());
    match (window, first_effective(facts), facts.passes.first()) {
        (Some(end), _, _) => (Ok(end), None),
        (None, Some(end), _) => {
            (Ok(end), Some("the first effective remedy stands for the end of the impact"))
        }
        (None, None, Some(pass)) => {
            (Ok(End::from(*pass)), Some("the first passed checks stand for the end of the impact"))
        }
        (None, None, None) => (Err("nobody recorded that the impact ended".into()), None),
    }
}

fn first_effective(facts: &Facts) -> Option<End> {
    let effects = facts.remedies.iter().flat_map(|remedy| &remedy.effects);
    let effective = effects.filter(|(_, it)| it.effect == Effect::Effective);
    earliest(effective.map(|(mark, _)| End::from(*mark)))
}

/// The window that began first.
fn first_window(facts: &Facts) -> Option<&Window> {
    let start = earliest(facts.impact.iter().map(began))?;
    facts.impact.iter().find(|window| window.from_event == start.event)
}

/// Where a window begins.
pub fn began(window: &Window) -> End {
    End { at: window.from, event: window.from_event }
}

/// Where a window ends.
pub fn ended(window: &Window) -> Found {
    match window.till {
        Some((at, event)) => Ok(End { at, event }),
        None => {
            let from = window.from_event;
            Err(Missing::of(from, format!("the impact of #{from} was not recorded as ended")))
        }
    }
}
