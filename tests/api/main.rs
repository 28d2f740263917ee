//! The API as its users meet it: the real server, over HTTP. The tree of these files is the tree
//! of its addresses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../outside/mod.rs"]
mod outside;

mod bad_input;
mod docs;
mod edge;
mod guarded;
mod happy_path;
mod hostile;
mod idempotency;
mod limits;
mod livez;
mod matrix;
mod metrics;
mod openapi;
mod readyz;
mod shapes;
mod together;
mod v1;
