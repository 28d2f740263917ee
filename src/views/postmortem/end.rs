//! The figures, the timeline, the departures from the runbook, and what the document rests on.

use super::Source;
use super::beginning::stated;
use super::document::{SectionName, SectionOut, Statement, Table, TableRow};
use crate::incident::Recorded;
use crate::views::conformance::Conformance;
use crate::views::sentence::{counted, joined};
use crate::views::timeline::{Entry, Timeline};

/// Every figure that some event has to do with.
pub fn figures(source: &Source<'_>) -> SectionOut {
    let told = source.figures.figures.iter().filter_map(stated);
    SectionOut::new(SectionName::Figures, told.collect())
}

/// What lasted, and then everything as it happened.
pub fn timeline(timeline: &Timeline) -> SectionOut {
    let lasted = timeline.lanes.iter().flat_map(|lane| {
        lane.spans.iter().map(|span| TableRow {
            cells: vec![lane.title.to_owned(), span.what.clone(), span.when.clone()],
            cites: span.events.clone(),
        })
    });
    let table = Table { head: vec!["Lane", "What lasted", "When"], rows: lasted.collect() };
    let lines = timeline.entries.iter().map(line).collect();
    SectionOut::new(SectionName::Timeline, lines).with_table(table)
}

fn line(entry: &Entry) -> Statement {
    let local = entry.local.as_ref().map(|local| format!(" / {local}")).unwrap_or_default();
    let t = entry.t.as_ref().map(|t| format!(" ({t})")).unwrap_or_default();
    let pinned = if entry.pinned { "Pinned: " } else { "" };
    let known = std::iter::once(entry.who()).chain(entry.remarks());
    let known = Vec::from_iter(known).join("; ");
    let text = format!("{}{local}{t}: {pinned}{} ({known})", entry.when, entry.what);
    Statement { withdrawn: entry.withdrawn, ..Statement::new(text, entry.version) }
}

/// Guards that were overridden, guards that were not met but let through, and whatever else
/// departs from the runbook, where that is at hand.
pub fn departures(source: &Source<'_>) -> SectionOut {
    let told =
        source.told.iter().flat_map(|told| departed(told.recorded, &told.logged.entry.r#type));
    let mut statements: Vec<Statement> = told.collect();
    statements.extend(deviations(source));
    SectionOut::new(SectionName::Departures, statements)
}

/// The deviations that are no guards of an event, each with the line of the runbook that it departs
/// from; guards stand above with their codes.
fn deviations(source: &Source<'_>) -> Vec<Statement> {
    let Some(runbook) = source.manner.runbook else { return Vec::new() };
    let judged_at = source.manner.moment(source.story);
    let found = Conformance::new(source.story, runbook, judged_at).deviations;
    let others = found.into_iter().filter(|it| it.code.is_none());
    let stated = others.filter_map(|it| {
        let (first, rest) = it.events.split_first()?;
        let text = format!("{} The runbook: {}", it.says, it.line);
        Some(Statement::new(text, *first).and(rest.iter().copied()))
    });
    stated.collect()
}

fn departed(recorded: &Recorded, kind: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    if !recorded.over.is_empty() {
        let reason =
            recorded.override_reason.as_ref().map_or("no reason is kept.", |it| it.as_str());
        let codes = joined(&recorded.over);
        let text = format!("Overridden at {kind}: {codes}. Reason: {reason}");
        statements.push(Statement::new(text, recorded.version));
    }
    if !recorded.dev.is_empty() {
        let text = format!("Not met at {kind}: {}.", joined(&recorded.dev));
        statements.push(Statement::new(text, recorded.version));
    }
    statements
}

/// What the document rests on, and what proves it.
pub fn integrity(source: &Source<'_>) -> SectionOut {
    let last = &source.story.last().entry;
    let statements = [
        format!(
            "Told from {} of {} up to position {} of the log, recorded {} UTC; the document is judged at {} UTC.",
            counted(source.story.events.len(), "event"),
            source.story.incident.number,
            last.pos,
            last.at.instant().utc(),
            source.manner.moment(source.story).instant().utc()
        ),
        format!(
            "Whether a signed checkpoint covers them, the log proves: /v1/log/proof?position={}, or allclear verify.",
            last.pos
        ),
    ];
    let cite = |text| Statement::new(text, last.ver);
    SectionOut::new(SectionName::Integrity, statements.into_iter().map(cite).collect())
}
