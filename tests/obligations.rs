//! Promised communications: what is owed, by whom, from when, and what became of it (design 3).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod history;
mod support;

use allclear::incident::id::Version;
use allclear::incident::runbook::{BUILT_IN_TEXT, built_in, read};
use allclear::incident::time::Moment;
use allclear::incident::words::State;
use allclear::incident::{Incident, Obligation, Runbook, Standing};
use history::attempts;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use support::{START, append, claim, incident, minute, who};

fn second(seconds: i64) -> Moment {
    Moment(START.0 + seconds * 1_000_000)
}

fn posted() -> Value {
    json!({ "channel": "#incidents" })
}

fn event(kind: &str, data: Value) -> Value {
    json!({ "type": kind, "data": data })
}

fn occurred(mut claim: Value, when: Value) -> Value {
    claim["occurred"] = when;
    claim
}

fn announced() -> Value {
    event("announced", json!({ "service": "checkout", "reason": "5xx", "posted": posted() }))
}

fn silent() -> Value {
    event("announced", json!({ "service": "checkout", "reason": "5xx" }))
}

fn update(purpose: &str) -> Value {
    event("update_posted", json!({ "purposes": [purpose], "channel": "#incidents" }))
}

fn commander(to: &str, from: Option<&str>) -> Value {
    match from {
        None => event("role_assigned", json!({ "role": "commander", "to": to })),
        Some(from) => {
            event("role_assigned", json!({ "role": "commander", "to": to, "from": from }))
        }
    }
}

/// Everything that `checks_passed` needs, and itself.
fn passed(posts: bool) -> Vec<Value> {
    let mut pass = json!({ "without_remedy_because": "It went away by itself." });
    if posts {
        pass["posted"] = posted();
    }
    let check = |name: &str| event("check_recorded", json!({ "check": name, "ok": true }));
    vec![check("health"), check("smoke"), event("checks_passed", pass)]
}

fn resolved(posts: bool) -> Vec<Value> {
    let check = |name: &&str| event("check_recorded", json!({ "check": name, "ok": true }));
    let mut claims: Vec<Value> =
        ["http_5xx_rate", "p99_latency", "db_pool"].iter().map(check).collect();
    let data = if posts { json!({ "posted": posted() }) } else { json!({}) };
    claims.push(event("resolved", data));
    claims
}

fn reopened() -> Value {
    event("reopened", json!({ "reason": "It is back." }))
}

/// An incident announced at the start, with a post; then each claim at its minute.
fn told(steps: &[(i64, Value)]) -> Incident {
    let mut incident = incident();
    append(&mut incident, &announced(), START);
    steps.iter().for_each(|(minutes, claim)| {
        append(&mut incident, claim, minute(*minutes));
    });
    incident
}

fn tell_all(incident: &mut Incident, minutes: i64, claims: &[Value]) {
    claims.iter().for_each(|claim| {
        append(incident, claim, minute(minutes));
    });
}

/// The slot of the last period, asked at that moment.
fn slot_at(incident: &Incident, slot: &str, now: Moment) -> Obligation {
    let obligations = incident.obligations(&built_in(), now);
    obligations.into_iter().rfind(|it| it.slot.as_str() == slot).unwrap()
}

fn standing(incident: &Incident, slot: &str, minutes: i64) -> &'static str {
    slot_at(incident, slot, minute(minutes)).standing.word()
}

/// All standings of the period that counts from that event.
fn standings(incident: &Incident, since: u64, now: Moment) -> Vec<(String, &'static str)> {
    let obligations = incident.obligations(&built_in(), now).into_iter();
    let period = obligations.filter(|it| it.since == Version(since));
    period.map(|it| (it.slot.to_string(), it.standing.word())).collect()
}

/// Days and days later: every clock has run out.
fn for_ever() -> Moment {
    minute(60 * 24 * 90)
}

#[test]
fn the_six_slots_are_the_seeds() {
    let table = [
        ("T+0 min", "IC announces incident in #incidents", "2026-11-24T03:00:00+00:00"),
        ("T+5 min", "IC posts initial assessment and planned action", "2026-11-24T03:05:00+00:00"),
        ("T+15 min", "IC posts status update (rollback in progress)", "2026-11-24T03:15:00+00:00"),
        ("T+30 min", "IC confirms stability or escalates", "2026-11-24T03:30:00+00:00"),
        ("T+60 min", "IC posts final status update", "2026-11-24T04:00:00+00:00"),
        ("Next business day", "Schedule post-mortem", "2026-11-25T23:59:59.999999+00:00"),
    ];
    let owed = told(&[]).obligations(&built_in(), minute(0));
    assert_eq!(owed.len(), table.len());
    for (owed, (time, says, due)) in owed.iter().zip(table) {
        assert_eq!((owed.says.as_str(), owed.due.to_string().as_str()), (says, due), "{time}");
    }
}

#[test]
fn each_slot_is_paid_by_the_events_and_updates_of_the_design() {
    let silent_now = |event: Value| (event, None);
    let at = |minutes: i64, event: Value| (event, Some(minutes));
    let table = [
        ("announcement", silent_now(announced())),
        ("announcement", at(0, update("announcement"))),
        (
            "assessment",
            at(
                3,
                event(
                    "response_decided",
                    json!({ "situations": [], "chosen": "rollback", "posted": posted() }),
                ),
            ),
        ),
        ("assessment", at(3, update("assessment"))),
        ("progress", at(12, update("progress"))),
        ("stability", at(20, update("stability"))),
        (
            "stability",
            at(
                20,
                event("escalated", json!({ "to": "dba", "reason": "Help.", "posted": posted() })),
            ),
        ),
        ("final", at(40, update("final"))),
        (
            "postmortem",
            at(2, event("postmortem_scheduled", json!({ "at": minute(999) .to_string() }))),
        ),
        ("postmortem", at(2, event("postmortem_waived", json!({ "reason": "A drill." })))),
    ];
    for (slot, (paying, minutes)) in table {
        let mut incident = incident();
        let first = if minutes.is_some() { silent() } else { paying.clone() };
        append(&mut incident, &first, START);
        if let Some(minutes) = minutes {
            assert_ne!(standing(&incident, slot, minutes), "met", "{slot} before {paying}");
            append(&mut incident, &paying, minute(minutes));
        }
        let paid = slot_at(&incident, slot, for_ever());
        assert_eq!((paid.standing, paid.paid_by), (Standing::Met, Some(incident.version())));
    }
}

#[test]
fn passed_checks_pay_the_progress_and_a_resolution_the_stability_when_they_are_posted() {
    for posts in [true, false] {
        let mut incident = told(&[]);
        tell_all(&mut incident, 10, &passed(posts));
        tell_all(&mut incident, 26, &resolved(posts));
        let expected = if posts { "met" } else { "missed" };
        assert_eq!(standing(&incident, "progress", 99), expected);
        assert_eq!(standing(&incident, "stability", 99), expected);
    }
}

#[test]
fn a_published_post_mortem_pays_too() {
    let mut incident = told(&[(1, event("cancelled", json!({ "why": "false_alarm" })))]);
    assert_eq!(standing(&incident, "postmortem", 2), "void");
    let published = event("postmortem_published", json!({ "sha256": "0".repeat(64) }));
    let published = occurred(published, json!(second(30).to_string()));
    append(&mut incident, &published, minute(2));
    assert_eq!(standing(&incident, "postmortem", 3), "met", "it was claimed for before the end");
}

#[test]
fn what_is_not_paid_is_upcoming_then_due_then_missed_when_the_next_falls_due() {
    let incident = told(&[]);
    let at = |seconds| slot_at(&incident, "assessment", second(seconds)).standing.word();
    let seen = [0, 299, 300, 899, 900].map(at);
    assert_eq!(seen, ["upcoming", "upcoming", "due", "due", "missed"]);
}

#[test]
fn sixty_seconds_are_in_time_and_one_more_is_late() {
    let paid_at = |seconds: i64| {
        let mut incident = told(&[]);
        append(&mut incident, &update("assessment"), second(seconds));
        slot_at(&incident, "assessment", for_ever())
    };
    assert_eq!((paid_at(360).standing, paid_at(360).late_us), (Standing::Met, None));
    let late = paid_at(361);
    assert_eq!((late.standing, late.late_us), (Standing::Late, Some(61_000_000)));
    assert_eq!(paid_at(899).standing, Standing::Late);
    let missed = paid_at(900);
    assert_eq!((missed.standing, missed.paid_by, missed.late_us), (Standing::Missed, None, None));
}

#[test]
fn the_final_update_may_be_late_until_the_end_of_the_next_business_day() {
    let incident = told(&[]);
    let end = slot_at(&incident, "postmortem", START).due;
    let at = |moment| slot_at(&incident, "final", moment).standing.word();
    assert_eq!([at(Moment(end.0 - 1)), at(end)], ["due", "missed"]);
    let late = told(&[(60 * 20, update("final"))]);
    assert_eq!(standing(&late, "final", 60 * 48), "late");
}

#[test]
fn the_post_mortem_may_be_late_by_one_business_day() {
    let mut incident = incident();
    let friday = Moment(minute(60 * 24 * 3).0);
    append(&mut incident, &announced(), friday);
    let at = |text: &str| {
        let moment = allclear::incident::time::Instant::parse(text).unwrap().moment();
        slot_at(&incident, "postmortem", moment).standing.word()
    };
    assert_eq!(at("2026-11-30T23:59:59Z"), "upcoming", "Monday");
    assert_eq!(at("2026-12-01T00:00:00Z"), "due");
    assert_eq!(at("2026-12-01T23:59:59Z"), "due", "Tuesday");
    assert_eq!(at("2026-12-02T00:00:00Z"), "missed");
}

#[test]
fn the_final_update_may_come_at_any_time_after_the_checks_passed() {
    let early = told(&[(10, update("final"))]);
    assert_eq!(standing(&early, "final", 61), "due", "nothing was stable then");
    let mut incident = told(&[]);
    tell_all(&mut incident, 8, &passed(false));
    append(&mut incident, &update("final"), minute(9));
    assert_eq!(standing(&incident, "final", 61), "met");
    let mut backdated = told(&[]);
    tell_all(&mut backdated, 8, &passed(false));
    let before = occurred(update("final"), json!(minute(2).to_string()));
    append(&mut backdated, &before, minute(9));
    assert_eq!(standing(&backdated, "final", 61), "due", "it was posted before they passed");
}

#[test]
fn a_post_certainly_from_before_the_slot_before_does_not_pay() {
    assert_eq!(standing(&told(&[(4, update("progress"))]), "progress", 15), "due");
    assert_eq!(standing(&told(&[(5, update("progress"))]), "progress", 15), "met");
    let perhaps = json!({ "from": minute(1).to_string(), "till": minute(6).to_string() });
    let perhaps = told(&[(7, occurred(update("progress"), perhaps))]);
    assert_eq!(standing(&perhaps, "progress", 15), "met", "it may have been in time");
}

#[test]
fn the_first_post_that_fits_pays() {
    let incident = told(&[(6, update("progress")), (8, update("progress"))]);
    assert_eq!(slot_at(&incident, "progress", minute(9)).paid_by, Some(Version(2)));
    let earlier = occurred(update("progress"), json!(minute(5).to_string()));
    let incident = told(&[(6, update("progress")), (8, earlier)]);
    assert_eq!(slot_at(&incident, "progress", minute(9)).paid_by, Some(Version(3)));
}

#[test]
fn one_post_may_pay_several_slots() {
    let both = json!({ "purposes": ["progress", "stability"], "channel": "#incidents" });
    let incident = told(&[(15, event("update_posted", both))]);
    assert_eq!(standing(&incident, "progress", 31), "met");
    assert_eq!(standing(&incident, "stability", 31), "met");
}

#[test]
fn the_claimed_time_decides_and_recorded_late_is_told() {
    let claimed = |when: Value| {
        let incident = told(&[(14, occurred(update("assessment"), when))]);
        slot_at(&incident, "assessment", minute(16))
    };
    let told_later = claimed(json!(minute(4).to_string()));
    assert_eq!((told_later.standing, told_later.is_recorded_late), (Standing::Met, true));
    let window = claimed(json!({ "from": minute(4).to_string(), "till": minute(9).to_string() }));
    assert_eq!(window.standing, Standing::Met, "of a window the earliest instant");
    let till = claimed(json!({ "till": minute(7).to_string() }));
    assert_eq!((till.standing, till.late_us), (Standing::Late, Some(120_000_000)));
    let unknown = claimed(json!("unknown"));
    assert_eq!((unknown.standing, unknown.late_us), (Standing::Late, Some(540_000_000)));
    let on_time = told(&[(4, update("assessment"))]);
    assert!(!slot_at(&on_time, "assessment", minute(16)).is_recorded_late);
}

#[test]
fn what_is_recorded_after_all_is_over_still_counts_by_its_claimed_time() {
    let late = occurred(update("assessment"), json!(minute(4).to_string()));
    let incident = told(&[(600, late)]);
    assert_eq!(standing(&incident, "assessment", 601), "met");
}

fn due_of(when: Option<Value>) -> Moment {
    let mut incident = incident();
    let claim = when.map_or(announced(), |when| occurred(announced(), when));
    append(&mut incident, &claim, minute(60));
    slot_at(&incident, "announcement", minute(60)).due
}

#[test]
fn the_clock_begins_with_the_claimed_announcement_of_the_hour_before_its_recording() {
    assert_eq!(due_of(None), minute(60));
    assert_eq!(due_of(Some(json!(minute(0).to_string()))), minute(0));
    assert_eq!(due_of(Some(json!(second(-1).to_string()))), minute(60), "more than an hour");
    assert_eq!(due_of(Some(json!(minute(63).to_string()))), minute(60), "ahead of our clock");
    assert_eq!(due_of(Some(json!("unknown"))), minute(60));
    let window = json!({ "from": minute(10).to_string(), "till": minute(20).to_string() });
    assert_eq!(due_of(Some(window)), minute(60), "a window is no instant");
}

#[test]
fn a_correction_of_the_announcement_moves_every_promise() {
    let moved = json!({ "version": 1, "occurred": minute(-10).to_string(), "reason": "Clock." });
    let incident = told(&[(1, event("corrected", moved))]);
    assert_eq!(slot_at(&incident, "assessment", START).due, minute(-5));
}

#[test]
fn a_post_that_never_belonged_here_pays_nothing() {
    let withdrawn = json!({ "version": 2, "withdrawn": true, "reason": "Another incident." });
    let mut incident = told(&[(4, update("assessment"))]);
    assert_eq!(standing(&incident, "assessment", 5), "met");
    append(&mut incident, &event("corrected", withdrawn), minute(6));
    assert_eq!(standing(&incident, "assessment", 6), "due");
    let other = json!({ "version": 2, "fields": { "purposes": ["other"] }, "reason": "Not that." });
    let mut incident = told(&[(4, update("assessment"))]);
    append(&mut incident, &event("corrected", other), minute(6));
    assert_eq!(standing(&incident, "assessment", 6), "due");
    let later = json!({ "version": 2, "occurred": minute(7).to_string(), "reason": "Later." });
    let mut incident = told(&[(4, update("assessment"))]);
    append(&mut incident, &event("corrected", later), minute(8));
    assert_eq!(standing(&incident, "assessment", 8), "late");
}

#[test]
fn a_cancellation_voids_what_is_unpaid_and_what_was_missed_stays_missed() {
    let incident = told(&[(16, event("cancelled", json!({ "why": "nothing_to_do" })))]);
    let expected = [
        ("announcement", "met"),
        ("assessment", "missed"),
        ("progress", "void"),
        ("stability", "void"),
        ("final", "void"),
        ("postmortem", "void"),
    ];
    for now in [minute(16), for_ever(), minute(-600)] {
        let seen = standings(&incident, 1, now);
        let seen: Vec<_> = seen.iter().map(|(slot, word)| (slot.as_str(), *word)).collect();
        assert_eq!(seen, expected, "asked at {now}");
    }
    assert_eq!(incident.next_due(&built_in()), None);
}

/// Resolved half an hour in, and reopened at minute 120.
fn came_back(scheduled: bool) -> Incident {
    let mut incident = told(&[(4, update("assessment"))]);
    tell_all(&mut incident, 10, &passed(true));
    tell_all(&mut incident, 26, &resolved(true));
    if scheduled {
        let at = json!({ "at": minute(9_000).to_string() });
        append(&mut incident, &event("postmortem_scheduled", at), minute(40));
    }
    append(&mut incident, &reopened(), minute(120));
    incident
}

#[test]
fn promises_outlive_the_resolution() {
    let mut incident = told(&[(4, update("assessment"))]);
    tell_all(&mut incident, 10, &passed(true));
    tell_all(&mut incident, 26, &resolved(true));
    assert_eq!(standing(&incident, "final", 59), "upcoming");
    assert_eq!(standing(&incident, "final", 60), "due");
    assert_eq!(incident.next_due(&built_in()), Some(minute(60)));
}

#[test]
fn a_reopening_begins_anew_and_voids_what_was_open() {
    let incident = came_back(false);
    let base = incident.version().0;
    let seen = standings(&incident, 1, for_ever());
    assert_eq!(seen[1].1, "met");
    assert_eq!((seen[4].1, seen[5].1), ("void", "void"));
    let anew = standings(&incident, base, minute(121));
    assert_eq!((anew[0].1, anew[1].1), ("due", "upcoming"));
    assert_eq!(slot_at(&incident, "assessment", minute(121)).due, minute(125));
    assert_eq!(incident.obligations(&built_in(), minute(121)).len(), 12);
}

#[test]
fn a_posted_reopening_pays_its_own_announcement() {
    let mut incident = came_back(false);
    tell_all(&mut incident, 121, &passed(false));
    tell_all(&mut incident, 137, &resolved(false));
    let again = json!({ "reason": "Once more.", "posted": posted() });
    append(&mut incident, &event("reopened", again), minute(200));
    assert_eq!(standing(&incident, "announcement", 200), "met");
}

#[test]
fn a_post_mortem_that_was_scheduled_before_a_reopening_stays_paid() {
    let incident = came_back(true);
    assert_eq!(standings(&incident, 1, for_ever())[5].1, "met");
    assert_eq!(standing(&incident, "postmortem", 121), "met");
    let open = came_back(false);
    assert_eq!(standing(&open, "postmortem", 121), "upcoming");
}

#[test]
fn what_is_scheduled_after_a_reopening_does_not_pay_what_that_voided() {
    let mut incident = came_back(false);
    let at = json!({ "at": minute(9_000).to_string() });
    append(&mut incident, &event("postmortem_scheduled", at), minute(130));
    assert_eq!(standings(&incident, 1, for_ever())[5].1, "void");
    assert_eq!(standing(&incident, "postmortem", 131), "met");
}

#[test]
fn a_post_from_before_a_reopening_that_is_recorded_after_it_pays_what_was_due_then() {
    let mut incident = came_back(false);
    let base = incident.version().0;
    let late = occurred(update("final"), json!(minute(58).to_string()));
    append(&mut incident, &late, minute(121));
    let first = occurred(update("announcement"), json!(minute(100).to_string()));
    append(&mut incident, &first, minute(122));
    assert_eq!(standings(&incident, 1, for_ever())[4].1, "met");
    let anew = standings(&incident, base, minute(122));
    assert_eq!((anew[0].1, anew[4].1), ("due", "upcoming"));
}

#[test]
fn a_promise_is_owed_by_whoever_commanded_when_it_fell_due() {
    let incident = told(&[
        (1, commander("ana", None)),
        (10, commander("bo", Some("ana"))),
        (20, event("role_released", json!({ "role": "commander", "from": "bo" }))),
    ]);
    let owed_by = |slot: &str, minutes| {
        slot_at(&incident, slot, minute(minutes)).owed_by.map(|it| it.to_string())
    };
    assert_eq!(owed_by("announcement", 25), None, "nobody commanded then");
    assert_eq!(owed_by("assessment", 25).as_deref(), Some("u_ana"));
    assert_eq!(owed_by("progress", 9).as_deref(), Some("u_ana"), "as long as it is not due");
    assert_eq!(owed_by("progress", 12).as_deref(), Some("u_bo"), "it moves to the new one");
    assert_eq!(owed_by("progress", 25).as_deref(), Some("u_bo"));
    assert_eq!(owed_by("stability", 25), None);
}

#[test]
fn who_commanded_is_known_by_the_claimed_times() {
    let taken = occurred(commander("ana", None), json!(second(-60).to_string()));
    let incident = told(&[(9, taken)]);
    let owed = slot_at(&incident, "assessment", minute(9)).owed_by.unwrap();
    assert_eq!(owed.as_str(), "u_ana");
}

#[test]
fn a_story_told_afterwards_owes_nothing() {
    let mut incident = incident();
    let mut first = occurred(announced(), json!(minute(-9_000).to_string()));
    first["data"]["retrospective"] = json!(true);
    append(&mut incident, &first, START);
    append(&mut incident, &occurred(update("final"), json!("unknown")), minute(1));
    for owed in incident.obligations(&built_in(), for_ever()) {
        let seen = (owed.standing, owed.paid_by, owed.late_us, owed.is_recorded_late);
        assert_eq!(seen, (Standing::NotTrackable, None, None, false));
    }
    assert_eq!(incident.next_due(&built_in()), None);
    assert!(incident.reminders_due(&built_in(), for_ever()).is_empty());
}

#[test]
fn the_words_of_the_progress_follow_from_the_state() {
    let says = |incident: &Incident| slot_at(incident, "progress", minute(16)).says;
    let mut incident = told(&[]);
    assert_eq!(says(&incident), "IC posts status update (rollback in progress)");
    tell_all(&mut incident, 8, &passed(false));
    assert_eq!(says(&incident), "IC posts status update (rollback complete)");
    let failed = json!({ "reason": "5xx again." });
    append(&mut incident, &event("verification_failed", failed), minute(9));
    assert_eq!(says(&incident), "IC posts status update (rollback in progress)");
}

#[test]
fn another_runbook_has_other_promises() {
    let text = BUILT_IN_TEXT
        .replacen("slot = \"assessment\"\ndue = 5", "slot = \"first_word\"\ndue = 2", 1)
        .replacen("due = 30\n", "due = 20\n", 1);
    let last = text.rfind("[[obligations]]").unwrap();
    let rest = text[last..].find("\n\n").unwrap() + last;
    let runbook = read(&format!("{}{}", &text[..last], &text[rest..])).unwrap();
    let incident = told(&[(1, update("assessment"))]);
    let owed = incident.obligations(&runbook, minute(20));
    let seen: Vec<_> = owed.iter().map(|it| (it.slot.as_str(), it.due, it.standing)).collect();
    let expected = [
        ("announcement", minute(0), Standing::Met),
        ("first_word", minute(2), Standing::Met),
        ("progress", minute(15), Standing::Missed),
        ("stability", minute(20), Standing::Due),
        ("final", minute(60), Standing::Upcoming),
    ];
    assert_eq!(seen, expected);
    let day_end = runbook.calendar.next_business_day_end(minute(60));
    let at = |now| incident.obligations(&runbook, now)[4].standing;
    assert_eq!([at(Moment(day_end.0 - 1)), at(day_end)], [Standing::Due, Standing::Missed]);
}

/// A random history, with posts and ends strewn into it.
fn tell(attempts: &[history::Attempt], posts: &[(usize, i64, u8)]) -> (Incident, Moment) {
    let (mut incident, mut now) = (incident(), START);
    for (index, attempt) in attempts.iter().enumerate() {
        now = Moment(now.0 + attempt.minutes * 60_000_000);
        try_append(&mut incident, &attempt.claim, attempt.by, now);
        for (_, before, which) in posts.iter().filter(|(at, _, _)| *at == index) {
            let purposes = ["announcement", "assessment", "progress", "stability", "final"];
            let post = update(purposes[usize::from(*which) % purposes.len()]);
            let when = Moment(now.0 - before * 60_000_000).to_string();
            try_append(&mut incident, &occurred(post, json!(when)), "ana", now);
        }
    }
    (incident, now)
}

fn try_append(incident: &mut Incident, given: &Value, by: &str, now: Moment) {
    let root = allclear::incident::field::Pointer::Root;
    let verdict = incident.judge(claim(given).unwrap(), &who(by), now, &built_in(), &root);
    if let Ok(recorded) = verdict {
        incident.fold(Arc::new(recorded));
    }
}

fn is_settled(standing: Standing) -> bool {
    match standing {
        Standing::Met
        | Standing::Late
        | Standing::Missed
        | Standing::Void
        | Standing::NotTrackable => true,
        Standing::Upcoming | Standing::Due => false,
    }
}

fn posts() -> impl Strategy<Value = Vec<(usize, i64, u8)>> {
    prop::collection::vec(
        (0..40_usize, prop::sample::select(vec![0_i64, 0, 2, 30]), any::<u8>()),
        0..8,
    )
}

fn refolded(incident: &Incident) -> Incident {
    let mut again = support::incident();
    incident.history().iter().for_each(|recorded| again.fold(Arc::clone(recorded)));
    again
}

/// The promises that nobody has paid, of the period that runs; a cancellation ends it.
fn unpaid(incident: &Incident, runbook: &Runbook, now: Moment) -> Vec<Obligation> {
    if incident.state == State::Cancelled {
        return Vec::new();
    }
    let owed = incident.obligations(runbook, now);
    let since = owed.last().map(|it| it.since);
    let is_open = |it: &Obligation| match it.standing {
        Standing::Upcoming | Standing::Due | Standing::Missed => true,
        Standing::Met | Standing::Late | Standing::Void | Standing::NotTrackable => false,
    };
    owed.into_iter().filter(|it| Some(it.since) == since && is_open(it)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_follow_from_events_runbook_and_moment_alone(
        attempts in attempts(), posts in posts(), minutes in 0..3_000_i64,
    ) {
        let (incident, _) = tell(&attempts, &posts);
        let owed = incident.obligations(&built_in(), minute(minutes));
        prop_assert_eq!(&owed, &incident.obligations(&built_in(), minute(minutes)));
        prop_assert_eq!(&owed, &refolded(&incident).obligations(&built_in(), minute(minutes)));
    }

    #[test]
    fn asking_later_never_turns_what_is_settled_into_anything_else(
        attempts in attempts(), posts in posts(), sooner in 0..3_000_i64, later in 0..3_000_i64,
    ) {
        let (incident, now) = tell(&attempts, &posts);
        let after = |minutes: i64| Moment(now.0 + minutes * 60_000_000);
        let first = incident.obligations(&built_in(), after(sooner));
        let second = incident.obligations(&built_in(), after(sooner + later));
        for (was, is) in first.iter().zip(&second) {
            if is_settled(was.standing) {
                prop_assert_eq!(was.standing, is.standing, "{} of {}", was.slot, was.since);
            }
        }
    }

    #[test]
    fn what_was_met_stays_met_whatever_is_recorded_later_without_a_correction(
        attempts in attempts(), posts in posts(),
    ) {
        let corrects = |it: &history::Attempt| it.claim["type"] == "corrected";
        let attempts: Vec<_> = attempts.into_iter().filter(|it| !corrects(it)).collect();
        let (whole, now) = tell(&attempts, &posts);
        let mut incident = incident();
        let mut met: Vec<(Version, String)> = Vec::new();
        for recorded in whole.history() {
            incident.fold(Arc::clone(recorded));
            let owed = incident.obligations(&built_in(), now);
            let is_met: Vec<_> = owed.iter().filter(|it| it.standing == Standing::Met)
                .map(|it| (it.since, it.slot.to_string())).collect();
            prop_assert!(met.iter().all(|it| is_met.contains(it)), "{:?} then {:?}", met, is_met);
            met = is_met;
        }
    }

    #[test]
    fn the_next_due_is_the_first_of_what_nobody_paid_or_was_reminded_of(
        attempts in attempts(), posts in posts(), minutes in -100..3_000_i64,
    ) {
        let (mut incident, now) = tell(&attempts, &posts);
        let runbook = built_in();
        let asked = Moment(now.0 + minutes * 60_000_000);
        let open = unpaid(&incident, &runbook, asked);
        prop_assert_eq!(incident.next_due(&runbook), open.iter().map(|it| it.due).min());
        let due = incident.reminders_due(&runbook, asked);
        let has_come = incident.next_due(&runbook).is_some_and(|next| next <= asked);
        prop_assert_eq!(has_come, !due.is_empty(), "what is due is told, else it is due for ever");
        remind(&mut incident, &runbook, asked);
        prop_assert!(incident.reminders_due(&runbook, asked).is_empty());
        prop_assert!(incident.next_due(&runbook).is_none_or(|next| next > asked));
    }
}

/// Records every reminder that is due, as the engine does.
fn remind(incident: &mut Incident, runbook: &Runbook, now: Moment) {
    use allclear::incident::event::ReminderSent;
    use allclear::incident::id::PrincipalId;
    use allclear::incident::{Claim, Event, Who};
    let service =
        Who { by: PrincipalId::service(), on_behalf_of: None, token: None, is_admin: false };
    for (slot, since) in incident.reminders_due(runbook, now) {
        let claim = Claim::of(Event::ReminderSent(ReminderSent { slot, since }));
        let root = allclear::incident::field::Pointer::Root;
        let recorded = incident.judge(claim, &service, now, runbook, &root).unwrap();
        incident.fold(Arc::new(recorded));
    }
}
