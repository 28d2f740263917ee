//! What one turn of the log reads and writes: rows, and nothing that decides.

use super::entry::Salt;
use super::tree::Hash;
use crate::incident::id::{IncidentId, Number, Position, PrincipalId, TokenId, Version};
use crate::incident::time::Moment;
use crate::incident::words::State;
use uuid::Uuid;

/// Where the log stands; one row, whose lock is the order of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The log's own identity, drawn when it was made.
    pub origin: Uuid,
    /// The place of the last event; 0 when there is none.
    pub position: Position,
    /// How many incidents have been numbered.
    pub incidents: u64,
    /// The key under which receipts are fingerprinted.
    pub receipt_key: Salt,
}

/// One event as stored. Salt and data are there or erased together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The place in the log.
    pub position: Position,
    /// The incident, or `SYS`.
    pub incident: IncidentId,
    /// The place in the incident.
    pub version: Version,
    /// The header, one line of JSON.
    pub entry: String,
    /// What hides the data; none when erased.
    pub salt: Option<Salt>,
    /// The data, one line of JSON; none when erased.
    pub data: Option<String>,
}

impl Row {
    /// Takes salt and data away.
    pub fn erase(&mut self) {
        (self.salt, self.data) = (None, None);
    }
}

/// An event whose salt and data a redaction takes away, and with them the fingerprint of the
/// request that recorded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// The incident, or `SYS`.
    pub incident: IncidentId,
    /// The event's place in it.
    pub version: Version,
    /// Whether words of it were copied into rows beside the event: the title of the incident on the
    /// board, or the name of a principal.
    pub is_copied: bool,
}

/// The board's row of one incident: everything in it can be folded again from the events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// The incident.
    pub incident: IncidentId,
    /// The number in its short name.
    pub number: Number,
    /// How many events it has.
    pub version: Version,
    /// Where it stands.
    pub state: State,
    /// How serious it is taken to be.
    pub severity: Option<String>,
    /// What is affected.
    pub service: String,
    /// Its title.
    pub title: String,
    /// Who commands: a principal's id, or free text.
    pub commander: Option<String>,
    /// When it was announced, as claimed where that is an instant.
    pub announced_at: Moment,
    /// When service was restored, if it was.
    pub restored_at: Option<Moment>,
    /// When it was resolved or cancelled, if it was.
    pub resolved_at: Option<Moment>,
    /// When its last event was recorded.
    pub updated_at: Moment,
    /// When the next promised communication falls due.
    pub due_at: Option<Moment>,
}

/// The proof that a key was used: one key of one principal makes one batch, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The place of the batch's first event.
    pub position: Position,
    /// Whose key.
    pub principal: PrincipalId,
    /// The key.
    pub key: String,
    /// The incident that it wrote to.
    pub incident: IncidentId,
    /// The version of the batch's first event.
    pub first: Version,
    /// The version of its last one.
    pub last: Version,
    /// HMAC of the request under the log's receipt key; none once a redaction took it away.
    pub fingerprint: Option<[u8; 32]>,
}

/// Somebody or something that may speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalRow {
    /// The id, `u_…` or `t_…`.
    pub principal: PrincipalId,
    /// `person` or `tool`.
    pub kind: String,
    /// The name now; unique, case aside.
    pub name: String,
    /// `viewer`, `responder`, `auditor` or `admin`; none for a tool.
    pub role: Option<String>,
    /// Whether every credential of it is refused.
    pub disabled: bool,
}

/// A credential. The secret itself is never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The id, `k_…`.
    pub token: TokenId,
    /// SHA-256 of the secret.
    pub secret_sha256: [u8; 32],
    /// Whose credential.
    pub principal: PrincipalId,
    /// What a tool's credential may do, separated by spaces; empty for a person's.
    pub scopes: String,
    /// When it ends.
    pub expires: Moment,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// A checkpoint that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The generation of the log that it is of.
    pub generation: u32,
    /// How many events it covers.
    pub size: u64,
    /// When it was signed.
    pub at: Moment,
    /// The signed note.
    pub text: String,
}

/// A deliberate restore of an older copy: what was published after it stays what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationRow {
    /// The number of the generation that it began, from 2.
    pub number: u32,
    /// Where the log stood.
    pub position: Position,
    /// When it was done.
    pub at: Moment,
    /// The published checkpoint that this log no longer agrees with.
    pub given_up: String,
}

/// A step of the proof: hashes that became complete, or a checkpoint over them.
#[derive(Debug, Clone, PartialEq)]
pub enum Seal {
    /// Hashes at consecutive places from the first on, behind all that are stored.
    Hashes(u64, Vec<Hash>),
    /// A checkpoint newer than all that are stored.
    Checkpoint(CheckpointRow),
    /// A new generation.
    Generation(GenerationRow),
}

/// How far the proof has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// How many events the stored hashes cover.
    pub size: u64,
    /// The generation of the log, from 1.
    pub generation: u32,
    /// The newest checkpoint that was signed.
    pub checkpoint: Option<CheckpointRow>,
}

/// Everything that one turn writes, all or none.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The events, in the order of their positions.
    pub rows: Vec<Row>,
    /// What is erased, once the rows stand.
    pub erasures: Vec<Erasure>,
    /// The board's rows of the incidents that they touch.
    pub board: Vec<BoardRow>,
    /// A receipt for each request that had a key.
    pub receipts: Vec<Receipt>,
    /// Runbooks that are pinned for the first time: SHA-256 and text.
    pub runbooks: Vec<(String, String)>,
    /// Principals that are new or changed.
    pub principals: Vec<PrincipalRow>,
    /// Credentials that are new or changed.
    pub tokens: Vec<TokenRow>,
    /// Steps of the proof, over events that were stored before this turn.
    pub seals: Vec<Seal>,
    /// How many incidents have been numbered after this turn.
    pub incidents: u64,
}
