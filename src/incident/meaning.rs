//! What an event means to the two machines: the [`Move`] of the incident, the [`Step`] of a remedy.

use super::attempt::Step;
use super::event::Event;
use super::facts::{Facts, Remedy};
use super::lifecycle::Move;
use super::text::Name;
use super::words::{CancelReason, Purpose};

/// What an event means to the lifecycle.
pub fn move_of(event: &Event, facts: &Facts) -> Move {
    let is_ours = |name: &Name| facts.remedy(name).is_none_or(Remedy::is_ours);
    match event {
        Event::Announced(_) => Move::Announce,
        Event::ResponseDecided(it) => match it.chosen.remedy() {
            None => Move::DecideToInvestigate,
            Some(_) => Move::DecideToAct,
        },
        Event::RemedyStarted(it) => {
            let planned = it.0.remedy.as_ref().and_then(|name| facts.remedy(name));
            let intent =
                planned.map_or_else(|| it.0.clone(), |remedy| remedy.intent.changed_by(&it.0));
            match (intent.owner, intent.purpose) {
                (Some(_), _) => Move::TellOfRemedy,
                (None, Some(Purpose::Diagnosis)) => Move::StartDiagnosis,
                (None, Some(Purpose::Remedy | Purpose::Precaution) | None) => Move::StartRemedy,
            }
        }
        Event::RemedyFailed(it) if is_ours(&it.remedy) => Move::LoseRemedy,
        Event::RemedyUndone(it) if is_ours(&it.remedy) => Move::LoseRemedy,
        Event::RemedyPlanned(_)
        | Event::RemedyFinished(_)
        | Event::RemedyFailed(_)
        | Event::RemedyAbandoned(_)
        | Event::RemedyUndone(_)
        | Event::EffectObserved(_) => Move::TellOfRemedy,
        Event::VerificationStarted(_) => Move::StartVerification,
        Event::ChecksPassed(_) => Move::PassChecks,
        Event::VerificationFailed(_) => Move::FailVerification,
        Event::Resolved(_) => Move::Resolve,
        Event::Reopened(_) => Move::Reopen,
        Event::Cancelled(it) => match it.why {
            CancelReason::FalseAlarm | CancelReason::NothingToDo => Move::CancelAsNothing,
            CancelReason::Duplicate | CancelReason::Merged => Move::CancelAsElsewhere,
        },
        Event::Detected(_)
        | Event::ImpactChanged(_)
        | Event::SeverityChanged(_)
        | Event::RoleAssigned(_)
        | Event::RoleReleased(_)
        | Event::StableVersionIdentified(_)
        | Event::SchemaChecked(_)
        | Event::CommandRecorded(_)
        | Event::ChangeObserved(_)
        | Event::CheckRecorded(_)
        | Event::UpdatePosted(_)
        | Event::Escalated(_)
        | Event::NoteAdded(_)
        | Event::EvidenceAttached(_)
        | Event::CauseRecorded(_)
        | Event::AlertAttached(_)
        | Event::AlertDetached(_)
        | Event::Linked(_)
        | Event::Unlinked(_)
        | Event::Corrected(_)
        | Event::Redacted(_)
        | Event::ChecklistMarked(_)
        | Event::LessonRecorded(_)
        | Event::FollowUpAdded(_)
        | Event::FollowUpChanged(_)
        | Event::SectionWritten(_)
        | Event::PostmortemScheduled(_)
        | Event::PostmortemWaived(_)
        | Event::ReminderSent(_) => Move::Record,
        Event::PostmortemPublished(_) => Move::Publish,
    }
}

/// Whether an event moves one of the machines, rather than telling of something.
pub(super) fn is_move(event: &Event, facts: &Facts) -> bool {
    let tells = matches!(event, Event::EffectObserved(_));
    !tells && !matches!(move_of(event, facts), Move::Record | Move::Publish)
}

/// What an event means to a remedy, and to which.
pub(super) fn step_of(event: &Event) -> Option<(&Name, Step)> {
    match event {
        Event::RemedyPlanned(it) => Some((it.0.remedy.as_ref()?, Step::Plan)),
        Event::RemedyStarted(it) => Some((it.0.remedy.as_ref()?, Step::Start)),
        Event::RemedyFinished(it) => Some((&it.remedy, Step::Finish)),
        Event::RemedyFailed(it) => Some((&it.remedy, Step::Fail)),
        Event::RemedyAbandoned(it) => Some((&it.remedy, Step::Abandon)),
        Event::RemedyUndone(it) => Some((&it.remedy, Step::Undo)),
        Event::EffectObserved(it) => Some((&it.remedy, Step::Observe)),
        _ => None,
    }
}
