//! The title block: what it was, which versions, and who did what.

use super::Source;
use super::document::{SectionName, SectionOut, Statement, Table, TableRow};
use crate::incident::Event;
use crate::incident::event::{Announced, Observed, RoleAssigned, RoleReleased};
use crate::incident::facts::Mark;
use crate::incident::id::Version;
use crate::incident::text::{Line, Person};
use crate::incident::words::Role;
use crate::views::sentence::{joined, spaced, versions};
use crate::views::told::Told;
use crate::views::when::utc;
use std::collections::BTreeMap;

/// The title block, with a row for each time somebody held a role.
pub fn incident(source: &Source<'_>) -> SectionOut {
    let mut statements = Vec::new();
    if let Some((mark, it)) = &source.story.incident.facts.announced {
        statements.extend(of_announcement(*mark, it));
    }
    statements.extend(severity(source));
    statements.extend(standing(source));
    statements.extend(running(source));
    statements.extend(people(source));
    let head = vec!["Role", "Who", "From", "Until", "Handed over"];
    SectionOut::new(SectionName::Incident, statements)
        .with_table(Table { head, rows: roles(source) })
}

fn of_announcement(mark: Mark, it: &Announced) -> Vec<Statement> {
    let listed = |components: &[_]| (!components.is_empty()).then(|| versions(components));
    let affected = (!it.affected.is_empty()).then(|| joined(&it.affected));
    [
        Some(format!("Service: {}", it.service)),
        it.environment.as_ref().map(|it| format!("Environment: {it}")),
        Some(format!("Announced: {}", utc(mark.happened))),
        Some(format!("Severity when announced: {}", or_unrecorded(it.severity.as_ref()))),
        it.scenario.as_ref().map(|it| format!("Scenario when announced: {}", spaced(it))),
        affected.map(|it| format!("Affected: {it}")),
        Some(format!(
            "Running when announced: {}",
            or_unrecorded(listed(it.running.listed()).as_ref())
        )),
        listed(it.previous.listed()).map(|it| format!("Running before that: {it}")),
        it.source.as_ref().map(|it| format!("Announced from: {it}")),
        (it.retrospective == Some(true)).then(|| "Entered afterwards".to_owned()),
    ]
    .into_iter()
    .flatten()
    .map(|text| Statement::new(format!("{text}."), mark.version))
    .collect()
}

fn or_unrecorded(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "not recorded".to_owned(), ToString::to_string)
}

/// Every word on the severity since the announcement; the last one stands.
fn severity(source: &Source<'_>) -> Vec<Statement> {
    source.statements(|event| matches!(event, Event::SeverityChanged(_)))
}

fn standing(source: &Source<'_>) -> Option<Statement> {
    let state = source.story.incident.state;
    let since = source.told.iter().rev().take_while(|told| told.recorded.to == state).last()?;
    Some(Statement::new(format!("State: {state}."), since.recorded.version))
}

/// The running version of each component, by the event that last said so.
fn running(source: &Source<'_>) -> Vec<Statement> {
    let mut seen: BTreeMap<&Line, Version> = BTreeMap::new();
    let events =
        source.told.iter().filter_map(|told| Some((told.recorded.version, told.said.as_ref()?)));
    for (version, event) in events {
        seen.extend(components(event).into_iter().map(|name| (name, version)));
    }
    let facts = &source.story.incident.facts;
    let is_new = |version: &Version| *version != Version(1);
    let known = facts.running.iter().filter_map(|(name, runs)| Some((name, runs, seen.get(name)?)));
    known
        .filter(|(_, _, version)| is_new(version))
        .map(|(name, runs, version)| {
            Statement::new(format!("Running at last: {name} {runs}."), *version)
        })
        .collect()
}

fn components(event: &Event) -> Vec<&Line> {
    match event {
        Event::Announced(it) => it.running.listed().iter().map(|it| &it.name).collect(),
        Event::ChangeObserved(it) => {
            it.components.iter().filter(|it| it.to.is_some()).map(|it| &it.name).collect()
        }
        Event::RemedyFinished(it) => {
            let seen = it.observed.iter().filter_map(|seen| match seen {
                Observed::Component(seen) => Some(&seen.name),
                Observed::Revision(_) | Observed::Flag(_) => None,
            });
            seen.collect()
        }
        _ => Vec::new(),
    }
}

/// Everybody who is on record as acting, speaking or recording, by the first event of each.
fn people(source: &Source<'_>) -> Option<Statement> {
    let mut first: Vec<(String, Version)> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for recorded in source.told.iter().map(|told| told.recorded) {
        let people = &source.people;
        let by = (!recorded.by.is_service()).then(|| people.principal(&recorded.by).name);
        let spoken_for = recorded.on_behalf_of.as_ref().map(|it| people.principal(it).name);
        let actor = recorded.actor.as_ref().map(|it| people.name(it));
        for name in [by, spoken_for, actor].into_iter().flatten() {
            if known.insert(name.clone()) {
                first.push((name, recorded.version));
            }
        }
    }
    let ((_, one), others) = first.split_first()?;
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    let text = format!("On record as acting or recording: {}.", joined(&names));
    Some(Statement::new(text, *one).and(others.iter().map(|(_, version)| *version)))
}

/// A stretch for which somebody held a role.
struct Held<'a> {
    role: Role,
    who: &'a Person,
    from: &'a Told<'a>,
    until: Option<&'a Told<'a>>,
    handover: Option<String>,
}

fn roles(source: &Source<'_>) -> Vec<TableRow> {
    let mut held: Vec<Held<'_>> = Vec::new();
    for told in &source.told {
        match &told.said {
            Some(Event::RoleAssigned(it)) => assign(&mut held, told, it),
            Some(Event::RoleReleased(it)) => release(&mut held, told, it),
            _ => {}
        }
    }
    held.iter().map(|held| row(source, held)).collect()
}

fn assign<'a>(held: &mut Vec<Held<'a>>, told: &'a Told<'a>, it: &'a RoleAssigned) {
    let ends = |one: &&mut Held<'_>| {
        let is_his = Some(one.who) == it.from.as_ref() || *one.who == it.to;
        one.role == it.role && one.until.is_none() && (it.role.has_one_holder() || is_his)
    };
    for one in held.iter_mut().filter(ends) {
        one.until = Some(told);
        one.handover = it.handover.as_ref().map(ToString::to_string);
    }
    held.push(Held { role: it.role, who: &it.to, from: told, until: None, handover: None });
}

fn release<'a>(held: &mut [Held<'a>], told: &'a Told<'a>, it: &RoleReleased) {
    let ends =
        |one: &&mut Held<'_>| one.role == it.role && one.until.is_none() && *one.who == it.from;
    for one in held.iter_mut().filter(ends) {
        one.until = Some(told);
        one.handover = it.handover.as_ref().map(ToString::to_string);
    }
}

fn row(source: &Source<'_>, held: &Held<'_>) -> TableRow {
    let (until, handover) = match held.until {
        Some(until) => (utc(until.happened), held.handover.clone().unwrap_or_default()),
        None => ("no end on record".to_owned(), "–".to_owned()),
    };
    let ends = std::iter::once(held.from).chain(held.until);
    let cites = ends.map(|told| told.recorded.version).collect();
    TableRow {
        cells: vec![
            held.role.to_string(),
            source.people.name(held.who),
            utc(held.from.happened),
            until,
            handover,
        ],
        cites,
    }
}
