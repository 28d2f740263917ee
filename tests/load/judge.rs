//! Everything in a log that speaks against the promises, held against what clients were told.

use super::{Outcome, Sent, Stored};
use std::collections::{BTreeMap, HashMap};

/// Everything that speaks against the promises P1 to P5.
pub fn judge(journal: &[Sent], log: &[Stored]) -> Vec<String> {
    let mut found = Vec::new();
    for (event, position) in log.iter().zip(1..) {
        if event.position != position {
            found.push(format!("position {position} is missing"));
            break;
        }
    }
    let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
    for event in log {
        let last = versions.entry(&event.incident).or_default();
        if event.version != *last + 1 {
            found.push(format!("{} has {} after {last}", event.incident, event.version));
        }
        *last = event.version;
    }
    let mut by_text = by_text(log);
    for (text, events) in &by_text {
        if events.len() > 1 {
            found.push(format!("{text} is stored {} times", events.len()));
        }
    }
    for sent in journal {
        let events: Vec<&Stored> = sent
            .texts
            .iter()
            .filter_map(|text| by_text.remove(text.as_str())?.first().copied())
            .collect();
        found.extend(judge_one(sent, &events));
    }
    found.extend(by_text.keys().map(|text| format!("{text} was never sent")));
    found
}

/// How many requests were acknowledged, and of how many of them nothing is stored.
pub fn lost(journal: &[Sent], log: &[Stored]) -> (usize, usize) {
    let by_text = by_text(log);
    let acknowledged =
        journal.iter().filter(|sent| matches!(sent.outcome, Outcome::Acknowledged(_)));
    let is_lost = |sent: &&Sent| !sent.texts.iter().any(|it| by_text.contains_key(it.as_str()));
    (acknowledged.clone().count(), acknowledged.filter(is_lost).count())
}

fn by_text(log: &[Stored]) -> HashMap<&str, Vec<&Stored>> {
    let mut by_text: HashMap<&str, Vec<&Stored>> = HashMap::new();
    for event in log {
        if let Some(text) = &event.text {
            by_text.entry(text).or_default().push(event);
        }
    }
    by_text
}

fn judge_one(sent: &Sent, stored: &[&Stored]) -> Option<String> {
    let places: Vec<(u64, u64)> = stored.iter().map(|it| (it.position, it.version)).collect();
    match &sent.outcome {
        Outcome::Acknowledged(told) if *told != places => {
            return Some(format!("{} was acknowledged at {told:?}, is at {places:?}", sent.key));
        }
        Outcome::TurnedAway if !places.is_empty() => {
            return Some(format!("{} was turned away, is at {places:?}", sent.key));
        }
        _ => {}
    }
    if !stored.is_empty() && stored.len() < sent.texts.len() {
        return Some(format!("{} is stored by half", sent.key));
    }
    let follow = |pair: &[&Stored]| {
        pair[0].batch == pair[1].batch && pair[0].position + 1 == pair[1].position
    };
    if !stored.windows(2).all(follow) {
        return Some(format!("{} is not one batch", sent.key));
    }
    // Nothing but clients' notes goes to these incidents, so nothing may stand between.
    if let (Some(asked), Some(first)) = (sent.if_match, stored.first())
        && first.version != asked + 1
    {
        return Some(format!("{} was to follow {asked}, has {}", sent.key, first.version));
    }
    let elsewhere = stored.iter().any(|it| it.incident != sent.incident);
    elsewhere.then(|| format!("{} is in another incident", sent.key))
}
