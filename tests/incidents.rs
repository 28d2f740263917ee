//! Three real incidents, entered afterwards as a user would: every fact of the source is kept, and
//! the figures are those that follow from it.

#![allow(clippy::unwrap_used, reason = "a source that cannot be read has failed the test")]

mod telling;

use allclear::incident::time::Instant;
use allclear::views::{Figures, Order, Postmortem, Timeline};
use serde_json::{Value, json};
use telling::{STORIES, real};

/// Which figure the source's expectation is about.
const EXPECTED: [(&str, &str); 7] = [
    ("time_to_detect_min", "detect"),
    ("time_to_declare_min", "declare"),
    ("time_to_acknowledge_min", "acknowledge"),
    ("time_to_mitigate_min", "restore"),
    ("detect_to_mitigate_min", "restore_from_detected"),
    ("time_to_resolve_min", "resolve"),
    ("rollback_duration_min", "roll_back"),
];

fn read(path: &str) -> Value {
    let path = format!("{}/{path}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn timeline(name: &str) -> Value {
    serde_json::to_value(Timeline::new(&real(name).story(), Order::Occurred)).unwrap()
}

#[test]
fn every_entry_of_the_source_is_in_the_timeline_at_its_time() {
    for name in STORIES {
        let timeline = timeline(name);
        for entry in read(&format!("tests/incidents/source/{name}"))["entries"].as_array().unwrap()
        {
            let at = Instant::parse(entry["at"].as_str().unwrap()).unwrap();
            let occurred = json!({ "at": at, "precision": entry["precision"] });
            let what = entry["what"].as_str().unwrap();
            let tells = |told: &&Value| {
                told["occurred"] == occurred && told["what"].as_str().unwrap().contains(what)
            };
            let entries = timeline["entries"].as_array().unwrap();
            assert!(entries.iter().any(|told| tells(&told)), "{name} does not tell: {what}");
        }
    }
}

#[test]
fn every_other_fact_of_the_source_is_in_the_timeline() {
    for name in STORIES {
        let timeline = timeline(name).to_string();
        let source = read(&format!("tests/incidents/source/{name}"));
        let single = ["id", "title", "source", "date", "timezone", "service", "reason"];
        let more = [
            "from_version",
            "to_version",
            "certainty_default",
            "root_cause",
            "runbook_steps_seen",
            "linear_runbook_misfit",
            "lifecycle_must_allow",
        ];
        let lists = ["stress_tags", "oddities", "action_items", "source_contradictions"];
        let single = single.iter().chain(&more).filter_map(|key| source[key].as_str());
        let listed = lists.iter().flat_map(|key| source[key].as_array().unwrap());
        for fact in single.chain(listed.map(|fact| fact.as_str().unwrap())) {
            let written = serde_json::to_string(fact).unwrap();
            let fact = &written[1..written.len() - 1];
            assert!(timeline.contains(fact), "{name} does not tell: {fact}");
        }
        for word in ["scenario", "response"] {
            let spaced = source[word].as_str().unwrap().replace('_', " ");
            assert!(timeline.contains(&spaced), "{name} does not tell: {spaced}");
        }
    }
}

#[test]
fn the_figures_are_those_that_follow_from_the_source() {
    for name in STORIES {
        let figures = serde_json::to_value(Figures::new(&real(name).story())).unwrap();
        let expected = &read(&format!("tests/incidents/source/{name}"))["expected_metrics_minutes"];
        assert_eq!(expected.as_object().unwrap().len(), EXPECTED.len());
        for (key, figure) in EXPECTED {
            let all = figures["figures"].as_array().unwrap();
            let told = all.iter().find(|it| it["figure"] == figure).unwrap();
            assert_eq!(told["minutes"].as_f64(), expected[key].as_f64(), "{name}: {told}");
            assert_eq!(told["unknown"].is_string(), expected[key].is_null(), "{name}: {told}");
        }
    }
}

#[test]
fn the_first_public_word_is_told_at_its_time() {
    let source = read("tests/incidents/source/rollback-without-effect");
    let at = Instant::parse(source["anchors"]["first_public_comms"].as_str().unwrap()).unwrap();
    let timeline = timeline("rollback-without-effect");
    let posts = |told: &&Value| told["type"] == "update_posted";
    let post = timeline["entries"].as_array().unwrap().iter().find(posts).unwrap();
    assert_eq!(post["occurred"]["at"], json!(at));
}

#[test]
fn what_the_sources_leave_open_is_a_question_and_no_invention() {
    let draft = Postmortem::new(&real("migration-failed").story()).markdown();
    assert!(draft.contains("How was it noticed?"));
    assert!(draft.contains("## Causes\n\n*not recorded*"));
    let draft = Postmortem::new(&real("config-reverted").story()).markdown();
    for section in ["What went well", "What went badly", "Decisions", "Follow-ups"] {
        assert!(draft.contains(&format!("## {section}\n\n*not recorded*")), "{section}");
    }
}

#[test]
fn the_drafts_blame_nobody_and_name_no_mean_time() {
    for name in STORIES {
        let draft = Postmortem::new(&real(name).story()).markdown().to_lowercase();
        for word in ["failed to", "should have", "human error", "mttr"] {
            assert!(!draft.contains(word), "{name} says {word}");
        }
    }
}

/// Rewritten with `ALLCLEAR_BLESS=1`; read the difference before it is committed.
#[test]
fn the_drafts_read_as_they_were_last_read_by_a_person() {
    for name in STORIES {
        let draft = Postmortem::new(&real(name).story()).markdown();
        let path = format!("{}/tests/golden/{name}.md", env!("CARGO_MANIFEST_DIR"));
        if std::env::var("ALLCLEAR_BLESS").is_ok_and(|it| it == "1") {
            std::fs::write(&path, &draft).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), draft, "{name}");
    }
}
