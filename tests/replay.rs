//! The replay: each event with the verdict of today's machines beside the recorded one, and what was
//! known, open and owed then; nothing in it comes from later than the event.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[allow(dead_code, reason = "who attempts it makes no difference here")]
mod history;
#[allow(dead_code, reason = "a replay has no page")]
mod markup;
mod support;
mod telling;

use allclear::incident::id::Version;
use allclear::incident::runbook::built_in;
use allclear::incident::time::Moment;
use allclear::log::{Row, Story};
use allclear::views::replay::{How, Known, Outcome, Replay, STEPS_MAX, Step, Stop, Then, Topic};
use allclear::views::{Conformance, Guide};
use proptest::prelude::*;
use serde_json::json;
use std::time::{Duration, Instant};
use telling::{STORIES, Telling, real};

/// A rollback of checkout that was announced at noon, with nothing said of a commander at first.
fn checkout() -> Telling {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    for (minutes, kind, data) in [
        (
            0,
            "announced",
            json!({ "service": "checkout", "reason": "5xx", "running": "2.4.1",
            "impact": { "level": "partial" }, "posted": { "channel": "#incidents" } }),
        ),
        (7, "role_assigned", json!({ "role": "commander", "to": "u_ana" })),
        (
            0,
            "stable_version_identified",
            json!({ "components": [{ "name": "checkout", "version": "2.4.0" }] }),
        ),
        (
            1,
            "response_decided",
            json!({ "situations": ["service_down"], "chosen": "rollback",
            "posted": { "channel": "#incidents" } }),
        ),
        (
            1,
            "remedy_started",
            json!({ "kind": "rollback", "components": [{ "name": "checkout" }] }),
        ),
        (
            4,
            "remedy_finished",
            json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] }),
        ),
        (1, "effect_observed", json!({ "remedy": "R1", "effect": "effective" })),
        (1, "check_recorded", json!({ "check": "health", "ok": true })),
        (0, "check_recorded", json!({ "check": "smoke", "ok": true })),
        (0, "checks_passed", json!({ "impact_ended": true })),
    ] {
        telling.now.0 += minutes * 60_000_000;
        telling.tell(json!({ "type": kind, "data": data }));
    }
    telling
}

fn replay(story: &Story) -> Replay {
    Replay::new(story, &built_in(), Stop::End).unwrap()
}

fn then(step: &Step) -> &Then {
    step.then.as_ref().unwrap()
}

fn known(step: &Step, topic: Topic) -> Option<(&str, u64)> {
    let of_topic = |it: &&Known| it.topic == topic;
    let known = then(step).known.iter().find(of_topic)?;
    Some((known.says.as_str(), known.since.0))
}

#[test]
fn todays_machines_agree_with_every_verdict_of_the_real_incidents() {
    for name in STORIES {
        let telling = real(name);
        let replay = replay(&telling.story());
        assert_eq!(
            (replay.agrees, replay.steps.len()),
            (telling.rows().len(), telling.rows().len())
        );
        assert!(replay.differs.is_empty() && replay.not_judged.is_empty(), "{name}");
        markup::lint(&replay.markdown(), name);
        let path = format!("{}/tests/golden/replay-{name}.txt", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("ALLCLEAR_BLESS").is_some() {
            std::fs::write(&path, replay.text()).unwrap();
        }
        let printed = std::fs::read_to_string(&path).unwrap();
        assert_eq!(replay.text(), printed, "{name}: ALLCLEAR_BLESS=1 writes it anew");
    }
}

#[test]
fn a_step_says_what_was_known_then_and_since_which_event() {
    let replay = replay(&checkout().story());
    let step = |version: usize| &replay.steps[version - 1];
    assert_eq!(known(step(1), Topic::RunningVersion), Some(("checkout 2.4.1", 1)));
    assert_eq!(known(step(1), Topic::Commander), None);
    assert!(then(step(1)).unknown.contains(&Topic::Commander));
    assert_eq!(known(step(2), Topic::Commander), Some(("Ana", 2)));
    assert_eq!(known(step(3), Topic::StableVersion), Some(("checkout 2.4.0", 3)));
    assert_eq!(known(step(4), Topic::Decision), Some(("rollback, as recommended", 4)));
    assert_eq!(known(step(5), Topic::Remedies), Some(("R1 rollback: running", 5)));
    assert_eq!(known(step(6), Topic::RunningVersion), Some(("checkout 2.4.0", 6)));
    assert!(then(step(6)).unknown.contains(&Topic::Effect), "done is not effective");
    assert_eq!(known(step(7), Topic::Effect), Some(("R1: effective", 7)));
    assert_eq!(known(step(9), Topic::Checks), Some(("health good, smoke good", 9)));
    let impact = known(step(10), Topic::Impact).unwrap();
    assert_eq!(
        impact,
        ("partial since 2026-11-24 12:00:00 UTC, ended 2026-11-24 12:15:00 UTC", 10)
    );
    let asked = |version| {
        let questions = then(step(version)).questions.iter();
        questions.map(|it| it.text.clone()).collect::<Vec<_>>()
    };
    assert!(asked(1).contains(&"Who was in command?".to_owned()));
    assert!(!asked(2).contains(&"Who was in command?".to_owned()));
    assert!(asked(6).contains(&"What did R1 do to the impact?".to_owned()));
    assert!(!asked(7).contains(&"What did R1 do to the impact?".to_owned()));
}

#[test]
fn a_step_has_the_guide_and_the_conformance_of_its_moment() {
    let telling = checkout();
    let whole = replay(&telling.story());
    for (index, step) in whole.steps.iter().enumerate() {
        let cut = cut(telling.rows(), index + 1, &telling);
        let at = cut.last().entry.at;
        let conformance = Conformance::new(&cut, &built_in(), at);
        let guide = Guide::new(&cut.incident, &built_in(), at).unwrap();
        assert_eq!(then(step).deviations, conformance.deviations);
        assert_eq!(then(step).obligations, conformance.obligations);
        assert_eq!((then(step).step, &then(step).comes_next), (guide.now, &guide.comes_next));
    }
    let departs = |step: &Step, rule: &str| {
        then(step).deviations.iter().any(|it| it.rule.to_string() == rule)
    };
    assert!(!departs(&whole.steps[0], "no_commander"), "five minutes had not passed");
    assert!(departs(&whole.steps[1], "no_commander"));
    assert_eq!(then(&whole.steps[3]).obligations[1].standing.word(), "late");
}

/// The story that a log cut behind so many events tells.
fn cut(rows: &[Row], count: usize, telling: &Telling) -> Story {
    Story::walk(&rows[..count], telling.story().names).unwrap().unwrap()
}

/// Without what a step says of later events.
fn alone(mut step: Step) -> Step {
    step.corrected_by.clear();
    step
}

/// That the first steps of a long replay are those of a short one.
fn nothing_comes_from_later(telling: &Telling) {
    let whole = replay(&telling.story());
    for count in 1..=telling.rows().len() {
        let short = replay(&cut(telling.rows(), count, telling));
        let first: Vec<Step> = whole.steps[..count].iter().cloned().map(alone).collect();
        let short: Vec<Step> = short.steps.into_iter().map(alone).collect();
        assert_eq!(short, first, "{count}");
    }
}

#[test]
fn a_later_correction_is_named_and_changes_no_earlier_step() {
    let mut telling = checkout();
    telling.now.0 += 60_000_000;
    telling.tell(json!({ "type": "corrected", "data": { "version": 7, "reason": "misread",
        "fields": { "effect": "none" } } }));
    let whole = replay(&telling.story());
    assert_eq!(known(&whole.steps[6], Topic::Effect), Some(("R1: effective", 7)));
    assert_eq!(known(&whole.steps[10], Topic::Effect), Some(("R1: none", 11)));
    assert_eq!(whole.steps[6].corrected_by, [Version(11)]);
    assert!(whole.text().contains("later: corrected by [#11]"));
    nothing_comes_from_later(&telling);
    let stopped = Replay::new(&telling.story(), &built_in(), Stop::Version(Version(7))).unwrap();
    assert_eq!(stopped.steps, whole.steps[..7], "it stops, and still knows what came after");
    assert_eq!(stopped.version, Version(11));
}

#[test]
fn people_are_called_as_they_were_then() {
    let mut telling = checkout();
    let before = replay(&telling.story());
    telling.name("u_ana", "Ana Berg");
    telling.tell(json!({ "type": "note_added", "data": { "text": "x" } }));
    let after = replay(&telling.story());
    assert_eq!(after.steps[..10], before.steps, "a later name changes no earlier step");
    let commander = |step: &Step| known(step, Topic::Commander).map(|(says, _)| says.to_owned());
    assert_eq!(commander(&after.steps[9]), Some("Ana".into()));
    assert_eq!(commander(&after.steps[10]), Some("Ana Berg".into()));
}

#[test]
fn a_replay_stops_where_it_is_told_to() {
    let telling = checkout();
    let story = telling.story();
    let count = |stop| Replay::new(&story, &built_in(), stop).map(|it| it.steps.len());
    assert_eq!(count(Stop::End), Some(10));
    assert_eq!(count(Stop::Version(Version(3))), Some(3));
    assert_eq!(count(Stop::Version(Version(99))), Some(10));
    let at = story.events[2].entry.at;
    assert_eq!(count(Stop::Moment(at)), Some(3), "both events of that moment");
    assert_eq!(count(Stop::Moment(Moment(at.0 - 1))), Some(1));
    assert_eq!(count(Stop::Moment(Moment(0))), None);
}

#[test]
fn a_tampered_verdict_differs_and_says_how() {
    let cases: [(u64, &str, &str, &[How]); 4] = [
        (10, r#""to":"monitoring""#, r#""to":"resolved""#, &[How::State]),
        (4, r#""over":[]"#, r#""over":["undecided"]"#, &[How::Overrides]),
        (4, r#""dev":[]"#, r#""dev":["rationale_missing"]"#, &[How::Deviations]),
        (5, r#""to":"mitigating""#, r#""to":"monitoring""#, &[How::State]),
    ];
    for (version, stored, tampered, how) in cases {
        let mut telling = checkout();
        telling.retype(Version(version), stored, tampered);
        let replay = replay(&telling.story());
        let verdict = &replay.steps[version as usize - 1].verdict;
        assert_eq!((verdict.outcome, verdict.how.as_slice()), (Outcome::Differs, how));
        assert!(replay.differs.contains(&Version(version)));
        assert!(replay.text().contains("DIFFERS in"), "{}", replay.text());
    }
    // What was never legal is refused today, and the sentence names the guard.
    let mut telling = checkout();
    telling.retype(Version(5), "remedy_started", "remedy_planned");
    let replay = replay(&telling.story());
    let finished = &replay.steps[5].verdict;
    assert_eq!(
        (finished.outcome, finished.how.as_slice()),
        (Outcome::Differs, &[How::Refusal][..])
    );
    assert!(finished.says.contains("not met: remedy order"), "{}", finished.says);
}

#[test]
fn what_is_erased_or_unknown_is_not_judged() {
    let mut telling = checkout();
    telling.tell(json!({ "type": "note_added", "data": { "text": "a secret" } }));
    telling.tell(json!({ "type": "note_added", "data": { "text": "later" } }));
    telling.erase(Version(11));
    telling.retype(Version(12), "note_added", "moon_observed");
    let replay = replay(&telling.story());
    assert_eq!(replay.not_judged, [Version(11), Version(12)]);
    assert_eq!(replay.agrees, 10);
    assert!(replay.text().contains("Not to be judged again: [#11] [#12]."));
}

#[test]
fn a_long_incident_is_judged_to_its_end_within_a_bound() {
    let mut telling = checkout();
    for _ in 0..STEPS_MAX {
        telling.tell(json!({ "type": "note_added", "data": { "text": "still looking" } }));
    }
    let story = telling.story();
    let started = Instant::now();
    let replay = replay(&story);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!(replay.agrees, STEPS_MAX + 10);
    assert!(replay.steps[STEPS_MAX - 1].then.is_some());
    assert!(replay.steps[STEPS_MAX].then.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_was_accepted_is_agreed_with_and_told_from_the_past_alone(
        attempts in history::attempts()
    ) {
        let mut telling = Telling::new("2026-11-24T03:00:00Z");
        for attempt in &attempts {
            telling.now.0 += attempt.minutes * 60_000_000;
            let _ = telling.try_tell(attempt.claim.clone());
        }
        let replay = replay(&telling.story());
        prop_assert_eq!(replay.agrees, telling.rows().len(), "{}", replay.text());
        markup::lint(&replay.markdown(), "random");
        nothing_comes_from_later(&telling);
    }
}
