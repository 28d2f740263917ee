//! What was promised to be told by when, and what was told.

use super::Source;
use super::document::{SectionName, SectionOut, Statement, Table, TableRow};
use crate::incident::Event;
use crate::incident::obligation::{Obligation, Standing};
use crate::incident::time::spoken;
use crate::views::sentence::spaced;

/// A row for each promise against the clock, then everything that was posted or called out.
pub fn communications(source: &Source<'_>) -> SectionOut {
    let mut statements = source.statements(Event::is_communication);
    statements.extend(untracked(source));
    let promised = promised(source);
    let trackable = promised.iter().filter(|it| it.standing != Standing::NotTrackable);
    let rows = trackable.map(|it| row(source, it)).collect();
    let head = vec!["Promise", "Due", "Became", "Against the clock", "Owed by"];
    SectionOut::new(SectionName::Communications, statements).with_table(Table { head, rows })
}

fn promised(source: &Source<'_>) -> Vec<Obligation> {
    let Some(runbook) = source.manner.runbook else { return Vec::new() };
    source.story.incident.obligations(runbook, source.manner.moment(source.story))
}

/// Why there is no clock to hold what was told against.
fn untracked(source: &Source<'_>) -> Option<Statement> {
    let facts = &source.story.incident.facts;
    let text = match (facts.is_retrospective(), source.manner.runbook) {
        (true, _) => "Promises are not trackable: the incident was entered afterwards.",
        (false, None) => "The runbook is not at hand: promises are not judged.",
        (false, Some(_)) => return None,
    };
    facts.announced.as_ref().map(|(mark, _)| Statement::new(text, mark.version))
}

fn row(source: &Source<'_>, it: &Obligation) -> TableRow {
    let clock = match (it.paid_by, it.late_us) {
        (Some(_), Some(late)) => format!("{} after it was due", spoken(late)),
        (Some(_), None) if it.is_recorded_late => "in time, recorded later".to_owned(),
        (Some(_), None) => "in time".to_owned(),
        (None, _) => "nothing on record".to_owned(),
    };
    let owed = it.owed_by.as_ref().map_or("nobody".to_owned(), |it| source.people.name(it));
    let due = format!("{} UTC", it.due.instant().utc());
    let cites = std::iter::once(it.since).chain(it.paid_by).chain(it.owed_since).collect();
    TableRow { cells: vec![it.says.clone(), due, spaced(it.standing), clock, owed], cites }
}
