//! Planning a turn: each request sees what the one before it did. Pure but for the chance that it
//! is handed: no I/O, no clock. What comes out is everything to write and every answer.

use super::board;
use super::books::Books;
use super::clock::Chance;
use super::naming::{name_incident, name_people};
use super::request::{Answer, Ask, Done, EVENTS_MAX, Key, Request, TurnedAway};
use crate::access::Directory;
use crate::incident::event::{Event, ReminderSent};
use crate::incident::field::Pointer;
use crate::incident::id::{IncidentId, IncidentRef, Number, Position, PrincipalId, Version};
use crate::incident::system::{
    Act, Against, ClockStepped, Exported, IncidentIdField, ServiceStarted, ServiceStopped,
    StoppedBefore,
};
use crate::incident::text::Line;
use crate::incident::time::Moment;
use crate::incident::{Claim, Incident, Recorded, Runbook, Who};
use crate::log::{Batch, Logged, Names, Place, Receipt, Row, Salt, seal_act, seal_logged};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What a turn has at hand before it plans.
#[derive(Default)]
pub struct Loaded {
    /// The incidents that its requests are about.
    pub incidents: HashMap<IncidentId, Arc<Incident>>,
    /// Where the events stand that our own ones come from.
    pub positions: HashMap<(IncidentId, Version), Position>,
    /// What the names in its requests stand for.
    pub named: HashMap<IncidentRef, IncidentId>,
    /// The receipts of its keys.
    pub receipts: HashMap<(PrincipalId, String), Receipt>,
}

/// A turn being planned.
pub struct Plan<'a> {
    /// What the clock said: one reading for the whole turn.
    pub at: Moment,
    /// The last position that is taken.
    pub position: Position,
    /// The last version of `SYS` that is taken.
    pub system: Version,
    /// What is at hand, as the requests so far have left it.
    pub loaded: Loaded,
    /// Who may speak, as the requests so far have left it.
    pub directory: Arc<Directory>,
    /// What people are called, as the requests so far have left it.
    pub names: Arc<Names>,
    /// Everything to write.
    pub batch: Batch,
    /// The runbooks at hand, with that of every incident that is.
    pub books: &'a Books,
    /// Where salts and ids come from.
    pub chance: &'a dyn Chance,
}

impl Plan<'_> {
    /// Plans one request; one that is turned away leaves nothing behind.
    pub fn answer(&mut self, request: Request) -> Answer {
        let Request { who, key, ask } = request;
        if let Some(key) = &key
            && let Some(receipt) = self.receipt(&who, key)
        {
            return already(receipt, key);
        }
        match ask {
            Ask::Announce(claims) => self.announce(&who, key, claims),
            Ask::Append { incident, if_match, claims } => {
                self.append(&who, key, incident, if_match, claims)
            }
            Ask::Remind(incident) => self.remind(&who, incident),
            Ask::EraseName(claim) => self.erase_name(&who, key, *claim),
            Ask::MakeToken(new) => self.make_token(&who, new),
            Ask::RevokeToken(token) => self.revoke_token(&who, &token),
            Ask::ChangePrincipal(change) => self.change_principal(&who, change),
            Ask::Refused(refusals) => self.note_refusals(&who, refusals),
            Ask::Exported(incident) => {
                let batch = self.draw_id();
                let incident = incident.map(IncidentIdField);
                self.act(&who, batch, &Act::Exported(Exported { incident }));
                Ok(Done::Noted)
            }
            Ask::Started { before } => self.started(&who, before),
            Ask::Seal(seal) => {
                self.batch.seals.push(seal);
                Ok(Done::Noted)
            }
            // Loading it has stopped the turn already.
            Ask::Broken(_) => Ok(Done::Noted),
            Ask::Stopped => {
                let batch = self.draw_id();
                self.act(&who, batch, &Act::ServiceStopped(ServiceStopped {}));
                Ok(Done::Noted)
            }
        }
    }

    /// Records that the clock jumped.
    pub fn note_step(&mut self, step_us: i64, against: Against) {
        let batch = self.draw_id();
        let act = Act::ClockStepped(ClockStepped { step_us, against });
        self.act(&service(), batch, &act);
    }

    fn receipt(&self, who: &Who, key: &Key) -> Option<&Receipt> {
        self.loaded.receipts.get(&(who.by.clone(), key.key.clone()))
    }

    fn announce(&mut self, who: &Who, key: Option<Key>, claims: Vec<Claim>) -> Answer {
        let number = Number(self.batch.incidents + 1);
        let book = self.books.current();
        let id = IncidentId(self.draw_id());
        let incident = Arc::new(Incident::new(id, number, Some(book.sha256.clone())));
        let done = self.record(who, key, incident, Arc::clone(&book.runbook), claims)?;
        self.batch.incidents = number.0;
        if self.batch.runbooks.is_empty() {
            self.batch.runbooks.push((book.sha256.clone(), book.text.clone()));
        }
        Ok(done)
    }

    fn append(
        &mut self,
        who: &Who,
        key: Option<Key>,
        named: IncidentRef,
        if_match: Option<Version>,
        claims: Vec<Claim>,
    ) -> Answer {
        let id = *self.loaded.named.get(&named).ok_or(TurnedAway::NotFound)?;
        let incident = self.loaded.incidents.get(&id).ok_or(TurnedAway::NotFound)?;
        if if_match.is_some_and(|seen| !stands_at(incident, seen)) {
            return Err(TurnedAway::Stale { current: incident.version() });
        }
        let runbook = self.books.of(incident).ok_or(TurnedAway::RunbookUnreadable)?;
        let incident = self.loaded.incidents.remove(&id).ok_or(TurnedAway::NotFound)?;
        self.record(who, key, incident, runbook, claims)
    }

    /// Judges and records claims one after the other, each as the ones before it left things. The
    /// incident is at hand again afterwards: with all of them, or as it was.
    fn record(
        &mut self,
        who: &Who,
        key: Option<Key>,
        mut incident: Arc<Incident>,
        runbook: Arc<Runbook>,
        claims: Vec<Claim>,
    ) -> Answer {
        let batch = self.draw_id();
        let (first, begins) = (incident.version().next(), self.position.next());
        // A single claim changes nothing before it is accepted, so there is nothing to go back to.
        let before = (claims.len() > 1).then(|| Arc::clone(&incident));
        let (mut rows, mut events) = (Vec::new(), Vec::new());
        for (index, claim) in claims.into_iter().enumerate() {
            let position = Position(begins.0 + index as u64);
            match self.judge(who, (&incident, &runbook), claim, index, position, batch) {
                Ok((row, logged, recorded)) => {
                    events.push(logged);
                    rows.push(row);
                    Arc::make_mut(&mut incident).fold(Arc::new(recorded));
                }
                Err(away) => {
                    let before = before.unwrap_or(incident);
                    self.loaded.incidents.extend((first > Version(1)).then(|| (before.id, before)));
                    return Err(away);
                }
            }
        }
        self.position = Position(self.position.0 + rows.len() as u64);
        let places = rows.iter().map(|row| ((incident.id, row.version), row.position));
        self.loaded.positions.extend(places);
        self.batch.rows.append(&mut rows);
        if let Some(key) = key {
            self.receive(who, key, begins, (incident.id, first, incident.version()));
        }
        self.erase_named(&incident, first, &mut events);
        self.keep(Arc::clone(&incident), &runbook);
        Ok(Done::Recorded { incident, runbook, events })
    }

    /// The proof that the key was used, for this turn and for ever.
    pub(super) fn receive(
        &mut self,
        who: &Who,
        key: Key,
        position: Position,
        (incident, first, last): (IncidentId, Version, Version),
    ) {
        let receipt = Receipt {
            position,
            principal: who.by.clone(),
            key: key.key.clone(),
            incident,
            first,
            last,
            fingerprint: Some(key.fingerprint),
        };
        self.loaded.receipts.insert((who.by.clone(), key.key), receipt.clone());
        self.batch.receipts.push(receipt);
    }

    fn judge(
        &self,
        who: &Who,
        (incident, runbook): (&Arc<Incident>, &Arc<Runbook>),
        mut claim: Claim,
        index: usize,
        position: Position,
        batch: Uuid,
    ) -> Result<(Row, Logged, Recorded), TurnedAway> {
        let at = Pointer::Index(&Pointer::Root, index);
        name_people(&mut claim, incident, &self.directory);
        name_incident(&mut claim, incident, &self.loaded.named, &at)
            .map_err(TurnedAway::Invalid)?;
        let judged = incident.judge(claim, who, self.at, runbook, &at);
        let recorded = judged.map_err(|rejection| TurnedAway::Rejected {
            index,
            rejection,
            incident: Arc::clone(incident),
            runbook: Arc::clone(runbook),
            at: self.at,
        })?;
        let is_first = recorded.version == Version(1);
        let book = incident.book.clone().filter(|_| is_first);
        let cause = self.cause(incident, &recorded);
        let place = Place { position, batch, cause, salt: self.draw_salt() };
        let named = (incident.id, incident.number);
        let (row, logged) = seal_logged(&recorded, who, named, book, &place);
        Ok((row, logged, recorded))
    }

    /// Where the event stands that led to one of our own making.
    fn cause(&self, incident: &Incident, recorded: &Recorded) -> Option<Position> {
        let Some(Event::ReminderSent(it)) = &recorded.event else { return None };
        self.loaded.positions.get(&(incident.id, it.since)).copied()
    }

    /// What later requests of this turn, and later turns, find.
    fn keep(&mut self, incident: Arc<Incident>, runbook: &Runbook) {
        let id = incident.id;
        self.batch.board.retain(|row| row.incident != id);
        self.batch.board.extend(board::row(&incident, runbook));
        self.loaded.named.insert(IncidentRef::Number(incident.number), id);
        self.loaded.named.insert(IncidentRef::Id(id), id);
        self.loaded.incidents.insert(id, incident);
    }

    /// Tells the commander, once, of everything that has fallen due.
    fn remind(&mut self, who: &Who, id: IncidentId) -> Answer {
        let incident = self.loaded.incidents.get(&id).ok_or(TurnedAway::NotFound)?;
        let runbook = self.books.of(incident).ok_or(TurnedAway::RunbookUnreadable)?;
        let due = incident.reminders_due(&runbook, self.at);
        let claims: Vec<Claim> = due
            .into_iter()
            .take(EVENTS_MAX)
            .map(|(slot, since)| Claim::of(Event::ReminderSent(ReminderSent { slot, since })))
            .collect();
        if claims.is_empty() {
            return Ok(Done::Noted);
        }
        let incident = self.loaded.incidents.remove(&id).ok_or(TurnedAway::NotFound)?;
        self.record(who, None, incident, runbook, claims)
    }

    fn started(&mut self, who: &Who, stopped_before: Option<StoppedBefore>) -> Answer {
        let batch = self.draw_id();
        let version = line(env!("CARGO_PKG_VERSION"));
        self.act(who, batch, &Act::ServiceStarted(ServiceStarted { version, stopped_before }));
        Ok(Done::Noted)
    }

    pub(super) fn act(&mut self, who: &Who, batch: Uuid, act: &Act) {
        self.act_as(batch, |at, version, place| seal_act(act, who, at, version, place));
    }

    /// Puts the row that `seal` makes at the end of `SYS`.
    pub(super) fn act_as(
        &mut self,
        batch: Uuid,
        seal: impl FnOnce(Moment, Version, &Place) -> Row,
    ) -> Logged {
        self.position = self.position.next();
        self.system = self.system.next();
        let place = Place { position: self.position, batch, cause: None, salt: self.draw_salt() };
        let row = seal(self.at, self.system, &place);
        let logged = Logged::read(&row).expect("what was just sealed reads back");
        Arc::make_mut(&mut self.names).take(&logged);
        self.batch.rows.push(row);
        logged
    }

    fn draw_salt(&self) -> Salt {
        let mut salt = [0; 32];
        self.chance.fill(&mut salt);
        Salt(salt)
    }

    /// A UUIDv7 of this turn's moment.
    pub(super) fn draw_id(&self) -> Uuid {
        let mut random = [0; 10];
        self.chance.fill(&mut random);
        let millis = u64::try_from(self.at.0 / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// An id of 12 random letters and digits behind the prefix that tells its kind.
    pub(super) fn draw_word(&self, prefix: char) -> String {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut random = [0; 12];
        self.chance.fill(&mut random);
        let letters = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        format!("{prefix}_{}", letters.collect::<String>())
    }
}

/// The service itself, in events of its own making.
pub fn service() -> Who {
    Who { by: PrincipalId::service(), on_behalf_of: None, token: None, is_admin: false }
}

/// Whether nothing but our own events follow the version that a client saw.
fn stands_at(incident: &Incident, seen: Version) -> bool {
    let is_known = seen <= incident.version();
    is_known && incident.since(seen.next()).iter().all(|recorded| recorded.by.is_service())
}

/// The first answer again, for the same request; a receipt whose fingerprint was taken away answers
/// without comparing.
fn already(receipt: &Receipt, key: &Key) -> Answer {
    if receipt.fingerprint.is_some_and(|kept| kept != key.fingerprint) {
        return Err(TurnedAway::KeyReused);
    }
    Ok(Done::AlreadyRecorded {
        incident: receipt.incident,
        first: receipt.first,
        last: receipt.last,
    })
}

/// A short word of our own making.
pub(super) fn line(word: &str) -> Line {
    Line::new(word).expect("an id or a version is a short word")
}
