//! What is known of an incident: the facts that guards ask for and views tell, folded from its
//! events one by one. A fact carries the event that it comes from.

pub use super::impact::{Level, Window};
pub use super::mark::Mark;
pub use super::remedy::Remedy;

use super::event::*;
use super::promise::Promises;
use super::text::{Line, Name, Person};
use super::time::Claimed;
use super::words::{RemedyState, Role};
use std::collections::BTreeMap;

/// Who holds a role.
#[derive(Debug, Clone, PartialEq)]
pub struct Holder {
    /// The person.
    pub person: Person,
    /// Since when.
    pub since: Mark,
}

/// A check or a reading since the last change.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The event.
    pub mark: Mark,
    /// When it was looked at: the end of its span, else when it happened.
    pub read: Claimed,
    /// Whether it satisfies its guard.
    pub good: bool,
}

/// What is known, as corrected.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The announcement, and where it stands.
    pub announced: Option<(Mark, Announced)>,
    /// How serious it is taken to be.
    pub severity: Option<Name>,
    /// The scenario named last.
    pub scenario: Option<Name>,
    /// Who holds which role now.
    pub roles: BTreeMap<Role, Vec<Holder>>,
    /// The first commander that was assigned.
    pub first_commander: Option<Mark>,
    /// Each time somebody or something noticed.
    pub detections: Vec<(Mark, Detected)>,
    /// Every decision.
    pub decisions: Vec<(Mark, ResponseDecided)>,
    /// Whether a decision to act stands since the last reopening.
    pub decided: bool,
    /// The identified stable version of each component.
    pub stable: BTreeMap<Line, Line>,
    /// The running version of each component, as last seen.
    pub running: BTreeMap<Line, Line>,
    /// Every look at code and schema.
    pub schema_checks: Vec<(Mark, SchemaChecked)>,
    /// Every attempt, in the order in which they were first named.
    pub remedies: Vec<Remedy>,
    /// The last change that checks must come after.
    pub last_change: Option<Mark>,
    /// The last reopening.
    pub last_reopening: Option<Mark>,
    /// Why there is something to verify though nothing was remedied, since the last reopening.
    pub without_remedy: bool,
    /// Checks and readings since the last change, by name.
    pub readings: BTreeMap<Name, Vec<Reading>>,
    /// Each time the checks passed.
    pub passes: Vec<Mark>,
    /// The pass whose watch runs: none when something changed since.
    pub watch: Option<Mark>,
    /// The spans of impact, in the order in which they were opened.
    pub impact: Vec<Window>,
    /// Each resolution.
    pub resolutions: Vec<Mark>,
    /// The cancellation that stands.
    pub cancelled: Option<(Mark, Cancelled)>,
    /// The last word on each cause.
    pub causes: BTreeMap<Name, (Mark, CauseRecorded)>,
    /// The follow-ups as they stand, in the order in which they were added.
    pub follow_ups: Vec<(Mark, FollowUpAdded)>,
    /// The items of the checklist as last marked.
    pub checklist: BTreeMap<Name, (Mark, ChecklistMarked)>,
    /// The alerts that belong to it, by source and fingerprint.
    pub alerts: BTreeMap<(Line, Line), (Mark, Alert)>,
    /// The links that stand.
    pub links: Vec<(Mark, Link)>,
    /// What bears on promised communications.
    pub promises: Promises,
}

impl Facts {
    /// Takes one event in, as corrected; what stands after it is what was known then.
    pub fn take(&mut self, mark: Mark, event: &Event) {
        self.promises.take(mark, event);
        match event {
            Event::Announced(it) => self.take_announced(mark, it),
            Event::Detected(it) => {
                self.detections.push((mark, it.clone()));
                self.open_impact(mark, it.impact.as_ref());
            }
            Event::ImpactChanged(it) => self.take_impact(mark, it),
            Event::SeverityChanged(it) => self.severity = Some(it.to.clone()),
            Event::RoleAssigned(it) => self.take_role(mark, it),
            Event::RoleReleased(it) => self.release(it.role, &it.from),
            Event::ResponseDecided(it) => self.take_decision(mark, it),
            Event::StableVersionIdentified(it) => {
                let versions = it.components.iter().map(|it| (it.name.clone(), it.version.clone()));
                self.stable.extend(versions);
            }
            Event::SchemaChecked(it) => self.schema_checks.push((mark, it.clone())),
            Event::RemedyPlanned(it) => self.plan(mark, &it.0),
            Event::RemedyStarted(it) => self.start(mark, &it.0),
            Event::RemedyFinished(it) => self.finish(mark, it),
            Event::RemedyFailed(it) => {
                self.end(mark, &it.remedy, RemedyState::Failed, it.reason.as_str());
            }
            Event::RemedyAbandoned(it) => {
                self.end(mark, &it.remedy, RemedyState::Abandoned, it.reason.as_str());
            }
            Event::RemedyUndone(it) => {
                self.end(mark, &it.remedy, RemedyState::Undone, it.reason.as_str());
            }
            Event::EffectObserved(it) => {
                if let Some(remedy) = self.remedy_mut(&it.remedy) {
                    remedy.effects.push((mark, it.clone()));
                }
            }
            Event::ChangeObserved(it) => {
                let seen =
                    it.components.iter().filter_map(|it| Some((it.name.clone(), it.to.clone()?)));
                self.running.extend(seen);
            }
            Event::VerificationStarted(it) => {
                self.without_remedy |= it.without_remedy_because.is_some();
            }
            Event::CheckRecorded(it) => self.take_check(mark, it),
            Event::ChecksPassed(it) => {
                self.without_remedy |= it.without_remedy_because.is_some();
                self.passes.push(mark);
                self.watch = Some(mark);
                self.end_impact(mark, it.impact_ended);
            }
            Event::VerificationFailed(_) => self.change(mark),
            Event::Resolved(it) => {
                self.resolutions.push(mark);
                self.end_impact(mark, it.impact_ended);
            }
            Event::Reopened(it) => self.take_reopening(mark, it),
            Event::Cancelled(it) => self.cancelled = Some((mark, it.clone())),
            Event::CauseRecorded(it) => {
                if let Some(name) = &it.cause {
                    self.causes.insert(name.clone(), (mark, it.clone()));
                }
            }
            Event::AlertAttached(it) => {
                self.alerts.insert(alert_key(it), (mark, it.0.clone()));
            }
            Event::AlertDetached(it) => {
                self.alerts.remove(&alert_key(it));
            }
            Event::Linked(it) => self.links.push((mark, it.0.clone())),
            Event::Unlinked(it) => self.links.retain(|(_, link)| *link != it.0),
            Event::ChecklistMarked(it) => {
                self.checklist.insert(it.item.clone(), (mark, it.clone()));
            }
            Event::FollowUpAdded(it) => self.follow_ups.push((mark, it.clone())),
            Event::FollowUpChanged(it) => self.change_follow_up(it),
            Event::CommandRecorded(_)
            | Event::UpdatePosted(_)
            | Event::Escalated(_)
            | Event::NoteAdded(_)
            | Event::EvidenceAttached(_)
            | Event::Corrected(_)
            | Event::Redacted(_)
            | Event::LessonRecorded(_)
            | Event::SectionWritten(_)
            | Event::PostmortemScheduled(_)
            | Event::PostmortemWaived(_)
            | Event::PostmortemPublished(_)
            | Event::ReminderSent(_) => {}
        }
    }

    /// Whether that alert is attached.
    pub fn has_alert(&self, alert: &Alert) -> bool {
        self.alerts.contains_key(&alert_key(alert))
    }

    /// Who holds a role that one person has at a time.
    pub fn holder(&self, role: Role) -> Option<&Holder> {
        self.roles.get(&role).and_then(|holders| holders.last())
    }

    /// Whether its story was told afterwards.
    pub fn is_retrospective(&self) -> bool {
        let told = |(_, it): &(Mark, Announced)| it.retrospective == Some(true);
        self.announced.as_ref().is_some_and(told)
    }

    /// When the watch began: with the pass, never before the last change.
    pub fn watch_began(&self) -> Option<Claimed> {
        let pass = self.watch?.happened;
        Some(self.last_change.map_or(pass, |change| pass.not_before(change.happened)))
    }

    fn take_announced(&mut self, mark: Mark, it: &Announced) {
        self.severity = it.severity.clone();
        self.scenario = it.scenario.clone();
        let running = it.running.listed().iter().map(|it| (it.name.clone(), it.version.clone()));
        self.running.extend(running);
        self.open_impact(mark, it.impact.as_ref());
        self.announced = Some((mark, it.clone()));
    }

    fn take_role(&mut self, mark: Mark, it: &RoleAssigned) {
        let holders = self.roles.entry(it.role).or_default();
        if it.role.has_one_holder() {
            holders.clear();
        }
        holders.retain(|holder| holder.person != it.to && Some(&holder.person) != it.from.as_ref());
        holders.push(Holder { person: it.to.clone(), since: mark });
        if it.role == Role::Commander {
            self.first_commander.get_or_insert(mark);
        }
    }

    fn release(&mut self, role: Role, from: &Person) {
        if let Some(holders) = self.roles.get_mut(&role) {
            holders.retain(|holder| holder.person != *from);
        }
        self.roles.retain(|_, holders| !holders.is_empty());
    }

    fn take_decision(&mut self, mark: Mark, it: &ResponseDecided) {
        if it.scenario.is_some() {
            self.scenario = it.scenario.clone();
        }
        self.decided = it.chosen.remedy().is_some();
        self.decisions.push((mark, it.clone()));
    }

    fn take_check(&mut self, mark: Mark, it: &CheckRecorded) {
        let read = it.0.to.map_or(mark.happened, |to| to.0);
        let reading = Reading { mark, read, good: it.is_good() };
        let is_before = |change: Mark| read.is_certainly_before(change.happened);
        if !self.last_change.is_some_and(is_before) {
            self.readings.entry(it.0.check.clone()).or_default().push(reading);
        }
    }

    fn take_reopening(&mut self, mark: Mark, it: &Reopened) {
        self.decided = false;
        self.without_remedy = false;
        self.cancelled = None;
        self.last_reopening = Some(mark);
        self.change(mark);
        self.open_impact(mark, it.impact.as_ref());
    }

    /// Something changed: what was checked before it says nothing of what is now.
    pub(super) fn change(&mut self, mark: Mark) {
        self.last_change = Some(mark);
        self.readings.clear();
        self.watch = None;
    }

    fn change_follow_up(&mut self, it: &FollowUpChanged) {
        let named =
            |(_, one): &&mut (Mark, FollowUpAdded)| one.follow_up.as_ref() == Some(&it.follow_up);
        let Some((_, one)) = self.follow_ups.iter_mut().find(named) else { return };
        one.title = it.title.clone().unwrap_or_else(|| one.title.clone());
        one.kind = it.kind.or(one.kind);
        one.owner = it.owner.clone().or_else(|| one.owner.clone());
        one.due = it.due.clone().or_else(|| one.due.clone());
        one.tracker_url = it.tracker_url.clone().or_else(|| one.tracker_url.clone());
        one.status = it.status.or(one.status);
    }
}

fn alert_key(alert: &Alert) -> (Line, Line) {
    (alert.source.clone(), alert.fingerprint.clone())
}
