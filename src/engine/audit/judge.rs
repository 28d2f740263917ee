//! What an audit says of an incident as a whole: the machines of today, its runbook, the board.

use super::{Finding, Group, Walk};
use crate::engine::board;
use crate::engine::people::People;
use crate::incident::id::Position;
use crate::incident::runbook::{self, Runbook};
use crate::incident::{Incident, Recorded, Verdict};
use crate::ledger::LedgerError;
use crate::ledger::audit::Extent;
use crate::log::sha256_hex;
use std::collections::HashMap;
use std::sync::Arc;

/// How many runbooks are kept at hand.
const RUNBOOKS_MAX: usize = 64;

/// What is kept from one incident to the next.
#[derive(Default)]
pub(super) struct Judge {
    runbooks: HashMap<String, Option<Arc<Runbook>>>,
    /// The largest number of an incident.
    number: u64,
}

impl Judge {
    /// The runbook that an incident pins, from its text; none when it is not there, not that text,
    /// or not readable.
    pub fn runbook(
        &mut self,
        walk: &mut Walk<'_>,
        book: Option<&str>,
    ) -> Result<Option<Arc<Runbook>>, LedgerError> {
        let Some(sha256) = book else { return Ok(None) };
        if let Some(known) = self.runbooks.get(sha256) {
            return Ok(known.clone());
        }
        let text = walk.audit.runbook(sha256)?;
        let text = text.filter(|text| sha256_hex(text.as_bytes()) == sha256);
        let read = text.and_then(|text| runbook::read(&text).ok()).map(Arc::new);
        if self.runbooks.len() >= RUNBOOKS_MAX {
            self.runbooks.clear();
        }
        self.runbooks.insert(sha256.to_owned(), read.clone());
        Ok(read)
    }

    /// An incident with all its events: its runbook can be had, and its row of the board is right.
    pub fn end(
        &mut self,
        walk: &mut Walk<'_>,
        incident: &Incident,
        last: Position,
    ) -> Result<(), LedgerError> {
        self.number = self.number.max(incident.number.0);
        let Some(runbook) = self.runbook(walk, incident.book.as_deref())? else {
            let detail = format!("the runbook that {} pins cannot be had", incident.number);
            walk.tell(Finding::beside(Group::Runbook, detail));
            return Ok(());
        };
        if walk.claims.extent != Extent::Log {
            return Ok(());
        }
        let number = incident.number;
        let detail = match walk.audit.board(incident.id) {
            Ok(stored) if stored == board::row(incident, &runbook) => return Ok(()),
            Ok(_) => {
                format!("the board's row of {number} is not what its events up to {last} tell")
            }
            Err(LedgerError::Storage(cause)) => {
                format!("the board's row of {number} cannot be read: {cause}")
            }
            Err(other) => return Err(other),
        };
        walk.tell(Finding::beside(Group::Board, detail));
        Ok(())
    }

    /// What is kept of all incidents together, once every one of them was judged.
    pub fn finish(self, walk: &mut Walk<'_>) -> Result<(), LedgerError> {
        if walk.claims.extent != Extent::Log {
            return Ok(());
        }
        for number in walk.audit.orphans()? {
            let detail = format!("the board has a row for {number}, of which there is no event");
            walk.tell(Finding::beside(Group::Board, detail));
        }
        let (claimed, number) = (walk.claims.incidents, self.number);
        if number > claimed {
            let detail =
                format!("the log says {claimed} incidents, but there is one numbered {number}");
            walk.tell(Finding::beside(Group::Head, detail));
        }
        Ok(())
    }
}

/// What today's machines say of the event that comes next, where that is not what was recorded.
pub(super) fn again(
    incident: &Incident,
    recorded: &Recorded,
    position: Position,
    runbook: Option<&Runbook>,
) -> Option<Finding> {
    let verdict = incident.judge_again(recorded, runbook?)?;
    if verdict == Verdict::recorded(recorded) {
        return None;
    }
    let words: Vec<&str> = verdict.unmet().iter().map(|code| code.word()).collect();
    let detail = format!(
        "today's machines would say {} with [{}], recorded is {}",
        verdict.to,
        words.join(" "),
        recorded.to
    );
    Some(Finding::note(Some(position.0), Group::Machine, detail))
}

/// The rows of principals and credentials, against all acts of the service.
pub(super) fn people(walk: &mut Walk<'_>, people: &People) -> Result<(), LedgerError> {
    if walk.claims.extent != Extent::Log {
        return Ok(());
    }
    let (principals, tokens) = (walk.audit.principals()?, walk.audit.tokens()?);
    for detail in people.differences(&principals, &tokens) {
        walk.tell(Finding::beside(Group::People, detail));
    }
    Ok(())
}
