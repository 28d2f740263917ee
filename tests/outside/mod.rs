//! The service as people and tools meet it: the real binary on a loopback port, and actors who
//! send it requests. Standard library only, so that our own code is not its own judge.

#![allow(dead_code, unused_imports, reason = "each test binary uses its part of it")]

mod actor;
mod http;
mod incident;
mod server;
mod stream;

pub use actor::Actor;
pub use http::{Answer, Connection};
pub use incident::*;
pub use server::{Ended, Scratch, Server, allclear, terminate, until};
pub use stream::{Frame, Stream};

/// Says that a test could not be made here, and why; `tests/run` counts these lines.
pub fn skip(why: &str) {
    use std::io::Write;
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not by a macro of printing, whose words are kept back of a test that passes.
    let _ = std::io::stderr().write_all(format!("\nskipped: {name}: {why}\n").as_bytes());
}
