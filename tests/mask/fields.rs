//! Every free text of every type of event is shown to the masks, and no fixed word is.

use crate::support::{in_tree, strings};
use allclear::incident::Claim;
use allclear::incident::field::{Faults, Field, Pointer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One claim of each type and more, as `tests/golden/claims.txt` has them.
fn claims() -> Vec<Value> {
    let text = std::fs::read_to_string(in_tree("tests/golden/claims.txt")).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(" {"));
    let claim = |(kind, rest): (&str, &str)| {
        let mut claim: Value = serde_json::from_str(&format!("{{{rest}")).unwrap();
        claim["type"] = kind.into();
        claim
    };
    let is_claimable = |claim: &Value| claim["type"] != "reminder_sent";
    lines.map(claim).filter(is_claimable).collect()
}

/// What is told apart by [`read`]ing a claim again: the places whose words were shown.
fn shown(claim: &Value) -> BTreeSet<String> {
    let mut faults = Faults::default();
    let read = Claim::read(claim.clone(), &Pointer::Root, &mut faults);
    let mut read = read.unwrap_or_else(|| panic!("{claim}: {faults:?}"));
    let before = written(&read);
    read.reword(&mut |text| Some(format!("{text} shown")));
    let after = written(&read);
    let places = strings(&before).into_iter();
    places.filter(|at| before.pointer(at) != after.pointer(at)).collect()
}

fn written(claim: &Claim) -> Value {
    json!({
        "data": claim.event,
        "actor": claim.actor,
        "reason": claim.override_reason,
        "as_written": claim.as_written,
    })
}

/// The list of free texts that redactions go by.
fn free() -> BTreeSet<String> {
    let text = std::fs::read_to_string(in_tree("tests/golden/free_text.txt")).unwrap();
    let free = text.split("\nStays\n").next().unwrap();
    free.lines().skip(2).map(ToOwned::to_owned).filter(|line| !line.is_empty()).collect()
}

#[test]
fn what_may_be_redacted_is_masked_in_every_type_of_event() {
    let mut all = BTreeSet::new();
    for claim in claims() {
        let kind = claim["type"].as_str().unwrap().to_owned();
        all.extend(shown(&claim).into_iter().map(|place| format!("{kind} {place}")));
    }
    let missed: Vec<_> = free().difference(&all).cloned().collect();
    assert_eq!(missed, [""; 0]);
    // Beside them: who holds a role, which machines judge; and words whose event decides.
    let is_known = |place: &&String| {
        place.starts_with("role_")
            || place.starts_with("corrected /data/fields/")
            || place.starts_with("redacted ")
    };
    let further: Vec<_> = all.difference(&free()).filter(|it| !is_known(it)).cloned().collect();
    assert_eq!(further, [""; 0]);
}

#[test]
fn of_a_replacement_only_new_words_are_shown() {
    let claim = json!({ "type": "redacted", "data": { "version": 2, "reason": "a secret",
        "replacement": { "data": { "text": "[redacted] and more", "remedy": "R1" } } } });
    let places = ["/data/reason", "/data/replacement/data/text"];
    assert_eq!(shown(&claim), places.map(ToOwned::to_owned).into());
}
