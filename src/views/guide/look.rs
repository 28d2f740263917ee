//! A look at an incident under its runbook, at a moment: what the steps ask of it.

use crate::incident::event::{Announced, ComponentMove, Event, Intent, ResponseDecided};
use crate::incident::facts::{Facts, Mark, Remedy};
use crate::incident::field::List;
use crate::incident::id::Version;
use crate::incident::runbook::{Scenario, Service, StepName};
use crate::incident::text::Line;
use crate::incident::time::Moment;
use crate::incident::words::{Effect, Purpose, RemedyKind, RemedyState};
use crate::incident::{EventType, Incident, Runbook, Unmet};

/// An incident that was announced, its runbook, and the moment.
pub struct Look<'a> {
    pub incident: &'a Incident,
    pub runbook: &'a Runbook,
    pub announced: &'a Announced,
    /// The announcement, or the last reopening: what was done before it is done no more.
    pub base: Version,
    now: Moment,
}

/// The step that a remedy belongs to. What takes the place of the rollback is done in its step.
pub const fn step_of(kind: RemedyKind) -> StepName {
    match kind {
        RemedyKind::MigrationDowngrade | RemedyKind::BackupRestore => StepName::Migrations,
        RemedyKind::FlagOff => StepName::Flags,
        RemedyKind::Rollback
        | RemedyKind::ConfigRevert
        | RemedyKind::ConfigChange
        | RemedyKind::Scale
        | RemedyKind::Restart
        | RemedyKind::Hotfix
        | RemedyKind::Redeploy
        | RemedyKind::Other => StepName::Rollback,
    }
}

impl<'a> Look<'a> {
    pub fn new(incident: &'a Incident, runbook: &'a Runbook, now: Moment) -> Option<Look<'a>> {
        let (mark, announced) = incident.facts.announced.as_ref()?;
        let base = incident.facts.last_reopening.unwrap_or(*mark).version;
        Some(Look { incident, runbook, announced, base, now })
    }

    pub fn facts(&self) -> &'a Facts {
        &self.incident.facts
    }

    /// What the catalogue knows of the service.
    pub fn service(&self) -> Option<&'a Service> {
        self.runbook.services.of(&self.announced.service)
    }

    /// The scenario that was named.
    pub fn scenario(&self) -> Option<&'a Scenario> {
        self.facts().scenario.as_ref().and_then(|name| self.runbook.scenario(name))
    }

    /// The last decision since the base.
    pub fn decision(&self) -> Option<&'a ResponseDecided> {
        let last = self.facts().decisions.last().filter(|(mark, _)| mark.version > self.base);
        last.map(|(_, it)| it)
    }

    /// The attempts to restore service that count now: made since the base, or still open.
    pub fn attempts(&self) -> impl Iterator<Item = &'a Remedy> {
        let base = self.base;
        let counts = move |it: &&Remedy| {
            let is_open = matches!(it.state, RemedyState::Planned | RemedyState::Running);
            it.purpose() != Purpose::Diagnosis && (is_open || it.last.version > base)
        };
        self.facts().remedies.iter().filter(counts)
    }

    /// The kinds of remedy that are to be expected: what was chosen, else what the scenario says,
    /// else what the rule of thumb says; and all that was tried.
    pub fn expected(&self) -> Vec<RemedyKind> {
        let decision = self.decision().filter(|_| self.facts().decided);
        let chosen = decision.and_then(|it| it.chosen.remedy());
        let scenario = self.scenario().map(|it| it.remedies.to_vec()).unwrap_or_default();
        let mut kinds: Vec<RemedyKind> = match chosen {
            Some(chosen) if scenario.contains(&chosen) => [vec![chosen], scenario].concat(),
            Some(chosen) => vec![chosen],
            None if scenario.is_empty() => {
                self.runbook.recommend(&[], None).response.remedy().into_iter().collect()
            }
            None => scenario,
        };
        kinds.extend(self.attempts().map(|it| it.kind));
        kinds
    }

    /// What stands against starting a remedy of that kind: the planned one, else one that says no
    /// more than what is known.
    pub fn unmet_to_start(&self, kind: RemedyKind) -> Vec<Unmet> {
        let is_planned = |it: &&Remedy| it.kind == kind && it.state == RemedyState::Planned;
        let intent = match self.attempts().find(is_planned) {
            Some(planned) => {
                Intent { kind: None, remedy: Some(planned.name.clone()), ..Intent::of(kind) }
            }
            None => self.intent(kind),
        };
        self.incident.unmet_to_start(intent, self.now, self.runbook)
    }

    /// What stands against an event of that type.
    pub fn unmet(&self, kind: EventType) -> Vec<Unmet> {
        self.incident.unmet(kind, self.now, self.runbook)
    }

    /// Whether what was done since the base did not help: the last effect that was seen says so,
    /// or the checks failed after it, and nothing else was begun.
    pub fn is_in_vain(&self) -> bool {
        let failed = self.events(|event| matches!(event, Event::VerificationFailed(_)));
        let failed = failed.last().copied().filter(|it| *it > self.base);
        match self.attempts().max_by_key(|it| it.last.version) {
            Some(last) if last.state == RemedyState::Finished => {
                vain_effect(last).is_some() || failed > Some(last.last.version)
            }
            Some(_) => false,
            None => failed.is_some(),
        }
    }

    /// The events that are of some kind, but for those that were withdrawn.
    pub fn events(&self, is_it: impl Fn(&Event) -> bool) -> Vec<Version> {
        let history = self.incident.history().iter();
        let named = history.filter(|it| it.event.as_ref().is_some_and(&is_it));
        let stands = named.filter(|it| self.incident.said(it).is_some());
        stands.map(|it| it.version).collect()
    }

    fn intent(&self, kind: RemedyKind) -> Intent {
        let mut intent = Intent::of(kind);
        match kind {
            RemedyKind::Rollback => intent.components = List(self.components()),
            RemedyKind::MigrationDowngrade => {
                let last = self.facts().schema_checks.last();
                intent.from = last.map(|(_, check)| check.migration.clone());
            }
            RemedyKind::BackupRestore
            | RemedyKind::FlagOff
            | RemedyKind::ConfigRevert
            | RemedyKind::ConfigChange
            | RemedyKind::Scale
            | RemedyKind::Restart
            | RemedyKind::Hotfix
            | RemedyKind::Redeploy
            | RemedyKind::Other => {}
        }
        intent
    }

    /// What a rollback would move: the components with a stable version, else the service.
    fn components(&self) -> Vec<ComponentMove> {
        let stable: Vec<&Line> = self.facts().stable.keys().collect();
        let names = if stable.is_empty() { vec![&self.announced.service] } else { stable };
        let bare = |name: &Line| ComponentMove { name: name.clone(), from: None, to: None };
        names.into_iter().map(bare).collect()
    }
}

/// That the last effect which was seen of a finished attempt was none, or a harmful one.
pub fn vain_effect(it: &Remedy) -> Option<Effect> {
    let effect = it.effect().map(|(_, seen)| seen.effect)?;
    let is_vain = matches!(effect, Effect::None | Effect::Harmful);
    (it.state == RemedyState::Finished && is_vain).then_some(effect)
}

/// The events that tell of an attempt.
pub fn told_by(it: &Remedy) -> impl Iterator<Item = Version> {
    let effects = it.effects.iter().map(|(mark, _)| *mark);
    let marks = [it.planned, it.started, it.finished, Some(it.last)].into_iter().flatten();
    marks.chain(effects).map(|mark: Mark| mark.version)
}
