//! The guards: rules of the runbook that hold a move back until something is true (design 2.1, 2.2).
//!
//! A guard about a duration takes the longest that the claimed windows allow and is not met when a
//! time is unknown; a guard about an order refuses only when no instant of the windows fits.

use super::code::Code;
use super::event::{Event, Intent, Observed, SchemaChecked};
use super::facts::{Facts, Reading, Remedy, Window};
use super::refusal::Unmet;
use super::runbook::Runbook;
use super::sight::Sight;
use super::text::{Line, Name};
use super::time::{Claimed, Moment, spoken};
use super::words::{Purpose, RemedyKind, RemedyState};

/// A move that is asked about: what is known, and what the event says.
pub struct Question<'a> {
    /// What is known of the incident.
    pub facts: &'a Facts,
    /// The runbook that it pins.
    pub runbook: &'a Runbook,
    /// The event; none when only what is known counts, as for [`super::Incident::next`].
    pub event: Option<&'a Event>,
    /// When it is claimed to have happened.
    pub happened: Claimed,
    /// What the remedy in question is to do, with all that its start changes of the plan.
    pub intent: Option<&'a Intent>,
}

impl Question<'_> {
    /// What is not met of one guard, in words; none when it is met.
    pub fn unmet(&self, code: Code) -> Option<Unmet> {
        self.detail(code).map(|detail| Unmet::new(code, detail))
    }

    fn detail(&self, code: Code) -> Option<String> {
        match code {
            Code::AlreadyAnnounced => {
                Some("It is announced already: an incident is announced once.".into())
            }
            Code::RemedyRunning => self.remedy_running(),
            Code::RationaleMissing => self.rationale_missing(),
            Code::Undecided => (!self.facts.decided).then(|| {
                "Nobody has decided to act since it was opened: record response_decided first."
                    .into()
            }),
            Code::NothingRemedied => self.nothing_remedied(),
            Code::ChecksMissing => self.checks_missing(),
            Code::Unverified => Some(
                "The checks have not passed: record checks_passed and let the watch run.".into(),
            ),
            Code::WatchTooShort => self.watch_too_short(),
            Code::SignalMissing => self.signal_missing(),
            Code::SignalBad => self.signal_bad(),
            Code::EndsBeforeStart => self.ends_before_start(),
            Code::RemedyStarted => self.remedy_started(),
            Code::TargetUnknown => self.target_unknown(),
            Code::TargetIsCurrent => self.target_is_current(),
            Code::SchemaUnchecked => self.schema_unchecked(),
            Code::CauseUnconfirmed => self.cause_unconfirmed(),
            Code::Destructive => self.destructive(),
            Code::CodeFirst => self.code_first(),
            Code::TargetNotObserved => self.target_not_observed(),
            Code::RoleHeld
            | Code::NotInThisState
            | Code::RemedyOrder
            | Code::RemedyUnknown
            | Code::NameTaken => None,
        }
    }

    fn remedy_running(&self) -> Option<String> {
        let runs = |remedy: &&Remedy| remedy.is_ours() && remedy.state == RemedyState::Running;
        let running = names(self.facts.remedies.iter().filter(runs).map(|remedy| &remedy.name));
        (!running.is_empty())
            .then(|| format!("{running} still runs: finish, fail or abandon it first."))
    }

    fn rationale_missing(&self) -> Option<String> {
        let Some(Event::ResponseDecided(it)) = self.event else { return None };
        let recommended = it.recommended.0?;
        let scenario = it.scenario.as_ref().or(self.facts.scenario.as_ref());
        let fits = self.runbook.agrees(recommended, it.chosen, scenario);
        (!fits && it.rationale.is_none()).then(|| {
            format!(
                "The runbook recommends {recommended}: say in rationale why {} is chosen.",
                it.chosen
            )
        })
    }

    fn nothing_remedied(&self) -> Option<String> {
        let given = match self.event {
            Some(Event::VerificationStarted(it)) => it.without_remedy_because.is_some(),
            Some(Event::ChecksPassed(it)) => it.without_remedy_because.is_some(),
            _ => false,
        };
        let reopened = self.facts.last_reopening.map(|mark| mark.version);
        let stands = |remedy: &Remedy| {
            remedy.state == RemedyState::Finished
                && remedy.purpose() != Purpose::Diagnosis
                && remedy.finished.map(|mark| mark.version) > reopened
        };
        let met = given || self.facts.without_remedy || self.facts.remedies.iter().any(stands);
        (!met).then(|| {
            "No remedy stands finished: finish one, or say without_remedy_because why it is well."
                .into()
        })
    }

    fn checks_missing(&self) -> Option<String> {
        let is_unseen = |check: &&Name| !self.last_reading(check).is_some_and(|it| it.good);
        let missing = names(self.runbook.checks().iter().filter(is_unseen));
        (!missing.is_empty()).then(|| {
            format!("Not passed since the last change: {missing}. Record check_recorded for each.")
        })
    }

    fn last_reading(&self, check: &Name) -> Option<&Reading> {
        self.facts.readings.get(check)?.last()
    }

    fn watch_too_short(&self) -> Option<String> {
        let needed = self.runbook.watch().num_microseconds().unwrap_or(i64::MAX);
        let Some(began) = self.facts.watch_began() else {
            return Some(format!(
                "The watch has not begun: it begins with checks_passed and takes {}.",
                spoken(needed)
            ));
        };
        let (Some(from), Some(to)) = (began.earliest(), self.happened.latest()) else {
            return Some(format!(
                "How long the watch has run is unknown; it needs {}: say when it began and ended.",
                spoken(needed)
            ));
        };
        let ran = to.0.saturating_sub(from.0);
        (ran < needed).then(|| {
            format!(
                "The watch has run {}, it needs {}: wait, or override as the commander with a reason.",
                spoken(ran),
                spoken(needed)
            )
        })
    }

    /// The last reading of a signal that is not certainly from before the end of the watch.
    fn final_reading(&self, signal: &Name) -> Option<&Reading> {
        let watch = self.runbook.watch().num_microseconds()?;
        let began = self.facts.watch_began()?.earliest();
        let end = began.map(|began| Moment(began.0.saturating_add(watch)));
        let counts = |reading: &&Reading| match (reading.read.latest(), end) {
            (Some(read), Some(end)) => read >= end,
            (None, _) | (_, None) => true,
        };
        self.facts.readings.get(signal)?.iter().rfind(counts)
    }

    /// The signals that are watched of the incident's service.
    fn signals(&self) -> impl Iterator<Item = &Name> {
        let service = self.facts.announced.as_ref().map(|(_, it)| &it.service);
        self.runbook.signals(service)
    }

    fn signal_missing(&self) -> Option<String> {
        let missing = names(self.signals().filter(|signal| self.final_reading(signal).is_none()));
        (!missing.is_empty()).then(|| {
            format!(
                "Not read at the end of the watch: {missing}. Record check_recorded for each, ok or not_applicable."
            )
        })
    }

    fn signal_bad(&self) -> Option<String> {
        let is_bad = |signal: &&Name| self.final_reading(signal).is_some_and(|read| !read.good);
        let bad = names(self.signals().filter(is_bad));
        (!bad.is_empty())
            .then(|| format!("Bad at the end of the watch: {bad}. Mend it, or watch on."))
    }

    fn ends_before_start(&self) -> Option<String> {
        let (_, event) = self.facts.impact_began()?;
        let precedes = |window: &Window| self.happened.is_certainly_before(window.from);
        self.facts.impact.iter().all(precedes).then(|| {
            format!(
                "It would be resolved before its impact began (event {event}): check both times."
            )
        })
    }

    fn remedy_started(&self) -> Option<String> {
        let ran = |remedy: &&Remedy| remedy.is_ours() && remedy.started.is_some();
        let started = names(self.facts.remedies.iter().filter(ran).map(|remedy| &remedy.name));
        (!started.is_empty())
            .then(|| format!("{started} was started, so something was done: resolve it instead."))
    }

    /// Where a component goes: what is named, else, in a rollback, its identified stable version.
    fn target<'b>(&'b self, name: &Line, named: Option<&'b Line>) -> Option<&'b Line> {
        let is_rollback = self.intent.is_some_and(|it| it.kind == Some(RemedyKind::Rollback));
        named.or_else(|| self.facts.stable.get(name).filter(|_| is_rollback))
    }

    fn target_unknown(&self) -> Option<String> {
        let lacks =
            |it: &&super::event::ComponentMove| self.target(&it.name, it.to.as_ref()).is_none();
        let unknown: Vec<&str> =
            self.intent?.components.iter().filter(lacks).map(|it| it.name.as_str()).collect();
        (!unknown.is_empty()).then(|| {
            format!(
                "No version to go back to for {}: name it in to, or record stable_version_identified.",
                unknown.join(", ")
            )
        })
    }

    fn target_is_current(&self) -> Option<String> {
        let is_there = |it: &&super::event::ComponentMove| {
            let target = self.target(&it.name, it.to.as_ref());
            target.is_some() && target == self.facts.running.get(&it.name)
        };
        let there: Vec<&str> =
            self.intent?.components.iter().filter(is_there).map(|it| it.name.as_str()).collect();
        (!there.is_empty()).then(|| {
            format!("{} runs in that version already: check what runs now.", there.join(", "))
        })
    }

    /// Whether a migration plays a part: then code and schema have to be looked at together.
    fn has_migration(&self) -> bool {
        let downgrade = RemedyKind::MigrationDowngrade;
        let planned = |remedy: &Remedy| remedy.kind == downgrade;
        self.runbook.has_remedy(self.facts.scenario.as_ref(), downgrade)
            || !self.facts.schema_checks.is_empty()
            || self.facts.remedies.iter().any(planned)
    }

    fn schema_unchecked(&self) -> Option<String> {
        let intent = self.intent?;
        if intent.kind == Some(RemedyKind::MigrationDowngrade) {
            let seen = self.check_of(intent).and_then(|check| check.on_target) == Some(true);
            return (!seen).then(|| {
                "Nobody has seen that the old code runs on the schema after the downgrade: record schema_checked with on_target.".into()
            });
        }
        let speaks = |(_, check): &&(super::facts::Mark, SchemaChecked)| check.on_current.is_some();
        let last = self.facts.schema_checks.iter().rfind(speaks);
        let seen = last.and_then(|(_, check)| check.on_current) == Some(true);
        (self.has_migration() && !seen).then(|| {
            "A migration is on record, and nobody has seen that the old code runs on the current schema: record schema_checked with on_current.".into()
        })
    }

    /// The last look at the migration that a downgrade reverts.
    fn check_of(&self, intent: &Intent) -> Option<&SchemaChecked> {
        let migration = intent.from.as_ref()?;
        let checks = &self.facts.schema_checks;
        checks.iter().rfind(|(_, check)| check.migration == *migration).map(|(_, check)| check)
    }

    fn cause_unconfirmed(&self) -> Option<String> {
        let confirmed = self.check_of(self.intent?).and_then(|check| check.is_cause) == Some(true);
        (!confirmed).then(|| {
            "Nobody has seen that this migration is the cause: record schema_checked with is_cause.".into()
        })
    }

    /// What was seen to be destroyed stays so until somebody says otherwise.
    fn destructive(&self) -> Option<String> {
        let migration = self.intent?.from.as_ref()?;
        let checks = self.facts.schema_checks.iter().rev().map(|(_, check)| check);
        let mut words =
            checks.filter(|it| it.migration == *migration).filter_map(|it| it.destructive);
        (words.next() == Some(true)).then(|| {
            "The migration destroyed data, a downgrade does not bring them back: restore a backup."
                .into()
        })
    }

    fn code_first(&self) -> Option<String> {
        let counts = |remedy: &&Remedy| {
            let dropped = remedy.state == RemedyState::Abandoned && remedy.started.is_none();
            remedy.kind == RemedyKind::Rollback && remedy.is_ours() && !dropped
        };
        let last = self.facts.remedies.iter().rfind(counts)?;
        (last.state != RemedyState::Finished).then(|| {
            format!("The code goes back before the schema: {} is {}.", last.name, last.state)
        })
    }

    fn target_not_observed(&self) -> Option<String> {
        let Some(Event::RemedyFinished(finished)) = self.event else { return None };
        let unseen = self.unseen(&finished.observed);
        (!unseen.is_empty()).then(|| {
            format!("Not observed: {}. Look, and say in observed what is there.", unseen.join(", "))
        })
    }

    /// The aims of the remedy that nobody saw reached, or that somebody saw missed.
    fn unseen(&self, observed: &[Observed]) -> Vec<String> {
        let Some(intent) = self.intent else { return Vec::new() };
        let seen = Sight { observed, scope: &intent.scope };
        match intent.kind {
            Some(RemedyKind::Rollback | RemedyKind::Hotfix | RemedyKind::Redeploy) => {
                let components = intent.components.iter();
                let aims = components.map(|it| (&it.name, self.target(&it.name, it.to.as_ref())));
                aims.filter(|(name, to)| !seen.component(name, *to))
                    .map(|(name, to)| match to {
                        Some(to) => format!("{name} in {to}"),
                        None => format!("what {name} runs in"),
                    })
                    .collect()
            }
            Some(RemedyKind::MigrationDowngrade) => {
                let missed = intent.to.iter().filter(|to| !seen.revision(to));
                missed.map(|to| format!("revision {to}")).collect()
            }
            Some(RemedyKind::FlagOff) => {
                let missed = intent.flags.iter().filter(|flag| !seen.flag_off(flag));
                missed.map(|flag| format!("{flag} off")).collect()
            }
            Some(
                RemedyKind::BackupRestore
                | RemedyKind::ConfigRevert
                | RemedyKind::ConfigChange
                | RemedyKind::Scale
                | RemedyKind::Restart
                | RemedyKind::Other,
            )
            | None => Vec::new(),
        }
    }
}

fn names<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    names.map(Name::as_str).collect::<Vec<_>>().join(", ")
}
