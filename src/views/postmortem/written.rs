//! What people wrote for the sections themselves: the last words of each stand.

use super::Source;
use super::document::{SectionName, Written};
use crate::incident::Event;
use crate::incident::words::Section;
use crate::views::somebody::People;

/// The human words that belong to a section of the document.
pub fn of(source: &Source<'_>, name: SectionName) -> Vec<Written> {
    let mine = Section::ALL.iter().filter(|section| place(**section) == name);
    mine.filter_map(|section| last(source, *section)).collect()
}

/// Where the words for each section stand.
const fn place(section: Section) -> SectionName {
    match section {
        Section::Summary => SectionName::Summary,
        Section::Impact => SectionName::Impact,
        Section::Detection => SectionName::Detection,
        Section::Decision => SectionName::Decisions,
        Section::Response => SectionName::Remedies,
        Section::RootCause => SectionName::Causes,
        Section::Lessons => SectionName::WentWell,
        Section::FollowUps => SectionName::FollowUps,
        Section::Notes => SectionName::Evidence,
    }
}

fn last(source: &Source<'_>, section: Section) -> Option<Written> {
    let people = People::of(source.story);
    source.told.iter().rev().find_map(|told| match &told.said {
        Some(Event::SectionWritten(it)) if it.section == section => Some(Written {
            markdown: it.markdown.to_string(),
            by: people.principal(&told.recorded.by),
            cites: vec![told.recorded.version],
        }),
        _ => None,
    })
}
