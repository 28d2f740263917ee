//! What a post-mortem needs and nobody recorded.

use super::Source;
use super::document::{SectionName, SectionOut, Statement};
use crate::incident::Event;
use crate::incident::event::FollowUpAdded;
use crate::incident::facts::{Facts, Level, Mark, Remedy, Window};
use crate::incident::words::{CausePart, CauseStanding, ImpactLevel, Purpose};
use crate::views::figures::{Figure, Value};

/// A question for each gap.
pub fn questions(source: &Source<'_>, sections: &[SectionOut]) -> SectionOut {
    let mut statements: Vec<Statement> = sections.iter().filter_map(empty).collect();
    statements.extend(untold(source));
    let facts = &source.story.incident.facts;
    statements.extend(cause(facts));
    statements.extend(commander(facts));
    statements.extend(source.figures.figures.iter().filter_map(unknown));
    statements.extend(without_effect(facts));
    statements.extend(without_extent(facts));
    statements.extend(unmarked(source));
    statements.extend(unowned(facts));
    SectionOut::new(SectionName::Questions, statements)
}

/// The questions that the facts alone leave open, in the same order.
pub fn of_facts(facts: &Facts) -> Vec<Statement> {
    let mut statements = Vec::from_iter(cause(facts));
    statements.extend(commander(facts));
    statements.extend(without_effect(facts));
    statements.extend(without_extent(facts));
    statements.extend(unowned(facts));
    statements
}

fn empty(section: &SectionOut) -> Option<Statement> {
    let wanted = match section.name {
        SectionName::Impact => "Who was affected, how much, and from when until when?",
        SectionName::Detection => "How was it noticed?",
        SectionName::Decisions => "What was decided, and on what grounds?",
        SectionName::Remedies => "What was done about it?",
        SectionName::Verification => "How was it checked that service is restored?",
        SectionName::WentWell => "What went well?",
        SectionName::WentBadly => "What went badly?",
        SectionName::Lucky => "Where did luck help?",
        SectionName::Checklist => "What are the answers to the checklist?",
        SectionName::FollowUps => "What will be done so that it does not happen again?",
        SectionName::Incident
        | SectionName::Summary
        | SectionName::Figures
        | SectionName::Timeline
        | SectionName::Communications
        | SectionName::Causes
        | SectionName::Related
        | SectionName::Evidence
        | SectionName::Departures
        | SectionName::SincePublished
        | SectionName::Questions
        | SectionName::Integrity => return None,
    };
    section.is_empty().then(|| Statement::absent(wanted))
}

fn untold(source: &Source<'_>) -> Option<Statement> {
    let mut said = source.told.iter().filter_map(|told| told.said.as_ref());
    let is_told = said.any(Event::is_communication);
    (!is_told).then(|| Statement::absent("Who was told, where and when?"))
}

fn cause(facts: &Facts) -> Option<Statement> {
    let is_known = facts
        .causes
        .values()
        .any(|(_, it)| it.part == CausePart::Root && it.standing == CauseStanding::Confirmed);
    (!is_known).then(|| Statement::absent("What is the root cause? None is recorded as confirmed."))
}

fn commander(facts: &Facts) -> Option<Statement> {
    let nobody = facts.first_commander.is_none();
    nobody.then(|| Statement::absent("Who was in command?"))
}

fn unknown(figure: &Figure) -> Option<Statement> {
    let Value::Unknown { reason } = &figure.value else { return None };
    let about = figure.remedy.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
    let text = format!("The figure \"{}\"{about} is unknown: {reason}.", figure.title);
    match figure.events.split_first() {
        Some((first, others)) => Some(Statement::new(text, *first).and(others.iter().copied())),
        None => Some(Statement::absent(text)),
    }
}

/// Done is not effective: a remedy without an observed effect is a question. What was only done to
/// find something out owes none.
fn without_effect(facts: &Facts) -> Vec<Statement> {
    let remedies = facts.remedies.iter().filter(|it| it.purpose() == Purpose::Remedy);
    let unseen = remedies.filter(|it| it.started.is_some() && it.effects.is_empty());
    let ask = |it: &Remedy| {
        Statement::new(format!("What did {} do to the impact?", it.name), it.last.version)
    };
    unseen.map(ask).collect()
}

/// A window of impact that never says how much was affected.
fn without_extent(facts: &Facts) -> Vec<Statement> {
    let windows = facts.impact.iter();
    let says_nothing = |window: &&Window| {
        let says = |level: &Level| level.percent.is_some() || level.level == ImpactLevel::Full;
        !window.levels.iter().any(says)
    };
    let ask = |window: &Window| {
        let from = window.from_event;
        Statement::new("How large a share was affected by the impact?", from)
    };
    windows.filter(says_nothing).map(ask).collect()
}

/// An item of the runbook's checklist that nobody marked; asked one by one once any was.
fn unmarked(source: &Source<'_>) -> Vec<Statement> {
    let marked = &source.story.incident.facts.checklist;
    let Some(runbook) = source.manner.runbook.filter(|_| !marked.is_empty()) else {
        return Vec::new();
    };
    let open = runbook.checklist.0.iter().filter(|item| !marked.contains_key(&item.item));
    open.map(|item| Statement::absent(format!("On the checklist: {}", item.says))).collect()
}

/// A follow-up without an owner or a date.
fn unowned(facts: &Facts) -> Vec<Statement> {
    let follow_ups = facts.follow_ups.iter();
    let ask = |(mark, it): &(Mark, FollowUpAdded)| {
        let name = it.follow_up.as_ref().map(ToString::to_string).unwrap_or_default();
        let who = it.owner.is_none().then(|| format!("Who does follow-up {name}?"));
        let when = it.due.is_none().then(|| format!("By when is follow-up {name} due?"));
        let questions = who.into_iter().chain(when);
        questions.map(|text| Statement::new(text, mark.version)).collect::<Vec<_>>()
    };
    follow_ups.flat_map(ask).collect()
}
