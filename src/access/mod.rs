//! access: who is asking, by which credential, and for whom.
//!
//! What an incident allows is not decided here, nor anything stored: the directory is handed what
//! the log knows of principals and credentials, and a moment to judge them at.

mod directory;
mod secret;

pub use directory::{Caller, Denied, Directory, Principal, Token};
pub use secret::{Secret, SecretKind};
