//! The attempts to restore service, and what others changed.

use super::impact::lost;
use super::phrase::{Phrase, joined, moves, observed, spaced};
use crate::incident::event::{
    ChangeObserved, CommandRecorded, EffectObserved, Intent, RemedyFinished,
};
use crate::incident::text::{Name, Text};
use crate::incident::time::spoken;
use crate::incident::words::{Effect, Purpose};
use crate::views::when::utc;

pub fn planned(it: &Intent) -> String {
    format!("{}.", named("Remedy", it, "planned"))
}

pub fn started(it: &Intent) -> String {
    format!("{}.", named("Remedy", it, "started"))
}

fn named(before: &str, it: &Intent, what: &str) -> String {
    let name = it.remedy.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let told = intent(it);
    if told.is_empty() {
        format!("{before}{name} {what}")
    } else {
        format!("{before}{name} {what}: {told}")
    }
}

/// What a remedy is to do, in parts after semicolons; empty when a start changes nothing of a plan.
pub fn intent(it: &Intent) -> String {
    [
        it.kind.map(spaced),
        it.what.as_ref().map(Text::to_string),
        (!it.components.is_empty()).then(|| moves(&it.components)),
        it.from.as_ref().map(|from| format!("from {from}")),
        it.to.as_ref().map(|to| format!("to {to}")),
        it.backup.as_ref().map(|backup| format!("backup {backup}")),
        it.taken_at.map(|at| format!("taken {}", utc(at.0))),
        it.lost.as_ref().map(lost),
        (!it.flags.is_empty()).then(|| format!("flags {}", joined(&it.flags))),
        it.purpose.map(purpose),
        it.owner.as_ref().map(|owner| format!("done by {owner}")),
        (!it.scope.is_empty()).then(|| format!("in {}", joined(&it.scope))),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("; ")
}

fn purpose(purpose: Purpose) -> String {
    match purpose {
        Purpose::Remedy => "to restore service".into(),
        Purpose::Diagnosis => "to find something out".into(),
        Purpose::Precaution => "as a precaution".into(),
    }
}

pub fn finished(it: &RemedyFinished) -> String {
    let seen = (!it.observed.is_empty()).then(|| observed(&it.observed));
    Phrase::new(format!("Remedy {} finished", it.remedy)).part("observed: ", seen).end()
}

pub fn ended(remedy: &Name, what: &str, reason: &Text) -> String {
    Phrase::new(format!("Remedy {remedy} {what}: {reason}")).end()
}

pub fn effect_observed(it: &EffectObserved) -> String {
    let did = match it.effect {
        Effect::Effective => "ended the impact",
        Effect::Partial => "lessened the impact",
        Effect::None => "changed nothing",
        Effect::Harmful => "made things worse",
    };
    Phrase::new(format!("Remedy {} {did}", it.remedy))
        .part("by ", it.percent)
        .part("in ", it.scope.as_ref())
        .part("", it.note.as_ref())
        .end()
}

pub fn command_recorded(it: &CommandRecorded) -> String {
    let output = Some(it.output.as_str()).filter(|output| !output.is_empty());
    Phrase::new(format!("Command run: {}", it.command))
        .part("part of remedy ", it.remedy.as_ref())
        .part("step ", it.step.as_ref())
        .part("on ", it.host.as_ref())
        .part("started ", Some(format!("{} UTC", it.started_at.utc())))
        .part("took ", Some(spoken(it.duration_ms.saturating_mul(1_000))))
        .part("exit code ", Some(it.exit_code))
        .part("output ends: ", output)
        .part("output SHA-256 ", Some(&it.output_sha256))
        .end()
}

pub fn change_observed(it: &ChangeObserved) -> String {
    let components = (!it.components.is_empty()).then(|| moves(&it.components));
    Phrase::new(format!("Change seen: {}", it.what))
        .part("", components)
        .part("see ", it.r#ref.as_ref())
        .end()
}
