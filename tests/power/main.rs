//! Power cuts and syncs that fail, on real file systems (promises P1 and P9): the kernel itself
//! forgets what was not written, which no kill of a process does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../load/mod.rs"]
mod load;
#[path = "../outside/mod.rs"]
mod outside;

mod cuts;
mod syncs;
