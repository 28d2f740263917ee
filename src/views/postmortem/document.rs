//! What a post-mortem is made of: sections of statements, each with the events that it rests on.

use crate::incident::id::{IncidentId, Position, Version};
use crate::incident::text::Url;
use crate::incident::time::Instant;
use crate::views::somebody::Somebody;
use crate::views::timeline::Timeline;
use schemars::JsonSchema;
use serde::Serialize;

/// The draft of a post-mortem.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Postmortem {
    /// The incident.
    pub incident: IncidentId,
    /// Its short name.
    pub r#ref: String,
    /// Its title, else the service and the reason; none when both were erased.
    pub title: Option<String>,
    /// Whether the incident was entered afterwards.
    pub retrospective: bool,
    /// The moment that it is judged at: when the last event was recorded, unless asked otherwise.
    pub judged_at: Instant,
    /// The last event that it is told from.
    pub version: Version,
    /// That event's place in the log.
    pub position: Position,
    /// The last publication; none before the first. With events since, this is a draft again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// The sections, always the same ones in the same order.
    pub sections: Vec<SectionOut>,
    /// Every event, which is what citations point at, and what lasted.
    pub timeline: Timeline,
}

/// That a version of the document was published.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Published {
    /// The event that says so.
    pub event: Version,
    /// SHA-256 of what was published.
    pub sha256: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// When that was recorded.
    pub recorded_at: Instant,
    /// Who recorded it.
    pub by: Somebody,
    /// The events recorded since; while there are none, nothing has changed.
    pub since: Vec<Version>,
}

/// One section. Without words, statements and rows it says *not recorded*.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SectionOut {
    /// Its stable name.
    pub name: SectionName,
    /// Its heading.
    pub title: &'static str,
    /// What a person wrote for it; stands before what is generated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Written>,
    /// The section whose words replace what is generated here too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_under: Option<SectionName>,
    /// What is told from events.
    pub statements: Vec<Statement>,
    /// What is better read in columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
}

/// The sections of a post-mortem, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is its heading")]
pub enum SectionName {
    Incident,
    Summary,
    Impact,
    Detection,
    Decisions,
    Remedies,
    Verification,
    Figures,
    Timeline,
    Communications,
    Causes,
    WentWell,
    WentBadly,
    Lucky,
    Checklist,
    FollowUps,
    Related,
    Evidence,
    Departures,
    SincePublished,
    Questions,
    Integrity,
}

impl SectionName {
    /// All of them, in their order.
    pub const ALL: &'static [SectionName] = &[
        SectionName::Incident,
        SectionName::Summary,
        SectionName::Impact,
        SectionName::Detection,
        SectionName::Decisions,
        SectionName::Remedies,
        SectionName::Verification,
        SectionName::Figures,
        SectionName::Timeline,
        SectionName::Communications,
        SectionName::Causes,
        SectionName::WentWell,
        SectionName::WentBadly,
        SectionName::Lucky,
        SectionName::Checklist,
        SectionName::FollowUps,
        SectionName::Related,
        SectionName::Evidence,
        SectionName::Departures,
        SectionName::SincePublished,
        SectionName::Questions,
        SectionName::Integrity,
    ];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            SectionName::Incident => "Incident",
            SectionName::Summary => "Summary",
            SectionName::Impact => "Impact",
            SectionName::Detection => "Detection",
            SectionName::Decisions => "Decisions",
            SectionName::Remedies => "Remedies",
            SectionName::Verification => "Verification and watch",
            SectionName::Figures => "Figures",
            SectionName::Timeline => "Timeline",
            SectionName::Communications => "Communications",
            SectionName::Causes => "Causes",
            SectionName::WentWell => "What went well",
            SectionName::WentBadly => "What went badly",
            SectionName::Lucky => "Where luck helped",
            SectionName::Checklist => "Checklist",
            SectionName::FollowUps => "Follow-ups",
            SectionName::Related => "Related incidents",
            SectionName::Evidence => "Notes and evidence",
            SectionName::Departures => "Overrides and deviations",
            SectionName::SincePublished => "Recorded since it was published",
            SectionName::Questions => "Open questions",
            SectionName::Integrity => "Integrity",
        }
    }
}

/// What stands below words that replace what is generated.
const REPLACED: &str =
    "What is generated from the events is left out here: the words above replace it.";

/// What stands below words that are no longer about what is known.
pub const STALE: &str = "Stale: facts of this section changed since.";

/// Human words, as written, with the event that brought them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Written {
    /// The words, in Markdown. Not to be trusted: see [`crate::views::quotation`].
    pub markdown: String,
    /// Who wrote them.
    pub by: Somebody,
    /// Whether they stand in place of what is generated, not before it.
    pub replaces: bool,
    /// The events by which what is generated has changed since they were written; while there are
    /// none, they are current.
    pub stale: Vec<Version>,
    /// The event.
    pub cites: Vec<Version>,
}

/// One statement. It cannot be made without the event that it rests on, but for what nobody
/// recorded, of which there is no event.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Statement {
    /// The words, plain; users' words stand in them as they were written.
    pub text: String,
    /// Whether what it tells was withdrawn: to be struck through.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// A link that an event gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Url>,
    /// The events that it rests on, corrections of them included.
    pub cites: Vec<Version>,
}

impl Statement {
    /// A statement that rests on one event.
    pub fn new(text: impl Into<String>, event: Version) -> Statement {
        Statement { text: text.into(), withdrawn: false, link: None, cites: vec![event] }
    }

    /// That something is on no record: the one kind of statement that no event can show.
    pub fn absent(text: impl Into<String>) -> Statement {
        Statement { text: text.into(), withdrawn: false, link: None, cites: Vec::new() }
    }

    /// With further events that it rests on; they are cited in order, each once.
    pub fn and(mut self, events: impl IntoIterator<Item = Version>) -> Statement {
        self.cites.extend(events);
        self.cites.sort();
        self.cites.dedup();
        self
    }

    /// With a link.
    pub fn linked(mut self, link: Option<Url>) -> Statement {
        self.link = link;
        self
    }
}

/// Rows of cells under headings.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Table {
    /// The headings.
    pub head: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// One row with the events that it rests on, corrections of them included.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TableRow {
    /// A cell for each heading; an empty one says *not recorded*.
    pub cells: Vec<String>,
    /// The events.
    pub cites: Vec<Version>,
}

impl SectionOut {
    /// A section of statements.
    pub fn new(name: SectionName, statements: Vec<Statement>) -> SectionOut {
        SectionOut {
            name,
            title: name.title(),
            written: Vec::new(),
            replaced_under: None,
            statements,
            table: None,
        }
    }

    /// With a table, unless that has no rows.
    pub fn with_table(mut self, table: Table) -> SectionOut {
        self.table = Some(table).filter(|table| !table.rows.is_empty());
        self
    }

    /// The events of each statement and each row.
    pub fn cites(&self) -> impl Iterator<Item = &[Version]> {
        let rows = self.table.iter().flat_map(|table| &table.rows);
        let rows = rows.map(|row| row.cites.as_slice());
        self.statements.iter().map(|it| it.cites.as_slice()).chain(rows)
    }

    /// The same, to add to.
    pub fn cites_mut(&mut self) -> impl Iterator<Item = &mut Vec<Version>> {
        let rows = self.table.iter_mut().flat_map(|table| &mut table.rows);
        let rows = rows.map(|row| &mut row.cites);
        self.statements.iter_mut().map(|it| &mut it.cites).chain(rows)
    }

    /// What is said instead of what is generated, where people put their own words in its place.
    pub fn instead(&self) -> Option<String> {
        let above = self.written.iter().any(|written| written.replaces);
        match self.replaced_under {
            _ if above => Some(REPLACED.to_owned()),
            Some(name) => Some(format!("The words under \"{}\" replace it.", name.title())),
            None => None,
        }
    }

    /// Whether nothing is on record for it.
    pub fn is_empty(&self) -> bool {
        let is_told = !self.statements.is_empty() || self.table.is_some();
        self.written.is_empty() && self.replaced_under.is_none() && !is_told
    }
}
