//! What comes after.

use super::phrase::{Phrase, spaced};
use crate::incident::event::{
    ChecklistMarked, FollowUpAdded, FollowUpChanged, LessonRecorded, PostmortemPublished,
    ReminderSent, SectionWritten,
};
use crate::incident::words::LessonKind;
use crate::views::somebody::People;

pub fn checklist_marked(it: &ChecklistMarked) -> String {
    Phrase::new(format!("Checklist, {}: {}", spaced(&it.item), spaced(it.outcome)))
        .part("", it.answer.as_ref())
        .part("shown by ", it.evidence.as_ref())
        .end()
}

pub fn lesson_recorded(it: &LessonRecorded) -> String {
    let kind = match it.kind {
        LessonKind::WentWell => "Went well",
        LessonKind::WentBadly => "Went badly",
        LessonKind::Lucky => "By luck",
    };
    format!("{kind}: {}", it.text)
}

pub fn follow_up_added(it: &FollowUpAdded, people: &People<'_>) -> String {
    let name = it.follow_up.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    Phrase::new(format!("Follow-up{name}: {}", it.title))
        .part("to ", it.kind)
        .part("owner ", it.owner.as_ref().map(|owner| people.name(owner)))
        .part("due ", it.due.as_ref())
        .part("status ", it.status.map(spaced))
        .part("", it.tracker_url.as_ref())
        .end()
}

pub fn follow_up_changed(it: &FollowUpChanged, people: &People<'_>) -> String {
    Phrase::new(format!("Follow-up {} changed", it.follow_up))
        .part("", it.title.as_ref())
        .part("to ", it.kind)
        .part("owner ", it.owner.as_ref().map(|owner| people.name(owner)))
        .part("due ", it.due.as_ref())
        .part("status ", it.status.map(spaced))
        .part("", it.tracker_url.as_ref())
        .end()
}

pub fn section_written(it: &SectionWritten) -> String {
    format!("Post-mortem section written: {}.", spaced(it.section))
}

pub fn postmortem_published(it: &PostmortemPublished) -> String {
    Phrase::new("Post-mortem published")
        .part("SHA-256 ", Some(&it.sha256))
        .part("", it.url.as_ref())
        .end()
}

pub fn reminder_sent(it: &ReminderSent) -> String {
    format!("Fell due: {}, counted from #{}.", it.slot, it.since)
}
