//! What makes a runbook whole, beyond each of its values: names once, promises in order, and
//! placeholders that something fills.
//!
//! It looks at the values as they were given, so that a mistake in one place hides none in another.

use super::procedure::{TEMPLATE_NAMES, placeholders};
use crate::incident::field::{Fault, Faults};
use serde_json::Value;
use std::collections::HashSet;

/// Lists whose items are told apart by a name, and where in an item that stands.
const NAMED: &[(&str, &str)] = &[
    ("/severities", ""),
    ("/decisions", "/situation"),
    ("/steps", "/step"),
    ("/verification/checks", ""),
    ("/verification/signals", ""),
    ("/obligations", "/slot"),
    ("/scenarios", "/name"),
    ("/checklist", "/item"),
];

/// The longest watch, in minutes: a day.
const WATCH_MAX: i64 = 24 * 60;

/// Finds everything that does not go together.
pub fn check(runbook: &Value, faults: &mut Faults) {
    NAMED.iter().for_each(|(list, member)| named_once(runbook, list, member, faults));
    watch(runbook, faults);
    promises(runbook, faults);
    commands(runbook, faults);
    filled_words(runbook, faults);
    services(runbook, faults);
    not_empty(runbook, faults);
}

fn add(faults: &mut Faults, pointer: String, detail: impl Into<String>) {
    faults.add(Fault { pointer, detail: detail.into() });
}

fn items<'a>(runbook: &'a Value, list: &str) -> &'a [Value] {
    runbook.pointer(list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A name stands once in its list.
fn named_once(runbook: &Value, list: &str, member: &str, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for (index, item) in items(runbook, list).iter().enumerate() {
        let name = item.pointer(member).and_then(Value::as_str);
        if let Some(name) = name.filter(|name| !seen.insert(*name)) {
            add(faults, format!("{list}/{index}{member}"), format!("{name} stands here twice"));
        }
    }
}

fn watch(runbook: &Value, faults: &mut Faults) {
    let pointer = "/verification/watch_minutes";
    let minutes = runbook.pointer(pointer).and_then(Value::as_i64);
    if minutes.is_some_and(|minutes| !(0..=WATCH_MAX).contains(&minutes)) {
        add(faults, pointer.into(), format!("must be from 0 to {WATCH_MAX} minutes"));
    }
}

/// Promises fall due one after the other, the calendar's last; each of minutes has a purpose that
/// pays it, and the calendar's is the date of the post-mortem.
fn promises(runbook: &Value, faults: &mut Faults) {
    let rules = items(runbook, "/obligations");
    let due = |rule: &Value| rule["due"].as_i64().unwrap_or(i64::MAX);
    for (index, rule) in rules.iter().enumerate() {
        if index > 0 && due(&rules[index - 1]) >= due(rule) {
            let pointer = format!("/obligations/{index}/due");
            add(faults, pointer, "must be later than that of the slot before");
        }
        let pointer = format!("/obligations/{index}/purpose");
        match (rule["due"].is_i64(), rule.get("purpose")) {
            (true, None) => add(faults, pointer, "is missing: which posts pay this?"),
            (false, Some(_)) => {
                add(faults, pointer, "is not needed: the date of the post-mortem pays this");
            }
            _ => {}
        }
    }
}

/// Every command belongs to a step that is there, and has only placeholders that are filled.
fn commands(runbook: &Value, faults: &mut Faults) {
    let steps: HashSet<&Value> =
        items(runbook, "/steps").iter().map(|step| &step["step"]).collect();
    for (index, command) in items(runbook, "/commands").iter().enumerate() {
        let run = command["run"].as_str().unwrap_or_default();
        for name in placeholders(run).filter(|name| !TEMPLATE_NAMES.contains(name)) {
            let known = TEMPLATE_NAMES.join(", ");
            let detail = format!("has {{{name}}}, which nothing fills; there are {known}");
            add(faults, format!("/commands/{index}/run"), detail);
        }
        if let Some(step) = command.get("step").filter(|step| !steps.contains(step)) {
            let detail = format!("{step} is no step of this runbook");
            add(faults, format!("/commands/{index}/step"), detail);
        }
    }
}

/// The words of a step have only placeholders that are filled, as its commands do.
fn filled_words(runbook: &Value, faults: &mut Faults) {
    for (step, it) in items(runbook, "/steps").iter().enumerate() {
        for (index, says) in items(it, "/says").iter().enumerate() {
            let words = says.as_str().unwrap_or_default();
            for name in placeholders(words).filter(|name| !TEMPLATE_NAMES.contains(name)) {
                let pointer = format!("/steps/{step}/says/{index}");
                add(faults, pointer, format!("has {{{name}}}, which nothing fills"));
            }
        }
    }
}

/// A service may leave watched signals out; one that nobody watches would be asked for in vain.
fn services(runbook: &Value, faults: &mut Faults) {
    let watched = items(runbook, "/verification/signals");
    let Some(services) = runbook.get("services").and_then(Value::as_object) else { return };
    for (name, service) in services {
        for (index, signal) in items(service, "/signals").iter().enumerate() {
            if !watched.contains(signal) {
                let pointer = format!("/services/{name}/signals/{index}");
                add(faults, pointer, "is no signal that this runbook watches");
            }
        }
    }
}

/// Lists without which the rules that read them would say nothing.
fn not_empty(runbook: &Value, faults: &mut Faults) {
    for pointer in ["/severities", "/verification/checks", "/calendar/working_days"] {
        if runbook.pointer(pointer).and_then(Value::as_array).is_some_and(Vec::is_empty) {
            add(faults, pointer.into(), "must name at least one");
        }
    }
}
