//! The timeline as a reader chose it: with another zone beside UTC, without our own events, and
//! with what lasted in lanes.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod telling;

use allclear::incident::obligation::Standing;
use allclear::incident::runbook::{Zone, built_in};
use allclear::incident::words::State;
use allclear::incident::{Event, EventType};
use allclear::views::timeline::LaneName;
use allclear::views::{Manner, Order, Timeline};
use serde_json::{Value, json};
use telling::Telling;

/// Announced at noon, decided five minutes later, rolled back at ten past, resolved by override.
fn rolled_back() -> Telling {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    for (minutes, claim) in [
        (
            0,
            json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx",
            "running": "2.4.1", "impact": { "level": "full" },
            "posted": { "channel": "#incidents" } } }),
        ),
        (1, json!({ "type": "role_assigned", "data": { "role": "commander", "to": "u_ana" } })),
        (
            4,
            json!({ "type": "response_decided", "data": {
            "situations": ["service_down"], "chosen": "rollback" } }),
        ),
        (
            1,
            json!({ "type": "remedy_started", "data": {
            "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] } }),
        ),
        (
            4,
            json!({ "type": "remedy_finished", "data": {
            "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] } }),
        ),
        (
            1,
            json!({ "type": "effect_observed", "data": { "remedy": "R1", "effect": "effective" } }),
        ),
        (
            20,
            json!({ "type": "resolved", "override": { "reason": "The graph is flat." },
            "data": { "impact_ended": "2026-11-24T12:11:00Z" } }),
        ),
    ] {
        telling.now.0 += minutes * 60_000_000;
        telling.tell(claim);
    }
    telling
}

fn in_lane(timeline: &Timeline, name: LaneName) -> Vec<(String, String)> {
    let lane = timeline.lanes.iter().find(|lane| lane.lane == name).expect("all lanes are there");
    lane.spans.iter().map(|span| (span.what.clone(), span.when.clone())).collect()
}

fn told(telling: &Telling, manner: &Manner<'_>) -> Timeline {
    Timeline::in_manner(&telling.story(), manner)
}

fn pair(what: &str, when: &str) -> (String, String) {
    (what.into(), when.into())
}

#[test]
fn a_chosen_zone_stands_beside_utc_by_the_name_it_has_then() {
    let mut telling = Telling::new("2026-07-01T12:00:00Z");
    telling.tell(json!({ "type": "announced", "data": { "service": "s", "reason": "r" } }));
    telling.now.0 += 150 * 86_400_000_000;
    telling.tell(json!({ "type": "note_added", "data": { "text": "Winter." } }));
    let window = json!({ "from": "2026-10-25T00:30:00Z", "till": "2026-10-25T01:30:00Z" });
    telling
        .tell(json!({ "type": "note_added", "occurred": window, "data": { "text": "Between." } }));
    let zone = Some(Zone("Europe/Berlin".parse().unwrap()));
    let timeline = told(&telling, &Manner { zone, order: Order::Recorded, ..Manner::default() });
    let local: Vec<&str> =
        timeline.entries.iter().filter_map(|entry| entry.local.as_deref()).collect();
    assert_eq!(local[..2], ["2026-07-01 14:00:00 CEST", "2026-11-28 13:00:00 CET"]);
    assert_eq!(local[2], "between 2026-10-25 02:30:00 CEST and 2026-10-25 02:30:00 CET");
    let text = timeline.text();
    assert!(text.contains("Times in UTC and in Europe/Berlin"), "{text}");
    assert!(text.contains("2026-07-01 12:00:00 UTC (2026-07-01 14:00:00 CEST)"), "{text}");
}

#[test]
fn without_a_zone_there_is_utc_alone() {
    let timeline = told(&rolled_back(), &Manner::default());
    let out: Value = serde_json::to_value(&timeline).unwrap();
    assert_eq!((&out["zone"], &out["entries"][0]["local"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_lasted_stands_in_lanes() {
    let runbook = built_in();
    let timeline = told(&rolled_back(), &Manner { runbook: Some(&runbook), ..Manner::default() });
    assert_eq!(
        in_lane(&timeline, LaneName::States),
        [
            pair("announced", "2026-11-24 12:00:00 UTC to 2026-11-24 12:05:00 UTC"),
            pair("mitigating", "2026-11-24 12:05:00 UTC to 2026-11-24 12:31:00 UTC"),
            pair("resolved", "begun 2026-11-24 12:31:00 UTC, no end on record"),
        ]
    );
    assert_eq!(
        in_lane(&timeline, LaneName::Remedies),
        [pair(
            "R1 rollback: finished, effect effective",
            "2026-11-24 12:06:00 UTC to 2026-11-24 12:10:00 UTC"
        )]
    );
    assert_eq!(
        in_lane(&timeline, LaneName::Impact),
        [pair("full", "2026-11-24 12:00:00 UTC to 2026-11-24 12:11:00 UTC")]
    );
    let promised = in_lane(&timeline, LaneName::Obligations);
    assert_eq!(promised[0], pair("announcement: met", "2026-11-24 12:00:00 UTC"));
    assert_eq!(promised[1], pair("assessment: missed", "2026-11-24 12:05:00 UTC"));
}

#[test]
fn promises_are_judged_at_the_last_event_unless_asked_otherwise() {
    let runbook = built_in();
    let manner = Manner { runbook: Some(&runbook), ..Manner::default() };
    let later = Manner { judged_at: Some(telling::moment("2026-12-24T12:00:00Z")), ..manner };
    let last = |manner: &Manner<'_>| {
        let lane = in_lane(&told(&rolled_back(), manner), LaneName::Obligations);
        lane.last().expect("the runbook promises").0.clone()
    };
    assert!(last(&manner).ends_with(Standing::Upcoming.word()), "{}", last(&manner));
    assert!(last(&later).ends_with(Standing::Missed.word()), "{}", last(&later));
}

#[test]
fn a_story_told_afterwards_has_no_promises_in_its_lanes() {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    telling.tell(json!({ "type": "announced", "occurred": "unknown", "data": {
        "service": "s", "reason": "r", "retrospective": true } }));
    let runbook = built_in();
    let timeline = told(&telling, &Manner { runbook: Some(&runbook), ..Manner::default() });
    assert_eq!(in_lane(&timeline, LaneName::Obligations), []);
    assert_eq!(
        in_lane(&timeline, LaneName::States),
        [pair("announced", "begun at an unknown time, no end on record")]
    );
}

#[test]
fn our_own_events_can_be_left_out_and_that_is_said() {
    let mut telling = rolled_back();
    let data = r#"{"slot":"final","since":1}"#;
    telling.record_ours(Event::stored(EventType::ReminderSent, data).unwrap(), State::Resolved);
    let whole = told(&telling, &Manner::default());
    let quiet = told(&telling, &Manner { noise: false, ..Manner::default() });
    assert_eq!((whole.entries.len(), whole.left_out), (8, 0));
    assert_eq!((quiet.entries.len(), quiet.left_out), (7, 1));
    assert!(quiet.text().contains("1 of the service's own events are left out."));
}

#[test]
fn a_pinned_note_stands_out_in_words() {
    let mut telling = rolled_back();
    telling.tell(json!({ "type": "note_added", "data": { "text": "Keep this.", "pinned": true } }));
    let timeline = told(&telling, &Manner::default());
    assert!(timeline.markdown().contains("**Pinned:** Keep this."));
    assert!(timeline.text().contains("(pinned) Keep this."));
}
