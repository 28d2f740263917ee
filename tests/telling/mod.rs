//! Telling a story in tests: claims are read, judged, sealed and walked as they are when served,
//! with a clock, ids and salts that the story brings along.

#![allow(clippy::unwrap_used, reason = "a test that cannot tell its story has failed")]
#![allow(dead_code, reason = "each test binary uses its part of it")]

use allclear::incident::field::{Faults, Field, Pointer};
use allclear::incident::id::{IncidentId, Number, Position, PrincipalId, Version};
use allclear::incident::system::Act;
use allclear::incident::time::{Instant, Moment};
use allclear::incident::words::State;
use allclear::incident::{Claim, Event, Incident, Recorded, Rejection, Who, runbook};
use allclear::log::{Names, Place, Row, Salt, Story, seal, seal_act};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A log of one incident that grows claim by claim.
pub struct Telling {
    incident: Incident,
    rows: Vec<Row>,
    named: Vec<Row>,
    position: u64,
    /// The clock.
    pub now: Moment,
}

/// Ana, who records everything here.
pub fn ana() -> Who {
    Who { by: PrincipalId("u_ana".into()), on_behalf_of: None, token: None, is_admin: true }
}

pub fn moment(text: &str) -> Moment {
    Instant::parse(text).unwrap().moment()
}

/// The real incidents that the demo tells.
pub const STORIES: [&str; 3] = ["config-reverted", "migration-failed", "rollback-without-effect"];

/// One of the real incidents, told as the demo tells it.
pub fn real(name: &str) -> Telling {
    let path = format!("{}/src/cli/demo/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let script: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut telling = Telling::new("2026-11-24T09:00:00Z");
    telling.tell(announcement(script["announce"].clone()));
    for claim in script["events"].as_array().unwrap().iter().flat_map(|it| it.as_array().unwrap()) {
        telling.tell(claim.clone());
    }
    telling
}

impl Telling {
    pub fn new(now: &str) -> Telling {
        let id = IncidentId(Uuid::from_u128(42));
        let mut telling = Telling {
            incident: Incident::new(id, Number(42), None),
            rows: Vec::new(),
            named: Vec::new(),
            position: 0,
            now: moment(now),
        };
        telling.name("u_ana", "Ana");
        telling
    }

    pub fn name(&mut self, principal: &str, name: &str) {
        let kind = allclear::incident::system::ActType::PrincipalNamed;
        let data = json!({ "principal": principal, "name": name }).to_string();
        let act = Act::stored(kind, &data).unwrap();
        let place = self.place();
        let version = Version(self.named.len() as u64 + 1);
        self.named.push(seal_act(&act, &ana(), self.now, version, &place));
    }

    /// Tells one claim; it is recorded or the reason is returned.
    pub fn try_tell(&mut self, claim: Value) -> Result<Version, Rejection> {
        let mut faults = Faults::default();
        let claim = Claim::read(claim, &Pointer::Root, &mut faults);
        let claim = faults.or(claim)?;
        let recorded =
            self.incident.judge(claim, &ana(), self.now, &runbook::built_in(), &Pointer::Root)?;
        Ok(self.record(recorded))
    }

    pub fn tell(&mut self, claim: Value) -> Version {
        let told = claim.to_string();
        self.try_tell(claim).unwrap_or_else(|why| panic!("{told} was turned away: {why:?}"))
    }

    /// Records an event of our own making, which no client may claim.
    pub fn record_ours(&mut self, event: Event, to: State) -> Version {
        let recorded = Recorded {
            version: self.incident.version().next(),
            at: self.now,
            occurred: None,
            to,
            by: PrincipalId::service(),
            on_behalf_of: None,
            actor: None,
            override_reason: None,
            as_written: None,
            over: Vec::new(),
            dev: Vec::new(),
            kind: Some(event.kind()),
            event: Some(event),
        };
        self.record(recorded)
    }

    /// Erases the words of an event, as a redaction does.
    pub fn erase(&mut self, version: Version) {
        let row = &mut self.rows[version.0 as usize - 1];
        (row.salt, row.data) = (None, None);
    }

    /// Makes an event one of a type that only a later release knows.
    pub fn retype(&mut self, version: Version, known: &str, later: &str) {
        let row = &mut self.rows[version.0 as usize - 1];
        row.entry = row.entry.replace(known, later);
    }

    /// What is stored of it.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn story(&self) -> Story {
        let names = Names::read(&self.named).unwrap();
        Story::walk(&self.rows, Arc::new(names)).unwrap().unwrap()
    }

    fn record(&mut self, recorded: Recorded) -> Version {
        let (incident, version) = ((self.incident.id, self.incident.number), recorded.version);
        let place = self.place();
        self.rows.push(seal(&recorded, &ana(), incident, None, &place));
        self.incident.fold(Arc::new(recorded));
        version
    }

    fn place(&mut self) -> Place {
        self.position += 1;
        let batch = Uuid::from_u128(u128::from(self.position));
        Place { position: Position(self.position), batch, cause: None, salt: Salt([7; 32]) }
    }
}

/// The claim of the announcement that a `POST` of it would make.
pub fn announcement(mut announce: Value) -> Value {
    let members = announce.as_object_mut().unwrap();
    let mut claim = json!({ "type": "announced" });
    for name in ["occurred", "as_written", "actor"] {
        if let Some(value) = members.shift_remove(name) {
            claim[name] = value;
        }
    }
    claim["data"] = announce;
    claim
}

/// An act of the service as it is read from the log.
pub fn act() -> allclear::log::Logged {
    allclear::log::Logged::read(&Telling::new("2026-11-24T12:00:00Z").named[0]).unwrap()
}
