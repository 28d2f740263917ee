//! What holds for every history: properties over random claims, judged and folded in turn.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod history;
mod support;

use allclear::incident::attempt::{self, Step};
use allclear::incident::event::Intent;
use allclear::incident::guard::Question;
use allclear::incident::id::{Position, Version};
use allclear::incident::lifecycle::{self, Move};
use allclear::incident::time::{Claimed, Moment, Precision};
use allclear::incident::words::RemedyState;
use allclear::incident::{
    Claim, Code, Event, EventType, Incident, Recorded, Refusal, Rejection, Who, move_of, runbook,
};
use allclear::log::{Logged, Place, Row, Salt, seal};
use history::{Attempt, attempts};
use proptest::prelude::*;
use std::sync::Arc;
use support::{START, claim, incident, who};

/// A history as it was recorded, with its rows.
struct Told {
    incident: Incident,
    rows: Vec<Row>,
}

/// Judges and folds each attempt in turn; `look` sees each verdict with what stood before it.
fn tell(attempts: &[Attempt], mut look: impl FnMut(&Look<'_>)) -> Told {
    let (mut incident, mut now, mut rows) = (incident(), START, Vec::new());
    for attempt in attempts {
        now = Moment(now.0 + attempt.minutes * 60_000_000);
        let Ok(claim) = claim(&attempt.claim) else { panic!("{} is no claim", attempt.claim) };
        let by = who(attempt.by);
        let verdict = judge(&incident, &claim, &by, now);
        look(&Look { before: &incident, claim: &claim, by: &by, now, verdict: &verdict });
        if let Ok(recorded) = verdict {
            rows.push(row(&incident, &recorded, &by, rows.len() as u64 + 1));
            incident.fold(Arc::new(recorded));
        }
    }
    Told { incident, rows }
}

struct Look<'a> {
    before: &'a Incident,
    claim: &'a Claim,
    by: &'a Who,
    now: Moment,
    verdict: &'a Result<Recorded, Rejection>,
}

fn judge(incident: &Incident, claim: &Claim, by: &Who, now: Moment) -> Result<Recorded, Rejection> {
    let root = allclear::incident::field::Pointer::Root;
    incident.judge(claim.clone(), by, now, &runbook::built_in(), &root)
}

fn row(incident: &Incident, recorded: &Recorded, by: &Who, position: u64) -> Row {
    let place = Place {
        position: Position(position),
        batch: uuid::Uuid::from_u128(7),
        cause: None,
        salt: Salt([position as u8; 32]),
    };
    seal(recorded, by, (incident.id, incident.number), None, &place)
}

fn codes(refusal: &Refusal) -> Vec<Code> {
    refusal.unmet.iter().map(|unmet| unmet.code).collect()
}

/// What the remedy machine and the lifecycle hold against the claim, each guard asked by itself.
fn asked_one_by_one(look: &Look<'_>) -> Vec<Code> {
    let facts = &look.before.facts;
    let mut event = look.claim.event.clone();
    if let Event::ResponseDecided(it) = &mut event {
        let advice = runbook::built_in();
        let advice = advice.recommend(&it.situations, it.measured.as_ref());
        it.recommended.0 = Some(advice.response);
    }
    let (intent, step) = planned(look.before, &event);
    let now = Claimed::At(look.now.instant(), Precision::Second);
    let afterwards = if facts.is_retrospective() { Claimed::Unknown } else { now };
    let question = Question {
        facts,
        runbook: &runbook::built_in(),
        event: Some(&event),
        happened: look.claim.occurred.unwrap_or(afterwards),
        intent: intent.as_ref(),
    };
    let none = |_| None;
    let a_move = move_of(&event, facts);
    let mut guards = lifecycle::rule(look.before.state, a_move, facts.decided, &none).named;
    if let (Some(intent), Some((state, step))) = (&intent, step)
        && let (Some(kind), None) = (intent.kind, &intent.owner)
    {
        guards.extend(attempt::rule(state, step, kind, true, &none).named);
    }
    guards.sort();
    guards.into_iter().filter(|code| question.unmet(*code).is_some()).collect()
}

/// What a remedy is to do, where it stands, and the step that the event is.
fn planned(before: &Incident, event: &Event) -> (Option<Intent>, Option<(RemedyState, Step)>) {
    let (name, given, step) = match event {
        Event::RemedyStarted(it) => (it.0.remedy.as_ref(), Some(&it.0), Step::Start),
        Event::RemedyFinished(it) => (Some(&it.remedy), None, Step::Finish),
        _ => return (None, None),
    };
    let known = name.and_then(|name| before.facts.remedy(name));
    let state = known.map_or(RemedyState::New, |remedy| remedy.state);
    let intent = match (known, given) {
        (Some(_), Some(given)) if given.kind.is_some() => None,
        (Some(remedy), Some(given)) => Some(remedy.intent.changed_by(given)),
        (Some(remedy), None) => Some(remedy.intent.clone()),
        (None, given) => given.cloned(),
    };
    (intent, Some((state, step)))
}

const NO_GUARD: &[Code] = &[
    Code::NotInThisState,
    Code::RemedyOrder,
    Code::RemedyUnknown,
    Code::NameTaken,
    Code::RoleHeld,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_history_is_dense_and_folds_to_the_same_from_its_events(attempts in attempts()) {
        let told = tell(&attempts, |_| {});
        let mut again = incident();
        for (recorded, version) in told.incident.history().iter().zip(1..) {
            prop_assert_eq!(recorded.version, Version(version));
            again.fold(Arc::clone(recorded));
        }
        prop_assert_eq!(again, told.incident);
    }

    #[test]
    fn what_is_sealed_is_read_back_and_folds_to_the_same(attempts in attempts()) {
        let told = tell(&attempts, |_| {});
        let mut again = incident();
        for (row, recorded) in told.rows.iter().zip(told.incident.history()) {
            let read = Logged::read(row).unwrap().recorded().unwrap();
            prop_assert_eq!(&read, recorded.as_ref());
            again.fold(Arc::new(read));
        }
        prop_assert_eq!(again, told.incident);
    }

    #[test]
    fn the_same_claims_give_the_same_bytes(attempts in attempts()) {
        prop_assert_eq!(tell(&attempts, |_| {}).rows, tell(&attempts, |_| {}).rows);
    }

    #[test]
    fn a_verdict_changes_nothing(attempts in attempts()) {
        tell(&attempts, |look| {
            let before = look.before.clone();
            let again = judge(look.before, look.claim, look.by, look.now);
            assert_eq!(&again, look.verdict);
            assert_eq!(&before, look.before);
        });
    }

    #[test]
    fn a_refusal_lists_every_guard_that_is_not_met_in_order(attempts in attempts()) {
        tell(&attempts, |look| {
            let unmet = match look.verdict {
                Ok(recorded) => [recorded.over.clone(), recorded.dev.clone()].concat(),
                Err(Rejection::Refused(refusal)) => codes(refusal),
                Err(_) => return,
            };
            assert!(unmet.is_sorted(), "{unmet:?}");
            let guards: Vec<Code> =
                unmet.into_iter().filter(|code| !NO_GUARD.contains(code)).collect();
            assert_eq!(guards, asked_one_by_one(look), "{:?}", look.claim.event);
        });
    }

    #[test]
    fn an_override_lifts_what_can_be_overridden_and_nothing_else(attempts in attempts()) {
        tell(&attempts, |look| {
            let Err(Rejection::Refused(refusal)) = look.verdict else { return };
            let reason = allclear::incident::text::Text::new("Now.").unwrap();
            let claim = Claim { override_reason: Some(reason), ..look.claim.clone() };
            match judge(look.before, &claim, &who("admin"), look.now) {
                Ok(recorded) => {
                    assert!(codes(refusal).iter().all(|code| code.is_overridable()));
                    assert_eq!(recorded.over, codes(refusal));
                    assert_eq!(recorded.dev, []);
                }
                Err(Rejection::Refused(still)) => {
                    assert!(!codes(refusal).iter().all(|code| code.is_overridable()));
                    assert_eq!(&still, refusal);
                }
                Err(other) => panic!("{other:?}"),
            }
        });
    }

    #[test]
    fn next_and_judge_agree_on_what_a_state_has(attempts in attempts()) {
        tell(&attempts, |look| {
            let kind = look.claim.event.kind();
            let is_told = move_of(&look.claim.event, &look.before.facts) == Move::TellOfRemedy;
            if kind == EventType::RemedyStarted && is_told || kind == EventType::Announced {
                return;
            }
            let judged = match look.verdict {
                Ok(_) => false,
                Err(Rejection::Refused(refusal)) => codes(refusal).contains(&Code::NotInThisState),
                Err(_) => return,
            };
            let next = look.before.next(look.now, &runbook::built_in());
            let next = next.into_iter().find(|next| next.kind == kind).unwrap();
            let foretold = next.refusal.is_some_and(|no| codes(&no).contains(&Code::NotInThisState));
            assert_eq!(foretold, judged, "{:?} in {}", look.claim.event, look.before.state);
        });
    }
}

#[test]
fn the_histories_of_these_properties_reach_every_state() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let told = tell(&attempts().new_tree(&mut runner).unwrap().current(), |_| {});
        reached.extend(told.incident.history().iter().map(|recorded| recorded.to.word()));
    }
    assert_eq!(reached.len(), 7, "{reached:?}");
}
