//! Secrets are masked before anything is judged, hashed or stored; what is no secret stays.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../outside/mod.rs"]
mod outside;
#[path = "../support/mod.rs"]
mod support;

mod fields;
mod harmless;
mod properties;
mod secrets;
mod service;
