//! The rules, each by itself: over every type of event that ever was, from the golden bytes.

use crate::book::{Book, ERASED, MAY_GO, redaction, replaced};
use crate::support::{expect_file, in_tree, judge, strings, who};
use allclear::incident::id::{PrincipalId, Version};
use allclear::incident::{Event, EventType, Incident, Recorded, Rejection, Who};
use allclear::log::{Entry, Logged, Row, Salt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every committed event of an incident, with the incident as it stands after all of them.
fn golden() -> Vec<(Incident, Vec<Row>)> {
    let text = std::fs::read_to_string(in_tree("tests/golden/bytes.txt")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let mut told: Vec<(Incident, Vec<Row>)> = Vec::new();
    for pair in lines.chunks(2) {
        let entry = Entry::from_line(pair[0]).unwrap();
        let row = Row {
            position: entry.pos,
            incident: entry.inc,
            version: entry.ver,
            entry: pair[0].into(),
            salt: Some(Salt([0; 32])),
            data: Some(pair[1].into()),
        };
        let Some(recorded) = Logged::read(&row).unwrap().recorded() else { continue };
        if entry.ver == Version(1) {
            told.push((crate::support::incident(), Vec::new()));
        }
        let (incident, rows) = told.last_mut().unwrap();
        // The one redaction among them takes the words of another one, which have to be tried too.
        let kept = Recorded {
            event: recorded.event.clone().filter(|it| it.kind() != EventType::Redacted),
            ..recorded
        };
        incident.fold(Arc::new(kept));
        rows.push(row);
    }
    told
}

fn line(row: &Row) -> Value {
    serde_json::from_str(row.data.as_ref().unwrap()).unwrap()
}

fn redact(
    incident: &Incident,
    version: Version,
    by: Option<&Value>,
) -> Result<Recorded, Rejection> {
    judge(incident, &redaction(version.0, by), &who("admin"), incident.updated_at().unwrap())
}

#[test]
fn which_words_may_be_replaced_is_known_for_every_type() {
    let mut free: BTreeMap<String, bool> = BTreeMap::new();
    for (incident, rows) in golden() {
        for row in &rows {
            let entry = Entry::from_line(&row.entry).unwrap();
            if entry.r#type == "redacted" {
                continue;
            }
            let line = line(row);
            for pointer in strings(&line) {
                let judged = redact(&incident, row.version, Some(&replaced(&line, &pointer)));
                let shown = format!("{} {pointer}", entry.r#type);
                let is_free = judged.is_ok();
                let known = *free.entry(shown.clone()).or_insert(is_free);
                // The same member is a value of one remedy and a revision of another.
                assert!(
                    known == is_free || pointer.ends_with("/from") || pointer.ends_with("/to"),
                    "{shown}"
                );
                free.entry(shown).and_modify(|free| *free |= is_free);
            }
        }
    }
    let list = |is: bool| {
        free.iter()
            .filter(|(_, free)| **free == is)
            .map(|(shown, _)| format!("{shown}\n"))
            .collect::<String>()
    };
    let text = format!("Free text\n\n{}\nStays\n\n{}", list(true), list(false));
    expect_file("tests/golden/free_text.txt", &text);
}

#[test]
fn a_type_that_carries_facts_needs_a_replacement_and_the_others_do_not() {
    for (incident, rows) in golden() {
        for row in &rows {
            let entry = Entry::from_line(&row.entry).unwrap();
            let judged = redact(&incident, row.version, None);
            match entry.r#type.as_str() {
                "redacted" => assert!(matches!(judged, Err(Rejection::Invalid(_)))),
                kind if MAY_GO.contains(&kind) => assert!(judged.is_ok(), "{kind}: {judged:?}"),
                kind => {
                    let Err(Rejection::ReplacementMissing(fault)) = judged else {
                        panic!("{kind}: {judged:?}")
                    };
                    assert_eq!(fault.pointer, "/data/replacement");
                }
            }
        }
    }
}

#[test]
fn a_replacement_is_stored_in_the_bytes_that_the_original_would_have() {
    for (incident, rows) in golden() {
        for row in rows.iter().filter(|row| !row.entry.contains("\"redacted\"")) {
            let line = line(row);
            for pointer in strings(&line) {
                let given = replaced(&line, &pointer);
                let Ok(recorded) = redact(&incident, row.version, Some(&given)) else { continue };
                let Some(Event::Redacted(it)) = &recorded.event else { panic!("{recorded:?}") };
                let stored = serde_json::to_string(&it.replacement).unwrap();
                assert_eq!(stored, given.to_string(), "its members keep their order");
                assert!(crate::book::reads(&stored));
                let mut after = incident.clone();
                after.fold(Arc::new(recorded.clone()));
                let said = after.event(row.version).unwrap();
                assert!(said.event.is_some(), "{stored} folds");
            }
        }
    }
}

fn pointers(judged: Result<impl std::fmt::Debug, Rejection>) -> Vec<String> {
    let Err(Rejection::Invalid(faults)) = judged else { panic!("{judged:?}") };
    faults.into_vec().into_iter().map(|fault| fault.pointer).collect()
}

fn checkout() -> Book {
    let mut book = Book::new();
    book.tell("ana", &json!({ "type": "announced", "actor": "a caller", "as_written": "at noon",
        "data": { "service": "checkout", "reason": "the key is hunter2", "symptoms": ["5xx", "hunter2"],
            "severity": "SEV1", "impact": { "level": "full" } } }));
    book
}

#[test]
fn every_difference_but_of_free_text_is_a_fault_at_its_place() {
    let book = checkout();
    let fine = replaced(&book.line(1), "/data/reason");
    let faults = |change: &dyn Fn(&mut Value)| {
        let mut given = fine.clone();
        change(&mut given);
        pointers(book.clone().redact(1, Some(&given)))
    };
    let at = |pointer: &str| vec![format!("/data/replacement{pointer}")];
    assert_eq!(faults(&|it| it["data"]["reason"] = json!("other words")), at("/data/reason"));
    assert_eq!(
        faults(&|it| it["data"]["reason"] = json!(ERASED.repeat(1_000))),
        at("/data/reason")
    );
    assert_eq!(faults(&|it| it["data"]["reason"] = json!(7)), at("/data/reason"));
    assert_eq!(faults(&|it| it["data"]["service"] = json!(ERASED)), at("/data/service"));
    assert_eq!(faults(&|it| it["data"]["severity"] = json!("SEV2")), at("/data/severity"));
    assert_eq!(
        faults(&|it| it["data"]["impact"]["level"] = json!("none")),
        at("/data/impact/level")
    );
    assert_eq!(faults(&|it| it["data"]["symptoms"] = json!(["5xx"])), at("/data/symptoms"));
    assert_eq!(faults(&|it| it["data"]["symptoms"][1] = json!("")), at("/data/symptoms/1"));
    assert_eq!(faults(&|it| it["data"]["title"] = json!(ERASED)), at("/data/title"));
    assert_eq!(faults(&|it| it["reason"] = json!(ERASED)), at("/reason"));
    assert_eq!(faults(&|it| it["actor"] = json!("somebody else")), at("/actor"));
    assert_eq!(faults(&|it| _ = it.as_object_mut().unwrap().shift_remove("actor")), at("/actor"));
    assert_eq!(
        faults(&|it| _ = it["data"].as_object_mut().unwrap().shift_remove("impact")),
        at("/data/impact")
    );
    assert_eq!(faults(&|it| it["more"] = json!(1)), at("/more"));
    assert_eq!(faults(&|it| *it = book.line(1)), at(""), "nothing would be erased");
}

#[test]
fn only_an_admin_in_person_redacts() {
    let mut book = checkout();
    book.tell(
        "ana",
        &json!({ "type": "role_assigned", "data": { "role": "commander", "to": "ana" } }),
    );
    let claim = redaction(1, Some(&replaced(&book.line(1), "/data/reason")));
    let judged = |who: &Who| judge(&book.incident, &claim, who, book.now);
    assert_eq!(judged(&who("ana")), Err(Rejection::NotAnAdmin), "the commander");
    assert_eq!(judged(&who("bo")), Err(Rejection::NotAnAdmin), "a responder");
    let tool = Who { by: PrincipalId("t_ci".into()), on_behalf_of: None, ..who("ana") };
    assert_eq!(judged(&tool), Err(Rejection::NotAnAdmin), "a tool");
    let spoken = Who { on_behalf_of: Some(who("admin").by), is_admin: true, ..tool };
    assert_eq!(judged(&spoken), Err(Rejection::NotAnAdmin), "a tool that speaks for an admin");
    assert!(judged(&who("admin")).is_ok());
}

#[test]
fn what_is_not_there_or_is_a_redaction_itself_is_not_redacted() {
    let mut book = checkout();
    let by = replaced(&book.line(1), "/data/reason");
    assert_eq!(pointers(book.redact(2, Some(&by))), ["/data/version"]);
    let redaction = book.redact(1, Some(&by)).unwrap();
    assert_eq!(pointers(book.redact(redaction.0, None)), ["/data/version"]);
    book.redact(1, Some(&by)).unwrap();
    assert_eq!(pointers(book.redact(redaction.0, None)), ["/data/version"], "erased as it is");
}

#[test]
fn a_second_redaction_takes_the_place_of_the_first_and_its_words_too() {
    let mut book = checkout();
    let first = replaced(&book.line(1), "/data/reason");
    let second = replaced(&first, "/data/symptoms/1");
    let (one, two) =
        (book.redact(1, Some(&first)).unwrap(), book.redact(1, Some(&second)).unwrap());
    let three = book.redact(1, Some(&replaced(&second, "/actor"))).unwrap();
    for version in [1, one.0, two.0] {
        assert_eq!(book.rows[version as usize - 1].data, None, "{version}");
    }
    assert_eq!(book.line(three.0)["data"]["earlier"], json!([2, 3]), "those whose words go too");
    let announced = book.incident.event(Version(1)).unwrap();
    assert_eq!(announced.actor.as_ref().unwrap().as_str(), ERASED);
    let kept = format!("{:?}{:?}", book.incident, book.story());
    assert!(!kept.contains("hunter2") && !kept.contains("a caller"), "{kept}");
    assert_eq!(book.story().incident, book.incident);
}

#[test]
fn words_that_are_gone_leave_nothing_to_hold_a_replacement_against() {
    let mut book = checkout();
    let note = book.tell("ana", &json!({ "type": "note_added", "data": { "text": "hunter2" } }));
    let by = replaced(&book.line(note.0), "/data/text");
    book.redact(note.0, None).unwrap();
    assert_eq!(pointers(book.redact(note.0, Some(&by))), ["/data/replacement"]);
    book.redact(note.0, None).unwrap();
    assert!(book.incident.event(note).unwrap().event.is_none());
}

#[test]
fn a_correction_that_is_redacted_restores_the_original() {
    let mut book = checkout();
    let before = book.incident.facts.clone();
    let correction = book.tell(
        "ana",
        &json!({ "type": "corrected", "data": { "version": 1, "reason": "hunter2",
            "fields": { "impact": { "level": "partial" }, "reason": "the key is hunter3" } } }),
    );
    assert_ne!(book.incident.facts, before);
    book.redact(correction.0, None).unwrap();
    assert_eq!(book.incident.facts, before);
    assert_eq!(book.incident.amendment(Version(1)), None);
    let shown =
        allclear::views::Timeline::new(&book.story(), allclear::views::Order::Recorded).text();
    assert!(shown.contains("it corrects nothing any more"), "{shown}");
    assert!(!shown.contains("hunter3"));
}

#[test]
fn a_correction_whose_reason_alone_is_replaced_goes_on_correcting() {
    let mut book = checkout();
    let correction = book.tell(
        "ana",
        &json!({ "type": "corrected", "data": { "version": 1, "reason": "hunter2", "fields": { "severity": "SEV2" } } }),
    );
    let before = book.incident.facts.clone();
    let by = replaced(&book.line(correction.0), "/data/reason");
    book.redact(correction.0, Some(&by)).unwrap();
    assert_eq!(book.incident.facts, before);
    let by = replaced(&by, "/data/fields/severity");
    assert_eq!(
        pointers(book.redact(correction.0, Some(&by))),
        ["/data/replacement/data/fields/severity"]
    );
}
