//! Long logs, made fast: sealed events written straight to a ledger, in turns larger than the
//! engine's, each with its receipt, its hashes of the tree, and the row of its incident.
//!
//! Incidents lie one after the other, and have ended: only the last few are open, as in a log of
//! years. The states are the board's alone; nobody folds these incidents.

use super::service::open;
use allclear::incident::event::NoteAdded;
use allclear::incident::id::{IncidentId, Number, Position, PrincipalId, Version};
use allclear::incident::text::Text;
use allclear::incident::time::Moment;
use allclear::incident::words::State;
use allclear::incident::{Event, EventType, Recorded, Who};
use allclear::ledger::Ledger;
use allclear::log::tree::{self, Frontier};
use allclear::log::{Batch, BoardRow, Place, Receipt, Row, Salt, Seal, seal};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How many events an incident of a long log has.
pub const EVENTS_EACH: u64 = 20;

/// How many events a turn has: whole incidents of them.
const TURN: u64 = 200 * EVENTS_EACH;

/// How many incidents are open: the last ones.
const OPEN: u64 = 20;

/// How many services there are, beside the first, which has half of all incidents.
const SERVICES: u64 = 4;

/// How often the progress is told.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// The first moment of a long log: 2026-01-01.
const BEGINNING_US: i64 = 1_767_225_600_000_000;

/// A second.
const SECOND_US: i64 = 1_000_000;

/// Makes a log of so many events in `data`, sealed to its end but for the signature, and closes it.
pub fn fill(data: &Path, events: u64) {
    let mut ledger = open(data);
    let mut frontier = Frontier::default();
    let begun = Instant::now();
    let mut told = begun;
    for first in (1..=events).step_by(TURN as usize) {
        let last = events.min(first + TURN - 1);
        let mut batch = batch(first..=last);
        batch.board.iter_mut().for_each(|row| stand(row, events / EVENTS_EACH));
        let place = tree::hashes_of(frontier.size());
        let leaves = batch.rows.iter().map(|row| tree::leaf(row.entry.as_bytes()));
        batch.seals =
            vec![Seal::Hashes(place, leaves.flat_map(|leaf| frontier.push(leaf)).collect())];
        let mut turn = ledger.begin().expect("nobody else has it");
        turn.write(&batch).expect("the disk takes it");
        turn.commit().expect("the disk takes it");
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            let rate = last as f64 / begun.elapsed().as_secs_f64();
            eprintln!("growth: {last} of {events} events are written, {rate:.0} in a second");
        }
    }
    Box::new(ledger).close().expect("nobody reads");
}

/// How an incident stands on the board of so many: the last ones are open, one of a hundred others
/// was a false alarm.
fn stand(row: &mut BoardRow, incidents: u64) {
    let number = row.number.0;
    row.service = match number % 2 {
        0 => "service-0".into(),
        _ => format!("service-{}", 1 + (scattered(number) >> 32) % SERVICES),
    };
    row.state = match number {
        _ if number + OPEN > incidents => State::Mitigating,
        _ if number.is_multiple_of(100) => State::Cancelled,
        _ => State::Resolved,
    };
    row.resolved_at = (!row.state.is_open()).then_some(row.updated_at);
}

/// The events at these positions, with all that is written beside them.
pub fn batch(positions: impl IntoIterator<Item = u64>) -> Batch {
    let mut batch = Batch::default();
    for position in positions {
        let place = Spot::of(position);
        batch.rows.push(place.row());
        batch.receipts.push(place.receipt());
        batch.board.pop_if(|row| row.number == place.number);
        batch.board.push(place.board());
        batch.incidents = place.number.0;
    }
    batch
}

/// An event's place: the incidents lie one after the other.
struct Spot {
    position: Position,
    number: Number,
    version: Version,
    incident: IncidentId,
    at: Moment,
}

impl Spot {
    fn of(position: u64) -> Spot {
        let number = (position - 1) / EVENTS_EACH + 1;
        Spot {
            position: Position(position),
            number: Number(number),
            version: Version((position - 1) % EVENTS_EACH + 1),
            // As ids that begin with their time do, later ones sort behind earlier ones.
            incident: IncidentId(Uuid::from_u64_pair(number, scattered(number))),
            at: Moment(BEGINNING_US + i64::try_from(position).expect("few") * SECOND_US),
        }
    }

    fn row(&self) -> Row {
        let text = "Error rate of checkout is at 4.1 %, down from 12 % before the rollback.";
        let recorded = Recorded {
            version: self.version,
            at: self.at,
            occurred: None,
            to: State::Announced,
            by: by(),
            on_behalf_of: None,
            actor: None,
            override_reason: None,
            as_written: None,
            over: Vec::new(),
            dev: Vec::new(),
            kind: Some(EventType::NoteAdded),
            event: Some(Event::NoteAdded(NoteAdded {
                text: Text::new(text).expect("a sentence"),
                pinned: None,
            })),
        };
        let who = Who { by: by(), on_behalf_of: None, token: None, is_admin: false };
        let place = Place {
            position: self.position,
            batch: Uuid::from_u64_pair(scattered(self.position.0), self.position.0),
            cause: None,
            salt: Salt([7; 32]),
        };
        seal(&recorded, &who, (self.incident, self.number), None, &place)
    }

    fn receipt(&self) -> Receipt {
        let position = self.position.0;
        Receipt {
            position: self.position,
            principal: by(),
            key: format!("{:016x}-{position:x}", scattered(position)),
            incident: self.incident,
            first: self.version,
            last: self.version,
            fingerprint: Some([7; 32]),
        }
    }

    fn board(&self) -> BoardRow {
        BoardRow {
            incident: self.incident,
            number: self.number,
            version: self.version,
            state: State::Announced,
            severity: Some("SEV2".into()),
            service: "checkout".into(),
            title: "checkout: 5xx after 2.4.1".into(),
            commander: None,
            announced_at: self.at,
            restored_at: None,
            resolved_at: None,
            updated_at: self.at,
            due_at: None,
        }
    }
}

fn by() -> PrincipalId {
    PrincipalId("u_0123456789ab".into())
}

/// A number that lies anywhere, as what clients draw does.
pub fn scattered(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
