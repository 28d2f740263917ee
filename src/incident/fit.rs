//! Whether what an event says fits the incident as it is, its runbook, and the clock.

use super::event::{Event, ImpactSince};
use super::field::{Fault, Faults, Pointer};
use super::incident::Incident;
use super::runbook::Runbook;
use super::text::Name;
use super::time::{AHEAD_MAX, Claimed, ImpactEnd, Moment, Precision, When};
use super::words::RemedyState;

impl Incident {
    /// What an event says that does not fit this incident or its runbook.
    pub(super) fn check(
        &self,
        event: &Event,
        now: Moment,
        runbook: &Runbook,
        at: &Pointer<'_>,
        faults: &mut Faults,
    ) {
        for (name, claimed) in told_times(event) {
            not_ahead(claimed, now, format!("{at}{name}"), faults);
        }
        match event {
            Event::Announced(it) => {
                known_scenario(it.scenario.as_ref(), runbook, at, faults);
                known_severity(it.severity.as_ref(), runbook, at, faults);
            }
            Event::SeverityChanged(it) => {
                let to = runbook.severities.contains(&it.to.as_str());
                expect_word(to, "to", runbook.severities, at, faults);
            }
            Event::ResponseDecided(it) => {
                known_scenario(it.scenario.as_ref(), runbook, at, faults);
                let situations: Vec<&str> =
                    runbook.decisions.iter().map(|(name, _)| *name).collect();
                let all = it.situations.iter().all(|name| situations.contains(&name.as_str()));
                expect_word(all, "situations", &situations, at, faults);
            }
            Event::RemedyStarted(it) if it.0.kind.is_none() => {
                let planned = it.0.remedy.as_ref().and_then(|name| self.facts.remedy(name));
                if let Some(remedy) = planned {
                    remedy.intent.changed_by(&it.0).check(remedy.kind, at, faults);
                }
            }
            Event::RemedyStarted(it) => {
                let named = it.0.remedy.as_ref().and_then(|name| self.facts.remedy(name));
                if named.is_some_and(|remedy| remedy.state == RemedyState::Planned) {
                    let detail = "is settled by the plan of that remedy: leave it out to start it";
                    faults.add(Fault::new(&Pointer::Key(at, "kind"), detail));
                }
            }
            Event::FollowUpChanged(it) if !self.has_follow_up(&it.follow_up) => {
                faults.add(Fault::new(
                    &Pointer::Key(at, "follow_up"),
                    "is no follow-up of this incident",
                ));
            }
            _ => {}
        }
    }

    fn has_follow_up(&self, name: &Name) -> bool {
        self.facts.follow_ups.iter().any(|(_, it)| it.follow_up.as_ref() == Some(name))
    }
}

/// Refuses a claim that lies too far ahead of `now`, our own clock.
pub(super) fn not_ahead(claimed: Claimed, now: Moment, pointer: String, faults: &mut Faults) {
    if claimed.is_ahead_of(now) {
        let minutes = AHEAD_MAX.num_minutes();
        let detail = format!("is more than {minutes} minutes ahead of this server's clock ({now})");
        faults.add(Fault { pointer, detail });
    }
}

/// The times inside an event's data that tell of what has happened, with where they stand.
fn told_times(event: &Event) -> Vec<(&'static str, Claimed)> {
    let since = |impact: &Option<ImpactSince>| {
        impact.as_ref().and_then(|it| it.since).map(|it| ("/impact/since", it.0))
    };
    let ended = |ended: Option<ImpactEnd>| match ended {
        Some(ImpactEnd::At(when)) => Some(("/impact_ended", when.0)),
        Some(ImpactEnd::WithThis) | None => None,
    };
    let when = |name, when: Option<When>| when.map(|when| (name, when.0));
    let times = match event {
        Event::Announced(it) => [since(&it.impact), None],
        Event::Detected(it) => [since(&it.impact), None],
        Event::Reopened(it) => [since(&it.impact), None],
        Event::CheckRecorded(it) => [when("/from", it.0.from), when("/to", it.0.to)],
        Event::ChecksPassed(it) => [ended(it.impact_ended), None],
        Event::Resolved(it) => [ended(it.impact_ended), None],
        Event::CommandRecorded(it) => {
            [Some(("/started_at", Claimed::At(it.started_at, Precision::Second))), None]
        }
        Event::Corrected(it) => [when("/occurred", it.occurred), None],
        _ => [None, None],
    };
    times.into_iter().flatten().collect()
}

fn known_scenario(
    scenario: Option<&Name>,
    runbook: &Runbook,
    at: &Pointer<'_>,
    faults: &mut Faults,
) {
    let known: Vec<&str> = runbook.scenarios.iter().map(|(name, _)| *name).collect();
    let is_known = scenario.is_none_or(|name| known.contains(&name.as_str()));
    expect_word(is_known, "scenario", &known, at, faults);
}

fn known_severity(
    severity: Option<&Name>,
    runbook: &Runbook,
    at: &Pointer<'_>,
    faults: &mut Faults,
) {
    let is_known = severity.is_none_or(|word| runbook.severities.contains(&word.as_str()));
    expect_word(is_known, "severity", runbook.severities, at, faults);
}

fn expect_word(
    is_known: bool,
    member: &str,
    known: &[&str],
    at: &Pointer<'_>,
    faults: &mut Faults,
) {
    if !is_known {
        let detail = format!("is not in the runbook, which knows {}", known.join(", "));
        faults.add(Fault::new(&Pointer::Key(at, member), detail));
    }
}
