//! Prints `schema/events/*.json` from the types that read events, and checks that the constants of
//! the rules say what the built-in runbook says. `ALLCLEAR_BLESS=1` writes the schemas.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use allclear::incident::system::{Act, ActType};
use allclear::incident::words::{RemedyKind, Response};
use allclear::incident::{Claim, EventType, Runbook, is_claimable, runbook};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn print(name: &str, schema: &Value) {
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
    });
    for (key, value) in schema.as_object().unwrap() {
        document[key] = value.clone();
    }
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    support::expect_file(&format!("schema/events/{name}.json"), &text);
}

#[test]
fn the_schema_of_every_event_is_current() {
    for kind in EventType::ALL {
        print(kind.word(), &Claim::schema_of(*kind));
    }
    for kind in ActType::ALL {
        print(kind.word(), &Act::schema(*kind));
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

fn words(value: &toml::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn the_constants_of_the_rules_are_those_of_the_runbook() {
    let book: toml::Table = runbook::DEFAULT_TEXT.parse().unwrap();
    let Runbook { decisions, scenarios, severities, checks, signals, watch } = runbook::DEFAULT;
    let rows = book["decisions"].as_array().unwrap().iter();
    let rows = rows.map(|row| {
        let response = Response::parse(row["response"].as_str().unwrap()).unwrap();
        (row["situation"].as_str().unwrap(), response)
    });
    assert_eq!(rows.collect::<Vec<_>>(), decisions);
    let told = book["scenarios"].as_array().unwrap().iter();
    let told = told.map(|scenario| {
        let kinds = words(&scenario["remedies"]).into_iter();
        let kinds = kinds.map(|kind| RemedyKind::parse(kind).unwrap()).collect::<Vec<_>>();
        (scenario["name"].as_str().unwrap(), kinds)
    });
    let known = scenarios.iter().map(|(name, kinds)| (*name, kinds.to_vec()));
    assert_eq!(told.collect::<Vec<_>>(), known.collect::<Vec<_>>());
    assert_eq!(words(&book["severities"]["words"]), severities);
    assert_eq!(words(&book["verification"]["checks"]), checks);
    assert_eq!(words(&book["verification"]["signals"]), signals);
    let minutes = book["verification"]["watch_minutes"].as_integer().unwrap();
    assert_eq!(minutes, watch.num_minutes());
}
