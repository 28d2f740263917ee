//! Killed under load, again and again, in one data directory (promises P1 to P4): nothing
//! acknowledged is lost, nothing is there by half, nothing twice, and whatever nobody knows the
//! fate of is settled by asking again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../load/mod.rs"]
mod load;
#[path = "../outside/mod.rs"]
mod outside;

mod kills;
mod the_judge;
