//! Faults of the storage under the real binary (promises P9, P10): it stops rather than guesses,
//! goes on by itself when a full disk has room again, and refuses to start on what it doubts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../load/mod.rs"]
mod load;
#[path = "../outside/mod.rs"]
mod outside;

mod clocks;
mod each;
mod full;
mod injected;
mod refused;
mod trace;
