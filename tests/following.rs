//! Those who follow the log (promise P14): near its head and far behind, quick and slow, they are
//! given the same, as it is stored at that moment, whatever is erased meanwhile.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "load/chance.rs"]
mod chance;
mod hands;

use allclear::engine::{
    Answer, Ask, Done, EVENTS_MAX, Engine, Followed, RECENT_ROWS_MAX, Request, Running, Scope,
    SystemChance, TAIL_BYTES, TAIL_PACE, TAIL_PAGE, Tail,
};
use allclear::incident::Who;
use allclear::incident::id::{IncidentId, IncidentRef, Position, PrincipalId, Version};
use allclear::log::Row;
use chance::Chance;
use hands::{Hands, Scratch, claims, options};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

async fn start(scratch: &Scratch) -> Running {
    let clock = Hands::at("2026-11-24T09:00:00Z");
    Running::start(Box::new(scratch.ledger()), options(), clock, Arc::new(SystemChance))
        .await
        .unwrap()
}

async fn ask(engine: &Engine, ask: Ask) -> Answer {
    let by = PrincipalId("u_admin".into());
    let who = Who { by, on_behalf_of: None, token: None, is_admin: true };
    engine.submit(Request { who, key: None, ask }).await.unwrap()
}

async fn announce(engine: &Engine) -> IncidentId {
    let announced =
        json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx" } });
    let done = ask(engine, Ask::Announce(claims(&[announced]))).await;
    let Ok(Done::Recorded { incident, .. }) = done else { panic!("it is recorded") };
    incident.id
}

/// Appends all of them, or none; whether it did.
async fn try_append(engine: &Engine, incident: IncidentId, events: &[Value]) -> bool {
    let incident = IncidentRef::Id(incident);
    let asked = Ask::Append { incident, if_match: None, claims: claims(events) };
    ask(engine, asked).await.is_ok()
}

async fn append(engine: &Engine, incident: IncidentId, events: &[Value]) {
    assert!(try_append(engine, incident, events).await);
}

fn note(text: &str) -> Value {
    json!({ "type": "note_added", "data": { "text": text } })
}

fn redacted(version: u64) -> Value {
    json!({ "type": "redacted", "data": { "version": version, "reason": "A secret." } })
}

/// The text of a row in these tests.
fn text(row: &Row) -> String {
    format!("{row:?}")
}

/// What is wrong with an event that a follower was given, beside what is stored.
fn wrong(given: &Row, made: &str, stored: &Row) -> Option<String> {
    if given != stored {
        return Some(format!("{given:?} was given, {stored:?} is stored"));
    }
    (made != text(stored)).then(|| format!("{made} was told of {stored:?}"))
}

/// A follower, and what it is to be given yet.
struct Follower {
    tail: Tail,
    scope: Scope,
    after: Position,
}

impl Follower {
    fn new(engine: &Engine, scope: Scope, after: Position) -> Follower {
        Follower { tail: Tail::new(engine.clone(), scope, after), scope, after }
    }

    /// Takes so many of the events that it is to be given, and holds each against what is stored.
    async fn take(&mut self, engine: &Engine, count: usize) {
        let stored = engine.events(self.after, 1_000).await.unwrap();
        let expected = stored.iter().filter(|row| self.scope.has(row));
        for stored in expected.take(count) {
            let given: Arc<Followed> = self.tail.next().await.unwrap();
            assert_eq!(wrong(&given, given.text(text), stored), None);
            self.after = stored.position;
        }
    }
}

#[tokio::test]
async fn the_quick_and_the_slow_are_given_the_same_as_it_is_stored_whatever_is_erased() {
    for seed in 0..12 {
        let scratch = Scratch::new();
        let running = start(&scratch).await;
        let engine = &running.engine;
        let mut chance = Chance::of(seed);
        let incidents = [announce(engine).await, announce(engine).await];
        let mut versions = [1, 1];
        let mut followers: Vec<Follower> = Vec::new();
        for scope in [Scope::Log, Scope::Incident(incidents[0]), Scope::Incident(incidents[1])] {
            // Some keep up, some fall behind what is at hand, some come back in the middle.
            followers.extend((0..3).map(|it| Follower::new(engine, scope, Position(it))));
        }
        for _ in 0..150 {
            let one = chance.below(2) as usize;
            let count =
                if chance.below(12) == 0 { EVENTS_MAX } else { 1 + chance.below(4) as usize };
            let mut events: Vec<Value> =
                (0..count).map(|it| note(&format!("hunter2 {it}"))).collect();
            versions[one] += count as u64;
            if versions[one] > 2 && chance.below(5) == 0 {
                // Often one of the last, which are at hand; now and then of the same batch.
                let back = chance.below(versions[one].min(40) - 1);
                *events.last_mut().unwrap() = redacted((versions[one] - back - 1).max(2));
            }
            // A redaction is not erased again.
            if !try_append(engine, incidents[one], &events).await {
                versions[one] -= count as u64;
            }
            for (speed, follower) in followers.iter_mut().enumerate() {
                let most = [1_000, 3, 40][speed % 3];
                if speed % 3 < 2 || chance.below(15) == 0 {
                    follower.take(engine, most).await;
                }
            }
        }
        for follower in &mut followers {
            while follower.after < *engine.head().borrow() {
                let before = follower.after;
                follower.take(engine, 1_000).await;
                if follower.after == before {
                    break;
                }
            }
            assert!(follower.tail.at_hand().is_none(), "nothing twice");
        }
        running.stop().await.unwrap();
    }
}

#[test]
fn a_planted_memory_that_keeps_what_was_erased_is_found() {
    let (position, version) = (Position(2), Version(2));
    let incident = IncidentId(uuid::Uuid::from_u128(1));
    let (entry, data) = (String::new(), Some("hunter2".into()));
    let kept = Row { position, incident, version, entry, salt: None, data };
    let mut stored = kept.clone();
    stored.erase();
    let followed = Followed::new(stored.clone());
    assert_eq!(wrong(&followed, followed.text(text), &stored), None);
    assert!(wrong(&kept, &text(&kept), &stored).is_some(), "the row");
    assert!(wrong(&stored, &text(&kept), &stored).is_some(), "only the text made of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_given_words_whose_erasure_was_acknowledged() {
    const TURNS: u64 = 150;
    let scratch = Scratch::new();
    let running = start(&scratch).await;
    let engine = running.engine.clone();
    let incident = announce(&engine).await;
    let first = *engine.head().borrow();
    let acknowledged: Arc<Mutex<HashSet<Version>>> = Arc::default();
    let is_over = Arc::new(AtomicBool::new(false));
    let seen_erased = Arc::new(AtomicU64::new(0));
    let mut following = Vec::new();
    for number in 0..24 {
        let scope = if number % 2 == 0 { Scope::Log } else { Scope::Incident(incident) };
        let mut tail = Tail::new(engine.clone(), scope, first);
        let acknowledged = Arc::clone(&acknowledged);
        let is_over = Arc::clone(&is_over);
        let seen_erased = Arc::clone(&seen_erased);
        following.push(tokio::spawn(async move {
            let mut chance = Chance::of(number);
            let mut position = first;
            while position.0 < first.0 + 2 * TURNS {
                // Some are lazy, and have pages lying when words in them are erased.
                if number % 3 > 0 && chance.below(8) == 0 && !is_over.load(Ordering::Relaxed) {
                    tokio::time::sleep(std::time::Duration::from_millis(chance.below(60))).await;
                }
                let erased = acknowledged.lock().unwrap().clone();
                let event = tail.next().await.unwrap();
                assert_eq!(event.position, position.next(), "every one, once, in order");
                position = event.position;
                if erased.contains(&event.version) {
                    seen_erased.fetch_add(1, Ordering::Relaxed);
                    assert_eq!(event.data, None);
                    assert!(!event.text(text).contains("hunter2"));
                }
            }
        }));
    }
    for turn in 0..TURNS {
        let version = 2 * turn + 2;
        append(&engine, incident, &[note(&format!("hunter2 {turn}"))]).await;
        append(&engine, incident, &[redacted(version)]).await;
        acknowledged.lock().unwrap().insert(Version(version));
    }
    is_over.store(true, Ordering::Relaxed);
    for one in following {
        one.await.unwrap();
    }
    assert!(seen_erased.load(Ordering::Relaxed) > 0, "somebody came behind an erasure");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn whoever_is_further_behind_than_what_is_at_hand_gets_it_all_the_same() {
    let scratch = Scratch::new();
    let running = start(&scratch).await;
    let engine = &running.engine;
    let incident = announce(engine).await;
    let mut asleep = [Scope::Log, Scope::Incident(incident)]
        .map(|scope| Follower::new(engine, scope, Position(0)));
    for _ in 0..(RECENT_ROWS_MAX + 300) / EVENTS_MAX {
        append(engine, incident, &vec![note("x"); EVENTS_MAX]).await;
    }
    for follower in &mut asleep {
        follower.take(engine, 7).await;
        let mut late = Follower::new(engine, follower.scope, follower.after);
        for follower in [follower, &mut late] {
            while follower.after < *engine.head().borrow() {
                follower.take(engine, 1_000).await;
            }
        }
    }
    running.stop().await.unwrap();
}

#[tokio::test]
async fn what_lies_ready_for_one_follower_is_bounded() {
    let scratch = Scratch::new();
    let running = start(&scratch).await;
    let engine = &running.engine;
    let incident = announce(engine).await;
    let weight = |row: &Row| row.entry.len() + row.data.as_ref().unwrap().len();
    // Long ones further behind than what is at hand, then short ones, then long ones again.
    let long = vec![note(&"x".repeat(8_000)); EVENTS_MAX];
    for turn in 0..60 {
        let short = vec![note("x"); EVENTS_MAX];
        let events = if (20..40).contains(&turn) { &short } else { &long };
        append(engine, incident, events).await;
    }
    for scope in [Scope::Log, Scope::Incident(incident)] {
        let mut tail = Tail::new(engine.clone(), scope, Position(0));
        let mut position = Position(0);
        while position < *engine.head().borrow() {
            let first = tail.next().await.unwrap();
            let (mut count, mut bytes) = (1, weight(&first));
            position = first.position;
            while let Some(event) = tail.at_hand() {
                (count, bytes) = (count + 1, bytes + weight(&event));
                position = event.position;
            }
            assert!(count <= TAIL_PAGE && (bytes <= TAIL_BYTES || count == 1), "{count}, {bytes}");
        }
    }
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_storm_comes_in_pages() {
    let scratch = Scratch::new();
    let running = start(&scratch).await;
    let engine = &running.engine;
    let incident = announce(engine).await;
    let mut tail = Tail::new(engine.clone(), Scope::Incident(incident), *engine.head().borrow());
    let writing = async {
        for number in 0..200 {
            append(engine, incident, &[note(&number.to_string())]).await;
        }
    };
    let begun = std::time::Instant::now();
    let reading = async {
        let mut pages = 0;
        let mut events = 0;
        while events < 200 {
            tail.next().await.unwrap();
            events += 1;
            pages += 1;
            while tail.at_hand().is_some() {
                events += 1;
            }
        }
        pages
    };
    let ((), pages) = tokio::join!(writing, reading);
    let rests = begun.elapsed().as_millis() / TAIL_PACE.as_millis();
    assert!(pages <= 2 * rests + 5, "{pages} pages of 200 events, with {rests} rests");
    running.stop().await.unwrap();
}
