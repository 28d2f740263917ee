//! Bundles: a log carried out, checked with our program and without it, and built again; and what
//! becomes of a file that is no bundle. On real files, with the program as people run it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "the tests of verify use the rest of it")]
#[path = "../verify/log.rs"]
mod log;
#[path = "../outside/mod.rs"]
mod outside;

mod bad_input;
mod bundle;
mod export;
mod flips;
mod import;
mod memory;
mod outsider;
mod verify;
