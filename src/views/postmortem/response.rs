//! What was decided, and what was done.

use super::Source;
use super::document::{SectionName, SectionOut, Statement, Table, TableRow};
use crate::incident::Event;
use crate::incident::event::ResponseDecided;
use crate::incident::facts::{Mark, Remedy};
use crate::incident::id::Version;
use crate::incident::text::Line;
use crate::views::figures::{Figure, FigureName};
use crate::views::sentence::{intent, joined, measured, observed, spaced};
use crate::views::when::utc;
use std::collections::BTreeMap;

/// The decision record: what was recommended, by which row, and what was chosen, and why.
pub fn decisions(source: &Source<'_>) -> SectionOut {
    let facts = &source.story.incident.facts;
    let mut statements = Vec::new();
    for (index, (mark, it)) in facts.decisions.iter().enumerate() {
        statements.extend(decision(*mark, it));
        let next = facts.decisions.get(index + 1).map(|(next, _)| next.version);
        statements.extend(tried(&facts.remedies, mark.version, next));
    }
    statements.extend(source.statements(|event| {
        matches!(event, Event::StableVersionIdentified(_) | Event::SchemaChecked(_))
    }));
    if !facts.decisions.is_empty() {
        statements.extend(source.figure(FigureName::Decide));
    }
    SectionOut::new(SectionName::Decisions, statements)
}

fn decision(mark: Mark, it: &ResponseDecided) -> Vec<Statement> {
    let situations: Vec<String> = it.situations.iter().map(spaced).collect();
    let situations = if situations.is_empty() { "none named".into() } else { joined(&situations) };
    let scenario = it.scenario.as_ref().map_or_else(|| "not recorded".to_owned(), spaced);
    let row = it.row.0.map_or_else(
        || "no row of its table matched, so its rule of thumb holds".to_owned(),
        |row| format!("by row {row} of its table"),
    );
    let rationale = match &it.rationale {
        Some(rationale) => format!("Rationale: {rationale}"),
        None => "Rationale: not recorded.".to_owned(),
    };
    let recommended = match it.recommended.0 {
        Some(response) => format!("The runbook recommended: {}, {row}.", spaced(response)),
        None => "What the runbook recommended is not recorded.".to_owned(),
    };
    let measured = it.measured.as_ref().map_or_else(|| "not recorded".to_owned(), measured);
    [
        format!("Decided: {}.", utc(mark.happened)),
        format!("Situations: {situations}. Measured: {measured}. Taken for: {scenario}."),
        recommended,
        format!("Chosen: {}.", spaced(it.chosen)),
        rationale,
    ]
    .into_iter()
    .map(|text| Statement::new(text, mark.version))
    .collect()
}

/// What was begun while a decision stood: the choice, and every alternative that was tried.
fn tried(remedies: &[Remedy], from: Version, next: Option<Version>) -> Option<Statement> {
    let stood = |mark: &Mark| mark.version > from && next.is_none_or(|next| mark.version < next);
    let begun: Vec<&Remedy> =
        remedies.iter().filter(|it| it.started.as_ref().is_some_and(stood)).collect();
    let one = |it: &&Remedy| {
        let effect = it.effect().map(|(_, seen)| format!(", effect {}", seen.effect));
        let effect = effect.unwrap_or_else(|| ", effect not recorded".into());
        format!("{} ({}, {}{effect})", it.name, spaced(it.kind), it.state)
    };
    let names: Vec<String> = begun.iter().map(one).collect();
    let text = format!("Tried while this stood: {}.", joined(&names));
    let events = begun.iter().flat_map(|it| cites(it));
    (!begun.is_empty()).then(|| Statement::new(text, from).and(events))
}

/// Every attempt in a row of its own, then what was run and what else was changed.
pub fn remedies(source: &Source<'_>) -> SectionOut {
    let facts = &source.story.incident.facts;
    let statements = source.statements(|event| {
        matches!(
            event,
            Event::RemedyFailed(_)
                | Event::RemedyAbandoned(_)
                | Event::RemedyUndone(_)
                | Event::EffectObserved(_)
                | Event::CommandRecorded(_)
                | Event::ChangeObserved(_)
        )
    });
    let executed = source.figures.figures.iter();
    let executed = executed.filter(|figure| figure.figure == FigureName::ExecuteRemedy);
    let took: BTreeMap<_, _> = executed.filter_map(|it| Some((it.remedy.as_ref()?, it))).collect();
    let stable = identified(source);
    let head = vec!["Remedy", "What", "State", "Started", "Finished", "Took", "Observed", "Effect"];
    let row = |it| row(it, took.get(&it.name).copied(), &stable);
    let rows = facts.remedies.iter().map(row).collect();
    SectionOut::new(SectionName::Remedies, statements).with_table(Table { head, rows })
}

fn row(remedy: &Remedy, took: Option<&Figure>, stable: &Stable<'_>) -> TableRow {
    let time = |mark: Option<Mark>| mark.map(|mark| utc(mark.happened)).unwrap_or_default();
    let effect = remedy.effect().map(|(_, seen)| seen.effect.to_string());
    let took = took.map(|figure| figure.value.spoken()).unwrap_or_default();
    TableRow {
        cells: vec![
            remedy.name.to_string(),
            intent(&remedy.intent),
            remedy.state.to_string(),
            time(remedy.started),
            time(remedy.finished),
            took,
            observed(&remedy.observed),
            effect.unwrap_or_default(),
        ],
        cites: cites(remedy).into_iter().chain(stable_target(remedy, stable)).collect(),
    }
}

/// The events by which a version of a component was identified as stable.
type Stable<'a> = BTreeMap<(&'a Line, &'a Line), Vec<Version>>;

fn identified<'a>(source: &'a Source<'_>) -> Stable<'a> {
    let mut stable = Stable::new();
    for told in &source.told {
        if let Some(Event::StableVersionIdentified(it)) = &told.said {
            for it in it.components.iter() {
                stable.entry((&it.name, &it.version)).or_default().push(told.recorded.version);
            }
        }
    }
    stable
}

/// Where its target was identified before it began: a rollback that names none goes there.
fn stable_target(remedy: &Remedy, stable: &Stable<'_>) -> Vec<Version> {
    let targets = remedy.intent.components.iter();
    let events = targets.filter_map(|it| stable.get(&(&it.name, it.to.as_ref()?)));
    let is_before =
        |event: &Version| remedy.started.is_some_and(|started| *event < started.version);
    events.filter_map(|events| events.iter().copied().rfind(is_before)).collect()
}

fn cites(remedy: &Remedy) -> Vec<Version> {
    let moves = [remedy.planned, remedy.started, remedy.finished, Some(remedy.last)];
    let seen = remedy.effects.iter().map(|(mark, _)| mark.version);
    moves.into_iter().flatten().map(|mark| mark.version).chain(seen).collect()
}
