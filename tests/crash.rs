//! Killed under load, again and again, in one data directory (promises P1 to P4): nothing
//! acknowledged is lost, nothing is there by half, nothing twice, and whatever nobody knows the
//! fate of is settled by asking again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outside;

use outside::{Actor, Answer, Scratch, Server, announce, events_of, until};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const KILLS: usize = 20;
const CLIENTS: usize = 8;
const INCIDENTS: usize = 4;
/// With fewer answers than these before it a kill proves nothing, so it waits for them.
const ACKNOWLEDGED_MIN: usize = 20;

/// What a client knows of a request.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// Answered 2xx: position and version of each event.
    Acknowledged(Vec<(u64, u64)>),
    /// Answered 4xx.
    TurnedAway,
    /// Not answered, or 5xx.
    Unknown,
}

/// A request as its client remembers it; each event of it has a text of its own.
#[derive(Debug, Clone)]
struct Sent {
    key: String,
    incident: String,
    texts: Vec<String>,
    outcome: Outcome,
}

/// An event of a client as it is stored.
#[derive(Debug, Clone, PartialEq)]
struct Stored {
    position: u64,
    incident: String,
    version: u64,
    batch: String,
    /// None for what is no note: announcements, and the service's own acts.
    text: Option<String>,
}

/// Everything that speaks against the promises.
fn judge(journal: &[Sent], log: &[Stored]) -> Vec<String> {
    let mut found = Vec::new();
    for (event, position) in log.iter().zip(1..) {
        if event.position != position {
            found.push(format!("position {position} is missing"));
            break;
        }
    }
    let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
    for event in log {
        let last = versions.entry(&event.incident).or_default();
        if event.version != *last + 1 {
            found.push(format!("{} has {} after {last}", event.incident, event.version));
        }
        *last = event.version;
    }
    let mut by_text: HashMap<&str, Vec<&Stored>> = HashMap::new();
    for event in log {
        if let Some(text) = &event.text {
            by_text.entry(text).or_default().push(event);
        }
    }
    for (text, events) in &by_text {
        if events.len() > 1 {
            found.push(format!("{text} is stored {} times", events.len()));
        }
    }
    for sent in journal {
        let events: Vec<&Stored> = sent
            .texts
            .iter()
            .filter_map(|text| by_text.remove(text.as_str())?.first().copied())
            .collect();
        found.extend(judge_one(sent, &events));
    }
    found.extend(by_text.keys().map(|text| format!("{text} was never sent")));
    found
}

fn judge_one(sent: &Sent, stored: &[&Stored]) -> Option<String> {
    let places: Vec<(u64, u64)> = stored.iter().map(|it| (it.position, it.version)).collect();
    match &sent.outcome {
        Outcome::Acknowledged(told) if *told != places => {
            return Some(format!("{} was acknowledged at {told:?}, is at {places:?}", sent.key));
        }
        Outcome::TurnedAway if !places.is_empty() => {
            return Some(format!("{} was turned away, is at {places:?}", sent.key));
        }
        _ => {}
    }
    if !stored.is_empty() && stored.len() < sent.texts.len() {
        return Some(format!("{} is stored by half", sent.key));
    }
    let follow = |pair: &[&Stored]| {
        pair[0].batch == pair[1].batch && pair[0].position + 1 == pair[1].position
    };
    if !stored.windows(2).all(follow) {
        return Some(format!("{} is not one batch", sent.key));
    }
    let elsewhere = stored.iter().any(|it| it.incident != sent.incident);
    elsewhere.then(|| format!("{} is in another incident", sent.key))
}

#[test]
fn nothing_acknowledged_is_lost_halved_or_doubled_by_twenty_kills() {
    let scratch = Scratch::new();
    let mut server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let incidents: Vec<String> = (0..INCIDENTS).map(|_| announce(&ana)).collect();
    let mut journal: Vec<Sent> = Vec::new();
    let (mut settled, started) = (0, Instant::now());
    for cycle in 0..KILLS {
        journal.extend(load_and_kill(server, &ana, &incidents, cycle));
        assert_verifies_clean(&scratch);
        let image = read_copy(&scratch);
        assert_eq!(judge(&journal, &image), [""; 0], "cycle {cycle}, the file after the kill");
        server = Server::on(&scratch.data());
        let told = read_api(&server);
        assert_eq!(told[..image.len()], image[..], "cycle {cycle}: what is told is what is stored");
        assert_eq!(told.len(), image.len() + 1, "cycle {cycle}: and that the service started");
        settled += settle(&mut journal, &ana.at(server.address));
        let told = read_api(&server);
        assert_eq!(judge(&journal, &told), [""; 0], "cycle {cycle}, settled");
    }
    println!(
        "{KILLS} kills, {} requests, {settled} of unknown fate settled, {:?}",
        journal.len(),
        started.elapsed()
    );
    assert!(settled > 0, "no kill met a request under way");
    assert!(server.stop().status.success());
}

/// Lets the clients at it, kills the server in the midst of it, and hears what they know.
fn load_and_kill(server: Server, ana: &Actor, incidents: &[String], cycle: usize) -> Vec<Sent> {
    let acknowledged = AtomicUsize::new(0);
    let together = Barrier::new(CLIENTS + 1);
    let address = server.address;
    let client = |number: usize| {
        let ana = ana.at(address);
        together.wait();
        talk(&ana, incidents, &format!("{cycle}-{number}"), &acknowledged)
    };
    let client = &client;
    std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
        together.wait();
        until("enough is acknowledged", || {
            acknowledged.load(Ordering::Relaxed) >= ACKNOWLEDGED_MIN
        });
        // At full load, and at another point of the turn each time; the rest is chance.
        std::thread::sleep(Duration::from_micros(20_000 + 4_100 * (cycle as u64 * 7 % 23)));
        server.kill();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    })
}

/// One client, until the server is gone.
fn talk(ana: &Actor, incidents: &[String], name: &str, acknowledged: &AtomicUsize) -> Vec<Sent> {
    let mut journal: Vec<Sent> = Vec::new();
    for number in 0.. {
        let key = format!("{name}-{number}");
        let incident = incidents[number % incidents.len()].clone();
        // One in twenty is a batch of three, one is illegal, one is sent twice.
        let count = if number % 20 == 3 { 3 } else { 1 };
        let texts = (0..count).map(|part| format!("{key}/{part}")).collect();
        let mut sent = Sent { key, incident, texts, outcome: Outcome::Unknown };
        let is_illegal = number % 20 == 7;
        let answer = ask(ana, &sent, is_illegal);
        sent.outcome = outcome(&answer);
        let is_gone = answer.is_err();
        match &sent.outcome {
            Outcome::Acknowledged(_) => {
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::TurnedAway => assert!(is_illegal, "{answer:?}"),
            Outcome::Unknown => assert!(is_gone, "{answer:?}"),
        }
        let again = (number % 20 == 13).then(|| sent.clone());
        // What is illegal with an answer that was lost can only be told by asking again; it is
        // illegal then too.
        if !(is_illegal && is_gone) {
            journal.push(sent);
        }
        if is_gone {
            return journal;
        }
        if let Some(sent) = again {
            match ask(ana, &sent, false) {
                Ok(answer) => assert_eq!(outcome(&Ok(answer)), sent.outcome, "the first answer"),
                Err(_) => return journal,
            }
        }
    }
    journal
}

fn ask(ana: &Actor, sent: &Sent, is_illegal: bool) -> std::io::Result<Answer> {
    let mut events: Vec<Value> = sent
        .texts
        .iter()
        .map(|text| json!({ "type": "note_added", "data": { "text": text } }))
        .collect();
    if is_illegal {
        events.push(json!({ "type": "resolved" }));
    }
    let body = Value::Array(events).to_string();
    let body = Some(("application/json", body.as_bytes()));
    ana.key(&sent.key).try_send("POST", &events_of(&sent.incident), body)
}

/// Whatever the kill left behind is whole to `verify`, and goes on from what was published.
fn assert_verifies_clean(scratch: &Scratch) {
    let mut verify = outside::allclear();
    verify.args(["verify", "--data"]).arg(scratch.data());
    verify.arg("--checkpoint").arg(scratch.path().join("data-checkpoints").join("checkpoint"));
    let said = verify.output().unwrap();
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stdout));
}

fn outcome(answer: &std::io::Result<Answer>) -> Outcome {
    match answer {
        Ok(answer) if answer.status == 201 => {
            let events = answer.json()["events"].as_array().unwrap().clone();
            let number = |event: &Value, name: &str| event[name].as_u64().unwrap();
            let place = |event: &Value| (number(event, "position"), number(event, "version"));
            Outcome::Acknowledged(events.iter().map(place).collect())
        }
        Ok(answer) if (400..500).contains(&answer.status) => Outcome::TurnedAway,
        Ok(_) | Err(_) => Outcome::Unknown,
    }
}

/// Asks again, with the same keys, about everything of unknown fate; each is stored after that.
fn settle(journal: &mut [Sent], ana: &Actor) -> usize {
    let unknown = journal.iter_mut().filter(|sent| sent.outcome == Outcome::Unknown);
    unknown
        .map(|sent| {
            sent.outcome = outcome(&ask(ana, sent, false));
            assert!(matches!(sent.outcome, Outcome::Acknowledged(_)), "{sent:?}");
        })
        .count()
}

/// The whole log, as the service tells it.
fn read_api(server: &Server) -> Vec<Stored> {
    let admin = server.admin();
    let (mut log, mut address) = (Vec::new(), Some("/v1/events".to_owned()));
    while let Some(page) = address {
        let answer = admin.get(&page);
        log.extend(answer.is(200)["events"].as_array().unwrap().iter().map(|event| Stored {
            position: event["position"].as_u64().unwrap(),
            incident: event["ref"].as_str().unwrap().to_owned(),
            version: event["version"].as_u64().unwrap(),
            batch: event["batch"].as_str().unwrap().to_owned(),
            text: event["data"]["text"].as_str().map(ToOwned::to_owned),
        }));
        address = answer.next_page();
    }
    log
}

/// The whole log, as an independent reader finds it in a copy of the files.
fn read_copy(scratch: &Scratch) -> Vec<Stored> {
    let copy = scratch.path().join("copy");
    let _ = std::fs::remove_dir_all(&copy);
    std::fs::create_dir(&copy).unwrap();
    for file in ["allclear.db", "allclear.db-wal"] {
        let _ = std::fs::copy(scratch.data().join(file), copy.join(file));
    }
    read_file(&copy.join("allclear.db"))
}

fn read_file(file: &Path) -> Vec<Stored> {
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let mut query = database
        .prepare("SELECT position, version, entry, data FROM event ORDER BY position")
        .unwrap();
    let parse = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let rows = query.query_map([], |row| {
        let (entry, data) = (parse(row.get(2)?), parse(row.get(3)?));
        let (position, version): (i64, i64) = (row.get(0)?, row.get(1)?);
        assert_eq!((&entry["pos"], &entry["ver"]), (&json!(position), &json!(version)));
        Ok(Stored {
            position: entry["pos"].as_u64().unwrap(),
            incident: entry["no"].as_u64().map_or("SYS".into(), |number| format!("INC-{number}")),
            version: entry["ver"].as_u64().unwrap(),
            batch: entry["batch"].as_str().unwrap().to_owned(),
            text: data["data"]["text"].as_str().map(ToOwned::to_owned),
        })
    });
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// The judge must find what it is there to find.
mod the_judge {
    use super::*;

    /// Two requests, one of them a batch of three, that were acknowledged; one of unknown fate
    /// that is not stored; one that was turned away.
    fn sound() -> (Vec<Sent>, Vec<Stored>) {
        let sent = |key: &str, count: usize, outcome: Outcome| Sent {
            key: key.into(),
            incident: "INC-1".into(),
            texts: (0..count).map(|part| format!("{key}/{part}")).collect(),
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
}
