//! Checkpoints: the size and the root of the log at a moment, signed (C2SP tlog-checkpoint, as a
//! C2SP signed-note with an Ed25519 key).
//!
//! ```text
//! allclear/log/019ab3f0-…            origin: which log, and which generation of it
//! 1024                               size: the position of the last event that it covers
//! q8Zq…=                             root, base64
//!
//! — allclear/log/019ab3f0-… x08go…=  signature over the lines above the empty one
//! ```

use super::tree::Hash;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use signed_note::{Note, StandardVerifier, Verifier as _, VerifierList};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// What every origin begins with.
const PREFIX: &str = "allclear/log/";

/// The type of Ed25519 keys in a verifier key (C2SP signed-note).
const ED25519: u8 = 1;

/// Which log a checkpoint is of. A restore of an older copy begins the next generation, so that
/// what was signed before is never contradicted under the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The log's own identity.
    pub log: Uuid,
    /// 1, and one more after each deliberate restore.
    pub generation: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.log)?;
        if self.generation > 1 { write!(f, "/g{}", self.generation) } else { Ok(()) }
    }
}

impl FromStr for Origin {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Origin, CheckpointError> {
        let not_ours = || CheckpointError::OtherOrigin(text.to_owned());
        let rest = text.strip_prefix(PREFIX).ok_or_else(not_ours)?;
        let (log, generation) = match rest.split_once("/g") {
            None => (rest, 1),
            Some((log, number)) => (log, number.parse().map_err(|_| not_ours())?),
        };
        let origin = Origin { log: log.parse().map_err(|_| not_ours())?, generation };
        // One way to write it, so that names and keys can be compared as text.
        if origin.to_string() == text { Ok(origin) } else { Err(not_ours()) }
    }
}

/// The signed size and root of the log at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checkpoint {
    /// Which log, and which generation of it.
    pub origin: Origin,
    /// How many events it covers: the position of the last of them.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a text is no checkpoint that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It does not read as one.
    #[error("it is no signed checkpoint")]
    Malformed,
    /// It is of something else.
    #[error("it is of {0:?}, which is not this log")]
    OtherOrigin(String),
    /// It was changed, or signed with another key.
    #[error("its signature is not one of this log's key")]
    BadSignature,
}

impl Checkpoint {
    /// Reads what the text says, whoever signed it.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Malformed`], or [`CheckpointError::OtherOrigin`] when the origin is none
    /// of ours.
    pub fn read(text: &str) -> Result<Checkpoint, CheckpointError> {
        let note = Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
        let read = tlog_tiles::Checkpoint::from_bytes(note.text());
        let read = read.map_err(|_| CheckpointError::Malformed)?;
        Ok(Checkpoint { origin: read.origin().parse()?, size: read.size(), root: *read.hash() })
    }

    fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}

/// The key that signs checkpoints.
pub struct SigningSeed(SigningKey);

impl SigningSeed {
    /// The key that these 32 random bytes are.
    pub fn new(seed: &[u8; 32]) -> SigningSeed {
        SigningSeed(SigningKey::from_bytes(seed))
    }

    /// The key that others check signatures with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The signed note; the same checkpoint gives the same bytes.
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        let body = checkpoint.body();
        let name = checkpoint.origin.to_string();
        let id = signed_note::key_id(&name, &self.public().typed());
        let signed = self.0.sign(body.as_bytes()).to_vec();
        let signature = signed_note::Signature::new(name, id, signed);
        let note = signature.and_then(|it| Note::new(body.as_bytes(), &[it]));
        let bytes = note.expect("an origin and three lines are a note").to_bytes();
        String::from_utf8(bytes).expect("a note is text")
    }
}

impl fmt::Debug for SigningSeed {
    /// Whoever reads it could sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSeed(…)")
    }
}

/// The key that signatures are checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a verifier key, `<name>+<key id>+<base64>`. Its name may be that of any generation.
    ///
    /// # Errors
    ///
    /// None of ours, or not one at all.
    pub fn read(text: &str) -> Option<PublicKey> {
        let text = text.trim();
        StandardVerifier::new(text).ok()?.name().parse::<Origin>().ok()?;
        // Base64 may have a plus itself: the key is all that stands behind the second one.
        let typed = BASE64_STANDARD.decode(text.splitn(3, '+').nth(2)?).ok()?;
        let bytes: &[u8; 32] = typed.get(1..)?.try_into().ok()?;
        VerifyingKey::from_bytes(bytes).ok().map(PublicKey)
    }

    /// The verifier key under that origin's name.
    pub fn verifier_key(&self, origin: &Origin) -> String {
        signed_note::new_ed25519_verifier_key(&origin.to_string(), &self.0)
    }

    /// Reads a checkpoint of that log, in any generation, and checks its signature.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`], by the first thing that is wrong.
    pub fn open(&self, text: &str, log: Uuid) -> Result<Checkpoint, CheckpointError> {
        let checkpoint = Checkpoint::read(text)?;
        let origin = checkpoint.origin;
        if origin.log != log {
            return Err(CheckpointError::OtherOrigin(origin.to_string()));
        }
        let note = Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
        let verifier = StandardVerifier::new(&self.verifier_key(&origin));
        let verifier = verifier.expect("a key under our own name is a verifier key");
        match note.verify(&VerifierList::new(vec![Box::new(verifier)])) {
            Ok(_) => Ok(checkpoint),
            Err(_) => Err(CheckpointError::BadSignature),
        }
    }

    fn typed(&self) -> Vec<u8> {
        [&[ED25519], self.0.as_bytes().as_slice()].concat()
    }
}
