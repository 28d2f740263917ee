//! Conformance: one incident for each deviation, and one without any.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod telling;

use allclear::incident::Rejection;
use allclear::incident::id::Version;
use allclear::incident::runbook::{BUILT_IN_TEXT, built_in, read};
use allclear::incident::time::Moment;
use allclear::views::conformance::{Conformance, Deviation, Rule, Verdict};
use serde_json::{Value, json};
use telling::{STORIES, Telling, moment};

const START: &str = "2026-11-24T03:00:00Z";
/// Claims with the minute at which each is recorded.
#[derive(Clone)]
struct Steps(Vec<(i64, Value)>);

fn event(kind: &str, data: Value) -> Value {
    json!({ "type": kind, "data": data })
}

fn posted() -> Value {
    json!({ "channel": "#incidents" })
}

fn ok(check: &str) -> Value {
    event("check_recorded", json!({ "check": check, "ok": true }))
}

fn done(item: &str, answer: Option<&str>) -> Value {
    let mut data = json!({ "item": item, "outcome": "done" });
    if let Some(answer) = answer {
        data["answer"] = json!(answer);
    }
    event("checklist_marked", data)
}

fn decided(situation: &str, chosen: &str) -> Value {
    let data = json!({ "situations": [situation], "chosen": chosen, "posted": posted() });
    event("response_decided", data)
}

fn update(purpose: &str, channel: &str) -> Value {
    event("update_posted", json!({ "purposes": [purpose], "channel": channel }))
}

/// A bad deploy that is rolled back as the runbook says, to the last line of its checklist.
fn as_it_should_be() -> Steps {
    let announced = json!({ "service": "checkout", "reason": "5xx after 2.4.1", "running": "2.4.1",
        "previous": "2.4.0", "scenario": "bad_deploy", "impact": { "level": "full" }, "posted": posted() });
    let rollback = json!({ "remedy": "R1", "kind": "rollback",
        "components": [{ "name": "checkout", "to": "2.4.0" }] });
    let seen = json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] });
    Steps(vec![
        (0, event("announced", announced)),
        (0, event("role_assigned", json!({ "role": "commander", "to": "u_ana" }))),
        (0, decided("service_down", "rollback")),
        (1, event("remedy_started", rollback)),
        (4, event("remedy_finished", seen)),
        (5, ok("health")),
        (5, ok("smoke")),
        (5, event("checks_passed", json!({ "impact_ended": true, "posted": posted() }))),
        (21, ok("http_5xx_rate")),
        (21, ok("p99_latency")),
        (21, ok("db_pool")),
        (21, event("resolved", json!({ "restored": "2.4.0", "posted": posted() }))),
        (40, update("final", "#incidents")),
        (50, event("postmortem_scheduled", json!({ "at": "2026-11-25T10:00:00Z" }))),
        (60, done("capture_logs", None)),
        (60, done("identify_commits", Some("4f2c"))),
        (60, done("caught_by_tests", Some("No: no test has an empty basket."))),
        (60, done("detected_promptly", Some("Within a minute."))),
        (60, done("write_postmortem", None)),
        (60, done("create_tickets", Some("SHOP-7"))),
        (60, done("share_postmortem", None)),
    ])
}

impl Steps {
    /// Without the events of a type.
    fn without(mut self, kind: &str) -> Steps {
        self.0.retain(|(_, claim)| claim["type"] != kind);
        self
    }

    /// With the first event of a type changed.
    fn with(mut self, kind: &str, change: impl FnOnce(&mut (i64, Value))) -> Steps {
        change(self.0.iter_mut().find(|(_, claim)| claim["type"] == kind).unwrap());
        self
    }

    /// With another claim, behind all of that minute and before.
    fn and(mut self, minute: i64, claim: Value) -> Steps {
        let at = self.0.iter().position(|(at, _)| *at > minute).unwrap_or(self.0.len());
        self.0.insert(at, (minute, claim));
        self
    }

    /// With another claim, before all of that minute.
    fn before(mut self, minute: i64, claim: Value) -> Steps {
        let at = self.0.iter().position(|(at, _)| *at >= minute).unwrap_or(self.0.len());
        self.0.insert(at, (minute, claim));
        self
    }

    fn tell(&self) -> Telling {
        let mut telling = Telling::new(START);
        let mut steps = self.0.clone();
        steps.sort_by_key(|(minute, _)| *minute);
        for (minute, claim) in &steps {
            telling.now = Moment(moment(START).0 + minute * 60_000_000);
            telling.tell(claim.clone());
        }
        telling
    }

    /// Judged when every clock has run out.
    fn judged(&self) -> Conformance {
        Conformance::new(&self.tell().story(), &built_in(), moment("2027-03-01T00:00:00Z"))
    }

    /// The one deviation that there is.
    fn only(&self) -> Deviation {
        let judged = self.judged();
        assert_eq!(judged.deviations.len(), 1, "{:#?}", judged.deviations);
        judged.deviations[0].clone()
    }
}

fn rules(conformance: &Conformance) -> Vec<&'static str> {
    conformance.deviations.iter().map(|it| it.rule.word()).collect()
}

#[test]
fn an_incident_that_went_by_the_runbook_says_so() {
    let judged = as_it_should_be().judged();
    assert!(judged.clean, "{:#?}", judged.deviations);
    assert!(judged.markdown().contains("No deviation from the runbook is on record."));
    assert!(judged.text().contains("No deviation from the runbook is on record."));
    assert!(judged.obligations.iter().all(|it| it.standing.word() == "met"));
    assert_eq!(judged.recovery.unwrap().verdict, Verdict::Within);
}

#[test]
fn what_is_still_open_is_clean_so_far() {
    let mut open = as_it_should_be();
    open.0.truncate(4);
    let story = open.tell().story();
    let judged = Conformance::new(&story, &built_in(), story.last().entry.at);
    assert!(judged.markdown().contains("No deviation from the runbook is on record so far."));
}

#[test]
fn a_communication_that_came_late() {
    let late = as_it_should_be().with("update_posted", |(at, _)| *at = 63).only();
    assert_eq!(
        (late.rule, &late.events[..]),
        (Rule::ObligationLate, &[Version(1), Version(21)][..])
    );
    assert!(late.says.contains("made 3 min after it was due"), "{}", late.says);
    assert_eq!(late.line, "IC posts final status update");
}

#[test]
fn a_communication_that_was_missed() {
    let silent = as_it_should_be().with("response_decided", |(_, claim)| {
        claim["data"].as_object_mut().unwrap().remove("posted");
    });
    let missed = silent.only();
    assert_eq!((missed.rule, &missed.events[..]), (Rule::ObligationMissed, &[Version(1)][..]));
    assert_eq!(missed.line, "IC posts initial assessment and planned action");
}

#[test]
fn a_communication_is_judged_at_the_moment_that_is_asked_for() {
    let story = as_it_should_be().without("update_posted").tell().story();
    let at = |minute: i64| {
        let judged_at = Moment(moment(START).0 + minute * 60_000_000);
        Conformance::new(&story, &built_in(), judged_at).of(Rule::ObligationMissed).count()
    };
    assert_eq!([at(61), at(60 * 24 * 3)], [0, 1]);
}

#[test]
fn nobody_in_command_within_five_minutes() {
    let at = |minute: i64| as_it_should_be().with("role_assigned", |(at, _)| *at = minute).judged();
    assert!(at(5).clean, "{:#?}", at(5).deviations);
    let judged = at(6);
    assert_eq!(rules(&judged), ["no_commander"]);
    assert_eq!(
        judged.deviations[0].line,
        "Assign an Incident Commander (IC) if not already designated."
    );
    let never = as_it_should_be().without("role_assigned").only();
    assert_eq!((never.rule, &never.events[..]), (Rule::NoCommander, &[Version(1)][..]));
}

#[test]
fn another_choice_than_recommended_with_its_rationale() {
    let other = as_it_should_be().with("response_decided", |(_, claim)| {
        claim["data"]["situations"] = json!(["minor_bug_with_workaround"]);
        claim["data"]["rationale"] = json!("The workaround does not hold.");
    });
    let other = other.only();
    assert_eq!((other.rule, &other.events[..]), (Rule::OtherChoice, &[Version(3)][..]));
    assert_eq!(other.reason.as_deref(), Some("The workaround does not hold."));
    assert!(other.line.starts_with("Minor bug, workaround exists: hotfix."), "{}", other.line);
}

#[test]
fn another_choice_without_a_rationale_was_overridden_too() {
    let other = as_it_should_be().with("response_decided", |(_, claim)| {
        claim["data"]["situations"] = json!(["minor_bug_with_workaround"]);
        claim["override"] = json!({ "reason": "No time." });
    });
    let judged = other.judged();
    assert_eq!(rules(&judged), ["choice_unexplained", "guard_overridden"]);
}

#[test]
fn a_remedy_of_the_scenario_is_no_other_choice() {
    let steps = as_it_should_be().with("announced", |(_, claim)| {
        claim["data"]["scenario"] = json!("configuration_error");
    });
    let revert = json!({ "remedy": "R1", "kind": "config_revert", "what": "DB_URL" });
    let steps = steps
        .with("response_decided", |(_, claim)| claim["data"]["chosen"] = json!("config_revert"))
        .with("remedy_started", |(_, claim)| claim["data"] = revert);
    assert!(steps.judged().clean, "{:#?}", steps.judged().deviations);
}

#[test]
fn an_override_with_who_and_why() {
    let early = as_it_should_be().with("resolved", |(_, claim)| {
        claim["override"] = json!({ "reason": "The graphs are down." });
    });
    let early =
        Steps(early.0.into_iter().filter(|(_, it)| it["data"]["check"] != "db_pool").collect());
    let early = early.only();
    assert_eq!((early.rule, early.code.unwrap().word()), (Rule::GuardOverridden, "signal_missing"));
    assert_eq!(early.by.unwrap().name, "Ana");
    assert_eq!(early.reason.as_deref(), Some("The graphs are down."));
    assert_eq!(early.line, "Check: HTTP 5xx rate, p99 latency, database connection pool usage");
}

#[test]
fn every_overridden_guard_is_a_deviation_of_its_own() {
    let early = as_it_should_be().with("resolved", |(at, claim)| {
        *at = 15;
        claim["override"] = json!({ "reason": "Enough." });
    });
    let early = Steps(early.0.into_iter().filter(|(at, _)| *at != 21).collect());
    let judged = early.judged();
    let codes: Vec<_> =
        judged.of(Rule::GuardOverridden).map(|it| it.code.unwrap().word()).collect();
    assert_eq!(codes, ["watch_too_short", "signal_missing"]);
}

#[test]
fn a_guard_waived_because_the_story_was_told_afterwards() {
    let mut telling = Telling::new("2026-12-24T03:00:00Z");
    let told = |mut claim: Value| {
        claim["occurred"] = json!("2026-11-24T03:00:00Z");
        claim
    };
    let announced = json!({ "service": "checkout", "reason": "5xx", "retrospective": true });
    telling.tell(told(event("announced", announced)));
    telling.tell(told(event("role_assigned", json!({ "role": "commander", "to": "Bo" }))));
    telling.tell(told(event("remedy_started", json!({ "kind": "restart", "what": "checkout" }))));
    let judged = Conformance::new(&telling.story(), &built_in(), telling.now);
    assert_eq!(rules(&judged), ["guard_waived"]);
    let waived = &judged.deviations[0];
    assert_eq!((waived.code.unwrap().word(), &waived.events[..]), ("undecided", &[Version(3)][..]));
    assert_eq!(waived.line, "Before initiating a rollback, determine the correct response");
}

#[test]
fn a_remedy_of_another_kind_than_chosen_and_not_of_the_scenario() {
    let restart = |purpose: &str, owner: Option<&str>| {
        let mut data =
            json!({ "remedy": "R0", "kind": "restart", "what": "db", "purpose": purpose });
        if let Some(owner) = owner {
            data["owner"] = json!(owner);
        }
        let ended = event("remedy_finished", json!({ "remedy": "R0" }));
        as_it_should_be().and(0, event("remedy_started", data)).and(0, ended)
    };
    let other = restart("remedy", None).only();
    assert_eq!((other.rule, &other.events[..]), (Rule::OtherRemedy, &[Version(3), Version(4)][..]));
    assert!(other.line.starts_with("Service is completely down: rollback."), "{}", other.line);
    assert!(restart("diagnosis", None).judged().clean, "a diagnosis restores nothing");
    assert!(restart("remedy", Some("dba")).judged().clean, "another team's is not ours");
}

#[test]
fn a_resolution_that_nobody_announced() {
    let unposted = |(_, claim): &mut (i64, Value)| {
        claim["data"].as_object_mut().unwrap().remove("posted");
    };
    let silent = as_it_should_be().with("checks_passed", unposted).with("resolved", unposted);
    let silent = silent.and(10, update("progress", "#incidents"));
    let silent = silent.and(21, update("stability", "#incidents"));
    let found = silent.only();
    assert_eq!((found.rule, &found.events[..]), (Rule::ResolutionUnannounced, &[Version(13)][..]));
    assert!(found.line.contains("Rollback complete."), "{}", found.line);
    assert!(silent.and(30, update("resolution", "#incidents")).judged().clean);
}

#[test]
fn a_status_page_that_was_posted_and_not_closed() {
    let told = as_it_should_be().and(2, update("progress", "Status page"));
    let open = told.only();
    assert_eq!((open.rule, &open.events[..]), (Rule::StatusPageOpen, &[Version(5)][..]));
    assert_eq!(open.line, "Update the status page if one was posted.");
    assert!(told.clone().and(23, update("final", "Status page")).judged().clean);
    let by_status = json!({ "purposes": ["other"], "channel": "Twitter", "audience": "public",
        "status": "Resolved" });
    assert!(told.clone().and(23, event("update_posted", by_status)).judged().clean);
    let internal =
        json!({ "purposes": ["final"], "channel": "#incidents", "audience": "internal" });
    let inside = told.and(23, event("update_posted", internal));
    assert_eq!(rules(&inside.judged()), ["status_page_open"], "colleagues are not the world");
}

#[test]
fn a_status_page_is_closed_anew_after_a_reopening() {
    let page = |purpose: &str| update(purpose, "Status page");
    let again = as_it_should_be().and(23, page("final"));
    let again = again.and(70, event("reopened", json!({ "reason": "It is back." })));
    let pass = json!({ "without_remedy_because": "It went away.", "posted": posted() });
    let mut resolved = event("resolved", json!({ "posted": posted() }));
    resolved["override"] = json!({ "reason": "Watched elsewhere." });
    let over = |steps: Steps| {
        let steps = steps.and(76, ok("health")).and(76, ok("smoke"));
        steps.and(76, event("checks_passed", pass.clone())).and(90, resolved.clone())
    };
    let open = |steps: Steps| over(steps).judged().of(Rule::StatusPageOpen).count();
    assert_eq!(open(again.clone()), 0, "nothing public was said since");
    assert_eq!(open(again.clone().and(72, page("progress"))), 1);
    assert_eq!(open(again.and(72, page("progress")).and(95, page("final"))), 0);
}

#[test]
fn an_earlier_bad_reading_in_the_watch() {
    let bad = event("check_recorded", json!({ "check": "p99_latency", "ok": false }));
    let during = as_it_should_be().and(12, bad.clone()).only();
    assert_eq!((during.rule, &during.events[..]), (Rule::BadReading, &[Version(9)][..]));
    let before = as_it_should_be().before(5, bad);
    assert!(before.judged().clean, "it was read before the watch began: {:?}", before.judged());
}

#[test]
fn a_recovery_beyond_the_window_of_the_scenario() {
    let since = |when: Value| {
        as_it_should_be().with("announced", |(_, claim)| claim["data"]["impact"]["since"] = when)
    };
    let slow = since(json!("2026-11-24T02:59:00Z")).only();
    assert_eq!((slow.rule, &slow.events[..]), (Rule::SlowRecovery, &[Version(1), Version(8)][..]));
    assert_eq!(slow.line, "Bad Deploy (Application Error). Recovery time: 2-5 minutes.");
    let perhaps = json!({ "from": "2026-11-24T02:50:00Z", "till": "2026-11-24T03:00:00Z" });
    let perhaps = since(perhaps).judged();
    assert_eq!(rules(&perhaps), [""; 0], "it may have been within the window");
    assert_eq!(perhaps.recovery.unwrap().verdict, Verdict::Unknown);
    let certainly = json!({ "from": "2026-11-24T02:40:00Z", "till": "2026-11-24T02:50:00Z" });
    assert_eq!(rules(&since(certainly).judged()), ["slow_recovery"]);
    let coarse = json!({ "at": "2026-11-24T02:00:00Z", "precision": "hour" });
    assert_eq!(rules(&since(coarse).judged()), [""; 0], "to the hour it may have been 02:59");
}

#[test]
fn recovery_is_restore_and_never_resolve() {
    let slow_watch = as_it_should_be().with("resolved", |(at, _)| *at = 29);
    assert!(slow_watch.judged().clean, "{:#?}", slow_watch.judged().deviations);
}

#[test]
fn a_checklist_that_is_open_after_the_resolution() {
    let open = Steps(
        as_it_should_be()
            .0
            .into_iter()
            .filter(|(_, it)| it["data"]["item"] != "capture_logs")
            .collect(),
    );
    let found = open.only();
    assert_eq!((found.rule, &found.events[..]), (Rule::ChecklistOpen, &[Version(12)][..]));
    assert_eq!(found.line, "Capture logs from the failed deployment window");
    let reason =
        json!({ "item": "capture_logs", "outcome": "not_applicable", "evidence": "No logs." });
    assert!(open.and(61, event("checklist_marked", reason)).judged().clean);
    let again = event("checklist_marked", json!({ "item": "create_tickets", "outcome": "open" }));
    assert_eq!(as_it_should_be().and(61, again).only().events, [Version(22)]);
}

#[test]
fn before_the_resolution_the_checklist_is_nobodys_deviation() {
    let mut open = as_it_should_be();
    open.0.truncate(8);
    let story = open.tell().story();
    assert!(Conformance::new(&story, &built_in(), story.last().entry.at).clean);
}

#[test]
fn another_runbook_is_another_measure() {
    let text = BUILT_IN_TEXT
        .replacen("recovery_minutes = [2, 5]", "recovery_minutes = [1, 3]", 1)
        .replacen("due = 5\n", "due = 1\n", 1);
    let runbook = read(&text).unwrap();
    let story = as_it_should_be().tell().story();
    let judged = Conformance::new(&story, &runbook, moment("2027-03-01T00:00:00Z"));
    assert_eq!(rules(&judged), ["slow_recovery"]);
}

fn refused_at(mut claim: Value, outcome: &str) -> Vec<String> {
    claim["data"]["outcome"] = json!(outcome);
    match as_it_should_be().tell().try_tell(claim) {
        Ok(_) => Vec::new(),
        Err(Rejection::Invalid(faults)) => {
            faults.into_vec().into_iter().map(|fault| fault.pointer).collect()
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_question_needs_an_answer_and_what_does_not_apply_a_reason() {
    let bare = |item: &str| done(item, None);
    for item in ["identify_commits", "caught_by_tests", "detected_promptly", "create_tickets"] {
        assert_eq!(refused_at(bare(item), "done"), ["/data/answer"], "{item}");
        assert!(refused_at(done(item, Some("So.")), "done").is_empty());
    }
    assert!(refused_at(bare("capture_logs"), "done").is_empty(), "a tick is enough");
    assert_eq!(refused_at(bare("capture_logs"), "not_applicable"), ["/data/answer"]);
    assert!(refused_at(done("capture_logs", Some("None.")), "not_applicable").is_empty());
    assert!(refused_at(bare("caught_by_tests"), "open").is_empty());
}

#[test]
fn the_words_blame_nobody() {
    let mut worst = as_it_should_be().without("role_assigned").without("checklist_marked");
    worst.0.truncate(12);
    let told = worst.judged().markdown().to_lowercase();
    for word in ["failed to", "should have", "forgot", "violat", "fault", "neglect", "ana"] {
        assert!(!told.contains(word), "{word} in {told}");
    }
}

#[test]
fn what_users_wrote_is_escaped() {
    let steps = as_it_should_be().with("response_decided", |(_, claim)| {
        claim["data"]["situations"] = json!(["minor_bug_with_workaround"]);
        claim["data"]["rationale"] = json!("<b>see</b> [here](x) \u{1b}[31m");
    });
    let judged = steps.judged();
    assert!(judged.markdown().contains("\\<b\\>see"), "{}", judged.markdown());
    assert!(!judged.text().contains('\u{1b}'));
}

fn real(name: &str) -> Conformance {
    let story = telling::real(name).story();
    Conformance::new(&story, &built_in(), story.last().entry.at)
}

#[test]
fn the_three_real_incidents_are_told_without_blame() {
    for name in STORIES {
        let judged = real(name);
        assert!(judged.obligations.iter().all(|it| it.standing.word() == "not_trackable"));
        assert!(judged.of(Rule::ObligationMissed).next().is_none());
        for told in [judged.markdown(), judged.text(), serde_json::to_string(&judged).unwrap()] {
            for word in ["failed to", "should have", "human error"] {
                assert!(!told.to_lowercase().contains(word), "{name} says {word}");
            }
        }
        let cited = judged.deviations.iter().all(|it| !it.events.is_empty() && !it.line.is_empty());
        assert!(cited, "{name}: {:#?}", judged.deviations);
    }
}
