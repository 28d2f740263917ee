//! What a post-mortem needs and nobody recorded.

use super::Source;
use super::document::{SectionName, SectionOut, Statement};
use crate::incident::words::{CausePart, CauseStanding};
use crate::views::figures::{Figure, Value};

/// A question for each gap.
pub fn questions(source: &Source<'_>, sections: &[SectionOut]) -> SectionOut {
    let mut statements: Vec<Statement> = sections.iter().filter_map(empty).collect();
    statements.extend(cause(source));
    statements.extend(commander(source));
    statements.extend(source.figures.figures.iter().filter_map(unknown));
    statements.extend(without_effect(source));
    SectionOut::new(SectionName::Questions, statements)
}

fn empty(section: &SectionOut) -> Option<Statement> {
    let wanted = match section.name {
        SectionName::Impact => "Who was affected, how much, and from when until when?",
        SectionName::Detection => "How was it noticed?",
        SectionName::Decisions => "What was decided, and on what grounds?",
        SectionName::Remedies => "What was done about it?",
        SectionName::Verification => "How was it checked that service is restored?",
        SectionName::Communications => "Who was told, where and when?",
        SectionName::WentWell => "What went well?",
        SectionName::WentBadly => "What went badly?",
        SectionName::Lucky => "Where did luck help?",
        SectionName::Checklist => "What are the answers to the checklist?",
        SectionName::FollowUps => "What will be done so that it does not happen again?",
        SectionName::Incident
        | SectionName::Summary
        | SectionName::Figures
        | SectionName::Timeline
        | SectionName::Causes
        | SectionName::Related
        | SectionName::Evidence
        | SectionName::Departures
        | SectionName::Questions
        | SectionName::Integrity => return None,
    };
    section.is_empty().then(|| Statement::absent(wanted))
}

fn cause(source: &Source<'_>) -> Option<Statement> {
    let causes = &source.story.incident.facts.causes;
    let is_known = causes
        .values()
        .any(|(_, it)| it.part == CausePart::Root && it.standing == CauseStanding::Confirmed);
    (!is_known).then(|| Statement::absent("What is the root cause? None is recorded as confirmed."))
}

fn commander(source: &Source<'_>) -> Option<Statement> {
    let nobody = source.story.incident.facts.first_commander.is_none();
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

/// Done is not effective: a remedy without an observed effect is a question.
fn without_effect(source: &Source<'_>) -> Vec<Statement> {
    let remedies = source.story.incident.facts.remedies.iter();
    let unseen = remedies.filter(|it| it.started.is_some() && it.effects.is_empty());
    let ask = |it: &crate::incident::facts::Remedy| {
        Statement::new(format!("What did {} do to the impact?", it.name), it.last.version)
    };
    unseen.map(ask).collect()
}
