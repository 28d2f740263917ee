//! 5,000 random bits of events, each told at its exact position.

use crate::log::Log;
use crate::steps;
use allclear::engine::audit::{Group, Outcome};
use rusqlite::Connection;
use std::collections::BTreeSet;

const LOGS: u64 = 100;
const FLIPS: usize = 50;

/// A generator that gives the same numbers every time (xorshift).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn five_thousand_flipped_bits_are_told_each_at_its_position() {
    let log = Log::new();
    let whole = std::fs::read(log.database()).unwrap();
    let events = log.events();
    assert!(events >= FLIPS as u64 + 10, "{events} events are too few");
    for seed in 1..=LOGS {
        std::fs::write(log.database(), &whole).unwrap();
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let expected = flip(&log, events, &mut dice);
        let (findings, summary) = log.audit();
        let found: BTreeSet<u64> =
            crate::log::damage_of(&findings).into_iter().map(|(position, _)| position).collect();
        assert_eq!(found, expected, "log {seed}: {findings:#?}");
        assert_eq!(summary.outcome(), Outcome::EventsDamaged);
    }
}

/// Flips one bit of so many different events; gives their positions.
fn flip(log: &Log, events: u64, dice: &mut Dice) -> BTreeSet<u64> {
    let mut file = Connection::open(log.database()).unwrap();
    file.execute_batch("DROP TRIGGER event_is_final").unwrap();
    let whole = file.transaction().unwrap();
    let mut flipped = BTreeSet::new();
    while flipped.len() < FLIPS {
        let position = dice.below(events) + 1;
        let column = ["entry", "entry", "data", "salt"][dice.below(4) as usize];
        let sql = format!("SELECT CAST({column} AS BLOB) FROM event WHERE position = {position}");
        let bytes: Option<Vec<u8>> = whole.query_row(&sql, [], |row| row.get(0)).unwrap();
        let Some(mut bytes) = bytes.filter(|_| !flipped.contains(&position)) else { continue };
        let at = dice.below(bytes.len() as u64) as usize;
        bytes[at] ^= 1 << dice.below(8);
        let value = if column == "salt" { "?1" } else { "CAST(?1 AS TEXT)" };
        let sql = format!("UPDATE event SET {column} = {value} WHERE position = {position}");
        whole.execute(&sql, [bytes]).unwrap();
        flipped.insert(position);
    }
    whole.commit().unwrap();
    // The trigger is put back as it was: the tables' text says nothing.
    let trigger = steps::statement(steps::FIRST, "CREATE TRIGGER event_is_final", "END;");
    file.execute_batch(trigger).unwrap();
    file.close().unwrap();
    flipped
}

#[test]
fn each_field_is_told_with_its_group() {
    let position = 20;
    let find = |log: &Log, words: &str| {
        let sql = format!("SELECT INSTR(entry, '{words}') FROM event WHERE position = {position}");
        let at = log.number(&sql);
        assert!(at > 0, "{words}");
        // A bit of the last character of what is named.
        (at as usize - 1 + words.len()) * 8 - 8
    };
    let fields = [
        (r#""type":""#, Group::Entry),
        (r#""by":"u"#, Group::Entry),
        (r#""at":1"#, Group::Entry),
        (r#""batch":""#, Group::Entry),
        (r#""to":""#, Group::Entry),
        (r#""over":["#, Group::Entry),
        (r#""rules":1"#, Group::Entry),
    ];
    for (words, group) in fields {
        let log = Log::new();
        let bit = find(&log, words);
        log.flip(position, "entry", bit);
        assert!(log.damage().contains(&(position, group)), "{words}: {:?}", log.damage());
        let elsewhere = log.damage().into_iter().any(|(at, _)| at != position);
        assert!(!elsewhere, "{words}: {:?}", log.damage());
    }
    for column in ["data", "salt"] {
        let log = Log::new();
        log.flip(position, column, 100);
        assert_eq!(log.damage(), BTreeSet::from([(position, Group::Data)]), "{column}");
    }
    let log = Log::new();
    let commitment = find(&log, r#""data":"a"#.strip_suffix('a').unwrap());
    log.flip(position, "entry", commitment + 8);
    let both = BTreeSet::from([(position, Group::Entry), (position, Group::Data)]);
    assert_eq!(log.damage(), both);
}
