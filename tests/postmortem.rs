//! The draft of a post-mortem: its title block, its clock, its evidence, and what becomes of human
//! words and of a published document when the facts change.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod telling;

use allclear::incident::id::Version;
use allclear::incident::runbook::built_in;
use allclear::views::postmortem::SectionName;
use allclear::views::{Manner, Postmortem};
use serde_json::{Value, json};
use telling::Telling;

/// A rollback, minute by minute, from the announcement to the resolution.
fn rolled_back() -> Telling {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    for (minutes, claim) in [
        (
            0,
            json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx",
            "running": "2.4.1", "severity": "SEV2", "impact": { "level": "partial" },
            "posted": { "channel": "#incidents" } } }),
        ),
        (1, json!({ "type": "role_assigned", "data": { "role": "commander", "to": "u_ana" } })),
        (1, json!({ "type": "impact_changed", "data": { "level": "partial", "percent": 40 } })),
        (
            2,
            json!({ "type": "response_decided", "data": {
            "situations": ["service_down"], "chosen": "rollback" } }),
        ),
        (
            1,
            json!({ "type": "remedy_started", "data": { "kind": "restart", "what": "the pods",
            "purpose": "diagnosis" } }),
        ),
        (1, json!({ "type": "remedy_failed", "data": { "remedy": "R1", "reason": "Still 5xx." } })),
        (
            1,
            json!({ "type": "remedy_started", "data": {
            "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] } }),
        ),
        (
            4,
            json!({ "type": "remedy_finished", "data": {
            "remedy": "R2", "observed": [{ "name": "checkout", "version": "2.4.0" }] } }),
        ),
        (
            1,
            json!({ "type": "check_recorded", "data": {
            "check": "health", "ok": true, "value": 0.5, "threshold": 1, "source": "probe" } }),
        ),
        (0, json!({ "type": "check_recorded", "data": { "check": "smoke", "ok": true } })),
        (1, json!({ "type": "checks_passed", "data": { "impact_ended": true } })),
        (
            3,
            json!({ "type": "role_assigned", "data": { "role": "commander", "to": "Bo",
            "from": "u_ana", "handover": "All quiet." } }),
        ),
        (17, json!({ "type": "resolved", "override": { "reason": "Flat." } })),
    ] {
        telling.now.0 += minutes * 60_000_000;
        telling.tell(claim);
    }
    telling
}

fn draft(telling: &Telling) -> Postmortem {
    let runbook = built_in();
    let manner = Manner { runbook: Some(&runbook), ..Manner::default() };
    Postmortem::in_manner(&telling.story(), &manner)
}

fn rows(draft: &Postmortem, name: SectionName) -> Vec<String> {
    let table = draft.section(name).expect("all are there").table.as_ref();
    let row = |row: &allclear::views::postmortem::TableRow| {
        let cites: Vec<String> = row.cites.iter().map(Version::to_string).collect();
        format!("{} [{}]", row.cells.join(" | "), cites.join(" "))
    };
    table.map(|table| table.rows.iter().map(row).collect()).unwrap_or_default()
}

fn statements(draft: &Postmortem, name: SectionName) -> Vec<String> {
    let section = draft.section(name).expect("all are there");
    section.statements.iter().map(|it| it.text.clone()).collect()
}

fn write(telling: &mut Telling, section: &str, replaces: Option<bool>) -> Version {
    let mut data = json!({ "section": section, "markdown": "In our **own** words." });
    if let Some(replaces) = replaces {
        data["replaces"] = json!(replaces);
    }
    telling.tell(json!({ "type": "section_written", "data": data }))
}

#[test]
fn the_title_block_names_people_roles_hand_overs_and_versions() {
    let draft = draft(&rolled_back());
    assert_eq!(
        rows(&draft, SectionName::Incident),
        [
            "commander | Ana | 2026-11-24 12:01:00 UTC | 2026-11-24 12:16:00 UTC | All quiet. [2 12]",
            "commander | Bo | 2026-11-24 12:16:00 UTC | no end on record | – [12]",
        ]
    );
    let told = statements(&draft, SectionName::Incident);
    for statement in [
        "Service: checkout.",
        "Severity when announced: SEV2.",
        "Running when announced: checkout 2.4.1.",
        "Running at last: checkout 2.4.0.",
        "On record as acting or recording: Ana.",
        "State: resolved.",
    ] {
        assert!(told.iter().any(|it| it == statement), "{statement} is not in {told:?}");
    }
}

#[test]
fn impact_stands_with_its_windows_and_shares() {
    let told = statements(&draft(&rolled_back()), SectionName::Impact);
    assert_eq!(
        told[0],
        "Impact (partial, partial 40 %): from 2026-11-24 12:00:00 UTC, until 2026-11-24 12:13:00 UTC."
    );
}

#[test]
fn a_decision_names_the_alternatives_that_were_tried() {
    let told = statements(&draft(&rolled_back()), SectionName::Decisions);
    let tried = "Tried while this stood: R1 (restart, failed, effect not recorded), \
                 R2 (rollback, finished, effect not recorded).";
    assert!(told.iter().any(|it| it == tried), "{told:?}");
}

#[test]
fn verification_shows_the_evidence_and_how_long_the_watch_ran() {
    let draft = draft(&rolled_back());
    assert_eq!(
        rows(&draft, SectionName::Verification)[0],
        "health | good | 0.5 | 1 | probe |  | 2026-11-24 12:12:00 UTC [9]"
    );
    let watch =
        "The last watch began 2026-11-24 12:13:00 UTC, it ran 20 min, the runbook asks for 15 min.";
    let told = statements(&draft, SectionName::Verification);
    assert!(told.iter().any(|it| it == watch), "{told:?}");
}

#[test]
fn what_was_promised_is_held_against_the_clock() {
    let mut telling = rolled_back();
    telling.tell(json!({ "type": "update_posted", "occurred": "2026-11-24T12:07:00Z",
        "data": { "purposes": ["assessment"], "channel": "#incidents" } }));
    let promised = rows(&draft(&telling), SectionName::Communications);
    assert!(
        promised[0].ends_with("| 2026-11-24 12:00:00 UTC | met | in time | nobody [1]"),
        "{promised:?}"
    );
    assert!(
        promised[1]
            .ends_with("| 2026-11-24 12:05:00 UTC | late | 2 min after it was due | Ana [1 2 14]"),
        "{promised:?}"
    );
    assert!(promised[2].ends_with("| missed | nothing on record | Ana [1 2]"), "{promised:?}");
}

#[test]
fn promises_are_judged_at_the_last_event_unless_asked_otherwise() {
    let (telling, runbook) = (rolled_back(), built_in());
    let stability = |judged_at| {
        let manner = Manner { runbook: Some(&runbook), judged_at, ..Manner::default() };
        let draft = Postmortem::in_manner(&telling.story(), &manner);
        rows(&draft, SectionName::Communications)[3].split(" | ").nth(2).unwrap().to_owned()
    };
    assert_eq!(stability(None), "due", "three minutes after T+30, whatever the clock says");
    assert_eq!(stability(Some(telling::moment("2026-11-24T14:00:00Z"))), "missed");
}

#[test]
fn without_a_runbook_no_promise_is_judged_and_that_is_said() {
    let draft = Postmortem::new(&rolled_back().story());
    let told = statements(&draft, SectionName::Communications);
    assert_eq!(told.last().unwrap(), "The runbook is not at hand: promises are not judged.");
    assert_eq!(rows(&draft, SectionName::Communications), [""; 0]);
}

#[test]
fn the_checklist_is_told_in_the_words_of_the_runbook_and_what_is_open_is_asked() {
    let mut telling = rolled_back();
    telling.tell(json!({ "type": "checklist_marked", "data": {
        "item": "capture_logs", "outcome": "done", "answer": "In the bucket." } }));
    let draft = draft(&telling);
    let item = &built_in().checklist.0[0];
    assert_eq!(
        rows(&draft, SectionName::Checklist),
        [format!("{} | done | In the bucket. |  [14]", item.says)]
    );
    let asked = statements(&draft, SectionName::Questions);
    let open = asked.iter().filter(|it| it.starts_with("On the checklist: "));
    assert_eq!(open.count(), built_in().checklist.0.len() - 1);
}

#[test]
fn human_words_stay_and_are_current_while_the_facts_are() {
    let mut telling = rolled_back();
    let version = write(&mut telling, "summary", None);
    telling.tell(json!({ "type": "note_added", "data": { "text": "Nothing to do with it." } }));
    let draft = draft(&telling);
    let section = draft.section(SectionName::Summary).unwrap();
    assert_eq!(section.written[0].cites, [version]);
    assert_eq!(section.written[0].stale, []);
    assert!(section.instead().is_none() && !section.statements.is_empty());
    assert!(!draft.markdown().contains("Stale"));
}

#[test]
fn human_words_are_stale_when_a_fact_of_their_section_is_corrected() {
    let mut telling = rolled_back();
    write(&mut telling, "impact", None);
    let correction = telling.tell(json!({ "type": "corrected", "data": {
        "version": 3, "fields": { "percent": 60 }, "reason": "The graph was of one region." } }));
    let draft = draft(&telling);
    assert_eq!(draft.section(SectionName::Impact).unwrap().written[0].stale, [correction]);
    assert!(draft.markdown().contains("*Stale: facts of this section changed since.* [#15]"));
}

#[test]
fn human_words_are_stale_when_what_they_spoke_of_is_withdrawn() {
    let mut telling = rolled_back();
    let lesson = telling.tell(json!({ "type": "lesson_recorded", "data": {
        "kind": "went_badly", "text": "No alert." } }));
    write(&mut telling, "lessons", None);
    let withdrawn = telling.tell(json!({ "type": "corrected", "data": {
        "version": lesson, "withdrawn": true, "reason": "Another incident." } }));
    telling.tell(json!({ "type": "note_added", "data": { "text": "Nothing to do with it." } }));
    let draft = draft(&telling);
    assert_eq!(draft.section(SectionName::WentWell).unwrap().written[0].stale, [withdrawn]);
}

#[test]
fn human_words_are_stale_when_what_they_spoke_of_is_erased() {
    let mut telling = rolled_back();
    let lesson = telling.tell(json!({ "type": "lesson_recorded", "data": {
        "kind": "went_badly", "text": "The key was k-1234." } }));
    write(&mut telling, "lessons", None);
    write(&mut telling, "impact", None);
    let erasure = telling
        .tell(json!({ "type": "redacted", "data": { "version": lesson, "reason": "A key." } }));
    let draft = draft(&telling);
    assert_eq!(draft.section(SectionName::WentWell).unwrap().written[0].stale, [erasure]);
    assert_eq!(draft.section(SectionName::Impact).unwrap().written[0].stale, []);
    assert!(draft.html().contains("Stale: facts of this section changed since."));
}

#[test]
fn corrected_words_cite_their_correction() {
    let mut telling = rolled_back();
    let written = write(&mut telling, "summary", None);
    let correction = telling.tell(json!({ "type": "corrected", "data": {
        "version": written, "fields": { "markdown": "In better words." }, "reason": "A typo." } }));
    let draft = draft(&telling);
    let words = &draft.section(SectionName::Summary).unwrap().written[0];
    assert_eq!(
        (words.markdown.as_str(), words.cites.as_slice()),
        ("In better words.", &[written, correction][..])
    );
}

#[test]
fn what_lasted_and_what_it_took_cite_corrections_too() {
    let mut telling = rolled_back();
    let correction = telling.tell(json!({ "type": "corrected", "data": {
        "version": 8, "occurred": "2026-11-24T12:10:00Z", "reason": "By the log." } }));
    let draft = draft(&telling);
    let remedies = &draft.timeline.lanes[1].spans[1];
    assert_eq!(remedies.events, [Version(7), Version(8), correction], "{remedies:?}");
    let took = statements(&draft, SectionName::Figures);
    assert!(took.contains(&"Roll back (R2): 3 min.".to_owned()), "{took:?}");
    let figures = draft.section(SectionName::Figures).unwrap();
    let figure = figures.statements.iter().find(|it| it.text.starts_with("Roll back")).unwrap();
    assert_eq!(figure.cites, [Version(7), Version(8), correction]);
}

#[test]
fn words_for_the_lessons_that_replace_stand_for_all_three_sections() {
    let mut telling = rolled_back();
    for (kind, text) in [("went_well", "Quick."), ("went_badly", "Late."), ("lucky", "Noon.")] {
        telling.tell(json!({ "type": "lesson_recorded", "data": { "kind": kind, "text": text } }));
    }
    write(&mut telling, "lessons", Some(true));
    let draft = draft(&telling);
    for shown in [draft.markdown(), draft.html()] {
        let lessons =
            shown.split("What went well</h2>").nth(1).or(shown.split("## What went well").nth(1));
        let lessons = lessons.unwrap().split("Checklist").next().unwrap();
        assert_eq!(lessons.matches("In our ").count(), 1, "{lessons}");
        assert_eq!(lessons.matches("replace it").count(), 3, "{lessons}");
        for generated in ["Quick.", "Late.", "Noon."] {
            assert!(!lessons.contains(generated), "{lessons}");
        }
    }
    assert_eq!(statements(&draft, SectionName::Lucky), ["Noon."], "the data keep both");
}

#[test]
fn what_nobody_recorded_is_asked_until_an_event_or_somebodys_words_answer_it() {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    telling
        .tell(json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx" } }));
    let asked = |telling: &Telling| statements(&draft(telling), SectionName::Questions);
    let answers = [
        ("How severe was it?", json!({ "type": "severity_changed", "data": { "to": "SEV2" } })),
        (
            "Which version was running?",
            json!({ "type": "change_observed", "data": {
            "what": "A deploy.", "components": [{ "name": "checkout", "to": "2" }] } }),
        ),
        (
            "How was it noticed?",
            json!({ "type": "section_written", "data": {
            "section": "detection", "markdown": "By a customer." } }),
        ),
        (
            "What is the root cause? None is recorded as confirmed.",
            json!({
            "type": "section_written", "data": { "section": "root_cause", "markdown": "A leak." } }),
        ),
        (
            "What was decided, and on what grounds?",
            json!({ "type": "response_decided", "data": {
            "situations": ["service_down"], "scenario": "bad_deploy", "chosen": "rollback" } }),
        ),
        (
            "How was it checked that service is restored?",
            json!({ "type": "check_recorded", "data": {
            "check": "smoke", "ok": true } }),
        ),
    ];
    // None of these answers any of them.
    telling.tell(json!({ "type": "stable_version_identified", "data": {
        "components": [{ "name": "basket", "version": "1" }] } }));
    for (question, answer) in answers {
        let question = question.to_owned();
        assert!(asked(&telling).contains(&question), "{question}: {:?}", asked(&telling));
        telling.tell(answer);
        assert!(!asked(&telling).contains(&question), "{question}: {:?}", asked(&telling));
    }
}

#[test]
fn a_resolution_is_no_evidence() {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    telling
        .tell(json!({ "type": "announced", "data": { "service": "checkout", "reason": "5xx" } }));
    telling.tell(json!({ "type": "resolved", "override": { "reason": "It went away." },
        "data": { "impact_ended": true } }));
    let draft = draft(&telling);
    assert!(draft.section(SectionName::Verification).unwrap().is_empty());
    let asked = statements(&draft, SectionName::Questions);
    assert!(asked.contains(&"How was it checked that service is restored?".to_owned()));
}

#[test]
fn words_that_replace_leave_what_is_generated_out_of_the_document_and_in_the_data() {
    let mut telling = rolled_back();
    write(&mut telling, "summary", Some(true));
    let draft = draft(&telling);
    let section = draft.section(SectionName::Summary).unwrap();
    assert!(section.instead().is_some() && !section.statements.is_empty());
    let shown = draft.markdown();
    let summary = shown.split("## Impact").next().unwrap().split("## Summary").nth(1).unwrap();
    assert!(summary.contains("> In our **own** words."), "{summary}");
    assert!(!summary.contains("- checkout: 5xx"), "{summary}");
    assert!(summary.contains("is left out here"), "{summary}");
}

#[test]
fn a_published_document_is_pinned_and_the_next_draft_shows_what_came_since() {
    let mut telling = rolled_back();
    let sha256 = "ab".repeat(32);
    assert!(draft(&telling).published.is_none());
    assert!(!draft(&telling).markdown().contains("since it was published"));
    telling.tell(json!({ "type": "postmortem_published", "data": { "sha256": sha256 } }));
    let published = draft(&telling);
    assert_eq!(published.published.as_ref().unwrap().since, []);
    assert!(published.markdown().contains(&format!("\n\nPublished as SHA-256 {sha256}. Times")));
    telling.tell(json!({ "type": "cause_recorded", "data": {
        "part": "root", "standing": "confirmed", "text": "A full disk." } }));
    let later = draft(&telling);
    assert_eq!(later.published.as_ref().unwrap().since, [Version(15)]);
    let since = statements(&later, SectionName::SincePublished);
    assert_eq!(since.len(), 2);
    assert!(since[0].contains(&sha256), "{since:?}");
    assert!(since[1].contains("Cause C1 (root, confirmed): A full disk."), "{since:?}");
    let first = format!("Draft after publication: 1 event since SHA-256 {sha256}");
    assert!(later.markdown().contains(&first));
}

#[test]
fn the_data_model_has_all_that_a_template_needs() {
    let draft: Value = serde_json::to_value(draft(&rolled_back())).unwrap();
    let sections = draft["sections"].as_array().unwrap();
    let names: Vec<&str> = sections.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), SectionName::ALL.len());
    assert_eq!((names[0], names[names.len() - 1]), ("incident", "integrity"));
    let events = draft["timeline"]["entries"].as_array().unwrap();
    let known: Vec<&Value> = events.iter().map(|event| &event["version"]).collect();
    for cite in sections.iter().flat_map(|it| it["statements"].as_array().unwrap()) {
        for event in cite["cites"].as_array().unwrap() {
            assert!(known.contains(&event), "{event} is cited and not there");
        }
    }
}

#[test]
fn departures_are_those_of_the_runbook_as_well_as_overridden_guards() {
    let told = statements(&draft(&rolled_back()), SectionName::Departures);
    assert!(told.iter().any(|it| it.starts_with("Overridden at resolved: ")), "{told:?}");
    assert!(told.iter().any(|it| it.contains("assessment")), "{told:?}");
    let open = "Open after the resolution. The runbook: Share the post-mortem in the team meeting";
    assert!(told.iter().any(|it| it == open), "each says from which line: {told:?}");
}
