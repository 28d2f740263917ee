//! Reminders: a year goes by under the hands of the test, with a clock that is set back and forth
//! and an engine that is started again and again. What falls due unpaid is told once, and not
//! before its time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hands;

use allclear::engine::{
    Ask, Chance, Clock, Done, Engine, Request, Running, TurnedAway, remind_due,
};
use allclear::incident::event::Event;
use allclear::incident::id::{IncidentId, IncidentRef, Number, Position, PrincipalId, Version};
use allclear::incident::runbook::built_in;
use allclear::incident::time::{Instant, Moment};
use allclear::incident::{Incident, Standing, Who};
use allclear::log::Logged;
use hands::{Hands, Scratch, claims, options};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Chance that falls the same way every time (xorshift).
struct Dice(AtomicU64);

impl Dice {
    fn new() -> Arc<Dice> {
        Arc::new(Dice(AtomicU64::new(0x9e37_79b9_7f4a_7c15)))
    }

    fn below(&self, count: u64) -> u64 {
        let mut state = self.0.load(Ordering::Relaxed);
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.store(state, Ordering::Relaxed);
        state % count
    }

    fn of<T: Copy>(&self, pool: &[T]) -> T {
        pool[usize::try_from(self.below(pool.len() as u64)).unwrap()]
    }
}

impl Chance for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = u8::try_from(self.below(256)).unwrap());
    }
}

fn micros(span: i64) -> Duration {
    Duration::from_micros(span.unsigned_abs())
}

async fn start(scratch: &Scratch, clock: &Arc<Hands>, dice: &Arc<Dice>) -> Running {
    let (clock, dice) = (Arc::clone(clock), Arc::clone(dice));
    Running::start(Box::new(scratch.ledger()), options(), clock, dice).await.unwrap()
}

fn ana() -> Who {
    Who { by: PrincipalId("u_ana".into()), on_behalf_of: None, token: None, is_admin: true }
}

fn event(kind: &str, data: Value) -> Value {
    json!({ "type": kind, "data": data })
}

fn posted() -> Value {
    json!({ "channel": "#incidents" })
}

fn update(purpose: &str) -> Value {
    event("update_posted", json!({ "purposes": [purpose], "channel": "#incidents" }))
}

/// Appends; what the machines turn away is none of this test's business.
async fn append(engine: &Engine, named: IncidentRef, events: &[Value]) -> bool {
    let ask = Ask::Append { incident: named, if_match: None, claims: claims(events) };
    let request = Request { who: ana(), key: None, ask };
    engine.submit(request).await.unwrap().is_ok()
}

async fn announce(engine: &Engine, events: &[Value]) {
    let request = Request { who: ana(), key: None, ask: Ask::Announce(claims(events)) };
    engine.submit(request).await.unwrap().unwrap();
}

/// A reminder as it is on record.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Reminder {
    incident: IncidentId,
    slot: String,
    since: Version,
}

/// What the test knows of the log, read event by event.
#[derive(Default)]
struct Reader {
    position: Position,
    incidents: BTreeMap<IncidentId, Incident>,
    places: BTreeMap<(IncidentId, Version), Position>,
    told: BTreeSet<Reminder>,
}

impl Reader {
    /// Reads on; each reminder must be new, of our own making, due by the stored clock, and led to
    /// by its announcement or reopening.
    async fn read(&mut self, engine: &Engine) -> BTreeSet<Reminder> {
        let mut new = BTreeSet::new();
        for row in engine.events(self.position, 1_000).await.unwrap() {
            self.position = row.position;
            let logged = Logged::read(&row).unwrap();
            let entry = &logged.entry;
            if entry.inc.is_system() {
                continue;
            }
            let recorded = logged.recorded().unwrap();
            self.places.insert((entry.inc, entry.ver), entry.pos);
            let incident = self.incidents.entry(entry.inc).or_insert_with(|| {
                Incident::new(entry.inc, entry.no.unwrap_or(Number(0)), entry.book.clone())
            });
            if let Some(Event::ReminderSent(it)) = &recorded.event {
                let slot = it.slot.to_string();
                let owed = incident.obligations(&built_in(), entry.at).into_iter();
                let mut owed = owed.filter(|owed| (&owed.slot, owed.since) == (&it.slot, it.since));
                assert!(owed.next().unwrap().due <= entry.at, "{slot} before its time");
                assert_eq!(entry.cause, self.places.get(&(entry.inc, it.since)).copied());
                assert!(entry.cause.is_some() && recorded.by.is_service());
                let reminder = Reminder { incident: entry.inc, slot, since: it.since };
                assert!(self.told.insert(reminder.clone()), "{reminder:?} was told before");
                new.insert(reminder);
            }
            incident.fold(Arc::new(recorded));
        }
        new
    }

    /// What has fallen due at `now` in the stretches that run, is unpaid, and was never told.
    fn expected(&self, now: Moment) -> BTreeSet<Reminder> {
        let of_incident = |(id, incident): (&IncidentId, &Incident)| {
            let owed = incident.obligations(&built_in(), now);
            let since = owed.last().map(|it| it.since);
            let is_over = incident.state == allclear::incident::words::State::Cancelled;
            let is_owed = |it: &allclear::incident::Obligation| {
                let is_unpaid = matches!(it.standing, Standing::Due | Standing::Missed);
                Some(it.since) == since && is_unpaid && !is_over
            };
            let owed = owed.into_iter().filter(is_owed);
            let reminder = |it: allclear::incident::Obligation| Reminder {
                incident: *id,
                slot: it.slot.to_string(),
                since: it.since,
            };
            owed.map(reminder).collect::<Vec<_>>()
        };
        let all = self.incidents.iter().flat_map(of_incident);
        all.filter(|it| !self.told.contains(it)).collect()
    }

    fn count(&self) -> u64 {
        self.incidents.len() as u64
    }
}

/// Something that people do.
async fn act(engine: &Engine, dice: &Dice, clock: &Hands, known: u64) {
    let number = Number(1 + dice.below(known.max(1)));
    let named = IncidentRef::Number(number);
    let check = |name: &str| event("check_recorded", json!({ "check": name, "ok": true }));
    let pass = json!({ "without_remedy_because": "It went away.", "posted": posted() });
    let slots = ["announcement", "assessment", "progress", "stability", "final"];
    match dice.below(if known == 0 { 1 } else { 12 }) {
        0 | 1 => announce(engine, &announcement(dice, clock)).await,
        2..=5 => {
            append(engine, named, &[update(dice.of(&slots))]).await;
        }
        6 => {
            let checked = [check("health"), check("smoke"), event("checks_passed", pass)];
            append(engine, named, &checked).await;
        }
        7 => {
            let mut end = event("resolved", json!({ "posted": posted() }));
            end["override"] = json!({ "reason": "Enough." });
            append(engine, named, &[end]).await;
        }
        8 => {
            append(engine, named, &[event("reopened", json!({ "reason": "It is back." }))]).await;
        }
        9 => {
            append(engine, named, &[event("cancelled", json!({ "why": "false_alarm" }))]).await;
        }
        10 => {
            let at = json!({ "at": "2027-01-01T10:00:00Z" });
            append(engine, named, &[event("postmortem_scheduled", at)]).await;
        }
        _ => {
            append(engine, named, &[event("note_added", json!({ "text": "A word." }))]).await;
        }
    }
}

fn announcement(dice: &Dice, clock: &Hands) -> Vec<Value> {
    let mut data = json!({ "service": "checkout", "reason": "5xx" });
    let mut claim = json!({ "type": "announced" });
    match dice.below(6) {
        0 => data["posted"] = posted(),
        1 => {
            data["retrospective"] = json!(true);
            claim["occurred"] = json!("unknown");
        }
        2 => claim["occurred"] = json!(Moment(clock.now().0 - 20 * MINUTE).to_string()),
        _ => {}
    }
    claim["data"] = data;
    let commander = event("role_assigned", json!({ "role": "commander", "to": "u_ana" }));
    match dice.below(2) {
        0 => vec![claim],
        _ if claim["data"]["retrospective"] == true => vec![claim],
        _ => vec![claim, commander],
    }
}

/// A look at what is due, as the timer takes it, until nothing is left; and what must come of it.
async fn look(engine: &Engine, clock: &Hands, reader: &mut Reader) {
    let before = reader.read(engine).await;
    assert!(before.is_empty(), "nobody looked, and {before:?} was told");
    let expected = reader.expected(clock.now());
    let mut looks = 0;
    while !engine.due(clock.now(), 1).await.unwrap().is_empty() {
        looks += 1;
        assert!(looks < 5, "what was told is still due");
        remind_due(engine).await.unwrap();
    }
    assert_eq!(reader.read(engine).await, expected, "at {}", clock.now());
}

#[tokio::test]
async fn in_a_year_of_steps_and_restarts_what_falls_due_is_told_once() {
    let (scratch, clock, dice) = (Scratch::new(), Hands::at("2026-11-24T09:00:00Z"), Dice::new());
    let to_2038 = Instant::parse("2038-01-19T03:14:08Z").unwrap().moment();
    let mut running = start(&scratch, &clock, &dice).await;
    let mut reader = Reader::default();
    let (mut steps, mut away) = (0, 0);
    let begin = clock.now();
    while clock.running() < Duration::from_secs(366 * 86_400) {
        let span = dice.of(&[MINUTE, 4 * MINUTE, 11 * MINUTE, 40 * MINUTE, 5 * HOUR, 4 * DAY]);
        clock.pass(micros(span) + Duration::from_secs(dice.below(60)));
        act(&running.engine, &dice, &clock, reader.count()).await;
        match dice.below(24) {
            0 => clock.step(HOUR),
            1 => clock.step(-HOUR),
            2 => clock.step(DAY),
            3 => clock.step(-DAY),
            4 if away == 0 => {
                away = to_2038.0 - clock.now().0;
                clock.step(away);
            }
            5 | 6 => clock.step(-std::mem::take(&mut away)),
            7 => {
                let _ = running.stop().await.unwrap();
                running = start(&scratch, &clock, &dice).await;
            }
            _ => {}
        }
        look(&running.engine, &clock, &mut reader).await;
        steps += 1;
    }
    assert!(steps > 300 && reader.told.len() > 100, "{steps} steps, {} told", reader.told.len());
    assert!(clock.now().0 - begin.0 > 300 * DAY);
    let _ = running.stop().await.unwrap();
}

const FIRST: IncidentRef = IncidentRef::Number(Number(1));

#[tokio::test]
async fn a_reminder_spoils_no_condition_of_the_commander() {
    let (scratch, clock, dice) = (Scratch::new(), Hands::at("2026-11-24T09:00:00Z"), Dice::new());
    let running = start(&scratch, &clock, &dice).await;
    let engine = &running.engine;
    announce(engine, &[event("announced", json!({ "service": "checkout", "reason": "5xx" }))])
        .await;
    clock.pass(micros(6 * MINUTE));
    remind_due(engine).await.unwrap();
    let if_seen = |seen: u64| Request {
        who: ana(),
        key: None,
        ask: Ask::Append {
            incident: FIRST,
            if_match: Some(Version(seen)),
            claims: claims(&[update("assessment")]),
        },
    };
    let done = engine.submit(if_seen(1)).await.unwrap().unwrap();
    let Done::Recorded { incident, .. } = done else { panic!("{done:?}") };
    assert_eq!(incident.version(), Version(4), "two were told in between");
    let stale = engine.submit(if_seen(1)).await.unwrap().unwrap_err();
    assert!(matches!(stale, TurnedAway::Stale { current: Version(4) }), "{stale:?}");
    let _ = running.stop().await.unwrap();
}

#[tokio::test]
async fn a_reopening_in_the_turn_of_its_reminder_is_its_cause() {
    let (scratch, clock, dice) = (Scratch::new(), Hands::at("2026-11-24T09:00:00Z"), Dice::new());
    let running = start(&scratch, &clock, &dice).await;
    let engine = &running.engine;
    announce(engine, &[event("announced", json!({ "service": "checkout", "reason": "5xx" }))])
        .await;
    append(engine, FIRST, &[event("cancelled", json!({ "why": "false_alarm" }))]).await;
    let id = engine.find(FIRST).await.unwrap().unwrap();
    let reopened = event("reopened", json!({ "reason": "It was one after all." }));
    let ask = Ask::Append { incident: FIRST, if_match: None, claims: claims(&[reopened]) };
    let service =
        Who { by: PrincipalId::service(), on_behalf_of: None, token: None, is_admin: false };
    let again = Request { who: ana(), key: None, ask };
    let remind = Request { who: service, key: None, ask: Ask::Remind(id) };
    let (again, remind) = tokio::join!(engine.submit(again), engine.submit(remind));
    assert!(again.unwrap().is_ok() && remind.unwrap().is_ok());
    remind_due(engine).await.unwrap();
    let told = Reader::default().read(engine).await;
    let told: Vec<_> = told.iter().map(|it| (it.slot.as_str(), it.since)).collect();
    assert_eq!(told, [("announcement", Version(3))]);
    let _ = running.stop().await.unwrap();
}
