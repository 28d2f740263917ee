//! What comes after: checklist, lessons, follow-ups, and the post-mortem.

use crate::incident::field::record;
use crate::incident::text::{Day, Line, Markdown, Name, Person, Sha256, Text, Url};
use crate::incident::time::Instant;
use crate::incident::words::{FollowUpKind, FollowUpStatus, ItemOutcome, LessonKind, Section};

record! {
    /// An item of the post-rollback checklist.
    pub struct ChecklistMarked {
        /// Which item, by its name in the runbook.
        item: Name,
        /// What became of it.
        outcome: ItemOutcome,
        /// The answer when the item is a question; why, when it does not apply.
        answer: Option<Text>,
        /// What shows it.
        evidence: Option<Text>,
    }
}

record! {
    /// Something to learn from it.
    pub struct LessonRecorded {
        /// What kind of lesson.
        kind: LessonKind,
        /// The lesson.
        text: Text,
    }
}

record! {
    /// Something to do about it.
    pub struct FollowUpAdded {
        /// The client's name for it; else `F1`, `F2` … is given.
        follow_up: Option<Name>,
        /// What to do.
        title: Line,
        /// What it is to achieve.
        kind: Option<FollowUpKind>,
        /// Who does it.
        owner: Option<Person>,
        /// By which day.
        due: Option<Day>,
        /// Where it is tracked.
        tracker_url: Option<Url>,
        /// Where it stands; open when left out.
        status: Option<FollowUpStatus>,
    }
}

record! {
    /// What changed about a follow-up.
    pub struct FollowUpChanged {
        /// Which one.
        follow_up: Name,
        /// What to do.
        title: Option<Line>,
        /// What it is to achieve.
        kind: Option<FollowUpKind>,
        /// Who does it.
        owner: Option<Person>,
        /// By which day.
        due: Option<Day>,
        /// Where it is tracked.
        tracker_url: Option<Url>,
        /// Where it stands.
        status: Option<FollowUpStatus>,
    }
}

record! {
    /// Human words in the post-mortem; the last ones of each section stand.
    pub struct SectionWritten {
        /// Which section.
        section: Section,
        /// The words, in Markdown.
        markdown: Markdown,
        /// Whether they stand in place of what is generated, not before it.
        replaces: Option<bool>,
    }
}

record! {
    /// When the post-mortem is talked through.
    pub struct PostmortemScheduled {
        /// When.
        at: Instant,
    }
}

record! {
    /// Why there will be no post-mortem.
    pub struct PostmortemWaived {
        /// Why.
        reason: Text,
    }
}

record! {
    /// The post-mortem is out.
    pub struct PostmortemPublished {
        /// The SHA-256 of the document.
        sha256: Sha256,
        /// Where it is.
        url: Option<Url>,
    }
}
