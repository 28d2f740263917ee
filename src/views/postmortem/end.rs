//! The figures, the timeline, the departures from the runbook, and what the document rests on.

use super::Source;
use super::beginning::stated;
use super::document::{SectionName, SectionOut, Statement};
use crate::incident::Recorded;
use crate::views::sentence::joined;
use crate::views::timeline::{Entry, Order, Timeline};

/// Every figure that some event has to do with.
pub fn figures(source: &Source<'_>) -> SectionOut {
    let told = source.figures.figures.iter().filter_map(stated);
    SectionOut::new(SectionName::Figures, told.collect())
}

/// The timeline as things happened.
pub fn timeline(source: &Source<'_>) -> SectionOut {
    let timeline = Timeline::new(source.story, Order::Occurred);
    SectionOut::new(SectionName::Timeline, timeline.entries.iter().map(line).collect())
}

fn line(entry: &Entry) -> Statement {
    let t = entry.t.as_ref().map(|t| format!(" ({t})")).unwrap_or_default();
    let marks: Vec<&str> = entry.marks.iter().map(|mark| mark.says.as_str()).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join("; ")) };
    let first = match &entry.original {
        Some(first) if !entry.withdrawn => {
            format!(" Recorded first as: {}, {}", first.when, first.what)
        }
        _ => String::new(),
    };
    let who = &entry.actor.as_ref().or(entry.r#for.as_ref()).unwrap_or(&entry.by).name;
    let text = format!("{}{t}, {who}: {}{marks}{first}", entry.when, entry.what);
    Statement { withdrawn: entry.withdrawn, ..Statement::new(text, entry.version) }
}

/// Guards that were overridden, and guards that were not met but let through.
pub fn departures(source: &Source<'_>) -> SectionOut {
    let told =
        source.told.iter().flat_map(|told| departed(told.recorded, &told.logged.entry.r#type));
    SectionOut::new(SectionName::Departures, told.collect())
}

fn departed(recorded: &Recorded, kind: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    if !recorded.over.is_empty() {
        let reason = recorded.override_reason.as_ref().map_or("not recorded.", |it| it.as_str());
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
            "Told from the {} events of {} up to position {} of the log, recorded {} UTC; the document is judged at that moment.",
            last.ver,
            source.story.incident.number,
            last.pos,
            last.at.instant().utc()
        ),
        "The log has no checkpoint yet: nothing signed stands behind these events so far."
            .to_owned(),
    ];
    let cite = |text| Statement::new(text, last.ver);
    SectionOut::new(SectionName::Integrity, statements.into_iter().map(cite).collect())
}
