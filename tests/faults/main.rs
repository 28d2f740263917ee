//! Faults of the storage under the real binary (promises P9, P10): it stops rather than guesses,
//! goes on by itself when a full disk has room again, and refuses to start on what it doubts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../outside/mod.rs"]
mod outside;

mod full;
mod injected;
mod refused;
mod trace;

/// Says that a test could not be made here, and why; `tests/run` counts these lines.
fn skip(why: &str) {
    use std::io::Write;
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not by a macro of printing, whose words are kept back of a test that passes.
    let _ = std::io::stderr().write_all(format!("\nskipped: {name}: {why}\n").as_bytes());
}
