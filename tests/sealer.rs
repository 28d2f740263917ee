//! The sealer beside the appends: it follows the log, contradicts nothing that was published, and
//! stops the process when the log no longer agrees with itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hands;
#[path = "support/steps.rs"]
mod steps;

use allclear::engine::{
    Ask, Book, Ended, Engine, Options, Published, Reminders, Request, Running, Sealing, StartError,
    SystemChance, SystemClock,
};
use allclear::incident::field::{Faults, Field, Pointer};
use allclear::incident::id::PrincipalId;
use allclear::incident::{Claim, Who};
use allclear::ledger::{Seeds, SqliteLedger};
use allclear::log::{Salt, SigningSeed};
use hands::options;
use rusqlite::Connection;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(20);

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("sealer-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Place(path)
    }

    fn published(&self) -> Published {
        Published::at(&self.0.join("published"))
    }

    fn sealing(&self) -> Sealing {
        Sealing {
            key: Arc::new(SigningSeed::new(&[7; 32])),
            directory: self.0.join("published"),
            every: Duration::from_millis(5),
            tell: |_| {},
        }
    }

    async fn start(&self) -> Running {
        self.try_start().await.unwrap()
    }

    async fn try_start(&self) -> Result<Running, StartError> {
        let seeds = Seeds { origin: Uuid::from_u128(7), receipt_key: Salt([9; 32]) };
        let ledger = SqliteLedger::open(&self.0.join("data"), seeds).unwrap();
        let options = Options { sealing: Some(self.sealing()), ..options() };
        let (clock, chance) = (Arc::new(SystemClock::start()), Arc::new(SystemChance));
        Running::start(Box::new(ledger), options, clock, chance).await
    }

    fn tamper(&self, sql: &str) {
        Connection::open(self.0.join("data/allclear.db")).unwrap().execute_batch(sql).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn announce(engine: &Engine) {
    let event = json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx" } });
    let claim = Claim::read(event, &Pointer::Root, &mut Faults::default()).unwrap();
    let who =
        Who { by: PrincipalId("u_ana".into()), on_behalf_of: None, token: None, is_admin: false };
    let request = Request { who, key: None, ask: Ask::Announce(vec![claim]) };
    engine.submit(request).await.unwrap().unwrap();
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}

fn size(note: &str) -> u64 {
    note.lines().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_the_log_and_its_last_word_is_sealed_too() {
    let place = Place::new("follows");
    let running = place.start().await;
    let engine = running.engine.clone();
    assert_eq!(size(&place.published().newest().unwrap().unwrap()), 1);
    for number in 2..=5 {
        announce(&engine).await;
        until("it is sealed", || {
            place.published().newest().unwrap().is_some_and(|note| size(&note) == number)
        })
        .await;
    }
    assert_eq!(engine.checkpoint().await.unwrap().unwrap().size, 5);
    let proven = engine.inclusion(None, None).await.unwrap().unwrap();
    assert_eq!((proven.proof.position.0, proven.proof.size), (5, 5));
    assert!(matches!(running.stop().await, Ok(Ended::Cleanly)));
    assert_eq!(size(&place.published().newest().unwrap().unwrap()), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_against_what_was_published_and_appends_go_on() {
    let place = Place::new("published");
    let running = place.start().await;
    let engine = running.engine.clone();
    announce(&engine).await;
    until("it is sealed", || engine.proof_status().checkpoint.is_some_and(|it| it.0.0 == 2)).await;
    let file = place.0.join("published/checkpoint");
    let good = std::fs::read_to_string(&file).unwrap();
    // What another history of the same log would have published, signed with the same key.
    let root = allclear::log::tree::leaf(b"another");
    let origin = allclear::log::Origin { log: Uuid::from_u128(7), generation: 1 };
    let other = allclear::log::Checkpoint { origin, size: 2, root };
    let other = SigningSeed::new(&[7; 32]).sign(&other);
    let beside = place.0.join("published/other");
    until("it is told", || {
        // A round that has looked already puts its own in the place of ours: once more, then.
        std::fs::write(&beside, &other).unwrap();
        std::fs::rename(&beside, &file).unwrap();
        engine.proof_status().trouble.is_some()
    })
    .await;
    announce(&engine).await;
    announce(&engine).await;
    let trouble = engine.proof_status().trouble.unwrap();
    assert!(trouble.contains("not the one that was published"), "{trouble}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), other);
    assert_eq!(engine.checkpoint().await.unwrap().unwrap().size, 2);
    std::fs::write(&beside, &good).unwrap();
    std::fs::rename(&beside, &file).unwrap();
    until("it goes on", || engine.proof_status().trouble.is_none()).await;
    until("it is sealed", || size(&std::fs::read_to_string(&file).unwrap()) == 4).await;
    assert!(matches!(running.stop().await, Ok(Ended::Cleanly)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_written_is_told_and_made_up_for() {
    let place = Place::new("place");
    std::fs::write(place.0.join("published"), "in the way").unwrap();
    let refused = place.try_start().await;
    assert!(refused.is_err_and(|error| error.to_string().contains("cannot be compared")));
    std::fs::remove_file(place.0.join("published")).unwrap();
    let running = place.start().await;
    let engine = running.engine.clone();
    // The sealer may be quicker, and make the directory again.
    until("a file is in its place", || {
        let _ = std::fs::remove_dir_all(place.0.join("published"));
        std::fs::write(place.0.join("published"), "in the way").is_ok()
    })
    .await;
    announce(&engine).await;
    until("it is told", || engine.proof_status().trouble.is_some()).await;
    std::fs::remove_file(place.0.join("published")).unwrap();
    until("it goes on", || engine.proof_status().trouble.is_none()).await;
    until("it is published", || {
        place.published().newest().unwrap().is_some_and(|note| size(&note) == 2)
    })
    .await;
    assert!(matches!(running.stop().await, Ok(Ended::Cleanly)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_no_longer_agrees_with_itself_stops_the_process_and_stays_down() {
    let place = Place::new("broken");
    let mut running = place.start().await;
    place.tamper("DROP TRIGGER tree_is_final; UPDATE tree SET hash = ZEROBLOB(32) WHERE place = 0");
    let ended = tokio::time::timeout(PATIENCE, &mut running.ended).await.unwrap().unwrap();
    assert!(matches!(&ended, Ended::StorageFailed(why) if why.contains("verify")), "{ended:?}");
    drop(running);
    place.tamper(steps::statement(steps::SECOND, "CREATE TRIGGER tree_is_final", "END;"));
    let seeds = Seeds { origin: Uuid::from_u128(7), receipt_key: Salt([9; 32]) };
    let open = || SqliteLedger::open(&place.0.join("data"), seeds.clone());
    until("the lock is free", || open().is_ok()).await;
    let options = Options {
        book: Book::built_in(),
        reminders: Reminders::Off,
        masks: Arc::default(),
        sealing: Some(place.sealing()),
    };
    let (clock, chance) = (Arc::new(SystemClock::start()), Arc::new(SystemChance));
    let refused = Running::start(Box::new(open().unwrap()), options, clock, chance).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("it was changed")));
}
