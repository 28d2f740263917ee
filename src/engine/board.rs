//! The board's row of an incident, folded from its events.

use crate::incident::facts::Mark;
use crate::incident::time::Moment;
use crate::incident::words::{Role, State};
use crate::incident::{Incident, Runbook};
use crate::log::BoardRow;
use crate::views::title;

/// The row; none before the announcement.
pub fn row(incident: &Incident, runbook: &Runbook) -> Option<BoardRow> {
    let facts = &incident.facts;
    let (announced, it) = facts.announced.as_ref()?;
    let ended = match incident.state {
        State::Resolved => facts.resolutions.last().copied(),
        State::Cancelled => facts.cancelled.as_ref().map(|(mark, _)| *mark),
        _ => None,
    };
    Some(BoardRow {
        incident: incident.id,
        number: incident.number,
        version: incident.version(),
        state: incident.state,
        severity: facts.severity.as_ref().map(ToString::to_string),
        service: it.service.to_string(),
        title: title(incident),
        commander: facts.holder(Role::Commander).map(|holder| holder.person.to_string()),
        announced_at: moment(*announced),
        restored_at: facts.passes.last().copied().map(moment),
        resolved_at: ended.map(moment),
        updated_at: incident.updated_at()?,
        due_at: incident.next_due(runbook),
    })
}

/// When it happened where that is an instant, else when it was recorded.
fn moment(mark: Mark) -> Moment {
    mark.happened.instant().map_or(mark.at, |instant| instant.moment())
}
