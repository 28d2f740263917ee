//! Clients that append as fast as they are answered, until somebody ends the service.

use super::{Chance, Outcome, Sent};
use crate::outside::{Actor, until};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

const CLIENTS: u64 = 8;

/// With fewer answers than these before it a fault proves nothing, so it waits for them.
const ACKNOWLEDGED_MIN: usize = 20;

/// How long the service is under full load before the fault, in microseconds, and by how much that
/// differs from cycle to cycle.
const LOADED_US: (u64, u64) = (20_000, 90_000);

/// One round of clients at a service.
pub struct Load<'a> {
    incidents: &'a [String],
    cycle: u64,
    /// The highest version of each incident that any client was told of.
    versions: Mutex<HashMap<&'a str, u64>>,
    acknowledged: AtomicUsize,
    is_deaf: AtomicBool,
}

impl<'a> Load<'a> {
    /// Clients for these incidents; the seed is the number of the cycle.
    pub fn new(incidents: &'a [String], cycle: u64) -> Load<'a> {
        let (versions, acknowledged, is_deaf) = Default::default();
        Load { incidents, cycle, versions, acknowledged, is_deaf }
    }

    /// From now on an answer counts for nothing: it may have been sent after the fault.
    pub fn deafen(&self) {
        self.is_deaf.store(true, Ordering::SeqCst);
    }

    /// Lets the clients speak as `who`, brings the fault in the midst of it, and gives what they
    /// know. The fault must end the service.
    pub fn until(&self, who: &Actor, fault: impl FnOnce(&Load<'_>)) -> Vec<Sent> {
        let together = Barrier::new(usize::try_from(CLIENTS).unwrap() + 1);
        let client = |number: u64| {
            let who = who.clone();
            together.wait();
            self.talk(&who, number)
        };
        let client = &client;
        std::thread::scope(|scope| {
            let clients: Vec<_> =
                (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
            together.wait();
            until("enough is acknowledged", || {
                self.acknowledged.load(Ordering::Relaxed) >= ACKNOWLEDGED_MIN
            });
            let (least, spread) = LOADED_US;
            let loaded = least + Chance::of(self.cycle).below(spread);
            std::thread::sleep(Duration::from_micros(loaded));
            fault(self);
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        })
    }

    /// One client, until the service is gone.
    fn talk(&self, who: &Actor, client: u64) -> Vec<Sent> {
        let mut journal: Vec<Sent> = Vec::new();
        let mut chance = Chance::of(self.cycle * CLIENTS + client);
        for number in 0.. {
            let key = format!("{}-{client}-{number}", self.cycle);
            let mut sent = self.draw(&mut chance, key);
            // One in twenty is illegal, one is sent twice.
            let (is_illegal, is_doubled) = match chance.below(20) {
                0 => (true, false),
                1 => (false, true),
                _ => (false, false),
            };
            self.ask(who, &mut sent, is_illegal);
            let is_gone = sent.outcome == Outcome::Unknown;
            // What is illegal with an answer that was lost can only be told by asking again; it is
            // illegal then too.
            if !(is_illegal && is_gone) {
                journal.push(sent.clone());
            }
            if is_gone {
                return journal;
            }
            if is_doubled {
                let mut again = sent.clone();
                self.ask(who, &mut again, false);
                if again.outcome == Outcome::Unknown {
                    return journal;
                }
                assert_eq!(again.outcome, sent.outcome, "the first answer");
            }
        }
        journal
    }

    /// One in twenty is a batch of three, and three in ten say which version they mean. A quarter
    /// goes to one incident, where they meet.
    fn draw(&self, chance: &mut Chance, key: String) -> Sent {
        let count = self.incidents.len() as u64;
        let number = if chance.below(4) == 0 { 0 } else { chance.below(count) };
        let incident = &self.incidents[usize::try_from(number).unwrap()];
        let count = if chance.below(20) == 0 { 3 } else { 1 };
        let texts = (0..count).map(|part| format!("{key}/{part}")).collect();
        let known = self.versions.lock().unwrap().get(incident.as_str()).copied();
        let if_match = if chance.below(10) < 3 { known } else { None };
        Sent { key, incident: incident.clone(), texts, if_match, outcome: Outcome::Unknown }
    }

    /// Asks, and notes what the client knows then.
    fn ask(&self, who: &Actor, sent: &mut Sent, is_illegal: bool) {
        let answer = sent.ask(who, is_illegal);
        let outcome = Outcome::of(&answer);
        if self.is_deaf.load(Ordering::SeqCst) {
            return;
        }
        match &outcome {
            Outcome::Acknowledged(places) => {
                assert!(!is_illegal, "{answer:?}");
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
                let version = places.last().unwrap().1;
                let mut versions = self.versions.lock().unwrap();
                let incident = self.incidents.iter().find(|it| **it == sent.incident).unwrap();
                let known = versions.entry(incident).or_default();
                *known = version.max(*known);
            }
            Outcome::TurnedAway => {
                let status = answer.as_ref().unwrap().status;
                let is_stale = status == 412 && sent.if_match.is_some();
                assert!(is_stale || (is_illegal && status == 409), "{answer:?}");
            }
            Outcome::Unknown => assert!(answer.is_err() || answer.is_ok_and(|it| it.status == 503)),
        }
        sent.outcome = outcome;
    }
}
