//! log: what an event is as stored bytes, for ever, and the one walk over stored events.
//!
//! Nothing here decides whether an event may happen, reads a clock, draws chance, or touches a
//! disk: time, identity and salt arrive as values. With `incident` this room is what an auditor
//! reads to know what the log promises.

mod batch;
mod bundle;
mod checkpoint;
mod entry;
mod header;
mod logged;
mod names;
mod proof;
mod redactions;
mod seal;
pub mod tree;
mod walk;

pub use batch::{
    Batch, BoardRow, CheckpointRow, Erasure, GenerationRow, Head, PrincipalRow, Receipt, Row, Seal,
    Sealed, TokenRow,
};
pub use bundle::{
    BUNDLE_FORMAT, BUNDLE_README, BundleEnd, BundleEvent, BundleHead, BundleLine, BundleRunbook,
};
pub use checkpoint::{Checkpoint, CheckpointError, Origin, PublicKey, SigningSeed};
pub(crate) use entry::hex;
pub use entry::{Data, Entry, FORMAT, RULES, SCHEMA, Salt, sha256_hex};
pub use header::{Glance, Header};
pub use logged::{Damage, Logged, Said};
pub use names::Names;
pub use proof::{Consistency, Inclusion};
pub use redactions::{Redaction, Redactions};
pub use seal::{Place, seal, seal_act, seal_logged, seal_redacted_name};
pub use walk::Story;
