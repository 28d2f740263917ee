//! What is fuzzed: for each format that comes from outside, what must hold of any bytes.
//!
//! One file a target; its `check` panics when something does not hold, and only then. The same
//! functions run under libFuzzer (`fuzz/run`) and over what is kept in `fuzz/corpus` (`cargo test`).

pub mod bundle;
pub mod entry;
pub mod head;
pub mod mask;
pub mod note;
pub mod request;
pub mod runbook;

/// A target: what must hold of any bytes.
pub type Check = fn(&[u8]);

/// The targets, each with the name of its folder in the corpus.
pub const TARGETS: [(&str, Check); 7] = [
    ("bundle", bundle::check),
    ("entry", entry::check),
    ("head", head::check),
    ("mask", mask::check),
    ("note", note::check),
    ("request", request::check),
    ("runbook", runbook::check),
];
