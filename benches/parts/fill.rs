//! Long logs, made fast: sealed events written straight to a ledger, in turns as large as the
//! engine's, each with its receipt and the row of its incident.

use super::service::open;
use allclear::engine::TURN_MAX;
use allclear::incident::event::NoteAdded;
use allclear::incident::id::{IncidentId, Number, Position, PrincipalId, Version};
use allclear::incident::text::Text;
use allclear::incident::time::Moment;
use allclear::incident::words::State;
use allclear::incident::{Event, EventType, Recorded, Who};
use allclear::ledger::Ledger;
use allclear::log::{Batch, BoardRow, Place, Receipt, Row, Salt, seal};
use std::path::Path;
use uuid::Uuid;

/// How many events an incident of a long log has.
const EVENTS_EACH: u64 = 20;

/// The first moment of a long log: 2026-01-01.
const BEGINNING_US: i64 = 1_767_225_600_000_000;

/// A second.
const SECOND_US: i64 = 1_000_000;

/// Makes a log of so many events in `data`, and closes it.
pub fn fill(data: &Path, events: u64) {
    let mut ledger = open(data);
    let positions: Vec<u64> = (1..=events).collect();
    for some in positions.chunks(TURN_MAX) {
        let mut turn = ledger.begin().expect("nobody else has it");
        turn.write(&batch(some)).expect("the disk takes it");
        turn.commit().expect("the disk takes it");
        if some[0] / 100_000 != (some[0] + TURN_MAX as u64) / 100_000 {
            eprintln!("growth: {} of {events} events are written", some[0]);
        }
    }
    Box::new(ledger).close().expect("nobody reads");
}

/// The events at these positions, with all that is written beside them.
pub fn batch(positions: &[u64]) -> Batch {
    let mut batch = Batch::default();
    for position in positions {
        let place = Spot::of(*position);
        batch.rows.push(place.row());
        batch.receipts.push(place.receipt());
        batch.board.retain(|row| row.number != place.number);
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
