//! What can only be told by what was known at the time: decisions, remedies, and readings during
//! the watch. The facts, as corrected, are folded once more, and looked at between the events.

use super::rule::{Rule, of_step};
use super::{Deviation, Source};
use crate::incident::Event;
use crate::incident::event::ResponseDecided;
use crate::incident::facts::{Facts, Mark, Reading};
use crate::incident::runbook::StepName;
use crate::incident::text::Name;
use crate::incident::words::Purpose;
use crate::views::sentence::spaced;

/// Choices against the recommendation, remedies of another kind, and bad readings in the watch.
pub fn decisions_remedies_and_readings(source: &Source<'_>) -> Vec<Deviation> {
    let mut facts = Facts::default();
    let mut found = Vec::new();
    for told in &source.told {
        let Some(event) = &told.said else { continue };
        let recorded = told.recorded;
        let mark = Mark::of(recorded, told.happened);
        if matches!(event, Event::Resolved(_)) {
            found.extend(bad_readings(source, &facts));
        }
        facts.take(mark, event);
        match event {
            Event::ResponseDecided(it) => found.extend(choice(source, &facts, mark, it)),
            Event::RemedyStarted(it) => {
                let name = it.0.remedy.as_ref();
                found.extend(name.and_then(|name| remedy(source, &facts, mark, name)));
            }
            _ => {}
        }
    }
    found
}

/// A choice that is not what the runbook recommended.
fn choice(
    source: &Source<'_>,
    facts: &Facts,
    mark: Mark,
    it: &ResponseDecided,
) -> Option<Deviation> {
    let recommended = it.recommended.0?;
    if source.runbook.agrees(recommended, it.chosen, facts.scenario.as_ref()) {
        return None;
    }
    let reason = it.rationale.as_ref().map(ToString::to_string);
    let (rule, why) = match &reason {
        Some(reason) => (Rule::OtherChoice, format!("The rationale: {reason}")),
        None => (Rule::ChoiceUnexplained, "No rationale is on record.".to_owned()),
    };
    let (chosen, recommended) = (spaced(it.chosen), spaced(recommended));
    let says = format!("The runbook recommended {recommended}, and {chosen} was chosen. {why}");
    let deviation = Deviation::new(rule, says, [mark.version], row(source, it));
    Some(Deviation { reason, ..deviation })
}

/// The row of the table that gave the recommendation, else the rule of thumb.
fn row(source: &Source<'_>, it: &ResponseDecided) -> String {
    let index = it.row.0.and_then(|row| usize::try_from(row).ok()?.checked_sub(1));
    match index.and_then(|index| source.runbook.decisions.get(index)) {
        Some(row) => format!("{}: {}. {}", row.says, spaced(row.response), row.rationale),
        None => source.runbook.rule_of_thumb.to_string(),
    }
}

/// A remedy of ours, started to restore service, of a kind that neither was chosen nor belongs to
/// the scenario.
fn remedy(source: &Source<'_>, facts: &Facts, mark: Mark, name: &Name) -> Option<Deviation> {
    let remedy = facts.remedy(name)?;
    let (decided, it) = facts.decisions.last().filter(|_| facts.decided)?;
    let chosen = it.chosen.remedy()?;
    let counts = remedy.is_ours() && remedy.purpose() == Purpose::Remedy;
    let fits =
        remedy.kind == chosen || source.runbook.has_remedy(facts.scenario.as_ref(), remedy.kind);
    if !counts || fits {
        return None;
    }
    let says = format!(
        "{} was chosen, and {name}, a remedy of the kind {}, was started.",
        spaced(chosen),
        spaced(remedy.kind)
    );
    let events = [decided.version, mark.version];
    Some(Deviation::new(Rule::OtherRemedy, says, events, row(source, it)))
}

/// Bad readings of watched signals within the watch that a resolution ends. The last reading of
/// each is judged by the guards of the resolution itself.
fn bad_readings(source: &Source<'_>, facts: &Facts) -> Vec<Deviation> {
    let (Some(pass), Some(began)) = (facts.watch, facts.watch_began()) else { return Vec::new() };
    let service = facts.announced.as_ref().map(|(_, it)| &it.service);
    let line = || of_step(source.runbook, StepName::Verify, 1);
    let of_signal = |signal: &Name| {
        let readings = facts.readings.get(signal).map_or(&[][..], Vec::as_slice);
        let earlier = readings.split_last().map_or(&[][..], |(_, earlier)| earlier);
        let is_bad = |it: &&Reading| {
            let is_after = it.mark.version > pass.version || began.is_certainly_before(it.read);
            !it.good && is_after && !it.read.is_certainly_before(began)
        };
        let says = format!("{} read bad during the watch, before it read good.", spaced(signal));
        let deviation = |it: &Reading| {
            Deviation::new(Rule::BadReading, says.clone(), [it.mark.version], line())
        };
        earlier.iter().filter(is_bad).map(deviation).collect::<Vec<_>>()
    };
    source.runbook.signals(service).flat_map(of_signal).collect()
}
