//! What must come of it: the sentences after `then`.

use super::Scene;
use super::words::Words;
use crate::support::PEOPLE;
use allclear::incident::words::{RemedyState, Role, State};
use allclear::incident::{Code, EventType, Recorded, Rejection, runbook};
use std::sync::Arc;

/// Checks one sentence:
/// `<state>` · `accepted` · `refused: <codes>` · `invalid: <pointers>` · `not the commander` ·
/// `over: <codes>` · `deviation: <codes>` · `<remedy> is <state>` · `commander is <person>` ·
/// `<n> events` · `runs <component> <version>` · `says "<part of a detail>"` ·
/// `next allows <type>` · `next refuses <type>: <codes>`.
pub fn check(scene: &Scene, step: &str) -> Result<(), String> {
    let words = Words::of(step)?;
    let (head, rest) = step.split_once(':').map_or((step, ""), |(head, rest)| (head, rest.trim()));
    match head.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["accepted"] => accepted(scene).map(|_| ()),
        ["refused"] => same(&refused(scene), rest),
        ["invalid"] => same(&invalid(scene), rest),
        ["not", "the", "commander"] => match &scene.last {
            Err(Rejection::NotTheCommander) => Ok(()),
            other => Err(format!("not the commander is expected, but {}", told(other))),
        },
        ["over"] => same(&codes(accepted(scene)?, |it| &it.over), rest),
        ["deviation"] => same(&codes(accepted(scene)?, |it| &it.dev), rest),
        ["next", "allows", kind] => same(&next(scene, kind)?, ""),
        ["next", "refuses", kind] => same(&next(scene, kind)?, rest),
        [count, "events"] => same(&scene.incident.version().to_string(), count),
        ["commander", "is", person] => same(&commander(scene), person),
        ["runs", name, version] => {
            let running = &scene.incident.facts.running;
            let runs = running.iter().find(|(known, _)| known.as_str() == *name);
            same(runs.map_or("nothing", |(_, version)| version.as_str()), version)
        }
        [remedy, "is", state] if RemedyState::parse(state).is_some() => {
            let remedies = &scene.incident.facts.remedies;
            let known = remedies.iter().find(|known| known.name.as_str() == *remedy);
            same(known.map_or("unknown", |remedy| remedy.state.word()), state)
        }
        ["says", ..] => says(scene, words),
        [state] if State::parse(state).is_some() => {
            let why = scene.last.as_ref().err().map_or(String::new(), spoken);
            same(scene.incident.state.word(), state).map_err(|no| format!("{no} {why}"))
        }
        _ => Err(format!("nothing can be checked by: {step}")),
    }
}

fn same(is: &str, expected: &str) -> Result<(), String> {
    if is == expected { Ok(()) } else { Err(format!("{expected:?} is expected, but it is {is:?}")) }
}

fn accepted(scene: &Scene) -> Result<&[Arc<Recorded>], String> {
    scene.last.as_deref().map_err(spoken)
}

/// A rejection in words.
pub fn spoken(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Refused(refusal) => {
            format!(
                "refused: {} ({})",
                listed(refusal.unmet.iter().map(|it| it.code)),
                refusal.detail()
            )
        }
        Rejection::Invalid(faults) => format!("invalid: {faults:?}"),
        Rejection::NotTheCommander => "not the commander".into(),
        Rejection::NotAnAdmin => "not an admin".into(),
        Rejection::ReplacementMissing(fault) => format!("replacement missing: {fault:?}"),
    }
}

fn told(last: &Result<Vec<Arc<Recorded>>, Rejection>) -> String {
    last.as_ref().map_or_else(spoken, |_| "accepted".into())
}

fn listed(codes: impl Iterator<Item = Code>) -> String {
    codes.map(Code::word).collect::<Vec<_>>().join(", ")
}

fn refused(scene: &Scene) -> String {
    match &scene.last {
        Err(Rejection::Refused(refusal)) => listed(refusal.unmet.iter().map(|it| it.code)),
        other => told(other),
    }
}

fn invalid(scene: &Scene) -> String {
    match &scene.last {
        Err(Rejection::Invalid(faults)) => {
            let faults = faults.clone().into_vec();
            faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>().join(", ")
        }
        other => told(other),
    }
}

fn codes(recorded: &[Arc<Recorded>], of: fn(&Recorded) -> &Vec<Code>) -> String {
    let all = listed(recorded.iter().flat_map(|it| of(it).iter().copied()));
    if all.is_empty() { "none".into() } else { all }
}

fn next(scene: &Scene, kind: &str) -> Result<String, String> {
    let kind = EventType::parse(kind).ok_or_else(|| format!("{kind} is no event"))?;
    let next = scene.incident.next(scene.clock, &runbook::built_in());
    let found = next.into_iter().find(|next| next.kind == kind);
    let found = found.ok_or_else(|| format!("next does not speak of {kind}"))?;
    Ok(found.refusal.map_or(String::new(), |no| listed(no.unmet.iter().map(|it| it.code))))
}

fn commander(scene: &Scene) -> String {
    let holder = scene.incident.facts.holder(Role::Commander);
    let id = holder.map_or("nobody", |holder| holder.person.as_str());
    id.strip_prefix("u_").filter(|name| PEOPLE.contains(name)).unwrap_or(id).to_owned()
}

fn says(scene: &Scene, mut words: Words) -> Result<(), String> {
    words.take()?;
    let part = words.take()?;
    let said = told(&scene.last);
    if said.contains(&part) { Ok(()) } else { Err(format!("{part:?} is not said: {said}")) }
}
