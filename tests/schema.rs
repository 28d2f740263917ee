//! Prints `schema/events/*.json`, `schema/runbook.json` and `schema/openapi.json` from the types that
//! read and are sent.
//! `ALLCLEAR_BLESS=1` writes the schemas.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use allclear::incident::field::Field;
use allclear::incident::system::{Act, ActType};
use allclear::incident::{Claim, EventType, Runbook, is_claimable};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn print(path: &str, schema: &Value) {
    let name = path.rsplit('/').next().unwrap();
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
    });
    for (key, value) in schema.as_object().unwrap() {
        document[key] = value.clone();
    }
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    support::expect_file(&format!("schema/{path}.json"), &text);
}

#[test]
fn the_schema_of_every_event_is_current() {
    for kind in EventType::ALL {
        print(&format!("events/{kind}"), &Claim::schema_of(*kind));
    }
    for kind in ActType::ALL {
        print(&format!("events/{kind}"), &Act::schema(*kind));
    }
    let folder = std::fs::read_dir(support::in_tree("schema/events")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let events = EventType::ALL.iter().map(|kind| format!("{kind}.json"));
    let known = events.chain(ActType::ALL.iter().map(|kind| format!("{kind}.json")));
    assert_eq!(names.collect::<BTreeSet<_>>(), known.collect::<BTreeSet<_>>());
}

#[test]
fn every_member_of_every_event_is_described() {
    for kind in EventType::ALL.iter().filter(|kind| is_claimable(**kind)) {
        let schema = Claim::schema_of(*kind);
        let data = schema["properties"]["data"]["properties"].as_object().unwrap();
        for (name, member) in data {
            let described = member["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(described, "{kind}: {name} is not described");
            assert!(!name.contains('#'), "{kind}: {name} is no name for the outside");
        }
    }
}

#[test]
fn the_schema_of_the_runbook_is_current() {
    print("runbook", &Runbook::schema());
}

#[test]
fn the_openapi_document_is_current() {
    let text = serde_json::to_string_pretty(&allclear::web::openapi()).unwrap() + "\n";
    support::expect_file("schema/openapi.json", &text);
}
