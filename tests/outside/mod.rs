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
