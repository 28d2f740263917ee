//! What an event says, in one sentence of plain words.
//!
//! Every type has its sentence: the match is exhaustive, so that a new type does not compile until
//! it has one. A sentence says all that the event says, in the words that it was said in, and says
//! it of things and not of people.

mod communication;
mod decision;
mod impact;
mod phrase;
mod record;
mod remedy;
mod review;
mod verification;

pub use decision::measured;
pub use phrase::{counted, joined, moves, observed, spaced, versions};
pub use remedy::intent;

use super::somebody::People;
use crate::incident::Event;

/// What `event` says. Users' words stand in it as they were written: escape the whole.
pub fn sentence(event: &Event, people: &People<'_>) -> String {
    match event {
        Event::Announced(it) => impact::announced(it),
        Event::Detected(it) => impact::detected(it),
        Event::ImpactChanged(it) => impact::impact_changed(it),
        Event::SeverityChanged(it) => impact::severity_changed(it),
        Event::RoleAssigned(it) => impact::role_assigned(it, people),
        Event::RoleReleased(it) => impact::role_released(it, people),
        Event::ResponseDecided(it) => decision::response_decided(it),
        Event::StableVersionIdentified(it) => decision::stable_version_identified(it),
        Event::SchemaChecked(it) => decision::schema_checked(it),
        Event::RemedyPlanned(it) => remedy::planned(&it.0),
        Event::RemedyStarted(it) => remedy::started(&it.0),
        Event::RemedyFinished(it) => remedy::finished(it),
        Event::RemedyFailed(it) => remedy::ended(&it.remedy, "did not take", &it.reason),
        Event::RemedyAbandoned(it) => remedy::ended(&it.remedy, "was given up", &it.reason),
        Event::RemedyUndone(it) => remedy::ended(&it.remedy, "was put back", &it.reason),
        Event::EffectObserved(it) => remedy::effect_observed(it),
        Event::CommandRecorded(it) => remedy::command_recorded(it),
        Event::ChangeObserved(it) => remedy::change_observed(it),
        Event::VerificationStarted(it) => verification::verification_started(it),
        Event::CheckRecorded(it) => verification::check_recorded(&it.0),
        Event::ChecksPassed(it) => verification::checks_passed(it),
        Event::VerificationFailed(it) => format!("Verification found: {}", it.reason),
        Event::UpdatePosted(it) => communication::update_posted(&it.0),
        Event::Escalated(it) => communication::escalated(it, people),
        Event::Resolved(it) => verification::resolved(it),
        Event::Reopened(it) => verification::reopened(it),
        Event::Cancelled(it) => verification::cancelled(it),
        Event::NoteAdded(it) => it.text.to_string(),
        Event::EvidenceAttached(it) => record::evidence_attached(it),
        Event::CauseRecorded(it) => record::cause_recorded(it),
        Event::AlertAttached(it) => record::alert("Alert", it),
        Event::AlertDetached(it) => record::alert("No longer part of this: alert", it),
        Event::Linked(it) => record::link("Linked", it),
        Event::Unlinked(it) => record::link("No longer linked", it),
        Event::Corrected(it) => record::corrected(it),
        Event::Redacted(it) => format!("The words of #{} were erased: {}", it.version, it.reason),
        Event::ChecklistMarked(it) => review::checklist_marked(it),
        Event::LessonRecorded(it) => review::lesson_recorded(it),
        Event::FollowUpAdded(it) => review::follow_up_added(it, people),
        Event::FollowUpChanged(it) => review::follow_up_changed(it, people),
        Event::SectionWritten(it) => review::section_written(it),
        Event::PostmortemScheduled(it) => {
            format!("Post-mortem scheduled for {} UTC.", it.at.utc())
        }
        Event::PostmortemWaived(it) => format!("There will be no post-mortem: {}", it.reason),
        Event::PostmortemPublished(it) => review::postmortem_published(it),
        Event::ReminderSent(it) => review::reminder_sent(it),
    }
}
