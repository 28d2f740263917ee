//! The lines of an audit bundle: what is carried out of a log so that an outsider checks it without
//! us (docs/audit-bundle.md).
//!
//! ```text
//! {"bundle":{…}}        what it is: the format, the log, the incident
//! {"readme":"…"}        how it is checked with anybody's tools
//! {"key":"…"}           the verifier key
//! {"checkpoint":"…"}    the signed note that everything is proven against
//! {"runbook":{…}}       before the event that pins it
//! {"event":{…}}         in the order of positions
//! {"end":{…}}           how many events there were
//! ```
//!
//! One JSON value a line and one member in each. There is no name of a file in it, no link and
//! nothing that is compressed, so nothing can be unpacked to where it does not belong.

use super::batch::{CheckpointRow, Row};
use super::checkpoint::{CheckpointError, Origin, PublicKey};
use super::entry::{Salt, hex};
use super::tree::Hash;
use crate::incident::id::{IncidentId, Position, Version};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

/// The format that this release writes and reads.
pub const BUNDLE_FORMAT: u32 = 1;

/// How a bundle is checked with anybody's tools; part of every bundle.
pub const BUNDLE_README: &str = include_str!("bundle/README.txt");

/// One line of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BundleLine {
    /// What it is.
    Bundle(BundleHead),
    /// How it is checked.
    Readme(String),
    /// The verifier key under the name of the checkpoint's origin.
    Key(String),
    /// The signed note.
    Checkpoint(String),
    /// A runbook that an event pins.
    Runbook(BundleRunbook),
    /// An event.
    Event(BundleEvent),
    /// The last line.
    End(BundleEnd),
}

/// What a bundle is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleHead {
    /// [`BUNDLE_FORMAT`].
    pub format: u32,
    /// Which log, and which generation of it.
    pub origin: String,
    /// How many events the log had at the checkpoint.
    pub size: u64,
    /// The one incident that it has; null for the whole log.
    pub incident: Option<IncidentId>,
    /// The command that prints the README.
    pub readme: String,
}

impl BundleHead {
    /// The head of a bundle of this format.
    pub fn new(origin: Origin, size: u64, incident: Option<IncidentId>) -> BundleHead {
        let readme = "jq -r 'select(.readme).readme' < BUNDLE".into();
        BundleHead { format: BUNDLE_FORMAT, origin: origin.to_string(), size, incident, readme }
    }

    /// Which log it is of.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::OtherOrigin`], when that is none of ours.
    pub fn origin(&self) -> Result<Origin, CheckpointError> {
        self.origin.parse()
    }
}

/// A runbook by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleRunbook {
    /// SHA-256 of the text, lower-case hexadecimal.
    pub sha256: String,
    /// The text.
    pub text: String,
}

/// An event: the row as it is stored, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleEvent {
    /// The place in the log.
    pub position: Position,
    /// The incident, or `SYS`.
    pub incident: IncidentId,
    /// The place in the incident.
    pub version: Version,
    /// The header, byte for byte what was hashed.
    pub entry: String,
    /// 32 bytes in lower-case hexadecimal; null when erased.
    pub salt: Option<String>,
    /// The data, byte for byte what the header commits to; null when erased.
    pub data: Option<String>,
    /// Of one incident: the inclusion proof with the checkpoint (C2SP tlog-proof).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Of a whole log: the hashes of the tree that become complete by it, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashes: Option<Vec<String>>,
}

/// The last line: a bundle without it is cut short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleEnd {
    /// How many events there were.
    pub events: u64,
}

impl BundleEvent {
    /// A row that is carried out, without what proves it.
    pub fn of(row: Row) -> BundleEvent {
        BundleEvent {
            position: row.position,
            incident: row.incident,
            version: row.version,
            entry: row.entry,
            salt: row.salt.map(|salt| hex(&salt.0)),
            data: row.data,
            proof: None,
            hashes: None,
        }
    }

    /// The same, with its proof.
    pub fn proven(self, proof: String) -> BundleEvent {
        BundleEvent { proof: Some(proof), ..self }
    }

    /// The same, with the hashes that become complete by it.
    pub fn hashed(self, hashes: impl Iterator<Item = Hash>) -> BundleEvent {
        BundleEvent { hashes: Some(hashes.map(|hash| hash.to_string()).collect()), ..self }
    }

    /// The salt; none when it is no 64 digits of lower-case hexadecimal.
    pub fn salt(&self) -> Option<Option<Salt>> {
        let Some(digits) = &self.salt else { return Some(None) };
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let pairs = digits.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(value(*high)? << 4 | value(*low)?),
            _ => None,
        });
        let bytes = pairs.collect::<Option<Vec<u8>>>()?;
        Some(Some(Salt(bytes.try_into().ok()?)))
    }

    /// The hashes; none when one of them is no hash.
    pub fn hashes(&self) -> Option<Vec<Hash>> {
        self.hashes.iter().flatten().map(|text| hash(text)).collect()
    }
}

/// A hash from base64.
pub(super) fn hash(text: &str) -> Option<Hash> {
    BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Hash)
}

impl BundleLine {
    /// The line, with its end.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("a line is plain data, which always serialises") + "\n"
    }

    /// Reads a line without its end.
    pub fn from_line(line: &str) -> serde_json::Result<BundleLine> {
        serde_json::from_str(line)
    }

    /// The lines that every bundle begins with.
    pub fn opening(
        checkpoint: &CheckpointRow,
        origin: Origin,
        key: &PublicKey,
        incident: Option<IncidentId>,
    ) -> Vec<BundleLine> {
        vec![
            BundleLine::Bundle(BundleHead::new(origin, checkpoint.size, incident)),
            BundleLine::Readme(BUNDLE_README.into()),
            BundleLine::Key(key.verifier_key(&origin)),
            BundleLine::Checkpoint(checkpoint.text.clone()),
        ]
    }
}
