//! Many clients at once, judged by what they were told (promise P5).

use crate::outside::{Server, announce, append, events_of, note};
use std::sync::Barrier;
use std::time::Instant;

const CLIENTS: usize = 16;
const EACH: usize = 25;

struct Told {
    text: String,
    version: u64,
    sent: Instant,
    answered: Instant,
}

#[test]
fn sixteen_clients_append_to_one_incident_and_none_is_refused_because_of_another() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    let together = Barrier::new(CLIENTS);
    let client = |number: usize| {
        let client = ana.clone();
        together.wait();
        let append = |turn: usize| {
            let text = format!("{number}-{turn}");
            let sent = Instant::now();
            let answer = append(&client, &incident, &note(&text)).is(201);
            let version = answer["version"].as_u64().unwrap();
            assert_eq!(answer["events"][0]["version"], version, "the state is as of its event");
            Told { text, version, sent, answered: Instant::now() }
        };
        (0..EACH).map(append).collect::<Vec<_>>()
    };
    let client = &client;
    let mut told: Vec<Told> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });

    told.sort_by_key(|told| told.version);
    let versions: Vec<u64> = told.iter().map(|told| told.version).collect();
    assert_eq!(versions, (2..2 + (CLIENTS * EACH) as u64).collect::<Vec<_>>());
    for (earlier, later) in told.iter().zip(told.iter().skip(1)) {
        assert!(earlier.sent < later.answered, "an answer before its request was sent");
    }
    // No one that was sent after another was answered comes before it.
    let mut latest_sent = told[0].sent;
    for told in &told {
        assert!(told.answered > latest_sent, "{} overtook one that was answered", told.version);
        latest_sent = latest_sent.max(told.sent);
    }
    let page = ana.get(&format!("{}?limit=1000", events_of(&incident))).is(200);
    let stored = page["events"].as_array().unwrap();
    assert_eq!(stored.len(), told.len() + 1);
    for told in &told {
        let event = &stored[usize::try_from(told.version).unwrap() - 1];
        assert_eq!(event["data"]["text"], told.text.as_str());
    }
}

#[test]
fn of_two_appends_that_saw_the_same_version_one_is_accepted() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = announce(&ana);
    for round in 1..=10_u64 {
        let racer = ana.with("If-Match", &format!("\"{round}\""));
        let together = Barrier::new(4);
        let race = || {
            let racer = racer.clone();
            together.wait();
            append(&racer, &incident, &note("mine")).status
        };
        let race = &race;
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..4).map(|_| scope.spawn(race)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 412, 412, 412]);
    }
}
