//! Whether what an event says fits the incident as it is, its runbook, and the clock.

use super::event::{ChecklistMarked, Event, ImpactSince};
use super::field::{Fault, Faults, Pointer};
use super::id::IncidentRef;
use super::incident::Incident;
use super::runbook::{ChecklistItem, Runbook};
use super::text::Name;
use super::time::{AHEAD_MAX, Claimed, ImpactEnd, Moment, Precision, When};
use super::words::{ItemOutcome, RemedyState};

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
        let scenarios = runbook.scenarios.iter().map(|scenario| &scenario.name);
        let severities = runbook.severities.iter();
        match event {
            Event::Announced(it) => {
                known(&it.scenario, scenarios, "scenario", at, faults);
                known(&it.severity, severities, "severity", at, faults);
            }
            Event::SeverityChanged(it) => known([&it.to], severities, "to", at, faults),
            Event::ResponseDecided(it) => {
                known(&it.scenario, scenarios, "scenario", at, faults);
                let situations = runbook.decisions.iter().map(|row| &row.situation);
                known(&**it.situations, situations, "situations", at, faults);
            }
            Event::Cancelled(it) => self.not_itself(it.of, "of", at, faults),
            Event::Linked(it) => self.not_itself(it.incident, "incident", at, faults),
            Event::ChecklistMarked(it) => {
                let items = runbook.checklist.iter().map(|item| &item.item);
                known([&it.item], items, "item", at, faults);
                answered(it, runbook, at, faults);
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

    /// What an event takes back must stand here. It is asked of the event alone, and not of a
    /// correction of it: by then it has been taken back.
    pub(super) fn check_taken_back(&self, event: &Event, at: &Pointer<'_>, faults: &mut Faults) {
        let (member, lacks) = match event {
            Event::Unlinked(it) if !self.facts.links.iter().any(|(_, link)| *link == it.0) => {
                let member = if it.incident.is_some() { "incident" } else { "url" };
                (member, "is not linked here by that relation")
            }
            Event::AlertDetached(it) if !self.facts.has_alert(it) => {
                ("fingerprint", "is no alert of that source that is attached here")
            }
            _ => return,
        };
        faults.add(Fault::new(&Pointer::Key(at, member), lacks));
    }

    /// An incident has to do with others, never with itself.
    fn not_itself(
        &self,
        named: Option<IncidentRef>,
        member: &str,
        at: &Pointer<'_>,
        faults: &mut Faults,
    ) {
        if named == Some(IncidentRef::Id(self.id)) {
            faults.add(Fault::new(&Pointer::Key(at, member), "is this incident itself"));
        }
    }

    fn has_follow_up(&self, name: &Name) -> bool {
        self.facts.follow_ups.iter().any(|(_, it)| it.follow_up.as_ref() == Some(name))
    }
}

/// A question is done by its answer, and what does not apply says why: in its answer or evidence.
fn answered(it: &ChecklistMarked, runbook: &Runbook, at: &Pointer<'_>, faults: &mut Faults) {
    let item = runbook.checklist.iter().find(|item| item.item == it.item);
    let is_question = item.is_some_and(ChecklistItem::is_question);
    let lacks = match it.outcome {
        ItemOutcome::Done if is_question && it.answer.is_none() => {
            "is missing: this item is a question, and an answer is needed to be done with it"
        }
        ItemOutcome::NotApplicable if it.answer.is_none() && it.evidence.is_none() => {
            "is missing: say why the item does not apply"
        }
        ItemOutcome::Done | ItemOutcome::NotApplicable | ItemOutcome::Open => return,
    };
    faults.add(Fault::new(&Pointer::Key(at, "answer"), lacks));
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

/// Every name that an event gives must be one of those that the runbook knows.
fn known<'a>(
    given: impl IntoIterator<Item = &'a Name>,
    known: impl Iterator<Item = &'a Name> + Clone,
    member: &str,
    at: &Pointer<'_>,
    faults: &mut Faults,
) {
    let is_known = |name: &Name| known.clone().any(|it| it == name);
    if !given.into_iter().all(is_known) {
        let words: Vec<&str> = known.map(Name::as_str).collect();
        let detail = format!("is not in the runbook, which knows {}", words.join(", "));
        faults.add(Fault::new(&Pointer::Key(at, member), detail));
    }
}
