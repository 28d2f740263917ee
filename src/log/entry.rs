//! The bytes of an event (design 4.1): `entry`, one line of JSON that is hashed and kept for ever;
//! `data`, one line of JSON that can be erased; `salt`, which hides what was erased.
//!
//! The order of the members below is the order of the bytes. Nothing is ever serialised again.

use super::header::Header;
use crate::incident::code::Code;
use crate::incident::id::{IncidentId, Number, Position, PrincipalId, TokenId, Version};
use crate::incident::text::{Person, Text};
use crate::incident::time::{Claimed, Moment};
use crate::incident::words::State;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The format of entries: fixes their members, their order, the hash and the commitment.
pub const FORMAT: u32 = 1;

/// The revision of every event's data so far.
pub const SCHEMA: u32 = 1;

/// The revision of the state machines that decide today.
pub const RULES: u32 = 1;

/// An event's hashed header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The format, [`FORMAT`].
    pub v: u32,
    /// The place in the log.
    pub pos: Position,
    /// When it was recorded, in microseconds since 1970 UTC, as the clock said.
    pub at: Moment,
    /// The incident.
    pub inc: IncidentId,
    /// The number in its short name; null for `SYS`.
    pub no: Option<Number>,
    /// The place in the incident.
    pub ver: Version,
    /// The type of event: a word of the catalogue, or one that a later release knows.
    pub r#type: String,
    /// The revision of its data.
    pub sch: u32,
    /// The state after it; null for `SYS`.
    pub to: Option<State>,
    /// The revision of the state machines that decided.
    pub rules: u32,
    /// SHA-256 of the pinned runbook, on version 1 of an incident only.
    pub book: Option<String>,
    /// Who recorded it.
    pub by: PrincipalId,
    /// For whom a tool spoke.
    pub r#for: Option<PrincipalId>,
    /// With which credential; null in events of our own making.
    pub tok: Option<TokenId>,
    /// When it is claimed to have happened; null is when it was recorded.
    pub occ: Option<Claimed>,
    /// The batch that it was stored with.
    pub batch: Uuid,
    /// The event that led to this one, in events of our own making.
    pub cause: Option<Position>,
    /// Guards that were overridden.
    pub over: Vec<Code>,
    /// Guards that were not met but let through.
    pub dev: Vec<Code>,
    /// The commitment to the data: HMAC-SHA-256 under the salt, in lower-case hexadecimal.
    pub data: String,
}

impl Entry {
    /// The line of JSON that is stored and hashed.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("an entry is plain data, which always serialises")
    }

    /// Reads a stored line.
    pub fn from_line(line: &str) -> serde_json::Result<Entry> {
        match Header::scan(line).and_then(Header::entry) {
            Some(entry) => Ok(entry),
            None => serde_json::from_str(line),
        }
    }
}

/// What stands beside the header and may be erased.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// The payload of the event, as JSON.
    pub data: Box<str>,
    /// Who did it, when that is not who recorded it.
    pub actor: Option<Person>,
    /// Why guards were overridden.
    pub reason: Option<Text>,
    /// A source's own words for the time.
    pub as_written: Option<Text>,
}

/// The members of the line, in their order.
#[derive(Serialize, Deserialize)]
struct DataLine<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Person>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_written: Option<Text>,
}

impl Data {
    /// The line of JSON that is stored and committed to.
    pub fn to_line(&self) -> serde_json::Result<String> {
        serde_json::to_string(&DataLine {
            data: serde_json::from_str(&self.data)?,
            actor: self.actor.clone(),
            reason: self.reason.clone(),
            as_written: self.as_written.clone(),
        })
    }

    /// Reads a stored line.
    pub fn from_line(line: &str) -> serde_json::Result<Data> {
        let DataLine { data, actor, reason, as_written } = serde_json::from_str(line)?;
        Ok(Data { data: data.get().into(), actor, reason, as_written })
    }
}

/// 32 random bytes that hide erased data from guessing: without them the commitment says nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl Salt {
    /// The commitment to `data` that the entry carries.
    pub fn commit(&self, data: &str) -> String {
        hex(&self.mac(data.as_bytes()))
    }

    /// HMAC-SHA-256 of `message` under these bytes.
    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Salt {
    /// A salt is as secret as what it hides.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}
