//! Steps 3, 4 and 5: the rollback or what takes its place, the migrations, the flags.

use super::look::{Look, step_of, told_by, vain_effect};
use super::step::{Found, Wait};
use crate::incident::event::SchemaChecked;
use crate::incident::facts::Remedy;
use crate::incident::runbook::StepName;
use crate::incident::words::{Effect, RemedyKind, RemedyState, Response};

/// 3. The rollback, or another remedy in its place.
pub fn rollback(look: &Look<'_>) -> Found {
    let mut found = attempted(look, StepName::Rollback);
    if let Some(kind) = kind(look, StepName::Rollback).filter(|it| *it != RemedyKind::Rollback) {
        found.notes.push(format!("Here {kind} takes the place of the rollback."));
    }
    found
}

/// 4. The migrations: only when one is the cause, as far as anybody has looked.
pub fn migrations(look: &Look<'_>) -> Found {
    let checks = &look.facts().schema_checks;
    let mut found = attempted(look, StepName::Migrations);
    let is_tried = !found.events.is_empty();
    let word = checks.iter().rev().find_map(|(_, check): &(_, SchemaChecked)| check.is_cause);
    let is_ruled_out = word == Some(false) && !is_tried;
    if is_ruled_out {
        found.notes.push("The migration was looked at, and is not the cause.".into());
    }
    if !found.applies && !checks.is_empty() && !is_ruled_out {
        found.waits_for = waits(look, RemedyKind::MigrationDowngrade);
    }
    found.applies = (found.applies || !checks.is_empty()) && !is_ruled_out;
    found.events.extend(checks.iter().map(|(mark, _)| mark.version));
    found
}

/// 5. The flags: preferred as soon as a decision says that there is one.
pub fn flags(look: &Look<'_>) -> Found {
    let mut found = attempted(look, StepName::Flags);
    let is_flagged = look.decision().is_some_and(|it| {
        let is_measured = it.measured.as_ref().and_then(|it| it.flag) == Some(true);
        is_measured || it.chosen == Response::FlagOff || it.recommended.0 == Some(Response::FlagOff)
    });
    if is_flagged && !found.applies {
        found.waits_for = waits(look, RemedyKind::FlagOff);
    }
    if is_flagged && !found.is_done {
        found.notes.push(
            "The decision names a flag: switching it off is the least disruptive way, and preferred."
                .into(),
        );
    }
    found.applies |= is_flagged;
    found
}

/// What was found of the attempts of a step.
fn attempted(look: &Look<'_>, step: StepName) -> Found {
    let attempts: Vec<&Remedy> = look.attempts().filter(|it| step_of(it.kind) == step).collect();
    let runs = |it: &&&Remedy| it.state == RemedyState::Running;
    let running: Vec<Wait> = attempts.iter().filter(runs).map(|it| running(it)).collect();
    let kind = kind(look, step);
    Found {
        applies: kind.is_some(),
        is_done: attempts.iter().any(|it| it.state == RemedyState::Finished) && running.is_empty(),
        is_under_way: attempts.iter().filter(runs).any(|it| it.is_ours()),
        events: attempts.iter().flat_map(|it| told_by(it)).collect(),
        notes: attempts.iter().filter_map(|it| note(it)).collect(),
        waits_for: match kind {
            Some(kind) if running.is_empty() => waits(look, kind),
            Some(_) | None => running,
        },
    }
}

/// The kind of remedy that a step is about here.
fn kind(look: &Look<'_>, step: StepName) -> Option<RemedyKind> {
    look.expected().into_iter().find(|kind| step_of(*kind) == step)
}

fn waits(look: &Look<'_>, kind: RemedyKind) -> Vec<Wait> {
    let start = format!("Nothing stands against it: record remedy_started of the {kind}.");
    Wait::for_all(look.unmet_to_start(kind), start)
}

fn running(it: &Remedy) -> Wait {
    let detail = "still runs: record remedy_finished with what is observed, or that it failed.";
    Wait::to(format!("{} {detail}", it.name))
}

/// What became of an attempt that did not do what it was to do.
fn note(it: &Remedy) -> Option<String> {
    let name = &it.name;
    match (it.state, vain_effect(it)) {
        (_, Some(Effect::Harmful)) => Some(format!("{name} is finished, and made things worse.")),
        (_, Some(_)) => Some(format!("{name} is finished, and changed nothing.")),
        (RemedyState::Failed | RemedyState::Abandoned | RemedyState::Undone, None) => {
            let reason = it.reason.as_deref().unwrap_or("nobody said why");
            Some(format!("{name} is {}: {reason}", it.state))
        }
        (
            RemedyState::New | RemedyState::Planned | RemedyState::Running | RemedyState::Finished,
            None,
        ) => None,
    }
}
