//! The built-in runbook says what the seed's tables say, and a runbook with mistakes is refused
//! with all of them, each in its place.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use allclear::incident::event::Measured;
use allclear::incident::field::{Faults, Field, Pointer};
use allclear::incident::runbook::{BUILT_IN_TEXT, Due, Runbook, built_in, read};
use allclear::incident::text::{Line, Name};
use allclear::incident::time::Instant;
use allclear::incident::words::Response;
use serde_json::{Value, json};

fn names(names: &[&str]) -> Vec<Name> {
    names.iter().map(|name| Name::new(*name).unwrap()).collect()
}

fn measured(value: Value) -> Measured {
    Measured::read(value, &Pointer::Root, &mut Faults::default()).unwrap()
}

#[test]
fn the_six_situations_have_the_answers_of_the_seed() {
    let table = [
        ("service_down", "rollback", "Restore availability first"),
        ("data_corruption", "rollback", "Stop the bleeding"),
        ("degraded_over_half", "rollback", "Users are actively affected"),
        ("minor_bug_with_workaround", "hotfix", "Rollback has its own risks"),
        ("feature_misbehaves", "flag_off", "Least disruptive option"),
        ("intermittent_errors", "investigate", "May resolve or may need hotfix"),
    ];
    let runbook = built_in();
    assert_eq!(runbook.decisions.len(), table.len());
    for ((situation, response, rationale), row) in table.into_iter().zip(1..) {
        let advice = runbook.recommend(&names(&[situation]), None);
        assert_eq!(advice.response.word(), response);
        assert_eq!((advice.row, advice.rationale), (Some(row), rationale));
    }
}

#[test]
fn of_several_situations_the_first_of_the_document_decides() {
    let runbook = built_in();
    let both = names(&["intermittent_errors", "feature_misbehaves"]);
    assert_eq!(runbook.recommend(&both, None).row, Some(5));
}

#[test]
fn who_is_unsure_rolls_back() {
    let runbook = built_in();
    let advice = runbook.recommend(&[], None);
    assert_eq!((advice.response.word(), advice.row), ("rollback", None));
    assert!(advice.rationale.starts_with("If you are unsure, rollback."));
}

#[test]
fn what_was_measured_decides_too() {
    let runbook = built_in();
    let row = |value: Value| runbook.recommend(&[], Some(&measured(value))).row;
    assert_eq!(row(json!({ "down": true })), Some(1));
    assert_eq!(row(json!({ "corruption": true })), Some(2));
    assert_eq!(row(json!({ "degraded_percent": 50.1 })), Some(3));
    assert_eq!(row(json!({ "degraded_percent": 50 })), None, "half is not more than half");
    assert_eq!(row(json!({ "error_rate_percent": 4.9 })), Some(6));
    assert_eq!(row(json!({ "error_rate_percent": 5 })), None, "five percent are not under five");
    assert_eq!(row(json!({ "flag": true })), None, "a flag alone is no misbehaviour");
}

#[test]
fn a_situation_that_the_values_contradict_does_not_hold() {
    let runbook = built_in();
    let advice = |situation, value| {
        runbook.recommend(&names(&[situation]), Some(&measured(value))).response.word()
    };
    assert_eq!(advice("intermittent_errors", json!({ "error_rate_percent": 12 })), "rollback");
    assert_eq!(advice("feature_misbehaves", json!({ "flag": false })), "rollback");
    assert_eq!(advice("minor_bug_with_workaround", json!({ "workaround": true })), "hotfix");
}

#[test]
fn the_six_slots_fall_due_as_the_seed_says() {
    let table = [
        (Some(0), "IC announces incident in #incidents"),
        (Some(5), "IC posts initial assessment and planned action"),
        (Some(15), "IC posts status update (rollback in progress / complete)"),
        (Some(30), "IC confirms stability or escalates"),
        (Some(60), "IC posts final status update"),
        (None, "Schedule post-mortem"),
    ];
    let told = built_in();
    let told = told.obligations.iter().map(|rule| match rule.due {
        Due::Minutes(minutes) => (Some(minutes), rule.says.as_str()),
        Due::Day(_) => (None, rule.says.as_str()),
    });
    assert_eq!(told.collect::<Vec<_>>(), table);
}

#[test]
fn the_seven_items_of_the_checklist_are_the_seeds_and_four_are_questions() {
    let table = [
        ("Capture logs from the failed deployment window", false),
        ("Identify the exact commit(s) that caused the issue", true),
        ("Check if the issue was caught by tests (if not, why not?)", true),
        ("Determine if monitoring/alerting detected the issue promptly", true),
        ("Write a post-mortem document with timeline, root cause, and action items", false),
        ("Create tickets for preventive measures (new tests, better alerts, etc.)", true),
        ("Share the post-mortem in the team meeting", false),
    ];
    let told = built_in();
    let told = told.checklist.iter().map(|item| (item.says.as_str(), item.is_question()));
    assert_eq!(told.collect::<Vec<_>>(), table);
}

#[test]
fn the_four_scenarios_have_the_remedies_and_windows_of_the_seed() {
    let table = [
        ("Bad Deploy (Application Error)", "rollback", [2, 5]),
        ("Database Migration Failure", "rollback, migration_downgrade, backup_restore", [5, 30]),
        ("Configuration Error", "config_revert, restart", [2, 10]),
        ("Resource Exhaustion", "scale, rollback", [5, 15]),
    ];
    let told = built_in();
    for (scenario, (title, remedies, window)) in told.scenarios.iter().zip(table) {
        let kinds: Vec<&str> = scenario.remedies.iter().map(|kind| kind.word()).collect();
        assert_eq!(scenario.title.as_str(), title);
        assert_eq!(kinds.join(", "), remedies);
        assert_eq!(scenario.recovery_minutes.0, window);
    }
    assert_eq!(told.scenarios.len(), table.len());
}

#[test]
fn flag_off_is_what_step_5_prefers() {
    let told = built_in();
    let flags = told.steps.iter().find(|step| step.step.word() == "flags").unwrap();
    assert!(flags.says[0].as_str().contains("should be preferred when possible"));
    assert_eq!(told.steps.len(), 7);
}

#[test]
fn every_mistake_is_told_with_its_line_and_column() {
    let broken = BUILT_IN_TEXT
        .replacen("watch_minutes = 15", "watch_minutes = -1", 1)
        .replacen("response = \"hotfix\"", "response = \"pray\"", 1)
        .replacen("slot = \"progress\"", "slot = \"assessment\"", 1)
        .replacen("recovery_minutes = [2, 5]", "recovery_minutes = [5, 2]", 1)
        .replacen("zone = \"UTC\"", "zone = \"Middle/Earth\"\nmoon = true", 1)
        .replacen("--url {url}", "--url {moon}", 1);
    let said: Vec<String> = read(&broken).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 7, "{said:#?}");
    let about = ["response", "watch_minutes", "recovery_minutes", "zone", "moon", "twice"];
    for word in about {
        assert!(said.iter().any(|line| line.contains(word)), "{word} in {said:#?}");
    }
    let response = said.iter().find(|line| line.contains("response")).unwrap();
    let line = broken.lines().position(|line| line.contains("pray")).unwrap() + 1;
    assert!(response.starts_with(&format!("{line}:12: ")), "{response}");
}

#[test]
fn what_does_not_go_together_is_told_too() {
    let broken = BUILT_IN_TEXT
        .replacen("slot = \"progress\"", "slot = \"assessment\"", 1)
        .replacen("due = 30", "due = 10", 1)
        .replacen("--url {url}", "--url {moon}", 1);
    let said: Vec<String> = read(&broken).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:#?}");
    assert!(said[0].contains("assessment stands here twice"), "{said:#?}");
    assert!(said[1].contains("must be later"), "{said:#?}");
    assert!(said[2].contains("{moon}, which nothing fills"), "{said:#?}");
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    let mistakes = read("title = \"x\"\nseverities = [\n").unwrap_err();
    assert_eq!((mistakes[0].line, mistakes[0].column), (2, 15), "{mistakes:?}");
}

#[test]
fn a_service_of_the_catalogue_may_leave_signals_out() {
    let text = format!("{BUILT_IN_TEXT}\n[services.checkout]\nsignals = [\"http_5xx_rate\"]\n");
    let runbook: Runbook = read(&text).unwrap();
    let count = |name: &str| runbook.signals(Some(&Line::new(name).unwrap())).count();
    assert_eq!((count("checkout"), count("another")), (1, 3));
}

#[test]
fn a_sign_counts_where_a_word_begins() {
    let runbook = built_in();
    let signs = |scenario: &str, described: &str| {
        let scenario = runbook.scenario(&Name::new(scenario).unwrap()).unwrap();
        let found = scenario.signs_in(described);
        found.into_iter().map(|sign| sign.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(signs("resource_exhaustion", "OOMKilled, and throttling"), ["oom", "throttl"]);
    assert_eq!(signs("resource_exhaustion", "A room with a zoom"), [""; 0]);
    assert_eq!(signs("db_migration_failure", "The tables are gone"), ["table"]);
    assert_eq!(signs("db_migration_failure", "It is unstable"), [""; 0]);
}

#[test]
fn a_variable_of_the_shell_is_no_placeholder() {
    let text = BUILT_IN_TEXT.replacen("--url {url}", "--url ${home} {url}", 1);
    assert!(read(&text).is_ok(), "the shell fills its own");
    let text = BUILT_IN_TEXT.replacen("--url {url}", "--url {home}", 1);
    assert!(read(&text).is_err());
}

#[test]
fn a_remedy_of_the_scenario_is_no_difference_from_a_rollback_and_from_nothing_else() {
    let runbook = built_in();
    let scenario = Name::new("configuration_error").unwrap();
    let agrees = |recommended, chosen, scenario| runbook.agrees(recommended, chosen, scenario);
    assert!(agrees(Response::Rollback, Response::ConfigRevert, Some(&scenario)));
    assert!(agrees(Response::Rollback, Response::Restart, Some(&scenario)));
    assert!(!agrees(Response::Rollback, Response::ConfigRevert, None));
    assert!(!agrees(Response::Rollback, Response::Scale, Some(&scenario)));
    assert!(!agrees(Response::Hotfix, Response::ConfigRevert, Some(&scenario)));
    assert!(!agrees(Response::Hotfix, Response::Rollback, Some(&scenario)));
}

fn business_day_end(zone: &str, holidays: &str, moment: &str) -> String {
    let text = BUILT_IN_TEXT.replacen("zone = \"UTC\"", &format!("zone = \"{zone}\""), 1).replacen(
        "holidays = []",
        &format!("holidays = [{holidays}]"),
        1,
    );
    let calendar = read(&text).unwrap().calendar;
    let moment = Instant::parse(moment).unwrap().moment();
    calendar.next_business_day_end(moment).to_string()
}

#[test]
fn the_next_business_day_skips_weekends_and_holidays() {
    let end = business_day_end("UTC", "", "2026-11-24T03:00:00Z");
    assert_eq!(end, "2026-11-25T23:59:59.999999+00:00", "Tuesday to Wednesday");
    let end = business_day_end("UTC", "", "2026-11-27T23:59:00Z");
    assert_eq!(end, "2026-11-30T23:59:59.999999+00:00", "Friday to Monday");
    let end = business_day_end("UTC", "\"2026-12-25\"", "2026-12-24T10:00:00Z");
    assert_eq!(end, "2026-12-28T23:59:59.999999+00:00", "over Christmas and a weekend");
}

#[test]
fn the_days_are_those_of_the_zone_east_and_west_of_utc() {
    let end = business_day_end("Pacific/Auckland", "", "2026-11-26T12:00:00Z");
    assert_eq!(end, "2026-11-30T10:59:59.999999+00:00", "there it is Friday already");
    let end = business_day_end("America/Los_Angeles", "", "2026-11-28T02:00:00Z");
    assert_eq!(end, "2026-12-01T07:59:59.999999+00:00", "there it is still Friday");
}

#[test]
fn a_day_on_which_the_clock_changes_ends_when_it_ends() {
    let end = business_day_end("Europe/London", "", "2026-10-23T12:00:00+01:00");
    assert_eq!(end, "2026-10-26T23:59:59.999999+00:00", "Monday, back in winter time");
    let end = business_day_end("Europe/London", "", "2026-03-27T12:00:00Z");
    assert_eq!(end, "2026-03-30T22:59:59.999999+00:00", "Monday, in summer time");
}

#[test]
fn words_that_nothing_fills_and_signals_that_nobody_watches_are_refused() {
    let broken = BUILT_IN_TEXT.replacen("Reason: {reason}.", "Reason: {moon}.", 1).replacen(
        "checks = [\"health\", \"smoke\"]",
        "checks = []",
        1,
    );
    let broken = format!("{broken}\n[services.checkout]\nsignals = [\"moonlight\"]\n");
    let said: Vec<String> = read(&broken).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:#?}");
    for (told, word) in
        said.iter().zip(["{moon}, which nothing fills", "at least one", "no signal"])
    {
        assert!(told.contains(word), "{said:#?}");
    }
}
