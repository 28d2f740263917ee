//! The judge must find what it is there to find.

use crate::load::{Outcome, Sent, Stored, judge};

/// Two requests, one of them a batch of three, that were acknowledged; one of unknown fate
/// that is not stored; one that was turned away.
fn sound() -> (Vec<Sent>, Vec<Stored>) {
    let sent = |key: &str, count: usize, outcome: Outcome| Sent {
        key: key.into(),
        incident: "INC-1".into(),
        texts: (0..count).map(|part| format!("{key}/{part}")).collect(),
        if_match: None,
        outcome,
    };
    let stored = |position: u64, batch: &str, text: Option<&str>| Stored {
        position,
        incident: "INC-1".into(),
        version: position,
        batch: batch.into(),
        text: text.map(ToOwned::to_owned),
    };
    let journal = vec![
        sent("a", 1, Outcome::Acknowledged(vec![(2, 2)])),
        sent("b", 3, Outcome::Acknowledged(vec![(3, 3), (4, 4), (5, 5)])),
        sent("c", 3, Outcome::Unknown),
        sent("d", 1, Outcome::TurnedAway),
    ];
    let log = vec![
        stored(1, "0", None),
        stored(2, "1", Some("a/0")),
        stored(3, "2", Some("b/0")),
        stored(4, "2", Some("b/1")),
        stored(5, "2", Some("b/2")),
    ];
    (journal, log)
}

fn next(text: &str, batch: &str, log: &[Stored]) -> Stored {
    let last = log.last().unwrap();
    let (position, version) = (last.position + 1, last.version + 1);
    Stored { position, version, batch: batch.into(), text: Some(text.into()), ..last.clone() }
}

/// What it finds once the log was changed so.
fn finds(change: impl Fn(&mut Vec<Stored>)) -> String {
    let (journal, mut log) = sound();
    change(&mut log);
    judge(&journal, &log).join("; ")
}

#[test]
fn finds_nothing_where_nothing_is_wrong() {
    assert_eq!(finds(|_| {}), "");
    let whole = |log: &mut Vec<Stored>| {
        ["c/0", "c/1", "c/2"].iter().for_each(|text| log.push(next(text, "3", log)));
    };
    assert_eq!(finds(whole), "");
}

#[test]
fn finds_what_was_acknowledged_and_lost() {
    assert!(finds(|log| log.truncate(2)).contains("b was acknowledged"));
    assert!(finds(|log| log[1].text = None).contains("a was acknowledged"));
}

#[test]
fn finds_what_is_there_by_half() {
    assert!(finds(|log| log.push(next("c/0", "3", log))).contains("c is stored by half"));
    let torn = |log: &mut Vec<Stored>| {
        ["3", "4", "4"].iter().zip(["c/0", "c/1", "c/2"]).for_each(|(batch, text)| {
            log.push(next(text, batch, log));
        });
    };
    assert!(finds(torn).contains("c is not one batch"));
}

#[test]
fn finds_what_is_there_twice() {
    assert!(finds(|log| log.push(next("a/0", "3", log))).contains("a/0 is stored 2 times"));
}

#[test]
fn finds_what_was_turned_away_or_never_sent() {
    assert!(finds(|log| log.push(next("d/0", "3", log))).contains("d was turned away"));
    assert!(finds(|log| log.push(next("e/0", "3", log))).contains("e/0 was never sent"));
}

#[test]
fn finds_what_moved_and_what_left_a_gap() {
    assert!(finds(|log| log[1].version = 7).contains("INC-1 has 7 after 1"));
    assert!(finds(|log| log[4].position = 6).contains("position 5 is missing"));
    let swapped = |log: &mut Vec<Stored>| {
        log[2].text = Some("a/0".into());
        log[1].text = Some("b/0".into());
    };
    assert!(finds(swapped).contains("a was acknowledged at [(2, 2)], is at [(3, 3)]"));
    assert!(finds(|log| log[1].incident = "INC-2".into()).contains("another incident"));
}

#[test]
fn finds_what_came_after_another_version_than_it_meant() {
    let (mut journal, log) = sound();
    journal[1].if_match = Some(2);
    assert_eq!(judge(&journal, &log), [""; 0]);
    journal[1].if_match = Some(1);
    assert!(judge(&journal, &log).join("; ").contains("b was to follow 1, has 3"));
}
