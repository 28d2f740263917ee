//! access: who is asking, by which credential and for whom, and what they may do.
//!
//! Who may do what is one function, [`permit`], over one table. What an incident allows is not decided here, nor anything stored: the directory is handed what
//! the log knows of principals and credentials, and a moment to judge them at.

mod caller;
mod directory;
mod matrix;
mod secret;

pub use caller::Caller;
pub use directory::{Denied, Directory, Principal, Standing, Token};
pub use matrix::{Action, Command, Refused, Rights, permit};
pub use secret::{Secret, SecretKind};
