//! How it was checked that service is restored, and how the watch ran.

use super::Source;
use super::document::{SectionName, SectionOut, Statement, Table, TableRow};
use crate::incident::Event;
use crate::incident::event::CheckClaim;
use crate::incident::time::{Claimed, When, spoken};
use crate::views::told::Told;
use crate::views::when::utc;

/// A row for each check and reading, the moves between them, and the watch.
pub fn verification(source: &Source<'_>) -> SectionOut {
    let mut statements = source.statements(|event| {
        matches!(
            event,
            Event::VerificationStarted(_) | Event::ChecksPassed(_) | Event::VerificationFailed(_)
        )
    });
    statements.extend(watch(source));
    let rows = source.told.iter().filter_map(|told| match &told.said {
        Some(Event::CheckRecorded(it)) => Some(row(told, &it.0)),
        _ => None,
    });
    let head = vec![
        "Check",
        "Outcome",
        "Value",
        "Held against",
        "Measured by",
        "Looked at",
        "Recorded as",
    ];
    SectionOut::new(SectionName::Verification, statements)
        .with_table(Table { head, rows: rows.collect() })
}

fn row(told: &Told<'_>, it: &CheckClaim) -> TableRow {
    let outcome = match (it.ok, &it.not_applicable) {
        (Some(true), _) => "good".to_owned(),
        (Some(false), _) => "not good".to_owned(),
        (None, Some(why)) => format!("does not apply: {why}"),
        (None, None) => String::new(),
    };
    TableRow {
        cells: vec![
            it.check.to_string(),
            outcome,
            it.value.map(|it| it.to_string()).unwrap_or_default(),
            it.threshold.map(|it| it.to_string()).unwrap_or_default(),
            it.source.as_ref().map(ToString::to_string).unwrap_or_default(),
            looked_at(it.from, it.to),
            utc(told.happened),
        ],
        cites: vec![told.recorded.version],
    }
}

fn looked_at(from: Option<When>, to: Option<When>) -> String {
    match (from, to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("from {}", utc(from.0)),
        (None, Some(to)) => format!("until {}", utc(to.0)),
        (Some(from), Some(to)) => format!("from {} until {}", utc(from.0), utc(to.0)),
    }
}

/// When the watch that stands began, how long the runbook lets it run, and how long it ran.
fn watch(source: &Source<'_>) -> Option<Statement> {
    let facts = &source.story.incident.facts;
    let (began, pass) = (facts.watch_began()?, facts.watch?);
    let end = facts.resolutions.iter().find(|end| end.version > pass.version);
    let ran = end.and_then(|end| ran(began, end.happened)).map(|ran| format!(", it ran {ran}"));
    let asked = source.manner.runbook.and_then(|runbook| {
        let asked = spoken(runbook.watch().num_microseconds()?);
        Some(format!(", the runbook asks for {asked}"))
    });
    let (ran, asked) = (ran.unwrap_or_default(), asked.unwrap_or_default());
    let text = format!("The last watch began {}{ran}{asked}.", utc(began));
    let change = facts.last_change.map(|mark| mark.version);
    Some(Statement::new(text, pass.version).and(change).and(end.map(|end| end.version)))
}

fn ran(began: Claimed, ended: Claimed) -> Option<String> {
    let (from, till) = (began.instant()?.moment(), ended.instant()?.moment());
    Some(spoken(till.0.saturating_sub(from.0)))
}
