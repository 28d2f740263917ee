//! Killed around a redaction: afterwards it is done, or it was not acknowledged.

use crate::marked::{Marker, Random, claim, event, found_below, redaction};
use crate::outside::{Scratch, Server, announce, append, events_of};
use serde_json::Value;
use std::time::Duration;

const KILLS: u64 = 20;

#[test]
fn a_redaction_that_was_acknowledged_outlives_twenty_kills_and_one_that_was_not_is_settled_by_its_key()
 {
    let scratch = Scratch::new();
    let mut server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let admin = server.admin();
    let incident = announce(&ana);
    let mut random = Random(20_261_124);
    let (mut acknowledged, mut unknown) = (0, 0);
    let mut erased: Vec<Marker> = Vec::new();
    for cycle in 0..KILLS {
        let (ana, actor) = (ana.at(server.address), admin.at(server.address));
        let marker = random.marker();
        let padding = random.below(600);
        let told = append(&ana, &incident, &claim(0, &marker, padding)).is(201);
        let version = told["version"].as_u64().unwrap();
        let body = redaction(&event(&actor, &incident, version), None).to_string();
        let keyed = actor.key(&format!("k{cycle}"));
        let path = events_of(&incident);
        let sent = body.clone();
        let asked = std::thread::spawn(move || {
            keyed.try_send("POST", &path, Some(("application/json", sent.as_bytes())))
        });
        std::thread::sleep(Duration::from_micros(4_000 * cycle));
        server.kill();
        let is_acknowledged = asked.join().unwrap().is_ok_and(|answer| answer.status == 201);
        if is_acknowledged {
            acknowledged += 1;
            assert_eq!(marker.found_below(&scratch.data()), [""; 0], "cycle {cycle}, killed");
        }
        server = Server::on(&scratch.data());
        let actor = admin.at(server.address);
        let is_done = event(&actor, &incident, version)["data"] == Value::Null;
        assert!(is_done || !is_acknowledged, "cycle {cycle}: acknowledged, and not done");
        if !is_acknowledged {
            unknown += 1;
            actor
                .key(&format!("k{cycle}"))
                .post_bytes(&events_of(&incident), body.as_bytes())
                .is(201);
        }
        assert_eq!(event(&actor, &incident, version)["data"], Value::Null);
        erased.push(marker);
        let all: Vec<&Marker> = erased.iter().collect();
        assert_eq!(found_below(&scratch.data(), &all), [""; 0]);
    }
    println!("{acknowledged} acknowledged, {unknown} of unknown fate");
    assert!(acknowledged > 0 && unknown > 0, "{acknowledged} acknowledged, {unknown} unknown");
}
