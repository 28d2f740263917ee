//! The draft of a post-mortem, told from events alone.
//!
//! Every statement cites the events that it rests on; what nobody recorded is said to be *not
//! recorded*; nothing is made up. The words are about things and what was done, never about what
//! somebody ought to have done. What people wrote for a section stands before what is generated.

mod beginning;
mod document;
mod end;
mod learning;
mod questions;
mod render;
mod response;
mod written;

pub use document::{Postmortem, SectionName, SectionOut, Statement, Table, TableRow, Written};

use super::figures::Figures;
use super::told::{Told, title, told};
use crate::log::Story;

/// What the sections are told from.
struct Source<'a> {
    story: &'a Story,
    told: Vec<Told<'a>>,
    figures: Figures,
}

impl Postmortem {
    /// The draft for `story`, judged at its last event.
    pub fn new(story: &Story) -> Postmortem {
        let source = Source { story, told: told(story), figures: Figures::new(story) };
        let facts = &story.incident.facts;
        Postmortem {
            incident: story.incident.id,
            r#ref: story.incident.number.to_string(),
            title: facts.announced.as_ref().map(|(_, it)| title(it)),
            retrospective: facts.is_retrospective(),
            judged_at: story.last().entry.at.instant(),
            version: story.last().entry.ver,
            position: story.last().entry.pos,
            sections: sections(&source),
        }
    }

    /// The section of that name; all of them are always there.
    pub fn section(&self, name: SectionName) -> Option<&SectionOut> {
        self.sections.iter().find(|section| section.name == name)
    }
}

fn sections(source: &Source<'_>) -> Vec<SectionOut> {
    let mut sections = vec![
        beginning::incident(source),
        beginning::summary(source),
        beginning::impact(source),
        beginning::detection(source),
        response::decisions(source),
        response::remedies(source),
        response::verification(source),
        end::figures(source),
        end::timeline(source),
        response::communications(source),
        learning::causes(source),
    ];
    sections.extend(learning::lessons(source));
    sections.push(learning::checklist(source));
    sections.push(learning::follow_ups(source));
    sections.push(learning::related(source));
    sections.push(learning::evidence(source));
    sections.push(end::departures(source));
    for section in &mut sections {
        section.written = written::of(source, section.name);
    }
    sections.push(questions::questions(source, &sections));
    sections.push(end::integrity(source));
    sections
}
