//! What `verify` finds: the matrix of a corrupt database, on real files, with another hand on them
//! that nothing forbids anything; and nothing where nothing is wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../outside/mod.rs"]
mod outside;

mod apart;
mod checkpoints;
mod clean;
mod files;
mod flips;
mod log;
mod rows;
#[path = "../support/steps.rs"]
mod steps;
