//! The engine with time, chance and failure in the hands of the test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hands;

use allclear::access::Action;
use allclear::engine::{
    Answer, Ask, Chance, Done, EVENTS_MAX, Ended, Engine, Failure, Key, QUEUE_MAX, Request,
    Running, TURN_MAX, Told, TurnedAway, Until, record_refusals,
};
use allclear::incident::event::{Event, EventType};
use allclear::incident::field::{Faults, Pointer};
use allclear::incident::id::{IncidentRef, Number, Position, PrincipalId, Version};
use allclear::incident::time::Moment;
use allclear::incident::{Claim, Rejection, Who};
use allclear::ledger::{Ledger, LedgerError, Reader, SqliteLedger, Turn};
use allclear::log::{Batch, Entry, Head, Receipt, Row};
use hands::{Hands, Scratch, claims, moment, options};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Chance that falls the same way every time.
#[derive(Default)]
struct Dice(AtomicU8);

impl Chance for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, Ordering::Relaxed));
    }
}

async fn start(ledger: impl Ledger + 'static, clock: Arc<Hands>) -> Running {
    Running::start(Box::new(ledger), options(), clock, Arc::new(Dice::default())).await.unwrap()
}

fn ana() -> Who {
    Who { by: PrincipalId("u_ana".into()), on_behalf_of: None, token: None, is_admin: false }
}

fn note(text: &str) -> Value {
    json!({ "type": "note_added", "data": { "text": text } })
}

fn announced() -> Value {
    json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx" } })
}

const FIRST: IncidentRef = IncidentRef::Number(Number(1));

fn to_announce(events: &[Value]) -> Request {
    Request { who: ana(), key: None, ask: Ask::Announce(claims(events)) }
}

fn to_append(events: &[Value]) -> Request {
    let ask = Ask::Append { incident: FIRST, if_match: None, claims: claims(events) };
    Request { who: ana(), key: None, ask }
}

fn keyed(key: &str, fingerprint: u8, request: Request) -> Request {
    let key = Key { key: key.into(), fingerprint: [fingerprint; 32] };
    Request { key: Some(key), ..request }
}

async fn ask(engine: &Engine, request: Request) -> Answer {
    engine.submit(request).await.unwrap()
}

async fn done(engine: &Engine, request: Request) -> Done {
    ask(engine, request).await.unwrap()
}

async fn log(engine: &Engine) -> Vec<Row> {
    engine.events(Position(0), 1_000).await.unwrap()
}

/// Type, time and data of every event from a position on.
async fn told(engine: &Engine, after: u64) -> Vec<(String, Moment, Value)> {
    let rows = engine.events(Position(after), 1_000).await.unwrap();
    let tell = |row: &Row| {
        let entry = Entry::from_line(&row.entry).unwrap();
        let data: Value = serde_json::from_str(row.data.as_ref().unwrap()).unwrap();
        (entry.r#type, entry.at, data["data"].clone())
    };
    rows.iter().map(tell).collect()
}

#[tokio::test]
async fn a_clock_that_jumps_to_2038_and_back_is_stored_as_it_was_and_each_jump_is_an_event() {
    let scratch = Scratch::new();
    let clock = Hands::at("2026-11-24T09:00:00Z");
    let running = start(scratch.ledger(), Arc::clone(&clock)).await;
    let engine = &running.engine;
    done(engine, to_announce(&[announced()])).await;
    let before = engine.stored_head().await.unwrap().position.0;

    for at in [
        "2038-01-19T03:14:08Z",
        "2026-11-24T09:00:00Z",
        "1900-01-01T00:00:00Z",
        "2026-11-24T09:00:00Z",
    ] {
        clock.set(at);
        done(engine, to_append(&[note(at)])).await;
    }
    clock.pass(Duration::from_secs(3_600));
    done(engine, to_append(&[note("an hour later")])).await;

    let us = |from: &str, to: &str| moment(to).0 - moment(from).0;
    let today = "2026-11-24T09:00:00Z";
    let stepped = |from: &str, to: &str| {
        let data = json!({ "step_us": us(from, to), "against": "monotonic" });
        ("clock_stepped".to_owned(), moment(to), data)
    };
    let noted = |text: &str, at: Moment| ("note_added".to_owned(), at, json!({ "text": text }));
    let (future, past) = ("2038-01-19T03:14:08Z", "1900-01-01T00:00:00Z");
    let expected = vec![
        stepped(today, future),
        noted(future, moment(future)),
        stepped(future, today),
        noted(today, moment(today)),
        stepped(today, past),
        noted(past, moment(past)),
        stepped(past, today),
        noted(today, moment(today)),
        noted("an hour later", moment("2026-11-24T10:00:00Z")),
    ];
    assert_eq!(told(engine, before).await, expected);
    let Told::Story(story) = engine.story(FIRST, Until::Now).await.unwrap() else {
        panic!("the incident is there")
    };
    assert_eq!(story.incident.version(), Version(6));
}

#[tokio::test]
async fn a_clock_that_drifts_by_less_than_two_seconds_is_no_event() {
    let scratch = Scratch::new();
    let clock = Hands::at("2026-11-24T09:00:00Z");
    let running = start(scratch.ledger(), Arc::clone(&clock)).await;
    done(&running.engine, to_announce(&[announced()])).await;
    clock.set("2026-11-24T09:00:02Z");
    done(&running.engine, to_append(&[note("a")])).await;
    clock.set("2026-11-24T09:00:00Z");
    done(&running.engine, to_append(&[note("b")])).await;
    let types: Vec<String> = told(&running.engine, 1).await.into_iter().map(|it| it.0).collect();
    assert_eq!(types, ["announced", "note_added", "note_added"]);
}

#[tokio::test]
async fn a_start_before_the_last_event_of_the_log_is_a_step_against_the_log() {
    let scratch = Scratch::new();
    let running = start(scratch.ledger(), Hands::at("2026-11-24T09:00:00Z")).await;
    done(&running.engine, to_announce(&[announced()])).await;
    running.stop().await.unwrap();
    let running = start(scratch.ledger(), Hands::at("2026-11-24T08:00:00Z")).await;
    let told = told(&running.engine, 3).await;
    assert_eq!(told[0].0, "clock_stepped");
    assert_eq!(told[0].2, json!({ "step_us": -3_600_000_000_i64, "against": "log" }));
    assert_eq!(told[1].0, "service_started");
    assert_eq!(told[1].2["stopped_before"], "clean");
    running.stop().await.unwrap();
    // A later start, however much later, is no step: nobody knows how long the service was down.
    let running = start(scratch.ledger(), Hands::at("2046-01-01T00:00:00Z")).await;
    assert_eq!(self::told(&running.engine, 6).await[0].0, "service_started");
}

#[tokio::test]
async fn the_same_requests_clock_and_chance_make_the_same_bytes() {
    let mut logs = Vec::new();
    for _ in 0..2 {
        let scratch = Scratch::new();
        let clock = Hands::at("2026-11-24T09:00:00Z");
        let running = start(scratch.ledger(), Arc::clone(&clock)).await;
        let engine = &running.engine;
        done(engine, to_announce(&[announced(), note("with it")])).await;
        for number in 0..20 {
            clock.pass(Duration::from_secs(number));
            let request = to_append(&[note("a"), note(&number.to_string())]);
            done(engine, keyed(&number.to_string(), 1, request)).await;
            ask(engine, to_append(&[json!({ "type": "resolved", "data": {} })])).await.unwrap_err();
        }
        clock.set("2001-01-01T00:00:00Z");
        done(engine, to_announce(&[announced()])).await;
        logs.push(log(engine).await);
        running.stop().await.unwrap();
    }
    assert_eq!(logs[0].len(), 45);
    assert_eq!(logs[0], logs[1]);
}

#[tokio::test]
async fn a_batch_that_is_refused_stores_nothing_and_changes_nothing() {
    let scratch = Scratch::new();
    let running = start(scratch.ledger(), Hands::at("2026-11-24T09:00:00Z")).await;
    let engine = &running.engine;
    done(engine, to_announce(&[announced()])).await;
    let before = log(engine).await;
    let refused = [
        to_append(&[note("a"), note("b"), json!({ "type": "resolved", "data": {} })]),
        to_append(&[announced()]),
        to_announce(&[note("before it was announced")]),
        to_announce(&[announced(), json!({ "type": "resolved", "data": {} })]),
    ];
    for request in refused {
        let away = ask(engine, keyed("k", 1, request)).await.unwrap_err();
        let is_refusal =
            matches!(away, TurnedAway::Rejected { rejection: Rejection::Refused(_), .. });
        assert!(is_refusal, "{away:?}");
        assert_eq!(log(engine).await, before);
    }
    let Done::Recorded { incident, events, .. } =
        done(engine, keyed("k", 2, to_append(&[note("c")]))).await
    else {
        panic!("the key is free")
    };
    assert_eq!((incident.version(), events.len()), (Version(2), 1));
    let Done::Recorded { incident, .. } = done(engine, to_announce(&[announced()])).await else {
        panic!("announced")
    };
    assert_eq!(incident.number, Number(2), "no number was used up");
}

#[tokio::test]
async fn an_event_of_our_own_making_does_not_make_a_condition_stale() {
    let scratch = Scratch::new();
    let running = start(scratch.ledger(), Hands::at("2026-11-24T09:00:00Z")).await;
    let engine = &running.engine;
    done(engine, to_announce(&[announced()])).await;
    let mut faults = Faults::default();
    let data = json!({ "slot": "progress", "since": 1 });
    let reminder = Event::read(EventType::ReminderSent, data, &Pointer::Root, &mut faults).unwrap();
    let ours = Who { by: PrincipalId::service(), ..ana() };
    let ask_ours =
        Ask::Append { incident: FIRST, if_match: None, claims: vec![Claim::of(reminder)] };
    done(engine, Request { who: ours, key: None, ask: ask_ours }).await;

    let seeing = |version: u64| {
        let if_match = Some(Version(version));
        let ask = Ask::Append { incident: FIRST, if_match, claims: claims(&[note("x")]) };
        Request { who: ana(), key: None, ask }
    };
    done(engine, seeing(1)).await;
    for version in [0, 1, 2, 4] {
        let away = ask(engine, seeing(version)).await.unwrap_err();
        assert!(matches!(away, TurnedAway::Stale { current: Version(3) }), "{version}: {away:?}");
    }
    done(engine, seeing(3)).await;
}

#[tokio::test]
async fn the_largest_batch_is_whole() {
    let scratch = Scratch::new();
    let running = start(scratch.ledger(), Hands::at("2026-11-24T09:00:00Z")).await;
    done(&running.engine, to_announce(&[announced()])).await;
    let Done::Recorded { events, .. } =
        done(&running.engine, to_append(&vec![note("x"); EVENTS_MAX])).await
    else {
        panic!("recorded")
    };
    assert_eq!(events.len(), EVENTS_MAX);
    assert!(events.iter().all(|event| event.entry.batch == events[0].entry.batch));
}

/// What the storage does at the next turn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Well,
    Full,
    Busy,
    /// The commit is reported as failed, though it was done.
    Lying,
    /// Turns wait until the mood changes.
    Stuck,
}

/// A ledger whose failures are in the hands of the test.
struct Moody {
    inner: SqliteLedger,
    mood: Arc<(Mutex<Mood>, Condvar)>,
}

fn moody(scratch: &Scratch) -> (Moody, Arc<(Mutex<Mood>, Condvar)>) {
    let mood = Arc::new((Mutex::new(Mood::Well), Condvar::new()));
    (Moody { inner: scratch.ledger(), mood: Arc::clone(&mood) }, mood)
}

fn set(mood: &(Mutex<Mood>, Condvar), to: Mood) {
    *mood.0.lock().unwrap() = to;
    mood.1.notify_all();
}

impl Ledger for Moody {
    fn begin(&mut self) -> Result<Box<dyn Turn + '_>, LedgerError> {
        let (mood, changed) = &*self.mood;
        let mood = changed.wait_while(mood.lock().unwrap(), |mood| *mood == Mood::Stuck).unwrap();
        let mood = *mood;
        Ok(Box::new(MoodyTurn { inner: self.inner.begin()?, mood }))
    }

    fn is_erasing(&self) -> bool {
        self.inner.is_erasing()
    }

    fn erase(&mut self) -> Result<(), LedgerError> {
        self.inner.erase()
    }

    fn note_failure(&self) {
        self.inner.note_failure();
    }

    fn failed_before(&self) -> bool {
        self.inner.failed_before()
    }

    fn forget_failure(&mut self) -> Result<(), LedgerError> {
        self.inner.forget_failure()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, LedgerError> {
        self.inner.reader()
    }

    fn close(self: Box<Self>) -> Result<(), LedgerError> {
        Box::new(self.inner).close()
    }
}

struct MoodyTurn<'a> {
    inner: Box<dyn Turn + 'a>,
    mood: Mood,
}

impl Turn for MoodyTurn<'_> {
    fn head(&mut self) -> Result<Head, LedgerError> {
        self.inner.head()
    }

    fn receipt(&mut self, by: &PrincipalId, key: &str) -> Result<Option<Receipt>, LedgerError> {
        self.inner.receipt(by, key)
    }

    fn find(
        &mut self,
        named: IncidentRef,
    ) -> Result<Option<allclear::incident::id::IncidentId>, LedgerError> {
        self.inner.find(named)
    }

    fn incident(
        &mut self,
        id: allclear::incident::id::IncidentId,
    ) -> Result<Vec<Row>, LedgerError> {
        self.inner.incident(id)
    }

    fn runbook(&mut self, sha256: &str) -> Result<Option<String>, LedgerError> {
        self.inner.runbook(sha256)
    }

    fn write(&mut self, batch: &Batch) -> Result<(), LedgerError> {
        self.inner.write(batch)
    }

    fn commit(self: Box<Self>) -> Result<(), LedgerError> {
        match self.mood {
            Mood::Full => Err(LedgerError::Full),
            Mood::Busy => Err(LedgerError::Busy),
            Mood::Lying => {
                self.inner.commit()?;
                Err(LedgerError::Storage("the sync failed".into()))
            }
            Mood::Well | Mood::Stuck => self.inner.commit(),
        }
    }
}

#[tokio::test]
async fn a_full_disk_and_a_busy_file_store_nothing_and_pass() {
    let scratch = Scratch::new();
    let (ledger, mood) = moody(&scratch);
    let running = start(ledger, Hands::at("2026-11-24T09:00:00Z")).await;
    let engine = &running.engine;
    done(engine, to_announce(&[announced()])).await;
    let before = log(engine).await;
    for (trouble, failure) in [(Mood::Full, Failure::DiskFull), (Mood::Busy, Failure::Busy)] {
        set(&mood, trouble);
        let failed = engine.submit(keyed("k", 1, to_append(&[note("a"), note("b")]))).await;
        assert_eq!(failed.unwrap_err(), failure);
        assert_eq!(log(engine).await, before);
    }
    set(&mood, Mood::Well);
    let Done::Recorded { incident, .. } =
        done(engine, keyed("k", 1, to_append(&[note("a")]))).await
    else {
        panic!("recorded, for the key was never used")
    };
    assert_eq!(incident.version(), Version(2), "what was planned in vain is forgotten");
}

#[tokio::test]
async fn refusals_are_one_act_a_principal_when_its_minute_is_over_and_wait_while_the_disk_is_full()
{
    let scratch = Scratch::new();
    let (ledger, mood) = moody(&scratch);
    let clock = Hands::at("2026-11-24T09:00:00Z");
    let running = start(ledger, Arc::clone(&clock)).await;
    let engine = &running.engine;
    let (ana, bo) = (PrincipalId("u_ana".into()), PrincipalId("u_bo".into()));
    for action in [Action::Redact, Action::Append, Action::Append] {
        engine.note_refusal(&ana, action);
    }
    clock.pass(Duration::from_secs(30));
    engine.note_refusal(&bo, Action::Append);
    clock.pass(Duration::from_secs(29));
    record_refusals(engine).await.unwrap();
    assert_eq!(told(engine, 1).await, []);
    clock.pass(Duration::from_secs(1));
    engine.note_refusal(&ana, Action::Append);
    set(&mood, Mood::Full);
    assert_eq!(record_refusals(engine).await, Err(Failure::DiskFull));
    set(&mood, Mood::Well);
    record_refusals(engine).await.unwrap();
    let refused = |who: &str, action: &str, count: u64| {
        let data = json!({ "principal": who, "action": action, "count": count });
        ("access_refused".to_owned(), engine.now(), data)
    };
    assert_eq!(told(engine, 1).await, [refused("u_ana", "append, redact", 4)]);
    clock.pass(Duration::from_secs(60));
    engine.note_refusal(&ana, Action::Append);
    record_refusals(engine).await.unwrap();
    assert_eq!(told(engine, 2).await, [refused("u_bo", "append", 1)], "ana's minute is a new one");
    assert_eq!(engine.counts().refused, 6);
}

#[tokio::test]
async fn a_failed_commit_is_an_unknown_outcome_ends_the_engine_and_is_settled_by_the_key() {
    let scratch = Scratch::new();
    let (ledger, mood) = moody(&scratch);
    let running = start(ledger, Hands::at("2026-11-24T09:00:00Z")).await;
    done(&running.engine, to_announce(&[announced()])).await;
    set(&mood, Mood::Lying);
    let request = || keyed("k", 1, to_append(&[note("a"), note("b")]));
    assert_eq!(running.engine.submit(request()).await.unwrap_err(), Failure::Unknown);
    let ended = running.ended.await.unwrap();
    assert!(matches!(ended, Ended::StorageFailed(_)), "{ended:?}");
    let after = running.engine.submit(to_append(&[note("c")])).await.unwrap_err();
    assert!(matches!(after, Failure::Stopping | Failure::Unknown), "{after:?}");
    drop(running.engine);

    let running = start(scratch.ledger(), Hands::at("2026-11-24T09:01:00Z")).await;
    let started = &told(&running.engine, 4).await[0];
    assert_eq!(started.2["stopped_before"], "storage_error");
    let again = done(&running.engine, request()).await;
    let replayed =
        matches!(again, Done::AlreadyRecorded { first: Version(2), last: Version(3), .. });
    assert!(replayed, "{again:?}");
    let another = ask(&running.engine, keyed("k", 2, to_append(&[note("a")]))).await;
    assert!(matches!(another, Err(TurnedAway::KeyReused)));
}

#[tokio::test]
async fn a_full_queue_answers_at_once_and_everybody_who_waits_is_served() {
    let scratch = Scratch::new();
    let (ledger, mood) = moody(&scratch);
    let running = start(ledger, Hands::at("2026-11-24T09:00:00Z")).await;
    done(&running.engine, to_announce(&[announced()])).await;
    set(&mood, Mood::Stuck);
    let more_than_fit = QUEUE_MAX + TURN_MAX + 50;
    let asked: Vec<_> = (0..more_than_fit)
        .map(|_| {
            let engine = running.engine.clone();
            tokio::spawn(async move { engine.submit(to_append(&[note("x")])).await })
        })
        .collect();
    // Every task has handed its request in, or was turned back, before this one goes on.
    for _ in 0..more_than_fit {
        tokio::task::yield_now().await;
    }
    let full = running.engine.submit(to_append(&[note("one more")])).await;
    assert_eq!(full.unwrap_err(), Failure::QueueFull);
    set(&mood, Mood::Well);
    let (mut served, mut turned_back) = (0, 0);
    for answer in asked {
        match answer.await.unwrap() {
            Ok(Ok(_)) => served += 1,
            Err(Failure::QueueFull) => turned_back += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(served >= QUEUE_MAX && turned_back > 0, "{served} served, {turned_back} turned back");
    let head = running.engine.stored_head().await.unwrap();
    assert_eq!(head.position.0, 2 + served as u64);
    let counts = running.engine.counts();
    assert!(counts.commits < 20, "{} commits for {} events", counts.commits, counts.events);
}

#[tokio::test]
async fn whoever_comes_after_the_end_is_told_so() {
    let scratch = Scratch::new();
    let running = start(scratch.ledger(), Hands::at("2026-11-24T09:00:00Z")).await;
    let engine = running.engine.clone();
    done(&engine, to_announce(&[announced()])).await;
    assert!(matches!(running.stop().await, Ok(Ended::Cleanly)));
    let late = engine.submit(to_append(&[note("late")])).await.unwrap_err();
    assert_eq!(late, Failure::Stopping);
    assert!(engine.stored_head().await.is_err());
    assert!(engine.story(FIRST, Until::Now).await.is_err());
}

#[tokio::test]
async fn a_full_or_busy_ledger_at_the_last_word_is_no_failure_of_the_storage() {
    for in_the_way in [Mood::Full, Mood::Busy] {
        let scratch = Scratch::new();
        let (ledger, mood) = moody(&scratch);
        let running = start(ledger, Hands::at("2026-11-24T09:00:00Z")).await;
        done(&running.engine, to_announce(&[announced()])).await;
        set(&mood, in_the_way);
        let ended = running.stop().await;
        assert!(matches!(ended, Ok(Ended::Unrecorded(_))), "{ended:?}");
        let running = start(scratch.ledger(), Hands::at("2026-11-24T09:01:00Z")).await;
        assert_eq!(told(&running.engine, 2).await[0].2["stopped_before"], "killed");
    }
}

#[tokio::test]
async fn nothing_is_shown_before_it_is_durable() {
    let scratch = Scratch::new();
    let (ledger, mood) = moody(&scratch);
    let running = start(ledger, Hands::at("2026-11-24T09:00:00Z")).await;
    let engine = running.engine.clone();
    done(&engine, to_announce(&[announced()])).await;
    let mut head = engine.head();
    head.borrow_and_update();
    set(&mood, Mood::Full);
    engine.submit(to_append(&[note("x")])).await.unwrap_err();
    assert!(!head.has_changed().unwrap());
    set(&mood, Mood::Well);
    done(&engine, to_append(&[note("x")])).await;
    assert!(head.has_changed().unwrap());
    assert_eq!(*head.borrow(), engine.stored_head().await.unwrap().position);
}
