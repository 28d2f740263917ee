//! Redaction (promise P11): who may erase what, what stands in its place, that nothing else
//! changes by it, and that the bytes are in no file when it is acknowledged.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../history/mod.rs"]
mod history;
#[path = "../outside/mod.rs"]
mod outside;
#[path = "../support/mod.rs"]
mod support;

mod book;
mod exports;
mod files;
mod kills;
mod marked;
mod properties;
mod rules;
mod service;
