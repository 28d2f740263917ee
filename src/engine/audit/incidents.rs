//! The walk over all events in the order of incidents and versions: one incident at a time.

use super::{DAMAGED_MAX, FOLDED_MAX, Finding, Group, Walk};
use crate::engine::board;
use crate::engine::people::People;
use crate::incident::id::{IncidentId, Number, Position};
use crate::incident::runbook::{self, Runbook};
use crate::incident::{Incident, Recorded, Verdict};
use crate::ledger::LedgerError;
use crate::ledger::audit::{Extent, RawRow, RawRows};
use crate::log::{Damage, Logged, Redactions, Said, Story, sha256_hex};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::mem::take;
use std::sync::Arc;
use uuid::Uuid;

/// How many runbooks are kept at hand.
const RUNBOOKS_MAX: usize = 64;

/// The incident under way.
#[derive(Default)]
struct Current {
    id: Vec<u8>,
    /// The last version that was passed.
    version: i64,
    /// Its events, unless they are not folded.
    events: Vec<Logged>,
    /// The first of them that cannot be read.
    unread: Option<Damage>,
    /// Why they are not.
    unfolded: Option<&'static str>,
    /// The last version that is damaged.
    damaged: u64,
    /// The erased events: version and position.
    erased: Vec<(u64, u64)>,
    /// The other ones.
    present: Vec<(u64, u64)>,
    /// What redactions name, with the version of the redaction.
    named: BTreeMap<u64, u64>,
}

pub(super) struct Incidents<'w, 'a> {
    walk: &'w mut Walk<'a>,
    current: Current,
    runbooks: HashMap<String, Option<Arc<Runbook>>>,
    /// The largest number of an incident.
    number: u64,
    people: People,
}

impl<'w, 'a> Incidents<'w, 'a> {
    pub fn walk(walk: &'w mut Walk<'a>) -> Result<(), LedgerError> {
        let current = Current::default();
        Incidents { walk, current, runbooks: HashMap::new(), number: 0, people: People::default() }
            .run()
    }

    fn run(&mut self) -> Result<(), LedgerError> {
        let mut after: Option<(Vec<u8>, i64)> = None;
        let mut page = RawRows::default();
        loop {
            let key = after.as_ref().map(|(id, version)| (id.as_slice(), *version));
            self.walk.audit.by_incident(key, &mut page)?;
            let Some(last) = page.last() else { break };
            after = Some((last.incident.to_vec(), last.version));
            for row in page.iter() {
                if row.incident != self.current.id {
                    self.end()?;
                    self.current = Current { id: row.incident.to_vec(), ..Current::default() };
                }
                self.row(row);
            }
            (self.walk.walked)(page.len() as u64);
        }
        self.end()?;
        self.finish()
    }

    fn is_system(&self) -> bool {
        self.current.id == Uuid::nil().as_bytes()
    }

    fn row(&mut self, row: RawRow<'_>) {
        let position = u64::try_from(row.position).unwrap_or(0);
        let version = self.version(&row, position);
        let is_damaged = self.walk.damaged.contains(&position);
        if self.walk.damaged.len() >= DAMAGED_MAX || is_damaged {
            self.current.unfolded = Some("an event of it is damaged");
        }
        if is_damaged {
            self.current.damaged = self.current.damaged.max(version);
        }
        let read = row.logged();
        if row.data.is_none() && row.salt.is_none() {
            self.current.erased.push((version, position));
        } else {
            self.current.present.push((version, position));
            if !is_damaged && is_redaction(&row, read.as_ref()) {
                self.redaction(&row, version);
            }
        }
        let is_folded = self.current.unfolded.is_none() && !self.is_system();
        if is_folded && self.current.events.len() >= FOLDED_MAX {
            self.current.unfolded = Some("it has too many events");
        }
        match read {
            Some(Ok(Logged { said: Said::Act(act), .. })) if self.is_system() => {
                self.people.take(&act);
            }
            Some(read) if is_folded && self.current.unfolded.is_none() => self.keep(read),
            _ => self.current.events.clear(),
        }
    }

    fn keep(&mut self, read: Result<Logged, Damage>) {
        match read {
            Ok(logged) => self.current.events.push(logged),
            Err(damage) => {
                self.current.unread.get_or_insert(damage);
            }
        }
    }

    /// The rows of principals and credentials, against all acts.
    fn people(&mut self, current: &Current) -> Result<(), LedgerError> {
        if self.walk.claims.extent != Extent::Log {
            return Ok(());
        }
        if let Some(why) = current.unfolded {
            let detail = format!("principals and tokens were not compared with SYS: {why}");
            self.walk.tell(Finding::note(None, Group::People, detail));
            return Ok(());
        }
        let (principals, tokens) = (self.walk.audit.principals()?, self.walk.audit.tokens()?);
        for detail in self.people.differences(&principals, &tokens) {
            self.walk.tell(Finding::beside(Group::People, detail));
        }
        Ok(())
    }

    /// Versions are 1, 2, 3 … without a gap.
    fn version(&mut self, row: &RawRow<'_>, position: u64) -> u64 {
        let expected = self.current.version + 1;
        self.current.version = row.version;
        // Of the service's own acts, only those that give names go with an incident.
        let is_chosen = self.is_system() && self.walk.claims.extent == Extent::Incident;
        if row.version != expected && !is_chosen {
            let detail = format!("version {} stands where {expected} must", row.version);
            if !self.walk.damaged.contains(&position) {
                self.walk.tell(Finding::event(position, Group::Version, detail));
            }
            self.current.unfolded = Some("an event of it is missing");
        }
        u64::try_from(row.version).unwrap_or(0)
    }

    /// What a redaction names: the event, and the earlier redactions of it.
    fn redaction(&mut self, row: &RawRow<'_>, version: u64) {
        let said = row.data.and_then(|data| serde_json::from_slice::<Value>(data).ok());
        let Some(said) = said else { return };
        let earlier = said["data"]["earlier"].as_array().into_iter().flatten();
        for named in earlier.chain([&said["data"]["version"]]).filter_map(Value::as_u64) {
            let last = self.current.named.entry(named).or_default();
            *last = version.max(*last);
        }
    }

    /// Ends the incident under way.
    fn end(&mut self) -> Result<(), LedgerError> {
        let current = take(&mut self.current);
        if current.version == 0 && current.events.is_empty() {
            return Ok(());
        }
        self.redactions(&current);
        let Ok(id) = <[u8; 16]>::try_from(current.id.as_slice()) else { return Ok(()) };
        if Uuid::from_bytes(id).is_nil() {
            return self.people(&current);
        }
        self.walk.summary.incidents += 1;
        match current.unfolded {
            None => self.judge(IncidentId(Uuid::from_bytes(id)), current.events, current.unread),
            Some(why) => {
                let id = Uuid::from_bytes(id);
                let detail = format!("incident {id} was not judged again: {why}");
                self.walk.tell(Finding::note(None, Group::Machine, detail));
                Ok(())
            }
        }
    }

    /// What is erased was named by a later redaction, and what was named is erased.
    fn redactions(&mut self, current: &Current) {
        for (version, position) in &current.erased {
            let redacted = current.named.get(version);
            if redacted.is_some_and(|by| by > version) || self.walk.damaged.contains(position) {
                continue;
            }
            if current.damaged > *version {
                let detail = "erased; the redaction may be a later event that is damaged";
                self.walk.tell(Finding::note(Some(*position), Group::Redaction, detail));
            } else {
                let detail = "data and salt are gone, and no later redaction names it";
                self.walk.tell(Finding::event(*position, Group::Redaction, detail));
            }
        }
        for (version, position) in &current.present {
            if let Some(by) = current.named.get(version) {
                let detail = format!("redaction violated: version {by} erased what is here again");
                self.walk.tell(Finding::event(*position, Group::Redaction, detail));
            }
        }
    }

    /// Folds the incident once more: what the machines say of each event, and its board row.
    fn judge(
        &mut self,
        id: IncidentId,
        events: Vec<Logged>,
        unread: Option<Damage>,
    ) -> Result<(), LedgerError> {
        if let Some(Damage { position, cause }) = unread {
            let detail = format!("it cannot be read by this release: {cause}");
            self.walk.tell(Finding::event(position.0, Group::Data, detail));
            return Ok(());
        }
        let last = events.last().map_or(Position(0), |logged| logged.entry.pos);
        let Some(incident) = self.fold(events)? else { return Ok(()) };
        self.number = self.number.max(incident.number.0);
        let runbook = incident.book.clone().map(|book| self.runbook(&book)).transpose()?.flatten();
        let Some(runbook) = runbook else {
            let detail = format!("the runbook that {} pins cannot be had", incident.number);
            self.walk.tell(Finding::beside(Group::Runbook, detail));
            return Ok(());
        };
        if self.walk.claims.extent != Extent::Log {
            return Ok(());
        }
        let stored = match self.walk.audit.board(id) {
            Ok(stored) => stored,
            Err(LedgerError::Storage(cause)) => {
                let detail =
                    format!("the board's row of {} cannot be read: {cause}", incident.number);
                self.walk.tell(Finding::beside(Group::Board, detail));
                return Ok(());
            }
            Err(other) => return Err(other),
        };
        if stored != board::row(&incident, &runbook) {
            let detail = format!(
                "the board's row of {} is not what its events up to {last} tell",
                incident.number
            );
            self.walk.tell(Finding::beside(Group::Board, detail));
        }
        Ok(())
    }

    /// Folds an incident, and asks today's machines about each event on the way.
    fn fold(&mut self, events: Vec<Logged>) -> Result<Option<Incident>, LedgerError> {
        let Some(first) = events.first().map(|logged| &logged.entry) else { return Ok(None) };
        let number = first.no.unwrap_or(Number(0));
        let mut incident = Incident::new(first.inc, number, first.book.clone());
        let runbook = first.book.clone().map(|book| self.runbook(&book)).transpose()?.flatten();
        let positions: Vec<Position> = events.iter().map(|logged| logged.entry.pos).collect();
        for (recorded, position) in history(events).into_iter().zip(positions) {
            let verdict =
                runbook.as_deref().and_then(|runbook| incident.judge_again(&recorded, runbook));
            if let Some(verdict) = verdict.filter(|it| *it != Verdict::recorded(&recorded)) {
                let words: Vec<&str> = verdict.unmet().iter().map(|code| code.word()).collect();
                let detail = format!(
                    "today's machines would say {} with [{}], recorded is {}",
                    verdict.to,
                    words.join(" "),
                    recorded.to
                );
                self.walk.tell(Finding::note(Some(position.0), Group::Machine, detail));
            }
            incident.fold(recorded);
        }
        Ok(Some(incident))
    }

    /// A pinned runbook, from its text; none when it is not there, not that text, or not readable.
    fn runbook(&mut self, sha256: &str) -> Result<Option<Arc<Runbook>>, LedgerError> {
        if let Some(known) = self.runbooks.get(sha256) {
            return Ok(known.clone());
        }
        let text = self.walk.audit.runbook(sha256)?;
        let text = text.filter(|text| sha256_hex(text.as_bytes()) == sha256);
        let read = text.and_then(|text| runbook::read(&text).ok()).map(Arc::new);
        if self.runbooks.len() >= RUNBOOKS_MAX {
            self.runbooks.clear();
        }
        self.runbooks.insert(sha256.to_owned(), read.clone());
        Ok(read)
    }

    fn finish(&mut self) -> Result<(), LedgerError> {
        for said in self.walk.audit.orders()? {
            self.walk.tell(Finding::storage(said));
        }
        if self.walk.claims.extent != Extent::Log {
            return Ok(());
        }
        for number in self.walk.audit.orphans()? {
            let detail = format!("the board has a row for {number}, of which there is no event");
            self.walk.tell(Finding::beside(Group::Board, detail));
        }
        let claimed = self.walk.claims.incidents;
        if self.number > claimed {
            let detail = format!(
                "the log says {claimed} incidents, but there is one numbered {}",
                self.number
            );
            self.walk.tell(Finding::beside(Group::Head, detail));
        }
        Ok(())
    }
}

/// The events as folding needs them. What stands for erased words is known only behind them.
fn history(events: Vec<Logged>) -> Vec<Arc<Recorded>> {
    if events.iter().all(|logged| logged.data.is_some()) {
        return events.into_iter().filter_map(Logged::into_recorded).map(Arc::new).collect();
    }
    let redactions = Redactions::among(&events);
    let story = Story::tell(events, redactions, Arc::default());
    story.map_or_else(Vec::new, |story| story.incident.history().to_vec())
}

/// Whether it is a redaction, of a row that may not be one that this release can read.
fn is_redaction(row: &RawRow<'_>, read: Option<&Result<Logged, Damage>>) -> bool {
    match read {
        Some(Ok(logged)) => logged.is_redaction(),
        Some(Err(_)) | None => {
            std::str::from_utf8(row.entry).is_ok_and(|entry| entry.contains(r#""type":"redacted""#))
        }
    }
}
