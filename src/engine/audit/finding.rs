//! What an audit finds, and what it comes to.

use serde::Serialize;
use std::fmt;

/// What a finding means for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An event, or what is kept beside the events, is not as it was written.
    Event,
    /// The database below the rows is damaged.
    Storage,
    /// The log is older than a checkpoint.
    Behind,
    /// The log is another one than a checkpoint's.
    Fork,
    /// Worth knowing, and no damage.
    Note,
}

/// Which fields a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The header: type, times, people, guards, commitment; or the hash that is stored for it.
    Entry,
    /// The data, or the salt that hides them.
    Data,
    /// The column with the position.
    Position,
    /// The column with the incident.
    Incident,
    /// The column with the version, or a version that is missing or there twice.
    Version,
    /// The event is not there.
    Missing,
    /// A batch that is torn apart.
    Batch,
    /// Erased without a redaction, or there in spite of one.
    Redaction,
    /// A hash of the tree above the leaves.
    Tree,
    /// The board's row of an incident.
    Board,
    /// The rows of principals and their credentials.
    People,
    /// The one row of the log itself.
    Head,
    /// A pinned runbook.
    Runbook,
    /// A checkpoint, stored or given.
    Checkpoint,
    /// The file below the rows.
    Storage,
    /// What the machines of today say.
    Machine,
    /// The recorded times.
    Clock,
    /// How far the proof reaches.
    Cover,
}

/// One thing that an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it means.
    pub kind: Kind,
    /// Where: the position of the event, or of the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The last position, when it is about several in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<u64>,
    /// Which fields.
    pub group: Group,
    /// What it is, in a sentence.
    pub detail: String,
}

impl Finding {
    /// Damage of the event at that position.
    pub fn event(position: u64, group: Group, detail: impl Into<String>) -> Finding {
        Finding {
            kind: Kind::Event,
            position: Some(position),
            through: None,
            group,
            detail: detail.into(),
        }
    }

    /// Damage of what is kept beside the events.
    pub fn beside(group: Group, detail: impl Into<String>) -> Finding {
        Finding { kind: Kind::Event, position: None, through: None, group, detail: detail.into() }
    }

    /// The same, found at that position.
    pub fn at(self, position: u64) -> Finding {
        Finding { position: Some(position), ..self }
    }

    /// Damage of the storage.
    pub fn storage(detail: impl Into<String>) -> Finding {
        let (kind, group) = (Kind::Storage, Group::Storage);
        Finding { kind, position: None, through: None, group, detail: detail.into() }
    }

    /// Something worth knowing.
    pub fn note(position: Option<u64>, group: Group, detail: impl Into<String>) -> Finding {
        Finding { kind: Kind::Note, position, through: None, group, detail: detail.into() }
    }

    /// The same for everything up to that position.
    pub fn through(self, last: u64) -> Finding {
        let through = (Some(last) > self.position).then_some(last);
        Finding { through, ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Event => "damaged",
            Kind::Storage => "storage",
            Kind::Behind => "behind",
            Kind::Fork => "fork",
            Kind::Note => "note",
        };
        write!(f, "{kind}")?;
        match (self.position, self.through) {
            (Some(first), Some(last)) => write!(f, " at {first}–{last}")?,
            (Some(position), None) => write!(f, " at {position}")?,
            (None, _) => {}
        }
        let group = format!("{:?}", self.group).to_lowercase();
        write!(f, " ({group}): {}", self.detail)
    }
}

/// What an audit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing is wrong.
    Clean,
    /// Events are damaged.
    EventsDamaged,
    /// The storage is damaged: what else was found may come from that.
    StorageDamaged,
    /// The log is older than a checkpoint.
    Behind,
    /// The log is another one than a checkpoint's.
    Forked,
}

/// An audit in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many events are there.
    pub events: u64,
    /// How many incidents.
    pub incidents: u64,
    /// Up to which position every entry has a hash in the tree.
    pub covered: u64,
    /// How many checkpoints were compared, stored and given.
    pub checkpoints: u64,
    /// The root over all events that are there, base64.
    pub root: String,
    /// How many findings speak of damaged events, and of what is kept beside them.
    pub damaged: u64,
    /// How many of damaged storage.
    pub storage: u64,
    /// How many of a log that is older than a checkpoint.
    pub behind: u64,
    /// How many of a fork.
    pub forks: u64,
    /// How many notes.
    pub notes: u64,
}

impl Summary {
    pub(super) fn count(&mut self, finding: &Finding) {
        *match finding.kind {
            Kind::Event => &mut self.damaged,
            Kind::Storage => &mut self.storage,
            Kind::Behind => &mut self.behind,
            Kind::Fork => &mut self.forks,
            Kind::Note => &mut self.notes,
        } += 1;
    }

    /// What it comes to: the storage first, since everything else stands on it; then what is
    /// damaged; then whose log it is.
    pub fn outcome(&self) -> Outcome {
        match self {
            Summary { storage: 1.., .. } => Outcome::StorageDamaged,
            Summary { damaged: 1.., .. } => Outcome::EventsDamaged,
            Summary { forks: 1.., .. } => Outcome::Forked,
            Summary { behind: 1.., .. } => Outcome::Behind,
            _ => Outcome::Clean,
        }
    }
}
