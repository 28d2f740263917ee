//! The same log gives the same bytes: twice, in every build, whatever its size.

use crate::support::expect_file;
use crate::telling::{STORIES, Telling, real};
use crate::{documents, history, hostile, random};
use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The SHA-256 of each document. They are compared in the debug and in the release build, so that
/// both give the same bytes.
#[test]
fn every_document_has_the_bytes_that_it_had() {
    let mut hashes = String::new();
    let stories = STORIES.map(|name| (name, real(name)));
    for (name, telling) in stories.into_iter().chain([("hostile", hostile("<b>|x\u{202e}"))]) {
        for (number, (form, text)) in documents(&telling).into_iter().enumerate() {
            let hash = Sha256::digest(text);
            writeln!(hashes, "{hash:x} {name} {number} {form}").unwrap();
        }
    }
    expect_file("tests/golden/documents.txt", &hashes);
}

#[test]
fn an_incident_of_five_thousand_events_is_told_whole() {
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    telling.tell(json!({ "type": "announced", "data": { "service": "s", "reason": "r" } }));
    for number in 0..2_499 {
        telling.now.0 += 1_000_000;
        telling
            .tell(json!({ "type": "note_added", "data": { "text": format!("Note {number}.") } }));
        telling.tell(json!({ "type": "lesson_recorded", "data": {
            "kind": "went_well", "text": "All of it." } }));
    }
    telling.tell(json!({ "type": "section_written", "data": {
        "section": "summary", "markdown": "Words." } }));
    let told = documents(&telling);
    let whole = told.iter().filter(|(_, text)| {
        [0, 1_000, 2_498].iter().all(|number| text.contains(&format!("Note {number}.")))
    });
    let forms: Vec<&str> = whole.map(|(form, _)| *form).collect();
    assert_eq!(forms, ["json", "json", "markdown", "markdown", "html", "html", "text"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_history_gives_the_same_bytes_twice(attempts in history::attempts()) {
        let telling = random(&attempts);
        prop_assert_eq!(documents(&telling), documents(&telling));
    }
}
