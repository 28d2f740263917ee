//! The draft of a post-mortem, told from events alone.
//!
//! Every statement cites the events that it rests on; what nobody recorded is said to be *not
//! recorded*; nothing is made up. The words are about things and what was done, never about what
//! somebody ought to have done. What people wrote for a section stands before what is generated,
//! or in its place when they said so, and is marked when the facts have changed since.

mod beginning;
mod communications;
mod document;
mod end;
mod learning;
mod page;
mod published;
mod questions;
mod render;
mod response;
mod title;
mod verification;
mod written;

pub use document::{
    Postmortem, Published, SectionName, SectionOut, Statement, Table, TableRow, Written,
};
pub(in crate::views) use questions::of_facts as open_questions;

use super::figures::Figures;
use super::manner::Manner;
use super::somebody::People;
use super::timeline::Timeline;
use super::told::{Told, cite_corrections, title, told};
use crate::log::Story;

/// What the sections are told from.
struct Source<'a> {
    story: &'a Story,
    manner: Manner<'a>,
    /// As they were called at the last event, also where an earlier part of the story is told.
    people: People<'a>,
    told: Vec<Told<'a>>,
    figures: Figures,
}

impl<'a> Source<'a> {
    fn new(story: &'a Story, manner: &Manner<'a>, people: People<'a>) -> Source<'a> {
        let (told, figures) = (told(story), Figures::new(story));
        Source { story, manner: *manner, people, told, figures }
    }
}

impl Postmortem {
    /// The draft for `story`, judged at its last event, with no runbook to judge promises by.
    pub fn new(story: &Story) -> Postmortem {
        Postmortem::in_manner(story, &Manner::default())
    }

    /// The draft for `story`, judged as `manner` says; its timeline is always whole and in the
    /// order in which things happened, so that every citation has its event.
    pub fn in_manner(story: &Story, manner: &Manner<'_>) -> Postmortem {
        let whole = Manner { noise: true, order: super::Order::Occurred, ..*manner };
        let source = Source::new(story, &whole, People::of(story));
        let timeline = Timeline::in_manner(story, &whole);
        let facts = &story.incident.facts;
        Postmortem {
            incident: story.incident.id,
            r#ref: story.incident.number.to_string(),
            title: facts.announced.as_ref().map(|(_, it)| title(it)),
            retrospective: facts.is_retrospective(),
            judged_at: whole.moment(story).instant(),
            version: story.last().entry.ver,
            position: story.last().entry.pos,
            published: published::published(&source),
            sections: sections(&source, &timeline),
            timeline,
        }
    }

    /// The section of that name; all of them are always there.
    pub fn section(&self, name: SectionName) -> Option<&SectionOut> {
        self.sections.iter().find(|section| section.name == name)
    }
}

fn sections(source: &Source<'_>, timeline: &Timeline) -> Vec<SectionOut> {
    let section = |name: &SectionName| match name {
        SectionName::Timeline => corrected(source, end::timeline(timeline)),
        name => generated(source, *name),
    };
    let mut sections: Vec<SectionOut> = SectionName::ALL.iter().map(section).collect();
    written::add(source, &mut sections);
    // What people wrote answers questions too, so that these come last.
    let questions = corrected(source, questions::questions(source, &sections));
    if let Some(place) = sections.iter_mut().find(|it| it.name == SectionName::Questions) {
        *place = questions;
    }
    sections
}

/// What is told of a section from events alone. Two sections are told from others and are empty
/// here: the timeline, and the questions.
fn generated(source: &Source<'_>, name: SectionName) -> SectionOut {
    let section = match name {
        SectionName::Incident => title::incident(source),
        SectionName::Summary => beginning::summary(source),
        SectionName::Impact => beginning::impact(source),
        SectionName::Detection => beginning::detection(source),
        SectionName::Decisions => response::decisions(source),
        SectionName::Remedies => response::remedies(source),
        SectionName::Verification => verification::verification(source),
        SectionName::Figures => end::figures(source),
        SectionName::Communications => communications::communications(source),
        SectionName::Causes => learning::causes(source),
        SectionName::WentWell | SectionName::WentBadly | SectionName::Lucky => {
            learning::lessons(source, name)
        }
        SectionName::Checklist => learning::checklist(source),
        SectionName::FollowUps => learning::follow_ups(source),
        SectionName::Related => learning::related(source),
        SectionName::Evidence => learning::evidence(source),
        SectionName::Departures => end::departures(source),
        SectionName::SincePublished => published::since(source),
        SectionName::Integrity => end::integrity(source),
        SectionName::Timeline | SectionName::Questions => SectionOut::new(name, Vec::new()),
    };
    corrected(source, section)
}

/// The section with the corrections of what it cites.
fn corrected(source: &Source<'_>, mut section: SectionOut) -> SectionOut {
    section.cites_mut().for_each(|cites| cite_corrections(&source.story.incident, cites));
    section
}
