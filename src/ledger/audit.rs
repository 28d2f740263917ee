//! Reading a log that nobody trusts, or a bundle of one: every column as the bytes that are there,
//! whatever they are. Only `verify` and `import` read so; everybody else has [`super::Reader`].

use super::LedgerError;
use crate::incident::id::{IncidentId, Number, Position, Version};
use crate::log::{
    BoardRow, CheckpointRow, Damage, GenerationRow, Logged, PrincipalRow, Row, Salt, TokenRow,
};
use uuid::Uuid;

/// How many rows one read of an audit gives at most.
pub const AUDIT_PAGE: usize = 1_024;

/// How many bytes of rows end a read before that: one more row at its longest is some 80 kB.
pub const AUDIT_BYTES: usize = 1 << 19;

/// One event as it lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawRow<'a> {
    /// The place that it claims.
    pub position: i64,
    /// The incident that it claims; 16 bytes when it is well.
    pub incident: &'a [u8],
    /// The version that it claims.
    pub version: i64,
    /// The header, a line of JSON when it is well.
    pub entry: &'a [u8],
    /// The salt; 32 bytes when it is well.
    pub salt: Option<&'a [u8]>,
    /// The data, a line of JSON when it is well.
    pub data: Option<&'a [u8]>,
}

impl RawRow<'_> {
    /// The row as everybody else reads it; none when its columns are not even that.
    pub fn typed(self) -> Option<Row> {
        Some(Row {
            position: Position(u64::try_from(self.position).ok()?),
            incident: IncidentId(Uuid::from_slice(self.incident).ok()?),
            version: Version(u64::try_from(self.version).ok()?),
            entry: std::str::from_utf8(self.entry).ok()?.to_owned(),
            salt: self.salt.map(|salt| salt.try_into().map(Salt)).transpose().ok()?,
            data: self
                .data
                .map(|data| std::str::from_utf8(data).map(str::to_owned))
                .transpose()
                .ok()?,
        })
    }

    /// The event as everybody else reads it, of a row that is [`RawRow::typed`].
    pub fn logged(self) -> Option<Result<Logged, Damage>> {
        let position = Position(u64::try_from(self.position).ok()?);
        let is_typed = self.incident.len() == 16
            && self.version >= 0
            && self.salt.is_none_or(|salt| salt.len() == 32);
        let entry = std::str::from_utf8(self.entry).ok().filter(|_| is_typed)?;
        let data = self.data.map(std::str::from_utf8).transpose().ok()?;
        Some(Logged::of(position, entry, data))
    }
}

/// Rows one behind the other in one buffer, which takes the next ones when it was emptied.
#[derive(Debug, Default)]
pub struct RawRows {
    bytes: Vec<u8>,
    rows: Vec<Lengths>,
}

/// Where a row begins in the buffer, and how long its columns are.
#[derive(Debug)]
struct Lengths {
    position: i64,
    version: i64,
    from: usize,
    incident: usize,
    entry: usize,
    salt: Option<usize>,
    data: Option<usize>,
}

impl RawRows {
    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }

    /// Adds a row behind the others.
    pub fn push(&mut self, row: RawRow<'_>) {
        let RawRow { position, incident, version, entry, salt, data } = row;
        let from = self.bytes.len();
        for column in [incident, entry, salt.unwrap_or_default(), data.unwrap_or_default()] {
            self.bytes.extend_from_slice(column);
        }
        self.rows.push(Lengths {
            position,
            version,
            from,
            incident: incident.len(),
            entry: entry.len(),
            salt: salt.map(<[u8]>::len),
            data: data.map(<[u8]>::len),
        });
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether one read gives no more.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= AUDIT_PAGE || self.bytes.len() >= AUDIT_BYTES
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = RawRow<'_>> {
        self.rows.iter().map(|lengths| self.row(lengths))
    }

    /// The last of them.
    pub fn last(&self) -> Option<RawRow<'_>> {
        self.rows.last().map(|lengths| self.row(lengths))
    }

    fn row(&self, lengths: &Lengths) -> RawRow<'_> {
        let mut rest = &self.bytes[lengths.from..];
        let mut column = |length| {
            let (column, behind) = rest.split_at(length);
            rest = behind;
            column
        };
        RawRow {
            position: lengths.position,
            incident: column(lengths.incident),
            version: lengths.version,
            entry: column(lengths.entry),
            salt: lengths.salt.map(&mut column),
            data: lengths.data.map(&mut column),
        }
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

    /// Puts the events behind that place into `page`, until it is full; none when there are none.
    fn events(&mut self, after: i64, page: &mut RawRows) -> Result<(), LedgerError>;

    /// The last version that an incident has; none when it has no event.
    fn last_version(&mut self, incident: &[u8]) -> Result<Option<i64>, LedgerError>;

    /// Puts the events of an incident behind that version into `page`, in order.
    fn of_incident(
        &mut self,
        incident: &[u8],
        after: i64,
        page: &mut RawRows,
    ) -> Result<(), LedgerError>;

    /// All events in the order of incidents and versions, behind that one.
    fn by_incident(
        &mut self,
        after: Option<(&[u8], i64)>,
        page: &mut RawRows,
    ) -> Result<(), LedgerError>;

    /// Reads the order of incidents and versions to its end, which lies in an index that may not go
    /// with its table, once all events were read: what is wrong with it, at most 100 sentences.
    fn orders(&mut self) -> Result<Vec<String>, LedgerError>;

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
