//! Three real incidents, entered afterwards as a user would: every fact of the source is told in the
//! draft, and the figures are those that follow from it.

#![allow(clippy::unwrap_used, reason = "a source that cannot be read has failed the test")]

mod telling;

use allclear::incident::time::Instant;
use allclear::views::postmortem::{SectionName, SectionOut, Statement};
use allclear::views::{Figures, Postmortem};
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

/// Which act a source's word for the detail of an entry became.
const DETAILS: [(&str, &str); 10] = [
    ("detected", "detected"),
    ("impact_start", "impact_changed"),
    ("config_revert", "remedy_started"),
    ("roll_forward", "remedy_started"),
    ("decision", "response_decided"),
    ("migration_ok", "check_recorded"),
    ("rollback_started_and_completed", "remedy_finished"),
    ("rollback_ineffective", "effect_observed"),
    ("comms_external", "update_posted"),
    ("throttle", "remedy_started"),
];

/// Which figure or act an anchor of the source is the time of.
const ANCHORS: [(&str, &str); 7] = [
    ("impact_start", "impact_changed"),
    ("detected", "detected"),
    ("declared", "announced"),
    ("mitigated", "restored"),
    ("resolved", "resolved"),
    ("rollback_start", "remedy_started"),
    ("rollback_end", "remedy_finished"),
];

/// Members of the source that are a text, a list of texts, or the name of a kind.
const WORDS: [&str; 13] = [
    "id",
    "source",
    "date",
    "timezone",
    "timezone_note",
    "service",
    "reason",
    "from_version",
    "to_version",
    "root_cause",
    "runbook_steps_seen",
    "linear_runbook_misfit",
    "lifecycle_must_allow",
];
const LISTS: [&str; 4] = ["stress_tags", "oddities", "action_items", "source_contradictions"];
const KINDS: [&str; 2] = ["scenario", "response"];

fn source(name: &str) -> Value {
    read(&format!("tests/incidents/source/{name}"))
}

fn draft(name: &str) -> Postmortem {
    Postmortem::new(&real(name).story())
}

/// What a draft says: every statement, every cell.
fn told(draft: &Postmortem) -> Vec<String> {
    let rows = |it: &SectionOut| it.table.iter().flat_map(|it| it.rows.clone()).collect::<Vec<_>>();
    let cells = draft.sections.iter().flat_map(rows).flat_map(|row| row.cells);
    let statements = draft.sections.iter().flat_map(|it| &it.statements);
    statements.map(|it| it.text.clone()).chain(cells).collect()
}

/// The types of the events of a draft that happened at a time of the source.
fn acts_at(draft: &Postmortem, at: &str) -> Vec<String> {
    let at = Some(Instant::parse(at).unwrap());
    let then = draft.timeline.entries.iter().filter(|it| it.occurred.instant() == at);
    then.map(|it| it.r#type.clone()).collect()
}

#[test]
fn every_entry_of_the_source_is_told_in_the_draft_at_its_time() {
    for name in STORIES {
        let (source, draft) = (source(name), draft(name));
        let lines = &draft.section(SectionName::Timeline).unwrap().statements;
        for entry in source["entries"].as_array().unwrap() {
            let (at, what) = (entry["at"].as_str().unwrap(), entry["what"].as_str().unwrap());
            assert_eq!(entry["precision"], "minute", "the form below is to the minute");
            let time = Instant::parse(at).unwrap().utc();
            let minute = format!("{} UTC", time.strip_suffix(":00").unwrap());
            let tells =
                |line: &Statement| line.text.starts_with(&minute) && line.text.contains(what);
            assert!(lines.iter().any(tells), "{name} does not tell: {minute} {what}");
            if let Some(detail) = entry["detail"].as_str() {
                let (_, act) = DETAILS.iter().find(|it| it.0 == detail).unwrap();
                assert!(acts_at(&draft, at).contains(&(*act).to_owned()), "{name}: {detail}");
            }
            assert_eq!(entry["certainty"], source["certainty_default"], "said once for all");
        }
    }
}

#[test]
fn every_anchor_of_the_source_is_the_time_of_its_act() {
    for name in STORIES {
        let (source, draft) = (source(name), draft(name));
        let restored = serde_json::to_value(Figures::new(&real(name).story())).unwrap();
        let chain = restored["moments"].as_array().unwrap();
        let restored = chain.iter().find(|it| it["moment"] == "restored").unwrap();
        for (anchor, at) in source["anchors"].as_object().unwrap() {
            let (Some(at), Some((_, act))) =
                (at.as_str(), ANCHORS.iter().find(|it| it.0 == anchor))
            else {
                assert!(
                    at.is_null() || anchor == "first_public_comms",
                    "{anchor} is not looked at"
                );
                continue;
            };
            let is_told = match *act {
                "restored" => restored["occurred"]["at"] == json!(Instant::parse(at)),
                act => acts_at(&draft, at).contains(&act.to_owned()),
            };
            assert!(is_told, "{name}: {anchor} at {at}");
        }
    }
}

#[test]
fn every_other_fact_of_the_source_is_told_in_the_draft() {
    for name in STORIES {
        let told = told(&draft(name));
        let tells = |fact: &str| told.iter().any(|it| it.contains(fact));
        let source = source(name);
        let single = WORDS.iter().filter_map(|key| source[key].as_str());
        let listed = LISTS.iter().flat_map(|key| source[key].as_array().unwrap());
        for fact in single.chain(listed.map(|fact| fact.as_str().unwrap())) {
            assert!(tells(fact), "{name} does not tell: {fact}");
        }
        for word in KINDS {
            let spaced = source[word].as_str().unwrap().replace('_', " ");
            assert!(tells(&spaced), "{name} does not tell: {spaced}");
        }
        let certainty = source["certainty_default"].as_str().unwrap();
        assert!(tells(&format!("Certainty of every entry: {certainty}")), "{name}");
        assert!(draft(name).heading().contains(source["title"].as_str().unwrap()));
    }
}

#[test]
fn no_member_of_the_source_is_left_unread() {
    let others = ["title", "certainty_default", "entries", "anchors", "expected_metrics_minutes"];
    let read = [&WORDS[..], &LISTS, &KINDS, &others].concat();
    for name in STORIES {
        for key in source(name).as_object().unwrap().keys() {
            assert!(read.contains(&key.as_str()), "{key} is in no test");
        }
    }
}

#[test]
fn the_figures_are_those_that_follow_from_the_source() {
    for name in STORIES {
        let figures = serde_json::to_value(Figures::new(&real(name).story())).unwrap();
        let expected = &source(name)["expected_metrics_minutes"];
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
    let name = "rollback-without-effect";
    let source = source(name);
    let at = source["anchors"]["first_public_comms"].as_str().unwrap();
    assert!(acts_at(&draft(name), at).contains(&"update_posted".to_owned()));
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
