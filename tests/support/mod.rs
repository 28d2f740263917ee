//! What tests of the rules share: a fixed clock, a few people, and a way from JSON to the log.

#![allow(dead_code, clippy::unwrap_used, reason = "tests: each file uses its part")]

use allclear::incident::event::Event;
use allclear::incident::field::{Faults, Field, Pointer};
use allclear::incident::id::{IncidentId, Number, PrincipalId, TokenId};
use allclear::incident::time::Moment;
use allclear::incident::{Claim, Incident, Recorded, Rejection, Who, json, runbook};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// When every story begins: 2026-11-24T03:00:00Z, a Tuesday.
pub const START: Moment = Moment(1_795_489_200_000_000);

/// The people of the stories; everybody else is free text.
pub const PEOPLE: &[&str] = &["ana", "bo", "cleo", "admin"];

/// The moment so many minutes after the start.
pub fn minute(minutes: i64) -> Moment {
    Moment(START.0 + minutes * 60_000_000)
}

/// The credentials of one of the people.
pub fn who(name: &str) -> Who {
    Who {
        by: PrincipalId(format!("u_{name}")),
        on_behalf_of: None,
        token: Some(TokenId(format!("k_{name}"))),
        is_admin: name == "admin",
    }
}

/// An incident before its first event.
pub fn incident() -> Incident {
    Incident::new(IncidentId(uuid::Uuid::from_u128(0x019a_b300)), Number(42), None)
}

/// Reads a claim as the outside sends it, with people named by their ids.
pub fn claim(given: &Value) -> Result<Claim, Faults> {
    let strict = json::parse(given.to_string().as_bytes()).expect("what tests write is JSON");
    let mut faults = Faults::default();
    let claim = Claim::read(strict, &Pointer::Root, &mut faults);
    let mut claim = faults.or(claim)?;
    name_people(&mut claim.event);
    Ok(claim)
}

fn name_people(event: &mut Event) {
    for person in event.people_mut() {
        if PEOPLE.contains(&person.as_str()) {
            *person = allclear::incident::text::Person::new(format!("u_{person}")).unwrap();
        }
    }
}

/// Judges a claim under the built-in runbook.
pub fn judge(
    incident: &Incident,
    given: &Value,
    by: &Who,
    at: Moment,
) -> Result<Recorded, Rejection> {
    let claim = claim(given).map_err(Rejection::Invalid)?;
    incident.judge(claim, by, at, &runbook::built_in(), &Pointer::Root)
}

/// Appends a claim that must be accepted.
pub fn append(incident: &mut Incident, given: &Value, at: Moment) -> Arc<Recorded> {
    let recorded = judge(incident, given, &who("ana"), at);
    let recorded =
        Arc::new(recorded.unwrap_or_else(|no| panic!("{given} was turned away: {no:?}")));
    incident.fold(Arc::clone(&recorded));
    recorded
}

/// A path in the source tree.
pub fn in_tree(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a generated text with the committed file; `ALLCLEAR_BLESS=1` writes it instead.
pub fn expect_file(path: &str, generated: &str) {
    let file = in_tree(path);
    if std::env::var_os("ALLCLEAR_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, generated).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let mut lines = committed.lines().zip(generated.lines()).zip(1..);
    if let Some(((was, is), line)) = lines.find(|((was, is), _)| was != is) {
        panic!("{path}:{line} is not current; ALLCLEAR_BLESS=1 writes it\n was {was}\n  is {is}");
    }
    assert!(committed == generated, "{path} is not current; ALLCLEAR_BLESS=1 writes it");
}

/// Where every string stands in a value, as JSON pointers.
pub fn strings(value: &Value) -> Vec<String> {
    let inside = |(key, value): (String, &Value)| {
        strings(value).into_iter().map(move |rest| format!("/{key}{rest}")).collect::<Vec<_>>()
    };
    match value {
        Value::String(_) => vec![String::new()],
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, it)| (at.to_string(), it)).flat_map(inside).collect()
        }
        Value::Object(members) => {
            let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
            members.iter().map(|(key, it)| (escaped(key), it)).flat_map(inside).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
