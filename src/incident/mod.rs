//! incident: what may happen in an incident, and what follows from what has happened.
//!
//! The vocabulary, the catalogue of events, the two state machines, the guards of the runbook, and
//! the fold. An auditor reads this room and `log` to know what the product promises.
//!
//! Pure: time, identity and chance arrive as values. Nothing here reads a clock, draws a random
//! number, opens a file or a connection, waits, or knows a word of HTTP. It imports nothing of ours.
//!
//! The way of an event: a [`Claim`] is read with all its faults ([`field`]); [`Incident::judge`]
//! completes it, then asks the [`lifecycle`] and, for a remedy, the [`attempt`] machine, whose guards are answered in
//! [`guard`]; what comes out is [`Recorded`], and [`Incident::fold`] takes it in.

pub mod attempt;
pub mod claim;
pub mod code;
mod completion;
mod correction;
pub mod event;
pub mod facts;
pub mod field;
mod fit;
pub mod guard;
pub mod id;
mod impact;
#[allow(clippy::module_inception, reason = "a file is named after the noun in it")]
mod incident;
pub mod json;
mod judge;
pub mod lifecycle;
mod machine;
mod mark;
mod meaning;
mod next;
pub mod obligation;
pub mod promise;
mod recorded;
mod redaction;
mod refusal;
mod rejudge;
mod remedy;
mod rule;
pub mod runbook;
pub mod scope;
mod sight;
pub mod system;
pub mod text;
pub mod time;
pub mod words;

pub use claim::{Claim, is_claimable};
pub use code::Code;
pub use event::{Event, EventType};
pub use facts::Facts;
pub use incident::{Amendment, Incident};
pub use machine::Ruling;
pub use meaning::move_of;
pub use next::Next;
pub use obligation::{Obligation, Standing};
pub use recorded::{Recorded, Who};
pub use refusal::{Refusal, Rejection, Unmet};
pub use rejudge::Verdict;
pub use runbook::Runbook;
