//! Building a log again from the bundle of a whole one. Entries, data and salts are the same bytes;
//! what is kept beside them is folded from the events. What no event has is not there: the secrets
//! of tokens, the receipts of requests, and the key that signs.

use super::board;
use super::people::People;
use crate::incident::id::{IncidentId, Version};
use crate::incident::runbook::{self, Runbook};
use crate::ledger::audit::{Audit, RawRow, RawRows};
use crate::ledger::{Ledger, LedgerError, Turn};
use crate::log::tree::{self, Hash};
use crate::log::{Batch, BoardRow, GenerationRow, Logged, Row, Said, Seal, Story};
use std::collections::HashMap;
use std::sync::Arc;

/// What was built.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// How many events.
    pub events: u64,
    /// How many incidents.
    pub incidents: u64,
    /// The root over all of them.
    pub root: Hash,
}

/// Writes everything that a bundle has into an empty ledger, and begins the next generation there:
/// whoever has the log that it comes from may go on signing under the old name. The bundle was
/// audited before.
pub fn import(
    from: &mut dyn Audit,
    to: &mut dyn Ledger,
    generation: GenerationRow,
) -> Result<Imported, LedgerError> {
    let mut import = Import { from, position: 0, incidents: 0, people: People::default() };
    import.events(to)?;
    import.board(to)?;
    let (events, incidents) = (import.position, import.incidents);
    let seals = vec![Seal::Generation(generation)];
    let mut turn = to.begin()?;
    turn.write(&Batch { seals, incidents, ..Batch::default() })?;
    turn.commit()?;
    let mut reader = to.reader()?;
    let root = tree::root(events, &mut |places| reader.hashes(places))?;
    Ok(Imported { events, incidents, root })
}

struct Import<'a> {
    from: &'a mut dyn Audit,
    /// The last position that was written.
    position: u64,
    /// The largest number of an incident.
    incidents: u64,
    people: People,
}

impl Import<'_> {
    /// The events in their order, with the hashes, runbooks and principals that come with them.
    fn events(&mut self, to: &mut dyn Ledger) -> Result<(), LedgerError> {
        while let Some(rows) = self.page(self.position)? {
            let mut batch = Batch::default();
            for row in &rows {
                let logged = Logged::read(row).map_err(|it| broken(&it.to_string()))?;
                let number = logged.entry.no.map_or(0, |number| number.0);
                self.incidents = self.incidents.max(number);
                if let Some(sha256) = &logged.entry.book {
                    let text = self.from.runbook(sha256)?;
                    batch.runbooks.extend(text.map(|text| (sha256.clone(), text)));
                }
                if let Said::Act(act) = &logged.said {
                    batch.principals.extend(self.people.take(act));
                }
            }
            batch.incidents = self.incidents;
            let last = rows.last().map_or(self.position, |row| row.position.0);
            batch.seals.push(self.hashes(last)?);
            batch.rows = rows;
            self.position = last;
            let mut turn = to.begin()?;
            turn.write(&batch)?;
            turn.commit()?;
        }
        Ok(())
    }

    /// The rows behind that position; none at the end.
    fn page(&mut self, after: u64) -> Result<Option<Vec<Row>>, LedgerError> {
        let mut page = RawRows::default();
        self.from.events(i64::try_from(after).unwrap_or(i64::MAX), &mut page)?;
        let rows: Option<Vec<Row>> = page.iter().map(RawRow::typed).collect();
        let rows = rows.ok_or_else(|| broken("a row cannot be read"))?;
        Ok((!rows.is_empty()).then_some(rows))
    }

    /// The hashes that become complete between the last position that was written and that one.
    fn hashes(&mut self, last: u64) -> Result<Seal, LedgerError> {
        let (first, end) = (tree::hashes_of(self.position), tree::hashes_of(last));
        let mut hashes: Vec<Hash> = Vec::new();
        while first + (hashes.len() as u64) < end {
            let page = self.from.hashes(first + hashes.len() as u64)?;
            if page.is_empty() {
                return Err(broken("a hash of the tree is missing"));
            }
            hashes.extend(page.into_iter().map(|(_, hash)| Hash(hash)));
        }
        hashes.truncate(usize::try_from(end - first).unwrap_or(usize::MAX));
        Ok(Seal::Hashes(first, hashes))
    }

    /// The board, an incident at a time, each folded from its events.
    fn board(&mut self, to: &mut dyn Ledger) -> Result<(), LedgerError> {
        let mut runbooks = HashMap::new();
        let mut after = 0;
        while let Some(rows) = self.page(after)? {
            after = rows.last().map_or(after, |row| row.position.0);
            let first = |row: &&Row| row.version == Version(1) && !row.incident.is_system();
            let announced: Vec<IncidentId> =
                rows.iter().filter(first).map(|row| row.incident).collect();
            if announced.is_empty() {
                continue;
            }
            let mut turn = to.begin()?;
            let mut board = Vec::new();
            for id in announced {
                board.extend(board_row(turn.as_mut(), &mut runbooks, id)?);
            }
            turn.write(&Batch { board, incidents: self.incidents, ..Batch::default() })?;
            turn.commit()?;
        }
        Ok(())
    }
}

fn board_row(
    turn: &mut dyn Turn,
    runbooks: &mut HashMap<String, Arc<Runbook>>,
    id: IncidentId,
) -> Result<Option<BoardRow>, LedgerError> {
    let story = Story::walk(&turn.incident(id)?, Arc::default());
    let story = story.map_err(|damage| broken(&damage.to_string()))?;
    let Some(incident) = story.map(|story| story.incident) else { return Ok(None) };
    let Some(sha256) = incident.book.clone() else { return Ok(None) };
    if !runbooks.contains_key(&sha256) {
        let text = turn.runbook(&sha256)?;
        let read = text.and_then(|text| runbook::read(&text).ok());
        let read = read.ok_or_else(|| broken(&format!("the runbook {sha256} cannot be read")))?;
        runbooks.insert(sha256.clone(), Arc::new(read));
    }
    Ok(board::row(&incident, &runbooks[&sha256]))
}

fn broken(why: &str) -> LedgerError {
    LedgerError::Storage(why.to_owned())
}
