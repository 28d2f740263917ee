//! The bytes of every event and every act, for ever (design 4.1): `tests/golden/bytes.txt`.
//!
//! The clock, the identities and the salts are fixed. A line that changes here means that a log
//! written yesterday is not what the same requests write today.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use allclear::incident::field::{Faults, Pointer};
use allclear::incident::id::{Position, Version};
use allclear::incident::system::{Act, ActType};
use allclear::incident::{Claim, Event, EventType, Incident, Recorded, Rejection, Who, runbook};
use allclear::log::{Logged, Place, Row, Said, Salt, seal, seal_act};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use support::{START, append, claim, in_tree, incident, judge, minute, who};

/// What is claimed, in order: incidents, each a list of claims one a line. `≈` before a line sets
/// the minute, `@` who speaks.
fn told() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(in_tree("tests/golden/claims.txt")).unwrap();
    let incidents = text.split("\nincident\n").map(|incident| {
        let lines = incident.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(String::from).collect()
    });
    incidents.collect()
}

struct Writer {
    position: u64,
    lines: String,
    seen: BTreeSet<&'static str>,
}

impl Writer {
    fn place(&mut self, cause: Option<Position>) -> Place {
        self.position += 1;
        Place {
            position: Position(self.position),
            batch: uuid::Uuid::from_u128(0x019a_b3ff),
            cause,
            salt: Salt([self.position as u8; 32]),
        }
    }

    fn write(&mut self, row: &Row) {
        let data = row.data.as_deref().unwrap_or("erased");
        let _ = write!(self.lines, "{}\n{data}\n\n", row.entry);
    }

    fn event(&mut self, incident: &mut Incident, recorded: Recorded, by: &Who) {
        let first = recorded.version == Version(1);
        let book = first.then(|| "b".repeat(64));
        let kind = recorded.event.as_ref().map(Event::kind).unwrap();
        self.seen.insert(kind.word());
        let cause = (kind == EventType::ReminderSent).then_some(Position(1));
        let place = self.place(cause);
        let row = seal(&recorded, by, (incident.id, incident.number), book, &place);
        let back = Logged::read(&row).unwrap();
        assert_eq!(back.recorded().unwrap(), recorded, "what is read back is what was recorded");
        self.write(&row);
        incident.fold(Arc::new(recorded));
    }

    fn act(&mut self, act: &Act, version: u64) {
        let service = Who {
            by: allclear::incident::id::PrincipalId::service(),
            on_behalf_of: None,
            token: None,
            is_admin: false,
        };
        self.seen.insert(act.kind().word());
        let place = self.place(None);
        let row = seal_act(act, &service, START, Version(version), &place);
        assert_eq!(Logged::read(&row).unwrap().said, Said::Act(act.clone()));
        self.write(&row);
    }
}

fn speaker(name: &str) -> Who {
    match name.split_once(" for ") {
        None => who(name),
        Some((tool, person)) => Who {
            by: allclear::incident::id::PrincipalId(format!("t_{tool}")),
            on_behalf_of: Some(who(person).by),
            ..who(tool)
        },
    }
}

fn tell(writer: &mut Writer, lines: &[String]) {
    let (mut incident, mut at, mut by) = (incident(), START, who("ana"));
    for line in lines {
        if let Some(minutes) = line.strip_prefix('≈') {
            at = minute(minutes.trim().parse().unwrap());
        } else if let Some(name) = line.strip_prefix('@') {
            by = speaker(name.trim());
        } else if let Some(data) = line.strip_prefix("reminder_sent ") {
            let mut faults = Faults::default();
            let data = serde_json::from_str(data).unwrap();
            let event = Event::read(EventType::ReminderSent, data, &Pointer::Root, &mut faults);
            let service = Who {
                token: None,
                by: allclear::incident::id::PrincipalId::service(),
                ..by.clone()
            };
            let claim = Claim::of(event.unwrap());
            let recorded =
                incident.judge(claim, &service, at, &runbook::built_in(), &Pointer::Root);
            writer.event(&mut incident, recorded.unwrap(), &service);
        } else {
            let (kind, rest) = line.split_once(' ').unwrap();
            let mut given: Value = serde_json::from_str(rest).unwrap();
            given["type"] = json!(kind);
            let claim = claim(&given).unwrap_or_else(|no| panic!("{line}: {no:?}"));
            let recorded = incident.judge(claim, &by, at, &runbook::built_in(), &Pointer::Root);
            let recorded = recorded.unwrap_or_else(|no| panic!("{line}: {no:?}"));
            writer.event(&mut incident, recorded, &by);
        }
    }
}

fn acts() -> Vec<Act> {
    let text = std::fs::read_to_string(in_tree("tests/golden/acts.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let act = |line: &str| {
        let (kind, data) = line.split_once(' ').unwrap();
        let (kind, data) = (ActType::parse(kind).unwrap(), serde_json::from_str(data).unwrap());
        let mut faults = Faults::default();
        let act = Act::read(kind, data, &Pointer::Root, &mut faults);
        act.unwrap_or_else(|| panic!("{line}: {faults:?}"))
    };
    lines.map(act).collect()
}

#[test]
fn the_bytes_of_every_event_and_act_are_for_ever() {
    let mut writer = Writer { position: 0, lines: String::new(), seen: BTreeSet::new() };
    for lines in told() {
        tell(&mut writer, &lines);
    }
    for (act, version) in acts().iter().zip(1..) {
        writer.act(act, version);
    }
    let events = EventType::ALL.iter().map(|kind| kind.word());
    let all = events.chain(ActType::ALL.iter().map(|kind| kind.word())).collect::<BTreeSet<_>>();
    assert_eq!(writer.seen, all, "every type of event and act is told");
    support::expect_file("tests/golden/bytes.txt", &writer.lines);
}

#[test]
fn the_committed_bytes_are_read_and_folded_for_ever() {
    let text = std::fs::read_to_string(in_tree("tests/golden/bytes.txt")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let mut folded = incident();
    for pair in lines.chunks(2) {
        let [entry, data] = pair else { panic!("an entry without data: {pair:?}") };
        let read = allclear::log::Entry::from_line(entry).unwrap();
        assert_eq!(read.to_line(), *entry, "an entry is written as it was read");
        let salt = Salt([read.pos.0 as u8; 32]);
        assert_eq!(salt.commit(data), read.data, "the data are those of the entry");
        let row = Row {
            position: read.pos,
            incident: read.inc,
            version: read.ver,
            entry: (*entry).into(),
            salt: Some(salt),
            data: Some((*data).into()),
        };
        let logged = Logged::read(&row).unwrap();
        assert!(matches!(logged.said, Said::Event(_) | Said::Act(_)), "{entry}");
        if read.ver == Version(1) {
            folded = incident();
        }
        if let Some(recorded) = logged.recorded() {
            folded.fold(Arc::new(recorded));
            assert_eq!(folded.version(), read.ver);
        }
    }
}

/// Forged, since nobody writes it: it must be told, and end no reader.
#[test]
fn an_event_of_an_incident_without_a_state_is_damage_erased_or_not() {
    let text = std::fs::read_to_string(in_tree("tests/golden/bytes.txt")).unwrap();
    let (entry, data) = text.split_once('\n').unwrap();
    let data = data.lines().next().unwrap();
    assert!(Logged::of(Position(1), entry, Some(data)).is_ok());
    let forged = entry.replace(r#""to":"announced""#, r#""to":null"#);
    assert_ne!(forged, entry);
    for data in [Some(data), None] {
        let damage = Logged::of(Position(1), &forged, data).unwrap_err();
        assert!(damage.to_string().contains("has a state"), "{damage}");
    }
}

#[test]
fn what_was_taken_back_and_never_given_is_refused_today_and_folds_where_it_is_recorded() {
    let mut incident = incident();
    let announced =
        json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx" } });
    append(&mut incident, &announced, minute(0));
    let link = json!({ "relation": "related", "url": "https://other.example/7" });
    let alert =
        json!({ "source": "alertmanager", "fingerprint": "f00", "status": "firing", "labels": {} });
    for (given, taken_back, data) in
        [("linked", "unlinked", &link), ("alert_attached", "alert_detached", &alert)]
    {
        let claim_of = |kind: &str| json!({ "type": kind, "data": data });
        let mut other = incident.clone();
        append(&mut other, &claim_of(given), minute(1));
        let back = claim_of(taken_back);
        let mut once = judge(&other, &back, &who("ana"), minute(2)).unwrap();
        let mut taken = other.clone();
        append(&mut taken, &back, minute(2));
        let last = taken.version().0;
        let correction = json!({ "version": last, "reason": "as it was", "fields": data });
        let corrected = json!({ "type": "corrected", "data": correction });
        judge(&taken, &corrected, &who("ana"), minute(3)).expect("by then it is gone by right");
        let refused = judge(&incident, &back, &who("ana"), minute(2));
        assert!(matches!(refused, Err(Rejection::Invalid(_))), "{refused:?}");
        once.version = incident.version().next();
        let verdict = incident.judge_again(&once, &runbook::built_in()).unwrap();
        assert!(verdict.refused.is_empty(), "{verdict:?}");
        let before = incident.facts.clone();
        incident.fold(Arc::new(once));
        assert_eq!(
            (&incident.facts.links, &incident.facts.alerts),
            (&before.links, &before.alerts)
        );
    }
}
