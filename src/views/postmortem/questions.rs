//! What a post-mortem needs and nobody recorded.

use super::Source;
use super::document::{SectionName, SectionOut, Statement};
use crate::incident::Event;
use crate::incident::event::{FollowUpAdded, ResponseDecided};
use crate::incident::facts::{Facts, Level, Mark, Remedy, Window};
use crate::incident::runbook::ChecklistItem;
use crate::incident::words::{CausePart, CauseStanding, ImpactLevel, ItemOutcome, Purpose};
use crate::views::figures::{Figure, Value};
use crate::views::sentence::spaced;
use crate::views::when::utc;

/// A question for each gap that neither events nor people's own words fill.
pub fn questions(source: &Source<'_>, sections: &[SectionOut]) -> SectionOut {
    let facts = &source.story.incident.facts;
    let mut statements = untitled(facts);
    statements.extend(sections.iter().filter_map(|section| empty(facts, section)));
    statements.extend(untold(source));
    let is_written = |it: &SectionOut| it.name == SectionName::Causes && !it.written.is_empty();
    statements.extend(cause(facts).filter(|_| !sections.iter().any(is_written)));
    statements.extend(commander(facts));
    statements.extend(unexplained(facts));
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

/// What the title block needs.
fn untitled(facts: &Facts) -> Vec<Statement> {
    [
        (facts.severity.is_none(), "How severe was it?"),
        (facts.scenario.is_none(), "Which scenario of the runbook was it?"),
        (facts.running.is_empty(), "Which version was running?"),
    ]
    .into_iter()
    .filter(|(is_open, _)| *is_open)
    .map(|(_, question)| Statement::absent(question))
    .collect()
}

fn empty(facts: &Facts, section: &SectionOut) -> Option<Statement> {
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
    let is_told = match section.name {
        // Versions and schemas stand there too, and are no decision.
        SectionName::Decisions => !facts.decisions.is_empty() || !section.written.is_empty(),
        _ => !section.is_empty(),
    };
    (!is_told).then(|| Statement::absent(wanted))
}

/// A choice other than what the runbook recommends, without a reason.
fn unexplained(facts: &Facts) -> Vec<Statement> {
    let unsaid = facts
        .decisions
        .iter()
        .filter(|(_, it)| it.rationale.is_none() && it.recommended.0 != Some(it.chosen));
    let ask = |(mark, it): &(Mark, ResponseDecided)| {
        Statement::new(format!("Why was {} chosen?", spaced(it.chosen)), mark.version)
    };
    unsaid.map(ask).collect()
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
        let began = utc(window.from);
        let text = format!("How large a share was affected by the impact that began {began}?");
        Statement::new(text, window.from_event)
    };
    windows.filter(says_nothing).map(ask).collect()
}

/// An item of the runbook's checklist that nobody marked, or that is marked as open; asked one by
/// one once any was marked.
fn unmarked(source: &Source<'_>) -> Vec<Statement> {
    let marked = &source.story.incident.facts.checklist;
    let Some(runbook) = source.manner.runbook.filter(|_| !marked.is_empty()) else {
        return Vec::new();
    };
    let ask = |item: &ChecklistItem| {
        let text = format!("On the checklist: {}", item.says);
        match marked.get(&item.item) {
            None => Some(Statement::absent(text)),
            Some((mark, it)) => {
                (it.outcome == ItemOutcome::Open).then(|| Statement::new(text, mark.version))
            }
        }
    };
    runbook.checklist.0.iter().filter_map(ask).collect()
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
