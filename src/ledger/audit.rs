//! Reading a log that nobody trusts, or a bundle of one: every column as the bytes that are there,
//! whatever they are. Only `verify` and `import` read so; everybody else has [`super::Reader`].

use super::LedgerError;
use crate::incident::id::{IncidentId, Number, Position, Version};
use crate::log::{BoardRow, CheckpointRow, GenerationRow, PrincipalRow, Row, Salt, TokenRow};
use uuid::Uuid;

/// How many rows one read of an audit gives: with data at its longest some 20 MB.
pub const AUDIT_PAGE: usize = 256;

/// One event as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The place that it claims.
    pub position: i64,
    /// The incident that it claims; 16 bytes when it is well.
    pub incident: Vec<u8>,
    /// The version that it claims.
    pub version: i64,
    /// The header, a line of JSON when it is well.
    pub entry: Vec<u8>,
    /// The salt; 32 bytes when it is well.
    pub salt: Option<Vec<u8>>,
    /// The data, a line of JSON when it is well.
    pub data: Option<Vec<u8>>,
}

impl RawRow {
    /// The row as everybody else reads it; none when its columns are not even that.
    pub fn typed(self) -> Option<Row> {
        Some(Row {
            position: Position(u64::try_from(self.position).ok()?),
            incident: IncidentId(Uuid::from_slice(&self.incident).ok()?),
            version: Version(u64::try_from(self.version).ok()?),
            entry: String::from_utf8(self.entry).ok()?,
            salt: self.salt.map(|salt| salt.try_into().map(Salt)).transpose().ok()?,
            data: self.data.map(String::from_utf8).transpose().ok()?,
        })
    }
}

/// How much of a log lies before an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A log where it is kept: all events, and what is kept beside them.
    Log,
    /// All events up to a checkpoint, carried out: nothing is kept beside them but their hashes.
    Events,
    /// The events of one incident and the names in them, carried out, each with a proof of its own.
    Incident,
}

/// What the log says of itself as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// How much of it is here.
    pub extent: Extent,
    /// Its identity.
    pub origin: Uuid,
    /// The place of its last event.
    pub position: u64,
    /// How many incidents were numbered.
    pub incidents: u64,
    /// How many hashes of the tree are stored; none when the log has no tree yet.
    pub hashes: Option<u64>,
    /// The generation.
    pub generation: u32,
}

/// The reading side of an audit. Each answer is what lies there, in order; an error means that the
/// storage gives no answer at all.
pub trait Audit {
    /// Everything that is wrong with the storage below the rows, in its own words: at most 100.
    fn storage(&mut self) -> Result<Vec<String>, LedgerError>;

    /// What the log says of itself.
    fn claims(&mut self) -> Result<Claims, LedgerError>;

    /// Events behind that place, at most [`AUDIT_PAGE`].
    fn events(&mut self, after: i64) -> Result<Vec<RawRow>, LedgerError>;

    /// Events in the order of incidents and versions behind that one, at most [`AUDIT_PAGE`].
    fn by_incident(&mut self, after: Option<(&[u8], i64)>) -> Result<Vec<RawRow>, LedgerError>;

    /// Hashes of the tree from that place on, each with its place, at most 2 × [`AUDIT_PAGE`].
    fn hashes(&mut self, from: u64) -> Result<Vec<(u64, [u8; 32])>, LedgerError>;

    /// The proof of the event at that place, in one text with the checkpoint, where each has its
    /// own.
    fn proof(&mut self, position: u64) -> Result<Option<String>, LedgerError>;

    /// The generations that have signed checkpoints.
    fn generations(&mut self) -> Result<Vec<u32>, LedgerError>;

    /// The next checkpoint of a generation, behind that size.
    fn checkpoint(
        &mut self,
        generation: u32,
        after: u64,
    ) -> Result<Option<CheckpointRow>, LedgerError>;

    /// The deliberate restores.
    fn restores(&mut self) -> Result<Vec<GenerationRow>, LedgerError>;

    /// The board's row of an incident.
    fn board(&mut self, id: IncidentId) -> Result<Option<BoardRow>, LedgerError>;

    /// The numbers of board rows of which no event is there, at most [`AUDIT_PAGE`].
    fn orphans(&mut self) -> Result<Vec<Number>, LedgerError>;

    /// Every principal, in the order of their ids; none where they are not kept.
    fn principals(&mut self) -> Result<Vec<PrincipalRow>, LedgerError>;

    /// Every credential, in the order of their ids; none where they are not kept.
    fn tokens(&mut self) -> Result<Vec<TokenRow>, LedgerError>;

    /// The text of a pinned runbook.
    fn runbook(&mut self, sha256: &str) -> Result<Option<String>, LedgerError>;
}
