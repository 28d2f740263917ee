//! The chain of moments of one incident, and the figures of many together.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod telling;

use allclear::incident::time::Instant;
use allclear::views::figures::{By, FigureName, Group, MilestoneName, Spread, Value as Length};
use allclear::views::{Across, Figures, Sample};
use serde_json::{Value, json};
use telling::Telling;

/// An incident of a service, told afterwards: impact from noon, detected and announced as said, and
/// restored after so many minutes if anybody recorded that.
fn lasted(service: &str, day: &str, minutes: Option<i64>) -> Telling {
    let at = |clock: &str| format!("{day}T{clock}:00Z");
    let mut telling = Telling::new("2027-01-01T00:00:00Z");
    telling.tell(json!({ "type": "announced", "occurred": at("12:05"), "data": {
        "service": service, "reason": "5xx", "retrospective": true,
        "impact": { "level": "full", "since": at("12:00") } } }));
    if let Some(minutes) = minutes {
        let clock = format!("{:02}:{:02}", 12 + minutes / 60, minutes % 60);
        telling.tell(json!({ "type": "impact_changed", "occurred": at(&clock),
            "data": { "level": "none" } }));
    }
    telling
}

fn across(by: Option<By>, tellings: &[Telling]) -> Across {
    let samples = tellings.iter().map(|telling| Sample::of(&telling.story())).collect();
    Across::new((None, None), by, samples)
}

fn restore(group: &Group) -> &Spread {
    group.figures.iter().find(|it| it.figure == FigureName::Restore).expect("all are there")
}

fn minutes(from: i64, to: i64) -> Length {
    Length::Known { min_us: from * 60_000_000, max_us: to * 60_000_000 }
}

#[test]
fn the_chain_has_eight_moments_each_with_its_event_or_the_reason() {
    let telling = lasted("web", "2026-11-03", Some(30));
    let figures = Figures::new(&telling.story());
    let told: Vec<_> =
        figures.moments.iter().map(|it| (it.moment, it.event.map(|e| e.0))).collect();
    assert_eq!(
        told,
        [
            (MilestoneName::ImpactBegan, Some(1)),
            (MilestoneName::Detected, None),
            (MilestoneName::Announced, Some(1)),
            (MilestoneName::Decided, None),
            (MilestoneName::RemedyStarted, None),
            (MilestoneName::Restored, Some(2)),
            (MilestoneName::Resolved, None),
            (MilestoneName::Stable, Some(2)),
        ]
    );
    for moment in &figures.moments {
        assert_eq!(moment.event.is_some(), moment.unknown.is_none(), "{moment:?}");
        assert_eq!(moment.event.is_some(), moment.when.is_some(), "{moment:?}");
    }
    assert!(figures.markdown().contains("| Restored | 2026-11-03 12:30:00 UTC | [#2] |"));
}

#[test]
fn each_figure_of_the_chain_ends_where_the_next_one_begins() {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    for (minutes, claim) in [
        (
            0,
            json!({ "type": "announced", "data": { "service": "s", "reason": "r",
            "impact": { "level": "full", "since": "2026-11-24T11:50:00Z" } } }),
        ),
        (
            0,
            json!({ "type": "detected", "occurred": "2026-11-24T11:55:00Z",
            "data": { "source": "staff" } }),
        ),
        (0, json!({ "type": "role_assigned", "data": { "role": "commander", "to": "u_ana" } })),
        (
            5,
            json!({ "type": "response_decided", "data": {
            "situations": ["service_down"], "chosen": "rollback" } }),
        ),
        (
            1,
            json!({ "type": "remedy_started", "data": { "kind": "rollback",
            "components": [{ "name": "s", "to": "1" }] } }),
        ),
        (4, json!({ "type": "impact_changed", "data": { "level": "none" } })),
        (9, json!({ "type": "resolved", "override": { "reason": "Flat." } })),
    ] {
        telling.now.0 += minutes * 60_000_000;
        telling.tell(claim);
    }
    let figures = Figures::new(&telling.story());
    let chain = FigureName::CHAIN.map(|name| figures.get(name).expect("every figure is there"));
    let took: Vec<String> = chain.iter().map(|figure| figure.value.spoken()).collect();
    assert_eq!(took, ["5 min", "5 min", "5 min", "1 min", "4 min", "9 min"]);
    for (one, next) in chain.iter().zip(&chain[1..]) {
        assert_eq!(one.to, next.from, "{} and {}", one.title, next.title);
    }
    let events: Vec<_> = chain.iter().map(|figure| figure.from.map(|it| it.0)).collect();
    assert_eq!(events, [Some(1), Some(2), Some(1), Some(4), Some(5), Some(6)]);
}

#[test]
fn a_median_and_a_90th_percentile_say_what_they_rest_on() {
    let lengths = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
    let mut tellings: Vec<Telling> =
        lengths.map(|length| lasted("web", "2026-11-03", Some(length))).into();
    tellings.push(lasted("web", "2026-11-03", None));
    let across = across(None, &tellings);
    let restore = restore(&across.all);
    assert_eq!((restore.count, restore.left_out), (10, 1));
    assert_eq!(restore.median, minutes(55, 55));
    assert_eq!(restore.p90, minutes(90, 90));
    assert_eq!(across.all.incidents.len(), 11);
    assert!(across.groups.is_empty());
    let shown = across.markdown();
    assert!(shown.contains("| Restore | 10 | 1 | 0 | 55 min | 1 h 30 min |"), "{shown}");
}

#[test]
fn one_incident_is_its_own_median() {
    let across = across(None, &[lasted("web", "2026-11-03", Some(7))]);
    assert_eq!(restore(&across.all).median, minutes(7, 7));
    assert_eq!(restore(&across.all).p90, minutes(7, 7));
}

#[test]
fn without_any_time_the_median_is_unknown_and_no_zero() {
    let across = across(None, &[lasted("web", "2026-11-03", None)]);
    let out: Value = serde_json::to_value(restore(&across.all)).unwrap();
    assert_eq!(out["median"]["minutes"], Value::Null);
    assert_eq!(out["median"]["unknown"], "no incident has the times for it");
    assert_eq!((&out["count"], &out["left_out"]), (&json!(0), &json!(1)));
}

#[test]
fn a_window_of_time_gives_a_range_here_too() {
    let mut telling = lasted("web", "2026-11-03", None);
    telling.tell(json!({ "type": "impact_changed",
        "occurred": { "from": "2026-11-03T12:20:00Z", "till": "2026-11-03T12:40:00Z" },
        "data": { "level": "none" } }));
    let across = across(None, &[telling, lasted("web", "2026-11-03", Some(30))]);
    assert_eq!(restore(&across.all).median, minutes(25, 35));
}

#[test]
fn incidents_are_put_together_by_service_scenario_or_month() {
    let tellings = [
        lasted("web", "2026-10-31", Some(10)),
        lasted("web", "2026-11-03", Some(30)),
        lasted("api", "2026-11-04", Some(50)),
    ];
    let names = |by| -> Vec<(Option<String>, usize)> {
        let across = across(Some(by), &tellings);
        across.groups.iter().map(|it| (it.name.clone(), it.incidents.len())).collect()
    };
    assert_eq!(names(By::Service), [(Some("api".into()), 1), (Some("web".into()), 2)]);
    assert_eq!(names(By::Month), [(Some("2026-10".into()), 1), (Some("2026-11".into()), 2)]);
    assert_eq!(names(By::Scenario), [(None, 3)]);
}

#[test]
fn a_cancelled_incident_counts_for_nothing_and_is_counted() {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    telling.tell(json!({ "type": "announced", "data": { "service": "s", "reason": "r" } }));
    telling.tell(json!({ "type": "cancelled", "data": { "why": "false_alarm" } }));
    let across = across(None, &[telling]);
    assert_eq!((across.cancelled, across.all.incidents.len()), (1, 0));
    assert!(across.markdown().contains("1 cancelled ones count for nothing"));
}

#[test]
fn the_answer_is_the_same_in_whatever_order_incidents_are_read() {
    let [one, other] = ["2026-11-03", "2026-11-05"].map(|day| lasted("web", day, Some(10)));
    let ends = Instant::parse("2026-11-01T00:00:00Z");
    let told = |tellings: [&Telling; 2]| {
        let samples = tellings.iter().map(|it| Sample::of(&it.story())).collect();
        serde_json::to_string(&Across::new((ends, None), Some(By::Month), samples)).unwrap()
    };
    assert_eq!(told([&one, &other]), told([&other, &one]));
}
